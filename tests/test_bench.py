"""`make bench` by its own rules: what is measured is kept, what cannot be is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import __main__ as bench
from helpers.errors import MissingDataError


def test_a_misspelt_name_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["bench_bloc"]) == 2
    said = capsys.readouterr().out
    assert said == "bench: there is no benchmark 'bench_bloc'; did you mean 'bench_blocs'?\n"


def test_rows_measured_before_data_are_missing_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"name": "a", "ours_s": 1.0, "peer": "p", "peer_s": 2.0, "ratio": 2.0, "peak_mb": 3.0}

    def run() -> Iterator[dict[str, Any]]:
        yield row
        raise MissingDataError("undl-ga: its file is not here")

    for name in ("bench_one", "bench_two"):
        (tmp_path / f"{name}.py").touch()
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.setattr(bench, "import_module", lambda _name: SimpleNamespace(run=run))
    assert bench.main([]) == 0
    kept = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert kept == {"benchmarks": [row, row]}
    assert "bench_one: left out from here on: undl-ga: its file" in capsys.readouterr().out
