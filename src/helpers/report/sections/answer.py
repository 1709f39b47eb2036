"""The head of the page: the question, the answer in words, and the list of sections.

The first paragraphs answer in counts; rates with their intervals come after the strip of votes.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.ballots import find_day
from helpers.record import ISSUES, say_age
from helpers.report.display import Published, nothing, say
from helpers.report.figures.groups import FEW_WINDOWS
from helpers.report.figures.style import each_row
from helpers.report.sections.blocs import word_inside, word_structure
from helpers.report.sections.history import word_course
from helpers.report.sections.later import count_later
from helpers.report.sections.votes import count_own, count_votes
from helpers.report.words import (
    BODY_NAMES,
    enumerate_words,
    long_date,
    member_names,
    plain_symbol,
    plain_title,
    plural,
    start,
    the,
    with_interval,
)

if TYPE_CHECKING:
    from helpers.ballots import Ballots
    from helpers.blocs import BlocHistory, Blocs
    from helpers.groups import GroupResult
    from helpers.record import Record
    from helpers.similarity import Similarity
    from helpers.study import Study

_PAST = {"yes": "voted yes", "no": "voted no", "abstain": "abstained", "absent": "did not vote"}
_PAST_PERFECT = {**_PAST, "absent": "been absent"}
MOST_TEXTS = 2
"""Of a day with more votes the answer words the first ones and counts the rest."""
MOST_NAMES = 10
"""Most members that a sentence names; the rest are counted."""
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


def show_age(record: Record) -> Published:
    """Say that the record ends long before the report is made, if it does.

    The text is empty: it would be another one every day.
    """
    words = say_age(record)
    return Published("age", "", f'<p class="age">{html.escape(words)}</p>' if words else "")


def show_answer(
    votes: pd.DataFrame,
    ballots: Ballots,
    agreement: Mapping[str, Similarity],
    averages: Mapping[str, GroupResult | None],
    blocs: Blocs,
    focus: str = "",
    references: Sequence[str] = (),
    event: str = "",
    record: Record | None = None,
) -> Published:
    """Show the answer in words and counts, for the first screen.

    Parameters
    ----------
    votes, ballots, agreement, averages, focus, references, event
        As in `answer_numbers`.
    blocs : Blocs
        They are the answer of a study without a focus.
    record : Record, optional
        One that knows later votes by tally and some members adds what came after.
    """
    if not focus:
        return _answer_for_all(ballots, blocs)
    numbers = answer_numbers(votes, ballots, agreement, averages, focus, references, event)
    if record is not None and numbers["event"]:
        body = str(ballots.roll_calls["body"].iloc[0])
        numbers["later"] = count_later(record, focus, references, event, body).get("votes", [])
    words = word_answer(numbers, member_names())
    sentence = first_sentence(numbers, member_names())
    return say("answer", words, numbers={"sentence": sentence, **numbers}, kind="answer")


def show_limits(
    votes: pd.DataFrame,
    ballots: Ballots,
    agreement: Mapping[str, Similarity],
    averages: Mapping[str, GroupResult | None],
    history: BlocHistory,
    focus: str = "",
    references: Sequence[str] = (),
    event: str = "",
) -> Published:
    """Show how far the answer carries: rates with their intervals, and the other readings.

    Parameters
    ----------
    votes, ballots, agreement, averages, focus, references, event
        As in `answer_numbers`.
    history : BlocHistory
        Blocs over time, for the course of the focus through them.
    """
    if not focus:
        return nothing("limits")
    numbers = answer_numbers(votes, ballots, agreement, averages, focus, references, event)
    words = word_limits(numbers, member_names()) + _word_windows(history, focus)
    return say("limits", words) if words else nothing("limits")


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
        ``event_votes``; ``texts`` of the event's day with their totals and who voted ``with`` the
        focus; ``alone``: in how many roll calls no other member cast its vote, by vote;
        ``references_before``: the earlier votes of each reference; ``agreement`` with each
        reference in each part; ``agreement_with_all`` other members; ``voted_alike``: members with
        the same vote as the focus in every one of the event's votes.
    """
    calls, inside = ballots.roll_calls, set(ballots.members)
    votes = votes.loc[[m for m in votes.index if m in inside]]
    day = calls.loc[find_day(calls, event), "roll_call"].tolist()
    earlier = calls.loc[calls["date"] < event, "roll_call"] if event else calls["roll_call"]
    parts = dict(zip(("before", "since"), agreement.values(), strict=False))
    everyone = dict(zip(("before", "since"), averages.values(), strict=False))
    return {
        "focus": focus,
        "event": event if day else "",
        "roll_calls": len(calls),
        **count_own(votes, calls, focus, event),
        "texts": [
            _text(call, votes, earlier, focus, references) for call in each_row(_on(calls, day))
        ],
        "alone": _alone(votes, focus),
        "references_before": {r: count_votes(votes, earlier, r) for r in references},
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


def _on(calls: pd.DataFrame, day: Sequence[str]) -> pd.DataFrame:
    return calls[calls["roll_call"].isin(day)]


def _text(
    call: Any, votes: pd.DataFrame, earlier: pd.Series, focus: str, references: Sequence[str]
) -> dict[str, Any]:
    """Return what a text was, its totals, and who voted with the focus, those asked for first."""
    cast = votes[call.roll_call]
    own = str(cast.get(focus, ""))
    others = [str(m) for m in cast.index[cast == own] if m != focus] if own else []
    habit = (votes[earlier.tolist()] == own).sum(axis=1)
    rank = {member: place for place, member in enumerate(references)}
    others.sort(key=lambda m: (rank.get(m, len(rank)), -int(habit[m]), m))
    return {
        "symbol": str(call.symbol if pd.notna(call.symbol) else call.roll_call),
        "about": plain_title(str(call.title) if pd.notna(call.title) else ""),
        "proposers": str(call.proposer).split() if pd.notna(call.proposer) else [],
        "outcome": str(call.outcome),
        "totals": {vote: _total(call, cast, vote) for vote in ("yes", "no", "abstain")},
        "vote": own,
        "with": others,
    }


def _total(call: Any, cast: pd.Series, vote: str) -> int:
    """Return an official total, or the count of the votes where the record has none."""
    known: Any = getattr(call, vote)
    return int(known) if pd.notna(known) else int((cast == vote).sum())


def _alone(votes: pd.DataFrame, focus: str) -> dict[str, int]:
    """Count the roll calls in which no other member cast the vote of the focus."""
    if focus not in votes.index:
        return {}
    own = votes.loc[focus]
    single = (votes == own).sum() == 1
    return {v: int(np.count_nonzero(single & (own == v))) for v in ("yes", "no", "abstain")}


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


def first_sentence(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Word the answer in one sentence that stands alone."""
    if not numbers["event"]:
        return _word_habit(numbers, names)
    return _word_texts(numbers, names)[0]


def word_answer(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word the answer in counts: what was voted on, how, whether it is new, and who else did.

    Parameters
    ----------
    numbers : mapping
        From `answer_numbers`.
    names : mapping
        Member ids to everyday names.
    """
    if not numbers["event"]:
        return [_word_habit(numbers, names), *_word_references(numbers, names)]
    words = [
        " ".join(_word_texts(numbers, names)),
        " ".join(
            filter(None, (_word_change(numbers, names), _word_few(numbers), _word_later(numbers)))
        ),
        _word_with(numbers, names),
    ]
    return [w for w in words if w]


def word_limits(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word what the answer rests on: agreement with its intervals, and who voted alike in all."""
    if not numbers["event"]:
        return _limits_of_a_period(numbers, names)
    toward, away = _extremes(numbers["agreement"])
    few = 0 < sum(numbers["since"].values()) < FEW_VOTES
    changes = [_change(numbers, names, r) for r in dict.fromkeys(filter(None, (toward, away)))]
    rate = [_few_votes(numbers)] if few else []
    words = [" ".join([*changes, *rate]), _two_claims(numbers, names, toward)]
    return [w for w in words if w]


def _word_texts(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word each text of the day, the focus's vote on it and its totals, a sentence or two each."""
    focus, day = the(names.get(numbers["focus"], numbers["focus"])), long_date(numbers["event"])
    words = []
    for i, text in enumerate(numbers["texts"][:MOST_TEXTS]):
        who = f"On {day}, {focus}" if i == 0 else "The same day it"
        whose = _word_proposers(text["proposers"], numbers["focus"], names)
        symbol, cast = plain_symbol(text["symbol"]), _PAST.get(text["vote"], "was no member")
        about = f": {text['about'][:1].lower()}{text['about'][1:]}" if text["about"] else ""
        words += [f"{who} {cast} on {whose}{symbol}{about}.", _word_totals(text)]
    more = len(numbers["texts"]) - MOST_TEXTS
    return (
        [*words, f"There were votes on {plural(more, 'more text')} that day."]
        if more > 0
        else words
    )


def _word_proposers(proposers: Sequence[str], focus: str, names: Mapping[str, str]) -> str:
    if focus in proposers:
        return "its own text "
    if len(proposers) == 1:
        return f"{names.get(proposers[0], proposers[0])}'s text "
    return ""


def _word_totals(text: Mapping[str, Any]) -> str:
    totals = text["totals"]
    became = {"adopted": "It was adopted", "failed": "It failed", "vetoed": "It was vetoed"}
    return (
        f"{became.get(text['outcome'], 'The vote was')} with {totals['yes']} yes, "
        f"{totals['no']} no and {totals['abstain']} abstaining."
    )


def _word_change(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Word whether the votes of the day are what the focus used to cast."""
    before, total = numbers["before"], sum(numbers["before"].values())
    if not total:
        return "There is no earlier vote to compare."
    usual, often = max(before.items(), key=lambda item: item[1])
    if often < 0.8 * total:
        mixed = enumerate_words(f"{v} {n}" for v, n in before.items())
        return f"Its {plural(total, 'earlier vote')} were {mixed}."
    now = list(numbers["event_votes"].values())
    habit = f"it had {_PAST_PERFECT.get(usual, usual)} in {_of_all(often, total)}"
    beside = _word_contrast(numbers, names, total)
    if all(v == usual for v in now):
        return f"It kept to its record: {habit}{beside}."
    whole = "" if all(v != usual for v in now) else " in part"
    return f"Its vote changed{whole}: {habit}{beside}."


def _of_all(often: int, total: int) -> str:
    if often == total:
        return f"all {total} earlier votes" if total > 1 else "the 1 earlier vote"
    return f"{often} of {total} earlier votes"


def _word_contrast(numbers: Mapping[str, Any], names: Mapping[str, str], total: int) -> str:
    """Word the earlier votes of the reference that now voted with the focus and never used to."""
    same = [r for r in numbers["references_before"] if r in numbers["texts"][0]["with"]]
    parts = {r: numbers["agreement"][r]["before"] for r in same}
    known = {r: p for r, p in parts.items() if p["value"] is not None and p["value"] < 0.5}
    if not known:
        return ""
    other = min(known, key=lambda r: known[r]["value"])
    votes = numbers["references_before"][other]
    usual, often = max(votes.items(), key=lambda item: item[1])
    where = "in all of them" if often == total else f"in {often} of them"
    return f", while {the(names.get(other, other))} {_PAST[usual]} {where}"


def _word_few(numbers: Mapping[str, Any]) -> str:
    """Word how little a few votes say of a lasting change."""
    n = sum(numbers["since"].values())
    if not 0 < n < FEW_VOTES or not numbers["before"]:
        return ""
    day = " of one day" if _only_that_day(numbers) else ""
    return (
        f"{start(_NUMBERS[n])} {'vote' if n == 1 else 'votes'}{day} cannot show whether it lasts."
    )


def _word_with(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Word by name who voted with the focus on the first text."""
    text = numbers["texts"][0]
    if text["vote"] not in ("yes", "no", "abstain"):
        return ""
    others = [the(names.get(m, m)) for m in text["with"]]
    cast = f"{_PAST[text['vote']]} on {plain_symbol(text['symbol'])}"
    if not others:
        return f"No other member {cast}."
    named = enumerate_words(others, most=MOST_NAMES)
    return f"{start(plural(len(others), 'other member'))} {cast}: {named}."


def _word_later(numbers: Mapping[str, Any]) -> str:
    """Word the votes of the focus after the event's day: in order where texts are known so."""
    known = [v for v in numbers.get("later", ()) if v["date"] > numbers["event"]]
    if known:
        passing = sum(v["scope"] != "subject" for v in known)
        some = f", {passing} of which name the subject in passing," if passing else ""
        return (
            f"On {plural(len(known), 'text')} after that day{some} it voted, in order, "
            f"{enumerate_words(v['vote'] for v in known)}."
        )
    day = list(numbers["event_votes"].values())
    later = {v: n - day.count(v) for v, n in numbers["since"].items()}
    total = sum(later.values())
    if not total:
        return ""
    counts = enumerate_words(f"{v} {n}" for v, n in later.items() if n)
    return f"In the {plural(total, 'vote')} after that day it cast: {counts}."


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


def _word_habit(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Word how the focus voted over a period, and how often alone."""
    focus, own = the(names.get(numbers["focus"], numbers["focus"])), numbers["before"]
    total = sum(own.values())
    if not total:
        return f"{start(focus)} cast no vote in {plural(numbers['roll_calls'], 'recorded vote')}."
    usual, often = max(own.items(), key=lambda item: item[1])
    alone = numbers["alone"].get(usual, 0)
    single = f", {alone} times with no other member" if alone > 1 else ", once alone"
    rest = enumerate_words(f"{v} in {n}" for v, n in own.items() if v != usual)
    return (
        f"{start(focus)} {_PAST.get(usual, usual)} in {often} of {plural(total, 'recorded vote')}"
        f"{single if alone else ''}{f'; {rest}' if rest else ''}."
    )


def _word_references(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word how often each reference cast the same vote, every one of them accounted for."""
    shared: dict[tuple[int, int], list[str]] = {}
    for reference, parts in numbers["agreement"].items():
        part = parts.get("before", {"same": 0, "n": 0})
        shared.setdefault((part["same"], part["n"]), []).append(names.get(reference, reference))
    ranked = sorted(shared.items(), key=lambda item: (-item[0][0] / max(item[0][1], 1), item[0]))
    words = [
        f"{enumerate_words(the(m) for m in members)} in {same or 'none'} of {n}"
        for (same, n), members in ranked
        if n
    ]
    never = [the(m) for (_, n), members in ranked if not n for m in members]
    said = [f"The same vote was cast by {'; '.join(words)}, where both voted."] if words else []
    if never:
        said.append(f"{start(enumerate_words(never))} shared no vote with it.")
    return [" ".join(said)] if said else []


def _limits_of_a_period(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    known = {
        r: parts["before"]
        for r, parts in numbers["agreement"].items()
        if parts.get("before", {}).get("value") is not None
    }
    if not known:
        return []
    focus = the(names.get(numbers["focus"], numbers["focus"]))
    top, low = (
        max(known, key=lambda r: known[r]["value"]),
        min(known, key=lambda r: known[r]["value"]),
    )
    sentences = [
        f"{start(focus)} voted most like {the(names.get(top, top))} and least like "
        f"{the(names.get(low, low))} of the {len(known)} members it is compared with: "
        f"{_rate(known[top])} and {_rate(known[low])}.",
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
