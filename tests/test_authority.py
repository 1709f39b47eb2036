"""The Library's authority file of member states, in small files of both its layouts.

Rows are facts of the public record (admissions and changes of name), written in the layouts that
the public description of the data set names.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, FormatError
from helpers.record.members import load_members
from helpers.record.sources.authority import check_members, check_our_members, read_authority

LISTS = """\
,Member State,M49 Code,ISO Code,Start date,End date,Other Names,Earlier or Later Name,\
Earlier (a) or Later (b),Geographic Term,Membership Document Symbol,Scope Note,French
0,Burkina Faso,854,BFA,1984-08-03,,,Upper Volta,a,BURKINA FASO,A/RES/1483(XV),,Burkina Faso
1,Upper Volta,854,HVO,1960-09-20,1984-08-02,,Burkina Faso,b,,,,Haute-Volta
2,Egypt,818,EGY,"1945-10-24, 1971-09-02",1958-02-21,Arab Republic of Egypt,United Arab Republic,\
b,EGYPT,,,Égypte
3,United Arab Republic,818,EGY,1958-02-22,1971-09-01,,Egypt,a,,,,
4,Czechia,203,CZE,1993-01-19,,Czech Republic,Czechoslovakia,a,,A/RES/47/221,,
5,Czechoslovakia,200,CSK,1945-10-24,1992-12-31,,Czechia,b,,,,
"""
PERIODS = """\
undl_id,member_state,name_status,m49,iso,coverage_periods,other_names,earlier_names,later_names,\
geographic_term,founding_member,membership_resolution,scope_note,french,spanish,undl_link
1,Burkina Faso,ms,854,BFA,1984-08-03/,,Upper Volta,,,,,,,,
2,Upper Volta,fs,854,HVO,1960-09-20/1984-08-02,,,Burkina Faso,,,,,,,
3,Egypt,ms,818,EGY,1945-10-24/1958-02-21|1971-09-02/,Arab Republic of Egypt,,\
United Arab Republic,,,,,,,
4,United Arab Republic,fs,818,EGY,1958-02-22/1971-09-01,,Egypt,,,,,,,,
5,Czechia,ms,203,CZE,1993-01-19/,Czech Republic,Czechoslovakia,,,,,,,,
6,Czechoslovakia,fs,200,CSK,1945-10-24/1992-12-31,,,Czechia,,,,,,,
"""
LAYOUTS = {"dates in lists": LISTS, "coverage_periods": PERIODS}


def write(path: Path, text: str) -> Path:
    path.write_bytes(("\ufeff" + text).encode())
    return path


def ours(*members: str) -> pd.DataFrame:
    table = load_members()
    return table[table["member"].isin(members)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_and_their_periods(tmp_path: Path, layout: str) -> None:
    table = read_authority(write(tmp_path / "names.csv", LAYOUTS[layout]))
    assert list(table["name"]) == [
        "Burkina Faso",
        "Upper Volta",
        "Egypt",
        "Egypt",
        "United Arab Republic",
        "Czechia",
        "Czechoslovakia",
    ]
    egypt = table[table["name"].eq("Egypt")]
    assert egypt["from"].dt.strftime("%Y-%m-%d").tolist() == ["1945-10-24", "1971-09-02"]
    assert egypt["to"].iloc[0] == pd.Timestamp("1958-02-21") and pd.isna(egypt["to"].iloc[1])
    assert list(egypt["line"]) == [4, 4]
    assert set(egypt["other_names"]) == {"Arab Republic of Egypt"}
    assert list(table["later"]) == [
        "",
        "Burkina Faso",
        "United Arab Republic",
        "United Arab Republic",
        "",
        "",
        "Czechia",
    ]
    assert list(table["earlier"]) == ["Upper Volta", "", "", "", "Egypt", "Czechoslovakia", ""]
    assert str(table["m49"].dtype) == "Int16" and table["m49"].iloc[0] == 854


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_that_follow_each_other_are_one_membership(tmp_path: Path, layout: str) -> None:
    authority = read_authority(write(tmp_path / "names.csv", LAYOUTS[layout]))
    found = check_members(ours("BFA", "EGY", "CZE", "CSK"), authority)
    assert found.to_dict("records") == []


def test_our_table_is_checked_where_the_file_is_there(tmp_path: Path) -> None:
    assert check_our_members(tmp_path) is None
    write(tmp_path / "names.csv", LISTS)
    found = check_our_members(tmp_path)
    assert found is not None
    assert set(found["what"]) == {"only ours"}  # the file has four states only
    assert len(found) == load_members()["member"].nunique() - 4


def test_each_kind_of_disagreement(tmp_path: Path) -> None:
    text = (
        LISTS.replace("1960-09-20", "1960-09-21")  # the day of admission
        .replace("1992-12-31", "1992-12-30")  # the last day
        .replace("Czechoslovakia,a", "Upper Volta,a")  # a link between strangers
        .replace("EGY,1958", "EST,1958")  # the code of Estonia
    )
    text += "6,Atlantis,,ATL,1999-01-01,,,,,,,,\n7,Andorra,20,AND,1993-07-28,,,,,,,,\n"
    authority = read_authority(write(tmp_path / "names.csv", text))
    found = check_members(ours("BFA", "EGY", "CZE", "CSK", "FRA"), authority)
    assert [tuple(row) for row in found.to_numpy()] == [
        ("", "unknown name", "", "Atlantis (ATL)", 8),
        ("AND", "only theirs", "", "1993-07-28 to today", 9),
        ("BFA", "from", "1960-09-20", "1960-09-21", 2),
        ("CSK", "to", "1992-12-31", "1992-12-30", 7),
        ("CZE", "succession", "", "Upper Volta (BFA)", 6),
        ("EGY", "code", "EGY", "EST for United Arab Republic", 5),
        ("FRA", "only ours", "1945-10-24 to today", "", pd.NA),
    ]


def test_a_gap_is_another_number_of_periods(tmp_path: Path) -> None:
    text = LISTS.replace("1958-02-22,1971-09-01", "1958-02-22,1970-09-01")
    found = check_members(ours("EGY"), read_authority(write(tmp_path / "names.csv", text)))
    row = found[found["what"].eq("periods")].iloc[0]
    assert row["ours"] == "1945-10-24 to today"
    assert row["theirs"] == "1945-10-24 to 1970-09-01; 1971-09-02 to today"


def test_dates_as_a_spreadsheet_leaves_them_and_coarse_ones(tmp_path: Path) -> None:
    text = LISTS.replace("1984-08-03", "8/3/1984").replace("1993-01-19", "1993-01")
    table = read_authority(write(tmp_path / "names.csv", text)).set_index("name")
    assert table.loc["Burkina Faso", "from"] == pd.Timestamp("1984-08-03")
    assert table.loc["Czechia", "from"] == pd.Timestamp("1993-01-01")


def test_an_end_belongs_to_the_start_before_it(tmp_path: Path) -> None:
    text = LISTS.replace(
        '"1945-10-24, 1971-09-02",1958-02-21', '"1945-10-24, 1971-09-02",1990-01-01'
    )
    table = read_authority(write(tmp_path / "names.csv", text)).query("name == 'Egypt'")
    assert table["to"].isna().tolist() == [True, False]


def test_a_name_without_dates_is_kept_and_not_compared(tmp_path: Path) -> None:
    text = LISTS + "6,Holland,528,NLD,,,,,,,,,\n"
    authority = read_authority(write(tmp_path / "names.csv", text))
    assert pd.isna(authority.set_index("name").loc["Holland", "from"])
    assert check_members(ours("BFA", "EGY", "CZE", "CSK"), authority).empty


def test_all_bad_dates_are_named_at_once(tmp_path: Path) -> None:
    text = LISTS.replace("1984-08-03", "soon").replace("1971-09-01", "1900-01-01")
    path = write(tmp_path / "names.csv", text)
    with pytest.raises(DataError) as caught:
        read_authority(path)
    assert str(caught.value) == (
        f"{path}: line 2, Burkina Faso: 'soon' is no date (1945-10-24); line 5, United Arab "
        "Republic: the end 1900-01-01 belongs to no start (1958-02-22)"
    )


def test_a_period_that_ends_before_it_begins(tmp_path: Path) -> None:
    text = PERIODS.replace("1960-09-20/1984-08-02", "1984-08-02/1960-09-20")
    with pytest.raises(DataError, match=r"line 3, Upper Volta: .* is no period of two dates"):
        read_authority(write(tmp_path / "names.csv", text))


def test_another_layout(tmp_path: Path) -> None:
    path = write(tmp_path / "member_states_auths_2026-04-30.csv", "member,from,to\nARG,1945,\n")
    with pytest.raises(FormatError, match="lacks the columns of the Library's authority file"):
        read_authority(path)
