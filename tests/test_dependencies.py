"""What an edit makes anew: in a copy of the package, one file is edited and versions compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import store
from helpers.ballots import ballots_from_matrix
from helpers.groups import GroupResult, similarity_with_group
from helpers.run import batch, pipeline
from helpers.store import cache, dependencies, digests, places

RULES = {"record", "similarity", "blocs", "report"}


def forget() -> None:
    for function in vars(dependencies).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    store.code_version.cache_clear()


@pytest.fixture
def package(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package in a copy of the project, which is looked at in its place."""
    folder = tmp_path / "src" / "helpers"
    shutil.copytree(store.PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("notebooks", "data/raw/ukraine"):
        shutil.copytree(root / part, tmp_path / part)
    shutil.copy(root / "pyproject.toml", tmp_path)
    for module in (dependencies, digests, places):
        monkeypatch.setattr(module, "PACKAGE", folder)
    forget()
    yield folder
    monkeypatch.undo()
    forget()


def versions() -> dict[str, str]:
    forget()
    return batch._code_versions()


def edit(path: Path) -> None:
    assert path.is_file(), path
    with path.open("ab") as file:
        file.write(b"\n")


@pytest.mark.parametrize(
    ("file", "outdated"),
    [
        # above the report: the page that finds reports, the batch, the command line
        ("run/index.py", set()),
        ("run/batch.py", set()),
        ("cli/commands.py", set()),
        ("__main__.py", set()),
        ("report/templates/site/style.css.j2", set()),
        ("run/workflow/Snakefile", set()),
        ("run/workflow/profiles/slurm/config.yaml", set()),
        # no stage and no report calls it
        ("ballots/simulate.py", set()),
        ("record/sources/fetch.py", set()),
        # the drawing and the words
        ("report/figures/votes.py", {"report"}),
        ("report/figures/style.py", {"report"}),
        ("report/sections/answer.py", {"report"}),
        ("report/words.py", {"report"}),
        ("report/templates/unblocs/style.css", {"report"}),
        ("data/tiles.csv", {"report"}),
        ("data/short_names.csv", {"report"}),
        ("run/pipeline.py", {"report"}),
        ("run/kernel.py", {"report"}),
        ("shifts/movers.py", {"report"}),
        ("multiverse/run.py", {"report"}),
        # the computation
        ("blocs/find.py", {"blocs", "report"}),
        ("blocs/kernels.py", {"blocs", "report"}),
        ("similarity/measures.py", {"similarity", "blocs", "report"}),
        ("similarity/kernels.py", {"similarity", "blocs", "report"}),
        ("similarity/dyads.py", {"similarity", "blocs", "report"}),
        ("similarity/intervals.py", {"similarity", "blocs", "report"}),
        ("ballots/resampling.py", {"similarity", "blocs", "report"}),
        ("ballots/select.py", {"similarity", "blocs", "report"}),
        ("study/parameters.py", {"similarity", "blocs", "report"}),
        # the record: what reads and cleans; who is a member, which everything asks
        ("record/sources/undl.py", {"record", "report"}),
        ("record/sources/unvotes.py", {"record", "report"}),
        ("record/sources/dossier.py", {"record", "report"}),
        ("record/cleaning/vote_rules.py", {"record", "report"}),
        ("record/reconciliation.py", {"record", "report"}),
        ("record/load.py", {"record", "report"}),
        ("study/results.py", RULES),
        ("record/members.py", RULES),
        ("record/tables.py", RULES),
        ("data/groups.csv", RULES),
        ("data/subject_model.npz", RULES),
    ],
)
def test_an_edit_outdates_what_depends_on_it(package: Path, file: str, outdated: set[str]) -> None:
    before = versions()
    edit(package / file)
    after = versions()
    assert {rule for rule in RULES if after[rule] != before[rule]} == outdated


def test_a_new_data_file_that_no_source_names_counts_for_all(package: Path) -> None:
    before = versions()
    (package / "data" / "unheard_of.csv").write_text("a\n1\n", encoding="utf-8")
    assert all(after != before[rule] for rule, after in versions().items())


def test_compiled_files_count_for_nothing(package: Path) -> None:
    before = versions()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "similarity.cpython-311.pyc").write_bytes(b"x")
    (package / "_bundle" / "notebooks").mkdir(parents=True)
    (package / "_bundle" / "notebooks" / "similarity.py").write_text("x")
    assert versions() == before


def test_a_module_that_is_named_as_a_string_counts(package: Path) -> None:
    """Readers are named in `record` and imported by name."""
    before = store.code_version("helpers.record")
    edit(package / "record" / "sources" / "voeten.py")
    forget()
    assert store.code_version("helpers.record") != before


def test_another_version_of_a_library_outdates_all(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions()
    forget()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0")
    assert all(after != before[rule] for rule, after in batch._code_versions().items())


@pytest.mark.parametrize(
    "line", ["import helpers", "from helpers import a_name_that_is_none", "import helpers as h"]
)
def test_what_may_load_anything_depends_on_everything(package: Path, line: str) -> None:
    (package / "shifts" / "movers.py").write_text(f"{line}\n", encoding="utf-8")
    assert package / "run" / "index.py" in dependencies.files_behind(["helpers.shifts.movers"])
    assert package / "run" / "index.py" in dependencies.files_behind(["a_module_of_a_user"])


def test_the_code_part_of_a_key_is_that_of_the_function_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of the module where the class of its result happens to live."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "code_version", lambda *names: asked.append(names) or "version")
    votes = ballots_from_matrix([[1, 1, 3]], members=["A", "B", "C"])
    found = store.cached(
        GroupResult, similarity_with_group, votes, "A", ["B", "C"], "agreement", replicates=10
    )
    assert found.value == 0.5  # alike with B, not with C
    assert asked == [("helpers.groups.cohesion",)]


def test_a_library_counts_where_it_is_imported(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is drawn depends on matplotlib and seaborn, only blocs on scikit-network."""
    before, found = versions(), {}
    real = dependencies._version
    for library in ("seaborn", "matplotlib", "sknetwork", "numpy"):
        forget()
        other = {library: "0"}
        monkeypatch.setattr(dependencies, "_version", lambda name, o=other: o.get(name, real(name)))
        found[library] = {r for r, v in batch._code_versions().items() if v != before[r]}
        monkeypatch.setattr(dependencies, "_version", real)
    assert found == {
        "seaborn": {"report"},
        "matplotlib": {"report"},
        "sknetwork": {"blocs", "report"},
        "numpy": RULES,
    }


def test_a_name_counts_as_the_module_that_its_door_takes_it_from(package: Path) -> None:
    """By hand: `load_groups` comes from ``record/members``, `cached` from ``store/cache``."""
    source = "from helpers.record import load_groups\nfrom helpers.store import cached\n"
    assert dependencies.imported_modules(source) == {
        "helpers.record.members",
        "helpers.store.cache",
    }
    door = package / "record" / "__init__.py"
    assert door in dependencies.files_behind(["helpers.record.members"])
    assert package / "record" / "load.py" not in dependencies.files_behind(
        ["helpers.record.members"]
    )


def test_what_a_process_imports_is_among_what_is_read(root: Path) -> None:
    """An independent reading: a fresh interpreter says what a module loads at its top."""
    code = (
        "import sys, helpers.blocs.kernels, helpers.study.grid\n"
        "print(*(n for n in sys.modules if n.startswith('helpers')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root / "src"
    )
    loaded = {dependencies._source_of(name) for name in done.stdout.split()}
    read = set(dependencies.files_behind(["helpers.blocs.kernels", "helpers.study.grid"]))
    doors = {path for path in loaded if path and path.name == "__init__.py"}
    behind = {name for door in doors for name in dependencies._behind_door(door).values()}
    assert loaded - set(dependencies.files_behind(behind)) <= read


def test_types_only_imports_do_not_count_and_late_ones_do() -> None:
    source = (
        "if TYPE_CHECKING:\n"
        "    from helpers.blocs import Blocs\n"
        "\n"
        "    from helpers.report.figures import (\n"
        "        Drawing,\n"
        "    )\n"
        "\n"
        "def late():\n"
        "    from helpers.similarity import (\n"
        "        MEASURES,  # a comment\n"
        "        Similarity as S,\n"
        "    )\n"
        "    from helpers.record import files as f, tables\n"
    )
    assert dependencies.imported_modules(source) == {
        "helpers.similarity.measures",
        "helpers.record.files",
        "helpers.record.tables",
    }


def test_a_notebook_depends_on_what_it_imports(package: Path) -> None:
    """`simulate` is behind no report until a notebook imports it."""
    path = package.parents[1] / "notebooks" / "06_report.ipynb"
    results = []
    for line in (
        "from helpers import Results",
        "from helpers.ballots import simulate\\nfrom helpers import Results",
    ):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("from helpers import Results", line), encoding="utf-8")
        assert line in path.read_text(encoding="utf-8")
        forget()
        before = pipeline.report_version()
        edit(package / "ballots" / "simulate.py")
        forget()
        results.append(pipeline.report_version() != before)
    assert results == [False, True]
