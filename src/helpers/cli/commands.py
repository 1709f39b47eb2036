"""The commands: a table, and one small function for each.

To add one, write a function ``(study, options)`` and a row of `COMMANDS`:

- ``study`` is the checked `Study` of the study file, ``--set`` and the options. The row's ``reads``
  names the parameters that matter to the command: they become its options, with help, choices and
  defaults out of `Study`, and any other that is given is refused. `SELECTION` are those of
  `Study.selection`, `SIMILARITY` and `BLOCS` add those of a similarity and of blocs.
- With ``table=True`` the function returns a data frame, which is written to ``--out`` with its
  provenance; else it prints, and returns an exit status or None. With ``prints=True`` beside it,
  it prints the table itself and ``--out`` may be left out.
- What is no parameter of a study is added by the row's ``options`` to the parser and found in
  ``options``, beside ``file`` (of the study), ``settings`` (the parameters that were given) and
  ``typed`` (the command as it was typed).

Import inside the function: the other commands need not wait for it.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import ParameterError
from helpers.study import PARAMETERS

if TYPE_CHECKING:
    import pandas as pd

    from helpers.study import Study


@dataclass(frozen=True)
class Command:
    """A command: name, one line of help, what it does, and what it reads.

    Attributes
    ----------
    name, help : str
        The help begins with a verb.
    run : function
        See the module.
    reads : tuple of str
        Study parameters that matter to it.
    options : function or None
        Adds options of its own to a parser.
    table : bool
        Whether it returns a table that is written to ``--out``.
    replaces : tuple of str
        Study parameters whose options the command's own take the place of.
    prints : bool
        Whether it also prints it, so that ``--out`` may be left out.
    takes : {"study", "source", "grid", ""}
        Its first argument: a study file or a source with votes; a study file or any source of the
        catalogue, then in ``options.source``; a grid file; none.
    """

    name: str
    help: str
    run: Callable[[Any, Any], Any]
    reads: tuple[str, ...] = ()
    options: Callable[[argparse.ArgumentParser], None] | None = None
    table: bool = False
    replaces: tuple[str, ...] = ()
    prints: bool = False
    takes: str = "study"


# --- reports ---------------------------------------------------------------------------------


def _report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--again", action="store_true", help="make it even if nothing has changed")
    parser.add_argument(
        "--name", default="", help="folder under reports/ (default: the study file's name)"
    )


def _report(study: Study, options: Any) -> None:
    from helpers.report import read_answer
    from helpers.run import make_report

    name = options.name or (options.file.stem if options.file else "")
    if not name:
        raise ParameterError("report: give a study file, or --name for the report's folder")
    folder = make_report(study, name=name, again=options.again, command=options.typed)
    print(f"{folder / 'index.html'}\n{read_answer(folder)}")


def _batch_options(parser: argparse.ArgumentParser) -> None:
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


def _batch(_study: None, options: Any) -> int:
    from helpers.run import failure_table, run_batch, type_settings, write_site

    result = run_batch(
        options.file,
        settings=options.settings,
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
        again = ["unblocs", "batch", str(options.file), *type_settings(options.settings), "--rerun"]
        print(f"again, only these: {shlex.join(again)}", file=sys.stderr)
    return int(bool(result.failed))


def _site(_study: Study, _options: Any) -> None:
    from helpers.run import write_site

    print(write_site())


# --- studies and sources ---------------------------------------------------------------------


def _parameters(study: Study, options: Any) -> None:
    from helpers.similarity import presets_table
    from helpers.study import Study, write_cell

    print(write_cell(study if options.file or options.settings else Study()))
    print("\n# A measure may also be a preset, which names a number as it is published:")
    for row in presets_table().to_dict("records"):
        print(f"# {row['preset']} ({row['period']}): {row['what']};")
        print(f"#     our {row['measure']}, absence: {row['absence']}; not {row['is_not']}")


def _sources(study: Study, options: Any) -> None:
    from helpers.record import sources_table

    table = sources_table()
    if options.file or options.settings:
        table = table[table["source"] == study.source]
    for row in table.to_dict("records"):
        print(row.pop("source"))
        for name, value in row.items():
            print(f"    {name}: {value}")


def _fetch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", default="", help="where to (default: data/raw/<source>)")
    parser.add_argument("--address", help="a newer address of the file than the one we know")
    parser.add_argument("--sha256", default="", help="refuse the file if its SHA-256 is another")


def _fetch(study: Study, options: Any) -> None:
    from helpers.errors import FetchError
    from helpers.record import fetch, get_source, inspect_file

    source = options.source or study.source
    try:
        paths = fetch(
            source,
            folder=options.folder,
            mirror=options.mirror or "",
            address=options.address,
            sha256=options.sha256,
        )
    except FetchError:
        _open_browser(get_source(source).address)
        raise
    for path in paths:
        print(path)
        if get_source(source).files:
            print(f"    {inspect_file(path)}")


def _open_browser(address: str) -> None:
    """Open a page where a person sits before a screen; else its address in the error will do."""
    import os
    import webbrowser

    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY")
    if sys.stdout.isatty() and screen:
        webbrowser.open(address)


def _clean_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", help="files or one folder; else the fetched files")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument("--csv", action="store_true", help="also write CSV with a data dictionary")
    parser.add_argument(
        "--columns",
        default="",
        metavar="OURS=THEIRS,...",
        help="what columns are called in the file, for the source tidy (docs/tidy.md)",
    )
    parser.add_argument(
        "--votes",
        default="",
        metavar="MARK=VOTE,...",
        help="what the file's votes mean, such as 1=yes,2=abstain,3=no,8=absent",
    )


def _clean(study: Study, options: Any) -> None:
    from helpers.record import clean_source, say_age

    record = clean_source(
        study.source,
        [Path(f) for f in options.files],
        Path(options.out),
        csv=options.csv,
        columns=read_pairs("columns", options.columns),
        votes=read_pairs("votes", options.votes),
    )
    print(
        f"{options.out}: {len(record.members)} periods of membership, "
        f"{len(record.roll_calls)} roll calls, {len(record.votes)} votes"
    )
    cut = record.log.loc[record.log["rule"].eq("cut_by_a_spreadsheet"), "what"]
    for sentence in (*cut, say_age(record)):
        if sentence:
            print(sentence, file=sys.stderr)


def read_pairs(name: str, text: str) -> dict[str, str]:
    """Read what is declared of a file's columns or votes.

    Raises
    ------
    ParameterError
        A part is no pair, or something is declared twice.

    Examples
    --------
    >>> read_pairs("votes", "1=yes, 3=no")
    {'1': 'yes', '3': 'no'}
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        left, sign, right = (p.strip() for p in part.partition("="))
        if not (left and sign and right):
            raise ParameterError(f"--{name}: {part!r} must be a pair such as a=b")
        if left in pairs:
            raise ParameterError(f"--{name}: {left!r} is declared twice; leave one out")
        pairs[left] = right
    return pairs


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--published",
        nargs="+",
        default=(),
        metavar="FILE",
        help="published figures of your own, in the layout of docs/published.md",
    )


def _check(study: Study, options: Any) -> int:
    from helpers.record import read_published
    from helpers.similarity import PRESETS, check_published
    from helpers.study.results import load_source

    facts = read_published(options.published, definitions=tuple(PRESETS))
    record = load_source(study.source if options.settings else "undl")
    found = check_published(record, facts)
    shown = found.table.drop(columns=["source"])
    print(shown.to_string(index=False, na_rep="", max_colwidth=60))
    print(f"\n{found.summary.to_string(index=False)}")
    return 0 if found.agrees else 1


# --- tables ----------------------------------------------------------------------------------


def _similarity(study: Study, _options: Any) -> pd.DataFrame:
    from helpers.similarity import warn_preset
    from helpers.study import Results

    results = Results(study)
    ballots = results.ballots()
    for sentence in warn_preset(study.measure, ballots.roll_calls):
        print(sentence, file=sys.stderr)
    if ballots.joined:
        print(
            f"two states that had one seat are one member: {', '.join(ballots.joined)}",
            file=sys.stderr,
        )
    return results.similarity_by_window(ballots)


def _blocs(study: Study, _options: Any) -> pd.DataFrame:
    from helpers.study import Results

    results = Results(study)
    history = results.history(results.ballots())
    for row in history.periods.to_dict("records"):
        if row["why"]:
            print(f"{row['period']}: no blocs; {row['why']}")
    return history.table


def _shifts(study: Study, _options: Any) -> pd.DataFrame:
    from helpers.study import Results

    results = Results(study)
    shift = results.shift(results.member_years())
    if shift is None:
        raise ParameterError("shifts: name the member (--focus) and the day (--event)")
    return shift.claims


def _member_years(study: Study, _options: Any) -> pd.DataFrame:
    from helpers.study import Results

    return Results(study).member_years().table


def _forecast_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", default="", help="day of the votes, ISO (default: the next)")
    parser.add_argument("--out", metavar="FILE", help="write the forecast here, as .csv")
    parser.add_argument("--score", metavar="FILE", help="score a forecast written before")


def _forecast(study: Study, options: Any) -> None:
    from helpers.ballots import build_ballots
    from helpers.shifts import score_written, take_once, write_next
    from helpers.study import Results

    if bool(options.out) == bool(options.score):
        raise ParameterError("forecast: give either --out, to make one, or --score")
    record = Results(study).record()
    if options.score:
        ballots = take_once(build_ballots(record, body=study.body))
        for name, value in score_written(options.score, ballots)._asdict().items():
            print(f"{name}: {value:.4g}")
        return
    if Path(options.out).suffix != ".csv":
        raise ParameterError(f"--out: {options.out!r} must end in .csv")
    digest, texts = write_next(record, options.out, body=study.body, day=options.day)
    print(f"{options.out}: {texts} texts\nsha256: {digest}")


# --- questions, each answered on the screen ----------------------------------------------------


def _print_table(table: pd.DataFrame) -> None:
    """Print a table as a person reads it: three decimals, nothing where nothing is known."""
    print(table.to_string(index=False, na_rep="", float_format="{:.3f}".format))


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)


def _votes_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", help="symbol of the text, such as A/RES/ES-11/7")


def _votes(study: Study, options: Any) -> pd.DataFrame:
    from helpers.shifts import votes_on
    from helpers.study import Results

    found = votes_on(Results(study).record(), options.symbol)
    print(f"{found.symbol or found.roll_call}, {found.date}: {found.title}")
    for vote, names in found.by_vote.items():
        print(f"\n{vote} ({len(names)}): {', '.join(names)}")
    return found.table


def _track_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member_a", metavar="MEMBER", help="a member, by code or name")
    parser.add_argument("member_b", metavar="MEMBER", help="the other member")


def _track(study: Study, options: Any) -> pd.DataFrame:
    from helpers.study import Results

    results = Results(study)
    found = results.dyad(results.ballots(), options.member_a, options.member_b)
    print(repr(found))
    _print_table(found.table)
    _warn(found.warnings)
    return found.table


def _shares_options(parser: argparse.ArgumentParser) -> None:
    from helpers.ballots import PARTINGS

    parser.add_argument("member", metavar="MEMBER", help="a member, by code or name")
    parser.add_argument("--by", choices=tuple(PARTINGS), default="year", help="(default: year)")


def _shares(study: Study, options: Any) -> pd.DataFrame:
    from helpers.ballots import vote_shares
    from helpers.study import Results

    selection = {name: getattr(study, name) for name in SHARES if name != "source"}
    found = vote_shares(Results(study).record(), options.member, by=options.by, **selection)
    print(repr(found))
    _print_table(found.table)
    return found.table


def _rank_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", metavar="MEMBER", help="a member, by code or name")


def _rank(study: Study, options: Any) -> pd.DataFrame:
    from helpers.study import Results

    results = Results(study)
    ballots = results.ballots()
    found = results.ranking(ballots, options.member)
    print(repr(found))
    _print_table(found.table)
    if len(found.apart):
        print(f"\nshare under {found.least_exposure:.0%} of its votes, and are not ranked:")
        _print_table(found.apart)
    _warn(results.similarity(ballots).warnings)
    return found.table


def _groups_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("group", metavar="GROUP", nargs="?", default="", help="only this group")


def _groups(study: Study, options: Any) -> pd.DataFrame:
    from helpers.study import Results

    results = Results(study)
    table = results.groups(results.ballots(), options.group).table
    table = table[table["what"] == "inside"].drop(columns="what")
    _print_table(table)
    return table


def _watch_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", default="", metavar="DATE", help="what is known ends here (default: last time)"
    )


def _watch(study: Study, options: Any) -> None:
    from helpers.run import make_watch

    name = options.file.stem if options.file else Path(study.source).name
    for line in make_watch(study, name=name, since=options.since):
        print(line)


def _ideal_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        default="",
        choices=("variational", "gibbs", "exact"),
        help="estimator (default: variational; gibbs is the sampler of --preset bsv)",
    )
    parser.add_argument(
        "--preset",
        default="",
        choices=("", "bsv"),
        help="bsv: the choices of Bailey, Strezhnev and Voeten (default: ours)",
    )
    parser.add_argument("--periods", default="session", choices=("session", "year"))
    parser.add_argument("--dimensions", type=int, default=1, choices=(1, 2))
    parser.add_argument(
        "--sweeps", type=int, default=0, metavar="N", help="sweeps that a sampler keeps (as usual)"
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="threads that chains are shared by"
    )


def _ideal_points(study: Study, options: Any) -> pd.DataFrame:
    from helpers.ideal_points import estimate_points
    from helpers.study import Results

    return estimate_points(
        Results(study).ballots(),
        periods=options.periods,
        estimator=options.method or "variational",
        preset=options.preset,
        dimensions=options.dimensions,
        sweeps=options.sweeps,
        workers=options.workers,
        seed=study.seed,
    ).table


SELECTION: Final = (
    *("source", "body", "date_from", "date_to", "sessions", "subject", "kinds", "members"),
    *("absence", "states", "roll_call_weights", "blocks"),
)
"""What `Study.selection` gives to the ballots, and the source."""

SHARES: Final = (
    *("source", "body", "date_from", "date_to", "sessions", "subject", "kinds", "states"),
)
"""What of a selection matters to the votes of one member."""

SIMILARITY: Final = (
    *SELECTION,
    *("measure", "distance", "min_shared", "replicates", "level", "seed", "windows", "event"),
)
RANKING: Final = (
    *SELECTION,
    *("measure", "distance", "min_shared", "replicates", "level", "seed"),
)
BLOCS: Final = (
    *SELECTION,
    *("measure", "distance", "min_shared", "replicates", "seed", "nulls", "method", "k"),
    *("windows", "event"),
)
SHIFTS: Final = (
    *("source", "body", "focus", "references", "event", "target", "event_subject"),
    *("years_before", "replicates", "level", "seed"),
)
_ALL: Final = tuple(PARAMETERS)

COMMANDS: Final = (
    Command("report", "Make the report of a study", _report, _ALL, _report_options),
    Command(
        "batch",
        "Make every report of a grid of studies, and the site",
        _batch,
        _ALL,
        _batch_options,
        takes="grid",
    ),
    Command("site", "Write reports/index.html, the page that finds every report", _site, takes=""),
    Command("parameters", "Print every study parameter with its meaning", _parameters, _ALL),
    Command("sources", "List the sources: citation, terms, coverage", _sources, ("source",)),
    Command(
        "fetch",
        "Download a source, or copy it from a mirror",
        _fetch,
        ("source",),
        _fetch_options,
        takes="source",
    ),
    Command(
        "clean", "Turn a source's files into clean tables", _clean, ("source",), _clean_options
    ),
    Command(
        "check",
        "Compare published figures with the record",
        _check,
        ("source",),
        _check_options,
    ),
    Command(
        "similarity",
        "Write the similarity of every dyad in every window",
        _similarity,
        SIMILARITY,
        table=True,
    ),
    Command("blocs", "Write the bloc of every member in every window", _blocs, BLOCS, table=True),
    Command(
        "shifts", "Write what is claimed of the focus at the event", _shifts, SHIFTS, table=True
    ),
    Command(
        "member-years",
        "Rank every member and year by how unlike its past it voted",
        _member_years,
        ("source", "body", "years_before", "replicates", "level", "seed"),
        table=True,
    ),
    Command(
        "forecast",
        "Forecast the next votes on texts that came back, or score such a forecast",
        _forecast,
        ("source", "body"),
        _forecast_options,
    ),
    Command(
        "watch",
        "Say what is new in a record since the last time",
        _watch,
        ("source", "body", "event_subject"),
        _watch_options,
    ),
    Command(
        "ideal-points",
        "Write where every member stood in every session, or year",
        _ideal_points,
        (*SELECTION[:8], "states", "seed"),
        _ideal_options,
        table=True,
        replaces=("method",),
    ),
    Command(
        "votes",
        "Say who voted how on a text",
        _votes,
        ("source",),
        _votes_options,
        table=True,
        prints=True,
        takes="",
    ),
    Command(
        "track",
        "Say how alike two members vote in every window",
        _track,
        SIMILARITY,
        _track_options,
        table=True,
        prints=True,
        takes="",
    ),
    Command(
        "shares",
        "Count a member's votes by year, session or subject",
        _shares,
        SHARES,
        _shares_options,
        table=True,
        prints=True,
        takes="",
    ),
    Command(
        "rank",
        "Rank all members by how alike they vote with one",
        _rank,
        RANKING,
        _rank_options,
        table=True,
        prints=True,
        takes="",
    ),
    Command(
        "groups",
        "Say how closely known groups hold together in every window",
        _groups,
        (*SELECTION, "windows", "event", "level"),
        _groups_options,
        table=True,
        prints=True,
        takes="",
    ),
)
"""Every command, in the order of the help."""
