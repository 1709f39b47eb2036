"""Which published number is which measure: presets, each a definition that someone publishes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

WHOLE_TEXTS: Final = ("resolution", "decision")
"""Kinds of roll call that are votes on whole texts; separate votes on paragraphs are none."""

_ANY_LATER: Final = 9999
_PARAGRAPHS: Final = "state-department-1985"
"""The preset whose publisher counts separate votes on paragraphs."""

_REPORTS: Final = (
    "US Department of State, Voting Practices in the United Nations, report to Congress "
    "under 22 U.S.C. 2414a, {years}"
)


@dataclass(frozen=True)
class Preset:
    """A published definition of how alike two members vote.

    Attributes
    ----------
    measure, distance : str
        The measure and distance of ours that give it.
    absence : str
        The absence rule that it needs (`helpers.ballots.ABSENCE_RULES`).
    what : str
        The rule in words.
    period : str
        The years for which numbers are published by it, in words.
    years : tuple of int
        The first and the last of them.
    kinds : tuple of str
        Kinds of roll call that it counts; empty: all that its publisher has.
    reference : str
        The member that all others are compared with; empty: every dyad.
    decimals : int or None
        Decimals of the percentage in print; None: not rounded.
    partial_with_absent : bool
        Whether its printed count of partial agreement includes the roll calls on which one
        abstained and the other was absent.
    is_not : str
        What it is mistaken for.
    citation : str
        Who publishes it, and where.
    """

    measure: str
    distance: str
    absence: str
    what: str
    period: str
    years: tuple[int, int]
    kinds: tuple[str, ...]
    reference: str
    decimals: int | None
    partial_with_absent: bool
    is_not: str
    citation: str


PRESETS: Final[dict[str, Preset]] = {
    "state-department-1985": Preset(
        "coincidence",
        "nominal",
        "missing",
        "identical votes among those on which both voted yes or no",
        "1985 to 2016",
        (1985, 2016),
        (),
        "USA",
        1,
        False,
        "the coincidence printed since 2017; its selection has separate votes on paragraphs",
        _REPORTS.format(years="1985 to 2016"),
    ),
    "state-department-2017": Preset(
        "lijphart",
        "linear",
        "missing",
        "one point for the same vote, half a point where one abstains, absences left out",
        "2017 to 2020, and back to 1990 in the series printed since 2019",
        (1990, 2020),
        WHOLE_TEXTS,
        "USA",
        0,
        True,
        "the coincidence printed before 2017, which leaves abstentions out",
        _REPORTS.format(years="2017 to 2020"),
    ),
    "state-department-2021": Preset(
        "lijphart",
        "linear",
        "half",
        "one point for the same vote, half a point where one abstains or is absent",
        "since 2021",
        (2021, _ANY_LATER),
        WHOLE_TEXTS,
        "USA",
        0,
        False,
        "the coincidence of 2017 to 2020, which leaves absences out",
        _REPORTS.format(years="2021 to 2023"),
    ),
    "voeten-agree": Preset(
        "lijphart",
        "linear",
        "missing",
        "one point for the same vote, half a point where one abstains, absences left out",
        "since 1946",
        (1946, _ANY_LATER),
        (),
        "",
        None,
        False,
        "the share of equal votes, which textbooks call agreement",
        "Bailey, Strezhnev and Voeten (2017), Journal of Conflict Resolution 61, and the column "
        "agree of the agreement scores at https://doi.org/10.7910/DVN/LEJUQZ",
    ),
    "identical": Preset(
        "agreement",
        "nominal",
        "missing",
        "the share of equal votes among those that both cast",
        "any",
        (1946, _ANY_LATER),
        (),
        "",
        None,
        False,
        "the column agree of Voeten's agreement scores, which counts an abstention half",
        "Haege (2011), Political Analysis 19, under the name of proportion of agreement",
    ),
}
"""Every preset by the name that stands where a measure may stand."""


def presets_table() -> pd.DataFrame:
    """Return which published number is which measure, for docs, notebooks and the command line.

    Returns
    -------
    pandas.DataFrame
        ``preset measure absence what period reference kinds is_not citation``, one row a preset.

    Examples
    --------
    >>> presets_table().set_index("preset")["measure"].to_dict()["voeten-agree"]
    'lijphart'
    """
    columns = ("measure", "absence", "what", "period", "reference", "kinds", "is_not", "citation")
    rows = [
        {"preset": name} | {c: getattr(preset, c) for c in columns}
        for name, preset in PRESETS.items()
    ]
    table = pd.DataFrame(rows)
    return table.assign(kinds=table["kinds"].map(" ".join))


def warn_preset(name: str, roll_calls: pd.DataFrame) -> list[str]:
    """Say why a selection may not give the number that is published under a preset's name.

    Parameters
    ----------
    name : str
        A preset or any other measure (for which there is nothing to say).
    roll_calls : DataFrame
        Columns ``date kind`` of the selection.

    Returns
    -------
    list of str
        One sentence each; empty: nothing stands in the way.

    Examples
    --------
    >>> calls = pd.DataFrame({"date": pd.to_datetime(["2005-12-01"]), "kind": ["resolution"]})
    >>> warn_preset("state-department-1985", calls)[0][:52]
    'state-department-1985: votes on paragraphs are not i'
    >>> warn_preset("pi", calls)
    []
    """
    if name not in PRESETS:
        return []
    preset = PRESETS[name]
    found = set(roll_calls["kind"].dropna())
    said = []
    years = roll_calls["date"].dropna().dt.year
    if name == _PARAGRAPHS and found <= set(WHOLE_TEXTS) and years.le(preset.years[1]).any():
        said.append(
            f"{name}: votes on paragraphs are not in this selection, and the reports to 2016 count "
            "them; in the Library's file, which lacks them, coincidence comes out up to 12 points "
            "lower than printed (in unvotes within 1 to 2.4 points in 2005 and 2008)"
        )
    if preset.kinds and found - set(preset.kinds) - {"unknown"}:
        more = ", ".join(sorted(found - set(preset.kinds) - {"unknown"}))
        said.append(
            f"{name}: it counts votes on whole texts only, and this selection has {more} as well; "
            f"select the kinds {' and '.join(preset.kinds)}"
        )
    return said + _warn_years(name, years)


def _warn_years(name: str, years: Iterable[int]) -> list[str]:
    """Say that a selection reaches beyond the years in which a preset's rule was in use."""
    preset = PRESETS[name]
    first, last = preset.years
    beyond = sorted({int(year) for year in years if not first <= year <= last})
    if not beyond:
        return []
    span = f"{beyond[0]}" if len(beyond) == 1 else f"{beyond[0]} to {beyond[-1]}"
    return [f"{name}: no number is published by this rule for {span} (it is {preset.period})"]
