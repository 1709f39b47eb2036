"""How one member voted over all subjects in a period: counts written down with their source.

They stand beside the dossier (``data/raw/ukraine/all_subjects_2025.csv``), whose votes are on one
subject and cannot say whether a change was about that subject or about everything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import DataError, MissingDataError
from helpers.record.members import load_members
from helpers.record.sources._dossier_files import find_folder
from helpers.record.tables import VOTES

FILE: Final = "all_subjects_2025.csv"
COLUMNS: Final = ("count", "member", "other", "value", "of", "date_from", "date_to", "source")
COUNTS: Final = (*VOTES, "same")
"""What is counted: votes of the member, or votes in which it and another voted the same."""


def read_overall(folder: str | Path | None = None) -> pd.DataFrame:
    """Read how a member voted over all subjects, beside the votes of the dossier.

    Parameters
    ----------
    folder : path, optional
        Folder with ``all_subjects_2025.csv``; the project's own dossier by default.

    Returns
    -------
    pandas.DataFrame
        ``count`` (``yes``, ``abstain``, ``no``, ``absent`` or ``same``), ``member``, ``other``
        (with whom it was the same; empty otherwise), ``value`` out of ``of`` votes, ``date_from``,
        ``date_to`` (first and last day) and ``source``.

    Raises
    ------
    MissingDataError
        The folder or the file is not there.
    DataError
        One sentence with all faults of the file, each with its line and column.

    Examples
    --------
    >>> overall = read_overall().set_index(["count", "other"])
    >>> overall.loc[("same", "RUS"), ["value", "of"]].tolist()
    [25, 192]
    """
    path = find_folder(folder) / FILE
    if not path.exists():
        raise MissingDataError(f"{path}: this file of the dossier is missing; restore it")
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, UnicodeDecodeError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path}: this is no CSV ({error}); restore it") from error
    if tuple(table.columns) != COLUMNS:
        raise DataError(f"{path}: the columns must be {', '.join(COLUMNS)}; restore them")
    members = set(load_members()["member"])
    faults = [
        f"line {line}, {fault}"
        for line, row in enumerate(table.to_dict("records"), 2)
        for fault in _find_faults(row, members)
    ] or _find_wrong_sums(table)
    if faults:
        raise DataError(f"{path}: {'; '.join(faults)}; correct what is named there")
    return table.astype({"value": "int64", "of": "int64"})


def _find_faults(row: dict[Any, str], members: set[str]) -> list[str]:
    """Return what is wrong with one row, each with its column."""
    numbers = row["value"].isdigit() and row["of"].isdigit()
    days = pd.to_datetime([row["date_from"], row["date_to"]], format="%Y-%m-%d", errors="coerce")
    same = row["count"] == "same"
    checks = {
        f"count: {row['count']!r} must be one of {', '.join(COUNTS)}": row["count"] in COUNTS,
        f"member: {row['member']!r} is no member": row["member"] in members,
        f"other: {row['other']!r} is no member": row["other"] in members or not same,
        "other: must be left out": same or not row["other"],
        f"value: {row['value']} of {row['of']} is no count": numbers
        and int(row["value"]) <= int(row["of"]),
        f"date_from: {row['date_from']} to {row['date_to']} is no period": not days.hasnans
        and days[0] <= days[1],
        "source: must be given": bool(row["source"].strip()),
    }
    return [fault for fault, holds in checks.items() if not holds]


def _find_wrong_sums(table: pd.DataFrame) -> list[str]:
    """Return where a member's votes do not add up to the votes of the period."""
    own = table[table["count"] != "same"].astype({"value": "int64", "of": "int64"})
    periods = own.groupby(["member", "date_from", "date_to"], as_index=False)
    sums = periods.agg({"value": "sum", "of": "max"}).to_dict("records")
    return [
        f"value: the votes of {row['member']} add up to {row['value']}, of {row['of']}"
        for row in sums
        if row["value"] != row["of"]
    ]
