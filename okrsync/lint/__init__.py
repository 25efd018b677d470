"""Hygiene of OKRs: what a coach would say about the mappings. Advice, never an error.

objectives   2-4 a team at a time, 2-5 key results each, tied to one above
key results  results and not activities, clear words, an owner, a pair, a sensible weight
outcomes     a bar already at 100 % or at 0 % confidence early in the period
"""

from okrsync.lint.finding import Finding
from okrsync.lint.hygiene import lint

__all__ = ["Finding", "lint"]
