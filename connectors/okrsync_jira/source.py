"""All questions of one run, sorted by the cheapest way to answer each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import OutsideError
from okrsync.model import Measurement
from okrsync_jira import counting, milestones, reading
from okrsync_jira.asked import Asker, JiraQuestion
from okrsync_jira.counting import Counting
from okrsync_jira.examining import remarks
from okrsync_jira.reading import Reading
from okrsync_jira.settings import JiraSettings
from okrsync_jira.site import Site
from okrsync_jira.sprints import Boards

_PASSES_AT_ONCE = 4

Answer = Measurement | OutsideError
Answers = dict[int, Answer]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Questions by their place among all of them, and by how they are asked."""

    boards: Boards
    counts: dict[int, Counting] = field(default_factory=dict)
    reads: dict[int, Reading] = field(default_factory=dict)
    alone: dict[int, Callable[[], Measurement]] = field(default_factory=dict)


class JiraSource:
    def __init__(self, settings: JiraSettings, toolbox: Toolbox, site: Site) -> None:
        self._settings = settings
        self._toolbox = toolbox
        self._asker = Asker(site, toolbox, toolbox.clock())

    def measure(self, questions: Sequence[JiraQuestion], /) -> Sequence[Answer]:
        sorted_ = Sorted(Boards(self._asker))
        answers: Answers = {}
        for place, question in enumerate(questions):
            try:
                self._sort(place, question, sorted_)
            except OutsideError as error:
                answers[place] = error
        answers |= self._counted(sorted_.counts)
        answers |= self._read(sorted_.reads)
        answers |= self._one_by_one(sorted_.alone)
        return [answers[place] for place in range(len(questions))]

    def examine(self) -> Iterable[Remark]:
        return remarks(self._asker.site, self._toolbox)

    def _sort(self, place: int, question: JiraQuestion, into: Sorted) -> None:
        query, boards = question.query, into.boards
        if query.board is not None:
            into.alone[place] = lambda: boards.measured(question)
        elif query.epic is not None or query.version is not None:
            into.alone[place] = lambda: milestones.measured(self._asker, question)
        elif question.measure == "share" or (question.agg, question.measure) == ("count", None):
            into.counts[place] = counting.prepared(self._asker, question)
        else:
            elapsed = reading.days_of(self._asker, question, self._settings.durations)
            into.reads[place] = reading.prepared(self._asker, question, elapsed)

    def _counted(self, counts: dict[int, Counting]) -> Answers:
        if not counts:
            return {}
        asked = [count for each in counts.values() for count in each.counts]
        found = counting.counted(self._asker, asked, at_once=self._settings.at_once)
        return {place: counting.answer(self._asker, each, found) for place, each in counts.items()}

    def _read(self, reads: dict[int, Reading]) -> Answers:
        found: Answers = {}
        groups = reading.passes(list(reads.values()))
        places = {id(each): place for place, each in reads.items()}
        answered = self._toolbox.each(
            lambda one: reading.read(self._asker, one), groups, at_once=_PASSES_AT_ONCE
        )
        if groups:
            self._toolbox.tell(reading.cost(groups))
        for group, answers in zip(groups, answered, strict=True):
            for index, each in enumerate(group.readings):
                found[places[id(each)]] = (
                    answers if isinstance(answers, OutsideError) else answers[index]
                )
        return found

    def _one_by_one(self, alone: dict[int, Callable[[], Measurement]]) -> Answers:
        asked = list(alone.values())
        answers = self._toolbox.each(lambda ask: ask(), asked, at_once=self._settings.at_once)
        return dict(zip(alone, answers, strict=True))
