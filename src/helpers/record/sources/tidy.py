"""Any long table of votes: one row per member and roll call, under our names or mapped onto them.

The layout (``docs/tidy.md``) has the columns ``roll_call``, ``date``, ``member`` and ``vote``, and
whatever else of :data:`OPTIONAL` is known; what is known of a roll call is repeated in its rows.
Members are names, codes of two or three letters, or Correlates of War numbers; votes are words or
letters, and numbers only where the caller says what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import DataError, FormatError, ParameterError, did_you_mean, must_be_one_of
from helpers.record import files
from helpers.record.members import codes_to_members
from helpers.record.sources import _frames
from helpers.record.sources.lookalikes import name_look_alike
from helpers.record.sources.rda import is_r_data
from helpers.record.sources.undl import gather_roll_calls, read_categories
from helpers.record.tables import BODIES, KINDS, OUTCOMES, RawRecord

REQUIRED: Final = ("roll_call", "date", "member", "vote")
OPTIONAL: Final = (
    *("body", "session", "symbol", "title", "agenda", "meeting", "draft", "kind", "outcome"),
    *("modality", "proposer", "issues", "yes", "no", "abstain", "absent", "note", "url"),
)
"""Columns that may be there as well; they mean what they mean in a clean record."""

OTHER_NAMES: Final = {
    "roll_call": ("rcid", "vote_id", "roll_call_id", "undl_id", "resolution", "symbol"),
    "member": (
        *("member_state", "state", "country", "country_name", "ms_name", "iso3", "iso3c", "iso2"),
        *("iso", "country_code", "ms_code", "ccode", "cow"),
    ),
    "vote": ("ms_vote",),
    "symbol": ("resolution", "unres"),
    "agenda": ("agenda_title", "agenda_item"),
}
"""Names under which a column is found as well, where nothing else is declared; first one first."""

_ALLOWED: Final = {"body": BODIES, "kind": KINDS, "outcome": OUTCOMES}


def read_tidy(path: str | Path, columns: Mapping[str, str] | None = None) -> RawRecord:
    """Read a long table of votes.

    Parameters
    ----------
    path : str or Path
        Text with commas or tabs, a file of R or of Stata; plain or packed.
    columns : mapping, optional
        Our name of a column -> its name in the file, for those that are called otherwise.

    Returns
    -------
    RawRecord
        Source ``tidy``; the key is ``roll_call``. A roll call whose symbol begins with ``S/`` is of
        the Council, unless the column ``body`` says otherwise; without a date its session says
        which states were members.

    Raises
    ------
    ParameterError
        ``columns`` names a column of ours or of the file that there is not.
    FormatError
        One of the four columns lacks; the sentence says what the file seems to be.
    DataError
        A date, total, body, kind or outcome that is none (with line and column).
    MissingDataError, UnsafeFileError
        As `helpers.record.files.open_bytes`.
    """
    path = Path(path)
    is_text = not _is_binary(path)
    header = files.read_header(path) if is_text else _frames.column_names(path)
    chosen = choose_columns(path, header, columns or {})
    table = _read_columns(path, chosen, is_text)
    key = table["roll_call"].astype("str").str.strip().astype("category")
    known = {name: name for name in (*REQUIRED, *OPTIONAL) if name in table}
    for name in ("roll_call", "member", "vote"):
        known.pop(name)
    calls, log = gather_roll_calls(path, table, key, known)
    _check_words(path, table)
    if "date" not in calls:
        calls["date"] = pd.Series(pd.NaT, index=calls.index, dtype="datetime64[s]")
    calls["body"] = _find_bodies(calls)
    rows = _name_members(key, table)
    names = {"name": chosen["member"], "code": chosen["member"], "cow": chosen["member"]}
    names["vote"] = chosen["vote"]
    return RawRecord("tidy", rows, calls, tuple(log), str(path), names)


def choose_columns(path: Path, header: list[str], declared: Mapping[str, str]) -> dict[str, str]:
    """Return our name -> the file's name of every column that is there.

    Raises
    ------
    ParameterError, FormatError
        As :func:`read_tidy`.
    """
    plain = {re.sub(r"[^0-9a-z]+", "_", name.strip().lower()).strip("_"): name for name in header}
    chosen: dict[str, str] = {}
    for name, given in declared.items():
        if name not in (*REQUIRED, *OPTIONAL):
            raise ParameterError(must_be_one_of("columns", name, (*REQUIRED, *OPTIONAL)))
        if given not in header:
            raise ParameterError(
                f"columns: {name}={given}: {path} has no such column{did_you_mean(given, header)}"
            )
        chosen[name] = given
    for name in (*REQUIRED, *OPTIONAL):
        fits = [n for n in (name, *OTHER_NAMES.get(name, ())) if n in plain]
        if name not in chosen and fits:
            chosen[name] = plain[fits[0]]
    lacking = [n for n in REQUIRED if n not in chosen and not (n == "date" and "session" in chosen)]
    if lacking:
        raise FormatError(f"{path}: {_say_lacking(path, header, lacking)}")
    return chosen


def _say_lacking(path: Path, header: list[str], lacking: list[str]) -> str:
    """Word which columns lack, and what the table seems to be if it is no long table."""
    first = [] if _is_binary(path) else files.read_first_column(path)
    seems = name_look_alike(header, first)
    if seems:
        return f"seems to be {seems}, not single votes"
    shown = ", ".join(header[:8]) + (", ..." if len(header) > 8 else "")
    what = "column" if len(lacking) == 1 else "columns"
    return (
        f"lacks the {what} {', '.join(lacking)} of the tidy layout (it has {shown}); if they are "
        f"called otherwise, say so: --columns {lacking[0]}=NAME"
    )


def _is_binary(path: Path) -> bool:
    head = files.read_head(path, 16)
    return is_r_data(head) or head.startswith(b"<stata_dta>")


def _read_columns(path: Path, chosen: dict[str, str], is_text: bool) -> pd.DataFrame:
    """Return the chosen columns as categories of text, under our names; some may be one column."""
    distinct = list(dict.fromkeys(chosen.values()))
    if is_text:
        table = read_categories(path, distinct)
    else:
        frame = max(_frames.read_frames(path, distinct, ()), key=len)
        plain = {given: frame[given.strip().lower().lstrip("_")] for given in distinct}
        table = pd.DataFrame({name: _as_text(column) for name, column in plain.items()})
    return pd.DataFrame({name: table[given] for name, given in chosen.items()})


def _as_text(column: pd.Series) -> pd.Series:
    """Return any column as categories of text, with nothing for what is missing."""
    return column.astype("str").where(column.notna(), "").astype("category")


def _check_words(path: Path, table: pd.DataFrame) -> None:
    """Refuse a body, kind or outcome that there is not."""
    for name, allowed in _ALLOWED.items():
        if name not in table:
            continue
        text = table[name].astype("str").str.strip()
        wrong = ~text.isin(["", *allowed])
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            what = must_be_one_of(name, text.iloc[row], allowed)
            raise DataError(f"{path}: line {row + 2}, column {what}")


def _find_bodies(calls: pd.DataFrame) -> pd.Series:
    """Return the body of each roll call: as it says, else by its symbol."""
    symbol = calls.get("symbol", pd.Series("", index=calls.index)).fillna("").astype("str")
    by_symbol = symbol.str.startswith("S/").map({True: "SC", False: "GA"}).astype("str")
    return calls["body"].fillna(by_symbol) if "body" in calls else by_symbol


def _name_members(key: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, with the members as numbers, as codes, or as names and codes mixed."""
    member = table["member"]
    plain = pd.Series(member.cat.categories.astype("str")).str.strip()
    rows: dict[str, Any] = {"key": key, "vote": table["vote"]}
    if plain.str.fullmatch(r"\d+(?:\.0)?").all():
        return pd.DataFrame(rows | {"cow": member.astype("str")})
    any_day = pd.Series(pd.NaT, index=plain.index, dtype="datetime64[s]")
    codes = codes_to_members(plain.str.upper(), any_day).notna() | plain.str.fullmatch("[A-Z]{2,3}")
    if codes.all():
        return pd.DataFrame(rows | {"code": member})
    names = dict(zip(member.cat.categories, plain.str.upper().where(codes), strict=True))
    return pd.DataFrame(rows | {"name": member, "code": member.astype("str").map(names)})
