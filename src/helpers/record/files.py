"""Open any supported file safely: what is inside decides, never the name; nothing is extracted."""

from __future__ import annotations

import bz2
import codecs
import contextlib
import csv
import gzip
import hashlib
import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from helpers.errors import FormatError, MissingDataError, SourceError, UnsafeFileError

MAX_UNPACKED: Final = 2 * 1024**3
"""Largest file that is read, unpacked, in bytes (2 GiB; the Library's largest file is 0.4 GB)."""

MAX_RATIO: Final = 900
"""Unpacked bytes per packed byte beyond which a file over 64 MiB counts as a bomb.

Real files have 35 (the Library's, gzip) to 130 (unvotes, bzip2); gzip and zip reach 1,030 at most.
"""

HEAD: Final = 65_536
"""Bytes at the beginning in which the header line must end."""

_RATIO_FLOOR: Final = 64 * 1024**2
_CHUNK: Final = 4 * 1024**2
_UTF8_BOM: Final = codecs.BOM_UTF8
_DELIMITERS: Final = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
_DATA_SUFFIXES: Final = (".csv", ".tab", ".tsv", ".txt", ".rda", ".rdata", ".dta")

_PACKED: Final = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}
_OTHER_FORMATS: Final = {
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet table",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word document",
    b"\xff\xfe": "text in UTF-16, not in UTF-8: save it as CSV in UTF-8",
    b"\xfe\xff": "text in UTF-16, not in UTF-8: save it as CSV in UTF-8",
    _UTF8_BOM + _UTF8_BOM: "a text that begins with two byte-order marks: remove one of them",
}
_R_FILE: Final = "a file of R (save() or saveRDS()), as the sources voeten and unvotes have them"
_OTHER_TABLES: Final = {
    **dict.fromkeys((b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n"), _R_FILE),
    **dict.fromkeys((b"X\n\x00\x00\x00", b"A\n2\n", b"A\n3\n"), _R_FILE),
    b"<stata_dta>": "a file of Stata, as the source voeten has them",
}
_DAMAGED: Final = (
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


def open_bytes(path: str | Path, *, max_unpacked: int = MAX_UNPACKED) -> BinaryIO:
    r"""Open a data file for reading, unpacked in memory where it is packed.

    Answers: is this file safe to read, and what are its bytes? Plain files, gzip, zip with one
    data file, Zstandard, bzip2 and xz are told apart by their first bytes.

    Parameters
    ----------
    path : str or Path
        The file.
    max_unpacked : int
        Largest size after unpacking, in bytes.

    Returns
    -------
    binary file
        At position 0; a file on disk if it was plain, else in memory (then the memory it takes
        is its unpacked size). One UTF-8 byte-order mark is left in place: pyarrow and pandas
        (``encoding="utf-8-sig"``) skip it. Close it, or use ``with``.

    Raises
    ------
    MissingDataError
        There is no such file.
    FormatError
        A folder, an empty or damaged file, a web page, a document, UTF-16, two byte-order marks,
        a zip without exactly one data file.
    UnsafeFileError
        Too large unpacked, packed suspiciously tightly, or a zip with a path that escapes.

    Examples
    --------
    >>> import gzip, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "votes"
    ...     _ = path.write_bytes(gzip.compress(b"member,vote\nUSA,yes\n"))
    ...     with open_bytes(path) as file:
    ...         file.read()
    b'member,vote\nUSA,yes\n'
    """
    path = _check_file(Path(path), max_unpacked)
    packing = _find_packing(path)
    with _stream(path, packing) as stream:
        head = stream.read(HEAD)
        _check_head(head, path)
        if packing:
            return _unpack(head, stream, path, max_unpacked)
    return path.open("rb")


def read_head(path: str | Path, size: int = HEAD) -> bytes:
    """Return the first bytes of a file as they are unpacked, without reading the rest.

    Parameters
    ----------
    path : str or Path
        The file, packed or plain.
    size : int
        At most so many bytes.

    Returns
    -------
    bytes
        Never empty.

    Raises
    ------
    MissingDataError, FormatError, UnsafeFileError
        As :func:`open_bytes`.
    """
    path = _check_file(Path(path), None)
    with _stream(path, _find_packing(path)) as stream:
        head = stream.read(size)
    _check_head(head, path)
    return head


def read_header(path: str | Path) -> list[str]:
    r"""Return the column names of a delimited text file (comma or tab; packed or plain).

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    list of str
        The fields of line 1 without quotes and outer blanks; an unnamed column is ``""``.

    Raises
    ------
    FormatError
        Not a text table separated by commas or tabs, or not in UTF-8.
    MissingDataError, UnsafeFileError
        As :func:`open_bytes`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "votes.csv"
    ...     _ = path.write_bytes(b'\xef\xbb\xbf"member",vote\r\nUSA,yes\r\n')
    ...     read_header(path), sniff_delimiter(path)
    (['member', 'vote'], ',')
    """
    line, delimiter = _first_line(Path(path))
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]


def read_first_column(path: str | Path, rows: int = 40) -> list[str]:
    """Return the first fields of the rows after line 1, of at most so many rows.

    For saying what a table is that is in no known layout; what cannot be read is left out.

    Raises
    ------
    FormatError, MissingDataError, UnsafeFileError
        As :func:`read_header`.
    """
    delimiter = sniff_delimiter(path)
    lines = read_head(path).decode("utf-8", errors="replace").splitlines()[1 : rows + 1]
    with contextlib.suppress(csv.Error):
        return [row[0].strip() for row in csv.reader(lines, delimiter=delimiter) if row]
    return []


def sniff_delimiter(path: str | Path) -> str:
    """Return what separates the columns of line 1: ``","`` or a tab.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        One character.

    Raises
    ------
    FormatError
        Separated by something else, or not at all.
    """
    return _first_line(Path(path))[1]


def check_utf8(path: str | Path) -> None:
    """Read a text file through and stop at the first byte that is not UTF-8.

    Fast readers call it when their parser meets such a byte, to say where it is.

    Parameters
    ----------
    path : str or Path
        The file, packed or plain.

    Raises
    ------
    FormatError
        With line and column of the first byte that is not UTF-8.
    """
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise FormatError(_say_not_utf8(Path(path), number, line, error)) from error


def check_rows(path: str | Path) -> None:
    """Read a text table through and stop at the first row that is not as wide as the header.

    Fast readers call it when their parser gives up, to say where.

    Parameters
    ----------
    path : str or Path
        The file, packed or plain.

    Raises
    ------
    FormatError
        With the line on which such a row ends, and both numbers of columns.
    """
    width = len(read_header(path))
    with open_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        rows = csv.reader(text, delimiter=sniff_delimiter(path))
        try:
            for row in rows:
                if row and len(row) != width:
                    raise FormatError(
                        f"{path}: line {rows.line_num} has {len(row)} columns, line 1 has {width}"
                    )
        except csv.Error as error:
            raise FormatError(
                f"{path}: line {rows.line_num}: a quote is opened and never closed ({error})"
            ) from error


def checksum(path: str | Path) -> str:
    """Return the SHA-256 of a file as it is on disk, in hexadecimal.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "abc"
    ...     _ = path.write_bytes(b"abc")
    ...     checksum(path)[:16]
    'ba7816bf8f01cfea'
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ----------------------------------------------------------------------------- packing


def _find_packing(path: Path) -> str:
    """Return the kind of packing by magic bytes; ``""`` for a plain file."""
    with path.open("rb") as file:
        start = file.read(8)
    return next((kind for magic, kind in _PACKED.items() if start.startswith(magic)), "")


@contextmanager
def _stream(path: Path, packing: str) -> Iterator[BinaryIO]:
    """Open the unpacked bytes as a stream; damage met while reading becomes a FormatError."""
    try:
        with _OPENERS[packing](path) as stream:
            yield stream
    except _DAMAGED as error:
        raise FormatError(
            f"{path}: the {packing or 'plain'} file is damaged or cut short ({error}); "
            "download or copy it again"
        ) from error


def _open_zstd(path: Path) -> BinaryIO:
    """Open a Zstandard file; pyarrow's stream reports a frame that is cut short."""
    import pyarrow as pa

    return cast(BinaryIO, pa.input_stream(str(path), compression="zstd"))


def _open_zip(path: Path) -> BinaryIO:
    """Open the one data file of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        member = _choose_member(archive, path)
        return cast(BinaryIO, archive.open(member))


_OPENERS: Final[dict[str, Callable[[Path], Any]]] = {
    "": io.FileIO,
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
    "zip": _open_zip,
    "zstd": _open_zstd,
}


def _choose_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """Return the one data file of an archive all of whose names are harmless."""
    members = [m for m in archive.infolist() if not m.is_dir()]
    for member in members:
        _check_member_name(member.filename, path)
    if any(m.filename == "[Content_Types].xml" for m in members):
        raise FormatError(f"{path}: is an Excel or Word document; save the table as CSV in UTF-8")
    shown = [m for m in members if not _is_hidden(m.filename)]
    data = [m for m in shown if m.filename.lower().endswith(_DATA_SUFFIXES)]
    chosen = data if len(shown) > 1 else shown
    if len(chosen) != 1:
        names = ", ".join(m.filename for m in shown[:4]) or "nothing"
        raise FormatError(
            f"{path}: a zip must hold exactly one data file, this one holds {names}; "
            "unpack it and give the file"
        )
    if chosen[0].flag_bits & 1:
        raise FormatError(f"{path}: {chosen[0].filename} is encrypted; unpack it first")
    return chosen[0]


def _check_member_name(name: str, path: Path) -> None:
    """Refuse an archive with a name that would leave the folder it is unpacked to."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or (parts and parts[0] == "/") or ":" in name or "\x00" in name:
        raise UnsafeFileError(
            f"{path}: refused, the archive holds a path that leaves its folder ({name!r})"
        )


def _is_hidden(name: str) -> bool:
    """Say whether an archive member is a leftover of an operating system, not data."""
    return any(part == "__MACOSX" or part.startswith(".") for part in PurePosixPath(name).parts)


def _unpack(head: bytes, stream: BinaryIO, path: Path, max_unpacked: int) -> BinaryIO:
    """Read a stream into memory and stop as soon as it is too large for what it came from."""
    unpacked = io.BytesIO()
    packed = path.stat().st_size
    chunk = head
    while chunk:
        unpacked.write(chunk)
        size = unpacked.tell()
        if size > max_unpacked or (size > _RATIO_FLOOR and size > MAX_RATIO * packed):
            raise UnsafeFileError(
                f"{path}: refused, its {packed:,} bytes unpack to {size:,} or more "
                f"(at most {max_unpacked:,}, and {MAX_RATIO} times the packed size, are read)"
            )
        chunk = stream.read(_CHUNK)
    unpacked.seek(0)
    return unpacked


# ----------------------------------------------------------------------------- checks


def _check_file(path: Path, max_size: int | None) -> Path:
    """Refuse what is no file, is empty, can't be read or is too large."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FormatError(f"{path}: is a folder, not a file; give a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeFileError(f"{path}: refused, it is a device or pipe, not a file")
        path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingDataError(f"{path}: there is no such file") from error
    except OSError as error:
        raise SourceError(f"{path}: can't be opened ({error.strerror})") from error
    if status.st_size == 0:
        raise FormatError(f"{path}: is empty (0 bytes); download or copy it again")
    if max_size is not None and status.st_size > max_size:
        raise UnsafeFileError(
            f"{path}: refused, its {status.st_size:,} bytes are more than {max_size:,}"
        )
    return path


def _check_head(head: bytes, path: Path) -> None:
    """Refuse by its first bytes what can't be a data file."""
    if not head:
        raise FormatError(f"{path}: is empty once unpacked")
    for magic, what in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise FormatError(f"{path}: is {what}")
    start = head[:1024].removeprefix(_UTF8_BOM).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<!--")):
        raise FormatError(
            f"{path}: is a web page, not data (a download that was answered with a page?); "
            "download the file with a browser"
        )


def _first_line(path: Path) -> tuple[str, str]:
    """Return the first line as text and its delimiter."""
    head = read_head(path)
    for magic, what in _OTHER_TABLES.items():
        if head.startswith(magic):
            raise FormatError(f"{path}: is {what}, and this source comes as text (.csv, .tab)")
    line = head.removeprefix(_UTF8_BOM).splitlines()[0] if head.strip() else b""
    if b"\x00" in line:
        raise FormatError(f"{path}: line 1 holds zero bytes, so it is no text table in UTF-8")
    if len(line) >= HEAD - len(_UTF8_BOM):
        raise FormatError(f"{path}: line 1 does not end within {HEAD:,} bytes: no table")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(_say_not_utf8(path, 1, line, error)) from error
    return text, _find_delimiter(text, path)


def _find_delimiter(line: str, path: Path) -> str:
    """Return the delimiter that cuts a header line into most columns, if it is one of ours."""
    columns = {d: len(next(csv.reader([line], delimiter=d), [])) for d in _DELIMITERS}
    delimiter = max(columns, key=lambda d: columns[d])
    if columns[delimiter] < 2:
        raise FormatError(
            f"{path}: line 1 has one column only ({line[:60]!r}); "
            "expected names separated by commas or tabs"
        )
    if delimiter not in ",\t":
        raise FormatError(
            f"{path}: the columns of line 1 are separated by {_DELIMITERS[delimiter]}; "
            "expected commas or tabs: save it again with commas"
        )
    return delimiter


def _say_not_utf8(path: Path, number: int, line: bytes, error: UnicodeDecodeError) -> str:
    """Word where a byte is that is not UTF-8; the column by its name, on line 1 by its number."""
    before = line[: error.start].decode("latin-1")
    delimiter = sniff_delimiter(path) if number > 1 else ","
    place = max(len(next(csv.reader([before], delimiter=delimiter), [])), 1)
    names = read_header(path) if number > 1 else []
    column = names[place - 1] if place <= len(names) else str(place)
    return (
        f"{path}: line {number}, column {column}: byte 0x{line[error.start]:02x} is not UTF-8 "
        "(the file may be in Latin-1 or Windows-1252); save it as CSV in UTF-8"
    )
