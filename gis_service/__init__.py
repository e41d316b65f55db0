"""Grid management for Chinese cities: grids, the 15-minute walk, and the map that shows both."""

__version__ = "0.1.0"
