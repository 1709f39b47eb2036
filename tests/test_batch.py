"""A grid and the batch of its reports: what is run, what fails, what is resumed."""

from __future__ import annotations

import json
import logging
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import psutil
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
import batch_project as project

from helpers.cli import main
from helpers.errors import BatchError, ParameterError
from helpers.record import load_record, write_record
from helpers.run import batch, progress
from helpers.study.grid import read_grid

# ------------------------------------------------------------------------------------- the grid


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    (tmp_path / "reports").mkdir()
    return tmp_path


def grid_file(home: Path, text: str) -> Path:
    path = home / "reports" / "g.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_lists_are_crossed_in_the_order_of_the_file(home: Path) -> None:
    grid = read_grid(grid_file(home, "focus: [USA, RUS]\nmeasure: [pi, agreement]\n"))
    assert list(grid.studies) == ["g-USA-pi", "g-USA-agreement", "g-RUS-pi", "g-RUS-agreement"]
    assert grid.studies["g-RUS-pi"].focus == "RUS"
    assert grid.studies["g-RUS-pi"].replicates == 1000, "what is left out takes its default"


def test_a_parameter_that_is_a_list_is_crossed_as_a_list_of_lists(home: Path) -> None:
    one = read_grid(grid_file(home, "references: [RUS, GBR]\n"))
    assert [s.references for s in one.studies.values()] == [("RUS", "GBR")]
    two = read_grid(grid_file(home, "name: 'r{references}'\nreferences: [[RUS], [GBR, FRA]]\n"))
    assert {n: s.references for n, s in two.studies.items()} == {
        "rRUS": ("RUS",),
        "rGBR_FRA": ("GBR", "FRA"),
    }
    members = read_grid(grid_file(home, "members: [all, [USA, RUS]]\n"))
    assert [s.members for s in members.studies.values()] == ["all", ("USA", "RUS")]


def test_parameters_can_vary_together(home: Path) -> None:
    text = """\
        name: s{sessions}-{focus}
        title: "{focus} in session {sessions}"
        statements: ["same_bloc({focus}, RUS)"]
        focus: [USA, FRA]
        target: ""
        together:
          - {sessions: "78", event: "2023-12-19"}
          - {sessions: "79", event: "2025-02-24"}
        exclude:
          - {focus: FRA, sessions: "78"}
        """
    grid = read_grid(grid_file(home, text.replace("\n        ", "\n").lstrip()))
    found = {n: (s.focus, s.sessions, s.event, s.title) for n, s in grid.studies.items()}
    assert found == {
        "s78-USA": ("USA", "78", "2023-12-19", "USA in session 78"),
        "s79-USA": ("USA", "79", "2025-02-24", "USA in session 79"),
        "s79-FRA": ("FRA", "79", "2025-02-24", "FRA in session 79"),
    }
    assert grid.studies["s79-FRA"].statements == ("same_bloc(FRA, RUS)",)


def test_all_faults_are_in_one_message(home: Path) -> None:
    text = """\
focus: [USA, RUS]
measure: [pi, kapa]
replicates: many
focsu: USA
exclude:
  - {focus: XXX}
  - {metod: ward}
"""
    path = grid_file(home, text)
    with pytest.raises(ParameterError) as caught:
        read_grid(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    faults = {line.removeprefix(f"{path}: ").split(":")[0] for line in lines}
    assert faults == {"exclude", "focsu", "measure", "replicates"}
    assert len(lines) == 5, "a fault that many studies share is said once"
    assert f"{path}: exclude: {{'focus': 'XXX'}} matches no study; correct or remove it" in lines


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: one\nfocus: [USA, RUS]\n", "name: 'one' is taken by another study"),
        ("name: 'a/{focus}'\nfocus: [USA]\n", "name: 'a/USA' cannot name a folder"),
        ("name: '{focsu}'\n", "name: {focsu} is no study parameter"),
        ("name: '{focus'\n", "name: '{focus' has an unmatched brace"),
        ("focus: []\n", "focus: the list to cross is empty"),
        ("focus: [USA, USA]\n", "focus: a value is listed twice"),
        ("exclude: [USA]\n", "exclude: it must be a list of mappings"),
        ("focus: USA\ntogether: [{focus: RUS}]\n", "together: 'focus' is also given outside"),
        ("focus: [USA]\nexclude: [{focus: USA}]\n", "exclude: it leaves no study"),
        ("- focus\n", "a study file holds lines 'parameter: value'"),
    ],
)
def test_a_faulty_grid_is_one_sentence(home: Path, text: str, sentence: str) -> None:
    with pytest.raises(ParameterError, match=r".") as caught:
        read_grid(grid_file(home, text))
    assert sentence in str(caught.value)


def test_a_report_does_not_take_the_name_of_a_study_file(home: Path) -> None:
    (home / "reports" / "ukraine.yml").write_text("", encoding="utf-8")
    with pytest.raises(ParameterError, match="name: 'Ukraine' is taken"):
        read_grid(grid_file(home, "name: Ukraine\n"))


def test_the_example_grid_is_valid(root: Path) -> None:
    # 4 members x 2 measures, less one that is excluded
    assert len(read_grid(root / "reports" / "grid.yml").studies) == 4 * 2 - 1


# ------------------------------------------------------------------------------------- the plan


def test_a_stage_is_shared_by_studies_that_differ_in_their_focus_only(home: Path) -> None:
    text = "focus: [USA, RUS]\nmeasure: [pi, agreement]\nexclude: [{focus: RUS, measure: pi}]\n"
    shared = batch._shared_stages(read_grid(grid_file(home, text)).studies)
    assert list(shared["similarity"].values()) == [["g-USA-agreement", "g-RUS-agreement"]]
    other = "focus: [USA, RUS]\nmethod: [average, complete]\nlevel: [0.9, 0.95]\n"
    shared = batch._shared_stages(read_grid(grid_file(home, other)).studies)
    # a similarity does not depend on the method of clustering, nor blocs on the level
    assert sorted(map(len, shared["similarity"].values())) == [4, 4]
    assert sorted(map(len, shared["blocs"].values())) == [4, 4]


def test_only_what_changed_is_written_and_what_is_outdated_unmarked(home: Path) -> None:
    folder = home / "data" / "processed" / "batch" / "g"
    grid = read_grid(grid_file(home, "focus: [USA, RUS]\n"))
    batch.write_plan(grid.studies, folder, command="c")
    for name in grid.studies:
        mark = folder / "done" / "report" / name
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(batch._report_stamp(folder, name, "dossier"), encoding="utf-8")
        report = home / "reports" / name
        report.mkdir()
        (report / "provenance.json").write_text("{}", encoding="utf-8")
    times = {p: p.stat().st_mtime_ns for p in folder.rglob("*.yml")}
    batch.write_plan(grid.studies, folder, command="c")
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*.yml")} == times
    assert batch._is_made(folder, "g-USA", "dossier")

    grid = read_grid(grid_file(home, "name: 'g-{focus}'\nfocus: [USA, RUS, FRA]\nseed: 7\n"))
    (home / "reports" / "g-RUS" / "provenance.json").unlink()
    batch.write_plan(grid.studies, folder, command="c")
    assert not list((folder / "done" / "report").iterdir()), "another seed, another report"


def test_only_one_coordinator(tmp_path: Path) -> None:
    with (
        batch._only_coordinator(tmp_path),
        pytest.raises(BatchError, match="another process is making this batch"),
        batch._only_coordinator(tmp_path),
    ):
        pass
    with batch._only_coordinator(tmp_path):
        pass


def test_without_snakemake_a_sentence_says_how_to_get_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert main(["batch", str(grid_file(home, "focus: USA\n"))]) == 1
    assert capsys.readouterr().err == (
        "unblocs: a batch needs Snakemake, which is not installed here: run "
        "python -m pip install 'un-voting-blocs[batch]' (in a checkout: make dev)\n"
    )


def test_progress_is_a_bar_with_counts_failures_and_time_left() -> None:
    assert progress.progress_line(0, 10, 0, 5).startswith("[....................]  0 of 10 steps")
    assert "1.9 h left" in progress.progress_line(1, 600, 0, 11.4)


def test_steps_are_read_off_the_events_of_a_run() -> None:
    from snakemake_interface_logger_plugins.common import LogEvent
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    seen = progress.Progress()
    plugin = LoggerPluginRegistry().get_plugin(progress.log_steps(seen))
    handler = plugin.log_handler(None, None)
    for values in (
        {"event": LogEvent.RUN_INFO, "stats": {"all": 1, "report": 7, "total": 8}},
        {"event": LogEvent.PROGRESS, "done": 3, "total": 8},
        {"event": LogEvent.SHELLCMD},
    ):
        handler.emit(logging.makeLogRecord(values))
    assert seen == progress.Progress(done=3, total=8)


def test_parameters_of_the_command_line_hold_in_every_study(home: Path) -> None:
    path = grid_file(home, "focus: [USA, RUS]\nmeasure: [pi, agreement]\nreferences: [GBR]\n")
    grid = read_grid(path, {"measure": "kappa", "references": ("FRA", "DEU")})
    assert {study.measure for study in grid.studies.values()} == {"kappa"}
    assert {study.references for study in grid.studies.values()} == {("FRA", "DEU")}
    assert len(grid.studies) == 2


def test_a_folder_as_a_source_has_a_name_in_the_plan(home: Path) -> None:
    """Names of rules and stamps have no slashes; the record's job finds the folder again."""
    write_record(load_record("dossier"), home / "tables" / "mine")
    grid = read_grid(grid_file(home, "source: tables/mine\nfocus: [USA, RUS]\n"))
    folder = home / "plan"
    plan = batch.write_plan(grid.studies, folder, command="c")
    [name] = {stage for needs in plan["studies"].values() for stage in needs if "record" in stage}
    name = name.removeprefix("record/")
    assert re.fullmatch(r"folder-[0-9a-f]+", name)
    settings = json.loads((folder / "inputs" / "settings.json").read_text(encoding="utf-8"))
    assert settings["sources"] == {name: "tables/mine"}
    before = (folder / "inputs" / f"data-{name}").read_text()
    assert not before.startswith("missing")
    assert batch._make_record(name, Path(), settings)
    (home / "tables" / "mine" / "votes.parquet").unlink()
    assert batch._digest_source("tables/mine") != before


def test_a_shared_stage_is_about_nobody(home: Path) -> None:
    """What does not matter to a stage has its default in the stage's study."""
    grid = read_grid(grid_file(home, "focus: [USA, RUS]\nreferences: [GBR]\nlevel: 0.9\n"))
    folder = home / "plan"
    batch.write_plan(grid.studies, folder, command="c")
    [shared] = (folder / "studies" / "similarity").glob("*.yml")
    study = yaml.safe_load(shared.read_text(encoding="utf-8"))
    assert (study["focus"], study["references"], study["statements"]) == ("", [], [])
    assert study["level"] == 0.9


# ------------------------------------------------------------------------------------ whole batches


def files_of(folder: Path) -> dict[str, bytes]:
    found = sorted((folder / "reports").rglob("*"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found if p.is_file()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    project.require_snakemake()
    grid = project.GRID.replace("focus: [USA, HUN]", "focus: [USA, XXX, ISR]")
    folder = tmp_path_factory.mktemp("batch") / "Zoë's [new] {project}"
    project.make_project(folder, root, grid)
    project.link_environment(folder)
    return folder


@pytest.mark.slow
def test_a_failing_study_stops_no_other_and_only_what_changed_runs_again(copy: Path) -> None:
    first = project.run_batch(copy, "--cores", "2")
    assert first.returncode == 1
    assert "1 reports are there, 2 failed" in first.stdout
    assert "\r" not in first.stderr, "line by line where there is no terminal"
    table = [line for line in first.stderr.splitlines() if line.startswith("g-")]
    assert [line.split()[0] for line in table] == ["g-XXX-agreement", "g-ISR-agreement"]
    assert "focus: 'XXX' is no member state" in table[0]
    assert "this study fails in its notebook" in table[1]
    jobs = project.jobs_run(copy)
    assert [job for job in jobs if job.startswith("report")] == ["report g-USA-agreement"]
    assert sum(job.startswith("similarity") for job in jobs) == 1, "a shared stage is made once"
    page = (copy / "reports" / "index.html").read_text(encoding="utf-8")
    assert "this study fails in its notebook" in page
    provenance = json.loads((copy / "reports/g-USA-agreement/provenance.json").read_text())
    assert provenance["command"] == "unblocs batch reports/g.yml --only g-USA-agreement"

    grid = copy / "reports" / "g.yml"
    grid.write_text(grid.read_text().replace("XXX", "FRA"), encoding="utf-8")
    second = project.run_batch(copy, "--cores", "2")
    assert second.returncode == 1
    assert project.jobs_run(copy) == ["report g-FRA-agreement"], "the new one; ISR fails again"

    project.write_notebook(copy, tuple(c for c in project.CELLS if "ISR" not in c))
    third = project.run_batch(copy, "--rerun", "--cores", "2")
    assert third.returncode == 0, third.stderr
    assert project.jobs_run(copy) == ["report g-ISR-agreement"], "only what failed"

    fourth = project.run_batch(copy, "--cores", "2")
    assert fourth.returncode == 0, fourth.stderr
    assert "3 reports are there, 0 failed" in fourth.stdout
    assert project.jobs_run(copy) == ["report g-FRA-agreement", "report g-USA-agreement"], (
        "the notebook is an input of reports and of nothing else"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "rules"),
    [
        ("run/index.py", set()),
        ("similarity/measures.py", {"similarity", "blocs", "report"}),
    ],
)
def test_an_edit_runs_again_what_depends_on_it(copy: Path, file: str, rules: set[str]) -> None:
    """Runs after the test above, on its batch."""
    with (copy / "src" / "helpers" / file).open("a", encoding="utf-8") as source:
        source.write("# edited\n")
    ended = project.run_batch(copy, "--cores", "2")
    assert ended.returncode == 0, ended.stderr
    assert "3 reports are there, 0 failed" in ended.stdout
    assert {job.split()[0] for job in project.jobs_run(copy)} == rules


@pytest.mark.slow
def test_killed_and_gone_on_equals_never_killed(copy: Path, tmp_path: Path) -> None:
    """Runs after the tests above, whose folder is the batch that was never killed."""
    killed = project.make_project(
        tmp_path / "killed", copy, (copy / "reports" / "g.yml").read_text(encoding="utf-8")
    )
    shutil.copytree(copy / "notebooks", killed / "notebooks", dirs_exist_ok=True)
    coordinator = subprocess.Popen(
        project.command(killed, "--cores", "1"),
        cwd=killed,
        env=project.environment(killed),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    made = killed / "data" / "processed" / "batch" / "g" / "done" / "report"
    deadline = time.monotonic() + 300
    while len(list(made.glob("*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    descendants = psutil.Process(coordinator.pid).children(recursive=True)
    coordinator.send_signal(signal.SIGKILL)
    coordinator.wait()
    _, alive = psutil.wait_procs(descendants, timeout=20)
    assert not alive, "a killed coordinator leaves no job behind"
    assert len(list(made.glob("*"))) == 2

    ended = project.run_batch(killed, "--cores", "2")
    assert ended.returncode == 0, ended.stderr
    assert len(project.jobs_run(killed)) < 3, "what was made is not made again"
    assert files_of(killed) == files_of(copy)
    assert not list((killed / "reports").glob(".*")), "nothing half-written is left"


# ----------------------------------------------------------------------------- the container image


def is_ignored(path: str, patterns: list[str]) -> bool:
    """Tell whether the build does not see a file: the last pattern that fits decides.

    A slash at a pattern's end means nothing there: it fits files as well as folders.
    """
    ignored = False
    for pattern in patterns:
        if PurePosixPath(path).match(pattern.lstrip("!").rstrip("/")):
            ignored = not pattern.startswith("!")
    return ignored


def test_the_image_copies_what_is_there_and_installs_by_hash_only(root: Path) -> None:
    text = (root / "Containerfile").read_text(encoding="utf-8")
    instructions = text.replace("\\\n", " ").splitlines()
    patterns = (root / ".containerignore").read_text(encoding="utf-8").split()
    assert is_ignored("reports/ukraine.yml", ["reports/*/"]), "as a build has shown"
    assert is_ignored("reports/ukraine", patterns), "no made report goes into the image"
    for line in (i for i in instructions if i.startswith("COPY ")):
        for source in line.split()[1:-1]:
            assert (root / source).exists(), line
            assert not is_ignored(source, patterns), f"{source} is in .containerignore"
    installs = [i for i in instructions if "pip install" in i]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[1], "the project itself, nothing from outside"
    users = [i.split()[1] for i in instructions if i.startswith("USER ")]
    assert users[-1].isdecimal(), "it does not run as root"
