"""Result in, figure out: every figure of the notebooks and the report."""

from helpers.plots.style import COLOURS, Drawing
from helpers.plots.votes import draw_movers, draw_strip, draw_timeline

__all__ = ["COLOURS", "Drawing", "draw_movers", "draw_strip", "draw_timeline"]
