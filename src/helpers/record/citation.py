"""How a result is cited: what it is, what computed it, and the votes behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from helpers.errors import ParameterError, must_be_one_of
from helpers.record.tables import Record
from helpers.store import project_version

_AUTHOR: Final = "UN Voting Blocs contributors"
_TITLE: Final = "UN Voting Blocs"
_ESCAPED: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_ESCAPED_BY_SLASH: Final = "&%$#_{}"


def cite(record: Record, result: Any = None, *, form: str = "text") -> str:
    """Return how to cite a result, or a record, with the source of its votes.

    Parameters
    ----------
    record : Record
        What the result was computed from.
    result : a result of any verb, optional
        Its kind and options are named, so that the citation is of that very result.
    form : {"text", "bibtex", "ris"}
        A sentence, or an entry for a reference manager.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        There is no such form.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> cite(load_record("dossier")).partition(" Votes: ")[2][:60]
    'UN Voting Blocs contributors. Votes of the United Nations on'
    """
    if form not in FORMS:
        raise ParameterError(must_be_one_of("form", form, FORMS))
    what = "" if result is None else repr(result)
    return FORMS[form](what, str(record.provenance.get("citation", "source not stated")))


def _text(what: str, source: str) -> str:
    software = f"{_AUTHOR}. {_TITLE}, version {project_version()} [software]."
    return " ".join(filter(None, (software, what and f"{what}.", f"Votes: {source}")))


def _bibtex(what: str, source: str) -> str:
    fields = {
        "author": f"{{{_AUTHOR}}}",
        "title": _escape(_TITLE),
        "version": _escape(project_version()),
        "note": _escape(". ".join(filter(None, (what, f"Votes: {source}")))),
    }
    rows = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@software{{unblocs,\n{rows}\n}}\n"


def _escape(text: str) -> str:
    """Write a text so that BibTeX takes none of its characters for a command."""
    plain = "".join(f"\\{c}" if c in _ESCAPED_BY_SLASH else _ESCAPED.get(c, c) for c in text)
    return " ".join(plain.split())


def _ris(what: str, source: str) -> str:
    notes = [" ".join(note.split()) for note in (what, f"Votes: {source}") if note]
    rows = [("TY", "COMP"), ("AU", _AUTHOR), ("TI", _TITLE), ("ET", project_version())]
    rows += [("N1", note) for note in notes] + [("ER", "")]
    return "".join(f"{tag}  - {value}\n" for tag, value in rows)


FORMS: Final[dict[str, Callable[[str, str], str]]] = {
    "text": _text,
    "bibtex": _bibtex,
    "ris": _ris,
}
"""Forms of a citation, by name."""
