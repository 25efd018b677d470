"""One pass over each file for all questions that are asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from okrsync.contracts import (
    CellStyle,
    RowAnswer,
    RowQuestion,
    Toolbox,
    measurement,
    together,
)
from okrsync.errors import OutsideError, SourceError
from okrsync.model import Measurement, Question
from okrsync_csv.decoding import Decoded
from okrsync_csv.fetching import fetched, link_of
from okrsync_csv.files import Found, base_and_pattern, opened
from okrsync_csv.rows import Table
from okrsync_csv.settings import CsvQuery, CsvSettings, is_address

# A file written this much later than a question's instant still shows the state of that instant.
_STATE_OF_THE_FILE = timedelta(days=1)

CsvQuestion = Question[CsvQuery]
Answer = Measurement | OutsideError


@dataclass(frozen=True, slots=True)
class Read:
    """What is said of a file besides its numbers."""

    name: str
    modified: datetime
    at: datetime
    notes: tuple[str, ...]


class CsvSource:
    def __init__(self, settings: CsvSettings, toolbox: Toolbox) -> None:
        self._settings = settings
        self._toolbox = toolbox
        self._link = link_of(settings.path) if is_address(settings.path) else None
        self._style = CellStyle(settings.decimal, settings.dates)

    def measure(self, questions: Sequence[CsvQuestion], /) -> Sequence[Answer]:
        """One file after the other: a pass is work of this machine, not of another."""
        return together(
            self._toolbox,
            questions,
            lambda question: question.query.file,
            self._of_file,
            at_once=1,
        )

    def _of_file(self, file: str | None, asked: Sequence[CsvQuestion]) -> Sequence[Answer]:
        read, answers = self._pass(file, asked)
        pairs = zip(asked, answers, strict=True)
        return [self._answer(question, answer, read) for question, answer in pairs]

    def _pass(
        self, file: str | None, asked: Sequence[CsvQuestion]
    ) -> tuple[Read, Sequence[RowAnswer | OutsideError]]:
        settings = self._settings
        with self._opened(file) as (found, modified):
            text = Decoded(found.file, settings.encoding, found.name)
            table = Table(text, settings, found.name)
            rows = [RowQuestion.of(each, each.query.where, each.query.vars) for each in asked]
            answers = self._toolbox.aggregate(rows, table.header, table.batches(), self._style)
        notes = (text.note,) if text.note else ()
        return Read(found.name, modified, self._toolbox.clock(), notes), answers

    @contextmanager
    def _opened(self, file: str | None) -> Iterator[tuple[Found, datetime]]:
        settings = self._settings
        if is_address(settings.path):
            with fetched(settings, self._toolbox) as arrived:
                yield arrived
            return
        base, pattern = base_and_pattern(self._toolbox.root, settings.path, file)
        with opened(base, pattern, settings.max_size) as found:
            yield found, datetime.fromtimestamp(found.status.st_mtime, UTC)

    def _answer(
        self, question: CsvQuestion, answer: RowAnswer | OutsideError, read: Read
    ) -> Answer:
        if isinstance(answer, OutsideError):
            return answer
        past = question.as_of < read.modified - _STATE_OF_THE_FILE
        if past and question.on is None:
            return SourceError(
                "the file holds today's rows, so it cannot say what was true on an earlier day",
                next_step='say on = "..." (a column with dates), so that later rows are left out',
            )
        newest = answer.newest
        dated = () if newest is None else (f"newest {question.on}: {newest:%Y-%m-%d}",)
        return measurement(
            question,
            answer,
            self._toolbox,
            query=_words(question, read.name),
            read_at=read.at,
            data_of=read.modified,
            link=self._link,
            notes=(*read.notes, *dated),
        )


def _words(question: CsvQuestion, name: str) -> str:
    """The question as a person would say it: sales.csv where Status == 'won', sum of Amount."""
    where = f" where {question.query.where}" if question.query.where else ""
    return f"{name}{where}, {question.asked_in_words()}"
