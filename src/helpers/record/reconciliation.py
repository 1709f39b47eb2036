"""Two records of the same votes compared: which roll calls are the same, and where they differ.

Nothing is chosen silently: a match says what it rests on, a roll call with several equally good
partners stays unmatched and says so, and votes that differ are listed, never merged.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from helpers.errors import SelectionError
from helpers.record.subjects import UNSOUND_SESSIONS
from helpers.record.tables import VOTES, Record
from helpers.store import Shown

MAX_DIFFERENCE: Final = 0.10
"""Largest share of members with another vote in a match by month and votes."""

MAX_DIFFERENCE_SYMBOL: Final = 0.35
"""The same where both records name the same resolution and month."""

_NEAR: Final = 0.01
_PAGES_UNTIL: Final = 20
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_SYMBOL_FORMS: Final = (
    r"A/RES/(?P<number>\d+)\((?P<session>(?:E?S-)?[IVXLC\d]+)\)\[?(?P<part>[A-Z]*)",
    r"A/RES/(?P<session>(?:E?S-)?\d+)//?(?P<number>\d+) ?\[?(?P<part>[A-Z]*)",
    r"R/(?P<session>\d+)/(?P<number>\d+)[ /]?(?P<part>[A-Z]*)",
)


@dataclass(frozen=True, repr=False)
class Reconciliation(Shown):
    """What two records have in common.

    Attributes
    ----------
    matches : DataFrame
        One row per pair: ``roll_call_a roll_call_b symbol basis date_a date_b same_month both
        different only_a only_b difference totals_a totals_b rivals``. ``basis`` is ``symbol and
        votes``, ``votes``, ``votes and title`` (several roll calls of the month had these votes
        and the title told them apart) or ``symbol, other month``; ``both`` counts the members with
        a vote cast in both, ``different`` those of them whose votes differ, ``only_a`` and
        ``only_b`` those with a vote cast in one record only; ``difference`` is the share of all
        these that do not agree (0 to 1); totals are yes-no-abstain as counted from the rolls;
        ``rivals`` counts other partners as good: of several records of one vote, one is matched.
    unmatched_a, unmatched_b : DataFrame
        ``roll_call session date symbol why``; ``why`` is ``no partner`` or ``ambiguous``.
    vote_disagreements : DataFrame
        One row per matched pair and member whose votes differ: ``roll_call_a roll_call_b year
        member vote_a vote_b``; NA: no vote in that record.
    dates : DataFrame
        Per match with dates that differ: ``roll_call date_a precision_a date_b applied``. A day is
        taken from ``b`` (``applied``) where ``a`` knows the month only and the months agree.
    summary : dict
        Counts of all of these, by basis.
    """

    matches: pd.DataFrame
    unmatched_a: pd.DataFrame
    unmatched_b: pd.DataFrame
    vote_disagreements: pd.DataFrame
    dates: pd.DataFrame
    summary: dict[str, int]

    def _rows(self) -> pd.DataFrame:
        return self.matches

    def _facts(self) -> dict[str, str]:
        return {name: f"{count:,}" for name, count in self.summary.items()}

    @property
    def by_member_year(self) -> pd.DataFrame:
        """Return the number of disagreements by ``member`` and ``year``."""
        groups = self.vote_disagreements.groupby(["member", "year"], observed=True)
        return groups.size().rename("disagreements").reset_index()

    @property
    def by_roll_call(self) -> pd.DataFrame:
        """Return the matches with a disagreement, most first."""
        torn = self.matches.assign(disagreements=self.matches[_COUNTS].sum(axis=1))
        return torn[torn["disagreements"] > 0].sort_values("disagreements", ascending=False)


_COUNTS: Final = ["different", "only_a", "only_b"]


def reconcile(a: Record, b: Record) -> Reconciliation:
    """Match the roll calls of two records one to one and list what differs.

    Answers: which roll calls of ``a`` are in ``b``, and do both say the same? Two roll calls are
    the same if they name the same resolution, fall into the same month and their members voted
    alike; or, where the symbol is missing or no resolution's, if month and votes agree and no other
    roll call fits nearly as well, by its votes or, of several with equal votes, by its title; or
    if resolution and votes agree and the months do not.

    Parameters
    ----------
    a, b : Record
        Clean records; ``a`` is the one whose dates may hold only to the month (unvotes).

    Returns
    -------
    Reconciliation

    Raises
    ------
    SelectionError
        The records have no body in common.

    Notes
    -----
    Votes are compared as cast (yes, abstain, no): absence is not written in all records. Within a
    month the pairs are assigned so that the sum of differences is least (Hungarian method). The
    numbers in unvotes' symbols of sessions 1 to 20 are pages and are not compared.
    """
    left, right = _Side.of(a), _Side.of(b)
    if not set(left.calls["body"]) & set(right.calls["body"]):
        raise SelectionError("reconcile: the two records have no organ (GA, SC) in common")
    members = np.union1d(left.members, right.members)
    ours, theirs = left.matrix(members), right.matrix(members)
    pairs = _compare_months(left, right, ours, theirs)
    found = _assign(pairs)
    found = pd.concat([found, _match_other_months(left, right, ours, theirs, found)])
    found = found.sort_values("a").reset_index(drop=True)
    ambiguous = found["basis"].str.startswith("votes") & found["rivals"].gt(0)
    kept = found[~ambiguous].reset_index(drop=True)
    return _report(left, right, ours, theirs, kept, found[ambiguous], members)


@dataclass(frozen=True)
class _Side:
    """One record, ready to be compared."""

    calls: pd.DataFrame
    votes: pd.DataFrame
    members: np.ndarray

    @classmethod
    def of(cls, record: Record) -> _Side:
        calls = record.roll_calls[record.roll_calls["rolled"]].reset_index(drop=True)
        dates = calls["date"]
        calls = calls.assign(
            month=(dates.dt.year * 12 + dates.dt.month).fillna(-1).astype(int),
            key=_read_keys(calls["symbol_raw"].fillna(calls["symbol"])),
        )
        calls["stem"] = calls["key"].str.rsplit(" ", n=1).str[0]
        members = np.array(sorted(map(str, record.votes["member"].unique())), dtype=object)
        return cls(calls, record.votes, members)

    def matrix(self, members: np.ndarray) -> np.ndarray:
        """Return votes cast as int8 (roll calls x members): 0 none or absent, 1 yes, 2, 3 no."""
        rows = _positions(self.votes["roll_call"], self.calls["roll_call"])
        columns = _positions(self.votes["member"], pd.Series(members))
        codes = self.votes["vote"].cat.codes.to_numpy() + 1
        cast = (rows >= 0) & (codes < len(VOTES))
        matrix = np.zeros((len(self.calls), len(members)), dtype=np.int8)
        matrix[rows[cast], columns[cast]] = codes[cast]
        return matrix


def _positions(values: pd.Series, order: pd.Series) -> np.ndarray:
    """Return the position of each value in ``order``; -1 where it is not there."""
    values = values.astype("category")
    places = pd.Index(order.astype("str")).get_indexer(values.cat.categories.astype("str"))
    return np.append(places, -1)[values.cat.codes.to_numpy()]


def _read_keys(symbols: pd.Series) -> pd.Series:
    """Read symbols into session, number and part (``44 41 C``); "" where they name no resolution.

    Examples
    --------
    >>> symbols = pd.Series(["A/RES/2890(XXVI)[B]", "R/44/41C", "A/RES/ES-10/19", "R/1/66"])
    >>> _read_keys(symbols).tolist()
    ['26 2890 B', '44 41 C', 'ES-10 19 ', '']
    """
    text = symbols.astype("str").str.strip()
    parts = text.str.extract(f"^{_SYMBOL_FORMS[0]}")
    for form in _SYMBOL_FORMS[1:]:
        parts = parts.fillna(text.str.extract(f"^{form}")[list(parts.columns)])
    session = parts["session"].fillna("").map(_arabic)
    pages = text.str.startswith("R/") & (pd.to_numeric(session, errors="coerce") <= _PAGES_UNTIL)
    keys = session + " " + parts["number"].str.lstrip("0") + " " + parts["part"].fillna("")
    return keys.mask(pages.fillna(True)).fillna("").astype("str")


def _arabic(session: str) -> str:
    """Write a session in Arabic numerals: ``XXVI`` is 26, ``ES-V`` is ES-5."""
    found = re.fullmatch(r"(E?S-)?([IVXLC]+)", session)
    if not found:
        return session
    values = [_ROMAN[letter] for letter in found[2]]
    signed = [-v if v < w else v for v, w in zip(values, [*values[1:], 0], strict=True)]
    return f"{found[1] or ''}{sum(signed)}"


def _differences(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return for all rows of ``x`` and ``y``: cast in both, equal, cast in either."""
    both = (x > 0).astype(np.float32) @ (y > 0).astype(np.float32).T
    equal = sum((x == c).astype(np.float32) @ (y == c).astype(np.float32).T for c in (1, 2, 3))
    either = (x > 0).sum(1)[:, None] + (y > 0).sum(1)[None, :] - both
    return both, np.asarray(equal), either


def _compare_months(
    left: _Side, right: _Side, ours: np.ndarray, theirs: np.ndarray
) -> pd.DataFrame:
    """Return the pairs of one month that could be the same roll call."""
    tables = []
    dated = left.calls["month"] >= 0
    for month, rows in left.calls[dated].groupby("month").groups.items():
        columns = np.flatnonzero(right.calls["month"].to_numpy() == month)
        if not len(columns):
            continue
        _, equal, either = _differences(ours[rows], theirs[columns])
        share = 1 - equal / np.maximum(either, 1)
        x, y = np.nonzero(share <= MAX_DIFFERENCE_SYMBOL)
        tables.append(pd.DataFrame({"a": rows[x], "b": columns[y], "difference": share[x, y]}))
    pairs = pd.concat(tables) if tables else pd.DataFrame({"a": [], "b": [], "difference": []})
    pairs = pairs.astype({"a": int, "b": int}).reset_index(drop=True)
    pairs["month"] = left.calls["month"].to_numpy()[pairs["a"]]
    pairs["symbol"] = _same(left.calls["stem"], right.calls["stem"], pairs)
    pairs["part"] = pairs["symbol"] & _same(left.calls["key"], right.calls["key"], pairs)
    same_body = _same(left.calls["body"], right.calls["body"], pairs)
    pairs = pairs[same_body & (pairs["symbol"] | (pairs["difference"] <= MAX_DIFFERENCE))]
    return pairs.assign(title=_compare_titles(left.calls, right.calls, pairs))


def _same(x: pd.Series, y: pd.Series, pairs: pd.DataFrame) -> np.ndarray:
    """Tell for each pair whether two texts are equal and there."""
    codes, values = pd.factorize(pd.concat([x, y]).astype("str"))
    codes = np.where(np.asarray(values)[codes] == "", -1, codes)
    one, two = codes[: len(x)][pairs["a"]], codes[len(x) :][pairs["b"]]
    return np.asarray((one == two) & (one >= 0))


def _compare_titles(
    calls_a: pd.DataFrame, calls_b: pd.DataFrame, pairs: pd.DataFrame
) -> np.ndarray:
    """Return the share of the words of the shorter title that the other has, rare words first."""
    words = [_words(calls) for calls in (calls_a, calls_b)]
    counts = Counter(word for side in words for title in side for word in title)
    rarity = {word: 1 / np.log2(1 + count) for word, count in counts.items()}
    scores = np.zeros(len(pairs))
    for i, (a, b) in enumerate(zip(pairs["a"], pairs["b"], strict=True)):
        one, two = words[0][a], words[1][b]
        shared = sum(rarity[word] for word in one & two)
        scores[i] = shared and shared / min(sum(rarity[word] for word in t) for t in (one, two))
    return scores


def _words(calls: pd.DataFrame) -> list[frozenset[str]]:
    """Return the beginnings of the longer words of title and agenda."""
    text = calls["title"].fillna("") + " " + calls["agenda"].fillna("")
    return [frozenset(w[:6] for w in re.findall(r"[a-z]{4,}", t.lower())) for t in text]


def _assign(pairs: pd.DataFrame) -> pd.DataFrame:
    """Choose pairs one to one, month by month, and count the rivals that fit as well."""
    from scipy.optimize import linear_sum_assignment

    votes = pairs["difference"] - 0.3 * pairs["symbol"] - 0.1 * pairs["part"]
    pairs = pairs.assign(votes=votes, cost=votes - 0.1 * pairs["title"])
    chosen = []
    for _, group in pairs.groupby("month"):
        rows, columns = np.unique(group["a"]), np.unique(group["b"])
        table = np.full((len(rows), len(columns)), MAX_DIFFERENCE)  # the price of no partner
        x, y = np.searchsorted(rows, group["a"]), np.searchsorted(columns, group["b"])
        table[x, y] = group["cost"]
        u, v = linear_sum_assignment(table)
        real = table[u, v] < MAX_DIFFERENCE
        chosen.append(pd.DataFrame({"a": rows[u[real]], "b": columns[v[real]]}))
    empty = pd.DataFrame({"a": [], "b": []}).astype(int)
    found = pd.concat(chosen) if chosen else empty
    found = found.merge(pairs, on=["a", "b"])
    equal = _count_rivals(found, pairs, "votes")
    found["rivals"] = np.where(equal > 0, _count_rivals(found, pairs, "cost"), 0)
    alone = np.where(equal > 0, "votes and title", "votes")
    found["basis"] = np.where(found["symbol"], "symbol and votes", alone)
    return found[["a", "b", "basis", "rivals"]]


def _count_rivals(found: pd.DataFrame, pairs: pd.DataFrame, cost: str) -> np.ndarray:
    """Count the other pairs of either roll call that cost as little.

    A pair that was chosen by its symbol is no rival: that roll call is taken for good reason.
    """
    settled = found[found["symbol"]]
    total = np.zeros(len(found), dtype=int)
    for one, other in (("a", "b"), ("b", "a")):
        free = pairs[~pairs[other].isin(settled[other])]
        near = found[[one, other, cost]].merge(free[[one, other, cost]], on=one)
        rival = near[f"{other}_x"].ne(near[f"{other}_y"]) & (
            near[f"{cost}_y"] <= near[f"{cost}_x"] + _NEAR
        )
        total += near[rival].groupby(one).size().reindex(found[one], fill_value=0).to_numpy()
    return total


def _match_other_months(
    left: _Side, right: _Side, ours: np.ndarray, theirs: np.ndarray, found: pd.DataFrame
) -> pd.DataFrame:
    """Match what is left by resolution and votes where the months disagree."""
    free_a = left.calls.loc[~left.calls.index.isin(found["a"]), ["key"]]
    free_b = right.calls.loc[~right.calls.index.isin(found["b"]), ["key"]]
    free_a, free_b = free_a.reset_index(names="a"), free_b.reset_index(names="b")
    pairs = free_a[free_a["key"].ne("")].merge(free_b, on="key")
    x, y = ours[pairs["a"]], theirs[pairs["b"]]
    either = ((x > 0) | (y > 0)).sum(1)
    pairs["difference"] = 1 - ((x == y) & (x > 0)).sum(1) / np.maximum(either, 1)
    pairs = pairs[pairs["difference"] <= MAX_DIFFERENCE].sort_values("difference")
    pairs = pairs.drop_duplicates("a").drop_duplicates("b")
    return pairs[["a", "b"]].assign(basis="symbol, other month", rivals=0)


# ----------------------------------------------------------------------------- what differs


def _report(
    left: _Side,
    right: _Side,
    ours: np.ndarray,
    theirs: np.ndarray,
    kept: pd.DataFrame,
    ambiguous: pd.DataFrame,
    members: np.ndarray,
) -> Reconciliation:
    """Put the tables of a reconciliation together."""
    x, y = ours[kept["a"]], theirs[kept["b"]]
    matches = _match_table(left.calls, right.calls, kept, x, y)
    unmatched_a = _unmatched(left.calls, kept["a"], ambiguous["a"])
    unmatched_b = _unmatched(right.calls, kept["b"], ambiguous["b"])
    disagreements = _list_disagreements(matches, x, y, members)
    dates = _compare_dates(left.calls, right.calls, kept)
    summary = {
        "roll_calls_a": len(left.calls),
        "roll_calls_b": len(right.calls),
        "matched": len(matches),
        **{f"matched by {k}": int(n) for k, n in matches["basis"].value_counts().items()},
        "unmatched_a": len(unmatched_a),
        "unmatched_b": len(unmatched_b),
        "ambiguous": len(ambiguous),
        "votes_compared": int(((x > 0) & (y > 0)).sum()),
        "vote_disagreements": len(disagreements),
        "dates_applied": int(dates["applied"].sum()),
    }
    return Reconciliation(matches, unmatched_a, unmatched_b, disagreements, dates, summary)


def _match_table(
    calls_a: pd.DataFrame, calls_b: pd.DataFrame, kept: pd.DataFrame, x: np.ndarray, y: np.ndarray
) -> pd.DataFrame:
    """Return one row per match with its counts."""
    one, two = calls_a.iloc[kept["a"]], calls_b.iloc[kept["b"]]
    both = (x > 0) & (y > 0)
    either = ((x > 0) | (y > 0)).sum(1)
    table = pd.DataFrame(
        {
            "roll_call_a": one["roll_call"].to_numpy(),
            "roll_call_b": two["roll_call"].to_numpy(),
            "symbol": two["symbol"].to_numpy(),
            "basis": kept["basis"].to_numpy(),
            "date_a": one["date"].to_numpy(),
            "date_b": two["date"].to_numpy(),
            "same_month": one["month"].to_numpy() == two["month"].to_numpy(),
            "both": both.sum(1),
            "different": (both & (x != y)).sum(1),
            "only_a": ((x > 0) & (y == 0)).sum(1),
            "only_b": ((y > 0) & (x == 0)).sum(1),
        }
    )
    wrong = table[_COUNTS].sum(axis=1)
    table["difference"] = wrong / np.maximum(either, 1)
    table["totals_a"], table["totals_b"] = _say_totals(x), _say_totals(y)
    return table.assign(rivals=kept["rivals"].to_numpy())


def _say_totals(cast: np.ndarray) -> list[str]:
    """Return yes-no-abstain as text, a row a roll call."""
    totals = [(cast == code).sum(1) for code in (1, 3, 2)]
    return [f"{yes}-{no}-{abstain}" for yes, no, abstain in zip(*totals, strict=True)]


def _unmatched(calls: pd.DataFrame, matched: pd.Series, ambiguous: pd.Series) -> pd.DataFrame:
    """Return the roll calls without a partner, and why."""
    left = calls.drop(index=calls.index[matched])
    why = np.where(left.index.isin(ambiguous), "ambiguous", "no partner")
    table = left[["roll_call", "session", "date"]].assign(
        symbol=left["symbol"].fillna(left["symbol_raw"]), why=why
    )
    return table.reset_index(drop=True)


def _list_disagreements(
    matches: pd.DataFrame, x: np.ndarray, y: np.ndarray, members: np.ndarray
) -> pd.DataFrame:
    """Return one row per match and member whose votes differ."""
    row, column = np.nonzero(x != y)
    names = np.array([pd.NA, *VOTES[:3]], dtype=object)
    chosen = matches.iloc[row]
    return pd.DataFrame(
        {
            "roll_call_a": chosen["roll_call_a"].to_numpy(),
            "roll_call_b": chosen["roll_call_b"].to_numpy(),
            "year": chosen["date_b"].dt.year.to_numpy(),
            "member": members[column],
            "vote_a": names[x[row, column]],
            "vote_b": names[y[row, column]],
        }
    )


def _compare_dates(
    calls_a: pd.DataFrame, calls_b: pd.DataFrame, kept: pd.DataFrame
) -> pd.DataFrame:
    """Return the matches with other dates, and whether ``a`` may take the day of ``b``."""
    one = calls_a.iloc[kept["a"]].reset_index(drop=True)
    two = calls_b.iloc[kept["b"]].reset_index(drop=True)
    coarse = one["date_precision"].eq("month") & two["date_precision"].eq("day")
    table = pd.DataFrame(
        {
            "roll_call": one["roll_call"],
            "date_a": one["date"],
            "precision_a": one["date_precision"].astype("str"),
            "date_b": two["date"],
            "applied": coarse & one["month"].eq(two["month"]),
        }
    )
    return table[one["date"].ne(two["date"]) | table["applied"]].reset_index(drop=True)


# ----------------------------------------------------------------------------- put to use


def apply_dates(record: Record, reconciliation: Reconciliation) -> Record:
    """Give a record the days that its match knows.

    Answers: on which day was this vote, where the record itself holds only to the month? Months
    are never changed; where they disagree, the date stays as it is and the disagreement is in
    ``reconciliation.dates``.

    Parameters
    ----------
    record : Record
        The record ``a`` of the reconciliation.
    reconciliation : Reconciliation
        As :func:`reconcile` returns it.

    Returns
    -------
    Record
        With new dates, ``date_precision`` ``day`` for them, a row in the log and a sentence in
        ``provenance["dates"]``. The order of roll calls is kept.
    """
    dates = reconciliation.dates
    days = dates[dates["applied"]].set_index("roll_call")["date_b"]
    calls = record.roll_calls.copy()
    taken = calls["roll_call"].isin(days.index)
    calls.loc[taken, "date"] = calls.loc[taken, "roll_call"].map(days).astype(calls["date"].dtype)
    calls.loc[taken, "date_precision"] = "day"
    what = "The day is taken from the same roll call in the other record; it held to the month."
    log = _log(record.log, "day_from_match", days.index, what)
    said = f"{len(days)} days are taken from the matching roll calls of another record."
    provenance = {**record.provenance, "dates": said}
    return replace(record, roll_calls=calls, log=log, provenance=provenance)


def apply_issues(record: Record, known: Record, reconciliation: Reconciliation) -> Record:
    """Give a record the subject codes that its match knows.

    Parameters
    ----------
    record : Record
        The record ``b`` of the reconciliation (the Library's file has no subjects of its own).
    known : Record
        The record ``a``, with subjects coded by its authors.
    reconciliation : Reconciliation
        As :func:`reconcile` returns it for ``known`` and ``record``.

    Returns
    -------
    Record
        ``issues`` of the matched roll calls are those of ``known``, ``issues_from`` is ``known``;
        a row in the log and a sentence in ``provenance["issues"]``. Not taken from the sessions in
        `helpers.record.subjects.UNSOUND_SESSIONS`, which the coders of unvotes left half blank.
    """
    coded = known.roll_calls[known.roll_calls["issues_from"].eq("known")]
    coded = coded[~coded["session"].isin([str(number) for number in UNSOUND_SESSIONS])]
    source = coded.set_index("roll_call")["issues"]
    pairs = reconciliation.matches.set_index("roll_call_b")["roll_call_a"]
    issues = pairs.map(source.to_dict()).dropna()
    calls = record.roll_calls.copy()
    taken = calls["roll_call"].isin(issues.index)
    calls.loc[taken, "issues"] = calls.loc[taken, "roll_call"].map(issues)
    calls.loc[taken, "issues_from"] = "known"
    what = "Subjects are those that the authors of the other record coded for this roll call."
    log = _log(record.log, "issues_from_match", pd.Index(issues.index), what)
    said = f"Subjects of {len(issues)} roll calls are those coded in {known.provenance['source']}."
    provenance = {**record.provenance, "issues": said}
    return replace(record, roll_calls=calls, log=log, provenance=provenance)


def apply_kinds(record: Record, library: Record, reconciliation: Reconciliation) -> Record:
    """Give a record the kinds of roll call that its match knows.

    Answers: which of these roll calls are on a text as a whole? unvotes flags votes on paragraphs
    and amendments, but where a flag is missing every other roll call is of unknown kind. The
    Library's file has adopted texts only, so what is matched with it is one.

    Parameters
    ----------
    record : Record
        The record ``a`` of the reconciliation.
    library : Record
        The record ``b``.
    reconciliation : Reconciliation
        As :func:`reconcile` returns it for ``record`` and ``library``.

    Returns
    -------
    Record
        ``kind`` of the matched roll calls whose kind was unknown is that of their match; a row in
        the log and a sentence in ``provenance["kinds"]``. Since 1998, 98.6% of the roll calls of
        unvotes have a kind then; the others stay unknown.
    """
    source = library.roll_calls.set_index("roll_call")["kind"]
    pairs = reconciliation.matches.set_index("roll_call_a")["roll_call_b"]
    calls = record.roll_calls.copy()
    found = calls["roll_call"].map(pairs.map(source.to_dict()).to_dict())
    taken = calls["kind"].eq("unknown") & found.notna() & found.ne("unknown")
    calls.loc[taken, "kind"] = found[taken]
    names = pd.Index(calls.loc[taken, "roll_call"])
    what = "The kind is that of the same roll call in the other record, which has adopted texts."
    log = _log(record.log, "kind_from_match", names, what)
    said = f"Kinds of {len(names)} roll calls are those of their match in another record."
    provenance = {**record.provenance, "kinds": said}
    return replace(record, roll_calls=calls, log=log, provenance=provenance)


def _log(log: pd.DataFrame, rule: str, names: pd.Index, what: str) -> pd.DataFrame:
    """Return the log with one more row."""
    row = {
        "rule": rule,
        "table": "roll_calls",
        "effect": "repaired",
        "rows": len(names),
        "what": what,
        "examples": json.dumps([str(name) for name in names[:5]]),
    }
    return pd.concat([log, pd.DataFrame([row])], ignore_index=True)
