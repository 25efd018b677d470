"""What a store cannot hold, said in the plan before anything is sent. Pure."""

from __future__ import annotations

from decimal import Decimal

from okrsync.contracts import Capabilities
from okrsync.model import CheckIn


def cannot_hold(number: Decimal, capabilities: Capabilities) -> str:
    """Why the store cannot take this number at all; "" when it can."""
    if capabilities.numbers == "none":
        return "the store keeps no numbers"
    if number < 0 and not capabilities.negative:
        return "the store keeps no negative numbers"
    return ""


def losses(check_in: CheckIn, capabilities: Capabilities) -> tuple[str, ...]:
    """What will be missing from the check-in in the store."""
    lost = []
    whole = check_in.value == check_in.value.to_integral_value()
    if capabilities.numbers == "integer" and not whole:
        lost.append("the store keeps whole numbers: decimals are rounded there")
    if check_in.confidence is not None and not capabilities.confidence:
        lost.append("the store keeps no confidence")
    if capabilities.note_length is not None and len(check_in.note) >= capabilities.note_length:
        lost.append(f"the store cuts notes at {capabilities.note_length} characters")
    if capabilities.statuses and check_in.status.value not in capabilities.statuses:
        lost.append(f"the store has no word for `{check_in.status.value}`")
    return tuple(lost)
