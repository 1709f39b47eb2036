"""How texts were adopted: by recorded vote, by a vote that was counted only, or without a vote."""

from __future__ import annotations

from typing import Final

import pandas as pd

from helpers.errors import ParameterError, must_be_one_of
from helpers.record.tables import ISSUES, MODALITIES, Record

BY: Final = ("year", "subject", "body")
"""What `count_modalities` counts by."""


def has_consensus(record: Record, body: str = "GA") -> bool:
    """Say whether a record has texts adopted without a vote, as far as one can know."""
    calls = record.roll_calls
    return bool((calls["body"].eq(body) & calls["modality"].eq("without a vote")).any())


def count_modalities(record: Record, *, by: str = "year", body: str = "GA") -> pd.DataFrame:
    """Count how the texts of a body were adopted, by year, subject or body.

    Answers: how much of what was decided was put to a vote at all? For the Assembly that takes the
    Library's file of all resolutions; from the voting file alone every text has a vote.

    Parameters
    ----------
    record : Record
    by : {"year", "subject", "body"}
        A text of several subjects counts in each, one of none under ``none``.
    body : {"GA", "SC"}
        Ignored where ``by`` is ``body``.

    Returns
    -------
    pandas.DataFrame
        The column ``by``, ``texts``, a column each of ``recorded_vote``, ``non_recorded_vote``,
        ``without_a_vote``, ``unknown``, and ``share_without`` (0 to 1; of the texts of which the
        modality is known; NaN where it is of none).

    Raises
    ------
    ParameterError
        ``by`` is none of these.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> table = count_modalities(load_record("dossier"), by="body")
    >>> table[["body", "without_a_vote"]].values.tolist()
    [['GA', 0], ['SC', 0]]
    """
    if by not in BY:
        raise ParameterError(must_be_one_of("by", by, BY))
    calls = record.roll_calls[record.roll_calls["outcome"].isin(["adopted", "unknown"])]
    calls = calls if by == "body" else calls[calls["body"].eq(body)]
    calls = calls.assign(year=calls["date"].dt.year, subject=_subjects(calls))
    if by == "subject":
        calls = calls.explode("subject")
    calls = calls.dropna(subset=by)
    table = pd.crosstab(calls[by], calls["modality"]).reindex(
        columns=list(MODALITIES), fill_value=0
    )
    known = table.drop(columns="unknown").sum(axis=1)
    share = table["without a vote"] / known.where(known > 0)
    table.columns = pd.Index([name.replace(" ", "_").replace("-", "_") for name in table.columns])
    table.insert(0, "texts", table.sum(axis=1))
    return table.assign(share_without=share).rename_axis(by).reset_index()


def _subjects(calls: pd.DataFrame) -> pd.Series:
    """Return the subject codes of each roll call as a list; ``none`` where there is none."""
    lists = calls["issues"].fillna("").astype("str").str.split()
    return lists.map(lambda codes: [c for c in codes if c in ISSUES] or ["none"])
