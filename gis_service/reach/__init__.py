"""Reach: the walking network, travel times, service circles, coverage and gaps (pure functions)."""
