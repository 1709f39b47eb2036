"""The reader of R files: what it reads, and that it reads nothing that could run."""

from __future__ import annotations

import contextlib
import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer as r

from helpers.errors import FormatError, UnsafeFileError
from helpers.record.sources.rda import read_rda


def _save(tmp_path: Path, columns: dict[str, bytes], rows: int, version: int = 2) -> Path:
    return r.save(tmp_path / "a.rda", {"t": r.frame(columns, rows)}, version)


def test_every_kind_of_column_keeps_its_values(tmp_path: Path) -> None:
    columns = {
        "text": r.strings(["a", None, "é"]),
        "latin": r.strings(["Ñ", "b", "b"], flags=1 << 14),
        "whole": r.integers([1, r.NA_INTEGER, 3]),
        "logical": r.integers([1, 0, r.NA_INTEGER], kind=10),
        "number": r.reals([1.5, np.nan, -2.0]),
        # 17,167 days after 1 January 1970 is 1 January 2017: 47 years, 12 of them leap
        "day": r.reals([0, np.nan, 17_167], r.r_class("Date")),
        "moment": r.reals([86_400, np.nan, 0], r.r_class("POSIXct", "POSIXt")),
        "level": r.factor([2, r.NA_INTEGER, 1], ["no", "yes"]),
    }
    table = read_rda(_save(tmp_path, columns, 3))["t"]
    text = table[["text", "latin", "level"]].astype(object).where(table.notna(), None)
    assert text["text"].tolist() == ["a", None, "é"]
    assert text["latin"].tolist() == ["Ñ", "b", "b"]
    assert text["level"].tolist() == ["yes", None, "no"]
    assert table["whole"].tolist() == [1, pd.NA, 3]
    assert table["logical"].tolist() == [1, 0, pd.NA]
    assert table["number"].tolist()[::2] == [1.5, -2.0] and np.isnan(table["number"][1])
    assert table["day"].dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        "1970-01-01",
        "",
        "2017-01-01",
    ]
    assert table["moment"][0] == pd.Timestamp("1970-01-02")


def test_compact_vectors_of_r_3_5_are_expanded(tmp_path: Path) -> None:
    def compact(name: str, state: bytes) -> bytes:
        info = b"".join(
            r.integer(2) + part for part in (r.symbol(name), r.symbol("base"), r.integers([13]))
        )
        return r.integer(238) + info + r.NIL + state + r.NIL

    wrapped = r.integer(19) + r.integer(2) + r.strings(["x", "y", "x"]) + r.integers([0, 0])
    deferred = r.integer(2) + r.integers([7, 8, r.NA_INTEGER]) + r.integers([0])
    columns = {
        "sequence": compact("compact_intseq", r.reals([3, 5, 1])),
        "wrapped": compact("wrap_string", wrapped),
        "deferred": compact("deferred_string", deferred),
    }
    table = read_rda(_save(tmp_path, columns, 3, version=3))["t"]
    assert table["sequence"].tolist() == [5, 6, 7]
    assert table["wrapped"].tolist() == ["x", "y", "x"]
    assert table["deferred"].astype(object).fillna("").tolist() == ["7", "8", ""]


def test_objects_that_are_no_table_are_left_out(tmp_path: Path) -> None:
    table = r.frame({"a": r.integers([1])}, 1)
    pointer = r.integer(22) + r.NIL + r.NIL
    path = r.save(tmp_path / "a.rda", {"x": r.integers([1]), "p": pointer, "t": table})
    assert list(read_rda(path)) == ["t"]


CODE = {
    "a function": r.integer(3) + r.NIL,
    "an environment": r.integer(4) + r.integer(0),
    "a promise": r.integer(5) + r.NIL,
    "a call": r.integer(6) + r.symbol("system") + r.NIL,
    "an expression": r.integer(20) + r.integer(0),
    "byte code": r.integer(21) + r.integer(0),
    "an S4 object": r.integer(25) + r.NIL,
}


@pytest.mark.parametrize("what", CODE)
@pytest.mark.parametrize("where", ["object", "column", "attribute"])
def test_a_file_with_code_is_refused_whole(tmp_path: Path, what: str, where: str) -> None:
    good = r.integers([1])
    objects = {
        "object": {"t": r.frame({"a": good}, 1), "f": CODE[what]},
        "column": {"t": r.frame({"a": good, "b": CODE[what]}, 1)},
        "attribute": {"t": r.frame({"a": r.integers([1], r.pairlist({"k": CODE[what]}))}, 1)},
    }[where]
    path = r.save(tmp_path / "a.rda", objects)
    with pytest.raises(UnsafeFileError) as caught:
        read_rda(path)
    assert str(caught.value).startswith(f"{path}: refused, it holds {what} near byte ")
    assert str(caught.value).endswith("; only files with plain data are read")


def test_damage_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cut.rda"
    whole = r.save(tmp_path / "a.rda", {"t": r.frame({"a": r.strings(["x"] * 50)}, 50)})
    data = gzip.decompress(whole.read_bytes())
    for cut in range(20, len(data), 37):
        path.write_bytes(data[:cut])
        with pytest.raises(FormatError, match="damaged or cut short near byte"):
            read_rda(path)
    path.write_bytes(data[:33] + struct.pack(">i", 2**31 - 1) * 40)
    with pytest.raises((FormatError, UnsafeFileError)):
        read_rda(path)


def test_bytes_turned_at_random_never_end_in_anything_else(tmp_path: Path) -> None:
    columns = {
        "text": r.strings(["a", None, "é", "b"]),
        "day": r.reals([0, 1, 2, 3], r.r_class("Date")),
        "level": r.factor([1, 2, 1, 2], ["no", "yes"]),
    }
    whole = gzip.decompress(_save(tmp_path, columns, 4).read_bytes())
    rng = np.random.default_rng(1)
    path, refused = tmp_path / "b.rda", 0
    for _ in range(600):
        data = np.frombuffer(whole, np.uint8).copy()
        data[rng.integers(0, len(data), 2)] = rng.choice([0, 1, 2, 9, 16, 19, 127, 238, 255], 2)
        path.write_bytes(data.tobytes())
        try:
            read_rda(path)
        except (FormatError, UnsafeFileError):
            refused += 1
    assert refused > 200


def test_other_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.rda"
    path.write_bytes(b"RDB2\nB\n2\n197888\n")
    with pytest.raises(FormatError, match="no file of R's save"):
        read_rda(path)
    path.write_bytes(b"RDA2\nA\n2\n197888\n")
    with pytest.raises(FormatError, match="damaged or cut short"):
        read_rda(path)
    r.save(path, {"x": r.integers([1])})
    with pytest.raises(FormatError, match="holds no data frame"):
        read_rda(path)


@pytest.mark.mirror
@pytest.mark.filterwarnings("ignore:Missing constructor")
@pytest.mark.parametrize("name", ["un_roll_calls", "un_roll_call_issues"])
def test_the_independent_reader_reads_the_same(mirror: Path, name: str) -> None:
    import rdata

    path = mirror / "unvotes" / f"{name}.rda"
    theirs = rdata.read_rda(path)[name].reset_index(drop=True)
    ours = read_rda(path)[name]
    assert list(ours.columns) == list(theirs.columns)
    for column in ours.columns:
        a, b = ours[column], theirs[column]
        if a.dtype.kind == "M":
            b = pd.to_datetime(b, unit="D").astype("datetime64[s]")
        a, b = (x.astype(object).where(x.notna(), None) for x in (a, b))
        assert a.tolist() == b.tolist(), column


def _mixed() -> bytes:
    columns = {
        "text": r.strings(["a b", None, 'Côte\n"d\'Ivoire"', "\\"]),
        "whole": r.integers([1, r.NA_INTEGER, 3, -4]),
        "number": r.reals([0.5, float("nan"), 1e-9, 70.1]),
        "level": r.factor([1, 2, 1, 2], ["no", "yes"]),
        "day": r.reals([0, 1, 2, 20_000], r.r_class("Date")),
    }
    return r.frame(columns, 4)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("text", [False, True])
@pytest.mark.filterwarnings("ignore:Missing constructor")
def test_one_object_of_save_rds_is_read_in_both_forms(
    tmp_path: Path, version: int, text: bool
) -> None:
    import rdata

    path = r.save_rds(tmp_path / "votes.rds", _mixed(), version, text=text)
    (table,) = read_rda(path).values()
    saved = read_rda(r.save(tmp_path / "votes.rda", {"votes": _mixed()}))["votes"]
    pd.testing.assert_frame_equal(table, saved)
    assert table["text"].tolist()[0] == "a b"
    assert table["text"].tolist()[2:] == ['Côte\n"d\'Ivoire"', "\\"]
    # the independent reader agrees on the numbers
    theirs = rdata.read_rds(path)
    assert table["number"].tolist()[2:] == theirs["number"].tolist()[2:] == [1e-9, 70.1]
    assert table["whole"].tolist()[2:] == [3, -4]


def test_one_object_that_is_no_data_frame_is_named(tmp_path: Path) -> None:
    path = r.save_rds(tmp_path / "a.rds", r.integers([1, 2]))
    with pytest.raises(FormatError, match="holds no data frame"):
        read_rda(path)


def test_damage_to_the_text_form_never_ends_in_anything_else(tmp_path: Path) -> None:
    whole = gzip.decompress(
        r.save_rds(tmp_path / "a.rds", _mixed(), text=True).read_bytes()
    ).splitlines()
    rng = np.random.default_rng(2)
    path = tmp_path / "b.rds"
    for _ in range(300):
        lines = list(whole)
        lines[rng.integers(2, len(lines))] = rng.choice([b"", b"x", b"9", b"-1", b"NA", b"99999"])
        path.write_bytes(b"\n".join(lines[: rng.integers(len(lines) // 2, len(lines) + 1)]))
        with contextlib.suppress(FormatError, UnsafeFileError):
            read_rda(path)
