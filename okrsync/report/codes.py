"""What the codes of held and failed key results and of failed commands mean, in a sentence each."""

from __future__ import annotations

from typing import Final

HELD: Final[dict[str, str]] = {
    "data-too-old": "The source's newest data is older than `max_age` of the guard allows.",
    "fell-to-zero": "The value fell to 0, which is more often a broken query than the truth.",
    "counter-fell": "A running count only grows; this one would fall.",
    "step-too-large": "The value would move further at once than `max_step` of the guard allows.",
    "wild-value": "The value lies far beyond every step before it; a second one like it passes.",
    "too-many-changes": "Too many key results of one source would change at once: the breaker.",
    "edited-by-person": "A person has checked in since okrsync did; `on_conflict` says who wins.",
    "checked-in-before": "A person checked in before okrsync ever did: approve, or say who wins.",
    "automated": "The store computes this value itself, and lets nobody write it.",
    "store-cannot-hold": "The store has no way to hold this number; see the connector's page.",
    "period-closed": "The period is over, in the mapping or in the store: check-ins are closed.",
}
NOTED: Final[dict[str, str]] = {
    "store-loses": "The store will hold this check-in with less than it says.",
}
FAILED: Final[dict[str, str]] = {
    "outside": "Another system did not do what was asked.",
    "source": "The source gave an error of its own.",
    "store": "The store gave an error of its own.",
    "unreachable": "There was no answer, or none within the deadline. The next run tries again.",
    "outcome-unknown": "A write was sent and its answer was lost; the next run looks first.",
    "rate-limited": "The service asked to wait for longer than this run may last.",
    "sign-in-refused": "The sign-in is wrong or has expired: a new token is needed.",
    "refused": "The service says that the request is wrong, or not allowed to this account.",
    "moved-on": "The store changed between the plan and the write. Plan again.",
    "bad-answer": "The answer cannot be trusted: cut off, capped or unreadable. It is no value.",
    "no-value": "The answer is whole and holds no number. That is not 0.",
}
STOPPED: Final[dict[str, str]] = {
    "usage": "A flag, a name or a file on the command line is wrong. Nothing was contacted.",
    "config": "The files of configuration have mistakes; okrsync validate shows them all.",
    "state": "The state database could not be read or written.",
    "state-damaged": "What is there is not a state that this program can use. Restore a backup.",
    "state-too-new": "A newer okrsync has used this state. Upgrade this one.",
    "busy": "Another run is at work. The next tick does the work.",
    "lease-lost": "This run was paused for so long that its lease ended; it wrote nothing more.",
    "stale-plan": "The world has moved since the plan was made. Plan again and look again.",
    "system": "The operating system refused to read or write a file.",
    "stopped": "The run was asked to stop, and did so after the write that was under way.",
    "bug": "A mistake in okrsync itself. Please report it.",
}
MEANINGS: Final[dict[str, str]] = HELD | NOTED | FAILED | STOPPED
