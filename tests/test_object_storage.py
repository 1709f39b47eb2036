"""A batch whose inputs and stamps go through object storage: a local S3 server."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import batch_project as project

from conftest import absent

pytestmark = pytest.mark.slow

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
BUCKET = "unblocs"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an S3 server on this machine, stopped at the end."""
    for package in ("moto", "boto3", "snakemake_storage_plugin_s3"):
        if find_spec(package) is None:
            absent("s3", f"{package} is not here (moto[server] and snakemake-storage-plugin-s3)")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (tmp_path / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the S3 server did not come up")


def client(arguments: str, address: str) -> str:
    """Run lines of Python with `bucket`, in a process of its own: boto3 warns on import."""
    lines = (
        "import sys, boto3\nfrom pathlib import Path\n"
        f"s3 = boto3.resource('s3', endpoint_url={address!r})\nbucket = s3.Bucket({BUCKET!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", lines + arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def upload(folder: Path, address: str) -> None:
    """Do what `aws s3 sync` does: what the plan has written goes to the bucket."""
    client(
        f"bucket.create()\nroot = Path({str(folder)!r})\n"
        "for place in ('inputs', 'studies'):\n"
        "    for p in (root / place).rglob('*'):\n"
        "        key = 'g/' + p.relative_to(root).as_posix()\n"
        "        if p.is_file(): bucket.upload_file(str(p), key)\n",
        address,
    )


@pytest.mark.s3
def test_inputs_and_stamps_go_through_the_bucket(server: str, tmp_path: Path, root: Path) -> None:
    project.require_snakemake()
    folder = project.make_project(tmp_path / "project", root)
    storage = (
        *("--default-storage-provider", "s3", "--default-storage-prefix", f"s3://{BUCKET}/g"),
        *("--storage-s3-endpoint-url", server),
    )
    planned = project.run_batch(folder, "--cores", "2", "--snakemake", "--dry-run")
    assert planned.returncode in (0, 1), planned.stderr
    upload(folder / "data" / "processed" / "batch" / "g", server)
    ended = project.run_batch(folder, "--cores", "2", "--snakemake", *storage)
    log = (folder / "data/processed/batch/g/snakemake.log").read_text(encoding="utf-8")
    assert ended.returncode == 0, ended.stderr + log
    assert "2 reports are there, 0 failed" in ended.stdout
    keys = client("print(*[o.key for o in bucket.objects.all()])", server).split()
    assert {"g/done/record/dossier", "g/done/report/g-USA-agreement"} <= set(keys)
    assert "g/done/report/g-HUN-agreement" in keys

    again = project.run_batch(folder, "--cores", "2", "--snakemake", *storage)
    assert again.returncode == 0, again.stderr
    assert project.jobs_run(folder) == [], "the stamps in the bucket say that all is made"


def test_the_kubernetes_profile_makes_a_plan(tmp_path: Path, root: Path) -> None:
    """What can be checked without a cluster: the options, also of the plugins, and the plan."""
    for package in ("snakemake_executor_plugin_kubernetes", "snakemake_storage_plugin_fs"):
        pytest.importorskip(package, reason="the extra 'kubernetes' is not here")
    folder = project.make_project(tmp_path / "project", root)
    ended = project.run_batch(folder, "--profile", "kubernetes", "--snakemake", "--dry-run")
    log = (folder / "data/processed/batch/g/snakemake.log").read_text(encoding="utf-8")
    assert re.search(r"^report +2$", log, re.MULTILINE), ended.stderr + log
    assert "This was a dry-run" in log
