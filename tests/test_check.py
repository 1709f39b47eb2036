"""Published figures beside ours: State Department reports on the full record."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, FormatError, ParameterError
from helpers.record import FIGURES, Record, load_record, read_published
from helpers.similarity import PRESETS, Check, check_published
from helpers.similarity.check import COMPUTE

HEADER = "figure,definition,period,member,value,tolerance,source\n"


@pytest.fixture(scope="module")
def checked(ga_record: Record, sc_record: Record) -> Check:
    return check_published(merge(ga_record, sc_record))


def merge(first: Record, second: Record) -> Record:
    from helpers.record.load import _merge

    return _merge("undl", [first, second])


def test_every_figure_is_computed() -> None:
    assert set(COMPUTE) == set(FIGURES)
    assert set(read_published()["figure"]) == set(FIGURES)


@pytest.mark.mirror
@pytest.mark.parametrize("year", ["2020", "2022"])
@pytest.mark.parametrize("figure", ["same", "opposite", "partial", "absent"])
def test_the_four_counts_of_192_members_come_out(checked: Check, year: str, figure: str) -> None:
    # US State Department, Voting Practices 2020 and 2022, country by country
    rows = checked.table[checked.table["figure"].eq(figure) & checked.table["period"].eq(year)]
    assert len(rows) == 192
    assert rows["difference"].eq(0).all()


@pytest.mark.mirror
def test_yearly_means_of_2002_to_2023_come_out(checked: Check) -> None:
    # Voting Practices 2023 (series since 1992) and 2019 (1990 and 1991), whole percent
    means = checked.table[checked.table["figure"].eq("mean")]
    year = means["period"].astype(int)
    assert year.tolist() == list(range(1990, 2024))
    assert means.loc[year >= 2002, "difference"].abs().max() < 1.1
    early = means[year < 2002]
    assert early["difference"].between(2.4, 5.8).all()
    assert early["verdict"].eq("known to differ").all()


@pytest.mark.mirror
def test_the_council_comes_out(checked: Check) -> None:
    table = checked.table[checked.table["definition"].eq("council")]
    ours = table.set_index(["figure", "period"])["ours"]
    years = [str(year) for year in range(2016, 2024)]
    # Voting Practices 2016 to 2023
    assert ours["resolutions"][years].tolist() == [77, 61, 54, 52, 57, 57, 54, 50]
    assert ours["unanimous"][years[3:]].tolist() == [44, 44, 48, 36, 35]
    known = table.loc[table["verdict"].ne("same"), ["figure", "period", "published", "ours"]]
    assert known.to_numpy().tolist() == [
        ["unanimous", "2013", 44.0, 43.0],
        ["failed", "2023", 12.0, 10.0],
    ]


@pytest.mark.mirror
def test_nothing_differs_that_is_not_known_to(checked: Check) -> None:
    assert checked.agrees
    assert set(checked.table["verdict"]) == {"same", "known to differ"}
    misprints = checked.table[checked.table["definition"].eq("roll-call")]
    verdicts = dict(zip(misprints["period"], misprints["verdict"], strict=True))
    assert verdicts == {
        "A/RES/72/72": "same",
        "A/RES/72/238": "same",
        "A/RES/74/202": "same",
        "A/RES/74/402": "known to differ",
        "A/RES/76/36": "known to differ",
        "A/RES/76/65": "same",
        "S/RES/2623": "known to differ",
    }


@pytest.mark.mirror
def test_a_changed_digit_differs(ga_record: Record, tmp_path: Path) -> None:
    # USA and Albania 2022 in print: 57 same
    path = tmp_path / "mine.csv"
    row = "same,state-department-2021,2022,Albania,57,0,Voting Practices 2022\n"
    path.write_text(HEADER + row)
    assert check_published(ga_record, read_published([path])).agrees
    path.write_text(HEADER + row.replace(",57,", ",58,"))
    again = check_published(ga_record, read_published([path]))
    assert not again.agrees
    assert again.table[["member", "difference", "verdict"]].to_numpy().tolist() == [
        ["ALB", -1.0, "differs"]
    ]


def test_a_record_that_does_not_reach_there_is_not_judged() -> None:
    found = check_published(load_record("dossier"))
    # S/RES/2623 is in the dossier
    assert set(found.table["verdict"]) == {"not in this record", "known to differ"}
    assert found.agrees
    assert found.summary["not in this record"].sum() == len(found.table) - 1


def test_faults_of_a_file_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        HEADER
        + "sames,state-department-2021,2022,ALB,57,0,x\n"
        + "same,state-department-2022,2022,ALB,57,0,x\n"
        + "same,state-department-2021,A/RES/1,Atlantis,many,0,\n"
    )
    with pytest.raises(DataError) as caught:
        read_published([path], definitions=tuple(PRESETS))
    text = str(caught.value)
    for part in (
        "line 2, column figure: figure: 'sames' must be one of",
        "line 3, column definition: definition: 'state-department-2022' must be one of",
        "line 4, column period: 'A/RES/1' is not a year",
        "line 4, column member: member: 'Atlantis' is no member state",
        "line 4, column value: 'many' is no number",
    ):
        assert part in text
    path.write_text("figure,value\nsame,1\n")
    with pytest.raises(FormatError, match="lacks the column definition, period, member"):
        read_published([path])
    path.write_text(HEADER)
    with pytest.raises(FormatError, match="holds no row"):
        read_published([path])


def test_a_definition_that_is_no_preset_is_refused() -> None:
    facts = read_published().head(1).assign(definition="kappa")
    with pytest.raises(ParameterError, match="definition: 'kappa' must be one of"):
        check_published(load_record("dossier"), facts)


def test_the_facts_that_travel_with_the_package_are_sound() -> None:
    facts = read_published(definitions=tuple(PRESETS))
    counts = facts[facts["figure"].isin(["same", "opposite", "partial", "absent"])]
    total = counts.pivot(index=["period", "member"], columns="figure", values="value").sum(axis=1)
    votes = facts[facts["figure"].eq("votes")].set_index("period")["value"]
    # every member's four counts add up to the year's votes, 100 and 89
    assert total.groupby("period").nunique().eq(1).all()
    assert total.groupby("period").first().to_dict() == votes[["2020", "2022"]].to_dict()
    assert not facts.duplicated(["figure", "definition", "period", "member"]).any()
    pd.testing.assert_series_equal(facts["known"].fillna(""), facts["known"])


@pytest.mark.mirror
def test_the_command_says_what_differs_by_its_status(
    mirror: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from helpers.cli import main

    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path / "home"))
    assert main(["check", "--mirror", str(mirror)]) == 0
    assert "S/RES/2623" in capsys.readouterr().out
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "votes,state-department-2021,2023,,89,0,a slip of the pen\n")
    assert main(["check", "--mirror", str(mirror), "--published", str(path)]) == 1
    out = capsys.readouterr().out
    assert re.search(r"89\.0 +88\.0 +-1\.0 .* differs", out)
    assert "differs" in out


def test_presets_are_listed_with_the_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    from helpers.cli import main

    assert main(["parameters"]) == 0
    out = capsys.readouterr().out
    assert "# state-department-2021 (since 2021): one point for the same vote" in out
    exec(out, {})  # still a cell
