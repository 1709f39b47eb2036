"""From the Library's compressed Assembly file to clean tables, against merely reading the file.

Medians of CPU seconds (all threads), our work and the peers' interleaved. Ours: compressed file to
validated Parquet tables. Peers: pandas, pyarrow, polars and duckdb reading the same columns of the
plain file in their default way; the fastest of them is the bar.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 5

_PEAK = """
import resource, sys
from helpers.record import clean_source
clean_source("undl-ga", [sys.argv[1]], sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run() -> list[dict[str, Any]]:
    """Measure and return ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    from helpers.record.load import clean_source, read_record
    from helpers.record.sources.catalogue import find_files

    packed = find_files("undl-ga")[0]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        peak = _measure_peak(packed, place / "peak")  # first: a child inherits our own peak
        plain, half = _unpack(packed, place)
        out = place / "out"
        clean_source("undl-ga", [packed], out)  # imports and caches are warm for all
        read = _readers(plain, _columns(plain))
        seconds = _interleave(
            {
                "clean": lambda: clean_source("undl-ga", [packed], out),
                "load": lambda: read_record(out),
                "half": lambda: clean_source("undl-ga", [half], place / "half"),
                "whole": lambda: clean_source("undl-ga", [plain], place / "whole"),
                **read,
            }
        )
        peer = min(read, key=lambda name: seconds[name])
    return [
        _row("record.clean_library_file", seconds["clean"], peer, seconds[peer], peak),
        _row("record.load_clean_tables", seconds["load"], peer, seconds[peer], peak),
        _row("record.scaling", seconds["whole"], "half of the rows", seconds["half"], peak),
    ]


def _row(name: str, ours: float, peer: str, theirs: float, peak: float) -> dict[str, Any]:
    return {
        "name": name,
        "ours_s": ours,
        "peer": peer,
        "peer_s": theirs,
        "ratio": theirs / ours,
        "peak_mb": peak,
    }


def _unpack(packed: Path, place: Path) -> tuple[Path, Path]:
    """Write the plain file, and one with the first half of its rows."""
    plain, half = place / "whole.csv", place / "half.csv"
    with gzip.open(packed) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target)
    with plain.open("rb") as file:
        rows = sum(1 for _ in file)
    with plain.open("rb") as file, half.open("wb") as target:
        target.writelines(line for number, line in enumerate(file) if number <= rows // 2)
    return plain, half


def _columns(plain: Path) -> list[str]:
    """Return the names of the columns that our reader uses."""
    from helpers.record.files import read_header
    from helpers.record.sources.undl import choose_columns

    names = read_header(plain)
    return choose_columns({name: name for name in names})


def _readers(plain: Path, columns: list[str]) -> dict[str, Callable[[], Any]]:
    """Return what reads the columns of the plain file, by library."""
    import duckdb
    import pandas as pd
    import polars as pl
    from pyarrow import csv

    query = f"select {', '.join(columns)} from read_csv('{plain}')"
    arrow = csv.ConvertOptions(include_columns=columns)
    return {
        "pandas": lambda: pd.read_csv(
            plain, usecols=columns, encoding="utf-8-sig", low_memory=False
        ),
        "pyarrow": lambda: csv.read_csv(plain, convert_options=arrow),
        "polars": lambda: pl.read_csv(plain, columns=columns),
        "duckdb": lambda: duckdb.sql(query).to_arrow_table(),
    }


def _interleave(work: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the median CPU seconds of each piece of work, done in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(REPEATS):
        for name, do in work.items():
            start = time.process_time()
            do()
            seconds[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _measure_peak(packed: Path, out: Path) -> float:
    """Return the peak of memory, in MB, of a process that cleans the file and nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(packed), str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout) / 1000
