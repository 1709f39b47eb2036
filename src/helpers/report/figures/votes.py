"""Figures of votes: the strip, the timeline, who moved."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.record import VOTES
from helpers.report.figures.flows import draw_alluvial
from helpers.report.figures.style import (
    COLOURS,
    FIXED,
    MARKERS,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    cast_figure,
    draw_votes,
    each_row,
    mark_member,
    new_axes,
    styled,
    vote_legend,
)
from helpers.shifts import Movers

LONGEST_LABEL: Final = 18
"""A vote without a symbol is labelled by the first words of its title, up to so many letters."""

_STRIP_COLUMNS: Final = ("date", "symbol", "title")
"""What a strip says of a vote where it is known."""


@styled
def draw_strip(
    cast: pd.DataFrame,
    roll_calls: pd.DataFrame,
    *,
    focus: str,
    references: Sequence[str],
    names: Mapping[str, str],
    event: str = "",
    limit: int = 32,
) -> Drawing:
    """Draw one row a member and one column a vote, in order of time; the event's day is marked.

    Parameters
    ----------
    cast : pandas.DataFrame
        Votes as words, members (rows) on roll calls (columns); empty for a state that was no
        member.
    roll_calls : pandas.DataFrame
        Rows of a record's roll-call table, or any with the column ``roll_call``; those that are
        not among the columns of ``cast`` are left out.
    focus, references : str, sequence of str
        The member in question, drawn first, and those it is compared with.
    names : mapping
        Member ids to short names.
    event : str
        ISO date of the votes to mark; empty for none.
    limit : int
        At most so many votes: the last ones, or those around the event.

    Returns
    -------
    Drawing
        Its table has one row a vote and one column a member.
    """
    calls = roll_calls[roll_calls["roll_call"].isin(cast.columns)]
    calls = calls.reindex(columns=list(dict.fromkeys([*calls.columns, *_STRIP_COLUMNS])))
    calls = calls.astype({"symbol": "object", "title": "object"})
    nameless = calls["symbol"].isna() & calls["title"].isna()
    calls = calls.assign(
        date=pd.to_datetime(calls["date"]),
        symbol=calls["symbol"].mask(nameless, calls["roll_call"]),
    ).sort_values("date", kind="stable")
    calls = _around(calls.reset_index(drop=True), event, limit)
    members = [focus, *references]
    votes = cast[calls["roll_call"].tolist()].reindex(members).fillna("")
    marked = calls["date"] == pd.Timestamp(event)
    table = pd.DataFrame({"date": calls["date"].dt.strftime("%Y-%m-%d"), "vote": short(calls)})
    for member in members:
        table[member] = votes.loc[member].to_numpy()
    labels = {m: names.get(m, m) for m in members}
    wide = _strip(votes, calls, marked, labels, width=WIDE)
    narrow = _strip(votes, calls, marked, {m: m for m in members}, width=NARROW)
    return Drawing(wide, table, _describe_strip(votes, marked, labels, event), narrow)


def _around(calls: pd.DataFrame, event: str, limit: int) -> pd.DataFrame:
    """Return the last votes, or where the event is earlier, those before it and a few after."""
    end = len(calls)
    on_day = calls.index[calls["date"] == pd.Timestamp(event)] if event else calls.index[:0]
    if len(on_day):
        end = min(end, int(on_day[-1]) + 1 + limit // 3)
    return calls.iloc[max(0, end - limit) : end].reset_index(drop=True)


def short(calls: pd.DataFrame) -> pd.Series:
    """Return the symbols of roll calls without what they all share, or their titles' first words.

    Examples
    --------
    >>> calls = {"symbol": ["A/RES/79/184", None], "title": ["a", "Relations between the members"]}
    >>> short(pd.DataFrame(calls)).tolist()
    ['79/184', 'Relations …']
    """
    symbols = calls["symbol"].astype("object")
    cut = symbols.str.replace(r"^[AS]/(RES|DEC)/", "", regex=True)
    titles = calls["title"].fillna("").astype(str)
    first = titles.map(lambda title: textwrap.shorten(title, LONGEST_LABEL, placeholder=" …"))
    return cut.where(symbols.notna(), first)


def _strip(
    votes: pd.DataFrame,
    calls: pd.DataFrame,
    marked: pd.Series,
    labels: Mapping[str, str],
    *,
    width: float,
) -> Figure:
    small = width < 5
    members, n = list(labels), len(calls)
    row, left = (0.24, 0.46) if small else (0.3, 1.25)
    longest = short(calls).str.len().max()
    bottom, top = (0.28, 0.62) if small else (0.1 + 0.066 * longest, 0.66)
    height = row * len(members) + top + bottom
    figure, axes = new_axes(width, height, left=left, right=0.08, top=top, bottom=bottom)
    axes.set(xlim=(-0.6, n - 0.4), ylim=(len(members) - 0.4, -0.6))
    step = (width - left - 0.08) / n * 72
    size = min(step * 0.82, row * 72 * 0.56, 12)
    _mark_event(axes, marked, calls, len(members), small=small)
    axes.axhline(0.5, color=COLOURS["rule"], linewidth=0.8)
    for y, member in enumerate(members):
        cast = list(votes.loc[member])
        for vote in MARKERS:
            columns = [x for x in range(n) if cast[x] == vote]
            draw_votes(axes, columns, [y] * len(columns), vote, size=size)
    axes.set_yticks(range(len(members)), [labels[m] for m in members])
    rows = zip(axes.get_yticklabels(), members, _weights(len(members)), strict=True)
    for label, member, weight in rows:
        label.set(color=COLOURS["ink"], fontsize=9, fontweight=weight)
        mark_member(label, member)
    _label_columns(axes, calls, small=small, size=min(SMALL, step * 0.95))
    start = -left / (width - left - 0.08)
    vote_legend(axes, anchor=(start, 1 + (0.4 if small else 0.44) / (row * len(members))))
    return figure


def _weights(n: int) -> list[str]:
    return ["bold"] + ["normal"] * (n - 1)


def _mark_event(
    axes: Axes, marked: pd.Series, calls: pd.DataFrame, rows: int, *, small: bool
) -> None:
    columns = marked[marked].index
    if columns.empty:
        return
    first, last = columns[0] - 0.5, columns[-1] + 0.5
    axes.add_artist(
        Rectangle(
            (first, -0.6),
            last - first,
            rows + 0.2,
            facecolor=COLOURS["band"],
            edgecolor=COLOURS["ink"],
            linewidth=1,
            clip_on=False,
            zorder=1,
        )
    )
    day = calls["date"].iloc[columns[0]]
    axes.annotate(
        f"{day.day} {day:%b %Y}",
        (last if last > len(calls) / 2 else first, -0.6),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right" if last > len(calls) / 2 else "left",
        fontsize=SMALL if small else 9,
        fontweight="bold",
        annotation_clip=False,
    )


def _label_columns(axes: Axes, calls: pd.DataFrame, *, small: bool, size: float) -> None:
    years = calls["date"].dt.year
    starts = [x for x in calls.index if x == 0 or years[x] != years[x - 1]]
    for x in starts[1:]:
        axes.axvline(x - 0.5, color=COLOURS["rule"], linewidth=0.6, zorder=0)
    if not small:
        axes.set_xticks(range(len(calls)), short(calls), rotation=90, fontsize=size)
        return
    room = 0.36 * len(calls) / 2.9
    shown: list[int] = []
    for x in starts:
        if not shown or x - shown[-1] >= room:
            shown.append(x)
    axes.set_xticks(shown, [f"{years[x]}" for x in shown], fontsize=SMALL, ha="left")


def _describe_strip(
    votes: pd.DataFrame, marked: pd.Series, labels: Mapping[str, str], event: str
) -> str:
    first = f"Strip of {votes.shape[1]} votes in order of time, one row a member. "
    rows = []
    for member, name in labels.items():
        cast: pd.Series = votes.T[member].reset_index(drop=True)
        words = count_votes(cast[~marked])
        if marked.any():
            words += f" before; {', '.join(cast[marked].replace('', 'no member'))} on {event}"
        rows.append(f"{name}: {words}")
    return first + ". ".join(rows) + "."


def count_votes(votes: pd.Series) -> str:
    """Word how often each vote was cast.

    Examples
    --------
    >>> count_votes(pd.Series(["yes", "yes", "no"]))
    'yes 2, no 1'
    """
    counts = votes.value_counts()
    words = [f"{v} {counts[v]}" for v in VOTES if v in counts]
    return ", ".join(words) if words else "no votes"


@styled
def draw_movers(movers: Movers, *, before: str, after: str) -> Drawing:
    """Draw how many members went from each vote to each other vote.

    Parameters
    ----------
    movers : Movers
        From `movers.find_movers`.
    before, after : str
        What the two votes are called in the figure.
    """
    counts = movers.counts
    table = counts.rename_axis(index=f"vote in {before}", columns=None).reset_index()
    moves = [f"{size} from {a} to {b}" for (a, b), size in movers.flows.items()]
    alt = f"Members by their vote in {before} and in {after}: {'; '.join(moves)}."
    colours = {vote: COLOURS[vote] for vote in VOTES}
    figures = [
        draw_alluvial([counts], [before, after], colours, width=width, height=3.3)
        for width in (WIDE * 0.8, NARROW)
    ]
    return Drawing(figures[0], table, alt, figures[1])


@styled
def draw_timeline(roll_calls: pd.DataFrame, *, limit: int = 60) -> Drawing:
    """Draw every vote as a bar of yes, abstain and no, in order of time, with its outcome.

    Votes of which only the totals are known are there too. Where there are more than ``limit``
    votes, they are added up by year.

    Parameters
    ----------
    roll_calls : pandas.DataFrame
        Rows of a record's roll-call table, of one body or both.
    limit : int
        Most bars that are drawn one by one.
    """
    calls = roll_calls.sort_values(["date", "body"], kind="stable").reset_index(drop=True)
    table = _timeline_table(calls) if len(calls) <= limit else _by_year(calls)
    alt = _describe_timeline(calls, table)
    wide, narrow = (_timeline(table, width=w) for w in (WIDE, NARROW))
    return Drawing(wide, table, alt, narrow)


def _timeline_table(calls: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": calls["date"].dt.strftime("%Y-%m-%d"),
            "body": calls["body"],
            "vote": short(calls).where(calls["symbol"].notna(), calls["kind"]),
            "about": calls["title"]
            .fillna("")
            .str.replace(r"^Amendment to [^:]*: ", "", regex=True),
            **{v: calls[v] for v in ("yes", "abstain", "no")},
            "outcome": calls["outcome"].replace({"failed": "not adopted", "unknown": ""}),
            "votes known": _say_known(calls),
        }
    )


def _say_known(calls: pd.DataFrame) -> pd.Series:
    """Say whose votes are known: a table of facts knows of some members' votes too."""
    if "roll" not in calls.columns:
        return calls["rolled"].map({True: "by member", False: "totals only"})
    words = {"full": "by member", "reported": "of some members", "tally": "totals only"}
    return calls["roll"].map(words)


def _by_year(calls: pd.DataFrame) -> pd.DataFrame:
    years = calls["date"].dt.strftime("%Y").rename("date").astype("object")
    sums = calls.groupby([years, "body"])[["yes", "abstain", "no"]].sum().reset_index()
    counts = calls.groupby([years, "body"]).size().to_numpy()
    return sums.assign(vote=[f"{int(n)} votes" for n in counts], about="", outcome="")


def _timeline(table: pd.DataFrame, *, width: float) -> Figure:
    small = width < 5
    row, n = 0.19, len(table)
    left, right = (1.68, 0.8) if small else (5.0, 0.85)
    figure, axes = new_axes(width, row * n + 0.52, left=left, right=right, top=0.42, bottom=0.1)
    axes.set(xlim=(0, 1), ylim=(n - 0.4, -0.6), xticks=[], yticks=[])
    for y, vote in enumerate(each_row(table)):
        _timeline_bar(axes, y, vote, small=small)
    days = table["date"].ne(table["date"].shift())
    for y in table.index[days][1:]:
        axes.plot(
            [-left / (width - left - right), 1],
            [y - 0.5] * 2,
            color=COLOURS["rule"],
            linewidth=0.5,
            clip_on=False,
            zorder=0,
        )
    _timeline_labels(axes, table, days, left, small=small)
    vote_legend(
        axes,
        anchor=(-left / (width - left - right), 1 + 0.14 / (row * n)),
        votes=("yes", "abstain", "no"),
    )
    return figure


def _timeline_bar(axes: Axes, y: int, vote: Any, *, small: bool) -> None:
    values = {v: getattr(vote, v) for v in ("yes", "abstain", "no")}
    if any(pd.isna(v) for v in values.values()):
        known = [f"{v} {word}" for word, v in values.items() if pd.notna(v)]
        rest = "rest ?" if small else "rest not known"
        words = f"{', '.join(known)}; {rest}" if known else "tally not known"
        axes.text(0.01, y, words, va="center", fontsize=SMALL, color=COLOURS["muted"])
        return
    begin, total = 0.0, max(sum(values.values()), 1)
    for word, value in values.items():
        share = value / total
        hollow = word == "abstain"
        bar = Rectangle(
            (begin, y - 0.34),
            share,
            0.68,
            facecolor="none" if hollow else COLOURS[word],
            edgecolor=COLOURS[word],
            linewidth=0.8 if value else 0,
        )
        axes.add_artist(bar)
        if share > (0.16 if small else 0.07):
            colour = {"yes": COLOURS["on-yes"], "no": FIXED["dark"]}.get(word, COLOURS["ink"])
            where: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": SMALL,
                "color": colour,
            }
            axes.text(begin + share / 2, y, f"{value}", **where)
        begin += share


def _timeline_labels(
    axes: Axes, table: pd.DataFrame, days: pd.Series, left: float, *, small: bool
) -> None:
    per_inch = 1 / (axes.get_position().width * cast_figure(axes).get_figwidth())
    body, symbol, about = (0.74, 0.98, 0) if small else (0.8, 1.06, 1.82)
    for y, vote in enumerate(each_row(table)):
        style: dict[str, Any] = {"va": "center", "fontsize": SMALL, "clip_on": False}
        muted = {**style, "color": COLOURS["muted"]}
        if days[y]:
            axes.text(-left * per_inch, y, vote.date, **muted)
        axes.text((body - left) * per_inch, y, vote.body, **muted)
        axes.text((symbol - left) * per_inch, y, _clip(vote.vote, 12), **style)
        if about:
            axes.text((about - left) * per_inch, y, _clip(vote.about, 54), **muted)
        outcome = {**style, **_outcome_style(vote.outcome)}
        axes.text(1 + 0.08 * per_inch, y, vote.outcome, **outcome)


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _outcome_style(outcome: str) -> dict[str, str]:
    strong = outcome in ("vetoed", "not adopted")
    return {
        "color": COLOURS["ink"] if strong else COLOURS["muted"],
        "fontweight": "bold" if outcome == "vetoed" else "normal",
    }


def _describe_timeline(calls: pd.DataFrame, table: pd.DataFrame) -> str:
    bodies = calls["body"].value_counts()
    outcomes = calls["outcome"].value_counts()
    words = [f"{bodies[b]} of the {n}" for b, n in _BODY_NAMES.items() if b in bodies]
    ends = [f"{outcomes[o]} {o}" for o in ("adopted", "failed", "vetoed") if o in outcomes]
    drawn = "one bar a vote" if len(table) == len(calls) else "added up by year"
    return (
        f"{len(calls)} votes from {calls['date'].min():%Y-%m-%d} to {calls['date'].max():%Y-%m-%d} "
        f"({', '.join(words)}), {drawn}: {', '.join(ends)}."
    )


_BODY_NAMES = {"GA": "General Assembly", "SC": "Security Council"}
