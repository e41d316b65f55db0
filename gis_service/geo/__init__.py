"""Geometry: coordinate systems, datums, coverages and repair (pure functions)."""
