"""Files written whole or not at all, kept results, and what a result depends on."""

from helpers.store.dependencies import PACKAGE, files_behind, imported_modules, library_versions
from helpers.store.storage import (
    atomic_folder,
    bundled,
    cached,
    checkout,
    code_version,
    digest,
    load_result,
    save_result,
    storage_errors,
    workspace,
    write_atomic,
    write_json,
)
from helpers.store.tables import check_table_name, project_version, write_table

__all__ = [
    "PACKAGE",
    "atomic_folder",
    "bundled",
    "cached",
    "check_table_name",
    "checkout",
    "code_version",
    "digest",
    "files_behind",
    "imported_modules",
    "library_versions",
    "load_result",
    "project_version",
    "save_result",
    "storage_errors",
    "workspace",
    "write_atomic",
    "write_json",
    "write_table",
]
