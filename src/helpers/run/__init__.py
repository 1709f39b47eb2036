"""Running studies: the chain of notebooks, batches of them, and the page that finds reports.

Names are loaded on first use: jobs start modules of this room by themselves, and should import
nothing before.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "failure_table": "helpers.run.batch",
    "make_report": "helpers.run.pipeline",
    "make_watch": "helpers.run.watches",
    "run_batch": "helpers.run.batch",
    "type_settings": "helpers.run.batch",
    "write_site": "helpers.run.index",
}

__all__ = [
    "failure_table",
    "make_report",
    "make_watch",
    "run_batch",
    "type_settings",
    "write_site",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'helpers.run' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
