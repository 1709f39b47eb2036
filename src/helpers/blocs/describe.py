"""Tables about blocs that were found: members, blocs, roll calls that set them apart, overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.partition import find_main_size, match_blocs
from helpers.blocs.votes import Division
from helpers.record import MISSING, load_groups

GROUP_COLUMNS: Final = (
    *("bloc", "group", "both", "group_size"),
    *("share_of_group", "share_of_bloc", "jaccard"),
)


@dataclass(frozen=True)
class Description:
    """What blocs are like: the fields of `helpers.blocs.Blocs` of the same names."""

    table: pd.DataFrame
    homes: pd.DataFrame
    summary: pd.DataFrame
    distinctive: pd.DataFrame
    overlap: pd.DataFrame
    coassignment: pd.DataFrame
    linkage: NDArray[np.float64]
    order: tuple[str, ...]


def describe_blocs(
    ballots: Ballots,
    found: Division,
    similarity: NDArray[np.float64],
    *,
    method: str,
    divided: Sequence[bool] | None = None,
) -> Description:
    """Describe blocs: their members and how surely, their names, and what sets them apart.

    Parameters
    ----------
    ballots : Ballots
        Votes.
    found : Division
        Blocs of the members and of every replicate; without replicates no probability is known.
    similarity : array, shape (members, members)
        Complete.
    method : str
        What divided the members; it decides between average and complete linkage.
    divided : sequence of bool, optional
        Whether each bloc's votes still divide it, where that is known.
    """
    members, final, replicates = ballots.members, found.labels, found.replicates
    homes = find_home_shares(replicates, final)
    columns = [str(b) for b in range(homes.shape[1])]
    summary = _bloc_table(ballots, final, similarity)
    summary["divided"] = pd.array(
        [pd.NA] * len(summary) if divided is None else list(divided), dtype="boolean"
    )
    linkage, order = arrange_members(members, similarity, method)
    return Description(
        table=_member_table(members, final, homes, similarity),
        homes=pd.DataFrame(homes, index=list(members), columns=columns),
        summary=summary,
        distinctive=find_distinctive(ballots, final),
        overlap=_overlap(ballots, final),
        coassignment=_together(replicates, members),
        linkage=linkage,
        order=order,
    )


def _member_table(
    members: Sequence[str],
    final: NDArray[np.int64],
    share: NDArray[np.float64],
    similarity: NDArray[np.float64],
) -> pd.DataFrame:
    """Bloc, probability and next nearest bloc of every member."""
    blocs = int(final.max())
    near = np.full((len(members), blocs + 1), -np.inf)
    for b in range(1, blocs + 1):
        near[:, b] = similarity[:, final == b].mean(axis=1)
    rows = np.arange(len(members))
    if not blocs:
        near, share = np.full((len(members), 2), -np.inf), np.full((len(members), 2), np.nan)
    other = share[:, 1:] + 1e-6 * near[:, 1:]
    other[rows[final > 0], final[final > 0] - 1] = -np.inf
    second = other.argmax(axis=1) + 1
    has_second = np.isfinite(other[rows, second - 1])
    probability = share[rows, final]
    return pd.DataFrame(
        {
            "member": list(members),
            "bloc": final,
            "probability": probability,
            "second_bloc": pd.array(np.where(has_second, second, 0), dtype="Int64"),
            "second_probability": np.where(has_second, share[rows, second], np.nan),
            "clear": probability >= CONSTANTS.clear,
        }
    ).assign(second_bloc=lambda t: t["second_bloc"].where(has_second))


def find_home_shares(
    replicates: NDArray[np.int64], final: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of replicates in which each member is in each final bloc.

    Parameters
    ----------
    replicates : int array, shape (replicates, members)
        Blocs of each replicate under its own numbers; matched to ``final`` by `match_blocs`.
    final : int array, shape (members,)
        Blocs that the shares are about.

    Returns
    -------
    float array, shape (members, blocs + 1)
        Column 0 is isolates. Blocs of a replicate without a match count in no column. NaN without
        replicates.
    """
    if not len(replicates):
        return np.full((len(final), int(final.max(initial=0)) + 1), np.nan)
    share = np.zeros((replicates.shape[1], int(final.max()) + 1))
    rows = np.arange(replicates.shape[1])
    for labels in replicates:
        lookup = np.full(int(labels.max()) + 1, -1)
        lookup[0] = 0
        for label, home in match_blocs(labels, final).items():
            lookup[label] = home
        home = lookup[labels]
        share[rows[home >= 0], home[home >= 0]] += 1
    return share / len(replicates)


def _bloc_table(
    ballots: Ballots, final: NDArray[np.int64], similarity: NDArray[np.float64]
) -> pd.DataFrame:
    """Name, size, cohesion and most typical members of every bloc."""
    off = np.where(np.eye(len(final), dtype=bool), 0.0, similarity)
    cast = (ballots.votes != MISSING).sum(axis=0)
    members = np.asarray(ballots.members, dtype=object)
    rows = []
    for bloc in range(1, int(final.max()) + 1):
        inside = np.flatnonzero(final == bloc)
        within = off[np.ix_(inside, inside)].sum(axis=1) / max(len(inside) - 1, 1)
        present = cast[inside] / max(len(ballots.votes), 1)
        order = np.lexsort((members[inside], -(within + present).round(9)))
        typical = [str(m) for m in members[inside][order]]
        rows.append(
            {
                "bloc": bloc,
                "name": ", ".join(typical[:3]),
                "size": len(inside),
                "cohesion": float(within.mean()),
                "typical": ", ".join(typical[:8]),
                "fringe": len(inside) < find_main_size(len(final)),
            }
        )
    columns = ["bloc", "name", "size", "cohesion", "typical", "fringe"]
    return pd.DataFrame(rows, columns=columns)


def find_distinctive(
    ballots: Ballots, labels: NDArray[np.int64], *, most: int = 10
) -> pd.DataFrame:
    """Find the roll calls that set each bloc apart from all other members.

    Parameters
    ----------
    ballots : Ballots
        Votes.
    labels : int array, shape (members,)
        Bloc of each member, from 1; 0 for isolates, which count as others.
    most : int
        Roll calls a bloc.

    Returns
    -------
    DataFrame
        As `Blocs.distinctive`, by bloc and falling distance. The distance is the total variation
        between the shares of votes inside and outside, weighted by the share of the bloc that
        voted.
    """
    names = ("missing", "yes", "abstain", "no", "absent")
    frames = []
    for bloc in range(1, int(labels.max(initial=0)) + 1):
        inside, outside = (
            _vote_shares(ballots, labels == bloc),
            _vote_shares(ballots, labels != bloc),
        )
        distance = np.abs(inside - outside).sum(axis=1) / 2
        distance *= (ballots.votes[:, labels == bloc] != MISSING).mean(axis=1)
        top = np.argsort(-distance, kind="stable")[:most]
        vote = inside[top].argmax(axis=1)
        calls = ballots.roll_calls.iloc[top].reindex(columns=["roll_call", "symbol", "title"])
        frames.append(
            calls.assign(
                bloc=bloc,
                vote=[names[v + 1] for v in vote],
                inside=inside[top, vote],
                outside=outside[top, vote],
                distance=distance[top],
            )
        )
    columns = ["bloc", "roll_call", "symbol", "title", "vote", "inside", "outside", "distance"]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


def _vote_shares(ballots: Ballots, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each vote (roll calls, categories) among those of the members that voted."""
    votes = ballots.votes[:, members]
    counts = np.stack([(votes == c + 1).sum(axis=1) for c in range(ballots.categories)], axis=1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _overlap(ballots: Ballots, final: NDArray[np.int64]) -> pd.DataFrame:
    """How far the blocs are the regional groups, alliances and unions of the last date."""
    columns = list(GROUP_COLUMNS)
    dates = ballots.roll_calls.get("date", pd.Series(dtype="datetime64[s]"))
    if dates.notna().sum() == 0:
        return pd.DataFrame(columns=columns)
    day, groups = dates.max(), load_groups()
    current = groups[(groups["from"] <= day) & (groups["to"].isna() | (groups["to"] >= day))]
    blocs = pd.DataFrame({"member": ballots.members, "bloc": final})
    both = current.merge(blocs[blocs["bloc"] > 0], on="member")
    if both.empty:
        return pd.DataFrame(columns=columns)
    counts = both.groupby(["bloc", "group"])["member"].nunique().rename("both").reset_index()
    there = current[current["member"].isin(ballots.members)]
    counts["group_size"] = counts["group"].map(there.groupby("group")["member"].nunique())
    size = counts["bloc"].map(blocs["bloc"].value_counts())
    counts["share_of_group"] = counts["both"] / counts["group_size"]
    counts["share_of_bloc"] = counts["both"] / size
    counts["jaccard"] = counts["both"] / (counts["group_size"] + size - counts["both"])
    counts = counts.sort_values(["bloc", "jaccard", "group"], ascending=[True, False, True])
    return counts[columns].reset_index(drop=True)


def _together(replicates: NDArray[np.int64], members: Sequence[str]) -> pd.DataFrame:
    share = np.full((len(members), len(members)), np.nan)
    if len(replicates):
        share = count_together(replicates) / len(replicates)
        np.fill_diagonal(share, 1.0)
    return pd.DataFrame(share, index=list(members), columns=list(members))


def count_together(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the rows (replicates, members) in which two members share a bloc."""
    from helpers.blocs.kernels import count_together

    return count_together(labels[:, None].astype(np.uint8))[0].astype(np.int64)


def arrange_members(
    members: Sequence[str], similarity: NDArray[np.float64], method: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Tree of the members in scipy's format, and its leaves in order, like beside like."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    if len(members) < 2:
        return np.zeros((0, 4)), tuple(members)
    condensed = squareform(np.maximum(1.0 - similarity, 0.0), checks=False)
    tree = linkage(condensed, "complete" if method == "complete" else "average")
    tree = optimal_leaf_ordering(tree, condensed)
    return tree, tuple(members[int(i)] for i in leaves_list(tree))
