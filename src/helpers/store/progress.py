"""How far a long computation is, where somebody looks on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def track(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield the items, and show how many are done from the second second on.

    Shown is one line of text on the standard error stream, which is taken away at the end. Nothing
    is shown where nobody looks on (see `is_watched`), so that no output depends on it.

    Parameters
    ----------
    items : iterable
        What is worked through.
    what : str
        What is done with them.
    total : int, optional
        How many there are, where they have no length.

    Examples
    --------
    >>> list(track([1, 2], "adding"))
    [1, 2]
    """
    if not is_watched():
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(items, desc=what, total=total, leave=False, delay=1.0, file=sys.stderr)


def is_watched() -> bool:
    """Tell whether a person sees the standard error stream now.

    A terminal is watched. A kernel is where the message that it works on comes from a frontend that
    can ask its user something: JupyterLab says so, nbclient, papermill and nbval do not.
    """
    return sys.stderr.isatty() or _asked_by_a_person()


def _asked_by_a_person() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    message = kernel.get_parent("shell") if kernel is not None else {}
    return bool(message.get("content", {}).get("allow_stdin"))
