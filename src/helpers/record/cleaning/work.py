"""The workbench of the cleaning rules: raw tables, what has been found out so far, the log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.record.tables import RawRecord


@dataclass
class Work:
    """State that the rules pass on, one array entry per row of the file or per roll call.

    Attributes
    ----------
    raw : RawRecord
        What the reader found; never changed.
    calls : pandas.DataFrame
        The roll calls under work, in the order of the raw ones.
    call : numpy.ndarray of int
        Roll call of each row (position in ``calls``).
    vote : numpy.ndarray of int8
        Vote of each row (position in ``tables.VOTES``).
    member : numpy.ndarray of int
        Member of each row (position in ``ids``).
    ids : list of str
        Member ids.
    kept : numpy.ndarray of bool
        Rows not dropped so far.
    log : list of dict
    """

    raw: RawRecord
    calls: pd.DataFrame
    call: np.ndarray
    vote: np.ndarray = field(default_factory=lambda: np.empty(0, np.int8))
    member: np.ndarray = field(default_factory=lambda: np.empty(0, np.int16))
    ids: list[str] = field(default_factory=list)
    kept: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    log: list[dict[str, Any]] = field(default_factory=list)

    def note(
        self, rule: str, table: str, effect: str, rows: int, what: str, examples: Iterable[Any]
    ) -> None:
        """Write one line of the log; nothing is written for no rows."""
        if rows:
            shown = [str(example) for example in list(examples)[:5]]
            self.log.append(
                {
                    "rule": rule,
                    "table": table,
                    "effect": effect,
                    "rows": int(rows),
                    "what": what,
                    "examples": json.dumps(shown, ensure_ascii=False),
                }
            )

    def flag_calls(self, rule: str, found: pd.Series | np.ndarray, what: str) -> None:
        """Log roll calls as flagged, with their symbols as examples."""
        rows = np.flatnonzero(np.asarray(found, dtype=bool))
        self.note(rule, "roll_calls", "flagged", len(rows), what, self.name_calls(rows))

    def name_calls(self, positions: Iterable[int]) -> list[str]:
        """Return the first few roll calls of some positions in words; they are in order of time."""
        chosen = sorted(int(position) for position in positions)[:5]
        return [self._name_call(position) for position in chosen]

    def _name_call(self, position: int) -> str:
        call = self.calls[["symbol_raw", "roll_call", "date"]].iloc[position]
        name = call["roll_call"] if pd.isna(call["symbol_raw"]) else call["symbol_raw"]
        day = "no date" if pd.isna(call["date"]) else call["date"].strftime("%Y-%m-%d")
        return f"{name} of {day}"

    def name_rows(self, rows: np.ndarray) -> list[str]:
        """Return the first few rows in words (member, roll call, day), in order of time."""
        early = rows[np.argsort(self.call[rows], kind="stable")]
        early = early[self.call[early] <= self.call[early[min(4, len(early) - 1)]]]
        pairs = set(zip(self.call[early].tolist(), self._name_members(early), strict=True))
        return [f"{member} on {self._name_call(call)}" for call, member in sorted(pairs)[:5]]

    def _name_members(self, rows: np.ndarray) -> np.ndarray:
        """Return the ids of the members of some rows; what the file calls them where unknown."""
        column = next(name for name in ("name", "code", "cow") if name in self.raw.rows)
        written = self.raw.rows[column].iloc[rows].astype("str").to_numpy()
        if not len(self.member):
            return written
        known = np.array([*self.ids, ""], dtype=object)[self.member[rows]]
        return np.where(self.member[rows] < 0, written, known)

    def drop(self, rule: str, found: np.ndarray, what: str) -> None:
        """Drop rows that are still there, and log how many and why."""
        rows = np.flatnonzero(found & self.kept)
        if len(rows):
            self.note(rule, "votes", "dropped", len(rows), what, self.name_rows(rows))
        self.kept[rows] = False

    def flag_rows(self, rule: str, found: np.ndarray, what: str, effect: str = "flagged") -> None:
        """Log rows as flagged (or repaired)."""
        rows = np.flatnonzero(found & self.kept)
        if len(rows):
            self.note(rule, "votes", effect, len(rows), what, self.name_rows(rows))
