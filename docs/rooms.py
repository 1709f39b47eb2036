"""Draw the rooms of `src/helpers` and the imports between them: ``python docs/rooms.py FILE.svg``.

Floors are the layers of `pyproject.toml`; an arrow goes from a room to one that it imports, thicker
the more names it takes. What all import (`errors`, `compiled`) has no arrows. Nothing is drawn by
hand, so the picture cannot be out of date.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "helpers"
FOR_ALL = ("errors", "compiled")
INK, PALE, ARROW = "#1b1b1b", "#eef2f6", "#5b6b7b"


def read_floors() -> list[list[str]]:
    """Return the rooms of each floor, the highest first, as the import contract has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = [[name.strip() for name in layer.split("|")] for layer in layers]
    return [floor for floor in floors if floor != ["__main__"]]


def find_sources(room: str) -> list[Path]:
    """Return a room's sources: those of its folder, or the one module."""
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def count_arrows(rooms: list[str]) -> Counter[tuple[str, str]]:
    """Count the names that each room imports from each other one."""
    arrows: Counter[tuple[str, str]] = Counter()
    for room in rooms:
        for path in find_sources(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ImportFrom) or not node.module:
                    continue
                package, _, inside = node.module.partition(".")
                if package != "helpers":
                    continue
                for alias in node.names:
                    other = inside.split(".")[0] or alias.name
                    if other in rooms and other not in (room, *FOR_ALL):
                        arrows[room, other] += 1
    return arrows


def draw_rooms(file: Path) -> None:
    """Draw the rooms into an SVG file."""
    floors = read_floors()
    rooms = [room for floor in floors for room in floor]
    place = {
        room: ((i + 0.5) / len(floor) * 10, (len(floors) - j) * 1.2)
        for j, floor in enumerate(floors)
        for i, room in enumerate(floor)
    }
    figure = Figure(figsize=(8, 1.0 * len(floors)))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10), ylim=(0.5, len(floors) * 1.2 + 0.7))
    axes.axis("off")
    for (room, other), count in count_arrows(rooms).items():
        (x, y), (to_x, to_y) = place[room], place[other]
        bend = 0.0 if abs(y - to_y) < 1.3 else 0.28 * (1 if hash_side(room, other) else -1)
        axes.add_patch(
            FancyArrowPatch(
                (x, y - 0.3),
                (to_x, to_y + 0.3),
                connectionstyle=f"arc3,rad={bend}",
                arrowstyle="-|>",
                mutation_scale=8,
                linewidth=0.5 + min(count, 24) / 12,
                color=ARROW,
                alpha=0.55,
            )
        )
    for room, (x, y) in place.items():
        sources = find_sources(room)
        lines = sum(p.read_text(encoding="utf-8").count("\n") for p in sources)
        box = FancyBboxPatch(
            (x - 0.95, y - 0.28), 1.9, 0.56, boxstyle="round,pad=0.02", fc=PALE, ec=INK, lw=0.8
        )
        axes.add_patch(box)
        axes.text(x, y + 0.06, room, ha="center", va="center", fontsize=10, color=INK)
        words = f"{len(sources)} file{'s' if len(sources) > 1 else ''}, {lines:,} lines"
        axes.text(x, y - 0.15, words, ha="center", va="center", fontsize=6.5, color=INK)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})


def hash_side(room: str, other: str) -> bool:
    """Choose a side for an arrow's bend, the same in every run."""
    return (len(room) + len(other)) % 2 == 0


if __name__ == "__main__":
    draw_rooms(Path(sys.argv[1]))
