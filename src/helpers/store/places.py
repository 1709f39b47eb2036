"""Where things are: the project root, the workspace, what travels with the package."""

from __future__ import annotations

import os
from pathlib import Path

from helpers.errors import MissingDataError
from helpers.store.dependencies import PACKAGE


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
