"""Voeten's files in the layouts of their releases, written small by hand; and what looks like them.

Layouts: the codebooks and scripts that read the releases of 2016, 2020, 2021 and 2023 (public), and
the data set's page (doi:10.7910/DVN/LEJUQZ).
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer as r

from helpers.errors import DataError, FormatError, UnsafeFileError
from helpers.record.members import cow_to_members, load_members
from helpers.record.sources.lookalikes import name_look_alike
from helpers.record.sources.voeten import read_voeten
from helpers.record.tables import RAW_ROLL_CALLS, RAW_ROWS, RawRecord

COUNTRIES = {2: "United States of America", 345: "Yugoslavia", 365: "Russia", 710: "China"}
COUNTRIES |= {713: "Taiwan"}
VOTES = {  # by roll call, in the order of COUNTRIES; 9 is no member
    77: [3, 1, 1, 9, 3],
    2500: [1, 2, 8, 1, 9],
    5600: [1, 1, 3, 3, 9],
}
CALLS = {
    77: ("1", "4/8/1946", "R/1/66", 1, 0, 'AMENDMENT "A"', "TO ADOPT\tA 'CUBAN' AMENDMENT"),
    2500: ("38", "12/15/1983", "R/38/183M", 0, 0, "DISARMAMENT", "Report, of the Committee"),
    5600: ("72", "", "A/RES/72/190", None, None, "Human rights in Crimea", ""),
}
ISSUES = {77: "", 2500: "di nu", 5600: "hr"}


def _long(*, iso: bool = False) -> pd.DataFrame:
    """One row per country and roll call, in the longest layout (2020 and later)."""
    rows = []
    for rcid, votes in VOTES.items():
        session, date, unres, amend, para, short, descr = CALLS[rcid]
        if iso and date:
            month, day, year = date.split("/")
            date = f"{year}-{int(month):02}-{int(day):02}"
        for (ccode, name), vote in zip(COUNTRIES.items(), votes, strict=True):
            row = {"rcid": rcid, "ccode": ccode, "member": int(vote != 9), "vote": vote}
            row |= {"Country": name[:3].upper(), "Countryname": name, "year": 1946}
            row |= {"session": int(session), "abstain": votes.count(2), "yes": votes.count(1)}
            row |= {"no": votes.count(3), "importantvote": 0, "date": date, "unres": unres}
            row |= {"amend": amend, "para": para, "short": short, "descr": descr}
            row |= {
                code: int(code in ISSUES[rcid].split())
                for code in ["me", "nu", "di", "hr", "co", "ec"]
            }
            rows.append(row | {"resid": int(session) * 1000 + rcid % 1000})
    return pd.DataFrame(rows)


OF_2016 = [
    "rcid",
    "session",
    "vote",
    "ccode",
    "member",
    "importantvote",
    "date",
    "unres",
    "me",
    "nu",
    "di",
    "hr",
    "co",
    "ec",
    "year",
]


def _write(path: Path, layout: str) -> Path:
    table = _long(iso=layout in ("2021 csv", "2016 tab"))
    if layout == "2016 RData":
        short = table[["rcid", "session", "vote", "ccode", "member"]].astype(float)
        return r.save_frame(path, "x", short)
    if layout == "2020 RData":
        table = table.astype({"amend": float, "para": float})
        table["date"] = pd.to_datetime(table["date"], format="%m/%d/%Y")
        return r.save_frame(path, "completeVotes", table)
    if layout == "2019 dta":
        table["date"] = pd.to_datetime(table["date"], format="%m/%d/%Y")
        table = table.rename(columns={"short": "_short"})  # a reserved word of Stata
        table.to_stata(path, write_index=False, version=118)
    elif layout == "2016 tab":
        table[OF_2016].to_csv(path, sep="\t", index=False, quoting=2)
    elif layout == "2021 csv":
        table.to_csv(path, index=True)  # write.csv's row names: an unnamed column first
    elif layout == "2023 csv.gz":
        path.write_bytes(gzip.compress(table.drop(columns="year").to_csv(index=False).encode()))
    elif layout == "2018 backslash":
        table.to_csv(path, index=False, doublequote=False, escapechar="\\", quoting=2, sep="\t")
    return path


LAYOUTS = ("2020 RData", "2019 dta", "2021 csv", "2023 csv.gz", "2018 backslash")


def _equal_rows(record: RawRecord) -> None:
    rows = record.rows
    assert record.source == "voeten" and set(rows) <= set(RAW_ROWS)
    assert set(record.roll_calls) <= set(RAW_ROLL_CALLS)
    assert rows["key"].tolist() == [rcid for rcid in VOTES for _ in COUNTRIES]
    assert rows["cow"].tolist() == list(COUNTRIES) * 3
    assert rows["vote"].tolist() == [str(vote) for votes in VOTES.values() for vote in votes]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_release_gives_the_same(tmp_path: Path, layout: str) -> None:
    record = read_voeten(_write(tmp_path / "UNVotes", layout))
    _equal_rows(record)
    calls = record.roll_calls.set_index("key")
    assert calls["date"].dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        "1946-04-08",
        "1983-12-15",
        "",
    ]
    assert calls["session"].tolist() == ["1", "38", "72"]
    assert calls["symbol"].tolist() == ["R/1/66", "R/38/183M", "A/RES/72/190"]
    assert calls["kind"].fillna("").tolist() == ["amendment", "", "unknown"]
    assert calls["issues"].tolist() == ["", "nu di", "hr"]
    assert calls["yes"].tolist() == [2, 2, 2] and calls["no"].tolist() == [2, 0, 2]
    assert calls["title"].tolist()[1:] == ["Report, of the Committee", "Human rights in Crimea"]
    assert calls.loc[77, "title"] == "TO ADOPT\tA 'CUBAN' AMENDMENT"
    assert calls.loc[77, "agenda"] == 'AMENDMENT "A"'


def test_the_layout_of_2016_has_less(tmp_path: Path) -> None:
    record = read_voeten(_write(tmp_path / "a.tab", "2016 tab"))
    _equal_rows(record)
    calls = record.roll_calls
    assert calls["issues"].tolist() == ["", "nu di", "hr"]
    assert calls["kind"].eq("unknown").all() and calls["yes"].isna().all()
    bare = read_voeten(_write(tmp_path / "x.RData", "2016 RData"))
    _equal_rows(bare)
    assert bare.roll_calls["date"].isna().all() and bare.roll_calls["issues"].isna().all()


def test_numbers_that_change_hands_mean_the_state_of_the_day(tmp_path: Path) -> None:
    record = read_voeten(_write(tmp_path / "a.csv", "2021 csv"))
    dates = record.rows["key"].map(record.roll_calls.set_index("key")["date"])
    members = cow_to_members(record.rows["cow"], dates).to_numpy().reshape(3, 5)
    assert members[0, 1] == members[1, 1] == "YUG"
    assert members[0, 2] == members[1, 2] == members[2, 2] == "RUS"
    # 1946: the seat is that of the Republic of China (713); 1983: of the People's Republic (710)
    assert members[0, 4] == "CHN" and members[1, 3] == "CHN"
    assert pd.isna(members[0, 3]) and pd.isna(members[1, 4])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_clean_record_has_the_members_of_the_day(tmp_path: Path, layout: str) -> None:
    """Rows of vote 9 are no votes: 15 rows less 3 marks of no member are 12 votes."""
    from helpers.record.cleaning import clean

    record = clean(read_voeten(_write(tmp_path / "UNVotes", layout)))
    votes = record.votes.astype("str").pivot(index="member", columns="roll_call", values="vote")
    assert len(record.votes) == 12
    first = votes["voeten-77"].dropna().to_dict()
    assert first == {"USA": "no", "YUG": "yes", "RUS": "yes", "CHN": "no"}
    second = votes["voeten-2500"].dropna().to_dict()
    assert second == {"USA": "yes", "YUG": "abstain", "RUS": "absent", "CHN": "yes"}
    calls = record.roll_calls.set_index("roll_call")
    # the vote without a date is placed by its session: 72 opened in 2017, when 345 is Serbia
    third = votes["voeten-5600"].dropna().to_dict()
    assert third == {"USA": "yes", "SRB": "yes", "RUS": "no", "CHN": "no"}
    assert calls.loc["voeten-5600", "date_precision"] == "none"
    assert calls.loc["voeten-77", "date_precision"] == "month"
    assert calls.loc["voeten-2500", "symbol"] == "A/RES/38/183M"


def test_junk_in_flags_and_dates_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "2021 csv")
    table = pd.read_csv(path, index_col=0, dtype=str)
    table.loc[table["rcid"].eq("2500"), ["nu", "me"]] = ['1\\"', '0\\"']
    table.loc[table["rcid"].eq("77"), "co"] = "TO ADOPT"
    table.loc[table["rcid"].eq("5600"), "date"] = "Dec 2017"
    table.sample(frac=1, random_state=3).to_csv(path)
    record = read_voeten(path)
    calls = record.roll_calls.set_index("key")
    assert calls["issues"].tolist() == ["", "nu di", "hr"]
    assert pd.isna(calls.loc[5600, "date"])
    log = {entry["rule"]: entry for entry in record.log}
    assert log["junk_in_flags"]["rows"] == 3
    assert set(log["junk_in_flags"]["examples"]) == {'1\\"', '0\\"', "TO ADOPT"}
    assert log["unreadable_date"]["examples"] == ["Dec 2017"]


def test_rows_that_disagree_are_settled_by_count_whatever_their_order(tmp_path: Path) -> None:
    table = _long(iso=True)
    table.loc[7, "unres"] = "R/99/1"
    shuffled = table.sample(frac=1, random_state=1)
    for given in (table, shuffled):
        given.to_csv(tmp_path / "a.csv", index=False)
        record = read_voeten(tmp_path / "a.csv")
        assert record.roll_calls["symbol"].tolist()[1] == "R/38/183M"
        assert record.log[0]["rule"] == "one_value_per_roll_call"
        assert record.log[0]["examples"] == ["2500"]


@pytest.mark.parametrize("column", ["rcid", "ccode", "vote"])
def test_a_few_incomplete_rows_are_left_out_and_many_are_refused(
    tmp_path: Path, column: str
) -> None:
    many = pd.concat([_long(iso=True)] * 20, ignore_index=True).astype({column: "object"})
    many["rcid"] = [f"{rcid}" for rcid in np.repeat(np.arange(60), 5)]
    many.loc[[7, 8], column] = pd.NA
    path = tmp_path / "a.csv"
    many.to_csv(path, index=False, na_rep="NA")
    record = read_voeten(path)
    assert len(record.rows) == 298  # 300 less the two
    assert record.log[0]["rule"] == "incomplete_rows"
    assert record.log[0]["examples"] == ["row 8", "row 9"]
    many.loc[range(10), column] = pd.NA
    many.to_csv(path, index=False, na_rep="NA")
    with pytest.raises(DataError, match=r"row 1 lacks one of .*; rows like this: 10"):
        read_voeten(path)


def test_sessions_may_be_missing(tmp_path: Path) -> None:
    table = _long(iso=True).drop(columns=["session", "unres"])
    table.to_csv(tmp_path / "a.csv", index=False)
    assert read_voeten(tmp_path / "a.csv").roll_calls["session"].isna().all()


def test_faults_are_one_sentence(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "2021 csv")
    text = path.read_text()
    path.write_text(text.replace("\n6,2500,345,", "\n6,2500,YUG,"))
    with pytest.raises(DataError) as caught:
        read_voeten(path)
    assert "column ccode: 'YUG' is no whole number; rows like this: 1" in str(caught.value)
    path.write_text(text.splitlines()[0] + "\n")
    with pytest.raises(FormatError, match="holds a header and no rows"):
        read_voeten(path)
    bad = r.save(tmp_path / "a.RData", {"f": r.integer(3) + r.NIL})
    with pytest.raises(UnsafeFileError, match="holds a function"):
        read_voeten(bad)
    stata = _write(tmp_path / "a.dta", "2019 dta")
    stata.write_bytes(stata.read_bytes()[:900])
    with pytest.raises(FormatError, match="Stata file is damaged"):
        read_voeten(stata)


LOOK_ALIKES = {
    "ccode1 ccode2 agree year": "a table of agreement scores, one row a pair of countries and year",
    "session.x ccode1 ccode2 agree year IdealPointAll.x IdealPointAll.y": "agreement scores",
    "statea stateb year agree2un agree3un s2un s3un": "agreement scores",
    "iso3.a iso3.b year absidealdiff": "agreement scores",
    "ccode session Nvotes IdealPointAll Q5 Q10 Q50 iso3c Countryname": "ideal-point estimates",
    "Year CountryAbb CountryName idealpoint PctAgreeUS PctAgreeRUSSIA": "ideal-point estimates",
    "ccode year PctAgreeUS PctAgreeRUSSIA": "one row a country and year",
    "country year yes no abstain": "one row a country and year",
    "rcid date " + " ".join(f"X{code}" for code in range(2, 60)): "one column per country",
}


@pytest.mark.parametrize("columns", LOOK_ALIKES)
def test_look_alikes_are_named(tmp_path: Path, columns: str) -> None:
    seems = name_look_alike(columns.split())
    assert seems is not None and LOOK_ALIKES[columns] in seems
    path = tmp_path / "a.csv"
    path.write_text(",".join(columns.split()) + "\n" + ",".join("1" for _ in columns.split()))
    with pytest.raises(FormatError) as caught:
        read_voeten(path)
    assert f"{path}: seems to be {seems}, not single votes (columns " in str(caught.value)
    assert str(caught.value).endswith("; expected the columns rcid, ccode and vote")


def test_wide_files_are_known_by_country_codes_and_real_ones_are_not_accused() -> None:
    codes = "USA CAN CUB HTI DOM MEX GTM HND SLV NIC CRI PAN COL VEN ECU PER BRA BOL PRY CHL ARG"
    assert name_look_alike(["resolution", "date", *codes.split()]) is not None
    assert name_look_alike(["resolution", *codes.lower().split()]) is not None
    names = load_members()["name"].head(40)
    assert name_look_alike(["rcid", *names]) is not None
    assert name_look_alike([f"{a}{b}" for a in "ABCDE" for b in "ABCDE"]) is not None
    for columns in (OF_2016, _long().columns, ["rcid", "short_name", "issue"]):
        assert name_look_alike(columns) is None
    undl = "ms_code ms_name ms_vote date session resolution total_yes total_no undl_link"
    assert name_look_alike(undl.split()) is None
