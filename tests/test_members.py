"""Who is a member when: facts from outside the code (issue text, official lists, the mirror)."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import ParameterError
from helpers.record import members

# Members at each year's end: the United Nations' own list "Growth in membership"
YEAR_ENDS = {
    1945: 51,
    1950: 60,
    1955: 76,
    1960: 99,
    1965: 117,
    1970: 127,
    1975: 144,
    1980: 154,
    1984: 159,
    1990: 159,
    1994: 185,
    2000: 189,
    2002: 191,
    2006: 192,
    2011: 193,
    2025: 193,
}


def day(text: str) -> pd.Series:
    return pd.to_datetime(pd.Series([text]))


@pytest.mark.parametrize(("year", "count"), YEAR_ENDS.items())
def test_members_at_each_years_end(year, count):
    assert len(members.members_at(f"{year}-12-31")) == count


def test_table_has_198_states_and_200_periods_plus_chinas_cut():
    table = members.load_members()
    assert tuple(table.columns) == members.MEMBER_COLUMNS
    assert table["member"].nunique() == 198
    assert len(table) == 201
    china = table[table["member"].eq("CHN")]
    assert china["to"].iloc[0] == pd.Timestamp("1971-10-24")
    assert china["from"].iloc[1] == pd.Timestamp("1971-10-25")
    assert china["succession"].iloc[1] == "change of representation"


def test_periods_of_one_state_do_not_overlap():
    for _, periods in members.load_members().groupby("member"):
        ends = periods["to"].iloc[:-1].to_numpy()
        assert (ends < periods["from"].iloc[1:].to_numpy()).all()


@pytest.mark.mirror
def test_periods_agree_with_the_independent_list(mirror):
    theirs = pd.read_csv(mirror / "members.csv", parse_dates=["from", "to"])
    ours = members.load_members()
    merged = ours[["member", "from", "to"]].copy()
    # the independent list does not cut China's membership at the change of seat
    merged = merged[~merged["from"].eq(pd.Timestamp("1971-10-25"))]
    merged.loc[merged["member"].eq("CHN"), "to"] = pd.NaT
    both = theirs.merge(merged, on=["member", "from"], how="outer", suffixes=("_theirs", ""))
    assert len(both) == 200
    same = both["to"].eq(both["to_theirs"]) | (both["to"].isna() & both["to_theirs"].isna())
    assert same.all()


@pytest.mark.mirror
def test_every_name_and_code_of_the_librarys_files_is_known(mirror):
    for name in ("2025_10_31_ga_voting.csv.gz", "2025_10_31_sc_voting.csv.gz"):
        raw = pd.read_csv(
            mirror / "undl" / name,
            usecols=["ms_code", "ms_name", "date"],
            keep_default_na=False,
            encoding="utf-8-sig",
            parse_dates=["date"],
        ).drop_duplicates()
        by_name = members.names_to_members(raw["ms_name"], raw["date"])
        by_code = members.codes_to_members(raw["ms_code"], raw["date"])
        assert by_name.notna().all()
        assert (by_name.astype(str) == by_code.astype(str)).all()


@pytest.mark.parametrize(
    ("code", "date", "member"),
    [
        ("BUR", "1985-01-01", "MMR"),  # withdrawn 1989, used by the Library to 1986
        ("MMR", "1985-01-01", "MMR"),  # both codes at once
        ("BYS", "1985-01-01", "BLR"),
        ("GER", "1980-01-01", "DEU"),
        ("SUN", "1980-01-01", "RUS"),
        ("ZAR", "1980-01-01", "COD"),
        ("YUG", "2000-10-31", "YUG"),  # A/RES/55/12 of 1 November 2000
        ("YUG", "2000-11-01", "SRB"),
        ("SCG", "2004-01-01", "SRB"),
        ("EAT", "1962-01-01", "TZA"),
    ],
)
def test_codes(code, date, member):
    assert members.codes_to_members(pd.Series([code]), day(date)).tolist() == [member]


@pytest.mark.parametrize(
    ("cow", "date", "member"),
    [
        (365, "1950-01-01", "RUS"),
        (365, "1995-01-01", "RUS"),
        (345, "1990-01-01", "YUG"),
        (345, "2000-11-01", "SRB"),
        (260, "1980-01-01", "DEU"),
        (255, "1995-01-01", "DEU"),
        (265, "1980-01-01", "DDR"),
        (678, "1980-01-01", "YEM"),
        (679, "1995-01-01", "YEM"),
        (680, "1980-01-01", "YMD"),
        (713, "1960-01-01", "CHN"),
        (713, "1971-10-26", None),
        (710, "1971-10-01", None),
        (710, "1971-11-09", "CHN"),
        (511, "1963-12-16", "EAZ"),
        (9999, "1990-01-01", None),
    ],
)
def test_cow_numbers(cow, date, member):
    assert members.cow_to_member(cow, date) == member


def test_cow_numbers_may_be_floats_or_text():
    days = pd.to_datetime(pd.Series(["1980-01-01"] * 3))
    assert members.cow_to_members(pd.Series([2.0, 20.0, 365.0]), days).tolist() == [
        "USA",
        "CAN",
        "RUS",
    ]
    assert members.cow_to_members(pd.Series(["2", "20", "x"]), days).isna().tolist() == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("TÜRKÝYE", "TUR"),
        ("AN PAKISTAN", "PAK"),
        ("LAO PEOPLE's DEMOCRATIC REPUBLIC", "LAO"),
        ("SIAM", "THA"),
        ("Côte d’Ivoire", "CIV"),
        ("Yemen People's Republic", "YMD"),
        ("Yemen Arab Republic", "YEM"),
        ("Congo - Kinshasa", "COD"),
        ("CONGO", "COG"),
        ("UNITED ARAB REPUBLIC", "EGY"),
        ("Russia", "RUS"),
        ("UK", "GBR"),
        ("US", "USA"),
        ("U.S.A.", "USA"),
        ("South Korea", "KOR"),
        ("DPRK", "PRK"),
        ("Czechia (Czech Republic)", "CZE"),
        ("Korea, Dem. Rep.", "PRK"),
        ("the Gambia", "GMB"),
        ("br", "BRA"),
        ("365", "RUS"),
        ("SUN", "RUS"),
        ("GER", "DEU"),
    ],
)
def test_names(name, member):
    assert members.resolve_member(name) == member


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Korea", "may be KOR (Republic of Korea) or PRK (Democratic People's Republic of Korea)"),
        ("Yugoslavia", "may be SRB (Serbia) or YUG (Yugoslavia); write one of them"),
        ("Taiwan", "stood for CHN until 25 October 1971 only; write CHN for the seat"),
        ("Northern Ireland", "is no member state; did you mean GBR (United Kingdom)?"),
        ("Frnace", "is no member state; did you mean 'FRANCE'?"),
        ("Palestine", "is no member state"),
        ("Congo (Atlantis)", "is no member state"),
        ("China (Taiwan)", "stood for CHN until 25 October 1971 only"),
        ("", "is no member state"),
    ],
)
def test_what_is_not_certain_is_refused(name, said):
    with pytest.raises(ParameterError) as error:
        members.resolve_member(name)
    assert said in str(error.value)


SPELLINGS = [
    lambda name: name,
    str.lower,
    str.title,
    lambda name: f"the {name}",
    lambda name: name.replace(".", ""),
    lambda name: name.replace("SAINT ", "St. "),
    lambda name: name.replace(" AND ", " & "),
    lambda name: name.replace("-", " "),
]


@pytest.mark.parametrize("spell", SPELLINGS)
def test_all_spellings_of_our_names_are_right_or_refused(spell):
    table = members._read_facts("names")
    meant = table.groupby("name")["member"].agg(set)
    assert len(meant) > 400
    right = 0
    for name, ids in meant.items():
        try:
            found = members.resolve_member(spell(str(name)))
        except ParameterError:
            continue
        assert found in ids, name
        right += 1
    assert right >= len(meant) - 6  # China's former names, and Yugoslavia, are refused


@pytest.mark.mirror
def test_the_names_of_the_record_are_right_or_refused(mirror):
    # name and code stand side by side in the Library's file
    import csv
    import gzip

    path = mirror / "undl" / "2025_10_31_ga_voting.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        pairs = {(row["ms_name"], row["ms_code"]) for row in csv.DictReader(file)}
    assert len({name for name, _ in pairs}) == 245
    refused = set()
    for name, code in pairs:
        try:
            found = members.resolve_member(name)
        except ParameterError:
            refused.add(name)
            continue
        day = pd.Series(pd.to_datetime(["1990-06-01"]))
        assert found == members.codes_to_members(pd.Series([code]), day).iloc[0], name
    assert refused == {"YUGOSLAVIA"}


def test_groups_stand_beside_members():
    found = members.resolve_members(["brics", "Russia", "uk"], "2010-06-01")
    assert found == ("BRA", "CHN", "IND", "RUS", "GBR")
    with pytest.raises(ParameterError, match="'BRISC' is no member state"):
        members.resolve_members("BRISC, USA", "2010-06-01")


def test_an_unknown_member_is_named_with_the_nearest():
    with pytest.raises(ParameterError) as error:
        members.resolve_member("UAS")
    assert str(error.value) == "member: 'UAS' is no member state; did you mean 'USA'?"


@pytest.mark.parametrize(
    ("member", "date", "inside"),
    [
        ("IDN", "1965-01-20", True),  # the last day before Indonesia's withdrawal took effect
        ("IDN", "1965-01-21", False),
        ("IDN", "1966-09-28", True),
        ("SYR", "1960-01-01", False),  # part of the United Arab Republic
        ("CSK", "1992-12-31", True),
        ("CSK", "1993-01-01", False),
        ("EAZ", "1964-04-25", True),
        ("EAZ", "1964-04-26", False),
        ("CHN", "1971-10-24", True),
        ("CHN", "1971-10-25", True),
        ("SSD", "2011-07-13", False),
        ("SSD", "2011-07-14", True),
    ],
)
def test_membership_has_gaps_and_ends(member, date, inside):
    assert (member in members.members_at(date)) is inside


def test_facts_about_groups_are_in_order():
    ids = set(members.load_members()["member"])
    for table in (members.load_groups(), members.load_council_terms().assign(group="SC")):
        assert set(table["member"]) <= ids
        assert (table["to"].isna() | (table["to"] >= table["from"])).all()
        assert (table["source"].str.len() > 5).all()
        for _, spans in table.sort_values("from").groupby(["group", "member"]):
            assert (spans["to"].iloc[:-1].to_numpy() < spans["from"].iloc[1:].to_numpy()).all()


# Seats of the Council besides the five permanent ones: 6 to 1965, 10 after (Charter, Article 23).
@pytest.mark.parametrize("year", [1946, 1956, 1961, 1965, 1966, 1990, 2017, 2024, 2025, 2026])
def test_elected_members_of_the_council(year):
    terms = members.load_council_terms()
    day = pd.Timestamp(f"{year}-12-31")
    sitting = terms[(terms["from"] <= day) & (terms["to"] >= day)]
    assert len(sitting) == (6 if year < 1966 else 10)


# Sizes published by the organisations themselves, without members outside the United Nations.
@pytest.mark.parametrize(
    ("group", "date", "size"),
    [
        ("NATO", "1949-12-31", 10),  # 12 founders less Italy and Portugal, in the UN from 1955
        ("NATO", "2025-01-01", 32),
        ("EU", "1995-01-01", 15),
        ("EU", "2004-05-01", 25),
        ("EU", "2020-02-01", 27),
        ("OIC", "2025-01-01", 56),  # 57 with Palestine
        ("G77", "2025-01-01", 133),  # 134 with Palestine
        ("G77", "1964-06-15", 75),  # 77 signatories: Korea and Viet-Nam were not in the UN
        ("NAM", "2024-01-16", 119),  # 120 with Palestine
        ("NAM", "2025-01-01", 120),  # South Sudan was the 121st, with Palestine
        ("Warsaw Pact", "1956-01-01", 7),  # 8 signatories; East Germany joined the UN in 1973
        ("Warsaw Pact", "1970-01-01", 6),  # without Albania
        ("Warsaw Pact", "1980-01-01", 7),
        ("Warsaw Pact", "1991-07-02", 0),
        ("CSTO", "1995-01-01", 9),
        ("CSTO", "2003-01-01", 6),
        ("CSTO", "2010-01-01", 7),  # Uzbekistan back
        ("CSTO", "2025-01-01", 6),
        ("CIS", "1995-01-01", 12),
        ("CIS", "2025-01-01", 9),
        (
            "Arab League",
            "1946-12-31",
            5,
        ),  # 7, of them Yemen (1947) and Jordan (1955) later in the UN
        ("Arab League", "2025-01-01", 21),  # 22 with Palestine
        ("Nordic countries", "1956-01-01", 5),
        ("CARICOM", "2025-01-01", 14),  # 15 with Montserrat
        (
            "Pacific Islands Forum",
            "2025-01-01",
            14,
        ),  # 18: Cook Islands, Niue, two French territories
        ("Pacific Islands Forum", "2023-01-01", 13),  # Kiribati out from July 2022 to February 2023
        ("G7", "1976-01-01", 6),
        ("G7", "2025-01-01", 7),
        ("SCO", "2016-01-01", 6),
        ("SCO", "2018-01-01", 8),
        ("SCO", "2025-01-01", 10),
        ("Visegrad", "1992-12-31", 3),
        ("Visegrad", "2025-01-01", 4),
        ("AU", "2025-01-01", 54),  # 55 with the Sahrawi Republic
        ("ASEAN", "2025-01-01", 10),
        ("ASEAN", "2025-10-26", 11),
        ("BRICS", "2025-01-06", 10),
        ("P5", "1990-01-01", 5),
        ("African Group", "2025-01-01", 54),
        ("Asia-Pacific Group", "2025-01-01", 54),
        ("Eastern European Group", "2025-01-01", 23),
        ("GRULAC", "2025-01-01", 33),
        ("WEOG", "2025-01-01", 29),  # 28 and the United States
    ],
)
def test_group_sizes(group, date, size):
    assert len(members.group_members(group, date)) == size


def test_groups_have_dates():
    assert "GBR" in members.group_members("EU", "2020-01-31")
    assert "GBR" not in members.group_members("EU", "2020-02-01")
    assert "MAR" not in members.group_members("AU", "2000-01-01")
    assert members.group_members("none", "1980-01-01") == ("ISR", "ZAF")


def test_the_founders_of_the_group_of_77_are_the_77_signatories():
    """Joint Declaration of 15 June 1964 (g77.org); Cuba, Mongolia, Ivory Coast joined later."""
    table = members.load_groups()
    group = table[table["group"].eq("G77")]
    founders = set(group.loc[group["from"].eq("1964-06-15"), "member"])
    assert len(founders) == 77
    assert not founders & {"CUB", "MNG", "CIV", "CHN", "NZL"}
    assert {"KOR", "VNM", "YUG", "CYP", "MEX"} <= founders


def test_who_is_in_a_group_day_by_day():
    days = pd.to_datetime(pd.Series(["1968-09-12", "1968-09-13", None]))
    inside = members.in_group("Warsaw Pact", ["ALB", "RUS", "USA"], days)
    assert inside.tolist() == [[True, True, False], [False, True, False], [False, False, False]]


def test_an_unknown_group_is_refused():
    with pytest.raises(ParameterError, match=r"group: 'NATTO' must be one of .* mean 'NATO'"):
        members.group_members("NATTO", "2000-01-01")


def test_succession_links_but_does_not_merge():
    table = members.load_successions()
    pairs = set(zip(table["predecessor"], table["successor"], strict=True))
    assert {("CSK", "CZE"), ("CSK", "SVK"), ("DDR", "DEU"), ("YMD", "YEM"), ("YUG", "SRB")} <= pairs
    ids = set(members.load_members()["member"])
    assert set(table["predecessor"]) | set(table["successor"]) <= ids


def test_numbers_of_a_member_hold_for_years_or_for_a_membership() -> None:
    """Correlates of War state list 2016: 260 to 1990, 255 from 1991; 713 to 24 October 1971."""
    days = pd.to_datetime(pd.Series(["1971-10-01", "1971-11-01", "1990-11-01", "1991-09-01"]))
    found = members.number_cow(["CHN", "DEU", "YEM", "YUG", "RUS", "XXX"], days)
    assert found[:, 0].tolist() == [713, 710, 710, 710]
    assert found[2:, 1].tolist() == [260, 255]
    assert found[:, 2].tolist() == [678, 678, 678, 679]
    assert set(found[:, 3]) == {345} and set(found[:, 4]) == {365} and set(found[:, 5]) == {0}
