"""An API that is a function, and a source that asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from okrsync.errors import OutsideError
from okrsync.http import Door
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, a_question
from okrsync_rest import SOURCE
from okrsync_rest.settings import RestQuery, RestSettings

BASE = "https://api.acme.example/v1"
Handler = Callable[[httpx.Request], httpx.Response]
Answer = Measurement | OutsideError


@dataclass
class ApiToolbox(FakeToolbox):
    """A toolbox whose door leads to ``handler``."""

    handler: Handler = field(default=lambda _: httpx.Response(500))

    def http(self, **settings: Any) -> Door:
        return super().http(transport=httpx.MockTransport(self.handler), **settings)


@dataclass
class Api:
    """``asked`` are the requests so far; ``answer`` is what each of them is answered,
    ``waited`` how long the last ones took."""

    folder: Path
    answer: Handler
    asked: list[httpx.Request] = field(default_factory=list)
    secrets: Mapping[str, str] = field(default_factory=dict)
    zone: Any = None
    waited: float = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)

    @contextmanager
    def opened(self, **settings: Any) -> Iterator[Any]:
        more = {"zone": self.zone} if self.zone else {}
        toolbox = ApiToolbox(self.folder, name="api", secrets=self.secrets, handler=self, **more)
        chosen = RestSettings.model_validate({"url": BASE} | settings)
        with toolbox, SOURCE.open(chosen, toolbox) as source:
            yield source
        self.waited = toolbox.waited

    def ask(self, *questions: Question[RestQuery], **settings: Any) -> Sequence[Answer]:
        with self.opened(**settings) as source:
            answers: Sequence[Answer] = source.measure(questions)
        return answers

    def one(self, settings: Mapping[str, Any] | None = None, **query: Any) -> Answer:
        [answer] = self.ask(question(**query), **(settings or {}))
        return answer


_PARTS = ("measure", "agg", "on", "as_of")


def question(*, window: Window | None = None, **written: Any) -> Question[RestQuery]:
    parts = {name: written.pop(name) for name in _PARTS if name in written}
    query = RestQuery.model_validate({"path": "things"} | written)
    asked = a_question(query, **({"agg": None} | parts))
    return replace(asked, window=window) if window else asked


def json_answer(
    document: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return httpx.Response(
        status,
        headers={"content-type": "application/json", **(headers or {})},
        content=document if isinstance(document, bytes) else json.dumps(document).encode(),
    )


@pytest.fixture
def api(tmp_path: Path) -> Callable[..., Api]:
    """``api(document)`` answers always the same, ``api(function)`` what the function says."""

    def made(answer: Any, **parts: Any) -> Api:
        handler = answer if callable(answer) else (lambda _: json_answer(answer))
        return Api(tmp_path, handler, **parts)

    return made
