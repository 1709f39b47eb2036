"""Sphinx configuration."""

import json
import sys
from pathlib import Path

project = "UN Voting Blocs"
author = "UN Voting Blocs contributors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_site", "_generated"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
myst_enable_extensions = ["dollarmath", "substitution"]
suppress_warnings = ["myst.xref_missing", "ref.python"]
napoleon_use_ivar = True


def measured(*prefixes: str) -> str:
    """Return a table of what `make bench` has measured on the machine that builds the pages."""
    file = Path(__file__).parents[1] / "benchmarks" / "results.json"
    if not file.is_file():
        return "*Not measured where these pages were built: `make bench` measures it.*"
    rows = json.loads(file.read_text(encoding="utf-8"))["benchmarks"]
    lines = ["| benchmark | seconds | against | of what | peak MB |", "|---|---|---|---|---|"]
    for row in (row for row in rows if row["name"].startswith(prefixes)):
        seconds = f"{row['ours_s']:.3g} | {row['peer_s']:.3g}"
        lines.append(f"| `{row['name']}` | {seconds} | {row['peer']} | {row['peak_mb']:.0f} |")
    return "\n".join(lines)


myst_substitutions = {"measured_batch": measured("batch.", "site.")}

sys.path.insert(0, str(Path(__file__).parent))
from rooms import draw_rooms  # noqa: E402 - it lies beside this file

draw_rooms(Path(__file__).parent / "_generated" / "rooms.svg")
