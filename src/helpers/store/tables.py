"""Tables as files that say what they were made from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import ParameterError
from helpers.store.files import write_atomic, write_json

if TYPE_CHECKING:
    import pandas as pd

PROVENANCE_KEY: Final = b"unblocs"
"""Key of the provenance, as JSON, in the metadata of a Parquet file."""


def project_version() -> str:
    """Return the version of this project, or ``development version`` where it is not installed."""
    try:
        return metadata.version("un-voting-blocs")
    except metadata.PackageNotFoundError:
        return "development version"


def check_table_name(path: Path) -> None:
    """Check that a table can be written under a name, before it is computed.

    Raises
    ------
    ParameterError
        Its ending is none of `WRITERS`.

    Examples
    --------
    >>> check_table_name(Path("a.txt"))
    Traceback (most recent call last):
        ...
    helpers.errors.ParameterError: a.txt: the name of a table must end in .csv or .parquet
    """
    if path.suffix not in WRITERS:
        raise ParameterError(f"{path}: the name of a table must end in {' or '.join(WRITERS)}")


def write_table(table: pd.DataFrame, path: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write a table with what it was made from; each file is there whole or not at all.

    Parameters
    ----------
    table : DataFrame
        Its index is not written.
    path : Path
        The ending chooses the format: one of `WRITERS`.
    provenance : dict
        JSON-ready: source, parameters, versions. Parquet has it in its metadata, under
        `PROVENANCE_KEY`; other formats in a file beside it, ``<name>.json``.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ParameterError
        As `check_table_name`.
    StorageError
        A file cannot be written.
    """
    check_table_name(path)
    return WRITERS[path.suffix](table, path, provenance)


def _write_csv(table: pd.DataFrame, path: Path, provenance: dict[str, Any]) -> list[Path]:
    beside = write_json(path.with_name(f"{path.name}.json"), provenance)
    return [write_atomic(path, table.to_csv(index=False, lineterminator="\n")), beside]


def _write_parquet(table: pd.DataFrame, path: Path, provenance: dict[str, Any]) -> list[Path]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = json.dumps(provenance, ensure_ascii=False, sort_keys=True).encode()
    laid = pa.Table.from_pandas(table, preserve_index=False)
    laid = laid.replace_schema_metadata({**(laid.schema.metadata or {}), PROVENANCE_KEY: about})
    buffer = io.BytesIO()
    pq.write_table(laid, buffer, compression="zstd")
    return [write_atomic(path, buffer.getvalue())]


WRITERS: Final[dict[str, Callable[[pd.DataFrame, Path, dict[str, Any]], list[Path]]]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
"""Formats of a table, by the ending of its name."""
