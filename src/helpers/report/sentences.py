"""The answer in words: numbers first, by name, then sentences that take them from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.ballots import find_day
from helpers.record import VOTES
from helpers.report.figures.style import each_row
from helpers.report.names import enumerate_words, long_date, plural, start, the, with_interval
from helpers.shifts import Movers
from helpers.similarity import rank_members

if TYPE_CHECKING:
    from helpers.ballots import Pattern
    from helpers.groups import GroupResult
    from helpers.multiverse import Multiverse
    from helpers.similarity import Similarity
    from helpers.study import Study

_PAST = {"yes": "voted yes", "no": "voted no", "abstain": "abstained", "absent": "did not vote"}
FEW_VOTES = 10
"""Below so many shared votes the text says that they make no rate."""


def answer_numbers(
    study: Study,
    votes: pd.DataFrame,
    calls: pd.DataFrame,
    before: Similarity | None,
    since: Similarity | None,
    with_all: Mapping[str, GroupResult],
) -> dict[str, Any]:
    """Gather what the answer states.

    Parameters
    ----------
    study : Study
        The study.
    votes : pandas.DataFrame
        `movers.cast_votes` of the roll calls in ``calls``, all members.
    calls : pandas.DataFrame
        The selection's roll calls, by date.
    before, since : Similarity or None
        Raw agreement before the event and from its day on; both None where the study has no event
        in its period, and then ``before`` alone may stand for the whole period.
    with_all : mapping
        The agreement of the focus with all other members in the same parts, by ``before`` and
        ``since`` (`cohesion.similarity_with_group`).

    Returns
    -------
    dict
        ``focus, roll_calls``; ``before`` and ``since``: how often the focus cast each vote;
        ``event_votes``; ``agreement`` with each reference in each part; ``agreement_with_all``
        other members; ``voted_alike``: members with the same vote as the focus in every one of the
        event's votes.
    """
    on_day = find_day(calls, study.event)
    later = (calls["date"] >= pd.Timestamp(study.event)) if study.event else on_day
    own: pd.Series = votes.reindex([study.focus]).fillna("").T[study.focus]
    day = calls.loc[on_day, "roll_call"].tolist()
    parts = {"before": before, "since": since}
    return {
        "focus": study.focus,
        "event": study.event if day else "",
        "roll_calls": len(calls),
        "before": _tally(own[calls.loc[~later, "roll_call"]]),
        "since": _tally(own[calls.loc[later, "roll_call"]]),
        "event_votes": {
            str(c.symbol if pd.notna(c.symbol) else c.roll_call): own[c.roll_call]
            for c in each_row(calls[on_day])
        },
        "agreement": {
            r: {part: _dyad(s, study.focus, r) for part, s in parts.items() if s is not None}
            for r in study.references
        },
        "agreement_with_all": {
            part: {"value": r.value, "low": r.low, "high": r.high, "n": r.n_shared}
            for part, r in with_all.items()
        },
        "voted_alike": _alike(votes, day, study.focus),
        "members": int((votes != "").any(axis=1).sum()),
        "level": study.level,
        "block_kind": study.blocks,
        "blocks": {part: s.n_blocks for part, s in parts.items() if s is not None},
    }


def _tally(votes: pd.Series) -> dict[str, int]:
    return {vote: int((votes == vote).sum()) for vote in VOTES if (votes == vote).any()}


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


def word_headline(numbers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Word the headline of the strip: what the focus did before, and on the event's day."""
    focus = start(the(names.get(numbers["focus"], numbers["focus"])))
    total = sum(numbers["before"].values())
    if not numbers["event"] or not total:
        return f"{focus} and others, vote by vote"
    usual, often = max(numbers["before"].items(), key=lambda item: item[1])
    now = enumerate_words(v or "no member" for v in numbers["event_votes"].values())
    habit = f"{often} times {usual}" if often == total else f"{usual} in {often} of {total} votes"
    return f"{focus}: {habit}, then {now}"


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


def movers_numbers(movers: Movers) -> dict[str, Any]:
    """Return how many members went from each vote to each other one, and who went to no."""
    counts = {f"{a} to {b}": size for (a, b), size in movers.flows.items() if a != b}
    return {
        "members": len(movers.table),
        "moved": len(movers.moved),
        "counts": counts,
        "yes to no": movers.members("yes", "no"),
        "any to yes": sum(n for (a, b), n in movers.flows.items() if a != b == "yes"),
    }


def word_movers(
    numbers: Mapping[str, Any], names: Mapping[str, str], *, before: str, after: str
) -> str:
    """Word who moved between two votes."""
    counts = numbers["counts"]
    turned = [names.get(m, m) for m in numbers["yes to no"]]
    moved = plural(numbers["moved"], "member")
    text = f"Between {before} and {after}, {moved} of {numbers['members']} changed"
    if turned:
        text += f": {len(turned)} from yes to no ({enumerate_words(sorted(turned), most=10)})"
    others = [
        f"{counts[key]} from yes to {word}"
        for key, word in (("yes to abstain", "abstain"), ("yes to absent", "not voting"))
        if key in counts
    ]
    text += "".join(f", {o}" for o in others)
    to_yes = numbers["any to yes"]
    return f"{text}; {to_yes or 'none'} came over to yes."


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


def word_alike(pattern: Pattern, focus: str, label: str, names: Mapping[str, str]) -> str:
    """Word who cast exactly the votes of the focus, where votes are too few for anything else."""
    alike = sorted(names.get(m, m) for m in pattern.alike(focus))
    who = the(names.get(focus, focus))
    votes = plural(len(pattern.counts), "vote")
    found = f"as {enumerate_words(alike, most=12)}" if alike else "that nobody else cast"
    return f"{start(label)} ({votes}: the pattern is all there is), {who} cast votes {found}."


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


def multiverse_numbers(multiverse: Multiverse) -> dict[str, Any]:
    """Return for each statement and period in which share of how many specifications it holds.

    ``by`` has, for the choice that turns it most and for the measure, the values under which it
    holds least and most often, with the shares there; ``why`` the reason where it is not tested.
    """
    numbers: dict[str, Any] = {}
    for r in each_row(multiverse.summary):
        turning = multiverse.turning[multiverse.turning["period"] == r.period]
        numbers.setdefault(str(r.statement), {})[str(r.period)] = {
            "share": r.share,
            "specifications": r.specifications,
            "untested": r.untested,
            "why": r.why,
            "turned by": r.turned_by,
            "by": _ranges(turning, str(r.statement), str(r.turned_by)),
        }
    return numbers


def _ranges(turning: pd.DataFrame, statement: str, choice: str) -> dict[str, Any]:
    rows = turning[(turning["statement"] == statement) & (turning["flips"] > 0)]
    return {
        str(r.choice): {
            "least": str(r.low),
            "least share": float(r.low_share),
            "most": str(r.high),
            "most share": float(r.high_share),
        }
        for wanted in dict.fromkeys((choice, "measure"))
        for r in each_row(rows[rows["choice"] == wanted])
    }


def word_multiverse(numbers: Mapping[str, Any]) -> str:
    """Word for each statement, period by period, whether it survives all choices, or what turns it.

    A period is the question and no choice, so that shares of different periods are set side by
    side and never mixed.
    """
    words = []
    for statement, periods in numbers.items():
        parts = [_word_survival(period, part) for period, part in periods.items()]
        words.append(f"“{statement}”: {'; '.join(parts)}.")
    return " ".join(words) or "No statement could be tested."


def _word_survival(period: str, part: Mapping[str, Any]) -> str:
    """Word what becomes of a statement in one period.

    Examples
    --------
    >>> _word_survival("all", {"share": 1.0, "specifications": 612, "why": "", "by": {}})
    'holds under all 612 choices'
    """
    when = "" if period == "all" else f"{period} "
    share, count = part["share"], part["specifications"]
    if pd.isna(share):
        return f"{when}not tested ({part['why']})"
    if share in (0, 1):
        every = f"{'all' if share else 'none of'} {plural(count, 'choice')}"
        return f"{when}holds under {every}"
    turned = [_word_range(choice, found) for choice, found in part["by"].items()]
    found = ", ".join([f"{share:.0%} of {count:,}", *turned])
    return f"{when}depends on the choices: holds under {found}"


def _word_range(choice: str, found: Mapping[str, Any]) -> str:
    """Word how far one choice turns a statement.

    Examples
    --------
    >>> _word_range("k", {"least": "2", "least share": 0, "most": "5", "most share": 0.5})
    'by the number of blocs from 0% (2) to 50% (5)'
    """
    word = {"k": "number of blocs"}.get(choice, choice.replace("_", " "))
    least, most = (
        "the method’s own" if choice == "k" and found[end] == "own" else found[end]
        for end in ("least", "most")
    )
    return (
        f"by the {word} from {found['least share']:.0%} ({least}) to {found['most share']:.0%} "
        f"({most})"
    )
