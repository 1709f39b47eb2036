"""Files written whole or not at all, kept results, and what a result depends on."""

from helpers.store.dependencies import PACKAGE, files_behind, imported_modules, library_versions
from helpers.store.progress import track
from helpers.store.shown import Shown
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

__all__ = [
    "PACKAGE",
    "Shown",
    "atomic_folder",
    "bundled",
    "cached",
    "checkout",
    "code_version",
    "digest",
    "files_behind",
    "imported_modules",
    "library_versions",
    "load_result",
    "save_result",
    "storage_errors",
    "track",
    "workspace",
    "write_atomic",
    "write_json",
]
