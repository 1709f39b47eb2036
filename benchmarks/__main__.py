"""Run every benchmark, print one table and write ``benchmarks/results.json``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

# An older kernel of the peer's BLAS would flatter us: let it choose its own. On one thread: those
# that wait count as CPU time too. (Libraries read this when they are loaded.)
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

FOLDER = Path(__file__).parent
MIRROR = FOLDER.parents[1] / "shared" / "data"
"""Where the full record is looked for if ``UNBLOCS_MIRROR`` names no other place."""


def main(names: Sequence[str]) -> int:
    """Run the benchmarks of these names, or all; each row is written as soon as it is measured.

    What needs the full record or a program that is not here is left out, with the reason.
    """
    from helpers.errors import MissingDataError, did_you_mean
    from helpers.store import write_json

    known = sorted(p.stem for p in FOLDER.glob("bench_*.py"))
    for name in names:
        if name not in known:
            print(f"bench: there is no benchmark {name!r}{did_you_mean(name, known)}")
            return 2
    if MIRROR.is_dir():
        os.environ.setdefault("UNBLOCS_MIRROR", str(MIRROR))
    rows: list[dict[str, Any]] = []
    print(f"{'benchmark':40} {'ours s':>9} {'peer s':>9} {'ratio':>8} {'peak MB':>8}  peer")
    for name in names or known:
        try:
            for row in import_module(f"benchmarks.{name}").run():
                rows.append(row)
                write_json(FOLDER / "results.json", {"benchmarks": rows})
                print(
                    f"{row['name']:40} {row['ours_s']:9.4f} {row['peer_s']:9.4f} "
                    f"{row['ratio']:8.2f} {row['peak_mb']:8.0f}  {row['peer']}",
                    flush=True,
                )
        except (MissingDataError, ModuleNotFoundError) as error:
            if str(getattr(error, "name", "")).startswith(("helpers", "benchmarks")):
                raise
            print(f"{name}: left out from here on: {error}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
