"""What a result depends on: the modules that compute it, the files they read, the libraries.

Modules and libraries are found in the syntax of the sources: what a module imports, at its top or
inside a function, counts with all that it imports in turn. A name that comes through the door of a
room (its ``__init__``) or of the package counts as the module that the door takes it from. So an
edit makes anew what depends on it, and only that.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
_NAME: Final = PACKAGE.name
_DOTTED: Final = re.compile(r"[\w.]+")
_NO_CODE: Final = ("__pycache__", "_bundle", "py.typed")
_DISTRIBUTIONS: Final = {
    "IPython": "ipython",
    "sklearn": "scikit-learn",
    "sknetwork": "scikit-network",
    "yaml": "pyyaml",
}
"""Libraries that are imported under another name than they are installed under."""


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
    >>> sorted(p.name for p in files_behind(["helpers.record.tables"]))
    ['__init__.py', '__init__.py', '__init__.py', 'errors.py', 'shown.py', 'tables.py']
    """
    found: set[Path] = set()
    doors: set[Path] = set()
    waiting = [(_source_of(name), True) for name in modules]
    waiting += [(_source_of(name), False) for name in alone]
    while waiting:
        path, follow = waiting.pop()
        if path is None:
            return sorted(_all_files())
        if path not in found:
            found.add(path)
            waiting += [(p, True) for p in _imported_by(path)] if follow else []
            doors |= _doors_around(path)
    found |= doors
    return sorted(found | {p for p in _all_files() if not found.isdisjoint(_readers_of(p))})


def imported_modules(source: str) -> frozenset[str]:
    """Return the full names of the package's modules that a source text imports or names.

    ``import helpers`` could load any module: it yields a name that is none. Imports for types only
    do not count.

    Examples
    --------
    >>> sorted(imported_modules("from helpers import errors, store"))
    ['helpers.errors', 'helpers.store']
    >>> sorted(imported_modules("from helpers.store import digest, library_versions"))
    ['helpers.store.dependencies', 'helpers.store.digests']
    >>> sorted(imported_modules("from helpers import Ballots"))
    ['helpers.ballots.select']
    """
    return _read(source).modules


@dataclass(frozen=True)
class _Source:
    """What a source text names: modules of the package, libraries, and dotted strings."""

    modules: frozenset[str]
    libraries: frozenset[str]
    strings: frozenset[str]


@cache
def _read(source: str) -> _Source:
    """Read a source text once; imports for types only do not count."""
    modules: set[str] = set()
    libraries: set[str] = set()
    strings: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
                strings.add(node.value)
        elif isinstance(node, ast.ImportFrom):
            base = (node.module or "").split(".")[0]
            if base == _NAME:
                modules |= {_home_of(node.module or "", alias.name) for alias in node.names}
            libraries.add(base)
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == _NAME]
            modules |= {name if name != _NAME else f"{_NAME}.*" for name in names}
            libraries |= {a.name.split(".")[0] for a in node.names}
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)
    named = {s for s in strings if s.startswith(f"{_NAME}.")}
    outside = libraries - {_NAME, ""} - sys.stdlib_module_names
    return _Source(frozenset(modules | named), frozenset(outside), frozenset(strings))


def _home_of(base: str, name: str) -> str:
    """Name the module of ``from base import name``: a module, or where the door takes it from."""
    full = f"{base}.{name}"
    door = _source_of(base)
    if _source_of(full):
        return full
    if base == _NAME:
        return _behind_door(PACKAGE / "__init__.py").get(name, full)
    return _behind_door(door).get(name, base) if door and door.name == "__init__.py" else base


@cache
def _behind_door(door: Path) -> dict[str, str]:
    """Return where each name that an ``__init__`` imports of the package comes from.

    The package's own loads them on first use, and imports them for types.
    """
    tree = ast.parse(_text(door))
    return {
        alias.asname or alias.name: _home_of(node.module, alias.name)
        for node in (ast.walk(tree) if door.parent == PACKAGE else tree.body)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{_NAME}.")
        for alias in node.names
    }


def library_versions(files: Iterable[Path]) -> dict[str, str]:
    """Return the versions of Python and of the libraries that some files of the package import.

    What a library itself is built on does not count, and neither does one that is not installed.
    """
    sources = (path for path in files if path.suffix == ".py")
    names = sorted({name for path in sources for name in _read(_text(path)).libraries})
    found = {_DISTRIBUTIONS.get(name, name): _version(name) for name in names}
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, **{name: version for name, version in found.items() if version}}


@cache
def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(_DISTRIBUTIONS.get(library, library))
    except PackageNotFoundError:
        return ""


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
    return frozenset(map(_source_of, imported_modules(_text(path))))


def _doors_around(path: Path) -> set[Path]:
    """Return the ``__init__`` of each package around a source: it is run before it."""
    return {f / "__init__.py" for f in path.parents if f.is_relative_to(PACKAGE)}


@cache
def _all_files() -> tuple[Path, ...]:
    return tuple(p for p in PACKAGE.rglob("*") if p.is_file() and not set(_NO_CODE) & set(p.parts))


@cache
def _readers_of(path: Path) -> frozenset[Path]:
    """Return the sources that read a file that is no code: they name its folders, and best itself.

    Those that name most of its folders count, and where no source names any, all of them.
    """
    sources = [p for p in _all_files() if p.suffix == ".py"]
    if path in sources:
        return frozenset()
    folders = set(path.relative_to(PACKAGE).parts[:-1])
    named = {p: len(folders & _strings(p)) for p in sources}
    near = [p for p, count in named.items() if count == max(named.values()) > 0]
    naming = [p for p in near if _strings(p) & {path.name, path.stem}]
    return frozenset(naming or near or sources)


def _strings(path: Path) -> frozenset[str]:
    return _read(_text(path)).strings
