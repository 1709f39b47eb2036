"""A kernel manager of jupyter_client whose kernels are forked from a server that has imported.

It talks to them over Unix sockets in a private folder. Where no server is at work (see
`helpers.run.forks`), a kernel is started as any other.
"""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import tempfile
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from helpers.run.forks import ADDRESS, Fork

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
        if ADDRESS not in os.environ or tuple(cmd[1:3]) != _LAUNCHER:
            return await super().launch_kernel(cmd, **options)
        environment = {name: str(value) for name, value in options["env"].items()}
        self.process = Fork(
            "helpers.run.kernel:be_kernel", cmd[3:], environment, options.get("cwd") or "."
        )
        self.pid = self.process.pid
        return self.connection_info


def be_kernel(*arguments: str) -> None:
    """Become a kernel, in a session of its own."""
    import matplotlib as mpl

    os.setsid()
    # What matplotlib has read from the environment on import, in the server:
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", _INLINE)
    # Ends the kernel with the server, which ends it with the process that asked for it.
    sys.argv = [sys.executable, *arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]
    runpy.run_module("ipykernel_launcher", run_name="__main__")
