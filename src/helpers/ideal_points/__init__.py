"""Ideal points: where every member stands over time, by a dynamic ordinal model of its votes."""
