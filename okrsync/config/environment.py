"""The process's own settings, wherever they are asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okrsync.config.settings import EnvironmentSettings
    from okrsync.contracts import FromEnvironment

PREFIX = "OKRSYNC_"


def settings() -> EnvironmentSettings | None:
    """What the environment says; None, and nothing loaded, when it says nothing.

    pydantic-settings brings an event loop along: loading it takes as long as a small plan.
    """
    if not any(name.upper().startswith(PREFIX) for name in os.environ):
        return None
    from okrsync.config.settings import EnvironmentSettings

    return EnvironmentSettings()


def config_path() -> Path:
    said = settings()
    return (said and said.config) or Path("config.toml")


def state_url() -> FromEnvironment | None:
    """Where it stands: it may hold a password, and so is read as other secrets are."""
    said = settings()
    if not said or not said.state_url:
        return None
    from okrsync.contracts import FromEnvironment

    return FromEnvironment(env=f"{PREFIX}STATE_URL")


def log_level() -> str:
    said = settings()
    return (said and said.log_level) or "warning"


def log_format() -> str:
    said = settings()
    return (said and said.log_format) or "text"
