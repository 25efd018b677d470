"""What the environment says: ``OKRSYNC_CONFIG``, ``OKRSYNC_STATE_URL`` and how to log."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EnvironmentSettings(BaseSettings):
    """Read when a command runs, never at import."""

    model_config = SettingsConfigDict(
        env_prefix="OKRSYNC_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    config: Path = Field(Path("config.toml"), description="Path of the configuration file.")
    state_url: str | None = Field(None, description="State database, instead of [state] url.")
    log_level: str = Field("warning", description="Least severity that is logged.")
    log_format: str = Field("text", description="How a line is logged.")
