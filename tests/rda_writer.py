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


def save_frame(path: Path, name: str, table: pd.DataFrame) -> Path:
    columns = {str(c): column(table[c]) for c in table.columns}
    return save(path, {name: frame(columns, len(table))})
