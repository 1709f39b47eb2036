"""What a new release of a record brings: reversals, and members unlike their own months before."""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import PART_KINDS, Ballots, build_ballots, find_bridges
from helpers.record import NO, VOTES, YES, Record
from helpers.shifts.expected import Expected, expect_votes, years_of
from helpers.shifts.member_years import take_once
from helpers.shifts.switches import find_turned
from helpers.store import Shown

PASSES: Final = 0.01
"""Share of earlier member-months that pass the threshold of surprise."""

MONTH_VOTES: Final = 3
PAST_VOTES: Final = 30
_SPREAD: Final = 0.1

_COLUMNS: Final = {
    "roll_calls": ["roll_call", "date", "symbol", "title", "yes", "abstain", "no"],
    "reversals": ["date", "symbol", "member", "former", "vote", "votes_before", "where", "title"],
    "surprises": ["month", "member", "n_votes", "surprise", "before", "z"],
}


@dataclass(frozen=True, repr=False)
class Watch(Shown):
    """What is new in a record since it was last looked at.

    Attributes
    ----------
    roll_calls : pandas.DataFrame
        New roll calls: ``roll_call, date, symbol, title, yes, abstain, no``.
    reversals : pandas.DataFrame
        ``date, symbol, member, former, vote, votes_before, where, title``: yes after many no, or no
        after many yes (`find_turned`), on a recurring ``text`` or the ``subject``.
    surprises : pandas.DataFrame
        ``month, member, n_votes, surprise, before, z``: members whose mean surprise in a month is
        ``z`` standard errors above that of their own three calendar years before.
    threshold : float
        The z above which a member is reported: one in a hundred earlier member-months were.
    subject : str
        Words of the subject that was looked at beside recurring texts.
    """

    roll_calls: pd.DataFrame
    reversals: pd.DataFrame
    surprises: pd.DataFrame
    threshold: float
    subject: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """The reversals."""
        return self.reversals

    @property
    def nothing(self) -> bool:
        """Whether there is no new roll call."""
        return self.roll_calls.empty


def watch_release(
    record: Record, known: Collection[str], *, body: str = "GA", subject: str = ""
) -> Watch:
    """Compare a record with what was known of it before.

    Answers, for everybody at once: is there anything in the new votes that asks for a closer look?
    It is a filter, not a verdict: a joint turn on one day is seen by reversals, a member that
    moves away from its neighbours by surprise; neither comes with an error rate for a claim.

    Parameters
    ----------
    record : Record
        The new release.
    known : collection of str
        Ids of the roll calls of the release that was used last.
    body : {"GA", "SC"}
        The body.
    subject : str
        Words or a code of a subject to be watched beside recurring texts, as in `build_ballots`.

    Returns
    -------
    Watch
        Empty tables where nothing is new.

    Raises
    ------
    SelectionError
        The record has no votes of the body.
    """
    ballots = take_once(build_ballots(record, body=body, blocks="day"))
    fresh = ~ballots.roll_calls["roll_call"].isin(set(known)).to_numpy()
    calls = ballots.roll_calls.loc[fresh, _COLUMNS["roll_calls"]].reset_index(drop=True)
    if not fresh.any():
        empty = {name: pd.DataFrame(columns=_COLUMNS[name]) for name in _COLUMNS}
        return Watch(**empty, threshold=float("nan"), subject=subject)
    reversals = _reverse_on_texts(ballots, fresh)
    if subject:
        chosen = build_ballots(record, body=body, subject=subject).roll_calls["roll_call"]
        inside = ballots.roll_calls["roll_call"].isin(chosen).to_numpy()
        reversals += _reverse_on(ballots, np.flatnonzero(inside), fresh, "subject")
    months, threshold = _surprise_by_month(expect_votes(ballots, own_habit=False), fresh)
    table = pd.DataFrame(reversals, columns=_COLUMNS["reversals"])
    return Watch(
        roll_calls=calls,
        reversals=table.sort_values(["date", "symbol", "member"], ignore_index=True),
        surprises=months,
        threshold=threshold,
        subject=subject,
    )


def _reverse_on_texts(ballots: Ballots, fresh: NDArray[np.bool_]) -> list[tuple]:
    chains = find_bridges(ballots.roll_calls).chains
    place = {r: row for row, r in enumerate(ballots.roll_calls["roll_call"])}
    rows = chains["roll_call"].map(place)
    found = []
    for _, chain in rows.groupby(chains["chain"], sort=False):
        if fresh[chain].any():
            found += _reverse_on(ballots, chain.to_numpy(np.int64), fresh, "text")
    return found


def _reverse_on(
    ballots: Ballots, rows: NDArray[np.int64], fresh: NDArray[np.bool_], where: str
) -> list[tuple]:
    """Return reversals on the new roll calls among rows that come by date."""
    calls = ballots.roll_calls
    whole = ~calls["kind"].isin(PART_KINDS).to_numpy()
    rows = rows[whole[rows]]
    found = []
    for row in rows[fresh[rows]]:
        past = ballots.votes[rows[(calls["date"].iloc[rows] < calls["date"].iloc[row]).to_numpy()]]
        now = ballots.votes[row]
        most = np.array([(past == c).sum(axis=0) for c in range(YES, NO + 1)]).argmax(axis=0) + YES
        opposite = np.abs(most - now) == NO - YES
        for column in np.flatnonzero(find_turned(past, now) & opposite):
            call = calls.iloc[row]
            found.append(
                (
                    call["date"],
                    call["symbol"],
                    ballots.members[column],
                    VOTES[most[column] - 1],
                    VOTES[now[column] - 1],
                    int((past[:, column] > 0).sum()),
                    where,
                    call["title"],
                )
            )
    return found


def _surprise_by_month(expected: Expected, fresh: NDArray[np.bool_]) -> tuple[pd.DataFrame, float]:
    """Return members far above their own years before in months with new votes, and how far."""
    date = expected.ballots.roll_calls["date"]
    year = years_of(expected.ballots)
    month = (date.dt.year * 12 + date.dt.month - 1).fillna(0).to_numpy(np.int64)
    known = expected.known
    values = np.where(known, expected.surprise, 0).astype(np.float64)
    sums = np.stack([known, values, values**2]).astype(np.float64)
    new, past, old = fresh & (month > 0), [], []
    for m in np.unique(month[month > 0]):
        inside = month == m
        before = (year >= m // 12 - expected.years) & (year < m // 12)
        if before.any() and not (inside & new).any():
            old.append(_standardise(sums[:, inside & ~new], sums[:, before])[3])
        elif before.any():
            past.append((m, _standardise(sums[:, inside & new], sums[:, before])))
    earlier = np.concatenate(old) if old else np.array([])
    earlier = earlier[np.isfinite(earlier)]
    threshold = float(np.quantile(earlier, 1 - PASSES)) if earlier.size else float("inf")
    rows = []
    for m, (n, mean, mean_before, z) in past:
        for column in np.flatnonzero(np.nan_to_num(z, nan=-np.inf) > threshold):
            name = expected.ballots.members[column]
            label = f"{m // 12}-{m % 12 + 1:02d}"
            rows.append((label, name, int(n[column]), mean[column], mean_before[column], z[column]))
    table = pd.DataFrame(rows, columns=_COLUMNS["surprises"])
    table = table.sort_values(["month", "z"], ascending=[True, False], ignore_index=True)
    return table, threshold


def _standardise(now: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return number, mean, mean before, z of each member; NaN z with too few votes."""
    n, total, _ = now.sum(axis=1)
    n0, total0, square0 = before.sum(axis=1)
    mean, mean0 = total / np.maximum(n, 1), total0 / np.maximum(n0, 1)
    variance = square0 / np.maximum(n0, 1) - mean0**2
    z = (mean - mean0) / np.sqrt((variance + _SPREAD) / np.maximum(n, 1))
    return np.stack([n, mean, mean0, np.where((n >= MONTH_VOTES) & (n0 >= PAST_VOTES), z, np.nan)])


def write_watch(watch: Watch, *, title: str = "New votes") -> tuple[str, str]:
    """Return a page about new votes as Markdown and as HTML.

    Parameters
    ----------
    watch : Watch
    title : str
        Heading of the page.

    Returns
    -------
    tuple of str
        Markdown, HTML; titles from outside are escaped in both.
    """
    marked, page = [f"# {title}", ""], [f"<h1>{html.escape(title)}</h1>"]
    for heading, text, table in _sections(watch):
        marked += [f"## {heading}", "", text, ""]
        page += [f"<h2>{html.escape(heading)}</h2>", f"<p>{html.escape(text)}</p>"]
        if len(table):
            marked += [*_mark_down(table), ""]
            page.append(table.round(2).to_html(index=False, border=0, escape=True))
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
    body = "\n".join(page)
    return "\n".join(marked), f"{head}</title></head><body>\n{body}\n</body></html>\n"


def _sections(watch: Watch) -> list[tuple[str, str, pd.DataFrame]]:
    dates = watch.roll_calls["date"]
    span = "" if watch.nothing else f", {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
    where = f" or on {watch.subject}" if watch.subject else ""
    day = {"date": lambda t: pd.to_datetime(t["date"]).dt.strftime("%Y-%m-%d")}
    return [
        ("New roll calls", f"{len(dates)} roll calls are new{span}.", pd.DataFrame()),
        (
            "Reversals",
            f"{len(watch.reversals)} votes went from yes to no, or no to yes, for the first time "
            f"after ten or more votes on a text that came back{where}.",
            watch.reversals.assign(**day) if len(watch.reversals) else watch.reversals,
        ),
        (
            "Unlike themselves",
            f"{len(watch.surprises)} times a member's votes of a month were so far above its own "
            f"three years before in surprise (z above {watch.threshold:.1f}) as one in a hundred "
            "member-months was before. This is a reason to look, not a finding.",
            watch.surprises,
        ),
    ]


def _mark_down(table: pd.DataFrame) -> list[str]:
    """Return a table as lines of Markdown, with what would break it made harmless."""
    rows = [
        [f"{v:.2f}" if isinstance(v, float) else _plain(str(v)) for v in row]
        for row in table.itertuples(index=False)
    ]
    head = [str(c) for c in table.columns]
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]


def _plain(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
