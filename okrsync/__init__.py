"""okrsync keeps key results true without anyone typing a number."""

__version__ = "0.1.0"
