"""okrsync's own words over rows of text: where, measure, agg, on and window.

A condition looks at rows with three-valued logic: a cell that cannot be read spoils an answer only
where the answer depends on it. An empty cell meets no comparison with a number or a date, and only
``empty(column)`` finds it. Percentiles are interpolated linearly between the two neighbouring
values, as PERCENTILE.INC in spreadsheets does it. Sums are exact; averages have 28 digits.
"""

from okrsync.mapping.rows.answering import aggregate

__all__ = ["aggregate"]
