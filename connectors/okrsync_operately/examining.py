"""What ``okrsync doctor`` says about an account of Operately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from okrsync.contracts import Remark

if TYPE_CHECKING:
    from okrsync_operately.client import Operately
    from okrsync_operately.settings import OperatelySettings


def remarks(api: Operately, settings: OperatelySettings) -> Iterator[Remark]:
    goals = api.goals()
    open_goals = [goal for goal in goals if not goal.closed]
    targets = sum(len(goal.targets) for goal in open_goals)
    words = f"goals seen: {len(goals)}; targets that can be written: {targets}"
    yield Remark(words, well=bool(targets), cure="" if targets else "check space in the settings")
    yield Remark(_notified(settings))
    yield Remark(
        "whether the token is read-only shows at the first write: Operately does not tell before"
    )
    yield Remark("Operately keeps no confidence and no date of its own with a value")


def _notified(settings: OperatelySettings) -> str:
    if not settings.check_ins:
        return (
            "nobody is notified: the value alone is written; a goal stays outdated until a person "
            "checks in"
        )
    if settings.notify:
        return "every check-in notifies everyone who can see the goal"
    return "check-ins are written without notifying anyone"
