"""The results of a study: the verbs of the other rooms, called with the study's options.

Every result is kept under ``data/processed``, by the content of its input, its options and the
code, so that a notebook alone is as right as the chain, only slower the first time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.ballots import (
    PARTS,
    Ballots,
    Composition,
    Pattern,
    build_ballots,
    find_day,
    find_pattern,
    measure_composition,
    read_windows,
    select_roll_calls,
    split_event,
    split_windows,
)
from helpers.blocs import (
    CONSTANTS,
    BlocHistory,
    Blocs,
    find_blocs,
    leave_out,
    say_too_few,
    trace_blocs,
)
from helpers.errors import MissingDataError, ParameterError, SelectionError, must_be_one_of
from helpers.groups import (
    GroupHistory,
    GroupPairs,
    GroupResult,
    compare_groups,
    similarity_with_group,
    track_group,
)
from helpers.multiverse import Multiverse, run_multiverse
from helpers.record import (
    SOURCES,
    Reconciliation,
    Record,
    apply_dates,
    apply_issues,
    apply_kinds,
    find_files,
    load_record,
    read_record,
    reconcile,
)
from helpers.shifts import (
    MemberYears,
    Movers,
    Shift,
    cast_votes,
    find_movers,
    find_roll_call,
    find_shift,
    is_whole,
    load_member_years,
    rank_member_years,
)
from helpers.similarity import (
    DyadTrack,
    MemberRanking,
    Similarity,
    bootstrap_similarity,
    rank_members,
    track_dyad,
)
from helpers.store import cached, digest, workspace
from helpers.study.parameters import Study, check_study

COMPARED: Final = ("undl", "undl-ga", "unvotes")
"""Sources of which unvotes and the Library's Assembly file are two records."""


@dataclass(frozen=True)
class Results:
    """What a study finds, step by step: each method passes the study's options to one verb.

    The same numbers come from the verb itself (`helpers.find_blocs`, ...), called with the options
    that the result carries.

    Attributes
    ----------
    study : Study
        The checked parameters.

    Examples
    --------
    >>> from helpers.study.parameters import Study
    >>> results = Results(Study(source="dossier", replicates=20))
    >>> ballots = results.ballots()
    >>> round(float(results.similarity(ballots, "agreement").dyad("USA", "GBR")["value"]), 3)
    0.913
    """

    study: Study

    def record(self) -> Record:
        """Return the record of the study's source, after checking the study against it.

        Raises
        ------
        ParameterError
            The study names a member, symbol or statement that the record does not have.
        """
        record = load_source(self.study.source)
        check_study(self.study, record)
        return record

    def reconciliation(self) -> Reconciliation | None:
        """Return unvotes (a) against the Library (b), or None where there are not both."""
        return reconcile_sources() if self.study.source in COMPARED else None

    def roll_calls(self) -> pd.DataFrame:
        """Return all roll calls of the period and subject, of both bodies, rolled or not."""
        names = ("date_from", "date_to", "subject")
        return select_roll_calls(self.record().roll_calls, **self._options(*names))

    def ballots(self, part: str = "all") -> Ballots:
        """Return the ballots of the study's selection, or of a part of it.

        Parameters
        ----------
        part : {"all", "before", "since"}
            The whole selection, its roll calls before the event, or from the event's day on.

        Raises
        ------
        SelectionError
            Nothing is left.
        """
        if part not in PARTS:
            raise ParameterError(must_be_one_of("part", part, PARTS))
        ballots, event = build_ballots(self.record(), **self.study.selection()), self.study.event
        if part != "all" and not event:
            raise ParameterError(f"event: the study names no day, so it has no part {part!r}")
        parts = split_event(ballots, event)
        if part not in parts:
            raise SelectionError(
                f"event: {event} does not part this selection, as no roll call was held before it "
                "or none from that day on"
            )
        return ballots if part == "all" else parts[part].ballots

    def parts(self, ballots: Ballots) -> dict[str, Ballots]:
        """Return the ballots before and since the event where both have votes, else all.

        The keys are what figures call them, such as ``"before 24 Feb 2025"``.
        """
        parts = split_event(ballots, self.study.event)
        if "since" not in parts:
            return {"whole period": ballots}
        day = pd.Timestamp(self.study.event)
        later = "on" if parts["since"].last == day else "since"
        name = f"{day.day} {day:%b %Y}"
        return {
            f"before {name}": parts["before"].ballots,
            f"{later} {name}": parts["since"].ballots,
        }

    def main(self, parts: Mapping[str, Ballots]) -> str:
        """Return which part a figure of one period shows: the last with votes enough for blocs.

        The only one without an event; the first part where none has enough. A number over both
        sides of an event would be of a mixture.
        """
        kept = {label: leave_out(part, CONSTANTS.least_share)[0] for label, part in parts.items()}
        enough = [label for label, part in kept.items() if not say_too_few(part)]
        return (enough or list(parts)[:1])[-1]

    def votes(self, ballots: Ballots) -> pd.DataFrame:
        """Return the votes of all members on the ballots' roll calls, as words."""
        return cast_votes(self.record(), ballots.roll_calls["roll_call"].tolist())

    def movers(self, ballots: Ballots) -> tuple[Movers, ...]:
        """Return who voted otherwise in the target than in each baseline.

        The target is the study's, else the first vote of the event; the baselines are the study's,
        else the vote before. Empty where there is no target.
        """
        record, calls = self.record(), ballots.roll_calls
        on_day = calls[find_day(calls, self.study.event)]
        target = self.study.target or (on_day["roll_call"].iloc[0] if len(on_day) else "")
        if not target:
            return ()
        earlier = calls[calls["date"] < find_roll_call(record, target)["date"]]
        baselines = self.study.baselines or tuple(earlier["roll_call"].tail(1))
        return tuple(find_movers(record, baseline, target) for baseline in baselines)

    def member_years(self) -> MemberYears:
        """Return all member-years of the source by how unlike their past they are.

        Those that come with the project for a record of one subject, which cannot say it.
        """
        record = self.record()
        if not is_whole(record):
            return load_member_years()
        options = self._options("body", "replicates", "level", "seed")
        years = self.study.years_before
        return cached(MemberYears, rank_member_years, record, years=years, **options)

    def shift(self, member_years: MemberYears) -> Shift | None:
        """Return what is claimed of the focus at the event; None where there is not both.

        Parameters
        ----------
        member_years : MemberYears
            Ranks of all members and years.
        """
        study = self.study
        if not (study.focus and study.event):
            return None
        return cached(
            Shift,
            find_shift,
            self.record(),
            study.focus,
            study.references,
            study.event,
            subject=study.event_subject,
            years=study.years_before,
            member_years=member_years,
            **self._options("body", "target", "replicates", "level", "seed"),
        )

    def pattern(self, ballots: Ballots) -> Pattern:
        """Return who voted what: all there is to say of a part with few votes."""
        return find_pattern(ballots)

    def similarity(self, ballots: Ballots, measure: str = "", *, min_shared: int = 0) -> Similarity:
        """Return the similarity of every two members, with intervals.

        Parameters
        ----------
        ballots : Ballots
            All votes, or those of a part.
        measure : str
            Another measure than the study's, to be shown beside it.
        min_shared : int
            Another minimum than the study's; 1 where raw agreement counts equal votes.
        """
        return cached(
            Similarity,
            bootstrap_similarity,
            ballots,
            measure or self.study.measure,
            **self._measuring(),
            min_shared=min_shared or self.study.min_shared,
        )

    def similarity_by_window(self, ballots: Ballots) -> pd.DataFrame:
        """Return the similarity of every dyad in every window of the study.

        Returns
        -------
        DataFrame
            ``period`` (the window's name) and the columns of `Similarity.table`.
        """
        tables = [
            self.similarity(window.ballots).table.assign(period=window.period)
            for window in split_windows(ballots, self._windows())
            if window.roll_calls
        ]
        table = pd.concat(tables, ignore_index=True)
        return table[["period", *table.columns.drop("period")]]

    def dyad(self, ballots: Ballots, member_a: str, member_b: str) -> DyadTrack:
        """Return the similarity of two members in every window of the study."""
        options = self._measuring() | self._options("measure", "min_shared")
        windows = self._windows()
        return cached(
            DyadTrack, track_dyad, ballots, member_a, member_b, windows=windows, **options
        )

    def ranking(self, ballots: Ballots, member: str) -> MemberRanking:
        """Return all members from the most to the least like one, like compared with like."""
        return rank_members(self.similarity(ballots), member, ballots=ballots)

    def blocs(self, ballots: Ballots) -> Blocs:
        """Return the blocs of the members, with how surely each member is in its bloc."""
        return cached(Blocs, find_blocs, ballots, **self._blocs())

    def history(self, ballots: Ballots) -> BlocHistory:
        """Return the blocs of the study's windows, followed through time."""
        options = self._blocs()
        return cached(BlocHistory, trace_blocs, ballots, windows=self._windows(), **options)

    def agreement(self, ballots: Ballots) -> GroupResult | None:
        """Return the raw agreement of the focus with all others, or None without its votes."""
        focus = self.study.focus
        if focus not in ballots.members:
            return None
        others = [member for member in ballots.members if member != focus]
        options = self._options("replicates", "level", "seed")
        return cached(
            GroupResult, similarity_with_group, ballots, focus, others, "agreement", **options
        )

    def composition(self, ballots: Ballots) -> Composition:
        """Return what is voted on in each window, and where that jumps."""
        return cached(Composition, measure_composition, ballots, self._windows())

    def groups(self, ballots: Ballots, group: str = "") -> GroupHistory:
        """Return how closely known groups, or one, hold together in each window.

        The focus of the study, if any, is set beside them.
        """
        return cached(
            GroupHistory,
            track_group,
            ballots,
            group,
            windows=self._windows(),
            focus=self.study.focus,
            measure=self.study.measure,
            **self._measuring(),
        )

    def group_pairs(self, ballots: Ballots) -> GroupPairs:
        """Return the similarity of every two known groups."""
        options = self._measuring()
        return cached(GroupPairs, compare_groups, ballots, measure=self.study.measure, **options)

    def multiverse(self, ballots: Ballots) -> Multiverse:
        """Return what the grid of reasonable choices says of the study's statements.

        The grid is `helpers.multiverse.GRID`; with an event in the ballots, the periods are before
        it and since.
        """
        names = (
            "body",
            "date_from",
            "date_to",
            "sessions",
            "subject",
            "kinds",
            "members",
            "states",
        )
        event = self.study.event
        return cached(
            Multiverse,
            run_multiverse,
            self.record(),
            {},
            list(self.study.statements),
            windows=(event,) if "since" in split_event(ballots, event) else (),
            selection={n: v for n, v in self.study.selection().items() if n in names},
            **self._options("min_shared", "seed"),
        )

    def _options(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self.study, name) for name in names}

    def _measuring(self) -> dict[str, Any]:
        return self._options("distance", "replicates", "level", "seed")

    def _blocs(self) -> dict[str, Any]:
        names = ("measure", "distance", "method", "replicates", "nulls", "seed", "min_shared")
        k = self.study.k
        return {**self._options(*names), "k": k if k == "auto" else int(k)}

    def _windows(self) -> str | tuple[str, ...]:
        return read_windows(self.study.windows, self.study.event)


@lru_cache(maxsize=2)
def load_source(source: str) -> Record:
    """Return the record of a source, or of a folder of clean tables, read once a process.

    Where both unvotes and the Library's Assembly file are on this machine, unvotes gets the days
    and kinds that the Library knows, and the Library the subjects that unvotes' authors coded; the
    log and the provenance say so.
    """
    if source not in SOURCES:
        return _read_folder(source)
    record = load_record(source)
    found = reconcile_sources() if source in COMPARED else None
    if found is None:
        return record
    if source == "unvotes":
        return apply_kinds(apply_dates(record, found), load_record("undl-ga"), found)
    return apply_issues(record, load_record("unvotes"), found)


def source_files(source: str) -> list[Path]:
    """Return the files behind a source: its own, or the tables of the folder that it names."""
    if source in SOURCES:
        return find_files(source)
    return sorted((workspace() / source).glob("*.parquet"))


def _read_folder(source: str) -> Record:
    """Read clean tables; their digests are in the provenance, as they may have been edited."""
    record = read_record(workspace() / source)
    tables = {path.name: digest(path) for path in source_files(source)}
    return replace(record, provenance={**record.provenance, "tables": tables})


@lru_cache(maxsize=1)
def reconcile_sources() -> Reconciliation | None:
    """Return unvotes (a) against the Library's Assembly file (b), or None where one is not here."""
    try:
        coded, library = load_record("unvotes"), load_record("undl-ga")
    except MissingDataError:
        return None
    return cached(Reconciliation, reconcile, coded, library)
