"""Are there blocs, who is in them, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.blocs import word_p_value
from helpers.report import figures
from helpers.report.display import Published, drawn_once, nothing, publish, say, together
from helpers.report.words import during, enumerate_words, member_names, plural, start, the

if TYPE_CHECKING:
    from helpers.ballots import Pattern
    from helpers.blocs import Blocs


def show_blocs(
    blocs: Blocs, focus: str = "", references: Sequence[str] = (), *, period: str = ""
) -> Published:
    """Show in words whether there are blocs, and the table of them.

    Parameters
    ----------
    blocs : Blocs
        From `helpers.find_blocs`.
    focus, references : str, sequence of str
        The member whose bloc is told in words, and those whose bloc is among the numbers.
    period : str
        What the period is called.
    """
    names = member_names()
    if blocs.why:
        numbers = {"structure": False, "why": blocs.why}
        return say("blocs", [f"No blocs: {blocs.why}."], numbers=numbers)
    words_for = {"fringe": "too small to count", "divided": "has camps of its own"}
    table = blocs.summary.drop(columns=["name"]).rename(columns=words_for)
    table["typical"] = table["typical"].astype(str).map(lambda t: _spell(t, names))
    words = [f"{start(during(period))}:"] if during(period) else []
    words += [word_structure(blocs), *word_gradient(blocs), *word_inside(blocs)]
    words += [_word_home(blocs, focus, names)] if focus else []
    numbers = {
        "structure": blocs.structure,
        "answer": blocs.answer,
        "gradient_p": blocs.gradient_p,
        "k": blocs.k,
        "p_value": blocs.p_value,
        "stability": blocs.stability,
        "explained": blocs.explained,
        "sizes": dict(zip(blocs.summary["bloc"].astype(str), blocs.summary["size"], strict=True)),
        "bloc of": _homes(blocs, [focus, *references]),
        "replicates": blocs.options.replicates,
        "blocks": blocs.n_blocks,
    }
    said = say("blocs", words, numbers=numbers)
    shown = publish(
        "blocs-table",
        table=table,
        title="The blocs",
        caption="Cohesion is the mean similarity inside a bloc; typical members come first.",
        note=start("; ".join(blocs.warnings)) + "." if blocs.warnings else "",
    )
    return together(said, shown)


MOST_IN_PATTERN = 30
"""With more votes than these a table of who voted what would be too wide to read."""


@drawn_once
def show_patterns(blocs: Mapping[str, Blocs], patterns: Mapping[str, Pattern]) -> Published:
    """Show who voted what in the parts in which votes are too few for blocs.

    A part with too few members and more than `MOST_IN_PATTERN` votes has no such table.

    Parameters
    ----------
    blocs, patterns : mapping
        The blocs and the pattern of votes of each part, by what the part is called.
    """
    few = [x for x, found in blocs.items() if found.why and found.n_roll_calls <= MOST_IN_PATTERN]
    return together(*(_show_pattern(patterns[x], x, blocs[x].why, i) for i, x in enumerate(few, 1)))


def _show_pattern(pattern: Pattern, label: str, why: str, number: int) -> Published:
    names = member_names()
    table = pattern.table.assign(
        members=pattern.table["members"].map(lambda codes: _spell(codes, names))
    )
    return publish(
        f"pattern-{number}",
        table=table,
        numbers={"groups": len(table), "why": why},
        title=start(f"{label}: who voted what"),
        caption=start(f"{why}. One row a group of members that cast the same votes."),
        note="No blocs, probabilities or p-values: so few votes cannot tell them from chance.",
    )


def _spell(codes: str, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(c, c) for c in codes.replace(",", " ").split())


def word_structure(blocs: Blocs) -> str:
    """Say whether there are blocs, of how many members, and what they stand on."""
    test = (
        f"{blocs.options.nulls} assemblies with the same totals but shuffled votes ({blocs.p_text})"
    )
    if not blocs.structure:
        return f"No bloc structure was found: the division is no clearer than in {test}."
    main = blocs.summary[~blocs.summary["fringe"].astype(bool)]
    sizes = enumerate_words(f"{n} members" for n in main["size"])
    return (
        f"There are {plural(len(main), 'main bloc')}, of {sizes}; the division is clearer than in "
        f"{test}, and stands on {plural(blocs.options.replicates, 'replicate')} over "
        f"{plural(blocs.n_blocks, 'block')} of votes, whose blocs agree with it at "
        f"{blocs.stability:.2f} (1: always the same; 0: as by chance)."
    )


def word_gradient(blocs: Blocs) -> list[str]:
    """Say whether a world without groups would be divided as clearly."""
    if not blocs.structure:
        return []
    world = (
        f"{blocs.options.nulls} assemblies without groups, in which members stand along "
        f"{'one dimension' if blocs.dimensions == 1 else 'two dimensions'} as these votes have them"
    )
    share = word_p_value(blocs.gradient_p, blocs.options.nulls)
    if blocs.answer == "gradient":
        return [
            f"It is no clearer than in {world} ({share}): a gradient, and the blocs are where a "
            "cut of it falls."
        ]
    return [f"It is clearer than in {world} ({share}): blocs, and not a gradient cut in parts."]


def word_inside(blocs: Blocs) -> list[str]:
    """Say what is left inside the blocs, where that is known."""
    if not blocs.structure or blocs.summary["divided"].isna().all():
        return []
    camps = int(blocs.summary["divided"].sum())
    if not camps:
        return [
            "Inside each bloc votes are alike only as far as habits and chance make them: dividing "
            "one further would explain nothing."
        ]
    return [
        f"{start(plural(camps, 'bloc'))} still {'has' if camps == 1 else 'have'} camps inside, so "
        "this is a coarse picture: no finer one held as well."
    ]


def _homes(blocs: Blocs, members: Sequence[str]) -> dict[str, Any]:
    rows: Any = blocs.table.set_index("member")
    return {
        m: {"bloc": int(rows.loc[m, "bloc"]), "probability": rows.loc[m, "probability"]}
        for m in members
        if m in rows.index
    }


def _word_home(blocs: Blocs, focus: str, names: Mapping[str, str]) -> str:
    rows: Any = blocs.table.set_index("member")
    who = start(the(names.get(focus, focus)))
    if focus not in rows.index:
        return f"{who} cast too few votes to be placed."
    row, labels = rows.loc[focus], figures.bloc_labels(blocs.summary, names, blocs.overlap)
    if not blocs.structure:
        return f"{who} is in no bloc, as there are none."
    sure = "" if pd.isna(row["probability"]) else f" in {row['probability']:.0%} of the replicates"
    home = labels[int(row["bloc"])] if row["bloc"] else "no bloc (an isolate)"
    clear = "" if row["clear"] else "; it has no clear home"
    return f"{who} is in {home}{sure}{clear}."


@drawn_once
def show_together(found: Mapping[str, Blocs], focus: str, references: Sequence[str]) -> Published:
    """Show how often the focus is in one bloc with each reference, before the event and since.

    Parts with too few votes for blocs are left out, with the reason.

    Parameters
    ----------
    found : mapping
        The blocs of each part, by what the part is called.
    focus, references : str, sequence of str
        The member in question and those it is compared with.
    """
    if not focus or not references:
        return nothing("together")
    names = member_names()
    few = [f"{label}, {blocs.why}" for label, blocs in found.items() if blocs.why]
    blocs = {label: blocs for label, blocs in found.items() if not blocs.why}
    if not blocs:
        return say("together", [f"No blocs that members could share: {'; '.join(few)}."])
    table = together_table(blocs, focus, references)
    sizes = {label: blocs.n_roll_calls for label, blocs in blocs.items()}
    warnings = dict.fromkeys(w for b in blocs.values() for w in b.warnings if "block" in w)
    return publish(
        "together",
        figure=figures.draw_together(table, names=names, focus=focus, periods=list(blocs)),
        numbers={
            label: {r.member: r[label] for _, r in table.iterrows()} | {"roll calls": sizes[label]}
            for label in blocs
        },
        title=start(f"how often {the(names.get(focus, focus))} shares a bloc with each"),
        caption=(
            "Share of the replicates in which both are in one bloc; "
            f"{enumerate_words(plural(n, 'vote') + ' ' + label for label, n in sizes.items())}."
        ),
        note=f"{start('; '.join([*warnings, *few]))}." if warnings or few else "",
    )


def together_table(
    blocs: Mapping[str, Blocs], focus: str, references: Sequence[str]
) -> pd.DataFrame:
    """Return the share of replicates in one bloc with the focus: ``member``, a column a part."""
    table = pd.DataFrame({"member": list(references)})
    for label, found in blocs.items():
        shares = found.coassignment
        known = shares[focus].to_dict() if focus in shares else {}
        table[label] = table["member"].map(known).astype(float)
    return table


@drawn_once
def show_choice(blocs: Blocs) -> Published:
    """Show what each number of clusters has for it."""
    if blocs.why:
        return say("choice", [f"No number of blocs: {blocs.why}."])
    chosen = blocs.choice.loc[blocs.choice["chosen"], "k"]
    cut = int(chosen.iloc[0]) if len(chosen) else 1
    further = (
        f" From the cut into {cut}, blocs were divided by their votes for as long as that made the "
        f"votes likelier: that ended at {plural(blocs.k, 'bloc')}."
        if blocs.explained
        else ""
    )
    return publish(
        "choice",
        figure=figures.draw_choice(blocs.choice, k=cut),
        numbers={"cut": cut, "k": blocs.k, "p_value": blocs.p_value, "nulls": blocs.options.nulls},
        title="How many blocs there are",
        caption=(
            "Stability is the adjusted Rand index with the replicates; the silhouette is compared "
            "with assemblies whose votes were shuffled within each roll call. The choice is shaded."
            + further
        ),
        note="A trivial split can be stable too, so blocs of one or two members are not counted.",
    )


@drawn_once
def show_bloc_map(blocs: Blocs) -> Published:
    """Show the bloc of each member on a tile map."""
    names = member_names()
    options = blocs.options
    if blocs.why:
        return say("bloc-map", [f"No blocs to map: {blocs.why}."])
    return publish(
        "bloc-map",
        figure=figures.draw_bloc_map(
            blocs.table,
            labels=figures.bloc_labels(blocs.summary, names, blocs.overlap),
            names=names,
        ),
        title="The blocs on the map",
        caption="One tile a member; hollow tiles have no clear home.",
        note=f"Blocs by {options.method} linkage on {options.measure}: another method can differ."
        if options.method in ("average", "complete", "ward")
        else f"Blocs by {options.method} on {options.measure}: another method can differ.",
    )


@drawn_once
def show_probabilities(blocs: Blocs, focus: str, references: Sequence[str] = ()) -> Published:
    """Show how surely the focus and the references belong to their blocs."""
    if not focus:
        return nothing("membership")
    names = member_names()
    if blocs.why:
        return say("membership", [f"No blocs to belong to: {blocs.why}."])
    return publish(
        "membership",
        figure=figures.draw_probabilities(
            blocs.table,
            members=(focus, *references),
            names=names,
            labels=figures.bloc_labels(blocs.summary, names, blocs.overlap),
        ),
        title="How sure each bloc is",
        caption="Share of the replicates in which a member is in its bloc, and in the next one.",
        note="Probabilities are relative to the method and to the votes of this selection.",
    )


def show_bloc_details(blocs: Blocs) -> Published:
    """Show for each bloc the votes that set it apart, and the known groups that it overlaps.

    Left out where no bloc structure was found.
    """
    if not blocs.structure:
        return say("bloc-details", ["There are no blocs to describe."])
    columns = ["bloc", "symbol", "title", "vote", "inside", "outside", "distance"]
    apart = blocs.distinctive.groupby("bloc").head(3)[columns]
    parts = [
        publish(
            "distinctive",
            table=apart.reset_index(drop=True),
            title="The votes that set each bloc apart",
            caption=(
                "The most frequent vote inside a bloc, and the shares inside and outside it that "
                "cast it; distance is how far the votes inside and outside differ, 0 to 1."
            ),
            note="Three votes a bloc; a vote can set two blocs apart from each other.",
        )
    ]
    if len(blocs.overlap):
        parts.append(
            publish(
                "overlap",
                table=blocs.overlap.groupby("bloc").head(3).reset_index(drop=True),
                title="The blocs and the known groups",
                caption="The three groups that each bloc overlaps most, as of the last vote.",
                note="Overlap is no cause: a bloc may be like a group and have other reasons.",
            )
        )
    return together(*parts)
