"""Get a source's files: download with resume and checksum, or copy from a mirror, and record it."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from helpers.errors import FetchError, ParameterError, SourceError
from helpers.record import files
from helpers.record.sources.catalogue import (
    MIRROR_VARIABLE,
    Source,
    SourceFile,
    find_files,
    find_in,
    get_source,
    identify,
    identify_table,
    read_fetch_record,
    version_of,
)
from helpers.record.sources.undl import read_categories
from helpers.store import storage_errors, workspace, write_json

if TYPE_CHECKING:
    import requests

ATTEMPTS: Final = 3
"""How often a download that breaks off is taken up again within one call."""

PAUSE: Final = 1.0
"""Seconds before it is taken up again, times the number of the attempt."""

NOT_BY_PROGRAM: Final = {
    "digitallibrary.un.org": (
        "the Library asks that its files are not downloaded by programs without its approval"
    ),
}
"""Hosts whose files a person has to fetch, and why."""

TIMEOUT: Final = (10, 60)
"""Seconds to wait for a connection and for more bytes."""

_CHUNK: Final = 16 * 1024


def fetch(
    source: str,
    *,
    folder: str | Path = "",
    mirror: str | Path = "",
    progress: bool = True,
    address: str | None = None,
    sha256: str = "",
) -> list[Path]:
    """Put the files of a source into a folder and record beside each where it came from.

    Parameters
    ----------
    source : str
        Id of the source.
    folder : str or Path
        Where to; empty: ``data/raw/<source>``.
    mirror : str or Path
        Copy from this mirror folder instead of downloading; empty: the folder that
        ``UNBLOCS_MIRROR`` names, if set and no address is given.
    progress : bool
        Show a progress bar on standard error.
    address : str, optional
        Download this file instead of those in the catalogue (a newer version, another release).
    sha256 : str
        Expected SHA-256 of the file at ``address``.

    Returns
    -------
    list of Path
        The files, each with ``<file>.source.json`` beside it (source, address, date of access,
        SHA-256, bytes, version). Files that are there already are not downloaded again.

    Raises
    ------
    FetchError
        The publisher does not want the file to be downloaded by programs, and it is not in the
        folder yet; or the server gave no file, or another one than expected: nothing is stored,
        and the sentence gives the address to open in a browser and the folder to put the file in.
    MissingDataError
        The mirror lacks the source.
    ParameterError
        Unknown source, or an address that is not http or https.
    StorageError
        The folder can't be written.
    """
    entry = get_source(source)
    if not entry.files:
        return find_files(source)
    target = Path(folder) if str(folder) else workspace() / "data" / "raw" / source
    mirror = mirror or ("" if address else os.environ.get(MIRROR_VARIABLE, ""))
    with storage_errors(target):
        target.mkdir(parents=True, exist_ok=True)
        if mirror:
            return [_copy(path, entry, target) for path in find_files(source, mirror)]
        wanted = _wanted(address, sha256) if address else entry.files
        present = [] if address else _present(entry, target)
        if not present:
            _check_terms(wanted, entry, target)
        return present or [_download(file, entry, target, progress) for file in wanted]


def _check_terms(wanted: tuple[SourceFile, ...], entry: Source, folder: Path) -> None:
    """Refuse to download what its publisher does not want to be downloaded by programs."""
    for file in wanted:
        why = NOT_BY_PROGRAM.get(urlsplit(file.address).hostname or "")
        if why:
            raise FetchError(
                f"{entry.id}: {why}; {_by_hand(entry, folder)} ({file.name}, or a newer one); the "
                "same command then checks it"
            )


def inspect_file(path: str | Path) -> str:
    """Say what a file is by what is in it, for a person who has fetched it.

    Parameters
    ----------
    path : str or Path
        A file of any source.

    Returns
    -------
    str
        One line: source and table, rows and days where it is one of the Library's, bytes, SHA-256.

    Raises
    ------
    FormatError, DataError, MissingDataError, UnsafeFileError
        It is of no source, or its dates cannot be read.
    """
    path = Path(path)
    source, table = identify_table(path)
    parts = [f"{source}, {table}"]
    if source in _DATED:
        header = {name.strip().lower(): name for name in files.read_header(path)}
        dates = read_categories(path, [header["date"]])[header["date"]]
        days = sorted(day for day in dates.cat.categories if day)
        parts += [f"{len(dates):,} rows", f"{days[0]} to {days[-1]}"]
    parts += [f"{path.stat().st_size:,} bytes", f"SHA-256 {files.checksum(path)}"]
    return ", ".join(parts)


_DATED: Final = ("undl-ga", "undl-sc", "outcomes")


def _wanted(address: str, sha256: str) -> tuple[SourceFile, ...]:
    """Return the one file that an address names."""
    parts = urlsplit(address)
    name = Path(unquote(parts.path)).name
    if parts.scheme not in ("http", "https") or not name:
        raise ParameterError(
            f"address: {address!r} must be the address of a file that begins with http or https"
        )
    return (SourceFile(name, address, sha256=sha256),)


def _present(entry: Source, folder: Path) -> list[Path]:
    """Return the files of a source that a user has put into the folder; empty if one lacks."""
    found = find_in([folder], entry)
    if any(table not in found for table in entry.tables):
        return []
    paths = [found[table] for table in entry.tables]
    known = max(version_of(file.name) for file in entry.files)
    if any("" < version_of(path) < known for path in paths):
        return []
    for path in paths:
        _check_unchanged(path)
        if not read_fetch_record(path):
            _record(path, entry, {"address": entry.address, "date": _seen(path)})
    return paths


def _seen(path: Path) -> str:
    """Return the date of a file that someone put there."""
    return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).date().isoformat()


def _check_unchanged(path: Path) -> None:
    """Refuse a fetched file that is not what it was when it was fetched."""
    recorded = read_fetch_record(path).get("sha256")
    if recorded and recorded != files.checksum(path):
        raise FetchError(
            f"{path}: has changed since it was fetched (SHA-256 differs from "
            f"{path.name}.source.json); delete both to fetch it again"
        )


def _copy(path: Path, entry: Source, folder: Path) -> Path:
    """Copy a file of a mirror, whole or not at all."""
    target = folder / path.name
    if not (target.exists() and target.samefile(path)):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
        os.close(handle)
        try:
            shutil.copyfile(path, name)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    inherited = read_fetch_record(path)
    how = {"address": inherited.get("address", entry.address), "copied_from": path.name}
    version = inherited.get("version") or version_of(path)
    return _record(target, entry, {**how, "date": inherited.get("date", _today())}, version)


def _record(path: Path, entry: Source, how: dict[str, str], version: str = "") -> Path:
    """Write ``<file>.source.json`` and return the file."""
    content = {
        "source": entry.id,
        "file": path.name,
        "sha256": files.checksum(path),
        "bytes": path.stat().st_size,
        "version": version or version_of(path),
        **how,
    }
    write_json(path.with_name(f"{path.name}.source.json"), content)
    return path


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


# ----------------------------------------------------------------------------- download


def _download(file: SourceFile, entry: Source, folder: Path, progress: bool) -> Path:
    """Download one file with pooch, which checks the hash and renames at the end."""
    path = folder / file.name
    if path.exists():
        _check_unchanged(path)
    downloader = _Downloader(entry, folder, file.name, progress)
    _retrieve(file, folder, downloader)
    if not downloader.done and read_fetch_record(path):
        return path
    how = {"address": file.address, "date": _today() if downloader.done else _seen(path)}
    return _record(path, entry, how, file.version or version_of(file.name))


def _retrieve(file: SourceFile, folder: Path, downloader: _Downloader) -> None:
    """Run pooch and word its errors."""
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    known_hash = f"sha256:{file.sha256}" if file.sha256 else None
    try:
        pooch.retrieve(
            file.address, known_hash, fname=file.name, path=folder, downloader=downloader
        )
    except requests.RequestException as error:
        raise FetchError(
            f"{file.address}: no answer, or it broke off ({_reason(error)}); run it again to carry "
            f"on, or {_by_hand(downloader.entry, folder)}"
        ) from error
    except ValueError as error:
        what = "a file with another SHA-256 than expected"
        raise FetchError(_advise(file.address, what, downloader.entry, folder)) from error


def _advise(address: str, what: str, entry: Source, folder: Path) -> str:
    """Word what came instead of the file, and what a person can do."""
    return f"{address}: the server gave {what}, so nothing was stored; {_by_hand(entry, folder)}"


def _by_hand(entry: Source, folder: Path) -> str:
    return f"open {entry.address} in a browser and put the file in {folder}"


@dataclass
class _Downloader:
    """Downloader for pooch that takes up what an earlier attempt left in ``<file>.part``."""

    entry: Source
    folder: Path
    name: str
    progress: bool
    done: bool = False

    # pooch calls it with a third argument of no use here
    def __call__(self, url: str, output_file: Any, pooch: Any) -> None:  # noqa: ARG002
        """Download ``url`` to ``output_file``; what arrived stays when the line breaks off."""
        part = self.folder / f"{self.name}.part"
        try:
            self._get_stubbornly(url, part)
            self._check(url, part)
            part.replace(output_file)
        except FetchError:
            _forget(part)
            raise
        _forget(part)
        self.done = True

    def _get_stubbornly(self, url: str, part: Path) -> None:
        """Download to the partial file, and carry on a few times when the line breaks off."""
        import requests

        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._get(url, part)
            except requests.RequestException:
                if attempt == ATTEMPTS or not part.exists():
                    raise
                time.sleep(PAUSE * attempt)
        return None

    def _get(self, url: str, part: Path) -> None:
        """Append to the partial file what is missing in it."""
        import requests

        start, tag = _progress_of(part)
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": tag}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if not start or _fits(answer, start):
                return self._append(answer, part)
        _forget(part)
        return self._get(url, part)

    def _append(self, answer: requests.Response, part: Path) -> None:
        """Write an answer to the partial file: to its end, or anew if the server sends it all."""
        self._check_status(answer)
        mode = "ab" if answer.status_code == 206 else "wb"
        _tag_file(part).write_text(_tag_of(answer), encoding="utf-8")
        with part.open(mode) as output, self._bar(answer, output.tell()) as bar:
            for chunk in answer.iter_content(_CHUNK):
                output.write(chunk)
                bar.update(len(chunk))
                if output.tell() > files.MAX_UNPACKED:
                    raise FetchError(self._advise(answer.url, _too_much(output.tell())))

    def _check_status(self, answer: requests.Response) -> None:
        """Refuse an answer that can't be the file."""
        what = {
            202: "an empty answer or a challenge for browsers (status 202)",
            403: "a refusal (status 403)",
            404: "no such file (status 404)",
        }.get(answer.status_code, f"status {answer.status_code}")
        length = answer.headers.get("Content-Length", "")
        if answer.status_code not in (200, 206):
            raise FetchError(self._advise(answer.url, what))
        if length.isdigit() and int(length) > files.MAX_UNPACKED:
            raise FetchError(self._advise(answer.url, _too_much(int(length))))

    def _check(self, url: str, part: Path) -> None:
        """Refuse a file that is not of the source, a web page above all."""
        try:
            found = identify(part)
        except SourceError as error:
            said = str(error).removeprefix(f"{part}: ").split(";")[0]
            what = f"no file of {self.entry.id} ({said})"
            raise FetchError(self._advise(url, what)) from error
        if found != self.entry.id:
            raise FetchError(self._advise(url, f"a file of {found}, not of {self.entry.id}"))

    def _advise(self, address: str, what: str) -> str:
        return _advise(address, what, self.entry, self.folder)

    @contextlib.contextmanager
    def _bar(self, answer: requests.Response, start: int) -> Iterator[Any]:
        """Show a progress bar in bytes."""
        from tqdm import tqdm

        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        with tqdm(
            desc=self.name,
            total=total,
            initial=start,
            unit="B",
            unit_scale=True,
            disable=not self.progress,
        ) as bar:
            yield bar


def _reason(error: Exception) -> str:
    """Return the innermost cause of a network error, as the system words it."""
    cause: BaseException = error
    while cause.__context__ is not None and isinstance(cause.__context__, Exception):
        cause = cause.__context__
    return f"{type(cause).__name__}: {getattr(cause, 'strerror', None) or cause}"


def _too_much(size: int) -> str:
    return f"{size:,} bytes or more, which is over the {files.MAX_UNPACKED:,} that are read"


def _fits(answer: requests.Response, start: int) -> bool:
    """Say whether an answer to a request from ``start`` on can be used."""
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    return begins if answer.status_code == 206 else answer.status_code != 416


def _tag_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _tag_of(answer: requests.Response) -> str:
    """Return what tells this version of the file from another one."""
    tag = answer.headers.get("ETag", "")
    strong = "" if tag.startswith("W/") else tag
    return strong or answer.headers.get("Last-Modified", "")


def _progress_of(part: Path) -> tuple[int, str]:
    """Return how much of a file is there and of which version; 0 if that can't be known."""
    try:
        tag = _tag_file(part).read_text(encoding="utf-8")
        return (part.stat().st_size, tag) if tag else (0, "")
    except OSError:
        return 0, ""


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)
