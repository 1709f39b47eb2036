"""Progress is shown to a person, and to nothing that compares or keeps what a cell prints."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.store import progress, track


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_nothing_is_shown_where_nobody_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(track(range(3), "counting")) == [0, 1, 2]
    assert stream.getvalue() == ""


def test_a_terminal_shows_how_far_it_is_and_is_clean_again_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    times = iter(range(0, 1000, 2))  # two seconds pass at every look at the clock
    monkeypatch.setattr("tqdm.std.time", lambda: float(next(times)))
    assert list(track(iter(range(3)), "counting", 3)) == [0, 1, 2]
    shown = stream.getvalue()
    assert "counting" in shown
    assert "/3" in shown
    assert shown.rstrip(" ").endswith("\r")


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("frontend", [True, False])
def test_a_kernel_is_watched_where_its_frontend_can_ask(kernel: Any, frontend: bool) -> None:
    """JupyterLab allows a cell to ask its user something; nbclient, papermill and nbval do not."""
    said: list[str] = []
    kernel.execute_interactive(
        "from helpers.store import progress\nprint(progress.is_watched())",
        allow_stdin=frontend,
        stdin_hook=lambda _: None,
        output_hook=lambda m: said.append(m["content"].get("text", "")),
        timeout=60,
    )
    assert "".join(said).strip() == str(frontend)


def test_the_runners_of_notebooks_cannot_ask() -> None:
    """What `is_watched` relies on, read off the runners themselves."""
    import inspect

    import nbclient.client
    import nbval.plugin

    assert "allow_stdin = False" in inspect.getsource(nbclient.client)
    assert "allow_stdin=False" in inspect.getsource(nbval.plugin)
    assert not progress.is_watched() or sys.stderr.isatty()
