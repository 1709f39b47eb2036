"""Dirty files made from clean tables by the rules of cleaning give the clean tables back.

The clean tables are drawn first; the dirt is drawn on top of them: spellings and codes in force
at the day, other writings of symbol, session, totals and votes, rows twice, contradictions, rows
before admission, rows and columns in any order, layouts, byte-order mark, line ends, packing.
"""

from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import itertools
import lzma
import sys
import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import rda_writer

from helpers.record.cleaning import clean
from helpers.record.load import _apply_code
from helpers.record.members import load_council_terms, members_at
from helpers.record.sources.outcomes import add_outcomes
from helpers.record.sources.tidy import read_tidy
from helpers.record.sources.undl import read_undl
from helpers.record.sources.unvotes import read_unvotes
from helpers.record.sources.voeten import read_voeten
from helpers.record.tables import Record

FACTS = Path(__file__).parents[1] / "src" / "helpers" / "data"
EXAMPLES = settings(
    derandomize=True,
    deadline=None,
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],  # a shrink of files takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PERMANENT = ("CHN", "FRA", "GBR", "RUS", "USA")
ROMAN = {18: "XVIII", 20: "XX", 24: "XXIV", 25: "XXV", 26: "XXVI", 29: "XXIX", 30: "XXX"}
VOTES = ("yes", "abstain", "no", "absent")


# ----------------------------------------------------------------------------- clean tables


@dataclass
class RollCall:
    """A roll call as it must come out, with the votes that must come out."""

    key: int
    body: str
    session: str
    date: datetime.date
    symbol: str
    title: str
    votes: dict[str, str] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return self.symbol.rsplit("/", 1)[1]

    def total(self, vote: str) -> int:
        return list(self.votes.values()).count(vote)


@cache
def admitted(date: datetime.date) -> tuple[str, ...]:
    return members_at(date)


@cache
def council_at(date: datetime.date) -> tuple[str, ...]:
    terms = load_council_terms()
    day = pd.Timestamp(date)
    here = (terms["from"] <= day) & (terms["to"] >= day)
    return tuple(sorted({*terms.loc[here, "member"], *PERMANENT}))


TITLES = st.lists(
    st.sampled_from(
        ["Ukraine", 'the "zone", of peace', "Côte d'Ivoire", "a\\b", "Türkiye:", "100%", "x;y|z"]
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


@st.composite
def roll_calls(draw: st.DrawFn, body: str = "GA", emergency: bool = True) -> list[RollCall]:
    """Between one and three roll calls with three to eight members each."""
    keys = draw(st.lists(st.integers(1, 4_999_999), min_size=1, max_size=3, unique=True))
    return [draw(roll_call(key, body, emergency)) for key in keys]


@st.composite
def roll_call(draw: st.DrawFn, key: int, body: str, emergency: bool) -> RollCall:
    kinds = ["roman", "arabic", "emergency"] if emergency else ["roman", "arabic"]
    kind = draw(st.sampled_from(kinds))
    number = draw(st.integers(1, 999))
    if kind == "roman" and body == "GA":
        session = draw(st.sampled_from(sorted(ROMAN)))
        date = draw(day_of_session(session))
        part = draw(st.sampled_from(["", "A", "XI"]))
        symbol = f"A/RES/{number + 1000}({ROMAN[session]}){part}"
    elif kind == "arabic" or body == "SC":
        session = draw(st.integers(31, 79))
        date = draw(day_of_session(session))
        part = draw(st.sampled_from(["", "B", "C"])) if body == "GA" else ""
        symbol = f"A/RES/{session}/{number}{part}" if body == "GA" else f"S/RES/{number}"
    else:
        session, date = "ES-11", datetime.date(2022, 3, 2)
        symbol = f"A/RES/ES-11/{number}"
    name = "" if body == "SC" else str(session)
    members = admitted(date) if body == "GA" else council_at(date)
    chosen = draw(st.lists(st.sampled_from(members), min_size=3, max_size=8, unique=True))
    votes = {member: draw(st.sampled_from(VOTES)) for member in chosen}
    if set(votes.values()) == {"absent"}:  # a text adopted without a vote has no votes at all
        votes[chosen[0]] = "yes"
    return RollCall(key, body, name, date, symbol, draw(TITLES), votes)


def day_of_session(session: int) -> st.SearchStrategy[datetime.date]:
    year = 1945 + session
    return st.dates(datetime.date(year, 10, 1), datetime.date(year, 12, 20))


# ----------------------------------------------------------------------------- spellings


@cache
def facts(table: str) -> list[dict[str, str]]:
    with (FACTS / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def spellings(table: str, column: str, member: str, date: datetime.date) -> list[str]:
    """What a table of facts calls a member at a day."""
    day = date.isoformat()
    return [
        row[column]
        for row in facts(table)
        if row["member"] == member and (row["from"] or "0") <= day <= (row["to"] or "9")
    ]


def spell(draw: st.DrawFn, member: str, date: datetime.date) -> tuple[str, str]:
    """Name and code of a member, in one of their writings; one of the two may be missing."""
    name = draw(st.sampled_from(spellings("names", "name", member, date)))
    name = draw(st.sampled_from([name, name.lower(), name.title(), f" {name} "]))
    code = draw(st.sampled_from(spellings("codes", "code", member, date)))
    return draw(st.sampled_from([(name, code), (name, ""), ("", code)]))


# ----------------------------------------------------------------------------- files

GA = [
    "undl_id",
    "ms_code",
    "ms_name",
    "ms_vote",
    "date",
    "session",
    "resolution",
    "draft",
    "committee_report",
    "meeting",
    "title",
    "agenda_title",
    "subjects",
    "vote_note",
    "total_yes",
    "total_no",
    "total_abstentions",
    "total_non_voting",
    "total_ms",
    "undl_link",
]
SC = [
    "undl_id",
    "ms_code",
    "ms_name",
    "permanent_member",
    "ms_vote",
    "date",
    "resolution",
    "draft",
    "meeting",
    "description",
    "agenda",
    "subjects",
    "modality",
    "vote_note",
    "total_yes",
    "total_no",
    "total_abstentions",
    "total_non_voting",
    "total_ms",
    "undl_link",
]
OLD = {
    "ms_code": "ms_codes",
    "ms_name": "ms_names",
    "ms_vote": "ms_votes",
    "resolution": "resolutions",
    "agenda_title": "agenda_titles",
    "total_yes": "yes",
    "total_no": "no",
    "total_abstentions": "abstentions",
    "total_non_voting": "non-voting",
    "total_ms": "total-voting",
}
PACKERS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "zip": lambda data: zipped(data),
}


def zipped(data: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/votes.csv", data)
    return memory.getvalue()


def write(draw: st.DrawFn, path: Path, rows: list[dict[str, Any]], columns: list[str]) -> None:
    """Write rows in any order of rows and columns, quoted and packed in any way."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text,
        draw(st.permutations(columns)),
        delimiter=draw(st.sampled_from([",", "\t"])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writeheader()
    writer.writerows(draw(st.permutations(rows)))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    packer = PACKERS[draw(st.sampled_from(sorted(PACKERS)))]
    path.write_bytes(packer((mark + text.getvalue()).encode()))


@dataclass
class Dirt:
    """How many rows were put in that must go, by the rule that drops them."""

    identical_rows: int = 0
    conflicting_rows: int = 0
    before_admission: int = 0
    not_a_member_marks: int = 0


def soil(draw: st.DrawFn, calls: list[RollCall], dirt: Dirt) -> list[tuple[RollCall, str, str]]:
    """Return rows (roll call, member, vote) with dirt; contradicted votes leave `calls`."""
    rows = [(call, member, vote) for call in calls for member, vote in call.votes.items()]
    extra = []
    for call, member, vote in list(rows):
        what = draw(st.sampled_from(["", "", "", "", "twice", "thrice", "conflict"]))
        if what in ("twice", "thrice"):
            extra += [(call, member, vote)] * (1 if what == "twice" else 2)
            dirt.identical_rows += 1 if what == "twice" else 2
        elif what == "conflict":
            extra.append((call, member, "no" if vote == "yes" else "yes"))
            dirt.conflicting_rows += 2
            del call.votes[member]
    return rows + extra


def add_strangers(
    draw: st.DrawFn, calls: list[RollCall], dirt: Dirt
) -> list[tuple[RollCall, str, str]]:
    """Return rows of states before their admission."""
    early = [(call, "SSD", "absent") for call in calls if call.date < datetime.date(2011, 7, 14)]
    chosen = [row for row in early if draw(st.booleans())]
    dirt.before_admission += len(chosen)
    return chosen


def in_undl(draw: st.DrawFn, path: Path, calls: list[RollCall], dirt: Dirt) -> None:
    """Write a file of the Library in one of its layouts."""
    layout = draw(st.sampled_from(["today", "no vote_note", "floats", "2024", "2024 underscores"]))
    totals = {call.key: {v: call.total(v) for v in VOTES} for call in calls}
    rows = soil(draw, calls, dirt)
    if calls[0].body == "GA":
        rows += add_strangers(draw, calls, dirt)
    columns = list(GA if calls[0].body == "GA" else SC)
    written = [undl_row(draw, *row, totals[row[0].key], layout) for row in rows]
    if layout == "no vote_note":
        columns.remove("vote_note")
    if layout.startswith("2024") and calls[0].body == "GA":
        columns = [c for c in columns if c not in ("undl_id", "session", "vote_note")]
        new = {c: OLD.get(c, c) for c in columns}
        if layout == "2024 underscores":
            new = {c: n.replace("-", "_") for c, n in new.items()}
        written = [{new[c]: row[c] for c in columns} for row in written]
        columns = list(new.values())
    else:
        written = [{c: row[c] for c in columns} for row in written]
    write(draw, path, written, columns)


def undl_row(
    draw: st.DrawFn, call: RollCall, member: str, vote: str, totals: dict[str, int], layout: str
) -> dict[str, Any]:
    name, code = spell(draw, member, call.date)
    old = layout.startswith("2024")
    marks = {"yes": "Y", "no": "N", "abstain": "A", "absent": "NV" if old else "X"}
    ending = ".0" if layout == "floats" else ""
    return dict.fromkeys((*GA, *SC), "") | {
        "undl_id": call.key,
        "ms_code": code,
        "ms_name": name,
        "ms_vote": marks[vote],
        "date": call.date.isoformat(),
        "session": write_session(draw, call),
        "resolution": write_symbol(draw, call),
        "title": call.title,
        "description": call.title,
        "permanent_member": member in PERMANENT,
        "modality": "VOTE",
        "total_yes": f"{totals['yes']}{ending}",
        "total_no": f"{totals['no']}{ending}",
        "total_abstentions": f"{totals['abstain']}{ending}",
        "total_non_voting": f"{totals['absent']}{ending}",
        "total_ms": f"{sum(totals.values())}{ending}",
        "undl_link": f"https://digitallibrary.un.org/record/{call.key}",
    }


def once(draw: st.DrawFn, call: RollCall, what: str, writings: list[str]) -> str:
    """Draw a writing once per roll call: all rows of a roll call repeat it."""
    found = getattr(call, "writings", None)
    if found is None:
        found = call.writings = {}  # type: ignore[attr-defined]
    if what not in found:
        found[what] = draw(st.sampled_from(writings))
    return found[what]


def write_session(draw: st.DrawFn, call: RollCall) -> str:
    if call.body == "SC":
        return ""
    if call.session == "ES-11":
        return once(draw, call, "session", ["ES-11", "ES-XI", "ES-11 emergency special"])
    roman = [ROMAN[int(call.session)]] if int(call.session) in ROMAN else []
    return once(draw, call, "session", [call.session, f"{call.session}.0", *roman])


def write_symbol(draw: st.DrawFn, call: RollCall) -> str:
    if call.body == "SC":
        year = f"({call.date.year})"
        return once(
            draw, call, "symbol", [call.symbol, call.symbol + year, f"{call.symbol} {year}"]
        )
    writings = [call.symbol, call.symbol.lower()]
    if ")" in call.symbol and not call.symbol.endswith(")"):
        head, part = call.symbol.rsplit(")", 1)
        writings += [f"{head})[{part}]", f"{head}) {part}", f"{head}) [{part}]"]
    elif call.symbol[-1].isalpha():
        writings += [
            f"{call.symbol[:-1]} {call.symbol[-1]}",
            f"{call.symbol[:-1]}[{call.symbol[-1]}]",
        ]
    elif ")" not in call.symbol:
        head, number = call.symbol.rsplit("/", 1)
        writings.append(f"{head}//{number}")
    return once(draw, call, "symbol", writings)


# ----------------------------------------------------------------------------- comparison


def check_votes(record: Record, source: str, calls: list[RollCall], dirt: Dirt) -> None:
    """The votes that come out are those that went in, and the log accounts for all other rows."""
    expected = {
        (f"{source}-{call.key}", member): vote
        for call in calls
        for member, vote in call.votes.items()
    }
    found = record.votes.astype("str")
    pairs = zip(found["roll_call"], found["member"], strict=True)
    assert dict(zip(pairs, found["vote"], strict=True)) == expected
    assert len(found) == len(expected)
    dropped = record.log[record.log["effect"].eq("dropped")].set_index("rule")["rows"].to_dict()
    assert dropped == {rule: rows for rule, rows in vars(dirt).items() if rows}


def check_calls(record: Record, source: str, calls: list[RollCall]) -> pd.DataFrame:
    """Roll calls come out in order of time, one row each; return them by id."""
    table = record.roll_calls.set_index("roll_call")
    assert sorted(table.index) == sorted(f"{source}-{call.key}" for call in calls)
    assert table["date"].is_monotonic_increasing
    return table


def check_table(table: pd.DataFrame, source: str, call: RollCall, **expected: Any) -> None:
    row = table.loc[f"{source}-{call.key}"]
    assert {name: row[name] for name in expected} == expected


# ----------------------------------------------------------------------------- the tests


@pytest.mark.parametrize("body", ["GA", "SC"])
@EXAMPLES
@given(data=st.data())
def test_files_of_the_library(tmp_path: Path, body: str, data: st.DataObject) -> None:
    calls = data.draw(roll_calls(body))
    totals = {call.key: [call.total(vote) for vote in VOTES] for call in calls}
    dirt, path = Dirt(), tmp_path / "votes.bin"
    in_undl(data.draw, path, calls, dirt)
    source = f"undl-{body.lower()}"
    record = clean(read_undl(path, body=body))
    check_votes(record, source, calls, dirt)
    table = check_calls(record, source, calls)
    for call in calls:
        yes, abstain, no, absent = totals[call.key]
        check_table(
            table,
            source,
            call,
            body=body,
            date=pd.Timestamp(call.date),
            date_precision="day",
            symbol=call.symbol,
            title=call.title,
            kind="resolution",
            yes=yes,
            abstain=abstain,
            no=no,
            absent=absent,
        )
        if body == "GA":
            check_table(table, source, call, session=call.session)


@EXAMPLES
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(tmp_path: Path, data: st.DataObject) -> None:
    calls, dirt = data.draw(roll_calls()), Dirt()
    totals = {call.key: {v: call.total(v) for v in VOTES} for call in calls}
    rows = [
        undl_row(data.draw, *row, totals[row[0].key], "today")
        for row in soil(data.draw, calls, dirt)
    ]
    records = []
    for number, order in enumerate((rows, rows[::-1], data.draw(st.permutations(rows)))):
        path = tmp_path / f"{number}.csv"
        pd.DataFrame(order)[GA].to_csv(path, index=False)
        records.append(clean(read_undl(path)))
    for record in records[1:]:
        for name in ("members", "roll_calls", "votes", "log"):
            pd.testing.assert_frame_equal(getattr(record, name), getattr(records[0], name))


# ----------------------------------------------------------------------------- unvotes


@EXAMPLES
@given(data=st.data())
def test_the_triple_of_unvotes(tmp_path: Path, data: st.DataObject) -> None:
    calls, dirt = data.draw(roll_calls(emergency=False)), Dirt()
    for call in calls:  # absent members have no row in unvotes
        call.votes = {m: v for m, v in call.votes.items() if v != "absent"}
    issues = {call.key: data.draw(st.sets(st.sampled_from(["me", "nu", "hr"]))) for call in calls}
    rows = soil(data.draw, calls, dirt)
    votes = [
        {
            "rcid": call.key,
            "country": data.draw(st.sampled_from(spellings("names", "name", member, call.date))),
            "country_code": data.draw(st.sampled_from(["", "NA", "US"])),
            "vote": vote,
        }
        for call, member, vote in rows
    ]
    paths = [tmp_path / name for name in ("votes", "roll_calls", "issues")]
    write(data.draw, paths[0], votes, ["rcid", "country", "country_code", "vote"])
    about = [about_unvotes(data.draw, call) for call in calls]
    write(data.draw, paths[1], about, list(about[0]))
    known = [
        {"rcid": key, "short_name": code, "issue": "x"} for key in issues for code in issues[key]
    ]
    write(data.draw, paths[2], known, ["rcid", "short_name", "issue"])
    if not votes:
        return
    record = clean(read_unvotes(data.draw(st.permutations(paths))))
    check_votes(record, "unvotes", calls, dirt)
    table = check_calls(record, "unvotes", calls)
    for call in calls:
        codes = " ".join(code for code in ("me", "nu", "hr") if code in issues[call.key])
        check_table(table, "unvotes", call, symbol=call.symbol, session=call.session, issues=codes)
        check_month(table, "unvotes", call)


def about_unvotes(draw: st.DrawFn, call: RollCall) -> dict[str, Any]:
    """A row of the roll calls of unvotes; before session 58 the day is wrong."""
    return {
        "rcid": call.key,
        "session": call.session,
        "importantvote": 0,
        "date": wrong_day(draw, call).isoformat(),
        "unres": short_symbol(call),
        "amend": 0,
        "para": 0,
        "short": "SHORT TITLE",
        "descr": call.title,
    }


def wrong_day(draw: st.DrawFn, call: RollCall) -> datetime.date:
    if int(call.session) >= 58:
        return call.date
    return call.date.replace(day=once_day(draw, call))


def once_day(draw: st.DrawFn, call: RollCall) -> int:
    return int(once(draw, call, "day", [str(day) for day in range(1, 8)]))


def short_symbol(call: RollCall) -> str:
    """``R/24/2602A`` for ``A/RES/2602(XXIV)A``, ``R/39/148B`` for ``A/RES/39/148B``."""
    if ")" in call.symbol:
        number, part = call.number.split("(")[0], call.symbol.rsplit(")", 1)[1]
        return f"R/{call.session}/{number}" + (f"/{part}" if part else "")
    return f"R/{call.session}/{call.number}"


def check_month(table: pd.DataFrame, source: str, call: RollCall) -> None:
    """From session 58 the day holds; before, only the month, written as its first day."""
    if int(call.session) >= 58:
        check_table(table, source, call, date=pd.Timestamp(call.date), date_precision="day")
    else:
        first = pd.Timestamp(call.date.replace(day=1))
        check_table(table, source, call, date=first, date_precision="month")


# ----------------------------------------------------------------------------- Voeten

VOETEN_2016 = [
    "rcid",
    "session",
    "vote",
    "ccode",
    "member",
    "importantvote",
    "date",
    "unres",
    "me",
    "nu",
    "di",
    "hr",
    "co",
    "ec",
    "year",
]
VOETEN_LATER = [
    "rcid",
    "ccode",
    "member",
    "session",
    "abstain",
    "yes",
    "no",
    "importantvote",
    "date",
    "unres",
    "amend",
    "para",
    "short",
    "descr",
    "me",
    "hr",
    "nu",
    "di",
    "ec",
    "co",
    "vote",
    "resid",
    "Country",
    "Countryname",
    "year",
]


@EXAMPLES
@given(data=st.data())
def test_files_of_voeten(tmp_path: Path, data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(["2016", "later", "with index", "Stata", "R"]))
    calls, dirt = data.draw(roll_calls(emergency=False)), Dirt()
    totals = {call.key: [call.total(vote) for vote in VOTES] for call in calls}
    rows = soil(data.draw, calls, dirt)
    iso = data.draw(st.booleans())
    written = [voeten_row(data.draw, *row, totals[row[0].key], iso) for row in rows]
    for call in calls:  # vote 9: not a member, here South Sudan before 2011
        if call.date < datetime.date(2011, 7, 14):
            row = voeten_row(data.draw, call, "USA", "absent", totals[call.key], iso)
            written.append({**row, "ccode": 626, "vote": 9})
            dirt.not_a_member_marks += 1
    columns = VOETEN_2016 if layout == "2016" else VOETEN_LATER
    path = tmp_path / "votes"
    if layout == "Stata":
        frame = pd.DataFrame(data.draw(st.permutations(written)))[columns]
        frame = frame.drop(columns="short")  # Stata allows no variable of this name
        frame.to_stata(path, write_index=False, version=118)
    elif layout == "R":
        frame = pd.DataFrame(data.draw(st.permutations(written)))[columns]
        rda_writer.save_frame(path, "completeVotes", frame)
    else:
        index = {"": 0} if layout == "with index" else {}
        write_rows = [{**index, **{c: row[c] for c in columns}} for row in written]
        write(data.draw, path, write_rows, [*index, *columns])
    record = clean(read_voeten(path))
    check_votes(record, "voeten", calls, dirt)
    table = check_calls(record, "voeten", calls)
    for call in calls:
        check_table(table, "voeten", call, symbol=call.symbol, session=call.session)
        check_month(table, "voeten", call)
        if layout != "2016":
            yes, abstain, no, _ = totals[call.key]
            check_table(table, "voeten", call, yes=yes, abstain=abstain, no=no, title=call.title)


def voeten_row(
    draw: st.DrawFn, call: RollCall, member: str, vote: str, totals: list[int], iso: bool
) -> dict[str, Any]:
    day = wrong_day(draw, call)
    date = day.isoformat() if iso else f"{day.month}/{day.day}/{day.year}"
    cow = draw(st.sampled_from(spellings("cow", "cow", member, call.date)))
    yes, abstain, no, _ = totals
    return dict.fromkeys(itertools.chain(VOETEN_2016, VOETEN_LATER), 0) | {
        "rcid": call.key,
        "ccode": int(cow),
        "session": int(call.session),
        "vote": {"yes": 1, "abstain": 2, "no": 3, "absent": 8}[vote],
        "date": date,
        "unres": short_symbol(call),
        "short": "SHORT TITLE",
        "descr": call.title,
        "yes": yes,
        "no": no,
        "abstain": abstain,
        "Country": "XXX",
        "Countryname": "Nowhere",
        "year": call.date.year,
    }


# ----------------------------------------------------------------------------- the tidy layout

MARKS = {
    "words": ["Yes", "ABSTAIN", "no", "absent"],
    "letters": ["Y", "a", "N", " X "],
    "numbers": ["1", "0.5", "0", "-9"],
}
NAMES = {
    "ours": {"roll_call": "roll_call", "date": "date", "member": "member", "vote": "vote"},
    "found": {"roll_call": "vote_id", "date": "Date", "member": "Country", "vote": "Vote"},
    "declared": {"roll_call": "id", "date": "when", "member": "who", "vote": "how"},
}


@EXAMPLES
@given(data=st.data())
def test_tidy_tables(tmp_path: Path, data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(sorted(NAMES)))
    writing = data.draw(st.sampled_from(sorted(MARKS)))
    who = data.draw(st.sampled_from(["names", "codes", "numbers", "mixed"]))
    calls, dirt = data.draw(roll_calls(emergency=False)), Dirt()
    rows = soil(data.draw, calls, dirt)
    names = NAMES[layout]
    written = [
        {
            names["roll_call"]: call.key,
            names["date"]: call.date.isoformat(),
            names["member"]: name_member(data.draw, who, member, call.date),
            names["vote"]: MARKS[writing][VOTES.index(vote)],
            "symbol": call.symbol,
            "session": call.session,
            "title": call.title,
            "junk": "x",
        }
        for call, member, vote in rows
    ]
    path = tmp_path / "votes.bin"
    write(data.draw, path, written, list(written[0]))
    declared = names if layout == "declared" else {}
    code = dict(zip(MARKS["numbers"], VOTES, strict=True)) if writing == "numbers" else {}
    record = clean(_apply_code(read_tidy(path, declared), code))
    check_votes(record, "tidy", calls, dirt)
    table = check_calls(record, "tidy", calls)
    for call in calls:
        day = pd.Timestamp(call.date)
        check_table(table, "tidy", call, symbol=call.symbol, session=call.session, date=day)
        check_table(table, "tidy", call, title=call.title, date_precision="day", body="GA")


def name_member(draw: st.DrawFn, who: str, member: str, date: datetime.date) -> str:
    kind = draw(st.sampled_from(["names", "codes"])) if who == "mixed" else who
    table, column = {
        "names": ("names", "name"),
        "codes": ("codes", "code"),
        "numbers": ("cow",) * 2,
    }[kind]
    return draw(st.sampled_from(spellings(table, column, member, date)))


@EXAMPLES
@given(data=st.data())
def test_votes_without_dates_and_a_file_about_them(tmp_path: Path, data: st.DataObject) -> None:
    calls, dirt = data.draw(roll_calls(emergency=False)), Dirt()
    totals = {call.key: [call.total(vote) for vote in VOTES] for call in calls}
    rows = soil(data.draw, calls, dirt)
    written = [voeten_row(data.draw, *row, totals[row[0].key], True) for row in rows]
    about = {row["rcid"]: row for row in written}
    votes_only = ["rcid", "session", "vote", "ccode"]
    known = ["rcid", "date", "unres", "descr", "me", "hr"]
    paths = [tmp_path / "votes.bin", tmp_path / "about.bin"]
    write(data.draw, paths[0], [{c: row[c] for c in votes_only} for row in written], votes_only)
    write(data.draw, paths[1], [{c: row[c] for c in known} for row in about.values()], known)
    together = clean(read_voeten(data.draw(st.permutations(paths))))
    check_votes(together, "voeten", calls, dirt)
    table = check_calls(together, "voeten", calls)
    for call in calls:
        check_table(table, "voeten", call, symbol=call.symbol, title=call.title)
        check_month(table, "voeten", call)
    alone = clean(read_voeten(paths[0]))  # by session: no vote that was cast is lost
    check_votes(alone, "voeten", calls, dirt)


@EXAMPLES
@given(data=st.data())
def test_resolutions_without_a_vote_beside_the_votes(tmp_path: Path, data: st.DataObject) -> None:
    calls = data.draw(roll_calls("GA"))
    dirt, path, other = Dirt(), tmp_path / "votes.bin", tmp_path / "outcomes.bin"
    in_undl(data.draw, path, calls, dirt)
    unvoted = {5_000_000 + i: f"A/RES/79/{800 + i}" for i in range(data.draw(st.integers(1, 3)))}
    modality = data.draw(st.sampled_from(["Without a vote", "WITHOUT VOTE", "Without Vote"]))
    columns = ["undl_id", "resolution", "date", "session", "title", "modality", "total_yes"]
    written = [
        dict(zip(columns, (key, symbol, "2024-12-01", "79", "T", modality, ""), strict=True))
        for key, symbol in unvoted.items()
    ]
    written += [
        dict(
            zip(
                columns,
                (c.key, c.symbol, c.date, c.session, "T", "Vote, recorded", ""),
                strict=True,
            )
        )
        for c in calls
    ]
    write(data.draw, other, written, columns)
    record = clean(add_outcomes(read_undl(path, body="GA"), other))
    check_votes(record, "undl-ga", calls, dirt)
    table = record.roll_calls.set_index("roll_call")
    assert len(table) == len(calls) + len(unvoted)
    for key, symbol in unvoted.items():
        row = table.loc[f"undl-ga-{key}"]
        assert (row["symbol"], row["modality"], row["rolled"]) == (symbol, "without a vote", False)
    for call in calls:
        check_table(table, "undl-ga", call, modality="recorded vote", rolled=True)
