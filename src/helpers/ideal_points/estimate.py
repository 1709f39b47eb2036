"""Estimate where every member stands in every period, from its votes alone."""
