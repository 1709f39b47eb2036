"""Atomic writes, cached stages: what is written is whole, and what is read back is equal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import MissingDataError, StorageError
from helpers.store import storage


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
    first = storage.cached(Result, compute, values)
    again = storage.cached(Result, compute, values.copy())
    other = storage.cached(Result, compute, values, shift=1.0)
    assert calls == [0.0, 1.0]
    pd.testing.assert_frame_equal(again.frame, first.frame)
    np.testing.assert_array_equal(other.array, values + 1)
    assert (again.names, again.options, again.absent) == (("A", "B"), {"k": 2}, None)


def test_a_broken_cache_is_computed_anew(home: Path) -> None:
    storage.cached(Result, make_result)
    [frame] = (home / "data" / "processed" / "result").glob("*/frame.npy")
    frame.write_bytes(b"no numbers")
    again = storage.cached(Result, make_result)
    pd.testing.assert_frame_equal(again.frame, make_result().frame)


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
    storage.save_result(result, tmp_path)
    assert (tmp_path / f"frame.{suffix}").is_file()
    pd.testing.assert_frame_equal(storage.load_result(Result, tmp_path).frame, frame)


def test_a_failed_computation_leaves_nothing(home: Path) -> None:
    def fail() -> Result:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        storage.cached(Result, fail)
    assert not (home / "data").exists()


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = storage.write_atomic(tmp_path / "a.txt", "old")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match=r"cannot write .*a\.txt: the disk is full"):
        storage.write_atomic(target, "new")
    assert target.read_text() == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "report"
    for content in ("one", "two"):
        with storage.atomic_folder(target) as folder:
            (folder / content).write_text(content)
    assert names_in(target) == ["two"]
    with pytest.raises(RuntimeError), storage.atomic_folder(target) as folder:
        (folder / "three").write_text("three")
        raise RuntimeError
    assert names_in(target) == ["two"]
    assert names_in(tmp_path) == ["report"]


def test_json_bytes_do_not_depend_on_order(tmp_path: Path) -> None:
    a = storage.write_json(tmp_path / "a.json", {"x": 1, "y": [1.5]}).read_bytes()
    b = storage.write_json(tmp_path / "b.json", {"y": [1.5], "x": 1}).read_bytes()
    assert a == b
    with pytest.raises(ValueError, match="JSON"):
        storage.write_json(tmp_path / "c.json", {"x": float("nan")})


def test_digest_sees_type_shape_and_content() -> None:
    a = np.zeros((2, 3), dtype=np.int8)
    assert storage.digest(a) == storage.digest(a.copy())
    different = [a.reshape(3, 2), a.astype(np.uint8), np.ones((2, 3), dtype=np.int8)]
    assert len({storage.digest(x) for x in (a, *different)}) == 4


def test_what_travels_with_the_package() -> None:
    assert (storage.bundled("notebooks") / "06_report.ipynb").is_file()
    with pytest.raises(MissingDataError, match="nothing/here: it comes with the project"):
        storage.bundled("nothing/here")


@pytest.mark.parametrize("part", [object(), {1, 2}, np.array([object()]), {"inside": object()}])
def test_what_has_no_digest_is_refused(part: object) -> None:
    with pytest.raises(TypeError, match=r"digest: it cannot read the content of a (object|set)"):
        storage.digest(part)


def test_frames_that_look_alike_have_digests_of_their_own() -> None:
    """`str` leaves out the middle of a long frame; labels, order and types count too."""
    frame = pd.DataFrame({"a": range(100), "b": 0.5})
    middle = frame.copy()
    middle.loc[50, "a"] = -1
    others = [middle, frame[["b", "a"]], frame.rename(columns={"a": "c"}), frame.iloc[::-1]]
    others += [frame.astype({"a": "int32"}), frame.set_index("a"), frame["a"]]
    found = {storage.digest(x) for x in (frame, *others)}
    assert len(found) == 1 + len(others)
    assert storage.digest({"x": frame}) == storage.digest({"x": frame.copy()})
    words = pd.DataFrame({"v": ["yes", "no", None]})
    assert storage.digest(words) != storage.digest(words.astype("category"))


def test_results_are_digested_by_their_fields() -> None:
    one, same = make_result(), make_result()
    other = replace(one, names=("A", "C"))
    assert storage.digest(one) == storage.digest(same) != storage.digest(other)
    assert storage.digest([[1], 2]) != storage.digest([1, [2]])
