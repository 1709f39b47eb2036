"""One function a figure or paragraph of the notebooks: a study's results in, a display out.

No method is computed here: results come from `helpers.study.results`, are drawn by ``figures``,
worded by ``sentences`` and shown by ``display``.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.ballots import find_day, read_windows, split_event, split_windows
from helpers.blocs import CONSTANTS, word_p_value
from helpers.record import ISSUES
from helpers.report import figures, sentences
from helpers.report.display import Published, drawn_once, facts, publish, say, together
from helpers.report.figures.groups import FEW_WINDOWS
from helpers.report.figures.matrices import dyad_table
from helpers.report.figures.style import each_row
from helpers.report.names import (
    BODY_NAMES,
    enumerate_words,
    long_date,
    member_names,
    plural,
    start,
    the,
)
from helpers.report.sentences_history import word_course
from helpers.shifts import cast_votes, find_movers, find_roll_call
from helpers.similarity import describe_measure, percentile_of_dyad, rank_members
from helpers.study import Study, results


def event_parts(study: Study) -> dict[str, str]:
    """Return the parts of a study that can be compared, by what a figure calls them.

    Before and since the event where both have votes; else the whole period.
    """
    parts = split_event(results.study_ballots(study), study.event)
    if "since" not in parts:
        return {"whole period": "all"}
    day = pd.Timestamp(study.event)
    later = "on" if parts["since"].last == day else "since"
    name = f"{day.day} {day:%b %Y}"
    return {f"before {name}": "before", f"{later} {name}": "since"}


def during(study: Study) -> str:
    """Say which votes a figure of one period is about (see `results.main_part`)."""
    part = results.main_part(study)
    labels = {part: label for label, part in event_parts(study).items()}
    return labels.get(part, "") if part != "all" else ""


# --- the head of the page ------------------------------------------------------------------------


def show_title(study: Study) -> Published:
    """Show the question, and what the report is about."""
    calls = results.study_ballots(study).roll_calls
    first, last = calls["date"].min(), calls["date"].max()
    about = [
        f"UN {BODY_NAMES[study.body]}",
        ISSUES.get(study.subject, study.subject),
        plural(len(calls), "recorded vote"),
        f"{long_date(first)} to {long_date(last)}",
    ]
    kicker = " · ".join(filter(None, about))
    inside = f'<p class="kicker">{html.escape(kicker)}</p>\n<h1>{html.escape(study.title)}</h1>'
    numbers = {
        "title": study.title,
        "focus": study.focus,
        "references": list(study.references),
        "roll_calls": len(calls),
        "first": str(first.date()),
        "last": str(last.date()),
    }
    shown = say("study", [study.title, kicker], numbers=numbers)
    return Published("study", shown.text, f'<header class="masthead">\n{inside}\n</header>')


def show_contents() -> Published:
    """Show the list of sections; the page fills it in."""
    return Published("contents", "", '<nav class="contents" aria-label="Contents"></nav>')


def show_answer(study: Study) -> Published:
    """Show the answer in words, each number with its interval and its n."""
    record = results.study_record(study)
    numbers, names = answer_numbers(study), member_names(record)
    words = sentences.word_answer(numbers, names) + _word_windows(study, names)
    return say("answer", words, numbers={"sentence": words[0], **numbers}, kind="answer")


def _word_windows(study: Study, names: dict[str, str]) -> list[str]:
    """Word the blocs over time and the focus's course through them, of three windows or more."""
    windows = read_windows(study.windows, study.event)
    if len(split_windows(results.study_ballots(study), windows)) < FEW_WINDOWS:
        return []
    history = results.study_history(study)
    if int(history.periods["structure"].sum()) < FEW_WINDOWS:
        return ["Blocs were found in too few windows to follow them through time."]
    return [word_course(history, study.focus, names)]


def answer_numbers(study: Study) -> dict[str, Any]:
    """Return the numbers of the answer, by name."""
    record, ballots = results.study_record(study), results.study_ballots(study)
    parts = list(event_parts(study).values())
    similarities = [results.study_similarity(study, p, "agreement", 1) for p in parts]  # counts
    votes = cast_votes(record, ballots.roll_calls["roll_call"].tolist())
    votes = votes.loc[[m for m in votes.index if m in set(ballots.members)]]
    return sentences.answer_numbers(
        study,
        votes,
        ballots.roll_calls,
        similarities[0],
        similarities[1] if len(similarities) > 1 else None,
        {
            name: found
            for name, part in zip(("before", "since"), parts, strict=False)
            if (found := results.study_agreement(study, part)) is not None
        },
    )


@drawn_once
def show_strip(study: Study) -> Published:
    """Show the strip of votes: the focus and its references, the event marked."""
    record = results.study_record(study)
    calls, names = results.study_ballots(study).roll_calls, member_names(record)
    drawing = figures.draw_strip(
        record,
        calls,
        focus=study.focus,
        references=study.references,
        names=names,
        event=study.event,
    )
    drawn = len(drawing.table)
    left_out = f" {drawn} of {len(calls)} votes are drawn." if drawn < len(calls) else ""
    return publish(
        "strip",
        figure=drawing,
        title=sentences.word_headline(answer_numbers(study), names),
        caption=f"One row a member, one column a vote, in order of time.{left_out}",
        note="Not shown: texts adopted without a vote, and votes whose roll is not public.",
    )


# --- who moved -----------------------------------------------------------------------------------


@drawn_once
def show_movers(study: Study) -> Published:
    """Show who moved between each baseline and the target, and how."""
    pairs = baseline_pairs(study)
    if not pairs:
        return say("movers", ["The study names no vote to compare others with."])
    return together(*(_show_movers(study, *pair, i) for i, pair in enumerate(pairs, 1)))


def baseline_pairs(study: Study) -> list[tuple[str, str]]:
    """Return the votes to compare, earlier and later, as symbols or ids.

    The target is the study's, else the first vote of the event; the baselines are the study's, else
    the vote before.
    """
    calls = results.study_ballots(study).roll_calls
    on_day = calls[find_day(calls, study.event)]
    target = study.target or (on_day["roll_call"].iloc[0] if len(on_day) else "")
    if not target:
        return []
    date = find_roll_call(results.study_record(study), target)["date"]
    earlier = calls[calls["date"] < date]
    baselines = study.baselines or tuple(earlier["roll_call"].tail(1))
    return [(baseline, target) for baseline in baselines]


def _show_movers(study: Study, before: str, after: str, number: int) -> Published:
    record = results.study_record(study)
    names, movers = member_names(record), find_movers(record, before, after)
    words = [_vote_name(record, name) for name in (before, after)]
    numbers = {"before": before, "after": after, **sentences.movers_numbers(movers)}
    name = f"movers-{number}"
    return publish(
        name,
        figure=figures.draw_movers(movers, before=words[0], after=words[1]),
        table=movers.moved.assign(name=movers.moved["member"].map(names)),
        numbers=numbers,
        title=f"From {words[0]} to {words[1]}",
        caption=sentences.word_movers(numbers, names, before=words[0], after=words[1]),
        note=(
            "Pale bands are members that cast the same vote twice. The two texts differ: another "
            "vote can be an answer to another text."
        ),
    )


def _vote_name(record: Any, name: str) -> str:
    call = find_roll_call(record, name)
    symbol = call["symbol"] if pd.notna(call["symbol"]) else name
    return f"{str(symbol).removeprefix('A/RES/')} ({call['date']:%b %Y})"


@drawn_once
def show_vote_maps(study: Study) -> Published:
    """Show a tile map of each vote of the event, or of the last vote without an event."""
    calls = results.study_ballots(study).roll_calls
    on_day = calls[find_day(calls, study.event)]
    chosen = on_day if len(on_day) else calls.tail(1)
    maps = [_show_vote_map(study, call, i) for i, call in enumerate(each_row(chosen), 1)]
    return together(*maps[:4])


def _show_vote_map(study: Study, call: Any, number: int) -> Published:
    record = results.study_record(study)
    votes = cast_votes(record, [call.roll_call])[call.roll_call]
    symbol = call.symbol if pd.notna(call.symbol) else call.roll_call
    totals = {v: int((votes == v).sum()) for v in ("yes", "no", "abstain", "absent")}
    return publish(
        f"vote-map-{number}",
        figure=figures.draw_vote_map(votes, names=member_names(record)),
        numbers={"symbol": symbol, "date": str(call.date.date()), **totals},
        title=f"{symbol}, {long_date(call.date)}",
        caption=f"{call.title}. One tile a member, roughly where it lies.",
        note="Round and filled: yes. Square and filled: no. Hollow: abstained. No tile: absent.",
    )


# --- similarity ----------------------------------------------------------------------------------


@drawn_once
def show_heatmap(study: Study) -> Published:
    """Show the similarity of all members, ordered by their tree, blocs marked."""
    similarity, blocs = results.study_similarity(study), results.study_blocs(study)
    names = member_names(results.study_record(study))
    return publish(
        "heatmap",
        figure=figures.draw_heatmap(
            similarity,
            blocs=blocs.table,
            order=blocs.order,
            linkage=blocs.linkage,
            focus=study.focus,
            references=study.references,
            names=names,
            labels=figures.bloc_labels(blocs.summary, names),
        ),
        numbers={
            "measure": similarity.measure,
            "members": len(similarity.members),
            "dyads": int(similarity.n_shared.shape[0] * (similarity.n_shared.shape[0] - 1) / 2),
            "not defined": dict(similarity.missing),
            "blocks": similarity.n_blocks,
        },
        title=", ".join(
            filter(
                None,
                (
                    f"Who votes with whom: {similarity.measure} of every two members",
                    during(study),
                ),
            )
        ),
        caption=(
            "Each row and column is a member; blue cells vote alike, orange ones against each "
            "other, beyond what their own habits would give by chance."
        ),
        note=(
            "Members stand in the order of the tree above. Consensus is invisible here: only "
            "recorded votes count, and they are the contested ones."
        ),
    )


@drawn_once
def show_dyads(study: Study) -> Published:
    """Show the focus with each reference: raw agreement beside the study's measure."""
    names = member_names(results.study_record(study))
    least = {"agreement": 1, study.measure: study.min_shared}  # the first counts equal votes
    parts = {
        label: [results.study_similarity(study, part, m, n) for m, n in least.items()]
        for label, part in event_parts(study).items()
    }
    drawing = figures.draw_dyads(parts, focus=study.focus, references=study.references, names=names)
    blocks = {label: group[0].n_blocks for label, group in parts.items()}
    table = dyad_table(parts, study.focus, study.references)
    return publish(
        "dyads",
        figure=drawing,
        numbers=sentences.dyads_numbers(table),
        title=start(f"{the(names[study.focus])} with each of the others"),
        caption=(
            f"Points with {study.level:.0%} intervals; n is the number of votes that both cast, "
            "pctl. the percentile: the share of all dyads of the period that are less alike. Raw "
            "agreement is the share of equal votes; the other measure takes off what chance would "
            "give."
        ),
        note=(
            f"Blocks of votes drawn together: {_list_counts(blocks)}. With fewer than about 12 "
            f"blocks intervals are rough.{_word_undefined(table, parts)}"
        ),
    )


def _word_undefined(table: pd.DataFrame, parts: Mapping[str, Sequence[Any]]) -> str:
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


def _list_counts(counts: dict[str, int]) -> str:
    return enumerate_words(f"{n} {label}" for label, n in counts.items())


def show_neighbours(study: Study) -> Published:
    """Show who is nearest to the focus and farthest from it: in words part by part, and ranked.

    The ranking is by the study's measure over the whole selection, with intervals.
    """
    names = member_names(results.study_record(study))
    words, numbers = [], {}
    for label, part in event_parts(study).items():
        if len(results.study_ballots(study, part).votes) < CONSTANTS.least_votes:
            pattern = results.study_pattern(study, part)
            words.append(sentences.word_alike(pattern, study.focus, label, names))
            numbers[label] = {"alike": pattern.alike(study.focus)}
            continue
        similarity = results.study_similarity(study, part, "agreement")
        sentence, found = sentences.word_neighbours(similarity, study.focus, names)
        words.append(f"{start(label)}, by raw agreement: {sentence}")
        numbers[label] = found
    said = say("neighbours", words, numbers=numbers)
    similarity = results.study_similarity(study)
    if study.focus not in similarity.members:
        return said
    return together(said, _show_ranking(similarity, study, names))


def _show_ranking(similarity: Any, study: Study, names: dict[str, str]) -> Published:
    ranking = rank_members(similarity, study.focus)
    ranks = ranking.ends().drop(columns=["rank", "exposure"])
    ranks["percentile"] = [percentile_of_dyad(similarity, study.focus, m) for m in ranks["member"]]
    apart = enumerate_words([the(names.get(m, m)) for m in ranking.apart["member"]])
    least = f"{ranking.least_exposure:.0%} of the {plural(ranking.n_votes, 'vote')} of the focus"
    return publish(
        "ranking",
        table=ranks.assign(member=ranks["member"].map(lambda m: names.get(m, m))),
        title=f"The five nearest and the five farthest, by {study.measure}",
        caption=(
            f"With {study.level:.0%} intervals where votes are in enough blocks for one, "
            f"{during(study) or 'over the whole selection'}; tied: members of that value; the "
            "percentile is the share of all dyads with as many votes that are less alike."
        ),
        note="Where intervals overlap the order is not known; ties stand by the alphabet."
        + (f" Not ranked, since they share fewer than {least}: {apart}." if apart else ""),
    )


@drawn_once
def show_network(study: Study) -> Published:
    """Show the network of nearest members."""
    similarity, blocs = results.study_similarity(study), results.study_blocs(study)
    names = member_names(results.study_record(study))
    return publish(
        "network",
        figure=figures.draw_network(
            similarity,
            blocs=blocs.table,
            focus=study.focus,
            references=study.references,
            names=names,
        ),
        title="Each member joined to the three that vote most like it",
        caption="Points near each other vote alike; shape and colour are the bloc.",
        note=(
            "A plane cannot keep all distances: read lines, not gaps. Members with the same votes "
            "are moved apart so that each can be seen."
        ),
    )


# --- blocs ---------------------------------------------------------------------------------------


def show_blocs(study: Study) -> Published:
    """Show in words whether there are blocs, and the table of them.

    A part with too few votes for blocs shows the pattern of votes instead.
    """
    blocs, names = results.study_blocs(study), member_names(results.study_record(study))
    parts = event_parts(study)
    found = {label: results.study_blocs(study, part) for label, part in parts.items()}
    few = {label: part for label, part in parts.items() if found[label].why}
    patterns = [_show_pattern(study, label, part, found[label].why) for label, part in few.items()]
    if blocs.why:
        numbers = {"structure": False, "why": blocs.why}
        return together(say("blocs", [f"No blocs: {blocs.why}."], numbers=numbers), *patterns)
    words_for = {"fringe": "too small to count", "divided": "has camps of its own"}
    table = blocs.summary.drop(columns=["name"]).rename(columns=words_for)
    table["typical"] = table["typical"].astype(str).map(lambda t: _spell(t, names))
    when = during(study)
    words = [f"{start(when)}:"] if when else []
    words += [_word_structure(blocs), *_word_gradient(blocs), *_word_inside(blocs)]
    words += [_word_home(blocs, study.focus, names)]
    numbers = {
        "structure": blocs.structure,
        "answer": blocs.answer,
        "gradient_p": blocs.gradient_p,
        "k": blocs.k,
        "p_value": blocs.p_value,
        "stability": blocs.stability,
        "explained": blocs.explained,
        "sizes": dict(zip(blocs.summary["bloc"].astype(str), blocs.summary["size"], strict=True)),
        "bloc of": _homes(blocs, study),
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
    return together(said, shown, *patterns)


def _show_pattern(study: Study, label: str, part: str, why: str) -> Published:
    """Show who voted what where votes are too few for anything else."""
    pattern, names = results.study_pattern(study, part), member_names(results.study_record(study))
    table = pattern.table.assign(
        members=pattern.table["members"].map(lambda codes: _spell(codes, names))
    )
    return publish(
        f"pattern-{part}",
        table=table,
        numbers={"groups": len(table), "why": why},
        title=start(f"{label}: who voted what"),
        caption=start(f"{why}. One row a group of members that cast the same votes."),
        note="No blocs, probabilities or p-values: so few votes cannot tell them from chance.",
    )


def _spell(codes: str, names: dict[str, str]) -> str:
    return ", ".join(names.get(c, c) for c in codes.replace(",", " ").split())


def _word_structure(blocs: Any) -> str:
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


def _word_gradient(blocs: Any) -> list[str]:
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


def _word_inside(blocs: Any) -> list[str]:
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


def _homes(blocs: Any, study: Study) -> dict[str, Any]:
    rows = blocs.table.set_index("member")
    return {
        m: {"bloc": int(rows.loc[m, "bloc"]), "probability": rows.loc[m, "probability"]}
        for m in (study.focus, *study.references)
        if m in rows.index
    }


def _word_home(blocs: Any, focus: str, names: dict[str, str]) -> str:
    rows = blocs.table.set_index("member")
    who = start(the(names.get(focus, focus)))
    if focus not in rows.index:
        return f"{who} cast too few votes to be placed."
    row, labels = rows.loc[focus], figures.bloc_labels(blocs.summary, names)
    if not blocs.structure:
        return f"{who} is in no bloc, as there are none."
    sure = "" if pd.isna(row["probability"]) else f" in {row['probability']:.0%} of the replicates"
    home = labels[int(row["bloc"])] if row["bloc"] else "no bloc (an isolate)"
    clear = "" if row["clear"] else "; it has no clear home"
    return f"{who} is in {home}{sure}{clear}."


@drawn_once
def show_together(study: Study) -> Published:
    """Show how often the focus is in one bloc with each reference, before the event and since."""
    names = member_names(results.study_record(study))
    found = {label: results.study_blocs(study, part) for label, part in event_parts(study).items()}
    few = [f"{label}, {blocs.why}" for label, blocs in found.items() if blocs.why]
    blocs = {label: blocs for label, blocs in found.items() if not blocs.why}
    if not blocs:
        return say("together", [f"No blocs that members could share: {'; '.join(few)}."])
    table = together_table(study).loc[:, ["member", *blocs]]
    sizes = {label: blocs.n_roll_calls for label, blocs in blocs.items()}
    warnings = dict.fromkeys(w for b in blocs.values() for w in b.warnings if "block" in w)
    return publish(
        "together",
        figure=figures.draw_together(table, names=names, focus=study.focus, periods=list(blocs)),
        numbers={
            label: {r.member: r[label] for _, r in table.iterrows()} | {"roll calls": sizes[label]}
            for label in blocs
        },
        title=start(
            f"how often {the(names.get(study.focus, study.focus))} shares a bloc with each"
        ),
        caption=(
            "Share of the replicates in which both are in one bloc; "
            f"{enumerate_words(plural(n, 'vote') + ' ' + label for label, n in sizes.items())}."
        ),
        note=f"{start('; '.join([*warnings, *few]))}." if warnings or few else "",
    )


def together_table(study: Study) -> pd.DataFrame:
    """Return the share of replicates in one bloc with the focus: ``member``, a column a part."""
    table = pd.DataFrame({"member": list(study.references)})
    for label, part in event_parts(study).items():
        shares = results.study_blocs(study, part).coassignment
        known = shares[study.focus].to_dict() if study.focus in shares else {}
        table[label] = table["member"].map(known).astype(float)
    return table


@drawn_once
def show_multiverse(study: Study) -> Published:
    """Show which statements survive the grid of reasonable choices, period by period."""
    if not study.statements:
        return say("multiverse", ["The study makes no statements to be tested."])
    multiverse = results.study_multiverse(study)
    numbers = sentences.multiverse_numbers(multiverse)
    return publish(
        "multiverse",
        figure=figures.draw_multiverse(multiverse),
        numbers=numbers,
        title="Would another reasonable choice say the same?",
        caption=sentences.word_multiverse(numbers),
        note=(
            "Each bar is the share of specifications with that choice in which the statement "
            "holds; bold is the choice that turns it most. Specifications are not independent "
            "evidence: a share is no probability. Those with the same similarities count once"
            + (f" ({multiverse.identical} left out)." if multiverse.identical else ".")
        ),
    )


@drawn_once
def show_choice(study: Study) -> Published:
    """Show what each number of clusters has for it."""
    blocs = results.study_blocs(study)
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
def show_bloc_map(study: Study) -> Published:
    """Show the bloc of each member on a tile map."""
    blocs, names = results.study_blocs(study), member_names(results.study_record(study))
    options = blocs.options
    if blocs.why:
        return say("bloc-map", [f"No blocs to map: {blocs.why}."])
    return publish(
        "bloc-map",
        figure=figures.draw_bloc_map(
            blocs.table, labels=figures.bloc_labels(blocs.summary, names), names=names
        ),
        title="The blocs on the map",
        caption="One tile a member; hollow tiles have no clear home.",
        note=f"Blocs by {options.method} linkage on {options.measure}: another method can differ."
        if options.method in ("average", "complete", "ward")
        else f"Blocs by {options.method} on {options.measure}: another method can differ.",
    )


@drawn_once
def show_probabilities(study: Study) -> Published:
    """Show how surely the focus and the references belong to their blocs."""
    blocs, names = results.study_blocs(study), member_names(results.study_record(study))
    if blocs.why:
        return say("membership", [f"No blocs to belong to: {blocs.why}."])
    return publish(
        "membership",
        figure=figures.draw_probabilities(
            blocs.table,
            members=(study.focus, *study.references),
            names=names,
            labels=figures.bloc_labels(blocs.summary, names),
        ),
        title="How sure each bloc is",
        caption="Share of the replicates in which a member is in its bloc, and in the next one.",
        note="Probabilities are relative to the method and to the votes of this selection.",
    )


# --- the record ----------------------------------------------------------------------------------


def show_record(study: Study) -> Published:
    """Show what the selection holds, in words."""
    record, ballots = results.study_record(study), results.study_ballots(study)
    calls = record.roll_calls
    unknown = int((~calls["rolled"].astype(bool)).sum())
    numbers = {
        "source": study.source,
        "roll_calls": len(calls),
        "votes": len(record.votes),
        "without roll": unknown,
        "selected": len(ballots.votes),
        "members": len(ballots.members),
        "left out": len(ballots.left_out),
    }
    words = [
        f"The source holds {plural(len(calls), 'vote')} and {plural(len(record.votes), 'vote')} of "
        f"single members in them"
        + (f"; of {plural(unknown, 'vote')} only the totals are known." if unknown else "."),
        f"This study selects {plural(len(ballots.votes), 'recorded vote')} of "
        f"{plural(len(ballots.members), 'member')} in the {BODY_NAMES[study.body]}"
        + (
            f"; left out for too few votes: {enumerate_words(ballots.left_out)}."
            if ballots.left_out
            else "."
        ),
    ]
    return say("record", words, numbers=numbers)


def show_log(study: Study) -> Published:
    """Show what was repaired, dropped or flagged."""
    log = results.study_record(study).log
    columns = ["rule", "table", "effect", "rows", "what"]
    return publish("cleaning", table=log[columns], title="What was done about the data")


@drawn_once
def show_timeline(study: Study) -> Published:
    """Show every vote of the period, of both bodies, with what became of it."""
    calls = timeline_calls(study)
    outcomes = {str(o): int(n) for o, n in calls["outcome"].value_counts().sort_index().items()}
    return publish(
        "timeline",
        figure=figures.draw_timeline(calls),
        numbers={
            "votes": len(calls),
            **outcomes,
            "totals only": int((~calls["rolled"].astype(bool)).sum()),
        },
        title="Every vote, with what became of it",
        caption=(
            "Shares of yes, abstain and no among the votes cast; GA is the General Assembly, SC "
            "the Security Council."
        ),
        note="Votes of which only the tally is public stand here and in no similarity.",
    )


def timeline_calls(study: Study) -> pd.DataFrame:
    """Return the roll calls of the study's period and subject in both bodies, rolled or not."""
    from helpers.ballots import select_roll_calls

    return select_roll_calls(
        results.study_record(study).roll_calls,
        date_from=study.date_from,
        date_to=study.date_to,
        subject=study.subject,
    )


def show_absences(study: Study) -> Published:
    """Show who was absent most often: absence is a behaviour of its own."""
    record, ballots = results.study_record(study), results.study_ballots(study)
    names = member_names(record)
    votes = cast_votes(record, ballots.roll_calls["roll_call"].tolist())
    votes = votes.loc[[m for m in votes.index if m in set(ballots.members)]]
    present = (votes != "").sum(axis=1)
    table = pd.DataFrame({v: (votes == v).sum(axis=1) for v in ("yes", "abstain", "no", "absent")})
    table.insert(0, "name", [names.get(m, m) for m in table.index])
    table["share absent"] = table["absent"] / present
    table = table.reset_index(names="member").sort_values(
        ["absent", "member"], ascending=[False, True], ignore_index=True
    )
    return publish(
        "absences",
        table=table,
        numbers={"median absent": float(table["share absent"].median())},
        title="Votes of each member, the most often absent first",
        caption="Absence is not abstention: an absent member is missing, unless a study says so.",
    )


# --- methods, limits, sources --------------------------------------------------------------------


def show_methods(study: Study) -> Published:
    """Show how the numbers were made, from what the results say was used."""
    blocs, similarity = results.study_blocs(study), results.study_similarity(study)
    used = blocs.options
    words = [
        f"Similarity is {describe_measure(similarity.measure, similarity.distance)} over the votes "
        f"that both members cast (absence: {blocs.absence}); below {used.min_shared} shared votes "
        "there is no value. Raw agreement is shown beside it.",
        f"Intervals ({similarity.level:.0%}) draw blocks of votes together (by "
        f"{blocs.block_kind}, {similarity.n_blocks} blocks), {similarity.replicates:,} times, seed "
        f"{used.seed}.",
        f"No blocs: {blocs.why}."
        if blocs.why
        else f"Blocs: {used.method}, number of blocs {used.k}, compared with {used.nulls} shuffled "
        f"assemblies; {'divided' if blocs.explained else 'not divided'} further by their votes; a "
        f"probability is the share of {used.replicates:,} replicates.",
    ]
    return say("methods", words, kind="notes")


def show_source(study: Study) -> Published:
    """Show the source with its citation, terms and the files that were read."""
    source = results.study_record(study).provenance
    files = [
        f"{f['name']}, version {f.get('version') or 'not stated'}, SHA-256 {f['sha256']}"
        for f in source.get("files", [])
    ]
    items = {
        "Source": source.get("title", study.source),
        "Citation": source.get("citation", ""),
        "Terms": source.get("terms", ""),
        "Coverage": str(source.get("coverage", "")),
        "Files": "; ".join(files),
    }
    return facts("source", {k: v for k, v in items.items() if v})


def show_reproduction(study: Study) -> Published:
    """Show how to cite the report and the command that makes it again, with all parameters."""
    from importlib.metadata import PackageNotFoundError, version

    import yaml

    try:
        number = version("un-voting-blocs")
    except PackageNotFoundError:
        number = "development version"
    parameters = yaml.safe_dump(study.as_dict(), sort_keys=False, allow_unicode=True)
    cite = f"UN Voting Blocs contributors. {study.title} Report made with UN Voting Blocs {number}."
    command = "unblocs report reports/STUDY.yml"
    text = f"{cite}\n{command}\n{parameters}"
    page = (
        f'<div class="notes">\n<p>How to cite: {html.escape(cite)}</p>\n'
        f"<p>To make it again, save these parameters as <code>reports/STUDY.yml</code> and run "
        f"<code>{command}</code>:</p>\n<pre>{html.escape(parameters)}</pre>\n</div>"
    )
    return Published("reproduction", text, page)


def show_missing(study: Study) -> Published:
    """Show which votes the source does not have, in the words that it comes with."""
    return say("missing", missing_words(study), kind="panel")


def missing_words(study: Study) -> list[str]:
    """Return what a source leaves out: from the dossier's own notes, else what holds for all."""
    from helpers.store import bundled

    last = results.study_record(study).roll_calls["date"].max()
    general = [
        "Not in this report: everything adopted without a vote, and everything after "
        f"{long_date(last)}."
    ]
    if study.source != "dossier":
        return [
            *general,
            "Votes on paragraphs, on amendments and on drafts that failed are not in the public "
            "files, so no veto is either.",
        ]
    notes = (bundled("data/raw/ukraine") / "README.md").read_text(encoding="utf-8")
    section = notes.partition("## What is missing")[2].partition("\nTo correct")[0]
    items = [" ".join(item.split()) for item in section.split("\n- ")[1:]]
    return ["Not in this report:", *items]
