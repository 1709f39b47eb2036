"""A kernel manager of jupyter_client whose kernels are forked from a server that has imported.

Starting a kernel and importing the packages that a notebook uses costs more than most notebooks
compute. The fork server of `multiprocessing` imports them once; every kernel is a fresh fork of it,
so that no state of one notebook reaches another, and talks over Unix sockets in a private folder.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any, Final

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, ForkServerProcess

PRELOADED: Final = (
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "pandera.pandas",
    "pyarrow.parquet",
    "scipy.cluster.hierarchy",
    "helpers.stages",
    "helpers.report",
    "helpers.plots",
)
"""What the server has imported when it forks a kernel."""

LONGEST_FOLDER: Final = 80
"""Characters: the path of a Unix socket has to stay below about a hundred."""

_LAUNCHER: Final = ("-m", "ipykernel_launcher")
_INLINE: Final = "module://matplotlib_inline.backend_inline"


class WarmKernelManager(AsyncKernelManager):
    """Starts kernels by forking, and keeps their sockets in a private folder."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._folder = tempfile.mkdtemp(prefix="unblocs-")
        if os.name == "posix" and len(self._folder) <= LONGEST_FOLDER:
            self.transport = "ipc"
        self.connection_file = os.path.join(self._folder, "kernel.json")  # noqa: PTH118 - a text

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.provisioner = ForkProvisioner(
            kernel_id="warm", kernel_spec=self.kernel_spec, parent=self
        )
        return await super()._async_pre_start_kernel(**options)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._folder, ignore_errors=True)


class ForkProvisioner(LocalProvisioner):
    """Forks a kernel where `LocalProvisioner` starts a new interpreter."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel that runs what the command would run."""
        if not can_fork() or tuple(cmd[1:3]) != _LAUNCHER:
            return await super().launch_kernel(cmd, **options)
        environment = {name: str(value) for name, value in options["env"].items()}
        process = fork_server().Process(
            target=_run_kernel, args=(cmd[3:], environment, options.get("cwd") or ".")
        )
        process.start()
        self.process = _Popen(process)
        self.pid = process.pid
        return self.connection_info


class _Popen:
    """A forked process with the few methods of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None and self.pid is not None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def can_fork() -> bool:
    """Tell whether kernels can be forked here (on Linux; macOS' own libraries forbid it)."""
    return sys.platform.startswith("linux")


def fork_server() -> ForkServerContext:
    """Return the context of the fork server, which has imported `PRELOADED`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _run_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Become a kernel, in a session of its own, with the environment and folder asked for."""
    import matplotlib as mpl

    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # What these two have read from the environment on import, in the server:
    mpl.rcParams["backend"] = environment.get("MPLBACKEND", _INLINE)
    # Ends the kernel with the server; the thread below ends it with the process that asked for it.
    sys.argv = [sys.executable, *arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    threading.Thread(target=_die_with_parent, daemon=True).start()
    runpy.run_module("ipykernel_launcher", run_name="__main__")


def _die_with_parent() -> None:
    """End the kernel when the process that asked for it is gone, even killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
