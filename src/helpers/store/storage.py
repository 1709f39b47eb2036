"""Where things are kept: project root, atomic writes, cached stages, provenance."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from helpers.errors import MissingDataError, StorageError
from helpers.store.dependencies import PACKAGE, files_behind, library_versions

if TYPE_CHECKING:
    import pandas as pd
    from _typeshed import DataclassInstance

    ResultT = TypeVar("ResultT", bound=DataclassInstance)


def checkout() -> Path | None:
    """Return the checkout that this package is run from, or None when it was installed."""
    root = PACKAGE.parents[1]
    return root if (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir() else None


def workspace() -> Path:
    """Return the folder that holds ``data/processed`` and ``reports``.

    The folder named by ``UNBLOCS_HOME``, else the checkout, else the working folder.
    """
    named = os.environ.get("UNBLOCS_HOME")
    return Path(named).resolve() if named else (checkout() or Path.cwd())


def bundled(path: str) -> Path:
    """Return a file or folder that travels with the package, such as ``notebooks``.

    Raises
    ------
    MissingDataError
        Neither the checkout nor the installed package has it.
    """
    root = checkout()
    for folder in (root, PACKAGE / "_bundle"):
        if folder is not None and (folder / path).exists():
            return folder / path
    raise MissingDataError(
        f"{path}: it comes with the project and is missing here; restore it (git checkout {path}) "
        "or install the package anew"
    )


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` while writing ``path`` into one sentence.

    Raises
    ------
    StorageError
        The folder is read-only, the disk is full, or the file cannot be written for another reason.
    """
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full; free some space and run it again",
            errno.EACCES: "writing there is not allowed; change the folder's permissions",
            errno.EPERM: "writing there is not allowed; change the folder's permissions",
            errno.EROFS: "the folder is read-only; choose another one",
        }
        reason = reasons.get(error.errno or 0, f"{error.strerror or error}; check the folder")
        raise StorageError(f"cannot write {path}: {reason}") from error


def write_atomic(path: Path, content: bytes | str) -> Path:
    """Write a file so that it is there whole or not at all.

    Raises
    ------
    StorageError
        It cannot be written; nothing is left behind.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return path


def write_json(path: Path, content: Any) -> Path:
    """Write JSON with sorted keys, atomically; equal content gives equal bytes."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return write_atomic(path, text + "\n")


@contextlib.contextmanager
def atomic_folder(path: Path, *, keep_existing: bool = False) -> Iterator[Path]:
    """Yield a temporary folder that takes the place of ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        The final folder; what was there is replaced as a whole.
    keep_existing : bool
        If the folder came to exist meanwhile, leave it (another process made the same result).
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.{os.getpid()}.", dir=path.parent))
    try:
        yield temporary
        with storage_errors(path):
            temporary.chmod(0o755)
            _swap(temporary, path, keep_existing=keep_existing)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(temporary: Path, path: Path, *, keep_existing: bool) -> None:
    if keep_existing and path.exists():
        return
    old = temporary.with_name(temporary.name + ".old")
    if path.exists():
        path.rename(old)
    temporary.rename(path)
    shutil.rmtree(old, ignore_errors=True)


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


def cached(stage: str, kind: type[ResultT], compute: Callable[[], ResultT], *, key: Any) -> ResultT:
    """Return a stage's result from ``data/processed/<stage>/``, computing it if it is not there.

    Parameters
    ----------
    stage : str
        Name of the stage, such as ``"similarity"``.
    kind : type
        The frozen dataclass of the result; its fields are data frames, arrays and JSON values. The
        module that defines it computes it: its code, with all that it imports, is in the key.
    compute : function
        Makes the result; called when nothing is cached under the key. Its module counts alone.
    key : JSON-serialisable
        Everything else that the result depends on: its input, by content, and its options.

    Raises
    ------
    StorageError
        The result cannot be written.
    """
    code = code_version(kind.__module__, alone=(compute.__module__, __name__))
    folder = workspace() / "data" / "processed" / stage / digest(key, code)
    if (folder / "manifest.json").is_file():
        with contextlib.suppress(OSError, ValueError, KeyError):
            return load_result(kind, folder)
    result = compute()
    with atomic_folder(folder, keep_existing=True) as temporary, storage_errors(folder):
        save_result(result, temporary)
    return result


def save_result(result: DataclassInstance, folder: Path) -> None:
    """Write a result's fields into a folder: Parquet, npy and JSON; nothing is pickled."""
    import numpy as np
    import pandas as pd

    manifest: dict[str, Any] = {}
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame) and _is_matrix(value):
            np.save(folder / f"{field.name}.npy", value.to_numpy(), allow_pickle=False)
            labels = {"index": list(value.index), "columns": list(value.columns)}
            manifest[field.name] = {"is": "matrix", **labels}
        elif isinstance(value, pd.DataFrame):
            value.to_parquet(folder / f"{field.name}.parquet", compression="zstd")
            manifest[field.name] = {"is": "frame"}
        elif isinstance(value, np.ndarray):
            np.save(folder / f"{field.name}.npy", value, allow_pickle=False)
            manifest[field.name] = {"is": "array"}
        else:
            kind = "tuple" if isinstance(value, tuple) else "json"
            manifest[field.name] = {"is": kind, "value": value}
    write_atomic(folder / "manifest.json", json.dumps(manifest))


def _is_matrix(frame: pd.DataFrame) -> bool:
    """Tell whether a frame is numbers of one type between names, which Parquet reads slowly."""
    types = {str(dtype) for dtype in frame.dtypes}
    sides = (frame.index, frame.columns)
    return types in ({"float64"}, {"int64"}) and all(
        side.dtype == "str" and side.name is None for side in sides
    )


def load_result(kind: type[ResultT], folder: Path) -> ResultT:
    """Read back what `save_result` wrote."""
    import numpy as np
    import pandas as pd

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    values: dict[str, Any] = {}
    for name, entry in manifest.items():
        if entry["is"] == "matrix":
            matrix = np.load(folder / f"{name}.npy", allow_pickle=False)
            values[name] = pd.DataFrame(matrix, entry["index"], entry["columns"])
        elif entry["is"] == "frame":
            values[name] = pd.read_parquet(folder / f"{name}.parquet")
        elif entry["is"] == "array":
            values[name] = np.load(folder / f"{name}.npy", allow_pickle=False)
        else:
            values[name] = tuple(entry["value"]) if entry["is"] == "tuple" else entry["value"]
    return kind(**values)
