"""Three-valued logic over whole columns: one byte for each row of a block.

FALSE is 00, TRUE is 11 and UNKNOWN (a cell that cannot be read) is 10 in bits, so that Kleene's
"and" and "or" are the bitwise ones, and a whole block is joined by one operation on a long integer.
A row whose answer does not depend on the unreadable cell is not disturbed by it.
"""

from __future__ import annotations

FALSE, UNKNOWN, TRUE = 0, 2, 3

_NEGATED = bytes((TRUE, 1, UNKNOWN, FALSE)) + bytes(252)
_FROM_BOOLS = bytes((FALSE, TRUE)) + bytes(254)
_ONLY_UNKNOWN = bytes((0, 0, UNKNOWN, 0)) + bytes(252)
_BLANK = bytes((TRUE,)) + bytes(255)


def both(left: bytes, right: bytes) -> bytes:
    joined = int.from_bytes(left, "little") & int.from_bytes(right, "little")
    return joined.to_bytes(len(left), "little")


def either(left: bytes, right: bytes) -> bytes:
    joined = int.from_bytes(left, "little") | int.from_bytes(right, "little")
    return joined.to_bytes(len(left), "little")


def negated(mask: bytes) -> bytes:
    return mask.translate(_NEGATED)


def from_bools(truths: list[bool]) -> bytes:
    return bytes(truths).translate(_FROM_BOOLS)


def where_known(mask: bytes, present: bytes | None) -> bytes:
    """``mask``, but false where a cell is empty and unknown where it cannot be read."""
    if present is None:
        return mask
    return either(both(mask, present), present.translate(_ONLY_UNKNOWN))


def blank(present: bytes) -> bytes:
    """True where there was nothing at all."""
    return present.translate(_BLANK)


def everywhere(count: int) -> bytes:
    return bytes((TRUE,)) * count
