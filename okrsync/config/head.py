"""config.toml's own settings, read into their types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from okrsync.addresses import is_web_address
from okrsync.config.checking import check_leniently
from okrsync.config.config import Limits, Notify
from okrsync.config.operators_tables import CONFIG_KEYS, ConfigHead, LimitsTable
from okrsync.config.references import secret_cure
from okrsync.config.tables import MAPPING_KEYS
from okrsync.config.wording import near
from okrsync.mapping.currencies import CODES
from okrsync.mapping.units import UnitError, parse_duration, parse_share

if TYPE_CHECKING:
    from okrsync.config.findings import Page
    from okrsync.config.tables import DefaultsTable
    from okrsync.contracts import SecretRef

MAPPING_ONLY = MAPPING_KEYS - CONFIG_KEYS


@dataclass(frozen=True, slots=True)
class Head:
    """Everything in config.toml but its connections."""

    timezone: ZoneInfo
    tenant: str
    fiscal_year_starts: int
    patterns: tuple[str, ...]
    state_url: str | SecretRef | None
    limits: Limits
    notify: Notify
    rates: dict[str, Decimal]
    defaults: DefaultsTable


def read_head(page: Page) -> Head:
    """What config.toml says; where it is wrong, the default stands in so that reading goes on."""
    table = {key: value for key, value in page.data.items() if key not in {"store", "source"}}
    for key in sorted(MAPPING_ONLY & table.keys()):
        message = f"`{key}` belongs to a mapping file, not to config.toml"
        page.add(
            (key,),
            "not-in-config",
            message,
            "move it to a file under mappings/",
            at="table",
        )
        del table[key]
    written, _ = check_leniently(
        ConfigHead, table, page, (), known=CONFIG_KEYS, stand_in={"timezone": "UTC"}
    )
    return Head(
        timezone=_timezone(written.timezone, page),
        tenant=written.tenant,
        fiscal_year_starts=_month(written.fiscal_year_starts, page),
        patterns=written.mappings,
        state_url=_state_url(written.state.url, page),
        limits=_limits(written.limits, page),
        notify=Notify(_ping(written.notify.ping, page)),
        rates=_rates(written.rates, page),
        defaults=written.defaults,
    )


def _timezone(name: str, page: Page) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        meant = near(name, available_timezones())
        cure = 'write an IANA name such as "Europe/Stockholm" or "UTC"'
        page.add(
            ("timezone",),
            "bad-timezone",
            "no time zone has this name",
            cure,
            suggestion=meant,
            show=bool(meant),
        )
        return ZoneInfo("UTC")


def _month(written: int | str, page: Page) -> int:
    digits = str(written).strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 12:  # noqa: PLR2004
        return int(digits)
    message = "the fiscal year starts in a month from 1 to 12"
    page.add(("fiscal_year_starts",), "bad-value", message, 'write a month such as 7 or "07"')
    return 1


def _state_url(url: str | SecretRef | None, page: Page) -> str | SecretRef | None:
    if not isinstance(url, str):
        return url
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"sqlite", "postgresql"}:
        message = "`url` is neither an SQLite nor a PostgreSQL address"
        page.add(
            ("state", "url"),
            "bad-value",
            message,
            'write "sqlite:///okrsync.sqlite" or "postgresql://host/database"',
        )
    elif "@" in rest and rest.partition("@")[0].partition(":")[2]:
        message = "`url` holds a password in plain text"
        page.add(("state", "url"), "plain-secret", message, *secret_cure("url"))
    elif scheme.startswith("sqlite") and rest.startswith("/") and ":memory:" not in rest:
        return f"{scheme}:///{_beside(page.document.path, rest[1:])}"
    return url


def _ping(address: str | SecretRef | None, page: Page) -> str | SecretRef | None:
    """Whoever knows it can say that all is well: no message quotes it."""
    if isinstance(address, str) and not is_web_address(address):
        message = "`ping` is not the address of a page"
        cure = 'write it whole, "https://..."; or, out of the file, { env = "OKRSYNC_PING" }'
        page.add(("notify", "ping"), "bad-value", message, cure)
    return address


def _beside(config: Path, database: str) -> Path:
    """SQLite's relative paths start beside config.toml, wherever okrsync is started."""
    return config.absolute().parent / database


def _limits(written: LimitsTable, page: Page) -> Limits:
    plain: dict[str, Any] = {
        "network": written.network,
        "allow_hosts": written.allow_hosts,
        "max_changed_from": written.max_changed_from,
        "deadline": _duration(written.deadline, "deadline", page),
        "lease": _duration(written.lease, "lease", page),
        "keep_history": _duration(written.keep_history, "keep_history", page),
        "max_changed": _share(written.max_changed, page),
    }
    return Limits(**{key: value for key, value in plain.items() if value is not None})


def _duration(text: str | None, key: str, page: Page) -> timedelta | None:
    if text is None:
        return None
    try:
        duration = parse_duration(text)
    except UnitError as error:
        page.add(("limits", key), "bad-duration", error.message, error.cure)
        return None
    if duration <= timedelta(0):
        message = f"`{key}` must be longer than nothing"
        page.add(("limits", key), "bad-duration", message, 'for example "10 min"')
        return None
    return duration


def _share(written: int | Decimal | str | None, page: Page) -> Decimal | None:
    if written is None:
        return None
    path = ("limits", "max_changed")
    try:
        share = parse_share(written)
    except UnitError as error:
        page.add(path, "bad-number", error.message, error.cure)
        return None
    if not 0 < share <= 1:
        message = "`max_changed` is a share above 0 and up to 1"
        page.add(path, "bad-value", message, 'write a share such as "30 %"')
        return None
    return share


def _rates(written: dict[str, int | Decimal], page: Page) -> dict[str, Decimal]:
    rates: dict[str, Decimal] = {}
    for currency, rate in written.items():
        if not (currency.isascii() and currency.isupper() and len(currency) == 3):  # noqa: PLR2004
            message = "a currency is named by its three capital letters"
            cure = "write EUR = 1, SEK = 0.088 and so on"
            meant = currency.upper() if currency.upper() in CODES else ""
            here = ("rates", currency)
            page.add(here, "unknown-key", message, cure, at="key", suggestion=meant)
        elif not Decimal(rate).is_finite() or rate <= 0:
            message = "a rate is a number above zero"
            cure = "write how much one unit is worth in the common currency"
            page.add(("rates", currency), "bad-number", message, cure)
        else:
            rates[currency] = Decimal(rate)
    return rates
