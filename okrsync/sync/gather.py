"""Measure: every source answers all of its questions at once, sources side by side.

A source that fails, hangs or breaks its promises costs only the questions it was asked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from okrsync.config.config import Connection
from okrsync.config.secrets import masked
from okrsync.errors import BadAnswer, OkrsyncError, OutsideError, SourceError, Unreachable
from okrsync.model import Measurement, Question
from okrsync.side_by_side import SideBySide
from okrsync.sync.soundness import is_number
from okrsync.sync.toolbox import Outfit

Answer = Measurement | OutsideError
Answers = Mapping[Question[Any], Answer]
_log = logging.getLogger(__name__)

_FOR_WRITING = 0.1
"""Share of the run's time that asking leaves: a slow answer must not cost the check-ins of the
others, which are still to be written."""


def gather(
    outfit: Outfit, questions: Mapping[str, Sequence[Question[Any]]]
) -> dict[Question[Any], Answer]:
    """Ask each source its questions; a question without an answer gets an error, never nothing."""
    spare = outfit.config.limits.deadline * _FOR_WRITING

    def left() -> float:
        """Seconds; longer than requests may take, so that what they ended with still arrives."""
        return max(0.0, (outfit.time_left() - spare / 2).total_seconds())

    asking = {name: partial(_measure, outfit, name, own, spare) for name, own in questions.items()}
    asked = SideBySide(asking)
    asked.start()
    done = asked.wait(left)
    answers: dict[Question[Any], Answer] = {}
    for name, own in questions.items():
        late = [_too_late(name, outfit.config.limits.deadline)] * len(own)
        answers.update(zip(own, map(_said_safely, done.get(name, late)), strict=True))
    return answers


def _measure(
    outfit: Outfit, name: str, questions: Sequence[Question[Any]], spare: timedelta
) -> Sequence[Answer]:
    """All answers of one source; whatever it raises becomes the answer to each of its questions."""
    try:
        answers = _ask(outfit, outfit.config.sources[name], questions, spare)
        return _checked(name, questions, answers)
    except OutsideError as error:
        return [error] * len(questions)
    except OkrsyncError as error:
        return [SourceError(error.message, next_step=error.next_step)] * len(questions)
    except Exception as error:  # noqa: BLE001
        # A plug-in's bug is that plug-in's failure. Its text may hold anything, also a secret.
        _log.debug("source %s failed with %s", name, type(error).__name__)
        return [_broken(name, error)] * len(questions)


def _ask(
    outfit: Outfit, connection: Connection, questions: Sequence[Question[Any]], spare: timedelta
) -> Sequence[Answer]:
    if connection.broken:
        raise SourceError(connection.broken, next_step=f"okrsync doctor {connection.name}")
    spec = connection.source_spec()
    with spec.open(connection.settings, outfit.toolbox(connection.name, spare=spare)) as source:
        return source.measure(questions)


def _checked(
    name: str, questions: Sequence[Question[Any]], answers: Sequence[Answer]
) -> Sequence[Answer]:
    if len(answers) != len(questions):
        raise BadAnswer(
            f"source `{name}` gave {len(answers)} answers to {len(questions)} questions",
            next_step="report this to the connector's author",
        )
    return [_sound(name, answer) for answer in answers]


def _sound(name: str, answer: Answer) -> Answer:
    """A number is only a number when it is finite, can be meant, and knows when it was true."""
    if isinstance(answer, OutsideError):
        return answer
    if _is_measurement(answer) and is_number(answer.value) and answer.as_of.tzinfo:
        return answer
    return BadAnswer(
        f"source `{name}` answered with something that is not a measurement",
        next_step="report this to the connector's author",
    )


def _said_safely(answer: Answer) -> Answer:
    """A connector was lent secrets, and may have put one into its error or its evidence."""
    if isinstance(answer, OutsideError):
        answer.hide(masked)
        return answer
    evidence = answer.evidence
    told = (evidence.query, evidence.link or "", *evidence.notes)
    if all(text == masked(text) for text in told):
        return answer
    clean = replace(
        evidence,
        query=masked(evidence.query),
        link=masked(evidence.link) if evidence.link else None,
        notes=tuple(map(masked, evidence.notes)),
    )
    return replace(answer, evidence=clean)


def _is_measurement(answer: object) -> bool:
    return isinstance(answer, Measurement)


def _broken(name: str, error: Exception) -> SourceError:
    return SourceError(
        f"the connector of source `{name}` failed with {type(error).__name__}: a bug in it",
        next_step=f"okrsync doctor {name}",
    )


def _too_late(name: str, deadline: timedelta) -> Unreachable:
    return Unreachable(
        f"source `{name}` had not answered when the run's deadline of "
        f"{deadline.total_seconds():g} s passed",
        next_step="give it more time with `deadline` in [limits], or ask it for less",
    )
