"""Known groups: how closely their members vote together, and how that changed."""

from helpers.groups.cohesion import (
    GroupResult,
    measure_cohesion,
    similarity_of_groups,
    similarity_with_group,
)
from helpers.groups.history import GroupHistory, GroupPairs, compare_groups, track_group

__all__ = [
    "GroupHistory",
    "GroupPairs",
    "GroupResult",
    "compare_groups",
    "measure_cohesion",
    "similarity_of_groups",
    "similarity_with_group",
    "track_group",
]
