"""A batch through a real SLURM: one node, on this machine, from Debian's packages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import batch_project as project

from conftest import absent

CONFIGURATION = Path("/etc/slurm/slurm.conf")
"""SLURM's default place: its commands inside a job look there, whatever the environment says."""

OURS = "# written by tests/test_slurm.py"

pytestmark = [pytest.mark.slurm, pytest.mark.slow]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Start munged, slurmctld and slurmd, and stop them at the end."""
    for program in ("munged", "slurmctld", "slurmd", "sbatch"):
        if shutil.which(program) is None:
            absent("slurm", f"{program} is not here (packages slurm-wlm and munge)")
    if os.geteuid() != 0:
        absent("slurm", "a one-node SLURM needs root for its configuration file")
    if CONFIGURATION.exists() and OURS not in CONFIGURATION.read_text(encoding="utf-8"):
        absent("slurm", f"{CONFIGURATION} belongs to another SLURM")
    folder = tmp_path_factory.mktemp("slurm")
    host = socket.gethostname().split(".")[0]
    configure(folder, host)
    daemons = []
    try:
        for command in (
            munged(folder),
            ["slurmctld", "-D", "-c"],
            ["slurmd", "-D", "-N", host],
        ):
            with (folder / f"{command[0]}.out").open("w", encoding="utf-8") as out:
                daemons.append(subprocess.Popen(command, stdout=out, stderr=out))
            time.sleep(1)
        wait_until_idle(folder)
        yield
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            try:
                daemon.wait(timeout=30)
            except subprocess.TimeoutExpired:
                daemon.kill()
        CONFIGURATION.unlink(missing_ok=True)


def munged(folder: Path) -> list[str]:
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    options = {
        "key-file": key,
        "socket": folder / "munge.socket",
        "pid-file": folder / "munged.pid",
        "log-file": folder / "munged.log",
        "seed-file": folder / "munged.seed",
    }
    return ["munged", "--foreground", "--force", *(f"--{n}={p}" for n, p in options.items())]


def configure(folder: Path, host: str) -> None:
    """Write the configuration of one node, without accounting and without control groups."""
    folder.chmod(0o755)
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    lines = [
        OURS,
        "ClusterName=unblocs",
        f"SlurmctldHost={host}(127.0.0.1)",
        "SlurmUser=root",
        f"AuthInfo=socket={folder / 'munge.socket'}",
        f"StateSaveLocation={folder / 'state'}",
        f"SlurmdSpoolDir={folder / 'spool'}",
        f"SlurmctldPidFile={folder / 'slurmctld.pid'}",
        f"SlurmdPidFile={folder / 'slurmd.pid'}",
        f"SlurmctldLogFile={folder / 'slurmctld.log'}",
        f"SlurmdLogFile={folder / 'slurmd.log'}",
        "ProctrackType=proctrack/linuxproc",
        "TaskPlugin=task/none",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_Core",
        "AccountingStorageType=accounting_storage/none",
        "JobAcctGatherType=jobacct_gather/none",
        "MpiDefault=none",
        "ReturnToService=2",
        f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=8000 State=UNKNOWN",
        "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    ]
    CONFIGURATION.parent.mkdir(parents=True, exist_ok=True)
    CONFIGURATION.write_text("\n".join(lines) + "\n", encoding="utf-8")


def wait_until_idle(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = subprocess.run(
            ["sinfo", "--noheader", "--format=%T"], capture_output=True, text=True, check=False
        )
        if state.stdout.strip() == "idle":
            return
        time.sleep(0.5)
    logs = "\n".join(p.read_text(errors="replace")[-2000:] for p in folder.glob("*.log"))
    pytest.fail(f"SLURM did not come up:\n{logs}")


def test_a_batch_of_six_with_one_bad_study(slurm: None, tmp_path: Path, root: Path) -> None:
    project.require_snakemake()
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="the SLURM plugin is not here")
    grid = project.GRID.replace("[USA, HUN]", "[USA, HUN, FRA, XXX, GBR, CHN]")
    folder = project.make_project(tmp_path / "project", root, grid)
    ended = project.run_batch(
        folder,
        *("--profile", "slurm", "--snakemake"),
        *("--slurm-init-seconds-before-status-checks", "1"),
        *("--seconds-between-status-checks", "1"),
    )
    log = (folder / "data/processed/batch/g/snakemake.log").read_text(encoding="utf-8")
    assert ended.returncode == 1, ended.stderr + log
    assert "5 reports are there, 1 failed" in ended.stdout, ended.stderr + log
    assert "g-XXX-agreement  focus: 'XXX' is no member state" in ended.stderr
    assert "external_jobid" in log or "SLURM jobid" in log, "the jobs went through SLURM"
    for member in ("USA", "HUN", "FRA", "GBR", "CHN"):
        assert (folder / "reports" / f"g-{member}-agreement" / "index.html").is_file()
