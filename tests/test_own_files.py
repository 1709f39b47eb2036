"""Files of our users' own: other names of columns, several files, other marks, look-alikes."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer as r

from helpers.cli import main
from helpers.errors import DataError, FormatError, MissingDataError, ParameterError
from helpers.record import Record, clean_source, load_record, read_record
from helpers.record.cleaning import SPREADSHEET_ROWS
from helpers.record.sources.lookalikes import name_look_alike

NO_DATES = "rcid,session,vote,ccode\n" + "".join(
    f"{rcid},{session},{vote},{cow}\n"
    for rcid, session in ((4801, 61), (4802, 61), (4803, 62))
    for cow, vote in ((2, 1), (200, 2), (220, 3), (365, 1), (710, 8), (260, 1), (265, 9))
)
KAGGLE = """assembly_session,vote_id,resolution,state_code,state_name,member,vote
61,4801,R/61/11,2,United States of America,1,1
61,4801,R/61/11,200,United Kingdom,1,2
61,4801,R/61/11,220,France,1,3
61,4801,R/61/11,365,Russia,1,1
61,4801,R/61/11,710,China,1,8
"""
TIDY = (
    "resolution,date,iso3,vote\nA/RES/79/900,2024-12-01,USA,NO\nA/RES/79/900,2024-12-01,FRA,YES\n"
)
NUMERIC = """undl_id,ms_code,ms_name,ms_vote,date,session,resolution,agenda_title
910001,USA,UNITED STATES,2,2024-11-04,79,A/RES/79/901,Item one
910001,FRA,FRANCE,1,2024-11-04,79,A/RES/79/901,Item one
910001,IND,INDIA,3,2024-11-04,79,A/RES/79/901,Item one
"""
CODE = {"1": "yes", "2": "abstain", "3": "no"}


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def votes_of(record: Record) -> dict[str, str]:
    """Return member -> vote of a record of one roll call."""
    return dict(zip(record.votes["member"].astype(str), record.votes["vote"], strict=True))


def log_of(record: Record, rule: str) -> int:
    return int(record.log.loc[record.log["rule"].eq(rule), "rows"].sum())


# ----------------------------------------------------------------- Voeten's data in other forms


def test_the_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    record = load_record("voeten", files=[write(tmp_path, "votes.csv", KAGGLE)])
    assert votes_of(record) == {
        "CHN": "absent",
        "FRA": "no",
        "GBR": "abstain",
        "RUS": "yes",
        "USA": "yes",
    }
    assert record.roll_calls["symbol"].tolist() == ["A/RES/61/11"]


def test_without_dates_the_session_says_who_was_a_member(tmp_path: Path) -> None:
    record = load_record("voeten", files=[write(tmp_path, "votes.csv", NO_DATES)])
    assert record.roll_calls["date"].isna().all()
    assert len(record.votes) == 18
    assert set(record.votes["member"]) == {"USA", "GBR", "FRA", "RUS", "CHN", "DEU"}


def test_no_vote_is_lost_because_its_day_is_not_known(tmp_path: Path) -> None:
    # session 26: both holders of China's seat sat in it; session 46: the end of Yugoslavia and the
    # first votes of the states that were admitted in March and May 1992
    rows = [(1, 26, 713), (2, 26, 710), (3, 46, 344), (3, 46, 345), (4, 47, 316), (4, 47, 315)]
    text = "rcid,session,vote,ccode\n" + "".join(f"{k},{s},1,{c}\n" for k, s, c in rows)
    record = load_record("voeten", files=[write(tmp_path, "votes.csv", text)])
    assert record.votes["member"].tolist() == ["CHN", "CHN", "HRV", "YUG", "CSK", "CZE"]
    assert not record.log["effect"].eq("dropped").any()


def test_a_state_of_another_time_is_dropped_also_without_dates(tmp_path: Path) -> None:
    text = "rcid,session,vote,ccode\n1,10,1,2\n1,10,8,344\n"  # Croatia in 1955
    record = load_record("voeten", files=[write(tmp_path, "votes.csv", text)])
    assert record.votes["member"].tolist() == ["USA"]
    assert log_of(record, "before_admission") == 1


ABOUT = """rcid,session,date,unres,me,hr
4801,61,2006-12-06,R/61/11,0,1
4802,61,2006-12-07,R/61/12,1,0
"""


def test_a_file_about_the_roll_calls_is_joined_to_the_votes(tmp_path: Path) -> None:
    votes = write(tmp_path, "votes.csv", NO_DATES)
    about = write(tmp_path, "descr.csv", ABOUT)
    record = load_record("voeten", files=[about, votes])
    calls = record.roll_calls.set_index("roll_call")
    assert calls.loc["voeten-4801", "symbol"] == "A/RES/61/11"
    days = calls["date"].dt.strftime("%Y-%m-%d").dropna()
    assert days.to_dict() == {"voeten-4801": "2006-12-06", "voeten-4802": "2006-12-07"}
    assert calls["issues"].tolist()[:2] == ["hr", "me"]
    assert log_of(record, "no_description") == 1


def test_the_two_course_files_of_r_are_joined(tmp_path: Path) -> None:
    votes = {"rcid": r.reals([4801] * 3), "session": r.reals([61] * 3), "vote": r.reals([1, 2, 3])}
    votes["ccode"] = r.integers([2, 200, 220])
    about = {"rcid": r.reals([4801]), "date": r.reals([13_488], r.r_class("Date"))}
    about |= {"unres": r.strings(["R/61/11"]), "session": r.reals([61])}
    files = [
        r.save_rds(tmp_path / "votes.rds", r.frame(votes, 3)),
        r.save_rds(tmp_path / "descriptions.rds", r.frame(about, 1), text=True),
    ]
    record = load_record("voeten", files=files)
    assert votes_of(record) == {"USA": "yes", "GBR": "abstain", "FRA": "no"}
    # 13,488 days after 1 January 1970
    assert record.roll_calls["date"].dt.strftime("%Y-%m-%d").tolist() == ["2006-12-06"]


def test_what_does_not_fit_together_is_said(tmp_path: Path) -> None:
    votes = write(tmp_path, "votes.csv", NO_DATES)
    about = write(tmp_path, "descr.csv", ABOUT)
    with pytest.raises(FormatError, match="2 of these have votes"):
        load_record("voeten", files=[votes, votes])
    with pytest.raises(FormatError, match="expected the columns rcid, ccode and vote"):
        load_record("voeten", files=[about])
    twice = write(tmp_path, "twice.csv", ABOUT + ABOUT.splitlines()[1] + "\n")
    with pytest.raises(DataError, match="row 3, column rcid: roll call 4801 is there twice"):
        load_record("voeten", files=[votes, twice])


def test_a_file_of_r_given_to_another_source_is_named(tmp_path: Path) -> None:
    path = r.save_rds(tmp_path / "votes.rds", r.frame({"rcid": r.reals([1])}, 1))
    with pytest.raises(FormatError, match=r"is a file of R .*, as the sources voeten and unvotes"):
        load_record("undl-ga", files=[path])


# ----------------------------------------------------------------- the tidy layout


def test_a_long_table_is_read_by_its_names(tmp_path: Path) -> None:
    record = load_record("tidy", files=[write(tmp_path, "votes.csv", TIDY)])
    assert votes_of(record) == {"USA": "no", "FRA": "yes"}
    assert record.roll_calls[["symbol", "session", "body"]].to_numpy().tolist() == [
        ["A/RES/79/900", "79", "GA"]
    ]


def test_columns_and_marks_may_be_declared(tmp_path: Path) -> None:
    votes = (("Russia", 1), ("UK", -1), ("DPRK", 9))
    rows = "\n".join(f"{who}\t7\t1999-11-02\t{n}" for who, n in votes)
    text = f"who\twhat\twhen\tn\n{rows}\n"
    path = write(tmp_path, "mine.tsv", text)
    columns = {"member": "who", "vote": "n", "date": "when", "roll_call": "what"}
    record = load_record(
        "tidy", files=[path], columns=columns, votes={"1": "yes", "-1": "no", "9": "absent"}
    )
    assert votes_of(record) == {"RUS": "yes", "GBR": "no", "PRK": "absent"}
    with pytest.raises(ParameterError, match="has no such column"):
        load_record("tidy", files=[path], columns=columns | {"member": "whom"})
    with pytest.raises(ParameterError, match="columns: 'members' must be one of roll_call, date"):
        load_record("tidy", files=[path], columns={"members": "who"})
    with pytest.raises(ParameterError, match="votes: 1: 'aye' must be one of yes, abstain"):
        load_record("tidy", files=[path], columns=columns, votes={"1": "aye"})


def test_numbers_for_votes_need_a_code(tmp_path: Path) -> None:
    path = write(tmp_path, "votes.csv", "roll_call,date,member,vote\n1,2020-01-02,USA,1\n")
    with pytest.raises(DataError, match=r"column vote has numbers for votes \(1\).*--votes 1=yes"):
        load_record("tidy", files=[path])
    assert votes_of(load_record("tidy", files=[path], votes={"1": "no"})) == {"USA": "no"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("roll_call,date,vote\n1,2020-01-02,Y\n", "lacks the column member of the tidy layout"),
        ("roll_call,date,member,vote\n1,today,USA,Y\n", "line 2, column date: 'today' is no date"),
        ("roll_call,date,member,vote\n1,2020-01-02,Atlantis,Y\n", "line 2, column member: 'Atlan"),
        ("roll_call,date,member,vote\n1,2020-01-02,USA,aye\n", "line 2, column vote: 'aye' is no"),
        ("roll_call,date,member,vote,kind\n1,2020-01-02,USA,Y,talk\n", "line 2, column kind: 'ta"),
        ("roll_call,date,member,vote,yes\n1,2020-01-02,USA,Y,many\n", "line 2, column yes: 'many"),
    ],
)
def test_faults_name_line_and_column(tmp_path: Path, text: str, sentence: str) -> None:
    path = write(tmp_path, "votes.csv", text)
    with pytest.raises((DataError, FormatError)) as error:
        load_record("tidy", files=[path])
    assert sentence in str(error.value)


# ----------------------------------------------------------------- the Library's layout


def test_numbers_in_the_library_s_layout_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "ga.csv", NUMERIC)
    with pytest.raises(DataError, match="column ms_vote: '2' is a number, and the Library writes"):
        load_record("undl-ga", files=[path])
    record = load_record("undl-ga", files=[path], votes=CODE)
    assert votes_of(record) == {"USA": "abstain", "FRA": "yes", "IND": "no"}


def test_numbers_that_the_totals_bear_out_are_read(tmp_path: Path) -> None:
    lines = NUMERIC.splitlines()
    head = f"{lines[0]},total_yes,total_abstentions,total_no"
    text = "\n".join([head, *(f"{line},1,1,1" for line in lines[1:])]) + "\n"
    record = load_record("undl-ga", files=[write(tmp_path, "ga.csv", text)])
    assert votes_of(record) == {"USA": "abstain", "FRA": "yes", "IND": "no"}
    wrong = text.replace(",1,1,1", ",2,1,0")
    with pytest.raises(DataError, match="is a number, and the Library writes"):
        load_record("undl-ga", files=[write(tmp_path, "wrong.csv", wrong)])


def test_a_column_that_lacks_is_named(tmp_path: Path) -> None:
    text = "\n".join(
        ",".join(c for i, c in enumerate(line.split(",")) if i != 2)
        for line in NUMERIC.splitlines()
    )
    with pytest.raises(FormatError) as error:
        load_record("undl-ga", files=[write(tmp_path, "ga.csv", text)])
    assert str(error.value).endswith("line 1 lacks the column ms_name of the Library's voting data")


def test_a_table_that_a_spreadsheet_cut_is_said(tmp_path: Path) -> None:
    lines = ["roll_call,date,member,vote"]
    lines += [f"{i},2020-01-02,USA,Y" for i in range(SPREADSHEET_ROWS)]
    record = load_record("tidy", files=[write(tmp_path, "votes.csv", "\n".join(lines) + "\n")])
    assert log_of(record, "cut_by_a_spreadsheet") == 1_048_575


# ----------------------------------------------------------------- what is no table of votes


@pytest.mark.parametrize(
    ("columns", "first", "what"),
    [
        (["country", "A/RES/77/1", "A/RES/77/2", "A/RES/77/3"], [], "one column per roll call"),
        (["member", "R/61/11", "R/61/12", "R/61/13"], [], "one column per roll call"),
        (["country", "identical", "opposite", "abstentions"], [], "voting coincidence"),
        (["Country", "Voting Coincidence", "Votes"], [], "voting coincidence"),
        (["date", "draft", "meeting", "vetoed_by"], [], "a list of vetoes"),
        (["Date", "Draft", "Permanent member casting veto"], [], "a list of vetoes"),
    ],
)
def test_other_tables_are_named(columns: list[str], first: list[str], what: str) -> None:
    assert what in (name_look_alike(columns, first) or "")


def test_a_matrix_of_dyads_is_told_from_a_wide_table_of_votes(tmp_path: Path) -> None:
    codes = "AFG ALB DZA AND AGO ARG ARM AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BTN BOL BIH"
    header = ["", *codes.split()]
    assert name_look_alike(header, codes.split()) == (
        "a matrix of dyads, one row and one column per country"
    )
    assert "one column per country" in str(name_look_alike(header, ["4801", "4802"]))
    rows = [",".join([code, *["1"] * 21]) for code in codes.split()]
    path = write(tmp_path, "matrix.csv", "\n".join([",".join(["member", *header[1:]]), *rows]))
    for source in ("undl-ga", "voeten", "tidy"):
        with pytest.raises(FormatError, match="seems to be a matrix of dyads"):
            load_record(source, files=[path])


# ----------------------------------------------------------------- what was cleaned before


def test_a_written_record_is_a_source(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "votes.csv", TIDY)
    made = clean_source("tidy", [path], workspace / "data" / "processed" / "mine")
    for source in ("data/processed/mine", str(workspace / "data" / "processed" / "mine")):
        again = load_record(source)
        pd.testing.assert_frame_equal(again.votes, made.votes)
        assert again.provenance["source"] == "tidy"
    monkeypatch.chdir(workspace)
    assert len(load_record("./data/processed/mine").votes) == 2
    assert len(read_record(workspace / "data" / "processed" / "mine").votes) == 2
    with pytest.raises(MissingDataError, match="no clean record is in data/processed/other"):
        load_record("data/processed/other")


def test_columns_are_for_the_tidy_layout_only(tmp_path: Path) -> None:
    path = write(tmp_path, "votes.csv", KAGGLE)
    with pytest.raises(ParameterError, match="for the source tidy, not for voeten"):
        load_record("voeten", files=[path], columns={"vote": "vote"})


# ----------------------------------------------------------------- on the command line


def test_a_table_is_declared_cleaned_and_used(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        (i, who, "yn"[(i + n) % 2]) for i in range(8) for n, who in enumerate(("US", "UK", "Cuba"))
    ]
    text = "what,who,when,how\n" + "".join(
        f"{i},{who},2001-02-0{i + 1},{how}\n" for i, who, how in rows
    )
    path = write(tmp_path, "mine.csv", text)
    out = str(workspace / "data" / "processed" / "mine")
    declared = [
        "--columns",
        "roll_call=what,member=who,date=when,vote=how",
        "--votes",
        "y=yes,n=no",
    ]
    assert main(["clean", "tidy", str(path), "--out", out, *declared]) == 0
    said = capsys.readouterr()
    assert "8 roll calls, 24 votes" in said.out
    assert "The record ends on 8 February 2001" in said.err
    table = tmp_path / "pairs.csv"
    arguments = ["--measure", "voeten-agree", "--replicates", "20", "--out", str(table)]
    assert main(["similarity", "--record", out, *arguments]) == 0
    found = pd.read_csv(table).set_index(["member_a", "member_b"])["value"]
    # the United States and Cuba vote alike, the United Kingdom against both
    assert found.to_dict() == {("CUB", "GBR"): 0.0, ("CUB", "USA"): 1.0, ("GBR", "USA"): 0.0}
    assert main(["clean", "tidy", str(path), "--out", out, "--votes", "y"]) == 1
    assert "--votes: 'y' must be a pair such as a=b" in capsys.readouterr().err


def test_an_absence_of_half_a_point_on_the_command_line(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = [("N", "N"), ("N", "Y"), ("Y", "Y"), ("N", "A"), ("N", "X")]
    text = "roll_call,date,member,vote\n" + "".join(
        f"{i},2023-11-0{i},USA,{a}\n{i},2023-11-0{i},CHL,{b}\n" for i, (a, b) in enumerate(pairs, 1)
    )
    out = str(workspace / "data" / "processed" / "five")
    assert main(["clean", "tidy", str(write(tmp_path, "v.csv", text)), "--out", out]) == 0
    for measure, value in (("state-department-2021", 0.6), ("state-department-2017", 0.625)):
        table = tmp_path / f"{measure}.csv"
        arguments = ["--measure", measure, "--min-shared", "1", "--replicates", "20"]
        assert main(["similarity", "--record", out, *arguments, "--out", str(table)]) == 0
        assert pd.read_csv(table)["value"].tolist() == [pytest.approx(value)]
    assert "no number is published by this rule for 2023" in capsys.readouterr().err


def test_the_library_s_files_are_left_to_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["fetch", "undl-sc", "--folder", str(tmp_path / "raw")]) == 1
    assert (
        "open https://digitallibrary.un.org/record/4055387 in a browser" in capsys.readouterr().err
    )
    assert opened == []  # nobody sits before a screen
    path = write(
        tmp_path / "raw", "2024_11_05_ga_voting.csv", NUMERIC.replace(",2,2024", ",N,2024")
    )
    assert main(["fetch", "undl-ga", "--folder", str(tmp_path / "raw")]) == 1  # an older version
    path.rename(tmp_path / "raw" / "2026_03_01_ga_voting.csv")
    assert main(["fetch", "undl-ga", "--folder", str(tmp_path / "raw")]) == 0
    assert "undl-ga, votes, 3 rows, 2024-11-04 to 2024-11-04" in capsys.readouterr().out
