"""The head of the page: the question, the answer in words, and the list of sections."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.ballots import find_day
from helpers.record import ISSUES
from helpers.report.display import Published, say
from helpers.report.figures.groups import FEW_WINDOWS
from helpers.report.sections.blocs import word_inside, word_structure
from helpers.report.sections.history import word_course
from helpers.report.sections.votes import count_own
from helpers.report.words import (
    BODY_NAMES,
    enumerate_words,
    long_date,
    member_names,
    plural,
    start,
    the,
    with_interval,
)

if TYPE_CHECKING:
    from helpers.ballots import Ballots
    from helpers.blocs import BlocHistory, Blocs
    from helpers.groups import GroupResult
    from helpers.similarity import Similarity
    from helpers.study import Study

_PAST = {"yes": "voted yes", "no": "voted no", "abstain": "abstained", "absent": "did not vote"}
FEW_VOTES = 10
"""Below so many shared votes the text says that they make no rate."""


def show_title(study: Study, ballots: Ballots) -> Published:
    """Show the question of a study, and what the report is about."""
    calls = ballots.roll_calls
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


def show_answer(
    votes: pd.DataFrame,
    ballots: Ballots,
    agreement: Mapping[str, Similarity],
    averages: Mapping[str, GroupResult | None],
    blocs: Blocs,
    history: BlocHistory,
    focus: str = "",
    references: Sequence[str] = (),
    event: str = "",
) -> Published:
    """Show the answer in words, each number with its interval and its n.

    Parameters
    ----------
    votes, ballots, agreement, averages, focus, references, event
        As in `answer_numbers`.
    blocs : Blocs
        They are the answer of a study without a focus.
    history : BlocHistory
        Blocs over time, for the course of the focus through them.
    """
    if not focus:
        return _answer_for_all(ballots, blocs)
    numbers = answer_numbers(votes, ballots, agreement, averages, focus, references, event)
    words = word_answer(numbers, member_names()) + _word_windows(history, focus)
    return say("answer", words, numbers={"sentence": words[0], **numbers}, kind="answer")


def _answer_for_all(ballots: Ballots, blocs: Blocs) -> Published:
    """Answer for a study about no member in particular: which blocs there are."""
    words = (
        [f"No blocs: {blocs.why}."] if blocs.why else [word_structure(blocs), *word_inside(blocs)]
    )
    numbers = {
        "sentence": words[0],
        "focus": "",
        "roll_calls": len(ballots.votes),
        "members": len(blocs.table),
    }
    return say("answer", words, numbers=numbers, kind="answer")


def _word_windows(history: BlocHistory, focus: str) -> list[str]:
    """Word the blocs over time and the focus's course through them, of three windows or more."""
    if len(history.periods) < FEW_WINDOWS:
        return []
    if int(history.periods["structure"].sum()) < FEW_WINDOWS:
        return ["Blocs were found in too few windows to follow them through time."]
    return [word_course(history, focus, member_names())]


def answer_numbers(
    votes: pd.DataFrame,
    ballots: Ballots,
    agreement: Mapping[str, Similarity],
    averages: Mapping[str, GroupResult | None],
    focus: str,
    references: Sequence[str] = (),
    event: str = "",
) -> dict[str, Any]:
    """Gather what the answer states.

    Parameters
    ----------
    votes : pandas.DataFrame
        Votes as words of all members (rows) on the ballots' roll calls (`helpers.cast_votes`).
    ballots : Ballots
        The selection.
    agreement : mapping
        Raw agreement before the event and since, or of the whole period, by what figures call it.
    averages : mapping
        The agreement of the focus with all other members in the same parts
        (`helpers.similarity_with_group`); None where it cast no vote.
    focus, references : str, sequence of str
        The member in question and those it is compared with.
    event : str
        ISO date; empty for none.

    Returns
    -------
    dict
        ``focus, roll_calls``; ``before`` and ``since``: how often the focus cast each vote;
        ``event_votes``; ``agreement`` with each reference in each part; ``agreement_with_all``
        other members; ``voted_alike``: members with the same vote as the focus in every one of the
        event's votes.
    """
    calls, inside = ballots.roll_calls, set(ballots.members)
    votes = votes.loc[[m for m in votes.index if m in inside]]
    day = calls.loc[find_day(calls, event), "roll_call"].tolist()
    parts = dict(zip(("before", "since"), agreement.values(), strict=False))
    everyone = dict(zip(("before", "since"), averages.values(), strict=False))
    return {
        "focus": focus,
        "event": event if day else "",
        "roll_calls": len(calls),
        **count_own(votes, calls, focus, event),
        "agreement": {
            r: {part: _dyad(found, focus, r) for part, found in parts.items()} for r in references
        },
        "agreement_with_all": {
            part: {"value": r.value, "low": r.low, "high": r.high, "n": r.n_shared}
            for part, r in everyone.items()
            if r is not None
        },
        "voted_alike": _alike(votes, day, focus),
        "members": int((votes != "").any(axis=1).sum()),
        "level": parts["before"].level,
        "block_kind": ballots.block_kind,
        "blocks": {part: found.n_blocks for part, found in parts.items()},
    }


def _dyad(similarity: Similarity, focus: str, other: str) -> dict[str, Any]:
    if focus not in similarity.members or other not in similarity.members:
        return {"value": None, "low": None, "high": None, "n": 0, "same": 0}
    row = similarity.dyad(focus, other)
    known = not pd.isna(row["value"])
    return {
        "value": float(row["value"]) if known else None,
        "low": None if pd.isna(row["low"]) else float(row["low"]),
        "high": None if pd.isna(row["high"]) else float(row["high"]),
        "n": int(row["n_shared"]),
        "same": round(float(row["value"]) * int(row["n_shared"])) if known else 0,
    }


def _alike(votes: pd.DataFrame, day: Sequence[str], focus: str) -> list[str]:
    if not day or focus not in votes.index:
        return []
    chosen = votes[list(day)]
    same = (chosen == chosen.loc[focus]).all(axis=1)
    return [str(m) for m in chosen.index[same] if m != focus]


def word_answer(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word the answer; the first sentence stands alone.

    Parameters
    ----------
    numbers : mapping
        From `answer_numbers`.
    names : mapping
        Member ids to everyday names.
    """
    if not numbers["event"]:
        return _answer_for_a_period(numbers, names)
    toward, away = _extremes(numbers["agreement"])
    few = 0 < sum(numbers["since"].values()) < FEW_VOTES
    changes = [_change(numbers, names, r) for r in dict.fromkeys(filter(None, (toward, away)))]
    rate = [_few_votes(numbers)] if few else []
    words = [
        _lead(numbers, names),
        " ".join([*changes, *rate]),
        _two_claims(numbers, names, toward),
    ]
    return [w for w in words if w]


def _lead(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    focus, day = the(names.get(numbers["focus"], numbers["focus"])), long_date(numbers["event"])
    now = [
        f"{_PAST.get(v, 'was no member')} on {_plain(s)}" for s, v in numbers["event_votes"].items()
    ]
    before, total = numbers["before"], sum(numbers["before"].values())
    if not total:
        return f"On {day}, {focus} {enumerate_words(now)}; there is no earlier vote to compare."
    usual, often = max(before.items(), key=lambda item: item[1])
    broke = all(v != usual for v in numbers["event_votes"].values())
    habit = f"{usual} in {often} of {plural(total, 'earlier vote')}"
    if often < 0.8 * total:
        mixed = enumerate_words(f"{v} {n}" for v, n in before.items())
        return f"On {day}, {focus} {enumerate_words(now)}; its {total} earlier votes were {mixed}."
    if broke:
        return (
            f"On {day}, {focus} broke with its own record: {habit}, then it {enumerate_words(now)}."
        )
    if all(v == usual for v in numbers["event_votes"].values()):
        return f"On {day}, {focus} kept to its record: {habit}, and it {enumerate_words(now)}."
    return f"On {day}, {focus} left its record in part: {habit}, then it {enumerate_words(now)}."


def _plain(symbol: str) -> str:
    return symbol.removeprefix("A/RES/").removeprefix("S/RES/")


def _extremes(agreement: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the references with the largest rise and the largest fall, None without one."""
    changes = {
        r: parts["since"]["value"] - parts["before"]["value"]
        for r, parts in agreement.items()
        if all(parts.get(p, {}).get("value") is not None for p in ("before", "since"))
    }
    if not changes:
        return None, None
    up, down = max(changes, key=lambda r: changes[r]), min(changes, key=lambda r: changes[r])
    return (up if changes[up] > 0 else None), (down if changes[down] < 0 else None)


def _change(numbers: Mapping[str, Any], names: Mapping[str, str], reference: str) -> str:
    parts = numbers["agreement"][reference]
    when = "on that day" if _only_that_day(numbers) else "from that day on"
    return start(
        f"{the(names.get(reference, reference))} cast the same vote in "
        f"{_share(parts['before'])} before and in {_share(parts['since'])} {when}."
    )


def _share(part: Mapping[str, Any]) -> str:
    low, high = part["low"], part["high"]
    between = "" if low is None else f" ({low:.2f} to {high:.2f})"
    return f"{part['same']} of {part['n']}{between}"


def _only_that_day(numbers: Mapping[str, Any]) -> bool:
    return sum(numbers["since"].values()) == len(numbers["event_votes"])


def _few_votes(numbers: Mapping[str, Any]) -> str:
    n = sum(numbers["since"].values())
    day = " of one day" if _only_that_day(numbers) and n > 1 else ""
    give = "gives" if n == 1 else "give"
    return (
        f"How it voted is certain, but {_NUMBERS[n]} {'vote' if n == 1 else 'votes'}{day} {give} "
        f"no rate: the {numbers['level']:.0%} intervals in brackets say how little can be known of "
        f"its course since.{_blocks(numbers)}"
    )


def _blocks(numbers: Mapping[str, Any]) -> str:
    """Say why intervals are wider than the number of votes lets expect."""
    kind = {"agenda": "agenda items", "day": "days"}.get(numbers["block_kind"], "")
    n, blocks = sum(numbers["before"].values()), numbers["blocks"]["before"]
    if not kind or blocks >= n:
        return ""
    return (
        f" They are wide because the {n} earlier votes are on {blocks} {kind}, and votes on one "
        "of them are not independent of each other."
    )


_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def _two_claims(numbers: Mapping[str, Any], names: Mapping[str, str], toward: str | None) -> str:
    alike = [names.get(m, m) for m in numbers["voted_alike"]]
    same = (
        f"{plural(len(alike), 'other member')} cast exactly its votes that day "
        f"({enumerate_words(sorted(alike), most=12)})"
        if alike
        else "no other member cast exactly its votes that day"
    )
    everyone = numbers["agreement_with_all"]
    text = f"Moving to one side and moving away from everybody are different claims: {same}"
    if toward and toward not in numbers["voted_alike"]:
        text += f", {the(names.get(toward, toward))} not among them"
    if {"before", "since"} <= set(everyone):
        then, now = (_mean(everyone[part]) for part in ("before", "since"))
        text += (
            f"; its agreement with all the others, on average, was {then} before and {now} since"
        )
    return f"{text}."


def _answer_for_a_period(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    known = {
        r: parts["before"]
        for r, parts in numbers["agreement"].items()
        if parts.get("before", {}).get("value") is not None
    }
    focus = the(names.get(numbers["focus"], numbers["focus"]))
    tally = enumerate_words(f"{v} {n}" for v, n in numbers["before"].items())
    lead = f"In {plural(numbers['roll_calls'], 'recorded vote')}, {focus} voted: {tally}."
    if not known:
        return [lead]
    top, low = (
        max(known, key=lambda r: known[r]["value"]),
        min(known, key=lambda r: known[r]["value"]),
    )
    sentences = [
        f"{start(focus)} voted most like {the(names.get(top, top))} and least like "
        f"{the(names.get(low, low))} of the {len(known)} members it is compared with: "
        f"{_rate(known[top])} and {_rate(known[low])}.",
        lead,
    ]
    if "before" in numbers["agreement_with_all"]:
        everyone = _mean(numbers["agreement_with_all"]["before"])
        sentences.append(f"Its agreement with all the others, on average, was {everyone}.")
    return sentences


def _mean(part: Mapping[str, Any]) -> str:
    between = "" if pd.isna(part["low"]) else f" [{part['low']:.2f}, {part['high']:.2f}]"
    return f"{part['value']:.2f}{between} in {plural(part['n'], 'vote')}"


def _rate(part: Mapping[str, Any]) -> str:
    return with_interval(part["value"], part["low"], part["high"], part["n"])
