"""A question in Jira's terms: its JQL with window and instant, and the evidence of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from okrsync.contracts import Toolbox
from okrsync.errors import SourceError
from okrsync.model import Evidence, Question
from okrsync_jira import jql as language
from okrsync_jira.dates import DateField, Span, date_field, last_minute, minute
from okrsync_jira.past import as_of, names_categories
from okrsync_jira.settings import JiraQuery
from okrsync_jira.site import Site

JiraQuestion = Question[JiraQuery]

REOPENED = "issues that were reopened since count by their latest resolution only"


@dataclass(frozen=True, slots=True)
class Asker:
    """What all questions of one run share; ``now`` is when it began to ask."""

    site: Site
    toolbox: Toolbox
    now: datetime

    def date_field(self, question: JiraQuestion) -> DateField | None:
        """The field of ``on``. Raises ``SourceError`` where its past cannot be known."""
        if question.on is None:
            return None
        field = date_field(self.site, question.on)
        if question.is_past(self.now) and not field.lasting:
            raise SourceError(
                f"Jira does not keep what {question.on!r} said on an earlier day",
                next_step="for history, say on = created or on = resolved",
            )
        return field

    def condition(self, question: JiraQuestion, text: str) -> tuple[str, str]:
        """The whole condition for a question, and the ORDER BY that its JQL had."""
        written, order = language.split(language.condition_of(text))
        written = language.all_of([self.site.settings.scope or "", written])
        past = question.is_past(self.now)
        parts = [self._as_it_was(written, question.as_of) if past else written]
        parts += self._dates(question, past=past)
        return language.all_of(parts), order

    def evidence(
        self, question: JiraQuestion, said: str, jql: str | None, notes: tuple[str, ...] = ()
    ) -> Evidence:
        zone = self.toolbox.zone
        if question.on is not None or question.is_past(self.now):
            zone = self.site.zone
        return Evidence(
            source=question.source,
            query=said,
            window=question.window_in_words(),
            zone=str(zone),
            read_at=self.toolbox.clock(),
            link=None if jql is None else language.link(self.site.settings.site, jql),
            notes=notes,
        )

    def _as_it_was(self, written: str, moment: datetime) -> str:
        if not written:
            return written
        try:
            statuses = self.site.statuses if names_categories(written) else None
            return as_of(written, last_minute(moment, self.site.zone), statuses)
        except language.JqlError as problem:
            raise SourceError(
                f"the JQL cannot be read: {problem}", next_step="correct it in the mapping"
            ) from None

    def _dates(self, question: JiraQuestion, *, past: bool) -> Iterator[str]:
        field = self.date_field(question)
        if past and (field is None or field.id != "created"):
            yield f"created < {minute(question.as_of, self.site.zone)}"
        if field is not None:
            span = Span(field, question.window, question.as_of, past)
            yield from span.conditions(self.site.zone, self.toolbox.zone)
