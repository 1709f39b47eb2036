"""A wheel, installed without the checkout: the notebooks and the dossier travel in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the unpacked wheel."""
    pytest.importorskip("build", reason="building needs the extra 'lint'")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(root)], check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    target = folder / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def run(installed: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("UNBLOCS_")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env={**inherited, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_import_is_that_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = "import helpers; print(helpers.__file__); helpers.load_record('dossier')"
    done = run(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == installed / "helpers" / "__init__.py"


def test_the_report_on_the_dossier_is_made_elsewhere(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "-m", "helpers", "report", "reports/ukraine.yml")
    assert done.returncode == 0, done.stderr
    made = tmp_path / "reports" / "ukraine"
    results = json.loads((made / "results.json").read_text(encoding="utf-8"))
    assert results["answer"]["before"] == {"yes": 21}
    assert (made / "index.html").is_file()


def test_nothing_of_the_full_record_is_in_it(installed: Path) -> None:
    files = [p for p in installed.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 3_000_000
    ours = "member_years.csv.gz"  # ranks that this project computed
    packed = (".gz", ".rda", ".parquet", ".zst")
    assert [p.name for p in files if p.suffix in packed] == [ours]
