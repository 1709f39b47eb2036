"""What came after, in words: the values are those of the issue, or counted by hand from it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, MissingDataError
from helpers.record import Record, load_record, read_overall
from helpers.report import member_names, show_council, show_later, show_overall
from helpers.report.sections.later import (
    count_council,
    count_later,
    word_council,
    word_later,
    word_overall,
)

EVENT = "2025-02-24"


@pytest.fixture(scope="module")
def record() -> Record:
    return load_record("dossier")


def test_what_came_after_in_order_and_with_counts(record: Record) -> None:
    """The issue: no, abstain, no, yes, no, yes, abstain, the third and fifth in passing."""
    numbers = count_later(record, "USA", ["RUS", "GBR"], EVENT)
    order = ["no", "abstain", "no", "yes", "no", "yes", "abstain"]
    assert [v["vote"] for v in numbers["votes"]] == order
    assert numbers["counts"] == {"yes": 2, "abstain": 2, "no": 3}
    assert numbers["counts_subject"] == {"yes": 2, "abstain": 2, "no": 1}
    # Russia no each time: the same in the three no, and in one without 79/284 and 80/111.
    assert numbers["same"]["RUS"] == {"same": 3, "of": 7}
    assert numbers["same_subject"]["RUS"] == {"same": 1, "of": 5}
    # The United Kingdom is not among the names known of 24 February 2026.
    assert numbers["same"]["GBR"]["of"] == 6


def test_the_words_of_what_came_after(record: Record) -> None:
    numbers = count_later(record, "USA", ["RUS"], EVENT)
    order, reasons, unsure = word_later(numbers, member_names())
    assert order == (
        "On 7 adopted texts from 24 February 2025 to 24 February 2026, the United States voted in "
        "this order: no, abstain, no, yes, no, yes and abstain. That is 2 times yes, 2 times "
        "abstain and 3 times no. Without the 2 that only name the subject in passing it is 2 times "
        "yes, 2 times abstain and once no. Russia cast the same vote in 3 of 7, and in 1 of 5 "
        "without them."
    )
    assert "on 80/111, the text refers to the 2030 Agenda" in reasons
    # ES-11/9, 80/111, 80/223 and the text of 24 February 2026.
    assert unsure.startswith("Of 4 of these texts only the tally")


def test_one_text_and_no_reference_are_worded(record: Record) -> None:
    day = record.roll_calls["symbol"].isin(["A/RES/ES-11/7"])
    one = Record(record.members, record.roll_calls[day], record.votes, record.log, {})
    words = word_later(count_later(one, "USA", [], EVENT), member_names())
    assert words == [
        "On 1 adopted text of 24 February 2025, the United States voted in this order: no. That is "
        "once no."
    ]


def test_without_a_focus_an_event_or_classes_nothing_is_said(record: Record) -> None:
    plain = record.roll_calls.drop(columns="scope")
    other = Record(record.members, plain, record.votes, record.log, record.provenance)
    assert count_later(record, "", ["RUS"], EVENT) == {}
    assert count_later(record, "USA", ["RUS"], "") == {}
    assert count_later(record, "USA", ["RUS"], "2027-01-01") == {}
    assert count_later(other, "USA", ["RUS"], EVENT) == {}
    assert count_council(other, "USA") == {}
    assert word_later({}, member_names()) == word_council({}, member_names()) == []
    assert not show_later(other, "USA", ["RUS"], EVENT).text


def test_the_council_has_six_vetoes_all_by_russia(record: Record) -> None:
    numbers = count_council(record, "USA", ["RUS"])
    assert word_council(numbers, member_names()) == [
        "Of 17 votes in the Security Council, 4 were adopted, 7 failed and 6 were vetoed. "
        "The vetoes: 6 by Russia."
    ]
    shown = show_council(record, "USA", ["RUS"]).text
    row = next(line for line in shown.splitlines() if "S/2022/231" in line)
    assert row.split("2-0-13")[1].split()[:3] == ["abstain", "yes", "failed"]


def test_the_table_says_class_and_status(record: Record) -> None:
    lines = show_later(record, "USA", ["RUS"], EVENT).text.splitlines()
    row = next(line for line in lines if line.startswith("2025-12-10"))
    assert row.split("97-8-39")[1].split() == (
        ["no", "no", "adopted", "names", "it", "in", "passing", "some", "members"]
    )


def test_over_all_subjects_the_counts_are_those_of_the_issue(record: Record) -> None:
    overall = read_overall()
    (words,) = word_overall(overall, member_names())
    assert "voted 174 times no, 10 times yes and 8 times abstain in 192 recorded votes" in words
    for part in (
        *("Russia in 25 of 192", "China in 8 of 192", "the United Kingdom in 41 of 192"),
        *("Ukraine in 37 of 188", "Israel in 111 of 145", "Argentina in 97 of 155"),
    ):
        assert part in words
    assert show_overall(record, "USA").text.startswith(words)
    assert not show_overall(record, "FRA").text
    assert not show_overall(replace(record, provenance={"source": "undl"}), "USA").text


@pytest.mark.mirror
def test_over_all_subjects_the_counts_are_those_of_the_public_analysis(mirror: Path) -> None:
    rows = pd.read_csv(mirror / "later" / "ga_2025_ten_members.csv")
    votes = rows.pivot(index="symbol", columns="member", values="vote")
    for row in read_overall().to_dict("records"):
        own = votes["USA"]
        if row["count"] == "same":
            both = votes[own.ne("absent") & votes[row["other"]].ne("absent")]
            found = int((both["USA"] == both[row["other"]]).sum()), len(both)
        else:
            found = int((own == row["count"]).sum()), len(votes)
        assert found == (row["value"], row["of"])
    assert rows["date"].min() == row["date_from"]
    assert rows["date"].max() == row["date_to"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("no,USA,,174", "no,USA,,175", "the votes of USA add up to 193, of 192"),
        ("no,USA,,174", "nay,USA,,174", "line 2, count: 'nay' must be one of yes, abstain"),
        ("no,USA,,174", "no,UZA,,174", "line 2, member: 'UZA' is no member"),
        ("no,USA,,174", "no,USA,RUS,174", "line 2, other: must be left out"),
        ("same,USA,RUS,25", "same,USA,,25", "line 5, other: '' is no member"),
        ("same,USA,RUS,25", "same,USA,RUS,250", "line 5, value: 250 of 192 is no count"),
        ("25,192,2025-02-24", "25,192,2026-02-24", "line 5, date_from: 2026-02-24 to 2025-12-18"),
        ("count,", "counts,", "the columns must be count, member"),
    ],
)
def test_a_bad_edit_of_the_counts_is_named(
    root: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    copy = Path(shutil.copytree(root / "data" / "raw" / "ukraine", tmp_path / "ukraine"))
    path = copy / "all_subjects_2025.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_overall(copy)
    path.unlink()
    with pytest.raises(MissingDataError, match="is missing; restore it"):
        read_overall(copy)
