"""Similarity: how alike every two members vote, with intervals and neighbours."""

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
    describe_measure,
    joint_weights,
    measure_counts,
    measure_similarity,
    replicate_similarity,
    resolve_formula,
)
from helpers.similarity.neighbours import MemberRanking, percentile_of_dyad, rank_members

__all__ = [
    "DISTANCES",
    "MEASURES",
    "TINY",
    "BlockSums",
    "Formula",
    "Measure",
    "MemberRanking",
    "Similarity",
    "bootstrap_similarity",
    "bound_corrected",
    "bound_mean_score",
    "bound_shares",
    "choose_ranks",
    "describe_measure",
    "draw_smoothing",
    "joint_weights",
    "measure_counts",
    "measure_similarity",
    "percentile_of_dyad",
    "rank_members",
    "replicate_similarity",
    "resolve_formula",
    "scale_smoothing",
    "share_correlation",
    "sum_blocks",
    "weigh_blocks",
    "weigh_cells",
]
