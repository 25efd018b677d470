"""What the environment says: ``OKRSYNC_CONFIG``, ``OKRSYNC_STATE_URL`` and how to log."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EnvironmentSettings(BaseSettings):
    """None where it says nothing; ``okrsync.config.environment`` has what counts then."""

    model_config = SettingsConfigDict(
        env_prefix="OKRSYNC_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    config: Path | None = Field(None, description="Path of the configuration file.")
    state_url: str | None = Field(None, description="State database, instead of [state] url.")
    log_level: str | None = Field(None, description="Least severity that is logged.")
    log_format: str | None = Field(None, description="How a line is logged.")
