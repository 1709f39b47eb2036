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
    """Make a coded record whose codes follow from one word each, which no rule knows."""
    rng = np.random.default_rng(seed)
    words = dict(
        zip(ISSUES, ["jericho", "uranide", "gunnery", "dignity", "outpost", "bazaar"], strict=True)
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


@pytest.fixture(scope="module")
def checked(root: Path) -> pd.DataFrame:
    """333 texts since 1970, each coded by hand against the definitions, with a reason.

    231 were drawn by decade and wide words for each subject, before any model was tried; 102 at
    random from the other titles once the rules were written. The codes are the project's reading.
    """
    return pd.read_csv(root / "tests" / "data" / "subjects_checked.csv", keep_default_na=False)


def test_the_hand_checked_texts_are_what_they_say(checked: pd.DataFrame) -> None:
    assert checked["drawn"].value_counts().to_dict() == {"by subject": 231, "at random": 102}
    assert checked["reason"].str.len().gt(10).all() and checked["symbol"].ne("").all()
    assert {c for codes in checked["codes"] for c in codes.split()} == set(ISSUES)


@pytest.mark.parametrize("drawn", ["by subject", "at random"])
def test_the_model_that_ships_is_right(checked: pd.DataFrame, drawn: str) -> None:
    """Asked for: macro F1 of 0.90 for the very file in the package."""
    scores = evaluate_subjects(checked[checked["drawn"].eq(drawn)])
    total = scores[scores["decade"].eq("all")].set_index("code")["f1"]
    assert total["macro"] >= 0.90
    assert total.min() >= 0.85


def test_every_subject_is_found_in_every_decade(checked: pd.DataFrame, root: Path) -> None:
    """Asked for: recall of 0.8 for every subject in every decade since 1970."""
    scores = evaluate_subjects(checked)
    cells = scores[scores["decade"].ne("all")]
    assert len(cells) == 6 * 6 and cells["known"].min() >= 5
    assert cells["recall"].min() >= 0.8
    docs = (root / "docs" / "subjects.md").read_text(encoding="utf-8")
    for row in scores[scores["decade"].eq("all")].itertuples():
        said = f"`{row.code}` | {row.precision:.2f} | {row.recall:.2f} | {row.f1:.2f} |"
        assert said in docs, f"docs/subjects.md has other numbers for {row.code}"


def test_scores_are_precision_recall_and_f1() -> None:
    """Rules find me in 3 of 5 texts, known in 4 others of them, 2 the same.

    Precision 2 / 3, recall 2 / 4, F1 2 * 2 / (3 + 4) = 4 / 7.
    """
    titles = ["Palestine refugees"] * 3 + ["Oceans"] * 2
    asked = pd.DataFrame({"title": titles, "agenda": "", "date": "1999-12-01"})
    asked["codes"] = ["me", "me", "", "me", "me"]
    row = evaluate_subjects(asked, fit_model(_teach())).query("decade == '1990s'")
    row = row.set_index("code").loc["me"]
    assert row["precision"] == pytest.approx(2 / 3, rel=1e-12)
    assert row["recall"] == 0.5 and row["f1"] == pytest.approx(4 / 7, rel=1e-12)
    assert row["known"] == 4 and row["inferred"] == 3


def test_a_rule_of_words_is_learnt() -> None:
    """Codes that hang on one word each can be learnt almost without fault; random ones can't."""
    taught = _teach()
    number = taught["session"].astype(int)
    late = taught[number > 59].rename(columns={"issues": "codes"})

    def macro(table: pd.DataFrame) -> float:
        scores = evaluate_subjects(late, fit_model(table[number <= 59]))
        return float(scores["f1"].iloc[-1])

    assert macro(taught) > 0.97
    shuffled = taught["issues"].sample(frac=1, random_state=1).to_numpy()
    assert macro(taught.assign(issues=shuffled)) < 0.5


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        # co in three of four coded sessions; the one blank among five is no code
        ({"50": "co", "51": "co", "52": "", "53": "co", "54": "ec"}, "co"),
        # blank in most sessions: a custom, not a slip
        ({"50": "", "51": "", "52": "", "53": "co", "54": ""}, ""),
        # sessions 73 and 74 say nothing
        ({"50": "co", "73": "ec", "74": "ec"}, "co"),
        # half of the sessions are enough
        ({"50": "ec co", "51": "ec"}, "co ec"),
    ],
)
def test_a_title_gets_the_codes_of_most_of_its_sessions(
    history: dict[str, str], expected: str
) -> None:
    rows = pd.DataFrame({"session": list(history), "issues": list(history.values())})
    rows = rows.assign(title="Yearly text", agenda="", date=pd.Timestamp("1995-12-01"))
    assert fit_model(pd.concat([_teach(), rows])).infer("Yearly text", "") == expected


@pytest.mark.parametrize(
    ("title", "agenda", "expected"),
    [
        # the coders: di ec, of the word trade; left without di in 15 of 17 by the old model
        ("The Arms Trade Treaty", "", "di"),
        # the coders left every one of 18 blank
        ("Question of the Falkland Islands (Malvinas)", "", "co"),
        # nu di co in the coders' words, of the ending of determination
        ("Renewed determination towards the total elimination of nuclear weapons", "", "nu di"),
        # money of the Organization: ec in the seventies
        ("Budget appropriations for the biennium 1974-1975", "", ""),
        # 93% co by the coders, 38% by the old model
        ("Dissemination of information on decolonization", "", "co"),
        (
            "Implementation of the Declaration on the Granting of Independence to Colonial "
            "Countries and Peoples",
            "",
            "co",
        ),
    ],
)
def test_what_the_coders_left_out_or_took_from_a_word(
    title: str, agenda: str, expected: str
) -> None:
    assert load_model().infer(title, agenda) == expected


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
def test_the_model_that_ships_is_the_one_that_is_fitted(record: Record, mirror: Path) -> None:
    from helpers.record import apply_issues, load_record, reconcile

    unvotes = load_record("unvotes", mirror=mirror)
    known = apply_issues(record, unvotes, reconcile(unvotes, record)).roll_calls
    fitted = fit_model(known[known["issues_from"].eq("known")])
    assert fitted.repeats == load_model().repeats
    assert list(fitted.features) == list(load_model().features)
    assert np.abs(fitted.weights - load_model().weights).max() < 0.01  # float16 in the file
    # the recurring declarations that the issue counted: coders 93% co
    calls = known[known["title"].str.startswith("Dissemination of information on decolonization")]
    found = infer_issues(calls["title"], calls["agenda"])
    assert found.str.contains("co").all() and len(calls) >= 50
