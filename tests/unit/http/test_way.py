"""A connector's own authority and proxy, as its settings say them."""

from __future__ import annotations

from pathlib import Path

import pytest

from okrsync.contracts import FromEnvironment
from okrsync.errors import SignInRefused, UsageError
from okrsync.http.way import on_the_way
from okrsync.testing import FakeToolbox

PROXY = FromEnvironment(env="PROXY")


def test_an_authority_is_looked_for_beside_the_config_and_a_proxy_where_it_is_kept() -> None:
    given = {"base_url": "https://acme.example", "ca_file": "own.pem", "proxy": PROXY}
    found = on_the_way(given, Path("/etc/okrsync"), lambda reference: f"secret of {reference}")
    assert found == {**given, "ca_file": "/etc/okrsync/own.pem", "proxy": f"secret of {PROXY}"}


@pytest.mark.parametrize("said", [{}, {"ca_file": None, "proxy": None}])
def test_nothing_said_changes_nothing(said: dict[str, None]) -> None:
    assert on_the_way(said, Path("/etc/okrsync"), str) == said


def test_an_absolute_authority_and_a_plain_proxy_stay_as_they_are() -> None:
    said = {"ca_file": "/etc/ssl/own.pem", "proxy": "http://proxy.acme.example:3128"}
    assert on_the_way(said, Path("/etc/okrsync"), str) == said


def test_an_authority_that_is_not_there_stops_the_connector(tmp_path: Path) -> None:
    with FakeToolbox(tmp_path) as toolbox, pytest.raises(UsageError, match=r"missing\.pem"):
        toolbox.http(ca_file="missing.pem").get("https://127.0.0.1:1/")


def test_a_proxy_whose_secret_is_not_there_stops_the_connector(tmp_path: Path) -> None:
    with FakeToolbox(tmp_path) as toolbox, pytest.raises(SignInRefused, match="PROXY"):
        toolbox.http(proxy=PROXY)
