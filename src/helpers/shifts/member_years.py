"""How unlike its past each member voted in each year, among all members and years."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, build_ballots, draw_weights
from helpers.errors import MissingDataError, ParameterError, SelectionError
from helpers.record import NO, YES, Record
from helpers.shifts.expected import Expected, expect_votes, years_of
from helpers.shifts.switches import Switches, count_switches
from helpers.store import Shown, write_atomic

COLUMNS: Final = {
    "member": "id of the member",
    "year": "calendar year",
    "n_votes": "votes with an expectation",
    "surprise": "mean surprise of a vote less what was expected, in nats",
    "low": "lower end of its interval from resampled days",
    "high": "upper end",
    "rank": "1: the most surprising of all member-years",
    "surprise_without_lone_noes": "the same on roll calls with no, or more than one, no",
    "rank_without_lone_noes": "its rank; NA with too few such votes",
    "recurring": "votes on texts that the member had voted on before",
    "changed": "of these, other votes than before",
    "excess_changed": "changed less what everybody's changes give, a share of recurring",
    "rank_changed": "1: most changed for sure; NA with fewer than 8 recurring texts",
    "distance_change": "rise of the share of others that voted otherwise, beyond everybody's",
    "rank_distance": "1: the largest rise",
}
"""Columns of the table of member-years and what each holds."""

MIN_VOTES: Final = 10
_COUNTS: Final = ("recurring", "changed")
_ABOUT: Final = ("years", "min_votes", "replicates", "level", "seed", "provenance")


@dataclass(frozen=True, repr=False)
class MemberYears(Shown):
    """All member-years of a record, by how unlike its past the member voted.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns of ``COLUMNS``, by rank.
    years, min_votes, replicates, level, seed : int, int, int, float, int
        As given to `rank_member_years`.
    provenance : dict
        Where the votes come from, JSON-serialisable.
    """

    table: pd.DataFrame
    years: int
    min_votes: int
    replicates: int
    level: float
    seed: int
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def of(self, member: str, year: int) -> pd.Series:
        """Return the row of a member and year.

        Raises
        ------
        SelectionError
            The member has too few votes in the year, or too short a past.
        """
        found = self.table[(self.table["member"] == member) & (self.table["year"] == year)]
        if found.empty:
            raise SelectionError(
                f"{member} {year}: not among the member-years (fewer than {self.min_votes} votes, "
                f"or not {self.years} years a member before)"
            )
        return found.iloc[0]


def rank_member_years(
    record: Record,
    *,
    body: str = "GA",
    years: int = 3,
    min_votes: int = MIN_VOTES,
    replicates: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> MemberYears:
    """Rank all members and years by how unlike their past the members voted.

    Answers: how rare is such a year? Three measures stand beside each other, since each sees what
    the others do not: surprise (votes unlike those of the members that it used to vote with),
    recurring texts (other votes on the same texts), distance (alone more often than before).

    Parameters
    ----------
    record : Record
        A clean record.
    body : {"GA", "SC"}
        The body.
    years : int
        Calendar years before that votes are expected from; a member counts from its ``years``-th
        year on.
    min_votes : int
        Fewest votes of a member-year.
    replicates : int
        Resamples of days for the intervals.
    level : float
        Level of the intervals.
    seed : int
        Seed of the resamples.

    Returns
    -------
    MemberYears
        Identical records count once.

    Raises
    ------
    ParameterError
        ``min_votes`` is below 1 or ``level`` not between 0 and 1.
    SelectionError
        No member-year has enough votes.
    """
    if min_votes < 1 or not 0 < level < 1:
        raise ParameterError(
            f"min_votes: {min_votes} must be 1 or more and level: {level} between 0 and 1"
        )
    ballots = take_once(build_ballots(record, body=body, blocks="day"))
    expected = expect_votes(ballots, years=years, own_habit=False)
    table = mean_surprise(expected)
    table = table[table["n_votes"] >= min_votes]
    if table.empty:
        raise SelectionError(f"no member has {min_votes} votes in a year and a past before it")
    shared = (ballots.votes == NO).sum(axis=1) != 1
    without = mean_surprise(expected, keep=shared).rename(
        columns={"n_votes": "n_without", "surprise": "surprise_without_lone_noes"}
    )
    bounds = bound_surprise(expected, replicates=replicates, level=level, seed=seed)
    for more in (without, bounds):
        table = table.merge(more, on=["member", "year"], how="left")
    table = table.merge(measure_distance(ballots, years), on=["member", "year"], how="left")
    table = _add_switches(table, count_switches(ballots))
    few = table.pop("n_without").fillna(0) < min_votes
    for column, rank in [
        ("surprise", "rank"),
        ("surprise_without_lone_noes", "rank_without_lone_noes"),
        ("distance_change", "rank_distance"),
    ]:
        values = table[column].mask(few) if "lone" in column else table[column]
        table[rank] = values.rank(ascending=False, method="min").astype("Int64")
    table = table.sort_values(["rank", "member", "year"], ignore_index=True)[list(COLUMNS)]
    return MemberYears(table, years, min_votes, replicates, level, seed, _say_made(record))


def write_member_years(found: MemberYears, path: str | Path) -> None:
    """Write the table as CSV (gzip where the name ends so), and what made it as JSON beside it.

    Parameters
    ----------
    found : MemberYears
    path : path
        The CSV; the JSON has its name with ``.json`` instead of ``.csv`` or ``.csv.gz``. Values
        are rounded to three digits after the point.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    place = Path(path)
    text = found.table.to_csv(index=False, lineterminator="\n", float_format="%.3f").encode()
    about = {name: getattr(found, name) for name in _ABOUT}
    packed = place.suffix == ".gz"
    write_atomic(place, gzip.compress(text, mtime=0) if packed else text)
    write_atomic(_beside(place), json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def read_member_years(path: str | Path) -> MemberYears:
    """Read what `write_member_years` wrote.

    Raises
    ------
    MissingDataError
        One of the two files is not there.
    """
    place = Path(path)
    try:
        about = json.loads(_beside(place).read_text(encoding="utf-8"))
        table = pd.read_csv(place)
    except FileNotFoundError as error:
        raise MissingDataError(
            f"{error.filename}: there is no such file; make it with `unblocs member-years`"
        ) from error
    whole = {c: "Int64" for c in table.columns if c.startswith("rank_") or c in _COUNTS}
    return MemberYears(table.astype(whole), **about)


def load_member_years() -> MemberYears:
    """Return the table of member-years that comes with the project.

    It was computed by `rank_member_years` from the Library's record of the Assembly; from which
    files and by what stands in its ``provenance``.

    Examples
    --------
    >>> int(load_member_years().of("GRD", 1985)["rank"])
    1
    """
    with resources.as_file(resources.files("helpers") / "data") as folder:
        return read_member_years(folder / "member_years.csv.gz")


def _beside(path: Path) -> Path:
    return path.with_name(path.name.split(".csv")[0] + ".json")


def mean_surprise(expected: Expected, *, keep: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """Return the mean surprise of every member and year.

    Parameters
    ----------
    expected : Expected
    keep : bool array, shape (n_roll_calls,), optional
        Roll calls that count; all if left out.

    Returns
    -------
    pandas.DataFrame
        ``member, year, n_votes, surprise`` of members whose first vote is at least as many
        calendar years before as expectations look back.
    """
    ballots = expected.ballots
    known = expected.known if keep is None else expected.known & keep[:, None]
    values = np.where(known, expected.surprise, 0).astype(np.float64)
    year = years_of(ballots)
    each = np.unique(year[year > 0])
    inside = (each[:, None] == year).astype(np.float64)
    count, total = inside @ known, inside @ values
    cast = (ballots.votes >= YES) & (ballots.votes <= NO)
    began = np.where(cast, year[:, None], np.iinfo(np.int64).max).min(axis=0)
    rows, columns = np.nonzero((count > 0) & (began <= each[:, None] - expected.years))
    return pd.DataFrame(
        {
            "member": np.array(ballots.members)[columns],
            "year": each[rows],
            "n_votes": count[rows, columns].astype(np.int64),
            "surprise": total[rows, columns] / count[rows, columns],
        }
    )


def bound_surprise(expected: Expected, *, replicates: int, level: float, seed: int) -> pd.DataFrame:
    """Return intervals of the mean surprise of every member and year, from resampled blocks.

    Parameters
    ----------
    expected : Expected
        Of ballots whose blocks are days, say.
    replicates, level, seed : int, float, int
        Number of resamples, level of the intervals, seed.

    Returns
    -------
    pandas.DataFrame
        ``member, year, low, high`` of members with a vote in the year.
    """
    year = years_of(expected.ballots)
    frames = []
    for y in np.unique(year[year > 0]):
        now = np.flatnonzero(year == y)
        voted = np.flatnonzero(expected.known[now].any(axis=0))
        if voted.size:
            known = expected.known[now][:, voted]
            values = np.where(known, expected.surprise[now][:, voted], 0).astype(np.float64)
            blocks = expected.ballots.blocks[now]
            low, high = _bound_means(values, known, blocks, replicates, level, seed)
            names = np.array(expected.ballots.members)[voted]
            frames.append(pd.DataFrame({"member": names, "year": y, "low": low, "high": high}))
    if not frames:
        return pd.DataFrame({"member": [], "year": [], "low": [], "high": []})
    return pd.concat(frames, ignore_index=True)


def take_once(ballots: Ballots) -> Ballots:
    """Return the ballots with identical records of one vote counted once, by the first.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"), body="GA")
    >>> len(take_once(ballots).votes) == len(ballots.votes)
    True
    """
    return ballots.take(roll_calls=~ballots.roll_calls["identical_group"].duplicated().to_numpy())


def measure_distance(ballots: Ballots, years: int) -> pd.DataFrame:
    """Return how much farther from all others each member voted than in the years before.

    The distance of a member on a roll call is the share of the other voters that voted otherwise;
    that of a year is the mean over its votes. Its change is the distance of the year less that of
    the votes of the ``years`` before, less the mean change of all members of the year.

    Parameters
    ----------
    ballots : Ballots
        Votes on dated roll calls.
    years : int
        Calendar years before.

    Returns
    -------
    pandas.DataFrame
        ``member, year, distance, distance_change`` (NaN without votes before).
    """
    cast = (ballots.votes[None] == np.arange(YES, NO + 1)[:, None, None]).astype(np.int16)
    present = cast.sum(axis=0)
    same = (cast * cast.sum(axis=2, keepdims=True)).sum(axis=0)
    others = present.sum(axis=1, keepdims=True) - 1
    apart = np.where(present > 0, 1 - (same - 1) / np.maximum(others, 1), 0)
    year = years_of(ballots)
    each = np.unique(year[year > 0])
    sums = {y: (apart[year == y].sum(axis=0), present[year == y].sum(axis=0)) for y in each}
    rows = []
    for y in each:
        total, count = sums[y]
        before = [sums[z] for z in range(y - years, y) if z in sums]
        past = np.sum(before or [(0 * total, 0 * count)], axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = total / count
            change = distance - past[0] / past[1]
        voted = count > 0
        change = change - (np.nanmean(change[voted]) if np.isfinite(change[voted]).any() else 0)
        rows.append(
            pd.DataFrame(
                {
                    "member": np.array(ballots.members)[voted],
                    "year": y,
                    "distance": distance[voted],
                    "distance_change": change[voted],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _bound_means(
    values: NDArray[np.float64],
    known: NDArray[np.bool_],
    blocks: NDArray[np.int64],
    replicates: int,
    level: float,
    seed: int,
) -> Iterator[NDArray[np.float64]]:
    """Return the ends of the interval of each column's mean, from resampled blocks."""
    labels, first = np.unique(blocks, return_inverse=True)
    sums = np.zeros((2, labels.size, values.shape[1]))
    np.add.at(sums[0], first, values)
    np.add.at(sums[1], first, known)
    draws = draw_weights(np.arange(labels.size), replicates, seed).astype(np.float64)
    with np.errstate(invalid="ignore"):
        means = (draws @ sums[0]) / (draws @ sums[1])
    means.sort(axis=0)  # undefined replicates come last
    defined = np.isfinite(means).sum(axis=0)
    tail = (1 - level) / 2
    for share in (tail, 1 - tail):
        place = np.clip(np.round(share * (defined - 1)).astype(int), 0, None)
        yield means[place, np.arange(values.shape[1])]


def _say_made(record: Record) -> dict[str, Any]:
    """Return the provenance of a table of our own numbers: that of its votes, and what made it."""
    return dict(record.provenance) | {"computed_by": "unblocs member-years"}


def _add_switches(table: pd.DataFrame, switches: Switches) -> pd.DataFrame:
    found = switches.table[["member", "year", "recurring", "changed", "excess", "rank"]]
    renamed = found.rename(columns={"excess": "excess_changed", "rank": "rank_changed"})
    renamed = renamed.astype({"member": "str"})
    merged = table.astype({"member": "str"}).merge(renamed, on=["member", "year"], how="left")
    return merged.fillna({"recurring": 0, "changed": 0}).astype(dict.fromkeys(_COUNTS, "Int64"))
