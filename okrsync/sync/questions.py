"""Ask: from rules to dated questions, each equal one asked once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from okrsync.config.config import Config
from okrsync.mapping.periods import deadline
from okrsync.mapping.rules import Ask, Rule
from okrsync.mapping.windows import dated
from okrsync.model import Period, Question, Window
from okrsync.sync.selection import asks_of


class Dating:
    """Turns asks into questions as of one instant.

    A metric's window "period" is the period of the key result that uses it, so the same metric can
    be two questions. Windows are dated once for each (text, period): ten thousand key results
    share a handful of them.

    With ``within_periods`` what belongs to a period that is over is asked as of its last instant:
    nothing that happened after it counts into it.
    """

    def __init__(self, config: Config, as_of: datetime, *, within_periods: bool = False) -> None:
        self._config = config
        self._as_of = as_of
        self._within_periods = within_periods
        self._windows: dict[tuple[str, Period], Window] = {}
        # By identity: to compare an ask by all that it holds takes longer than to make its question
        # again. The ask stands beside it so that it lives on and keeps its identity.
        self._questions: dict[tuple[int, Period], tuple[Ask, Question[object]]] = {}
        self._ends: dict[Period, datetime | None] = {}

    def ended(self, period: Period) -> datetime | None:
        """The last instant of ``period`` where it is over and that matters."""
        if not self._within_periods:
            return None
        if period not in self._ends:
            end = deadline(period, self._config.timezone)
            over = end <= self._as_of
            self._ends[period] = end - timedelta(microseconds=1) if over else None
        return self._ends[period]

    def as_of(self, period: Period) -> datetime:
        """The instant that questions of ``period`` look from."""
        return self.ended(period) or self._as_of

    def question(self, ask: Ask, period: Period) -> Question[object]:
        known = self._questions.get((id(ask), period))
        if known is None:
            known = self._questions[id(ask), period] = ask, self._made(ask, period)
        return known[1]

    def _made(self, ask: Ask, period: Period) -> Question[object]:
        return Question(
            source=ask.source,
            query=ask.query,
            measure=ask.measure,
            agg=ask.agg,
            on=ask.on,
            window=self._window(ask.window, period),
            as_of=self.as_of(period),
        )

    def _window(self, text: str, period: Period) -> Window:
        known = self._windows.get((text, period))
        if known is None:
            known = self._windows[text, period] = dated(
                text,
                period=period,
                as_of=self.as_of(period),
                zone=self._config.timezone,
                fiscal_year_starts=self._config.fiscal_year_starts,
            )
        return known


def questions_of(
    config: Config, rules: Iterable[Rule], dating: Dating
) -> dict[str, list[Question[object]]]:
    """All distinct questions behind ``rules``, by source, in order of appearance."""
    asked: dict[str, dict[Question[object], None]] = {}
    for rule in rules:
        for ask in asks_of(config, rule.value):
            question = dating.question(ask, rule.key_result.period)
            asked.setdefault(ask.source, {})[question] = None
    return {source: list(questions) for source, questions in asked.items()}
