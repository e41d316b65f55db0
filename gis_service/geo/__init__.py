"""Geometry: coordinate systems, datums, coverages, repair and compactness (pure functions)."""
