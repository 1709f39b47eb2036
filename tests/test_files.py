"""Files are opened by what they hold, and refused in one sentence that says why."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from helpers.errors import FormatError, MissingDataError, SourceError, UnsafeFileError
from helpers.record import files

TEXT = "member,vote\nUSA,yes\nTÜRKİYE,no\n".encode()


def zipped(**members: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return memory.getvalue()


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


PACKERS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "two gzip members": lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "two zstd frames": lambda data: zstd(data[:9]) + zstd(data[9:]),
    "zip": lambda data: zipped(**{"2026_02_06_ga_voting.csv": data}),
    "zip in a folder": lambda data: zipped(
        **{"f/": b"", "f/votes.csv": data, "f/README.md": b"x", "__MACOSX/f/._votes.csv": b"y"}
    ),
}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["votes", "votes.csv", "votes.gz", "votes.zip"])
def test_content_decides_and_the_name_does_not(tmp_path: Path, packer: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKERS[packer](TEXT))
    with files.open_bytes(path) as file:
        assert file.read() == TEXT
    assert files.read_header(path) == ["member", "vote"]
    assert files.sniff_delimiter(path) == ","
    files.check_utf8(path)
    assert [p.name for p in tmp_path.iterdir()] == [name]  # nothing is extracted


def refused(path: Path, error: type[SourceError] | type[MissingDataError]) -> str:
    """The one sentence with which opening and reading the header of a file ends."""
    with pytest.raises(error) as caught:
        files.open_bytes(path)
    sentence = str(caught.value)
    assert "\n" not in sentence and str(path) in sentence
    return sentence.replace(str(path), "FILE")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd", "zip"])
@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_file_that_is_cut_short(tmp_path: Path, packer: str, share: float) -> None:
    noise = hashlib.shake_256(b"seed").digest(200_000)  # does not compress
    whole = PACKERS[packer](b"a,b\n" + noise)
    path = write(tmp_path / "votes.csv", whole[: int(len(whole) * share)])
    assert "damaged or cut short" in refused(path, FormatError)


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zip"])
def test_a_flipped_byte_is_noticed(tmp_path: Path, packer: str) -> None:
    whole = bytearray(PACKERS[packer](b"a,b\n" + hashlib.shake_256(b"seed").digest(200_000)))
    whole[100_000] ^= 1
    assert "damaged" in refused(write(tmp_path / "votes.csv", bytes(whole)), FormatError)


def test_what_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path, FormatError) == "FILE: is a folder, not a file; give a file in it"
    gone = refused(tmp_path / "gone.csv", MissingDataError)
    assert gone == "FILE: there is no such file"
    below = write(tmp_path / "a.csv", TEXT) / "b.csv"
    assert refused(below, MissingDataError) == "FILE: there is no such file"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no device files")
def test_a_device_is_refused() -> None:
    assert "device or pipe" in refused(Path(os.devnull), UnsafeFileError)


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="this user may read every file",
)
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "votes.csv", TEXT)
    path.chmod(0)
    assert "can't be opened" in refused(path, SourceError)


def test_empty_files(tmp_path: Path) -> None:
    assert "is empty (0 bytes)" in refused(write(tmp_path / "a.csv", b""), FormatError)
    packed = write(tmp_path / "a.gz", gzip.compress(b""))
    assert refused(packed, FormatError) == "FILE: is empty once unpacked"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body>Just a moment...</body></html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <html>", "is a web page"),
        (b'<?xml version="1.0"?><error/>', "is a web page"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"PAR1\x00", "is a Parquet table"),
        (TEXT.decode().encode("utf-16"), "is text in UTF-16"),
        (b"\xef\xbb\xbf\xef\xbb\xbf" + TEXT, "begins with two byte-order marks"),
    ],
)
@pytest.mark.parametrize("packer", ["plain", "gzip"])
def test_what_is_no_table_is_named(tmp_path: Path, data: bytes, what: str, packer: str) -> None:
    assert what in refused(write(tmp_path / "a.csv", PACKERS[packer](data)), FormatError)


def test_one_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"\xef\xbb\xbf" + TEXT)
    assert files.read_header(path) == ["member", "vote"]


# ----------------------------------------------------------------------------- sizes


def test_a_five_gigabyte_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    with path.open("wb") as file:
        file.write(TEXT)
        file.truncate(5 * 10**9)  # sparse: takes no space
    tracemalloc.start()
    sentence = refused(path, UnsafeFileError)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sentence == "FILE: refused, its 5,000,000,000 bytes are more than 2,147,483,648"
    assert peak < 1_000_000


@pytest.mark.parametrize("packer", ["gzip", "zip", "zstd", "xz", "bzip2"])
def test_a_bomb_is_stopped_early(
    tmp_path: Path, packer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_RATIO_FLOOR", 4 * 1024**2)
    monkeypatch.setattr(files, "MAX_RATIO", 300)
    path = write(tmp_path / "bomb", PACKERS[packer](b"a,b\n" + bytes(100 * 1024**2)))
    tracemalloc.start()
    sentence = refused(path, UnsafeFileError)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "times the packed size" in sentence
    assert peak < 64 * 1024**2  # of the 100 MiB that it would unpack to


def test_the_limit_holds_for_what_packs_honestly(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"seed").digest(50_000)
    path = write(tmp_path / "a.gz", gzip.compress(noise))
    assert files.open_bytes(path, max_unpacked=50_000_000).read() == noise
    with pytest.raises(UnsafeFileError, match=r"is more|are more"):
        files.open_bytes(path, max_unpacked=49_000)
    packed = write(tmp_path / "b.gz", gzip.compress(TEXT * 100))
    with pytest.raises(UnsafeFileError, match="unpack to"):
        files.open_bytes(packed, max_unpacked=len(TEXT) * 100 - 1)


# ----------------------------------------------------------------------------- zip


@pytest.mark.parametrize(
    "name", ["../votes.csv", "a/../../votes.csv", "/etc/votes.csv", "C:votes.csv", "..\\votes.csv"]
)
def test_a_path_that_escapes_from_a_zip(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "votes.zip", zipped(**{"votes.csv": TEXT, name: TEXT}))
    sentence = refused(path, UnsafeFileError)
    assert sentence == f"FILE: refused, the archive holds a path that leaves its folder ({name!r})"


def test_a_zip_needs_exactly_one_data_file(tmp_path: Path) -> None:
    two = write(tmp_path / "two.zip", zipped(**{"a.csv": TEXT, "b.csv": TEXT}))
    assert "exactly one data file, this one holds a.csv, b.csv" in refused(two, FormatError)
    none = write(tmp_path / "none.zip", zipped())
    assert "this one holds nothing" in refused(none, FormatError)
    excel = write(tmp_path / "a.csv", zipped(**{"[Content_Types].xml": b"", "xl/a.xml": b""}))
    assert "is an Excel or Word document" in refused(excel, FormatError)


def test_an_encrypted_zip(tmp_path: Path) -> None:
    data = bytearray(zipped(**{"a.csv": TEXT}))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + offset] |= 1  # the flag "encrypted"
    sentence = refused(write(tmp_path / "a.zip", bytes(data)), FormatError)
    assert sentence == "FILE: a.csv is encrypted; unpack it first"


# ----------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b"a;b;c\n1;2;3\n",
            "FILE: the columns of line 1 are separated by a semicolon; "
            "expected commas or tabs: save it again with commas",
        ),
        (
            b"a|b|c\n",
            "FILE: the columns of line 1 are separated by a bar; "
            "expected commas or tabs: save it again with commas",
        ),
        (
            b"member vote\n",
            "FILE: line 1 has one column only ('member vote'); "
            "expected names separated by commas or tabs",
        ),
        (
            b"\n\n",
            "FILE: line 1 has one column only (''); expected names separated by commas or tabs",
        ),
        (b"a,\x00,b\n", "FILE: line 1 holds zero bytes, so it is no text table in UTF-8"),
        (b"a," * 40_000, "FILE: line 1 does not end within 65,536 bytes: no table"),
    ],
)
def test_headers_that_are_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = write(tmp_path / "a.csv", data)
    with pytest.raises(FormatError) as caught:
        files.read_header(path)
    assert str(caught.value).replace(str(path), "FILE") == sentence


def test_a_header_separated_by_tabs_with_commas_and_quotes_inside(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tab", b'"a, b"\tc\t""\nx\ty\tz\n')
    assert files.read_header(path) == ["a, b", "c", ""]
    assert files.sniff_delimiter(path) == "\t"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_byte_that_is_not_utf8_is_found(tmp_path: Path, encoding: str) -> None:
    # Line 3 is the second row of data; the name is its second column.
    text = 'code,name,vote\nUSA,UNITED STATES,Y\nTUR,"TÜRKIYE, A",Y\n'
    path = write(tmp_path / "a.csv", text.encode(encoding))
    with pytest.raises(FormatError) as caught:
        files.check_utf8(path)
    assert str(caught.value) == (
        f"{path}: line 3, column name: byte 0xdc is not UTF-8 "
        "(the file may be in Latin-1 or Windows-1252); save it as CSV in UTF-8"
    )


@pytest.mark.parametrize(("row", "columns"), [("1,2", 2), ("1,2,3,4", 4), ('"1,2",3', 2)])
def test_a_row_of_another_width_is_found(tmp_path: Path, row: str, columns: int) -> None:
    # The second row of data spans lines 3 and 4, so that the bad row is on line 5.
    path = write(tmp_path / "a.csv", f'a,b,c\n1,2,3\n"x\ny",2,3\n{row}\n'.encode())
    with pytest.raises(FormatError) as caught:
        files.check_rows(path)
    assert str(caught.value) == f"{path}: line 5 has {columns} columns, line 1 has 3"


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b'a,b\n"1,2\n' + b"3,4\n" * 50_000)  # over csv's field limit
    with pytest.raises(FormatError, match="a quote is opened and never closed"):
        files.check_rows(path)


def test_a_header_that_is_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "vote,libellé\n".encode("latin-1"))
    with pytest.raises(FormatError, match="line 1, column 2: byte 0xe9"):
        files.read_header(path)


def test_digest_is_the_published_one_of_abc(tmp_path: Path) -> None:
    # FIPS 180-2, appendix B.1: SHA-256 of "abc".
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.checksum(write(tmp_path / "abc", b"abc")) == expected


@pytest.mark.mirror
def test_the_full_record_opens(mirror: Path) -> None:
    path = next((mirror / "undl").glob("*ga_voting.csv.gz"))
    with files.open_bytes(path) as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 22), b""))
    assert lines >= 917_380 + 1  # rows of the audit and the header
    assert files.read_header(path)[:4] == ["undl_id", "ms_code", "ms_name", "ms_vote"]
