"""Vetoed and failed drafts of the Council: counts that are public, and what they change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import ParameterError, SelectionError
from helpers.record import Record, count_vetoes, load_drafts, load_record
from helpers.similarity import compare_with_drafts

PERMANENT = ["CHN", "FRA", "GBR", "RUS", "USA"]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Record:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNBLOCS_HOME", str(tmp_path_factory.mktemp("home")))
        return load_record("council-drafts")


def test_vetoes_and_vetoed_proposals_are_told_apart() -> None:
    # the list that the facts were put together from: 227 drafts, 3 preliminary questions and 3
    # amendments; 132 of them vetoed by the USSR (90) or Russia (42)
    total = count_vetoes().set_index("period").loc["all"]
    assert total[PERMANENT].tolist() == [20, 17, 29, 132, 90]
    assert total[["vetoes", "proposals"]].tolist() == [288, 233]
    table = load_drafts()
    vetoed = table[table["outcome"].eq("vetoed")]
    assert vetoed["kind"].value_counts().to_dict() == {
        "draft": 227,
        "preliminary question": 3,
        "amendment": 3,
    }
    russian = vetoed[vetoed["vetoed_by"].str.contains("RUS")]
    assert (russian["date"] < "1991-12-24").sum() == 90
    years = count_vetoes(by="year").set_index("period")
    assert years.loc["2024", ["USA", "RUS", "CHN"]].tolist() == [3, 4, 1]
    with pytest.raises(ParameterError, match="by: 'month' must be one of decade, year"):
        count_vetoes(by="month")


def test_every_roll_is_whole_and_every_veto_is_a_no() -> None:
    table = load_drafts()
    columns = {"yes": "voted_yes", "no": "voted_no", "abstain": "abstained"}
    rolled = table[table["roll"].ne("")]
    assert len(rolled) == 107
    counts = pd.DataFrame({n: rolled[c].str.split().str.len() for n, c in columns.items()})
    assert counts.astype("Int16").equals(rolled[list(columns)])
    seats = counts.sum(axis=1) + rolled["did_not_vote"].str.split().str.len()
    assert seats.eq(rolled["date"].lt("1966-01-01").map({True: 11, False: 15})).all()
    for row in rolled.to_dict("records"):
        assert set(row["vetoed_by"].split()) <= set(row["voted_no"].split()), row["symbol"]
    assert (table["source"].str.len() > 5).all()
    assert not table.duplicated(["date", "symbol"]).any()


def test_the_drafts_are_a_record_of_their_own(drafts: Record) -> None:
    calls = drafts.roll_calls
    assert len(calls) == 363
    assert calls["outcome"].value_counts().to_dict() == {"vetoed": 233, "failed": 130}
    assert calls["rolled"].sum() == 107
    assert len(drafts.votes) == 1_549
    assert set(calls["kind"]) == {"draft", "amendment", "motion"}
    assert not drafts.log["effect"].eq("dropped").any()
    assert not drafts.log["rule"].str.startswith("totals_disagree").any()
    assert not drafts.log["rule"].eq("council_seats").any()
    derived = calls[calls["note"].str.contains("follow from the tally and the veto")]
    assert len(derived) == 59
    one = calls[calls["draft"].eq("S/2022/155")].iloc[0]
    assert one["note"].startswith("vetoed by RUS; ")


@pytest.mark.mirror
def test_similarity_with_and_without_the_drafts_stand_side_by_side(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    record = load_record("council", mirror=mirror)
    assert len(record.roll_calls) == 2_797 + 363
    found = compare_with_drafts(record, date_from="2013-01-01", date_to="2025-10-31")
    table = found.table.set_index(["member_a", "member_b"])
    assert len(table) == 10
    row = table.loc[("RUS", "USA")]
    # counted on the same roll calls, one by one
    assert row["n_with_drafts"] - row["n_adopted"] == found.drafts
    calls = record.roll_calls
    inside = calls["date"].between("2013-01-01", "2025-10-31") & calls["rolled"]
    votes = record.votes[record.votes["roll_call"].isin(calls.loc[inside, "roll_call"])]
    pivot = votes.pivot(index="roll_call", columns="member", values="vote").astype(str)
    both = pivot[["RUS", "USA"]][pivot[["RUS", "USA"]].isin(["yes", "no", "abstain"]).all(axis=1)]
    assert row["with_drafts"] == pytest.approx((both["RUS"] == both["USA"]).mean(), abs=1e-12)
    assert row["with_drafts"] < row["adopted"]
    with pytest.raises(SelectionError, match="no vetoed or failed draft in the period"):
        compare_with_drafts(load_record("undl-sc", mirror=mirror))


def test_vetoes_are_drawn_and_said() -> None:
    from helpers.report import show_vetoes

    shown = show_vetoes()
    assert "288 vetoes on 233 proposals" in repr(shown)
