"""Similarity: how alike every two members vote, with intervals and neighbours."""

from helpers.similarity.check import Check, check_published
from helpers.similarity.consensus import ConsensusCurve, trace_consensus
from helpers.similarity.drafts import DraftComparison, compare_with_drafts
from helpers.similarity.dyads import (
    TINY,
    Formula,
    bound_corrected,
    bound_shares,
    scale_smoothing,
    weigh_cells,
)
from helpers.similarity.intervals import (
    BlockSums,
    bound_mean_score,
    bound_share,
    choose_ranks,
    draw_smoothing,
    share_correlation,
    sum_blocks,
    weigh_blocks,
)
from helpers.similarity.measures import (
    DISTANCES,
    MEASURES,
    Measure,
    Similarity,
    bootstrap_similarity,
    choose_distance,
    describe_measure,
    joint_weights,
    measure_counts,
    measure_similarity,
    replicate_similarity,
    resolve_formula,
)
from helpers.similarity.neighbours import MemberRanking, percentile_of_dyad, rank_members
from helpers.similarity.presets import PRESETS, Preset, presets_table, warn_preset
from helpers.similarity.track import DyadTrack, track_dyad

__all__ = [
    "DISTANCES",
    "MEASURES",
    "PRESETS",
    "TINY",
    "BlockSums",
    "Check",
    "ConsensusCurve",
    "DraftComparison",
    "DyadTrack",
    "Formula",
    "Measure",
    "MemberRanking",
    "Preset",
    "Similarity",
    "bootstrap_similarity",
    "bound_corrected",
    "bound_mean_score",
    "bound_share",
    "bound_shares",
    "check_published",
    "choose_distance",
    "choose_ranks",
    "compare_with_drafts",
    "describe_measure",
    "draw_smoothing",
    "joint_weights",
    "measure_counts",
    "measure_similarity",
    "percentile_of_dyad",
    "presets_table",
    "rank_members",
    "replicate_similarity",
    "resolve_formula",
    "scale_smoothing",
    "share_correlation",
    "sum_blocks",
    "trace_consensus",
    "track_dyad",
    "warn_preset",
    "weigh_blocks",
    "weigh_cells",
]
