"""Velocity, commitment and predictability of a Scrum board's closed sprints, from the Agile API.

Committed: the estimates at the sprint's start of the issues that were in it then. Done (velocity):
the estimates at its end of the issues that were done and in it then. Predictability: done /
committed. A board without an estimation field counts issues.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from okrsync.contracts import CellStyle, RowBatch, RowQuestion
from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError
from okrsync.model import Evidence, Measurement
from okrsync_jira.asked import Asker, JiraQuestion
from okrsync_jira.dates import read_moment
from okrsync_jira.issues import read_issues
from okrsync_jira.measures import stages
from okrsync_jira.messages import unexpected
from okrsync_jira.paging import listed, whole
from okrsync_jira.sprint_past import Estimate, Past, Sprint

MEASURES = frozenset({"velocity", "done", "committed", "predictability"})
_AGILE = "rest/agile/1.0"
_A_PAGE = 50
_MOST_SPRINTS = 5_000
_USUAL = 3
_STYLE = CellStyle(decimal=".")


@dataclass(frozen=True, slots=True)
class Result:
    sprint: Sprint
    committed: Decimal
    done: Decimal

    def value(self, measure: str) -> Decimal:
        if measure == "committed":
            return self.committed
        if measure != "predictability":
            return self.done
        if not self.committed:
            raise NoValue(f"nothing was committed to in {self.sprint.name}")
        return 100 * self.done / self.committed


class Boards:
    """Boards and sprints of one run, each read once."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._site = asker.site
        self._lock = threading.Lock()
        self._sprints: dict[int, list[Sprint]] = {}
        self._estimates: dict[int, Estimate] = {}
        self._results: dict[tuple[int, int], Result] = {}

    def measured(self, question: JiraQuestion) -> Measurement:
        """Raises ``OutsideError`` where it cannot be told."""
        with self._lock:  # equal sprints are read once, so one question goes after the other
            return self._measured(question)

    def _measured(self, question: JiraQuestion) -> Measurement:
        measure, board = question.measure or "", question.query.board
        if measure not in MEASURES or not isinstance(board, int):
            raise SourceError(
                f"a board has no measure {measure!r}",
                next_step='say measure = "velocity", "committed" or "predictability"',
            )
        results = [self._result(board, sprint) for sprint in self._chosen(board, question)]
        if not results:
            raise NoValue("no sprint was closed in this window")
        value = self._value(question, measure, results)
        return Measurement(
            value=value,
            unit="%" if measure == "predictability" else "",
            as_of=question.as_of,
            rows=len(results),
            evidence=self._evidence(question, board, measure, results),
        )

    def _chosen(self, board: int, question: JiraQuestion) -> list[Sprint]:
        """The closed sprints that count, oldest first."""
        if question.on not in {None, "completed"}:
            raise SourceError(
                "sprints have one date that a window can read", next_step='say on = "completed"'
            )
        window, query = question.window, question.query
        if board not in self._sprints:
            self._sprints[board] = self._closed(board)
        ended = [each for each in self._sprints[board] if each.ended <= question.as_of]
        if window.start is not None:
            ended = [each for each in ended if each.ended >= window.start]
        if window.end is not None:
            ended = [each for each in ended if each.ended < window.end]
        bounded = window.start is not None or window.end is not None
        most = query.sprints or (len(ended) if bounded else _USUAL)
        return ended[-most:] if most else []

    def _closed(self, board: int) -> list[Sprint]:
        found: dict[int, Sprint] = {}
        start, last = 0, False
        while not last:
            answer = self._site.get(
                f"{_AGILE}/board/{board}/sprint",
                {"state": "closed", "startAt": start, "maxResults": _A_PAGE},
            )
            page, last = listed(answer, "values"), answer.get("isLast") is True
            if not page and not last:
                raise BadAnswer("Jira's list of sprints ended before its last page")
            if len(found) > _MOST_SPRINTS or (page and whole(answer, "startAt") != start):
                raise BadAnswer("Jira's list of sprints does not come to an end")
            found |= {sprint.id: sprint for sprint in map(_sprint, page) if sprint}
            start += len(page)
        return sorted(found.values(), key=lambda sprint: sprint.ended)

    def _result(self, board: int, sprint: Sprint) -> Result:
        key = board, sprint.id
        if key not in self._results:
            self._results[key] = self._added_up(board, sprint)
        return self._results[key]

    def _added_up(self, board: int, sprint: Sprint) -> Result:
        site = self._site
        estimate = self._estimate(board)
        field = site.fields.by_kind("gh-sprint") or site.fields.named("Sprint")
        histories = {"status": "status", field.id: field.name}
        if estimate.id:
            histories[estimate.id] = estimate.name
        stage_of = stages(site.statuses, site.settings.cycle)
        committed = done = Decimal(0)
        asked = ["status", "created", *filter(None, (estimate.id,))]
        for page in read_issues(site, f"sprint = {sprint.id}", asked, histories):
            for issue in page:
                past = Past(issue, field.id, estimate.id, sprint)
                committed += past.committed(stage_of)
                done += past.done(stage_of)
        return Result(sprint, committed, done)

    def _estimate(self, board: int) -> Estimate:
        if board not in self._estimates:
            told = self._site.get(f"{_AGILE}/board/{board}/configuration", {})
            self._estimates[board] = _estimate(told.get("estimation"))
        return self._estimates[board]

    def _value(self, question: JiraQuestion, measure: str, results: Sequence[Result]) -> Decimal:
        """Without agg: the mean of a sprint; for predictability all done by all committed."""
        if question.agg is not None:
            return self._aggregated(question, measure, results)
        committed = sum((each.committed for each in results), Decimal(0))
        done = sum((each.done for each in results), Decimal(0))
        if measure == "predictability":
            return Result(results[0].sprint, committed, done).value(measure)
        return (committed if measure == "committed" else done) / len(results)

    def _aggregated(
        self, question: JiraQuestion, measure: str, results: Sequence[Result]
    ) -> Decimal:
        rows = [
            [f"{each.value(measure):f}"[:40], each.sprint.ended.isoformat()] for each in results
        ]
        asked = RowQuestion(
            None, measure, question.agg, "completed", question.window, question.as_of
        )
        batch = RowBatch(rows, range(1, len(rows) + 1))
        [answer] = self._asker.toolbox.aggregate([asked], [measure, "completed"], [batch], _STYLE)
        if isinstance(answer, OutsideError):
            raise answer
        return answer.value

    def _evidence(
        self, question: JiraQuestion, board: int, measure: str, results: Sequence[Result]
    ) -> Evidence:
        return self._asker.evidence(
            question,
            f"{measure} of {len(results)} closed sprints of board {board}",
            f"sprint in ({', '.join(str(each.sprint.id) for each in results)})",
            tuple(_notes(results, self._estimate(board))),
        )


def _sprint(told: Mapping[str, Any]) -> Sprint | None:
    """None for a sprint that was closed without ever being started."""
    id_ = told.get("id")
    if isinstance(id_, bool) or not isinstance(id_, int):
        raise unexpected("sprint")
    if not told.get("startDate") or not told.get("completeDate"):
        return None
    return Sprint(
        id=id_,
        name=str(told.get("name") or id_),
        started=read_moment(told.get("activatedDate") or told["startDate"], "start of a sprint"),
        ended=read_moment(told["completeDate"], "end of a sprint"),
    )


def _estimate(told: object) -> Estimate:
    if not isinstance(told, dict):
        return Estimate("", "issues")
    field = told.get("field")
    if told.get("type") != "field" or not isinstance(field, dict):
        return Estimate("", "issues")
    id_ = field.get("fieldId")
    if not isinstance(id_, str):
        raise unexpected("estimation field of a board")
    return Estimate(id_, str(field.get("displayName") or id_))


def _notes(results: Sequence[Result], estimate: Estimate) -> Iterator[str]:
    yield f"counted in {estimate.name}"
    for each in results:
        yield f"{each.sprint.name}: {each.done:f} done of {each.committed:f} committed"
    yield "issues that were taken out of a sprint and never put back are not seen by Jira's API"
