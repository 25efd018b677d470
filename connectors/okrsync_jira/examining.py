"""What okrsync doctor says of a Jira connection."""

from __future__ import annotations

from collections.abc import Iterator

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import OutsideError
from okrsync_jira.site import Site

_KINDS = {"cloud": "Jira Cloud", "data-center": "Jira Data Center"}


def remarks(site: Site, toolbox: Toolbox) -> Iterator[Remark]:
    """Who is signed in, where, in which zone, and what will end."""
    try:
        yield Remark(f"{_KINDS[site.deployment]} at {site.address}")
        name = str(site.account.get("displayName") or "an account without a name")
        yield Remark(f"signed in as {name}")
        yield from _zone(site, toolbox)
        yield Remark(f"{site.statuses.count} statuses and {site.fields.count} fields are visible")
    except OutsideError as error:
        yield Remark(error.message, well=False, cure=error.next_step)
    yield _ending(site)


def _zone(site: Site, toolbox: Toolbox) -> Iterator[Remark]:
    if str(site.zone) == str(toolbox.zone):
        yield Remark(f"dates are read in {site.zone}, as config.toml says")
        return
    yield Remark(
        f"Jira reads dates in {site.zone}, config.toml in {toolbox.zone}: windows are converted",
    )


def _ending(site: Site) -> Remark:
    if site.cloud and site.settings.email is not None:
        return Remark("API tokens end after a year at the latest; Jira does not say when")
    return Remark("Jira does not say when this token ends")
