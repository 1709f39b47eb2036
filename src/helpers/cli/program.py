"""Read a command line, run its command, and word what goes wrong."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers.cli.arguments import add_study, read_settings, refuse_idle
from helpers.cli.commands import COMMANDS, Command
from helpers.errors import explain
from helpers.store import check_table_name, checkout, project_version, workspace

_EPILOG = """\
examples:
  unblocs report reports/ukraine.yml            the embedded dossier, no download
  unblocs report reports/ukraine.yml --set measure=agreement --name by-agreement
  unblocs votes A/RES/ES-11/7                   who voted how, on the screen
  unblocs track USA RUS --windows year          two members over time
  unblocs shares USA --by subject               how one member votes
  unblocs rank ISR --source undl-ga --subject palestine
  unblocs groups BRICS --windows year           of one mind, and on how many votes
  unblocs sources                               what can be used, and on what terms
  unblocs fetch undl-ga                         download the Assembly's full record
  unblocs similarity undl-ga --sessions 70-79 --windows session --out similarity.csv
  unblocs blocs reports/2025.yml --mirror /data --out blocs.parquet

A study is a flat YAML file of parameters, such as reports/ukraine.yml. Every command takes one, and
--set NAME=VALUE, or the option of that name, for each parameter that matters to it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 when it did what was asked; 1 with one sentence on the error stream when not; 2 when the
    command line itself cannot be understood; 130 when interrupted.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = build_parser()
    options = parser.parse_args(given)
    if not hasattr(options, "command"):
        parser.print_help(sys.stderr)
        return 2
    if arguments is None:  # this is the program: a job of a shell's background ignores SIGINT
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
    options.typed = shlex.join(["unblocs", *map(_shorten, given)])
    try:
        status = run_command(options.command, options)
        sys.stdout.flush()
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
    return status


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="unblocs",
        description="Who votes with whom in the United Nations, since 1946, with uncertainty.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"unblocs {project_version()}")
    parser.set_defaults(debug=False)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        sub = subparsers.add_parser(
            command.name, help=command.help, description=f"{command.help}.", allow_abbrev=False
        )
        sub.set_defaults(command=command)
        add_study(sub, command)
        if command.options is not None:
            command.options(sub)
        if command.table:
            sub.add_argument(
                "--out",
                required=not command.prints,
                metavar="FILE",
                help="the table, as .csv, .parquet, .xlsx (Excel) or .dta (Stata)",
            )
        sub.add_argument("--debug", action="store_true", help="show the traceback of an error")
        sub.add_argument(
            "--mirror", metavar="DIR", help="folder with the sources' files (or UNBLOCS_MIRROR)"
        )
    return parser


def run_command(command: Command, options: Any) -> int:
    """Read the study of a command line, run the command, and write the table that it returns."""
    from helpers.study import check_parameters, read_study

    if options.mirror:
        os.environ["UNBLOCS_MIRROR"] = str(Path(options.mirror).resolve())
    if command.table and options.out:
        check_table_name(Path(options.out))
    options.settings = read_settings(options, command)
    if command.takes == "grid":
        return int(command.run(None, options) or 0)
    study = (
        read_study(options.file, options.settings)
        if options.file
        else check_parameters(options.settings)
    )
    refuse_idle(command, study, options.settings)
    made = command.run(study, options)
    if command.table and options.out:
        _write(command, study, made, options)
    return 0 if command.table else int(made or 0)


def _shorten(argument: str) -> str:
    """Write a path inside the workspace or the checkout as it is typed there, on any machine."""
    for folder in filter(None, (workspace(), checkout())):
        if Path(argument).is_relative_to(folder):
            return Path(argument).relative_to(folder).as_posix()
    return argument


def _write(command: Command, study: Any, table: Any, options: Any) -> None:
    """Write a command's table with what it was made from."""
    from helpers.store import files_behind, library_versions, write_table
    from helpers.study import Results

    parameters = study.as_dict()
    provenance = {
        "command": options.typed,
        "parameters": {name: parameters[name] for name in command.reads},
        "record": Results(study).record().provenance,
        "project": project_version(),
        "versions": library_versions(files_behind(["helpers.study.results"])),
    }
    for path in write_table(table, Path(options.out), provenance):
        print(path)
    print(f"{len(table)} rows")
