"""The jobs people come with: each verb against plain pandas, in the API and on the command line."""

from __future__ import annotations

import doctest
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import build_ballots, split_windows, vote_shares
from helpers.blocs import place_members
from helpers.cli import main
from helpers.errors import ParameterError, SelectionError
from helpers.groups import track_group
from helpers.record import VOTES, Record, cite, clean_source, load_record
from helpers.report.figures import Drawing
from helpers.shifts import votes_on
from helpers.similarity import bootstrap_similarity, measure_similarity, rank_members, track_dyad
from helpers.store import PACKAGE, check_table_name, project_version, write_table

TERRITORY = "A/RES/ES-11/7"
"""Adopted on 24 February 2025 by 93 to 18 with 65 abstentions (A/ES-11/PV.36)."""


@pytest.fixture(scope="module")
def dossier() -> Record:
    return load_record("dossier")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.delenv("UNBLOCS_MIRROR", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hold_drawing(result, words: str) -> None:
    """A result draws itself alone and on axes that are given, and says what it shows."""
    from matplotlib.figure import Figure

    drawing = result.plot()
    assert isinstance(drawing, Drawing)
    assert words in drawing.alt
    figure = Figure()
    axes = figure.subplots(1, 2)[1]
    assert result.plot(axes).figure is figure
    assert axes.has_data()


# --- who voted how ---------------------------------------------------------------------------


def test_votes_on_against_the_votes_themselves(dossier: Record) -> None:
    found = votes_on(dossier, TERRITORY)
    assert found.totals.set_index("vote")["members"].to_dict() == {
        "yes": 93,
        "abstain": 65,
        "no": 18,
        "absent": 17,  # 193 members less the 176 that voted
    }
    rows = dossier.votes[dossier.votes["roll_call"] == found.roll_call]
    plain = dict(zip(rows["member"].astype(str), rows["vote"].astype(str), strict=True))
    assert found.table.set_index("member")["vote"].astype(str).to_dict() == plain
    known = found.totals.dropna(subset="published")
    assert (known["members"] == known["published"]).all()
    assert "United States" in found.by_vote["no"]
    hold_drawing(found, "93 yes, 65 abstain, 18 no")
    with pytest.raises(SelectionError, match="has the symbol 'A/RES/ES-11/99'"):
        votes_on(dossier, "A/RES/ES-11/99")


@pytest.mark.mirror
def test_votes_on_the_full_record(ga_record: Record) -> None:
    """Every total is the count of the votes in the record, on a text in 1,500."""
    calls = ga_record.roll_calls
    some = calls[calls["rolled"] & calls["symbol"].notna()].iloc[::1500]
    for call in some["roll_call"]:
        found = votes_on(ga_record, call)
        plain = ga_record.votes.loc[ga_record.votes["roll_call"] == call, "vote"].value_counts()
        assert found.totals["members"].tolist() == [int(plain[vote]) for vote in VOTES]


def test_the_command_votes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["votes", TERRITORY]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{TERRITORY}, 2025-02-24: ")
    assert "no (18): Belarus, " in shown
    assert not list(home.glob("*.csv"))
    assert main(["votes", TERRITORY, "--out", "votes.csv"]) == 0
    table = pd.read_csv(home / "votes.csv")
    assert table["vote"].value_counts()["no"] == 18
    assert main(["votes", TERRITORY, "--set", "seed=2"]) == 1
    assert "seed: it has no effect on 'unblocs votes'" in capsys.readouterr().err


# --- two members over time -------------------------------------------------------------------


def agree(record: Record, a: str, b: str, key: str) -> dict[str, tuple[float, int]]:
    """Share of equal votes of two members and its denominator, by plain pandas."""
    calls = record.roll_calls.assign(year=record.roll_calls["date"].dt.strftime("%Y"))
    votes = record.votes[record.votes["vote"] != "absent"].astype(str)
    wide = votes.pivot(index="roll_call", columns="member", values="vote")[[a, b]].dropna()
    calls = calls[calls["body"] == "GA"].set_index("roll_call")[key]
    both = wide.join(calls, how="inner")
    equal = both[a] == both[b]
    return {str(k): (float(e.mean()), len(e)) for k, e in equal.groupby(both[key])}


def seen(table: pd.DataFrame) -> dict[str, tuple[float, int]]:
    shown = table[table["n_shared"] > 0]
    numbers = zip(shown["value"], shown["n_shared"], strict=True)
    return dict(zip(shown["period"], numbers, strict=True))


def test_track_dyad_against_plain_pandas(dossier: Record) -> None:
    ballots = build_ballots(dossier)
    options = {"measure": "agreement", "min_shared": 1, "replicates": 20}
    track = track_dyad(ballots, "USA", "France", windows="year", **options)
    expected = agree(dossier, "USA", "FRA", "year")
    assert seen(track.table) == {y: (pytest.approx(v), n) for y, (v, n) in expected.items()}
    hold_drawing(track, "United States and France, raw agreement: 1.00 in 2014")
    # One road: the interval is that of the similarity of all members in the window.
    event = track_dyad(ballots, "USA", "FRA", windows="event", event="2025-02-24", **options)
    window = split_windows(ballots, ["2025-02-24"])[0]
    whole = bootstrap_similarity(window.ballots, **options).dyad("USA", "FRA")
    names = ["value", "low", "high", "n_shared", "blocks"]
    assert event.table.loc[0, names].tolist() == whole[names].tolist()
    [said] = event.warnings  # two votes of one day are one block
    assert said.startswith("no interval in since 2025-02-24: the votes are worth too few blocks")
    with pytest.raises(SelectionError, match="a dyad needs two members"):
        track_dyad(ballots, "USA", "United States")


@pytest.mark.mirror
def test_track_dyad_on_the_cases(mirror: Path, tmp_path: Path) -> None:
    """The made files: 1.0 on 6 votes, then 0.0 on 6; two Chinas, 1.0 until 1971 and 0.0 after."""
    options = {"measure": "agreement", "min_shared": 1, "replicates": 20}
    case = mirror / "cases" / "windows_ignored_ga.csv"
    ballots = build_ballots(clean_source("undl-ga", [case], tmp_path / "a"))
    by_session = track_dyad(ballots, "USA", "CUB", windows="session", **options).table
    assert seen(by_session) == {"70": (1.0, 6), "71": (0.0, 6)}
    case = mirror / "cases" / "two_chinas_ga.csv"
    ballots = build_ballots(clean_source("undl-ga", [case], tmp_path / "b"))
    cut = {"windows": ["1971-10-25"], **options}
    before, since = "before 1971-10-25", "since 1971-10-25"
    assert {v for v, _ in seen(track_dyad(ballots, "USA", "ROC", **cut).table).values()} == {1.0}
    table = track_dyad(ballots, "USA", "CHN", **cut).table.set_index("period")
    assert table.loc[before, "n_shared"] == 0 and pd.isna(table.loc[before, "value"])
    assert table.loc[since, "value"] == 0.0


@pytest.mark.mirror
def test_track_dyad_on_the_full_record(ga_record: Record) -> None:
    ballots = build_ballots(ga_record, date_from="2012-01-01", date_to="2014-12-31")
    options = {"measure": "agreement", "replicates": 20}
    table = track_dyad(ballots, "Brazil", "USA", windows="year", **options).table
    expected = agree(ga_record, "BRA", "USA", "year")
    assert seen(table) == {
        y: (pytest.approx(expected[y][0]), expected[y][1]) for y in ("2012", "2013", "2014")
    }
    assert ((table["low"] < table["value"]) & (table["value"] < table["high"])).all()


def test_the_command_track(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--windows", "year", "--measure", "agreement", "--replicates", "20"]
    assert main(["track", "USA", "RUS", *words, "--out", "track.csv"]) == 0
    shown = capsys.readouterr().out
    assert "DyadTrack: " in shown and "measure agreement" in shown
    table = pd.read_csv(home / "track.csv", dtype={"period": str})
    assert [f" {year} " in shown for year in table["period"]] == [True] * len(table)
    assert table["n_shared"].sum() == 23  # 21 before 24 February 2025, 2 that day


# --- how a member votes ----------------------------------------------------------------------


def count(record: Record, member: str, body: str = "GA") -> pd.DataFrame:
    """Votes of a member by year, by plain pandas."""
    calls = record.roll_calls[record.roll_calls["body"] == body]
    rows = record.votes[record.votes["member"] == member].astype(str)
    rows = rows.merge(calls[["roll_call", "date"]], on="roll_call")
    return pd.crosstab(rows["date"].dt.strftime("%Y"), rows["vote"])


def hold_shares(record: Record, member: str) -> None:
    table = vote_shares(record, member).table.set_index("year")
    plain = count(record, member)
    for vote in VOTES:
        expected = plain[vote] if vote in plain else plain.iloc[:, 0] * 0
        assert table[vote].to_dict() == expected.to_dict()
    assert table["roll_calls"].to_dict() == plain.sum(axis=1).to_dict()
    cast = table["yes"] + table["no"] + table["abstain"]
    assert (table["share_no"].fillna(0) * cast).round(9).tolist() == table["no"].tolist()
    shares = table[["share_yes", "share_no", "share_abstain"]].sum(axis=1)
    assert shares[cast > 0].round(12).eq(1).all()
    absent = table["share_absent"] * table["roll_calls"]
    assert absent.round(9).tolist() == table["absent"].tolist()


def test_vote_shares_against_plain_pandas(dossier: Record) -> None:
    for member in ("USA", "IRN", "AFG"):
        hold_shares(dossier, member)
    hold_drawing(vote_shares(dossier, "USA"), "Votes of United States by year: 91% yes")  # 21/23
    with pytest.raises(ParameterError, match="by: 'yaer' must be one of year, session"):
        vote_shares(dossier, "USA", by="yaer")
    with pytest.raises(ParameterError, match="selection: 'absence' must be one of date_from"):
        vote_shares(dossier, "USA", absence="abstain")


@pytest.mark.mirror
def test_vote_shares_on_the_full_record(ga_record: Record) -> None:
    for member in ("USA", "SYC"):
        hold_shares(ga_record, member)
    # The seat of China: two members, which have the votes of the seat between them.
    seat = count(ga_record, "CHN").sum().sum()
    two = [vote_shares(ga_record, m, by="all").table["roll_calls"].sum() for m in ("ROC", "CHN")]
    assert sum(two) == seat and min(two) > 0


def test_the_command_shares(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shares", "USA", "--by", "all", "--out", "shares.csv"]) == 0
    assert "VoteShares: 1 row; member USA, by all, body GA" in capsys.readouterr().out
    row = pd.read_csv(home / "shares.csv").iloc[0]
    assert [row[c] for c in ("roll_calls", "yes", "no", "abstain")] == [23, 21, 1, 1]


# --- the nearest, and known groups -----------------------------------------------------------


def test_the_command_rank(home: Path, dossier: Record, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--measure", "agreement", "--replicates", "20"]
    assert main(["rank", "Israel", "--out", "rank.csv", *words]) == 0
    shown = capsys.readouterr().out
    assert "MemberRanking: " in shown and "focus ISR" in shown
    table = pd.read_csv(home / "rank.csv")
    plain = {m: agree(dossier, "ISR", m, "body")["GA"] for m in table["member"]}
    assert table["value"].tolist() == pytest.approx([plain[m][0] for m in table["member"]])
    assert table["n_shared"].tolist() == [plain[m][1] for m in table["member"]]
    assert table["value"].is_monotonic_decreasing
    assert main(["rank", "ISR", "--windows", "year"]) == 1
    assert "windows: it has no effect on 'unblocs rank'" in capsys.readouterr().err


def test_a_ranking_and_a_history_of_groups_draw_themselves(dossier: Record) -> None:
    ballots = build_ballots(dossier)
    ranking = rank_members(measure_similarity(ballots, "agreement"), "USA")
    hold_drawing(ranking, "raw agreement with United States: ")
    groups = track_group(ballots, "EU", windows=["2025-02-24"], replicates=20)
    hold_drawing(groups, "Agreement index inside groups: EU ")


def test_the_command_groups(
    home: Path, dossier: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """The European Union: of one mind on 21 of 21 votes, then on none of 2."""
    assert main(["groups", "EU", "--windows", "2025-02-24", "--out", "groups.csv"]) == 0
    assert "before 2025-02-24" in capsys.readouterr().out
    table = pd.read_csv(home / "groups.csv")
    assert table[["unanimous", "n_shared"]].to_numpy().tolist() == [[21, 21], [0, 2]]
    assert main(["groups", "Union of Nobody"]) == 1
    assert capsys.readouterr().err.startswith("unblocs: ")


# --- members in a plane ----------------------------------------------------------------------


def test_principal_components_are_those_of_numpy(dossier: Record) -> None:
    ballots = build_ballots(dossier)
    found = place_members(ballots, method="pca")
    votes = np.array([np.nan, 1.0, 0.0, -1.0])[ballots.take(members=found.table["member"]).votes]
    filled = pd.DataFrame(votes.T).pipe(lambda x: x.fillna(x.mean()) - x.mean()).to_numpy()
    left, sizes, _ = np.linalg.svd(filled, full_matrices=False)
    for axis, column in enumerate(("x", "y")):
        plain = left[:, axis] * sizes[axis]
        plain *= np.sign(plain[np.abs(plain).argmax()])
        assert found.table[column].to_numpy() == pytest.approx(plain, abs=1e-9)
    share = (sizes**2 / (sizes**2).sum())[:2]
    assert [found.explained_x, found.explained_y] == pytest.approx(share, rel=1e-9)
    hold_drawing(found, "members by principal components")


def test_scaling_is_no_worse_than_where_it_starts(dossier: Record) -> None:
    """Stress-1 by its formula; metric MDS begins at Torgerson's solution and improves it."""
    ballots = build_ballots(dossier, date_to="2025-02-23", min_votes=17)  # any two share 13
    found = place_members(ballots, measure="agreement", k=3)
    kept = found.table["member"].tolist()
    apart = 1 - measure_similarity(ballots, "agreement").values.loc[kept, kept].to_numpy()
    assert not np.isnan(apart).any()
    centre = np.eye(len(kept)) - 1 / len(kept)
    values, vectors = np.linalg.eigh(-centre @ apart**2 @ centre / 2)
    start = vectors[:, -2:] * np.sqrt(values[-2:])

    def distances(points: np.ndarray) -> np.ndarray:
        return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))

    seen, first = distances(found.table[["x", "y"]].to_numpy()), distances(start)
    assert found.stress == pytest.approx(np.sqrt(((seen - apart) ** 2).sum() / (seen**2).sum()))
    assert ((seen - apart) ** 2).sum() < ((first - apart) ** 2).sum()
    # Lloyd's condition: each member is nearest to the middle of its own cluster.
    points, labels = found.table[["x", "y"]].to_numpy(), found.table["cluster"].to_numpy()
    middles = np.array([points[labels == c].mean(axis=0) for c in (1, 2, 3)])
    nearest = ((points[:, None] - middles[None]) ** 2).sum(axis=2).argmin(axis=1) + 1
    assert nearest.tolist() == labels.tolist()
    assert any("k-means cuts any cloud of points into 3 clusters" in w for w in found.warnings)
    again = place_members(ballots, measure="agreement", k=3)
    pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)


def test_what_cannot_be_placed_is_said(dossier: Record) -> None:
    ballots = build_ballots(dossier)
    with pytest.raises(ParameterError, match="method: 'tsne' must be one of mds, pca"):
        place_members(ballots, method="tsne")
    with pytest.raises(ParameterError, match="k: 1 must be 0, or 2 to"):
        place_members(ballots, k=1)
    with pytest.raises(SelectionError, match="three are needed to place them"):
        place_members(ballots.take(members=["USA", "FRA"]))


# --- ways out --------------------------------------------------------------------------------


def some_table() -> pd.DataFrame:
    """One column of each kind that results have, with what is missing."""
    return pd.DataFrame(
        {
            "member": ["USA", "RUS"],
            "name": ["=1+1", None],
            "value": [0.5, np.nan],
            "unanimous": pd.array([3, pd.NA], dtype="Int64"),
            "clear": [True, False],
            "from": pd.to_datetime(["2025-02-24", None]),
            "vote": pd.Categorical(["no", "yes"], categories=VOTES, ordered=True),
        }
    )


def test_stata_reads_back_with_labels(tmp_path: Path) -> None:
    """Read by pandas' own reader; the version is in the file's first bytes (Stata's manual)."""
    path = tmp_path / "a.dta"
    made = {"record": {"title": "A source"}}
    assert write_table(some_table(), path, made) == [path, tmp_path / "a.dta.json"]
    assert path.read_bytes().startswith(b"<stata_dta><header><release>118</release>")
    with pd.read_stata(path, iterator=True) as reader:
        table = reader.read()
        labels = reader.variable_labels()
        assert reader.data_label == "A source"
    assert labels["value"] == "the measure, as the parameters of the table name it"
    assert table["name"].tolist() == ["=1+1", ""]
    assert table["value"].isna().tolist() == table["from"].isna().tolist() == [False, True]
    assert table["unanimous"].iloc[0] == 3 and pd.isna(table["unanimous"].iloc[1])
    assert table["from"].iloc[0] == pd.Timestamp("2025-02-24")
    assert table["vote"].astype(str).tolist() == ["no", "yes"]


def test_excel_reads_back_and_runs_no_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra 'export' is not installed")
    path = tmp_path / "a.xlsx"
    write_table(some_table(), path, {"record": {"title": "A source"}})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["table", "columns", "made from"]
    assert [c.value for c in book["table"][2]][:5] == ["USA", "=1+1", 0.5, 3, True]
    assert book["table"]["B2"].data_type == "s"
    assert [c.value for c in book["table"][3]][1:4] == [None, None, None]
    assert book["columns"]["B2"].value == "member state, by id"
    assert book["made from"]["B2"].value == '{"title": "A source"}'


def test_excel_says_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ParameterError, match="xlsx: writing Excel needs openpyxl; pip install"):
        check_table_name(Path("a.xlsx"))


def test_the_package_says_its_version_and_that_it_has_types() -> None:
    import helpers

    assert helpers.__version__ == project_version()
    assert (PACKAGE / "py.typed").is_file()


def test_a_result_is_cited_with_its_options_and_its_source(dossier: Record) -> None:
    shares = vote_shares(dossier, "USA", by="all")
    text = cite(dossier, shares)
    assert "VoteShares: 1 row; member USA, by all, body GA." in text
    assert f"version {project_version()}" in text
    assert text.endswith(dossier.provenance["citation"])
    entry = cite(dossier, shares, form="bibtex")
    assert entry.startswith("@software{unblocs,\n  author = {{UN Voting Blocs contributors}}")
    # BibTeX reads to the brace that closes the entry: all others come in pairs.
    assert entry.count("{") == entry.count("}") and entry.endswith("}\n")
    odd = replace(dossier, provenance={"citation": "A & B {100%} #1_x ~ ^"})
    expected = r"A \& B \{100\%\} \#1\_x \textasciitilde{} \textasciicircum{}"
    assert expected in cite(odd, form="bibtex")
    rows = cite(dossier, shares, form="ris").splitlines()
    assert rows[0] == "TY  - COMP" and rows[-1] == "ER  - "
    assert all(row[2:6] == "  - " for row in rows)
    with pytest.raises(ParameterError, match="form: 'endnote' must be one of text, bibtex, ris"):
        cite(dossier, form="endnote")


def test_the_page_of_jobs_runs(root: Path) -> None:
    """Every example of docs/jobs.md gives what stands below it."""
    failed, tried = doctest.testfile(str(root / "docs" / "jobs.md"), module_relative=False)
    assert tried >= 15 and failed == 0
