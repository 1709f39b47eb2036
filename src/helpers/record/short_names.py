"""Everyday names of members whose official one is long, for titles and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import pandas as pd

from helpers.record.members import load_members, load_states


@cache
def load_short_names() -> dict[str, str]:
    """Return the everyday names, by member id.

    Examples
    --------
    >>> load_short_names()["RUS"]
    'Russia'
    """
    path = files("helpers") / "data" / "short_names.csv"
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, keep_default_na=False)
    return dict(zip(table["member"], table["short_name"], strict=True))


@cache
def member_names() -> Mapping[str, str]:
    """Return an everyday name for each state that ever was a member, by id (the last it had).

    Examples
    --------
    >>> member_names()["RUS"], member_names()["CIV"]
    ('Russia', "Côte d'Ivoire")
    """
    last = load_members().sort_values("period").groupby("member")["name"].last()
    short, states = load_short_names(), load_states()
    names = {str(member): short.get(str(member), str(name)) for member, name in last.items()}
    names |= dict(zip(states["state"], states["name"], strict=True))
    return MappingProxyType(names)
