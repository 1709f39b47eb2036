"""Every command of the README is run, and every file and name that it mentions exists."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

RUN_BY = {
    "make report": "test_make_report_is_the_console_command",
    "make test": "this suite",
    "make report STUDY=reports/hungary.yml": "test_make_report_is_the_console_command",
    "unblocs report reports/hungary.yml --set measure=agreement --name hungary-agreement": (
        "test_the_recipe_for_another_country_is_about_that_country"
    ),
    "unblocs parameters": "test_short_commands",
    "unblocs sources": "test_short_commands",
    "unblocs fetch undl-ga": "test_fetch_and_clean_from_a_mirror",
    "unblocs clean undl-ga --out data/processed/assembly": "test_fetch_and_clean_from_a_mirror",
    "make batch GRID=reports/grid.yml": "test_the_grid_of_the_readme_is_planned",
    "unblocs similarity --source dossier --measure pi --out similarity.csv": "test_tables",
    "unblocs blocs reports/ukraine.yml --out blocs.csv": "test_tables",
    "unblocs similarity undl-ga --sessions 70-79 --windows session --out sessions.parquet": (
        "test_a_table_of_the_full_record"
    ),
    "unblocs shifts reports/ukraine.yml --out claims.csv": "test_claims",
    "unblocs member-years undl-ga --out member-years.csv": "test_shifts_of_the_full_record",
    "unblocs forecast undl-ga --out next.csv": "test_shifts_of_the_full_record",
    "unblocs watch reports/2025-shift.yml": "test_shifts_of_the_full_record",
}
"""Each command of the README, and the test below that runs it."""


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_every_command_has_a_test_that_runs_it(readme: str) -> None:
    commands = [line for block in blocks(readme, "sh") for line in block.strip().splitlines()]
    assert sorted(commands) == sorted(RUN_BY)
    here = globals()
    assert all(t in here for t in RUN_BY.values() if t != "this suite")


def test_make_report_is_the_console_command(root: Path) -> None:
    """What the make target runs is what the pipeline's tests run."""
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    command = ["make", "--no-print-directory", "-n", "report", "STUDY=reports/hungary.yml"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "-m helpers report reports/hungary.yml" in shown.stdout


@pytest.mark.slow
def test_the_recipe_for_another_country_is_about_that_country(
    readme: str, tmp_path: Path, unblocs
) -> None:
    """It was a report on Hungary that asked whether the United States is in Russia's bloc."""
    [recipe] = blocks(readme, "yaml")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "hungary.yml").write_text(recipe, encoding="utf-8")
    few = ("--replicates", "20", "--nulls", "99")
    done = unblocs(
        *("report", "reports/hungary.yml", "--set", "measure=agreement"),
        *("--name", "hungary-agreement", *few),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "reports" / "hungary-agreement"
    made = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert made["parameters"]["measure"] == "agreement"
    assert "--set measure=agreement" in made["command"]
    assert made["parameters"]["statements"] == [
        "same_bloc(HUN, RUS)",
        "same_bloc(HUN, DEU)",
        "apart(HUN)",
        "similarity(HUN, RUS) > similarity(HUN, DEU)",
    ]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "<h1>Hungary: with whom did it vote, before 24 February 2025 and since?</h1>" in page
    assert "(USA, " not in page
    # data/raw/ukraine: Hungary voted no on A/RES/ES-11/7 and yes on A/RES/ES-11/8
    assert "Hungary" in json.loads((folder / "results.json").read_text())["answer"]["sentence"]


def test_the_grid_of_the_readme_is_planned(root: Path, tmp_path: Path, unblocs) -> None:
    """The batch tests run a batch to its end; here, the grid and the target of the README."""
    pytest.importorskip("snakemake", reason="Snakemake is not installed (extra 'batch')")
    grid = root / "reports" / "grid.yml"
    done = unblocs("batch", str(grid), "--snakemake", "--dry-run", home=tmp_path)
    assert done.returncode == 0, done.stderr
    # four members x two measures, less the one that the grid leaves out
    assert "7 reports" in done.stderr
    command = ["make", "--no-print-directory", "-n", "batch", "GRID=reports/grid.yml"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "-m helpers batch reports/grid.yml" in shown.stdout


def test_short_commands(tmp_path: Path, unblocs) -> None:
    listed = unblocs("parameters", home=tmp_path)
    assert listed.returncode == 0
    assert 'focus = ""  # the member in question; empty for none' in listed.stdout
    sources = unblocs("sources", home=tmp_path)
    assert sources.returncode == 0
    for name in ("undl-ga", "undl-sc", "unvotes", "voeten", "dossier"):
        assert name in sources.stdout
    assert "attribution" in sources.stdout


@pytest.mark.mirror
def test_fetch_and_clean_from_a_mirror(tmp_path: Path, mirror: Path, unblocs) -> None:
    fetched = unblocs("fetch", "undl-ga", home=tmp_path, UNBLOCS_MIRROR=str(mirror))
    assert fetched.returncode == 0, fetched.stderr
    out = tmp_path / "data" / "processed" / "assembly"
    cleaned = unblocs("clean", "undl-ga", "--out", str(out), home=tmp_path)
    assert cleaned.returncode == 0, cleaned.stderr
    assert "916887 votes" in cleaned.stdout
    assert {p.name for p in out.iterdir()} >= {
        "members.parquet",
        "roll_calls.parquet",
        "votes.parquet",
        "cleaning_log.parquet",
    }


def test_tables(root: Path, tmp_path: Path, unblocs) -> None:
    one = unblocs(
        *("similarity", "--source", "dossier", "--measure", "pi", "--out", "similarity.csv"),
        home=tmp_path,
    )
    assert one.returncode == 0, one.stderr
    header = (tmp_path / "similarity.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "period,member_a,member_b,value,low,high,n_shared,blocks"
    two = unblocs("blocs", str(root / "reports" / "ukraine.yml"), "--out", "b.csv", home=tmp_path)
    assert two.returncode == 0, two.stderr
    header = (tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "period,member,bloc,line,node,probability,second_bloc,second_probability,clear"


@pytest.mark.mirror
@pytest.mark.slow
def test_a_table_of_the_full_record(tmp_path: Path, mirror: Path, unblocs) -> None:
    arguments = ("similarity", "undl-ga", "--sessions", "70-71", "--windows", "session")
    done = unblocs(
        *(*arguments, "--replicates", "20", "--out", "sessions.parquet"),
        home=tmp_path,
        UNBLOCS_MIRROR=str(mirror),
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(tmp_path / "sessions.parquet")
    # 193 members from 2011 on: 193 * 192 / 2 dyads in each session
    assert table["period"].value_counts().to_dict() == {"70": 18528, "71": 18528}


def test_claims(root: Path, tmp_path: Path, unblocs) -> None:
    study = str(root / "reports" / "ukraine.yml")
    done = unblocs("shifts", study, "--out", "claims.csv", home=tmp_path)
    assert done.returncode == 0, done.stderr
    claims = pd.read_csv(tmp_path / "claims.csv").set_index("claim")
    assert claims.loc["run ended", ["numerator", "denominator"]].tolist() == [21, 21]
    assert claims.loc["away from everybody", "verdict"] == "cannot be judged"


@pytest.mark.mirror
@pytest.mark.slow
def test_shifts_of_the_full_record(root: Path, tmp_path: Path, mirror: Path, unblocs) -> None:
    asks = {"home": tmp_path, "UNBLOCS_MIRROR": str(mirror)}
    years = ("member-years", "undl-ga", "--replicates", "20", "--out", "member-years.csv")
    done = unblocs(*years, **asks)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(tmp_path / "member-years.csv")["member"].head(2).tolist() == ["GRD", "USA"]
    done = unblocs("forecast", "undl-ga", "--out", "next.csv", **asks)
    assert "sha256: " in done.stdout, done.stderr
    scored = unblocs("forecast", "undl-ga", "--score", "next.csv", **asks)
    assert "none of its texts has come to a vote" in scored.stderr
    study = str(root / "reports" / "2025-shift.yml")
    first = unblocs("watch", study, "--since", "2025-03-31", **asks)
    assert "26 new roll calls: 4 reversals, 3 unlike themselves" in first.stdout, first.stderr
    assert "Unlike themselves" in (tmp_path / "reports" / "watch" / "2025-shift.md").read_text()
    assert unblocs("watch", study, **asks).stdout == "nothing is new\n"


def test_the_example_in_python_runs(readme: str) -> None:
    [example] = blocks(readme, "python")
    *lines, last = example.strip().splitlines()
    names: dict = {}
    exec("\n".join(lines), names)
    row = eval(last, names)
    # never the same vote on 21 recorded Assembly votes before 24 February 2025, then once of two
    assert row["value"].item() == pytest.approx(1 / 23, abs=1e-12)
    assert row["n_shared"].item() == 23


def test_files_that_the_readme_names_exist(readme: str, root: Path) -> None:
    named = re.findall(r"`((?:docs|notebooks|data|reports|src|benchmarks)/[\w./-]*)`", readme)
    made_or_yours = (
        "reports/ukraine/",
        "reports/index.html",
        "reports/hungary.yml",
        "data/processed/assembly",
    )
    for path in named:
        assert path.startswith(made_or_yours) or (root / path).exists(), path
    for image in re.findall(r"\]\((docs/[\w.]+)\)", readme):
        assert (root / image).is_file()


@pytest.mark.skipif(os.name == "nt", reason="make help uses awk")
def test_make_alone_lists_the_targets(root: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    shown = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True).stdout
    for target in [
        "env",
        "lab",
        "report",
        "batch",
        "test",
        "lint",
        "types",
        "bench",
        "docs",
        "clean",
    ]:
        assert f"make {target} " in shown
