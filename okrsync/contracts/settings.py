"""What an operator writes about a connector, and where its secrets are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of a connector's settings and query models: closed, frozen, hashable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class FromEnvironment(Settings):
    env: Annotated[str, Field(min_length=1, description="Name of the environment variable.")]


class FromFile(Settings):
    file: Annotated[
        str, Field(min_length=1, description="Path of a file that only its owner may read (0600).")
    ]


class FromKeyring(Settings):
    keyring: Annotated[
        str, Field(pattern=r"^[^/]+/.+$", description='"service/user" in the system keyring.')
    ]


SecretRef = FromEnvironment | FromFile | FromKeyring
"""Where a secret is kept. The secret itself is read at the last moment, by ``Toolbox.secret``."""
