"""A change of agreement in parts that add up: behaviour, agenda, subjects of one period only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, draw_weights
from helpers.errors import SelectionError
from helpers.record import ISSUES, NO, YES, match_words
from helpers.store import Shown

Floats = NDArray[np.float64]

PARTS: Final = {
    "behaviour": "the two voted otherwise on the same subjects",
    "agenda": "the same subjects came to a vote more or less often",
    "only before": "subjects that were not voted on after",
    "only after": "subjects that were not voted on before",
}
"""Parts of a change and what each is; they add up to it."""

OTHER: Final = "other"


@dataclass(frozen=True, repr=False)
class SimilarityParts(Shown):
    """Why the agreement of two members changed between two periods.

    Attributes
    ----------
    focus, reference : str
        The two members.
    before, after : float
        Share of equal votes in the two periods, 0 to 1.
    table : pandas.DataFrame
        ``part, value, low, high`` of the parts of ``PARTS`` and of ``change``, which is their sum.
    by_subject : pandas.DataFrame
        ``subject, n_before, n_after, agreement_before, agreement_after`` (NaN: no vote) and what
        the subject gives to each part; the columns add up to the rows of ``table``.
    undefined : int
        Replicates without a subject in both periods, left out of the intervals.
    replicates, level, seed : int, float, int
        As given to `split_change`.
    """

    focus: str
    reference: str
    before: float
    after: float
    table: pd.DataFrame
    by_subject: pd.DataFrame
    undefined: int
    replicates: int
    level: float
    seed: int

    def part(self, name: str) -> float:
        """Return the value of a part, or of ``change``."""
        return float(self.table.set_index("part")["value"][name])


def split_change(
    before: Ballots,
    after: Ballots,
    focus: str,
    reference: str,
    *,
    subject: str = "",
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> SimilarityParts:
    """Split the change of two members' agreement between two periods into parts that add up.

    Answers: did they vote otherwise, or was something else voted on? A part of a year does not
    have the subjects of a year: what the nuclear votes of autumn give is set apart, not taken
    for behaviour.

    Parameters
    ----------
    before, after : Ballots
        Votes of the two periods, with the roll calls' titles and issues.
    focus, reference : str
        The two members.
    subject : str
        Words of a subject of its own, as in `match_words`; the rest goes by the first issue code.
    replicates : int
        Resamples of the blocks of each period.
    level : float
        Level of the intervals, 0 to 1.
    seed : int
        Seed of the resamples.

    Returns
    -------
    SimilarityParts

    Raises
    ------
    SelectionError
        The two never voted on the same roll call of a period, or on no subject in both.

    Notes
    -----
    With shares ``w`` and agreements ``a`` by subject s and period, C the subjects of both periods
    and ``a_C`` the agreement on them: behaviour ``sum_C (w0 + w1) / 2 (a1 - a0)`` and agenda
    ``sum_C (a0 + a1) / 2 (w1 - w0)``, shares within C; only before ``a0_C - a0``; only after
    ``a1 - a1_C``. The four add up to ``a1 - a0``.

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates, JASA 50, equation 3.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> record = load_record("dossier")
    >>> old = build_ballots(record, date_to="2024-12-31")
    >>> new = build_ballots(record, date_from="2025-01-01", kinds=["resolution"])
    >>> parts = split_change(old, new, "USA", "RUS", replicates=20)
    >>> parts.before, parts.after, parts.part("behaviour")
    (0.0, 0.5, 0.5)
    """
    old, new = (_compare(b, focus, reference, subject) for b in (before, after))
    names = sorted(set(old.labels) | set(new.labels))
    counts = [_count(side, names) for side in (old, new)]
    if not (counts[0].n * counts[1].n > 0).any():
        raise SelectionError(
            f"{focus} and {reference}: no subject was voted on in both periods; widen one of them"
        )
    point = _split(*counts)
    draws = [
        _count(side, names, draw_weights(side.blocks, replicates, seed + i))
        for i, side in enumerate((old, new))
    ]
    spread = _split(*draws)
    defined = (draws[0].n * draws[1].n > 0).any(axis=1)
    values = {part: point[part].sum() for part in PARTS}
    rows = {part: spread[part].sum(axis=1)[defined] for part in PARTS}
    values["change"], rows["change"] = sum(values.values()), np.sum(list(rows.values()), axis=0)
    tail = (1 - level) / 2
    table = pd.DataFrame(
        [(name, values[name], *np.quantile(rows[name], [tail, 1 - tail])) for name in values],
        columns=["part", "value", "low", "high"],
    )
    with np.errstate(invalid="ignore"):
        subjects = pd.DataFrame(
            {
                "subject": names,
                "n_before": counts[0].n.astype(int),
                "n_after": counts[1].n.astype(int),
                "agreement_before": counts[0].equal / counts[0].n,
                "agreement_after": counts[1].equal / counts[1].n,
                **point,
            }
        )
    return SimilarityParts(
        focus=focus,
        reference=reference,
        before=float(old.equal.mean()),
        after=float(new.equal.mean()),
        table=table,
        by_subject=subjects,
        undefined=int((~defined).sum()),
        replicates=replicates,
        level=level,
        seed=seed,
    )


def label_subjects(roll_calls: pd.DataFrame, subject: str = "") -> pd.Series:
    """Return the one subject that each roll call counts under.

    Parameters
    ----------
    roll_calls : pandas.DataFrame
        Columns ``title agenda session issues``.
    subject : str
        Words that make a subject of their own, before all others; a code makes none.

    Returns
    -------
    pandas.Series of str
        ``subject``, else the name of the first code of ``issues``, else ``other``.
    """
    first = roll_calls["issues"].fillna("").str.extract(r"^(\w+)", expand=False)
    labels = first.map(ISSUES).fillna(OTHER)
    if not subject or subject in ISSUES:
        return labels
    return labels.mask(match_words(roll_calls, subject), subject)


class _Side(NamedTuple):
    """Roll calls of one period on which both voted: subject, equal votes, block."""

    labels: list[str]
    equal: NDArray[np.bool_]
    blocks: NDArray[np.int64]


class _Counts(NamedTuple):
    """Votes and equal votes by subject (last axis), of the record or of each replicate."""

    n: Floats
    equal: Floats


def _compare(ballots: Ballots, focus: str, reference: str, subject: str) -> _Side:
    votes = ballots.take(members=[focus, reference]).votes
    both = ((votes >= YES) & (votes <= NO)).all(axis=1)
    if not both.any():
        raise SelectionError(f"{focus} and {reference} share no vote in one of the periods")
    labels = label_subjects(ballots.roll_calls, subject).to_numpy()[both]
    _, blocks = np.unique(ballots.blocks[both], return_inverse=True)
    return _Side(list(labels), votes[both, 0] == votes[both, 1], blocks)


def _count(side: _Side, names: list[str], draws: NDArray[np.uint8] | None = None) -> _Counts:
    member = (np.array(side.labels)[:, None] == np.array(names)).astype(np.float64)
    weights = np.ones(len(member)) if draws is None else draws.astype(np.float64)
    return _Counts(weights @ member, weights @ (member * side.equal[:, None]))


def _split(old: _Counts, new: _Counts) -> dict[str, Floats]:
    """Return what each subject gives to each part; the last axis is the subjects."""
    with np.errstate(invalid="ignore", divide="ignore"):
        both = (old.n > 0) & (new.n > 0)
        a0, a1 = (np.where(c.n > 0, c.equal / c.n, 0) for c in (old, new))
        w0, w1 = (np.where(both, c.n, 0) for c in (old, new))
        w0, w1 = (w / w.sum(axis=-1, keepdims=True) for w in (w0, w1))
        common0 = (w0 * a0).sum(axis=-1, keepdims=True)
        common1 = (w1 * a1).sum(axis=-1, keepdims=True)
        share0 = old.n / old.n.sum(axis=-1, keepdims=True)
        share1 = new.n / new.n.sum(axis=-1, keepdims=True)
    return {
        "behaviour": (w0 + w1) / 2 * (a1 - a0),
        "agenda": (a0 + a1) / 2 * (w1 - w0),
        "only before": np.where(both, 0, share0 * (common0 - a0)),
        "only after": np.where(both, 0, share1 * (a1 - common1)),
    }
