"""Similarity: how alike every two members vote, with intervals and neighbours."""

from helpers.similarity.dyads import TINY, Formula, bound_values, scale_smoothing, weigh_cells
from helpers.similarity.intervals import (
    BlockSums,
    bound_mean_score,
    choose_ranks,
    draw_smoothing,
    sum_blocks,
)
from helpers.similarity.measures import (
    DISTANCES,
    MEASURES,
    Measure,
    Similarity,
    bootstrap_similarity,
    describe_measure,
    farthest,
    joint_weights,
    measure_counts,
    measure_similarity,
    nearest,
    percentile_of_dyad,
    replicate_similarity,
    resolve_formula,
)

__all__ = [
    "DISTANCES",
    "MEASURES",
    "TINY",
    "BlockSums",
    "Formula",
    "Measure",
    "Similarity",
    "bootstrap_similarity",
    "bound_mean_score",
    "bound_values",
    "choose_ranks",
    "describe_measure",
    "draw_smoothing",
    "farthest",
    "joint_weights",
    "measure_counts",
    "measure_similarity",
    "nearest",
    "percentile_of_dyad",
    "replicate_similarity",
    "resolve_formula",
    "scale_smoothing",
    "sum_blocks",
    "weigh_cells",
]
