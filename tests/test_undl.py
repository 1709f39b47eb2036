"""The Library's files in every layout they have been published in."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, FormatError, MissingDataError
from helpers.record.cleaning import clean
from helpers.record.sources.undl import read_undl

# Four rows of two real roll calls: A/RES/3068(XXVIII) and A/RES/79/184 as the Library writes them.
GA = """\
undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,\
agenda_title,subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,\
undl_link
653001,USA,UNITED STATES,N,1973-11-30,XXVIII,A/RES/3068(XXVIII),,,A/PV.2185,"Apartheid, a crime",\
53 Apartheid.,,,91,4,26,14,135,https://digitallibrary.un.org/record/653001
653001,DEU,"GERMANY, FEDERAL REPUBLIC OF",A,1973-11-30,XXVIII,A/RES/3068(XXVIII),,,A/PV.2185,\
"Apartheid, a crime",53 Apartheid.,,,91,4,26,14,135,https://digitallibrary.un.org/record/653001
4069652,USA,UNITED STATES,Y,2024-12-17,79,A/RES/79/184,,,A/79/PV.54,Crimea,71 Human rights.,,,81,\
14,80,18,193,https://digitallibrary.un.org/record/4069652
4069652,TUR,TÜRKİYE,X,2024-12-17,79,A/RES/79/184,,,A/79/PV.54,Crimea,71 Human rights.,,,81,14,80,\
18,193,https://digitallibrary.un.org/record/4069652
"""
SC = """\
undl_id,ms_code,ms_name,ms_vote,date,resolution,draft,meeting,description,agenda,subjects,modality,\
vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link
4076000,USA,UNITED STATES,Y,2025-02-24,S/RES/2774(2025),,S/PV.9866,Conflict,S/79 X,,VOTE,,10,0,5,\
0,15,https://digitallibrary.un.org/record/4076000
4076000,FRA,FRANCE,A,2025-02-24,S/RES/2774(2025),,S/PV.9866,Conflict,S/79 X,,VOTE,,10,0,5,0,15,\
https://digitallibrary.un.org/record/4076000
"""


def frame(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def as_csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def march_2025() -> str:
    return as_csv(frame(GA).drop(columns="vote_note"))


def floats_and_es() -> str:
    table = frame(GA)
    for column in ("total_yes", "total_no", "total_abstentions", "total_non_voting"):
        table[column] += ".0"
    return as_csv(table)


def code_ger() -> str:
    return as_csv(frame(GA).replace({"ms_code": {"DEU": "GER"}}))


def layout_2024(hyphen: str = "-") -> str:
    table = frame(GA).drop(columns=["undl_id", "session", "vote_note"])
    table["modality"] = "VOTE"
    table["ms_vote"] = table["ms_vote"].replace("X", "NV")
    names = {
        "ms_code": "ms_codes",
        "ms_name": "ms_names",
        "ms_vote": "ms_votes",
        "resolution": "resolutions",
        "agenda_title": "agenda_titles",
        "total_yes": "yes",
        "total_no": "no",
        "total_abstentions": "abstentions",
        "total_non_voting": f"non{hyphen}voting",
        "total_ms": f"total{hyphen}voting",
    }
    return as_csv(table.rename(columns=names))


LAYOUTS = {
    "mirror": GA,
    "march 2025": march_2025(),
    "totals 120.0": floats_and_es(),
    "GER": code_ger(),
    "2024": layout_2024(),
    "2024 with underscores": layout_2024("_"),
    "CRLF": GA.replace("\n", "\r\n"),
    "tabs": frame(GA).to_csv(index=False, sep="\t"),
    "columns in another order": as_csv(frame(GA)[sorted(frame(GA).columns)]),
}


def pack(path: Path, text: str, how: str) -> Path:
    data = b"\xef\xbb\xbf" + text.encode()
    target = path / f"votes.{how}"
    if how == "zip":
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("votes.csv", data)
    elif how == "zst":
        import pyarrow as pa

        with pa.output_stream(str(target), compression="zstd") as stream:
            stream.write(data)
    else:
        target.write_bytes(gzip.compress(data) if how == "gz" else data)
    return target


def clean_text(path: Path, text: str, how: str = "csv"):
    return clean(read_undl(pack(path, text, how)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_tables(tmp_path, layout):
    expected = clean_text(tmp_path, GA)
    record = clean_text(tmp_path, LAYOUTS[layout])
    pd.testing.assert_frame_equal(record.roll_calls, expected.roll_calls)
    pd.testing.assert_frame_equal(record.votes, expected.votes)


@pytest.mark.parametrize("how", ["csv", "gz", "zip", "zst"])
def test_every_packing_gives_the_same_tables(tmp_path, how):
    record = clean_text(tmp_path, GA, how)
    assert record.roll_calls["roll_call"].tolist() == ["undl-ga-653001", "undl-ga-4069652"]
    assert record.roll_calls["symbol"].tolist() == ["A/RES/3068(XXVIII)", "A/RES/79/184"]
    assert record.roll_calls["session"].tolist() == ["28", "79"]
    assert record.roll_calls["yes"].tolist() == [91, 81]
    votes = record.votes.astype(str).to_numpy().tolist()
    assert votes == [
        ["undl-ga-653001", "DEU", "abstain"],
        ["undl-ga-653001", "USA", "no"],
        ["undl-ga-4069652", "TUR", "absent"],
        ["undl-ga-4069652", "USA", "yes"],
    ]


@pytest.mark.parametrize("written", ["ES-11", "ES-XI", "ES-11 emergency special", ""])
def test_forms_of_a_special_session(tmp_path, written):
    text = as_csv(
        frame(GA).assign(
            session=written, resolution="A/RES/ES-11/7", undl_id="1", date="2025-02-24"
        )
    ).replace("653001", "1")
    table = frame(text).drop_duplicates("ms_name").assign(title="x", meeting="m", agenda_title="a")
    for column in ("total_yes", "total_no", "total_abstentions", "total_non_voting"):
        table[column] = "1"
    record = clean_text(tmp_path, as_csv(table))
    assert record.roll_calls["session"].tolist() == ["ES-11"]
    assert record.roll_calls["symbol"].tolist() == ["A/RES/ES-11/7"]


@pytest.mark.parametrize("permanent", [False, True])
def test_council_file_with_and_without_permanent_member(tmp_path, permanent):
    table = frame(SC)
    if permanent:
        table["permanent_member"] = "True"
    raw = read_undl(pack(tmp_path, as_csv(table), "csv"), body="SC")
    record = clean(raw)
    assert record.roll_calls["symbol"].tolist() == ["S/RES/2774"]
    assert record.roll_calls["body"].tolist() == ["SC"]
    assert record.roll_calls["title"].tolist() == ["Conflict"]
    assert record.roll_calls["session"].isna().all()
    assert record.votes["vote"].tolist() == ["abstain", "yes"]


def test_the_other_organs_file_is_refused(tmp_path):
    with pytest.raises(FormatError, match="is the Library's file of the SC, not of the GA"):
        read_undl(pack(tmp_path, SC, "csv"), body="GA")


def test_a_title_over_two_lines_is_read(tmp_path):
    text = GA.replace("Apartheid, a crime", "Apartheid,\na crime")
    assert clean_text(tmp_path, text).roll_calls["title"].iloc[0] == "Apartheid,\na crime"


def test_rows_that_disagree_about_their_roll_call_are_told_by_the_majority(tmp_path):
    table = frame(GA)
    table = pd.concat([table, table.iloc[[0]].assign(ms_code="FRA", ms_name="FRANCE")])
    table.iloc[0, table.columns.get_loc("meeting")] = "A/PV.1"
    for order in (table, table.iloc[::-1]):
        record = clean_text(tmp_path, as_csv(order))
        assert record.roll_calls["meeting"].iloc[0] == "A/PV.2185"
        line = record.log[record.log["rule"].eq("one_value_per_roll_call")].iloc[0]
        assert (line["rows"], line["effect"]) == (1, "repaired")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (("ms_vote,date", "vote,date"), FormatError, "line 1 lacks the column ms_vote"),
        (("2024-12-17", "17 Dec"), DataError, "line 4, column date: '17 Dec' is no date"),
        ((",81,14,", ",many,14,"), DataError, "line 4, column total_yes: 'many' is no number"),
        (("\n4069652", "\nR4069652"), DataError, "line 4, column undl_id: 'R4069652' is no record"),
        (("USA,UNITED STATES,Y", "USA,UNITED STATES"), FormatError, "line 4 has 19 columns"),
        (("79,A/RES/79/184,,,", "79,A/RES/79/184,"), FormatError, "line 4 has 18 columns"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path, change, error, says):
    with pytest.raises(error) as caught:
        read_undl(pack(tmp_path, GA.replace(*change), "csv"))
    assert says in str(caught.value)
    assert "votes.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_vote_or_member_that_is_unknown_is_named_with_its_line(tmp_path):
    with pytest.raises(DataError, match=r"line 4, column ms_vote: 'Q' is no vote"):
        clean_text(tmp_path, GA.replace("UNITED STATES,Y", "UNITED STATES,Q"))
    with pytest.raises(DataError, match=r"line 5, column ms_name: 'NARNIA' is no member"):
        clean_text(tmp_path, GA.replace("TUR,TÜRKİYE", "NNN,NARNIA"))


def test_a_look_alike_is_named(tmp_path):
    with pytest.raises(FormatError, match="seems to be a table of agreement scores"):
        read_undl(pack(tmp_path, "ccode1,ccode2,agree,year\n2,20,0.9,1990\n", "csv"))


def test_latin_1_is_refused_with_the_place(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_bytes(GA.replace("İ", "I").encode("latin-1"))
    with pytest.raises(FormatError, match="line 5"):
        read_undl(path)


def test_a_header_without_rows_and_no_file(tmp_path):
    with pytest.raises(FormatError, match="holds a header and no rows"):
        read_undl(pack(tmp_path, GA.splitlines()[0] + "\n", "csv"))
    with pytest.raises(MissingDataError, match="there is no such file"):
        read_undl(tmp_path / "none.csv")


@pytest.mark.mirror
def test_a_layout_of_2024_made_from_the_mirror_gives_the_same_tables(mirror, tmp_path):
    source = mirror / "undl" / "2025_10_31_ga_voting.csv.gz"
    with gzip.open(source, "rt", encoding="utf-8-sig", newline="") as file:
        lines = [next(file) for _ in range(4000)]
    text = "".join(lines)
    whole = frame(text)
    older = whole.rename(
        columns={
            "ms_code": "ms_codes",
            "ms_name": "ms_names",
            "ms_vote": "ms_votes",
            "resolution": "resolutions",
            "agenda_title": "agenda_titles",
            "total_yes": "yes",
            "total_no": "no",
            "total_abstentions": "abstentions",
            "total_non_voting": "non-voting",
            "total_ms": "total-voting",
        }
    ).drop(columns=["undl_id", "session", "vote_note"])
    older["ms_votes"] = older["ms_votes"].replace("X", "NV")
    one = clean_text(tmp_path, text)
    two = clean_text(tmp_path, as_csv(older))
    pd.testing.assert_frame_equal(one.roll_calls, two.roll_calls)
    pd.testing.assert_frame_equal(one.votes, two.votes)
