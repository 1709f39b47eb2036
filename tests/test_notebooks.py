"""The checkers are checked: a doctored, stripped or misspelt notebook must not pass."""

from __future__ import annotations

import ast
import pydoc
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import helpers
import helpers.report
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
    words = sum(len(c.source.split()) for c in notebook.cells if c.cell_type == "markdown")
    assert len(notebook.cells) <= 25
    assert notebook.cells[0].cell_type == "markdown"
    for cell in code:
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert 1 <= len(lines) <= 6 or "parameters" in cell.metadata.get("tags", [])
        assert not any(line.lstrip().startswith(("def ", "class ", "for ")) for line in lines)
    assert words > 100


def code_of(root: Path, name: str) -> ast.Module:
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    return ast.parse("\n".join(c.source for c in notebook.cells if c.cell_type == "code"))


def attributes_of(code: ast.Module, variable: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == variable
    }


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_call_what_is_public_and_documented(root: Path, name: str) -> None:
    """Everything comes from `helpers`, and `help(helpers)` and docs/api.md have it."""
    code = code_of(root, name)
    imports = [node for node in ast.walk(code) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert {getattr(node, "module", None) for node in imports} == {"helpers"}
    names = {alias.name for node in imports for alias in node.names} - {"report"}
    assert "Results" in names
    assert names <= set(helpers.__all__)
    assert attributes_of(code, "report") <= set(helpers.report.__all__)
    for method in attributes_of(code, "results"):
        assert getattr(helpers.Results, method).__doc__


def test_help_and_the_documentation_have_every_public_name(root: Path) -> None:
    shown = pydoc.plain(pydoc.render_doc(helpers))
    page = (root / "docs" / "api.md").read_text(encoding="utf-8")
    for name in helpers.__all__:
        assert re.search(rf"^ *(class |def )?{name}\b", shown, re.MULTILINE), name
        assert f"   helpers.{name}\n" in page, name
    assert "automodule:: helpers.report\n" in page
    assert "automodule:: helpers.study.results\n" in page


def test_every_result_is_a_variable_that_a_reader_can_hold(root: Path) -> None:
    held = {
        target.id
        for name in NOTEBOOKS
        for node in ast.walk(code_of(root, name))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    results = {"record", "ballots", "similarity", "groups", "blocs", "history", "multiverse"}
    assert results <= held


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_view_is_given_the_study_but_for_its_title_and_parameters(root: Path, name: str) -> None:
    views = [
        node
        for node in ast.walk(code_of(root, name))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("report.show_")
    ]
    given = {
        ast.unparse(node.func)
        for node in views
        if any(isinstance(argument, ast.Name) and argument.id == "study" for argument in node.args)
    }
    assert views
    assert given <= {"report.show_title", "report.show_reproduction"}


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
