"""What a text cell of a table says: a number or an instant, as people write them."""

from okrsync.mapping.cells.dates import instant, moment
from okrsync.mapping.cells.numbers import NumberCell, read_number
from okrsync.mapping.cells.unreadable import Unreadable

__all__ = ["NumberCell", "Unreadable", "instant", "moment", "read_number"]
