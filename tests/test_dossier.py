"""The dossier: expected values are those of the issues that ordered it, never of our own output."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, MissingDataError, ParameterError
from helpers.record import SCOPES, follow_members
from helpers.record.follow import read_named
from helpers.record.sources.dossier import clean_dossier, read_dossier
from helpers.record.tables import VOTES, Record

# The issue's list: yes-no-abstain-not voting of the 23 recorded votes of the Assembly.
ASSEMBLY = """
68/262 100-11-58-24; 71/205 70-26-77-20; 72/190 70-26-76-21; 73/194 66-19-72-36;
73/263 65-27-70-31; 74/17 63-19-66-45; 74/168 65-23-83-22; 75/29 63-17-62-51;
75/192 64-23-86-20; 76/70 62-22-55-54; 76/179 65-25-85-18; ES-11/1 141-5-35-12;
ES-11/2 140-5-38-10; ES-11/3 93-24-58-18; ES-11/4 143-5-35-10; ES-11/5 94-14-73-12;
77/229 82-14-80-17; ES-11/6 141-7-32-13; 78/221 78-15-79-21; 78/316 99-9-60-25;
79/184 81-14-80-18; ES-11/7 93-18-65-17; ES-11/8 93-8-73-19
"""
OFFICIAL = dict(pair.split() for pair in ASSEMBLY.split(";"))

# The issue: members of the Council that did not vote yes; the others of the 15 did.
COUNCIL = {
    "S/RES/2166": ("15-0-0", "", ""),
    "S/RES/2202": ("15-0-0", "", ""),
    "S/RES/2774": ("10-0-5", "", "DNK FRA GBR GRC SVN"),
    "S/2014/189": ("13-1-1", "RUS", "CHN"),
    "S/2022/155": ("11-1-3", "RUS", "ARE CHN IND"),
    "S/2015/562": ("11-1-3", "RUS", "AGO CHN VEN"),
    "S/2022/720": ("10-1-4", "RUS", "BRA CHN GAB IND"),
}

# Drafts that are in no file of the Library: vetoed, or with too few votes.
DRAFTS = ("S/2014/189", "S/2015/562", "S/2022/155", "S/2022/231", "S/2022/720", "S/2022/821")

# The issue that completed the dossier: adopted beside the 23, by scope: tally and some votes.
OTHERS = {
    "A/RES/77/284": ("passing", "122-5-18", "USA yes, RUS no, CHN yes, IND yes, HUN yes"),
    "A/RES/78/283": ("context", "103-9-53", "USA yes, RUS no"),
    "A/RES/79/284": ("passing", "105-9-33", "USA no, RUS no, HUN yes, CHN abstain, IND abstain"),
    "A/RES/79/292": ("context", "107-9-49", "USA yes, RUS no"),
    "A/RES/ES-11/9": ("subject", "91-12-57", "USA yes, RUS no"),
    "A/RES/80/111": ("passing", "97-8-39", "USA no, RUS no"),
    "A/RES/80/223": ("subject", "79-16-73", "USA yes, RUS no"),
    "A/ES-11/support-lasting-peace": ("subject", "107-12-51", "USA abstain, RUS no"),
}

# The issue: tallies of amendments and of the motion of 24 February 2025; ? is not known there.
TALLIES = {
    "A/ES-11/L.11-amendment-russia": ("31-71-59", "failed", "RUS"),
    "A/ES-11/L.11-amendment-invasion": ("60-18-81", "adopted", "FRA"),
    "A/ES-11/L.11-amendment-integrity": ("79-16-67", "adopted", "FRA"),
    "A/ES-11/L.15": ("83-16-61", "adopted", "FRA"),
    "S/2025/112-motion": ("6-3-6", "failed", "DNK FRA GBR GRC"),
    "S/2025/112-amendment-invasion": ("6-1-8", "failed", "DNK FRA GBR GRC SVN"),
    "S/2025/112-amendment-integrity": ("9-?-?", "vetoed", "DNK FRA GBR GRC SVN"),
    "S/2025/112-amendment-peace": ("11-?-?", "vetoed", "DNK FRA GBR GRC SVN"),
    "S/2025/112-amendment-russia-causes": ("4-6-5", "failed", "RUS"),
}


@pytest.fixture(scope="module")
def record() -> Record:
    return clean_dossier()


@pytest.fixture(scope="module")
def rolls(record: Record) -> pd.DataFrame:
    """Votes of the full rolls, member x id of the roll call."""
    return record.votes.astype("str").pivot(index="member", columns="roll_call", values="vote")


def by_id(record: Record) -> pd.DataFrame:
    table = record.roll_calls
    return table.set_index(table["roll_call"].str.removeprefix("dossier-"))


def tally(row: pd.Series, names: tuple[str, ...] = ("yes", "no", "abstain")) -> str:
    return "-".join("?" if pd.isna(row[name]) else str(row[name]) for name in names)


def votes_of(rolls: pd.DataFrame, name: str, vote: str) -> set[str]:
    column = rolls[f"dossier-{name}"]
    return set(column.index[column == vote])


# --- the facts ----------------------------------------------------------------------------------


def test_the_23_votes_of_the_assembly_have_the_official_totals(record: Record) -> None:
    assembly = record.roll_calls.query("body == 'GA' and kind == 'resolution' and rolled")
    totals = {
        symbol.removeprefix("A/RES/"): tally(row, ("yes", "no", "abstain", "absent"))
        for symbol, (_, row) in zip(assembly["symbol"], assembly.iterrows(), strict=True)
    }
    assert totals == OFFICIAL
    assert assembly["date"].min() == pd.Timestamp("2014-03-27")
    assert assembly["date"].max() == pd.Timestamp("2025-02-24")
    assert (assembly["outcome"] == "adopted").all()


def test_members_votes_add_up_to_the_official_totals(record: Record) -> None:
    counted = record.votes.groupby(["roll_call", "vote"], observed=False).size().unstack()
    for symbol, totals in OFFICIAL.items():
        row = counted.loc[f"dossier-A/RES/{symbol}"]
        assert "-".join(str(row[v]) for v in ("yes", "no", "abstain", "absent")) == totals
        assert row.sum() == 193


@pytest.mark.parametrize("name", COUNCIL)
def test_council_votes_have_their_rolls(record: Record, rolls: pd.DataFrame, name: str) -> None:
    totals, no, abstain = COUNCIL[name]
    row = by_id(record).loc[name]
    assert tally(row) == totals
    assert row["outcome"] == ("vetoed" if no else "adopted")
    assert votes_of(rolls, name, "no") == set(no.split())
    assert votes_of(rolls, name, "abstain") == set(abstain.split())
    assert len(votes_of(rolls, name, "yes")) == 15 - len(no.split()) - len(abstain.split())


def test_a_procedural_vote_is_adopted_over_a_permanent_members_no(
    record: Record, rolls: pd.DataFrame
) -> None:
    # The issue: 2623 (11-1-3); the guide: a permanent member's no on an adopted text is no veto.
    row = by_id(record).loc["S/RES/2623"]
    assert (tally(row), row["outcome"]) == ("11-1-3", "adopted")
    assert votes_of(rolls, "S/RES/2623", "no") == {"RUS"}


@pytest.mark.parametrize("name", TALLIES)
def test_votes_with_a_tally_only_are_there_without_members(record: Record, name: str) -> None:
    totals, outcome, proposer = TALLIES[name]
    row = by_id(record).loc[name]
    assert (tally(row), row["outcome"], row["proposer"]) == (totals, outcome, proposer)
    assert row["kind"] == ("motion" if name.endswith("motion") else "amendment")
    assert not row["rolled"]
    assert row["roll_call"] not in set(record.votes["roll_call"].astype(str))


@pytest.mark.parametrize("name", OTHERS)
def test_later_votes_and_texts_beside_the_subject_are_followed(record: Record, name: str) -> None:
    scope, totals, votes = OTHERS[name]
    row = by_id(record).loc[name]
    assert (row["scope"], tally(row), row["outcome"]) == (scope, totals, "adopted")
    assert not row["rolled"]
    expected = dict(pair.split() for pair in votes.split(", "))
    found = follow_members(record, list(expected), scopes=SCOPES)
    found = found.set_index(found["roll_call"].str.removeprefix("dossier-")).loc[name]
    assert found[list(expected)].to_dict() == expected


def test_the_decision_on_a_recorded_statement(record: Record) -> None:
    # 16 September 2022: 101-7-19, India yes (the issue); no resolution, so not among the 21.
    row = by_id(record).loc["A/77/decision-statement"]
    assert (row["kind"], tally(row), row["rolled"]) == ("decision", "101-7-19", False)
    found = follow_members(record, ["IND", "RUS"], kinds=["decision"])
    assert found[["IND", "RUS"]].to_numpy().tolist() == [["yes", "no"]]


def test_what_came_after_in_order(record: Record) -> None:
    """The issue: no, abstain, no, yes, no, yes, abstain; and Russia no each time."""
    after = follow_members(record, ["USA", "RUS", "KEN"], since="2025-02-24")
    assert after["USA"].tolist() == ["no", "abstain", "no", "yes", "no", "yes", "abstain"]
    assert after["RUS"].eq("no").all()
    assert after["KEN"].tolist() == [
        "abstain",
        "yes",
        "absent",
        "",
        "",
        "",
        "",
    ]  # the Library's rolls
    assert after["scope"].eq("passing").tolist() == [False, False, True, False, True, False, False]
    assert "2030 Agenda" in after.set_index("symbol").loc["A/RES/80/111", "reason"]


def test_earlier_votes_with_and_without_texts_that_name_ukraine_in_passing(record: Record) -> None:
    # 21 adopted texts with Ukraine in title or item, and 77/284 of 26 April 2023 in passing.
    for scopes, votes in ((["subject"], 21), (["subject", "passing"], 22)):
        before = follow_members(record, ["USA", "RUS"], until="2025-02-23", scopes=scopes)
        assert len(before) == votes
        assert before["USA"].eq("yes").all()
        assert before["RUS"].eq("no").all()


def test_the_drafts_of_the_council_by_member(record: Record) -> None:
    """The issue: six vetoes; Russia's drafts 2-0-13, 2-3-10 and, on Nord Stream, 3-0-12."""
    assert record.roll_calls["outcome"].eq("vetoed").sum() == 6
    drafts = follow_members(record, ["USA", "RUS"], body="SC", kinds=["draft"], scopes=SCOPES)
    votes = drafts.set_index("symbol")[["USA", "RUS"]].agg(" ".join, axis=1)
    assert votes.to_dict() == {
        "S/2014/189": "yes no",
        "S/2015/562": "yes no",
        "S/2022/155": "yes no",
        "S/2022/231": "abstain yes",
        "S/2022/720": "yes no",
        "S/2022/821": "no yes",
        "S/2023/212": "abstain yes",
    }
    calls = by_id(record)
    totals = [tally(calls.loc[n]) for n in ("S/2022/231", "S/2022/821", "S/2023/212")]
    assert totals == ["2-0-13", "2-3-10", "3-0-12"]


def test_who_stood_behind_the_draft_of_the_united_states(record: Record) -> None:
    row = by_id(record).loc["A/RES/ES-11/8"]
    assert (row["proposer"], row["sponsors"]) == ("USA", "ALB ARG GEO HUN ISR MKD")


def test_any_record_can_be_followed_and_a_wrong_scope_is_named(record: Record) -> None:
    facts = ["scope", "roll", "reason", "named", "sponsors", "order"]
    plain = replace(record, roll_calls=record.roll_calls.drop(columns=facts))
    found = follow_members(plain, ["USA"], since="2025-02-24", until="2025-02-24")
    assert found["USA"].tolist() == ["no", "abstain"]
    with pytest.raises(ParameterError, match="scopes: 'on' must be one of subject, passing"):
        follow_members(record, ["USA"], scopes=["on"])
    with pytest.raises(ParameterError, match="body: 'UN' must be one of GA, SC"):
        follow_members(record, ["USA"], body="UN")


def test_one_more_russian_amendment_was_lost_in_the_council(record: Record) -> None:
    row = by_id(record).loc["S/2025/112-amendment-russia-wording"]
    assert (row["outcome"], row["proposer"], row["rolled"]) == ("failed", "RUS", False)


def test_the_motion_has_the_two_votes_that_the_issue_names() -> None:
    raw = read_dossier().set_index("id").loc["S/2025/112-motion"]
    assert "USA" in raw["voted_no"].split()
    assert "RUS" in raw["abstained"].split()


def test_a_disagreement_of_sources_is_in_the_note(record: Record, rolls: pd.DataFrame) -> None:
    # The Library's record has Ukraine abstaining on ES-11/8; the Associated Press reported a yes.
    assert rolls.loc["UKR", "dossier-A/RES/ES-11/8"] == "abstain"
    assert "Sources disagree on Ukraine" in by_id(record).loc["A/RES/ES-11/8", "note"]


def test_the_day_of_24_february_2025_is_in_order(record: Record) -> None:
    day = record.roll_calls[record.roll_calls["date"] == pd.Timestamp("2025-02-24")]
    names = day["roll_call"].str.removeprefix("dossier-").tolist()
    assembly = names[: day["body"].eq("GA").sum()]
    council = names[len(assembly) :]
    # The Assembly met first; ES-11/7, then the amendments, then the amended draft as ES-11/8.
    assert (assembly[0], assembly[-1]) == ("A/RES/ES-11/7", "A/RES/ES-11/8")
    # The Council: the motion first, the resolution last.
    assert (council[0], council[-1]) == ("S/2025/112-motion", "S/RES/2774")
    assert day["order"].tolist() == [*range(1, 7), *range(1, 8)]


def test_who_moved_against_79_184(rolls: pd.DataFrame) -> None:
    before, after = rolls["dossier-A/RES/79/184"], rolls["dossier-A/RES/ES-11/7"]
    moved = set(rolls.index[(before == "yes") & (after == "no")])
    assert moved == {"USA", "ISR", "HUN", "MHL", "PLW"}


def test_who_moved_against_es_11_6(rolls: pd.DataFrame) -> None:
    before, after = rolls["dossier-A/RES/ES-11/6"], rolls["dossier-A/RES/ES-11/7"]
    changed = pd.crosstab(before, after)
    assert changed.loc["yes", ["no", "abstain", "absent"]].tolist() == [7, 33, 8]
    assert ((before != "yes") & (after == "yes")).sum() == 0


def test_united_states_and_russia_never_agreed_before(record: Record, rolls: pd.DataFrame) -> None:
    earlier = record.roll_calls.query("body == 'GA' and rolled and date < '2025-02-24'")
    pairs = rolls.loc[["USA", "RUS"], earlier["roll_call"]]
    assert pairs.shape[1] == 21
    assert (pairs.loc["USA"] == "yes").all()
    assert (pairs.loc["RUS"] == "no").all()
    that_day = rolls.loc[["USA", "RUS"], ["dossier-A/RES/ES-11/7", "dossier-A/RES/ES-11/8"]]
    assert that_day.to_numpy().tolist() == [["no", "abstain"], ["no", "no"]]


# --- the tables ---------------------------------------------------------------------------------


def test_columns_are_those_of_the_contract(record: Record) -> None:
    expected = """roll_call body session session_number date date_precision symbol_raw symbol title
        agenda meeting draft kind outcome modality proposer issues issues_from yes no abstain absent
        rolled identical_group note url order scope roll sponsors reason named"""
    assert record.roll_calls.columns.tolist() == expected.split()
    assert record.roll_calls["roll_call"].is_unique
    assert (record.roll_calls["identical_group"] == record.roll_calls["roll_call"]).all()
    assert record.roll_calls["date"].is_monotonic_increasing
    assert str(record.roll_calls["date"].dtype) == "datetime64[s]"
    assert tuple(record.votes["vote"].cat.categories) == VOTES
    assert not record.votes.duplicated(["roll_call", "member"]).any()


def test_every_vote_can_be_found_by_the_subject_ukraine(record: Record) -> None:
    calls = record.roll_calls[record.roll_calls["scope"] != "context"]
    text = calls["agenda"] + " " + calls["title"]
    assert text.str.contains("Ukraine").all()


def test_votes_in_are_votes_out_and_votes_dropped_by_reason(record: Record) -> None:
    dropped = record.log.loc[record.log["effect"] == "dropped", "rows"].sum()
    # 23 votes of 193 members and 10 of 15: 4,439 + 150.
    assert len(record.votes) == 23 * 193 + 10 * 15
    lists = read_dossier()[["voted_yes", "voted_no", "abstained", "absent"]]
    listed = lists.fillna("").agg(" ".join, axis=1).str.split().str.len().sum()
    assert listed == len(record.votes) + dropped


def test_every_vote_names_its_source(record: Record) -> None:
    assert record.roll_calls["note"].str.contains(r"Source: \w").all()


def test_provenance_says_what_was_read(record: Record, root: Path) -> None:
    files = record.provenance["files"]
    assert [f["name"] for f in files] == ["assembly.yml", "council.yml"]
    assert record.provenance["coverage"] == "2014-03-15 to 2026-02-24"
    folder = root / "data" / "raw" / "ukraine"
    assert [f["bytes"] for f in files] == [(folder / f["name"]).stat().st_size for f in files]


def test_readme_says_what_is_missing_and_that_later_votes_exist(root: Path) -> None:
    text = " ".join((root / "data/raw/ukraine/README.md").read_text(encoding="utf-8").split())
    for part in ("without a vote", "3 December 2025", "24 February 2026", *read_dossier().columns):
        assert part in text or part == "line"


@pytest.mark.mirror
def test_members_votes_are_those_of_the_library(
    record: Record, rolls: pd.DataFrame, mirror: Path
) -> None:
    letters = {"Y": "yes", "N": "no", "A": "abstain", "X": "absent"}
    beside = ["A/RES/77/284", "A/RES/78/283", "A/RES/79/284", "A/RES/79/292"]
    wanted = {f"A/RES/{symbol}" for symbol in OFFICIAL} | set(beside)
    wanted |= {"S/RES/2166(2014)", "S/RES/2202(2015)", "S/RES/2623(2022)", "S/RES/2774(2025)"}
    columns = ["resolution", "ms_code", "ms_vote", "undl_link", "date"]
    parts = [
        pd.read_csv(mirror / "undl" / name, usecols=columns, dtype="str", encoding="utf-8-sig")
        for name in ("2025_10_31_ga_voting.csv.gz", "2025_10_31_sc_voting.csv.gz")
    ]
    library = pd.concat(parts)
    library = library[library["resolution"].isin(wanted)]
    library["resolution"] = library["resolution"].str.replace(r"\(\d+\)$", "", regex=True)
    theirs = library.set_index(["ms_code", "resolution"])["ms_vote"].map(letters).sort_index()
    ours = rolls.rename(columns=lambda name: name.removeprefix("dossier-"))
    ours = ours.drop(columns=list(DRAFTS))
    named = by_id(record).loc[beside, "named"].map(read_named)
    ours = ours.join(pd.DataFrame(named.to_dict())).stack().dropna().sort_index()
    assert len(theirs) == 27 * 193 + 4 * 15
    assert theirs.to_dict() == ours.to_dict()
    raw = read_dossier().set_index("symbol")
    facts = library.drop_duplicates("resolution").set_index("resolution")
    assert raw.loc[facts.index, "url"].equals(facts["undl_link"].rename("url"))
    assert raw.loc[facts.index, "date"].equals(facts["date"])


@pytest.mark.mirror
def test_later_votes_are_those_of_the_public_analysis(record: Record, mirror: Path) -> None:
    theirs = pd.read_csv(mirror / "later" / "ga_2025_ten_members.csv")
    totals = pd.read_csv(mirror / "later" / "ga_2025_totals.csv").set_index("symbol")
    for symbol in ("A/RES/79/284", "A/RES/ES-11/9", "A/RES/80/111", "A/RES/80/223"):
        row = by_id(record).loc[symbol]
        votes = theirs[theirs["symbol"] == symbol].set_index("member")["vote"].to_dict()
        assert votes.items() <= read_named(row["named"]).items()
        assert (
            row[["yes", "no", "abstain"]].tolist()
            == totals.loc[symbol, ["yes", "no", "abstain"]].tolist()
        )


@pytest.mark.mirror
def test_drafts_of_the_council_are_those_of_the_public_lists(
    record: Record, rolls: pd.DataFrame, mirror: Path
) -> None:
    lists = pd.read_csv(mirror / "council" / "rolls.csv")
    calls = by_id(record)
    for symbol in (*DRAFTS, "S/2023/212"):
        theirs = lists[lists["symbol"] == symbol].set_index("member")["vote"].to_dict()
        if calls.loc[symbol, "rolled"]:
            ours = rolls[f"dossier-{symbol}"].dropna().to_dict()
        else:
            ours = read_named(calls.loc[symbol, "named"])
        assert ours == theirs
        assert len(ours) == 15


# --- bad edits ----------------------------------------------------------------------------------


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "data" / "raw" / "ukraine", tmp_path / "ukraine"))


def edit(file: Path, vote: str, old: str, new: str) -> int:
    """Change one line of one vote, and return the number of the line that was changed."""
    lines = file.read_text(encoding="utf-8").split("\n")
    start = lines.index(f"- id: {vote}")
    number = next(i for i in range(start, len(lines)) if re.search(old, lines[i]))
    lines[number] = re.sub(old, new, lines[number])
    file.write_text("\n".join(lines), encoding="utf-8")
    return number + 1


LAST = "A/RES/79/184"
EDITS = [
    # vote, old, new, field, what is said
    (LAST, "totals: 81", "totals: 82", "totals", "add up to 194, but 193 were members"),
    (LAST, "81-14-80-18", "80-15-80-18", "voted_yes", "lists 81, but"),
    (LAST, "totals: .*", "totals: many", "totals", "must be yes-no-abstain-absent such"),
    (LAST, "USA", "UAS", "voted_yes", "'UAS' is no member"),
    (LAST, "USA", "DDR", "voted_yes", "'DDR' was not a member on 2024-12-17"),
    (LAST, "USA", "RUS", "voted_no", "'RUS' is listed more than once"),
    (LAST, " USA", "", "roll", "is full, but no list has USA"),
    (LAST, "date: .*", "date: 17.12.2024", "date", "'17.12.2024' must be a day such as"),
    (LAST, "date: .*", "date: 2024-12-37", "date", "'2024-12-37' must be a day such as"),
    (LAST, "date: .*", "date: 2023-12-17", "date", "'2023-12-17' is outside session 79"),
    (LAST, "date: .*", "date: 2025-12-17", "date", "'2025-12-17' is outside session 79"),
    (LAST, "81-14-80-18", "81-14-80-?", "totals", "must have all four figures"),
    ("A/ES-11/L.15", "83-16", "16-83", "outcome", "16 yes are not more than 83 no"),
    ("S/2025/112-motion", "failed", "vetoed", "outcome", "does not apply to a motion"),
    (LAST, "date: .*", "date: 2025-03-01", "date", "'2025-02-24' stands below a vote of"),
    (LAST, "order: 1", "order: 2", "order", "must be 1, its place among"),
    (LAST, "session: 79", "session: XI", "session", "'XI' must be the number of a"),
    (LAST, "symbol: .*", "symbol: RES/79", "symbol", "'RES/79' must be like A/RES/79/184"),
    (LAST, "symbol: .*", "symbol: A/RES/78/184", "symbol", "is not of session 79"),
    (LAST, "  symbol: .*", "", "symbol", "must be that of the resolution"),
    (LAST, "meeting: .*", "meeting: PV.53", "meeting", "'PV.53' must be like A/ES-11"),
    (LAST, "kind: .*", "kind: resolutoin", "kind", "'resolutoin' must be one of"),
    (LAST, "outcome: .*", "outcome: vetoed", "outcome", "but the Assembly has no veto"),
    (LAST, "body: GA", "body: AG", "body", "'AG' must be one of GA, SC"),
    (LAST, "proposer: .*", "proposer: Kyiv", "proposer", "'Kyiv' is no member"),
    (LAST, "roll: full", "roll: tally", "voted_yes", "must be left out where roll is tally"),
    (LAST, "roll: full", "roll: none", "roll", "'none' must be one of full, reported, tally"),
    (LAST, "kind: .*", "kind: resolution\n  scope: near", "scope", "'near' must be one of subj"),
    (LAST, "kind: .*", "kind: resolution\n  reason: USA, late", "reason", "must be a member and"),
    (LAST, "kind: .*", 'kind: resolution\n  reason: "XYZ: late"', "reason", "'XYZ' gave a reaso"),
    (LAST, "kind: .*", "kind: resolution\n  sponsors: GEO Kyiv", "sponsors", "'Kyiv' is no membe"),
    (LAST, "kind: .*", "kind: resolution\n  sponsors: UKR", "sponsors", "'UKR' is listed more tha"),
    (LAST, "  about: .*", "", "about", "must be given"),
    (LAST, "source:", "sauce:", "sauce", "is no field of a vote; did you mean 'source'?"),
    (LAST, "kind: .*", "order: 1", "order", "given twice in a vote"),
    (LAST, LAST, "A/RES/78/221", "id", "'A/RES/78/221' is given twice"),
    ("S/RES/2774", "voted_yes: CHN", "voted_yes: BRA", "voted_yes", "'BRA' was not in the"),
    ("S/RES/2774", "10-0", "9-0", "totals", "add up to 14, but 15"),
    ("S/RES/2774", "  draft: .*", "  session: 79", "session", "the Council has no sessions"),
    ("S/2022/155", "voted_no: RUS", "voted_no: MEX", "outcome", "lists no permanent member"),
    ("S/2022/155", "outcome: vetoed", "outcome: failed", "outcome", "11 yes are enough"),
    ("S/2025/112-motion", "failed", "adopted", "outcome", "6 yes are fewer than the 9"),
    ("S/2025/112-amendment-peace", "11-", "16-", "totals", "add up to 16, but 15 were"),
]


@pytest.mark.parametrize(("vote", "old", "new", "field", "said"), EDITS)
def test_a_bad_edit_gives_one_sentence_with_file_line_and_field(
    copy: Path, vote: str, old: str, new: str, field: str, said: str
) -> None:
    file = "assembly" if vote.startswith("A/") else "council"
    path = copy / f"{file}.yml"
    edit(path, vote, old, new)
    with pytest.raises(DataError) as caught:
        clean_dossier(copy)
    sentence = str(caught.value)
    assert sentence.startswith(f"The dossier in {copy} has ")
    assert sentence.endswith("; correct what is named there")
    assert "\n" not in sentence
    fault = re.search(rf"{file}\.yml line (\d+), {field}: [^;]*{re.escape(said)}", sentence)
    assert fault
    # The line named has the field, or is one of the lines that continue it, or, where the field
    # is absent, is the first of the vote.
    line = path.read_text(encoding="utf-8").split("\n")[int(fault[1]) - 1]
    assert re.match(rf"  {field}: |    [A-Z]{{3}} |- id: ", line)


def test_the_whole_sentence_of_a_wrong_code(copy: Path) -> None:
    path = copy / "assembly.yml"
    line = edit(path, LAST, "USA VUT", "UZA VUT")
    roll = edit(path, LAST, "roll: full", "roll: full")
    with pytest.raises(DataError) as caught:
        clean_dossier(copy)
    assert str(caught.value) == (
        f"The dossier in {copy} has 2 faults: "
        f"assembly.yml line {line}, voted_yes: 'UZA' is no member; did you mean 'USA'?; "
        f"assembly.yml line {roll}, roll: is full, but no list has USA; "
        "correct what is named there"
    )
    assert "UZA VUT" in path.read_text(encoding="utf-8").split("\n")[line - 1]


def test_a_member_moved_to_another_list_breaks_both_counts(copy: Path) -> None:
    edit(copy / "assembly.yml", "A/RES/ES-11/7", " USA", "")
    edit(copy / "assembly.yml", "A/RES/ES-11/7", "voted_yes: >-", "voted_yes: >-\n    USA")
    with pytest.raises(DataError, match=r"voted_yes: lists 94, but totals say 93; .*lists 17"):
        clean_dossier(copy)


def test_all_faults_of_both_files_are_in_one_sentence(copy: Path) -> None:
    edit(copy / "assembly.yml", LAST, "kind: .*", "kind: text")
    edit(copy / "council.yml", "S/RES/2166", "outcome: .*", "outcome: passed")
    with pytest.raises(DataError, match=r"2 faults: assembly.yml .*; council.yml .*; correct"):
        clean_dossier(copy)


def test_many_faults_are_counted_and_not_all_worded(copy: Path) -> None:
    path = copy / "assembly.yml"
    text = path.read_text(encoding="utf-8").replace("kind: resolution", "kind: law")
    path.write_text(text, encoding="utf-8")
    # 23 texts of the subject with a full roll, 4 beside it, 4 that came later.
    with pytest.raises(DataError, match=r"has 31 faults: .*; and 11 more; correct"):
        clean_dossier(copy)


@pytest.mark.parametrize(
    "new", ["  2025: ", "  2025: DNK DNK ", "  2025: DNK CHN ", "  2025: USA "]
)
def test_wrong_elected_members_are_named_at_their_line(copy: Path, new: str) -> None:
    path = copy / "council.yml"
    text = path.read_text(encoding="utf-8")
    line = next(i for i, t in enumerate(text.split("\n"), 1) if t.startswith("  2025: DNK "))
    path.write_text(text.replace("  2025: DNK ", new), encoding="utf-8")
    with pytest.raises(
        DataError, match=rf"line {line}, elected_members 2025: must be 10 different"
    ):
        clean_dossier(copy)


def test_a_year_without_elected_members_is_named(copy: Path) -> None:
    path = copy / "council.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"  2015: .*\n", "", text), encoding="utf-8")
    with pytest.raises(DataError, match="date: elected_members has no members of the Council for"):
        clean_dossier(copy)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("votes:\n- id: [1\n", r"assembly.yml line 3, column 1: this is no YAML \("),
        ("", "assembly.yml line 1: the file is empty"),
        ("- a\n- b\n", "assembly.yml line 1: the file must be made of lines 'field: value'"),
        ("votes: none\n", "assembly.yml line 1, votes: must be a list of votes"),
        ("votes:\n- text\n", "assembly.yml line 2: a vote must be made of lines 'field: value'"),
        ("vote: []\n", r"assembly.yml line 1, part: 'vote' must be one of votes, elected_members"),
        ("elected_members:\n", "assembly.yml line 1, votes: the list of votes is missing"),
        ("votes:\n- id: {a: b}\n", "assembly.yml line 2, id: must be a single value"),
        ("votes: !!python/object/apply:os.system ['true']\n", "line 1: a vote must be"),
        ("[" * 3000, "this is no YAML"),
    ],
)
def test_what_is_no_dossier_is_refused(copy: Path, content: str, said: str) -> None:
    (copy / "assembly.yml").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        clean_dossier(copy)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "council.yml").unlink()
    with pytest.raises(MissingDataError) as caught:
        read_dossier(copy)
    assert str(caught.value) == (
        f"{copy / 'council.yml'}: this file of the dossier is missing; "
        "restore it (git checkout data/raw/ukraine)"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="there is no such folder; name the folder that"):
        clean_dossier(tmp_path / "nowhere")


def test_a_folder_in_the_place_of_a_file_is_named(copy: Path) -> None:
    (copy / "council.yml").unlink()
    (copy / "council.yml").mkdir()
    with pytest.raises(DataError, match=r"council.yml: cannot be read \(.*\); restore it"):
        clean_dossier(copy)


def test_text_in_another_encoding_is_refused(copy: Path) -> None:
    (copy / "assembly.yml").write_bytes("votes: é".encode("latin-1"))
    with pytest.raises(DataError, match=r"assembly.yml: not UTF-8 at byte 7; save it as UTF-8"):
        clean_dossier(copy)


def test_a_huge_file_is_refused_before_it_is_read(copy: Path) -> None:
    with (copy / "assembly.yml").open("wb") as file:
        file.truncate(6_000_000)
    with pytest.raises(DataError, match="over 5000000 bytes"):
        clean_dossier(copy)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(copy: Path, record: Record) -> None:
    for path in copy.glob("*.yml"):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(text.encode("utf-8-sig"))
    again = clean_dossier(copy)
    pd.testing.assert_frame_equal(again.roll_calls, record.roll_calls)
    pd.testing.assert_frame_equal(again.votes, record.votes)
