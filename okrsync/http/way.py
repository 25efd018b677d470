"""The way to a service as a connector's settings say it, in the words of the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from okrsync.contracts import SecretRef


def on_the_way(
    settings: Mapping[str, Any], root: Path, secret: Callable[[SecretRef], str]
) -> dict[str, Any]:
    """``settings`` with ``ca_file`` below ``root``, and with a secret ``proxy`` read."""
    given = dict(settings)
    if "ca_file" in given:
        given["ca_file"] = str(root / given["ca_file"]) if given["ca_file"] else None
    proxy = given.get("proxy")
    if proxy is not None and not isinstance(proxy, str):
        given["proxy"] = secret(proxy)
    return given
