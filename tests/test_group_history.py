"""Known groups over time: dated membership by hand, and what the full record is known to say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.ballots.select import Ballots, ballots_from_matrix, build_ballots
from helpers.blocs.history import trace_blocs
from helpers.errors import ParameterError
from helpers.groups.history import compare_groups, track_group
from helpers.multiverse.run import run_multiverse
from helpers.record.tables import Record
from helpers.similarity.measures import measure_similarity


def dated(votes: Any, members: list[str], days: list[str]) -> Ballots:
    ballots = ballots_from_matrix(votes, members=members)
    ballots.roll_calls["date"] = pd.to_datetime(days).astype("datetime64[s]")
    return ballots


@pytest.fixture(scope="module")
def brexit() -> Ballots:
    """The United Kingdom votes no against three others on its last day in the EU and the next."""
    votes = [[1, 1, 1, 3], [1, 1, 1, 3]]
    return dated(votes, ["DEU", "FRA", "ITA", "GBR"], ["2020-01-31", "2020-02-01"])


def rows(history: Any, group: str, what: str) -> pd.DataFrame:
    table = history.table
    return table[(table["group"] == group) & (table["what"] == what)]


def test_only_members_of_the_day_count(brexit: Ballots) -> None:
    history = track_group(brexit, windows=["2020-02-01"], replicates=20)
    eu = rows(history, "EU", "inside")
    assert eu["voted"].tolist() == [4, 3]
    # Three yes and one no: (3 - 1 / 2) / 4; then three yes.
    assert eu["value"].tolist() == [0.625, 1.0]
    whole = rows(track_group(brexit, windows=[], replicates=20), "EU", "inside")
    assert whole["value"].item() == pytest.approx((0.625 + 1) / 2)
    assert whole["n_shared"].item() == 2
    # All four stayed in NATO: 0.625 on both days.
    assert rows(history, "NATO", "inside")["value"].tolist() == [0.625, 0.625]
    assert "ASEAN" not in set(history.table["group"])
    # Britain parts on the first day; the three are of one mind on the second.
    assert eu["unanimous"].tolist() == [0, 1]
    assert rows(history, "NATO", "inside")["unanimous"].tolist() == [0, 0]


def test_the_focus_is_compared_with_the_other_members(brexit: Ballots) -> None:
    options: dict[str, Any] = {"windows": [], "measure": "agreement", "replicates": 20}
    france = rows(track_group(brexit, focus="FRA", **options), "EU", "focus")
    # Alike with two of three on the first day, with two of two on the second.
    assert france["value"].item() == pytest.approx((2 / 3 + 1) / 2)
    # An outsider keeps all its votes: alike with none on either day.
    britain = rows(track_group(brexit, focus="GBR", **options), "EU", "focus")
    assert britain["value"].item() == 0
    assert britain["n_shared"].item() == 2
    nobody = track_group(brexit, **options)
    assert set(nobody.table["what"]) == {"inside"}


def test_one_group_is_asked_for_by_name(brexit: Ballots) -> None:
    """Of the group of seven DEU, FRA, ITA, GBR vote: apart on both days; of P5 two, FRA and GBR."""
    g7 = track_group(brexit, "G7", windows=[], replicates=20).table
    assert g7["group"].tolist() == ["G7"]
    assert g7[["voted", "unanimous", "n_shared"]].values.tolist() == [[4, 0, 2]]
    five = track_group(brexit, "P5", windows=[], replicates=20).table
    assert five[["voted", "unanimous", "n_shared"]].values.tolist() == [[2, 0, 2]]
    fixed = track_group(brexit, "EU@2020-01-01", windows=["2020-02-01"], replicates=20).table
    assert fixed["voted"].tolist() == [4, 4]
    with pytest.raises(ParameterError, match="group: 'Visigrad' must be one of"):
        track_group(brexit, "Visigrad", windows=[], replicates=20)


def test_one_vote_or_none_is_not_unanimity() -> None:
    """All yes; one that votes; one yes and one abstaining: 1 of 2 roll calls with two or more."""
    ballots = dated([[1, 1], [1, 0], [1, 2]], ["CZE", "SVK"], ["2000-01-01"] * 3)
    row = track_group(ballots, "Visegrad", windows=[], replicates=20).table.iloc[0]
    assert (row["unanimous"], row["n_shared"], row["voted"]) == (1, 2, 2)


def test_an_absence_that_is_kept_as_a_category_is_no_vote() -> None:
    """Of three members one is absent throughout: two voted."""
    votes = ballots_from_matrix([[1, 1, 4]], members=["CZE", "HUN", "POL"], absence="category")
    votes.roll_calls["date"] = pd.to_datetime(["2000-01-01"])
    row = track_group(votes, "Visegrad", windows=[], distance="nominal", replicates=20).table
    assert row[["voted", "unanimous", "n_shared"]].values.tolist() == [[2, 1, 1]]


def test_ballots_without_dates_have_no_known_groups() -> None:
    bare = ballots_from_matrix([[1, 1]], members=["CZE", "SVK"])
    for verb in (track_group, compare_groups):
        with pytest.raises(ParameterError, match="needs the date of each roll call, and these"):
            verb(bare, replicates=20)


def test_groups_compared(brexit: Ballots) -> None:
    pairs = compare_groups(brexit, measure="agreement", replicates=20).table
    pair = pairs.set_index(["group_a", "group_b"])
    # On the last day the EU is DEU, FRA, ITA; NATO has GBR too. Each of the three meets two of
    # itself (alike) and GBR (not): 6 of 9 pairs.
    assert pair.loc[("EU", "NATO"), "value"] == pytest.approx(6 / 9)
    assert pairs["value"].is_monotonic_decreasing


def test_without_a_group_there_is_nothing() -> None:
    alone = dated(np.ones((3, 2)), ["USA", "CUB"], ["2000-01-01"] * 3)
    assert track_group(alone, windows="year", replicates=20).table.empty
    assert compare_groups(alone, replicates=20).table.empty
    with pytest.raises(ParameterError, match="windows: 'sesion' must be one of"):
        track_group(alone, windows="sesion")


# --- the full record ------------------------------------------------------------------------------

EAST = ["RUS", "POL", "CSK", "HUN"]
WEST = ["USA", "GBR", "FRA"]


@pytest.fixture(scope="module")
def cold_war(ga_record: Record) -> Any:
    ballots = build_ballots(ga_record, date_from="1956-01-01", date_to="1970-12-31")
    return trace_blocs(
        ballots, windows=["1961-01-01", "1966-01-01"], replicates=20, nulls=99, min_shared=20
    )


@pytest.mark.mirror
def test_the_blocs_of_the_cold_war(cold_war: Any) -> None:
    """History known from outside: the Warsaw Pact's members voted as one, against the West."""
    assert cold_war.periods["structure"].all()
    for _, part in cold_war.table.groupby("period"):
        line = part.set_index("member")["line"]
        assert line[EAST].nunique() == 1
        assert not set(line[EAST]) & set(line[WEST])
    last = cold_war.table[cold_war.table["period"] == "since 1966-01-01"]
    assert last.set_index("member").loc[WEST, "line"].nunique() == 1


@pytest.mark.mirror
def test_the_groups_name_the_blocs(cold_war: Any) -> None:
    """The bloc of the United States is nearest to the Western group, by shares, not by hand."""
    last = cold_war.table[cold_war.table["period"] == "since 1966-01-01"]
    line = last.set_index("member").loc["USA", "line"]
    near = cold_war.overlap[
        (cold_war.overlap["period"] == "since 1966-01-01") & (cold_war.overlap["line"] == line)
    ]
    assert near["group"].iloc[0] == "WEOG"
    assert near["share_of_group"].iloc[0] > 0.8


@pytest.mark.mirror
def test_the_non_aligned_were_the_majority(ga_record: Record) -> None:
    ballots = build_ballots(ga_record, date_from="1986-01-01", date_to="1989-12-31")
    history = trace_blocs(ballots, windows=[], replicates=20, nulls=99, min_shared=20)
    overlap = history.overlap.set_index(["line", "group"])
    assert history.lines["size"].iloc[0] > 0.75 * len(history.table)
    assert overlap.loc[(1, "NAM"), "share_of_group"] > 0.95


@pytest.mark.mirror
def test_the_european_union_closed_ranks(ga_record: Record) -> None:
    """Since the treaty of Maastricht (1993) it has had a common foreign policy."""
    history = track_group(build_ballots(ga_record), windows=["1993-01-01"], replicates=20)
    before, since = (r for _, r in rows(history, "EU", "inside").iterrows())
    assert since["low"] > before["high"]
    assert since["value"] > 0.9 > 0.85 > before["value"]


@pytest.mark.mirror
def test_the_warsaw_pact_was_of_one_mind_before_1964(ga_record: Record) -> None:
    """Known: its members voted as the Soviet Union did, but for Romania after 1964 and Albania."""
    ballots = build_ballots(ga_record, date_from="1956-01-01", date_to="1990-12-31")
    pact = track_group(ballots, "Warsaw Pact", windows=["1964-01-01"], replicates=20).table
    shares = (pact["unanimous"] / pact["n_shared"]).tolist()
    assert shares[0] > 0.9 > shares[1]
    assert (pact["value"] > 0.9).all()


@pytest.mark.mirror
@pytest.mark.parametrize("group", ["P5", "BRICS", "Visegrad", "Nordic countries", "SCO"])
def test_small_groups_have_figures(ga_record: Record, group: str) -> None:
    """A selection of fewer than six members: similarity, unanimity and cohesion are there."""
    ballots = build_ballots(ga_record, members=group, date_from="2015-01-01", date_to="2022-12-31")
    pairs = measure_similarity(ballots, "agreement")
    assert pairs.values.notna().to_numpy().sum() == len(ballots.members) ** 2
    table = track_group(ballots, group, windows="year", replicates=20).table
    assert len(table) == 8
    assert (table["unanimous"] <= table["n_shared"]).all()
    assert table["value"].between(0, 1).all()


@pytest.fixture(scope="module")
def year_2025(ga_record: Record) -> Ballots:
    return build_ballots(ga_record, date_from="2025-01-01", date_to="2025-10-29")


@pytest.mark.mirror
def test_israel_is_nearest_to_the_united_states_in_2025(year_2025: Ballots) -> None:
    """Known: 34 votes; Israel 0.75, the next 0.25, where 20 votes or more are shared."""
    assert len(year_2025.votes) == 34
    agreement = measure_similarity(year_2025, "agreement")
    own = agreement.values.loc["USA"].drop("USA")
    shared = agreement.n_shared.loc["USA"].drop("USA")
    most = own[shared >= 20].nlargest(2)
    assert most.index[0] == "ISR"
    assert most.tolist() == pytest.approx([0.75, 0.25])
    # With fewer shared votes chance makes neighbours: 10 of 16.
    assert (own["ARG"], shared["ARG"]) == (0.625, 16)


@pytest.mark.mirror
def test_apart_depends_on_the_measure_in_2025_and_nearest_does_not(ga_record: Record) -> None:
    """Known: kappa leaves the United States with others, raw agreement and pi set it apart."""
    found = run_multiverse(
        ga_record,
        {"measure": ["agreement", "kappa", "pi", "alpha", "s", "lijphart"], "method": ["average"]},
        ["apart(USA)", "nearest(USA) = ISR"],
        selection={"date_from": "2025-01-01", "date_to": "2025-10-29"},
        min_shared=20,
    )
    share = found.summary.set_index("statement")["share"]
    assert share["nearest(USA) = ISR"] == 1
    assert 0 < share["apart(USA)"] < 1
    by_measure = found.cells[found.cells["statement"] == "apart(USA)"].groupby("measure")["holds"]
    shares = by_measure.mean()
    assert shares["kappa"] == 0
    assert shares["pi"] > 0.5
    assert shares["agreement"] > 0.5
