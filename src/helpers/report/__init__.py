"""Views of results for notebooks, words computed from values, and the page to publish.

A view (``show_...``) takes results and shows them: `helpers.Results` makes them, and so do the
verbs of the other rooms with anybody's own ballots.
"""

from helpers.report.display import (
    DRAWN,
    Published,
    collect_results,
    facts,
    html_table,
    publish,
    say,
    together,
)
from helpers.report.page import build_page, read_answer
from helpers.report.sections.answer import (
    show_age,
    show_answer,
    show_contents,
    show_limits,
    show_title,
)
from helpers.report.sections.blocs import (
    show_bloc_details,
    show_bloc_map,
    show_blocs,
    show_choice,
    show_patterns,
    show_probabilities,
    show_together,
)
from helpers.report.sections.composition import show_composition
from helpers.report.sections.groups import show_group_pairs, show_groups
from helpers.report.sections.history import show_bloc_lives, show_history, show_windows
from helpers.report.sections.later import show_council, show_later, show_overall
from helpers.report.sections.methods import (
    show_methods,
    show_missing,
    show_reproduction,
    show_source,
)
from helpers.report.sections.multiverse import show_multiverse, show_robustness
from helpers.report.sections.record import (
    show_log,
    show_reconciliation,
    show_record,
    show_vetoes,
    show_years,
)
from helpers.report.sections.shifts import (
    show_everybody,
    show_member_years,
    show_parts,
    show_shift,
    show_texts,
)
from helpers.report.sections.similarity import (
    show_distribution,
    show_dyads,
    show_heatmap,
    show_neighbours,
    show_network,
)
from helpers.report.sections.votes import (
    show_absences,
    show_movers,
    show_strip,
    show_timeline,
    show_vote_maps,
)
from helpers.report.svg import file_png, file_svg
from helpers.report.words import member_names

__all__ = [
    "DRAWN",
    "Published",
    "build_page",
    "collect_results",
    "facts",
    "file_png",
    "file_svg",
    "html_table",
    "member_names",
    "publish",
    "read_answer",
    "say",
    "show_absences",
    "show_age",
    "show_answer",
    "show_bloc_details",
    "show_bloc_lives",
    "show_bloc_map",
    "show_blocs",
    "show_choice",
    "show_composition",
    "show_contents",
    "show_council",
    "show_distribution",
    "show_dyads",
    "show_everybody",
    "show_group_pairs",
    "show_groups",
    "show_heatmap",
    "show_history",
    "show_later",
    "show_limits",
    "show_log",
    "show_member_years",
    "show_methods",
    "show_missing",
    "show_movers",
    "show_multiverse",
    "show_neighbours",
    "show_network",
    "show_overall",
    "show_parts",
    "show_patterns",
    "show_probabilities",
    "show_reconciliation",
    "show_record",
    "show_reproduction",
    "show_robustness",
    "show_shift",
    "show_source",
    "show_strip",
    "show_texts",
    "show_timeline",
    "show_title",
    "show_together",
    "show_vetoes",
    "show_vote_maps",
    "show_windows",
    "show_years",
    "together",
]
