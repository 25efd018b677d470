"""WireMock, a server of faults that others wrote, told by each test what to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Reply = Mapping[str, Any]


@dataclass(frozen=True)
class WireMock:
    address: str
    admin: httpx.Client

    def answers(self, path: str, *replies: Reply) -> None:
        """Each POST to ``path`` in turn gets the next reply; the last one stays."""
        self.admin.post("/reset").raise_for_status()
        names = ["Started", *(f"after {n}" for n in range(1, len(replies)))]
        for place, (name, reply) in enumerate(zip(names, replies, strict=True)):
            scenario = {
                "scenarioName": "run",
                "requiredScenarioState": name,
                "newScenarioState": names[min(place + 1, len(names) - 1)],
            }
            self._stub({"method": "POST", "urlPath": path}, reply, **scenario)

    def answers_each(self, path: str, replies: Mapping[str, Reply]) -> None:
        """A POST to ``path`` whose body holds one of the texts gets that text's reply."""
        self.admin.post("/reset").raise_for_status()
        for text, reply in replies.items():
            asked = {"method": "POST", "urlPath": path, "bodyPatterns": [{"contains": text}]}
            self._stub(asked, reply)

    def always(self, path: str, reply: Reply) -> None:
        """What a GET of ``path`` gets; said after ``answers``, which forgets all before."""
        self._stub({"method": "GET", "urlPath": path}, reply)

    def asked_at(self, path: str) -> list[float]:
        """When each request to ``path`` came, in seconds."""
        journal = self.admin.get("/requests").json()["requests"]
        asked = [entry["request"] for entry in journal if entry["request"]["url"] == path]
        return sorted(request["loggedDate"] / 1000 for request in asked)

    def _stub(self, request: Reply, reply: Reply, **scenario: str) -> None:
        stub = {**scenario, "request": dict(request), "response": dict(reply)}
        self.admin.post("/mappings", json=stub).raise_for_status()


def json_reply(body: object, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return {
        "status": status,
        "jsonBody": body,
        "headers": {"Content-Type": "application/json", **named},
    }


def faults(good: object) -> dict[str, Reply]:
    """What can go wrong with the answer ``good`` on its way."""
    return {
        "reset": {"fault": "CONNECTION_RESET_BY_PEER"},
        "nothing": {"fault": "EMPTY_RESPONSE"},
        "malformed chunk": {"fault": "MALFORMED_RESPONSE_CHUNK"},
        "garbage": {"fault": "RANDOM_DATA_THEN_CLOSE"},
        "drip": {
            **json_reply(good),
            "chunkedDribbleDelay": {"numberOfChunks": 40, "totalDuration": 60_000},
        },
        "silence": {**json_reply(good), "fixedDelayMilliseconds": 60_000},
        "502 for ever": json_reply({}, 502),
        "503 for ever": json_reply({}, 503),
        "a web page": {"status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}},
        "half a JSON": {**json_reply(None), "jsonBody": None, "body": '{"data": {"k0": {"issueC'},
    }
