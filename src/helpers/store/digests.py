"""Digests: of content, and of the code that makes a result of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.store.dependencies import PACKAGE, files_behind, library_versions


def digest(*parts: Any) -> str:
    """Return 16 hexadecimal digits that stand for the content of the parts.

    Parts may be JSON-serialisable values, bytes, numpy arrays of numbers (shape, type and bytes
    count) or paths (the file's bytes count).

    Raises
    ------
    TypeError
        A part is none of these: what has no digest must not pass for something else that has none.

    Examples
    --------
    >>> digest({"a": 1}) == digest({"a": 1}), digest({"a": 1}) == digest({"a": 2})
    (True, False)
    """
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            sha.update(part.read_bytes())
        elif isinstance(part, bytes):
            sha.update(part)
        elif hasattr(part, "tobytes") and not part.dtype.hasobject:
            sha.update(f"{part.dtype}{part.shape}".encode())
            sha.update(part.tobytes())
        else:
            sha.update(json.dumps(part, sort_keys=True).encode())
        sha.update(b"\x00")
    return sha.hexdigest()[:16]


@lru_cache(maxsize=32)
def code_version(*modules: str, alone: Iterable[str] = ()) -> str:
    """Return a digest of the code, mappings and libraries that decide what some modules compute.

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
    return digest(library_versions(), *named)
