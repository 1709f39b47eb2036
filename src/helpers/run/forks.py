"""Processes forked from a server that has imported: a batch's jobs, and the kernels of notebooks.

Starting an interpreter and importing what a report needs costs more than most notebooks compute. A
server imports it once; every process is a fresh fork of it, so that no state reaches another one.
Who asks for a process keeps a line to the server: it carries the exit status, and when it breaks,
because the one who asked is gone, the process is ended. (The fork server of `multiprocessing` does
not serve its own children, and a job of a batch has to ask for kernels.)
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ADDRESS: Final = "UNBLOCS_FORKS"
"""Environment variable with the server's socket; it is set where a server is at work."""

_LONGEST: Final = 100
"""Characters of a socket's path that every system takes."""


def can_fork() -> bool:
    """Tell whether processes can be forked here (on Linux; macOS' own libraries forbid it)."""
    return sys.platform.startswith("linux")


@contextlib.contextmanager
def fork_server(preload: str) -> Iterator[None]:
    """Keep a server at work inside this block, or use the one that is; elsewhere do nothing.

    Parameters
    ----------
    preload : str
        The function, as ``module:function``, that imports what the processes will need. It is
        called in the server when the first process is asked for.
    """
    if not can_fork() or ADDRESS in os.environ:
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="unblocs-"))
    try:
        with _started(folder / "forks", preload):
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _started(path: Path, preload: str) -> Iterator[None]:
    if len(str(path)) > _LONGEST:
        yield
        return
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        number = listener.fileno()
        server = subprocess.Popen(
            [sys.executable, "-m", "helpers.run.forks", str(number), preload],
            stdin=subprocess.PIPE,
            pass_fds=[number],
            start_new_session=True,
        )
    try:
        with variables({ADDRESS: str(path)}):
            yield
    finally:
        server.communicate()


@contextlib.contextmanager
def variables(values: Mapping[str, str | None]) -> Iterator[None]:
    """Set environment variables inside this block, and take away those that are None."""
    before = {name: os.environ.get(name) for name in values}
    try:
        _set_variables(values)
        yield
    finally:
        _set_variables(before)


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class Fork:
    """A forked process, with the methods of `subprocess.Popen` that a kernel's manager uses.

    Parameters
    ----------
    target : str
        The function to run, as ``module:function``; what it returns is the exit status.
    arguments : sequence of str
        Its arguments.
    environment : dict
        The process's environment, in full.
    folder : str
        Its working folder.
    """

    stdin = stdout = stderr = None

    def __init__(
        self, target: str, arguments: Sequence[str], environment: dict[str, str], folder: str
    ) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(os.environ[ADDRESS])
        request = {
            "target": target,
            "arguments": list(arguments),
            "environment": environment,
            "folder": folder,
        }
        message = json.dumps(request).encode() + b"\n"
        sent = socket.send_fds(self._line, [message], [1, 2])
        self._line.sendall(message[sent:])
        self._answers = self._line.makefile("rb")
        self.pid = int(self._answers.readline() or 0)
        self.returncode: int | None = None

    def wait(self) -> int:
        """Wait for its end and return its exit status; 1 when the server is gone."""
        if self.returncode is None:
            self.returncode = int(self._answers.readline() or 1)
            self._answers.close()
            self._line.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._line, selectors.EVENT_READ)
                if selector.select(timeout=0):
                    self.wait()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def serve(listener: socket.socket, preload: str) -> None:
    """Fork what is asked for until the standard input, held by the owner, is closed."""
    lines: dict[int, socket.socket] = {}
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        for source in (listener, woken, sys.stdin):
            selector.register(source, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return _end(list(lines))
                if key.fileobj is woken:
                    os.read(woken, 4096)
                    _reap(lines, selector)
                elif key.fileobj is listener:
                    if preload:
                        _run(preload, [])
                        gc.freeze()
                        preload = ""
                    line = listener.accept()[0]
                    lines[_fork(line)] = line
                    selector.register(line, selectors.EVENT_READ)
                else:
                    selector.unregister(key.fileobj)
                    _end([pid for pid, line in lines.items() if line is key.fileobj])


def _fork(line: socket.socket) -> int:
    """Fork the process that a line asks for; return its id, also to the one who asked."""
    message, streams, _, _ = socket.recv_fds(line, 1 << 16, 2)
    while not message.endswith(b"\n"):
        message += line.recv(1 << 16)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = _become(json.loads(message), streams)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    for stream in streams:
        os.close(stream)
    line.sendall(b"%d\n" % pid)
    return pid


def _become(request: dict[str, Any], streams: list[int]) -> int:
    """Be the process that was asked for; return its exit status."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a background job ignores
    for stream, number in zip((os.open(os.devnull, os.O_RDONLY), *streams), range(3), strict=True):
        os.dup2(stream, number)
    os.closerange(3, 1 << 10)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    try:
        return int(_run(request["target"], request["arguments"]) or 0)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1


def _run(target: str, arguments: Sequence[str]) -> Any:
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)(*arguments)


def _reap(lines: dict[int, socket.socket], selector: selectors.BaseSelector) -> None:
    """Report every process that has ended to the one who asked for it."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        with lines.pop(pid) as line:
            with contextlib.suppress(KeyError):
                selector.unregister(line)
            with contextlib.suppress(OSError):
                line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _end(pids: Sequence[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
