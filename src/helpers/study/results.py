"""The stages of a study, each computed once: what notebooks call.

A stage's result is kept in memory for the process and under ``data/processed`` for the next one, by
the content of its input, its options and the code, so that a notebook alone is as right as the
chain, only slower the first time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from helpers.ballots import (
    PARTS,
    Ballots,
    Pattern,
    build_ballots,
    find_pattern,
    read_windows,
    split_event,
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
    trace_groups,
)
from helpers.multiverse import Multiverse, run_multiverse
from helpers.record import Reconciliation, Record, apply_dates, apply_issues, load_record, reconcile
from helpers.similarity import Similarity, bootstrap_similarity
from helpers.store import cached, code_version, digest
from helpers.study.parameters import Study, check_study


@lru_cache(maxsize=2)
def load_source(source: str) -> Record:
    """Return the record of a source, read once a process.

    Where both unvotes and the Library's Assembly file are on this machine, unvotes gets the days
    that the Library knows, and the Library the subjects that unvotes' authors coded; the log and
    the provenance say so.
    """
    record = load_record(source)
    found = reconcile_sources() if source in ("undl", "undl-ga", "unvotes") else None
    if found is None:
        return record
    if source == "unvotes":
        return apply_dates(record, found)
    return apply_issues(record, load_record("unvotes"), found)


@lru_cache(maxsize=1)
def reconcile_sources() -> Reconciliation | None:
    """Return unvotes (a) against the Library's Assembly file (b), or None where one is not here."""
    try:
        coded, library = load_record("unvotes"), load_record("undl-ga")
    except MissingDataError:
        return None
    return cached(
        "reconciliation",
        Reconciliation,
        lambda: reconcile(coded, library),
        key=[record_key(coded), record_key(library)],
    )


@lru_cache(maxsize=2)
def study_record(study: Study) -> Record:
    """Return the study's record after checking the study against it.

    Raises
    ------
    ParameterError
        The study names a member, symbol or statement that the record does not have.
    """
    record = load_source(study.source)
    check_study(study, record)
    return record


@lru_cache(maxsize=8)
def study_ballots(study: Study, part: str = "all") -> Ballots:
    """Return the ballots of the study's selection, or of a part of it.

    Parameters
    ----------
    study : Study
        The checked parameters.
    part : {"all", "before", "since"}
        The whole selection, its roll calls before the event, or from the event's day on.

    Raises
    ------
    SelectionError
        Nothing is left.
    """
    if part not in PARTS:
        raise ParameterError(must_be_one_of("part", part, PARTS))
    if part == "all":
        return build_ballots(study_record(study), **study.selection())
    if not study.event:
        raise ParameterError("event: the study names no day, so it has no part before and since")
    parts = split_event(study_ballots(study), study.event)
    if part not in parts:
        raise SelectionError(
            f"event: {study.event} does not part this selection, as no roll call was held before "
            "it or none from that day on"
        )
    return parts[part].ballots


def list_parts(study: Study) -> tuple[str, ...]:
    """Return the parts that numbers are computed for: before and since an event, or all.

    A number over both sides of an event would be of a mixture.
    """
    parts = tuple(split_event(study_ballots(study), study.event))
    return parts[1:] or parts


def main_part(study: Study) -> str:
    """Return the part that a figure of one period shows: the last one with votes enough for blocs.

    Without an event the whole selection; the first part where none has enough.
    """
    parts = list_parts(study)
    share = CONSTANTS.least_share
    enough = [p for p in parts if not say_too_few(leave_out(study_ballots(study, p), share)[0])]
    return (enough or list(parts[:1]))[-1]


def record_key(record: Record) -> str:
    """Return a digest of the files that a record was made of, and of the code that cleaned them."""
    return digest(
        record.provenance, code_version("helpers.record.load", "helpers.record.reconciliation")
    )


def ballots_key(ballots: Ballots) -> str:
    """Return a digest of everything in the ballots that a computation can see."""
    return digest(
        ballots.votes,
        list(ballots.members),
        ballots.weights,
        ballots.blocks,
        ballots.absence,
        ballots.block_kind,
        ballots.roll_calls.to_csv(),
    )


@lru_cache(maxsize=32)
def study_similarity(
    study: Study, part: str = "", measure: str = "", min_shared: int = 0
) -> Similarity:
    """Return the similarity of all dyads with block-bootstrap intervals.

    Parameters
    ----------
    study, part
        As in `study_ballots`; empty: the `main_part`.
    measure : str
        Another measure than the study's, to be shown beside it.
    min_shared : int
        Another minimum than the study's, for parts with few roll calls.
    """
    ballots = study_ballots(study, part or main_part(study))
    options: dict[str, Any] = {
        "measure": measure or study.measure,
        "distance": study.distance,
        "min_shared": min_shared or study.min_shared,
        "replicates": study.replicates,
        "level": study.level,
        "seed": study.seed,
    }
    return cached(
        "similarity",
        Similarity,
        lambda: bootstrap_similarity(ballots, **options),
        key=[ballots_key(ballots), options],
    )


@lru_cache(maxsize=8)
def study_blocs(study: Study, part: str = "") -> Blocs:
    """Return the blocs of a part (empty: the `main_part`), with membership probabilities."""
    ballots, options = study_ballots(study, part or main_part(study)), _bloc_options(study)
    return cached(
        "blocs",
        Blocs,
        lambda: find_blocs(ballots, **options),
        key=[ballots_key(ballots), options],
    )


@lru_cache(maxsize=4)
def study_history(study: Study) -> BlocHistory:
    """Return the blocs of the study's windows, followed through time."""
    ballots, options = study_ballots(study), _bloc_options(study)
    windows = read_windows(study.windows, study.event)
    return cached(
        "history",
        BlocHistory,
        lambda: trace_blocs(ballots, windows=windows, **options),
        key=[ballots_key(ballots), windows, options],
    )


@lru_cache(maxsize=8)
def study_pattern(study: Study, part: str = "") -> Pattern:
    """Return who voted what in a part (empty: the `main_part`)."""
    return find_pattern(study_ballots(study, part or main_part(study)))


@lru_cache(maxsize=8)
def study_agreement(study: Study, part: str = "") -> GroupResult | None:
    """Return the raw agreement of the focus with all other members, or None without its votes.

    Parameters
    ----------
    study, part
        As in `study_ballots`; empty: the `main_part`.
    """
    ballots = study_ballots(study, part or main_part(study))
    if study.focus not in ballots.members:
        return None
    others = [m for m in ballots.members if m != study.focus]
    options = {name: getattr(study, name) for name in ("replicates", "level", "seed")}
    return cached(
        "agreement",
        GroupResult,
        lambda: similarity_with_group(ballots, study.focus, others, "agreement", **options),
        key=[ballots_key(ballots), study.focus, options],
    )


@lru_cache(maxsize=4)
def study_groups(study: Study) -> GroupHistory:
    """Return how closely known groups hold together in each window, and the focus beside them."""
    ballots = study_ballots(study)
    windows = read_windows(study.windows, study.event)
    options = {"focus": study.focus, **_group_options(study)}
    return cached(
        "groups",
        GroupHistory,
        lambda: trace_groups(ballots, windows=windows, **options),
        key=[ballots_key(ballots), windows, options],
    )


@lru_cache(maxsize=4)
def study_group_pairs(study: Study) -> GroupPairs:
    """Return the similarity of every two known groups in the `main_part`."""
    ballots, options = study_ballots(study, main_part(study)), _group_options(study)
    return cached(
        "group-pairs",
        GroupPairs,
        lambda: compare_groups(ballots, **options),
        key=[ballots_key(ballots), options],
    )


def _bloc_options(study: Study) -> dict[str, Any]:
    """Return how a study looks for blocs: the same in one selection and through time."""
    return {
        "measure": study.measure,
        "distance": study.distance,
        "method": study.method,
        "k": study.k if study.k == "auto" else int(study.k),
        "replicates": study.replicates,
        "nulls": study.nulls,
        "seed": study.seed,
        "min_shared": study.min_shared,
    }


def _group_options(study: Study) -> dict[str, Any]:
    return {
        "measure": study.measure,
        "distance": study.distance,
        "replicates": study.replicates,
        "level": study.level,
        "seed": study.seed,
    }


@lru_cache(maxsize=4)
def study_multiverse(study: Study) -> Multiverse:
    """Return what the grid of reasonable choices says of the study's statements.

    The grid is `multiverse.GRID`; with an event in the period, the periods are before it and since.
    """
    record, ballots = study_record(study), study_ballots(study)
    names = ("body", "date_from", "date_to", "sessions", "subject", "kinds", "members")
    selection = {n: v for n, v in study.selection().items() if n in names}
    options: dict[str, Any] = {
        "windows": (study.event,) if "since" in split_event(ballots, study.event) else (),
        "selection": selection,
        "min_shared": study.min_shared,
        "seed": study.seed,
    }
    return cached(
        "multiverse",
        Multiverse,
        lambda: run_multiverse(record, {}, study.statements, **options),
        key=[record_key(record), list(study.statements), options],
    )
