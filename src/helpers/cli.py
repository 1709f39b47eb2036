"""The console command ``unblocs``: every stage from the shell, one sentence on an error."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import ParameterError, explain

if TYPE_CHECKING:
    import pandas as pd

    from helpers.ballots import Ballots
    from helpers.study import Results

_EPILOG = """\
examples:
  unblocs report reports/ukraine.yml            the embedded dossier, no download
  unblocs sources                               what can be used, and on what terms
  unblocs fetch undl-ga                         download the Assembly's full record
  UNBLOCS_MIRROR=/data unblocs report my.yml    the same from a local mirror folder
  unblocs similarity --source dossier --measure pi --out pi.csv
  unblocs blocs --source undl-ga --sessions 79 --out blocs.csv

A study is a flat YAML file of parameters; `unblocs parameters` lists them all with defaults.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 when it did what was asked; 1 with one sentence on the error stream when not; 2 when the
    command line itself cannot be understood; 130 when interrupted.
    """
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help()
        return 0
    if arguments is None:  # this is the program: a job of a shell's background ignores SIGINT
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print(
            "\ninterrupted: nothing was half-written; the same command goes on from here",
            file=sys.stderr,
        )
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        print(f"unblocs: {explain(error)}", file=sys.stderr)
        return 1


def _run(options: Any) -> int:
    status = int(options.run(options) or 0)
    sys.stdout.flush()
    return status


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    common.add_argument(
        "--mirror", metavar="DIR", help="folder with the sources' files (or set UNBLOCS_MIRROR)"
    )
    parser = argparse.ArgumentParser(
        prog="unblocs",
        description="Who votes with whom in the United Nations, since 1946, with uncertainty.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(debug=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable[[Any], int | None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=f"{text}.", parents=[common])
        sub.set_defaults(run=lambda options: _with_mirror(run, options))
        return sub

    report = command("report", _report, "make the report of a study")
    report.add_argument("study", metavar="STUDY", help="study file, such as reports/ukraine.yml")
    report.add_argument("--again", action="store_true", help="make it even if nothing has changed")
    _add_batch(command("batch", _batch, "make every report of a grid of studies, and the site"))
    command("site", _site, "write reports/index.html, the page that finds every report")
    command("parameters", _parameters, "list every study parameter with its default")
    command("sources", _sources, "list the sources: citation, terms, coverage, address")
    fetch = command("fetch", _fetch, "download a source, or take it from a mirror folder")
    fetch.add_argument("source", help="one of the sources that `unblocs sources` lists")
    fetch.add_argument("--folder", help="where to put it (default: data/raw/<source>)")
    fetch.add_argument("--address", help="a newer address of the file than the one we know")
    fetch.add_argument("--sha256", default="", help="refuse the file if its SHA-256 is another")
    clean = command("clean", _clean, "turn a source's files into the clean tables")
    clean.add_argument("source", help="undl-ga, undl-sc, unvotes, voeten or dossier")
    clean.add_argument("files", nargs="*", help="files or one folder; else the fetched files")
    clean.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    clean.add_argument("--csv", action="store_true", help="also write CSV with a data dictionary")
    similarity = command("similarity", _similarity, "write the similarity of every dyad")
    blocs = command("blocs", _blocs, "write the bloc of every member in every period")
    for sub in (similarity, blocs):
        _add_selection(sub)
    return parser


def _add_batch(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``unblocs batch``."""
    parser.add_argument("grid", metavar="GRID", help="grid file, such as reports/grid.yml")
    parser.add_argument("--cores", type=int, default=0, metavar="N", help="jobs at a time (all)")
    parser.add_argument(
        "--profile", default="", help="slurm, kubernetes, or the folder of a Snakemake profile"
    )
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="only these reports")
    parser.add_argument("--rerun", action="store_true", help="only what failed the last time")
    parser.add_argument(
        "--snakemake",
        nargs=argparse.REMAINDER,
        default=(),
        metavar="OPTION",
        help="everything after this goes to Snakemake as it is, such as --dry-run",
    )


def _add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that are study parameters, with the help and defaults of `Study`."""
    from helpers.study import PARAMETERS

    names = {
        "source": "source",
        "body": "body",
        "from": "date_from",
        "to": "date_to",
        "sessions": "sessions",
        "subject": "subject",
        "members": "members",
        "measure": "measure",
        "distance": "distance",
        "absence": "absence",
        "roll-call-weights": "roll_call_weights",
        "min-shared": "min_shared",
        "blocks": "blocks",
        "replicates": "replicates",
        "nulls": "nulls",
        "level": "level",
        "seed": "seed",
        "method": "method",
        "k": "k",
        "windows": "windows",
    }
    for option, name in names.items():
        rules = PARAMETERS[name].metadata
        parser.add_argument(
            f"--{option}",
            dest=name,
            metavar=option.upper(),
            help=rules["help"].replace("%", "%%"),
            type={"int": int, "float": float}.get(rules["kind"], str),
        )
    parser.add_argument("--out", required=True, metavar="FILE", help="a .csv or .parquet file")


def _with_mirror(run: Callable[[Any], int | None], options: Any) -> int:
    if options.mirror:
        os.environ["UNBLOCS_MIRROR"] = str(Path(options.mirror).resolve())
    return run(options) or 0


def _report(options: Any) -> None:
    from helpers.report import read_answer
    from helpers.run import make_report

    folder = make_report(Path(options.study), again=options.again)
    print(f"{folder / 'index.html'}\n{read_answer(folder)}")


def _batch(options: Any) -> int:
    from helpers.run import failure_table, run_batch, write_site

    result = run_batch(
        Path(options.grid),
        cores=options.cores,
        profile=options.profile,
        only=options.only,
        rerun=options.rerun,
        options=options.snakemake,
    )
    if options.snakemake:
        print(f"what Snakemake said: {result.folder / 'snakemake.log'}")
    print(f"{len(result.made)} reports are there, {len(result.failed)} failed")
    print(write_site())
    if result.failed:
        print(failure_table(result.failed), file=sys.stderr)
        print(f"again, only these: unblocs batch {options.grid} --rerun", file=sys.stderr)
    return int(bool(result.failed))


def _site(_options: Any) -> None:
    from helpers.run import write_site

    print(write_site())


def _parameters(_options: Any) -> None:
    from helpers.study import PARAMETERS

    for name, field in PARAMETERS.items():
        allowed = field.metadata["allowed"]
        choice = f"; one of {', '.join(allowed)}" if allowed else ""
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        print(f"{name}: {default!r}\n    {field.metadata['help']}{choice}")


def _sources(_options: Any) -> None:
    from helpers.record import sources_table

    for row in sources_table().to_dict("records"):
        print(row.pop("source"))
        for name, value in row.items():
            print(f"    {name}: {value}")


def _fetch(options: Any) -> None:
    from helpers.record import fetch
    from helpers.store import workspace

    folder = Path(options.folder or workspace() / "data" / "raw" / options.source)
    for path in fetch(
        options.source,
        folder=folder,
        mirror=options.mirror or "",
        address=options.address,
        sha256=options.sha256,
    ):
        print(path)


def _clean(options: Any) -> None:
    from helpers.record import clean_source

    record = clean_source(
        options.source, [Path(f) for f in options.files], Path(options.out), csv=options.csv
    )
    print(
        f"{options.out}: {len(record.members)} periods of membership, "
        f"{len(record.roll_calls)} roll calls, {len(record.votes)} votes"
    )


def _similarity(options: Any) -> None:
    results, ballots = _selection(options)
    _write_table(results.similarity(ballots).table, Path(options.out))


def _blocs(options: Any) -> None:
    results, ballots = _selection(options)
    history = results.history(ballots)
    for row in history.periods.to_dict("records"):
        if row["why"]:
            print(f"{row['period']}: no blocs; {row['why']}")
    _write_table(history.table, Path(options.out))


def _selection(options: Any) -> tuple[Results, Ballots]:
    """Return the results and ballots that the options ask for, about no member in particular."""
    from helpers.study import PARAMETERS, Results, check_parameters

    given = {n: v for n, v in vars(options).items() if n in PARAMETERS and v is not None}
    if "," in given.get("members", ""):
        given["members"] = [m.strip() for m in given["members"].split(",")]
    results = Results(check_parameters({**UNFOCUSED, **given}))
    return results, results.ballots()


UNFOCUSED = {
    "focus": "",
    "references": [],
    "event": "",
    "target": "",
    "baselines": [],
    "statements": [],
}
"""Parameters of a study without a focus member: a table of all dyads needs none."""


def _write_table(table: pd.DataFrame, out: Path) -> None:
    from helpers.store import write_atomic

    if out.suffix == ".csv":
        write_atomic(out, table.to_csv(index=False, lineterminator="\n"))
    elif out.suffix == ".parquet":
        write_atomic(out, table.to_parquet(index=False))
    else:
        raise ParameterError(f"--out: {out.name!r} must end in .csv or .parquet")
    print(f"{out}: {len(table)} rows")
