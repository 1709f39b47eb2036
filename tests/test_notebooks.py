"""The checkers are checked: a doctored, stripped or misspelt notebook must not pass."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.run.pipeline import NOTEBOOKS


def run_nbval(notebook: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval as ``make nbval`` does, on a notebook in a folder of its own."""
    shutil.copy(root / "conftest.py", notebook.parent)
    command = ["-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, *command, "--rootdir", str(notebook.parent), notebook.name],
        cwd=notebook.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def small_notebook(folder: Path, shown: str) -> Path:
    """A notebook with one cell that prints 93 and stores ``shown`` as what it printed.

    With nothing shown, it is a stripped notebook: no output and no execution count.
    """
    cell = nbformat.v4.new_code_cell("print('yes', 93)", execution_count=1 if shown else None)
    if shown:
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=shown)]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path = folder / "small.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_true_output_passes(tmp_path: Path, root: Path) -> None:
    done = run_nbval(small_notebook(tmp_path, "yes 93\n"), root)
    assert done.returncode == 0, done.stdout


def test_a_doctored_output_fails(tmp_path: Path, root: Path) -> None:
    done = run_nbval(small_notebook(tmp_path, "yes 94\n"), root)
    assert done.returncode == 1
    assert "yes 94" in done.stdout


def test_nbval_alone_does_not_see_a_stripped_notebook(tmp_path: Path, root: Path) -> None:
    """The reason for the next test: without a count, nbval compares nothing."""
    done = run_nbval(small_notebook(tmp_path, ""), root)
    assert done.returncode == 0


def count_faults(notebook: nbformat.NotebookNode) -> list[str]:
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    counts = [c.execution_count for c in code]
    faults = [] if counts == list(range(1, len(code) + 1)) else [f"counts {counts}"]
    shown = sum(bool(c.outputs) for c in code)
    return faults if shown >= 3 else [*faults, f"only {shown} cells show anything"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_stored_outputs_are_those_of_one_whole_run(root: Path, name: str) -> None:
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    assert count_faults(notebook) == []
    for cell in notebook.cells:
        cell.execution_count = None
    assert count_faults(notebook) != []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_thin(root: Path, name: str) -> None:
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    prose = [c for c in notebook.cells if c.cell_type == "markdown"]
    assert len(notebook.cells) <= 60
    assert len(prose) >= len(code) / 2
    for cell in code:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 10 or "parameters" in cell.metadata.get("tags", [])
        assert not any(line.lstrip().startswith(("def ", "class ", "for ")) for line in lines)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_picture_is_stored(root: Path, name: str) -> None:
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    kinds = {k for c in notebook.cells for o in c.get("outputs", []) for k in o.get("data", {})}
    assert kinds <= {"text/plain"}


def test_papermill_alone_stops_at_a_misspelt_parameter(tmp_path: Path, root: Path) -> None:
    study = tmp_path / "bad.yml"
    study.write_text("focsu: FRA\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "papermill", "--no-progress-bar"),
            *("-f", str(study), str(root / "notebooks" / "01_record.ipynb")),
            str(tmp_path / "out.ipynb"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode != 0
    assert "focsu: no such parameter; did you mean 'focus'?" in done.stderr
