"""Write R's binary format, as much of it as the tests need (R Internals, section 1.8)."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NIL = struct.pack(">i", 254)
NA_INTEGER = -(2**31)


def integer(value: int) -> bytes:
    return struct.pack(">i", value)


def char(text: str | None, flags: int = 1 << 15) -> bytes:
    """One string; the flag 1 << 15 says UTF-8, 1 << 14 Latin-1."""
    if text is None or text is pd.NA or text != text:
        return integer(9) + integer(-1)
    raw = text.encode("latin-1" if flags == 1 << 14 else "utf-8")
    return integer(9 | flags) + integer(len(raw)) + raw


def strings(values: Any, attributes: bytes = b"", flags: int = 1 << 15) -> bytes:
    body = b"".join(char(value, flags) for value in values)
    return integer(16 | _has(attributes)) + integer(len(values)) + body + attributes


def integers(values: Any, attributes: bytes = b"", kind: int = 13) -> bytes:
    body = np.asarray(values, ">i4").tobytes()
    return integer(kind | _has(attributes)) + integer(len(values)) + body + attributes


def reals(values: Any, attributes: bytes = b"") -> bytes:
    body = np.asarray(values, ">f8").tobytes()
    return integer(14 | _has(attributes)) + integer(len(values)) + body + attributes


def _has(attributes: bytes) -> int:
    return 1 << 9 if attributes else 0


def symbol(name: str) -> bytes:
    return integer(1) + char(name)


def pairlist(pairs: dict[str, bytes]) -> bytes:
    links = [integer(2 | 1 << 10) + symbol(name) + value for name, value in pairs.items()]
    return b"".join(links) + NIL


def r_class(*names: str) -> bytes:
    return pairlist({"class": strings(names)})


def factor(codes: Any, levels: list[str]) -> bytes:
    attributes = pairlist({"levels": strings(levels), "class": strings(["factor"])})
    return integers(codes, attributes)


def frame(columns: dict[str, bytes], rows: int) -> bytes:
    attributes = pairlist(
        {
            "names": strings(list(columns)),
            "row.names": integers([NA_INTEGER, -rows]),
            "class": strings(["tbl_df", "tbl", "data.frame"]),
        }
    )
    body = b"".join(columns.values())
    return integer(19 | 1 << 9 | 1 << 8) + integer(len(columns)) + body + attributes


def column(values: pd.Series) -> bytes:
    """Write one pandas column as R would hold it."""
    if values.dtype.kind == "M":
        days = (values - pd.Timestamp(0)).dt.total_seconds() / 86_400
        return reals(days, r_class("Date"))
    if values.dtype.kind == "i":
        return integers(values)
    return reals(values) if values.dtype.kind == "f" else strings(values.astype(object))


def save(path: Path, objects: dict[str, bytes], version: int = 2) -> Path:
    """Write objects as ``save()`` does, packed with gzip."""
    head = b"RDX%d\nX\n" % version + integer(version) + integer(0x40002) + integer(0x20300)
    if version == 3:
        head += integer(5) + b"UTF-8"
    path.write_bytes(gzip.compress(head + pairlist(objects)))
    return path


def save_rds(path: Path, item: bytes, version: int = 3, *, text: bool = False) -> Path:
    """Write one object as ``saveRDS()`` does, packed with gzip; ``text`` is ``ascii = TRUE``."""
    head = integer(version) + integer(0x40002) + integer(0x20300)
    if version == 3:
        head += integer(5) + b"UTF-8"
    data = b"X\n" + head + item
    path.write_bytes(gzip.compress(to_text(data) if text else data))
    return path


def to_text(data: bytes) -> bytes:
    """Write the XDR form of one object again in R's text form (R Internals, section 1.8)."""
    words = _Words(data)
    lines = [b"A", *(words.number() for _ in range(3))]
    if lines[1] == b"3":
        lines += [words.number(), words.raw(5)]
    _item_to_text(words, lines)
    return b"\n".join(lines) + b"\n"


class _Words:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 2

    def raw(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self) -> bytes:
        (value,) = struct.unpack(">i", self.raw(4))
        return b"NA" if value == NA_INTEGER else b"%d" % value

    def real(self) -> bytes:
        (value,) = struct.unpack(">d", self.raw(8))
        return b"NA" if np.isnan(value) else b"%.16g" % value


def _item_to_text(words: _Words, lines: list[bytes]) -> None:
    flags = words.number()
    kind, attributes, tag = int(flags) & 0xFF, int(flags) & 1 << 9, int(flags) & 1 << 10
    lines.append(flags)
    if kind == 254:
        return
    if kind in (1, 9):
        if kind == 9:
            lines.append(words.number())
            if lines[-1] != b"-1":
                lines.append(_escape(words.raw(int(lines[-1]))))
        else:
            _item_to_text(words, lines)
        return
    if kind == 2:
        for _ in range(3 if tag else 2):
            _item_to_text(words, lines)
        return
    lines.append(words.number())
    read = {13: words.number, 10: words.number, 14: words.real}.get(kind)
    for _ in range(int(lines[-1])):
        if read:
            lines.append(read())
        else:
            _item_to_text(words, lines)
    if attributes:
        _item_to_text(words, lines)


def _escape(raw: bytes) -> bytes:
    """Escape as R's OutString: newlines by letter, blanks and bytes beyond ASCII in octal."""
    letters = {10: b"\\n", 9: b"\\t", 92: b"\\\\", 34: b'\\"', 39: b"\\'", 63: b"\\?"}
    return b"".join(
        letters.get(byte, b"%c" % byte if 32 < byte < 127 else b"\\%03o" % byte) for byte in raw
    )


def save_frame(path: Path, name: str, table: pd.DataFrame) -> Path:
    columns = {str(c): column(table[c]) for c in table.columns}
    return save(path, {name: frame(columns, len(table))})
