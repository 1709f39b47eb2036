"""What a result depends on: the modules that compute it, the files they read, the libraries.

The modules are found in the source text: what a module imports, at its top or inside a function,
counts with all that it imports in turn. So an edit makes anew what depends on it, and only that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent
LIBRARIES: Final = (
    "pandas",
    "numpy",
    "scipy",
    "scikit-learn",
    "scikit-network",
    "numba",
    "seaborn",
    "matplotlib",
    "pyarrow",
    "papermill",
    "nbconvert",
    "nh3",
)
"""Libraries whose versions count for every result."""

_NAME: Final = PACKAGE.name
_TYPES_ONLY: Final = re.compile(r"^if TYPE_CHECKING:\n(?:(?:[ \t].*)?\n)+", re.MULTILINE)
_IMPORTS: Final = re.compile(
    rf"^[ \t]*(?:from ({_NAME}(?:\.\w+)*) import (\([^)]*\)|.*)|import ({_NAME}(?:\.\w+)*))",
    re.MULTILINE,
)
_STRINGS: Final = re.compile(r"[\"']([\w.]+)[\"']")
_NO_CODE: Final = ("__pycache__", "_bundle")


def files_behind(modules: Iterable[str], alone: Iterable[str] = ()) -> list[Path]:
    """Return the package's files that decide what some modules compute.

    Parameters
    ----------
    modules : iterable of str
        Full names. Each counts with all that it imports, directly or not, but for types only. A
        module outside the package may import anything, so then every file counts.
    alone : iterable of str
        Modules that count without what they import, such as those that only call one of `modules`.

    Returns
    -------
    list of Path
        Sources, and the other files that these name (``helpers/data/groups.csv`` where ``"groups"``
        is written as a string), sorted.

    Examples
    --------
    >>> sorted(p.name for p in files_behind(["helpers.tables"]))
    ['__init__.py', 'errors.py', 'tables.py']
    """
    found: set[Path] = set()
    waiting = [(_source_of(name), True) for name in modules]
    waiting += [(_source_of(name), False) for name in alone]
    while waiting:
        path, follow = waiting.pop()
        if path is None:
            return sorted(_all_files())
        if path not in found:
            found.add(path)
            waiting += [(p, True) for p in _imported_by(path)] if follow else []
    return sorted(found | {p for p in _all_files() if not found.isdisjoint(_readers_of(p))})


def imported_modules(source: str) -> frozenset[str]:
    """Return the full names of the package's modules that a source text imports or names.

    ``import helpers`` and ``from helpers import load_record`` could load any module: they yield a
    name that is none.

    Examples
    --------
    >>> sorted(imported_modules("from helpers import errors, tables"))
    ['helpers.errors', 'helpers.tables']
    """
    found = {s for s in _STRINGS.findall(source) if s.startswith(f"{_NAME}.")}
    for base, names, module in _IMPORTS.findall(_TYPES_ONLY.sub("", source)):
        found |= _named(base, names) if base else {module if module != _NAME else f"{_NAME}.*"}
    return frozenset(found)


def _named(base: str, names: str) -> set[str]:
    """Name the modules of ``from base import names``: a name that is no module is in ``base``."""
    listed = re.sub(r"#.*", "", names).strip("() \t\n").split(",")
    full = [f"{base}.{name.split()[0]}" for name in listed if name.strip()]
    return {name if base == _NAME or _source_of(name) else base for name in full}


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that compute and draw."""
    from importlib.metadata import version

    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version(name) for name in LIBRARIES}}


def _source_of(module: str) -> Path | None:
    """Return a module's file, or None where the package has no such module."""
    package, *parts = module.split(".")
    place = PACKAGE.joinpath(*parts)
    files = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((p for p in files if package == _NAME and p.is_file()), None)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _imported_by(path: Path) -> frozenset[Path | None]:
    """Return what a source imports, and the packages around it, which are imported before it."""
    folders = [f for f in path.parents if f.is_relative_to(PACKAGE)]
    around = {folder / "__init__.py" for folder in folders}
    return frozenset(map(_source_of, imported_modules(_text(path)))) | around


@cache
def _all_files() -> tuple[Path, ...]:
    return tuple(p for p in PACKAGE.rglob("*") if p.is_file() and not set(_NO_CODE) & set(p.parts))


@cache
def _readers_of(path: Path) -> frozenset[Path]:
    """Return the sources that read a file that is no code: they name its folders, and best itself.

    Where no source does, all of them count.
    """
    sources = [p for p in _all_files() if p.suffix == ".py"]
    if path in sources:
        return frozenset()
    folders = set(path.relative_to(PACKAGE).parts[:-1])
    near = [p for p in sources if folders <= _strings(p)]
    naming = [p for p in near if _strings(p) & {path.name, path.stem}]
    return frozenset(naming or near or sources)


@cache
def _strings(path: Path) -> frozenset[str]:
    return frozenset(_STRINGS.findall(_text(path)))
