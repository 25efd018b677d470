"""One run's surroundings: state, lease, store and toolboxes, opened and closed here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from okrsync.config.config import Config
from okrsync.config.secrets import reveal
from okrsync.contracts import Clock
from okrsync.errors import StateError
from okrsync.mapping.rules import Rule
from okrsync.state.process import this_process
from okrsync.state.records import Intent, OnDemand
from okrsync.state.state import State, open_state
from okrsync.sync.knowledge import Knowledge, Unsettled
from okrsync.sync.past import Past
from okrsync.sync.stores import Stores
from okrsync.sync.toolbox import Outfit

_DEFAULT_STATE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Session:
    config: Config
    clock: Clock
    state: State
    outfit: Outfit


@contextmanager
def reading(config: Config, clock: Clock) -> Iterator[Session]:
    """For commands that change nothing: no lease, no file made, every write refused."""
    with (
        open_state(state_url(config), tenant=config.tenant, create=False) as state,
        _outfit(config, clock, state, _no_writing) as outfit,
    ):
        yield Session(config, clock, state, outfit)


@contextmanager
def writing(config: Config, clock: Clock, command: str) -> Iterator[Session]:
    """For commands that write: the lease first, before anything else is read."""
    with open_state(state_url(config), tenant=config.tenant) as state:
        holder = this_process(command)
        with (
            state.leases.hold(holder=holder, ttl=config.limits.lease) as lease,
            _outfit(config, clock, state, lease.check) as outfit,
        ):
            yield Session(config, clock, state, outfit)


@contextmanager
def open_stores(session: Session) -> Iterator[Stores]:
    """All stores of the config, none of them contacted yet."""
    with ExitStack() as open_ones:
        yield Stores(session.config.stores, session.outfit, open_ones)


def learn(
    session: Session, stores: Stores, rules: tuple[Rule, ...], unsettled: Sequence[Intent]
) -> Knowledge:
    """Everything that a plan is made from, but the sources' answers."""
    shown = stores.read(rule.key_result.store_ref for rule in rules)
    state = session.state
    key_results = [rule.key_result for rule in rules]
    past = Past(state, session.config.timezone, key_results)
    return Knowledge(
        stored=shown.stored,
        store_failures=shown.failures,
        unread=shown.unread,
        sent=state.outbox.last_sent(),
        unsettled=Unsettled(unsettled),
        outcomes=OnDemand(state.outcomes.all),
        baselines=state.measurements.baselines(),
        approvals={approval.key_result: approval for approval in state.words.approvals()},
        manual=state.words.manual_values(),
        history=past.of,
    )


def state_url(config: Config) -> str:
    """The state's address; one that holds a password is read from where it is kept."""
    url = config.state_url
    if url is None:
        return _DEFAULT_STATE + str(config.root.absolute() / "okrsync.sqlite")
    if not isinstance(url, str):
        url = reveal(url, config.root)
    path = url.removeprefix(_DEFAULT_STATE)
    if path == url or not path or path == ":memory:":
        return url
    return _DEFAULT_STATE + str(config.root.absolute() / path)


@contextmanager
def _outfit(
    config: Config, clock: Clock, state: State, fence: Callable[[], None]
) -> Iterator[Outfit]:
    ends = time.monotonic() + config.limits.deadline.total_seconds()

    def time_left() -> timedelta:
        """Below zero once it is over: what ends with the run may arrive a moment later."""
        return timedelta(seconds=ends - time.monotonic())

    with Outfit(
        config,
        clock=clock,
        time_left=time_left,
        engine=lambda: state.engine,
        fence=fence,
        memories=state.memories,
        sent=state.outbox.last_sent,
    ) as outfit:
        yield outfit


def _no_writing() -> None:
    raise StateError("this command only reads", next_step="okrsync sync")
