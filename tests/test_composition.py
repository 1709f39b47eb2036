"""What is voted on by window: shares by hand, a jump that fools a series, months that differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import Ballots, build_ballots, compare_months, measure_composition
from helpers.ballots.select import ballots_from_matrix
from helpers.errors import ParameterError
from helpers.record import Record, apply_kinds, load_record, reconcile
from helpers.report import show_composition
from helpers.report.sections.composition import word_composition
from helpers.similarity import measure_similarity


def made(**columns: Any) -> Ballots:
    """Ballots of one member with the columns of the record; each text on its own."""
    n = len(next(iter(columns.values())))
    ballots = ballots_from_matrix([[1]] * n, members=["USA"])
    ids = ballots.roll_calls["roll_call"]
    words = ["on " + "".join("abcdefghij"[int(d)] for d in f"{i:03}") for i in range(n)]
    table = {"body": "GA", "session": "70", "title": words, "issues": "", "kind": "resolution"}
    table |= {"identical_group": ids, **columns}
    for name, values in table.items():
        ballots.roll_calls[name] = values
    ballots.roll_calls["date"] = pd.to_datetime(ballots.roll_calls["date"])
    return ballots


def two_years(first: int, second: int, n: int = 40, **columns: Any) -> Ballots:
    """Paragraphs: so many of ``n`` roll calls in 2015, and so many in 2016."""
    kinds = [["paragraph"] * k + ["resolution"] * (n - k) for k in (first, second)]
    dates = ["2015-12-01"] * n + ["2016-12-01"] * n
    return made(date=dates, kind=[*kinds[0], *kinds[1]], **columns)


def shares(found: Any, aspect: str, value: str) -> list[float]:
    table = found.table
    mine = table[table["aspect"].eq(aspect) & table["value"].eq(value)]
    return mine["share"].tolist()


def test_shares_by_hand() -> None:
    """Of four roll calls: one paragraph, two on human rights, one without codes, one special."""
    ballots = made(
        date=["2015-12-01"] * 4,
        kind=["paragraph", "resolution", "resolution", "decision"],
        issues=["hr", "hr co", None, ""],
        session=["70", "70", "ES-10", "70"],
    )
    found = measure_composition(ballots, "year")
    assert shares(found, "kind", "paragraph") == [0.25]
    assert shares(found, "kind", "decision") == [0.25]
    assert shares(found, "subject", "hr") == [0.5]
    assert shares(found, "subject", "co") == [0.25]
    assert shares(found, "subject", "unknown") == [0.25]
    assert shares(found, "session", "special") == [0.25]
    assert shares(found, "text", "repeated") == [0.0]
    assert found.table["roll_calls"].eq(4).all() and found.jumps.empty


def test_a_text_is_repeated_in_each_window_that_has_it() -> None:
    titles = ["Missiles", "Other matters", "Missiles", "Further matters"]
    dates = ["2014-12-01", "2014-12-01", "2015-12-01", "2015-12-01"]
    ballots = made(date=dates, title=titles, session=["69", "69", "70", "70"])
    assert shares(measure_composition(ballots, "session"), "text", "repeated") == [0.5, 0.5]


def test_a_jump_is_large_and_no_chance() -> None:
    """0 of 40, then 12 of 40: Fisher's exact test by hypergeometric sums.

    p = 2 * C(40, 12) / C(80, 12), as the margins are equal: C(40, 12) = 5,586,853,480 and
    C(80, 12) = 60,246,643,120,620 (about), so p = 0.000185.
    """
    found = measure_composition(two_years(0, 12), "year")
    jump = found.jumps.set_index("value")
    assert list(jump.index) == ["resolution", "paragraph"]
    row = jump.loc["paragraph"]
    assert row[["share_before", "share_after"]].tolist() == [0.0, 0.3]
    assert row["p"] == pytest.approx(2 * 5586853480 / 60246643120620, rel=1e-3)
    assert row[["period_before", "period_after"]].tolist() == ["2015", "2016"]
    # Large, but once in a thousand by chance or more: 0 of 40, then 9 of 40 (p = 0.0024).
    assert measure_composition(two_years(0, 9), "year").jumps.empty
    # No chance, but small: 0 of 99, then 14 of 99.
    assert measure_composition(two_years(0, 14, n=99), "year").jumps.empty
    assert len(measure_composition(two_years(0, 14, n=99), "year", gap=0.1).jumps) == 2
    assert measure_composition(two_years(0, 9, n=9), "year").jumps.empty  # too few roll calls


def test_what_jumps_is_taken_out_and_the_rest_is_comparable() -> None:
    ballots = two_years(0, 12)
    found = measure_composition(ballots, "year")
    kept = ballots.roll_calls[found.comparable]
    assert set(kept["kind"]) == {"resolution"} and len(kept) == 68  # of 80, 12 on paragraphs
    assert measure_composition(two_years(5, 6), "year").comparable.all()
    emergency = two_years(0, 0, session=["70"] * 40 + ["ES-11"] * 15 + ["71"] * 25)
    found = measure_composition(emergency, "year")
    assert found.jumps["value"].tolist() == ["special"]
    assert found.comparable.sum() == 65
    # By session the special one is a window of its own and is not compared.
    assert measure_composition(emergency, "session").jumps.empty


def test_a_part_of_a_year_is_not_a_year() -> None:
    """Three votes in autumn, one in spring; then one in spring: three quarters have no month."""
    dates = ["2024-03-01", "2024-11-01", "2024-12-01", "2024-12-02", "2025-03-03"]
    row = compare_months(made(date=dates), "year").iloc[0]
    assert row.tolist() == ["2024", "2025", "Mar Nov Dec", "Mar", 0.75, 0.0, True]
    same = compare_months(made(date=[*dates[:4], "2025-03-03", "2025-12-01"]), "year").iloc[0]
    assert (same["only_before"], same["unlike"]) == (0.25, False)
    assert compare_months(made(date=dates), []).empty


def test_the_words_say_what_jumps_and_what_can_be_compared() -> None:
    found = measure_composition(two_years(0, 12), "year")
    assert word_composition(found) == [
        "What is voted on changes from 2015 to 2016 (40 and 40 votes): votes on resolutions are "
        "100%, then 70% and votes on paragraphs are 0%, then 30%.",
        "A series over these windows changes with what is voted on; it is drawn a second time on "
        "the 68 of 80 votes that can be compared.",
    ]
    shown = show_composition(found)
    assert shown.name == "composition what-is-voted-on"
    assert "votes on paragraphs" in repr(shown) and "0.30" in repr(shown)


def test_the_words_say_where_nothing_jumps_and_where_months_differ() -> None:
    dates = ["2014-10-01"] * 12 + ["2015-03-01"] * 12
    words = word_composition(measure_composition(made(date=dates), "year"))
    assert words[0].startswith("Between no two neighbouring windows that are long enough does")
    assert words[1] == (
        "These neighbouring windows are of unlike months: 2014 (Oct) and 2015 (Mar). What comes to "
        "the vote in one part of a year is not what comes in another."
    )
    alone = measure_composition(made(date=dates), [])
    assert word_composition(alone) == [
        "The whole period is one window, so what is voted on is not compared."
    ]
    assert show_composition(alone).name == "composition"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"gap": 0}, "gap 0 and level 0.001 must be above 0, level also below 1"),
        ({"level": 1.0}, "gap 0.15 and level 1.0 must be above 0, level also below 1"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        measure_composition(two_years(0, 1), "year", **options)


def test_roll_calls_without_the_record_s_columns_are_refused() -> None:
    bare = ballots_from_matrix([[1]], members=["USA"])
    with pytest.raises(ParameterError, match="lack body, kind, session, date, title, issues"):
        measure_composition(bare, "year")


# --- the full record ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unvotes(mirror: Any, ga_record: Record) -> Record:
    record = load_record("unvotes", mirror=mirror)
    return apply_kinds(record, ga_record, reconcile(record, ga_record))


def mean_agreement(ballots: Ballots) -> float:
    """Mean over members of the agreement (Lijphart) with the United States, in per cent."""
    found = measure_similarity(ballots, "lijphart", min_shared=1).values.loc["USA"].drop("USA")
    return float(100 * found.mean())


def by_year(record: Record, **options: Any) -> list[float]:
    years = range(2015, 2019)
    spans = [{"date_from": f"{y}-01-01", "date_to": f"{y}-12-31"} for y in years]
    return [round(mean_agreement(build_ballots(record, **span, **options)), 1) for span in spans]


@pytest.mark.mirror
def test_a_series_that_rises_with_the_votes_on_paragraphs(
    unvotes: Record, ga_record: Record
) -> None:
    """Recomputed from the raw files by independent code, 2015 to 2018 (the issue's figures)."""
    assert by_year(unvotes) == [36.8, 54.5, 40.2, 32.0]
    assert by_year(ga_record) == [36.8, 40.9, 31.7, 30.2]


@pytest.mark.mirror
def test_the_jumps_of_unvotes_are_found_and_taken_out(unvotes: Record) -> None:
    """Votes on paragraphs vanish after 2012, return for 2016 and 2017, and vanish again."""
    ballots = build_ballots(unvotes, date_from="2010-01-01", date_to="2019-12-31")
    found = measure_composition(ballots, "year")
    jumps = found.jumps[found.jumps["value"].eq("paragraph")]
    assert jumps["period_after"].tolist() == ["2013", "2016", "2018"]
    kept = ballots.take(roll_calls=found.comparable)
    assert set(kept.roll_calls["kind"]) == {"resolution"}
    years = kept.roll_calls["date"].dt.year
    means = [mean_agreement(kept.take(roll_calls=(years == y).to_numpy())) for y in (2015, 2016)]
    assert means == pytest.approx([36.8, 42.3], abs=0.05)  # on all kinds 36.8 and 54.5
    assert by_year(unvotes, kinds=["resolution"])[:2] == [36.8, 42.3]


@pytest.mark.mirror
def test_the_library_s_sessions_raise_no_alarm(ga_record: Record) -> None:
    """Adopted texts only: no alarm is asked for in 70 of 80 sessions."""
    found = measure_composition(build_ballots(ga_record), "session")
    regular = found.table.loc[~found.table["period"].str.contains("S-"), "period"].nunique()
    assert regular == 79  # session 19 has no recorded vote
    assert found.jumps["period_after"].nunique() <= 9
    assert found.months.set_index("period_after").loc["80", "unlike"]


@pytest.mark.mirror
def test_january_to_october_is_no_year(ga_record: Record) -> None:
    """The file ends on 29 October 2025; most texts come to the vote from October to December."""
    ballots = build_ballots(ga_record, date_from="2015-01-01")
    months = compare_months(ballots, "year").set_index("period_after")
    assert months["unlike"].tolist() == [False] * 9 + [True]
    spring = ballots.roll_calls["date"].dt.month.lt(10)
    few = spring.groupby(ballots.roll_calls["date"].dt.year).sum()
    assert np.median(few) <= 10
