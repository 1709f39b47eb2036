"""The one door to a record: finding, caching, writing, reading back, and refusing."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers.errors import DataError, FormatError, MissingDataError, ParameterError, StorageError
from helpers.record import load as door
from helpers.record.load import clean_source, load_record, read_record
from helpers.record.tables import DATA_DICTIONARY, Record, validate_record

HEADER = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,meeting,title,agenda_title,total_yes,"
    "total_no,total_abstentions,total_non_voting\n"
)
ROWS = (
    "7,FRA,FRANCE,Y,2025-02-24,ES-11,A/RES/ES-11/7,A/ES-11/PV.11,Ukraine,5 Letter,2,0,0,0\n"
    "7,IND,INDIA,Y,2025-02-24,ES-11,A/RES/ES-11/7,A/ES-11/PV.11,Ukraine,5 Letter,2,0,0,0\n"
)


@pytest.fixture
def library_file(tmp_path) -> Path:
    path = tmp_path / "2025_10_31_ga_voting.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    return tmp_path / "home"


def same(one: Record, two: Record) -> None:
    for name in ("members", "roll_calls", "votes", "log"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    assert one.provenance == two.provenance


def test_the_dossier_is_the_default(home):
    record = load_record()
    assert record.provenance["source"] == "dossier"
    assert record.roll_calls["symbol"].eq("A/RES/ES-11/7").sum() == 1


def test_a_record_is_cleaned_once_and_read_the_next_time(home, library_file, monkeypatch):
    one = load_record("undl-ga", files=[library_file])
    monkeypatch.setitem(door.READERS, "undl-ga", None)  # a second cleaning would fail
    same(one, load_record("undl-ga", files=[library_file]))
    assert one.votes["member"].tolist() == ["FRA", "IND"]
    assert one.provenance["files"][0]["version"] == "2025-10-31"
    assert one.roll_calls["issues_from"].tolist() == ["inferred"]


def test_an_edited_file_is_cleaned_again(home, library_file):
    load_record("undl-ga", files=[library_file])
    text = library_file.read_text(encoding="utf-8").replace("FRANCE,Y", "FRANCE,N")
    library_file.write_text(text, encoding="utf-8")
    assert load_record("undl-ga", files=[library_file]).votes["vote"].tolist() == ["no", "yes"]


def test_a_damaged_cache_is_made_again(home, library_file):
    one = load_record("undl-ga", files=[library_file])
    cached = next((home / "data" / "processed" / "record").glob("*/votes.parquet"))
    good = cached.read_bytes()
    cached.write_bytes(b"PAR1 and no more")
    same(one, load_record("undl-ga", files=[library_file]))
    assert cached.read_bytes() == good


def test_files_are_found_in_a_mirror_and_in_a_folder(home, library_file, tmp_path):
    mirror = tmp_path / "mirror" / "undl"
    mirror.mkdir(parents=True)
    (mirror / "any_name.csv").write_bytes(library_file.read_bytes())
    by_mirror = load_record("undl-ga", mirror=tmp_path / "mirror")
    by_folder = load_record("undl-ga", files=[mirror])
    same(by_mirror, by_folder)


def test_a_missing_source_says_how_to_get_it(home):
    with pytest.raises(MissingDataError, match="unblocs fetch undl-ga"):
        load_record("undl-ga")


def test_an_unknown_source_is_named_with_the_nearest():
    with pytest.raises(ParameterError, match=r"source: 'undl_ga' must be one of .*mean 'undl-ga'"):
        load_record("undl_ga")


def test_one_file_is_needed(home, library_file):
    with pytest.raises(ParameterError, match="one file is needed, got 2"):
        load_record("undl-ga", files=[library_file, library_file])


def test_both_organs_together_are_in_order_of_time(home, library_file, tmp_path):
    mirror = tmp_path / "both" / "undl"
    mirror.mkdir(parents=True)
    (mirror / "ga.csv").write_bytes(library_file.read_bytes())
    council = (
        "undl_id,ms_code,ms_name,ms_vote,date,resolution,meeting,description,agenda,total_yes\n"
        "3,FRA,FRANCE,A,2025-02-24,S/RES/2774(2025),S/PV.9866,Conflict,S/79,10\n"
        "4,USA,UNITED STATES,Y,1946-01-25,S/RES/1(1946),S/PV.2,Staff,S/1,11\n"
    )
    (mirror / "sc.csv").write_text(council, encoding="utf-8")
    record = load_record("undl", mirror=tmp_path / "both")
    assert record.roll_calls["roll_call"].tolist() == ["undl-sc-4", "undl-ga-7", "undl-sc-3"]
    assert record.votes["roll_call"].tolist() == [
        "undl-sc-4",
        "undl-ga-7",
        "undl-ga-7",
        "undl-sc-3",
    ]
    assert record.provenance["source"] == "undl"
    assert [f["name"] for f in record.provenance["files"]] == ["ga.csv", "sc.csv"]
    same(record, load_record("undl", files=[mirror / "sc.csv", mirror / "ga.csv"]))
    same(record, clean_source("undl", [mirror], tmp_path / "out"))
    with pytest.raises(MissingDataError, match=r"none of ga\.csv is a file of undl-sc"):
        load_record("undl", files=[mirror / "ga.csv"])


def test_written_tables_are_read_back_the_same(library_file, tmp_path):
    record = clean_source("undl-ga", [library_file], tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "cleaning_log.parquet",
        "members.parquet",
        "roll_calls.parquet",
        "votes.parquet",
    ]
    same(record, read_record(tmp_path / "out"))
    about = json.loads(pq.read_schema(tmp_path / "out" / "votes.parquet").metadata[b"unblocs"])
    assert about["source"] == "undl-ga"
    assert len(about["files"][0]["sha256"]) == 64


def test_csv_comes_with_a_data_dictionary(library_file, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("kept", encoding="utf-8")
    clean_source("undl-ga", [library_file], out, csv=True)
    assert (out / "mine.txt").read_text(encoding="utf-8") == "kept"
    dictionary = pd.read_csv(out / "data_dictionary.csv", keep_default_na=False)
    for table in ("members", "roll_calls", "votes", "cleaning_log"):
        columns = list(pd.read_csv(out / f"{table}.csv").columns)
        assert columns == dictionary.loc[dictionary["table"].eq(table), "column"].tolist()
    assert (dictionary["meaning"].str.len() > 5).all()
    votes = (out / "votes.csv").read_text(encoding="utf-8")
    assert votes == "roll_call,member,vote\nundl-ga-7,FRA,yes\nundl-ga-7,IND,yes\n"


def test_the_authority_file_beside_the_data_checks_our_members(library_file, tmp_path):
    beside = tmp_path / "member_states_auths.csv"
    beside.write_text(
        "Member State,ISO Code,Start date,End date,Earlier or Later Name\n"
        "FRANCE,FRA,1945-10-24,,\n"
        "INDIA,IND,1947-08-15,,\n",  # ours, and the United Nations': 30 October 1945
        encoding="utf-8",
    )
    record = clean_source("undl-ga", [library_file], tmp_path / "out")
    line = record.log[record.log["rule"].eq("authority_file")].iloc[0]
    assert (line["table"], line["effect"]) == ("members", "flagged")
    assert "IND from: 1945-10-30 or 1947-08-15" in read_all(record, tmp_path, beside)
    assert record.provenance["members_checked_with"][0]["name"] == "member_states_auths.csv"


def read_all(record, tmp_path, beside) -> str:
    from helpers.record.sources.authority import check_members, read_authority

    found = check_members(record.members, read_authority(beside))
    return "; ".join(f"{d.member} {d.what}: {d.ours} or {d.theirs}" for d in found.itertuples())


def test_nothing_is_written_when_a_file_is_refused(library_file, tmp_path):
    library_file.write_text(HEADER + ROWS.replace("INDIA,Y", "INDIA,Q"), encoding="utf-8")
    with pytest.raises(DataError, match="line 3, column ms_vote: 'Q' is no vote"):
        clean_source("undl-ga", [library_file], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(library_file, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot write"):
        clean_source("undl-ga", [library_file], tmp_path / "taken")


def test_reading_refuses_what_is_no_record(library_file, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(MissingDataError, match="there is no such file"):
        read_record(out)
    clean_source("undl-ga", [library_file], out)
    good = (out / "votes.parquet").read_bytes()
    pd.DataFrame({"a": [1]}).to_parquet(out / "votes.parquet")
    with pytest.raises(FormatError, match="lacks the columns roll_call, member, vote"):
        read_record(out)
    (out / "votes.parquet").write_bytes(b"no parquet")
    with pytest.raises(FormatError, match="is no Parquet table"):
        read_record(out)
    (out / "votes.parquet").write_bytes(good)
    calls = pd.read_parquet(out / "roll_calls.parquet")
    calls.assign(body="XX").to_parquet(out / "roll_calls.parquet")
    with pytest.raises(DataError, match="roll_calls, column body: 'XX' "):
        read_record(out)


def broken(record: Record, **tables: pd.DataFrame) -> Record:
    kept = {n: getattr(record, n) for n in ("members", "roll_calls", "votes", "log", "provenance")}
    return Record(**(kept | tables))


def test_validation_finds_faults_within_and_between_tables():
    record = load_record("dossier")
    twice = pd.concat([record.votes, record.votes.iloc[[0]]], ignore_index=True)
    with pytest.raises(DataError, match="votes twice in a roll call"):
        validate_record(broken(record, votes=twice))
    strangers = record.votes.assign(
        member=record.votes["member"].cat.rename_categories({"USA": "XYZ"})
    )
    with pytest.raises(DataError, match="votes, column member: 'XYZ' is in no other table"):
        validate_record(broken(record, votes=strangers))
    text = record.votes.astype("str")
    with pytest.raises(DataError, match="votes, column roll_call"):
        validate_record(broken(record, votes=text))
    doubled = pd.concat([record.roll_calls, record.roll_calls.iloc[[0]]], ignore_index=True)
    with pytest.raises(DataError, match="roll_calls, column roll_call"):
        validate_record(broken(record, roll_calls=doubled))
    missing = record.roll_calls.drop(columns="kind")
    with pytest.raises(DataError, match="kind"):
        validate_record(broken(record, roll_calls=missing))


def test_the_dictionary_has_what_the_tables_promise():
    """The columns that the project promised its users, in the words of the promise."""
    promised = {
        "members": "member iso3 cow m49 region subregion regional_group regional_group_from name "
        "from to predecessor succession",
        "roll_calls": "roll_call body session date date_precision symbol_raw symbol title kind "
        "outcome issues issues_from yes no abstain absent identical_group",
        "votes": "roll_call member vote",
        "cleaning_log": "rule rows what examples",
    }
    for table, columns in promised.items():
        assert set(columns.split()) <= set(DATA_DICTIONARY[table]), table


@pytest.mark.mirror
def test_unvotes_numbers(mirror, home):
    record = load_record("unvotes", mirror=mirror)
    # 870,109 rows in the package; two of Fiji in September 1970, before its admission
    assert len(record.votes) == 870_107
    dropped = record.log[record.log["effect"].eq("dropped")]
    assert dropped[["rule", "rows"]].to_numpy().tolist() == [["before_admission", 2]]
    counts = record.votes["member"].value_counts()
    # Federal Republic 2,151 and Germany after 1990 under one id; Namibia's code is the text NA
    assert counts["NAM"] == 2_455
    assert counts["DEU"] > 2_151
    assert counts["YEM"] > 3_291
    assert counts["EAZ"] == 2
