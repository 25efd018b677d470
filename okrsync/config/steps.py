"""Milestones and pace points: the dated parts of a key result."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from okrsync.config.formulas import read_condition, read_formula
from okrsync.config.values import attempt, read_weight
from okrsync.mapping.rules import Step, Steps
from okrsync.mapping.units import parse_share
from okrsync.model import Milestone, PacePoint

if TYPE_CHECKING:
    from datetime import date

    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.config.tables import KeyResultTable, MilestoneTable, PaceTable
    from okrsync.model import Period


def read_milestones(
    scope: Scope, path: KeyPath, written: KeyResultTable, period: Period | None
) -> tuple[tuple[Milestone, ...], Steps | None]:
    """The steps, and which of them an expression decides."""
    if written.milestones is None:
        return (), None
    milestones: list[Milestone] = []
    computed: list[Step] = []
    for index, step in enumerate(written.milestones):
        here = (*path, "milestones", index)
        milestones.append(_milestone(scope, here, step, period))
        decided = _decided(scope, here, step, index, path)
        if decided is not None:
            computed.append(decided)
    return tuple(milestones), Steps(scope.place(path), tuple(computed))


def _decided(
    scope: Scope, path: KeyPath, written: MilestoneTable, index: int, table: KeyPath
) -> Step | None:
    """What says by itself whether the step is reached; None where a person does."""
    if written.done is not None:
        return None
    if written.metric is not None:
        metric = read_formula(scope, (*path, "metric"), written.metric, table)
        return None if metric is None else Step(index, metric, followed=True)
    if written.when is not None:
        when = read_condition(scope, (*path, "when"), written.when, table)
        return None if when is None else Step(index, when)
    return None


def _milestone(
    scope: Scope, path: KeyPath, written: MilestoneTable, period: Period | None
) -> Milestone:
    page = scope.page
    said = [key for key in ("done", "when", "metric") if getattr(written, key) is not None]
    if len(said) > 1:
        message = f"`{said[0]}` and `{said[1]}` both say whether the milestone is reached"
        page.add((*path, said[1]), "bad-milestone", message, "keep one of the two", at="key")
    _warn_outside(scope, (*path, "due"), written.due, period)
    weight = read_weight(page, (*path, "weight"), written.weight)
    done_on = None if isinstance(written.done, bool) else written.done
    if done_on is not None and done_on > scope.world.today:
        message = f"{done_on} has not come: until then the milestone counts as open"
        cure = "write `due` for a day that is planned, `done` for the day that it was done"
        page.add((*path, "done"), "bad-milestone", message, cure, show=True, warning=True)
        done_on = None
    return Milestone(
        title=written.title,
        weight=weight or Decimal(1),
        due=written.due,
        done=written.done is True or done_on is not None,
        done_on=done_on,
    )


def _warn_outside(scope: Scope, path: KeyPath, day: date | None, period: Period | None) -> None:
    if day is not None and period is not None and not period.start <= day < period.end:
        message = "the milestone is due outside the key result's period"
        cure = "correct the date, or the period"
        scope.page.add(path, "due-outside", message, cure, show=True, warning=True)


def read_pace(
    scope: Scope, path: KeyPath, written: KeyResultTable, period: Period | None
) -> tuple[PacePoint, ...]:
    """The points of the expected way; they rise in time, and never fall in progress."""
    points: list[PacePoint] = []
    for index, point in enumerate(written.pace or ()):
        here = (*path, "pace", index)
        progress = _progress(scope, here, point)
        if progress is None:
            continue
        if points and (point.day <= points[-1].day or progress < points[-1].progress):
            message = "pace points go forward in time and never back in progress"
            cure = "put the points in the order of their days, with rising progress"
            scope.page.add(here, "bad-pace", message, cure)
        if period is not None and not period.start <= point.day < period.end:
            message = "the pace point lies outside the key result's period"
            scope.page.add(
                (*here, "day"),
                "pace-outside",
                message,
                "correct the day, or the period",
                show=True,
                warning=True,
            )
        points.append(PacePoint(point.day, progress))
    return tuple(points)


def _progress(scope: Scope, path: KeyPath, point: PaceTable) -> Decimal | None:
    page = scope.page
    here = (*path, "progress")
    share = attempt(lambda: parse_share(point.progress), "bad-pace", page, here)
    if share is not None and not 0 <= share <= 1:
        message, cure = "progress is a share from 0 to 1", 'write 0.5 or "50 %"'
        page.add(here, "bad-pace", message, cure)
        return None
    return share
