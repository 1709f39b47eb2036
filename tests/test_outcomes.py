"""All resolutions with their mode of adoption, in the columns of the Library's record 4060945.

The layout is that of the Library's descriptions and of public readers of the file; the rows are
made up, but for the forms of modality and subjects, which are the Library's.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.ballots import ballots_from_matrix, build_ballots, select_roll_calls
from helpers.errors import FormatError, ParameterError
from helpers.record import Record, count_modalities, has_consensus, load_record
from helpers.record.sources.catalogue import identify_table
from helpers.record.sources.outcomes import read_outcomes
from helpers.similarity import trace_consensus

OUTCOMES = """\
undl_id,resolution,session,date,title,modality,draft,committee_report,meeting,agenda_title,subjects,\
vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link
1,A/RES/80/10,80,2025-10-20,Day of women,"Vote, recorded",,,A/80/PV.1,Item,WOMEN,,2.0,1.0,0.0,1.0,4,
2,A/RES/80/2,80,2025-09-30,Global climate,Without a vote,,,A/80/PV.1,Item,CLIMATE,,,,,,,
3,A/RES/80/3,80,2025-10-01,Human rights,Without a vote,,,A/80/PV.1,Item,HUMAN RIGHTS,,,,,,,
5,A/RES/43/62,43,1988-12-07,Old one,"Vote, non-recorded",,,A/43/PV.1,Item,,,,,,,,
"""
VOTES = """\
undl_id,ms_code,ms_name,ms_vote,date,session,resolution,title,agenda_title,total_yes,total_no
1,NLD,NETHERLANDS,Y,2025-10-20,80,A/RES/80/10,Day of women,Item,2,1
1,USA,UNITED STATES,N,2025-10-20,80,A/RES/80/10,Day of women,Item,2,1
1,TUR,TÜRKİYE,Y,2025-10-20,80,A/RES/80/10,Day of women,Item,2,1
1,KOR,REPUBLIC OF KOREA,X,2025-10-20,80,A/RES/80/10,Day of women,Item,2,1
"""


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path / "home"))
    (tmp_path / "2026_02_06_ga_outcomes.csv").write_text(OUTCOMES, encoding="utf-8")
    votes = tmp_path / "2026_02_06_ga_voting.csv"
    votes.write_text(VOTES, encoding="utf-8")
    return load_record("undl-ga", files=[votes])


def test_the_file_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_text(OUTCOMES, encoding="utf-8")
    assert identify_table(path) == ("outcomes", "resolutions")
    calls, log = read_outcomes(path)
    assert calls["symbol"].tolist() == ["A/RES/80/10", "A/RES/80/2", "A/RES/80/3", "A/RES/43/62"]
    assert log == []
    path.write_text(VOTES, encoding="utf-8")
    with pytest.raises(FormatError, match="lacks the columns modality of the Library's file of"):
        read_outcomes(path)


def test_resolutions_without_a_vote_join_the_record(record: Record) -> None:
    calls = record.roll_calls.set_index("roll_call")
    assert calls["modality"].to_dict() == {
        "undl-ga-5": "non-recorded vote",
        "undl-ga-2": "without a vote",
        "undl-ga-3": "without a vote",
        "undl-ga-1": "recorded vote",
    }
    assert calls["rolled"].sum() == 1
    assert calls.loc["undl-ga-1", ["yes", "no"]].tolist() == [2, 1]
    assert len(record.votes) == 4
    assert has_consensus(record)
    assert record.provenance["outcomes"][0]["name"] == "2026_02_06_ga_outcomes.csv"
    assert len(build_ballots(record).roll_calls) == 1


def test_the_share_without_a_vote_is_counted(record: Record) -> None:
    years = count_modalities(record).set_index("year")
    assert years.loc[2025, ["texts", "without_a_vote", "recorded_vote"]].tolist() == [3, 2, 1]
    assert years["share_without"].tolist() == [0.0, pytest.approx(2 / 3)]
    subjects = count_modalities(record, by="subject").set_index("subject")
    assert subjects.loc["hr", "without_a_vote"] >= 1
    bodies = count_modalities(record, by="body")
    assert bodies[["body", "texts"]].to_numpy().tolist() == [["GA", 4]]
    with pytest.raises(ParameterError, match="by: 'organ' must be one of year, subject, body"):
        count_modalities(record, by="organ")


@pytest.mark.mirror
def test_the_council_s_consensus_is_counted(sc_record: Record) -> None:
    years = count_modalities(sc_record, body="SC").set_index("year")
    assert years["without_a_vote"].sum() == 42
    assert years.loc[1992, "without_a_vote"] == 16  # S/RES/726 to 763


def test_consensus_at_a_weight_is_a_curve(record: Record) -> None:
    calls = select_roll_calls(record.roll_calls, body="GA", date_from="2025-01-01")
    found = trace_consensus(build_ballots(record), calls, "Netherlands", "US", weights=[0, 0.5, 1])
    # one recorded vote, on which they differ, and two texts without a vote: (0 + 2 w) / (1 + 2 w)
    assert found.table["value"].tolist() == [0.0, 0.5, pytest.approx(2 / 3)]
    assert set(found.table["n_shared"]) == {1}
    assert set(found.table["n_consensus"]) == {2}
    same = trace_consensus(build_ballots(record), calls, "NLD", "TUR")
    assert set(same.table["value"]) == {1.0}
    assert same.table["weight"].tolist() == [round(0.1 * i, 1) for i in range(11)]


def test_consensus_before_a_state_was_a_member_does_not_count() -> None:
    days = pd.to_datetime(["1990-10-01", "2000-10-01"])
    calls = pd.DataFrame({"date": days, "modality": "without a vote"})
    ballots = ballots_from_matrix([[1, 3]], members=["USA", "CZE"])
    found = trace_consensus(ballots, calls, "USA", "CZE", weights=[1])
    assert found.table["n_consensus"].tolist() == [1]
    assert found.table["value"].tolist() == [0.5]
    with pytest.raises(ParameterError, match="measure: 'pi' must be one of agreement, lijphart"):
        trace_consensus(ballots, calls, "USA", "CZE", measure="pi")
    with pytest.raises(ParameterError, match=r"weights: 1\.5 must be between 0 and 1"):
        trace_consensus(ballots, calls, "USA", "CZE", weights=[1.5])


def test_the_report_says_how_much_was_adopted_without_a_vote(record: Record) -> None:
    from helpers.report import show_years

    shown = show_years(record, "GA")
    assert "Of 4 texts that the General Assembly adopted, 2 (50%) were adopted without a vote" in (
        repr(shown)
    )
