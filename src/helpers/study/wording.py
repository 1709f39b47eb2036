"""The title and the statements of a study that has none of its own, from what it selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.record import ISSUES, load_members, load_short_names

if TYPE_CHECKING:
    from helpers.study.parameters import Study


def write_title(study: Study) -> str:
    """Return the question of a study as its selection puts it.

    Examples
    --------
    >>> from helpers.study.parameters import Study
    >>> write_title(Study(focus="HUN", sessions="70-79"))
    'Hungary: with whom did it vote in sessions 70-79?'
    >>> write_title(Study(subject="hr", event="2025-02-24"))
    'Who votes with whom on human rights, before 24 February 2025 and since?'
    """
    who = name_member(study.focus)
    ask = f"{who}: with whom did it vote" if who else "Who votes with whom"
    council = " in the Security Council" if study.body == "SC" else ""
    issue = ISSUES.get(study.subject, "")
    subject = issue if issue.startswith("Middle") else issue.lower() or study.subject
    about = f" on {subject}" if subject else ""
    return f"{ask}{council}{about}{_word_period(study)}?"


def name_member(member: str) -> str:
    """Return the everyday name of a member by its id, the id where it is none.

    Examples
    --------
    >>> name_member("HUN")
    'Hungary'
    """
    members = load_members()
    official = members.loc[members["member"] == member, "name"].tolist()
    return load_short_names().get(member, official[-1] if official else member)


def _word_period(study: Study) -> str:
    words = ""
    if study.sessions:
        one = study.sessions.isdecimal() or ("," not in study.sessions and "ES" in study.sessions)
        words += f" in session {study.sessions}" if one else f" in sessions {study.sessions}"
    if study.date_from:
        words += f" from {_write_day(study.date_from)}"
    if study.date_to:
        words += f" to {_write_day(study.date_to)}"
    return words + (f", before {_write_day(study.event)} and since" if study.event else "")


def _write_day(iso: str) -> str:
    day = pd.Timestamp(iso)
    return f"{day.day} {day:%B %Y}"


def write_statements(study: Study) -> tuple[str, ...]:
    """Return statements on the focus and the first two references; none without a focus.

    Examples
    --------
    >>> from helpers.study.parameters import Study
    >>> write_statements(Study(focus="HUN", references=("RUS", "DEU", "POL")))[0]
    'same_bloc(HUN, RUS)'
    >>> write_statements(Study(focus="HUN"))
    ('apart(HUN)',)
    """
    focus, named = study.focus, study.references[:2]
    if not focus:
        return ()
    statements = [f"same_bloc({focus}, {reference})" for reference in named]
    statements.append(f"apart({focus})")
    if len(named) == 2:
        first, second = named
        statements.append(f"similarity({focus}, {first}) > similarity({focus}, {second})")
    return tuple(statements)
