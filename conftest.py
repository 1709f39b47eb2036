"""What nbval compares: the text of every output, which holds every number."""

from __future__ import annotations

from typing import Any


def pytest_collectstart(collector: Any) -> None:
    """Skip the pictures and the HTML that stand beside a text output."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/svg+xml", "image/png")
