"""One list of dependencies, two routes to it, and an import that stays light."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

HEAVY = ["scipy", "sklearn", "numba", "matplotlib", "seaborn", "pandera", "papermill", "nbconvert"]


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_conda_route_has_the_same_names_and_ranges(root: Path, project: dict) -> None:
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    given = {d for d in conda["dependencies"] if isinstance(d, str) and d != "pip"}
    nbval = [d for d in project["optional-dependencies"]["test"] if d.startswith("nbval")]
    wanted = {d.replace("[pandas]", "") for d in (*project["dependencies"], *nbval)}
    assert given == wanted | {f"python{project['requires-python']}"}


def test_pip_takes_the_pip_section_of_the_conda_route(root: Path, tmp_path: Path) -> None:
    """conda and micromamba write that section into a requirements file and hand it to pip."""
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    [section] = [d["pip"] for d in conda["dependencies"] if isinstance(d, dict)]
    assert _dry_run(section, root, tmp_path).returncode == 0
    refused = _dry_run(["--no-deps -e ."], root, tmp_path)
    assert "no such option: --no-deps" in refused.stderr


def _dry_run(lines: list[str], root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", *offline, "-r"]
    return subprocess.run(
        [*command, str(requirements)], capture_output=True, text=True, cwd=root, check=False
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_version_has_a_hash_and_no_address(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pinned) > 90
    assert all(line.endswith("\\") for line in pinned)
    assert "://" not in text


def test_locks_hold_what_the_project_asks_for(root: Path, project: dict) -> None:
    from packaging.requirements import Requirement

    text = (root / "requirements.lock").read_text(encoding="utf-8")
    pins = [line.split(" \\")[0] for line in text.splitlines() if "==" in line[:60]]
    pins = [Requirement(p) for p in pins if not p.startswith((" ", "#"))]
    for wanted in map(Requirement, project["dependencies"]):
        versions = [next(iter(p.specifier)).version for p in pins if p.name == wanted.name.lower()]
        assert versions, wanted
        assert all(v in wanted.specifier for v in versions), (wanted, versions)


def test_import_is_light() -> None:
    code = f"import sys, helpers; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_loads() -> None:
    import helpers

    assert [name for name in helpers.__all__ if getattr(helpers, name) is None] == []
    assert sorted(helpers._HOME) == sorted(helpers.__all__)
