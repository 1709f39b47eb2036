"""Forecasts written before the vote, with a digest and a date, and read again to be scored."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.ballots import Ballots, build_ballots, find_bridges
from helpers.errors import DataError, MissingDataError, SelectionError
from helpers.record import NO, VOTES, Record
from helpers.shifts.forecast import (
    Forecast,
    ForecastScore,
    add_next_texts,
    forecast_votes,
    score_forecast,
)
from helpers.shifts.member_years import take_once
from helpers.store import write_atomic

_WORDS = list(VOTES[:NO])


def write_forecast(
    forecast: Forecast, path: str | Path, *, made: str, provenance: Mapping[str, Any]
) -> str:
    """Write a forecast as CSV, and beside it as JSON when it was made, of what, and its digest.

    Parameters
    ----------
    forecast : Forecast
        Of texts that are due (`add_next_texts`).
    path : path
        The CSV: ``before, member, yes, abstain, no, simple``, one row a text and member.
    made : str
        ISO date.
    provenance : mapping
        Of the record.

    Returns
    -------
    str
        SHA-256 of the CSV, to be published.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    place = Path(path)
    words = np.array(["", *_WORDS])
    table = forecast.table.drop(columns="roll_call").assign(simple=words[forecast.simple.ravel()])
    text = table.to_csv(index=False, lineterminator="\n", float_format="%.4f").encode()
    digest = hashlib.sha256(text).hexdigest()
    totals = forecast.totals.drop(columns="roll_call").round(2)
    about = {
        "made": made,
        "sha256": digest,
        "level": forecast.level,
        "simple_share": dict(zip(forecast.before, forecast.simple_share.tolist(), strict=True)),
        "totals": totals.to_dict("records"),
        "provenance": dict(provenance),
    }
    write_atomic(place, text)
    write_atomic(place.with_suffix(".json"), json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    return digest


def write_next(
    record: Record, path: str | Path, *, body: str = "GA", day: str = ""
) -> tuple[str, int]:
    """Forecast the texts that are due and write the forecast (`write_forecast`).

    Parameters
    ----------
    record : Record
        Votes to date; the forecast was made on the day of the last one.
    path : path
        The CSV.
    body : {"GA", "SC"}
        The body.
    day : str
        ISO date of the votes; empty: the day after the last one.

    Returns
    -------
    str, int
        SHA-256 of the CSV, and the number of texts.
    """
    ballots = take_once(build_ballots(record, body=body))
    last = ballots.roll_calls["date"].max()
    day = day or str((last + pd.Timedelta(days=1)).date())
    forecast = forecast_votes(add_next_texts(ballots, day), day)
    made = str(last.date())
    digest = write_forecast(forecast, path, made=made, provenance=record.provenance)
    return digest, len(forecast.before)


def score_written(path: str | Path, ballots: Ballots) -> ForecastScore:
    """Score a forecast that was written before, on the votes cast since.

    Parameters
    ----------
    path : path
        The CSV of `write_forecast`; the JSON lies beside it.
    ballots : Ballots
        Votes of a record that goes on after the forecast was made.

    Returns
    -------
    ForecastScore
        Of the texts of the forecast that came to a vote after the day it was made.

    Raises
    ------
    MissingDataError
        One of the two files is not there.
    DataError
        The CSV is not the one that the digest was made of.
    SelectionError
        None of its texts has come to a vote.
    """
    table, about = _read(Path(path))
    pairs = find_bridges(ballots.roll_calls).table.set_index("before")["after"]
    date = ballots.roll_calls.set_index("roll_call")["date"]
    texts = list(dict.fromkeys(table["before"]))
    come = [b for b in texts if b in pairs.index and date[pairs[b]] > pd.Timestamp(about["made"])]
    members = [m for m in dict.fromkeys(table["member"]) if m in ballots.members]
    if not come or not members:
        raise SelectionError(f"{path}: none of its texts has come to a vote since it was made")
    place = {r: row for row, r in enumerate(ballots.roll_calls["roll_call"])}
    picked = ballots.take(roll_calls=[place[pairs[b]] for b in come], members=members)
    rows = table.set_index(["before", "member"])
    index = pd.MultiIndex.from_product([come, members])
    codes = {"": 0, **{word: code + 1 for code, word in enumerate(_WORDS)}}
    shape = (len(come), len(members))
    simple = rows.loc[index, "simple"].map(codes).to_numpy(np.int64).astype(np.int8)
    totals = pd.DataFrame(about["totals"])
    kept = totals.set_index("before").loc[come].reset_index()
    return score_forecast(
        Forecast(
            ballots=picked,
            probabilities=rows.loc[index, _WORDS].to_numpy(np.float64).reshape(*shape, -1),
            before=tuple(come),
            simple=simple.reshape(shape),
            simple_share=np.array([about["simple_share"][b] for b in come]),
            totals=kept.assign(roll_call=np.repeat([pairs[b] for b in come], len(_WORDS))),
            level=float(about["level"]),
        )
    )


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    try:
        text = path.read_bytes()
        about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingDataError(
            f"{error.filename}: there is no such file; make it with `unblocs forecast`"
        ) from error
    if hashlib.sha256(text).hexdigest() != about["sha256"]:
        raise DataError(f"{path}: is not what was written on {about['made']}; its digest differs")
    return pd.read_csv(io.BytesIO(text), keep_default_na=False), about
