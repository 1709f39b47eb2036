"""Rules about votes: who voted, how, and which rows are no votes at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from helpers.errors import DataError, did_you_mean
from helpers.record.cleaning.roll_call_rules import first_and_last_day, session_span
from helpers.record.cleaning.work import Work
from helpers.record.members import (
    codes_to_members,
    cow_to_members,
    load_council_terms,
    load_members,
    names_to_members,
    normalise_name,
)
from helpers.record.tables import VOTES

WRITTEN_VOTES: Final = {
    **dict.fromkeys(("Y", "YES", "1"), "yes"),
    **dict.fromkeys(("A", "ABSTAIN", "ABSTENTION", "2"), "abstain"),
    **dict.fromkeys(("N", "NO", "3"), "no"),
    **dict.fromkeys(("X", "NV", "ABSENT", "NON-VOTING", "NOT VOTING", "8"), "absent"),
    "9": "not a member",
}
"""How votes are written in the sources."""

WRITTEN_MODALITIES: Final = {
    "vote recorded": "recorded vote",
    "recorded vote": "recorded vote",
    "recorded": "recorded vote",
    "vote": "recorded vote",
    "vote non recorded": "non-recorded vote",
    "non recorded vote": "non-recorded vote",
    "non recorded": "non-recorded vote",
    "without a vote": "without a vote",
    "without vote": "without a vote",
}
"""How the sources write in what way a text was put to the vote."""

PERMANENT: Final = ("CHN", "FRA", "GBR", "RUS", "USA")
CHINA_CHANGE: Final = np.datetime64("1971-10-25")
BARRED: Final = (np.datetime64("1974-11-12"), np.datetime64("1994-06-22"))
"""First and last day on which South Africa was kept out of the Assembly's work."""
YUGOSLAVIA: Final = (np.datetime64("1992-04-27"), np.datetime64("2000-12-31"))
"""From the end of the old Yugoslavia to the first votes of the new member."""
MISSPELT: Final = ("TURKYYE", "AN PAKISTAN")
"""Normalised names that come from a wrong encoding or a slip."""

_MAPPERS: Final[dict[str, Callable[[pd.Series, pd.Series], pd.Series]]] = {
    "name": names_to_members,
    "code": codes_to_members,
    "cow": cow_to_members,
}


def read_votes(work: Work) -> None:
    """Read the votes; a mark that is no vote stops the cleaning."""
    column = work.raw.rows["vote"]
    codes, written = pd.factorize(column)
    places = {vote: i for i, vote in enumerate((*VOTES, "not a member"))}
    plain = [str(mark).strip().upper().removesuffix(".0") for mark in written]
    known = np.array([places.get(WRITTEN_VOTES.get(m, ""), -1) for m in plain] + [-1], np.int8)
    work.vote = known[codes]
    work.kept = np.ones(len(column), dtype=bool)
    if (work.vote < 0).any():
        _refuse(work, "vote", work.vote < 0, "is no vote (Y, N, A, X; 1, 2, 3, 8, 9)")


def _refuse(work: Work, column: str, wrong: np.ndarray, why: str) -> None:
    """Raise with the first line that is wrong and how many are."""
    rows = np.flatnonzero(wrong)
    value = work.raw.rows[column].iloc[rows[0]]
    shown = "nothing" if pd.isna(value) else repr(str(value))
    raise DataError(
        f"{work.raw.file or work.raw.source}: line {rows[0] + 2}, "
        f"column {work.raw.columns.get(column, column)}: {shown} {why}; "
        f"lines like this: {len(rows):,}"
    )


def not_a_member_marks(work: Work) -> None:
    """Drop the rows that say themselves that the state was not a member (9)."""
    marked = work.vote == len(VOTES)
    work.drop("not_a_member_marks", marked, "The source marks the state as not a member (9).")


def identify_members(work: Work) -> None:
    """Find the member behind each row: by its name in force at the day, else by its code."""
    days = _days_to_try(work)
    found: dict[str, np.ndarray] = {}
    work.ids = sorted(set(load_members()["member"]))
    rank = {member: i for i, member in enumerate(work.ids)}
    for column, mapper in _MAPPERS.items():
        if column in work.raw.rows:
            found[column] = np.full(len(work.call), -1, dtype=np.int16)
            for day in days:
                mapped = mapper(work.raw.rows[column], day)
                place = np.array([rank[m] for m in mapped.cat.categories] + [-1], dtype=np.int16)
                place = place[mapped.cat.codes.to_numpy()]
                np.copyto(found[column], place, where=found[column] < 0)
    work.member = np.full(len(work.call), -1, dtype=np.int16)
    for member in found.values():
        np.copyto(work.member, member, where=work.member < 0)
    _refuse_unknown(work)
    if {"name", "code"} <= set(found):
        torn = (found["code"] >= 0) & (found["code"] != work.member)
        work.flag_rows("name_and_code_disagree", torn, "Name and code are of two members.")


def _days_to_try(work: Work) -> list[pd.Series]:
    """Return the day of each row; without a date, days of its session, the likeliest first.

    Most votes of a session are in December. A number or name that stands for a member on another
    day of the session only is found by its first and last day.
    """
    calls = work.calls
    known = calls["date"]
    session = pd.to_numeric(calls["session"], errors="coerce")
    december = (session.fillna(1) + 1945).astype(int).astype(str) + "-12-01"
    spans = [pd.to_datetime(december, format="%Y-%m-%d")]
    if known.isna().any():
        spans += [pd.Series(day, index=calls.index) for day in session_span(calls["session"])]
    days = [known.fillna(day.astype("datetime64[s]")) for day in spans]
    return [pd.Series(day.to_numpy()[work.call]) for day in days]


def _refuse_unknown(work: Work) -> None:
    """Stop at a member that no name, code or number of ours stands for.

    A number (COW) that stands for no member at the day is dropped by `not_members` instead.
    """
    unknown = work.member < 0
    if not unknown.any():
        return
    rows = work.raw.rows
    column = next(c for c in ("name", "code", "cow") if c in rows)
    if column == "cow":
        work.drop(
            "numbers_of_no_member",
            unknown,
            "The COW number stood for no member of the United Nations on that day.",
        )
        return
    value = str(rows[column].iloc[np.flatnonzero(unknown & work.kept)[0]])
    near = did_you_mean(value.title(), sorted(load_members()["name"].unique()))
    _refuse(work, column, unknown & work.kept, f"is no member we know{near}")


def names_over_time(work: Work) -> None:
    """Log the rows under a former, other or mis-encoded name, and under a former code."""
    rows = work.raw.rows
    table = load_members().drop_duplicates("member", keep="last").set_index("member")
    if "name" in rows:
        present = np.array([normalise_name(n) for n in table.loc[work.ids, "name"]] + [""])
        changed, values = _differs(rows["name"], work.member, present, normalise_name)
        misspelt = changed & np.isin(values, MISSPELT)[pd.factorize(rows["name"])[0]]
        _log_spellings(work, "misspelt_names", misspelt, "name", "Mis-encoded or misspelt names.")
        other = changed & ~misspelt
        what = "Names other than the present one: former names and other spellings."
        _log_spellings(work, "names_over_time", other, "name", what)
    if "code" in rows:
        present = np.array([*work.ids, ""])
        changed, _ = _differs(rows["code"], work.member, present, str)
        _log_spellings(work, "codes_over_time", changed, "code", "Withdrawn or other codes.")


def _differs(
    column: pd.Series, member: np.ndarray, present: np.ndarray, plain: Callable[[str], str]
) -> tuple[np.ndarray, np.ndarray]:
    """Tell for each row whether its text is not the present one of its member.

    Also returns the distinct texts in their plain form, in the order of `pandas.factorize`.
    """
    codes, written = pd.factorize(column)
    values = np.array([plain(str(text)) for text in written] + [""])
    pairs = (codes.astype(np.int32) + 1) * len(present) + member
    size = (len(values) + 1) * len(present)
    code, who = np.divmod(np.flatnonzero(np.bincount(pairs, minlength=size)), len(present))
    wrong = np.zeros(size, dtype=bool)
    wrong[code * len(present) + who] = (code > 0) & (values[code - 1] != present[who])
    return wrong[pairs], values


def _log_spellings(work: Work, rule: str, found: np.ndarray, column: str, what: str) -> None:
    rows = np.flatnonzero(found & work.kept)
    texts = work.raw.rows[column].iloc[rows].astype("str").to_numpy()
    members = np.array(work.ids)[work.member[rows]]
    counted = pd.Series([f"{t} is {m}" for t, m in zip(texts, members, strict=True)]).value_counts()
    shown = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:5]
    examples = [f"{text} ({count:,} rows)" for text, count in shown]
    work.note(rule, "votes", "repaired", len(rows), what, examples)


def changes_of_state(work: Work) -> None:
    """Log the rows in which one seat or one name covers two states."""
    day = work.calls["date"].to_numpy()[work.call]
    of = {m: work.member == i for i, m in enumerate(work.ids) if m in ("CHN", "YUG", "SRB", "ZAF")}
    absent = work.vote == VOTES.index("absent")
    work.flag_rows(
        "two_chinas",
        of["CHN"] & (day <= CHINA_CHANGE),
        "China's seat was held by the Republic of China, to the meeting of 25 October 1971 itself.",
    )
    work.flag_rows(
        "two_yugoslavias",
        (of["YUG"] | of["SRB"]) & absent & (day >= YUGOSLAVIA[0]) & (day <= YUGOSLAVIA[1]),
        "Yugoslavia had ended, and whoever sat behind its name cast no vote: until the Federal "
        "Republic was admitted on 1 November 2000 under YUG, from then on under SRB.",
    )
    work.flag_rows(
        "barred_south_africa",
        of["ZAF"] & absent & (day >= BARRED[0]) & (day <= BARRED[1]),
        "South Africa was kept out of the Assembly's work, and stayed a member.",
    )


def one_row_per_member(work: Work) -> None:
    """Keep one of identical rows of a member and roll call; drop those that contradict."""
    n = len(work.ids)
    cell = work.call.astype(np.int64) * n + work.member
    rows = np.flatnonzero(work.kept)
    counts = np.bincount(cell[rows], minlength=len(work.calls) * n)
    many = np.flatnonzero(work.kept & (counts[cell] > 1))
    if not len(many):
        return
    table = pd.DataFrame({"row": many, "cell": cell[many], "vote": work.vote[many]})
    kinds = table.groupby("cell")["vote"].transform("nunique")
    conflict = np.zeros(len(cell), dtype=bool)
    conflict[table.loc[kinds.gt(1), "row"]] = True
    again = np.zeros(len(cell), dtype=bool)
    again[table.loc[kinds.eq(1) & table.duplicated("cell"), "row"]] = True
    work.drop(
        "conflicting_rows",
        conflict,
        "Rows of one member and roll call contradict each other; none is kept.",
    )
    work.drop("identical_rows", again, "The same row again; one is kept.")


def no_recorded_vote(work: Work) -> None:
    """Say how each text was put to the vote, and drop rows where no vote was recorded.

    An adopted text for which nobody voted yes was adopted without a vote in the Council, whatever
    the source calls it, and by a vote of which the record has the count only in the Assembly: that
    every member is listed as not voting says nothing about absence.
    """
    calls = work.calls
    written = calls["modality"].str.lower().str.replace(r"[^a-z]+", " ", regex=True).str.strip()
    said = written.map(WRITTEN_MODALITIES)
    counts = count_votes(work)
    empty = calls["rolled"].to_numpy() & (counts[:, :3].sum(axis=1) == 0)
    empty &= (calls["outcome"].eq("adopted") & calls["yes"].fillna(0).eq(0)).to_numpy(bool)
    council = calls["body"].eq("SC").to_numpy()
    unvoted = said.eq("without a vote").to_numpy() | (empty & council)
    uncounted = ~unvoted & (said.eq("non-recorded vote").to_numpy() | empty)
    voted = np.where(counts[:, :3].sum(axis=1) > 0, "recorded vote", said.fillna("unknown"))
    kinds = np.where(unvoted, "without a vote", np.where(uncounted, "non-recorded vote", voted))
    calls["modality"] = pd.Series(kinds, index=calls.index).astype("str")
    for rule, found, what in (
        ("adopted_without_vote", unvoted, "Adopted without a vote: nobody was absent."),
        ("roll_not_recorded", uncounted, "Nobody's vote was recorded: the roll is not known."),
    ):
        work.drop(rule, found[work.call], what)
    calls.loc[unvoted | uncounted, "rolled"] = False


def totals_agree(work: Work) -> None:
    """Compare the totals as published with the rows; both are kept."""
    counts = count_votes(work)
    for place, name in enumerate(("yes", "abstain", "no", "absent")):
        published = work.calls[name]
        wrong = published.notna() & published.ne(pd.Series(counts[:, place])) & work.calls["rolled"]
        work.flag_calls(
            f"totals_disagree_{name}",
            wrong.fillna(value=False),
            f"The published number ({name}) is not that of the rows; both are kept.",
        )


def count_votes(work: Work) -> np.ndarray:
    """Return how often each vote was cast in each roll call (n_calls x 4)."""
    rows = work.kept
    cell = work.call[rows].astype(np.int64) * len(VOTES) + work.vote[rows]
    return np.bincount(cell, minlength=len(work.calls) * len(VOTES)).reshape(-1, len(VOTES))


def not_members(work: Work) -> None:
    """Drop the rows of states that were not members on the day (or on any day of the month)."""
    inside, before = _membership(work)
    outside = work.kept & ~inside[work.call, work.member]
    early = before[work.call, work.member]
    work.drop("before_admission", outside & early, "The state was not yet a member.")
    work.drop(
        "after_membership", outside & ~early, "The state was no longer a member, or not then."
    )


def _membership(work: Work) -> tuple[np.ndarray, np.ndarray]:
    """Return for each roll call and member whether it was a member, and whether not yet."""
    first, last = first_and_last_day(work.calls)
    unknown = np.isnat(first)
    inside = np.zeros((len(first), len(work.ids)), dtype=bool)
    admitted = np.full(len(work.ids), np.datetime64("9999-01-01", "D"))
    rank = {member: i for i, member in enumerate(work.ids)}
    table = load_members()
    ends = table["to"].fillna(pd.Timestamp("2262-01-01")).to_numpy().astype("datetime64[D]")
    starts = table["from"].to_numpy().astype("datetime64[D]")
    for member, start, end in zip(table["member"], starts, ends, strict=True):
        place = rank[member]
        inside[:, place] |= ((last >= start) & (first <= end)) | unknown
        admitted[place] = min(admitted[place], start)
    return inside, last[:, None] < admitted[None, :]


def council_terms(work: Work) -> None:
    """Drop the rows of states that did not sit on the Council on that day."""
    council = work.calls["body"].eq("SC").to_numpy()
    if not council.any():
        return
    terms = load_council_terms()
    first, last = first_and_last_day(work.calls)
    seated = np.zeros((len(first), len(work.ids)), dtype=bool)
    seated[~council] = True
    seated[first > terms["to"].max().to_numpy()] = True
    rank = {member: i for i, member in enumerate(work.ids)}
    seated[:, [rank[member] for member in PERMANENT]] = True
    days = terms[["from", "to"]].to_numpy().astype("datetime64[D]")
    for member, (start, end) in zip(terms["member"], days, strict=True):
        seated[:, rank[member]] |= (last >= start) & (first <= end)
    work.drop(
        "outside_council_term",
        ~seated[work.call, work.member],
        "The state did not sit on the Council on that day.",
    )


def council_seats(work: Work) -> None:
    """Compare the members with a row with the seats of the Council: 11 to 1965, 15 after."""
    calls = work.calls
    seats = np.where(calls["date"].lt(pd.Timestamp("1966-01-01")), 11, 15)
    rows = count_votes(work).sum(axis=1)
    wrong = calls["body"].eq("SC").to_numpy() & calls["rolled"].to_numpy() & (rows != seats)
    work.flag_calls("council_seats", wrong, "The rows are not those of 11 (15 from 1966) seats.")


def permanent_members_no(work: Work) -> None:
    """List a permanent member's no on an adopted text: procedural, or outvoted; not a veto."""
    council = work.calls["body"].eq("SC") & work.calls["outcome"].eq("adopted")
    permanent = np.isin(work.member, [i for i, m in enumerate(work.ids) if m in PERMANENT])
    no = work.vote == VOTES.index("no")
    work.flag_rows(
        "permanent_members_no",
        council.to_numpy()[work.call] & permanent & no,
        "A permanent member voted no and the text was adopted, so that this is no veto.",
    )
