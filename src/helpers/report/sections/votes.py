"""Vote by vote: the strip, who moved, the votes on the map, every vote, and who was absent."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.ballots import find_day
from helpers.record import VOTES
from helpers.report import figures
from helpers.report.display import Published, drawn_once, nothing, publish, say, together
from helpers.report.figures.style import each_row
from helpers.report.words import (
    enumerate_words,
    long_date,
    member_names,
    plain_title,
    plural,
    start,
    the,
)

if TYPE_CHECKING:
    from helpers.ballots import Ballots
    from helpers.shifts import Movers

MOST_MAPS = 4
"""At most so many votes of one day are drawn on maps."""


@drawn_once
def show_strip(
    votes: pd.DataFrame,
    ballots: Ballots,
    focus: str,
    references: Sequence[str] = (),
    event: str = "",
) -> Published:
    """Show the strip of votes: the focus and its references, the event's day marked.

    Parameters
    ----------
    votes : pandas.DataFrame
        Votes as words, members (rows) on roll calls (columns): `helpers.cast_votes`, or
        `Ballots.words` of ballots without a record.
    ballots : Ballots
        The roll calls to show.
    focus, references : str, sequence of str
        The member in question, drawn first, and those it is compared with.
    event : str
        ISO date; empty for none.
    """
    if not focus:
        return nothing("strip")
    calls, names = ballots.roll_calls, member_names()
    drawing = figures.draw_strip(
        votes, calls, focus=focus, references=references, names=names, event=event
    )
    drawn = len(drawing.table)
    left_out = f" {drawn} of {len(calls)} votes are drawn." if drawn < len(calls) else ""
    return publish(
        "strip",
        figure=drawing,
        title=word_headline(count_own(votes, calls, focus, event), focus),
        caption=f"One row a member, one column a vote.{left_out}",
        note="Not shown: texts adopted without a vote, and votes whose roll is not public.",
    )


def count_own(
    votes: pd.DataFrame, calls: pd.DataFrame, focus: str, event: str = ""
) -> dict[str, Any]:
    """Count how often the focus cast each vote before the event and since; all is before without.

    Returns
    -------
    dict
        ``before`` and ``since``: votes and how often; ``event_votes``: its vote on each text of
        the event's day, by symbol.
    """
    own: pd.Series = votes.reindex([focus]).fillna("").T[focus]
    on_day = find_day(calls, event)
    later = (calls["date"] >= event).to_numpy() if event else on_day
    return {
        "before": count_votes(votes, calls.loc[~later, "roll_call"], focus),
        "since": count_votes(votes, calls.loc[later, "roll_call"], focus),
        "event_votes": {
            str(c.symbol if pd.notna(c.symbol) else c.roll_call): own[c.roll_call]
            for c in each_row(calls[on_day])
        },
    }


def count_votes(votes: pd.DataFrame, roll_calls: pd.Series, member: str) -> dict[str, int]:
    """Count how often a member cast each vote on some roll calls; only what it cast."""
    own: pd.Series = votes.reindex([member]).fillna("").T[member]
    own = own[roll_calls]
    return {vote: int((own == vote).sum()) for vote in VOTES if (own == vote).any()}


def word_headline(own: Mapping[str, Any], focus: str) -> str:
    """Word the headline of the strip: what the focus did before, and on the event's day.

    Parameters
    ----------
    own : mapping
        From `count_own`.
    focus : str
        The member in question.
    """
    who = start(the(member_names().get(focus, focus)))
    total = sum(own["before"].values())
    if not own["event_votes"] or not total:
        return f"{who} and others, vote by vote"
    usual, often = max(own["before"].items(), key=lambda item: item[1])
    now = enumerate_words(v or "no member" for v in own["event_votes"].values())
    habit = f"{often} times {usual}" if often == total else f"{usual} in {often} of {total} votes"
    return f"{who}: {habit}, then {now}"


@drawn_once
def show_movers(movers: Sequence[Movers], roll_calls: pd.DataFrame) -> Published:
    """Show who moved between each earlier vote and a later one, and how.

    Parameters
    ----------
    movers : sequence of Movers
        From `helpers.find_movers`.
    roll_calls : pandas.DataFrame
        The record's table, which knows the symbols and days of these votes.
    """
    if not movers:
        return say("movers", ["The study names no vote to compare others with."])
    calls = roll_calls.set_index("roll_call")
    return together(*(_show_movers(pair, calls, i) for i, pair in enumerate(movers, 1)))


def _show_movers(movers: Movers, calls: pd.DataFrame, number: int) -> Published:
    names, ids = member_names(), (movers.before, movers.after)
    symbols = [
        str(s) if pd.notna(s) else i for i, s in zip(ids, calls["symbol"].reindex(ids), strict=True)
    ]
    words = [
        f"{symbol.removeprefix('A/RES/')} ({day:%b %Y})"
        for symbol, day in zip(symbols, calls["date"].reindex(ids), strict=True)
    ]
    numbers = {"before": symbols[0], "after": symbols[1], **movers_numbers(movers)}
    return publish(
        f"movers-{number}",
        figure=figures.draw_movers(movers, before=words[0], after=words[1]),
        table=movers.moved.assign(name=movers.moved["member"].map(lambda m: names.get(m, m))),
        numbers=numbers,
        title=f"From {words[0]} to {words[1]}",
        caption=word_movers(numbers, names, before=words[0], after=words[1]),
        note=(
            "Pale bands are members that cast the same vote twice. The two texts differ: another "
            "vote can be an answer to another text."
        ),
    )


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


@drawn_once
def show_vote_maps(votes: pd.DataFrame, ballots: Ballots, event: str = "") -> Published:
    """Show a tile map of each vote of the event, or of the last vote without an event.

    Parameters
    ----------
    votes, ballots, event
        As in `show_strip`.
    """
    calls = ballots.roll_calls
    on_day = calls[find_day(calls, event)]
    chosen = on_day if len(on_day) else calls.tail(1)
    each = list(enumerate(each_row(chosen), 1))[:MOST_MAPS]
    maps = [(_show_vote_map(votes, c, i), _show_who_voted(votes, c, i)) for i, c in each]
    return together(*(shown for pair in maps for shown in pair))


def who_voted(cast: pd.Series, names: Mapping[str, str]) -> pd.DataFrame:
    """Return who voted how in one roll call: a column a vote with its count, names by alphabet."""
    groups = {v: sorted(names.get(str(m), str(m)) for m in cast.index[cast == v]) for v in VOTES}
    longest = max(map(len, groups.values()))
    return pd.DataFrame(
        {f"{v} ({len(g)})": [*g, *[""] * (longest - len(g))] for v, g in groups.items()}
    )


def _show_who_voted(votes: pd.DataFrame, call: Any, number: int) -> Published:
    symbol = call.symbol if pd.notna(call.symbol) else call.roll_call
    table = who_voted(votes[call.roll_call], member_names())
    shown = publish(f"who-voted-{number}", table=table, title=f"Who voted how on {symbol}")
    folded = f'<details class="fold"><summary>Who voted how on {html.escape(str(symbol))}</summary>'
    return replace(shown, html=f"{folded}\n{shown.html}\n</details>")


def _show_vote_map(votes: pd.DataFrame, call: Any, number: int) -> Published:
    cast = votes[call.roll_call]
    symbol = call.symbol if pd.notna(call.symbol) else call.roll_call
    totals = {v: int((cast == v).sum()) for v in ("yes", "no", "abstain", "absent")}
    return publish(
        f"vote-map-{number}",
        figure=figures.draw_vote_map(cast, names=member_names()),
        numbers={"symbol": symbol, "date": str(call.date.date()), **totals},
        title=f"{symbol}, {long_date(call.date)}",
        caption=f"{plain_title(str(call.title))}. One tile a member, roughly where it lies.",
        note="Round and filled: yes. Square and filled: no. Hollow: abstained. No tile: absent.",
    )


@drawn_once
def show_timeline(roll_calls: pd.DataFrame) -> Published:
    """Show every vote of a table of roll calls, with what became of it."""
    outcomes = roll_calls["outcome"].value_counts().sort_index()
    return publish(
        "timeline",
        figure=figures.draw_timeline(roll_calls),
        numbers={
            "votes": len(roll_calls),
            **{str(outcome): int(n) for outcome, n in outcomes.items()},
            "in no similarity": int((~roll_calls["rolled"].astype(bool)).sum()),
        },
        title="Every vote, with what became of it",
        caption=(
            "Shares of yes, abstain and no among the votes cast; GA is the General Assembly, SC "
            "the Security Council."
        ),
        note=(
            "Votes whose full roll is not public, and texts that only name the subject in passing, "
            "stand here and in no similarity."
        ),
    )


def show_absences(votes: pd.DataFrame, ballots: Ballots) -> Published:
    """Show who was absent most often: absence is a behaviour of its own.

    Parameters
    ----------
    votes, ballots
        As in `show_strip`.
    """
    names, inside = member_names(), set(ballots.members)
    votes = votes.loc[[m for m in votes.index if m in inside]]
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
