"""What the files of Voeten and of the R package unvotes have in common: flags, kinds, issues."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from helpers.record.tables import ISSUES

_SPECIAL: Final = r"^(?P<kind>E?SS)/(?P<number>\d+)"
_AGENDA: Final = r"^A/\d+/\S+"


def parse_flags(written: pd.Series) -> pd.Series:
    r"""Read flags of 0 and 1, with junk behind the digit (``0\"``); other text is unknown.

    Parameters
    ----------
    written : Series
        Numbers or text.

    Returns
    -------
    Series of Int8
        0, 1 or NA.

    Examples
    --------
    >>> parse_flags(pd.Series(["1", '0\\"', "1.0", "NA", None])).tolist()
    [1, 0, 1, <NA>, <NA>]
    """
    text = written.astype("str")
    digits = text.str.extract(r"^\W*([01])(?:\.0*)?\W*$", expand=False)
    return pd.to_numeric(digits).astype("Int8")


def join_issues(flags: pd.DataFrame) -> pd.Series:
    """Join the six subject flags of a roll call into a text of codes.

    Parameters
    ----------
    flags : DataFrame of Int8
        Any of the columns of `helpers.record.tables.ISSUES`.

    Returns
    -------
    Series of str
        Codes in the order of ISSUES with spaces between; ``""`` where all known flags are 0; NA
        where no flag is known.
    """
    codes = [code for code in ISSUES if code in flags]
    joined = pd.Series("", index=flags.index, dtype="str")
    for code in codes:
        joined += flags[code].eq(1).fillna(False).map({True: f"{code} ", False: ""})
    known = flags[codes].notna().any(axis=1)
    return joined.str.strip().where(known)


def find_kinds(amend: pd.Series, para: pd.Series) -> pd.Series:
    """Say what was voted on by the two flags.

    Returns
    -------
    Series of str
        ``amendment``, ``paragraph``; ``unknown`` where a flag that could say so is missing; NA
        where both are 0: then the symbol decides.
    """
    kinds = pd.Series(pd.NA, index=amend.index, dtype="str")
    kinds = kinds.mask(amend.isna() | para.isna(), "unknown")
    kinds = kinds.mask(para.eq(1).fillna(False), "paragraph")
    return kinds.mask(amend.eq(1).fillna(False), "amendment")


def find_sessions(session: pd.Series, symbol: pd.Series) -> pd.Series:
    """Write the session: special and emergency ones stand in the symbol only (``ESS/5/70``).

    The files count them with the regular session of their year.
    """
    regular = pd.to_numeric(session, errors="coerce").astype("Int64").astype("str")
    regular = regular.where(session.notna())
    special = symbol.astype("str").str.extract(_SPECIAL)
    names = special["kind"].map({"SS": "S-", "ESS": "ES-"}) + special["number"]
    emergency = symbol.astype("str").str.extract(r"^A/RES/(E?S-\d+)/", expand=False)
    return names.fillna(emergency).fillna(regular).astype("str")


def number_sessions(
    given: pd.Series, session: pd.Series, body: pd.Series, date: pd.Series
) -> pd.Series:
    """Return the regular session that each roll call of the Assembly is counted with.

    Special and emergency sessions have no place among the regular ones but by time. The source's
    own number is kept where it has one (unvotes counts S-1 with 2 and S-5 with 23); else it is
    that of the regular session, or of the last one that had opened by the month of the date: a
    regular session opens in September, the first sat from January 1946.

    Parameters
    ----------
    given : Series
        The source's numbers; NA where there is none.
    session : Series of str
        Sessions in one form: ``79``, ``ES-11``.
    body : Series of str
    date : Series of datetime64

    Returns
    -------
    Series of Int16
        NA for the Council, and where neither number nor date is known.

    Examples
    --------
    >>> day = pd.to_datetime(pd.Series(["2022-03-02", "2024-12-17", "1947-05-07"]))
    >>> names = pd.Series(["ES-11", "79", "S-1"])
    >>> body = pd.Series(["GA"] * 3)
    >>> number_sessions(pd.Series([None, None, 2]), names, body, day).tolist()
    [76, 79, 2]
    """
    opened = (date.dt.year - 1945 - (date.dt.month < 9)).clip(lower=1).astype("Int16")
    number = pd.to_numeric(given, errors="coerce").astype("Int16")
    regular = pd.to_numeric(session, errors="coerce").astype("Int16")
    return number.fillna(regular).fillna(opened).mask(body.ne("GA"))


def find_titles(short: pd.Series, descr: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Tell title from agenda item or heading: the two columns change places over the sessions.

    Returns
    -------
    tuple of Series
        Title and agenda. ``descr`` is the title, but where it begins with the symbol of the agenda
        (``A/71/251 98 - ...``) ``short`` is; where one is missing, the other is the title.
    """
    short, descr = _strip(short), _strip(descr)
    swapped = descr.str.contains(_AGENDA).fillna(False).astype(bool) & short.notna()
    title = descr.mask(swapped, short).fillna(short)
    agenda = short.mask(swapped, descr)
    return title, agenda.mask(agenda.eq(title))


def _strip(text: pd.Series) -> pd.Series:
    plain = text.astype("str").str.strip()
    return plain.mask(plain.isin(["", "NA"]))


def log_entry(rule: str, effect: str, rows: int, what: str, examples: list[Any]) -> dict[str, Any]:
    """Return a row of the cleaning log about roll calls, as `RawRecord` has it."""
    return {
        "rule": rule,
        "table": "roll_calls",
        "effect": effect,
        "rows": rows,
        "what": what,
        "examples": [str(example) for example in examples[:5]],
    }
