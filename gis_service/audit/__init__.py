"""Audit: independent checks of plans and reach results, and the indicators officials read."""
