"""Bad input, through the public doors: one sentence, a named exception, nothing written."""

from __future__ import annotations

import gzip
import io
import pickle
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer as r

from helpers.cli import main
from helpers.errors import (
    DataError,
    FormatError,
    MissingDataError,
    ParameterError,
    StorageError,
    UnblocsError,
    UnsafeFileError,
)
from helpers.record.load import clean_source, load_record, read_record

GA = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,"
    "agenda_title,subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,"
    "total_ms,undl_link\n"
)
TAIL = ",,,,A title,,,,2,1,0,0,3,https://digitallibrary.un.org/record/4030000\n"
ROWS = [
    f"4030000,{code},{name},{vote},2022-12-15,77,A/RES/77/229{TAIL}"
    for code, name, vote in (
        ("FRA", "FRANCE", "Y"),
        ("TUR", "TÜRKIYE", "Y"),
        ("RUS", "RUSSIAN FEDERATION", "N"),
    )
]
GOOD = GA + "".join(ROWS)
SC = (
    "undl_id,ms_code,ms_name,ms_vote,date,resolution,draft,meeting,description,agenda,subjects,"
    "modality,vote_note,total_yes,total_no,total_abstentions,total_non_voting,total_ms,undl_link\n"
)


def zipped(name: str, data: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return memory.getvalue()


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def without(column: str) -> str:
    """The good file without one of its columns."""
    place = GA.split(",").index(column)
    lines = [line.split(",") for line in GOOD.splitlines()]
    return "\n".join(",".join(c for i, c in enumerate(line) if i != place) for line in lines)


def as_parquet() -> bytes:
    memory = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(memory)
    return memory.getvalue()


@dataclass(frozen=True)
class Bad:
    """A bad file: how to make its bytes, the exception, and what the sentence must hold."""

    make: Callable[[], bytes | str]
    error: type[UnblocsError]
    says: tuple[str, ...]
    source: str = "undl-ga"


def text(old: str, new: str, count: int = 1) -> Callable[[], str]:
    """The good file with something replaced."""
    assert old in GOOD
    return lambda: GOOD.replace(old, new, count)


NOISE = "".join(ROWS) * 400
BAD = {
    "truncated gzip": Bad(
        lambda: gzip.compress((GA + NOISE).encode())[:-200],
        FormatError,
        ("the gzip file is damaged or cut short", "download or copy it again"),
    ),
    "HTML saved as CSV": Bad(
        lambda: "<!DOCTYPE html>\n<html><body>Human verification</body></html>",
        FormatError,
        ("is a web page, not data",),
    ),
    "wrong delimiter": Bad(
        lambda: GOOD.replace(",", ";"), FormatError, ("line 1", "separated by a semicolon")
    ),
    "missing column": Bad(lambda: without("ms_vote"), FormatError, ("line 1", "ms_vote")),
    "unknown vote": Bad(
        text("FEDERATION,N", "FEDERATION,Q"), DataError, ("line 4", "column ms_vote", "'Q'")
    ),
    "missing vote": Bad(
        text("FEDERATION,N", "FEDERATION,"), DataError, ("line 4", "column ms_vote")
    ),
    "unknown member": Bad(
        text("FRA,FRANCE", "ATL,ATLANTIS"), DataError, ("line 2", "column ms_name", "'ATLANTIS'")
    ),
    "date that is none": Bad(
        text("2022-12-15", "2022-13-15", 3), DataError, ("line 2", "column date", "2022-13-15")
    ),
    "total that is none": Bad(
        text(",2,1,0,0,3,", ",two,1,0,0,3,", 3),
        DataError,
        ("line 2", "column total_yes", "'two'"),
    ),
    "record number that is none": Bad(
        text("4030000,TUR", "x,TUR"), DataError, ("line 3", "column undl_id", "'x'")
    ),
    "row with too many fields": Bad(text("TÜRKIYE,Y", "TÜRKIYE,Y,Y"), FormatError, ("line 3",)),
    "row with too few fields": Bad(text("TÜRKIYE,Y,", "TÜRKIYE,"), FormatError, ("line 3",)),
    "quote that is never closed": Bad(
        lambda: GOOD.replace("A title", '"A title', 1) + NOISE, FormatError, ("line",)
    ),
    "empty": Bad(lambda: "", FormatError, ("is empty (0 bytes)",)),
    "header only": Bad(lambda: GA, FormatError, ("holds a header and no rows",)),
    "two byte-order marks": Bad(
        lambda: "\ufeff\ufeff" + GOOD, FormatError, ("two byte-order marks",)
    ),
    "Latin-1": Bad(
        lambda: GOOD.encode("latin-1"),
        FormatError,
        ("line 3, column ms_name", "byte 0xdc is not UTF-8", "Latin-1"),
    ),
    "UTF-16": Bad(lambda: GOOD.encode("utf-16"), FormatError, ("text in UTF-16",)),
    "zip bomb": Bad(
        lambda: zipped("votes.csv", GOOD.encode() + bytes(200_000_000)),
        UnsafeFileError,
        ("refused", "times the packed size"),
    ),
    "zstd bomb": Bad(
        lambda: zstd(GOOD.encode() + bytes(200_000_000)),
        UnsafeFileError,
        ("refused", "times the packed size"),
    ),
    "path traversal": Bad(
        lambda: zipped("../../votes.csv", GOOD.encode()),
        UnsafeFileError,
        ("refused", "a path that leaves its folder", "'../../votes.csv'"),
    ),
    "Parquet with another schema": Bad(as_parquet, FormatError, ("is a Parquet table",)),
    "pickle": Bad(
        lambda: pickle.dumps({"vote": [1]}, protocol=0), FormatError, ("line 1 has one column",)
    ),
    "the Council's file": Bad(
        lambda: SC + "1,FRA,FRANCE,Y,2025-02-24,S/RES/2774" + "," * 13,
        FormatError,
        ("is the Library's file of the SC, not of the GA",),
    ),
    "dyadic scores for the Library's": Bad(
        lambda: "ccode1,ccode2,agree,year\n2,20,0.5,1990\n",
        FormatError,
        ("seems to be a table of agreement scores",),
    ),
    "unvotes for the Library's": Bad(
        lambda: "rcid,country,country_code,vote\n3,France,FR,yes\n",
        FormatError,
        ("is a file of unvotes, not of the Library's voting data",),
    ),
    "dyadic scores": Bad(
        lambda: "ccode1,ccode2,agree,year\n2,20,0.5,1990\n",
        FormatError,
        ("seems to be a table of agreement scores", "columns ccode1, ccode2, agree, year"),
        "voeten",
    ),
    "one column per country": Bad(
        lambda: (
            "rcid,USA,FRA,GBR,RUS,CHN,DEU,ITA,ESP,POL,NLD,BEL,DNK,NOR,SWE,FIN,IRL,PRT,GRC,"
            "TUR,IND,BRA\n1" + ",1" * 21
        ),
        FormatError,
        ("seems to be a wide table",),
        "unvotes",
    ),
    "country-years": Bad(
        lambda: "ccode,year,nvotesall,pctagreeus\n2,1990,80,1\n",
        FormatError,
        ("seems to be a table of counts or shares",),
        "voeten",
    ),
    "ideal points": Bad(
        lambda: "iso3c,session,IdealPointAll,NVotesAll\nUSA,70,2.5,80\n",
        FormatError,
        ("seems to be a table of ideal-point estimates",),
        "voeten",
    ),
    "an unknown Voeten vote": Bad(
        lambda: (
            "rcid,session,vote,ccode,date,unres\n3,60,1,2,2005-12-01,R/60/1\n"
            "3,60,7,220,2005-12-01,R/60/1\n"
        ),
        DataError,
        ("line 3", "column vote", "'7'"),
        "voeten",
    ),
}


def lay_out(folder: Path) -> dict[str, bytes]:
    """An output folder with something in it."""
    folder.mkdir()
    (folder / "votes.parquet").write_bytes(b"earlier result")
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def write(path: Path, made: bytes | str) -> Path:
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without any source."""
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    (tmp_path / "home").mkdir()
    return tmp_path


def test_the_good_file_is_good(home: Path) -> None:
    """Otherwise each refusal below might have another reason."""
    path = write(home / "votes.csv", GOOD)
    record = clean_source("undl-ga", [path], home / "out")
    assert list(record.votes["vote"]) == ["yes", "no", "yes"]  # FRA, RUS, TUR


@pytest.mark.parametrize("case", BAD)
def test_one_sentence_and_nothing_written(
    home: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = BAD[case]
    path = write(home / "2026_02_06_ga_voting.csv", bad.make())
    before = lay_out(home / "out")
    with pytest.raises(UnblocsError) as caught:
        clean_source(bad.source, [path], home / "out")
    sentence = str(caught.value)
    assert type(caught.value) is bad.error
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    for part in bad.says:
        assert part in sentence
    with pytest.raises(bad.error):
        load_record(bad.source, files=[path])
    status = main(["clean", bad.source, str(path), "--out", str(home / "out")])
    shown = capsys.readouterr()
    assert (status, shown.out) == (1, "")
    assert shown.err == f"unblocs: {sentence}\n"
    assert contents(home / "out") == before
    assert not list((home / "home").rglob("*.parquet"))


def test_a_five_gigabyte_file(home: Path) -> None:
    path = home / "votes.csv"
    with path.open("wb") as file:
        file.write(GOOD.encode())
        file.truncate(5 * 10**9)  # sparse: takes no space
    with pytest.raises(UnsafeFileError, match=r"refused, its 5,000,000,000 bytes are more than"):
        clean_source("undl-ga", [path], home / "out")
    assert not (home / "out").exists()


@pytest.mark.parametrize("kind", ["a promise", "a function"])
def test_an_r_file_with_code(home: Path, kind: str) -> None:
    code = {"a promise": r.integer(5) + r.NIL, "a function": r.integer(3) + r.NIL}[kind]
    table = r.frame({"rcid": r.integers([1]), "vote": code}, 1)
    path = r.save(home / "un_votes.rda", {"un_votes": table})
    with pytest.raises(UnsafeFileError, match=f"refused, it holds {kind}"):
        clean_source("unvotes", [path], home / "out")
    assert not (home / "out").exists()


def test_nothing_in_a_file_runs(home: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (home / "ran",))  # type: ignore[return-value]

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = write(home / "votes.csv", pickle.dumps(Trap(), protocol=protocol))
        for source in ("undl-ga", "unvotes", "voeten"):
            with pytest.raises((FormatError, MissingDataError)):
                clean_source(source, [path], home / "out")
    assert not (home / "ran").exists() and not (home / "out").exists()


# ----------------------------------------------------------------------------- no file, or several


def test_no_such_file(home: Path) -> None:
    path = home / "gone.csv"
    with pytest.raises(MissingDataError, match="there is no such file"):
        clean_source("undl-ga", [path], home / "out")


def test_a_folder_for_a_file(home: Path) -> None:
    folder = home / "votes.csv"
    folder.mkdir()
    with pytest.raises(MissingDataError, match=r"no file of undl-ga in .*votes\.csv"):
        clean_source("undl-ga", [folder], home / "out")
    with pytest.raises(FormatError, match="is a folder, not a file"):
        clean_source("unvotes", [folder, folder], home / "out")
    write(folder / "anything", GOOD)  # a folder with the file in it is fine
    assert len(clean_source("undl-ga", [folder], home / "out").votes) == 3


def test_too_many_files(home: Path) -> None:
    path = write(home / "votes.csv", GOOD)
    with pytest.raises(ParameterError, match="one file is needed, got 2"):
        clean_source("undl-ga", [path, path], home / "out")


def test_nothing_fetched_yet(home: Path) -> None:
    with pytest.raises(MissingDataError, match="run 'unblocs fetch undl-ga', or open https://"):
        clean_source("undl-ga", None, home / "out")


def test_an_unknown_source(home: Path) -> None:
    with pytest.raises(ParameterError, match="did you mean 'undl-ga'"):
        clean_source("undl-gaa", None, home / "out")


# ----------------------------------------------------------------------------- output


def test_an_output_folder_that_is_a_file(home: Path) -> None:
    path = write(home / "votes.csv", GOOD)
    out = write(home / "out", "in the way")
    with pytest.raises(StorageError, match="cannot write"):
        clean_source("undl-ga", [path], out)
    assert out.read_text() == "in the way"


def test_a_disk_that_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    import pyarrow.parquet as pq

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path, before = write(home / "votes.csv", GOOD), lay_out(home / "out")
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(StorageError, match="the disk is full"):
        clean_source("undl-ga", [path], home / "out")
    assert contents(home / "out") == before


# ----------------------------------------------------------------------------- clean tables


@pytest.fixture
def tables(home: Path) -> Path:
    clean_source("undl-ga", [write(home / "votes.csv", GOOD)], home / "out")
    return home / "out"


def spoil_columns(folder: Path) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(folder / "votes.parquet")


def spoil_bytes(folder: Path) -> None:
    (folder / "votes.parquet").write_bytes((folder / "votes.parquet").read_bytes()[:300])


def spoil_missing(folder: Path) -> None:
    (folder / "members.parquet").unlink()


def spoil_values(folder: Path) -> None:
    votes = pd.read_parquet(folder / "votes.parquet").astype("str")
    votes.assign(vote="maybe").to_parquet(folder / "votes.parquet")


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        (spoil_columns, FormatError, "votes.parquet: lacks the columns roll_call"),
        (spoil_bytes, FormatError, "votes.parquet: is no Parquet table"),
        (spoil_missing, MissingDataError, "members.parquet: there is no such file"),
        (spoil_values, DataError, "votes"),
    ],
)
def test_clean_tables_that_are_not(
    tables: Path, spoil: Callable[[Path], None], error: type[UnblocsError], says: str
) -> None:
    assert len(read_record(tables).votes) == 3
    spoil(tables)
    with pytest.raises(error, match=says) as caught:
        read_record(tables)
    assert "\n" not in str(caught.value)
