"""Every number that finding blocs stands on, each with what it does and where it comes from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd


def constant(value: Any, meaning: str, source: str) -> Any:
    """Define a field of `Constants`: its value, what it does and where it comes from."""
    return dataclasses.field(default=value, metadata={"meaning": meaning, "source": source})


_IN_VIEW: Final = "chosen with planted blocs of seeds 0 to 4 in view"


@dataclass(frozen=True, kw_only=True)
class Constants:
    """The fixed numbers of this room; `constants_table` lists them, and docs/blocs.md shows it."""

    least_votes: int = constant(
        10,
        "fewest different roll calls for blocs, flows, p-values and probabilities",
        "simulation: 'Too few votes'",
    )
    least_blocks: int = constant(
        5, "fewest blocks of roll calls for the same", "simulation: 'Too few votes'"
    )
    least_share: float = constant(
        0.25, "members that voted in a smaller share of roll calls are left out", "judgement"
    )
    isolate: int = constant(
        2,
        "a bloc of so many members or fewer is none: they are isolates",
        "average linkage peels off ones and twos in most sessions: in 2015, 10 of 12 clusters",
    )
    main_share: float = constant(
        0.05, "a main bloc holds this share of members, and more than an isolate", "judgement"
    )
    imaginary: float = constant(
        0.1, "most inertia in imaginary directions under Ward's method", "Gower and Legendre 1986"
    )
    settle_rounds: int = constant(20, "most passes of moving members by similarity", "a safeguard")
    resolutions: tuple[float, ...] = constant(
        (0.8, 1.0, 1.06, 1.12, 1.2), "resolutions that Leiden is scanned over", "judgement"
    )
    k_range: tuple[int, int] = constant(
        (2, 8), "numbers of clusters compared; most blocs that explain the votes", "judgement"
    )
    tolerance: float = constant(
        0.95, "a k whose score reaches this share of the best is about as good", _IN_VIEW
    )
    foretold: float = constant(
        0.9, "of these the smallest k whose blocs foretell votes so well", _IN_VIEW
    )
    alpha: float = constant(
        0.01, "structure: at most this share of shuffled assemblies does as well", "convention"
    )
    steady: float = constant(0.4, "a k of lower stability is not eligible", _IN_VIEW)
    few_draws: int = constant(
        200, "replicates on which two divisions are compared for stability", "speed"
    )
    strength: float = constant(
        3.0, "weight, in members, of the shares of all in a free vote", _IN_VIEW
    )
    habit: float = constant(10.0, "weight, in votes, of the habit of all in a member's", _IN_VIEW)
    start: tuple[float, float] = constant(
        (0.3, 0.5),
        "first guess: votes by habit; roll calls on which a bloc has a side",
        "a start only: both are estimated",
    )
    bounds: tuple[float, float] = constant(
        (0.01, 0.7),
        "least and most votes by habit",
        "with more, those who always vote one way and those who never do would be one bloc",
    )
    place_rounds: int = constant(60, "most passes of moving members by votes", "a safeguard")
    gain: float = constant(6.0, "what dividing a bloc must gain in log-likelihood", _IN_VIEW)
    chance: float = constant(
        0.05, "most shuffles that may divide a bloc as clearly as the votes", "convention"
    )
    shuffles: int = constant(
        99, "shuffles that a division is compared with", "enough to show a share of 0.01"
    )
    few_shuffles: int = constant(
        9, "shuffles that are enough where votes are far from them", "speed"
    )
    far: float = constant(5.0, "how far that is, in standard deviations", "judgement")
    trades: int = constant(
        6, "trades of each roll call between two shuffles", "tests: every arrangement as likely"
    )
    clear: float = constant(0.7, "below this probability a member has no clear home", "judgement")
    gradient_alpha: float = constant(
        0.05, "blocs: at most this share of gradients is divided as clearly", "convention"
    )
    gradient_points: tuple[int, int] = constant(
        (41, 15), "points along each dimension of positions, with one and with two", "speed"
    )
    gradient_reach: float = constant(
        4.0, "positions lie between minus and plus this", "standard deviations at the start"
    )
    gradient_passes: int = constant(60, "most passes of fitting positions", "a safeguard")
    slope_deviation: float = constant(
        3.0, "standard deviation of how strongly a roll call divides by position", "judgement"
    )
    pseudo_votes: float = constant(
        0.5, "votes added to each roll call, so that no cut point runs away", "judgement"
    )
    second_dimension: float = constant(
        10.0,
        "a second dimension lowers the information criterion by more than this",
        "very strong evidence: Kass and Raftery 1995",
    )
    gradients_reached: float = constant(
        0.2, "a number of blocs is compared if this share of gradients has it", "judgement"
    )
    least_kept: float = constant(
        0.25, "a bloc continues a line if they share this part of the smaller", "judgement"
    )


CONSTANTS: Final = Constants()
"""The numbers as they are used."""


def constants_table() -> pd.DataFrame:
    """Return one row a constant: ``name, value, meaning, source``.

    Examples
    --------
    >>> constants_table().iloc[0][["name", "value"]].tolist()
    ['least_votes', '10']
    """
    rows = [
        {"name": f.name, "value": str(f.default).strip("()"), **f.metadata}
        for f in dataclasses.fields(Constants)
    ]
    return pd.DataFrame(rows)
