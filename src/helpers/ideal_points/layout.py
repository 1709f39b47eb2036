"""Votes as the model reads them: each member's path of points, and texts with their roll calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.ballots import Ballots
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.record import NO, YES

PERIOD_KINDS: Final = ("session", "year")
"""How time is cut: by the session that a roll call is counted with, or by calendar year."""

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Votes cast, sorted by point and by text; members, periods and texts in order of their names.

    Attributes
    ----------
    nodes : pandas.DataFrame
        One row a point: ``path, member, part, period, gap, n_votes``; ``part`` tells the paths of
        one member apart, ``gap`` is the number of periods since the path's point before (0 at the
        first).
    texts : pandas.Index
        Id of the first roll call of each text.
    text_of : int64 array, shape (n_roll_calls,)
        Text of each roll call of the ballots; -1: left out, as all voted alike.
    path_ptr, node_ptr, item_ptr : int64 arrays
        Nodes of each path, votes of each node, votes of each text.
    item, vote : int32 and int8 arrays, shape (n_votes,)
        Text and vote (1 yes, 2 abstain, 3 no), by node.
    node, vote_by_text : int32 and int8 arrays, shape (n_votes,)
        Node and vote, by text.
    """

    nodes: pd.DataFrame
    texts: pd.Index
    text_of: IntArray
    path_ptr: IntArray
    node_ptr: IntArray
    item_ptr: IntArray
    item: NDArray[np.int32]
    vote: NDArray[np.int8]
    node: NDArray[np.int32]
    vote_by_text: NDArray[np.int8]

    @property
    def by_node(self) -> tuple[Any, ...]:
        """Arguments of the kernels that go through members' votes."""
        return self.path_ptr, self.node_ptr, self.item, self.vote

    @property
    def by_text(self) -> tuple[Any, ...]:
        """Arguments of the kernels that go through texts' votes."""
        return self.item_ptr, self.node, self.vote_by_text


def number_periods(ballots: Ballots, periods: str | ArrayLike) -> IntArray:
    """Return the period of each roll call as a whole number.

    Parameters
    ----------
    ballots : Ballots
    periods : {"session", "year"} or array-like of int, shape (n_roll_calls,)

    Raises
    ------
    ParameterError
        There is no such kind of period, or some roll call has none.
    """
    calls = ballots.roll_calls
    if not isinstance(periods, str):
        given = np.asarray(periods)
        if given.shape != (len(calls),) or given.dtype.kind not in "iu":
            raise ParameterError(
                f"periods: one whole number for each of the {len(calls)} roll calls is needed"
            )
        return given.astype(np.int64)
    if periods not in PERIOD_KINDS:
        raise ParameterError(must_be_one_of("periods", periods, PERIOD_KINDS))
    column = "session_number" if periods == "session" else "date"
    if column not in calls or calls[column].isna().any():
        raise ParameterError(
            f"periods: {periods!r} needs a {column} for each roll call; give whole numbers instead"
        )
    values = calls[column] if periods == "session" else calls[column].dt.year
    return values.to_numpy(np.int64)


def join_texts(roll_calls: Sequence[str], pairs: pd.DataFrame) -> NDArray[np.object_]:
    """Return the text of each roll call: the first of the roll calls that pairs tie together.

    Parameters
    ----------
    roll_calls : sequence of str
        Ids in order of time.
    pairs : pandas.DataFrame
        Columns ``before`` and ``after``; a roll call that is not there still ties those that are.

    Examples
    --------
    >>> pairs = pd.DataFrame({"before": ["a", "b"], "after": ["b", "d"]})
    >>> join_texts(["a", "c", "d"], pairs).tolist()
    ['a', 'c', 'a']
    """
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while name in above:
            name = above[name]
        return name

    for before, after in zip(pairs["before"], pairs["after"], strict=True):
        if root(before) != root(after):
            above[root(after)] = root(before)
    first: dict[str, str] = {}
    return np.array([first.setdefault(root(name), name) for name in roll_calls], dtype=object)


def lay_out(
    ballots: Ballots,
    periods: IntArray,
    texts: NDArray[np.object_],
    parts: IntArray,
    judged: NDArray[np.int8] | None = None,
) -> Layout:
    """Lay votes out by member and period, and by text; texts on which all voted alike are dropped.

    Parameters
    ----------
    ballots : Ballots
        Codes other than yes, abstain and no are missing.
    periods : int64 array, shape (n_roll_calls,)
        Period of each roll call.
    texts : array of str, shape (n_roll_calls,)
        Text of each roll call.
    parts : int64 array, shape (n_roll_calls, n_members)
        Which of a member's paths its votes on a roll call belong to.
    judged : int8 array, shape (n_roll_calls, n_members), optional
        Votes by which a text is judged to divide, where it is not those that are laid out.

    Raises
    ------
    SelectionError
        No roll call divided two or more members.
    """
    row, column = np.nonzero((ballots.votes >= YES) & (ballots.votes <= NO))
    vote = ballots.votes[row, column]
    text, names = pd.factorize(texts, sort=True)
    divided = _find_divided(ballots.votes if judged is None else judged, text, len(names))
    if not divided.any():
        raise SelectionError("no roll call divides the members; widen the period or the subject")
    kept = divided[text[row]]
    row, column, vote = row[kept], column[kept], vote[kept]
    number = np.cumsum(divided) - 1
    item = number[text[row]].astype(np.int32)
    order = np.argsort(np.array(ballots.members, dtype=object))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    keys = pd.DataFrame(
        {"member": rank[column], "part": parts[row, column], "period": periods[row]}
    )
    nodes = keys.value_counts().rename("n_votes").reset_index()
    nodes = nodes.sort_values(["member", "part", "period"], ignore_index=True)
    place = pd.MultiIndex.from_frame(nodes[["member", "part", "period"]])
    node = place.get_indexer(pd.MultiIndex.from_frame(keys)).astype(np.int32)
    by_node, by_text = np.lexsort((item, node)), np.lexsort((node, item))
    new_path = nodes[["member", "part"]].diff().ne(0).any(axis=1).to_numpy()
    nodes["path"] = np.cumsum(new_path) - 1
    nodes["gap"] = nodes["period"].diff().where(~new_path, 0).astype(np.int64)
    nodes["member"] = np.array(ballots.members, dtype=object)[order][nodes["member"]]
    return Layout(
        nodes=nodes,
        texts=pd.Index(names[divided]),
        text_of=np.where(divided[text], number[text], -1),
        path_ptr=np.append(np.flatnonzero(new_path), len(nodes)).astype(np.int64),
        node_ptr=_pointers(node, len(nodes)),
        item_ptr=_pointers(item, int(divided.sum())),
        item=item[by_node],
        vote=vote[by_node],
        node=node[by_text],
        vote_by_text=vote[by_text],
    )


def _find_divided(votes: NDArray[np.int8], text: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    """Return which texts two members voted on differently."""
    row, column = np.nonzero((votes >= YES) & (votes <= NO))
    lowest, highest = np.full(size, NO), np.full(size, YES)
    np.minimum.at(lowest, text[row], votes[row, column])
    np.maximum.at(highest, text[row], votes[row, column])
    return np.asarray(lowest < highest)


def _pointers(numbers: NDArray[Any], size: int) -> IntArray:
    return np.append(0, np.cumsum(np.bincount(numbers, minlength=size))).astype(np.int64)
