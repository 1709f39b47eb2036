"""Fetching from a server on this machine: what is stored, refused, taken up again."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from helpers.errors import FetchError, MissingDataError, ParameterError, StorageError
from helpers.record.sources import fetch as fetching
from helpers.record.sources.catalogue import (
    SOURCES,
    Source,
    SourceFile,
    describe_files,
    find_in,
    read_fetch_record,
)
from helpers.record.sources.fetch import fetch, inspect_file

HEADER = (
    "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,committee_report,meeting,title,"
    "agenda_title,subjects,vote_note,total_yes,total_no,total_abstentions,total_non_voting,"
    "total_ms,undl_link\n"
)
NOISE = hashlib.shake_256(b"seed").digest(600_000).hex()  # 1.2 MB that does not compress
CSV = (HEADER + f"1,USA,UNITED STATES,Y,2025-02-24,79,A/RES/79/1{',' * 13}{NOISE}\n").encode()
CHUNK = 16_384  # whole chunks of this many bytes are kept when the line is cut
PAGE = "https://digitallibrary.un.org/record/4060887"


@dataclass
class Server:
    """What the server on this machine answers, and what it was asked."""

    body: bytes = CSV
    status: int = 200
    content_type: str = "text/csv"
    tag: str = '"one"'
    cut_after: list[int] = field(default_factory=list)  # bytes sent before the line is cut
    ranges: list[str] = field(default_factory=list)  # the Range header of each request
    port: int = 0

    def address(self, name: str = "2026_02_06_ga_voting.csv") -> str:
        return f"http://127.0.0.1:{self.port}/record/4060887/files/{name}"


def make_handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            server.ranges.append(asked)
            fits = asked and self.headers.get("If-Range") == server.tag
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if fits else 0
            if fits and start >= len(server.body):
                self.send_error(416)
                return
            self.send_response(206 if fits else server.status)
            self.send_header("Content-Type", server.content_type)
            self.send_header("Content-Length", str(len(server.body) - start))
            self.send_header("ETag", server.tag)
            if fits:
                end, size = len(server.body) - 1, len(server.body)
                self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
            self.end_headers()
            end = start + server.cut_after.pop(0) if server.cut_after else len(server.body)
            with contextlib.suppress(ConnectionError):  # the client may have hung up
                self.wfile.write(server.body[start:end])

        def log_message(self, *args: object) -> None:
            pass

    return Handler


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetching, "PAUSE", 0)
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    state = Server()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(state))
    state.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_stored_and_recorded(server: Server, tmp_path: Path) -> None:
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert path == tmp_path / "2026_02_06_ga_voting.csv"
    assert path.read_bytes() == CSV
    assert names(tmp_path) == [path.name, f"{path.name}.source.json"]
    record = json.loads((tmp_path / f"{path.name}.source.json").read_text())
    date = record.pop("date")
    assert len(date) == 10 and date > "2026"
    assert record == {
        "source": "undl-ga",
        "file": path.name,
        "address": server.address(),
        "sha256": hashlib.sha256(CSV).hexdigest(),
        "bytes": len(CSV),
        "version": "2026-02-06",
    }
    citation = describe_files("undl-ga", [path])["citation"]
    assert citation == (
        "United Nations, Dag Hammarskjöld Library, General Assembly Voting Data, "
        f"version 2026-02-06, {PAGE} (accessed {date})"
    )


def test_what_is_there_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert fetch("undl-ga", folder=tmp_path, progress=False)[0].read_bytes() == CSV
    assert server.ranges == [""]


def test_a_packed_file_is_kept_as_it_is(server: Server, tmp_path: Path) -> None:
    server.body = gzip.compress(CSV)
    address = server.address("2026_02_06_ga_voting.csv.gz?ln=en")
    (path,) = fetch("undl-ga", folder=tmp_path, address=address, progress=False)
    assert path.name == "2026_02_06_ga_voting.csv.gz"
    assert path.read_bytes() == server.body


def refusal(server: Server, folder: Path, **options: str) -> str:
    """The sentence of a fetch that fails; it must leave nothing behind."""
    with pytest.raises(FetchError) as caught:
        fetch("undl-ga", folder=folder, address=server.address(), progress=False, **options)
    sentence = str(caught.value)
    assert names(folder) == []
    assert "\n" not in sentence
    assert sentence.endswith(f"open {PAGE} in a browser and put the file in {folder}")
    return sentence.replace(server.address(), "ADDRESS")


def test_the_empty_202_of_the_library(server: Server, tmp_path: Path) -> None:
    server.status, server.body = 202, b""
    assert refusal(server, tmp_path) == (
        "ADDRESS: the server gave an empty answer or a challenge for browsers (status 202), "
        f"so nothing was stored; open {PAGE} in a browser and put the file in {tmp_path}"
    )


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        (b"", "text/csv", "no file of undl-ga (is empty (0 bytes))"),
        (
            b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
            "text/html",
            "no file of undl-ga (is a web page, not data",
        ),
        (b"rcid,country,country_code,vote\n3,X,US,yes\n", "text/csv", "a file of unvotes, not of"),
        (CSV[:600].decode().encode("utf-16"), "text/csv", "no file of undl-ga (is text in UTF-16"),
    ],
)
def test_what_is_not_the_file(
    server: Server, tmp_path: Path, body: bytes, kind: str, what: str
) -> None:
    server.body, server.content_type = body, kind
    assert f"the server gave {what}" in refusal(server, tmp_path)


@pytest.mark.parametrize(
    ("status", "what"),
    [(404, "no such file (status 404)"), (403, "a refusal (status 403)"), (500, "status 500")],
)
def test_other_answers(server: Server, tmp_path: Path, status: int, what: str) -> None:
    server.status = status
    assert f"the server gave {what}, so nothing was stored" in refusal(server, tmp_path)


def test_no_network(server: Server, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server.port = unused.getsockname()[1]  # closed on leaving, so nobody listens there
    sentence = refusal(server, tmp_path)
    assert "no answer, or it broke off (ConnectionRefusedError: " in sentence
    assert "; run it again to carry on, or open" in sentence


def test_too_large(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.files, "MAX_UNPACKED", 1000)
    assert f"the server gave {len(CSV):,} bytes or more" in refusal(server, tmp_path)


def test_checksum(server: Server, tmp_path: Path) -> None:
    right = hashlib.sha256(CSV).hexdigest()
    wrong = hashlib.sha256(b"").hexdigest()
    sentence = refusal(server, tmp_path, sha256=wrong)
    assert "the server gave a file with another SHA-256 than expected" in sentence
    (path,) = fetch(
        "undl-ga", folder=tmp_path, address=server.address(), sha256=right, progress=False
    )
    assert path.read_bytes() == CSV


def test_an_edited_file_is_noticed(server: Server, tmp_path: Path) -> None:
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    path.write_bytes(CSV.replace(b",Y,", b",N,"))
    for address in (None, server.address()):
        with pytest.raises(FetchError, match="has changed since it was fetched"):
            fetch("undl-ga", folder=tmp_path, address=address, progress=False)


# ----------------------------------------------------------------------------- resume


def test_a_line_that_is_cut_is_taken_up_at_once(server: Server, tmp_path: Path) -> None:
    server.cut_after = [30 * CHUNK, 20 * CHUNK]
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert path.read_bytes() == CSV
    assert server.ranges == ["", f"bytes={30 * CHUNK}-", f"bytes={50 * CHUNK}-"]
    assert names(tmp_path) == [path.name, f"{path.name}.source.json"]


def test_the_next_run_carries_on(server: Server, tmp_path: Path) -> None:
    server.cut_after = [30 * CHUNK, 6 * CHUNK, 6 * CHUNK]
    with pytest.raises(FetchError, match=r"broke off .*; run it again to carry on"):
        fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert (tmp_path / "2026_02_06_ga_voting.csv.part").stat().st_size == 42 * CHUNK
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert path.read_bytes() == CSV
    assert server.ranges[-1] == f"bytes={42 * CHUNK}-"
    assert names(tmp_path) == [path.name, f"{path.name}.source.json"]


def test_another_version_is_not_glued_to_the_first(server: Server, tmp_path: Path) -> None:
    server.cut_after = [CHUNK] * 3
    with pytest.raises(FetchError):
        fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    server.tag, server.body, server.cut_after = '"two"', CSV.replace(b",Y,", b",A,"), []
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert path.read_bytes() == server.body


def test_a_partial_file_that_is_too_long_is_begun_anew(server: Server, tmp_path: Path) -> None:
    part = tmp_path / "2026_02_06_ga_voting.csv.part"
    part.write_bytes(CSV + b"more")
    part.with_name(f"{part.name}.tag").write_text(server.tag)
    (path,) = fetch("undl-ga", folder=tmp_path, address=server.address(), progress=False)
    assert path.read_bytes() == CSV


def test_progress_is_shown_on_standard_error(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("undl-ga", folder=tmp_path, address=server.address())
    shown = capsys.readouterr()
    assert "2026_02_06_ga_voting.csv: 100%" in shown.err and shown.out == ""


# ----------------------------------------------------------------------------- mirror and folder


def make_mirror(folder: Path) -> Path:
    (folder / "undl").mkdir(parents=True)
    (folder / "undl" / "2025_10_31_ga_voting.csv").write_bytes(CSV)
    return folder


def test_a_mirror_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror, target = make_mirror(tmp_path / "mirror"), tmp_path / "raw"
    (path,) = fetch("undl-ga", folder=target, mirror=mirror)
    assert path.read_bytes() == CSV
    record = read_fetch_record(path)
    assert (record["version"], record["address"]) == ("2025-10-31", PAGE)
    assert str(tmp_path) not in json.dumps(record)
    path.unlink()
    monkeypatch.setenv("UNBLOCS_MIRROR", str(mirror))
    assert fetch("undl-ga", folder=target)[0].read_bytes() == CSV
    assert names(target) == [path.name, f"{path.name}.source.json"]


def test_a_mirror_without_the_source(tmp_path: Path) -> None:
    mirror = make_mirror(tmp_path / "mirror")
    with pytest.raises(MissingDataError, match="no file of undl-sc in"):
        fetch("undl-sc", folder=tmp_path / "raw", mirror=mirror)
    assert names(tmp_path / "raw") == []
    with pytest.raises(MissingDataError, match="the mirror is no folder on this machine"):
        fetch("undl-sc", folder=tmp_path / "raw", mirror=tmp_path / "gone")


def test_a_file_put_there_by_hand_is_taken_and_recorded(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "2026_08_17_ga_voting.csv"  # newer than the one in the catalogue
    path.write_bytes(CSV)
    assert fetch("undl-ga", folder=tmp_path) == [path]
    record = read_fetch_record(path)
    assert (record["version"], record["address"]) == ("2026-08-17", PAGE)
    assert server.ranges == []


def test_an_older_file_does_not_stand_in_for_the_newest(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = SourceFile("2026_02_06_ga_voting.csv", server.address())
    here = dataclasses.replace(SOURCES["undl-ga"], files=(newest,))
    monkeypatch.setitem(cast("dict[str, Source]", SOURCES), "undl-ga", here)
    (tmp_path / "2025_10_31_ga_voting.csv").write_bytes(CSV)
    (path,) = fetch("undl-ga", folder=tmp_path, progress=False)
    assert path.name == "2026_02_06_ga_voting.csv"
    assert find_in([tmp_path], here) == {"votes": path}


def test_the_dossier_comes_with_the_project(tmp_path: Path) -> None:
    assert {path.suffix for path in fetch("dossier", folder=tmp_path)} == {".yml"}
    assert names(tmp_path) == []


def test_wrong_arguments(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="source: 'undl-gq' must be one of"):
        fetch("undl-gq", folder=tmp_path)
    for address in ("file:///etc/passwd", "digitallibrary.un.org/x.csv", "https://un.org"):
        with pytest.raises(ParameterError, match="must be the address of a file"):
            fetch("undl-ga", folder=tmp_path, address=address)


@pytest.mark.parametrize("source", ["undl-ga", "undl-sc", "authority", "outcomes"])
def test_the_library_s_files_are_fetched_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    with pytest.raises(FetchError) as error:
        fetch(source, folder=tmp_path)
    page = SOURCES[source].address
    assert f"open {page} in a browser and put the file in {tmp_path}" in str(error.value)
    assert "not downloaded by programs without its approval" in str(error.value)
    assert names(tmp_path) == []
    address = SOURCES[source].files[0].address
    with pytest.raises(FetchError, match="not downloaded by programs"):
        fetch(source, folder=tmp_path, address=address)


def test_what_was_put_there_is_described(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(CSV)
    assert inspect_file(path) == (
        f"undl-ga, votes, 1 rows, 2025-02-24 to 2025-02-24, {len(CSV):,} bytes, "
        f"SHA-256 {hashlib.sha256(CSV).hexdigest()}"
    )


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot write"):
        fetch("undl-ga", folder=tmp_path / "file" / "raw", address=server.address())
