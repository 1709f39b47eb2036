"""Forked kernels: crash, interrupt, time-out, state that must not leak, a parent that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from helpers.run.forks import ADDRESS, fork_server
from helpers.run.pipeline import kernel_environment

pytest.importorskip("jupyter_client")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"
)


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with fork_server("helpers.run.pipeline:preload"):
        yield


def execute(*cells: str, folder: Path | str = ".", **options: Any) -> list[str]:
    """Run cells in a forked kernel and return the text of their outputs."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    client = NotebookClient(notebook, kernel_name="unblocs", **options)
    with fork_server("helpers.run.pipeline:preload"), kernel_environment(None):
        client.execute(cwd=str(folder))
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    return [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]


def test_a_kernel_has_imported_but_keeps_no_state(tmp_path: Path) -> None:
    first = execute(
        "import sys, os, numpy as np, matplotlib.pyplot as plt",
        "'helpers.study.results' in sys.modules, len(os.getcwd())",
        "leak = 1; np.leak = 1; os.environ['LEAK'] = '1'; plt.rcParams['font.size'] = 99",
        "import helpers.record.tables; helpers.record.tables.VOTES = ()",
        folder=tmp_path,
    )
    assert first == [f"(True, {len(str(tmp_path))})"]
    second = execute(
        "import os, numpy as np, matplotlib.pyplot as plt, helpers.record.tables",
        "hasattr(np, 'leak'), 'LEAK' in os.environ, plt.rcParams['font.size'] == 99, "
        "'leak' in globals(), helpers.record.tables.VOTES",
    )
    assert second == ["(False, False, False, False, ('yes', 'abstain', 'no', 'absent'))"]


def test_a_kernel_sees_the_environment_of_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("one", "two"):
        monkeypatch.setenv("SOME_VALUE", value)
        assert execute("import os; os.environ['SOME_VALUE']") == [repr(value)]


def test_figures_are_shown_as_in_any_kernel() -> None:
    [shown] = execute("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert shown == "<Figure size 640x480 with 1 Axes>"


def test_a_crash_is_seen_and_the_next_kernel_works() -> None:
    from nbclient.exceptions import DeadKernelError

    with pytest.raises(DeadKernelError):
        execute("import os; os._exit(3)")
    assert execute("1 + 1") == ["2"]


def test_a_cell_that_takes_too_long_ends_with_its_kernel() -> None:
    from nbclient.exceptions import CellTimeoutError

    with pytest.raises(CellTimeoutError):
        execute("import os; print(os.getpid())", "import time; time.sleep(600)", timeout=3)
    assert execute("1 + 1") == ["2"]


def test_an_interrupt_stops_the_cell_and_not_the_kernel() -> None:
    shown = execute(
        "import os, signal, threading, time",
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted')",
        "'still here'",
    )
    assert shown == ["interrupted\n", "'still here'"]


def test_sockets_are_private_and_removed() -> None:
    [shown] = execute(
        "import sys, os\n"
        "folder = os.path.dirname(sys.argv[sys.argv.index('-f') + 1])\n"
        "print(folder, oct(os.stat(folder).st_mode & 0o777))"
    )
    folder, mode = shown.split()
    assert mode == "0o700"
    assert folder.startswith(tempfile.gettempdir())
    assert not Path(folder).exists()


def test_nothing_lives_on_when_the_parent_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            import test_warm_kernel
            if __name__ == "__main__":
                test_warm_kernel.execute(
                    "import os; open({str(tmp_path / "pid")!r}, 'w').write(str(os.getpid()))",
                    "import time; time.sleep(600)",
                )
            """
        ),
        encoding="utf-8",
    )
    environment = {name: value for name, value in os.environ.items() if name != ADDRESS}
    parent = subprocess.Popen([sys.executable, str(program)], env=environment)
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    descendants = psutil.Process(parent.pid).children(recursive=True)
    assert int((tmp_path / "pid").read_text()) in {p.pid for p in descendants}
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _, alive = psutil.wait_procs(descendants, timeout=15)
    assert not alive
