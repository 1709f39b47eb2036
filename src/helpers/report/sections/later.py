"""What came after the event, the votes of the Council, and how the focus voted on all subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from helpers.record import SCOPES, VOTES, follow_members, read_overall
from helpers.report.display import Published, nothing, publish, say, together
from helpers.report.words import enumerate_words, long_date, member_names, plural, start, the

if TYPE_CHECKING:
    from helpers.record import Record

_SCOPE_WORDS: Final = {"subject": "", "passing": "names it in passing", "context": "context"}
_ROLL_WORDS: Final = {"full": "all members", "reported": "some members", "tally": "totals only"}
_PERMANENT: Final = ("CHN", "FRA", "GBR", "RUS", "USA")


def show_later(
    record: Record, focus: str, references: Sequence[str] = (), event: str = "", body: str = "GA"
) -> Published:
    """Show how the focus voted from the event on, text by text, with those known by tally only.

    Parameters
    ----------
    record, focus, references, event, body
        As in `count_later`.
    """
    numbers = count_later(record, focus, references, event, body)
    if not numbers:
        return nothing("later")
    words = say("later-words", word_later(numbers, member_names()))
    return together(words, _publish_votes("later", numbers, "From that day on, text by text"))


def count_later(
    record: Record, focus: str, references: Sequence[str] = (), event: str = "", body: str = "GA"
) -> dict[str, Any]:
    """Count the focus's votes on adopted texts from the event on, in order of time.

    Parameters
    ----------
    record : Record
        One that tells texts on its subject from others, as the dossier does
        (`helpers.record.SCOPES`); of any other record the answer is empty.
    focus : str
        The member in question.
    references : sequence of str
        Members to compare it with.
    event : str
        ISO date; empty for none.
    body : {"GA", "SC"}
        General Assembly or Security Council.

    Returns
    -------
    dict
        ``votes``: one a text, with ``symbol date about kind outcome tally scope roll reason vote
        others``;
        ``counts`` of the focus's votes on all of them, and ``counts_subject`` without those that
        name the subject in passing; ``same`` and ``same_subject``: with each reference, in how
        many of how many votes known of both (``same of``). Empty without a focus, an event, or a
        known vote.
    """
    if not focus or not event or "scope" not in record.roll_calls.columns:
        return {}
    members = list(dict.fromkeys([focus, *references]))
    found = follow_members(record, members, body=body, since=event)
    return _count(found[found[focus] != ""], focus, references)


def _count(found: pd.DataFrame, focus: str, references: Sequence[str]) -> dict[str, Any]:
    if found.empty:
        return {}
    others = [m for m in references if m != focus]
    on_subject = found[found["scope"] == "subject"]
    return {
        "focus": focus,
        "votes": [_describe(row, focus, others) for row in found.to_dict("records")],
        "counts": _tally(found[focus]),
        "counts_subject": _tally(on_subject[focus]),
        "same": {m: _same(found, focus, m) for m in others},
        "same_subject": {m: _same(on_subject, focus, m) for m in others},
    }


def _describe(row: Mapping[Any, Any], focus: str, others: Sequence[str]) -> dict[str, Any]:
    figures = ["?" if pd.isna(row[v]) else str(row[v]) for v in ("yes", "no", "abstain")]
    member, _, reason = row["reason"].partition(": ")
    return {
        "symbol": "" if pd.isna(row["symbol"]) else row["symbol"],
        "date": str(row["date"].date()),
        "about": row["title"],
        "kind": row["kind"],
        "outcome": row["outcome"],
        "tally": "-".join(figures),
        "scope": row["scope"],
        "roll": row["roll"],
        "reason": reason if member == focus else "",
        "vote": row[focus],
        "others": {m: row[m] for m in others if row[m]},
    }


def _tally(votes: pd.Series) -> dict[str, int]:
    return {vote: int((votes == vote).sum()) for vote in VOTES if (votes == vote).any()}


def _same(found: pd.DataFrame, focus: str, other: str) -> dict[str, int]:
    there = [vote for vote in VOTES if vote != "absent"]
    known = found[found[focus].isin(there) & found[other].isin(there)]
    return {"same": int((known[focus] == known[other]).sum()), "of": len(known)}


def word_later(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word what came after: the votes in order with counts, whom they match, the reasons given.

    Parameters
    ----------
    numbers : mapping
        From `count_later`.
    names : mapping
        Member ids to everyday names.
    """
    if not numbers:
        return []
    votes, focus = numbers["votes"], the(names.get(numbers["focus"], numbers["focus"]))
    passing = sum(v["scope"] != "subject" for v in votes)
    order = enumerate_words(v["vote"] for v in votes)
    period = _word_period(votes)
    texts = plural(len(votes), "adopted text")
    words = [f"On {texts} {period}, {focus} voted in this order: {order}."]
    words.append(f"That is {_word_counts(numbers['counts'])}.")
    if passing:
        words.append(
            f"Without the {passing} that only {'names' if passing == 1 else 'name'} the subject in "
            f"passing it is {_word_counts(numbers['counts_subject'])}."
        )
    words += [_word_same(numbers, names, passing=passing)]
    sentences = [" ".join(filter(None, words))]
    reasons = [f"on {_label(v)}, {v['reason']}" for v in votes if v["reason"]]
    if reasons:
        sentences.append(f"The reasons that {focus} gave: {'; '.join(reasons)}.")
    unsure = sum(v["roll"] != "full" for v in votes)
    if unsure:
        sentences.append(
            f"Of {unsure} of these texts only the tally and some members' votes are known, so they "
            "are in no similarity."
        )
    return sentences


def _word_period(votes: Sequence[Mapping[str, Any]]) -> str:
    first, last = votes[0]["date"], votes[-1]["date"]
    if first == last:
        return f"of {long_date(first)}"
    return f"from {long_date(first)} to {long_date(last)}"


def _word_counts(counts: Mapping[str, int]) -> str:
    return enumerate_words(f"{n} times {v}" if n > 1 else f"once {v}" for v, n in counts.items())


def _word_same(numbers: Mapping[str, Any], names: Mapping[str, str], *, passing: int) -> str:
    """Word how often the first reference cast the same vote."""
    other = next((m for m, part in numbers["same"].items() if part["of"]), "")
    if not other:
        return ""
    name, part = start(the(names.get(other, other))), numbers["same"][other]
    on_subject = numbers["same_subject"][other]
    more = f", and in {on_subject['same']} of {on_subject['of']} without them" if passing else ""
    return f"{name} cast the same vote in {part['same']} of {part['of']}{more}."


def _label(vote: Mapping[str, Any]) -> str:
    symbol = str(vote["symbol"]).removeprefix("A/RES/").removeprefix("S/RES/")
    return symbol or f"the text of {long_date(vote['date'])}"


def _publish_votes(name: str, numbers: Mapping[str, Any], title: str) -> Published:
    """Publish the votes as a table, a column for each member."""
    names = member_names()
    rows = [
        {
            "date": v["date"],
            "text": _label(v) if v["symbol"] else v["kind"],
            "about": v["about"],
            "yes-no-abstained": v["tally"],
            names.get(numbers["focus"], numbers["focus"]): v["vote"],
            **{names.get(m, m): vote for m, vote in v["others"].items()},
            "outcome": v["outcome"],
            "class": _SCOPE_WORDS[v["scope"]],
            "votes known": _ROLL_WORDS[v["roll"]],
        }
        for v in numbers["votes"]
    ]
    table = pd.DataFrame(rows).fillna("")
    last = ["outcome", "class", "votes known"]
    table = table[[*(c for c in table.columns if c not in last), *last]]
    counts = {key: value for key, value in numbers.items() if key != "votes"}
    return publish(name, table=table, numbers=counts, title=title)


def show_council(record: Record, focus: str, references: Sequence[str] = ()) -> Published:
    """Show the votes of the Council text by text: what failed, what was vetoed, by whom.

    Parameters
    ----------
    record, focus, references
        As in `count_later`.
    """
    numbers = count_council(record, focus, references)
    if not numbers:
        return nothing("council")
    words = say("council-words", word_council(numbers, member_names()))
    return together(words, _publish_votes("council", numbers, "The Security Council, vote by vote"))


def count_council(record: Record, focus: str, references: Sequence[str] = ()) -> dict[str, Any]:
    """Count what became of the Council's votes, and who vetoed.

    Returns
    -------
    dict
        As `count_later` for the Council, all kinds of votes and classes of texts, with
        ``outcomes`` (how many were adopted, failed, vetoed) and ``vetoes`` by member.
    """
    if not focus or "scope" not in record.roll_calls.columns:
        return {}
    members = list(dict.fromkeys([focus, *references, *_PERMANENT]))
    found = follow_members(record, members, body="SC", kinds=(), scopes=SCOPES)
    outcomes, vetoed = found["outcome"].value_counts(), found[found["outcome"] == "vetoed"]
    numbers = _count(found, focus, references)
    if not numbers:
        return {}
    return {
        **numbers,
        "outcomes": {str(o): int(n) for o, n in outcomes.sort_index().items()},
        "vetoes": {m: n for m in _PERMANENT if (n := int(vetoed[m].eq("no").sum()))},
    }


def word_council(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word what became of the Council's votes.

    Parameters
    ----------
    numbers : mapping
        From `count_council`.
    names : mapping
        Member ids to everyday names.
    """
    if not numbers:
        return []
    outcomes = numbers["outcomes"]
    parts = enumerate_words(_word_outcome(outcome, n) for outcome, n in outcomes.items())
    by = enumerate_words(f"{n} by {the(names.get(m, m))}" for m, n in numbers["vetoes"].items())
    vetoes = f" The vetoes: {by}." if by else ""
    total = plural(sum(outcomes.values()), "vote")
    return [f"Of {total} in the Security Council, {parts}.{vetoes}"]


def _word_outcome(outcome: str, number: int) -> str:
    be = "was" if number == 1 else "were"
    return f"{number} {outcome}" if outcome == "failed" else f"{number} {be} {outcome}"


def show_overall(record: Record, focus: str) -> Published:
    """Show how the focus voted over all subjects, beside the votes on one.

    Parameters
    ----------
    record, focus
        As in `count_later`; only the dossier has such counts beside it.
    """
    if record.provenance.get("source") != "dossier":
        return nothing("overall")
    overall = read_overall()
    own = overall[overall["member"] == focus]
    if own.empty:
        return nothing("overall")
    numbers = {
        f"{row['count']} {row['other']}".strip(): {"value": row["value"], "of": row["of"]}
        for row in own.to_dict("records")
    }
    return say("overall", word_overall(own, member_names()), numbers=numbers)


def word_overall(overall: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Word how one member voted over all subjects.

    Parameters
    ----------
    overall : pandas.DataFrame
        Rows of one member, from `helpers.record.read_overall`.
    names : mapping
        Member ids to everyday names.

    Examples
    --------
    >>> word_overall(read_overall().iloc[:4], member_names())[0][:72]
    'Over all subjects, from 24 February 2025 to 18 December 2025, the United'
    """
    first = overall.iloc[0]
    period = f"from {long_date(first['date_from'])} to {long_date(first['date_to'])}"
    votes = overall[overall["count"] != "same"]
    counts = enumerate_words(
        f"{v} times {c}" for c, v in zip(votes["count"], votes["value"], strict=True)
    )
    alike = overall[overall["count"] == "same"].to_dict("records")
    same = enumerate_words(
        f"{the(names.get(row['other'], row['other']))} in {row['value']} of {row['of']}"
        for row in alike
    )
    who = the(names.get(first["member"], first["member"]))
    words = [
        f"Over all subjects, {period}, {who} voted {counts} in "
        f"{plural(int(votes['of'].max()), 'recorded vote')}."
    ]
    if same:
        words.append(f"It cast the same vote as {same} in which both took part.")
    return [" ".join(words)]
