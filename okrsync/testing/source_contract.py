"""What every source must do, as a suite to inherit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from okrsync.contracts import Source
from okrsync.errors import OutsideError
from okrsync.model import Measurement, Question

Questions = Sequence[Question[Any]]


class SourceContract:
    """Override ``source``, ``questions`` and ``unanswerable``, which raise until that is done; the
    rest where it differs."""

    @pytest.fixture
    def source(self) -> Source[Any]:
        """An open source that stands before known data."""
        raise NotImplementedError

    @pytest.fixture
    def questions(self) -> Questions:
        """At least two questions with different answers, none of them zero."""
        raise NotImplementedError

    @pytest.fixture
    def unanswerable(self) -> Question[Any]:
        """A question that the source cannot answer, for example about a field it does not have."""
        raise NotImplementedError

    @pytest.fixture
    def past(self, questions: Questions) -> Question[Any]:
        """A question as of an earlier time; by default the first one, 30 days earlier."""
        first = questions[0]
        return Question(
            source=first.source,
            query=first.query,
            measure=first.measure,
            agg=first.agg,
            on=first.on,
            window=first.window,
            as_of=first.as_of - timedelta(days=30),
        )

    @pytest.fixture
    def answers_past(self) -> bool:
        """Whether ``past`` can be answered, as the manifest's ``answers_past`` promises."""
        return False

    def test_the_fixtures_can_prove_something(
        self, source: Source[Any], questions: Questions
    ) -> None:
        values = [answer.value for answer in _measured(source, questions)]
        assert len(values) >= 2, "give at least two questions"
        assert len(set(values)) == len(values), "give questions with different answers"
        assert all(values), "give questions whose answers are not zero"

    def test_answers_come_in_the_order_of_the_questions(
        self, source: Source[Any], questions: Questions
    ) -> None:
        forwards = [answer.value for answer in _measured(source, questions)]
        backwards = [answer.value for answer in _measured(source, questions[::-1])]
        assert forwards == backwards[::-1]

    def test_one_failure_stays_in_its_place(
        self, source: Source[Any], questions: Questions, unanswerable: Question[Any]
    ) -> None:
        first, failure, second = source.measure([questions[0], unanswerable, questions[1]])
        assert isinstance(first, Measurement)
        assert isinstance(failure, OutsideError)
        assert isinstance(second, Measurement)

    def test_a_failure_is_an_error_that_says_something_and_never_a_zero(
        self, source: Source[Any], unanswerable: Question[Any]
    ) -> None:
        try:
            [failure] = source.measure([unanswerable])
        except OutsideError as raised:
            failure = raised
        assert isinstance(failure, OutsideError)
        assert failure.message

    def test_equal_questions_get_equal_answers(
        self, source: Source[Any], questions: Questions
    ) -> None:
        one, same = _measured(source, [questions[0], questions[0]])
        assert one.value == same.value
        assert one.unit == same.unit

    def test_no_questions_get_no_answers(self, source: Source[Any]) -> None:
        assert list(source.measure([])) == []

    def test_questions_can_be_told_apart_by_their_hash(self, questions: Questions) -> None:
        assert all(isinstance(question.query, Hashable) for question in questions)
        assert len(set(questions)) == len(questions)

    def test_a_measurement_says_what_instant_it_describes(
        self, source: Source[Any], questions: Questions
    ) -> None:
        for question, answer in zip(questions, _measured(source, questions), strict=True):
            assert answer.as_of.utcoffset() is not None
            assert answer.as_of <= question.as_of

    def test_a_measurement_is_a_finite_number_of_some_rows(
        self, source: Source[Any], questions: Questions
    ) -> None:
        for answer in _measured(source, questions):
            assert answer.value.is_finite()
            assert answer.rows >= 0

    def test_a_measurement_carries_its_evidence(
        self, source: Source[Any], questions: Questions
    ) -> None:
        for question, answer in zip(questions, _measured(source, questions), strict=True):
            evidence = answer.evidence
            assert evidence.source == question.source
            assert evidence.query
            assert evidence.zone
            assert evidence.read_at.utcoffset() is not None

    def test_what_was_true_a_minute_ago_is_not_the_past(
        self, source: Source[Any], questions: Questions
    ) -> None:
        """A run takes a while, and all its questions are as of its beginning."""
        begun = timedelta(seconds=90)
        _measured(source, [replace(each, as_of=each.as_of - begun) for each in questions])

    def test_the_past_is_answered_as_promised_and_never_with_todays_number(
        self,
        source: Source[Any],
        past: Question[Any],
        answers_past: bool,
    ) -> None:
        try:
            [answer] = source.measure([past])
        except OutsideError as raised:
            answer = raised
        if answers_past:
            assert isinstance(answer, Measurement)
            assert answer.as_of <= past.as_of
        else:
            assert isinstance(answer, OutsideError)


def _measured(source: Source[Any], questions: Questions) -> list[Measurement]:
    answers = source.measure(questions)
    failures = [answer for answer in answers if not isinstance(answer, Measurement)]
    assert not failures, failures
    return [answer for answer in answers if isinstance(answer, Measurement)]
