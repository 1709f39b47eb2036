"""The sources: what each is, how to cite it, how to know its files, where they are."""

from __future__ import annotations

import datetime
import json
import os
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import (
    FormatError,
    MissingDataError,
    ParameterError,
    SourceError,
    must_be_one_of,
)
from helpers.record import files
from helpers.store import bundled, workspace

if TYPE_CHECKING:
    import pandas as pd

MIRROR_VARIABLE: Final = "UNBLOCS_MIRROR"
"""Environment variable with the folder of a local mirror."""

_LIBRARY: Final = "United Nations, Dag Hammarskjöld Library"
_LIBRARY_TERMS: Final = (
    "Terms of use of the UN Digital Library: non-commercial use with attribution; "
    "https://digitallibrary.un.org/pages/?ln=en&page=tos"
)
_UNDL: Final = "https://digitallibrary.un.org/record"
_PACKAGE: Final = "https://raw.githubusercontent.com/dgrtwo/unvotes/master/data"


@dataclass(frozen=True)
class SourceFile:
    """A file as its publisher names it: where it lies, its version and SHA-256 where known."""

    name: str
    address: str
    version: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Source:
    """What a reader must know about a source.

    Attributes
    ----------
    id, title, publisher : str
        ``undl-ga``; the publisher's title of the data set; who publishes it.
    citation : str
        With the placeholders ``{version}`` and ``{accessed}``; filled by :func:`cite`.
    terms, coverage : str
        Licence or terms of use; what is in it and what is not.
    address : str
        Page to open in a browser.
    files : tuple of SourceFile
        What ``fetch`` downloads unless told otherwise.
    formats : tuple of str
        Kinds of file it comes in: ``text``, ``rda``, ``dta``, ``yaml``.
    tables : tuple of str
        The tables that make it whole, each in a file of its own or all in one.
    mirror_folder : str
        Folder of a mirror in which its files lie.
    """

    id: str
    title: str
    publisher: str
    citation: str
    terms: str
    coverage: str
    address: str
    files: tuple[SourceFile, ...]
    formats: tuple[str, ...]
    tables: tuple[str, ...]
    mirror_folder: str


def _library(source: str, record: int, title: str, name: str, coverage: str, table: str) -> Source:
    """Describe a data set of the UN Digital Library."""
    page = f"{_UNDL}/{record}"
    return Source(
        id=source,
        title=title,
        publisher=_LIBRARY,
        citation=f"{_LIBRARY}, {title}, version {{version}}, {page} (accessed {{accessed}})",
        terms=_LIBRARY_TERMS,
        coverage=coverage,
        address=page,
        files=(SourceFile(name, f"{page}/files/{name}"),),
        formats=("text",),
        tables=(table,),
        mirror_folder="undl",
    )


_ALL: Final = (
    _library(
        "undl-ga",
        4060887,
        "General Assembly Voting Data",
        "2026_02_06_ga_voting.csv",
        "Recorded votes on adopted resolutions of the General Assembly since 1946, issued anew "
        "several times a year; no paragraphs, no amendments, no failed drafts, nothing adopted "
        "without a vote",
        "votes",
    ),
    _library(
        "undl-sc",
        4055387,
        "Security Council Voting Data",
        "2026_02_06_sc_voting.csv",
        "Votes on adopted resolutions of the Security Council since 1946; no vetoed or failed "
        "drafts, no amendments, no procedural motions",
        "votes",
    ),
    Source(
        id="unvotes",
        title="unvotes: United Nations General Assembly Voting Data (R package)",
        publisher="David Robinson and Nicholas Goguen-Compagnoni",
        citation=(
            "Robinson, David, and Nicholas Goguen-Compagnoni (2021), unvotes: United Nations "
            "General Assembly Voting Data, R package, version {version}, "
            "https://doi.org/10.32614/CRAN.package.unvotes (accessed {accessed}), from the data "
            "of Erik Voeten, https://doi.org/10.7910/DVN/LEJUQZ"
        ),
        terms="Data CC0 1.0 (from Voeten's Dataverse), package MIT",
        coverage=(
            "Roll calls of the General Assembly 1946 to January 2020, with amendments and "
            "paragraphs where known and six issue codes; absences are not in it; the day of the "
            "date is wrong in sessions 1 to 57"
        ),
        address="https://github.com/dgrtwo/unvotes",
        files=tuple(
            SourceFile(f"{name}.rda", f"{_PACKAGE}/{name}.rda", "0.3.0")
            for name in ("un_votes", "un_roll_calls", "un_roll_call_issues")
        ),
        formats=("rda", "text"),
        tables=("votes", "roll_calls", "issues"),
        mirror_folder="unvotes",
    ),
    Source(
        id="voeten",
        title="United Nations General Assembly Voting Data",
        publisher="Erik Voeten, Harvard Dataverse",
        citation=(
            "Voeten, Erik, Anton Strezhnev, and Michael Bailey (2009), United Nations General "
            "Assembly Voting Data, Harvard Dataverse, https://doi.org/10.7910/DVN/LEJUQZ, "
            "version {version} (accessed {accessed})"
        ),
        terms="CC0 1.0",
        coverage=(
            "Roll calls of the General Assembly from 1946, releases of 2016 to 2024 (version 33 "
            "of 24 June 2024 ends in 2022 and is the last with single votes), with absences, "
            "amendments and paragraphs where known and six issue codes"
        ),
        address="https://doi.org/10.7910/DVN/LEJUQZ",
        files=(
            SourceFile(
                "UNVotes-1.RData",
                "https://dataverse.harvard.edu/api/access/datafile/10295576",
                "33",
            ),
        ),
        formats=("rda", "text", "dta"),
        tables=("votes",),
        mirror_folder="voeten",
    ),
    _library(
        "authority",
        4082085,
        "United Nations Member States",
        "member_states_auths_2026-04-30.csv",
        "Names of member states since 1945 with codes, dates, earlier and later names; no votes: "
        "it checks our own table of members",
        "members",
    ),
    _library(
        "outcomes",
        4060945,
        "General Assembly Resolutions",
        "2026_02_06_ga_outcomes.csv",
        "All resolutions of the General Assembly since 1946 with their mode of adoption, those "
        "adopted without a vote among them; no votes of members: it lies beside the voting data",
        "resolutions",
    ),
    Source(
        id="council-drafts",
        title="Vetoed and failed drafts of the Security Council",
        publisher="UN Voting Blocs",
        citation=(
            "UN Voting Blocs, Vetoed and failed drafts of the Security Council, 1946 to April "
            "2026, with the source of each, in the package un-voting-blocs"
        ),
        terms="Facts of the public record, written down by this project under the MIT licence",
        coverage=(
            "233 vetoed and 130 failed proposals (drafts, amendments, preliminary questions) from "
            "16 February 1946 to 7 April 2026; votes by member for 107 of them, of which 59 follow "
            "from the tally and the veto; tallies without the members for 246"
        ),
        address="src/helpers/data/council_drafts.csv",
        files=(),
        formats=("text",),
        tables=("votes",),
        mirror_folder="",
    ),
    Source(
        id="tidy",
        title="A table of votes of your own",
        publisher="Its user",
        citation="A table of votes, version {version} (accessed {accessed})",
        terms="Those of the table",
        coverage="Whatever long table of votes, in the layout of docs/tidy.md or mapped onto it",
        address="docs/tidy.md",
        files=(),
        formats=("text", "rda", "dta"),
        tables=("votes",),
        mirror_folder="tidy",
    ),
    Source(
        id="dossier",
        title="The Ukraine dossier",
        publisher="UN Voting Blocs",
        citation=(
            "UN Voting Blocs, The Ukraine dossier: votes of the Assembly and the Council "
            "2014 to 2026, version {version} (accessed {accessed})"
        ),
        terms="Facts of the public record, written down by this project under the MIT licence",
        coverage=(
            "23 recorded votes of the Assembly and the votes of the Council on Ukraine, 2014 to "
            "24 February 2025, with the vetoed drafts, amendments and motions that no data set "
            "holds; later votes by tally, to 24 February 2026"
        ),
        address="data/raw/ukraine",
        files=(),
        formats=("yaml",),
        tables=("votes",),
        mirror_folder="ukraine",
    ),
)

SOURCES: Final[Mapping[str, Source]] = {source.id: source for source in _ALL}
"""Every source by its id."""


def get_source(source: str) -> Source:
    """Return a source by its id.

    Raises
    ------
    ParameterError
        There is no such source.

    Examples
    --------
    >>> get_source("undl-ga").title
    'General Assembly Voting Data'
    """
    if source not in SOURCES:
        raise ParameterError(must_be_one_of("source", source, SOURCES))
    return SOURCES[source]


def sources_table() -> pd.DataFrame:
    """Return the sources as a table, for ``unblocs sources`` and the notebooks.

    Returns
    -------
    pandas.DataFrame
        One row a source: ``source title publisher coverage terms address citation``; the citation
        has ``[version]`` and ``[date]`` where those of the files used belong.

    Examples
    --------
    >>> list(sources_table()["source"])
    ['undl-ga', 'undl-sc', 'unvotes', 'voeten', 'authority', 'outcomes', 'council-drafts', \
'tidy', 'dossier']
    """
    import pandas as pd

    columns = ("title", "publisher", "coverage", "terms", "address")
    rows = [
        {
            "source": source.id,
            **{column: getattr(source, column) for column in columns},
            "citation": source.citation.format(version="[version]", accessed="[date]"),
        }
        for source in SOURCES.values()
    ]
    return pd.DataFrame(rows)


def cite(source: str, *, version: str = "", accessed: str = "") -> str:
    """Return the citation of a source for the version used.

    Parameters
    ----------
    source : str
        Id of the source.
    version, accessed : str
        As in the record beside a fetched file; empty: said to be unknown.

    Returns
    -------
    str
        One line of text.

    Examples
    --------
    >>> cite("undl-sc", version="2026-02-06", accessed="2026-03-01")[-40:]
    'org/record/4055387 (accessed 2026-03-01)'
    """
    citation = get_source(source).citation
    unknown = "not recorded"
    return citation.format(version=version or unknown, accessed=accessed or unknown)


# ----------------------------------------------------------------------------- what a file is


def plain_name(column: str) -> str:
    """Return a column name in lower case with underscores, so that layouts can be compared.

    Examples
    --------
    >>> plain_name("total-voting"), plain_name("Earlier (a) or Later (b)"), plain_name("Unnamed: 0")
    ('total_voting', 'earlier_a_or_later_b', 'unnamed_0')
    """
    return re.sub(r"[^0-9a-z]+", "_", column.lower()).strip("_")


def _has(*names: str) -> Callable[[set[str]], bool]:
    """Return a test for a header with at least one name of each group ``a|b``."""
    groups = [set(name.split("|")) for name in names]
    return lambda columns: all(group & columns for group in groups)


def _is_outcomes(columns: set[str]) -> bool:
    """Tell the Library's file of all resolutions: how each was adopted, and no members."""
    wanted = {"undl_id", "resolution", "modality"} <= columns
    return wanted and not columns & {"ms_code", "ms_name", "ms_vote", "description"}


_VOTE: Final = ("ms_code|ms_codes", "ms_vote|ms_votes", "resolution|resolutions")
_LAYOUTS: Final[tuple[tuple[str, str, Callable[[set[str]], bool]], ...]] = (
    ("outcomes", "resolutions", _is_outcomes),
    ("undl-ga", "votes", _has(*_VOTE, "session|committee_report|agenda_title|agenda_titles")),
    ("undl-sc", "votes", _has(*_VOTE, "description|permanent_member|modality|agenda")),
    ("authority", "members", _has("member_state", "iso_code|iso", "start_date|coverage_periods")),
    ("voeten", "votes", _has("rcid", "vote", "ccode")),
    ("unvotes", "votes", _has("rcid", "vote", "country_code")),
    ("unvotes", "roll_calls", _has("rcid", "session", "unres", "short")),
    ("unvotes", "issues", _has("rcid", "issue")),
    ("tidy", "votes", _has("roll_call", "member", "vote")),
)
"""Source, table and the columns that give them away, the most particular first."""


def recognise(columns: Iterable[str]) -> tuple[str, str]:
    """Say which table of which source a header belongs to.

    Parameters
    ----------
    columns : iterable of str
        Column names as they are written in the file, in any order.

    Returns
    -------
    tuple of str
        Source id and table (``votes roll_calls issues members``); two empty strings if unknown.

    Examples
    --------
    >>> recognise(["rcid", "country", "country_code", "vote"])
    ('unvotes', 'votes')
    >>> recognise(["ccode1", "ccode2", "agree", "year"])
    ('', '')
    """
    names = {plain_name(column) for column in columns}
    return next(((s, table) for s, table, fits in _LAYOUTS if fits(names)), ("", ""))


def identify(path: str | Path) -> str:
    """Say which source a file comes from, by its header or content, never by its name.

    Parameters
    ----------
    path : str or Path
        A file, packed or plain.

    Returns
    -------
    str
        Source id.

    Raises
    ------
    FormatError
        It is of no source; the sentence says what it seems to be.
    MissingDataError, UnsafeFileError
        As :func:`helpers.record.files.open_bytes`.
    """
    return identify_table(path)[0]


def identify_table(path: str | Path) -> tuple[str, str]:
    """Say which table of which source a file holds; otherwise as :func:`identify`.

    Returns
    -------
    tuple of str
        Source id and table.
    """
    path = Path(path)
    form = file_format(path)
    if form == "yaml":
        return "dossier", "votes"
    columns = _COLUMNS[form](path)
    source, table = recognise(columns)
    if not source and form == "rda":
        columns = _r_columns(path)
    if not source:
        first = files.read_first_column(path) if form == "text" else []
        raise FormatError(f"{path}: {_say_what_else(columns, first)}")
    return source, table


def file_format(path: str | Path) -> str:
    """Return the kind of a file by its first bytes: ``rda``, ``dta``, ``yaml`` or ``text``."""
    head = files.read_head(path, 4096)
    from helpers.record.sources.rda import is_r_data

    if is_r_data(head):
        return "rda"
    if head.startswith(b"<stata_dta>") or (head[:1] in b"\x71\x72\x73" and head[1:3] in _OLD_DTA):
        return "dta"
    return "yaml" if re.search(rb"(?m)^votes:\s*$", head) else "text"


_OLD_DTA: Final = (b"\x01\x01", b"\x02\x01")


def _known_r_names(path: Path) -> list[str]:
    """Return the column names of our layouts that occur in an R file as strings of their own.

    R writes a string as its length in four bytes and its text, so that whole names are found
    without taking the file apart, which takes ten times as long.
    """
    with files.open_bytes(path) as file:
        data = file.read()
    names = ["rcid", "vote", "ccode", "country_code", "session", "unres", "short", "issue"]
    return [name for name in names if len(name).to_bytes(4, "big") + name.encode() in data]


def _r_columns(path: Path) -> list[str]:
    """Return the column names of the first data frame in an R file."""
    from helpers.record.sources.rda import read_rda

    return [str(column) for column in next(iter(read_rda(path).values())).columns]


def _stata_columns(path: Path) -> list[str]:
    """Return the column names of a Stata file."""
    import pandas as pd

    with files.open_bytes(path) as file:
        try:
            with pd.read_stata(file, iterator=True) as reader:
                return list(reader.variable_labels())
        except (ValueError, LookupError, EOFError, struct.error) as error:
            raise FormatError(
                f"{path}: the Stata file is damaged or cut short; download or copy it again"
            ) from error


_COLUMNS: Final[dict[str, Callable[[Path], list[str]]]] = {
    "rda": _known_r_names,
    "dta": _stata_columns,
    "text": files.read_header,
}


def _say_what_else(columns: list[str], first: list[str]) -> str:
    """Word what a table of no source seems to be."""
    from helpers.record.sources.lookalikes import name_look_alike

    seems = name_look_alike(columns, first)
    shown = ", ".join(c or "(unnamed)" for c in columns[:6]) + (", ..." if len(columns) > 6 else "")
    wanted = ", ".join(source.id for source in SOURCES.values())
    what = f"seems to be {seems}, not single votes" if seems else "is in no known layout"
    return f"{what} (columns {shown}); expected a file of one of {wanted}"


# ----------------------------------------------------------------------------- where files are


def find_files(source: str, mirror: str | Path = "") -> list[Path]:
    """Find the newest files of a source on this machine.

    Looks in ``mirror``, else in the folder that ``UNBLOCS_MIRROR`` names, else in
    ``data/raw/mirror`` and ``data/raw/<source>``. A mirror holds the files in the folder of the
    source (``undl``, ``unvotes``, ``voeten``) or directly. The header decides, not the name; of
    several versions of one table the newest is taken (date in the name or in the record of the
    fetch beside it, then the time of the file).

    Parameters
    ----------
    source : str
        Id of the source.
    mirror : str or Path
        Folder of a local mirror; empty: the places above.

    Returns
    -------
    list of Path
        One file a table, in the order of ``Source.tables``; the dossier, which comes with the
        project: its files by name.

    Raises
    ------
    MissingDataError
        There is none (the sentence says where to get it and where to put it), or a table lacks.
    ParameterError
        Unknown source.
    """
    entry = get_source(source)
    if source == "dossier":
        return sorted(bundled("data/raw/ukraine").glob("*.y*ml"))
    if source == "council-drafts":
        from helpers.record.sources.drafts import drafts_file

        return [drafts_file()]
    folders = _folders(entry, mirror)
    found = find_in(folders, entry)
    missing = [table for table in entry.tables if table not in found]
    if missing:
        raise MissingDataError(_say_missing(entry, folders, missing if found else []))
    return [found[table] for table in entry.tables]


def find_in(folders: Iterable[Path], entry: Source) -> dict[str, Path]:
    """Return the newest file of each table of a source that lies in one of the folders."""
    found: dict[str, Path] = {}
    for path in _candidates(folders):
        source, table = _try_identify(path, entry)
        if source == entry.id:
            found[table] = max(path, found.get(table, path), key=_age)
    return found


def _folders(entry: Source, mirror: str | Path) -> list[Path]:
    """Return the folders to look in."""
    named = str(mirror) or os.environ.get(MIRROR_VARIABLE, "")
    if named:
        roots = [Path(named)]
        if not roots[0].is_dir():
            raise MissingDataError(f"{named}: the mirror is no folder on this machine")
    else:
        raw = workspace() / "data" / "raw"
        roots = [raw / "mirror", raw / entry.id]
    return [folder for root in roots for folder in (root / entry.mirror_folder, root)]


def _candidates(folders: Iterable[Path]) -> list[Path]:
    """Return the visible files in the folders, each once."""
    endings = (".source.json", ".md", ".part", ".part.tag")
    paths = {
        path: None
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(endings)
    }
    return list(paths)


def _try_identify(path: Path, entry: Source) -> tuple[str, str]:
    """Return source and table of a file in a mirror; empty for a stranger among them."""
    try:
        return identify_table(path) if file_format(path) in entry.formats else ("", "")
    except SourceError:
        return "", ""


def _age(path: Path) -> tuple[str, float]:
    """Return what orders versions: the date they are known by, then the time of the file."""
    return version_of(path), path.stat().st_mtime


def _say_missing(entry: Source, folders: list[Path], tables: list[str]) -> str:
    """Word what is missing, where to get it and where to put it."""
    what = f"no table {', '.join(tables)} of {entry.id}" if tables else f"no file of {entry.id}"
    return (
        f"{what} in {folders[-1]}: run 'unblocs fetch {entry.id}', or open {entry.address} in a "
        f"browser and put the file there, or name a mirror ({MIRROR_VARIABLE} or --mirror)"
    )


_DATE: Final = re.compile(r"(?<!\d)(\d{4})[-_](\d{1,2})[-_](\d{1,2})(?!\d)")


def version_of(path: str | Path) -> str:
    """Return the version of a file: the date in its name, else what was recorded on fetching.

    Returns
    -------
    str
        An ISO date such as ``2025-10-31``, another version, or an empty string if unknown.

    Examples
    --------
    >>> version_of("2025_7_23_ga_voting.csv"), version_of("member_states_auths_2026-04-30.csv")
    ('2025-07-23', '2026-04-30')
    >>> version_of("un_votes.rda")
    ''
    """
    path = Path(path)
    for year, month, day in re.findall(
        r"(?<!\d)(\d{4})[-_](\d{1,2})[-_](\d{1,2})(?!\d)", path.name
    ):
        try:
            return datetime.date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return str(read_fetch_record(path).get("version", ""))


def read_fetch_record(path: str | Path) -> dict[str, Any]:
    """Return what ``fetch`` recorded beside a file; empty if it was not fetched by us."""
    beside = Path(f"{path}.source.json")
    try:
        record = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def describe_files(source: str, paths: Iterable[str | Path]) -> dict[str, Any]:
    """Return the provenance of a record that was made from files of a source.

    Parameters
    ----------
    source : str
        Id of the source.
    paths : iterable of str or Path
        The files read.

    Returns
    -------
    dict
        ``source title publisher citation terms coverage address`` and ``files``, a list of
        ``name sha256 bytes version accessed``; JSON-serialisable, with no path of this machine.
    """
    entry = get_source(source)
    described = [_describe_file(Path(path)) for path in paths]
    newest = max(described, key=lambda f: f["version"], default={"version": "", "accessed": ""})
    kept = ("title", "publisher", "terms", "coverage", "address")
    return {
        "source": source,
        **{name: getattr(entry, name) for name in kept},
        "citation": cite(source, version=newest["version"], accessed=newest["accessed"]),
        "files": described,
    }


def _describe_file(path: Path) -> dict[str, Any]:
    return {
        "name": path.name,
        "sha256": files.checksum(path),
        "bytes": path.stat().st_size,
        "version": version_of(path),
        "accessed": str(read_fetch_record(path).get("date", "")),
    }
