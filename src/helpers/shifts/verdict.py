"""The verdict: a few sentences, each made of one or two claims by a written rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}


def word_verdict(
    claims: pd.DataFrame,
    *,
    focus: str,
    event: str,
    companions: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return the verdict that claims give, claim by claim.

    Every sentence says one thing, with its numbers, and rival explanations are sentences of their
    own: what changed for certain, with whom, how much of it companions explain, towards whom,
    how rare the year is and which choice turns that, away from everybody, alone on new texts,
    texts voted on again, absence, what came after, and what would change the verdict.

    Parameters
    ----------
    claims : pandas.DataFrame
        As in `Shift`.
    focus, event : str
        The member and the day.
    companions : sequence of str
        As in `Shift`.
    facts : mapping, optional
        As in `Shift`.
    names : mapping of str to str, optional
        Names of members by id; ids are used where it has none.

    Returns
    -------
    tuple of str
        Sentences; a rule without its claims gives none.
    """
    by_name: dict[str, dict[str, Any]] = {
        str(row["claim"]): {str(k): v for k, v in row.items()} for row in claims.to_dict("records")
    }
    case = _Reading(by_name, focus, event, tuple(companions), facts or {}, names or {})
    return tuple(sentence for rule in RULES.values() if (sentence := rule(case)))


@dataclass(frozen=True)
class _Reading:
    """Claims by name, and how members are called."""

    claims: Mapping[str, Mapping[str, Any]]
    focus: str
    event: str
    companions: tuple[str, ...]
    facts: Mapping[str, Any]
    names: Mapping[str, str]

    def call(self, member: str) -> str:
        return self.names.get(member, member)

    def get(self, name: str) -> Mapping[str, Any] | None:
        """Return a claim that could be judged, or None."""
        claim = self.claims.get(name)
        return None if claim is None or claim["verdict"] == "cannot be judged" else claim

    def towards(self, when: str, verdict: str) -> list[Mapping[str, Any]]:
        """Return the claims about references of one time and verdict."""
        return [
            c
            for name, c in self.claims.items()
            if name.startswith("towards ") and name.endswith(when) and c["verdict"] == verdict
        ]

    def reference(self, claim: Mapping[str, Any]) -> str:
        return self.call(str(claim["claim"]).split(" ")[1])


def _certain(case: _Reading) -> str:
    claim = case.get("run ended")
    if claim is None:
        return f"Whether {case.call(case.focus)} changed on {case.event} cannot be judged."
    before, now = case.facts.get("former", ""), case.facts.get("vote", "")
    run, past = int(claim["numerator"]), int(claim["denominator"])
    times = f"all {past} earlier times" if run == past else f"the last {run} of {past} times"
    if claim["verdict"] == "not seen":
        return f"On the subject {case.call(case.focus)} voted {now} on {case.event}, as {times}."
    return (
        f"On the subject {case.call(case.focus)} voted {before} {times} and {now} on {case.event}: "
        "that is certain. The day was chosen by looking at its votes, not detected."
    )


def _elsewhere(case: _Reading) -> str:
    claim = case.get("runs elsewhere")
    if claim is None:
        return ""
    seen = int(claim["numerator"])
    return (
        f"Before that day members cast {int(claim['denominator']):,} votes after ten or more "
        f"{case.facts.get('former', '')} in a row; {seen or 'none'} of them "
        f"{'was' if seen in (0, 1) else 'were'} {case.facts.get('vote', '')}."
    )


def _with_whom(case: _Reading) -> str:
    claim = case.get("with whom")
    if claim is None:
        return ""
    if not case.companions:
        return "No other member turned with it that day."
    names = [case.call(m) for m in case.companions]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    sentence = f"With it turned {listed}."
    known, alone = case.get("expected with companions"), case.get("expected without companions")
    if known is None or alone is None:
        return sentence
    place = f"rank {int(alone['rank'])} of the {int(alone['of'])} votes on it, least expected first"
    return (
        f"{sentence} With their votes known its probability is {_say_probability(known)}; without "
        f"them {_say_probability(alone)}, {place}: a joint turn hides in the votes of those that "
        "turned."
    )


def _towards_on_the_day(case: _Reading) -> str:
    beyond = case.towards("that day", "beyond everybody")
    if not beyond:
        some = case.towards("that day", "not beyond everybody")
        return "On the day it came nearer to no reference than everybody did." if some else ""
    parts = [
        f"{case.reference(c)} ({c['value']:+.2f}, {_ordinal(c['rank'])} of {int(c['of'])} members; "
        f"{int(c['numerator'])} of {int(c['denominator']):,} earlier member-days reach it)"
        for c in beyond
    ]
    return f"On the subject it came nearer that day, beyond everybody, to {' and to '.join(parts)}."


def _towards_in_the_year(case: _Reading) -> str:
    if "towards anybody in the year" in case.claims:
        return (
            "Whether it moved towards anybody on other subjects cannot be judged from this record."
        )
    said = []
    for verdict, words in [
        ("towards", "moved towards"),
        ("no clear change", "shows no clear change with"),
        ("away", "moved away from"),
    ]:
        found = case.towards("in the year", verdict)
        if found:
            listed = ", ".join(f"{case.reference(c)} ({c['value']:+.2f})" for c in found)
            said.append(f"it {words} {listed}")
    return f"Over the year and all subjects, by behaviour, {'; '.join(said)}." if said else ""


def _rare(case: _Reading) -> str:
    claim = case.get("surprise")
    if claim is None:
        return "How rare the year is cannot be judged."
    sentence = (
        f"By surprise the year is {_ordinal(claim['rank'])} of {int(claim['of']):,} member-years "
        f"({claim['value']:.2f} nats a vote beyond expectation, {claim['low']:.2f} to "
        f"{claim['high']:.2f}): {claim['verdict']}"
    )
    choice = case.get("surprise by choice")
    if choice is not None:
        first, last = _ordinal(choice["low"]), _ordinal(choice["high"])
        span = f"always {first}" if first == last else f"{first} to {last}"
        sentence += f", and {span} with other settings"
    without = case.get("surprise without lone noes")
    if without is not None:
        turns = "" if without["verdict"] == claim["verdict"] else f", {without['verdict']}"
        sentence += (
            f"; without roll calls that had a single no it is {_ordinal(without['rank'])}{turns}"
        )
        if turns and claim["verdict"] == "rare":
            sentence += ": the exception is lone dissent"
    return f"{sentence}."


def _away(case: _Reading) -> str:
    if "away from everybody" not in case.claims:
        return ""
    claim = case.get("away from everybody")
    if claim is None:
        return "Whether it moved away from everybody cannot be judged from this record."
    moved = "moved away from" if claim["value"] < 0 else "moved nearer to"
    return (
        f"It {moved} everybody (agreement with all others {case.facts['agreement']:.3f}, "
        f"{claim['value']:+.2f} beyond everybody's change): "
        f"{_ordinal(claim['rank'])} of {int(claim['of']):,} member-years, {claim['verdict']}."
    )


def _alone(case: _Reading) -> str:
    if "alone on new titles" not in case.claims:
        return ""
    new, alone = case.get("new titles"), case.get("alone on new titles")
    if new is None or alone is None:
        return "Whether it stood alone on new texts cannot be judged from this record."
    sentence = (
        f"{int(new['numerator'])} of {int(new['denominator'])} votes of the year had titles never "
        "voted on before"
    )
    if not alone["denominator"]:
        return f"{sentence}; it alone opposed none."
    return (
        f"{sentence}; of {int(alone['denominator'])} that it alone opposed "
        f"{int(alone['numerator'])} are among them. It alone opposed {alone['value']:.0%} of the "
        f"year's votes; {case.facts['alone_most']:.0%} in {case.facts['alone_most_year']} was the "
        "most before."
    )


def _again(case: _Reading) -> str:
    found = [c for name, c in case.claims.items() if name.startswith("texts again")]
    if not found:
        return ""
    said = [
        f"{int(c['numerator'])} of {int(c['denominator'])} in {str(c['claim'])[-4:]} "
        f"({c['comparison'].split(' if')[0]} as everybody; {c['verdict']})"
        for c in found
    ]
    return f"Of the texts that came back it changed its vote on {' and '.join(said)}."


def _absent(case: _Reading) -> str:
    claim = case.get("absence")
    if claim is None or claim["verdict"] not in ("rare", "uncommon"):
        return ""
    return (
        f"It missed {int(claim['numerator'])} of {int(claim['denominator'])} votes, a rise that is "
        f"{_ordinal(claim['rank'])} of {int(claim['of']):,} member-years, {claim['verdict']}."
    )


def _after(case: _Reading) -> str:
    claim = case.get("after")
    if claim is None:
        return "What came after is not in this record; persistence, not one day, makes a policy."
    again, of = int(claim["numerator"]), int(claim["denominator"])
    vote = case.facts.get("vote", "so")
    return f"After that day it voted {vote} again {again} of {of} times ({claim['comparison']})."


def _what_would_change(case: _Reading) -> str:
    reasons = []
    rare, without = case.get("surprise"), case.get("surprise without lone noes")
    if rare is not None and without is not None and rare["verdict"] != without["verdict"]:
        reasons.append("if votes that it alone opposed are left out")
    if any(c["verdict"] == "too few for a rate" for n, c in case.claims.items() if "again" in n):
        reasons.append("when more of the texts that come back have been voted on")
    if case.get("after") is None:
        reasons.append("with the votes after that day")
    if case.get("away from everybody") is None and "away from everybody" in case.claims:
        reasons.append("with the votes on other subjects")
    return f"The verdict may turn {', and '.join(reasons)}." if reasons else ""


RULES: Final[dict[str, Callable[[_Reading], str]]] = {
    "certain": _certain,
    "elsewhere": _elsewhere,
    "with whom": _with_whom,
    "towards on the day": _towards_on_the_day,
    "towards in the year": _towards_in_the_year,
    "rare": _rare,
    "away": _away,
    "alone": _alone,
    "again": _again,
    "absent": _absent,
    "after": _after,
    "what would change it": _what_would_change,
}
"""The rules of a verdict, in the order of its sentences."""


def _say_probability(claim: Mapping[str, Any]) -> str:
    """Return a probability, or that it is too small to be one."""
    return "below one in a hundred" if claim["value"] < 0.015 else f"{claim['value']:.2f}"


def _ordinal(number: Any) -> str:
    """Return a rank in words.

    Examples
    --------
    >>> [_ordinal(n) for n in (1, 2, 11, 103, 10_818)]
    ['1st', '2nd', '11th', '103rd', '10,818th']
    """
    n = int(number)
    ending = "th" if n % 100 in (11, 12, 13) else _ORDINALS.get(n % 10, "th")
    return f"{n:,}{ending}"
