"""A source that answers from a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from okrsync.contracts import Clock, Settings, SourceSpec, Toolbox
from okrsync.errors import OutsideError, SourceError
from okrsync.model import Evidence, Measurement, Question
from okrsync.testing.clock import frozen_clock


class MemoryQuery(Settings):
    name: str


class _NoSettings(Settings):
    pass


@dataclass
class MemorySource:
    """``answers`` gives each query's number, or the error in its place; ``broken`` is raised
    instead of any answer. ``asked`` keeps each call's questions."""

    answers: Mapping[str, Decimal | int | OutsideError]
    clock: Clock = field(default_factory=frozen_clock)
    unit: str = ""
    broken: OutsideError | None = None
    asked: list[Sequence[Question[MemoryQuery]]] = field(default_factory=list)

    def measure(
        self, questions: Sequence[Question[MemoryQuery]], /
    ) -> Sequence[Measurement | OutsideError]:
        self.asked.append(tuple(questions))
        if self.broken is not None:
            raise self.broken
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question[MemoryQuery]) -> Measurement | OutsideError:
        name = question.query.name
        if name not in self.answers:
            return SourceError(f"no answer for {name}", next_step="add it to the test's answers")
        answer = self.answers[name]
        if isinstance(answer, OutsideError):
            return answer
        if question.is_past(self.clock()):
            return SourceError("this source cannot answer for the past")
        evidence = Evidence(
            source=question.source,
            query=name,
            window=question.window.label,
            zone="UTC",
            read_at=self.clock(),
        )
        return Measurement(Decimal(answer), self.unit, question.as_of, 1, evidence)

    def spec(self, name: str = "memory") -> SourceSpec[_NoSettings, MemoryQuery]:
        """A manifest that opens this very source."""

        @contextmanager
        def opened(_settings: _NoSettings, _toolbox: Toolbox) -> Iterator[MemorySource]:
            yield self

        return SourceSpec(name=name, settings=_NoSettings, query=MemoryQuery, open=opened)
