"""OKRSYNC_* variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from okrsync.cli.logs import start_logging
from okrsync.config import environment
from okrsync.errors import UsageError


def test_nothing_set_means_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE_URL", "LOG_LEVEL", "LOG_FORMAT"):
        monkeypatch.delenv(f"OKRSYNC_{name}", raising=False)
    assert environment.config_path() == Path("config.toml")
    assert environment.state_url() is None
    assert (environment.log_level(), environment.log_format()) == ("warning", "text")


def test_the_environment_says_where_the_config_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_CONFIG", "/srv/okr/config.toml")
    monkeypatch.setenv("OKRSYNC_LOG_FORMAT", "json")
    assert environment.config_path() == Path("/srv/okr/config.toml")
    assert environment.log_format() == "json"


def test_a_wrong_level_is_refused_without_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_LOG_LEVEL", "canary")
    with pytest.raises(UsageError, match="OKRSYNC_LOG_LEVEL") as caught:
        start_logging(None, None)
    assert "canary" not in str(caught.value)
