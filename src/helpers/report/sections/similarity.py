"""Who votes with whom: the focus with the others, everyone with everyone, the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.blocs import CONSTANTS
from helpers.report import figures
from helpers.report.display import Published, drawn_once, nothing, publish, say, together
from helpers.report.figures.matrices import dyad_table
from helpers.report.figures.style import each_row
from helpers.report.words import during, enumerate_words, member_names, plural, start, the
from helpers.similarity import percentile_of_dyad, rank_members

if TYPE_CHECKING:
    from helpers.ballots import Pattern
    from helpers.blocs import Blocs
    from helpers.similarity import Similarity


@drawn_once
def show_heatmap(
    similarity: Similarity,
    blocs: Blocs,
    focus: str = "",
    references: Sequence[str] = (),
    *,
    period: str = "",
) -> Published:
    """Show the similarity of all members, ordered by their tree, blocs marked.

    Parameters
    ----------
    similarity : Similarity
        Of every two members.
    blocs : Blocs
        Found in the same ballots, for the order, the tree and the frames.
    focus, references : str, sequence of str
        Members that are named at the side; the table begins with the focus.
    period : str
        What the period is called, for the title.
    """
    names, members = member_names(), len(similarity.members)
    return publish(
        "heatmap",
        figure=figures.draw_heatmap(
            similarity,
            blocs=blocs.table,
            order=blocs.order,
            linkage=blocs.linkage,
            focus=focus,
            references=references,
            names=names,
            labels=figures.bloc_labels(blocs.summary, names, blocs.overlap),
        ),
        numbers={
            "measure": similarity.measure,
            "members": members,
            "dyads": members * (members - 1) // 2,
            "not defined": dict(similarity.missing),
            "blocks": similarity.n_blocks,
        },
        title=f"Who votes with whom: {similarity.measure} of every two members"
        + (f", {during(period)}" if during(period) else ""),
        caption=(
            "Each row and column is a member; green cells vote alike, brown ones against each "
            "other, beyond what their own habits would give by chance. The strip at the left has "
            "the colour of each member's bloc, and frames are drawn around blocs."
        ),
        note=(
            "Members stand in the order of the tree above. Consensus is invisible here: only "
            "recorded votes count, and they are the contested ones."
        ),
    )


@drawn_once
def show_dyads(
    *measures: Mapping[str, Similarity], focus: str, references: Sequence[str]
) -> Published:
    """Show the focus with each reference, a panel for each measure.

    Parameters
    ----------
    *measures : mapping
        Similarities of one measure, by what the period is called, such as ``before 24 Feb 2025``;
        all have the same periods. A measure that comes twice is shown once.
    focus, references : str, sequence of str
        The member in question and those it is compared with.
    """
    if not focus or not references:
        return nothing("dyads")
    names = member_names()
    alone = {next(iter(found.values())).measure: found for found in measures}
    parts = {label: [found[label] for found in alone.values()] for label in measures[0]}
    table = dyad_table(parts, focus, references)
    blocks = {label: group[0].n_blocks for label, group in parts.items()}
    level = next(iter(measures[0].values())).level
    return publish(
        "dyads",
        figure=figures.draw_dyads(parts, focus=focus, references=references, names=names),
        numbers=dyads_numbers(table),
        title=start(f"{the(names.get(focus, focus))} with each of the others"),
        caption=(
            f"Points with {level:.0%} intervals; n is the number of votes that both cast, "
            "pctl. the percentile: the share of all dyads of the period that are less alike. Raw "
            "agreement is the share of equal votes; the other measure takes off what chance would "
            "give."
        ),
        note=(
            f"Blocks of votes drawn together: {_list_counts(blocks)}. With fewer than about 12 "
            f"blocks intervals are rough.{_word_undefined(table, parts)}"
        ),
    )


def _word_undefined(table: pd.DataFrame, parts: Mapping[str, Sequence[Similarity]]) -> str:
    """Say why dyads have no value: too few shared votes, or no disagreement to expect."""
    least = {(s.measure, label): s.min_shared for label, some in parts.items() for s in some}
    blank = table[table["value"].isna()]
    asked = [least[pair] for pair in zip(blank["measure"], blank["period"], strict=True)]
    few = blank["n_shared"] < asked
    words = []
    if few.any():
        words.append(f"the two share fewer than {max(asked)} votes")
    if (~few).any():
        words.append("both cast one and the same vote throughout, so chance alone would do it")
    return f" Not defined: {'; or '.join(words)}." if words else ""


def _list_counts(counts: Mapping[str, int]) -> str:
    return enumerate_words(f"{n} {label}" for label, n in counts.items())


def dyads_numbers(table: pd.DataFrame) -> dict[str, Any]:
    """Return each row of `plots.dyad_table` by member, period and measure."""
    return {
        f"{r.member}, {r.period}, {r.measure}": {
            "value": r.value,
            "low": r.low,
            "high": r.high,
            "n": r.n_shared,
            "percentile": r.percentile,
        }
        for r in each_row(table)
    }


@drawn_once
def show_distribution(
    similarity: Similarity, focus: str = "", references: Sequence[str] = ()
) -> Published:
    """Show how many dyads have which similarity, and where those of the focus lie.

    Parameters
    ----------
    similarity, focus, references
        As in `show_heatmap`.
    """
    return publish(
        "distribution",
        figure=figures.draw_distribution(
            similarity, focus=focus, references=references, names=member_names()
        ),
        title=f"How alike members vote: {similarity.measure} of all dyads",
        caption=(
            "Bars count dyads; below are those of one member, with the members that it is compared "
            "with at their values."
        ),
        note="Dyads share members, so they are no independent cases.",
    )


def show_neighbours(
    agreement: Mapping[str, Similarity],
    patterns: Mapping[str, Pattern],
    similarity: Similarity,
    focus: str,
    *,
    period: str = "",
) -> Published:
    """Show who is nearest to the focus and farthest from it: in words part by part, and ranked.

    Of a part with too few votes for a ranking it shows who cast exactly the votes of the focus.

    Parameters
    ----------
    agreement, patterns : mapping
        Raw agreement and the pattern of votes, by what the part is called.
    similarity : Similarity
        Gives the ranking and its intervals.
    focus : str
        The member in question.
    period : str
        What the period of ``similarity`` is called; empty for the whole selection.
    """
    if not focus:
        return nothing("neighbours")
    names = member_names()
    words, numbers = [], {}
    for label, found in agreement.items():
        if len(patterns[label].counts) < CONSTANTS.least_votes:
            words.append(word_alike(patterns[label], focus, label, names))
            numbers[label] = {"alike": patterns[label].alike(focus)}
            continue
        sentence, numbers[label] = word_neighbours(found, focus, names)
        words.append(f"{start(label)}, by raw agreement: {sentence}")
    said = say("neighbours", words, numbers=numbers)
    if focus not in similarity.members:
        return said
    return together(
        said, _show_ranking(similarity, focus, during(period) or "over the whole selection")
    )


def _show_ranking(similarity: Similarity, focus: str, period: str) -> Published:
    names = member_names()
    ranking = rank_members(similarity, focus)
    ranks = ranking.ends().drop(columns=["rank", "exposure"])
    ranks["percentile"] = [percentile_of_dyad(similarity, focus, m) for m in ranks["member"]]
    apart = enumerate_words([the(names.get(m, m)) for m in ranking.apart["member"]])
    least = f"{ranking.least_exposure:.0%} of the {plural(ranking.n_votes, 'vote')} of the focus"
    return publish(
        "ranking",
        table=ranks.assign(member=ranks["member"].map(lambda m: names.get(m, m))),
        title=f"The five nearest and the five farthest, by {similarity.measure}",
        caption=(
            f"With {similarity.level:.0%} intervals where votes are in enough blocks for one, "
            f"{period}; tied: members of that value; the percentile is the share of all dyads with "
            "as many votes that are less alike."
        ),
        note="Where intervals overlap the order is not known; ties stand by the alphabet."
        + (f" Not ranked, since they share fewer than {least}: {apart}." if apart else ""),
    )


def word_alike(pattern: Pattern, focus: str, label: str, names: Mapping[str, str]) -> str:
    """Word who cast exactly the votes of the focus, where votes are too few for anything else."""
    alike = sorted(names.get(m, m) for m in pattern.alike(focus))
    who = the(names.get(focus, focus))
    votes = plural(len(pattern.counts), "vote")
    found = f"as {enumerate_words(alike, most=12)}" if alike else "that nobody else cast"
    return f"{start(label)} ({votes}: the pattern is all there is), {who} cast votes {found}."


def word_neighbours(
    similarity: Similarity, focus: str, names: Mapping[str, str], *, most: int = 5
) -> tuple[str, dict[str, Any]]:
    """Word who is nearest to and farthest from the focus; members with one value stand together.

    Members that share fewer than half of its votes are not compared (`rank_members`).

    Returns
    -------
    str, dict
        The sentence, and its numbers under ``nearest`` and ``farthest``.
    """
    mine = rank_members(similarity, focus).table.rename(columns={"member": "other"})
    if mine.empty:
        return f"{start(the(names.get(focus, focus)))} shares too few votes with anyone.", {}
    mine = mine.sort_values("other")
    ends = {"nearest": mine["value"].max(), "farthest": mine["value"].min()}
    numbers = {word: _end(mine[mine["value"] == value]) for word, value in ends.items()}
    words = [_word_end(part, names, most) for part in numbers.values()]
    who = start(the(names.get(focus, focus)))
    return f"{who} is nearest to {words[0]}, and farthest from {words[1]}.", numbers


def _end(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        "value": float(rows["value"].iloc[0]),
        "low": float(rows["low"].min()),
        "high": float(rows["high"].max()),
        "n from": int(rows["n_shared"].min()),
        "n to": int(rows["n_shared"].max()),
        "members": rows["other"].tolist(),
    }


def _word_end(part: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    members = enumerate_words(sorted(names.get(m, m) for m in part["members"]), most=most)
    n = (
        f"{part['n from']}"
        if part["n from"] == part["n to"]
        else f"{part['n from']} to {part['n to']}"
    )
    between = "" if pd.isna(part["low"]) else f" [{part['low']:.2f}, {part['high']:.2f}]"
    return f"{members} ({part['value']:.2f}{between}, n = {n})".replace("-0.00", "0.00")


@drawn_once
def show_network(
    similarity: Similarity, blocs: Blocs, focus: str = "", references: Sequence[str] = ()
) -> Published:
    """Show the network of nearest members.

    Parameters
    ----------
    similarity, blocs, focus, references
        As in `show_heatmap`.
    """
    if similarity.table["value"].isna().all():
        words = f"No two members have a value of {similarity.measure} here, so there is no network."
        return say("network", [words])
    return publish(
        "network",
        figure=figures.draw_network(
            similarity,
            blocs=blocs.table,
            focus=focus,
            references=references,
            names=member_names(),
        ),
        title="Each member joined to the three that vote most like it",
        caption="Points near each other vote alike; shape and colour are the bloc.",
        note=(
            "A plane cannot keep all distances: read lines, not gaps. Members with the same votes "
            "are moved apart so that each can be seen."
        ),
    )
