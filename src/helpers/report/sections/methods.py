"""Methods, sources, what is not shown, and how to make a report again."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from helpers.report.display import Published, facts, say
from helpers.report.words import long_date
from helpers.similarity import describe_measure
from helpers.store import bundled

if TYPE_CHECKING:
    from helpers.blocs import Blocs
    from helpers.record import Record
    from helpers.similarity import Similarity
    from helpers.study import Study


def show_methods(similarity: Similarity, blocs: Blocs) -> Published:
    """Show how the numbers were made, with the options that the results carry."""
    used = blocs.options
    words = [
        f"Similarity is {describe_measure(similarity.measure, similarity.distance)} over the votes "
        f"that both members cast (absence: {blocs.absence}); below {used.min_shared} shared votes "
        "there is no value. Raw agreement is shown beside it.",
        f"Intervals ({similarity.level:.0%}) draw blocks of votes together (by "
        f"{blocs.block_kind}, {similarity.n_blocks} blocks), {similarity.replicates:,} times, seed "
        f"{used.seed}.",
        f"No blocs: {blocs.why}."
        if blocs.why
        else f"Blocs: {used.method}, number of blocs {used.k}, compared with {used.nulls} shuffled "
        f"assemblies; {'divided' if blocs.explained else 'not divided'} further by their votes; a "
        f"probability is the share of {used.replicates:,} replicates.",
    ]
    return say("methods", words, kind="notes")


def show_source(record: Record) -> Published:
    """Show the source with its citation, terms and the files that were read."""
    source = record.provenance
    files = [
        f"{f['name']}, version {f.get('version') or 'not stated'}, SHA-256 {f['sha256']}"
        for f in source.get("files", [])
    ]
    items = {
        "Source": source.get("title", "not stated"),
        "Citation": source.get("citation", ""),
        "Terms": source.get("terms", ""),
        "Coverage": str(source.get("coverage", "")),
        "Files": "; ".join(files),
    }
    return facts("source", {k: v for k, v in items.items() if v})


def show_reproduction(study: Study) -> Published:
    """Show how to cite the report and the command that makes it again, with all parameters."""
    from importlib.metadata import PackageNotFoundError, version

    import yaml

    try:
        number = version("un-voting-blocs")
    except PackageNotFoundError:
        number = "development version"
    parameters = yaml.safe_dump(study.as_dict(), sort_keys=False, allow_unicode=True)
    cite = f"UN Voting Blocs contributors. {study.title} Report made with UN Voting Blocs {number}."
    command = "unblocs report reports/STUDY.yml"
    text = f"{cite}\n{command}\n{parameters}"
    page = (
        f'<div class="notes">\n<p>How to cite: {html.escape(cite)}</p>\n'
        f"<p>To make it again, save these parameters as <code>reports/STUDY.yml</code> and run "
        f"<code>{command}</code>:</p>\n<pre>{html.escape(parameters)}</pre>\n</div>"
    )
    return Published("reproduction", text, page)


def show_missing(record: Record) -> Published:
    """Show which votes the source does not have, in the words that it comes with."""
    return say("missing", missing_words(record), kind="panel")


def missing_words(record: Record) -> list[str]:
    """Return what a source leaves out: from the dossier's own notes, else what holds for all."""
    last = record.roll_calls["date"].max()
    general = [
        "Not in this report: everything adopted without a vote, and everything after "
        f"{long_date(last)}."
    ]
    if record.provenance.get("source") != "dossier":
        return [
            *general,
            "Votes on paragraphs, on amendments and on drafts that failed are not in the public "
            "files, so no veto is either.",
        ]
    notes = (bundled("data/raw/ukraine") / "README.md").read_text(encoding="utf-8")
    section = notes.partition("## What is missing")[2].partition("\nTo correct")[0]
    items = [" ".join(item.split()) for item in section.split("\n- ")[1:]]
    return ["Not in this report:", *items]
