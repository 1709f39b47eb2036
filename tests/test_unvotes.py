"""The R package unvotes, as R files and as the same tables in CSV."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer as r

from helpers.errors import DataError, FormatError, MissingDataError, UnsafeFileError
from helpers.record.sources.rda import read_rda
from helpers.record.sources.unvotes import read_unvotes
from helpers.record.tables import RAW_ROLL_CALLS, RAW_ROWS, RawRecord

VOTES = pd.DataFrame(
    {
        "rcid": [3.0, 3.0, 3.0, 9.0, 9.0],
        "country": ["United States", "Namibia", "Yemen Arab Republic", "Cuba", "Namibia"],
        "country_code": ["US", "NA", None, "CU", "NA"],
        "vote": ["yes", "no", "abstain", "yes", "yes"],
    }
)
ROLL_CALLS = pd.DataFrame(
    {
        "rcid": pd.Series([3, 9, 11, 12], dtype="int32"),
        "session": [1.0, 71.0, 22.0, 72.0],
        "importantvote": pd.Series([0, 1, 0, 0], dtype="int32"),
        "date": pd.to_datetime(["1946-01-01", "2016-12-05", "1967-07-02", "2017-12-21"]),
        "unres": ["R/1/66", "A/RES/71/67", "ESS/5/70", "A/RES/ES-10/19"],
        "amend": pd.Series([1, r.NA_INTEGER, 0, 0], dtype="int32"),
        "para": pd.Series([0, r.NA_INTEGER, 1, 0], dtype="int32"),
        "short": ["RULES", "Nuclear disarmament verification", None, "Jerusalem"],
        "descr": [
            'TO ADOPT \\A "RULE"\\\\"\t0\t0\t0, WITH TABS',
            "A/71/251 98 - General and complete disarmament.",
            "TO CONDEMN",
            "Jerusalem",
        ],
    }
)
ISSUES = pd.DataFrame(
    {
        "rcid": pd.Series([9, 9], dtype="int32"),
        "short_name": ["di", "nu"],
        "issue": ["Arms control and disarmament", "Nuclear weapons and nuclear material"],
    }
)
TABLES = {"un_votes": VOTES, "un_roll_calls": ROLL_CALLS, "un_roll_call_issues": ISSUES}


def _save_rda(folder: Path) -> list[Path]:
    return [r.save_frame(folder / f"{n}.rda", n, table) for n, table in TABLES.items()]


def _save_csv(folder: Path, tables: dict[str, pd.DataFrame]) -> list[Path]:
    """Write the tables as R's write_csv does: NA for nothing, quotes doubled."""
    names = {"un_votes": "unvotes", "un_roll_calls": "roll_calls", "un_roll_call_issues": "issues"}
    paths = []
    for name, table in tables.items():
        path = folder / f"{names[name]}.csv"
        table = table.replace(r.NA_INTEGER, pd.NA)
        table.to_csv(path, index=False, na_rep="NA", quoting=csv.QUOTE_MINIMAL)
        paths.append(path)
    return paths


def _equal(a: RawRecord, b: RawRecord) -> None:
    for x, y in ((a.rows, b.rows), (a.roll_calls, b.roll_calls)):
        assert list(x.columns) == list(y.columns)
        for column in x.columns:
            left, right = (t[column].astype(object).where(t[column].notna(), None) for t in (x, y))
            assert left.tolist() == right.tolist(), column


@pytest.fixture(params=["rda", "csv"])
def record(request: pytest.FixtureRequest, tmp_path: Path) -> RawRecord:
    paths = _save_rda(tmp_path) if request.param == "rda" else _save_csv(tmp_path, TABLES)
    return read_unvotes(paths)


def test_the_raw_layout_has_each_value_where_it_belongs(record: RawRecord) -> None:
    assert record.source == "unvotes"
    assert set(record.rows) <= set(RAW_ROWS) and set(record.roll_calls) <= set(RAW_ROLL_CALLS)
    assert record.rows["key"].tolist() == [3, 3, 3, 9, 9]
    assert record.rows["name"].tolist() == VOTES["country"].tolist()
    assert record.rows["vote"].tolist() == VOTES["vote"].tolist()
    calls = record.roll_calls.set_index("key")
    assert calls["body"].eq("GA").all()
    assert calls["session"].tolist() == ["1", "71", "ES-5", "ES-10"]
    assert calls["session_number"].tolist() == [1, 71, 22, 72]  # as in the file
    assert calls["date"].tolist() == ROLL_CALLS["date"].tolist()
    assert calls["symbol"].tolist() == ROLL_CALLS["unres"].tolist()
    assert calls["kind"].fillna("").tolist() == ["amendment", "unknown", "paragraph", ""]
    assert calls["issues"].tolist() == ["", "nu di", "", ""]


def test_title_and_agenda_are_told_apart(record: RawRecord) -> None:
    calls = record.roll_calls.set_index("key")
    assert calls.loc[3, "title"] == 'TO ADOPT \\A "RULE"\\\\"\t0\t0\t0, WITH TABS'
    assert calls.loc[3, "agenda"] == "RULES"
    assert calls.loc[9, "title"] == "Nuclear disarmament verification"
    assert calls.loc[9, "agenda"] == "A/71/251 98 - General and complete disarmament."
    assert calls.loc[11, "title"] == "TO CONDEMN" and pd.isna(calls.loc[11, "agenda"])
    assert calls.loc[12, "title"] == "Jerusalem" and pd.isna(calls.loc[12, "agenda"])


def test_one_file_may_hold_all_three_and_order_is_free(tmp_path: Path) -> None:
    objects = {
        n: r.frame({str(c): r.column(t[c]) for c in t.columns}, len(t)) for n, t in TABLES.items()
    }
    one = read_unvotes(r.save(tmp_path / "all.RData", objects, version=3))
    _equal(one, read_unvotes(_save_rda(tmp_path)))
    _equal(one, read_unvotes(_save_rda(tmp_path)[::-1]))


def test_without_the_issues_the_subjects_are_left_out(tmp_path: Path) -> None:
    paths = _save_csv(tmp_path, {n: TABLES[n] for n in ("un_votes", "un_roll_calls")})
    assert "issues" not in read_unvotes(paths).roll_calls


def test_faults_are_one_sentence(tmp_path: Path) -> None:
    votes, calls, issues = _save_csv(tmp_path, TABLES)
    with pytest.raises(MissingDataError, match="the table of roll_calls is not there"):
        read_unvotes([votes, issues])
    with pytest.raises(MissingDataError, match="no file: the table of votes and roll_calls"):
        read_unvotes([])
    agree = tmp_path / "agree.csv"
    agree.write_text("ccode1,ccode2,agree,year\n2,20,0.9,1946\n")
    with pytest.raises(FormatError) as caught:
        read_unvotes([votes, calls, agree])
    assert str(caught.value) == (
        f"{agree}: seems to be a table of agreement scores, one row a pair of countries and year, "
        "not single votes (columns ccode1, ccode2, agree, year); expected the votes, roll calls "
        "and issues of the R package unvotes"
    )
    text = calls.read_text()
    calls.write_text(text.replace("2016-12-05", "5.12.2016"))
    with pytest.raises(DataError, match=r"row 2, column date: '5.12.2016' is no date"):
        read_unvotes([votes, calls])
    calls.write_text(text.replace("\n9,71", "\n3,71"))
    with pytest.raises(DataError, match="column rcid: roll call 3 is there twice"):
        read_unvotes([votes, calls])
    calls.write_text(text.replace("\n9,71", "\n90,71"))
    with pytest.raises(
        DataError, match=r"row 4, column rcid: 9 is no roll call .* rows like this: 2"
    ):
        read_unvotes([votes, calls])
    calls.write_text(text)
    issues.write_text("rcid,short_name,issue\n9,xx,Trade\n")
    with pytest.raises(DataError, match="row 1, column short_name: 'xx' is no issue"):
        read_unvotes([votes, calls, issues])
    votes.write_text(votes.read_text().replace("\n9.0,", "\nnine,"))
    with pytest.raises(DataError, match="line 5, column rcid: 'nine' is no whole number"):
        read_unvotes([votes, calls])


def test_a_promise_in_place_of_the_votes_is_refused(tmp_path: Path) -> None:
    path = r.save(tmp_path / "un_votes.rda", {"un_votes": r.integer(5) + r.NIL})
    with pytest.raises(UnsafeFileError, match="holds a promise"):
        read_unvotes(path)


@pytest.fixture(scope="module")
def package(mirror: Path) -> RawRecord:
    return read_unvotes(sorted((mirror / "unvotes").glob("*.rda")))


@pytest.mark.mirror
def test_the_package_is_read_whole(package: RawRecord) -> None:
    # row numbers: the notes beside the data and the package's own documentation
    assert len(package.rows) == 870_109 and len(package.roll_calls) == 6_203
    names = package.rows["name"].value_counts()
    assert names["Yemen Arab Republic"] == 3_291
    assert names["Federal Republic of Germany"] == 2_151
    assert names["Zanzibar"] == 2 and names["Namibia"] == 2_455
    assert package.rows.notna().all().all()
    codes = package.roll_calls["issues"].str.split().explode().dropna()
    assert codes.size == 5_745


@pytest.mark.mirror
def test_the_csv_triple_gives_the_same(mirror: Path, package: RawRecord, tmp_path: Path) -> None:
    tables = {n: read_rda(mirror / "unvotes" / f"{n}.rda")[n] for n in TABLES}
    _equal(read_unvotes(_save_csv(tmp_path, tables)), package)


@pytest.mark.mirror
def test_the_clean_record_keeps_every_vote_of_a_member(package: RawRecord) -> None:
    """870,109 rows in, 870,107 out: two votes of Fiji lie before its admission."""
    from helpers.record.cleaning import clean

    record = clean(package)
    assert len(record.votes) == 870_107
    dropped = record.log[record.log["effect"].eq("dropped")]
    assert dropped["rows"].sum() == 2 and "FJI" in str(dropped["examples"].iloc[0])
    written, kept = package.rows["name"].value_counts(), record.votes["member"].value_counts()
    assert kept["NAM"] == 2_455 and kept["EAZ"] == 2
    assert kept["DEU"] == 2_151 + written["Germany"]
    assert kept["YEM"] == 3_291 + written["Yemen"]
    special = record.roll_calls[record.roll_calls["session"].str.contains("S-")]
    numbers = dict(zip(special["session"], special["session_number"], strict=True))
    assert numbers == {
        "S-1": 2,
        "S-2": 3,
        "ES-1": 11,
        "ES-2": 11,
        "ES-4": 15,
        "S-3": 16,
        "S-4": 18,
        "ES-5": 22,
        "S-5": 23,
        "ES-10": 72,
    }  # the numbers of the package
    early = record.roll_calls["session"].str.fullmatch(r"\d+")
    sessions = record.roll_calls.loc[early, "session"].astype(int)
    precision = record.roll_calls.loc[early, "date_precision"]
    assert precision[sessions <= 57].eq("month").all()
    assert precision[sessions >= 58].eq("day").all()
