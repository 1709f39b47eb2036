"""A batch against the same cells as plain functions, and against papermill in a shell loop.

Each side starts from an empty workspace. CPU seconds are those of every process that was started,
also of those that outlive their parents for a moment.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.run.pipeline import NOTEBOOKS
from helpers.store import checkout

REPORTS = int(os.environ.get("UNBLOCS_BENCH_REPORTS", "40"))
LOOPED = 3
MANY = 600
FOCUSES = [
    "USA",
    "HUN",
    "ISR",
    "IND",
    "CHN",
    "BRA",
    "FRA",
    "GBR",
    "DEU",
    "POL",
    "TUR",
    "ZAF",
    "MEX",
    "JPN",
    "IRN",
    "SAU",
    "EGY",
    "NGA",
    "KEN",
    "ARG",
]
GRID = """\
name: b-{{focus}}-{{measure}}
focus: [{focuses}]
measure: [pi, agreement]
references: [RUS, UKR, CAN, AUS, CUB, PAK]
statements: ["same_bloc({{focus}}, RUS)"]
"""
PLAIN = """\
import json, os, sys
from pathlib import Path
import matplotlib
matplotlib.use("agg")
import warnings
warnings.simplefilter("ignore")
import yaml
for study in sorted(Path("reports").glob("b-*.yml")):
    os.environ["UNBLOCS_OUT"] = str(Path("plain") / study.stem)
    for file in sys.argv[1:]:
        names, first = {"In": []}, True
        for cell in json.loads(Path(file).read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
                if "parameters" in cell["metadata"].get("tags", []):
                    names.update(yaml.safe_load(study.read_text(encoding="utf-8")))
"""


def run() -> Iterator[dict[str, Any]]:
    """Yield a row for each bar of the issue on batches."""
    become_subreaper()
    batch, peak, wall = batch_of(REPORTS)
    plain = plain_functions(REPORTS)
    allowed = 1.5 * plain + len(NOTEBOOKS) * REPORTS
    yield {
        "name": "batch.reports",
        "ours_s": batch,
        "peer_s": allowed,
        "ratio": allowed / batch,
        "peak_mb": peak,
        "peer": f"allowed: 1.5 x {plain:.0f} s as plain functions + 1 s a notebook (CPU)",
    }
    looped = shell_loop()
    yield {
        "name": "batch.versus_shell_loop",
        "ours_s": wall / REPORTS,
        "peer_s": looped,
        "ratio": looped / (wall / REPORTS),
        "peak_mb": peak,
        "peer": "the papermill command, notebook by notebook (wall, a report, 2 cores)",
    }
    few, shorter = planned(REPORTS)
    many, seconds = planned(MANY)
    yield {
        "name": "batch.memory",
        "ours_s": seconds,
        "peer_s": shorter,
        "ratio": shorter / seconds,
        "peak_mb": many,
        "peer": f"coordinator with {REPORTS} reports, not {MANY}, all current: {few:.0f} MB",
    }


def become_subreaper() -> None:
    """Let this process wait for descendants whose parents have ended (Linux)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def measured(command: list[str], home: Path) -> tuple[float, float]:
    """Run a command in a workspace; return its CPU and wall seconds, all descendants counted."""
    root = checkout()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {
        **os.environ,
        "UNBLOCS_HOME": str(home),
        "PYTHONPATH": str(root / "src") if root else "",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    }
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=home, env=environment, check=True, stdout=quiet, stderr=quiet)
    wall = time.perf_counter() - started
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def workspace_of(reports: int) -> Path:
    """Return a new workspace with a grid of so many reports, two for each focus member."""
    home = Path(tempfile.mkdtemp(prefix="unblocs-bench-"))
    (home / "reports").mkdir()
    grid = GRID.format(focuses=", ".join(FOCUSES[: max(1, reports // 2)]))
    (home / "reports" / "bench.yml").write_text(grid, encoding="utf-8")
    return home


def batch_of(reports: int) -> tuple[float, float, float]:
    """Make a batch; return CPU seconds, the largest process in MB, and wall seconds."""
    command = [sys.executable, "-m", "helpers", "batch", "reports/bench.yml", "--cores", "2"]
    cpu, wall = measured(command, workspace_of(reports))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return cpu, peak, wall


def study_files(home: Path) -> list[Path]:
    """Write the studies of the workspace's grid as files of their own."""
    import yaml

    from helpers.study.grid import read_grid

    files = []
    for name, study in read_grid(home / "reports" / "bench.yml").studies.items():
        files.append(home / "reports" / f"{name}.yml")
        files[-1].write_text(yaml.safe_dump(study.as_dict()), encoding="utf-8")
    return files


def notebook_files() -> list[str]:
    """Return the notebooks of the chain."""
    root = checkout()
    return [str(root / "notebooks" / f"{name}.ipynb") for name in NOTEBOOKS] if root else []


def plain_functions(reports: int) -> float:
    """Return the CPU seconds of the notebooks' cells as plain calls in one process."""
    home = workspace_of(reports)
    study_files(home)
    return measured([sys.executable, "-c", PLAIN, *notebook_files()], home)[0]


def shell_loop() -> float:
    """Return the wall seconds a report of papermill's command, the shared stages being made."""
    home = workspace_of(2 * LOOPED)
    studies = study_files(home)[:LOOPED]
    walls = []
    for study in studies:
        walls.append(0.0)
        for notebook in notebook_files():
            out = home / f"{study.stem}-{Path(notebook).name}"
            command = [sys.executable, "-m", "papermill", "--no-progress-bar", notebook, str(out)]
            walls[-1] += measured([*command, "-f", str(study)], home)[1]
    return sum(walls[-2:]) / 2


def planned(reports: int) -> tuple[float, float]:
    """Return the coordinator's peak memory in MB and its seconds when all reports are current."""
    home = Path(tempfile.mkdtemp(prefix="unblocs-bench-"))
    (home / "reports").mkdir()
    seeds = ", ".join(map(str, range(reports)))
    grid = home / "reports" / "many.yml"
    grid.write_text(f"name: m{{seed}}\nseed: [{seeds}]\n", encoding="utf-8")
    command = [sys.executable, "-c", COORDINATOR, str(grid)]
    root = checkout()
    environment = {
        **os.environ,
        "UNBLOCS_HOME": str(home),
        "PYTHONPATH": str(root / "src") if root else "",
    }
    ended = subprocess.run(
        command, cwd=home, env=environment, check=True, capture_output=True, text=True
    )
    peak, seconds = json.loads(ended.stdout.splitlines()[-1])
    return peak, seconds


COORDINATOR = """\
import json, resource, sys, time
from pathlib import Path
from helpers.run import batch
from helpers.study import read_grid
from helpers.store import workspace
path = Path(sys.argv[1])
grid = read_grid(path)
folder = workspace() / "data" / "processed" / "batch" / path.stem
plan = batch.write_plan(grid.studies, folder, command="unblocs batch reports/many.yml")
marks = {stage for needs in plan["studies"].values() for stage in needs}
for mark in marks:
    (folder / "done" / mark).parent.mkdir(parents=True, exist_ok=True)
    (folder / "done" / mark).write_text("made")
time.sleep(1)
for name, study in grid.studies.items():
    mark = folder / "done" / "report" / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(batch._report_stamp(folder, name, study.source))
    report = workspace() / "reports" / name
    report.mkdir(parents=True)
    (report / "provenance.json").write_text("{}")
started = time.perf_counter()
result = batch.run_batch(path, cores=2)
seconds = time.perf_counter() - started
assert len(result.made) == len(grid.studies), result
print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, seconds]))
"""
