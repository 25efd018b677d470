"""Every mistake is told with its code, at its place, with what to do; all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.codes import CODES
from okrsync.config.load import load
from okrsync.errors import ConfigError, Problem

from .conftest import CONFIG, HEAD, find_fake, noon
