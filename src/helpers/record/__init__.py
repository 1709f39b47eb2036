"""The record: files of votes to three clean tables, with a log of every repair."""

from helpers.record.load import (
    SOURCES,
    clean_source,
    count_by_year,
    load_record,
    read_record,
    share_without_vote,
    write_record,
)
from helpers.record.members import (
    group_members,
    in_group,
    load_groups,
    load_members,
    read_group,
)
from helpers.record.reconciliation import (
    Reconciliation,
    apply_dates,
    apply_issues,
    apply_kinds,
    reconcile,
)
from helpers.record.short_names import load_short_names
from helpers.record.sources.catalogue import find_files, sources_table
from helpers.record.sources.fetch import fetch
from helpers.record.subjects import match_words
from helpers.record.tables import (
    ABSENT,
    ABSTAIN,
    BODIES,
    ISSUES,
    KINDS,
    MISSING,
    NO,
    VOTES,
    YES,
    Record,
)

__all__ = [
    "ABSENT",
    "ABSTAIN",
    "BODIES",
    "ISSUES",
    "KINDS",
    "MISSING",
    "NO",
    "SOURCES",
    "VOTES",
    "YES",
    "Reconciliation",
    "Record",
    "apply_dates",
    "apply_issues",
    "apply_kinds",
    "clean_source",
    "count_by_year",
    "fetch",
    "find_files",
    "group_members",
    "in_group",
    "load_groups",
    "load_members",
    "load_record",
    "load_short_names",
    "match_words",
    "read_group",
    "read_record",
    "reconcile",
    "share_without_vote",
    "sources_table",
    "write_record",
]
