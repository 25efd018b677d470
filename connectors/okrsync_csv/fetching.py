"""A file behind an https address, in a temporary file while it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from okrsync.contracts import Toolbox
from okrsync_csv.files import Found
from okrsync_csv.settings import CsvSettings


@contextmanager
def fetched(settings: CsvSettings, toolbox: Toolbox) -> Iterator[tuple[Found, datetime]]:
    """The file, and when it was last changed: now, where the server does not say."""
    name = PurePosixPath(urlsplit(settings.path).path).name or "the answer"
    with TemporaryFile() as file:
        door = toolbox.http(
            **_sign_in(settings, toolbox), ca_file=settings.ca_file, proxy=settings.proxy
        )
        headers = door.download(settings.path, file, max_bytes=settings.max_size)
        file.seek(0)
        found = Found(name, file, os.fstat(file.fileno()))
        yield found, _modified(headers.get("last-modified", ""), toolbox.clock())


def _sign_in(settings: CsvSettings, toolbox: Toolbox) -> dict[str, object]:
    """The token goes to the address's own origin only, never past a redirect to another."""
    if settings.token is None:
        return {}
    from okrsync.http import Bearer

    parts = urlsplit(settings.path)
    return {
        "base_url": f"{parts.scheme}://{parts.netloc}",
        "auth": Bearer(toolbox.secret(settings.token)),
    }


def _modified(header: str, now: datetime) -> datetime:
    try:
        return min(parsedate_to_datetime(header).astimezone(UTC), now)
    except (TypeError, ValueError):
        return now


def link_of(address: str) -> str:
    """The address without what may be a credential: user, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
