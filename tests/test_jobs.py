"""The jobs people come with: each verb against plain pandas, in the API and on the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.cli import main
from helpers.errors import SelectionError
from helpers.record import VOTES, Record, load_record
from helpers.report.figures import Drawing
from helpers.shifts import votes_on

TERRITORY = "A/RES/ES-11/7"
"""Adopted on 24 February 2025 by 93 to 18 with 65 abstentions (A/ES-11/PV.36)."""


@pytest.fixture(scope="module")
def dossier() -> Record:
    return load_record("dossier")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hold_drawing(result, words: str) -> None:
    """A result draws itself alone and on axes that are given, and says what it shows."""
    from matplotlib.figure import Figure

    drawing = result.plot()
    assert isinstance(drawing, Drawing)
    assert words in drawing.alt
    figure = Figure()
    axes = figure.subplots(1, 2)[1]
    assert result.plot(axes).figure is figure
    assert axes.has_data()


# --- who voted how ---------------------------------------------------------------------------


def test_votes_on_against_the_votes_themselves(dossier: Record) -> None:
    found = votes_on(dossier, TERRITORY)
    assert found.totals.set_index("vote")["members"].to_dict() == {
        "yes": 93,
        "abstain": 65,
        "no": 18,
        "absent": 17,  # 193 members less the 176 that voted
    }
    rows = dossier.votes[dossier.votes["roll_call"] == found.roll_call]
    plain = dict(zip(rows["member"].astype(str), rows["vote"].astype(str), strict=True))
    assert found.table.set_index("member")["vote"].astype(str).to_dict() == plain
    known = found.totals.dropna(subset="published")
    assert (known["members"] == known["published"]).all()
    assert "United States" in found.by_vote["no"]
    hold_drawing(found, "93 yes, 65 abstain, 18 no")
    with pytest.raises(SelectionError, match="has the symbol 'A/RES/ES-11/99'"):
        votes_on(dossier, "A/RES/ES-11/99")


@pytest.mark.mirror
def test_votes_on_the_full_record(ga_record: Record) -> None:
    """Every total is the count of the votes in the record, on a text in 1,500."""
    calls = ga_record.roll_calls
    some = calls[calls["rolled"] & calls["symbol"].notna()].iloc[::1500]
    for call in some["roll_call"]:
        found = votes_on(ga_record, call)
        plain = ga_record.votes.loc[ga_record.votes["roll_call"] == call, "vote"].value_counts()
        assert found.totals["members"].tolist() == [int(plain[vote]) for vote in VOTES]


def test_the_command_votes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["votes", TERRITORY]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{TERRITORY}, 2025-02-24: ")
    assert "no (18): Belarus, " in shown
    assert not list(home.glob("*.csv"))
    assert main(["votes", TERRITORY, "--out", "votes.csv"]) == 0
    table = pd.read_csv(home / "votes.csv")
    assert table["vote"].value_counts()["no"] == 18
    assert main(["votes", TERRITORY, "--set", "seed=2"]) == 1
    assert "seed: it has no effect on 'unblocs votes'" in capsys.readouterr().err
