"""The one door to a clean voting record: find the files, clean them, keep the tables, read them."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import (
    DataError,
    FormatError,
    MissingDataError,
    ParameterError,
    StorageError,
    must_be_one_of,
)
from helpers.record import files as data_files
from helpers.record.members import load_members
from helpers.record.tables import (
    DATA_DICTIONARY,
    VOTES,
    RawRecord,
    Record,
    validate_record,
    write_data_dictionary,
)
from helpers.store import (
    atomic_folder,
    code_version,
    digest,
    storage_errors,
    workspace,
    write_atomic,
)

TABLES: Final = {
    "members": "members",
    "roll_calls": "roll_calls",
    "votes": "votes",
    "cleaning_log": "log",
}
"""Name of each file of a written record and the attribute of `Record` that it holds."""

_PARTS: Final = {"undl": ("undl-ga", "undl-sc"), "council": ("undl-sc", "council-drafts")}
_METADATA: Final = b"unblocs"
_SHIPPED: Final = ("council-drafts",)
"""Sources whose one file comes with the package and is never another."""


@dataclass(frozen=True)
class Declared:
    """What a caller says of files that are not as their source usually has them.

    Attributes
    ----------
    columns : dict
        Our name of a column -> its name in the file (source ``tidy``).
    votes : dict
        How a vote is written -> ``yes``, ``no``, ``abstain`` or ``absent``.
    """

    columns: dict[str, str] = field(default_factory=dict)
    votes: dict[str, str] = field(default_factory=dict)


def _only(paths: list[Path]) -> Path:
    if len(paths) != 1:
        names = ", ".join(path.name for path in paths)
        raise ParameterError(f"files: one file is needed, got {len(paths)} ({names})")
    return paths[0]


def _read_library(body: str) -> Callable[[list[Path], Declared], RawRecord]:
    def read(paths: list[Path], declared: Declared) -> RawRecord:
        from helpers.record.sources.undl import read_undl

        return read_undl(_only(paths), body=body, coded=bool(declared.votes))

    return read


def _read_unvotes(paths: list[Path], _declared: Declared) -> RawRecord:
    from helpers.record.sources.unvotes import read_unvotes

    return read_unvotes(paths)


def _read_voeten(paths: list[Path], _declared: Declared) -> RawRecord:
    from helpers.record.sources.voeten import read_voeten

    return read_voeten(paths)


def _read_drafts(_paths: list[Path], _declared: Declared) -> RawRecord:
    from helpers.record.sources.drafts import read_drafts

    return read_drafts()


def _read_tidy(paths: list[Path], declared: Declared) -> RawRecord:
    from helpers.record.sources.tidy import read_tidy

    return read_tidy(_only(paths), declared.columns)


READERS: Final[dict[str, Callable[[list[Path], Declared], RawRecord]]] = {
    "undl-ga": _read_library("GA"),
    "undl-sc": _read_library("SC"),
    "unvotes": _read_unvotes,
    "voeten": _read_voeten,
    "council-drafts": _read_drafts,
    "tidy": _read_tidy,
}
"""Sources whose files go through the cleaning rules, and what reads them."""

SOURCES: Final = ("dossier", *_PARTS, *READERS)
"""What `load_record` takes: ``undl`` is the Library's two files together, ``council`` its Council
file with the vetoed and failed drafts beside it."""


def load_record(
    source: str = "dossier",
    *,
    files: Sequence[str | Path] | None = None,
    mirror: str | Path = "",
    columns: Mapping[str, str] | None = None,
    votes: Mapping[str, str] | None = None,
) -> Record:
    """Return the clean record of a source: the one door that notebooks and users go through.

    Parameters
    ----------
    source : str
        One of :data:`SOURCES`: ``dossier`` and ``council-drafts`` come with the project; ``undl``
        (Assembly and Council together), ``undl-ga``, ``undl-sc``, ``council`` (with the drafts),
        ``unvotes``, ``voeten`` and ``tidy`` (any long table of votes) need their files. Or a
        folder that `clean_source` wrote, such as ``data/processed/mine``.
    files : sequence of paths, optional
        The files, or one folder that holds them; else they are looked for in the mirror or in what
        ``unblocs fetch`` has put into ``data/raw``.
    mirror : path, optional
        Folder of a local mirror; empty: the one that ``UNBLOCS_MIRROR`` names, if any.
    columns : mapping, optional
        For ``tidy``: our name of a column -> its name in the file.
    votes : mapping, optional
        How a vote is written in the file -> ``yes``, ``no``, ``abstain`` or ``absent``.

    Returns
    -------
    Record
        Checked tables with provenance. They are kept under ``data/processed/record`` by the content
        of the files and the version of the code, so that the second call only reads them.

    Raises
    ------
    ParameterError
        Unknown source, or something is declared that does not fit.
    MissingDataError
        The files are not on this machine; the sentence says how to get them.
    FormatError, DataError, UnsafeFileError
        A file is not what it should be.

    Examples
    --------
    >>> record = load_record("dossier")
    >>> len(record.roll_calls), record.provenance["source"]
    (53, 'dossier')
    """
    written = find_written(source)
    if written:
        return read_record(written)
    _check_source(source)
    declared = _declare(source, columns, votes)
    if source in _PARTS:
        parts = [
            load_record(part, files=_choose(part, files), mirror=mirror, votes=votes)
            for part in _PARTS[source]
        ]
        return _merge(source, parts)
    paths = _find(source, files, mirror)
    seen = [*paths, *_find_beside("authority", paths), *_find_outcomes(source, paths)]
    said = json.dumps([declared.columns, declared.votes], sort_keys=True)
    key = digest(source, said, *map(data_files.checksum, seen), code_version(__name__))
    folder = workspace() / "data" / "processed" / "record" / key
    if (folder / "votes.parquet").is_file():
        with contextlib.suppress(DataError, FormatError, MissingDataError):
            return read_record(folder)
    record = _clean(source, paths, declared)
    with (
        contextlib.suppress(StorageError),
        atomic_folder(folder) as temporary,
        storage_errors(folder),
    ):
        _write_tables(record, temporary, csv=False)
    return record


def find_written(source: str) -> Path | None:
    """Return the folder of a written record that a source names, or None if it names none.

    Raises
    ------
    MissingDataError
        It is the path of a folder, and no record is there.
    """
    if source in SOURCES or not re.search(r"[/\\.~]", source):
        return None
    places = [Path(source).expanduser(), workspace() / source]
    found = next((place for place in places if (place / "votes.parquet").is_file()), None)
    if found is None:
        raise MissingDataError(
            f"source: no clean record is in {source}; write one with 'unblocs clean SOURCE FILES "
            f"--out {source}'"
        )
    return found


def _declare(
    source: str, columns: Mapping[str, str] | None, votes: Mapping[str, str] | None
) -> Declared:
    """Check what a caller declares of a source's files."""
    if columns and source != "tidy":
        raise ParameterError(
            f"columns: they are for the source tidy, not for {source}, whose columns are known"
        )
    for mark, vote in (votes or {}).items():
        if vote not in VOTES:
            raise ParameterError(must_be_one_of(f"votes: {mark}", vote, VOTES))
    return Declared(dict(columns or {}), {str(k): v for k, v in (votes or {}).items()})


def clean_source(
    source: str,
    files: Sequence[str | Path] | None,
    out: str | Path,
    *,
    csv: bool = False,
    mirror: str | Path = "",
    columns: Mapping[str, str] | None = None,
    votes: Mapping[str, str] | None = None,
) -> Record:
    """Clean the files of a source and write the tables into a folder.

    Parameters
    ----------
    source : str
        One of :data:`SOURCES`.
    files : sequence of paths
        The files, or one folder that holds them; empty or None: as in `load_record`.
    out : path
        Folder for ``members.parquet roll_calls.parquet votes.parquet cleaning_log.parquet``.
    csv : bool
        Write CSV beside them, with ``data_dictionary.csv``.
    mirror, columns, votes : optional
        As in `load_record`.

    Returns
    -------
    Record
        What was written.

    Raises
    ------
    ParameterError, MissingDataError, FormatError, DataError, UnsafeFileError
        As in `load_record`; nothing is written then.
    StorageError
        The folder cannot be written.
    """
    _check_source(source)
    declared = _declare(source, columns, votes)
    if source in _PARTS:
        wanted = {part: _choose(part, files) for part in _PARTS[source]}
        parts = [
            _clean(part, _find(part, chosen, mirror), declared) for part, chosen in wanted.items()
        ]
        record = _merge(source, parts)
    else:
        record = _clean(source, _find(source, files, mirror), declared)
    _write_files(record, Path(out), csv=csv)
    return record


def write_record(record: Record, folder: str | Path, *, csv: bool = False) -> None:
    """Write a record's tables into a folder, each file whole or not at all.

    Parameters
    ----------
    record : Record
    folder : path
        Made if it is not there; other files in it are left alone.
    csv : bool
        Write CSV beside the Parquet, with ``data_dictionary.csv``.

    Raises
    ------
    DataError
        The record is not valid.
    StorageError
        The folder cannot be written.
    """
    _write_files(validate_record(record), Path(folder), csv=csv)


def _write_files(record: Record, place: Path, *, csv: bool) -> None:
    """Write the tables beside each other first, then put each in its place."""
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unblocs.", dir=place) as name:
            temporary = Path(name)
            _write_tables(record, temporary, csv=csv)
            for path in sorted(temporary.iterdir()):
                path.replace(place / path.name)


def read_record(folder: str | Path) -> Record:
    """Read a record that `write_record` wrote.

    Parameters
    ----------
    folder : path
        Folder with the four Parquet files.

    Returns
    -------
    Record
        Checked, with provenance.

    Raises
    ------
    MissingDataError
        A file is not there.
    FormatError
        A file is not Parquet, or has other columns.
    DataError
        The tables break their rules.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_record(load_record("dossier"), folder)
    ...     len(read_record(folder).votes) == len(load_record("dossier").votes)
    True
    """
    place = Path(folder)
    read = {name: _read_parquet(place / f"{name}.parquet", name) for name in TABLES}
    frames = {TABLES[name]: frame for name, (frame, _) in read.items()}
    votes = frames["votes"].astype("category")
    present = votes["member"].cat.categories
    frames["votes"] = _order_categories(votes, frames["roll_calls"], present)
    return validate_record(Record(**frames, provenance=read["votes"][1]))


# ----------------------------------------------------------------------------- finding, cleaning


def _check_source(source: str) -> None:
    if source not in SOURCES:
        raise ParameterError(must_be_one_of("source", source, SOURCES))


def _choose(part: str, files: Sequence[str | Path] | None) -> Sequence[str | Path] | None:
    """Return those of the files that are of one organ; a folder is looked through later."""
    from helpers.record.sources.catalogue import identify

    if part in _SHIPPED:
        return None
    if not files or (len(files) == 1 and Path(files[0]).is_dir()):
        return files
    chosen = [file for file in files if identify(file) == part]
    if not chosen:
        names = ", ".join(Path(file).name for file in files)
        raise MissingDataError(f"files: none of {names} is a file of {part}; give one of each")
    return chosen


def _find(source: str, files: Sequence[str | Path] | None, mirror: str | Path) -> list[Path]:
    """Return the files of a source: those given, those in a given folder, or those found."""
    from helpers.record.sources import catalogue

    given = [] if source in _SHIPPED else [Path(file) for file in files or ()]
    if len(given) == 1 and given[0].is_dir() and source == "dossier":
        return sorted(given[0].glob("*.y*ml"))
    if len(given) == 1 and given[0].is_dir():
        return catalogue.find_files(source, given[0])
    return given or catalogue.find_files(source, mirror)


def _clean(source: str, paths: list[Path], declared: Declared) -> Record:
    """Read and clean the files of one source, and check the result."""
    if source == "dossier":
        from helpers.record.sources.dossier import clean_dossier

        folders = {path.parent for path in paths}
        if len(folders) != 1:
            raise MissingDataError("dossier: its files must be in one folder")
        return validate_record(clean_dossier(folders.pop()))
    from helpers.record.cleaning import clean
    from helpers.record.sources.catalogue import describe_files
    from helpers.record.subjects import fill_issues

    raw = _apply_code(READERS[source](paths, declared), declared.votes)
    outcomes = _find_outcomes(source, paths)
    for path in outcomes:
        from helpers.record.sources.outcomes import add_outcomes

        raw = add_outcomes(raw, path)
    record = clean(raw)
    authority = _find_beside("authority", paths)
    provenance = describe_files(source, paths) | {"cleaned_with": _version()}
    provenance["last_date"] = last_date(record.roll_calls)
    if declared.columns or declared.votes:
        provenance["declared"] = {"columns": declared.columns, "votes": declared.votes}
    if authority:
        provenance["members_checked_with"] = describe_files("authority", authority)["files"]
    if outcomes:
        provenance["outcomes"] = describe_files("outcomes", outcomes)["files"]
    return validate_record(
        Record(
            record.members,
            fill_issues(record.roll_calls),
            record.votes,
            pd.concat([record.log, *map(_compare_members, authority)], ignore_index=True),
            provenance,
        )
    )


def _apply_code(raw: RawRecord, votes: dict[str, str]) -> RawRecord:
    """Write the votes in words, by what the caller says of their marks."""
    marks = raw.rows["vote"].astype("category")
    plain = marks.cat.categories.astype("str").str.strip().str.removesuffix(".0")
    if not votes:
        if raw.source == "tidy" and plain.str.fullmatch(r"\d+").any():
            shown = ", ".join(sorted(set(plain))[:6])
            raise DataError(
                f"{raw.file}: column {raw.columns['vote']} has numbers for votes ({shown}), which "
                "mean different things in different files; say what they mean: "
                "--votes 1=yes,2=abstain,3=no,8=absent"
            )
        return raw
    words = {old: votes.get(new, new) for old, new in zip(marks.cat.categories, plain, strict=True)}
    return replace(raw, rows=raw.rows.assign(vote=marks.map(words).astype("category")))


def _find_outcomes(source: str, paths: list[Path]) -> list[Path]:
    """Return the Library's file of all resolutions where it lies beside the Assembly's votes."""
    return _find_beside("outcomes", paths) if source == "undl-ga" else []


def _find_beside(source: str, paths: list[Path]) -> list[Path]:
    """Return the file of a source that adds to others, where it lies beside them."""
    from helpers.record.sources import catalogue

    folders = {path.parent: None for path in paths}
    return list(catalogue.find_in(folders, catalogue.get_source(source)).values())


def _compare_members(path: Path) -> pd.DataFrame:
    """Return a line of the log for what the authority file and our members disagree in, if any."""
    from helpers.record.sources.authority import check_members, read_authority

    found = check_members(load_members(), read_authority(path))
    examples = [f"{d.member} {d.what}: {d.ours} or {d.theirs}" for d in found.head(5).itertuples()]
    line = {
        "rule": "authority_file",
        "table": "members",
        "effect": "flagged",
        "rows": len(found),
        "what": f"Our members and the Library's authority file ({path.name}) disagree; ours hold.",
        "examples": json.dumps(examples, ensure_ascii=False),
    }
    types = {name: f.dtype for name, f in DATA_DICTIONARY["cleaning_log"].items()}
    return pd.DataFrame([line] if len(found) else [], columns=list(types)).astype(types)


def _version() -> str:
    try:
        return f"un-voting-blocs {metadata.version('un-voting-blocs')}"
    except metadata.PackageNotFoundError:
        return "un-voting-blocs, run from its checkout"


def _merge(source: str, parts: list[Record]) -> Record:
    """Put records of several organs together, in order of time."""
    roll_calls = pd.concat([part.roll_calls for part in parts], ignore_index=True)
    roll_calls = roll_calls.sort_values("date", kind="stable", ignore_index=True)
    members = {member for part in parts for member in part.votes["member"].cat.categories}
    aligned = [_order_categories(part.votes, roll_calls, members) for part in parts]
    votes = pd.concat(aligned, ignore_index=True)
    votes = votes.sort_values(["roll_call", "member"], ignore_index=True)
    log = pd.concat([part.log for part in parts], ignore_index=True)
    first = parts[0].provenance
    provenance = {
        name: _join(name, [part.provenance.get(name, "") for part in parts]) for name in first
    }
    provenance["source"] = source
    return validate_record(Record(parts[0].members, roll_calls, votes, log, provenance))


def _join(name: str, values: list[Any]) -> Any:
    """Put the same entry of several provenances together."""
    if name == "files":
        return [file for value in values for file in value]
    return "; ".join(dict.fromkeys(str(value) for value in values))


# ----------------------------------------------------------------------------- files


def _order_categories(
    votes: pd.DataFrame, roll_calls: pd.DataFrame, members: Iterable[str]
) -> pd.DataFrame:
    """Return the votes with roll calls in order of time, members by id and votes by code."""
    return pd.DataFrame(
        {
            "roll_call": votes["roll_call"].cat.set_categories(roll_calls["roll_call"]),
            "member": votes["member"].cat.set_categories(sorted(members)),
            "vote": votes["vote"].cat.set_categories(VOTES),
        }
    )


def _write_tables(record: Record, folder: Path, *, csv: bool) -> None:
    """Write the four Parquet files, with the provenance in the metadata of each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = json.dumps(record.provenance, ensure_ascii=False, sort_keys=True).encode()
    for name, attribute in TABLES.items():
        frame: pd.DataFrame = getattr(record, attribute)
        table = pa.Table.from_pandas(frame, preserve_index=False)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), _METADATA: about})
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        if csv:
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    if csv:
        write_atomic(folder / "data_dictionary.csv", write_data_dictionary())


def _read_parquet(path: Path, name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read one table and the provenance beside it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read(use_threads=False)
    except FileNotFoundError as error:
        raise MissingDataError(f"{path}: there is no such file; clean the source again") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise FormatError(f"{path}: is no Parquet table ({error})") from error
    missing = [column for column in DATA_DICTIONARY[name] if column not in table.column_names]
    if missing:
        raise FormatError(f"{path}: lacks the columns {', '.join(missing)} of the table {name}")
    about = json.loads((table.schema.metadata or {}).get(_METADATA, b"{}"))
    frame = table.to_pandas()
    for column, f in DATA_DICTIONARY[name].items():
        if f.dtype == "datetime64[s]":  # Parquet keeps milliseconds
            frame[column] = frame[column].astype(f.dtype)
    return frame, about


OLD_AFTER: Final = 90
"""Days after which a record is said to be old: the Library issues its files anew within them."""


def last_date(roll_calls: pd.DataFrame) -> str:
    """Return the day of the last roll call as ISO; empty where there are no dates."""
    last = roll_calls["date"].max()
    return "" if pd.isna(last) else f"{last:%Y-%m-%d}"


def say_age(record: Record, today: object = None) -> str:
    """Say that a record is old, if it is.

    Parameters
    ----------
    record : Record
    today : str or datetime-like, optional
        The day to judge by; today's by default.

    Returns
    -------
    str
        A sentence where the last roll call is more than 90 days ago, else an empty string.

    Examples
    --------
    >>> say_age(load_record("dossier"), "2026-12-31")
    'The record ends on 24 February 2026, 310 days ago; there may be a newer one.'
    """
    last = record.roll_calls["date"].max()
    now = pd.Timestamp.today().normalize() if today is None else pd.Timestamp(str(today))
    if pd.isna(last) or (now - last).days <= OLD_AFTER:
        return ""
    days = (now - last).days
    return f"The record ends on {last.day} {last:%B %Y}, {days} days ago; there may be a newer one."


def count_by_year(record: Record, body: str) -> pd.DataFrame:
    """Count what a record holds of a body, year by year.

    Returns
    -------
    pandas.DataFrame
        ``year, roll_calls, members`` (with a row in the year), ``voting`` (that voted yes, no or
        abstained at least once), ``absent`` (share of the rows that are absences, 0 to 1).
    """
    calls = record.roll_calls[record.roll_calls["body"].eq(body) & record.roll_calls["rolled"]]
    year = calls.set_index("roll_call")["date"].dt.year
    rows = record.votes[record.votes["roll_call"].isin(year.index)]
    rows = rows.assign(
        year=rows["roll_call"].astype(str).map(year), away=rows["vote"].eq("absent")
    ).dropna(subset="year")
    years = rows.groupby("year")
    there = rows[~rows["away"]].groupby("year")
    return pd.DataFrame(
        {
            "roll_calls": years["roll_call"].nunique(),
            "members": years["member"].nunique(),
            "voting": there["member"].nunique(),
            "absent": years["away"].mean(),
        }
    ).reset_index(names="year")


def share_without_vote(record: Record) -> pd.DataFrame:
    """Estimate how many resolutions of each Assembly session were adopted without a recorded vote.

    Resolutions are numbered within a session from the thirty-first on; those numbers up to the
    highest recorded one that have no recorded vote were adopted without one. It is a lower bound,
    since numbers beyond the highest recorded one are not seen.

    Returns
    -------
    pandas.DataFrame
        ``session, recorded, highest, without_vote`` (share, 0 to 1), for sessions of which ten
        resolutions or more are recorded; empty for a record that is a selection by subject.
    """
    parts = record.roll_calls["symbol"].str.extract(r"^A/RES/(\d+)/(\d+)").dropna().astype(int)
    parts = parts[parts[0] >= 31].drop_duplicates()
    numbers = parts.groupby(0)[1]
    counts = pd.DataFrame({"recorded": numbers.nunique(), "highest": numbers.max()})
    table = counts.reset_index(names="session")
    table["without_vote"] = 1 - table["recorded"] / table["highest"]
    return table[table["recorded"] >= 10].reset_index(drop=True)
