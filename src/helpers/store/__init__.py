"""Files written whole or not at all, kept results, and what a result depends on."""

from helpers.store.cache import cached, load_result, save_result
from helpers.store.dependencies import PACKAGE, files_behind, imported_modules, library_versions
from helpers.store.digests import code_version, digest
from helpers.store.files import storage_errors, write_atomic, write_json
from helpers.store.folders import atomic_folder, sweep_unfinished
from helpers.store.places import bundled, checkout, workspace
from helpers.store.progress import track
from helpers.store.shown import Plotted, Shown
from helpers.store.tables import check_table_name, project_version, write_table

__all__ = [
    "PACKAGE",
    "Plotted",
    "Shown",
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
    "sweep_unfinished",
    "track",
    "workspace",
    "write_atomic",
    "write_json",
    "write_table",
]
