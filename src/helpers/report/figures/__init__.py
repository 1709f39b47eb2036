"""Result in, figure out: every figure of the notebooks and the report."""

from helpers.report.figures.blocs import bloc_labels, draw_choice, draw_probabilities
from helpers.report.figures.coverage import draw_coverage
from helpers.report.figures.curves import draw_curve
from helpers.report.figures.distributions import draw_distribution
from helpers.report.figures.groups import draw_groups
from helpers.report.figures.history import draw_history, draw_together, line_labels
from helpers.report.figures.lifelines import draw_lifelines
from helpers.report.figures.maps import draw_bloc_map, draw_vote_map
from helpers.report.figures.matrices import draw_dyads, draw_heatmap, draw_network
from helpers.report.figures.results import draw_result
from helpers.report.figures.shifts import (
    draw_member_years,
    draw_others,
    draw_parts,
    draw_texts,
)
from helpers.report.figures.specifications import draw_multiverse
from helpers.report.figures.style import COLOURS, Drawing
from helpers.report.figures.vetoes import draw_vetoes
from helpers.report.figures.votes import draw_movers, draw_strip, draw_timeline

__all__ = [
    "COLOURS",
    "Drawing",
    "bloc_labels",
    "draw_bloc_map",
    "draw_choice",
    "draw_coverage",
    "draw_curve",
    "draw_distribution",
    "draw_dyads",
    "draw_groups",
    "draw_heatmap",
    "draw_history",
    "draw_lifelines",
    "draw_member_years",
    "draw_movers",
    "draw_multiverse",
    "draw_network",
    "draw_others",
    "draw_parts",
    "draw_probabilities",
    "draw_result",
    "draw_strip",
    "draw_texts",
    "draw_timeline",
    "draw_together",
    "draw_vetoes",
    "draw_vote_map",
    "line_labels",
]
