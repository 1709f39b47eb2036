"""A copy of the project with one small notebook, so that a batch of it takes seconds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CELLS = (
    "from helpers import Results, study_from_notebook\n"
    "from helpers.report import publish, say, show_title\n"
    "study = study_from_notebook(globals())",
    "ballots = Results(study).ballots()",
    "show_title(study, ballots)",
    "assert study.focus != 'ISR', 'this study fails in its notebook'",
    "publish('strip', table=ballots.roll_calls[['date', 'symbol', 'title']])",
    "say('answer', ['It did.'], numbers={'sentence': 'It did.', 'agreement': {}})",
)

_JOB = r"rule (\w+):\n(?:    .*\n)*?    jobid: (\d+)\n(?:    .*\n)*?    wildcards: name=(\S+)"

GRID = """\
name: g-{focus}-{measure}
title: "{focus} by {measure}"
replicates: 20
nulls: 99
members: [USA, HUN, ISR, FRA, RUS, UKR, GBR, CHN]
focus: [USA, HUN]
measure: [agreement]
references: [RUS]
statements: []
"""


def make_project(folder: Path, root: Path, grid: str = GRID) -> Path:
    """Copy the package, the dossier and the locks of the checkout; write a notebook and a grid."""
    shutil.copytree(root / "src", folder / "src")
    shutil.copytree(root / "data" / "raw" / "ukraine", folder / "data" / "raw" / "ukraine")
    shutil.copy(root / "pyproject.toml", folder)
    (folder / "notebooks").mkdir()
    (folder / "reports").mkdir()
    (folder / "reports" / "g.yml").write_text(grid, encoding="utf-8")
    pipeline = folder / "src" / "helpers" / "run" / "pipeline.py"
    text = re.sub(
        r"NOTEBOOKS: Final = \([^)]*\)",
        'NOTEBOOKS: Final = ("06_report",)',
        pipeline.read_text(encoding="utf-8"),
    )
    pipeline.write_text(text, encoding="utf-8")
    write_notebook(folder, CELLS)
    return folder


def write_notebook(folder: Path, cells: tuple[str, ...]) -> None:
    """Write the one notebook, with a parameters cell of every parameter."""
    from helpers.study import Study, write_cell

    values = write_cell(Study())
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# The report")]
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in (values, *cells)]
    notebook.cells[1].metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, folder / "notebooks" / "06_report.ipynb")


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which the copy is run."""
    return {**os.environ, "PYTHONPATH": str(folder / "src"), "UNBLOCS_HOME": str(folder)}


def link_environment(folder: Path) -> None:
    """Let an interpreter with this one's packages lie below a folder, as `make env` makes it."""
    environment = folder / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", environment)
    for part in ("lib", "share"):
        (environment / part).symlink_to(Path(sys.prefix) / part)


def command(folder: Path, *arguments: str) -> list[str]:
    """Return the command line that makes the batch of the copy's grid."""
    own = folder / ".venv" / "bin" / "python"
    python = own if own.exists() else sys.executable
    return [str(python), "-m", "helpers", "batch", "reports/g.yml", *arguments]


def run_batch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Make the batch of the copy's grid."""
    return subprocess.run(
        command(folder, *arguments),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def jobs_run(folder: Path) -> list[str]:
    """Return the jobs that the last run of the batch finished, sorted, as ``rule name``."""
    log = (folder / "data/processed/batch/g/snakemake.log").read_text(encoding="utf-8")
    started = {number: f"{rule} {name}" for rule, number, name in re.findall(_JOB, log)}
    finished = re.findall(r"Finished jobid: (\d+)", log)
    return sorted(started[number] for number in finished if number in started)


def require_snakemake() -> None:
    """Skip with a reason where Snakemake is not installed (it is an extra)."""
    pytest.importorskip("snakemake", reason="Snakemake is not installed (extra 'batch')")
