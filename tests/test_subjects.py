"""Subjects: the six codes where nobody coded them, and free words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ParameterError
from helpers.record.subjects import (
    evaluate_subjects,
    fill_issues,
    fit_model,
    infer_issues,
    load_model,
    match_words,
    write_model,
)
from helpers.record.tables import ISSUES, Record

UKRAINE = """68/262 71/205 72/190 73/194 73/263 74/17 74/168 75/29 75/192 76/70 76/179 ES-11/1
ES-11/2 ES-11/3 ES-11/4 ES-11/5 77/229 ES-11/6 78/221 78/316 79/184 ES-11/7 ES-11/8"""
"""The 23 recorded votes on Ukraine, 27 March 2014 to 24 February 2025 (list of the project)."""


def _calls(titles: list[str], **columns: list[str | None]) -> pd.DataFrame:
    table = pd.DataFrame({"title": titles, "agenda": None, "session": "60"})
    table["agenda"] = table["agenda"].astype("str")
    return table.assign(**columns)


def _teach(seed: int = 1) -> pd.DataFrame:
    """Make a coded record whose codes follow from one word each, as a coder's search would."""
    rng = np.random.default_rng(seed)
    words = dict(
        zip(ISSUES, ["jerusalem", "atomic", "arms", "rights", "colony", "trade"], strict=True)
    )
    rows = []
    for i in range(900):
        codes = [code for code in ISSUES if rng.random() < 0.25]
        noise = [f"n{''.join(rng.choice(list('bcdfgh'), 5))}" for _ in range(3)]
        said = [words[code] for code in codes] + noise
        rng.shuffle(said)
        rows.append(
            {"title": " ".join(said), "issues": " ".join(codes), "session": str(1 + i // 12)}
        )
    return pd.DataFrame(rows).assign(agenda="", date=pd.Timestamp("1990-01-01"))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        # texts of long standing, with the codes that their coders gave them session after session
        ("Comprehensive Nuclear-Test-Ban Treaty : resolution", "nu"),
        ("The right to development : resolution / adopted by the General Assembly", "hr ec"),
        ("Assistance to Palestine refugees : resolution / adopted by the General Assembly", "me"),
        ("Oceans and the law of the sea : resolution / adopted by the General Assembly", ""),
    ],
)
def test_known_kinds_of_titles_get_their_codes(title: str, expected: str) -> None:
    assert infer_issues(pd.Series([title]), pd.Series([None])).tolist() == [expected]


def test_new_titles_are_judged_by_their_words() -> None:
    titles = pd.Series(
        [
            "Protection of human rights of journalists and torture victims",
            "Israeli practices in occupied Palestinian refugee camps",
            "Ban on the testing of nuclear weapons in every environment",
            None,
        ]
    )
    found = infer_issues(titles, pd.Series([None, "", None, None]))
    assert "hr" in found[0] and "me" in found[1] and "nu" in found[2] and pd.isna(found[3])
    assert found.index.equals(titles.index)


def test_the_years_in_a_title_do_not_make_it_another() -> None:
    pair = [f"Programme of nuclear activities {year} : resolution" for year in (1990, 2025)]
    found = infer_issues(pd.Series(pair), pd.Series(["", ""]))
    assert found[0] == found[1]


def test_only_the_assembly_s_unknown_roll_calls_are_filled() -> None:
    calls = _calls(["The right to development"] * 3 + [None])
    calls = calls.assign(body=["GA", "GA", "SC", "GA"], issues=["me", None, None, None])
    calls["issues_from"] = ["known", "unknown", "unknown", "unknown"]
    filled = fill_issues(calls)
    assert filled["issues"].fillna("-").tolist() == ["me", "hr ec", "-", "-"]
    assert filled["issues_from"].tolist() == ["known", "inferred", "unknown", "unknown"]
    assert calls["issues_from"].tolist()[1] == "unknown"


def test_a_rule_of_words_is_learnt_and_measured() -> None:
    """Codes that hang on one word each can be learnt almost without fault; random ones can't."""
    scores = evaluate_subjects(_teach(), train_until=59, test_until=75).set_index("code")
    assert scores.loc["macro", "f1"] > 0.97
    taught = _teach()
    shuffled = taught.assign(issues=taught["issues"].sample(frac=1, random_state=1).to_numpy())
    assert evaluate_subjects(shuffled, test_until=75).set_index("code").loc["macro", "f1"] < 0.5


def test_scores_are_precision_recall_and_f1() -> None:
    """Titles taught as me, or as nothing, come back: 3 inferred, 4 known, 2 of them the same.

    Precision 2 / 3, recall 2 / 4, F1 2 * 2 / (3 + 4) = 4 / 7.
    """
    taught = _teach()
    old = taught[taught["session"].astype(int) <= 59]
    said = old.drop_duplicates("title")["issues"].str.contains("me")
    yes, no = old.loc[said.index[said]].head(3), old.loc[said.index[~said]].head(2)
    asked = pd.concat([yes, no]).assign(session="60", issues=["me", "me", "", "me", "me"])
    row = evaluate_subjects(pd.concat([old, asked])).set_index("code").loc["me"]
    assert row["precision"] == pytest.approx(2 / 3, rel=1e-12)
    assert row["recall"] == 0.5 and row["f1"] == pytest.approx(4 / 7, rel=1e-12)
    assert row["known"] == 4 and row["inferred"] == 3


def test_later_sessions_weigh_more_than_earlier_ones() -> None:
    """A word that meant hr for 30 sessions and co for the last 8 means co in a new title."""
    taught = _teach()
    session = taught["session"].astype(int)
    changed = taught["title"] + " drifting"
    late = session > 59 - 8
    changed = taught.assign(title=changed.where(session % 2 == 0, taught["title"]))
    marked = changed["title"].str.endswith("drifting")
    changed["issues"] = changed["issues"].mask(marked & ~late, "hr").mask(marked & late, "co")
    model = fit_model(changed[session <= 59])
    assert model.infer("Something drifting", "") == "co"


def test_the_same_input_gives_the_same_bytes_and_travels(tmp_path: Path) -> None:
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        write_model(fit_model(_teach()), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with np.load(paths[0], allow_pickle=False) as file:
        assert sorted(file) == ["codes", "features", "intercepts", "titles", "weights"]


def test_a_code_that_is_never_known_is_refused() -> None:
    taught = _teach()
    taught["issues"] = taught["issues"].str.replace("ec", "").str.strip()
    with pytest.raises(ParameterError, match="ec must be known for some and not for others"):
        fit_model(taught)


def test_the_model_of_the_package_is_small_and_holds_no_text_of_titles() -> None:
    path = Path(__file__).parents[1] / "src" / "helpers" / "data" / "subject_model.npz"
    assert path.stat().st_size < 300_000
    model = load_model()
    assert len(model.repeats) > 1_000 and all(len(f) < 30 for f in model.features)


def test_words_are_found_whatever_their_case_and_accents() -> None:
    calls = _calls(["Question of CÔTE D'IVOIRE", "Côte d’Ivoire", "Coterie", "Ivory"])
    assert match_words(calls, "cote").tolist() == [True, True, False, False]
    assert match_words(calls, "Ivoire, ivory").tolist() == [True, True, False, True]
    assert match_words(calls, "côte ivoire").tolist() == [True, True, False, False]
    assert match_words(calls, "cot*").tolist() == [True, True, True, False]


def test_words_are_found_in_the_agenda_item_too() -> None:
    calls = _calls(["A", "B", "C"], agenda=["Ukraine", None, ""], session=["60", "ES-11", "ES-11"])
    assert match_words(calls, "ukraine").tolist() == [True, True, True]
    assert match_words(calls.assign(session="60"), "ukraine").tolist() == [True, False, False]


def test_some_words_stand_for_others() -> None:
    calls = _calls(["Palestinian people", "Gaza Strip", "Crimea", "Ukrainian SSR"])
    assert match_words(calls, "palestine").tolist() == [True, True, False, False]
    assert match_words(calls, "ukraine").tolist() == [False, False, True, False]


@pytest.mark.parametrize("words", ["", "  ", ", ;", "*"])
def test_nothing_asked_is_an_error(words: str) -> None:
    with pytest.raises(ParameterError, match="has no word in it; give one, such as ukraine"):
        match_words(_calls(["A"]), words)


def test_signs_of_regular_expressions_are_plain_text() -> None:
    assert match_words(_calls(["a.b", "axb"]), "a.b").tolist() == [True, False]
    assert match_words(_calls(["x"]), "x( [y").tolist() == [False]


@pytest.fixture(scope="module")
def record(mirror: Path) -> Record:
    from helpers.record.load import load_record

    return load_record("undl-ga", mirror=mirror)


@pytest.mark.mirror
def test_the_votes_on_ukraine_are_found_and_no_others(record: Record) -> None:
    library = record.roll_calls
    found = library[match_words(library, "ukraine")]
    assert set(found["symbol"]) == {f"A/RES/{number}" for number in UKRAINE.split()}
    without = library.assign(agenda=None)
    emergency = without["session"].eq("ES-11")
    assert match_words(without, "ukraine")[emergency].all()


@pytest.mark.mirror
def test_inferred_codes_reach_the_required_quality(record: Record, mirror: Path) -> None:
    """Trained on sessions 1 to 59, tested on 60 to 74: macro F1 of 0.88 is asked for."""
    from helpers.record.load import load_record
    from helpers.record.reconciliation import apply_issues, reconcile

    unvotes = load_record("unvotes", mirror=mirror)
    known = apply_issues(record, unvotes, reconcile(unvotes, record)).roll_calls
    known = known[known["issues_from"].eq("known")]
    scores = evaluate_subjects(known).set_index("code")
    assert scores.loc["macro", "f1"] >= 0.88
    assert scores.loc["co", "f1"] > 0.73 and scores.loc["ec", "f1"] > 0.79  # plain TF-IDF
    docs = (Path(__file__).parents[1] / "docs" / "subjects.md").read_text(encoding="utf-8")
    for code, row in scores.iterrows():
        numbers = " | ".join(f"{row[name]:.2f}" for name in ("precision", "recall", "f1"))
        assert f"{code}` | {numbers} |" in docs, f"docs/subjects.md has other numbers for {code}"
