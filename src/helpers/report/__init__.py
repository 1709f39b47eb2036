"""Display objects for notebooks, words computed from values, and the page to publish."""

from helpers.report.display import (
    Published,
    collect_results,
    facts,
    html_table,
    publish,
    say,
)

__all__ = ["Published", "collect_results", "facts", "html_table", "publish", "say"]
