"""Shared fixtures: the mirror of the full record, and nothing that touches the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def find_mirror() -> Path | None:
    """Folder with the full record, or None: ``UNBLOCS_MIRROR``, else ``../shared/data``."""
    named = os.environ.get("UNBLOCS_MIRROR")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if (folder / "undl").is_dir() else None


@pytest.fixture(scope="session")
def mirror() -> Path:
    folder = find_mirror()
    if folder is None:
        pytest.skip("the full record is not on this machine (set UNBLOCS_MIRROR to its folder)")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
