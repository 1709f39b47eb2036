"""The record: files of votes to three clean tables, with a log of every repair."""

from helpers.record.citation import cite
from helpers.record.consensus import count_modalities, has_consensus
from helpers.record.follow import SCOPES, follow_members
from helpers.record.load import (
    SOURCES,
    clean_source,
    count_by_year,
    load_record,
    read_record,
    say_age,
    share_without_vote,
    write_record,
)
from helpers.record.members import (
    find_member,
    group_members,
    group_name,
    in_group,
    is_group,
    load_groups,
    load_members,
    load_states,
    number_cow,
    number_memberships,
    read_group,
    resolve_member,
    resolve_members,
    seat_of,
    split_members,
)
from helpers.record.published import FIGURES, OTHER_DEFINITIONS, read_published
from helpers.record.reconciliation import (
    Reconciliation,
    apply_dates,
    apply_issues,
    apply_kinds,
    reconcile,
)
from helpers.record.short_names import load_short_names, member_names
from helpers.record.sources.catalogue import find_files, get_source, sources_table
from helpers.record.sources.drafts import count_vetoes, load_drafts
from helpers.record.sources.fetch import fetch, inspect_file
from helpers.record.sources.overall import read_overall
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
    "FIGURES",
    "ISSUES",
    "KINDS",
    "MISSING",
    "NO",
    "OTHER_DEFINITIONS",
    "SCOPES",
    "SOURCES",
    "VOTES",
    "YES",
    "Reconciliation",
    "Record",
    "apply_dates",
    "apply_issues",
    "apply_kinds",
    "cite",
    "clean_source",
    "count_by_year",
    "count_modalities",
    "count_vetoes",
    "fetch",
    "find_files",
    "find_member",
    "follow_members",
    "get_source",
    "group_members",
    "group_name",
    "has_consensus",
    "in_group",
    "inspect_file",
    "is_group",
    "load_drafts",
    "load_groups",
    "load_members",
    "load_record",
    "load_short_names",
    "load_states",
    "match_words",
    "member_names",
    "number_cow",
    "number_memberships",
    "read_group",
    "read_overall",
    "read_published",
    "read_record",
    "reconcile",
    "resolve_member",
    "resolve_members",
    "say_age",
    "seat_of",
    "share_without_vote",
    "sources_table",
    "split_members",
    "write_record",
]
