"""Doctor: try everything once, and say of each whether it works and what to do if it does not."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from okrsync.config.config import Config, Connection
from okrsync.config.secrets import masked
from okrsync.config.stores import ONLY
from okrsync.contracts import Clock, SelfExamining
from okrsync.errors import OkrsyncError, OutsideError, UsageError
from okrsync.mapping.rules import Rule
from okrsync.mapping.units import show
from okrsync.model import KeyResult, Question, StoreRef
from okrsync.report.lines import advice
from okrsync.state.state import open_state
from okrsync.sync import kpis
from okrsync.sync.gather import gather
from okrsync.sync.pinging import ping_address
from okrsync.sync.questions import Dating, questions_of
from okrsync.sync.session import Session, open_stores, reading, state_url
from okrsync.sync.stores import Stores, failing_alone
from okrsync.sync.verdicts import not_in_store

_NAMED = 10
"""How many key results a finding names before it only counts."""

_MOST_UNREAD: Final = 5  # of one store's key results; an outage says the same of each


@dataclass(frozen=True, slots=True)
class Finding:
    """``word`` is ok, warn or fail."""

    word: str
    subject: str
    message: str
    cure: str = ""
    exit_code: int = 0

    def as_text(self, width: int) -> str:
        lines = advice(self.message, width, label=f"{self.word:<5} {self.subject:<12} ")
        if self.cure:
            lines += advice(self.cure, width, " " * 6, label="-> ")
        return "\n".join(lines)

    def as_item(self) -> dict[str, object]:
        return {
            "result": self.word,
            "subject": self.subject,
            "message": self.message,
            "cure": self.cure,
        }


def examine(config: Config, clock: Clock, names: Sequence[str]) -> list[Finding]:
    """All findings, in the order of the straight line; ``names`` are those of sources and stores,
    as the findings call them or alone. Raises UsageError for an unknown one."""
    chosen = [_connection(config, name) for name in names]
    sources = [one.name for one in chosen if config.sources.get(one.name) is one]
    stores = [one for one in chosen if config.stores.get(one.name) is one]
    findings = [_config(config), _state(config)]
    if findings[-1].exit_code:
        return findings
    with reading(config, clock) as session:
        findings += _sources(session, clock, sources if names else list(config.sources))
        findings += _stores(session, stores if names else list(config.stores.values()))
    findings += [] if names or config.notify.ping is None else [_ping(config)]
    return findings


def _connection(config: Config, name: str) -> Connection:
    """A source or a store; where both have the name, ``store.NAME`` is the store."""
    found = config.sources.get(name) or config.stores.get(name.removeprefix("store."))
    if found is None:
        known = ", ".join([*config.sources, *map(_subject, config.stores)])
        raise UsageError(
            f"no source and no store is called `{name}`", next_step=f"name one of these: {known}"
        )
    return found


def _subject(store: str) -> str:
    return store if store == ONLY else f"store.{store}"


def _config(config: Config) -> Finding:
    counts = (len(config.sources), "source"), (len(config.rules), "key result")
    words = [f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts]
    return Finding("ok", "config", f"{', '.join(words)}, {len(config.files)} files")


def _state(config: Config) -> Finding:
    try:
        with open_state(state_url(config), tenant=config.tenant) as state:
            held = state.leases.current()
            latest = state.runs.latest(1)
    except OkrsyncError as error:
        return _failure("state", error)
    lock = "lock free" if held is None else f"locked by process {held.holder.pid}, lease {held.id}"
    if not latest:
        return Finding("ok", "state", f"writable, {lock}, no run yet")
    run = latest[0]
    code = "was cut off" if run.exit_code is None else f"exit {run.exit_code}"
    begun = run.started.astimezone(config.timezone).strftime("%Y-%m-%d %H:%M %Z")
    return Finding("ok", "state", f"writable, {lock}, last run {begun} {code}")


def _ping(config: Config) -> Finding:
    """Looked up and not sent: the watcher would take it for a run."""
    try:
        ping_address(config)
    except OkrsyncError as error:
        return _failure("ping", error)
    return Finding("ok", "ping", "has an address; only a sync sends to it")


def _sources(session: Session, clock: Clock, names: Sequence[str]) -> Iterator[Finding]:
    """One question to each source: the first that a mapping asks of it."""
    config = session.config
    dating = Dating(config, as_of=clock())
    asked = questions_of(config, config.rules.values(), dating)
    for question in kpis.questions(config, dating, clock()):
        asked.setdefault(question.source, []).append(question)
    first: dict[str, list[Question[object]]] = {
        name: asked[name][:1] for name in names if name in asked
    }
    answers = gather(session.outfit, first)
    for name in names:
        if name not in first:
            yield Finding(
                "warn", name, "no key result or KPI asks it anything", "remove it, or map it"
            )
            continue
        answer = answers[first[name][0]]
        if isinstance(answer, OutsideError):
            yield _failure(name, answer)
        else:
            value = show(answer.value, answer.unit)
            yield Finding("ok", name, f"answered {value} from {answer.rows} rows")
            yield from _of_itself(session, name)


def _of_itself(session: Session, name: str) -> Iterator[Finding]:
    """What a source that works says of itself beside: who is signed in, what will expire."""
    connection = session.config.sources[name]
    toolbox = session.outfit.toolbox(name)
    try:
        with connection.source_spec().open(connection.settings, toolbox) as source:
            yield from _remarks(name, source)
    except OkrsyncError as error:
        yield _failure(name, error)


def _remarks(subject: str, connector: object) -> Iterator[Finding]:
    if isinstance(connector, SelfExamining):
        for remark in connector.examine():
            word = "ok" if remark.well else "warn"
            yield Finding(word, subject, masked(remark.message), masked(remark.cure))


def _stores(session: Session, chosen: Sequence[Connection]) -> Iterator[Finding]:
    with open_stores(session) as stores:
        for connection in chosen:
            subject = _subject(connection.name)
            try:
                yield from _store(session, stores, connection, subject)
            except OkrsyncError as error:
                yield _failure(subject, error)


def _store(
    session: Session, stores: Stores, connection: Connection, subject: str
) -> Iterator[Finding]:
    rules = session.config.rules.values()
    own = [rule for rule in rules if rule.key_result.store_ref.store == connection.name]
    if not own and subject != ONLY:
        yield Finding("warn", subject, "no mapping chooses it", "remove it, or choose it")
        return
    store = stores.of(connection.name)
    shown = stores.read(rule.key_result.store_ref for rule in own)
    if connection.name in shown.failures:
        raise shown.failures[connection.name]
    found = {*shown.stored, *shown.unread}
    message = f"{connection.type}, holds {len(found)} of {len(own)} key results"
    lost = [] if connection.capabilities.keeps_definitions else _lost(session, own, found)
    if lost:
        cure = not_in_store(lost[0])
        yield Finding(
            "fail", subject, f"{message}, not {_named(lost)}", cure.next_step, cure.exit_code
        )
    else:
        yield Finding("ok", subject, message)
    yield from _unread(subject, shown.unread)
    with failing_alone(connection.name):
        yield from _remarks(subject, store)


def _lost(session: Session, rules: Sequence[Rule], found: Container[StoreRef]) -> list[KeyResult]:
    """What this store should have had before okrsync, and nothing can be written for; where the
    period is over, nothing is written any more."""
    today = session.clock().astimezone(session.config.timezone).date()
    closed = session.state.closings.labels()
    key_results = [rule.key_result for rule in rules if rule.key_result.store_ref not in found]
    return [one for one in key_results if one.period.end > today and one.period.label not in closed]


def _named(key_results: Sequence[KeyResult]) -> str:
    more = len(key_results) - _NAMED
    ids = ", ".join(one.id for one in key_results[:_NAMED])
    return f"{ids} and {more} more" if more > 0 else ids


def _unread(subject: str, unread: Mapping[StoreRef, OutsideError]) -> Iterator[Finding]:
    for ref, error in list(unread.items())[:_MOST_UNREAD]:
        told = f"{ref.id} cannot be read: {error.message}"
        yield Finding("fail", subject, told, error.next_step, error.exit_code)
    if len(unread) > _MOST_UNREAD:
        more = f"{len(unread) - _MOST_UNREAD} more key results cannot be read"
        yield Finding("fail", subject, more, "okrsync plan", OutsideError.exit_code)


def _failure(subject: str, error: OkrsyncError) -> Finding:
    error.hide(masked)
    return Finding("fail", subject, error.message, error.next_step, error.exit_code)
