"""Shared fixtures: the mirror of the full record, the browser, and nothing that touches the net."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[1]


def absent(what: str, reason: str) -> NoReturn:
    """Skip a test with a reason, or fail it where ``UNBLOCS_REQUIRE`` names what is absent."""
    if what in os.environ.get("UNBLOCS_REQUIRE", "").split(","):
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(reason)


def find_mirror() -> Path | None:
    """Folder with the full record, or None: ``UNBLOCS_MIRROR``, else ``../shared/data``."""
    named = os.environ.get("UNBLOCS_MIRROR")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if (folder / "undl").is_dir() else None


@pytest.fixture(scope="session")
def mirror() -> Path:
    folder = find_mirror()
    if folder is None:
        absent("mirror", "the full record is not on this machine (set UNBLOCS_MIRROR)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that can run headless."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    absent("browser", "no Chromium on this machine (install the package chromium)")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
