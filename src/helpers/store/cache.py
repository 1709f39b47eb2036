"""Results of stages, kept under the workspace: Parquet, npy and JSON; nothing is pickled."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_type_hints

from helpers.errors import StorageError
from helpers.store.digests import code_version, digest
from helpers.store.files import storage_errors, write_atomic
from helpers.store.folders import atomic_folder
from helpers.store.places import workspace

MANIFEST: Final = "manifest.json"

if TYPE_CHECKING:
    import pandas as pd
    from _typeshed import DataclassInstance

    ResultT = TypeVar("ResultT", bound=DataclassInstance)


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

    Notes
    -----
    Every file has its digest in the manifest, and the manifest its own. What is damaged in any way
    is computed anew and replaced; where nothing can be kept the result is returned all the same.
    """
    key = digest(compute.__qualname__, inputs, options, code_version(compute.__module__))
    folder = workspace() / "data" / "processed" / kind.__name__.lower() / key
    if folder.exists():
        with contextlib.suppress(OSError, ValueError):
            return load_result(kind, folder)
    result = compute(*inputs, **options)
    with (
        contextlib.suppress(StorageError),
        atomic_folder(folder) as temporary,
        storage_errors(folder),
    ):
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
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            manifest[field.name] = {"is": "dataclass", "value": dataclasses.asdict(value)}
        else:
            kind = "tuple" if isinstance(value, tuple) else "json"
            manifest[field.name] = {"is": kind, "value": value}
    files = {p.name: digest(p) for p in sorted(folder.iterdir())}
    content = {"fields": manifest, "files": files}
    write_atomic(folder / MANIFEST, json.dumps({**content, "digest": digest(content)}))


def _is_matrix(frame: pd.DataFrame) -> bool:
    """Tell whether a frame is numbers of one type between names, which Parquet reads slowly."""
    types = {str(dtype) for dtype in frame.dtypes}
    sides = (frame.index, frame.columns)
    return types in ({"float64"}, {"int64"}) and all(
        side.dtype == "str" and side.name is None for side in sides
    )


def load_result(kind: type[ResultT], folder: Path) -> ResultT:
    """Read back what `save_result` wrote.

    Raises
    ------
    OSError, ValueError
        Something is missing, or differs in any bit from what was written.
    """
    import numpy as np
    import pandas as pd

    manifest = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(manifest, dict) or manifest.pop("digest", "") != digest(manifest):
        raise ValueError(f"{folder}: the manifest is not as it was written")
    for name, written in manifest["files"].items():
        if digest(folder / name) != written:
            raise ValueError(f"{folder / name}: it is not as it was written")
    values: dict[str, Any] = {}
    for name, entry in manifest["fields"].items():
        if entry["is"] == "matrix":
            matrix = np.load(folder / f"{name}.npy", allow_pickle=False)
            values[name] = pd.DataFrame(matrix, entry["index"], entry["columns"])
        elif entry["is"] == "frame":
            values[name] = pd.read_parquet(folder / f"{name}.parquet")
        elif entry["is"] == "array":
            values[name] = np.load(folder / f"{name}.npy", allow_pickle=False)
        elif entry["is"] == "dataclass":
            values[name] = get_type_hints(kind)[name](**entry["value"])
        else:
            values[name] = tuple(entry["value"]) if entry["is"] == "tuple" else entry["value"]
    return kind(**values)
