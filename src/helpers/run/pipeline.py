"""One study through the chain of notebooks, to the published report."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from helpers.errors import NotebookError, ParameterError
from helpers.run.forks import variables
from helpers.store import (
    atomic_folder,
    bundled,
    code_version,
    digest,
    files_behind,
    imported_modules,
    library_versions,
    storage_errors,
    sweep_unfinished,
    workspace,
    write_atomic,
    write_json,
)
from helpers.study import NAME, Study, read_study, write_cell

NOTEBOOKS: Final = ("01_record", "02_similarity", "03_blocs", "05_shifts", "06_report")
"""The chain, in order."""

PROVENANCE: Final = "provenance.json"
"""The file that makes a folder a report, with the digest of every other file in it."""

LINKS_START: Final = "<!-- other reports -->"
LINKS_END: Final = "<!-- end of other reports -->"
"""What stands around the links that the site puts into a report's page."""

_QUIET: Final = "--IPKernelApp.log_level=CRITICAL"
"""A kernel logs an error when it is stopped, which is what happens at the end of every notebook."""

_PRELOADED: Final = (
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "nbconvert.exporters",
    "pandera.pandas",
    "papermill",
    "pyarrow.parquet",
    "scipy.cluster.hierarchy",
    "sklearn.cluster",
    "sknetwork.clustering",
    "helpers.similarity.kernels",
    "helpers.blocs.kernels",
    "helpers.report.figures",
    "helpers.report",
    "helpers.study.results",
    "helpers.run.kernel",
)
"""What the processes forked for reports and notebooks need not import again."""


def make_report(
    study: Study | Path | str, *, name: str = "", again: bool = False, command: str = ""
) -> Path:
    """Make the report of a study and return its folder.

    Parameters
    ----------
    study : Study or path
        A checked study, or a flat YAML file of parameters such as ``reports/ukraine.yml``.
    name : str
        The report's folder under ``reports/``; empty: the name of the study file.
    again : bool
        Make it even if the report that is there was made from the same parameters, data and code.
    command : str
        The command that makes the report, for its provenance; empty: ``unblocs report`` with the
        study file.

    Returns
    -------
    Path
        ``reports/<name>/`` with ``index.html``, ``results.json``, ``provenance.json``,
        ``notebooks/``, ``figures/`` and ``tables/``.

    Raises
    ------
    ParameterError
        The study has a fault or no name, or its report would replace what is none; no notebook was
        started.
    NotebookError
        A cell failed; the report that was there before is kept.
    StorageError
        The report cannot be written.
    """
    from helpers.study import Results

    if isinstance(study, (Path, str)):
        name = name or Path(study).stem
        study = read_study(Path(study))
    folder = find_report_folder(name)
    tell(f"{name}: checking the study against the record of source {study.source!r}")
    record = Results(study).record()
    key = digest(study.as_dict(), record.provenance, report_version())
    if not again and is_current(folder, key):
        tell("nothing has changed since this report was made")
        return folder
    sweep_unfinished(folder.parent)
    with atomic_folder(folder) as temporary:
        run_chain(study, temporary)
        made_by = command or f"unblocs report reports/{name}.yml"
        finish_report(study, name, record.provenance, key, temporary, command=made_by)
        keep_others(folder, temporary)
    return folder


def find_report_folder(name: str) -> Path:
    """Return the folder of a report, if what is there is a report or nothing.

    Raises
    ------
    ParameterError
        The name is none for a folder, or the report would take the place of a file, or of a folder
        that is no report.
    """
    if not re.fullmatch(NAME, name):
        raise ParameterError(
            f"name: {name!r} cannot name a report's folder; use up to 100 letters, digits, '.', "
            "'_' and '-'"
        )
    folder = workspace() / "reports" / name
    if Path(name).suffix in (".yml", ".yaml", ".html") or folder.is_file():
        raise ParameterError(
            f"{name}: a report of this name would take the place of a file ({folder}); name the "
            "study file otherwise"
        )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / PROVENANCE).is_file():
        raise ParameterError(
            f"{folder}: this folder is no report and would be replaced by one; move it, or name "
            "the study file otherwise"
        )
    return folder


def keep_others(folder: Path, new: Path) -> None:
    """Take over what a user has put into a report's folder: files that its making did not write."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        written = {folder / name for name in (*provenance["files"], PROVENANCE)}
        for path in folder.rglob("*"):
            kept = new / path.relative_to(folder)
            if path.is_file() and path not in written and not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, kept)


def run_chain(study: Study, out: Path) -> None:
    """Run every notebook of the chain with the study's parameters, results going to ``out``.

    Raises
    ------
    NotebookError
        A cell failed: which notebook, which cell, and its message.
    """
    with _without_slow_import():
        from papermill.engines import papermill_engines

    papermill_engines.register("unblocs", _progress_engine())
    (out / "notebooks").mkdir()
    with kernel_environment(out):
        for name in NOTEBOOKS:
            run_notebook(name, study.as_dict(), out / "notebooks" / f"{name}.ipynb")


def preload() -> None:
    """Import what reports and notebooks need, and use once what is slow the first time.

    The server of forks does this before it forks. It reads the code that the keys of stages stand
    for at the same time as it imports it.
    """
    with _without_slow_import():
        for name in _PRELOADED:
            importlib.import_module(name)
    report_version()
    _check_and_draw()


def _check_and_draw() -> None:
    import pandas as pd
    import pandera.pandas as pa
    from matplotlib.figure import Figure

    from helpers.report import file_png, file_svg

    pa.DataFrameSchema({"a": pa.Column(int)}).validate(pd.DataFrame({"a": [1]}))
    figure = Figure(figsize=(1, 1))
    figure.subplots().text(0, 0, "a", fontweight="bold")
    file_svg(figure, name="a", alt="", title="")
    file_png(figure)


def run_notebook(name: str, parameters: dict[str, Any], output: Path) -> None:
    """Run one notebook of the chain through papermill and write it without times and paths.

    Raises
    ------
    NotebookError
        A cell failed.
    """
    with _without_slow_import():
        import papermill
        from nbclient.exceptions import DeadKernelError
        from papermill.exceptions import PapermillExecutionError

    try:
        notebook = papermill.execute_notebook(
            _plain(bundled("notebooks") / f"{name}.ipynb"),
            None,
            parameters=parameters,
            engine_name="unblocs",
            kernel_name="unblocs",
            extra_arguments=[_QUIET],
            shutdown_kernel="immediate",  # there is nothing that it could still have to do
            progress_bar=False,
            cwd=str(workspace()),
        )
    except PapermillExecutionError as error:
        raise NotebookError(_cell_failure(name, error)) from error
    except DeadKernelError as error:
        raise NotebookError(
            f"{name}: its kernel died, as it does when memory runs out; run it again, with fewer "
            "replicates if it dies again"
        ) from error
    write_atomic(output, notebook_text(notebook))


def _plain(path: Path) -> str:
    """Write a path so that papermill, which fills in what stands in braces, leaves it as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def notebook_text(notebook: Any) -> str:
    """Return a notebook as JSON without anything that differs between equal runs."""
    import nbformat

    kept = nbformat.from_dict(notebook)
    kept.metadata = {k: v for k, v in kept.metadata.items() if k in ("kernelspec", "title")}
    for number, cell in enumerate(kept.cells, 1):
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        cell.id = f"cell-{number}"
        for output in cell.get("outputs", []):
            output.get("metadata", {}).clear()
    return nbformat.writes(kept) + "\n"


def finish_report(
    study: Study,
    name: str,
    record_provenance: dict[str, Any],
    key: str,
    out: Path,
    *,
    command: str,
) -> None:
    """Write the page, the results and the provenance beside the executed notebooks."""
    from helpers.report import DRAWN, build_page, collect_results

    shutil.rmtree(out / DRAWN, ignore_errors=True)
    write_json(out / "results.json", collect_results(out))
    write_atomic(out / "index.html", build_page(out / "notebooks" / "06_report.ipynb"))
    files = sorted(p for p in out.rglob("*") if p.is_file())
    provenance = {
        "study": name,
        "parameters": study.as_dict(),
        "record": record_provenance,
        "key": key,
        "code": report_version(),
        "versions": library_versions(files_behind(_report_modules())),
        "command": command,
        "files": {p.relative_to(out).as_posix(): _file_digest(p) for p in files},
    }
    write_json(out / PROVENANCE, provenance)


def report_version() -> str:
    """Return a digest of what makes a report of a study and a record: notebooks, code, libraries.

    The notebooks' modules count with all that they import, and so does this one; the dossier's
    README does as it says what the dossier lacks.
    """
    readme = bundled("data/raw/ukraine") / "README.md"
    return digest(code_version(*_report_modules()), NOTEBOOKS, *_notebook_files(), readme)


def _notebook_files() -> list[Path]:
    return [bundled("notebooks") / f"{name}.ipynb" for name in NOTEBOOKS]


def _report_modules() -> list[str]:
    """Return this module and those that the notebooks import."""
    files = (json.loads(file.read_text(encoding="utf-8")) for file in _notebook_files())
    cells = [cell for file in files for cell in file["cells"] if cell["cell_type"] == "code"]
    source = "\n".join("".join(cell["source"]) for cell in cells)
    return [__name__, *sorted(imported_modules(source))]


def is_current(folder: Path, key: str) -> bool:
    """Tell whether a report is there, whole, and made under the same key."""
    try:
        provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        files = provenance["files"].items()
        return provenance["key"] == key and all(_file_digest(folder / n) == d for n, d in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def without_links(page: bytes) -> bytes:
    """Return a report's page without the links that the site has put into it."""
    head, start, rest = page.partition(LINKS_START.encode())
    return head + rest.partition(LINKS_END.encode())[2] if start else page


def _file_digest(path: Path) -> str:
    """Digest a file of a report; the links to other reports do not make the page another one."""
    if path.name == "index.html":
        return digest(without_links(path.read_bytes()))
    return digest(path)


def kernel_environment(out: Path | None) -> contextlib.AbstractContextManager[None]:
    """Let the kernels that start inside this block find the workspace and the report's folder."""
    from helpers.run.kernel import SPECIFICATIONS

    paths = (str(SPECIFICATIONS), os.environ.get("JUPYTER_PATH"))
    return variables(
        {
            "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),
            "UNBLOCS_HOME": str(workspace()),
            "UNBLOCS_OUT": None if out is None else str(out),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
    )


def refresh_notebooks() -> None:
    """Run the notebooks on the dossier and store their text outputs, for nbval to compare.

    Their parameters cells are written anew, from ``reports/ukraine.yml``.
    """
    import nbformat
    from nbclient import NotebookClient

    folder = bundled("notebooks")
    parameters = write_cell(read_study(bundled("reports/ukraine.yml")))
    with kernel_environment(None):
        for name in NOTEBOOKS:
            tell(f"{name}: running with its defaults")
            notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
            for cell in notebook.cells:
                if "parameters" in cell.metadata.get("tags", []):
                    cell["source"] = parameters
            NotebookClient(notebook, kernel_name="python3").execute(cwd=str(folder))
            for cell in notebook.cells:
                cell["outputs"] = [_text_only(o) for o in cell.get("outputs", [])]
                if cell["cell_type"] != "code":
                    del cell["outputs"]
            write_atomic(folder / f"{name}.ipynb", notebook_text(notebook))


def tell(sentence: str) -> None:
    """Tell the user how far the work is, on the standard error stream."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - progress is meant to be seen


@contextlib.contextmanager
def _without_slow_import() -> Iterator[None]:
    """Keep jsonschema from importing a grammar of web addresses, which takes over a second."""
    name = "rfc3987_syntax"
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[name]


def _text_only(output: Any) -> Any:
    if "data" in output:
        output["data"] = {k: v for k, v in output["data"].items() if k == "text/plain"}
    return output


def _cell_failure(name: str, error: Any) -> str:
    lines = [line for line in str(error.source).splitlines() if line.strip()]
    first = lines[0].strip() if lines else ""
    message = str(error.evalue).strip() or error.ename
    return f"{name}, cell {error.exec_count} ({first}): {message}"


def _progress_engine() -> type:
    """Return papermill's engine with a line for the notebook and cell at work."""
    from papermill.engines import NBClientEngine

    class ProgressEngine(NBClientEngine):
        """Runs a notebook and shows which of its cells is running."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            name = Path(options["input_path"]).stem
            start = nb_man.cell_start

            def cell_start(cell: Any, cell_index: int, **more: Any) -> None:
                show_cell(name, cell_index, nb_man.nb.cells)
                start(cell, cell_index, **more)

            nb_man.cell_start = cell_start
            with storage_errors(workspace()):
                return super().execute_managed_notebook(nb_man, kernel_name, **options)

    return ProgressEngine


def show_cell(name: str, index: int, cells: list[Any]) -> None:
    """Show the notebook, the cell and the heading above it: rewritten in place on a terminal."""
    if cells[index]["cell_type"] != "code":
        return
    total = sum(c["cell_type"] == "code" for c in cells)
    number = sum(c["cell_type"] == "code" for c in cells[: index + 1])
    headings = [
        line.lstrip("# ")
        for c in cells[:index]
        if c["cell_type"] == "markdown"
        for line in c["source"].splitlines()
        if line.startswith("#")
    ]
    line = f"{name}  cell {number:2} of {total}  {headings[-1] if headings else ''}"[:78]
    if sys.stderr.isatty():
        end = "\n" if number == total else ""
        print(f"\r{line:<78}", end=end, file=sys.stderr, flush=True)  # noqa: T201
    elif number in (1, total) or number % 5 == 0:
        tell(line)
