"""Digests: of content, and of the code that makes a result of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.store.dependencies import PACKAGE, files_behind, library_versions


def digest(*parts: Any) -> str:
    """Return 16 hexadecimal digits that stand for the content of the parts.

    Parts may be JSON values, dates, bytes, numpy arrays (shape, type and bytes count), data frames
    (labels, types and values count), paths (the file's bytes count), dataclasses (name and fields
    count), and lists, tuples and mappings of these.

    Raises
    ------
    TypeError
        A part is none of these, so that no two contents can have one digest by mistake.

    Examples
    --------
    >>> digest({"a": 1}) == digest({"a": 1}), digest({"a": 1}) == digest({"a": 2})
    (True, False)
    """
    sha = hashlib.sha256()
    for part in parts:
        sha.update(b"".join(_as_bytes(part)))
        sha.update(b"\x00")
    return sha.hexdigest()[:16]


def _as_bytes(part: Any) -> Iterator[bytes]:
    """Write content as bytes, so that different content gives different bytes."""
    if part is None or isinstance(part, (bool, int, float, str)):
        yield json.dumps(part).encode()
    elif isinstance(part, bytes):
        yield part
    elif isinstance(part, Path):
        yield part.read_bytes()
    elif isinstance(part, Mapping):
        yield from _list_bytes(
            "{", [x for key in sorted(part, key=str) for x in (str(key), part[key])]
        )
    elif isinstance(part, (list, tuple)):
        yield from _list_bytes("[", part)
    elif isinstance(part, date):
        yield part.isoformat().encode()
    elif dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = [x for f in dataclasses.fields(part) for x in (f.name, getattr(part, f.name))]
        yield from _list_bytes(type(part).__name__, fields)
    elif hasattr(part, "dtype") or hasattr(part, "dtypes"):
        yield from _table_bytes(part)
    else:
        raise TypeError(f"digest: it cannot read the content of a {type(part).__name__}: {part!r}")


def _list_bytes(kind: str, items: Sequence[Any]) -> Iterator[bytes]:
    yield f"{kind}{len(items)}:".encode()
    for item in items:
        inside = b"".join(_as_bytes(item))
        yield f"{len(inside)}:".encode()
        yield inside


def _table_bytes(part: Any) -> Iterator[bytes]:
    """Write a numpy array or number, or a series, index or data frame of pandas."""
    import numpy as np
    import pandas as pd

    if isinstance(part, np.generic) or (isinstance(part, np.ndarray) and part.dtype == object):
        yield from _as_bytes(part.tolist())
    elif isinstance(part, np.ndarray):
        yield f"{part.dtype}{part.shape}".encode()
        yield part.tobytes()
    elif isinstance(part, (pd.Series, pd.DataFrame)):
        labels = part.columns if isinstance(part, pd.DataFrame) else [part.name]
        dtypes = np.atleast_1d(np.asarray(part.dtypes, dtype=object))
        names = [str(d) if str(d) != "category" else f"category {d.ordered}" for d in dtypes]
        yield from _as_bytes([list(labels), names, list(part.index.names)])
        yield pd.util.hash_pandas_object(part).to_numpy().tobytes()
    else:
        yield str(part.dtype).encode()
        yield pd.util.hash_pandas_object(part).to_numpy().tobytes()


@lru_cache(maxsize=32)
def code_version(*modules: str, alone: Iterable[str] = ()) -> str:
    """Return a digest of the code, mappings and libraries that decide what some modules compute.

    A library counts where one of the modules, or a module that they import, imports it.

    Parameters
    ----------
    modules, alone
        As in `dependencies.files_behind`.

    Examples
    --------
    >>> code_version("helpers.errors") == code_version("helpers.record.tables")
    False
    """
    files = files_behind(modules, alone)
    named = (part for p in files for part in (p.relative_to(PACKAGE).as_posix(), p))
    return digest(library_versions(files), *named)
