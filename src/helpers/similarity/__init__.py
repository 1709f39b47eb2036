"""Similarity: how alike every two members vote, with intervals and neighbours."""

from helpers.similarity.check import Check, check_published
from helpers.similarity.consensus import ConsensusCurve, trace_consensus
from helpers.similarity.drafts import DraftComparison, compare_with_drafts
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
    choose_distance,
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
from helpers.similarity.presets import PRESETS, Preset, presets_table, warn_preset

__all__ = [
    "DISTANCES",
    "MEASURES",
    "PRESETS",
    "TINY",
    "BlockSums",
    "Check",
    "ConsensusCurve",
    "DraftComparison",
    "Formula",
    "Measure",
    "Preset",
    "Similarity",
    "bootstrap_similarity",
    "bound_mean_score",
    "bound_values",
    "check_published",
    "choose_distance",
    "choose_ranks",
    "compare_with_drafts",
    "describe_measure",
    "draw_smoothing",
    "farthest",
    "joint_weights",
    "measure_counts",
    "measure_similarity",
    "nearest",
    "percentile_of_dyad",
    "presets_table",
    "replicate_similarity",
    "resolve_formula",
    "scale_smoothing",
    "sum_blocks",
    "trace_consensus",
    "warn_preset",
    "weigh_cells",
]
