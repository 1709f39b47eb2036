"""Data frames out of R's ``.rda``, ``.RData`` and ``.rds`` files; nothing in them can run."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.errors import FormatError, UnsafeFileError
from helpers.record.files import open_bytes

_CODE: Final = {
    3: "a function",
    4: "an environment",
    5: "a promise",
    6: "a call",
    7: "a built-in function",
    8: "a built-in function",
    17: "a '...' object",
    20: "an expression",
    21: "byte code",
    23: "a weak reference",
    25: "an S4 object",
    239: "byte code",
    240: "byte code",
    247: "a persistent name",
    249: "a namespace",
    250: "a package environment",
}
"""Type codes of the R format that are code or can lead to code: never read."""

_NOTHING: Final = {0, 22, 241, 242, 251, 252, 253, 254}
"""Types with no value for us: NULL, external pointers, marks of standard environments."""

_SYMBOL, _PAIRLIST, _STRING, _LIST, _REFERENCE, _ALTREP, _POINTER = 1, 2, 16, 19, 255, 238, 22
_NUMBERS: Final = {10: (">i4", 4), 13: (">i4", 4), 14: (">f8", 8), 24: ("u1", 1)}
_NA_INTEGER: Final = -(2**31)
_HAS_ATTRIBUTES, _HAS_TAG = 1 << 9, 1 << 10
_LATIN1: Final = 1 << 14
_SAVED: Final = re.compile(rb"RD[XA][23]\n[XA]\n")
_SAVED_ONE: Final = re.compile(rb"X\n\x00\x00\x00[\x02\x03]|A\n[23]\n")
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED: Final = {
    b"n": b"\n",
    b"t": b"\t",
    b"v": b"\v",
    b"b": b"\b",
    b"r": b"\r",
    b"f": b"\f",
    b"a": b"\a",
}
_LAST_SECOND: Final = 253_402_300_800


@dataclass
class _Item:
    """One R object: its type code, its value, its attributes by name."""

    kind: int
    value: Any = None
    attributes: dict[str, _Item] = field(default_factory=dict)


def read_rda(path: str | Path) -> dict[str, pd.DataFrame]:
    """Read the data frames of an ``.rda``, ``.RData`` or ``.rds`` file.

    Answers: which tables does this file hold? The format is parsed here, value by value, with a
    list of the types that are data; a file that holds code (functions, calls, promises,
    environments, byte code) is refused whole. Objects that are no data frame are left out.

    Parameters
    ----------
    path : str or Path
        A file of R's ``save()`` or ``saveRDS()``, in its binary (XDR) or its text form, plain or
        packed with gzip, bzip2 or xz.

    Returns
    -------
    dict of str to pandas.DataFrame
        By object name (``saveRDS()`` keeps none: then ``data``), rows and columns in the order of
        the file. Text and factors arrive as
        categoricals (missing: NaN), integers and logicals as ``Int32``, numbers as float64,
        dates as ``datetime64[s]``.

    Raises
    ------
    UnsafeFileError
        The file holds code, or is too large unpacked.
    FormatError
        It is no such file, is cut short, or holds a data frame of another kind of columns.

    Notes
    -----
    Format: R Core Team, *R Internals*, section 1.8 "Serialization Formats". The pure Python
    package ``rdata`` reads the same files; on the 870,109 votes of unvotes it takes 20 times as
    long, so it serves the tests as the independent reader.
    """
    path = Path(path)
    with open_bytes(path) as file:
        data = file.read()
    reader = _open_reader(data, path)
    try:
        reader.skip_header()
        item = reader.read_item()
        named = (item.value or []) if reader.is_saved else [("data", item)]
        frames = {str(name): item for name, item in named if _is_frame(item)}
        tables = {name: _to_frame(item, name, path) for name, item in frames.items()}
    except (struct.error, IndexError, RecursionError, ValueError, TypeError) as error:
        raise FormatError(
            f"{path}: the R file is damaged or cut short near byte {reader.position:,}; "
            "download or copy it again"
        ) from error
    if not tables:
        raise FormatError(f"{path}: holds no data frame")
    return tables


def is_r_data(head: bytes) -> bool:
    r"""Say whether the first bytes of a file, unpacked, are those of ``save()`` or ``saveRDS()``.

    Examples
    --------
    >>> is_r_data(b"RDX3\nX\n"), is_r_data(b"A\n3\n263170"), is_r_data(b"Xavier,vote")
    (True, True, False)
    """
    return bool(_SAVED.match(head) or _SAVED_ONE.match(head))


def _open_reader(data: bytes, path: Path) -> _Reader:
    """Return a reader for the form of serialization that the file begins with."""
    if not is_r_data(data[:16]):
        raise FormatError(
            f"{path}: is no file of R's save() or saveRDS() in XDR or text form; "
            "in R, load it and save() it again"
        )
    is_saved = bool(_SAVED.match(data))
    form = _TextReader if data[5 if is_saved else 0 :].startswith(b"A\n") else _Reader
    return form(data, path, is_saved)


class _Reader:
    """A cursor over the bytes of an R serialization in XDR form."""

    def __init__(self, data: bytes, path: Path, is_saved: bool) -> None:
        self.data = data
        self.path = path
        self.is_saved = is_saved
        self.position = 7 if is_saved else 2
        self.references: list[_Item] = []

    def skip_header(self) -> None:
        """Go behind the versions of format, writer and reader, and the encoding's name."""
        version = self.integer()
        self.integer()
        self.integer()
        if version == 3:
            self._skip_encoding()

    def _skip_encoding(self) -> None:
        size = self.length()
        self.position += size

    def step_back(self) -> None:
        """Go back to before the integer that was read last."""
        self.position -= 4

    def integer(self) -> int:
        """Read one big-endian integer."""
        (value,) = struct.unpack_from(">i", self.data, self.position)
        self.position += 4
        return int(value)

    def length(self) -> int:
        """Read the length of a vector; a longer one than the file is damage."""
        size = self.integer()
        if not 0 <= size <= len(self.data):
            raise ValueError(f"a vector of {size} values")
        return size

    def read_item(self) -> _Item:
        """Read one object with everything below it."""
        flags = self.integer()
        kind = flags & 0xFF
        if kind in _CODE:
            raise UnsafeFileError(
                f"{self.path}: refused, it holds {_CODE[kind]} near byte {self.position:,}; "
                "only files with plain data are read"
            )
        if kind == _REFERENCE:
            return self.references[(flags >> 8 or self.integer()) - 1]
        if kind == _SYMBOL:
            return self._read_symbol()
        if kind == _PAIRLIST:
            return self._read_pairlist(flags)
        if kind == _ALTREP:
            return self._read_altrep()
        item = _Item(kind)
        if kind == _POINTER:
            self._skip_pointer(item)
        elif kind not in _NOTHING:
            item.value = self._read_vector(kind)
        if flags & _HAS_ATTRIBUTES:
            item.attributes = _by_name(self.read_item())
        return item

    def _read_symbol(self) -> _Item:
        codes, names = self._read_strings(1)
        item = _Item(_SYMBOL, names[codes[0]])
        self.references.append(item)
        return item

    def _skip_pointer(self, item: _Item) -> None:
        """Pass over an external pointer: its address is never in the file."""
        self.references.append(item)
        self.read_item()
        self.read_item()

    def _read_pairlist(self, flags: int) -> _Item:
        """Read a chain of (tag, value) pairs, the last link of which may be any object."""
        pairs: list[tuple[Any, _Item]] = []
        while flags & 0xFF == _PAIRLIST:
            if flags & _HAS_ATTRIBUTES:
                self.read_item()
            tag = self.read_item().value if flags & _HAS_TAG else None
            pairs.append((tag, self.read_item()))
            flags = self.integer()
        self.step_back()
        last = self.read_item()
        if last.kind not in _NOTHING:
            pairs.append((None, last))
        return _Item(_PAIRLIST, pairs)

    def _read_vector(self, kind: int) -> Any:
        if kind in _NUMBERS:
            return self._read_numbers(*_NUMBERS[kind])
        if kind == _STRING:
            return self._read_strings(self.length())
        if kind == _LIST:
            return [self.read_item() for _ in range(self.length())]
        raise FormatError(f"{self.path}: holds R values of type {kind}, which no voting file has")

    def _read_numbers(self, dtype: str, width: int) -> np.ndarray:
        size = self.length()
        values = np.frombuffer(self.data, dtype, count=size, offset=self.position)
        self.position += size * width
        return values.astype(values.dtype.newbyteorder("="))

    def _read_strings(self, size: int) -> tuple[np.ndarray, list[Any]]:
        """Read ``size`` strings as codes into a list of the distinct ones (None: missing)."""
        data, position, unpack = self.data, self.position, struct.Struct(">ii").unpack_from
        codes = np.empty(size, dtype=np.int32)
        seen: dict[Any, int] = {}
        for i in range(size):
            flags, length = unpack(data, position)
            position += 8
            if flags & 0xFF != 9:
                raise ValueError("a string of another type")
            end = position + max(length, 0)
            key = (data[position:end], flags & _LATIN1) if length >= 0 else None
            codes[i] = seen.setdefault(key, len(seen))
            position = end
        if position > len(data):
            raise ValueError("a string beyond the end")
        self.position = position
        return codes, [_decode(key) for key in seen]

    def _read_altrep(self) -> _Item:
        """Expand R's compact forms: number sequences, wrapped vectors, numbers kept as text."""
        name = str(self.read_item().value[0][1].value)
        state = self.read_item()
        attributes = _by_name(self.read_item())
        if name in ("compact_intseq", "compact_realseq"):
            size, start, step = state.value
            numbers = start + step * np.arange(int(size))
            item = _Item(13, numbers.astype("i4")) if "int" in name else _Item(14, numbers)
        elif name.startswith("wrap_"):
            first = state.value[0]
            item = first[1] if isinstance(first, tuple) else first
        elif name == "deferred_string":
            item = _numbers_as_text(state.value[0][1])
        else:
            raise FormatError(f"{self.path}: holds a vector of R's class {name}; save it again")
        return _Item(item.kind, item.value, attributes or item.attributes)


class _TextReader(_Reader):
    """The same over R's text form: one number or string a line, strings with escapes."""

    def __init__(self, data: bytes, path: Path, is_saved: bool) -> None:
        super().__init__(data, path, is_saved)
        self.lines = data.split(b"\n")
        self.position = 2 if is_saved else 1

    def _line(self) -> bytes:
        line = self.lines[self.position]
        self.position += 1
        return line.strip()

    def integer(self) -> int:
        line = self._line()
        return _NA_INTEGER if line == b"NA" else int(line)

    def step_back(self) -> None:
        self.position -= 1

    def _skip_encoding(self) -> None:
        self.position += 2

    def _read_numbers(self, dtype: str, width: int) -> np.ndarray:  # noqa: ARG002
        lines = [self._line() for _ in range(self.length())]
        if dtype == "u1":
            return np.array([int(line, 16) for line in lines], dtype="u1")
        if dtype == ">i4":
            return np.array([_NA_INTEGER if n == b"NA" else int(n) for n in lines], dtype="i4")
        return np.array([np.nan if n == b"NA" else float(n) for n in lines], dtype="f8")

    def _read_strings(self, size: int) -> tuple[np.ndarray, list[Any]]:
        codes = np.empty(size, dtype=np.int32)
        seen: dict[Any, int] = {}
        for i in range(size):
            flags, length = self.integer(), self.integer()
            if flags & 0xFF != 9:
                raise ValueError("a string of another type")
            key = (_unescape(self._line()), flags & _LATIN1) if length >= 0 else None
            codes[i] = seen.setdefault(key, len(seen))
        return codes, [_decode(key) for key in seen]


def _unescape(line: bytes) -> bytes:
    """Return the bytes that R wrote with a backslash before letters and octal numbers."""
    return _ESCAPE.sub(_read_escape, line)


def _read_escape(found: re.Match[bytes]) -> bytes:
    code = found.group(1)
    return _ESCAPED.get(code) or (bytes([int(code, 8)]) if code.isdigit() else code)


def _decode(key: tuple[bytes, int] | None) -> str | None:
    """Decode one string: Latin-1 where it says so, else UTF-8, else Windows Latin."""
    if key is None:
        return None
    raw, latin1 = key
    if latin1:
        return raw.decode("cp1252", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _numbers_as_text(item: _Item) -> _Item:
    """Turn numbers into the strings that R would make of them."""
    missing = item.value == _NA_INTEGER if item.kind == 13 else np.isnan(item.value)
    pairs = zip(item.value, missing, strict=True)
    text = [None if absent else f"{value:.15g}" for value, absent in pairs]
    codes, names = pd.factorize(pd.Series(text, dtype=object), use_na_sentinel=False)
    return _Item(_STRING, (codes, [None if pd.isna(n) else n for n in names]))


def _by_name(item: _Item) -> dict[str, _Item]:
    """Return a pairlist of attributes as a dict."""
    return {str(tag): value for tag, value in item.value} if item.kind == _PAIRLIST else {}


def _texts(item: _Item | None) -> list[str]:
    """Return a character vector as a list; empty where it is none."""
    if item is None or item.kind != _STRING:
        return []
    codes, names = item.value
    return [names[code] for code in codes]


def _is_frame(item: _Item) -> bool:
    return item.kind == _LIST and "data.frame" in _texts(item.attributes.get("class"))


def _to_frame(item: _Item, name: str, path: Path) -> pd.DataFrame:
    names = _texts(item.attributes.get("names"))
    pairs = zip(names, item.value, strict=True)
    columns = {n: _to_column(c, f"{path}: column {n} of {name}") for n, c in pairs}
    sizes = {len(column) for column in columns.values()}
    if len(columns) != len(names) or len(sizes) > 1:
        raise FormatError(f"{path}: the columns of {name} differ in length or share a name")
    return pd.DataFrame(columns)


def _to_column(item: _Item, where: str) -> Any:
    """Return one column of a data frame as a pandas array."""
    kinds = _texts(item.attributes.get("class"))
    if item.kind == _STRING:
        return _categorical(*item.value)
    if item.kind == 13 and "factor" in kinds:
        levels = pd.Index(_texts(item.attributes.get("levels")), dtype=object)
        codes = np.where(item.value == _NA_INTEGER, 0, item.value) - 1
        return pd.Categorical.from_codes(codes, levels)
    if item.kind == 14 and "Date" in kinds:
        return _dates(item.value, 86_400.0)
    if item.kind == 14 and "POSIXct" in kinds:
        return _dates(item.value, 1.0)
    if item.kind == 14:
        return item.value
    if item.kind in (10, 13):
        return pd.arrays.IntegerArray(item.value, item.value == _NA_INTEGER)
    raise FormatError(f"{where} holds neither text nor numbers")


def _categorical(codes: np.ndarray, names: list[Any]) -> pd.Categorical:
    """Make a categorical of codes into names, of which two may be equal and one missing."""
    merged, distinct = pd.factorize(pd.Series(names, dtype=object))
    return pd.Categorical.from_codes(merged[codes], pd.Index(distinct, dtype=object))


def _dates(values: np.ndarray, unit: float) -> Any:
    """Turn numbers of ``unit`` seconds since 1970 into dates; beyond the year 9999 is NaT."""
    known = np.abs(values) < _LAST_SECOND / unit
    stamps = (np.where(known, values, 0) * unit).astype("int64").astype("datetime64[s]")
    stamps[~known] = np.datetime64("NaT")
    return pd.array(stamps)
