"""Shared fixtures: the mirror of the full record, the browser, and nothing that touches the net."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from helpers.record.tables import Record

Command = Callable[..., subprocess.CompletedProcess[str]]
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
def ga_record(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return the whole Assembly, cleaned once for all tests."""
    from helpers.record.load import clean_source

    return clean_source("undl-ga", None, tmp_path_factory.mktemp("ga"), mirror=mirror)


@pytest.fixture(scope="session")
def sc_record(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return the whole Council, cleaned once for all tests."""
    from helpers.record.load import clean_source

    return clean_source("undl-sc", None, tmp_path_factory.mktemp("sc"), mirror=mirror)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def dossier_report(tmp_path_factory: pytest.TempPathFactory, unblocs: Command) -> Path:
    """Folder of the dossier's report, made in an empty workspace by the console command."""
    home = tmp_path_factory.mktemp("workspace")
    done = unblocs("report", str(ROOT / "reports" / "ukraine.yml"), home=home)
    assert done.returncode == 0, done.stderr
    return home / "reports" / "ukraine"


@pytest.fixture(scope="session")
def unblocs() -> Command:
    """Run the console command in a workspace of its own."""
    return _run_unblocs


def _run_unblocs(
    *arguments: str, home: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the console command in a workspace of its own, without a mirror unless one is named."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("UNBLOCS_MIRROR", "UNBLOCS_OUT")}
    return subprocess.run(
        [sys.executable, "-m", "helpers", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=home,
        env={**inherited, "UNBLOCS_HOME": str(home), **environment},
        check=False,
    )


@pytest.hookimpl(tryfirst=True)  # before the workers read the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file, and all tests that share the report or the full record, on one worker."""
    shared = {"dossier_report": "report", "ga_record": "record", "sc_record": "record"}
    for item in items:
        names = getattr(item, "fixturenames", ())
        group = next((g for name, g in shared.items() if name in names), item.path.name)
        item.add_marker(pytest.mark.xdist_group(group))
