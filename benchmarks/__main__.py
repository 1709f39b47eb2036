"""Run every benchmark, print one table and write ``benchmarks/results.json``."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

# An older kernel of the peer's BLAS would flatter us: let it choose its own. On one thread: those
# that wait count as CPU time too. (Libraries read this when they are loaded.)
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

FOLDER = Path(__file__).parent


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    from helpers.store.storage import write_json

    modules = sys.argv[1:] or sorted(p.stem for p in FOLDER.glob("bench_*.py"))
    rows = []
    print(f"{'benchmark':40} {'ours s':>9} {'peer s':>9} {'ratio':>8} {'peak MB':>8}  peer")
    for module in modules:
        for row in import_module(f"benchmarks.{module}").run():
            rows.append(row)
            print(
                f"{row['name']:40} {row['ours_s']:9.4f} {row['peer_s']:9.4f} "
                f"{row['ratio']:8.2f} {row['peak_mb']:8.0f}  {row['peer']}",
                flush=True,
            )
    write_json(FOLDER / "results.json", {"benchmarks": rows})
    return 0


sys.exit(main())
