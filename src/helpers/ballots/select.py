"""A selection of a record as a matrix of small integers, roll calls x members."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ParameterError, SelectionError, did_you_mean, must_be_one_of
from helpers.record import (
    ABSENT,
    ABSTAIN,
    BODIES,
    ISSUES,
    KINDS,
    MISSING,
    NO,
    VOTES,
    YES,
    Record,
    find_member,
    group_name,
    in_group,
    load_groups,
    load_states,
    match_words,
    resolve_member,
    seat_of,
    split_members,
)
from helpers.store import Shown

ABSENCE_RULES: Final = ("missing", "abstain", "category", "half")
"""What an absence becomes: missing (default), an abstention, a category of its own, or half a point
whatever the other does."""

STATE_RULES: Final = ("apart", "joined")
"""Whether two states that had one seat one after the other are two members or one."""

ROLL_CALL_WEIGHTS: Final = ("equal", "identical")
"""``identical`` gives a group of identical records the weight of one roll call."""

BLOCK_KINDS: Final = ("agenda", "day", "roll_call")
"""What is drawn together in a bootstrap: an agenda item across years, a day, one roll call."""

_ABSENT_BECOMES: Final = {
    "missing": MISSING,
    "abstain": ABSTAIN,
    "category": ABSENT,
    "half": ABSENT,
}


@dataclass(frozen=True, repr=False)
class Ballots(Shown):
    """Votes of a selection of members on a selection of roll calls.

    Attributes
    ----------
    votes : int8 array, shape (n_roll_calls, n_members)
        0 missing (absent, or not a member), 1 yes, 2 abstain, 3 no; 4 absent under the absence
        rules ``category`` and ``half`` only.
    roll_calls : pandas.DataFrame
        Rows of the record's table, by date, aligned with the rows of ``votes``.
    members : tuple of str
        Member ids, aligned with the columns of ``votes``.
    weights : float64 array, shape (n_roll_calls,)
        Weight of each roll call; 1 unless the selection asked otherwise.
    blocks : int64 array, shape (n_roll_calls,)
        Block of each roll call, 0 to ``n_blocks - 1``; drawn together in a bootstrap.
    block_kind : str
        One of ``BLOCK_KINDS``.
    absence : str
        One of ``ABSENCE_RULES``.
    left_out : tuple of str
        Members of the period that cast fewer votes than the selection asks for.
    joined : tuple of str
        Members that are two states joined, because the selection asked for it.
    """

    votes: NDArray[np.int8]
    roll_calls: pd.DataFrame
    members: tuple[str, ...]
    weights: NDArray[np.float64]
    blocks: NDArray[np.int64]
    block_kind: str = "roll_call"
    absence: str = "missing"
    left_out: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()

    def _rows(self) -> pd.DataFrame:
        return self.roll_calls

    @property
    def words(self) -> pd.DataFrame:
        """Votes as words, members (rows) on roll calls (columns); empty where there is none."""
        names = np.array(["", *VOTES], dtype=object)
        calls = self.roll_calls["roll_call"].tolist()
        return pd.DataFrame(names[self.votes.T], index=list(self.members), columns=calls)

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return int(np.unique(self.blocks).size)

    @property
    def effective_blocks(self) -> float:
        """Blocks of equal size that the blocks are worth: (sum s)^2 / sum s^2 (Kish 1965).

        Examples
        --------
        >>> one = [[1, 3]]
        >>> skewed = ballots_from_matrix(one * 4, members=["USA", "RUS"], blocks=[0, 0, 0, 1])
        >>> skewed.n_blocks, skewed.effective_blocks
        (2, 1.6)
        """
        sizes = np.bincount(self.blocks, self.weights)
        return float(sizes.sum() ** 2 / max((sizes**2).sum(), 1e-300))

    @property
    def categories(self) -> int:
        """Number of vote categories: 3, or 4 where an absence is kept as one."""
        return 4 if _ABSENT_BECOMES[self.absence] == ABSENT else 3

    def take(self, *, roll_calls: Any = None, members: Sequence[str] | None = None) -> Ballots:
        """Return the ballots of some roll calls (mask or positions) and some members (ids).

        Examples
        --------
        >>> ballots = ballots_from_matrix([[1, 3], [2, 2]], members=["USA", "RUS"])
        >>> ballots.take(roll_calls=[1], members=["RUS"]).votes.tolist()
        [[2]]
        """
        rows = np.arange(len(self.votes)) if roll_calls is None else np.asarray(roll_calls)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        columns = self._columns(self.members if members is None else members)
        picked = tuple(self.members[c] for c in columns)
        return replace(
            self,
            votes=np.ascontiguousarray(self.votes[rows][:, columns]),
            roll_calls=self.roll_calls.iloc[rows].reset_index(drop=True),
            members=picked,
            weights=self.weights[rows],
            blocks=number_blocks(pd.Series(self.blocks[rows])),
        )

    def _columns(self, members: Sequence[str]) -> list[int]:
        position = {member: i for i, member in enumerate(self.members)}
        return [position[find_member(m, position, "members")] for m in members]


def ballots_from_matrix(
    votes: Any, *, members: Sequence[str], blocks: Any = None, absence: str = "missing"
) -> Ballots:
    """Make ballots from a plain matrix of codes, for examples, simulations and tests.

    Parameters
    ----------
    votes : array-like, shape (n_roll_calls, n_members)
        Codes as in `Ballots`.
    members : sequence of str
        Member ids, one a column.
    blocks : array-like of int, shape (n_roll_calls,), optional
        Block of each roll call; each its own when left out.
    absence : str
        The absence rule that the codes follow.

    Examples
    --------
    >>> ballots_from_matrix([[1, 3], [2, 2]], members=["USA", "RUS"]).n_blocks
    2
    """
    matrix = np.ascontiguousarray(votes, dtype=np.int8)
    n = len(matrix)
    roll_calls = pd.DataFrame({"roll_call": [f"made-{i + 1}" for i in range(n)]})
    labels = pd.Series(np.arange(n) if blocks is None else np.asarray(blocks))
    return Ballots(
        votes=matrix,
        roll_calls=roll_calls,
        members=tuple(members),
        weights=np.ones(n),
        blocks=number_blocks(labels),
        absence=absence,
    )


def build_ballots(
    record: Record,
    *,
    body: str = "GA",
    date_from: str = "",
    date_to: str = "",
    sessions: str = "",
    subject: str = "",
    kinds: Sequence[str] = (),
    members: str | Sequence[str] = "all",
    absence: str = "missing",
    roll_call_weights: str = "equal",
    blocks: str = "agenda",
    min_votes: int = 1,
    states: str = "apart",
) -> Ballots:
    """Select roll calls and members of a record and lay their votes out as a matrix.

    Parameters
    ----------
    record : Record
        A clean record.
    body : {"GA", "SC"}
        General Assembly or Security Council.
    date_from, date_to : str
        ISO dates, both inclusive; empty for no bound.
    sessions : str
        Assembly sessions such as ``"70-79, ES-11"``; empty for all.
    subject : str
        One of the six codes in ``tables.ISSUES``, or words that must all occur in the title or
        agenda item, with alternatives after a comma and ``*`` for any ending
        (`helpers.record.match_words`); empty for all.
    kinds : sequence of str
        Kinds of roll call to keep; empty for all.
    members : str or sequence of str
        ``"all"``, or ids, codes, names and groups side by side, as
        `helpers.record.resolve_members` takes them: ``"BRICS, USA"``. Of a member that is asked for
        by its group the votes count that it cast on days on which it was in it; of
        ``"BRICS@2025-10-29"`` the members of that day are taken for the whole selection. Roll
        calls on which nobody asked for could vote are left out.
    absence : {"missing", "abstain", "category", "half"}
        What an absence becomes. Absence is not abstention: ``"abstain"`` is for comparison with
        older work only. ``"half"`` is half a point of agreement whatever the other member does, as
        the US Department of State has counted since 2021; for ``lijphart`` and ``s`` only.
    roll_call_weights : {"equal", "identical"}
        Whether one vote recorded many times counts once.
    blocks : {"agenda", "day", "roll_call"}
        What a bootstrap draws together. A roll call without an agenda item is blocked by day.
    min_votes : int
        Members with fewer votes cast (yes, abstain, no) are left out and listed.
    states : {"apart", "joined"}
        What becomes of a seat that two states of `helpers.record.load_states` had within the
        selection, such as China's before and after 25 October 1971: two members, the earlier one
        under an id of its own (``ROC``), or one, which ``joined`` then lists.

    Returns
    -------
    Ballots

    Raises
    ------
    ParameterError
        An option has no such value.
    SelectionError
        No roll call, or fewer than two members, are left.
    """
    _check_options(body, kinds, absence, roll_call_weights, blocks, states)
    period = {"date_from": date_from, "date_to": date_to, "sessions": sessions}
    chosen = select_roll_calls(record.roll_calls, body=body, subject=subject, kinds=kinds, **period)
    chosen = chosen[chosen["rolled"]].sort_values("date", kind="stable", ignore_index=True)
    if chosen.empty:
        hint = _hint_empty(record.roll_calls, body, subject, kinds, bool(date_from or date_to))
        raise SelectionError(
            f"no roll call with known votes is left of {body} with date_from={date_from!r}, "
            f"date_to={date_to!r}, sessions={sessions!r}, subject={subject!r}, "
            f"kinds={list(kinds)!r}; widen one of them{hint}"
        )
    matrix, ids = _vote_matrix(record.votes, chosen["roll_call"], _ABSENT_BECOMES[absence])
    matrix, ids, joined = _part_states(matrix, ids, chosen["date"], join=states == "joined")
    asked = _asked_votes(members, ids, _days(chosen))
    held = np.flatnonzero(asked.any(axis=1))
    chosen = chosen.iloc[held].reset_index(drop=True)
    matrix, asked = matrix[held], asked[held]
    matrix[~asked] = MISSING
    cast = ((matrix >= YES) & (matrix <= NO)).sum(axis=0)
    enough = cast >= max(min_votes, 1)
    keep = np.flatnonzero(asked.any(axis=0) & enough)
    if len(keep) < 2:
        raise SelectionError(
            f"members: {len(keep)} of the members asked for cast {min_votes} or more votes in this "
            "selection, and two are needed; widen members or the period"
        )
    return Ballots(
        votes=np.ascontiguousarray(matrix[:, keep]),
        roll_calls=chosen,
        members=tuple(ids[i] for i in keep),
        weights=_roll_call_weights(chosen, roll_call_weights),
        blocks=_label_blocks(chosen, blocks),
        block_kind=blocks,
        absence=absence,
        left_out=tuple(ids[i] for i in np.flatnonzero(asked.any(axis=0) & ~enough)),
        joined=tuple(m for m in joined if asked[:, ids.index(m)].any()),
    )


def select_roll_calls(
    roll_calls: pd.DataFrame,
    *,
    body: str = "",
    date_from: str = "",
    date_to: str = "",
    sessions: str = "",
    subject: str = "",
    kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the rows of a roll-call table that a selection keeps, known rolls or not.

    Parameters as in `build_ballots`; an empty value keeps everything.
    """
    keep = pd.Series(True, index=roll_calls.index)
    if body:
        keep &= roll_calls["body"] == body
    if date_from:
        keep &= roll_calls["date"] >= pd.Timestamp(date_from)
    if date_to:
        keep &= roll_calls["date"] <= pd.Timestamp(date_to)
    if sessions:
        keep &= roll_calls["session"].isin(parse_sessions(sessions))
    if kinds:
        keep &= roll_calls["kind"].isin(list(kinds))
    chosen = roll_calls[keep]
    return chosen[_match_subject(chosen, subject)] if subject else chosen


def parse_sessions(sessions: str) -> list[str]:
    """Return the session names that a text such as ``"70-72, ES-11"`` stands for.

    Raises
    ------
    ParameterError
        A part is neither a number, a range of numbers, nor ``ES-n`` or ``S-n``.

    Examples
    --------
    >>> parse_sessions("70-72, ES-11")
    ['70', '71', '72', 'ES-11']
    """
    names: list[str] = []
    for part in filter(None, (p.strip().upper() for p in str(sessions).split(","))):
        bounds = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if bounds:
            first, last = int(bounds[1]), int(bounds[2] or bounds[1])
            if last < first:
                raise ParameterError(f"sessions: {part!r} ends before it begins")
            names += [str(n) for n in range(first, last + 1)]
        elif re.fullmatch(r"(ES|S)-\d+", part):
            names.append(part)
        else:
            raise ParameterError(
                f"sessions: {part!r} is no session; write numbers, ranges, ES-n or S-n with "
                "commas between, such as '70-79, ES-11'"
            )
    return names


def number_blocks(labels: pd.Series) -> NDArray[np.int64]:
    """Give distinct labels the numbers 0, 1, ... in order of first appearance."""
    return pd.factorize(labels)[0].astype(np.int64)


def _check_options(
    body: str,
    kinds: Sequence[str],
    absence: str,
    roll_call_weights: str,
    blocks: str,
    states: str,
) -> None:
    faults = [
        must_be_one_of(name, value, allowed)
        for name, value, allowed in [
            ("body", body, BODIES),
            *(("kinds", kind, KINDS) for kind in kinds),
            ("absence", absence, ABSENCE_RULES),
            ("roll_call_weights", roll_call_weights, ROLL_CALL_WEIGHTS),
            ("blocks", blocks, BLOCK_KINDS),
            ("states", states, STATE_RULES),
        ]
        if value not in allowed
    ]
    if faults:
        raise ParameterError("; ".join(faults))


def _match_subject(roll_calls: pd.DataFrame, subject: str) -> pd.Series:
    if subject in ISSUES:
        return roll_calls["issues"].fillna("").str.split().map(lambda codes: subject in codes)
    return match_words(roll_calls, subject)


def _vote_matrix(
    votes: pd.DataFrame, roll_calls: pd.Series, absent_becomes: int
) -> tuple[NDArray[np.int8], list[str]]:
    """Votes x members in alphabetical order, of the members that have a row at all."""
    code = np.array([YES, ABSTAIN, NO, absent_becomes], dtype=np.int8)
    position = pd.Series(np.arange(len(roll_calls)), index=roll_calls.to_numpy())
    row_of_category = position.reindex(votes["roll_call"].cat.categories).fillna(-1).to_numpy(int)
    rows = row_of_category[votes["roll_call"].cat.codes.to_numpy()]
    inside = rows >= 0
    column = votes["member"].cat.codes.to_numpy()[inside]
    matrix = np.zeros((len(roll_calls), len(votes["member"].cat.categories)), dtype=np.int8)
    matrix[rows[inside], column] = code[votes["vote"].cat.codes.to_numpy()[inside]]
    present = np.unique(column)
    names = votes["member"].cat.categories[present].to_numpy()
    order = np.argsort(names)
    return matrix[:, present[order]], [str(n) for n in names[order]]


def _hint_empty(
    roll_calls: pd.DataFrame, body: str, subject: str, kinds: Sequence[str], dated: bool
) -> str:
    """Say what may have left a selection empty: no dates, unknown kinds, words cut to stems."""
    calls = roll_calls[roll_calls["body"].eq(body) & roll_calls["rolled"]]
    undated = int(calls["date"].isna().sum())
    hint = ""
    if dated and undated:
        hint += f"; {undated:,} of {len(calls):,} have no date, so select them by session"
    unknown = int(calls["kind"].eq("unknown").sum()) if kinds else 0
    if unknown:
        hint += (
            f"; {unknown:,} of {len(calls):,} are of unknown kind: add unknown to kinds, or take "
            "the kinds of another record with helpers.record.apply_kinds"
        )
    if subject and subject not in ISSUES and not calls.empty:
        words = [w for w in re.split(r"[\s,;|]+", subject) if w]
        lacking = [w for w in words if not match_words(calls, w).any()]
        stems = [w for w in lacking if not w.endswith("*")]
        if lacking:
            hint += f"; no title or agenda item has {', '.join(map(repr, lacking))}"
        if stems:
            hint += f" (words are whole; '{stems[0][:-1]}*' finds other endings)"
    return hint


def _part_states(
    votes: NDArray[np.int8], ids: list[str], dates: pd.Series, *, join: bool
) -> tuple[NDArray[np.int8], list[str], list[str]]:
    """Give an earlier state a column of its own where its seat has votes of both states.

    Returns the votes, the ids in alphabetical order, and the seats that were left joined.
    """
    columns = {member: votes[:, i] for i, member in enumerate(ids)}
    joined: list[str] = []
    table = load_states()[["member", "state", "from", "to"]]
    for seat, state, first, last in table.itertuples(index=False, name=None):
        column = columns.get(seat)
        if column is None:
            continue
        inside = dates.between(first, last).to_numpy()
        there = column != MISSING
        if not (there & inside).any() or not (there & ~inside).any():
            continue
        if join:
            joined.append(seat)
            continue
        columns[state] = np.where(inside, column, MISSING).astype(np.int8)
        columns[seat] = np.where(inside, MISSING, column).astype(np.int8)
    order = sorted(columns)
    return np.column_stack([columns[m] for m in order]), order, joined


def _days(roll_calls: pd.DataFrame) -> pd.Series:
    """Return the day of each roll call; without a date, the first of December of its session."""
    number = pd.to_numeric(roll_calls["session"], errors="coerce").astype("Int64")
    december = pd.to_datetime((1945 + number).astype("string") + "-12-01", errors="coerce")
    return roll_calls["date"].fillna(december.astype(roll_calls["date"].dtype))


def _asked_votes(
    members: str | Sequence[str], ids: Sequence[str], days: pd.Series
) -> NDArray[np.bool_]:
    """Whose votes are asked for on which roll call: (n_roll_calls, n_members)."""
    asked = np.full((len(days), len(ids)), members == "all")
    if members == "all":
        return asked
    seats = np.array([seat_of(member) for member in ids])
    lacking = []
    for part in split_members(members):
        if group_name(part) and (isinstance(members, str) or part not in ids):
            asked |= _in_group(part, ids, days)
            continue
        try:
            member = part if part in ids else resolve_member(part)
        except ParameterError as error:
            hint = did_you_mean(part, [*ids, *load_groups()["group"].unique()])
            if not hint:
                raise SelectionError(str(error).replace("member:", "members:", 1)) from error
            lacking.append(f"{part!r}{hint}")
            continue
        columns = np.isin(ids, member) | (seats == member)
        asked[:, columns] = True
        if not columns.any():
            lacking.append(f"{part!r}{did_you_mean(member, ids)}")
    if lacking:
        raise SelectionError(
            f"members: no vote of {', '.join(lacking)} in this selection; correct the id or period"
        )
    return asked


def _in_group(group: str, ids: Sequence[str], days: pd.Series) -> NDArray[np.bool_]:
    """Who was in a group on each day; a day must be known where it matters."""
    if "@" not in group and days.isna().any():
        raise SelectionError(
            f"members: {group} is a group by date, and {days.isna().sum()} of the roll calls have "
            f"none; write it with a day, such as {group}@2025-01-01"
        )
    return in_group(group_name(group), ids, days)


def _roll_call_weights(roll_calls: pd.DataFrame, kind: str) -> NDArray[np.float64]:
    if kind == "equal":
        return np.ones(len(roll_calls))
    group = roll_calls["identical_group"]
    return np.asarray(1 / group.map(group.value_counts()), dtype=np.float64)


def _label_blocks(roll_calls: pd.DataFrame, kind: str) -> NDArray[np.int64]:
    if kind == "roll_call":
        return np.arange(len(roll_calls), dtype=np.int64)
    day = roll_calls["date"].dt.strftime("%Y-%m-%d").fillna("")
    if kind == "day":
        return number_blocks(day)
    item = roll_calls["agenda"].fillna("").str.casefold().str.replace(r"\W+", " ", regex=True)
    item = item.str.replace(r"\d+", "", regex=True).str.strip()
    return number_blocks(item.where(item != "", "day " + day))
