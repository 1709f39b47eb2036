"""One vote that is recorded many times: found by its votes, told from a coincidence by its text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.record.cleaning.work import Work
from helpers.record.tables import VOTES

NOT_WHOLE_TEXTS = ("paragraph", "amendment", "motion")


def group_identical(work: Work) -> None:
    """Group the records of one vote: same day, same vote of every member, same resolution.

    The parts of one numbered resolution (A/RES/61/128A-B, [A], [B], [B-I] to [B-XI]) with equal
    votes on one day are one vote written down many times. Different resolutions whose votes happen
    to be equal (A/RES/54/71 and 54/74) are separate votes and are only listed. Votes on paragraphs,
    amendments and motions, and roll calls without a day, are never grouped.
    """
    calls = work.calls
    pattern = _number_patterns(work)
    dated = calls["date_precision"].eq("day") & calls["rolled"]
    key = pd.DataFrame({"day": calls["date"], "pattern": pattern, "body": calls["body"]})[dated]
    equal = key.duplicated(keep=False)
    groups = key[equal].groupby(list(key)).ngroups
    rows = np.flatnonzero(dated.to_numpy())[equal.to_numpy()]
    work.note(
        "equal_votes",
        "roll_calls",
        "flagged",
        len(rows),
        f"Equal to another record of the same day in the vote of every member ({groups} groups).",
        work.name_calls(rows),
    )
    calls["identical_group"] = calls["roll_call"]
    whole = ~calls["kind"].isin(NOT_WHOLE_TEXTS) & calls["number"].notna()
    same = key.assign(number=calls["number"][dated])[equal & whole[dated]]
    first = calls["roll_call"].loc[same.index].groupby([same[c] for c in same]).transform("first")
    calls.loc[same.index, "identical_group"] = first
    _log_groups(work)


def _log_groups(work: Work) -> None:
    calls = work.calls
    sizes = calls.groupby("identical_group")["roll_call"].transform("size")
    rows = np.flatnonzero(sizes.gt(1))
    groups = calls["identical_group"].iloc[rows]
    largest = sorted(groups.value_counts().items(), key=lambda item: (-item[1], item[0]))[:5]
    symbols = dict(zip(calls["roll_call"], calls["symbol"], strict=True))
    work.note(
        "identical_records",
        "roll_calls",
        "flagged",
        len(rows),
        f"One vote recorded many times: {groups.nunique()} groups of parts of one resolution with "
        "equal votes on one day; all are kept, and the group can be given weight one.",
        [f"{symbols[group]}: {count} records" for group, count in largest],
    )


def _number_patterns(work: Work) -> np.ndarray:
    """Return a number for each roll call that is equal for equal votes of every member."""
    cells = np.full((len(work.calls), len(work.ids)), len(VOTES) + 1, dtype=np.int8)
    rows = np.flatnonzero(work.kept)
    cells[work.call[rows], work.member[rows]] = work.vote[rows]
    rows_as_bytes = np.ascontiguousarray(cells).view(f"V{cells.shape[1]}").ravel()
    return np.unique(rows_as_bytes, return_inverse=True)[1]
