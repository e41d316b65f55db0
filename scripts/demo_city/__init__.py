"""A synthetic town, drawn from a seed, in the dataset format of ``boundaries/``."""
