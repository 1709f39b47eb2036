"""Read sessions and symbols of resolutions in the many forms in which they have been written.

The Library's Assembly file alone has 96 forms of session and 228 shapes of symbol; unvotes and
Voeten write ``R/39/148P``. Everything here works on one text at a time: callers map the distinct
values of a column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LAST_ROMAN: Final = 30
"""Last session whose resolutions were numbered through, with the session in Roman numerals."""

_NUMBERED: Final = (18, *range(20, 100))
"""Sessions in which ``R/18/1881`` of unvotes and Voeten holds the number of the resolution; before
it holds the page of the Official Records, so that no symbol can be read from it, and no resolution
of session 19 was put to a vote."""

_DIGITS: Final = {"I": 1, "V": 5, "X": 10, "L": 50}
_ROMAN: Final = "[IVXL]+"
_ASSEMBLY: Final = re.compile(
    rf"A/(RES|DEC)/(?:(ES-\d+|S-\d+|\d+)/+(\d+)|(\d+)\s*\(((?:ES-|S-)?(?:{_ROMAN}|\d+))\))(.*)"
)
_COUNCIL: Final = re.compile(r"S/RES/(\d+)\s*(?:\(\d{4}\))?(.*)")
_SHORT: Final = re.compile(r"R/(\d+)/(\d+)(.*)")
_ONLY_SESSION: Final = re.compile(r"A/(?:RES|DEC)/(ES-\d+|S-\d+|\d+)/")
_PART: Final = re.compile(r"(?:[A-Z]{1,2}|[IVXL]+)(?:-(?:[A-Z]{1,2}|[IVXL]+))?")


@dataclass(frozen=True)
class Symbol:
    """What a symbol says.

    Attributes
    ----------
    text : str
        The symbol in one form: ``A/RES/39/148P``, ``A/RES/2758(XXVI)``, ``S/RES/2774``.
    number : str
        The same without the part: all parts of one resolution share it.
    session : str
        ``39``, ``ES-11``, ``S-6``; empty for the Council.
    """

    text: str
    number: str
    session: str


@lru_cache(maxsize=20_000)
def read_symbol(text: str) -> Symbol | None:
    """Read a symbol of a resolution or decision; None where it cannot be read.

    Parameters
    ----------
    text : str
        As written: ``A/RES/36//235IX``, ``A/RES/78/183 A``, ``A/RES/31/6[K]``, ``R/31/6K``,
        ``S/RES/1(1946)``.

    Examples
    --------
    >>> read_symbol("A/RES/36//235IX").text, read_symbol("A/RES/17(I)[RULE-73]").text
    ('A/RES/36/235IX', 'A/RES/17(I)[RULE-73]')
    >>> read_symbol("R/31/6K").text, read_symbol("R/26/2758").text
    ('A/RES/31/6K', 'A/RES/2758(XXVI)')
    >>> read_symbol("S/RES/2774(2025)").text, read_symbol("A/RES/79/XX"), read_symbol("R/1/66")
    ('S/RES/2774', None, None)
    """
    plain = " ".join(text.upper().split())
    if found := _ASSEMBLY.fullmatch(plain):
        return _read_assembly(*found.groups())
    if found := _COUNCIL.fullmatch(plain):
        number = f"S/RES/{int(found[1])}"
        part = _read_part(found[2])
        return None if part is None else Symbol(number + part, number, "")
    if (found := _SHORT.fullmatch(plain)) and int(found[1]) in _NUMBERED:
        return _read_short(int(found[1]), int(found[2]), found[3])
    return None


def _read_assembly(
    what: str, session: str | None, number: str | None, old: str | None, era: str, rest: str
) -> Symbol | None:
    part = _read_part(rest)
    if part is None:
        return None
    if session:
        whole = f"A/{what}/{session}/{int(number or 0)}"
        return Symbol(whole + part, whole, read_session(session))
    whole = f"A/{what}/{int(old or 0)}({era})"
    return Symbol(whole + part, whole, read_session(era))


def _read_short(session: int, number: int, rest: str) -> Symbol | None:
    """Read ``R/39/148P``, ``R/34/233/XI`` or ``R/50/38B/IX``."""
    part = _read_part(rest.strip("/").replace("/", "-"))
    if part is None:
        return None
    old = session <= LAST_ROMAN
    whole = f"A/RES/{number}({to_roman(session)})" if old else f"A/RES/{session}/{number}"
    return Symbol(whole + part, whole, str(session))


def _read_part(text: str) -> str | None:
    """Return the part in one form (``[K]`` and `` K`` are ``K``), None if it is none."""
    part = text.strip().removeprefix("[").removesuffix("]").strip().removeprefix("SECTION").strip()
    if not part or _PART.fullmatch(part):
        return part
    return f"[{part}]" if re.fullmatch(r"(?:PARA|RULE)[.-]\w+", part) else None


def find_kind(text: str) -> str:
    """Return what a symbol says was voted on, also where its number cannot be read.

    Examples
    --------
    >>> find_kind("A/RES/79/XX"), find_kind("A/DEC/80/506"), find_kind("A/RES/63(I)[PARA.1]")
    ('resolution', 'decision', 'paragraph')
    >>> find_kind("R/26/2758A")
    'unknown'
    """
    plain = text.strip().upper()
    if "[PARA" in plain:
        return "paragraph"
    kinds = {"A/RES/": "resolution", "S/RES/": "resolution", "A/DEC/": "decision"}
    return next((kind for start, kind in kinds.items() if plain.startswith(start)), "unknown")


@lru_cache(maxsize=2_000)
def read_session(text: str) -> str:
    """Return a session in one form; an empty text where it cannot be read.

    Parameters
    ----------
    text : str
        ``XXVII``, ``37``, ``37.0``, ``S-IV``, ``ES-10 emergency special``, ``ES-I``.

    Examples
    --------
    >>> [read_session(s) for s in ("XXVII", "37.0", "S-IV", "ES-10 emergency special", "?")]
    ['27', '37', 'S-4', 'ES-10', '']
    """
    plain = text.strip().upper().removesuffix(".0")
    plain = re.sub(r"\s*(?:EMERGENCY )?(?:SPECIAL)?(?: SESSION)?$", "", plain)
    found = re.fullmatch(rf"(ES-|S-)?(?:(\d+)|({_ROMAN}))", plain)
    if not found:
        return ""
    number = int(found[2]) if found[2] else from_roman(found[3])
    return f"{found[1] or ''}{number}"


@lru_cache(maxsize=2_000)
def session_of_symbol(text: str) -> str:
    """Return the session that a symbol names, also where its number cannot be read.

    Examples
    --------
    >>> session_of_symbol("A/RES/79/XX"), session_of_symbol("A/RES/S-8/2")
    ('79', 'S-8')
    """
    symbol = read_symbol(text)
    if symbol:
        return symbol.session
    found = _ONLY_SESSION.match(text.strip().upper())
    return read_session(found[1]) if found else ""


def from_roman(text: str) -> int:
    """Return the number of a Roman numeral.

    Examples
    --------
    >>> from_roman("XXIX"), from_roman("IV")
    (29, 4)
    """
    values = [_DIGITS[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-v if v < f else v for v, f in zip(values, following, strict=True))


def to_roman(number: int) -> str:
    """Return the Roman numeral of a number below 50.

    Examples
    --------
    >>> to_roman(29), to_roman(14)
    ('XXIX', 'XIV')
    """
    tens, ones = divmod(number, 10)
    units = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    return ("", "X", "XX", "XXX", "XL")[tens] + units[ones]
