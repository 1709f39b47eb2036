"""Every report of a grid through Snakemake: resumed by files, one failure apart from the others.

The coordinator (`run_batch`) writes a plan into ``data/processed/batch/<grid>/`` and lets Snakemake
run ``workflow/Snakefile`` there; every job is ``python -m helpers.run.batch`` (`run_job`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shlex
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from helpers.errors import BatchError, ParameterError, UnblocsError, did_you_mean, explain
from helpers.run.forks import ADDRESS, Fork, fork_server, variables
from helpers.run.progress import Progress, log_steps, show_progress
from helpers.store import PACKAGE, code_version, digest, workspace, write_atomic

WORKFLOW: Final = PACKAGE / "run" / "workflow"
PROFILES: Final = ("slurm", "kubernetes")
"""Workflow profiles of Snakemake that come with the project."""

_NO_MATTER: Final = ("title", "focus", "references", "target", "baselines", "windows", "statements")
SHARED: Final = {
    "similarity": (*_NO_MATTER, "method", "k", "nulls"),
    "blocs": (*_NO_MATTER, "level"),
}
"""Stages that studies share, and the parameters that do not matter to them."""

_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class BatchResult:
    """What a batch came to: names of the reports made, and a sentence for each that failed."""

    made: tuple[str, ...]
    failed: dict[str, str]
    folder: Path


def run_batch(
    grid_file: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    cores: int = 0,
    profile: str = "",
    only: Sequence[str] = (),
    rerun: bool = False,
    options: Sequence[str] = (),
) -> BatchResult:
    """Make every report of a grid file that is not current; a failing one stops no other.

    Parameters
    ----------
    grid_file : Path
        See `grid.read_grid`.
    settings : mapping, optional
        Parameters in the place of the grid's, the same in every study.
    cores : int
        Jobs at a time on this machine; 0 for all cores.
    profile : str
        ``slurm``, ``kubernetes`` or the folder of another workflow profile of Snakemake.
    only : sequence of str
        Names of reports; empty for all.
    rerun : bool
        Only the reports that failed the last time.
    options : sequence of str
        Further options of Snakemake, as they are.

    Raises
    ------
    ParameterError
        The grid has a fault; nothing was started.
    BatchError
        Snakemake is not installed, or another coordinator is at work on this grid, or the workflow
        itself could not be run.
    """
    from helpers.run.index import batches
    from helpers.study import read_grid

    _require_snakemake()
    grid = read_grid(grid_file, settings)
    folder = batches() / grid_file.stem
    folder.mkdir(parents=True, exist_ok=True)
    with _only_coordinator(folder):
        targets = _choose(grid.studies, only, folder if rerun else None)
        if not targets:
            return BatchResult((), {}, folder)
        command = shlex.join(["unblocs", "batch", _plain_path(grid_file), *type_settings(settings)])
        plan = write_plan(grid.studies, folder, command=command)
        write_atomic(folder / "plan.json", json.dumps({**plan, "targets": targets}, indent=1))
        started = time.time()
        arguments = _arguments(folder, cores, profile, options)
        status = _run_snakemake(folder, arguments, len(targets), here=not profile)
        made = tuple(n for n in targets if _is_made(folder, n, grid.studies[n].source))
        missing = [n for n in targets if n not in made]
        failed = _failures(folder, plan, missing, started) if status else {}
        if status and not failed:
            raise BatchError(_say_broken(folder))
    return BatchResult(made, failed, folder)


def write_plan(studies: dict[str, Any], folder: Path, *, command: str) -> dict[str, Any]:
    """Write the studies and the digests of what they depend on; return Snakemake's configuration.

    A file is only written when its content is another, so that its time tells what changed.
    """
    from helpers.study import PARAMETERS

    shared = _shared_stages(studies)
    files = {f"studies/report/{name}.yml": _yaml(study) for name, study in studies.items()}
    stages: dict[str, dict[str, str]] = {stage: {} for stage in SHARED}
    for stage, keys in shared.items():
        for key, names in keys.items():
            neutral = {name: PARAMETERS[name].default for name in SHARED[stage]}
            study = dataclasses.replace(studies[names[0]], **neutral)
            files[f"studies/{stage}/{key}.yml"] = _yaml(study)
            stages[stage][key] = _name_source(study.source)
    sources = {_name_source(study.source): study.source for study in studies.values()}
    folders = {name: source for name, source in sources.items() if name != source}
    settings: dict[str, Any] = {
        "workspace": str(workspace()),
        "folder": str(folder),
        "command": command,
    }
    settings |= {"sources": folders} if folders else {}
    files["inputs/settings.json"] = json.dumps(settings, indent=1)
    files.update({f"inputs/code-{rule}": version for rule, version in _code_versions().items()})
    files.update({f"inputs/data-{name}": _digest_source(s) for name, s in sources.items()})
    _write_changed(folder, files)
    _remove_outdated(folder, studies)
    return {
        "python": shlex.quote(Path(sys.executable).as_posix()),
        "exec": "exec " if os.name == "posix" else "",
        "stages": stages,
        "studies": {name: _needs(name, study, shared) for name, study in studies.items()},
    }


def type_settings(settings: Mapping[str, Any] | None) -> list[str]:
    """Write parameters as the command line takes them.

    Examples
    --------
    >>> type_settings({"measure": "pi", "references": ("RUS", "DEU")})
    ['--set', 'measure="pi"', '--set', 'references=["RUS", "DEU"]']
    """
    values = {name: json.dumps(v, ensure_ascii=False) for name, v in (settings or {}).items()}
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


def _plain_path(path: Path) -> str:
    """Return a path as a user types it in the workspace."""
    try:
        return path.resolve().relative_to(workspace().resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def _shared_stages(studies: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return, of each stage, the keys that several studies have, with those studies' names."""
    shared: dict[str, dict[str, list[str]]] = {}
    for stage, ignored in SHARED.items():
        keys: dict[str, list[str]] = {}
        for name, study in studies.items():
            matters = {p: v for p, v in study.as_dict().items() if p not in ignored}
            keys.setdefault(digest(matters), []).append(name)
        shared[stage] = {key: names for key, names in keys.items() if len(names) > 1}
    return shared


def _needs(name: str, study: Any, shared: dict[str, dict[str, list[str]]]) -> list[str]:
    stages = [
        f"{stage}/{key}"
        for stage, keys in shared.items()
        for key, names in keys.items()
        if name in names
    ]
    return [f"record/{_name_source(study.source)}", *stages]


def _yaml(study: Any) -> str:
    import yaml

    return yaml.safe_dump(study.as_dict(), sort_keys=False, allow_unicode=True, width=100)


def _code_versions() -> dict[str, str]:
    """Return, of each rule, a digest of the code behind it: an edit re-runs what depends on it."""
    from helpers.run.pipeline import report_version

    record = ("helpers.record.load", "helpers.record.reconciliation")
    called = ("helpers.study.results", "helpers.study.parameters")
    return {
        "record": code_version(*record, alone=called[:1]),
        **{stage: code_version(f"helpers.{stage}", alone=called) for stage in SHARED},
        "report": report_version(),
    }


def _name_source(source: str) -> str:
    """Return what a source is called in the plan: a folder has no name of its own."""
    from helpers.record import SOURCES

    return source if source in SOURCES else f"folder-{digest(source)}"


def _digest_source(source: str) -> str:
    """Return a digest of a source's files; where they are missing, the record's job says so."""
    from helpers.study import source_files

    try:
        return digest(*(part for p in source_files(source) for part in (p.name, p)))
    except Exception as error:
        return f"missing: {explain(error)}"


def _write_changed(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)


def _remove_outdated(folder: Path, studies: dict[str, Any]) -> None:
    """Remove the marks of studies that the grid no longer has and of reports gone or outdated."""
    for mark in folder.glob("failed/report-*"):
        if mark.name.removeprefix("report-") not in studies:
            mark.unlink()
    for mark in folder.glob("done/report/*"):
        name = mark.name
        if name not in studies or not _is_made(folder, name, studies[name].source):
            mark.unlink()


def _is_made(folder: Path, name: str, source: str) -> bool:
    """Tell whether a report is there and was made from what lies in the batch's folder now."""
    stamp = folder / "done" / "report" / name
    report = workspace() / "reports" / name / "provenance.json"
    return (
        stamp.is_file()
        and report.is_file()
        and stamp.read_text(encoding="utf-8") == _report_stamp(folder, name, source)
    )


def _report_stamp(folder: Path, name: str, source: str) -> str:
    inputs = ("inputs/code-report", f"inputs/data-{_name_source(source)}")
    return digest(*(folder / part for part in (*inputs, f"studies/report/{name}.yml")))


def _choose(studies: dict[str, Any], only: Sequence[str], failed_in: Path | None) -> list[str]:
    unknown = [name for name in only if name not in studies]
    if unknown:
        raise ParameterError(
            f"--only: the grid has no study {unknown[0]!r}{did_you_mean(unknown[0], studies)}"
        )
    names = list(only) or list(studies)
    if failed_in is not None:
        names = [n for n in names if (failed_in / "failed" / f"report-{n}").exists()]
    return names


# ------------------------------------------------------------------------------- the coordinator


def _require_snakemake() -> None:
    from importlib.util import find_spec

    if find_spec("snakemake") is None:
        raise BatchError(
            "a batch needs Snakemake, which is not installed here: run "
            "python -m pip install 'un-voting-blocs[batch]' (in a checkout: make dev)"
        )


@contextlib.contextmanager
def _only_coordinator(folder: Path) -> Iterator[None]:
    """Hold the batch's lock, which the system releases however this process ends."""
    try:
        with FileLock(folder / "coordinator.lock", blocking=False):
            yield
    except Timeout as error:
        raise BatchError(
            f"another process is making this batch ({folder}); wait for it or end it first"
        ) from error


def _arguments(folder: Path, cores: int, profile: str, options: Sequence[str]) -> list[str]:
    arguments = [
        *("--snakefile", str(WORKFLOW / "Snakefile")),
        *("--directory", str(folder)),
        *("--configfile", str(folder / "plan.json")),
        *("--keep-going", "--rerun-incomplete", "--nolock", "--nocolor"),
    ]
    if profile:
        place = WORKFLOW / "profiles" / profile if profile in PROFILES else Path(profile).resolve()
        if not place.is_dir():
            raise ParameterError(
                f"--profile: {profile!r} is none of {', '.join(PROFILES)} and no folder"
            )
        arguments += ["--workflow-profile", str(place)]
        if profile == "kubernetes":
            arguments += ["--default-storage-prefix", folder.as_posix()]
    else:
        arguments += ["--cores", str(cores or os.cpu_count() or 1), "--workflow-profile", "none"]
    return [*arguments, *options]


def _run_snakemake(folder: Path, arguments: list[str], reports: int, *, here: bool) -> int:
    """Run Snakemake in this process, its messages into a log, and show how far it is.

    Jobs that run here are forks of a server; those of a profile may run elsewhere.
    """
    from snakemake.cli import main

    package_path = os.pathsep.join(filter(None, (str(PACKAGE.parent), os.getenv("PYTHONPATH"))))
    environment = {
        **_ONE_THREAD,
        "UNBLOCS_HOME": str(workspace()),
        "PYTHONPATH": package_path,
    }
    if mirror := os.getenv("UNBLOCS_MIRROR"):
        environment["UNBLOCS_MIRROR"] = str(Path(mirror).resolve())  # jobs run in another folder
    with (
        (folder / "snakemake.log").open("w", encoding="utf-8") as log,
        variables(environment),
        fork_server("helpers.run.pipeline:preload") if here else contextlib.nullcontext(),
        show_progress(folder, reports) as seen,
        _note_interrupts(seen),
        contextlib.redirect_stderr(log),
        contextlib.redirect_stdout(log),
    ):
        try:
            main([*arguments, "--logger", log_steps(seen)])
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
    if seen.interrupted:
        raise KeyboardInterrupt
    return status


@contextlib.contextmanager
def _note_interrupts(seen: Progress) -> Iterator[None]:
    """Remember that the user has interrupted: Snakemake ends its jobs and keeps that to itself."""

    def note(number: int, frame: Any) -> None:
        seen.interrupted = True
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _failures(
    folder: Path, plan: dict[str, Any], names: Sequence[str], started: float
) -> dict[str, str]:
    """Return the sentence of each report that is not there, and keep it for ``--rerun``."""
    failed = {}
    for name in names:
        stages = [f"report/{name}", *plan["studies"][name]]
        sentences = [_sentence(folder, stage, started) for stage in stages]
        failed[name] = next(filter(None, sentences), _say_killed(folder, name))
        write_atomic(folder / "failed" / f"report-{name}", failed[name])
    return failed


def _sentence(folder: Path, stage: str, started: float) -> str:
    path = folder / "failed" / stage.replace("/", "-")
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_mtime >= started - 1:
            return path.read_text(encoding="utf-8")
    return ""


def _say_killed(folder: Path, name: str) -> str:
    return (
        "its process ended without a word (killed, or out of memory), or was not started; see "
        f"{folder / 'logs' / f'report-{name}.log'}"
    )


def _say_broken(folder: Path) -> str:
    return f"Snakemake could not run the workflow; its messages are in {folder / 'snakemake.log'}"


def failure_table(failed: dict[str, str]) -> str:
    """Return what failed as text: a line for each report with its sentence.

    Examples
    --------
    >>> print(failure_table({"a": "no vote is left", "bb": "the disk is full"}))
    report  what failed
    a       no vote is left
    bb      the disk is full
    """
    width = max(map(len, ["report", *failed]))
    rows = [("report", "what failed"), *failed.items()]
    return "\n".join(f"{n:<{width}}  {' / '.join(s.splitlines())}" for n, s in rows)


# -------------------------------------------------------------------------------------- the jobs


def run_job(rule: str, name: str, stamp: str, settings_file: str, study_file: str) -> int:
    """Make one stage or report of a batch; return the exit status.

    Parameters
    ----------
    rule, name : str
        A rule of the workflow and the wildcard in it.
    stamp : str
        The file that says that it is made; it is also written as ``done/RULE/NAME`` in the batch's
        folder, where ``failed/RULE-NAME`` has the sentence of a failure.
    settings_file, study_file : str
        The batch's settings, and the study; the record's rule has none and does not read it.
    """
    _die_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    settings = json.loads(Path(settings_file).read_text(encoding="utf-8"))
    os.environ["UNBLOCS_HOME"] = settings["workspace"]
    folder = Path(settings["folder"])
    failed = folder / "failed" / f"{rule}-{name}"
    try:
        content = _JOBS[rule](name, Path(study_file), settings)
    except Exception as error:
        traceback.print_exc()
        write_atomic(failed, explain(error))
        return 1
    failed.unlink(missing_ok=True)
    for path in {folder / "done" / rule / name, Path(stamp).absolute()}:
        write_atomic(path, content)
    return 0


def _make_record(name: str, _study_file: Path, settings: dict[str, Any]) -> str:
    from helpers.study import load_source

    source = settings.get("sources", {}).get(name, name)
    return digest(load_source(source).provenance)


def _make_stage(stage: str, name: str, study_file: Path) -> str:
    """Compute a shared stage; what a user can cause is left to each report to say in its words."""
    from helpers.study import Results, read_study

    results = Results(read_study(study_file))
    with contextlib.suppress(UnblocsError):
        for part in results.parts(results.ballots()).values():
            getattr(results, stage)(part)
    return name


def _make_report(name: str, study_file: Path, settings: dict[str, Any]) -> str:
    from helpers.run.pipeline import make_report
    from helpers.study import read_study

    stamp = _report_stamp(Path(settings["folder"]), name, read_study(study_file).source)
    make_report(study_file, command=f"{settings['command']} --only {name}")
    return stamp


_JOBS: Final = {
    "record": _make_record,
    "similarity": lambda name, study_file, _: _make_stage("similarity", name, study_file),
    "blocs": lambda name, study_file, _: _make_stage("blocs", name, study_file),
    "report": _make_report,
}


def _die_with_parent(every: float = 1.0) -> None:
    """End this process when the one that started it is gone: a killed batch leaves nothing."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: Sequence[str]) -> int:
    """Make one stage or report in a fork of the batch's server, or in this process without one."""
    if ADDRESS not in os.environ:
        return run_job(*arguments[:5])
    job = Fork("helpers.run.batch:run_job", arguments[:5], dict(os.environ), str(Path.cwd()))
    with contextlib.suppress(KeyboardInterrupt):  # the server ends the job when this process ends
        return job.wait()
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
