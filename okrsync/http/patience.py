"""When to ask again, and when to wait: few tries, with jitter, only where asking twice is safe."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from itertools import count

import tenacity

from okrsync.contracts import Clock
from okrsync.errors import BadAnswer, OutsideError, Unreachable
from okrsync.http import failures
from okrsync.http.answer import Answer
from okrsync.http.attempt import Job
from okrsync.http.budget import Budget
from okrsync.http.deadline import Deadline
from okrsync.http.failures import Failed, Fate
from okrsync.http.network import ending_by
from okrsync.http.waits import is_limited, retry_after, told_wait

MOST_TRIES = 4

_THEIR_FAULT = 500
_TRY_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_NEVER_BETTER = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED})

_log = logging.getLogger("okrsync.http")


class Patience:
    """The retry policy of one door."""

    def __init__(
        self,
        *,
        deadline: Deadline,
        budget: Budget,
        clock: Clock,
        sleep: Callable[[float], None],
        unsaid_wait: float,
        before_write: Callable[[], object],
    ) -> None:
        self._deadline = deadline
        self._budget = budget
        self._clock = clock
        self._sleep = sleep
        self._unsaid_wait = unsaid_wait
        self._before_write = before_write

    def insist(self, job: Job, exchange: Callable[[Job], Answer]) -> Answer:
        """The first good answer, an answer that ``job`` accepts, or the last error."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda problem: _again(problem, job)),
            stop=self._enough,
            wait=tenacity.wait_exponential(multiplier=0.5, max=8.0) + tenacity.wait_random(0, 0.5),
            sleep=self._sleep,
            reraise=True,
        )
        tries = count(1)
        try:
            return retrying(lambda: self._try(job, exchange, next(tries)))
        except Failed as last:
            answer, error = last.answer, _final(last, job)
        if answer is not None and answer.status in job.accept:
            return answer
        raise error

    def _try(self, job: Job, exchange: Callable[[Job], Answer], tried: int) -> Answer:
        with self._budget.slot(self._deadline), ending_by(self._deadline.within(job.seconds)):
            if not job.hop.safe:
                self._before_write()  # after the wait for the turn, which may take minutes
            answer = exchange(job)
        _log.debug("%s: %d", job.where, answer.status)
        self._obey(answer, job, tried)
        return answer

    def _obey(self, answer: Answer, job: Job, tried: int) -> None:
        """Hold the whole account back for as long as the answer says, or longer each time where it
        does not say; raise what is no answer."""
        now = self._clock()
        if is_limited(answer.status, answer.headers) or _says_limited(answer, job):
            wait = told_wait(answer.headers, now)
            again = self._held(self._unsaid_wait * 2 ** (tried - 1) if wait is None else wait)
            error = failures.limited(job.where, wait)
            raise Failed(error, fate=Fate.TURNED_AWAY, again=again)
        wait = retry_after(answer.headers, now)
        again = self._held(wait or 0.0)
        if _is_trouble(answer.status):
            raise _trouble(answer, job, wait, again=again)

    def _held(self, seconds: float) -> bool:
        """Hold the account back; False when that takes longer than the run may last."""
        self._budget.hold(seconds)
        return seconds <= self._deadline.remaining()

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        too_late = state.upcoming_sleep >= self._deadline.remaining()
        return too_late or state.attempt_number >= MOST_TRIES


def _says_limited(answer: Answer, job: Job) -> bool:
    return job.limited is not None and job.limited(answer)


def _is_trouble(status: int) -> bool:
    return status in _TRY_LATER or status >= _THEIR_FAULT


def _trouble(answer: Answer, job: Job, wait: float | None, *, again: bool) -> Failed:
    status = answer.status
    # "Too early" (425) says by itself that nothing was done.
    fate = Fate.TURNED_AWAY if status == HTTPStatus.TOO_EARLY else Fate.PERHAPS_DONE
    if not again and job.hop.safe:
        return Failed(failures.limited(job.where, wait), fate=fate)
    error = failures.trouble(job.where, status)
    return Failed(error, fate=fate, again=again and not _never_better(status, job), answer=answer)


def _never_better(status: int, job: Job) -> bool:
    return status in _NEVER_BETTER or status in job.no_retry


def _again(problem: BaseException, job: Job) -> bool:
    """Only what is safe to repeat, or cannot have arrived."""
    if not isinstance(problem, Failed) or not problem.again:
        return False
    return job.hop.safe or problem.fate is Fate.NEVER_LEFT


def _final(last: Failed, job: Job) -> OutsideError:
    doubtful = last.fate is Fate.PERHAPS_DONE and isinstance(last.error, Unreachable | BadAnswer)
    return failures.outcome_unknown(last.error) if doubtful and not job.hop.safe else last.error
