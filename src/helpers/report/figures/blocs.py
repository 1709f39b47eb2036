"""Figures of blocs: the choice of k, who belongs how surely, flows over time, the multiverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    bare,
    bloc_colour,
    each_row,
    ink_on,
    styled,
)


@styled
def draw_choice(choice: pd.DataFrame, *, k: int) -> Drawing:
    """Draw what each number of blocs has for it: stability, silhouette against the null, sizes.

    Parameters
    ----------
    choice : pandas.DataFrame
        ``Blocs.choice``.
    k : int
        The number that was chosen; 1 when no structure was found.
    """
    columns = ["k", "stability", "silhouette", "null_silhouette", "blocs_over_two", "isolates"]
    table = choice[[c for c in columns if c in choice]].reset_index(drop=True)
    figures = [_choice(choice, k, width=w) for w in (WIDE, NARROW)]
    best = choice.loc[choice["k"] == k]
    alt = f"Stability and silhouette for {choice['k'].min()} to {choice['k'].max()} clusters. "
    if len(best):
        row = best.iloc[0]
        alt += (
            f"At the chosen {k}: stability {row['stability']:.2f}, silhouette "
            f"{row['silhouette']:.2f} against {row['null_silhouette']:.2f} in shuffled votes."
        )
    else:
        alt += "No number was chosen: no structure was found."
    return Drawing(figures[0], table, alt, figures[1])


def _choice(choice: pd.DataFrame, k: int, *, width: float) -> Figure:
    small = width < 5
    panel, gap, left = 1.5, 0.75, 0.45
    height = 3 * (panel + gap) if small else panel + gap + 0.1
    figure = Figure(figsize=(width, height))
    across = width - left - 0.15 if small else (width - 0.3) / 3 - left - 0.1
    titles = ("Stability over replicates", "Silhouette and the null", "Blocs of more than two")
    for i, title in enumerate(titles):
        x = left if small else left + i * (across + left + 0.2)
        y = height - (i + 1) * (panel + gap) + 0.4 if small else 0.4
        axes = figure.add_axes((x / width, y / height, across / width, panel / height))
        _choice_panel(axes, choice, k, i)
        axes.set_title(title, loc="left", fontsize=9, fontweight="bold", pad=8)
    return figure


def _choice_panel(axes: Axes, choice: pd.DataFrame, k: int, which: int) -> None:
    import seaborn as sns

    bare(axes)
    axes.grid(axis="y", linewidth=0.6)
    axes.set_axisbelow(True)
    ks = choice["k"]
    axes.axvspan(k - 0.4, k + 0.4, color=COLOURS["band"], zorder=0)
    line: dict[str, Any] = {
        "data": choice,
        "x": "k",
        "color": COLOURS["ink"],
        "linewidth": 1.4,
        "markersize": 4,
        "markeredgecolor": COLOURS["ink"],
        "ax": axes,
    }
    if which == 0:
        sns.lineplot(y="stability", marker="o", **line)
        axes.set_ylim(0, 1.05)
    elif which == 1:
        sns.lineplot(y="silhouette", marker="o", **line)
        null = line | dict.fromkeys(("color", "markeredgecolor"), COLOURS["muted"])
        null |= {"markerfacecolor": COLOURS["paper"], "linestyle": "--"}
        sns.lineplot(y="null_silhouette", marker="D", **null)
        ends = choice.iloc[-1]
        for column, word in (("silhouette", "observed"), ("null_silhouette", "shuffled")):
            if pd.notna(ends[column]):
                axes.annotate(
                    word,
                    (ends["k"], ends[column]),
                    xytext=(0, 5),
                    textcoords="offset points",
                    ha="right",
                    fontsize=SMALL,
                    color=COLOURS["ink"] if word == "observed" else COLOURS["muted"],
                )
    else:
        bars = {"native_scale": True, "saturation": 1, "color": COLOURS["muted"], "width": 0.6}
        sns.barplot(choice, x="k", y="blocs_over_two", ax=axes, **bars)
        axes.set_ylim(0, max(choice["blocs_over_two"].max(), 1) + 0.4)
    axes.set_xticks(list(ks)[:: 2 if len(ks) > 12 else 1])
    axes.tick_params(labelsize=SMALL)
    axes.set_xlabel("number of clusters", fontsize=SMALL)
    axes.set_ylabel("")


@styled
def draw_probabilities(
    table: pd.DataFrame,
    *,
    members: Sequence[str],
    names: Mapping[str, str],
    labels: Mapping[int, str],
) -> Drawing:
    """Draw how surely some members belong to their bloc, and which is next.

    Parameters
    ----------
    table : pandas.DataFrame
        ``Blocs.table``.
    members : sequence of str
        Members to draw, in this order.
    names, labels : mapping
        Member ids to short names, bloc numbers to what the blocs are called.
    """
    rows = table.set_index("member").reindex([m for m in members if m in set(table["member"])])
    rows = rows.reset_index()
    figures = [_probabilities(rows, names, labels, width=w) for w in (WIDE, NARROW)]
    words = [
        f"{names.get(r.member, r.member)} {labels.get(r.bloc, r.bloc)}"
        + ("" if pd.isna(r.probability) else f" {r.probability:.2f}")
        for r in each_row(rows)
    ]
    return Drawing(figures[0], rows, f"Bloc and its probability: {'; '.join(words)}.", figures[1])


def _probabilities(
    rows: pd.DataFrame, names: Mapping[str, str], labels: Mapping[int, str], *, width: float
) -> Figure:
    small = width < 5
    row, left, right = 0.26, 0.42 if small else 1.25, 0.1
    height = row * len(rows) + 0.4
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes(
        (left / width, 0.3 / height, (width - left - right) / width, row * len(rows) / height)
    )
    bare(axes)
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
    for y, r in enumerate(each_row(rows)):
        begin = 0.0
        for bloc, share in ((r.bloc, r.probability), (r.second_bloc, r.second_probability)):
            if pd.isna(bloc) or pd.isna(share) or share <= 0:
                continue
            label = str(labels.get(int(bloc), bloc)) if bloc else "isolate"
            _probability_bar(axes, y, begin, float(share), int(bloc), label, width - left)
            begin += float(share)
    words = [m if small else names.get(m, m) for m in rows["member"]]
    axes.set_yticks(range(len(rows)), words)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"], labelsize=9)
    axes.set_xticks([0, 0.5, 1], ["0", "half of the replicates", "all"], fontsize=SMALL)
    return figure


def _probability_bar(
    axes: Axes, y: float, begin: float, share: float, bloc: int, label: str, inches: float
) -> None:
    """Draw one share of the replicates, with the bloc's name as far as it fits."""
    colour, room = bloc_colour(bloc), int(share * inches / 0.078) - 6
    word = label if len(label) <= room else f"{label[: max(room - 1, 0)]}…"
    axes.barh(y, share, left=begin, height=0.7, color=colour, edgecolor=COLOURS["paper"])
    if room > 4:
        axes.text(
            begin + 0.01,
            y,
            f"{word}  {share:.2f}",
            va="center",
            fontsize=SMALL,
            color=ink_on(colour),
            clip_on=True,
        )


def bloc_labels(
    blocs: pd.DataFrame, names: Mapping[str, str], overlap: pd.DataFrame | None = None
) -> dict[int, str]:
    """Return what each bloc is called: after the known group that it is most like, or its members.

    A group gives its name to one bloc only, to that which is most like it, and only from a Jaccard
    overlap of `MOSTLY`.

    Parameters
    ----------
    blocs : pandas.DataFrame
        ``Blocs.summary``.
    names : mapping
        Member ids to short names.
    overlap : pandas.DataFrame, optional
        ``Blocs.overlap``; without it blocs are called after their most typical members.

    Examples
    --------
    >>> bloc_labels(pd.DataFrame({"bloc": [1], "name": ["FRA, DEU"]}), {"FRA": "France"})
    {0: 'isolates', 1: 'France, DEU and others'}
    >>> near = pd.DataFrame({"bloc": [1], "group": ["WEOG"], "jaccard": [0.6]})
    >>> bloc_labels(pd.DataFrame({"bloc": [1], "name": ["FRA, DEU"]}), {}, near)[1]
    'mostly Western Europe and others'
    """
    labels = {0: "isolates"}
    groups = name_after_groups(overlap, "bloc") if overlap is not None else {}
    for row in blocs.to_dict("records"):
        bloc = int(row["bloc"])
        labels[bloc] = groups.get(bloc) or name_after_members(str(row["name"]), names)
    return labels


def name_after_groups(overlap: pd.DataFrame, key: str) -> dict[int, str]:
    """Name each bloc or line that is like a known group after the one it is most like."""
    near = overlap[overlap["jaccard"] >= MOSTLY].sort_values(
        ["jaccard", key, "group"], ascending=[False, True, True]
    )
    found: dict[int, str] = {}
    for row in each_row(near):
        number, words = int(getattr(row, key)), f"mostly {GROUP_WORDS.get(row.group, row.group)}"
        if number not in found and words not in found.values():
            found[number] = words
    return found


def name_after_members(typical: str, names: Mapping[str, str]) -> str:
    """Name a bloc after its most typical members, given as ids with commas between."""
    return f"{', '.join(names.get(c, c) for c in typical.split(', '))} and others"


MOSTLY: Final = 0.4
"""From this Jaccard overlap with a known group a bloc is called after it."""

GROUP_WORDS: Final = {
    "WEOG": "Western Europe and others",
    "GRULAC": "Latin America and the Caribbean",
    "African Group": "Africa",
    "Asia-Pacific Group": "Asia and the Pacific",
    "Eastern European Group": "Eastern Europe",
    "G77": "the Group of 77",
    "NAM": "the Non-Aligned",
    "OIC": "the Islamic Cooperation",
    "EU": "the European Union",
    "AU": "the African Union",
}
"""What a sentence calls a known group, where its short name does not say it."""
