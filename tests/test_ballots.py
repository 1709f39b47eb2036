"""A selection as a matrix: every expected value is read off the small record below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.ballots.select import (
    Ballots,
    ballots_from_matrix,
    build_ballots,
    parse_sessions,
    select_roll_calls,
)
from helpers.errors import ParameterError, SelectionError
from helpers.record.cleaning import clean
from helpers.record.tables import MISSING, NO, VOTES, YES, RawRecord, Record


def make_record() -> Record:
    """Four roll calls, three members; member CCC joins before the third roll call."""
    roll_calls = pd.DataFrame(
        {
            "roll_call": ["r1", "r2", "r3", "r4", "r5"],
            "body": ["GA", "GA", "GA", "SC", "GA"],
            "session": ["70", "70", "ES-11", pd.NA, "71"],
            "date": pd.to_datetime(
                ["2015-12-01", "2015-12-01", "2016-03-01", "2016-03-02", "2016-12-05"]
            ),
            "title": ["One", "Two", "On Ukraine", "Council", "Tally only"],
            "agenda": ["Item A", pd.NA, "Item A", "Item S", "Item A"],
            "kind": ["resolution", "amendment", "resolution", "resolution", "resolution"],
            "issues": ["hr me", "", pd.NA, "", "hr"],
            "rolled": [True, True, True, True, False],
            "identical_group": ["r1", "r1", "r3", "r4", "r5"],
        }
    )
    rows = [
        ("r1", "AAA", "yes"),
        ("r1", "BBB", "no"),
        ("r2", "AAA", "absent"),
        ("r2", "BBB", "abstain"),
        ("r3", "AAA", "yes"),
        ("r3", "BBB", "yes"),
        ("r3", "CCC", "no"),
        ("r4", "BBB", "no"),
        ("r4", "CCC", "yes"),
    ]
    votes = pd.DataFrame(rows, columns=["roll_call", "member", "vote"])
    votes["roll_call"] = votes["roll_call"].astype("category")
    votes["member"] = votes["member"].astype("category")
    votes["vote"] = pd.Categorical(votes["vote"], categories=list(VOTES))
    return Record(pd.DataFrame(), roll_calls, votes, pd.DataFrame())


def test_absence_is_missing_unless_asked_otherwise() -> None:
    ballots = build_ballots(make_record())
    assert ballots.members == ("AAA", "BBB", "CCC")
    assert ballots.votes.tolist() == [[1, 3, 0], [0, 2, 0], [1, 1, 3]]
    assert ballots.categories == 3


def test_absence_as_abstention_leaves_non_members_missing() -> None:
    ballots = build_ballots(make_record(), absence="abstain")
    assert ballots.votes.tolist() == [[1, 3, 0], [2, 2, 0], [1, 1, 3]]


def test_absence_as_a_category() -> None:
    ballots = build_ballots(make_record(), absence="category")
    assert ballots.votes.tolist() == [[1, 3, 0], [4, 2, 0], [1, 1, 3]]
    assert ballots.categories == 4


def test_a_roll_call_without_known_votes_is_in_no_matrix() -> None:
    assert "r5" not in set(build_ballots(make_record()).roll_calls["roll_call"])
    assert "r5" in set(select_roll_calls(make_record().roll_calls, body="GA")["roll_call"])


def test_order_of_rows_does_not_matter() -> None:
    record = make_record()
    shuffled = Record(
        record.members,
        record.roll_calls,
        record.votes.sample(frac=1, random_state=3).reset_index(drop=True),
        record.log,
    )
    np.testing.assert_array_equal(build_ballots(shuffled).votes, build_ballots(record).votes)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"sessions": "70"}, ["r1", "r2"]),
        ({"sessions": "ES-11, 70"}, ["r1", "r2", "r3"]),
        ({"date_from": "2016-01-01"}, ["r3"]),
        ({"date_to": "2015-12-01"}, ["r1", "r2"]),
        ({"subject": "hr"}, ["r1"]),
        ({"kinds": ("amendment", "resolution"), "sessions": "70"}, ["r1", "r2"]),
        ({"body": "SC"}, ["r4"]),
    ],
)
def test_selection(options: dict, kept: list[str]) -> None:
    assert list(build_ballots(make_record(), **options).roll_calls["roll_call"]) == kept


def test_members_and_fewest_votes() -> None:
    ballots = build_ballots(make_record(), members=("AAA", "CCC"))
    assert ballots.members == ("AAA", "CCC")
    few = build_ballots(make_record(), min_votes=2)
    assert few.members == ("AAA", "BBB")
    assert few.left_out == ("CCC",)


def test_identical_records_weigh_one() -> None:
    ballots = build_ballots(make_record(), roll_call_weights="identical")
    assert ballots.weights.tolist() == [0.5, 0.5, 1.0]


def test_blocks() -> None:
    record = make_record()
    # r1 and r3 share item A; r2 has no item and is blocked by its day
    assert build_ballots(record, blocks="agenda").blocks.tolist() == [0, 1, 0]
    assert build_ballots(record, blocks="day").blocks.tolist() == [0, 0, 1]
    assert build_ballots(record, blocks="roll_call").blocks.tolist() == [0, 1, 2]


def test_take_renumbers_blocks() -> None:
    ballots = build_ballots(make_record(), blocks="roll_call")
    some = ballots.take(roll_calls=np.array([False, True, True]), members=["CCC", "AAA"])
    assert some.votes.tolist() == [[0, 0], [3, 1]]
    assert some.blocks.tolist() == [0, 1]
    assert some.n_blocks == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"body": "GB"}, "body: 'GB' must be one of GA, SC"),
        ({"absence": "mising"}, "did you mean 'missing'"),
        ({"blocks": "week"}, "blocks: 'week' must be one of agenda, day, roll_call"),
        ({"sessions": "7o"}, "sessions: '7O' is no session"),
    ],
)
def test_wrong_options(options: dict, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        build_ballots(make_record(), **options)


def test_nothing_left() -> None:
    with pytest.raises(SelectionError, match="no roll call with known votes is left of GA"):
        build_ballots(make_record(), date_from="2020-01-01")
    with pytest.raises(SelectionError, match="no vote of 'AAB'; did you mean 'AAA'"):
        build_ballots(make_record(), members=("AAB", "BBB"))
    with pytest.raises(SelectionError, match="two are needed"):
        build_ballots(make_record(), min_votes=3)


def test_sessions() -> None:
    assert parse_sessions("9-11") == ["9", "10", "11"]
    with pytest.raises(ParameterError, match="'11-9' ends before it begins"):
        parse_sessions("11-9")


def test_matrix_round_trip() -> None:
    ballots = ballots_from_matrix([[1, 2], [3, 0]], members=["AAA", "BBB"], blocks=[7, 7])
    assert ballots.n_blocks == 1
    with pytest.raises(SelectionError, match="members: 'XYZ' is no member state"):
        ballots.take(members=["XYZ"])


def _days(votes: list[tuple[str, str, str]]) -> Record:
    """One roll call a day; each row is day, member, vote."""
    days = sorted({day for day, *_ in votes})
    calls = pd.DataFrame({"roll_call": days, "date": pd.to_datetime(days)})
    calls = calls.assign(body="GA", session="x", title="t", agenda="a", kind="resolution")
    calls = calls.assign(issues="", rolled=True, identical_group=days)
    rows = pd.DataFrame(votes, columns=["roll_call", "member", "vote"]).astype("category")
    rows["vote"] = pd.Categorical(rows["vote"], categories=list(VOTES))
    return Record(pd.DataFrame(), calls, rows, pd.DataFrame())


BRICS_DAYS = ("2009-01-01", "2010-01-01", "2011-01-01", "2024-01-01")
"""Before the first summit; before South Africa (24 December 2010); after; Egypt's first day."""


@pytest.fixture
def brics() -> Record:
    return _days([(d, m, "yes") for d in BRICS_DAYS for m in ("BRA", "EGY", "RUS", "ZAF", "USA")])


def test_a_group_is_that_of_the_day(brics: Record) -> None:
    ballots = build_ballots(brics, members="BRICS")
    assert ballots.members == ("BRA", "EGY", "RUS", "ZAF")
    assert ballots.roll_calls["roll_call"].tolist() == list(BRICS_DAYS[1:])
    assert ballots.votes.tolist() == [[1, 0, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1]]
    counted = build_ballots(brics, members="BRICS", min_votes=2)
    assert counted.members == ("BRA", "RUS", "ZAF") and counted.left_out == ("EGY",)
    assert build_ballots(brics, members="BRICS", absence="category").votes.min() == 0


def test_a_group_of_one_day_is_asked_for(brics: Record) -> None:
    founders = build_ballots(brics, members="BRICS@2009-06-16")
    assert founders.members == ("BRA", "RUS") and founders.votes.tolist() == [[1, 1]] * 4
    last = build_ballots(brics, members="BRICS@2025-01-01")
    assert last.members == ("BRA", "EGY", "RUS", "ZAF") and (last.votes == 1).all()
    with pytest.raises(ParameterError, match="date: 'soon' is no date; write it as 2025-02-24"):
        build_ballots(brics, members="BRICS@soon")
    with pytest.raises(SelectionError, match="did you mean 'BRICS'"):
        build_ballots(brics, members="BRIC")


def test_unknown_kinds_are_named_where_kinds_are_asked_for(brics: Record) -> None:
    calls = brics.roll_calls.assign(kind="unknown")
    with pytest.raises(SelectionError) as error:
        build_ballots(replace(brics, roll_calls=calls), kinds=["resolution"])
    assert str(error.value).endswith(
        "widen one of them; 4 of 4 are of unknown kind: add unknown to kinds, or take "
        "the kinds of another record with helpers.record.apply_kinds"
    )


def test_members_stand_beside_a_group_by_date(brics: Record) -> None:
    """The United States throughout; Brazil and Russia since 2009, South Africa since 2010."""
    ballots = build_ballots(brics, members="brics, US")
    assert ballots.members == ("BRA", "EGY", "RUS", "USA", "ZAF")
    assert ballots.votes[:, 3].tolist() == [1, 1, 1, 1]
    assert ballots.votes[:, 4].tolist() == [0, 0, 1, 1]
    # Asked for by name as well, South Africa counts throughout.
    named = build_ballots(brics, members=["BRICS", "ZAF"])
    assert named.votes[:, 3].tolist() == [1, 1, 1, 1]


def test_namibia_is_not_the_non_aligned_movement() -> None:
    """NAM is a group in text and the id of Namibia in a list of ids (both joined by 1990)."""
    record = _days([("2000-01-01", m, "yes") for m in ("IND", "NAM", "USA")])
    assert build_ballots(record, members="NAM").members == ("IND", "NAM")
    assert build_ballots(record, members=["NAM", "USA"]).members == ("NAM", "USA")


def test_a_group_by_date_needs_dates(brics: Record) -> None:
    dated = brics.roll_calls["date"].where(brics.roll_calls["roll_call"].ne("2010-01-01"))
    undated = replace(brics, roll_calls=brics.roll_calls.assign(date=dated))
    with pytest.raises(SelectionError) as error:
        build_ballots(undated, members="BRICS")
    assert str(error.value) == (
        "members: BRICS is a group by date, and 1 of the roll calls have none; write it with a "
        "day, such as BRICS@2025-01-01"
    )
    assert len(build_ballots(undated, members="BRICS@2025-01-01").votes) == 4


@pytest.mark.mirror
def test_the_brics_of_2011_to_2025_grow(ga_record: Record) -> None:
    """Five members to the end of 2023; then four more; then Indonesia."""
    options = {"date_from": "2011-01-01", "date_to": "2025-12-31"}
    ballots = build_ballots(ga_record, members="BRICS", **options)
    assert len(ballots.members) == 10
    early = ballots.take(roll_calls=(ballots.roll_calls["date"] < "2024-01-01").to_numpy())
    voted = [m for m, v in zip(early.members, early.votes.any(axis=0), strict=True) if v]
    assert voted == ["BRA", "CHN", "IND", "RUS", "ZAF"]
    fixed = build_ballots(ga_record, members="BRICS@2025-12-31", **options)
    assert fixed.members == ballots.members
    assert (fixed.votes > 0).sum() > 1.7 * (ballots.votes > 0).sum()


CHINAS = [("1971-10-05", YES, YES), ("1971-10-25", YES, YES), ("1971-11-20", YES, NO)]


def chinas(states: str) -> Ballots:
    """United States and China on three days; the seat changes hands on the second."""
    rows = pd.DataFrame(
        [
            (str(i), name, {YES: "Y", NO: "N"}[vote])
            for i, (_, own, theirs) in enumerate(CHINAS)
            for name, vote in (("UNITED STATES", own), ("CHINA", theirs))
        ],
        columns=["key", "name", "vote"],
    )
    calls = pd.DataFrame(
        {
            "key": [str(i) for i in range(len(CHINAS))],
            "body": "GA",
            "date": pd.to_datetime([day for day, *_ in CHINAS]),
            "symbol": [f"A/RES/27{i}0(XXVI)" for i in range(len(CHINAS))],
        }
    )
    return build_ballots(clean(RawRecord("undl-ga", rows, calls)), states=states)


def test_the_two_chinas_are_two_members_unless_they_are_joined() -> None:
    # A/RES/2758(XXVI): the seat passed on 25 October 1971, and the vote itself was the old one's
    apart = chinas("apart")
    assert apart.members == ("CHN", "ROC", "USA")
    assert apart.votes.tolist() == [[MISSING, YES, YES], [MISSING, YES, YES], [NO, MISSING, YES]]
    assert apart.joined == ()
    joined = chinas("joined")
    assert joined.members == ("CHN", "USA")
    assert joined.joined == ("CHN",)
    with pytest.raises(ParameterError, match="states: 'one' must be one of apart, joined"):
        chinas("one")


@pytest.mark.mirror
def test_states_that_shared_a_seat_stand_apart_in_the_whole_record(ga_record: Record) -> None:
    ballots = build_ballots(ga_record)
    earlier = {"ROC", "FRG", "UAR", "TGK", "YAR", "FRY"}
    assert earlier <= set(ballots.members)
    assert len(ballots.members) == 198 + len(earlier)
    dates = ballots.roll_calls["date"]
    last = {m: dates[ballots.votes[:, i] > 0].max() for i, m in enumerate(ballots.members)}
    assert (
        last["ROC"]
        <= pd.Timestamp("1971-10-25")
        < dates[ballots.votes[:, ballots.members.index("CHN")] > 0].min()
    )
    assert last["FRG"].year == 1989
    assert "ROC" not in build_ballots(ga_record, date_from="1972-01-01").members
    chosen = build_ballots(ga_record, members="P5")
    assert chosen.members == ("CHN", "FRA", "GBR", "ROC", "RUS", "USA")


def test_what_left_a_selection_empty_is_said() -> None:
    record = make_record()
    with pytest.raises(SelectionError) as error:
        build_ballots(record, subject="ukrain")
    assert str(error.value).endswith(
        "widen one of them; no title or agenda item has 'ukrain' (words are whole; 'ukrai*' finds "
        "other endings)"
    )
    record.roll_calls["date"] = record.roll_calls["date"].where(record.roll_calls.index > 1)
    with pytest.raises(SelectionError, match="2 of 3 have no date, so select them by session"):
        build_ballots(record, date_to="2014-12-31")


def test_members_may_be_named_and_groups_stand_beside_them() -> None:
    from helpers.record import load_record

    dossier = load_record("dossier")
    chosen = build_ballots(dossier, members="P5, Ukraine, uk")
    assert chosen.members == ("CHN", "FRA", "GBR", "RUS", "UKR", "USA")
    assert build_ballots(dossier, members=["BRICS", "US"]).members[-1] == "ZAF"
    assert chosen.take(members=["Russia", "US"]).members == ("RUS", "USA")
    with pytest.raises(SelectionError, match="members: 'Atlantis' is no member state"):
        build_ballots(dossier, members="Atlantis, USA")
