"""The command line: a study in every command, options out of `Study`, one sentence on an error."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers.cli import build_parser, main
from helpers.cli.arguments import option_of
from helpers.cli.commands import COMMANDS
from helpers.record import load_record
from helpers.store import project_version, write_table
from helpers.study import PARAMETERS, explain_parameter

FEW = ("--replicates", "20", "--nulls", "99")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"unblocs {project_version()}\n"


def test_nothing_asked_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    for command in COMMANDS:
        assert f"    {command.name}" in shown.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_help_is_that_of_the_parameters(
    command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command shows the parameters that it reads, with meaning, choices and default."""
    monkeypatch.setenv("COLUMNS", "300")  # no word is broken at its hyphen
    with pytest.raises(SystemExit):
        main([command.name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert set(command.reads) <= set(PARAMETERS)
    for name, field in PARAMETERS.items():
        offered = name in (*command.reads, *command.replaces)
        assert (f"{option_of(name)} " in shown) == offered
        if name in command.reads:
            assert explain_parameter(name) in shown
            if isinstance(field.default, (int, float)):
                assert f"(default: {field.default})" in shown
    assert ("--set NAME=VALUE" in shown) == bool(command.reads)


def test_options_do_not_clash() -> None:
    assert len({option_of(name) for name in PARAMETERS}) == len(PARAMETERS)
    assert build_parser().prog == "unblocs"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("similarity --nulls 50", "nulls: it has no effect on 'unblocs similarity'; leave it out"),
        ("blocs --set level=0.9", "level: it has no effect on 'unblocs blocs'; leave it out"),
        ("site --set focus=USA", "focus: it has no effect on 'unblocs site'; leave it out"),
        (
            "similarity --measure agreement --distance nominal",
            "distance: it has no effect on the measure 'agreement'; leave it out",
        ),
        (
            "blocs --windows year --event 2025-02-24",
            "event: it has no effect with windows 'year'; leave one of them out",
        ),
        ("blocs --k 3 --set k=3", "k: it is given twice; leave one out"),
        ("similarity --set measure", "--set: 'measure' must be NAME=VALUE, such as"),
        ("similarity --set measre=pi", "measre: no such parameter; did you mean 'measure'?"),
        ("similarity --set 'k=[3'", "k: '[3' is no YAML value; put it in quotes"),
        ("similarity --replicates many", "replicates: 'many' must be a whole number"),
        ("similarity undl-gaa", "source: 'undl-gaa' must be one of dossier, undl, council"),
        (
            "similarity data/none",
            "source: 'data/none' is no folder of clean tables; 'unblocs clean",
        ),
        ("similarity none.yml", "none.yml: there is no such study file"),
        ("similarity --absence category", "distance: 'linear' (measure 'pi') puts the votes in an"),
        ("report --focus USA", "report: give a study file, or --name for the report's folder"),
        ("report --name ../up", "name: '../up' cannot name a report's folder"),
    ],
)
def test_one_sentence(
    typed: str, sentence: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = shlex.split(typed)
    if arguments[0] in ("similarity", "blocs"):
        arguments += ["--out", "table.csv"]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"unblocs: {sentence}")
    assert said.count("\n") == 1
    assert list(home.iterdir()) == []


def test_the_name_of_a_table_is_checked_before_it_is_made(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similarity", "none.yml", "--out", "table.txt"]) == 1
    assert (
        "table.txt: a table's name must end in .csv, .parquet, .xlsx or .dta"
        in capsys.readouterr().err
    )


def test_a_value_may_be_typed_in_three_ways(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "mine.yml").write_text("focus: HUN\nreferences: [RUS, DEU]\nreplicates: 50\n")
    printed = []
    for typed in (
        "parameters --focus HUN --references RUS,DEU --replicates 50",
        "parameters --set focus=HUN --set 'references=[RUS, DEU]' --set replicates=50",
        "parameters mine.yml",
        "parameters mine.yml --set focus=HUN",
    ):
        assert main(shlex.split(typed)) == 0
        printed.append(capsys.readouterr().out)
    assert len(set(printed)) == 1
    assert 'focus = "HUN"  # the member in question; empty for none' in printed[0]
    assert main(shlex.split("parameters mine.yml --set references= --set focus=")) == 0
    assert "references = []" in capsys.readouterr().out


def test_statements_have_commas_of_their_own(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["parameters", "--statements", "same_bloc(USA, RUS), nearest(USA) = ISR"]
    assert main(typed) == 0
    assert '    "same_bloc(USA, RUS)",\n    "nearest(USA) = ISR",\n]' in capsys.readouterr().out


def test_sources_of_a_study(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "unvotes"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("unvotes\n")
    assert "undl-ga\n" not in shown


def test_a_folder_of_clean_tables_is_a_source(home: Path) -> None:
    """The dossier, cleaned into a folder, gives the same table as the dossier itself."""
    assert main(["clean", "dossier", "--out", "data/processed/mine"]) == 0
    (home / "mine.yml").write_text("source: data/processed/mine\nevent: 2025-02-24\n")
    options = ["--measure", "agreement", "--replicates", "20"]
    assert main(["similarity", "mine.yml", *options, "--out", "mine.csv"]) == 0
    assert main(["similarity", "--event", "2025-02-24", *options, "--out", "theirs.csv"]) == 0
    assert (home / "mine.csv").read_text() == (home / "theirs.csv").read_text()
    about = json.loads((home / "mine.csv.json").read_text(encoding="utf-8"))
    assert about["parameters"]["source"] == "data/processed/mine"
    assert set(about["record"]["tables"]) == {
        *("members.parquet", "roll_calls.parquet", "votes.parquet", "cleaning_log.parquet")
    }


@pytest.mark.mirror
def test_windows_are_not_ignored(home: Path, mirror: Path) -> None:
    """The made file: USA and CUB cast the same vote on 6 of 6 roll calls, then on none of 6."""
    case = mirror / "cases" / "windows_ignored_ga.csv"
    assert main(["clean", "undl-ga", str(case), "--out", "tables"]) == 0
    options = ["--measure", "agreement", "--windows", "session"]
    assert main(["similarity", "tables", *options, "--out", "s.csv"]) == 0
    table = pd.read_csv(home / "s.csv", dtype={"period": str})
    dyad = table[(table["member_a"] == "CUB") & (table["member_b"] == "USA")]
    assert dyad[["period", "value", "n_shared"]].to_numpy().tolist() == [
        ["70", 1.0, 6],
        ["71", 0.0, 6],
    ]
    assert 0.5 not in table["value"].tolist()


def test_a_table_says_what_it_was_made_from(home: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        assert main(["blocs", "dossier", *FEW, "--out", name]) == 0
    beside = json.loads((home / "a.csv.json").read_text(encoding="utf-8"))
    inside = json.loads(pq.read_schema(home / "a.parquet").metadata[b"unblocs"])
    assert shlex.split(inside.pop("command"))[-1] == "a.parquet"
    assert shlex.split(beside.pop("command"))[-1] == "a.csv"
    assert inside == beside
    assert inside["record"] == json.loads(json.dumps(load_record("dossier").provenance))
    assert inside["parameters"]["replicates"] == 20
    assert "focus" not in inside["parameters"]  # no bloc depends on it
    assert inside["project"] == project_version()
    one, two = pd.read_csv(home / "a.csv"), pd.read_parquet(home / "a.parquet")
    assert one["bloc"].tolist() == two["bloc"].tolist()


def test_a_table_without_its_provenance_is_not_left_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.csv", {"what": object()})
    assert list(tmp_path.iterdir()) == []
