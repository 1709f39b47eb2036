"""Every published number beside ours: the same, known to differ, or a difference to look into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ParameterError, must_be_one_of
from helpers.record import OTHER_DEFINITIONS, VOTES, Record, load_drafts, read_published
from helpers.similarity.measures import measure_counts
from helpers.similarity.presets import PRESETS, WHOLE_TEXTS, Preset
from helpers.store import Shown

SAME: Final = "same"
KNOWN: Final = "known to differ"
DIFFERS: Final = "differs"
NOT_HERE: Final = "not in this record"

_YES, _ABSTAIN, _NO, _ABSENT = range(4)
_PERCENT: Final = 100.0


@dataclass(frozen=True, repr=False)
class Check(Shown):
    """Published figures beside those of a record.

    Attributes
    ----------
    table : pandas.DataFrame
        ``figure definition period member published ours difference tolerance verdict known
        source``, one row a published figure. ``ours`` is NaN where the record has no such thing;
        ``verdict`` is ``same`` (within the tolerance), ``known to differ`` (and ``known`` says
        why), ``differs`` or ``not in this record`` (its dates do not reach there).
    source : str
        The record's source.
    """

    table: pd.DataFrame
    source: str

    @property
    def agrees(self) -> bool:
        """Whether no figure differs that is not known to."""
        return not self.table["verdict"].eq(DIFFERS).any()

    @property
    def summary(self) -> pd.DataFrame:
        """One row a figure and definition: how many are there, and how many of each verdict."""
        counts = pd.crosstab(
            [self.table["figure"], self.table["definition"]], self.table["verdict"]
        )
        return counts.reindex(columns=[SAME, KNOWN, DIFFERS, NOT_HERE], fill_value=0).reset_index()


def check_published(record: Record, published: pd.DataFrame | None = None) -> Check:
    """Compute every published figure from a record and compare.

    Answers: does this record give the numbers that official reports print, and where it does not,
    is it known why?

    Parameters
    ----------
    record : Record
        Assembly or Council or both; figures beyond its dates are not judged.
    published : DataFrame, optional
        From `helpers.record.read_published`; the package's own when left out.

    Returns
    -------
    Check

    Raises
    ------
    ParameterError
        A definition is no preset.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> found = check_published(load_record("dossier")).table
    >>> found.loc[found["verdict"].ne("not in this record"), ["period", "verdict"]].values.tolist()
    [['S/RES/2623', 'known to differ']]
    """
    facts = read_published(definitions=tuple(PRESETS)) if published is None else published
    allowed = (*PRESETS, *OTHER_DEFINITIONS)
    for definition in facts["definition"].unique():
        if definition not in allowed:
            raise ParameterError(must_be_one_of("definition", definition, allowed))
    book = _Book(record)
    rows = []
    for fact in facts.to_dict("records"):
        ours = float("nan")
        covered = book.covers(fact)
        if covered:
            ours = float(COMPUTE[str(fact["figure"])](book, fact))
        rows.append(_judge(fact, ours, covered))
    return Check(pd.DataFrame(rows), str(record.provenance.get("source", "")))


def _judge(fact: Mapping[Any, Any], ours: float, covered: bool) -> dict[str, Any]:
    """Put one published figure beside ours."""
    difference = ours - fact["value"]
    agrees = abs(difference) <= fact["tolerance"]
    verdict = SAME if agrees else KNOWN if fact["known"] else DIFFERS
    return {
        "figure": fact["figure"],
        "definition": fact["definition"],
        "period": fact["period"],
        "member": fact["member"],
        "published": fact["value"],
        "ours": ours,
        "difference": difference,
        "tolerance": fact["tolerance"],
        "verdict": verdict if covered else NOT_HERE,
        "known": fact["known"],
        "source": fact["source"],
    }


class _Book:
    """The record laid open at a year or a roll call, each looked up once."""

    def __init__(self, record: Record):
        self.calls = record.roll_calls
        self.votes = record.votes
        self.year = self.calls["date"].dt.year
        self.rows_by_year = lru_cache(maxsize=None)(self._rows_of_year)
        self.tables = lru_cache(maxsize=None)(self._tables)

    def covers(self, fact: Mapping[Any, Any]) -> bool:
        """Say whether the record reaches to where a figure is: whole years of whole texts only."""
        body = "SC" if self._is_council(fact) else "GA"
        here = self.calls["body"].eq(body)
        year = str(fact["period"])
        if not year.isdigit():
            return bool((here & self.calls["symbol"].eq(year)).any()) or self._is_whole(here)
        return self._is_whole(here) and int(year) in set(self.year[here].dropna())

    def _is_whole(self, here: pd.Series) -> bool:
        return int(here.sum()) >= _WHOLE

    @staticmethod
    def _is_council(fact: Mapping[Any, Any]) -> bool:
        return fact["definition"] == "council" or str(fact["period"]).startswith("S/")

    def _rows_of_year(self, body: str, year: int) -> pd.DataFrame:
        return self.calls[self.calls["body"].eq(body) & self.year.eq(year) & self.calls["rolled"]]

    def texts(self, year: int, preset: Preset) -> pd.DataFrame:
        """Return the Assembly's roll calls of a year that a preset counts."""
        rows = self.rows_by_year("GA", year)
        return rows[rows["kind"].isin(preset.kinds or WHOLE_TEXTS)]

    def votes_on(self, calls: pd.DataFrame) -> pd.DataFrame:
        """Return votes on some roll calls: a table roll calls x members of codes, -1 for none."""
        codes = self.votes["roll_call"].cat.categories.get_indexer(pd.Index(calls["roll_call"]))
        place = np.full(len(self.votes["roll_call"].cat.categories) + 1, -1)
        place[codes] = np.arange(len(codes))
        rows = place[self.votes["roll_call"].cat.codes.to_numpy()]
        kept = rows >= 0
        members = self.votes["member"].cat.categories
        matrix = np.full((len(calls), len(members)), -1, np.int8)
        chosen = self.votes[kept]
        cast = chosen["vote"].cat.codes.to_numpy()
        matrix[rows[kept], chosen["member"].cat.codes.to_numpy()] = cast
        return pd.DataFrame(matrix, index=calls["symbol"], columns=members)

    def _tables(self, year: int, definition: str) -> tuple[list[str], NDArray[np.int64]]:
        """Return joint counts (members, 4, 4) of the reference's votes (axis 1) and members'."""
        preset = PRESETS[definition]
        votes = self.votes_on(self.texts(year, preset))
        reference = votes[preset.reference].to_numpy()
        cells = np.zeros((votes.shape[1], len(VOTES), len(VOTES)), np.int64)
        for theirs in range(len(VOTES)):
            for own in range(len(VOTES)):
                both = (reference == theirs)[:, None] & (votes.to_numpy() == own)
                cells[:, theirs, own] = both.sum(axis=0)
        return list(votes.columns), cells


_WHOLE: Final = 1000
"""So many roll calls of a body make a record whole; fewer are a selection of some subject."""


# ----------------------------------------------------------------------------- the figures


def _cells(book: _Book, fact: Mapping[Any, Any]) -> NDArray[np.int64]:
    """Return the joint counts of the reference and the member of a figure."""
    members, cells = book.tables(int(fact["period"]), str(fact["definition"]))
    if fact["member"] not in members:
        return np.zeros((len(VOTES), len(VOTES)), np.int64)
    found: NDArray[np.int64] = cells[members.index(str(fact["member"]))]
    return found


def _count_same(book: _Book, fact: Mapping[Any, Any]) -> float:
    return float(np.trace(_cells(book, fact)[:_ABSENT, :_ABSENT]))


def _count_opposite(book: _Book, fact: Mapping[Any, Any]) -> float:
    cells = _cells(book, fact)
    return float(cells[_YES, _NO] + cells[_NO, _YES])


def _count_partial(book: _Book, fact: Mapping[Any, Any]) -> float:
    """Count one abstaining; by the rule to 2020 also where the other was absent."""
    cells = _cells(book, fact)
    sides = [_YES, _NO]
    if PRESETS[str(fact["definition"])].partial_with_absent:
        sides.append(_ABSENT)
    return float(cells[_ABSTAIN, sides].sum() + cells[sides, _ABSTAIN].sum())


def _count_absent(book: _Book, fact: Mapping[Any, Any]) -> float:
    rest = _count_same(book, fact) + _count_opposite(book, fact) + _count_partial(book, fact)
    return float(_cells(book, fact).sum()) - rest


def _count_texts(book: _Book, fact: Mapping[Any, Any]) -> float:
    return float(len(book.texts(int(fact["period"]), PRESETS[str(fact["definition"])])))


def _count_cast(book: _Book, fact: Mapping[Any, Any]) -> float:
    texts = book.texts(int(fact["period"]), PRESETS[str(fact["definition"])])
    cast = book.votes_on(texts)[fact["member"]]
    return float(cast.eq(VOTES.index(str(fact["figure"]))).sum())


def _mean_percent(book: _Book, fact: Mapping[Any, Any]) -> float:
    """Mean over the members of their similarity with the reference, by the preset itself."""
    name = str(fact["definition"])
    members, cells = book.tables(int(fact["period"]), name)
    others = [i for i, member in enumerate(members) if member != PRESETS[name].reference]
    rule = PRESETS[name].absence
    size = len(VOTES) if rule == "half" else _ABSENT
    scores = measure_counts(cells[others, :size, :size], name, absence=rule)
    return _PERCENT * float(np.nanmean(scores))


def _count_resolutions(book: _Book, fact: Mapping[Any, Any]) -> float:
    calls = book.calls
    adopted = calls["body"].eq("SC") & calls["kind"].eq("resolution")
    return float((adopted & book.year.eq(int(fact["period"]))).sum())


def _count_unanimous(book: _Book, fact: Mapping[Any, Any]) -> float:
    calls = book.rows_by_year("SC", int(fact["period"]))
    votes = book.votes_on(calls[calls["kind"].eq("resolution")]).to_numpy()
    return float((np.where(votes < 0, _YES, votes) == _YES).all(axis=1).sum())


def _count_failed(_book: _Book, fact: Mapping[Any, Any]) -> float:
    drafts = load_drafts()
    year = drafts["date"].dt.year.eq(int(fact["period"]))
    return float((year & drafts["kind"].eq("draft")).sum())


def _votes_on_symbol(book: _Book, fact: Mapping[Any, Any]) -> pd.Series | None:
    calls = book.calls[book.calls["symbol"].eq(fact["period"]) & book.calls["rolled"]]
    return None if calls.empty else book.votes_on(calls.iloc[:1]).iloc[0]


def _is_alone(book: _Book, fact: Mapping[Any, Any]) -> float:
    votes = _votes_on_symbol(book, fact)
    if votes is None:
        return float("nan")
    against = votes.index[votes.eq(_NO)]
    return float(list(against) == [fact["member"]])


def _read_vote(book: _Book, fact: Mapping[Any, Any]) -> float:
    votes = _votes_on_symbol(book, fact)
    return float("nan") if votes is None else float(votes[fact["member"]] + 1)


COMPUTE: Final[dict[str, Callable[[_Book, Mapping[Any, Any]], float]]] = {
    "same": _count_same,
    "opposite": _count_opposite,
    "partial": _count_partial,
    "absent": _count_absent,
    "votes": _count_texts,
    "yes": _count_cast,
    "no": _count_cast,
    "abstain": _count_cast,
    "mean": _mean_percent,
    "resolutions": _count_resolutions,
    "unanimous": _count_unanimous,
    "failed": _count_failed,
    "alone": _is_alone,
    "vote": _read_vote,
}
"""How each figure of `helpers.record.published.FIGURES` is computed."""
