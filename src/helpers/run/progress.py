"""How far a batch is: what Snakemake's logger interface tells, as a bar or as lines."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from logging import LogRecord
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass
class Progress:
    """Steps of a batch that are done and that there are, and whether the user interrupted it."""

    done: int = 0
    total: int = 0
    interrupted: bool = False


def log_steps(seen: Progress) -> str:
    """Give Snakemake a logger that keeps ``seen`` up to date; return its name for ``--logger``."""
    from snakemake_interface_logger_plugins.base import LogHandlerBase
    from snakemake_interface_logger_plugins.common import LogEvent
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    class LogHandler(LogHandlerBase):
        """Reads the number of steps off the events of a run."""

        writes_to_stream = writes_to_file = needs_rulegraph = False
        has_filter = has_formatter = True

        def emit(self, record: LogRecord) -> None:
            event = getattr(record, "event", None)
            if event == LogEvent.RUN_INFO:
                stats: dict[str, Any] = record.stats  # type: ignore[attr-defined]
                seen.done, seen.total = 0, stats["total"]
            elif event == LogEvent.PROGRESS:
                seen.done, seen.total = record.done, record.total  # type: ignore[attr-defined]

    plugin = ModuleType("snakemake_logger_plugin_unblocs")
    plugin.LogHandler = LogHandler  # type: ignore[attr-defined]
    registry = LoggerPluginRegistry()
    registry.plugins.pop("unblocs", None)
    registry.register_plugin(plugin.__name__, plugin)
    return "unblocs"


@contextlib.contextmanager
def show_progress(folder: Path, reports: int, every: float = 0.5) -> Iterator[Progress]:
    """Show a bar on a terminal, else a line whenever a tenth more is done or one more failed."""
    stream = sys.stderr
    seen = Progress()
    stop = threading.Event()
    started = time.time()

    def watch() -> None:
        last = ""
        while not stop.wait(every):
            last = _show(stream, seen, _failed_since(folder, started), time.time() - started, last)

    print(f"{reports} reports: finding what is to be made", file=stream, flush=True)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()
        if stream.isatty() and seen.total:
            print(file=stream, flush=True)


def _show(stream: Any, seen: Progress, failed: int, seconds: float, last: str) -> str:
    """Write how far it is if that says something new; return what was written last."""
    if not seen.total:
        return last
    done, total = seen.done, seen.total
    text = progress_line(done, total, failed, seconds)
    if stream.isatty():
        stream.write(f"\r{text:<78}")
        stream.flush()
        return text
    mark = f"{10 * done // max(total, 1)} {failed}"
    if mark != last:
        print(text, file=stream, flush=True)
    return mark


def progress_line(done: int, total: int, failed: int, seconds: float) -> str:
    """Word how far a batch is: a bar, counts, failures and the time that is left.

    Examples
    --------
    >>> progress_line(30, 120, 2, 60)
    '[#####...............]  30 of 120 steps, 2 failed, 3 min left'
    """
    filled = 20 * (done + failed) // max(total, 1)
    left = seconds * max(total - done - failed, 0) / max(done + failed, 1)
    time_left = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
    if left >= 5400:
        time_left = f"{left / 3600:.1f} h"
    bar = "#" * filled + "." * (20 - filled)
    return f"[{bar}]  {done} of {total} steps, {failed} failed, {time_left} left"


def _failed_since(folder: Path, started: float) -> int:
    with contextlib.suppress(FileNotFoundError):
        return sum(e.stat().st_mtime >= started - 1 for e in os.scandir(folder / "failed"))
    return 0
