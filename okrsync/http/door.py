"""The door itself: one policy for every request of every connector."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import BinaryIO, Self, Unpack

import httpx

from okrsync.contracts import Clock, Memory
from okrsync.errors import BadAnswer, OutsideError
from okrsync.http import failures
from okrsync.http.answer import Answer
from okrsync.http.asking import Asker, Asking, Auth, Params, encoded, lower
from okrsync.http.attempt import Job, Limited, Take, Wire
from okrsync.http.budget import Budget
from okrsync.http.conditional import fresh
from okrsync.http.deadline import Deadline
from okrsync.http.guard import Gate, Network
from okrsync.http.judgement import Expect, doubt
from okrsync.http.network import PoolTransport, Resolver, resolve
from okrsync.http.patience import Patience
from okrsync.http.redaction import Mask, detail, masked, shown
from okrsync.http.redirects import Hop

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# They write headers and whole addresses, with the secrets in them, at the levels below.
for _noisy in ("httpx", "httpcore"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)


class Door:
    """Requests of one account; a context manager, safe to share by threads.

    Of the settings, ``clock``, ``deadline``, ``sleep``, ``mask``, ``remember``, ``before_write``,
    ``network``, ``allow_hosts``, ``ca_file`` and ``proxy`` are the run's; the others are a
    connector's own.

    ``auth`` is a ``SignIn`` or (user, password). It and ``headers`` go to the origin of
    ``base_url`` only, or, without a base_url, to the host that is asked; never past a redirect to
    another host, port or scheme. ``deadline`` ends the run, ``per_request`` one attempt in it
    (seconds, redirects and body included). ``network`` "shared" is for settings written by
    strangers: only public addresses, and behind a proxy only ``allow_hosts``; "any" also lets
    link-local and metadata addresses through. ``mask`` hides secrets in text; it is applied to
    every message, and ``remember`` tells it of a secret that was made during the run.
    ``per_second`` spaces the requests of an account evenly, after ``burst`` of them at once, and
    ``in_flight`` are open at most. ``unsaid_wait`` is the rest after "too many requests" without a
    word on how long. ``before_write`` is called last before a request goes out that is not safe to
    repeat; what it raises keeps the request here.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        deadline: Deadline,
        base_url: str = "",
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        in_flight: int | None = None,
        per_second: float | None = None,
        burst: int = 1,
        ca_file: str | None = None,
        proxy: str | None = None,
        network: Network = "own",
        allow_hosts: Sequence[str] = (),
        max_body: int = 10_000_000,
        per_request: float = 30.0,
        unsaid_wait: float = 1.0,
        before_write: Callable[[], object] = bool,
        mask: Mask = str,
        remember: Callable[[str], object] = str,
        sleep: Callable[[float], None] = time.sleep,
        resolver: Resolver = resolve,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.deadline = deadline
        self._asker = Asker(base_url, headers, auth)
        self._max_body = max_body
        self._per_request = per_request
        self._mask = mask
        self._remember = remember
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._patience = Patience(
            deadline=deadline,
            budget=Budget(
                per_second=per_second,
                burst=burst,
                in_flight=in_flight,
                monotonic=deadline.monotonic,
                sleep=sleep,
            ),
            clock=clock,
            sleep=sleep,
            unsaid_wait=unsaid_wait,
            before_write=before_write,
        )
        gate = Gate(network, tuple(allow_hosts), proxied=proxy is not None)
        self._wire = Wire(
            transport
            or PoolTransport(network=network, ca_file=ca_file, proxy=proxy, resolver=resolver),
            admit=lambda url: gate.admit(url.scheme, url.raw_host.decode("ascii")),
            count=self._count,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

    def conceal(self, secret: str) -> None:
        """Mask ``secret``, which a service has just given, in all that is written from now on."""
        self._remember(secret)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many requests went out to each host, retries and redirects included."""
        with self._lock:
            return dict(self._counts)

    @property
    def requests(self) -> int:
        """The same, all hosts together."""
        return sum(self.counts.values())

    def get(self, url: str, **asking: Unpack[Asking]) -> Answer:
        return self.request("GET", url, **asking)

    def post(self, url: str, **asking: Unpack[Asking]) -> Answer:
        return self.request("POST", url, **asking)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Params | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        expect: Expect = "json",
        accept: Container[int] = (),
        limited: Limited | None = None,
        no_retry: Container[int] = (),
        seconds: float | None = None,
    ) -> Answer:
        """Ask, again where that is safe, and return a whole and plausible answer.

        ``safe`` says whether asking twice does no harm; by default true for GET, HEAD and OPTIONS.
        ``accept`` names statuses beside 2xx to be returned instead of raised; a rate limit is
        always raised, also where ``limited`` recognises one that its status does not show.
        ``no_retry`` names statuses that tell of the request, not of the moment. ``seconds`` limits
        one attempt.

        Raises ``SignInRefused`` (401), ``RefusedAnswer`` (other 4xx), ``RateLimited``,
        ``Unreachable``, ``BadAnswer``, and ``OutcomeUnknown`` for a request that is not safe to
        repeat and may have arrived.
        """
        body, kind = encoded(json, content)

        def job() -> Job:
            target = self._asker.target(url, params)
            sent = self._asker.headers(target, expect, {**kind, **lower(headers)})
            hop = Hop(method.upper(), target, sent, body, safe=_is_safe(method, safe))
            made = self._job(hop, seconds or self._per_request, self._max_body, accept=accept)
            return replace(made, limited=limited, no_retry=no_retry)

        return self._answer(job, expect)

    def fresh(self, url: str, memory: Memory, **asking: Unpack[Asking]) -> Answer:
        """A GET that fetches the body only where it has changed since ``memory`` kept it."""
        return fresh(self.get, url, memory, asking)

    def download(
        self,
        url: str,
        to: BinaryIO,
        *,
        max_bytes: int,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Mapping[str, str]:
        """Stream a GET's body into ``to``, a seekable file, and return the answer's headers.

        A body that is cut, is a web page, or is longer than ``max_bytes`` after decompression
        raises ``BadAnswer``; ``to`` then holds what came so far. ``seconds`` limits one attempt, by
        default to all that is left of the run.
        """
        take = _into(to)

        def job() -> Job:
            target = self._asker.target(url, params)
            hop = Hop("GET", target, self._asker.headers(target, "file", lower(headers)))
            return self._job(hop, seconds or self.deadline.remaining(), max_bytes, take=take)

        return self._answer(job, "file").headers

    def _answer(self, job: Callable[[], Job], expect: Expect) -> Answer:
        asked = job()
        hide = masked(self._mask, asked.hop.headers)
        try:
            answer = self._patience.insist(asked, self._wire.exchange)
            if answer.status == HTTPStatus.UNAUTHORIZED and self._asker.renewed():
                asked = job()
                hide = masked(hide, asked.hop.headers)
                answer = self._patience.insist(asked, self._wire.exchange)
            return _judged(answer, asked, expect, hide)
        except OutsideError as error:
            # The last net: whatever put the message together, no secret of this request is in it.
            error.hide(hide)
            raise

    def _job(
        self,
        hop: Hop,
        seconds: float,
        limit: int,
        *,
        accept: Container[int] = (),
        take: Take = b"".join,
    ) -> Job:
        where = masked(self._mask, hop.headers)(f"{hop.method} {shown(str(hop.url))}")
        return Job(hop, where, seconds, limit, accept, take)

    def _count(self, host: str) -> None:
        with self._lock:
            self._counts[host] += 1


def _is_safe(method: str, said: bool | None) -> bool:  # noqa: FBT001  (None, True and False are three answers)
    return method.upper() in _SAFE if said is None else said


def _judged(answer: Answer, job: Job, expect: Expect, hide: Mask) -> Answer:
    if answer.status in job.accept:
        return answer
    if not answer.good:
        raise failures.refused_by_status(answer, job.where, detail(answer.body, hide))
    problem = doubt(answer, job.hop.method, expect)
    if not problem:
        return answer
    error = BadAnswer(f"{job.where}: {problem}", next_step="open the address in a browser")
    raise error if job.hop.safe else failures.outcome_unknown(error)


def _into(to: BinaryIO) -> Take:
    start = to.tell()

    def take(chunks: Iterator[bytes]) -> bytes:
        # A new attempt starts over: what the last one left behind goes away first.
        to.seek(start)
        to.truncate()
        to.writelines(chunks)
        return b""

    return take
