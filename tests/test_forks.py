"""The server of forks: exit statuses, streams, environment, and that nothing lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers.run.forks import ADDRESS, Fork, can_fork, fork_server, variables

pytestmark = pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only")

TARGETS = """\
import os, sys, time
LOADED = []
def preload():
    LOADED.append(os.getpid())
def add(a, b):
    return int(a) + int(b)
def count(text):
    return len(text) // 10_000
def leave(status):
    sys.exit(int(status))
def fail():
    raise ValueError("as the test wants it")
def write(word):
    print(word, os.environ["WORD"], os.getcwd(), LOADED == [os.getppid()], sys.stdin.read())
def sleep(path):
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)
"""


@pytest.fixture
def targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A server of functions to fork, and the folder that has their module."""
    (tmp_path / "targets.py").write_text(TARGETS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getenv('PYTHONPATH', '')}")
    monkeypatch.delenv(ADDRESS, raising=False)
    with fork_server("targets:preload"):
        yield tmp_path


def start(function: str, *arguments: str, folder: Path | str = ".") -> Fork:
    return Fork(f"targets:{function}", arguments, dict(os.environ), str(folder))


def wait_for(path: Path) -> int:
    deadline = time.monotonic() + 30
    while not (path.exists() and path.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return int(path.read_text())


def test_the_status_is_what_the_function_returns_or_exits_with(
    targets: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    forks = [start("add", "2", "3"), start("leave", "7"), start("leave", "0"), start("fail")]
    assert [fork.wait() for fork in forks] == [5, 7, 0, 1]
    assert [fork.poll() for fork in forks] == [5, 7, 0, 1]
    assert "ValueError: as the test wants it" in capfd.readouterr().err


def test_a_fork_has_the_environment_folder_and_streams_of_who_asks(
    targets: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in ("one", "two"):
        monkeypatch.setenv("WORD", word)
        assert start("write", "said", folder=targets).wait() == 0
        assert capfd.readouterr().out.split() == ["said", word, str(targets), "True"]


def test_a_request_of_any_length_arrives(targets: Path) -> None:
    assert start("count", "0" * 300_000).wait() == 30


def test_a_signal_ends_it_and_the_server_goes_on(targets: Path) -> None:
    fork = start("sleep", str(targets / "pid"))
    assert wait_for(targets / "pid") == fork.pid
    assert fork.poll() is None
    fork.terminate()
    assert fork.wait() == -signal.SIGTERM
    fork.kill()  # gone already: nothing to do
    assert start("add", "1", "1").wait() == 2


def test_a_fork_ends_with_the_process_that_asked_for_it(targets: Path) -> None:
    program = f"""
        import os
        from helpers.run.forks import Fork
        Fork("targets:sleep", [{str(targets / "pid")!r}], dict(os.environ), ".").wait()
    """
    asking = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    process = psutil.Process(wait_for(targets / "pid"))
    asking.kill()
    asking.wait()
    assert not psutil.wait_procs([process], timeout=10)[1]


def test_who_asked_learns_that_the_server_is_gone(targets: Path) -> None:
    fork = start("sleep", str(targets / "pid"))
    process = psutil.Process(wait_for(targets / "pid"))
    process.parent().kill()
    assert fork.wait() == 1
    process.kill()


def test_a_server_inside_another_is_the_other(targets: Path) -> None:
    address = os.environ[ADDRESS]
    with fork_server("no.such:function"):
        assert os.environ[ADDRESS] == address
        assert start("add", "1", "2").wait() == 3
    assert os.environ[ADDRESS] == address


def test_the_socket_is_private_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    with fork_server(""):
        folder = Path(os.environ[ADDRESS]).parent
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
    assert ADDRESS not in os.environ


def test_variables_are_set_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "before")
    monkeypatch.setenv("TAKEN", "before")
    monkeypatch.delenv("NEW", raising=False)
    with variables({"KEPT": "inside", "TAKEN": None, "NEW": "inside"}):
        assert (os.environ["KEPT"], os.getenv("TAKEN"), os.environ["NEW"]) == (
            "inside",
            None,
            "inside",
        )
    assert (os.environ["KEPT"], os.environ["TAKEN"], os.getenv("NEW")) == ("before", "before", None)
