"""The Library's authority file of member states: names, codes, dates, earlier and later names.

One row a name. A name may have been in use more than once (Egypt 1945 to 1958 and since 1971), and
a state has had several names one after the other. Two layouts are known: ``Member State, ISO Code,
Start date, End date, Earlier or Later Name, ...`` with dates in lists, and that of August 2026
(``member_state, iso, coverage_periods, earlier_names, later_names, ...``).
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import DataError, FormatError, MissingDataError
from helpers.record import files
from helpers.record.sources.catalogue import find_files, plain_name, recognise

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("name", "code", "m49", "from", "to", "earlier", "later", "other_names", "line")
"""Columns of what :func:`read_authority` returns."""

DISAGREEMENTS: Final = ("member", "what", "ours", "theirs", "line")
"""Columns of what :func:`check_members` returns."""

_DATE: Final = re.compile(r"\d{4}(?:-\d{2}){0,2}|\d{1,2}/\d{1,2}/\d{4}")
_LIST: Final = re.compile(r"\s*(?:[,;|]|\band\b)\s*")


@dataclass
class _Name:
    """A row of the file: a name, its codes, its links and the periods in which it was in use."""

    line: int
    name: str
    code: str
    m49: str
    earlier: str
    later: str
    other_names: str
    periods: list[tuple[str, str]] = field(default_factory=list)


def read_authority(path: str | Path) -> pd.DataFrame:
    """Read the authority file: one row per name and period of its use.

    Parameters
    ----------
    path : str or Path
        The file, in either layout, plain or packed.

    Returns
    -------
    pandas.DataFrame
        ``name, code, m49`` (Int16), ``from, to`` (datetime64[s]; NaT: no date, or still in use; of
        a year or month the first day), ``earlier, later, other_names`` (joined by ``|``), ``line``
        of the file.

    Raises
    ------
    FormatError
        Another layout.
    DataError
        Dates that can't be read or paired; all such lines are named.
    MissingDataError, UnsafeFileError
        As :func:`helpers.record.files.open_bytes`.
    """
    import pandas as pd

    path = Path(path)
    names, faults = [], []
    for line, cells in _read_cells(path):
        entry = _to_name(line, cells)
        try:
            entry.periods = _read_periods(cells) or [("", "")]
        except ValueError as error:
            faults.append(f"line {line}, {entry.name}: {error}")
        names.append(entry)
    if faults:
        raise DataError(f"{path}: {'; '.join(faults)}")
    rows = [_to_row(entry, first, last) for entry in names for first, last in entry.periods]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("from", "to"):
        table[column] = pd.to_datetime(table[column], format="%Y-%m-%d").astype("datetime64[s]")
    return table.assign(m49=pd.to_numeric(table["m49"]).astype("Int16"))


def _read_cells(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return line number and cells, by plain column name, of each row."""
    header = files.read_header(path)
    if recognise(header) != ("authority", "members"):
        raise FormatError(
            f"{path}: line 1 lacks the columns of the Library's authority file of member states "
            "(Member State, ISO Code, Start date, End date)"
        )
    files.check_utf8(path)
    with files.open_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=files.sniff_delimiter(path))
        columns = [plain_name(name) for name in next(reader)]
        rows = [(reader.line_num, dict(zip(columns, row, strict=False))) for row in reader]
    return [(line, {k: v.strip() for k, v in row.items()}) for line, row in rows if any(row)]


def _to_name(line: int, cells: dict[str, str]) -> _Name:
    """Return a row of either layout, without its periods."""
    linked = cells.get("earlier_or_later_name", "")
    is_earlier = cells.get("earlier_a_or_later_b", "").lower().startswith("a")
    return _Name(
        line=line,
        name=cells["member_state"],
        code=(cells.get("iso_code") or cells.get("iso", "")).upper(),
        m49=(cells.get("m49_code") or cells.get("m49", "")).removesuffix(".0"),
        earlier=cells.get("earlier_names", linked if is_earlier else ""),
        later=cells.get("later_names", "" if is_earlier else linked),
        other_names=cells.get("other_names", ""),
    )


def _to_row(entry: _Name, first: str, last: str) -> dict[str, Any]:
    written = {"from": first or None, "to": last or None, "m49": entry.m49 or None}
    kept = ("name", "code", "earlier", "later", "other_names", "line")
    return {name: getattr(entry, name) for name in kept} | written


def _read_periods(cells: dict[str, str]) -> list[tuple[str, str]]:
    """Return the periods of a row as pairs of ISO dates; an empty end: still in use."""
    if "coverage_periods" in cells:
        return [_read_period(part) for part in re.split(r"\s*[;|,]\s*", cells["coverage_periods"])]
    starts = [_iso(text) for text in _items(cells.get("start_date", ""))]
    ends = [_iso(text) for text in _items(cells.get("end_date", ""))]
    periods = []
    for start, following in zip(starts, [*starts, "9999"][1:], strict=True):
        end = ends.pop(0) if ends and start <= ends[0] < following else ""
        periods.append((start, end))
    if ends:
        raise ValueError(f"the end {ends[0]} belongs to no start ({', '.join(starts) or 'none'})")
    return periods


def _read_period(text: str) -> tuple[str, str]:
    """Return start and end of ``1945-10-24/1958-02-21`` or ``1971-09-02 -``."""
    found = [_iso(date) for date in _DATE.findall(text)]
    if not text:
        return "", ""
    if len(found) not in (1, 2) or found != sorted(found):
        raise ValueError(f"{text!r} is no period of two dates")
    return found[0], found[1] if len(found) == 2 else ""


def _items(cell: str) -> list[str]:
    return [item for item in _LIST.split(cell) if item]


def _iso(text: str) -> str:
    """Return a date as ISO; a month or year as its first day."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no date (1945-10-24)")
    if "/" in text:
        month, day, year = (int(part) for part in text.split("/"))
        return datetime.date(year, month, day).isoformat()
    return datetime.date.fromisoformat(f"{text}-01-01"[:10]).isoformat()


# ----------------------------------------------------------------------------- comparison


def check_our_members(mirror: str | Path = "") -> pd.DataFrame | None:
    """Compare our members table with the authority file, if that is on this machine.

    Parameters
    ----------
    mirror : str or Path
        As in :func:`helpers.record.sources.catalogue.find_files`.

    Returns
    -------
    pandas.DataFrame or None
        As :func:`check_members`; None where the file is not there.

    Raises
    ------
    FormatError, DataError
        The file is there and can't be read.
    """
    from helpers.record.members import load_members

    try:
        (path,) = find_files("authority", mirror)
    except MissingDataError:
        return None
    return check_members(load_members(), read_authority(path))


def check_members(members: pd.DataFrame, authority: pd.DataFrame) -> pd.DataFrame:
    """Compare a members table with the Library's authority file.

    Answers: do we have the same states, the same days of admission and leaving, the same codes and
    successions as the Library? Names that follow each other without a gap are one membership.

    Parameters
    ----------
    members : pandas.DataFrame
        Table with ``member, from, to``, as :func:`helpers.record.members.load_members` returns it.
    authority : pandas.DataFrame
        As :func:`read_authority` returns it; names without a date are left out.

    Returns
    -------
    pandas.DataFrame
        One row a disagreement, columns :data:`DISAGREEMENTS`; ``what`` is ``unknown name``,
        ``code``, ``only ours``, ``only theirs``, ``periods``, ``from``, ``to`` or ``succession``;
        ``line`` is that of the authority file (NA where there is none). Empty: all agree.
    """
    import pandas as pd

    dated = authority.dropna(subset="from").copy()
    dated["member"] = _find_members(dated["name"], dated["code"], dated["from"])
    known = dated.dropna(subset="member")
    unknown = dated[dated["member"].isna()]
    rows: list[tuple[Any, ...]] = [
        ("", "unknown name", "", f"{name} ({code})", line)
        for name, code, line in unknown[["name", "code", "line"]].to_numpy()
    ]
    rows += _compare_codes(known)
    rows += _compare_periods(_periods(members), _periods(known), known)
    rows += _compare_successions(known)
    table = pd.DataFrame(rows, columns=list(DISAGREEMENTS))
    table["line"] = table["line"].astype("Int64")
    return table.sort_values(["member", "what", "line"], ignore_index=True)


def _find_members(names: pd.Series, codes: pd.Series, dates: pd.Series) -> pd.Series:
    """Return the member of each name, or of its code where the name is unknown."""
    from helpers.record.members import codes_to_members, names_to_members

    by_name = names_to_members(names, dates).astype("str")
    return by_name.fillna(codes_to_members(codes, dates).astype("str"))


def _compare_codes(known: pd.DataFrame) -> list[tuple[Any, ...]]:
    """List names whose code stands for another member than the name."""
    from helpers.record.members import codes_to_members

    coded = known[known["code"].ne("")]
    by_code = codes_to_members(coded["code"], coded["from"]).astype("str")
    wrong = coded[by_code.ne(coded["member"])]
    return [
        (member, "code", member, f"{code} for {name}", line)
        for member, code, name, line in wrong[["member", "code", "name", "line"]].to_numpy()
    ]


def _periods(table: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return each member's periods as ISO dates, those without a gap joined."""
    import pandas as pd

    joined: dict[str, list[tuple[pd.Timestamp, pd.Timestamp]]] = {}
    far = pd.Timestamp("2262-01-01")
    ordered = table.sort_values(["member", "from"])
    spans = zip(ordered["member"], ordered["from"], ordered["to"].fillna(far), strict=True)
    for member, first, last in spans:
        periods = joined.setdefault(str(member), [])
        if periods and first <= periods[-1][1] + pd.Timedelta(days=1):
            periods[-1] = (periods[-1][0], max(last, periods[-1][1]))
        else:
            periods.append((first, last))
    return {
        member: [(f"{a:%Y-%m-%d}", "" if b == far else f"{b:%Y-%m-%d}") for a, b in periods]
        for member, periods in joined.items()
    }


def _compare_periods(
    ours: dict[str, list[tuple[str, str]]],
    theirs: dict[str, list[tuple[str, str]]],
    known: pd.DataFrame,
) -> list[tuple[Any, ...]]:
    """List members with other days of admission or leaving, or in one table only."""
    lines = known.groupby("member")["line"].min().to_dict()
    rows: list[tuple[Any, ...]] = []
    for member in sorted({*ours, *theirs}):
        mine, yours = ours.get(member, []), theirs.get(member, [])
        line = lines.get(member)
        if not mine or not yours:
            what = "only ours" if mine else "only theirs"
            rows.append((member, what, _say(mine), _say(yours), line))
        elif len(mine) != len(yours):
            rows.append((member, "periods", _say(mine), _say(yours), line))
        else:
            rows += [
                (member, what, a[i], b[i], line)
                for a, b in zip(mine, yours, strict=True)
                for i, what in enumerate(("from", "to"))
                if a[i] != b[i]
            ]
    return rows


def _say(periods: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{first} to {last or 'today'}" for first, last in periods)


def _compare_successions(known: pd.DataFrame) -> list[tuple[Any, ...]]:
    """List links to names that we don't know, or between members that we don't link."""
    from helpers.record.members import load_successions

    ours = {frozenset(pair) for pair in load_successions()[["predecessor", "successor"]].to_numpy()}
    links = _links(known)
    columns = ["member", "found", "other", "line"]
    rows: list[tuple[Any, ...]] = []
    for member, found, other, line in links[columns].fillna("").to_numpy():
        if not found:
            rows.append((member, "unknown name", "", other, line))
        elif found != member and frozenset((member, found)) not in ours:
            rows.append((member, "succession", "", f"{other} ({found})", line))
    return rows


def _links(known: pd.DataFrame) -> pd.DataFrame:
    """Return one row per link to another name, with the member it stands for at that day."""
    import pandas as pd

    day = pd.Timedelta(days=1)
    earlier = known.assign(other=known["earlier"], day=known["from"] - day)
    later = known.assign(other=known["later"], day=known["to"] + day)
    links = pd.concat([earlier, later], ignore_index=True)
    links["other"] = links["other"].str.split(r"\s*[;|]\s*", regex=True)
    links = links.explode("other", ignore_index=True)
    links = links[links["other"].ne("")].drop_duplicates(["line", "other"], ignore_index=True)
    none = pd.Series("", index=links.index)
    return links.assign(found=_find_members(links["other"], none, links["day"]))
