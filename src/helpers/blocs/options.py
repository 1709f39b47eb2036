"""How blocs are looked for: the options of `helpers.blocs.find_blocs`, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from helpers.blocs.constants import CONSTANTS
from helpers.blocs.partition import OWN_K, check_method
from helpers.errors import ParameterError, must_be_one_of
from helpers.similarity import choose_distance

PLACEMENTS: Final = ("votes", "similarity")
"""How members of main blocs are placed once the blocs are found."""

LEAST_NULLS: Final = round(1 / CONSTANTS.alpha) - 1
"""Fewest assemblies without structure: with fewer no p-value could be as small as it must."""


@dataclass(frozen=True, kw_only=True)
class BlocOptions:
    """The options of `helpers.blocs.find_blocs`, as given there; a result carries those it used.

    Raises
    ------
    ParameterError
        An option has no such value.
    """

    measure: str = "pi"
    distance: str = "linear"
    method: str = "average"
    k: int | str = "auto"
    replicates: int = 1000
    seed: int = 1
    min_shared: int = 5
    nulls: int = 100
    least_share: float = CONSTANTS.least_share
    placement: str = "votes"
    explain: bool = True

    def __post_init__(self) -> None:
        choose_distance(self.measure, self.distance)
        check_method(self.method)
        if self.placement not in PLACEMENTS:
            raise ParameterError(must_be_one_of("placement", self.placement, PLACEMENTS))
        if self.k != "auto" and (isinstance(self.k, str) or self.k < 2):
            raise ParameterError(f"k: {self.k!r} must be 'auto' or a whole number from 2")
        if self.k != "auto" and self.method in OWN_K:
            raise ParameterError(
                f"k: method {self.method!r} finds its own number of blocs; use k='auto'"
            )
        for name, least in (("replicates", 2), ("seed", 0), ("min_shared", 1)):
            if getattr(self, name) < least:
                raise ParameterError(f"{name}: {getattr(self, name)} must be {least} or more")
        if self.nulls < LEAST_NULLS:
            raise ParameterError(
                f"nulls: {self.nulls} can show no p-value below 1/{self.nulls + 1}, and structure "
                f"is judged at {CONSTANTS.alpha}; use {LEAST_NULLS} or more"
            )
