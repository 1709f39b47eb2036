"""Shifts: expected votes, texts voted on again, member-years, and the cases that are known.

The known cases are history, not our own figures: Portugal's revolution (1974), Argentina's new
government (December 2023), the end of Poland's one-party state (1989), the invasion of Grenada
(1983), and, as silences, Norway 2015 and Egypt in the 1970s.
"""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import Ballots, ballots_from_matrix, build_ballots
from helpers.errors import MissingDataError, ParameterError, SelectionError
from helpers.record import Record, load_record
from helpers.shifts import (
    MemberYears,
    Shift,
    Switches,
    compare_others,
    count_absences,
    count_by_run,
    count_new_titles,
    count_switches,
    expect_votes,
    find_runs,
    find_shift,
    load_member_years,
    measure_calibration,
    rank_member_years,
    read_member_years,
    score_expected,
    split_change,
    write_member_years,
)
from helpers.shifts.claims import VERDICTS
from helpers.shifts.expected import RECENCY, SHARPNESS, SHRINKAGE
from helpers.shifts.member_years import measure_distance, take_once
from helpers.shifts.parts import PARTS


def make_ballots(votes: Any, years: list[int], **columns: Any) -> Ballots:
    """Return ballots of members AAA, BBB, ... on one roll call a row, dated by year."""
    matrix = np.array(votes, dtype=np.int8)
    names = [chr(65 + i) * 3 for i in range(matrix.shape[1])]
    ballots = ballots_from_matrix(matrix, members=names)
    plain = {"body": "GA", "kind": "resolution", "title": "", "session": [str(y) for y in years]}
    calls = ballots.roll_calls.assign(
        date=pd.to_datetime([f"{y}-12-01" for y in years]),
        identical_group=ballots.roll_calls["roll_call"],
        **{**plain, **columns},
    )
    return Ballots(
        votes=ballots.votes,
        roll_calls=calls,
        members=ballots.members,
        weights=ballots.weights,
        blocks=ballots.blocks,
    )


def two_camps(n: int, members: int = 8) -> np.ndarray:
    """Return votes in which the first half of the members votes yes, the second no."""
    return np.tile(np.repeat([1, 3], members // 2).astype(np.int8), (n, 1))


# ----------------------------------------------------------------------------- expected votes


def test_a_vote_is_expected_from_those_that_voted_alike_before() -> None:
    """Two camps in 2020; in 2021 AAA votes with the other camp. Arithmetic: its likeness to its
    own camp is 1 less shrinkage, to the other -1, so that its own camp's yes has nearly all."""
    votes = np.vstack([two_camps(40), two_camps(1)])
    votes[-1, 0] = 3
    expected = expect_votes(make_ballots(votes, [2020] * 40 + [2021]), own_habit=False)
    assert expected.probabilities[-1, 0].argmax() == 0
    assert expected.probabilities[-1, 0, 0] > 0.95
    assert expected.surprise[-1, 0] > 3 > expected.surprise[-1, 1]
    assert np.isnan(expected.probabilities[:40]).all()  # nothing comes before 2020


def test_own_vote_and_own_year_are_never_used() -> None:
    votes = np.vstack([two_camps(40), two_camps(6)])
    years = [2020] * 40 + [2021] * 6
    other = votes.copy()
    other[40:, 0] = [3, 2, 3, 2, 0, 3]
    a, b = (expect_votes(make_ballots(v, years)).probabilities for v in (votes, other))
    both = ~np.isnan(b[:, 0, 0])
    np.testing.assert_array_equal(a[both, 0], b[both, 0])


def test_companions_that_turned_together_hide_each_other() -> None:
    votes = np.vstack([two_camps(40), two_camps(1)])
    votes[-1, :4] = [3, 3, 3, 1]
    ballots = make_ballots(votes, [2020] * 40 + [2021])
    with_them = expect_votes(ballots, own_habit=False).probabilities[-1, 0, 2]
    without = expect_votes(ballots, own_habit=False, without=["BBB", "CCC"])
    assert without.probabilities[-1, 0, 2] < 0.1 < 0.5 < with_them


def test_probabilities_add_to_one_and_respect_the_floor() -> None:
    rng = np.random.default_rng(1)
    ballots = make_ballots(rng.integers(0, 4, (90, 9)), np.repeat([2019, 2020, 2021], 30).tolist())
    p = expect_votes(ballots, floor=0.02).probabilities
    known = p[~np.isnan(p[:, :, 0])]
    np.testing.assert_allclose(known.sum(axis=1), 1, rtol=1e-5)
    assert known.min() > 0.018


def test_expectations_equal_a_plain_account_of_the_formula() -> None:
    """An independent implementation, loops over members and roll calls, on chance votes."""
    rng = np.random.default_rng(5)
    votes = rng.integers(0, 4, (40, 6)).astype(np.int8)
    years = np.repeat([2018, 2019, 2020, 2021], 10)
    fast = expect_votes(make_ballots(votes, years.tolist()), own_habit=False, without=["FFF"])
    slow = plain_expectation(votes, years, used=range(5))
    np.testing.assert_allclose(fast.probabilities, slow, rtol=2e-4)


def plain_expectation(votes: np.ndarray, years: np.ndarray, used: range) -> np.ndarray:
    """Write the formula of `expect_votes` out, vote by vote."""
    n, m = votes.shape
    x = np.zeros((n, m, 3))
    for j in range(n):
        share = np.array([(votes[j] == c).sum() for c in (1, 2, 3)])
        for i in np.flatnonzero(votes[j]):
            x[j, i] = (np.arange(1, 4) == votes[j, i]) - share / max(share.sum(), 1)
    out = np.full((n, m, 3), np.nan)
    for j in range(n):
        past = [t for t in range(n) if years[j] - 3 <= years[t] < years[j]]
        weight = {t: 0.6 ** (years[j] - 1 - years[t]) for t in past}
        for i in np.flatnonzero(votes[j]):
            likeness = {}
            for k in used:
                both = [t for t in past if votes[t, i] and votes[t, k]]
                if k == i or not both:
                    continue
                top = sum(weight[t] * x[t, i] @ x[t, k] for t in both)
                own, its = (sum(weight[t] * x[t, a] @ x[t, a] for t in both) for a in (i, k))
                likeness[k] = top / (np.sqrt(own * its) + 5)
            if not likeness:
                continue
            peak = max(likeness.values())
            p = np.zeros(3)
            for k in likeness:
                if votes[j, k]:
                    p[votes[j, k] - 1] += np.exp(12 * (likeness[k] - peak))
            others = [votes[j, k] for k in used if k != i and votes[j, k]]
            for c in (1, 2, 3):
                p[c - 1] += 0.1 * sum(v == c for v in others) / max(len(others), 1)
            if p.sum() > 0:
                p = np.maximum(p / p.sum(), 0.01)
                out[j, i] = p / p.sum()
    return out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"years": 0}, "years: 0 must be 1 or more"),
        ({"floor": 0.5, "recency": 0}, "recency: 0 must be above 0 and at most 1; floor: 0.5"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        expect_votes(make_ballots(two_camps(2), [2020, 2021]), **options)


def test_what_cannot_be_expected_is_said() -> None:
    with pytest.raises(SelectionError, match="without: not in this selection: 'XXX'"):
        expect_votes(make_ballots(two_camps(2), [2020, 2021]), without=["XXX"])
    with pytest.raises(SelectionError, match="the roll calls have no dates"):
        expect_votes(ballots_from_matrix([[1, 3]], members=["AAA", "BBB"]))


# ----------------------------------------------------------------------------- texts again


def test_changes_on_texts_that_came_back_are_counted() -> None:
    """BBB turns from yes to no, the three others do not: expected 1/3 each for them, 0 for it."""
    ballots = make_ballots([[1, 1, 1, 3], [1, 3, 1, 3]], [2020, 2021], title="Missiles")
    table = count_switches(ballots).table.set_index("member")
    assert table["changed"].tolist() == [0, 1, 0, 0]
    assert table["reversed"].tolist() == [0, 1, 0, 0]
    assert table["expected"].tolist() == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3])
    assert table.loc["BBB", "excess"] == 1.0
    assert table["rank"].isna().all()  # one text is too few for a rank


def test_runs_go_along_the_text_and_over_absences() -> None:
    ballots = make_ballots(
        [[1, 1], [1, 3], [0, 3], [1, 3], [3, 3]], [2018, 2019, 2020, 2021, 2022], title="Missiles"
    )
    votes = count_switches(ballots).votes
    last = votes[votes["year"] == 2022].set_index("member")
    assert last.loc["BBB", "run"] == 3
    assert votes[votes["member"] == "AAA"]["run"].tolist() == [1, 3]
    runs = find_runs(ballots)
    ended = runs[runs["ended"]]
    assert ended[["member", "run", "run_vote", "vote"]].to_numpy().tolist() == [
        ["BBB", 1, "yes", "no"],
        ["AAA", 3, "yes", "no"],
    ]


def test_no_text_came_back() -> None:
    with pytest.raises(SelectionError, match="no text of this selection came back"):
        count_switches(make_ballots(two_camps(2), [2020, 2021], title=["A", "B"]))


# ----------------------------------------------------------------------------- member-years


def test_distance_is_the_share_of_others_that_voted_otherwise() -> None:
    """Arithmetic: in 2020 all vote yes (0). In 2021 AAA is alone (1), the others each differ from
    one of three (1/3); the mean change is (1 + 3/3) / 4 = 1/2."""
    found = measure_distance(make_ballots([[1] * 4, [3, 1, 1, 1]], [2020, 2021]), 3)
    now = found[found["year"] == 2021].set_index("member")
    assert now["distance"].tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
    assert now.loc["AAA", "distance_change"] == pytest.approx(0.5)


def test_a_table_is_written_and_read_again(tmp_path: Path) -> None:
    found = load_member_years()
    for name in ("a.csv", "b.csv.gz"):
        write_member_years(found, tmp_path / name)
        again = read_member_years(tmp_path / name)
        pd.testing.assert_frame_equal(again.table, found.table)
        assert again.provenance == found.provenance
    with pytest.raises(MissingDataError, match=r"make it with `unblocs member-years`"):
        read_member_years(tmp_path / "c.csv")


def test_a_member_year_that_is_not_there() -> None:
    with pytest.raises(SelectionError, match="SSD 2012: not among the member-years"):
        load_member_years().of("SSD", 2012)


@pytest.fixture(scope="module")
def whole(ga_record: Record) -> Ballots:
    return take_once(build_ballots(ga_record, body="GA", blocks="day"))


@pytest.fixture(scope="module")
def member_years(ga_record: Record) -> MemberYears:
    return rank_member_years(ga_record)


@pytest.fixture(scope="module")
def switches(whole: Ballots) -> Switches:
    return count_switches(whole)


@pytest.mark.mirror
def test_the_bars_of_expected_votes(whole: Ballots) -> None:
    """Bars: nearest voters of a prototype, -0.203 and 93.0% since 1950, -0.215 and 92.5% on
    September 2021 to 2025, 0.34 CPU seconds; roll-call shares alone give -0.52 there."""
    expect_votes(whole)
    start = time.process_time()
    expected = expect_votes(whole)
    assert time.process_time() - start < 0.34
    since = score_expected(expected, date_from="1950-01-01")
    late = score_expected(expected, date_from="2021-09-01")
    assert since.n_votes > 810_000
    assert since.log_score > -0.203
    assert since.right > 0.930
    assert late.log_score > -0.215
    assert late.right > 0.925
    edges = [0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.94, 0.97]
    bins = measure_calibration(expected, edges)
    ratio = bins["observed"] / bins["predicted"]
    assert len(bins) == len(edges) - 1
    assert ratio.between(0.75, 1.25).all()


@pytest.mark.mirror
def test_settings_were_chosen_on_years_before_those_they_are_judged_on(whole: Ballots) -> None:
    """Of 27 settings those in use are the best on 1950 to 1989; no later vote is read."""
    early = whole.take(roll_calls=(whole.roll_calls["date"] < "1990-01-01").to_numpy())
    scores = {}
    for recency, sharpness, shrinkage in product((0.6, 0.8, 1.0), (10, 12, 14), (2, 5, 10)):
        expected = expect_votes(early, recency=recency, sharpness=sharpness, shrinkage=shrinkage)
        score = score_expected(expected, date_from="1950-01-01")
        scores[recency, sharpness, shrinkage] = score.log_score
    assert max(scores, key=scores.__getitem__) == (RECENCY, SHARPNESS, SHRINKAGE)


@pytest.mark.mirror
def test_leaders_and_silences_by_surprise(member_years: MemberYears) -> None:
    leaders = member_years.table.head(3)[["member", "year"]].to_numpy().tolist()
    assert leaders == [["GRD", 1985], ["USA", 2025], ["ARG", 2024]]
    usa = member_years.of("USA", 2025)
    assert 1 < usa["low"] < usa["surprise"] < usa["high"]
    assert usa["rank_without_lone_noes"] > 100  # lone dissent, not more
    assert usa["rank_distance"] <= 2
    assert member_years.of("USA", 2024)["surprise"] < 0
    assert member_years.of("POL", 1990)["rank"] < 150
    n = len(member_years.table)
    assert member_years.of("NOR", 2015)["rank"] > 0.85 * n
    egypt = [member_years.of("EGY", year) for year in range(1973, 1981)]
    assert min(row["rank"] for row in egypt) > 0.23 * n  # nothing above the 77th percentile
    assert max(row["excess_changed"] for row in egypt) < 0


@pytest.mark.mirror
def test_leaders_and_silences_by_texts(switches: Switches) -> None:
    table = switches.table.set_index(["member", "year"])
    assert table["rank"].nsmallest(2).index.tolist() == [("PRT", 1974), ("ARG", 2024)]
    assert table.loc[("ARG", 2024), ["changed", "recurring"]].tolist() == [44, 77]
    assert table.loc[("POL", 1990), "rank"] <= 5
    assert table.loc[("GRD", 1985), ["changed", "recurring", "rank"]].tolist()[:2] == [8, 12]
    assert table.loc[("GRD", 1985), "rank"] <= 10
    assert table.loc[("USA", 2024), ["changed", "recurring"]].tolist() == [2, 77]
    assert table.loc[("USA", 2025), ["changed", "recurring"]].tolist() == [2, 6]
    assert pd.isna(table.loc[("USA", 2025), "rank"])
    assert table.loc[("HUN", 2024), ["changed", "recurring"]].tolist() == [5, 77]
    assert table.loc[("NOR", 2015), ["changed", "recurring"]].tolist() == [2, 64]


@pytest.mark.mirror
def test_votes_seldom_change_and_long_runs_hardly_ever(switches: Switches) -> None:
    """A prototype counted 4.3% of votes that differ; of 26,099 after more than 20 equal yes votes
    0.5%, to no 0.08%. Our titles tie more texts."""
    votes = switches.votes
    assert (votes["vote_before"] != votes["vote_after"]).mean() == pytest.approx(0.043, abs=0.002)
    after = count_by_run(switches, vote="yes", longer_than=20)
    assert after.sum() > 26_000
    assert 1 - after["yes"] / after.sum() == pytest.approx(0.005, abs=0.001)
    assert after["no"] / after.sum() == pytest.approx(0.0008, abs=0.0003)


@pytest.mark.mirror
def test_the_shipped_table_is_what_the_record_gives(member_years: MemberYears) -> None:
    shipped = load_member_years()
    assert shipped.provenance["files"] == member_years.provenance["files"]
    columns = ["member", "year", "n_votes", "rank", "recurring", "changed"]
    pd.testing.assert_frame_equal(
        shipped.table[columns], member_years.table[columns], check_dtype=False
    )
    np.testing.assert_allclose(
        shipped.table["surprise"], member_years.table["surprise"], atol=6e-4, rtol=0
    )


@pytest.mark.mirror
def test_all_member_years_in_two_seconds(ga_record: Record) -> None:
    start = time.process_time()
    rank_member_years(ga_record)
    assert time.process_time() - start < 2


# ----------------------------------------------------------------------------- parts of a change


def make_periods() -> tuple[Ballots, Ballots]:
    """Return two periods of AAA and BBB: subjects nu (before only), me and hr."""
    before = make_ballots(
        [[1, 1], [1, 1], [1, 3], [1, 1], [1, 3]],
        [2020] * 5,
        issues=["nu", "nu", "me", "hr", "hr"],
        agenda="",
    )
    after = make_ballots(
        [[1, 3], [1, 3], [1, 3], [1, 1]], [2021] * 4, issues=["me", "me", "hr", "hr"], agenda=""
    )
    return before, after


def test_parts_of_a_change_by_hand() -> None:
    """Arithmetic. Before: 3/5 equal, on the common subjects 1/3 (me 0 of 1, hr 1 of 2); after 1/4
    (me 0 of 2, hr 1 of 2). Only before: 1/3 - 3/5. Behaviour 0: each subject is as it was. Agenda:
    hr falls from 2/3 to 1/2 of the common votes, at 1/2: -1/12."""
    parts = split_change(*make_periods(), "AAA", "BBB", replicates=20)
    assert (parts.before, parts.after) == (0.6, 0.25)
    assert parts.part("only before") == pytest.approx(1 / 3 - 3 / 5)
    assert parts.part("behaviour") == pytest.approx(0, abs=1e-12)
    assert parts.part("agenda") == pytest.approx(-1 / 12)
    assert parts.part("only after") == 0
    assert parts.part("change") == pytest.approx(0.25 - 0.6, rel=1e-12)


def test_parts_add_up_whatever_the_votes() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        periods = [
            make_ballots(
                rng.integers(1, 4, (n, 2)),
                [year] * n,
                issues=rng.choice(["nu", "me", "hr", "", "di"], n).tolist(),
                agenda="",
            )
            for n, year in ((30, 2020), (12, 2021))
        ]
        parts = split_change(*periods, "AAA", "BBB", replicates=20)
        by_subject = parts.by_subject[list(PARTS)].sum()
        assert by_subject.sum() == pytest.approx(parts.after - parts.before, rel=1e-9)
        for name in PARTS:
            assert parts.part(name) == pytest.approx(by_subject[name], rel=1e-9, abs=1e-12)


def test_nothing_in_common_cannot_be_split() -> None:
    before, after = make_periods()
    only = before.take(roll_calls=[0, 1])
    with pytest.raises(SelectionError, match="AAA and BBB: no subject was voted on in both"):
        split_change(only, after, "AAA", "BBB")


@pytest.mark.mirror
@pytest.mark.parametrize(
    ("reference", "change", "behaviour", "agenda", "once"),
    [("RUS", -0.118, -0.027, 0.016, -0.108), ("GBR", -0.590, -0.43, -0.07, -0.08)],
)
def test_what_the_united_states_of_2025_changed(
    whole: Ballots, reference: str, change: float, behaviour: float, agenda: float, once: float
) -> None:
    """An independent prototype on the same votes, with subject codes that were fewer then: the
    change is the same to its digits, the parts are as near as the codes are."""
    year = whole.roll_calls["date"].dt.year.to_numpy()
    before = whole.take(roll_calls=(year >= 2022) & (year < 2025))
    after = whole.take(roll_calls=year == 2025)
    parts = split_change(before, after, "USA", reference, subject="ukraine", replicates=50)
    assert parts.part("change") == pytest.approx(change, abs=0.0006)
    assert parts.part("behaviour") == pytest.approx(behaviour, abs=0.05)
    assert parts.part("agenda") == pytest.approx(agenda, abs=0.05)
    assert parts.part("only before") == pytest.approx(once, abs=0.05)


# ----------------------------------------------------------------------------- everybody else


def test_everybody_is_compared_on_the_day() -> None:
    """AAA goes from 0 to 1 with CCC, BBB stays at 1/2: Lijphart's index of yes, abstain, no."""
    votes = [[1, 2, 3]] * 4 + [[3, 2, 3]]
    found = compare_others(make_ballots(votes, [2018, 2019, 2020, 2021, 2022]), "CCC", "2022-12-01")
    assert found.table[["member", "before", "on_day", "rank"]].to_numpy().tolist() == [
        ["AAA", 0.0, 1.0, 1],
        ["BBB", 0.5, 0.5, 2],
    ]
    assert (found.reached(1.0), len(found.placebo)) == (0, 2)  # 2021, two members


def test_new_titles_and_lone_noes_by_year() -> None:
    ballots = make_ballots(
        [[1, 1], [3, 1], [3, 1], [3, 3]], [2020, 2021, 2021, 2021], title=["A", "a", "B", "C"]
    )
    found = count_new_titles(ballots, "AAA")
    assert found.to_numpy().tolist() == [[2020, 1, 1, 0, 0], [2021, 3, 2, 2, 1]]


@pytest.mark.mirror
def test_new_titles_of_2025(whole: Ballots) -> None:
    """26 of 34, and all 14 lone noes of the United States, in a prototype on this record; 2007:
    19% of the votes, its most before."""
    found = count_new_titles(whole, "USA").set_index("year")
    assert found.loc[2025].tolist() == [34, 26, 14, 14]
    assert found.loc[2024, "alone"] == 0
    before = found["alone"] / found["roll_calls"]
    assert before[before.index < 2025].idxmax() == 2007
    assert before[2007] == pytest.approx(0.19, abs=0.005)


@pytest.mark.mirror
def test_absence_is_a_series_of_its_own(ga_record: Record) -> None:
    """53% of Argentina's and 41% of Israel's votes of 2025 were missed, counted in the record."""
    found = count_absences(ga_record, 3).set_index(["member", "year"])
    assert found.loc[("ARG", 2025), "absent"] == pytest.approx(0.53, abs=0.005)
    assert found.loc[("ISR", 2025), "absent"] == pytest.approx(0.41, abs=0.005)
    assert found.loc[("ARG", 2023), "absent"] == 0
    assert found.loc[("ARG", 2025), "rise"] > 0.4


# ----------------------------------------------------------------------------- the verdict


@pytest.fixture(scope="module")
def dossier_shift() -> Shift:
    record = load_record("dossier")
    return find_shift(
        record,
        "USA",
        ["RUS", "UKR", "GBR"],
        "2025-02-24",
        target="A/RES/ES-11/7",
        subject="ukraine",
    )


@pytest.fixture(scope="module")
def record_shift(ga_record: Record, member_years: MemberYears) -> Shift:
    return find_shift(
        ga_record,
        "USA",
        ["RUS", "UKR", "GBR", "ISR"],
        "2025-02-24",
        target="A/RES/ES-11/7",
        subject="ukraine",
        member_years=member_years,
    )


def test_on_the_dossier_two_claims_cannot_be_judged(dossier_shift: Shift) -> None:
    """21 of 21 yes, then no, and the four that turned with it: counts of the published votes."""
    assert not dossier_shift.whole
    run = dossier_shift.claim("run ended")
    assert (run["numerator"], run["denominator"], run["verdict"]) == (21, 21, "certain")
    assert dossier_shift.claim("runs elsewhere")["numerator"] == 0
    assert dossier_shift.companions == ("HUN", "ISR", "MHL", "PLW")
    assert dossier_shift.claim("towards RUS that day")["value"] == 0.75
    for name in ("away from everybody", "alone on new titles", "towards anybody in the year"):
        assert dossier_shift.claim(name)["verdict"] == "cannot be judged"
    assert "Whether it moved away from everybody cannot be judged from this record." in (
        dossier_shift.verdict
    )
    assert dossier_shift.claim("surprise")["rank"] == 2  # of the table that comes with the project


def test_what_came_after_is_no_policy(dossier_shift: Shift) -> None:
    """79/284 no, then ES-11/9 yes, 80/111 no, 80/223 yes, and an abstention on 24 February 2026:
    the dossier's later votes, from the Library's data and a public analysis of it."""
    assert dossier_shift.later["vote"].tolist() == ["no", "yes", "no", "yes", "abstain"]
    after = dossier_shift.claim("after")
    assert (after["numerator"], after["denominator"]) == (2, 5)


def test_verdict_words_are_those_with_a_rule(dossier_shift: Shift) -> None:
    assert set(dossier_shift.claims["verdict"]) <= set(VERDICTS)
    assert dossier_shift.claims["claim"].is_unique
    with pytest.raises(SelectionError, match="no claim 'runs'; there are run ended, same vote"):
        dossier_shift.claim("runs")


def test_a_chosen_day_is_called_chosen(dossier_shift: Shift) -> None:
    assert dossier_shift.word({"USA": "the United States"})[0] == (
        "On the subject the United States voted yes all 21 earlier times and no on 2025-02-24: "
        "that is certain. The day was chosen by looking at its votes, not detected."
    )


def test_a_member_that_did_not_change_is_said_not_to_have() -> None:
    shift = find_shift(load_record("dossier"), "GBR", ["RUS"], "2025-02-24", subject="ukraine")
    assert shift.claim("run ended")["verdict"] == "not seen"
    assert shift.companions == ()
    assert shift.claim("towards RUS that day")["verdict"] == "not beyond everybody"
    assert shift.verdict[0] == (
        "On the subject GBR voted yes on 2025-02-24, as all 21 earlier times."
    )


@pytest.mark.parametrize(
    ("options", "sentence", "error"),
    [
        ({"focus": "RUS"}, "references: 'RUS' is the focus", ParameterError),
        ({"event": "February"}, "event: 'February' is no ISO date", ParameterError),
        ({"event": "2025-02-25"}, "event: no vote on the subject 'ukraine'", SelectionError),
        ({"focus": "XXX"}, "focus: no vote of 'XXX' in this record", SelectionError),
    ],
)
def test_questions_that_cannot_be_asked(
    options: dict[str, str], sentence: str, error: type[Exception]
) -> None:
    asked = {"focus": "USA", "event": "2025-02-24"} | options
    with pytest.raises(error, match=sentence):
        find_shift(
            load_record("dossier"), asked["focus"], ["RUS"], asked["event"], subject="ukraine"
        )


@pytest.mark.mirror
def test_the_claims_about_the_united_states(record_shift: Shift) -> None:
    """Each figure of the issue that asked the question, reproduced on the same record."""
    claim = record_shift.claim
    assert claim("expected with companions")["value"] > 0.5
    assert claim("expected without companions")["value"] < 0.015
    assert claim("surprise")["rank"] == 2
    assert claim("surprise by choice")["high"] <= 3
    assert claim("surprise without lone noes")["rank"] > 100
    assert claim("away from everybody")["rank"] <= 2
    assert record_shift.facts["agreement"] == pytest.approx(0.089, abs=0.0005)
    assert claim("towards RUS in the year")["verdict"] == "no clear change"
    assert claim("towards GBR in the year")["verdict"] == "away"
    day = claim("towards RUS that day")
    assert (day["value"], day["verdict"]) == (0.75, "beyond everybody")
    assert day["numerator"] <= 3
    assert claim("texts again 2025")["verdict"] == "too few for a rate"
    assert any("the exception is lone dissent" in sentence for sentence in record_shift.verdict)


@pytest.mark.mirror
def test_egypt_s_turn_is_not_in_the_votes(ga_record: Record, member_years: MemberYears) -> None:
    """The peace of 1979, which everybody believes to have moved Egypt: no measure is rare."""
    days = ga_record.roll_calls["date"]
    day = days[days.dt.year == 1979].iloc[-1]
    shift = find_shift(
        ga_record, "EGY", ["USA", "RUS"], str(day.date()), member_years=member_years, replicates=50
    )
    judged = shift.claims.set_index("claim")["verdict"]
    for name in ("surprise", "surprise without lone noes", "texts again 1979"):
        assert judged[name] == "not uncommon"


@pytest.mark.mirror
def test_all_of_it_in_fifteen_seconds(ga_record: Record) -> None:
    start = time.process_time()
    find_shift(
        ga_record, "USA", ["RUS", "UKR", "GBR", "FRA", "DEU"], "2025-02-24", subject="ukraine"
    )
    assert time.process_time() - start < 15
