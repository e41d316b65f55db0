"""Ingest: dataset folders into checked frames."""
