"""Workflows: one module a use case: load, compute, audit, save."""
