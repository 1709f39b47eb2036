"""How the kernels of every method are compiled: imported by kernels only, for numba is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """Compile with a cache on disk, or without one where no folder for it can be written."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba: "no locator available", in a read-only installation
        return njit(nogil=True, error_model="numpy")(function)
