"""What sources that answer questions together, or over rows, have in common."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from okrsync.contracts.rows import RowAnswer
from okrsync.contracts.toolbox import Toolbox
from okrsync.errors import OutsideError, SourceError
from okrsync.model import Evidence, Measurement, Question

ItemT = TypeVar("ItemT")
KeyT = TypeVar("KeyT", bound=Hashable)
AnswerT = TypeVar("AnswerT")


def together(
    toolbox: Toolbox,
    items: Sequence[ItemT],
    key: Callable[[ItemT], KeyT],
    ask: Callable[[KeyT, Sequence[ItemT]], Sequence[AnswerT | OutsideError]],
    *,
    at_once: int = 8,
) -> Sequence[AnswerT | OutsideError]:
    """Answer items with the same key in one go, the groups side by side; in the items' order.

    An ``OutsideError`` that ``key`` raises stands in its item's place, one that ``ask`` raises in
    the place of all that were asked with it.
    """
    answers: dict[int, AnswerT | OutsideError] = {}
    groups: dict[KeyT, list[int]] = {}
    for place, item in enumerate(items):
        try:
            groups.setdefault(key(item), []).append(place)
        except OutsideError as error:
            answers[place] = error
    asked = [(key, [items[place] for place in places]) for key, places in groups.items()]
    told = toolbox.each(lambda group: ask(*group), asked, at_once=at_once)
    for places, answered in zip(groups.values(), told, strict=True):
        each = [answered] * len(places) if isinstance(answered, OutsideError) else answered
        answers.update(zip(places, each, strict=True))
    return [answers[place] for place in range(len(items))]


def check_dates(
    question: Question[Any], names: Container[str], now: datetime, *, into: str
) -> None:
    """For a query that may place the window by itself, by the ``names`` it reads: a window that
    nobody reads, and a past that is not looked at, are errors.

    ``into`` says where names are written. Raises ``SourceError``.
    """
    window = question.window
    if question.on is not None:
        return
    if window.start is not None and "start" not in names and "end" not in names:
        raise SourceError(
            f"the query does not read the window {window.label!r}",
            next_step=f"write :start and :end into {into}, or say on = ... with a date column",
        )
    over = window.end is not None and window.end <= question.as_of and "end" in names
    if question.is_past(now) and "as_of" not in names and not over:
        raise SourceError(
            "the query asks about now, so it cannot say what was true on an earlier day",
            next_step=f"write :as_of into {into}, or say on = ... with a date column",
        )


def measurement(
    question: Question[Any],
    answer: RowAnswer,
    toolbox: Toolbox,
    *,
    query: str,
    read_at: datetime,
    data_of: datetime | None = None,
    link: str | None = None,
    notes: Iterable[str] = (),
    approximate: bool = False,
) -> Measurement:
    """The answer with what it was made of; ``notes`` come before those of the answer itself.

    ``data_of`` is when the data was as it was read, such as the day of a file: ``read_at``, where
    nothing else is said.
    """
    evidence = Evidence(
        source=question.source,
        query=query,
        window=question.window_in_words(),
        zone=str(toolbox.zone),
        read_at=read_at,
        link=link,
        notes=(*notes, *answer.notes),
    )
    as_of = min(question.as_of, data_of or read_at)
    return Measurement(
        answer.value, answer.unit, as_of, answer.rows, evidence, approximate=approximate
    )
