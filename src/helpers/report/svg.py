"""A matplotlib figure as SVG: small, deterministic, and able to follow the page's colours."""

from __future__ import annotations

import html
import io
import re
from functools import lru_cache
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from helpers.report.figures.style import COLOURS, style

_FONTS: Final = "'DejaVu Sans', Verdana, Arial, sans-serif"


def inline_svg(figure: Figure, *, name: str, alt: str, title: str, fixed: bool = False) -> str:
    """Return an ``<svg>`` element for a page: named, described, its colours CSS variables.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The drawing.
    name : str
        Unique on the page; prefixes the ids inside.
    alt, title : str
        What the figure shows, and what it is called; both are escaped here.
    fixed : bool
        Keep its size on a narrow page, to be scrolled.
    """
    body = _recolour(_drawing(figure, name))
    width, height = (round(96 * side) for side in figure.get_size_inches())
    box = " ".join(f"{72 * side:g}" for side in figure.get_size_inches())
    kind = ' class="fixed"' if fixed else ""
    return (
        f'<svg{kind} role="img" aria-label="{html.escape(f"{title}. {alt}")}" '
        f'width="{width}" height="{height}" viewBox="0 0 {box}">{body}</svg>'
    )


def file_svg(figure: Figure, *, name: str, alt: str, title: str) -> str:
    """Return a whole SVG file on white, with title and description."""
    body = _drawing(figure, name)
    width, height = (72 * side for side in figure.get_size_inches())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'role="img" aria-labelledby="{name}-title {name}-desc" width="{96 * width / 72:g}" '
        f'height="{96 * height / 72:g}" viewBox="0 0 {width:g} {height:g}" '
        f'font-family="{_FONTS}">\n'
        f'<title id="{name}-title">{html.escape(title)}</title>\n'
        f'<desc id="{name}-desc">{html.escape(alt)}</desc>\n'
        f'<rect width="100%" height="100%" fill="{COLOURS["paper"]}"/>\n{body}\n</svg>\n'
    )


def file_png(figure: Figure) -> bytes:
    """Return the figure as PNG on white, 200 dots an inch, without metadata."""
    buffer = io.BytesIO()
    with style():
        figure.savefig(
            buffer,
            format="png",
            dpi=200,
            facecolor=COLOURS["paper"],
            metadata={"Software": None},
        )
    return buffer.getvalue()


def _drawing(figure: Figure, name: str) -> str:
    """Everything inside ``<svg>``, the same bytes for the same drawing and name."""
    return _name_ids(_drawn(figure), name)


@lru_cache(maxsize=2)
def _drawn(figure: Figure) -> str:
    """Everything inside ``<svg>``, drawn once for the page and the file."""
    buffer = io.StringIO()
    with style():
        mpl.rcParams["svg.hashsalt"] = "unblocs"
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<defs>", text.index("</metadata>")) :].rpartition("</svg>")[0]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, count=1, flags=re.DOTALL)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
    text = re.sub(r"font: ([^;\"]*?)'DejaVu Sans'[^;\"]*", _spell_font, text)
    text = re.sub(r"<[^>]+>", lambda m: _shorten(m[0]), text)
    return re.sub(r"\s+", " ", text).replace("> <", "><").replace("<g/>", "").strip()


def _shorten(tag: str) -> str:
    """Cut coordinates in a tag to two decimals; text between tags is left alone."""
    return tag if "base64," in tag else re.sub(r"(-?\d+\.\d\d)\d+", r"\1", tag)


def _spell_font(match: re.Match[str]) -> str:
    """Turn the shorthand ``700 9px`` into properties that leave the family to the page."""
    words = match[1].split()
    weight = [f"font-weight: {w}" for w in words if w in ("bold", "700")]
    slant = [f"font-style: {w}" for w in words if w == "italic"]
    size = [f"font-size: {w}" for w in words if w.endswith("px")]
    return "; ".join(weight + slant + size)


def _name_ids(text: str, name: str) -> str:
    """Drop ids that nothing refers to, and prefix the others with the figure's name.

    What a figure marks as a member's (`helpers.report.figures.style.mark_member`) says so.
    """
    text = re.sub(r' id="member-([\w-]+)"', r' data-member="\1"', text)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", text)


def _recolour(text: str) -> str:
    """Replace each colour of the palette by the page's variable, the colour as its fallback."""
    names = {value: key for key, value in COLOURS.items() if not key.startswith("bloc")}
    return re.sub(
        r"#[0-9a-f]{6}\b",
        lambda m: f"var(--{names[m[0]]}, {m[0]})" if m[0] in names else m[0],
        text,
    )
