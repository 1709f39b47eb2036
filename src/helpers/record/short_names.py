"""Everyday names of members whose official one is long, for titles and sentences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pandas as pd


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
