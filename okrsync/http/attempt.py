"""One attempt: send, follow redirects, read the answer within its limits."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass

import httpx

from okrsync.errors import BadAnswer
from okrsync.http import failures
from okrsync.http.answer import Answer
from okrsync.http.body import bounded
from okrsync.http.failures import Failed
from okrsync.http.redirects import MOST_HOPS, REDIRECTS, Hop, host_of, next_hop

Limited = Callable[[Answer], bool]
"""Whether an answer, whatever its status, says "asked too often"."""

Take = Callable[[Iterator[bytes]], bytes]
"""Consumes a body; returns what the answer is to hold of it. Called again for each new attempt."""

_REFUSAL_BYTES = 65_536
_UNREADABLE: tuple[type[Exception], ...] = (BadAnswer, *failures.KNOWN)


@dataclass(frozen=True, slots=True)
class Job:
    """One request as the caller meant it.

    ``where`` is how messages name it, ``seconds`` how long one attempt may take, ``limit`` the most
    bytes of a body, ``accept`` the statuses beside 2xx that are answers and not errors, ``limited``
    what else than its status may say that a request came too often, ``no_retry`` the statuses after
    which the same request would fare no better.
    """

    hop: Hop
    where: str
    seconds: float
    limit: int
    accept: Container[int] = ()
    take: Take = b"".join
    limited: Limited | None = None
    no_retry: Container[int] = ()


class Wire:
    """The transport, with a check and a count before every request that goes out on it."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        admit: Callable[[httpx.URL], None],
        count: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._admit = admit
        self._count = count

    def exchange(self, job: Job) -> Answer:
        """Send and read; raises ``Failed`` for what went wrong on the way, other errors at once."""
        response = self._followed(job.hop, job.where)
        try:
            return _read(response, job)
        finally:
            response.close()

    def close(self) -> None:
        self._transport.close()

    def _followed(self, hop: Hop, where: str) -> httpx.Response:
        for _ in range(MOST_HOPS + 1):
            response = self._sent(hop, where)
            location = response.headers.get("location")
            if response.status_code not in REDIRECTS or not location:
                return response
            response.close()
            hop = next_hop(hop, response.status_code, location, where)
        raise BadAnswer(f"{where}: redirected more than {MOST_HOPS} times")

    def _sent(self, hop: Hop, where: str) -> httpx.Response:
        self._admit(hop.url)
        self._count(host_of(hop.url))
        try:
            return self._transport.handle_request(
                httpx.Request(hop.method, hop.url, headers=hop.headers, content=hop.content or None)
            )
        except failures.KNOWN as cause:
            problem = failures.failed(cause, where, answering=False)
        # Raised out here: the library's exception, which may quote a secret, is not attached.
        raise problem


def _read(response: httpx.Response, job: Job) -> Answer:
    status = response.status_code
    if not response.is_success and status not in job.accept:
        return Answer(status, response.headers, _words(response))
    try:
        return Answer(status, response.headers, job.take(_chunks(response, job.limit)))
    except BadAnswer as cut:
        problem = Failed(BadAnswer(f"{job.where}: {cut.message}", next_step=cut.next_step))
    except failures.KNOWN as cause:
        problem = failures.failed(cause, job.where, answering=True)
    raise problem


def _words(response: httpx.Response) -> bytes:
    """What a refusal says, as far as it can be read: its status is what counts."""
    words = b""
    try:
        for chunk in _chunks(response, _REFUSAL_BYTES):
            words += chunk
    except _UNREADABLE:
        pass
    return words


def _chunks(response: httpx.Response, limit: int) -> Iterator[bytes]:
    stream = response.stream
    if not isinstance(stream, Iterable):
        raise TypeError("the transport answered with an asynchronous body")
    return bounded(stream, response.headers.get("content-encoding", ""), limit)
