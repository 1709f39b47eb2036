"""Blocs over time: windows, blocs matched by overlap, who moved when and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.ballots import Ballots, Window, read_windows, split_windows
from helpers.blocs.find import Blocs, find_blocs
from helpers.blocs.partition import match_blocs
from helpers.errors import SelectionError
from helpers.store import Shown

OVERLAP_COLUMNS: Final = (
    *("period", "line", "bloc", "group", "both"),
    *("group_size", "share_of_group", "share_of_bloc", "jaccard"),
)

LEAST_KEPT: Final = 0.25
"""A bloc continues a line only if they share this part of the smaller of the two."""

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
        One row a window: ``period, from, to, roll_calls, members, structure, p_value, k,
        n_blocks, why`` (the reason where blocs could not be looked for; empty else).
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
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    lines: pd.DataFrame
    flows: pd.DataFrame
    moves: pd.DataFrame
    overlap: pd.DataFrame
    outside: int

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
        As in `helpers.blocs.find_blocs`, the same for all windows; ``explain`` is False unless
        given, so that no window is divided further than its neighbours.

    Returns
    -------
    BlocHistory

    Raises
    ------
    ParameterError
        An option or window cannot be used.
    SelectionError
        No window has enough votes to look for blocs.

    Notes
    -----
    The blocs of a window are matched to the lines of the last window with structure by the
    assignment that keeps most members together (Kuhn 1955); one that shares less than
    `LEAST_KEPT` of the smaller begins a new line. A window without structure interrupts lines and
    does not end them.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> rows = [[1] * 5 + [3] * 5, [3] * 5 + [1] * 5, [1] * 5 + [2] * 5] * 6
    >>> ballots = ballots_from_matrix(rows, members=list("ABCDEFGHIJ"))
    >>> history = trace_blocs(ballots, windows=[], replicates=10, nulls=20)
    >>> history.lines[["line", "size"]].to_numpy().tolist()
    [[1, 5], [2, 5]]
    """
    cut = split_windows(ballots, windows)
    found, notes = _find_all(cut, options)
    if not found:
        raise SelectionError(f"windows: no window has blocs to look for; the last: {notes[-1]}")
    nodes = _follow(found)
    table = pd.concat(
        [_window_table(name, blocs, nodes[name]) for name, blocs in found.items()],
        ignore_index=True,
    )
    return BlocHistory(
        table=table,
        periods=_period_table(cut, found, notes),
        lines=_line_table(table, found),
        flows=_flow_table(table, list(found)),
        moves=_move_table(found, nodes),
        overlap=_overlap_table(found, nodes),
        outside=len(ballots.votes) - sum(window.roll_calls for window in cut),
    )


def bloc_table(study: Any, ballots: Ballots) -> pd.DataFrame:
    """Return the bloc of every member in every window of a study.

    Parameters
    ----------
    study : helpers.study.parameters.Study
        Its ``windows`` (``event`` cuts at ``event``), ``measure, distance, method, k, replicates,
        nulls, seed, min_shared``.
    ballots : Ballots
        Its selection.

    Returns
    -------
    DataFrame
        ``period, member, bloc, probability, second_bloc, clear``.
    """
    cuts = read_windows(study.windows, study.event)
    distance = "nominal" if study.absence == "category" else study.distance
    history = trace_blocs(
        ballots,
        windows=cuts,
        measure=study.measure,
        distance=distance,
        method=study.method,
        k=study.k if study.k == "auto" else int(study.k),
        replicates=study.replicates,
        nulls=study.nulls,
        seed=study.seed,
        min_shared=study.min_shared,
    )
    return history.table[["period", "member", "bloc", "probability", "second_bloc", "clear"]]


# --- windows and lines --------------------------------------------------------------------------


def _find_all(cut: Sequence[Window], options: dict[str, Any]) -> tuple[dict[str, Blocs], list[str]]:
    """Blocs of each window that has enough votes, and for each window why it has none."""
    found, notes = {}, []
    for window in cut:
        if not window.roll_calls:
            notes.append("no roll call")
            continue
        try:
            shared = min(options.get("min_shared", 1), max(1, window.roll_calls // 2))
            found[window.period] = find_blocs(
                window.ballots, **{"explain": False, **options, "min_shared": shared}
            )
            notes.append("")
        except SelectionError as error:
            notes.append(str(error))
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
        if common >= LEAST_KEPT * smaller:
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
    typical = {p: blocs.blocs.set_index("bloc")["name"] for p, blocs in found.items()}
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
