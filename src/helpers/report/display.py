"""What a notebook's cell shows: numbers as text, an accessible figure or table as HTML."""

from __future__ import annotations

import functools
import html
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec

import pandas as pd
from matplotlib.figure import Figure

from helpers.errors import StorageError
from helpers.report.figures import Drawing
from helpers.report.svg import file_png, file_svg, inline_svg
from helpers.store import digest, write_atomic, write_json

P = ParamSpec("P")

TEXT_ROWS: Final = 12
"""Most rows of a table in a cell's text; nbval compares these."""

PAGE_ROWS: Final = 200
"""Most rows of a table in the page; the CSV file has all."""

DRAWN: Final = "drawn"
"""Folder, in that of a report in the making, of what its notebooks have drawn so far."""


@dataclass(frozen=True, repr=False)
class Published:
    """A display object: its text is compared by nbval, its HTML is what a reader sees."""

    name: str
    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def drawn_once(view: Callable[P, Published]) -> Callable[P, Published]:
    """Let the notebooks of one report draw a view once: the second to show it shows the same.

    It is the same if what it is called with has the same content. Without a report's folder
    (``UNBLOCS_OUT``), as in JupyterLab, it is drawn every time.
    """

    @functools.wraps(view)
    def shown(*results: P.args, **options: P.kwargs) -> Published:
        folder = _folder(None)
        if folder is None:
            return view(*results, **options)
        path = folder / DRAWN / f"{digest(view.__name__, results, options)}.json"
        if path.is_file():
            return Published(**json.loads(path.read_text(encoding="utf-8")))
        result = view(*results, **options)
        write_json(path, asdict(result))
        return result

    return shown


def publish(
    name: str,
    *,
    figure: Drawing | Figure | None = None,
    table: pd.DataFrame | None = None,
    numbers: Mapping[str, Any] | None = None,
    title: str = "",
    caption: str = "",
    note: str = "",
    alt: str = "",
    out: str | Path | None = None,
    scroll: bool = False,
    open_table: bool = False,
) -> Published:
    """Show a result in a notebook and, with ``out``, save it into a report's folder.

    Parameters
    ----------
    name : str
        Name of the result: of its files, and of its numbers in ``results.json``.
    figure : Drawing or matplotlib figure, optional
        A `plots.Drawing` brings its own table, numbers and alt text.
    table : pandas.DataFrame, optional
        The numbers behind the figure, or the table to show.
    numbers : mapping, optional
        Numbers that the text states, by name.
    title, caption, note : str
        The headline over the figure, how to read it, and what it does not show.
    alt : str
        What the figure shows, in words computed from its numbers.
    out : str, Path or None
        The report's folder; empty: nothing is written; None: the folder that the pipeline names
        in ``UNBLOCS_OUT``, if it runs this. Files: ``figures/NAME.svg``,
        ``figures/NAME.png``, ``tables/NAME.csv``, ``numbers/NAME.json``.
    scroll : bool
        A wide figure without a narrow variant keeps its size and scrolls on a phone.
    open_table : bool
        Show the table at once, not folded away.

    Returns
    -------
    Published
        ``text/plain`` has the numbers and the first rows of the table, ``text/html`` the figure.

    Raises
    ------
    StorageError
        A file cannot be written.

    Examples
    --------
    >>> publish("votes", table=pd.DataFrame({"vote": ["yes"], "n": [93]}), numbers={"n": 193})
    n: 193
    vote   n
    yes   93
    """
    drawing = figure if isinstance(figure, Drawing) else None
    plain = figure.figure if isinstance(figure, Drawing) else figure
    table = table if table is not None else drawing.table if drawing else None
    alt = alt or (drawing.alt if drawing else "")
    numbers = {**(drawing.numbers if drawing else {}), **(numbers or {})}
    narrow = drawing.narrow if drawing else None
    folder = _folder(out)
    if folder:
        _save(folder, name, plain, table, numbers, alt=alt, title=title or name)
    parts = [_caption(title, caption)]
    if plain is not None:
        parts.append(_pictures(plain, narrow, name, alt=alt, title=title or name, scroll=scroll))
    if note:
        parts.append(f'<p class="note">{html.escape(note)}</p>')
    parts.append(
        _take_away(
            name, title, drawn=plain is not None, table=table is not None, saved=folder is not None
        )
    )
    if table is not None:
        shown = open_table or plain is None
        parts.append(_table_part(table, title or name, shown=shown))
    inside = "\n".join(filter(None, parts))
    return Published(
        name=name,
        text=_as_text(numbers, table),
        html=f'<figure id="{name}">\n{inside}\n</figure>',
    )


def say(
    name: str,
    sentences: Iterable[str],
    *,
    numbers: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    kind: str = "words",
) -> Published:
    """Show sentences as paragraphs, and save the numbers that they state.

    Parameters
    ----------
    name, numbers, out
        As in `publish`.
    sentences : iterable of str
        One paragraph each.
    kind : {"words", "answer", "panel"}
        How the page shows them.

    Examples
    --------
    >>> say("answer", ["Yes.", "93 of 193 did."])
    Yes.
    93 of 193 did.
    """
    words = list(sentences)
    folder = _folder(out)
    if folder and numbers:
        write_json(folder / "numbers" / f"{name}.json", clean_numbers(numbers))
    paragraphs = "\n".join(f"<p>{html.escape(word)}</p>" for word in words)
    return Published(name, "\n".join(words), f'<div class="{kind}">\n{paragraphs}\n</div>')


def together(*shown: Published) -> Published:
    """Show several results in one cell, one below the other.

    Examples
    --------
    >>> together(say("a", ["One."]), say("b", ["Two."]))
    One.
    <BLANKLINE>
    Two.
    """
    shown = tuple(s for s in shown if s.html)
    return Published(
        name=" ".join(s.name for s in shown),
        text="\n\n".join(s.text for s in shown),
        html="\n".join(s.html for s in shown),
    )


def nothing(name: str) -> Published:
    """Show nothing, where a study is about no member in particular."""
    return Published(name, "", "")


def facts(name: str, items: Mapping[str, str]) -> Published:
    """Show named facts as a definition list.

    Examples
    --------
    >>> facts("source", {"Source": "a file"})
    Source: a file
    """
    text = "\n".join(f"{key}: {value}" for key, value in items.items())
    rows = "\n".join(
        f"<dt>{html.escape(key)}</dt><dd>{_with_links(value)}</dd>" for key, value in items.items()
    )
    return Published(name, text, f'<dl class="facts">\n{rows}\n</dl>')


def collect_results(out: str | Path) -> dict[str, Any]:
    """Gather the numbers that the parts of a report saved, by name: its ``results.json``.

    Raises
    ------
    StorageError
        One of the parts cannot be read.
    """
    folder = Path(out)
    results = {}
    for part in sorted((folder / "numbers").glob("*.json")):
        try:
            results[part.stem] = json.loads(part.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StorageError(
                f"{part}: it cannot be read ({error}); run the report again"
            ) from error
    return results


def clean_numbers(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers as plain JSON values: floats to 6 decimals, NaN and NA as None.

    Examples
    --------
    >>> clean_numbers({"a": float("nan"), "b": 0.1234567})
    {'a': None, 'b': 0.123457}
    """
    return {str(key): _clean(value) for key, value in numbers.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return clean_numbers(value)
    if isinstance(value, (list, tuple)):
        return [_clean(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA:
        return None
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 6)
    return value if isinstance(value, (bool, int, str)) else str(value)


def format_value(value: Any) -> str:
    """Word one cell of a table: floats with two decimals, nothing for a missing value.

    Examples
    --------
    >>> [format_value(v) for v in (0.129, float("nan"), 3, "a", True)]
    ['0.13', '', '3', 'a', 'yes']
    """
    if isinstance(value, (bool,)) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if value is None or (not isinstance(value, (list, tuple)) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".replace("-0.00", "0.00")
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return str(value)


def html_table(table: pd.DataFrame, *, caption: str, quiet: bool = False) -> str:
    """Return a table with a caption and header cells; every text in it is escaped.

    The first column names its row. Columns of numbers are aligned right. A quiet caption is there
    for screen readers only, where a headline already says it.
    """
    columns = [str(c) for c in table.columns]
    numeric = [pd.api.types.is_numeric_dtype(table[c]) for c in table.columns]
    kinds = [' class="number"' if n else "" for n in numeric]
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(c)}</th>'
        for c, kind in zip(columns, kinds, strict=True)
    )
    rows = []
    for row in table.itertuples(index=False, name=None):
        words = [html.escape(format_value(v)) for v in row]
        cells = "".join(f"<td{kind}>{w}</td>" for w, kind in zip(words[1:], kinds[1:], strict=True))
        rows.append(f'<tr><th scope="row">{words[0]}</th>{cells}</tr>')
    body = "\n".join(rows)
    hidden = ' class="quiet"' if quiet else ""
    return (
        f"<table><caption{hidden}>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody></table>"
    )


def _folder(out: str | Path | None) -> Path | None:
    named = os.environ.get("UNBLOCS_OUT", "") if out is None else out
    return Path(named) if str(named) else None


def _as_text(numbers: Mapping[str, Any], table: pd.DataFrame | None) -> str:
    lines = [f"{key}: {_number_text(value)}" for key, value in numbers.items()]
    if table is not None:
        lines += _text_table(table)
    return "\n".join(lines)


def _number_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_number_text(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_number_text(v) for v in value)
    return format_value(_clean(value))


def _text_table(table: pd.DataFrame) -> list[str]:
    first = table.head(TEXT_ROWS)
    columns = [[str(c), *map(format_value, first[c])] for c in table.columns]
    left = [not pd.api.types.is_numeric_dtype(table[c]) for c in table.columns]
    widths = [max(map(len, column)) for column in columns]
    rows = [
        "  ".join(
            word.ljust(w) if is_left else word.rjust(w)
            for word, w, is_left in zip(row, widths, left, strict=True)
        ).rstrip()
        for row in zip(*columns, strict=True)
    ]
    more = len(table) - len(first)
    return [*rows, f"... {more} more rows"] if more else rows


def _caption(title: str, caption: str) -> str:
    if not title and not caption:
        return ""
    strong = f"<strong>{html.escape(title)}</strong>" if title else ""
    words = f" <span>{html.escape(caption)}</span>" if caption else ""
    return f"<figcaption>{strong}{words}</figcaption>"


def _pictures(
    wide: Figure, narrow: Figure | None, name: str, *, alt: str, title: str, scroll: bool
) -> str:
    drawn = inline_svg(wide, name=f"{name}-wide", alt=alt, title=title, fixed=scroll)
    if scroll:
        label = html.escape(f"{title}, scrolls sideways on a narrow screen")
        return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{drawn}</div>'
    if narrow is None:
        return drawn
    small = inline_svg(narrow, name=f"{name}-narrow", alt=alt, title=title)
    return f'<div class="wide">{drawn}</div>\n<div class="narrow" hidden>{small}</div>'


def _table_part(table: pd.DataFrame, title: str, *, shown: bool) -> str:
    caption = title if shown else f"Numbers behind: {title}"
    if len(table) > PAGE_ROWS:
        caption += f" (the first {PAGE_ROWS} of {len(table)} rows)"
    inside = html_table(table.head(PAGE_ROWS), caption=caption, quiet=shown)
    label = html.escape(f"Table: {title}")
    part = f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{inside}</div>'
    return (
        part if shown else f"<details><summary>The numbers behind it</summary>\n{part}\n</details>"
    )


def _take_away(name: str, title: str, *, drawn: bool, table: bool, saved: bool) -> str:
    """Links to the files of a figure and to itself; the files are only there in a report."""
    files = {"PNG": f"figures/{name}.png", "SVG": f"figures/{name}.svg"} if drawn else {}
    files |= {"CSV": f"tables/{name}.csv"} if table else {}
    links = [f'<a href="{path}" download>{kind}</a>' for kind, path in files.items() if saved]
    links.append(f'<a href="#{name}">link to this</a>')
    label = html.escape(f"Take away: {title or name}")
    return f'<p class="take" role="group" aria-label="{label}">{" · ".join(links)}</p>'


def _with_links(text: str) -> str:
    words = []
    for word in text.split(" "):
        bare = word.rstrip(".,;")
        if bare.startswith("https://"):
            link = html.escape(bare)
            words.append(f'<a href="{link}">{link}</a>{html.escape(word[len(bare) :])}')
        else:
            words.append(html.escape(word))
    return " ".join(words)


def _save(
    out: Path,
    name: str,
    figure: Figure | None,
    table: pd.DataFrame | None,
    numbers: Mapping[str, Any],
    *,
    alt: str,
    title: str,
) -> None:
    if figure is not None:
        drawn = file_svg(figure, name=name, alt=alt, title=title)
        write_atomic(out / "figures" / f"{name}.svg", drawn)
        write_atomic(out / "figures" / f"{name}.png", file_png(figure))
    if table is not None:
        write_atomic(out / "tables" / f"{name}.csv", _csv(table))
    if numbers:
        write_json(out / "numbers" / f"{name}.json", clean_numbers(numbers))


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n", float_format="%.6f")
