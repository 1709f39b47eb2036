"""The stages of a study, each computed once: what notebooks call.

A stage's result is kept in memory for the process and under ``data/processed`` for the next one, by
the content of its input, its options and the code, so that a notebook alone is as right as the
chain, only slower the first time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from helpers.ballots import (
    PARTS,
    Ballots,
    build_ballots,
    read_windows,
    split_event,
    split_windows,
)
from helpers.blocs import BlocHistory, Blocs, find_blocs, trace_blocs
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
    Reconciliation,
    Record,
    apply_dates,
    apply_issues,
    apply_kinds,
    load_record,
    reconcile,
)
from helpers.similarity import Similarity, bootstrap_similarity
from helpers.store import cached, code_version, digest
from helpers.study.parameters import Study, check_study


@lru_cache(maxsize=2)
def load_source(source: str) -> Record:
    """Return the record of a source, read once a process.

    Where both unvotes and the Library's Assembly file are on this machine, unvotes gets the days
    and kinds that the Library knows, and the Library the subjects that unvotes' authors coded; the
    log and the provenance say so.
    """
    record = load_record(source)
    found = reconcile_sources() if source in ("undl", "undl-ga", "unvotes") else None
    if found is None:
        return record
    if source == "unvotes":
        return apply_kinds(apply_dates(record, found), load_record("undl-ga"), found)
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
    study: Study, part: str = "all", measure: str = "", min_shared: int = 0
) -> Similarity:
    """Return the similarity of all dyads with block-bootstrap intervals.

    Parameters
    ----------
    study, part
        As in `study_ballots`.
    measure : str
        Another measure than the study's, to be shown beside it.
    min_shared : int
        Another minimum than the study's, for parts with few roll calls.
    """
    ballots = study_ballots(study, part)
    options: dict[str, Any] = {
        "measure": measure or study.measure,
        "distance": _distance(study),
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
def study_blocs(study: Study, part: str = "all") -> Blocs:
    """Return the blocs of the selection, with membership probabilities."""
    ballots = study_ballots(study, part)
    options = _bloc_options(study, len(ballots.votes))
    return cached(
        "blocs",
        Blocs,
        lambda: find_blocs(ballots, **options),
        key=[ballots_key(ballots), options],
    )


@lru_cache(maxsize=4)
def study_history(study: Study) -> BlocHistory:
    """Return the blocs of the study's windows, followed through time.

    Raises
    ------
    SelectionError
        No window has enough votes to look for blocs.
    """
    ballots = study_ballots(study)
    windows = read_windows(study.windows, study.event)
    fewest = min(window.roll_calls for window in split_windows(ballots, windows))
    options = _bloc_options(study, fewest)
    return cached(
        "history",
        BlocHistory,
        lambda: trace_blocs(ballots, windows=windows, **options),
        key=[ballots_key(ballots), windows, options],
    )


@lru_cache(maxsize=8)
def study_agreement(study: Study, part: str = "all") -> GroupResult | None:
    """Return the raw agreement of the focus with all other members, or None without its votes.

    Parameters
    ----------
    study, part
        As in `study_ballots`.
    """
    ballots = study_ballots(study, part)
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
        lambda: track_group(ballots, windows=windows, **options),
        key=[ballots_key(ballots), windows, options],
    )


@lru_cache(maxsize=4)
def study_group_pairs(study: Study) -> GroupPairs:
    """Return the similarity of every two known groups over the whole selection."""
    ballots, options = study_ballots(study), _group_options(study)
    return cached(
        "group-pairs",
        GroupPairs,
        lambda: compare_groups(ballots, **options),
        key=[ballots_key(ballots), options],
    )


def _bloc_options(study: Study, roll_calls: int) -> dict[str, Any]:
    """Return how blocs are looked for; no more shared votes are asked for than half the votes."""
    return {
        "measure": study.measure,
        "distance": _distance(study),
        "method": study.method,
        "k": study.k if study.k == "auto" else int(study.k),
        "replicates": study.replicates,
        "nulls": study.nulls,
        "seed": study.seed,
        "min_shared": min(study.min_shared, max(1, roll_calls // 2)),
    }


def _group_options(study: Study) -> dict[str, Any]:
    return {
        "measure": study.measure,
        "distance": _distance(study),
        "replicates": study.replicates,
        "level": study.level,
        "seed": study.seed,
    }


@lru_cache(maxsize=4)
def study_multiverse(study: Study) -> Multiverse:
    """Return what the grid of reasonable choices says of the study's statements.

    The grid is `multiverse.GRID`; with an event in the period, the parts before it and from its
    day on are periods of their own, and then no more shared votes are asked for than the smaller
    of them can have.
    """
    record, ballots = study_record(study), study_ballots(study)
    names = ("body", "date_from", "date_to", "sessions", "subject", "kinds", "members")
    selection = {n: v for n, v in study.selection().items() if n in names}
    grid: dict[str, Any] = {"period": ["all"]}
    min_shared = study.min_shared
    dates = ballots.roll_calls["date"]
    if study.event and dates.min() < pd.Timestamp(study.event) <= dates.max():
        day_before = pd.Timestamp(study.event) - pd.Timedelta(days=1)
        grid["period"] += [
            f"{study.date_from}..{day_before:%Y-%m-%d}",
            f"{study.event}..{study.date_to}",
        ]
        before = int((dates < pd.Timestamp(study.event)).sum())
        min_shared = min(min_shared, max(1, min(before, len(dates) - before) // 2))
    return cached(
        "multiverse",
        Multiverse,
        lambda: run_multiverse(
            record,
            grid,
            study.statements,
            selection=selection,
            min_shared=min_shared,
            seed=study.seed,
        ),
        key=[
            record_key(record),
            grid,
            selection,
            list(study.statements),
            min_shared,
            study.seed,
        ],
    )


def _distance(study: Study) -> str:
    """Absence as a category of its own has no place on the scale: only nominal distance fits."""
    return "nominal" if study.absence == "category" else study.distance
