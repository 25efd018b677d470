"""What ``okrsync doctor`` says about an account of Asana."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from okrsync.contracts import Remark
from okrsync.errors import OkrsyncError

if TYPE_CHECKING:
    from okrsync_asana.client import Asana
    from okrsync_asana.settings import AsanaSettings

_NOTIFIED: Final = {
    "never": "nobody is notified: the number alone is written, without status and note",
    "status": "a check-in whose status becomes another sends a status update to all followers of "
    "the goal; Asana cannot send it quietly",
    "always": "every check-in sends a status update to all followers of the goal; Asana cannot "
    "send it quietly",
}


def remarks(asana: Asana, settings: AsanaSettings) -> Iterator[Remark]:
    me = asana.me()
    yield Remark(f"signed in as {me.get('name')} <{me.get('email')}>")
    yield _goals(asana)
    yield Remark(_NOTIFIED[settings.updates])
    yield Remark("Asana keeps no confidence and no date of its own with a number")


def _goals(asana: Asana) -> Remark:
    """How many goals of the first page could be written."""
    try:
        goals = next(iter(asana.pages()), ())
    except OkrsyncError as error:
        return Remark(error.message, well=False, cure=error.next_step)
    held = [goal for goal in goals if goal.automated]
    words = f"goals seen: {len(goals)}, of which {len(goals) - len(held)} can be written"
    if len(goals) > len(held):
        return Remark(words)
    cure = held[0].automated if held else "check workspace and team in the settings"
    return Remark(words, well=False, cure=cure)
