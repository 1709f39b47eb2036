"""Sources are listed with their terms, and their files are known by what is in them."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import FormatError, MissingDataError, ParameterError
from helpers.record.sources import catalogue
from helpers.record.sources.catalogue import find_files, identify, identify_table

# Headers as the publishers write them: the first line of the mirror's files, and the layouts that
# the README of the mirror and the public record of the data sets name.
GA = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,"
    "agenda_title,subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,"
    "total_ms,undl_link"
)
SC = (
    "undl_id,ms_code,ms_name,ms_vote,date,resolution,draft,meeting,description,agenda,subjects,"
    "modality,vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link"
)
GA_2024 = (
    "ms_codes,ms_names,ms_votes,resolutions,title,modality,draft,committee_report,meeting,"
    "agenda_titles,subjects,date,yes,no,abstentions,non-voting,total-voting,undl_link"
)
AUTHORITY = (
    ",Member State,M49 Code,ISO Code,Start date,End date,Other Names,Earlier or Later Name,"
    "Earlier (a) or Later (b),Geographic Term,Membership Document Symbol,Scope Note,French,Spanish,"
    "Arabic,Chinese,Russian"
)
AUTHORITY_2026 = (
    "undl_id,member_state,name_status,m49,iso,coverage_periods,other_names,earlier_names,"
    "later_names,geographic_term,founding_member,membership_resolution,scope_note,french,spanish,"
    "arabic,chinese,russian,undl_link,unms_ontology_link"
)
HEADERS = {
    "the mirror's Assembly": (GA, "undl-ga", "votes"),
    "March 2025": (GA.replace(",vote_note", ""), "undl-ga", "votes"),
    "2024 with hyphens": (GA_2024, "undl-ga", "votes"),
    "2024 with underscores": (GA_2024.replace("-", "_"), "undl-ga", "votes"),
    "the mirror's Council": (SC, "undl-sc", "votes"),
    "with permanent_member": (
        SC.replace("ms_name,", "ms_name,permanent_member,"),
        "undl-sc",
        "votes",
    ),
    "unvotes votes": ("rcid,country,country_code,vote", "unvotes", "votes"),
    "unvotes roll calls": (
        "rcid,session,importantvote,date,unres,amend,para,short,descr",
        "unvotes",
        "roll_calls",
    ),
    "unvotes issues": ("rcid,short_name,issue", "unvotes", "issues"),
    "Voeten 2016": (
        "rcid session vote ccode member importantvote date unres me nu di hr co ec year",
        "voeten",
        "votes",
    ),
    "Voeten with an index": (
        '"" "rcid" "ccode" "session" "abstain" "yes" "no" "vote" "Country" "Countryname" "year"',
        "voeten",
        "votes",
    ),
    "authority": (AUTHORITY, "authority", "members"),
    "authority since 2026": (AUTHORITY_2026, "authority", "members"),
}


def write(path: Path, header: str, *, packed: bool = False) -> Path:
    delimiter = "," if "," in header else " "
    text = "\ufeff" + header.replace(delimiter, ",") + "\r\n"
    data = text.encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


@pytest.mark.parametrize("layout", HEADERS)
@pytest.mark.parametrize("packed", [False, True])
def test_the_header_decides_not_the_name(tmp_path: Path, layout: str, packed: bool) -> None:
    header, source, table = HEADERS[layout]
    path = write(tmp_path / "un_votes.rda", header, packed=packed)
    assert identify_table(path) == (source, table)
    assert identify(path) == source


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    for layout, (header, source, table) in HEADERS.items():
        delimiter = "," if "," in header else " "
        turned = delimiter.join(reversed(header.split(delimiter)))
        assert identify_table(write(tmp_path / "a.csv", turned)) == (source, table), layout


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_files(tmp_path: Path, version: int) -> None:
    rows = pd.DataFrame({"rcid": [3.0], "vote": [1.0], "ccode": [2.0], "session": [1.0]})
    rows.to_stata(tmp_path / "votes", version=version, write_index=False)
    assert identify_table(tmp_path / "votes") == ("voeten", "votes")


def test_a_damaged_stata_file(tmp_path: Path) -> None:
    pd.DataFrame({"rcid": [3.0]}).to_stata(tmp_path / "a.dta", version=118)
    path = tmp_path / "b.dta"
    path.write_bytes((tmp_path / "a.dta").read_bytes()[:200])
    with pytest.raises(FormatError, match="the Stata file is damaged or cut short"):
        identify(path)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("ccode1,ccode2,agree,year", "agreement"),
        ("ccode,year,IdealPointAll,NVotesAll", "ideal"),
        ("member,from,to", "is in no known layout (columns member, from, to); expected a file of"),
    ],
)
def test_what_is_of_no_source_is_named(tmp_path: Path, header: str, sentence: str) -> None:
    path = write(tmp_path / "2026_02_06_ga_voting.csv", header)
    with pytest.raises(FormatError) as caught:
        identify(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert sentence in str(caught.value)


def test_every_source_says_what_a_reader_must_know() -> None:
    table = catalogue.sources_table()
    assert list(table["source"]) == list(catalogue.SOURCES)
    assert (table.map(len) > 3).all().all()
    assert not table["citation"].str.contains("[{}]").any()
    terms = dict(zip(table["source"], table["terms"], strict=True))
    # Terms as the README of the mirror states them.
    assert "non-commercial use with attribution" in terms["undl-ga"]
    assert "non-commercial use with attribution" in terms["undl-sc"]
    assert "CC0" in terms["unvotes"] and "CC0" in terms["voeten"]
    addresses = dict(zip(table["source"], table["address"], strict=True))
    assert addresses["undl-ga"].endswith("/record/4060887")
    assert addresses["undl-sc"].endswith("/record/4055387")
    assert addresses["voeten"].endswith("10.7910/DVN/LEJUQZ")
    with pytest.raises(ParameterError, match="did you mean 'undl-ga'"):
        catalogue.get_source("undl-g")


# ----------------------------------------------------------------------------- finding files


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of our own, and no mirror named by the environment."""
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    return tmp_path


def test_the_newest_version_is_taken(home: Path) -> None:
    folder = home / "data" / "raw" / "undl-ga"
    folder.mkdir()
    write(folder / "2025_7_23_ga_voting.csv", GA)  # July, though "2025_7" sorts after "2025_10"
    newest = write(folder / "2025_10_31_ga_voting.csv.gz", GA, packed=True)
    write(folder / "2026_01_01_sc_voting.csv", SC)
    assert find_files("undl-ga") == [newest]


def test_without_a_date_in_the_name_the_record_of_the_fetch_counts(home: Path) -> None:
    folder = home / "data" / "raw" / "undl-ga"
    folder.mkdir()
    old = write(folder / "b.csv", GA)
    new = write(folder / "a.csv", GA)
    for path, version in ((old, "2025-03-31"), (new, "2026-02-06")):
        path.with_name(f"{path.name}.source.json").write_text(json.dumps({"version": version}))
    os.utime(new, (0, 0))
    assert find_files("undl-ga") == [new]


def test_mirror_argument_before_environment_before_data_raw(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [home / "given", home / "named", home / "data" / "raw" / "mirror"]
    files = []
    for place in places:
        (place / "undl").mkdir(parents=True)
        files.append(write(place / "undl" / "votes.csv", GA))
    assert find_files("undl-ga") == [files[2]]
    monkeypatch.setenv("UNBLOCS_MIRROR", str(places[1]))
    assert find_files("undl-ga") == [files[1]]
    assert find_files("undl-ga", places[0]) == [files[0]]


def test_the_triple_of_unvotes_is_found_together(home: Path) -> None:
    folder = home / "data" / "raw" / "unvotes"
    folder.mkdir()
    issues = write(folder / "a.csv", "rcid,short_name,issue")
    roll_calls = write(folder / "b.csv", HEADERS["unvotes roll calls"][0])
    with pytest.raises(MissingDataError, match="no table votes of unvotes in"):
        find_files("unvotes")
    votes = write(folder / "c.csv", "rcid,country,country_code,vote")
    assert find_files("unvotes") == [votes, roll_calls, issues]


def test_nothing_there(home: Path) -> None:
    with pytest.raises(MissingDataError) as caught:
        find_files("undl-sc")
    assert str(caught.value) == (
        f"no file of undl-sc in {home / 'data' / 'raw' / 'undl-sc'}: run 'unblocs fetch undl-sc', "
        "or open https://digitallibrary.un.org/record/4055387 in a browser and put the file "
        "there, or name a mirror (UNBLOCS_MIRROR or --mirror)"
    )


def test_the_dossier_comes_with_the_project(home: Path) -> None:
    assert [path.name for path in find_files("dossier")] == ["assembly.yml", "council.yml"]
    assert {identify(path) for path in find_files("dossier")} == {"dossier"}


def test_provenance_has_no_path_of_this_machine(home: Path) -> None:
    path = write(home / "2025_10_31_ga_voting.csv", GA)
    described = catalogue.describe_files("undl-ga", [path])
    assert str(home) not in json.dumps(described)
    (entry,) = described["files"]
    assert (entry["name"], entry["version"]) == ("2025_10_31_ga_voting.csv", "2025-10-31")
    assert "version 2025-10-31" in described["citation"]
    assert "accessed not recorded" in described["citation"]


@pytest.mark.mirror
def test_the_mirror(mirror: Path) -> None:
    (ga,) = find_files("undl-ga", mirror)
    (sc,) = find_files("undl-sc", mirror)
    assert "ga_voting" in ga.name and "sc_voting" in sc.name
    names = [path.stem for path in find_files("unvotes", mirror)]
    assert names == ["un_votes", "un_roll_calls", "un_roll_call_issues"]
    with pytest.raises(MissingDataError, match="no file of voeten"):
        find_files("voeten", mirror)
