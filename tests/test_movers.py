"""Who moved between two votes, against the record's published facts and a hand-made assembly."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import SelectionError
from helpers.record.load import load_record
from helpers.record.tables import VOTES, Record
from helpers.shifts.movers import cast_votes, find_movers, find_roll_call


@pytest.fixture(scope="module")
def dossier() -> Record:
    return load_record("dossier")


def small_record() -> Record:
    """Two votes on one symbol (a paragraph, then the whole), one before, one without a roll."""
    calls = pd.DataFrame(
        {
            "roll_call": ["old", "paragraph", "whole", "tally"],
            "symbol": ["A/RES/1", "A/RES/2", "A/RES/2", "A/RES/3"],
            "kind": ["resolution", "paragraph", "resolution", "resolution"],
            "rolled": [True, True, True, False],
            "date": pd.to_datetime(["2020-01-01", "2021-01-01", "2021-01-01", "2022-01-01"]),
        }
    )
    rows = [
        ("old", "AAA", "yes"),
        ("old", "BBB", "no"),
        ("old", "OLD", "yes"),
        ("paragraph", "AAA", "yes"),
        ("whole", "AAA", "absent"),
        ("whole", "BBB", "no"),
        ("whole", "NEW", "yes"),
    ]
    votes = pd.DataFrame(rows, columns=["roll_call", "member", "vote"])
    return Record(pd.DataFrame(), calls, votes, pd.DataFrame())


def test_members_of_one_vote_only_are_set_aside() -> None:
    movers = find_movers(small_record(), "A/RES/1", "A/RES/2")
    assert movers.table["member"].tolist() == ["AAA", "BBB"]
    assert movers.only_before == ("OLD",)
    assert movers.only_after == ("NEW",)
    assert movers.flows == {("yes", "absent"): 1, ("no", "no"): 1}
    assert movers.moved["member"].tolist() == ["AAA"]
    assert movers.counts.index.tolist() == movers.counts.columns.tolist() == list(VOTES)
    assert movers.counts.to_numpy().sum() == 2


def test_the_vote_on_the_whole_is_meant() -> None:
    assert find_roll_call(small_record(), "A/RES/2")["roll_call"] == "whole"
    assert find_roll_call(small_record(), "paragraph")["roll_call"] == "paragraph"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("A/RES/4", r"no roll call of this record has the symbol 'A/RES/4'; did you mean 'A/RES/"),
        ("A/RES/3", "A/RES/3: its full roll is not in this record; name another"),
    ],
)
def test_a_vote_that_cannot_be_compared(name: str, sentence: str) -> None:
    with pytest.raises(SelectionError, match=sentence):
        find_roll_call(small_record(), name)


def test_cast_votes_tells_absent_from_no_member() -> None:
    votes = cast_votes(small_record(), ["whole", "old"])
    assert votes.columns.tolist() == ["whole", "old"]
    assert votes.loc["AAA"].tolist() == ["absent", "yes"]
    assert votes.loc["NEW"].tolist() == ["yes", ""]


def test_against_the_vote_before(dossier: Record) -> None:
    """From yes to no between 79/184 and ES-11/7, as published: five members."""
    movers = find_movers(dossier, "A/RES/79/184", "A/RES/ES-11/7")
    assert movers.members("yes", "no") == ["HUN", "ISR", "MHL", "PLW", "USA"]
    assert len(movers.table) == 193


def test_against_the_second_anniversary_text(dossier: Record) -> None:
    """ES-11/6 to ES-11/7: 7 yes to no, 33 to abstain, 8 to not voting, none to yes (93 of 141)."""
    flows = find_movers(dossier, "A/RES/ES-11/6", "A/RES/ES-11/7").flows
    assert flows["yes", "no"] == 7
    assert flows["yes", "abstain"] == 33
    assert flows["yes", "absent"] == 8
    assert flows["yes", "yes"] == 141 - 7 - 33 - 8
    assert not any(after == "yes" and before != "yes" for before, after in flows)
