"""What an edit makes anew: in a copy of the package, one file is edited and versions compared."""

from __future__ import annotations

import ast
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import batch, dependencies, pipeline, stages, storage

RULES = {"record", "similarity", "blocs", "report"}


def forget() -> None:
    for function in vars(dependencies).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    storage.code_version.cache_clear()


@pytest.fixture
def package(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package in a copy of the project, which is looked at in its place."""
    folder = tmp_path / "src" / "helpers"
    shutil.copytree(storage.PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("notebooks", "data/raw/ukraine"):
        shutil.copytree(root / part, tmp_path / part)
    shutil.copy(root / "pyproject.toml", tmp_path)
    monkeypatch.setattr(dependencies, "PACKAGE", folder)
    monkeypatch.setattr(storage, "PACKAGE", folder)
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
        ("site.py", set()),
        ("batch.py", set()),
        ("cli.py", set()),
        ("__main__.py", set()),
        ("templates/site/style.css.j2", set()),
        ("workflow/Snakefile", set()),
        ("workflow/profiles/slurm/config.yaml", set()),
        # no stage and no report calls it
        ("simulate.py", set()),
        ("sources/fetch.py", set()),
        # the drawing and the words
        ("plots/votes.py", {"report"}),
        ("plots/style.py", {"report"}),
        ("report/sentences.py", {"report"}),
        ("templates/unblocs/style.css", {"report"}),
        ("data/tiles.csv", {"report"}),
        ("data/short_names.csv", {"report"}),
        ("pipeline.py", {"report"}),
        ("warm_kernel.py", {"report"}),
        ("movers.py", {"report"}),
        ("multiverse.py", {"report"}),
        # the computation
        ("blocs.py", {"blocs", "report"}),
        ("_kernels_blocs.py", {"blocs", "report"}),
        ("similarity.py", {"similarity", "blocs", "report"}),
        ("_kernels.py", {"similarity", "blocs", "report"}),
        ("_dyads.py", {"similarity", "blocs", "report"}),
        ("intervals.py", {"similarity", "blocs", "report"}),
        ("resampling.py", {"similarity", "blocs", "report"}),
        ("ballots.py", {"similarity", "blocs", "report"}),
        ("parameters.py", {"similarity", "blocs", "report"}),
        # the record: what reads and cleans; who is a member, which everything asks
        ("sources/undl.py", {"record", "report"}),
        ("sources/unvotes.py", {"record", "report"}),
        ("sources/dossier.py", {"record", "report"}),
        ("cleaning/vote_rules.py", {"record", "report"}),
        ("reconcile.py", {"record", "report"}),
        ("record.py", {"record", "report"}),
        ("stages.py", RULES),
        ("members.py", RULES),
        ("tables.py", RULES),
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
    before = storage.code_version("helpers.record")
    edit(package / "sources" / "voeten.py")
    forget()
    assert storage.code_version("helpers.record") != before


def test_another_version_of_a_library_outdates_all(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions()
    forget()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0")
    assert all(after != before[rule] for rule, after in batch._code_versions().items())


@pytest.mark.parametrize(
    "line", ["import helpers", "from helpers import load_record", "import helpers as h"]
)
def test_what_may_load_anything_depends_on_everything(package: Path, line: str) -> None:
    (package / "movers.py").write_text(f"{line}\n", encoding="utf-8")
    assert package / "site.py" in dependencies.files_behind(["helpers.movers"])
    assert package / "site.py" in dependencies.files_behind(["a_module_of_a_user"])


def test_the_result_class_of_each_stage_is_in_the_module_that_computes_it() -> None:
    """`storage.cached` takes the module from the class of the result."""
    pairs = [
        (stages.Similarity, stages.bootstrap_similarity),
        (stages.Blocs, stages.find_blocs),
        (stages.BlocHistory, stages.trace_blocs),
        (stages.Multiverse, stages.run_multiverse),
        (stages.Reconciliation, stages.reconcile),
        (stages.GroupHistory, stages.trace_groups),
        (stages.GroupPairs, stages.compare_groups),
        (stages.GroupResult, stages.similarity_with_group),
    ]
    source = Path(stages.__file__).read_text(encoding="utf-8")
    assert source.count("return cached(") == len(pairs)
    for kind, function in pairs:
        assert kind.__module__ == function.__module__


def imports_by_syntax(path: Path) -> set[str]:
    """Return what a source imports of the package, by its syntax tree: an independent reading."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    types_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in types_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("helpers")}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "no relative imports: the reading by lines would miss them"
            if (node.module or "").split(".")[0] == "helpers":
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                is_module = {name for name in names if dependencies._source_of(name)}
                found |= is_module | ({node.module} if names - is_module else set())
    return found


def test_imports_are_those_of_the_syntax_tree() -> None:
    checked = 0
    for path in storage.PACKAGE.rglob("*.py"):
        if "_bundle" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        strings = {s for s in dependencies._STRINGS.findall(text) if s.startswith("helpers.")}
        by_syntax = imports_by_syntax(path)
        assert by_syntax <= dependencies.imported_modules(text) <= by_syntax | strings, path
        checked += 1
    assert checked > 60


def test_types_only_imports_do_not_count_and_late_ones_do() -> None:
    source = (
        "if TYPE_CHECKING:\n"
        "    from helpers.blocs import Blocs\n"
        "\n"
        "    from helpers.plots import (\n"
        "        Drawing,\n"
        "    )\n"
        "\n"
        "def late():\n"
        "    from helpers.similarity import (\n"
        "        MEASURES,  # a comment\n"
        "        Similarity as S,\n"
        "    )\n"
        "    from helpers import files as f, tables\n"
    )
    assert dependencies.imported_modules(source) == {
        "helpers.similarity",
        "helpers.files",
        "helpers.tables",
    }


def test_a_notebook_depends_on_what_it_imports(package: Path) -> None:
    """`simulate` is behind no report until a notebook imports it."""
    path = package.parents[1] / "notebooks" / "06_report.ipynb"
    results = []
    for line in ("from helpers import report", "from helpers import report, simulate"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("from helpers import report", line), encoding="utf-8")
        assert line in path.read_text(encoding="utf-8")
        forget()
        before = pipeline.report_version()
        edit(package / "simulate.py")
        forget()
        results.append(pipeline.report_version() != before)
    assert results == [False, True]


def test_it_takes_no_time() -> None:
    forget()
    started = time.process_time()
    storage.code_version("helpers.multiverse", alone=("helpers.stages", "helpers.storage"))
    assert time.process_time() - started < 0.25, "0.05 s on an idle machine"
    assert "helpers.dependencies" in sys.modules
