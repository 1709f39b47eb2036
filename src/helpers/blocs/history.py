"""Blocs over time: windows, blocs matched by overlap, who moved when and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.ballots import Ballots, Window, split_windows
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.find import Blocs, find_blocs
from helpers.blocs.options import BlocOptions
from helpers.blocs.partition import match_blocs
from helpers.errors import SelectionError
from helpers.store import Shown, track

TABLE_COLUMNS: Final = (
    *("period", "member", "bloc", "line", "node"),
    *("probability", "second_bloc", "second_probability", "clear"),
)

OVERLAP_COLUMNS: Final = (
    *("period", "line", "bloc", "group", "both"),
    *("group_size", "share_of_group", "share_of_bloc", "jaccard"),
)

ISOLATES, UNDIVIDED, ABSENT = "isolates", "undivided", "absent"
"""Where a member can be that is in no line: alone, in a window without blocs, or not there."""


@dataclass(frozen=True, repr=False)
class BlocHistory(Shown):
    """Blocs of every window, joined into lines.

    Attributes
    ----------
    table : DataFrame
        One row a window and member: ``period, member, bloc`` (as in `Blocs.table`), ``line``
        (number of the life line; NA for isolates and in windows without structure), ``node``
        (``"line 1"``, ``isolates`` or ``undivided``), ``probability, second_bloc,
        second_probability, clear``.
    periods : DataFrame
        One row a window: ``period, from, to, roll_calls, members, structure, answer`` (as in
        `Blocs`), ``p_value, k, n_blocks, why`` (the reason where blocs were not looked for; empty
        else).
    lines : DataFrame
        One row a line and window that it lives in: ``line, name`` (members that were in it most
        often, surest first), ``period, bloc, size, kept`` (share of its members that were in
        it in its window before; NaN in its first), ``typical`` (most typical members there).
    flows : DataFrame
        Members between neighbouring windows: ``period_from, period_to, node_from, node_to,
        members``; nodes as in ``table``, and ``absent``.
    moves : DataFrame
        Who changed line between neighbouring windows with structure: ``member, period_from,
        period_to, node_from, node_to, probability`` (that it is in another line than before, were
        the votes of both windows drawn again, 0..1), by period and falling probability.
    overlap : DataFrame
        Lines of each window against known groups at its last date: ``period, line, bloc, group,
        both`` (members of both), ``group_size, share_of_group, share_of_bloc, jaccard``, by
        falling ``jaccard`` within a line. Empty when the roll calls have no date.
    outside : int
        Roll calls that belong to no window, for want of a session or date.
    options : BlocOptions
        How the blocs of every window were looked for.
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    lines: pd.DataFrame
    flows: pd.DataFrame
    moves: pd.DataFrame
    overlap: pd.DataFrame
    outside: int
    options: BlocOptions

    @property
    def steps(self) -> list[pd.DataFrame]:
        """Members from each node (rows) to each node (columns), one table a step, for a picture."""
        nodes = _order_nodes(self.flows)
        tables = []
        for _, flow in self.flows.groupby(["period_from", "period_to"], sort=False):
            square = flow.pivot_table(
                index="node_from", columns="node_to", values="members", fill_value=0
            )
            tables.append(square.reindex(index=nodes, columns=nodes, fill_value=0).astype(int))
        return tables


def trace_blocs(
    ballots: Ballots, *, windows: str | Sequence[str] = "session", **options: Any
) -> BlocHistory:
    """Find the blocs of every window and follow them through time.

    Answers: which blocs lived when, and who went from which to which, how surely?

    Parameters
    ----------
    ballots : Ballots
        The whole selection.
    windows : "session", "year" or sequence of str
        See `helpers.ballots.split_windows`.
    **options
        As in `helpers.blocs.find_blocs`, the same for all windows.

    Returns
    -------
    BlocHistory
        A window has the blocs that `find_blocs` finds in it. One with too few votes has none, and
        ``periods`` says why; where all are, only ``periods`` has rows.

    Raises
    ------
    ParameterError
        An option or window cannot be used.

    Notes
    -----
    The blocs of a window are matched to the lines of the last window with structure by the
    assignment that keeps most members together (Kuhn 1955); one that shares less than
    `Constants.least_kept` of the smaller begins a new line. A window without structure interrupts
    lines and does not end them.

    References
    ----------
    Kuhn (1955), Naval Research Logistics Quarterly 2, the Hungarian method.

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_assembly
    >>> ballots, _ = simulate_assembly(10, 30, blocs=2, noise=0.1, seed=1)
    >>> history = trace_blocs(ballots, windows=[], replicates=10)
    >>> history.lines[["line", "size"]].to_numpy().tolist()
    [[1, 5], [2, 5]]
    """
    settings = BlocOptions(**options)
    cut = split_windows(ballots, windows)
    found, notes = _find_all(cut, settings)
    nodes = _follow(found)
    tables = [_window_table(name, blocs, nodes[name]) for name, blocs in found.items()]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=TABLE_COLUMNS)
    return BlocHistory(
        table=table,
        periods=_period_table(cut, found, notes),
        lines=_line_table(table, found),
        flows=_flow_table(table, list(found)),
        moves=_move_table(found, nodes),
        overlap=_overlap_table(found, nodes),
        outside=len(ballots.votes) - sum(window.roll_calls for window in cut),
        options=next((blocs.options for blocs in found.values()), settings),
    )


# --- windows and lines --------------------------------------------------------------------------


def _find_all(cut: Sequence[Window], options: BlocOptions) -> tuple[dict[str, Blocs], list[str]]:
    """Blocs of each window that has enough votes, and for each window why it has none."""
    found, notes = {}, []
    for window in track(cut, "windows"):
        why = "no roll call"
        if window.roll_calls:
            try:
                blocs = find_blocs(window.ballots, **vars(options))
                why = blocs.why
            except SelectionError as error:
                why = str(error)
        if not why:
            found[window.period] = blocs
        notes.append(why)
    return found, notes


def _follow(found: dict[str, Blocs]) -> dict[str, dict[int, str]]:
    """Name the node of every bloc of every window: bloc -> node."""
    nodes: dict[str, dict[int, str]] = {}
    before: pd.Series | None = None
    lines = 0
    for name, blocs in found.items():
        if not blocs.structure:
            nodes[name] = dict.fromkeys(range(int(blocs.labels.max()) + 1), UNDIVIDED)
            continue
        kept = {} if before is None else _continue_lines(blocs.labels, before)
        line_of = {}
        for bloc in range(1, int(blocs.labels.max()) + 1):
            if bloc in kept:
                line_of[bloc] = kept[bloc]
            else:
                lines += 1
                line_of[bloc] = lines
        nodes[name] = {0: ISOLATES} | {b: f"line {line}" for b, line in line_of.items()}
        before = blocs.labels.map({0: 0} | line_of)
    return nodes


def _continue_lines(labels: pd.Series, before: pd.Series) -> dict[int, int]:
    """Lines (of the window before) that the blocs of a window continue: bloc -> line."""
    both = labels.index.intersection(before.index)
    now, then = labels[both].to_numpy(np.int64), before[both].to_numpy(np.int64)
    kept = {}
    for bloc, line in match_blocs(now, then).items():
        common = int(((now == bloc) & (then == line)).sum())
        smaller = min((now == bloc).sum(), (then == line).sum())
        if common >= CONSTANTS.least_kept * smaller:
            kept[bloc] = line
    return kept


# --- tables -------------------------------------------------------------------------------------


def _window_table(name: str, blocs: Blocs, nodes: dict[int, str]) -> pd.DataFrame:
    table = blocs.table.copy()
    node = table["bloc"].map(nodes)
    line = pd.to_numeric(node.str.removeprefix("line "), errors="coerce").astype("Int64")
    table.insert(0, "period", name)
    table.insert(3, "line", line)
    table.insert(4, "node", node)
    return table


def _period_table(
    cut: Sequence[Window], found: dict[str, Blocs], notes: Sequence[str]
) -> pd.DataFrame:
    rows = []
    for window, why in zip(cut, notes, strict=True):
        blocs = found.get(window.period)
        rows.append(
            {
                "period": window.period,
                "from": window.first,
                "to": window.last,
                "roll_calls": window.roll_calls,
                "members": len(blocs.table) if blocs else 0,
                "structure": bool(blocs and blocs.structure),
                "answer": blocs.answer if blocs else "",
                "p_value": blocs.p_value if blocs else np.nan,
                "k": blocs.k if blocs else 0,
                "n_blocks": blocs.n_blocks if blocs else 0,
                "why": why,
            }
        )
    return pd.DataFrame(rows)


def _line_table(table: pd.DataFrame, found: dict[str, Blocs]) -> pd.DataFrame:
    """Windows in which each line lives, with its size and what it kept."""
    inside = table[table["line"].notna()]
    sure = inside.groupby(["line", "member"])["probability"].sum().reset_index()
    sure = sure.sort_values(["line", "probability", "member"], ascending=[True, False, True])
    names = sure.groupby("line")["member"].agg(lambda members: ", ".join(members.iloc[:3]))
    typical = {p: blocs.summary.set_index("bloc")["name"] for p, blocs in found.items()}
    rows = []
    for line, lived in inside.groupby("line"):
        before: set[str] = set()
        for period in [p for p in found if p in set(lived["period"])]:
            here = lived[lived["period"] == period]
            members = set(here["member"])
            rows.append(
                {
                    "line": line,
                    "name": names[line],
                    "period": period,
                    "bloc": int(here["bloc"].iloc[0]),
                    "size": len(members),
                    "kept": len(members & before) / len(members) if before else np.nan,
                    "typical": typical[period][int(here["bloc"].iloc[0])],
                }
            )
            before = members
    columns = ["line", "name", "period", "bloc", "size", "kept", "typical"]
    return pd.DataFrame(rows, columns=columns)


def _flow_table(table: pd.DataFrame, periods: Sequence[str]) -> pd.DataFrame:
    nodes = table.pivot_table(index="member", columns="period", values="node", aggfunc="first")
    frames = []
    for a, b in pairwise(periods):
        pair = nodes[[a, b]].fillna(ABSENT).astype(str)
        pair = pair[(pair != ABSENT).any(axis=1)]
        count = pair.value_counts(sort=False).rename("members").reset_index()
        count.columns = ["node_from", "node_to", "members"]
        frames.append(count.assign(period_from=a, period_to=b))
    columns = ["period_from", "period_to", "node_from", "node_to", "members"]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


def _order_nodes(flows: pd.DataFrame) -> list[str]:
    """Lines by number, then isolates, undivided and absent, as far as they occur."""
    seen = set(flows["node_from"]) | set(flows["node_to"])
    lines = sorted((n for n in seen if n.startswith("line ")), key=lambda n: int(n[5:]))
    return lines + [n for n in (ISOLATES, UNDIVIDED, ABSENT) if n in seen]


def _move_table(found: dict[str, Blocs], nodes: dict[str, dict[int, str]]) -> pd.DataFrame:
    """Members that are in another node than in the window before, with how surely."""
    columns = ["member", "period_from", "period_to", "node_from", "node_to", "probability"]
    frames = []
    periods = [name for name, blocs in found.items() if blocs.structure]
    for a, b in pairwise(periods):
        first, second = _node_shares(found[a], nodes[a]), _node_shares(found[b], nodes[b])
        both = first.index.intersection(second.index)
        together = first.columns.union(second.columns)
        one = first.loc[both].reindex(columns=together, fill_value=0.0)
        other = second.loc[both].reindex(columns=together, fill_value=0.0)
        before, after = found[a].labels[both].map(nodes[a]), found[b].labels[both].map(nodes[b])
        frame = pd.DataFrame(
            {
                "member": both,
                "period_from": a,
                "period_to": b,
                "node_from": before.to_numpy(),
                "node_to": after.to_numpy(),
                "probability": 1 - (one * other).sum(axis=1).to_numpy(),
            }
        )
        moved = frame[frame["node_from"] != frame["node_to"]]
        frames.append(moved.sort_values(["probability", "member"], ascending=[False, True]))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _overlap_table(found: dict[str, Blocs], nodes: dict[str, dict[int, str]]) -> pd.DataFrame:
    """Lines against known groups, window by window."""
    frames = []
    for name, blocs in found.items():
        if not blocs.structure or blocs.overlap.empty:
            continue
        line = blocs.overlap["bloc"].map(nodes[name]).str.removeprefix("line ").astype("Int64")
        frames.append(blocs.overlap.assign(period=name, line=line))
    if not frames:
        return pd.DataFrame(columns=list(OVERLAP_COLUMNS))
    return pd.concat(frames, ignore_index=True)[list(OVERLAP_COLUMNS)]


def _node_shares(blocs: Blocs, nodes: dict[int, str]) -> pd.DataFrame:
    """Probability of each node (columns) for each member; replicates without a match left out."""
    shares = blocs.homes.rename(columns={str(b): n for b, n in nodes.items()})
    return shares.div(shares.sum(axis=1).where(lambda total: total > 0, 1.0), axis=0)
