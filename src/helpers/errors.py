"""What can go wrong, by name, and the one sentence that a user reads about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnblocsError(Exception):
    """Base of every error that a user can cause; its text is one clear sentence."""


class ParameterError(UnblocsError):
    """A study parameter, option or argument has a value that cannot be used."""


class SourceError(UnblocsError):
    """A source file cannot be read as what it should be."""


class FormatError(SourceError):
    """A file is not in a known layout (it may be a look-alike of one)."""


class UnsafeFileError(SourceError):
    """A file was refused before it was read: too large unpacked, an escaping path, code in it."""


class DataError(SourceError):
    """A file in a known layout has values that break its rules (unknown vote, member, total)."""


class FetchError(UnblocsError):
    """A download gave something that is not the file."""


class MissingDataError(UnblocsError):
    """A file that the work needs is not on this machine."""


class SelectionError(UnblocsError):
    """A selection (body, period, subject, members) leaves too little to compute with."""


class StorageError(UnblocsError):
    """A result could not be written (read-only folder, full disk)."""


class NotebookError(UnblocsError):
    """A cell of a notebook failed."""


class ConvergenceError(UnblocsError):
    """A model did not converge."""


class BatchError(UnblocsError):
    """A batch could not be run as a whole."""


def explain(error: BaseException) -> str:
    """Return the sentence that a user reads about an error, known to the program or not.

    Examples
    --------
    >>> explain(ParameterError("k: it must be 'auto'"))
    "k: it must be 'auto'"
    """
    if isinstance(error, UnblocsError):
        return str(error)
    return (
        f"an error that the program does not know ({type(error).__name__}: {error}); "
        "run it again with --debug and report what it prints"
    )


def must_be_one_of(what: str, value: object, allowed: Iterable[object]) -> str:
    """Word the sentence for a value outside a list, with the nearest allowed value.

    Parameters
    ----------
    what : str
        Name of the parameter or column.
    value : object
        What was given.
    allowed : iterable
        What may be given.

    Returns
    -------
    str
        One sentence, without a full stop at a URL or code.

    Examples
    --------
    >>> must_be_one_of("measure", "kapa", ["kappa", "pi"])
    "measure: 'kapa' must be one of kappa, pi; did you mean 'kappa'?"
    """
    names = [str(a) for a in allowed]
    sentence = f"{what}: {value!r} must be one of {', '.join(names)}"
    return f"{sentence}{did_you_mean(str(value), names)}"


def did_you_mean(value: str, names: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return ``"; did you mean 'X'?"`` for the nearest of ``names``, or an empty string.

    ``cutoff`` is how like it must be, from 0 to 1.

    Examples
    --------
    >>> did_you_mean("UAS", ["USA", "FRA"])
    "; did you mean 'USA'?"
    >>> did_you_mean("zzzz", ["USA", "FRA"])
    ''
    """
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(value.casefold(), folded, n=1, cutoff=cutoff)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
