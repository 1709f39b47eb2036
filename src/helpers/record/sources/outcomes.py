"""All resolutions of the Assembly with their mode of adoption: the Library's record 4060945.

One row a resolution (``*_ga_outcomes.csv``), adopted by recorded vote, by a vote that was counted
only, or without a vote. Put beside the Library's voting file it makes consensus visible: its
resolutions without a recorded vote join the roll calls, without votes of members.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import FormatError
from helpers.record import files
from helpers.record.sources.catalogue import recognise
from helpers.record.sources.undl import (
    gather_roll_calls,
    make_keys,
    plain_column,
    read_categories,
)
from helpers.record.tables import RawRecord

_COLUMNS: Final = {
    "date": "date",
    "session": "session",
    "resolution": "symbol",
    "title": "title",
    "agenda_title": "agenda",
    "meeting": "meeting",
    "draft": "draft",
    "modality": "modality",
    "vote_note": "note",
    "total_yes": "yes",
    "total_no": "no",
    "total_abstentions": "abstain",
    "total_non_voting": "absent",
    "undl_link": "url",
}
REQUIRED: Final = ("resolution", "date", "modality")


def read_outcomes(path: str | Path) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Read the file of outcomes.

    Parameters
    ----------
    path : str or Path
        The file, plain or packed.

    Returns
    -------
    tuple
        One row a resolution in the layout of `RawRecord.roll_calls`, the key being the number of
        the Library's record; and what is to be logged.

    Raises
    ------
    FormatError
        Another layout.
    DataError
        A date, total or record number that is none (with line and column).
    MissingDataError, UnsafeFileError
        As `helpers.record.files.open_bytes`.
    """
    path = Path(path)
    written = files.read_header(path)
    names = {plain_column(name): name for name in written}
    missing = [name for name in (*REQUIRED, "undl_id") if name not in names]
    if recognise(written) != ("outcomes", "resolutions") or missing:
        lacks = f"lacks the columns {', '.join(missing)}" if missing else "is not that"
        raise FormatError(
            f"{path}: line 1 {lacks} of the Library's file of all resolutions (undl_id, "
            "resolution, date, modality)"
        )
    wanted = ["undl_id", *(name for name in _COLUMNS if name in names)]
    table = read_categories(path, [names[name] for name in wanted])
    table.columns = pd.Index(wanted)
    calls, log = gather_roll_calls(path, table, make_keys(path, table), _COLUMNS)
    return calls.assign(body="GA", outcome="adopted"), log


def add_outcomes(raw: RawRecord, path: str | Path) -> RawRecord:
    """Add the resolutions that a voting file does not have to its roll calls.

    Parameters
    ----------
    raw : RawRecord
        From the Library's Assembly file.
    path : str or Path
        The file of outcomes.

    Returns
    -------
    RawRecord
        The same votes; the roll calls of the voting file with the modality that the other states,
        and those that only it has.
    """
    calls, log = read_outcomes(path)
    voted = raw.roll_calls.astype({"key": "str"})
    stated = calls.set_index("key")["modality"]
    nothing = pd.Series(pd.NA, index=voted.index, dtype="str")
    own = voted.get("modality", nothing)
    voted = voted.assign(modality=own.fillna(voted["key"].map(stated).astype("str")))
    more = calls[~calls["key"].isin(voted["key"])]
    together = pd.concat([voted, more], ignore_index=True)
    entry = {
        "rule": "outcomes_added",
        "table": "roll_calls",
        "effect": "flagged",
        "rows": len(more),
        "what": f"Resolutions without votes by member were added from {Path(path).name}.",
        "examples": more["symbol"].dropna().astype("str").tolist()[:5],
    }
    return replace(raw, roll_calls=together, log=(*raw.log, *log, entry))
