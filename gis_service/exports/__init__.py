"""Exports: what people carry away."""
