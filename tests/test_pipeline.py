"""A study through the chain: what comes out, what a fault does, and that equal runs are equal."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from helpers.errors import NotebookError, ParameterError, StorageError
from helpers.run import pipeline
from helpers.store import bundled

Command = Callable[..., subprocess.CompletedProcess[str]]


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_everything_that_a_report_promises(dossier_report: Path) -> None:
    files = files_below(dossier_report)
    for name in ("index.html", "results.json", "provenance.json"):
        assert name in files
    assert [f for f in files if f.startswith("notebooks/")] == [
        f"notebooks/{name}.ipynb" for name in pipeline.NOTEBOOKS
    ]
    figures = {Path(f).stem for f in files if f.startswith("figures/") and f.endswith(".svg")}
    assert len(figures) >= 8
    assert {Path(f).parts[0] for f in files if "/" in f} == {
        "figures",
        "notebooks",
        "numbers",
        "tables",
    }
    assert figures == {Path(f).stem for f in files if f.startswith("figures/") and ".png" in f}
    assert figures <= {Path(f).stem for f in files if f.startswith("tables/")}


def test_provenance_names_everything_and_no_place(dossier_report: Path) -> None:
    provenance = json.loads((dossier_report / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["parameters"]["focus"] == "USA"
    assert provenance["versions"]["pandas"].startswith("3.")
    assert set(provenance["files"]) == set(files_below(dossier_report)) - {"provenance.json"}
    for path in dossier_report.rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".ipynb", ".svg"):
            text = path.read_text(encoding="utf-8")
            assert str(dossier_report.parents[1]) not in text, path
            assert str(Path(__file__).parents[1]) not in text, path


def test_equal_runs_are_equal_bytes(
    dossier_report: Path, tmp_path: Path, root: Path, unblocs: Command
) -> None:
    done = unblocs("report", str(root / "reports" / "ukraine.yml"), home=tmp_path)
    assert done.returncode == 0, done.stderr
    other = tmp_path / "reports" / "ukraine"
    assert files_below(other) == files_below(dossier_report)
    for name in files_below(other):
        if name.endswith((".html", "results.json", ".csv", ".ipynb", ".svg")):
            assert (other / name).read_bytes() == (dossier_report / name).read_bytes(), name


def test_a_second_run_is_done_at_once_and_an_edit_is_noticed(
    dossier_report: Path, root: Path, unblocs: Command
) -> None:
    home = dossier_report.parents[1]
    before = (dossier_report / "index.html").stat().st_mtime_ns
    done = unblocs("report", str(root / "reports" / "ukraine.yml"), home=home)
    assert done.returncode == 0
    assert "nothing has changed" in done.stderr
    assert "01_record" not in done.stderr
    assert (dossier_report / "index.html").stat().st_mtime_ns == before
    path, answer = done.stdout.strip().splitlines()
    assert path == str(dossier_report / "index.html")
    assert answer.endswith(".")
    assert "ES-11/7" in answer or "24 February 2025" in answer
    copy = home / "copy"
    shutil.copytree(dossier_report, copy)
    key = json.loads((copy / "provenance.json").read_text())["key"]
    assert pipeline.is_current(copy, key)
    (copy / "results.json").write_text("{}")
    assert not pipeline.is_current(copy, key)
    assert not pipeline.is_current(copy, "another key")


@pytest.fixture
def chain_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose chain is one small notebook, whose second code cell fails."""
    cells = [
        nbformat.v4.new_code_cell("focus = 'USA'", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("# the figure\nraise ValueError('no ink left')"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    (tmp_path / "notebooks").mkdir()
    nbformat.write(notebook, tmp_path / "notebooks" / "01_small.ipynb")
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.setattr(pipeline, "NOTEBOOKS", ("01_small",))
    monkeypatch.setattr(
        pipeline, "bundled", lambda name: tmp_path / name if name == "notebooks" else bundled(name)
    )
    return tmp_path


def test_a_failing_cell_is_named_and_the_old_report_is_kept(chain_of_one: Path, root: Path) -> None:
    old = chain_of_one / "reports" / "ukraine" / "index.html"
    old.parent.mkdir(parents=True)
    old.write_text("the old report")
    old.with_name("provenance.json").write_text("{}")
    with pytest.raises(NotebookError) as caught:
        pipeline.make_report(root / "reports" / "ukraine.yml")
    assert str(caught.value) == "01_small, cell 3 (# the figure): no ink left"
    assert files_below(chain_of_one / "reports") == [
        "ukraine/index.html",
        "ukraine/provenance.json",
    ]
    assert old.read_text() == "the old report"


@pytest.mark.parametrize(
    ("name", "there", "said"),
    [
        ("mine", "mine/notes.md", "this folder is no report and would be replaced"),
        ("ukraine.yml", "ukraine.yml", "would take the place of a file"),
        ("index.html", "other/a", "would take the place of a file"),
    ],
)
def test_what_is_no_report_is_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, there: str, said: str
) -> None:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    file = tmp_path / "reports" / there
    file.parent.mkdir(parents=True)
    file.write_text("a user's own")
    with pytest.raises(ParameterError, match=said):
        pipeline.find_report_folder(name)
    assert file.read_text() == "a user's own"


def test_a_users_file_in_a_report_stays_there(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old / "tables", new / "tables"):
        folder.mkdir(parents=True)
    (old / "tables" / "strip.csv").write_text("old")
    (old / "tables" / "notes.md").write_text("a user's own")
    (old / "provenance.json").write_text('{"files": {"tables/strip.csv": "0"}}')
    (new / "tables" / "strip.csv").write_text("new")
    pipeline.keep_others(old, new)
    assert files_below(new) == ["tables/notes.md", "tables/strip.csv"]
    assert (new / "tables" / "strip.csv").read_text() == "new"


def test_the_environment_of_kernels_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBLOCS_OUT", "before")
    with pipeline.kernel_environment(None):
        assert "UNBLOCS_OUT" not in os.environ
    assert os.environ["UNBLOCS_OUT"] == "before"


def write_study(folder: Path, **changes: object) -> Path:
    path = folder / "mine.yml"
    ukraine = yaml.safe_load(bundled("reports/ukraine.yml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**ukraine, **changes}))
    return path


def test_a_misspelt_parameter_stops_before_any_notebook(tmp_path: Path, unblocs: Command) -> None:
    path = tmp_path / "mine.yml"
    path.write_text("focsu: USA\nmeasure: kapa\n")
    done = unblocs("report", str(path), home=tmp_path)
    assert done.returncode == 1
    assert "focsu: no such parameter; did you mean 'focus'?" in done.stderr
    assert "measure: 'kapa' must be one of" in done.stderr
    assert "Traceback" not in done.stderr
    assert "01_record" not in done.stderr
    assert files_below(tmp_path) == ["mine.yml"]


def test_a_member_that_is_none_stops_before_any_notebook(tmp_path: Path, unblocs: Command) -> None:
    done = unblocs("report", str(write_study(tmp_path, focus="UAS")), home=tmp_path)
    assert done.returncode == 1
    assert (
        "focus: 'UAS' is no member of the record between 2014 and 2026; did you mean 'USA'?"
        in done.stderr
    )
    assert not (tmp_path / "reports").exists()


def test_another_study(tmp_path: Path, unblocs: Command) -> None:
    """Hungary among the European Union's members: yes on every text until the last two."""
    path = write_study(
        tmp_path,
        title="Did Hungary leave the European position on Ukraine?",
        focus="HUN",
        references=["DEU", "POL", "SVK"],
        members="EU",
        statements=["nearest(HUN) = SVK"],
        replicates=100,
        nulls=99,
    )
    done = unblocs("report", str(path), home=tmp_path)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "reports" / "mine" / "results.json").read_text())
    assert results["study"]["focus"] == "HUN"
    assert results["record"]["members"] == 28  # of its day: the United Kingdom until 2020
    page = (tmp_path / "reports" / "mine" / "index.html").read_text(encoding="utf-8")
    assert "Did Hungary leave the European position on Ukraine?" in page


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
@pytest.mark.parametrize(
    ("inherited", "sent"),
    [
        (signal.SIG_DFL, signal.SIGINT),
        (signal.SIG_IGN, signal.SIGINT),  # as a job that a shell starts in the background has it
        (signal.SIG_DFL, signal.SIGTERM),
    ],
)
def test_interrupted(tmp_path: Path, root: Path, inherited: Any, sent: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "report", str(root / "reports" / "ukraine.yml")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "UNBLOCS_HOME": str(tmp_path)},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, inherited),
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("01_record"):
            break
    os.killpg(process.pid, sent)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted: nothing was half-written" in rest
    assert "Traceback" not in rest
    assert files_below(tmp_path / "reports") == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path: Path, root: Path, unblocs: Command) -> None:
    (tmp_path / "reports").mkdir(mode=0o500)
    done = unblocs("report", str(root / "reports" / "ukraine.yml"), home=tmp_path)
    assert done.returncode == 1
    assert "cannot write" in done.stderr


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpers import store

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(StorageError, match="the disk is full"), store.atomic_folder(tmp_path):
        pass


def test_a_dead_kernel_is_named(chain_of_one: Path, root: Path) -> None:
    path = chain_of_one / "notebooks" / "01_small.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = "import os\nos._exit(1)"
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match="01_small: its kernel died, as it does when memory"):
        pipeline.make_report(root / "reports" / "ukraine.yml")
    assert not (chain_of_one / "reports" / "ukraine").exists()
