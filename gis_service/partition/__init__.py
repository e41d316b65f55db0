"""Partition: a community into units, units into a proposed plan (pure functions)."""
