"""Connectors that ask over the network keep a proxy's password and find their own authority."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from okrsync.config.registry import SOURCES, STORES, Group, find, installed
from okrsync.contracts import AnySourceSpec, FromEnvironment
from okrsync.errors import OutsideError, UsageError
from okrsync.testing import FakeToolbox, a_question, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_csv import SOURCE as CSV
from okrsync_github import SOURCE as GITHUB
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_jira import SOURCE as JIRA
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_rest import SOURCE as REST
from okrsync_salesforce import SOURCE as SALESFORCE
from tests.system.harness.in_process import InProcess

pytestmark = pytest.mark.network

PASSWORD: Final = "tunnel-pass-7f3a"
TOKEN: Final = FromEnvironment(env="CRM_TOKEN")
TABLE_TOKEN: Final = 'token = { env = "CRM_TOKEN" }'


@dataclass(frozen=True)
class Connector:
    """``table`` are its settings in config.toml without the way, ``query`` one question's words."""

    spec: AnySourceSpec
    table: str
    settings: dict[str, Any]
    query: dict[str, Any]


CONNECTORS: Final = [
    Connector(
        CSV,
        'path = "https://crm.acme.example/deals.csv"',
        {"path": "https://crm.acme.example/deals.csv"},
        {},
    ),
    Connector(
        GITHUB,
        f'{TABLE_TOKEN}\napi = "https://crm.acme.example"',
        {"token": TOKEN, "api": "https://crm.acme.example"},
        {"search": "repo:acme/shop is:issue"},
    ),
    Connector(
        JIRA,
        f'{TABLE_TOKEN}\nsite = "https://crm.acme.example"',
        {"token": TOKEN, "site": "https://crm.acme.example"},
        {"jql": "project = PLAT"},
    ),
    Connector(
        REST,
        'url = "https://crm.acme.example"',
        {"url": "https://crm.acme.example"},
        {"path": "deals", "rows": "@"},
    ),
    Connector(
        HUBSPOT,
        f'{TABLE_TOKEN}\naddress = "https://crm.acme.example"',
        {"token": TOKEN, "address": "https://crm.acme.example"},
        {},
    ),
    Connector(
        PIPEDRIVE,
        f'{TABLE_TOKEN}\naddress = "https://crm.acme.example"',
        {"token": TOKEN, "address": "https://crm.acme.example"},
        {},
    ),
    Connector(
        SALESFORCE,
        'login_url = "https://crm.acme.example"\nclient_id = "okrsync"\n'
        'client_secret = { env = "CRM_TOKEN" }',
        {"login_url": "https://crm.acme.example", "client_id": "okrsync", "client_secret": TOKEN},
        {"object": "Opportunity"},
    ),
]


NETWORKED: Final = [
    (group, type_)
    for group in (SOURCES, STORES)
    for type_ in installed(group)
    if "proxy" in find(group, type_).settings.model_fields
]


@pytest.fixture(params=CONNECTORS, ids=lambda connector: connector.spec.name)
def connector(request: pytest.FixtureRequest) -> Connector:
    found: Connector = request.param
    return found


@pytest.mark.parametrize(
    ("proxy", "cure"),
    [
        (f"http://okr:{PASSWORD}@proxy.acme.example:3128", "proxy = { env = ... }"),
        (f"http://okr:{PASSWORD}@proxy.acme.example:port", "with a password as proxy"),
        (f"http://okr:{PASSWORD}\u2100@proxy.acme.example", "with a password as proxy"),
        (f"https://{PASSWORD}.example:3128", "http://proxy.acme.example:3128"),
    ],
)
def test_a_proxys_password_in_the_config_is_refused_and_not_repeated(
    connector: Connector, tmp_path: Path, proxy: str, cure: str
) -> None:
    project = InProcess(tmp_path)
    head = 'version = 1\ntimezone = "Europe/Stockholm"\n[source.crm]\n'
    table = f'type = "{connector.spec.name}"\n{connector.table}\nproxy = "{proxy}"\n'
    project.write("config.toml", head + table)
    project.map("")
    ended = project.run("validate")
    assert ended.code == 2, ended
    assert cure in ended.words()
    assert PASSWORD not in ended.words()


@pytest.mark.parametrize(("group", "type_"), NETWORKED)
def test_no_connector_takes_a_proxys_password_in_the_config(group: Group, type_: str) -> None:
    """Stores too, and whatever is installed."""
    proxy = f"http://okr:{PASSWORD}@proxy.acme.example:3128"
    with pytest.raises(ValidationError) as caught:
        find(group, type_).settings.model_validate({"proxy": proxy})
    [message] = [each["msg"] for each in caught.value.errors() if each["loc"][0] == "proxy"]
    assert "is a secret: proxy = { env = ... }" in message
    assert PASSWORD not in str(caught.value)


def test_a_proxys_password_is_read_where_it_is_kept(connector: Connector, tmp_path: Path) -> None:
    with a_proxy() as (port, asked):
        secret = f"http://okr:{PASSWORD}@127.0.0.1:{port}"
        proxy = FromEnvironment(env="PROXY")
        failure = answer(connector, tmp_path, {"proxy": proxy}, {"PROXY": secret})
    signed = base64.b64encode(f"okr:{PASSWORD}".encode())
    assert asked[0].startswith(b"CONNECT crm.acme.example:443 ")
    assert b"Proxy-Authorization: Basic " + signed in asked[0]
    assert PASSWORD not in f"{failure.message} {failure.next_step}"


def test_an_own_authority_is_looked_for_beside_the_config(
    connector: Connector, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        answer(connector, tmp_path, {"ca_file": "tls/own.pem"}, {})
    assert str(tmp_path / "tls" / "own.pem") in caught.value.message


def answer(
    connector: Connector, root: Path, way: dict[str, Any], secrets: dict[str, str]
) -> OutsideError:
    """What comes of one question; the way in ``way`` leads nowhere."""
    toolbox = FakeToolbox(root, clock=frozen_clock(NOON), secrets={"CRM_TOKEN": "token", **secrets})
    question = a_question(connector.spec.query(**connector.query))
    settings = connector.spec.settings(**connector.settings, **way)
    try:
        with toolbox, connector.spec.open(settings, toolbox) as source:
            [outcome] = source.measure([question])
    except OutsideError as error:
        outcome = error
    assert isinstance(outcome, OutsideError)
    return outcome


@contextmanager
def a_proxy() -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that lets nobody through, and what it was asked."""
    asked: list[bytes] = []

    def answering(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    connection.settimeout(5)
                    asked.append(connection.recv(65_536))
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answering, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
