"""The web layer: one blueprint per reader."""
