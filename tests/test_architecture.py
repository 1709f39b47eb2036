"""Rooms are entered by their doors, and a door is short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.store import PACKAGE

ROOMS = sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
SECOND_DOORS = {"helpers.study.results"}
"""What a notebook takes by name besides a room's own ``__init__``."""


def crossings(path: Path, text: str) -> Iterator[str]:
    """Yield the modules inside other rooms that a source imports."""
    room = path.relative_to(PACKAGE).parts[0]
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if is_module(name) else node.module for name in inside]
        for name in names:
            parts = name.split(".")
            if parts[0] == "helpers" and len(parts) > 2 and parts[1] != room:
                yield name


def is_module(name: str) -> bool:
    place = PACKAGE.joinpath(*name.split(".")[1:])
    return place.is_dir() or place.with_suffix(".py").is_file()


def test_other_rooms_are_entered_by_their_doors() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in PACKAGE.rglob("*.py")
        if "_bundle" not in path.parts
        for name in crossings(path, path.read_text(encoding="utf-8"))
        if name not in SECOND_DOORS
    }
    assert found == set()


def test_a_way_round_the_door_is_seen() -> None:
    path = PACKAGE / "multiverse" / "run.py"
    text = (
        "from helpers.blocs.partition import divide\n"
        "def late():\n    import helpers.store.cache\n    from helpers.record import tables\n"
        "from helpers.blocs import find_blocs\nfrom helpers.multiverse.run import x\n"
    )
    assert sorted(crossings(path, text)) == [
        "helpers.blocs.partition",
        "helpers.record.tables",
        "helpers.store.cache",
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_is_short_and_lists_what_it_gives(room: str) -> None:
    module = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(module), room
    assert len(module.body) <= 20
    assert any(
        isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__" for n in module.body
    )


def test_few_modules_lie_flat() -> None:
    flat = {p.stem for p in PACKAGE.glob("*.py")}
    assert flat <= {"__init__", "__main__", "compiled", "errors"}
