"""Who is a member of the United Nations when, under which names and codes, and in which groups.

All facts are CSV files in ``helpers/data`` with a source column:

==========================  =====================================================================
``members.csv``             one row per member and period of membership
``successions.csv``         who follows whom, and how (union, dissolution, change of representation)
``states.csv``              two states that had one id one after the other, and when
``names.csv``               every spelling met, normalised (see :func:`normalise_name`), to a member
``codes.csv``               ISO alpha-3, withdrawn ISO and Library codes to a member
``cow.csv``                 Correlates of War numbers to a member (Voeten's data, unvotes)
``cow_years.csv``           years of each number of a member that has had two within one membership
``regional_groups.csv``     UN regional groups with dates
``groups.csv``              alliances, unions and other groups of states with dates
``council_terms.csv``       terms of the elected members of the Security Council
==========================  =====================================================================

A key that means two members has two rows with dates: the name and code ``YUGOSLAVIA``/``YUG`` and
the number 345 are ``YUG`` to 31 October 2000 and ``SRB`` from 1 November 2000. Numbers that share a
member: 365 (USSR and Russia) is ``RUS``; 255 and 260 are ``DEU``; 678 and 679 are ``YEM`` and 680
is ``YMD``; 713 is ``CHN`` to 25 October 1971 and 710 is ``CHN`` from that day on, so that on the
day itself both numbers stand for the one seat.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ParameterError, SelectionError, did_you_mean, must_be_one_of
from helpers.record.tables import DATA_DICTIONARY

_OPEN_FROM = pd.Timestamp("1900-01-01")
_OPEN_TO = pd.Timestamp("2262-01-01")


def _read_facts(name: str) -> pd.DataFrame:
    """Read one CSV file of facts; ``from``, ``to`` and other dates become ``datetime64[s]``."""
    with (resources.files("helpers") / "data" / f"{name}.csv").open("rb") as file:
        table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8")
    for column in {"from", "to", "date", "first_seen", "last_seen"} & set(table.columns):
        days = pd.to_datetime(table[column].replace("", pd.NA), format="%Y-%m-%d")
        table[column] = days.astype("datetime64[s]")
    return table


@cache
def _members() -> pd.DataFrame:
    table = _read_facts("members")
    for column in ("cow", "m49", "period"):
        table[column] = pd.to_numeric(table[column].replace("", pd.NA)).astype("Int16")
    table[["iso3", "predecessor"]] = table[["iso3", "predecessor"]].replace("", pd.NA)
    last = _read_facts("regional_groups").sort_values("from").drop_duplicates("member", keep="last")
    last = last.set_index("member")
    table["regional_group"] = table["member"].map(last["group"]).fillna("none").astype("str")
    table["regional_group_from"] = table["member"].map(last["from"])
    return table[list(MEMBER_COLUMNS)]


MEMBER_COLUMNS = tuple(DATA_DICTIONARY["members"])
"""Columns of the members table, in order."""


def load_members() -> pd.DataFrame:
    """Return all members: one row per state and period of membership (who was a member when?).

    Returns
    -------
    pandas.DataFrame
        201 rows, columns :data:`MEMBER_COLUMNS`: 198 states, of which Indonesia and Syria have two
        periods, and China two as its seat changed hands on 25 October 1971. ``from`` and ``to`` are
        inclusive; ``to`` is NaT while the membership lasts. ``regional_group`` is the last known
        one (earlier ones are in :func:`load_groups`). ``subregion`` is the M49 geographical
        sub-region (Eastern Africa, Caribbean), with the M49 intermediate regions kept apart.

    Examples
    --------
    >>> table = load_members()
    >>> len(table), table["member"].nunique()
    (201, 198)
    >>> table.loc[table["member"].eq("SYR"), "from"].dt.strftime("%Y-%m-%d").tolist()
    ['1945-10-24', '1961-10-13']
    """
    return _members().copy()


def load_successions() -> pd.DataFrame:
    """Return which member follows which: ``predecessor, successor, date, nature, note, source``.

    Examples
    --------
    >>> table = load_successions()
    >>> table.loc[table["predecessor"].eq("CSK"), "successor"].tolist()
    ['CZE', 'SVK']
    """
    return _read_facts("successions")


@cache
def _states() -> pd.DataFrame:
    table = _read_facts("states")
    table["from"] = table["from"].fillna(_OPEN_FROM)
    table["to"] = table["to"].fillna(_OPEN_TO)
    return table


def load_states() -> pd.DataFrame:
    """Return the states that stand apart from the present one under the same member id.

    The seat of China was held by the Republic of China to 25 October 1971; before their unions the
    Federal Republic of Germany, Tanganyika and the Yemen Arab Republic were other states than those
    that have their ids today, and the United Arab Republic was Egypt with Syria. Continuity of one
    state (the USSR and Russia) is not listed.

    Returns
    -------
    pandas.DataFrame
        ``member state name from to what source``: the id of the seat, the id of the earlier state,
        its name, its first and last day under the id.

    Examples
    --------
    >>> load_states().set_index("state")["to"].dt.strftime("%Y-%m-%d")["ROC"]
    '1971-10-25'
    """
    return _states().copy()


def seat_of(member: str) -> str:
    """Return the member id under which a state had its seat; any other id as it is.

    Examples
    --------
    >>> seat_of("ROC"), seat_of("USA")
    ('CHN', 'USA')
    """
    return _seats().get(member, member)


@cache
def _seats() -> dict[str, str]:
    return dict(zip(_states()["state"], _states()["member"], strict=True))


def members_at(date: object) -> tuple[str, ...]:
    """Return the ids of all members on a day, sorted.

    Parameters
    ----------
    date : str or datetime-like
        A day.

    Examples
    --------
    >>> len(members_at("1945-12-31")), len(members_at("2011-12-31"))
    (51, 193)
    """
    day = _day(date)
    table = _members()
    here = (table["from"] <= day) & (table["to"].isna() | (table["to"] >= day))
    return tuple(sorted(set(table.loc[here, "member"])))


def _day(date: object) -> pd.Timestamp:
    """Return ``date`` as a day, or say that it is none."""
    try:
        day = pd.Timestamp(date)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        raise ParameterError(f"date: {date!r} is no date; write it as 2025-02-24") from error
    if day is pd.NaT:
        raise ParameterError("date: a day is needed, got nothing; write it as 2025-02-24")
    return day


def normalise_name(name: str) -> str:
    """Return a name in capitals, without accents, with plain apostrophes and single spaces.

    Examples
    --------
    >>> normalise_name("Côte d’Ivoire"), normalise_name("St.  Kitts & Nevis")
    ("COTE D'IVOIRE", 'ST. KITTS AND NEVIS')
    """
    plain = name.replace("’", "'").replace("`", "'").replace("&", " AND ").upper()
    letters = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


@cache
def _dated(table: str, key: str) -> dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]]:
    """Return key -> [(first day, last day, member), ...] of a table of facts, in order of time."""
    facts = _read_facts(table).sort_values("from", na_position="first")
    entries: dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]] = {}
    spans = zip(facts["from"].fillna(_OPEN_FROM), facts["to"].fillna(_OPEN_TO), strict=True)
    for name, (first, last), member in zip(facts[key], spans, facts["member"], strict=True):
        entries.setdefault(str(name), []).append((first, last, str(member)))
    return entries


def _map_keys(keys: pd.Series, dates: pd.Series, table: str, key: str, clean: Any) -> pd.Series:
    """Map keys and days to members by a table of facts, visiting each distinct key once."""
    numbers, distinct = pd.factorize(keys)
    facts = _dated(table, key)
    ids = sorted({member for spans in facts.values() for *_, member in spans})
    place = {member: i for i, member in enumerate(ids)}
    single = np.full(len(distinct) + 1, -1, dtype=np.int16)
    dated = []
    for i, name in enumerate(distinct):
        spans = facts.get(clean(name), [])
        if len(spans) == 1 and spans[0][:2] == (_OPEN_FROM, _OPEN_TO):
            single[i] = place[spans[0][2]]
        elif spans:
            dated.append((i, spans))
    codes = single[numbers]
    for i, spans in dated:
        rows = np.flatnonzero(numbers == i)
        days = dates.to_numpy()[rows]
        for first, last, member in spans:
            inside = (days >= first.to_datetime64()) & (days <= last.to_datetime64())
            codes[rows[inside]] = place[member]
    members = pd.Categorical.from_codes(codes, categories=pd.Index(ids))
    return pd.Series(members, index=keys.index)


def names_to_members(names: pd.Series, dates: pd.Series) -> pd.Series:
    """Map names in force at a day to member ids.

    Parameters
    ----------
    names : Series of str or category, length n
        Any spelling in ``names.csv``, compared after :func:`normalise_name`: those of the Library's
        files, of the R package unvotes (its column ``country``), and common ones.
    dates : Series of datetime64, length n
        Days (the first of the month where only the month is known); used where a name has meant
        two members (``YUGOSLAVIA``).

    Returns
    -------
    Series of category, length n
        Member ids; NA where the name is not known.

    Examples
    --------
    >>> names = pd.Series(["TÜRKÝYE", "Yugoslavia", "Yugoslavia", "Atlantis"])
    >>> days = pd.to_datetime(pd.Series(["2025-01-01", "2000-10-31", "2000-11-01", "2000-11-01"]))
    >>> names_to_members(names, days).astype("string").tolist()
    ['TUR', 'YUG', 'SRB', <NA>]
    """
    return _map_keys(names, dates, "names", "name", lambda name: normalise_name(str(name)))


def codes_to_members(codes: pd.Series, dates: pd.Series) -> pd.Series:
    """Map three-letter codes (ISO, withdrawn, or the Library's) at a day to member ids.

    Parameters
    ----------
    codes : Series of str or category, length n
    dates : Series of datetime64, length n
        Used where a code has meant two members (``YUG``).

    Returns
    -------
    Series of category, length n
        Member ids; NA where the code is not known.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["1985-01-01"] * 3))
    >>> codes_to_members(pd.Series(["BUR", "SUN", "GER"]), days).tolist()
    ['MMR', 'RUS', 'DEU']
    """
    return _map_keys(codes, dates, "codes", "code", lambda code: str(code).strip().upper())


def cow_to_members(cow: pd.Series, dates: pd.Series) -> pd.Series:
    """Map Correlates of War numbers at a day to member ids (Voeten's data).

    Parameters
    ----------
    cow : Series of int, length n
    dates : Series of datetime64, length n
        Used for 345 (Yugoslavia, then Serbia) and for 710 and 713 (the two holders of China's
        seat: 710 before 25 October 1971 and 713 after it stand for no member).

    Returns
    -------
    Series of category, length n
        Member ids; NA where the number is not known or no member at that day.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["1970-01-01", "1970-01-01", "1990-01-01", "2005-01-01"]))
    >>> cow_to_members(pd.Series([710, 713, 345, 345]), days).astype("string").tolist()
    [<NA>, 'CHN', 'YUG', 'SRB']
    """
    return _map_keys(cow, dates, "cow", "cow", _whole_number)


def _whole_number(value: object) -> str:
    """Return ``345.0``, ``345`` or ``"345"`` as ``"345"``; anything else as it is."""
    text = str(value).strip()
    return text.removesuffix(".0")


def cow_to_member(cow: int, date: object) -> str | None:
    """Return the member that a Correlates of War number stands for at a day, or None.

    Examples
    --------
    >>> cow_to_member(365, "1960-01-01"), cow_to_member(260, "1980-01-01")
    ('RUS', 'DEU')
    """
    found = cow_to_members(pd.Series([cow]), pd.Series([_day(date)]))
    return None if found.isna().iloc[0] else str(found.iloc[0])


def number_memberships(members: Sequence[str], dates: pd.Series) -> NDArray[np.int64]:
    """Return which of a member's periods of membership each day lies in, from 1.

    Parameters
    ----------
    members : sequence of str
        Ids of members or of their earlier states (`load_states`); any other has period 1.
    dates : Series of datetime64
        Days before the first period count as in it, days between two as in the earlier.

    Returns
    -------
    int64 array, shape (n_dates, n_members)

    Examples
    --------
    >>> number_memberships(["CHN", "FRA"], pd.to_datetime(pd.Series(["1971-10-01", "1972-01-01"])))
    array([[1, 1],
           [2, 1]])
    """
    starts = _members().groupby("member")["from"]
    days = dates.to_numpy()
    out = np.ones((len(days), len(members)), np.int64)
    for column, member in enumerate(map(seat_of, members)):
        if member in starts.groups:
            begun = np.sort(starts.get_group(member).to_numpy())
            out[:, column] = np.maximum(np.searchsorted(begun, days, side="right"), 1)
    return out


def number_cow(members: Sequence[str], dates: pd.Series) -> NDArray[np.int64]:
    """Return the Correlates of War number of each member in the year of each day, 0 for none.

    As in data by country and year: where a number changes within a year the earlier one holds to
    its end (260, 678 in 1990; 255, 679 from 1991), but where the membership itself changes hands
    the day counts (713 before 25 October 1971, 710 from then on).

    Parameters
    ----------
    members : sequence of str
        Ids of members or of their earlier states (`load_states`).
    dates : Series of datetime64

    Returns
    -------
    int64 array, shape (n_dates, n_members)

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["1990-11-01", "1991-01-01"]))
    >>> number_cow(["DEU", "RUS", "M001"], days).tolist()
    [[260, 365, 0], [255, 365, 0]]
    """
    table = _members()
    cow = table["cow"].fillna(0).astype(np.int64)
    known = dict(zip(zip(table["member"], table["period"], strict=True), cow, strict=True))
    years = _read_facts("cow_years")
    year = dates.dt.year.to_numpy()
    period = number_memberships(members, dates)
    out = np.zeros(period.shape, np.int64)
    for column, member in enumerate(map(seat_of, members)):
        out[:, column] = [known.get((member, number), 0) for number in period[:, column]]
        own = years.loc[years["member"] == member, ["cow", "first_year", "last_year"]]
        for number, begun, ended in own.itertuples(index=False, name=None):
            last = int(ended) if ended else year.max()
            out[(year >= int(begun)) & (year <= last), column] = int(number)
    return out


def resolve_member(name_or_code: str | int, date: object = None) -> str:
    """Return the member id for a code, a number, or any known spelling of a name.

    Parameters
    ----------
    name_or_code : str or int
        ISO code of two or three letters (present or withdrawn), Correlates of War number, or a
        name: everyday, official, former, in any case of letters, with or without accents and
        points (``Russia``, ``S. Korea`` is none, ``South Korea``, ``Czechia (Czech Republic)``).
    date : str or datetime-like, optional
        A day, needed only where a name or code has meant two members (``Yugoslavia``); without it
        the id itself wins (``YUG``).

    Raises
    ------
    ParameterError
        When no member is called that, or several may be meant; the sentence lists them or offers
        the nearest. Nothing is guessed.

    Examples
    --------
    >>> resolve_member("Burma"), resolve_member("SUN"), resolve_member("YUG", "2001-01-01")
    ('MMR', 'RUS', 'SRB')
    >>> resolve_member("uk"), resolve_member("Korea, Republic of"), resolve_member(365)
    ('GBR', 'KOR', 'RUS')
    >>> resolve_member("UAS")
    Traceback (most recent call last):
    helpers.errors.ParameterError: member: 'UAS' is no member state; did you mean 'USA'?
    >>> resolve_member("Korea")
    Traceback (most recent call last):
    helpers.errors.ParameterError: member: 'Korea' may be KOR (Republic of Korea) or PRK \
(Democratic People's Republic of Korea); write one of them
    """
    written = str(name_or_code).strip()
    spans = _find_spans(written)
    if not spans:
        raise ParameterError(f"member: {written!r} {_say_unknown(written)}")
    if date is None:
        return _latest(written, spans)
    day = _day(date)
    fitting = [member for first, last, member in spans if first <= day <= last]
    if not fitting:
        raise ParameterError(f"member: {written!r} stood for no member on {day:%Y-%m-%d}")
    return fitting[-1]


def resolve_members(given: str | Sequence[str], date: object) -> tuple[str, ...]:
    """Return the member ids that names, codes and groups stand for, each once, in order.

    Parameters
    ----------
    given : str or sequence of str
        Names, codes, and names of groups (:func:`load_groups`) side by side; text has commas
        between them (``"BRICS, USA"``; a name with a comma in it needs the sequence).
    date : str or datetime-like
        The day for which groups are taken.

    Raises
    ------
    ParameterError
        As :func:`resolve_member`.

    Examples
    --------
    >>> resolve_members("BRICS, Russia, US", "2010-06-01")
    ('BRA', 'CHN', 'IND', 'RUS', 'USA')
    """
    found: list[str] = []
    for part in split_members(given):
        group, _, day = group_name(part).partition("@")
        found += group_members(group, day or date) if group else [resolve_member(part)]
    return tuple(dict.fromkeys(found))


def split_members(given: str | Sequence[str]) -> list[str]:
    """Return the names, codes and groups of a list, or of a text with commas between them."""
    parts = given.split(",") if isinstance(given, str) else given
    return [part for part in (str(p).strip() for p in parts) if part]


def is_group(name: str) -> bool:
    """Say whether a text is the name of a group of states, in any case of letters.

    Examples
    --------
    >>> is_group("brics"), is_group("BRA")
    (True, False)
    """
    return bool(group_name(name))


def group_name(name: str) -> str:
    """Return the name of a group as we write it, or an empty string for what is none.

    Raises
    ------
    ParameterError
        It is a group with a day, as :func:`read_group` takes it, and the day is none.

    Examples
    --------
    >>> group_name("brics"), group_name("brics@2025-10-29"), group_name("Brazil")
    ('BRICS', 'BRICS@2025-10-29', '')
    """
    written, at, day = name.partition("@")
    group = _group_names().get(normalise_name(written), "")
    return f"{group}@{_day(day):%Y-%m-%d}" if group and at else group


@cache
def _group_names() -> dict[str, str]:
    return {normalise_name(group): str(group) for group in load_groups()["group"].unique()}


def find_member(name_or_code: str, among: Iterable[str], what: str = "member") -> str:
    """Return which of some members is meant by a name or code.

    Parameters
    ----------
    name_or_code : str
        As for :func:`resolve_member`.
    among : iterable of str
        Member ids to choose from.
    what : str
        Name of the parameter, for errors.

    Raises
    ------
    SelectionError
        It is none of them, or no member at all.

    Examples
    --------
    >>> find_member("Russia", ["RUS", "USA"])
    'RUS'
    """
    ids = list(among)
    if name_or_code in ids:
        return name_or_code
    try:
        member = resolve_member(name_or_code)
    except ParameterError as error:
        raise SelectionError(f"{what}: {str(error).removeprefix('member: ')}") from error
    if member in ids:
        return member
    shown = f"{name_or_code!r}" if name_or_code == member else f"{name_or_code!r} ({member})"
    raise SelectionError(f"{what}: {shown} is not in this selection{did_you_mean(member, ids)}")


_Spans = list[tuple[pd.Timestamp, pd.Timestamp, str]]


def _find_spans(written: str) -> _Spans:
    """Return what a text stands for and when; empty where that is nothing or not certain."""
    code = written.upper().replace(".", "")
    names = _folded_names()
    for spans in (_dated("codes", "code").get(code), _dated("cow", "cow").get(code)):
        if spans:
            return spans
    for form in _forms(written):
        if form in names:
            return names[form]
    return _find_twice(written)


def _forms(written: str) -> list[str]:
    """Return a name as it is and turned round: ``Korea (Republic of)`` is ``Republic of Korea``."""
    plain = normalise_name(written)
    turned = re.fullmatch(r"(.+?)\s*[,(]\s*(.+?)\s*\)?", plain)
    forms = [plain] + ([f"{turned[2]} {turned[1]}"] if turned else [])
    return [_fold(form) for form in forms]


def _find_twice(written: str) -> _Spans:
    """Return what both halves of ``Czechia (Czech Republic)`` stand for, if that is the same."""
    halves = re.fullmatch(r"(.+?)\s*\(\s*(.+?)\s*\)", normalise_name(written))
    if not halves:
        return []
    names = _folded_names()
    outer, inner = (names.get(_fold(half), []) for half in halves.groups())
    same = {member for *_, member in outer} == {member for *_, member in inner}
    return min(outer, inner, key=lambda spans: spans[-1][1]) if same and outer else []


def _fold(name: str) -> str:
    """Return a normalised name without points, hyphens, articles and shortened words."""
    words = re.sub(r"[^A-Z0-9 ]+", " ", name.replace("'", "").replace(".", "")).split()
    return " ".join(_LONG.get(word, word) for word in words if word != "THE")


_LONG: Final = {"ST": "SAINT", "REP": "REPUBLIC", "DEM": "DEMOCRATIC", "FED": "FEDERAL"}


@cache
def _folded_names() -> dict[str, _Spans]:
    """Return folded name -> what it stands for; names that fold alike mean the same."""
    folded: dict[str, _Spans] = {}
    for name, spans in _dated("names", "name").items():
        folded.setdefault(_fold(name), spans)
    for member, name in zip(_members()["member"], _members()["name"], strict=True):
        spans = [(_OPEN_FROM, _OPEN_TO, str(member))]
        folded.setdefault(_fold(normalise_name(str(name))), spans)
    return folded


def _latest(written: str, spans: _Spans) -> str:
    """Return the meaning that holds without a date: the id itself, else the only one."""
    code = written.upper()
    if code in {member for *_, member in spans}:
        return code
    meant = sorted({member for *_, member in spans})
    if len(meant) > 1:
        raise ParameterError(f"member: {written!r} {_list_candidates(meant)}")
    last, member = spans[-1][1], spans[-1][2]
    if last < _OPEN_TO and member in members_at(pd.Timestamp("2026-01-01")):
        raise ParameterError(
            f"member: {written!r} stood for {member} until {last:%d %B %Y} only; "
            f"write {member} for the seat"
        )
    return member


def _say_unknown(written: str) -> str:
    """Word what may be meant by a text that is no member: several members, one, or the nearest."""
    words = set(_fold(normalise_name(written)).split())
    lists = _dated("names", "name").items()
    meant = sorted(
        {spans[-1][2] for name, spans in lists if words and words <= set(_fold(name).split())}
    )
    if 1 < len(meant) <= _MOST_CANDIDATES:
        return _list_candidates(meant)
    if len(meant) == 1:
        return f"is no member state; did you mean {_name_candidates(meant)[0]}?"
    code = written.upper()
    if len(code) <= _CODE_LENGTH:
        codes = [c for c in _dated("codes", "code") if len(c) == len(code)]
        return f"is no member state{did_you_mean(code, codes)}"
    near = did_you_mean(normalise_name(written), _dated("names", "name"), cutoff=_NEAR)
    return f"is no member state{near}"


def _list_candidates(members: Sequence[str]) -> str:
    names = _name_candidates(members)
    return f"may be {', '.join(names[:-1])} or {names[-1]}; write one of them"


def _name_candidates(members: Sequence[str]) -> list[str]:
    table = _members().drop_duplicates("member", keep="last").set_index("member")["name"]
    return [f"{member} ({table[member]})" for member in members]


_MOST_CANDIDATES: Final = 8
_CODE_LENGTH: Final = 3
_NEAR: Final = 0.72


def load_groups() -> pd.DataFrame:
    """Return groups of states with dates (who was in which group when, by which source).

    Returns
    -------
    pandas.DataFrame
        ``group, member, from, to, precision, source``; dates inclusive, ``to`` NaT while it lasts.
        Groups: the five regional groups (from 17 December 1963), alliances (NATO, Warsaw Pact,
        CSTO), unions and regions (EU, AU, Arab League, ASEAN, CARICOM, CIS, Nordic countries,
        Pacific Islands Forum, Visegrad) and others (BRICS, G7, G77, NAM, OIC, P5, SCO).
        ``precision`` is ``day``, ``month``, ``year`` (the first day is taken) or ``not
        before`` (the day of joining is not published; the earliest possible one is taken).
        Suspension is not an exit. Members of a group that are not in the United Nations
        (Palestine, the Sahrawi Republic) are left out.

    Examples
    --------
    >>> table = load_groups()
    >>> table.loc[table["group"].eq("EU") & table["member"].eq("GBR"), "to"].dt.year.tolist()
    [2020]
    """
    return _groups().copy()


@cache
def _groups() -> pd.DataFrame:
    regional = _read_facts("regional_groups").assign(precision="day")
    table = pd.concat([regional, _read_facts("groups")], ignore_index=True)
    return table[["group", "member", "from", "to", "precision", "source"]]


def group_members(group: str, date: object) -> tuple[str, ...]:
    """Return the members of the United Nations that were in a group on a day, sorted.

    Parameters
    ----------
    group : str
        Name of a group in :func:`load_groups`, or ``none`` for members in no regional group.
    date : str or datetime-like

    Raises
    ------
    ParameterError
        When there is no such group.

    Examples
    --------
    >>> group_members("BRICS", "2023-12-31")
    ('BRA', 'CHN', 'IND', 'RUS', 'ZAF')
    >>> len(group_members("EU", "2020-01-31")), len(group_members("EU", "2020-02-01"))
    (28, 27)
    """
    day = _day(date)
    inside = {member for member, first, last in _group_spans(group) if first <= day <= last}
    return tuple(sorted(inside & set(members_at(day))))


@cache
def _spans_by_group() -> dict[str, list[tuple[str, pd.Timestamp, pd.Timestamp]]]:
    """Return each group's members with their first and last days."""
    table = _groups()
    ends = table["to"].fillna(_OPEN_TO)
    spans: dict[str, list[tuple[str, pd.Timestamp, pd.Timestamp]]] = {}
    for group, *span in zip(table["group"], table["member"], table["from"], ends, strict=True):
        spans.setdefault(str(group), []).append((str(span[0]), span[1], span[2]))
    return spans


def _group_spans(group: str) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """Return the members of one group with their days, or say that there is no such group."""
    if group not in _spans_by_group():
        raise ParameterError(must_be_one_of("group", group, sorted(_spans_by_group())))
    return _spans_by_group()[group]


def read_group(text: str) -> tuple[str, pd.Timestamp | None]:
    """Read the name of a group, alone or with a day, such as ``BRICS@2025-10-29``.

    Parameters
    ----------
    text : str
        A name of :func:`load_groups`: its members by date; with ``@`` and a day: those of that day.

    Raises
    ------
    ParameterError
        There is no such group, or the day is none.

    Examples
    --------
    >>> read_group("BRICS"), read_group("BRICS@2025-10-29")[1].year
    (('BRICS', None), 2025)
    """
    name, at, day = text.partition("@")
    _group_spans(name)
    return name, _day(day) if at else None


def in_group(group: str, members: Sequence[str], dates: pd.Series) -> NDArray[np.bool_]:
    """Tell who of some members was in a group on each of some days.

    Parameters
    ----------
    group : str
        As in :func:`read_group`; with a day, membership is that of the day throughout.
    members : sequence of str, length n
        Member ids; an earlier state under the same seat (``ROC``) counts as its seat.
    dates : Series of datetime64, length m
        Days; on a missing one nobody is known to be in the group.

    Returns
    -------
    bool array, shape (m, n)

    Raises
    ------
    ParameterError
        As :func:`read_group`.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2020-01-31", "2020-02-01"]))
    >>> in_group("EU", ["FRA", "GBR"], days).tolist()
    [[True, True], [True, False]]
    >>> in_group("EU@2025-01-01", ["FRA", "GBR"], days).tolist()
    [[True, False], [True, False]]
    """
    name, fixed = read_group(group)
    seats = np.array([seat_of(member) for member in members])
    if fixed is not None:
        return np.tile(np.isin(seats, group_members(name, fixed)), (len(dates), 1))
    inside = np.zeros((len(dates), len(members)), dtype=bool)
    days = dates.to_numpy()
    for member, first, last in _group_spans(name):
        columns = seats == member
        if columns.any():
            during = (days >= first.to_datetime64()) & (days <= last.to_datetime64())
            inside[:, columns] |= during[:, None]
    return inside


def load_council_terms() -> pd.DataFrame:
    """Return the terms of the elected members of the Security Council (dates inclusive).

    Returns
    -------
    pandas.DataFrame
        ``member, from, to, source``; from 1946 to the terms that end in 2027.

    Examples
    --------
    >>> table = load_council_terms()
    >>> sorted(table.loc[table["from"].dt.year.eq(2025), "member"])
    ['DNK', 'GRC', 'PAK', 'PAN', 'SOM']
    """
    return _read_facts("council_terms")
