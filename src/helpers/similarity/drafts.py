"""The Council with its vetoed and failed drafts beside the texts that it adopted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from helpers.ballots import build_ballots
from helpers.errors import SelectionError
from helpers.record import Record
from helpers.similarity.measures import Similarity, measure_similarity
from helpers.store import Shown

PERMANENT: Final = "P5"


@dataclass(frozen=True, repr=False)
class DraftComparison(Shown):
    """Similarity of members of the Council without and with the texts that it did not adopt.

    Attributes
    ----------
    table : pandas.DataFrame
        ``member_a member_b adopted n_adopted with_drafts n_with_drafts difference``, one row a
        dyad: the similarity over adopted texts, over them and the drafts whose votes are known by
        member, and the second less the first.
    drafts : int
        Drafts, amendments and preliminary questions that were added.
    unknown : int
        Those of the period whose votes are not known by member, and are in neither column.
    measure, distance : str
        What was measured.
    """

    table: pd.DataFrame
    drafts: int
    unknown: int
    measure: str
    distance: str


def compare_with_drafts(
    record: Record,
    *,
    measure: str = "agreement",
    distance: str = "linear",
    members: str | tuple[str, ...] = PERMANENT,
    date_from: str = "",
    date_to: str = "",
) -> DraftComparison:
    """Compare similarity in the Council over adopted texts with that over all texts put to a vote.

    Answers: how alike do the permanent members look when the texts that one of them stopped are
    left out, as every voting file of the United Nations leaves them out, and how alike with them?

    Parameters
    ----------
    record : Record
        The source ``council``: adopted texts with the drafts beside them.
    measure, distance : str
        As in `helpers.similarity.measure_similarity`.
    members : str or tuple of str
        As in `helpers.ballots.build_ballots`.
    date_from, date_to : str
        ISO dates, both inclusive; empty for no bound.

    Returns
    -------
    DraftComparison

    Raises
    ------
    SelectionError
        The record has no adopted or no other text in the period.

    Notes
    -----
    Votes by member are known for 107 of 363 drafts, most of them of the years since 1952 in which
    the tally leaves no other way or a report prints them: the second column is no census.
    """
    calls = record.roll_calls
    period = {"date_from": date_from, "date_to": date_to}
    adopted = calls["outcome"].eq("adopted")
    parts = {}
    for name, chosen in (("adopted", calls[adopted]), ("with_drafts", calls)):
        part = Record(record.members, chosen, record.votes, record.log, record.provenance)
        ballots = build_ballots(part, body="SC", members=members, **_options(period))
        found = measure_similarity(ballots, measure, distance=distance, min_shared=1)
        parts[name] = ballots, found
    chosen = parts["with_drafts"][0].roll_calls
    drafts = int(chosen["outcome"].ne("adopted").sum())
    if drafts == 0:
        raise SelectionError(
            "drafts: this record has no vetoed or failed draft in the period; use the source "
            "'council', which has them beside the adopted texts"
        )
    whole = calls[~adopted & calls["body"].eq("SC") & ~calls["rolled"]]
    if date_from:
        whole = whole[whole["date"] >= pd.Timestamp(date_from)]
    if date_to:
        whole = whole[whole["date"] <= pd.Timestamp(date_to)]
    found = parts["adopted"][1]
    table = _side_by_side(found, parts["with_drafts"][1])
    return DraftComparison(table, drafts, len(whole), found.measure, found.distance)


def _options(period: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in period.items() if value}


def _side_by_side(adopted: Similarity, both: Similarity) -> pd.DataFrame:
    keys = ["member_a", "member_b"]
    columns = [*keys, "value", "n_shared"]
    first = adopted.table[columns].set_axis([*keys, "adopted", "n_adopted"], axis=1)
    second = both.table[columns].set_axis([*keys, "with_drafts", "n_with_drafts"], axis=1)
    table = first.merge(second, on=keys, how="outer")
    return table.assign(difference=table["with_drafts"] - table["adopted"])
