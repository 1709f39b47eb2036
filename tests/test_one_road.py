"""One road to blocs: command, report and the functions give the same tables, to the bit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.ballots import build_ballots, read_windows, split_windows
from helpers.blocs import BlocHistory, find_blocs, trace_blocs
from helpers.cli import main
from helpers.record import Record
from helpers.study import Results, Study, check_parameters

OPTIONS = {"replicates": 20, "nulls": 99, "min_shared": 5, "seed": 7}
COLUMNS = ["member", "bloc", "probability", "second_bloc", "second_probability", "clear"]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))


def as_written(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return a table as it comes back from a Parquet file, with the file's types."""
    table.to_parquet(folder / "plain.parquet", index=False)
    return pd.read_parquet(folder / "plain.parquet")


def run_command(study: Study, folder: Path) -> pd.DataFrame:
    out = folder / "blocs.parquet"
    words = ["--windows", ",".join(read_windows(study.windows, study.event))]
    if study.windows in ("session", "year"):
        words[1] = study.windows
    given = {
        "source": study.source, "sessions": study.sessions, "from": study.date_from,
        "to": study.date_to, "replicates": study.replicates, "nulls": study.nulls,
        "min-shared": study.min_shared, "seed": study.seed,
    }  # fmt: skip
    words += [w for name, value in given.items() if value for w in (f"--{name}", str(value))]
    assert main(["blocs", *words, "--out", str(out)]) == 0
    return pd.read_parquet(out)


def hold_equal(study: Study, folder: Path) -> BlocHistory:
    """Hold the tables of all ways equal, and return the history."""
    ballots = build_ballots(Results(study).record(), **study.selection())
    windows = read_windows(study.windows, study.event)
    history = trace_blocs(ballots, windows=windows, **OPTIONS)
    equal = {"check_exact": True, "check_dtype": True}
    for _ in ("computed", "read back from its files"):
        kept = Results(study).history(Results(study).ballots())
        pd.testing.assert_frame_equal(kept.table, history.table, **equal)
        pd.testing.assert_frame_equal(kept.moves, history.moves, **equal)
        assert kept.options == history.options
    by_command = run_command(study, folder)
    written = as_written(history.table, folder)[by_command.columns]
    pd.testing.assert_frame_equal(by_command, written, **equal)
    for window in split_windows(ballots, windows):
        blocs = find_blocs(window.ballots, **OPTIONS)
        here = history.table[history.table["period"] == window.period]
        if blocs.why:
            assert here.empty
            continue
        here = here[COLUMNS].reset_index(drop=True)
        pd.testing.assert_frame_equal(here, blocs.table[COLUMNS], **equal)
        assert blocs.options == history.options
    return history


@pytest.mark.usefixtures("workspace")
def test_the_dossier_by_event_is_the_same_on_every_road(tmp_path: Path) -> None:
    study = check_parameters({**OPTIONS, "source": "dossier", "event": "2025-02-24"})
    history = hold_equal(study, tmp_path)
    assert history.periods["why"].tolist() == ["", "2 votes: the pattern is all there is"]
    # The report's blocs of each part are those of its history, under the same options.
    results = Results(study)
    parts = results.parts(results.ballots())
    for ballots, period in zip(parts.values(), history.periods["period"], strict=True):
        blocs = results.blocs(ballots)
        again = Results(study).blocs(ballots)  # as it comes back from its files
        assert blocs.options == again.options == history.options
        pd.testing.assert_frame_equal(blocs.table, again.table, check_exact=True)
        here = history.table[history.table["period"] == period]
        assert blocs.why or here["bloc"].tolist() == blocs.table["bloc"].tolist()
    assert results.main(parts) == "before 24 Feb 2025"


@pytest.mark.mirror
@pytest.mark.parametrize(
    "selection",
    [
        {"sessions": "24", "windows": "session"},
        {"date_from": "1957-01-01", "date_to": "1959-12-31", "windows": "1958-07-01"},
    ],
)
@pytest.mark.usefixtures("workspace")
def test_the_library_is_the_same_on_every_road(
    selection: dict[str, str], tmp_path: Path, ga_record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    neutral = {"event": "", "target": "", "baselines": [], "statements": [], "references": []}
    study = check_parameters({**OPTIONS, **neutral, "focus": "", "source": "undl-ga", **selection})
    monkeypatch.setattr("helpers.study.results.load_source", lambda source: ga_record)
    history = hold_equal(study, tmp_path)
    assert (history.periods["why"] == "").all() and len(history.table)
