"""Tables as files that say what they were made from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import ParameterError
from helpers.store.exports import write_excel, write_stata
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
        Its ending is none of `WRITERS`, or what writes it is not installed.

    Examples
    --------
    >>> check_table_name(Path("a.txt"))
    Traceback (most recent call last):
        ...
    helpers.errors.ParameterError: a.txt: a table's name must end in .csv, .parquet, .xlsx or .dta
    """
    if path.suffix not in WRITERS:
        *most, last = WRITERS
        endings = f"{', '.join(most)} or {last}"
        raise ParameterError(f"{path}: a table's name must end in {endings}")
    if path.suffix == ".xlsx" and not _is_there("openpyxl"):
        raise ParameterError(
            f"{path}: writing Excel needs openpyxl; pip install 'un-voting-blocs[export]', or end "
            "the name in .csv"
        )


def _is_there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True


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
    ".xlsx": write_excel,
    ".dta": write_stata,
}
"""Formats of a table, by the ending of its name."""
