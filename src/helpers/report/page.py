"""The page to publish: an executed notebook through our template, sanitised."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import nh3

from helpers.errors import MissingDataError, NotebookError
from helpers.report.words import member_names
from helpers.store import PACKAGE

SKIPPED_TAGS: Final = frozenset({"notebook-only", "parameters", "injected-parameters"})
"""Tags of cells that are for the notebook and not for the page."""

_WORD_TAGS: Final = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h2",
    "h3",
    "h4",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
_WORD_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "th": {"scope"},
}
_SVG_TAGS: Final = {
    "svg",
    "g",
    "path",
    "use",
    "defs",
    "clipPath",
    "rect",
    "image",
    "text",
    "tspan",
    "title",
    "desc",
}
_OUTPUT_TAGS: Final = (
    _WORD_TAGS
    | _SVG_TAGS
    | {
        "h1",
        "header",
        "nav",
        "section",
        "div",
        "span",
        "figure",
        "figcaption",
        "details",
        "summary",
        "caption",
        "dl",
        "dt",
        "dd",
    }
)
_SVG_ATTRIBUTES: Final = {
    "class",
    "role",
    "d",
    "x",
    "y",
    "width",
    "height",
    "viewBox",
    "transform",
    "clip-path",
    "href",
    "style",
}
_OUTPUT_ATTRIBUTES: Final = {
    **_WORD_ATTRIBUTES,
    **{tag: _SVG_ATTRIBUTES | {"id"} for tag in _SVG_TAGS},
    "th": {"scope", "class"},
    "a": {"href", "title", "download"},
    "g": _SVG_ATTRIBUTES | {"id", "data-member"},
    "*": {"class", "id", "role", "tabindex", "hidden"},
}
_STYLES: Final = {
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linejoin",
    "stroke-linecap",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-miterlimit",
    "opacity",
    "font-size",
    "font-weight",
    "font-style",
    "text-anchor",
    "image-rendering",
}


def sanitise_words(text: str) -> str:
    """Keep only plain text elements of HTML that was made from markdown.

    Examples
    --------
    >>> sanitise_words('<p onclick="x()">a<script>b</script><b>c</b></p>')
    '<p>a<b>c</b></p>'
    """
    return nh3.clean(
        text,
        tags=_WORD_TAGS,
        attributes=_WORD_ATTRIBUTES,
        clean_content_tags={"script", "style"},
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer",
    )


def sanitise_output(text: str) -> str:
    """Keep only what our own figures and tables are made of, in the HTML of a cell's output.

    Examples
    --------
    >>> sanitise_output('<figure id="a"><svg onload="x()"><path d="M 0 0"/></svg></figure>')
    '<figure id="a"><svg><path d="M 0 0"></path></svg></figure>'
    """
    return nh3.clean(
        text,
        tags=_OUTPUT_TAGS,
        attributes=_OUTPUT_ATTRIBUTES,
        attribute_filter=_only_inside,
        generic_attribute_prefixes={"aria-"},
        filter_style_properties=_STYLES,
        clean_content_tags={"script", "style"},
        url_schemes={"https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )


def _only_inside(tag: str, attribute: str, value: str) -> str | None:
    """Refuse references that leave the page from inside a drawing, and data addresses in links."""
    if attribute == "clip-path":
        return value if re.fullmatch(r"url\(#[\w-]+\)", value) else None
    if attribute != "href":
        return value
    if tag == "image":
        return value if value.startswith("data:image/png;base64,") else None
    if tag == "a":
        return value if not value.strip().lower().startswith("data:") else None
    return value if value.startswith("#") else None


def render_page(notebook: Any) -> str:
    """Return the whole page of an executed notebook as HTML.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook; code, prompts and plain-text outputs are left out, and so are cells
        with one of the `SKIPPED_TAGS`.

    Raises
    ------
    NotebookError
        The notebook shows no main heading (``<h1>``), so it was not run or is another one.
    """
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(
        template_name="unblocs",
        extra_template_basedirs=[str(PACKAGE / "report" / "templates")],
        exclude_anchor_links=True,
    )
    exporter.register_filter("sanitise_words", sanitise_words)
    exporter.register_filter("sanitise_output", sanitise_output)
    page = {"skip": SKIPPED_TAGS, **_head(notebook)}
    exporter.register_filter("highlight_code", html.escape)  # the base template names it
    # The template's own step: HTMLExporter would parse the page once more, to add what ours has.
    render = super(HTMLExporter, exporter).from_notebook_node
    shown = copy.deepcopy(notebook)
    shown.cells = without_empty_sections(shown.cells)
    body, _ = render(shown, resources={"page": page})
    return _with_search(_with_contents(re.sub(r"\n\s*\n+", "\n", body)))


def without_empty_sections(cells: list[Any]) -> list[Any]:
    """Leave out each section, from one heading to the next, whose cells have nothing to show.

    A study about no member has nothing to say where members are compared with the focus.
    """
    sections: list[list[Any]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            sections.append([])
        sections[-1].append(cell)
    return [cell for section in sections if _has_something(section) for cell in section]


def _has_something(section: list[Any]) -> bool:
    code = [cell for cell in section if cell.cell_type == "code"]
    shown = [
        output.data["text/html"].strip()
        for cell in code
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]
    return not code or any(shown) or not shown


def build_page(notebook: Path) -> str:
    """Return the page of an executed notebook's file.

    Raises
    ------
    MissingDataError
        There is no such notebook.
    NotebookError
        It is not a notebook that was run.
    """
    import nbformat

    try:
        node = nbformat.read(notebook, as_version=4)
    except FileNotFoundError as error:
        raise MissingDataError(f"{notebook}: there is no such notebook; run it first") from error
    except (OSError, ValueError) as error:
        raise NotebookError(f"{notebook}: it is not a notebook that can be read") from error
    return render_page(node)


def read_answer(folder: Path) -> str:
    """Return the answer of a report in one sentence, from its ``results.json``.

    Raises
    ------
    MissingDataError
        The folder has no such file, or no answer in it.
    """
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        return str(results["answer"]["sentence"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingDataError(
            f"{folder / 'results.json'}: it has no answer; make the report again"
        ) from error


def _head(notebook: Any) -> dict[str, str]:
    """Title and description, from the first heading and the first answer that it shows."""
    shown = "\n".join(
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    )
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", shown, re.DOTALL)
    if not heading:
        raise NotebookError(
            "06_report: it shows no heading, so it was not run to its end; run the report again"
        )
    answer = re.search(r'<div class="answer">\s*<p>(.*?)</p>', shown, re.DOTALL)
    return {
        "title": html.unescape(re.sub(r"<[^>]+>", "", heading[1])),
        "description": html.unescape(re.sub(r"<[^>]+>", "", answer[1])) if answer else "",
    }


def _with_contents(page: str) -> str:
    """Give each section an id that stays, and list the sections in the page's empty ``<nav>``."""
    anchors: list[str] = []

    def with_id(heading: re.Match[str]) -> str:
        anchors.append(section_anchor(heading[1], anchors))
        return f'<h2 id="{anchors[-1]}">{heading[1]}</h2>'

    page = re.sub(r"<h2>(.*?)</h2>", with_id, page, flags=re.DOTALL)
    sections = re.findall(r'<h2 id="(section-[^"]+)">(.*?)</h2>', page, re.DOTALL)
    items = "\n".join(f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in sections)
    return re.sub(
        r'(<nav [^>]*class="contents"[^>]*>)(</nav>)',
        lambda nav: f"{nav[1]}<ol>\n{items}\n</ol>{nav[2]}",
        page,
    )


def _with_search(page: str) -> str:
    """Add the box that finds a member, and its script, to a page whose figures mark members.

    The policy of the page allows this script by its digest and no other; without it the page is
    the same, but for the box.
    """
    marked = sorted(set(re.findall(r' data-member="([\w-]+)"', page)))
    if not marked or "</nav>" not in page:
        return page
    names = member_names()
    options = "".join(
        f'<option value="{html.escape(names.get(m, m))}">{m}</option>'
        for m in sorted(marked, key=lambda m: names.get(m, m))
    )
    box = (
        '<div id="find" role="search"><label for="member">Find a country</label> '
        '<input id="member" list="members" autocomplete="off"> <output for="member"></output>'
        f'<datalist id="members">{options}</datalist></div>'
    )
    source = (PACKAGE / "report" / "templates" / "unblocs" / "find.js").read_text(encoding="utf-8")
    seal = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    page = page.replace("</nav>", f"</nav>\n{box}", 1)
    page = page.replace("style-src", f"script-src 'sha256-{seal}'; style-src", 1)
    head, end, rest = page.rpartition("</body>")
    return f"{head}<script>{source}</script>\n{end}{rest}"


def section_anchor(heading: str, taken: Sequence[str] = ()) -> str:
    """Return the id of a section from its heading, so that links to it outlive another order.

    Examples
    --------
    >>> section_anchor("Who moved"), section_anchor("Who moved", ["section-who-moved"])
    ('section-who-moved', 'section-who-moved-2')
    """
    words = html.unescape(re.sub(r"<[^>]+>", "", heading)).lower()
    anchor = "section-" + re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    same = [a for a in taken if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", a)]
    return f"{anchor}-{len(same) + 1}" if same else anchor
