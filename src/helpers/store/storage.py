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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
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
        yield from _list_bytes("{", [x for key in sorted(part, key=str) for x in (key, part[key])])
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


def cached(
    kind: type[ResultT], compute: Callable[..., ResultT], /, *inputs: Any, **options: Any
) -> ResultT:
    """Return ``compute(*inputs, **options)``, from ``data/processed`` where it is there already.

    Parameters
    ----------
    kind : type
        The frozen dataclass of the result; its fields are data frames, arrays and JSON values. Its
        name in small letters is that of the folder in ``data/processed``.
    compute : function
        Makes the result: its module, with all that it imports, is the code part of the key.
    *inputs, **options
        What it is called with. Their content is the other part of the key (see `digest`).

    Raises
    ------
    StorageError
        The result cannot be written.
    """
    key = digest(compute.__qualname__, inputs, options, code_version(compute.__module__))
    folder = workspace() / "data" / "processed" / kind.__name__.lower() / key
    if (folder / "manifest.json").is_file():
        with contextlib.suppress(OSError, ValueError, KeyError):
            return load_result(kind, folder)
    result = compute(*inputs, **options)
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
