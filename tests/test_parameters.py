"""Parameters: defined once, all faults in one message, checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import yaml

from helpers.errors import ParameterError
from helpers.record.load import load_record
from helpers.run.pipeline import NOTEBOOKS
from helpers.study.cell import write_cell
from helpers.study.parameters import (
    PARAMETERS,
    Study,
    check_parameters,
    check_study,
    read_study,
    study_from_notebook,
)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"measure": "kapa"}, "measure: 'kapa' must be one of agreement,"),
        ({"focsu": "USA"}, "focsu: no such parameter; did you mean 'focus'?"),
        ({"replicates": 3}, "replicates: 3 must be between 20 and 100000"),
        ({"replicates": "many"}, "replicates: 'many' must be a whole number"),
        ({"replicates": True}, "replicates: True must be a whole number"),
        ({"level": "high"}, "level: 'high' must be a number"),
        ({"date_from": "24.2.2025"}, "date_from: '24.2.2025' must be a date such as '2025-02-24'"),
        ({"event": "2025-02-30"}, "event: '2025-02-30' must be a date"),
        ({"sessions": "7x"}, "sessions: '7X' is no session"),
        ({"references": "RUS"}, "references: 'RUS' must be a list, such as [a, b]"),
        ({"references": ["RUS", "RUS"]}, "references: 'RUS' is listed twice"),
        ({"kinds": ["resolutions"]}, "did you mean 'resolution'?"),
        ({"k": 1}, "k: 1 must be 'auto' or a whole number from 2 to 50"),
        ({"title": 5}, "title: 5 must be text; put it in quotes"),
        ({"members": "Natoo"}, "did you mean 'NATO'?"),
        ({"date_from": "2020-01-01", "date_to": "2019-01-01"}, "date_from: it is later than"),
    ],
)
def test_one_fault(values: dict, sentence: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check_parameters(values)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        check_parameters({"focsu": "USA", "measure": "x", "k": "zero"}, where="my.yml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("my.yml: ") for line in lines)


def test_the_defaults_are_about_nobody() -> None:
    """A study of another country inherits nothing of the dossier's case."""
    study = Study()
    assert (study.title, study.focus, study.event, study.target) == ("", "", "", "")
    assert study.references == study.baselines == study.statements == ()
    assert "USA" not in str(study.as_dict())


def test_title_and_statements_are_written_from_the_selection() -> None:
    study = check_parameters({"focus": "HUN", "references": ["RUS", "DEU", "POL"]})
    assert study.title == "Hungary: with whom did it vote?"
    assert study.statements == (
        "same_bloc(HUN, RUS)",
        "same_bloc(HUN, DEU)",
        "apart(HUN)",
        "similarity(HUN, RUS) > similarity(HUN, DEU)",
    )
    assert check_parameters({}).statements == ()
    assert check_parameters({"focus": "HUN", "statements": ["apart(USA)"]}).statements == (
        "apart(USA)",
    )
    everybody = check_parameters({"body": "SC", "sessions": "", "date_from": "2020-01-01"})
    assert everybody.title == "Who votes with whom in the Security Council from 1 January 2020?"


def test_an_absence_as_a_category_has_no_place_on_a_scale() -> None:
    """Nothing is replaced: the study says how far apart votes are, or is refused."""
    with pytest.raises(ParameterError, match=r"distance: 'linear' .* puts the votes in an order"):
        check_parameters({"absence": "category"})
    assert check_parameters({"absence": "category", "distance": "nominal"}).distance == "nominal"
    assert check_parameters({"absence": "category", "measure": "agreement"})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"focus": "UAS"},
            "focus: 'UAS' is no member of the record between 2014 and 2026; did you mean 'USA'?",
        ),
        ({"references": ["CSK"]}, "references: 'CSK' is no member of the record"),
        ({"target": "A/RES/ES-11/77"}, "target: no roll call has the symbol 'A/RES/ES-11/77'"),
        ({"members": "NATO@soon"}, "date: 'soon' is no date; write it as 2025-02-24"),
        (
            {"focus": "USA", "members": ["RUS", "UKR"]},
            "members: the focus 'USA' is not among them; add it",
        ),
        ({"statements": ["same_blok(USA, RUS)"]}, "same_blok"),
    ],
)
def test_what_only_the_record_can_tell(values: dict, sentence: str) -> None:
    record = load_record("dossier")
    with pytest.raises(ParameterError) as caught:
        check_study(check_parameters(values), record)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("focus: [USA", "line 1, column 12: not valid YAML"),
        ("- focus\n", "a study file holds lines 'parameter: value', nothing else"),
        ("focsu: USA\n", "focsu: no such parameter; did you mean 'focus'?"),
    ],
)
def test_a_broken_study_file(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(content)
    with pytest.raises(ParameterError) as caught:
        read_study(path)
    assert sentence in str(caught.value)
    assert "bad.yml" in str(caught.value)


def test_a_missing_study_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is no such study file"):
        read_study(tmp_path / "none.yml")


def test_a_misspelt_variable_in_a_notebook_is_caught() -> None:
    cells = ["", "import helpers", "focus = 'USA'", "focsu = 'FRA'", "study = check()"]
    with pytest.raises(ParameterError, match="focsu: no such parameter; did you mean 'focus'"):
        study_from_notebook({"In": cells, "focus": "USA", "focsu": "FRA"})
    assert study_from_notebook({"In": [*cells[:3], cells[4]], "focus": "FRA"}).focus == "FRA"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_hold_the_dossier_with_the_meaning_of_every_parameter(
    root: Path, name: str
) -> None:
    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    [cell] = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    study = read_study(root / "reports" / "ukraine.yml")
    assert cell.source == write_cell(study)
    found: dict = {}
    exec(cell.source, {}, found)  # our own file: assignments of plain values
    assert check_parameters(found) == study
    assert list(found) == list(PARAMETERS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_papermill_prints_every_meaning(root: Path, name: str) -> None:
    """It skips a parameter with a second ``=`` on its line and reads ``|`` as no annotation."""
    import papermill

    shown = papermill.inspect_notebook(str(root / "notebooks" / f"{name}.ipynb"))
    assert list(shown) == list(PARAMETERS)
    for parameter, field in PARAMETERS.items():
        assert shown[parameter]["help"].startswith(field.metadata["help"])
        assert not set("|=#\n") & set(field.metadata["help"])


def test_a_study_survives_yaml(root: Path) -> None:
    study = read_study(root / "reports" / "ukraine.yml")
    assert check_parameters(yaml.safe_load(yaml.safe_dump(study.as_dict()))) == study


def test_the_focus_is_no_reference_of_itself() -> None:
    """A grid that crosses focus members with the same references must not fail there."""
    study = check_parameters({"focus": "FRA", "references": ["RUS", "FRA", "USA"]})
    assert study.references == ("RUS", "USA")


@pytest.mark.parametrize("name", ["2025", "since-1946", "ukraine"])
def test_the_studies_that_are_shipped_can_be_read(root: Path, name: str) -> None:
    assert read_study(root / "reports" / f"{name}.yml").title


def test_windows_may_be_dates(root: Path) -> None:
    study = read_study(root / "reports" / "since-1946.yml")
    assert len(study.windows.split(",")) == 15  # sixteen windows of five years, 1946 to 2025
    with pytest.raises(ParameterError, match="windows: 'sesion' must be one of event, session"):
        check_parameters({"windows": "sesion"})


def test_members_may_be_named_as_people_name_them() -> None:
    study = check_parameters(
        {"focus": "US", "references": ["Russia", "UK"], "members": "brics, United States"}
    )
    assert (study.focus, study.references) == ("USA", ("RUS", "GBR"))
    assert study.members == ("BRICS", "USA")
    assert check_parameters({"members": "nato"}).members == "NATO"
    assert check_parameters({"members": ["Czechia", "365"]}).members == ("CZE", "RUS")
    assert check_parameters({"members": ["ISR", "USA"]}).members == ("ISR", "USA")  # nearly "CIS"
    with pytest.raises(ParameterError, match="references: 'RUS' is listed twice; leave one out"):
        check_parameters({"references": ["Russia", "RUS"]})


def test_an_ambiguous_member_lists_its_candidates() -> None:
    study = check_parameters({"focus": "Korea"})
    with pytest.raises(ParameterError, match=r"focus: 'Korea' may be KOR .* or PRK"):
        check_study(study, load_record("dossier"))


def test_a_preset_brings_its_absence_rule_and_the_council_s_sources_their_body() -> None:
    assert check_parameters({"measure": "state-department-2021"}).absence == "half"
    assert check_parameters({"measure": "voeten-agree"}).absence == "missing"
    with pytest.raises(ParameterError, match="published with absence 'half'"):
        check_parameters({"measure": "state-department-2021", "absence": "missing"})
    with pytest.raises(ParameterError, match="for which 'pi' with distance 'linear' has no place"):
        check_parameters({"absence": "half"})
    assert check_parameters({"source": "undl-sc"}).body == "SC"
    assert check_parameters({"source": "council"}).body == "SC"
    assert check_parameters({"source": "undl-sc", "body": "GA"}).body == "GA"
