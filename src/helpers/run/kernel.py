"""A provisioner of kernels, for jupyter_client's entry point of that name.

A kernel of the specification ``unblocs`` (``run/jupyter``) talks over Unix sockets in a private
folder, and is forked from the server that has imported where one is at work (`helpers.run.forks`);
elsewhere it is started as any other.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from jupyter_client.provisioning import LocalProvisioner

from helpers.run.forks import ADDRESS, Fork
from helpers.store import PACKAGE

_SPECIFICATION: Final = PACKAGE / "run" / "jupyter" / "kernels" / "unblocs" / "kernel.json"
SPECIFICATIONS: Final = _SPECIFICATION.parents[2]
"""Folder for ``JUPYTER_PATH`` with the specification ``unblocs``."""

LONGEST_FOLDER: Final = 80
"""Characters: the path of a Unix socket has to stay below about a hundred."""

_LAUNCHER: Final = ("-m", "ipykernel_launcher")
_INLINE: Final = "module://matplotlib_inline.backend_inline"


class PrivateProvisioner(LocalProvisioner):
    """Keeps a kernel's sockets in a private folder, and forks it where it can."""

    _folder = ""

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Choose the sockets before the connection file is written."""
        manager = self.parent
        if not self._folder and manager is not None:
            self._folder = tempfile.mkdtemp(prefix="unblocs-")
            manager.connection_file = str(Path(self._folder, "kernel.json"))
            if os.name == "posix" and len(self._folder) <= LONGEST_FOLDER:
                manager.transport = "ipc"
                manager.ip = str(Path(self._folder, "kernel-ipc"))
        return await super().pre_launch(**options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel that runs what the command would run, if there is a server of forks."""
        if ADDRESS not in os.environ or tuple(cmd[1:3]) != _LAUNCHER:
            return await super().launch_kernel(cmd, **options)
        environment = {name: str(value) for name, value in options["env"].items()}
        self.process = Fork(
            "helpers.run.kernel:be_kernel", cmd[3:], environment, options.get("cwd") or "."
        )
        self.pid = self.process.pid
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the private folder with the kernel."""
        await super().cleanup(restart=restart)
        if not restart:
            shutil.rmtree(self._folder, ignore_errors=True)


def be_kernel(*arguments: str) -> None:
    """Become a kernel, in a session of its own."""
    import matplotlib as mpl

    os.setsid()
    # What matplotlib has read from the environment on import, in the server:
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", _INLINE)
    # Ends the kernel with the server, which ends it with the process that asked for it.
    sys.argv = [sys.executable, *arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    runpy.run_module("ipykernel_launcher", run_name="__main__")
