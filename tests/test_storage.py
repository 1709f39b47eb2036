"""Atomic writes, cached stages: what is written is whole, and what is read back is equal."""

from __future__ import annotations

import contextlib
import errno
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import store
from helpers.errors import MissingDataError, StorageError
from helpers.store import folders


@dataclass(frozen=True)
class Result:
    frame: pd.DataFrame
    array: np.ndarray
    names: tuple[str, ...]
    options: dict
    absent: pd.DataFrame | None


def make_result() -> Result:
    square = pd.DataFrame([[1.0, np.nan], [np.nan, 1.0]], index=["A", "B"], columns=["A", "B"])
    return Result(square, np.arange(6).reshape(2, 3), ("A", "B"), {"k": 2}, None)


def names_in(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    return tmp_path


def test_a_result_is_computed_once_for_what_it_is_computed_from(home: Path) -> None:
    calls = []

    def compute(values: np.ndarray, *, shift: float = 0.0) -> Result:
        calls.append(shift)
        return replace(make_result(), array=values + shift)

    values = np.arange(6).reshape(2, 3)
    first = store.cached(Result, compute, values)
    again = store.cached(Result, compute, values.copy())
    other = store.cached(Result, compute, values, shift=1.0)
    assert calls == [0.0, 1.0]
    pd.testing.assert_frame_equal(again.frame, first.frame)
    np.testing.assert_array_equal(other.array, values + 1)
    assert (again.names, again.options, again.absent) == (("A", "B"), {"k": 2}, None)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("file", ["frame.npy", "array.npy", "manifest.json"])
@pytest.mark.parametrize("damage", [flip_a_bit, Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_damaged_cache_is_computed_anew_and_replaced(
    home: Path, file: str, damage: Callable[[Path], object]
) -> None:
    """A flipped bit in an array once gave another result without a word."""
    calls = []

    def compute() -> Result:
        calls.append(1)
        return make_result()

    store.cached(Result, compute)
    [path] = (home / "data" / "processed" / "result").glob(f"*/{file}")
    damage(path)
    for _ in range(2):
        again = store.cached(Result, compute)
        pd.testing.assert_frame_equal(again.frame, make_result().frame)
        np.testing.assert_array_equal(again.array, make_result().array)
    assert len(calls) == 2


def test_a_cache_that_cannot_be_written_stops_nothing(home: Path) -> None:
    (home / "data").write_text("a file where a folder should be")
    assert store.cached(Result, make_result).names == ("A", "B")


@pytest.mark.parametrize(
    ("frame", "suffix"),
    [
        (pd.DataFrame([[1, 2], [3, 4]], index=["A", "B"], columns=["x", "y"]), "npy"),
        (pd.DataFrame([[0.5, np.nan]], index=["A"], columns=["x", "y"]), "npy"),
        (pd.DataFrame({"x": [1], "y": [0.5]}, index=["A"]), "parquet"),
        (pd.DataFrame({"x": [0.5]}, index=pd.Index(["A"], name="member")), "parquet"),
        (pd.DataFrame({"x": [0.5, 1.5]}), "parquet"),
        (pd.DataFrame({"x": pd.array([1, None], dtype="Int64")}, index=["A", "B"]), "parquet"),
    ],
)
def test_a_frame_comes_back_as_it_was(tmp_path: Path, frame: pd.DataFrame, suffix: str) -> None:
    result = Result(frame, np.zeros(1), (), {}, None)
    store.save_result(result, tmp_path)
    assert (tmp_path / f"frame.{suffix}").is_file()
    pd.testing.assert_frame_equal(store.load_result(Result, tmp_path).frame, frame)


def test_a_failed_computation_leaves_nothing(home: Path) -> None:
    def fail() -> Result:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.cached(Result, fail)
    assert not (home / "data").exists()


def hold_a_folder(target: Path) -> subprocess.Popen[str]:
    """Start a process that has made half of a folder, and hold it there."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom helpers.store import atomic_folder\n"
        "with atomic_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').write_text('half')\n"
        "    print(folder, flush=True)\n    time.sleep(600)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE, text=True
    )


def test_only_what_dead_processes_left_is_swept(tmp_path: Path) -> None:
    """A study ``s`` once swept away the folder of ``s.1946``, taking 1946 for a dead process."""
    dead, alive = (hold_a_folder(tmp_path / name) for name in ("s", "s.1946"))
    folders = [Path(p.stdout.readline().strip()) for p in (dead, alive) if p.stdout]
    dead.kill()
    dead.communicate()
    store.sweep_unfinished(tmp_path)
    assert [folder.exists() for folder in folders] == [False, True]
    alive.kill()
    alive.communicate()
    store.sweep_unfinished(tmp_path)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("can_exchange", [True, False])
def test_killed_between_two_renames_the_old_folder_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    """Where the second rename fails what was there is put back; an exchange has no second."""
    target = tmp_path / "report"
    with store.atomic_folder(target) as folder:
        (folder / "old").touch()
    if not can_exchange:
        monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    rename = Path.rename

    def fail_once(self: Path, other: Path) -> Path:
        if self.name == "new" and not target.exists():
            raise OSError(errno.EIO, "the disk is gone")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", fail_once)
    with (
        contextlib.suppress(StorageError),
        store.atomic_folder(target) as folder,
    ):
        (folder / "new").touch()
    assert names_in(target) == (["new"] if can_exchange else ["old"])


def test_a_report_that_a_kill_took_out_of_its_place_goes_back(tmp_path: Path) -> None:
    place = tmp_path / ".unfinished" / "abc"
    (place / "old").mkdir(parents=True)
    (place / "old" / "index.html").touch()
    (place / "name").write_text("report")
    store.sweep_unfinished(tmp_path)
    assert names_in(tmp_path / "report") == ["index.html"]


def test_three_hundred_writes_by_two_writers(tmp_path: Path) -> None:
    """2 of 300 once failed when both replaced one folder."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom helpers.store import atomic_folder\n"
        "for i in range(150):\n"
        "    with atomic_folder(Path(sys.argv[1])) as folder:\n"
        "        (folder / f'{sys.argv[2]}').write_text(str(i))\n"
    )
    target = tmp_path / "report"
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(target), name], stderr=subprocess.PIPE)
        for name in "ab"
    ]
    assert [w.communicate()[1] for w in writers] == [b"", b""]
    assert [w.returncode for w in writers] == [0, 0]
    [last] = names_in(target)
    assert (target / last).read_text() == "149"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = store.write_atomic(tmp_path / "a.txt", "old")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match=r"cannot write .*a\.txt: the disk is full"):
        store.write_atomic(target, "new")
    assert target.read_text() == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "report"
    for content in ("one", "two"):
        with store.atomic_folder(target) as folder:
            (folder / content).write_text(content)
    assert names_in(target) == ["two"]
    with pytest.raises(RuntimeError), store.atomic_folder(target) as folder:
        (folder / "three").write_text("three")
        raise RuntimeError
    assert names_in(target) == ["two"]
    assert names_in(tmp_path) == ["report"]


def test_json_bytes_do_not_depend_on_order(tmp_path: Path) -> None:
    a = store.write_json(tmp_path / "a.json", {"x": 1, "y": [1.5]}).read_bytes()
    b = store.write_json(tmp_path / "b.json", {"y": [1.5], "x": 1}).read_bytes()
    assert a == b
    with pytest.raises(ValueError, match="JSON"):
        store.write_json(tmp_path / "c.json", {"x": float("nan")})


def test_digest_sees_type_shape_and_content() -> None:
    a = np.zeros((2, 3), dtype=np.int8)
    assert store.digest(a) == store.digest(a.copy())
    different = [a.reshape(3, 2), a.astype(np.uint8), np.ones((2, 3), dtype=np.int8)]
    assert len({store.digest(x) for x in (a, *different)}) == 4


def test_what_travels_with_the_package() -> None:
    assert (store.bundled("notebooks") / "06_report.ipynb").is_file()
    with pytest.raises(MissingDataError, match="nothing/here: it comes with the project"):
        store.bundled("nothing/here")


@pytest.mark.parametrize("part", [object(), {1, 2}, np.array([object()]), {"inside": object()}])
def test_what_has_no_digest_is_refused(part: object) -> None:
    with pytest.raises(TypeError, match=r"digest: it cannot read the content of a (object|set)"):
        store.digest(part)


def test_frames_that_look_alike_have_digests_of_their_own() -> None:
    """`str` leaves out the middle of a long frame; labels, order and types count too."""
    frame = pd.DataFrame({"a": range(100), "b": 0.5})
    middle = frame.copy()
    middle.loc[50, "a"] = -1
    others = [middle, frame[["b", "a"]], frame.rename(columns={"a": "c"}), frame.iloc[::-1]]
    others += [frame.astype({"a": "int32"}), frame.set_index("a"), frame["a"]]
    found = {store.digest(x) for x in (frame, *others)}
    assert len(found) == 1 + len(others)
    assert store.digest({"x": frame}) == store.digest({"x": frame.copy()})
    words = pd.DataFrame({"v": ["yes", "no", None]})
    assert store.digest(words) != store.digest(words.astype("category"))


def test_results_are_digested_by_their_fields() -> None:
    one, same = make_result(), make_result()
    other = replace(one, names=("A", "C"))
    assert store.digest(one) == store.digest(same) != store.digest(other)
    assert store.digest([[1], 2]) != store.digest([1, [2]])
