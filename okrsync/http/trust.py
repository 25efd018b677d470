"""Who is believed: the authorities behind TLS, and the proxy that may stand in between."""

from __future__ import annotations

import ssl

import httpcore
import httpx

from okrsync.errors import UsageError


def trusted(ca_file: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later, always verified: against ``ca_file`` alone, or the usual authorities."""
    if ca_file is None:
        context = httpx.create_ssl_context(trust_env=False)
        # What the system trusts counts as well: that is where companies put their own authority.
        context.load_default_certs()
    else:
        context = _own_authority(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _own_authority(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        pass
    raise UsageError(
        f"ca_file {ca_file} is not there or holds no certificate",
        next_step="name a readable PEM file",
    )


def usable_proxy(address: str | None) -> httpcore.Proxy | None:
    if address is None:
        return None
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme != "http" or not url.host:
        raise UsageError(
            "the proxy's address is not one", next_step="write it as http://proxy.example:3128"
        )
    return httpcore.Proxy(
        url=httpcore.URL(scheme=b"http", host=url.raw_host, port=url.port or 80, target=b"/"),
        auth=(url.username.encode(), url.password.encode()) if url.username else None,
    )
