"""Any API as a store: the examples of the documentation, before services that behave as theirs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from okrsync.contracts import Capabilities, Store, all_read
from okrsync.errors import BadAnswer, MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.http.body import parsed_json, written_json
from okrsync.model import Receipt, Status, StoredKeyResult, StoreRef, Value
from okrsync.sync.compare import Standing, compare
from okrsync.testing import FakeToolbox, StoreContract, a_check_in
from okrsync.testing.samples import NOON
from okrsync.testing.store_contract import Person, Spoil
from okrsync_http import STORE
from okrsync_http.placeholders import Filler, ids
from okrsync_http.settings import Holds, HttpSettings
from okrsync_http.words import as_held, shown, values_of
from tests.system.standins.apis import (
    BOT,
    Airtable,
    Api,
    HomeGrown,
    Notion,
    Perdoo,
    Profit,
    Quantive,
    Tability,
)
from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import Loss

pytestmark = pytest.mark.network

PAGE = Path(__file__).resolve().parents[2] / "docs" / "http-store.md"
SECRETS = {
    "OKR_TOKEN": "okr-token-4711",
    "TABILITY_TOKEN": "okr-token-4711",
    "PERDOO_TOKEN": "okr-token-4711",
    "QUANTIVE_TOKEN": "okr-token-4711",
    "NOTION_TOKEN": "okr-token-4711",
    "AIRTABLE_TOKEN": "okr-token-4711",
    "PROFIT_API_KEY": "api-secret-4711",
    "PROFIT_ACCESS_KEY": "access-secret-4711",
}
SERVICES: dict[str, type[Api]] = {
    "Any API as a store": HomeGrown,
    "Tability": Tability,
    "Perdoo": Perdoo,
    "Quantive": Quantive,
    "Notion": Notion,
    "Airtable": Airtable,
}
BUGS, SLA = StoreRef("store", "bugs-0001"), StoreRef("store", "sla-0001")


def example(name: str) -> dict[str, Any]:
    """The [store] table under a heading of the page."""
    text = PAGE.read_text("utf-8")
    after = text[re.search(rf"^#+ {name}$", text, re.MULTILINE).end() :]  # type: ignore[union-attr]
    found = re.search(r"```toml config(?:-part)?\n(.*?)```", after, re.DOTALL)
    assert found is not None
    table: dict[str, Any] = tomllib.loads(found[1], parse_float=Decimal)["store"]
    return table


def settings_for(name: str, url: str, **said: Any) -> HttpSettings:
    table = {**example(name), "url": url, **said}
    assert table.pop("type") == STORE.name
    return HttpSettings.model_validate(table)


def without_keys(url: str) -> HttpSettings:
    """A table by which check-ins are known again by their number and author alone."""
    post, show = (dict(example("Any API as a store")[name]) for name in ("post", "show"))
    post["body"] = {"value": "{value}", "comment": "{note}"}
    return settings_for("Any API as a store", url, post=post, show={**show, "me": BOT})


Opener = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Opener]:
    opened: list[Any] = []

    def open_(settings: HttpSettings) -> Store:
        toolbox = FakeToolbox(tmp_path, name="store", secrets=SECRETS, clock=lambda: NOON)
        context = STORE.open(settings, toolbox)
        opened.append((toolbox, context))
        return context.__enter__()

    yield open_
    for toolbox, context in opened:
        context.__exit__(None, None, None)
        toolbox.__exit__()


@pytest.fixture(params=SERVICES)
def name(request: pytest.FixtureRequest) -> str:
    service: str = request.param
    return service


@pytest.fixture
def api(name: str) -> Iterator[Api]:
    with SERVICES[name]([BUGS.id, SLA.id], lambda: NOON).start() as api:
        yield api


@pytest.fixture
def store(name: str, api: Api, open_store: Opener) -> Store:
    return open_store(settings_for(name, api.url))


@pytest.fixture
def own(open_store: Opener) -> Iterator[tuple[HomeGrown, Store]]:
    with HomeGrown([BUGS.id, SLA.id], lambda: NOON).start() as api:
        yield api, open_store(settings_for("Any API as a store", api.url))


def read(store: Store, ref: StoreRef = BUGS) -> StoredKeyResult:
    return all_read(store.read([ref]))[ref]


@pytest.mark.parametrize("name", ["Any API as a store", "Airtable"], indirect=True)
class TestHttp(StoreContract):
    @pytest.fixture
    def store(self, name: str, api: Api, open_store: Opener) -> Store:
        return open_store(settings_for(name, api.url))

    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return [BUGS, SLA]

    @pytest.fixture
    def person(self, api: Api) -> Person:
        return lambda ref, value: api.person(ref.id, float(value))

    @pytest.fixture
    def spoil(self, api: Api) -> Spoil:
        def a_text_as_value(ref: StoreRef) -> None:
            api.person(ref.id, 28)
            api.entries[-1].value = "about 30"  # type: ignore[assignment]
            if isinstance(api, Airtable):
                api.rows[0]["Current"] = "about 30"

        return a_text_as_value

    @pytest.fixture
    def capabilities(self, name: str) -> Capabilities:
        assert STORE.capabilities_of is not None
        return STORE.capabilities_of(settings_for(name, "https://okr.acme.example"))

    def test_browse_shows_every_key_result_as_read_does(
        self, store: Store, refs: Sequence[StoreRef]
    ) -> None:
        """And beside that the title and definition that only a list may know."""
        store.post(a_check_in(refs[0], 31))
        listed = {shown.ref: shown for shown in store.browse()}
        read = all_read(store.read(refs))
        assert set(read) == set(refs)
        for ref, stored in read.items():
            known = replace(listed[ref], title=stored.title, definition=stored.definition)
            assert known == stored


# Every example


def test_check_ins_arrive_and_are_known_again(name: str, api: Api, store: Store) -> None:
    revisions = [""]
    for value in (31, Decimal("30.5"), 31):
        check_in = a_check_in(BUGS, value, base=revisions[-1], note="It falls")
        receipt = store.post(check_in)
        stored = read(store)
        assert stored.value == value
        assert stored.revision == receipt.remote_id
        assert stored.key == (None if name == "Perdoo" else check_in.key)
        assert store.post(check_in).already_there
        revisions.append(stored.revision)
    assert len(set(revisions)) == 4
    assert [write.value for write in api.history()] == [31, Decimal("30.5"), 31]
    assert read(store, SLA).value is None


def test_a_person_between_plan_and_post_is_seen_and_stays(api: Api, store: Store) -> None:
    store.post(a_check_in(BUGS, 31))
    planned = a_check_in(BUGS, 30, base=read(store).revision)
    api.person(BUGS.id, 28)
    theirs = read(store)
    assert (theirs.value, theirs.key) == (Decimal(28), None)
    with pytest.raises(MovedOn):
        store.post(planned)
    store.post(replace(planned, base=theirs.revision))
    assert [write.value for write in api.history()] == [31, 28, 30]


@pytest.mark.parametrize("loss", ["request", "answer"])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_whatever_is_lost_of_a_post_one_check_in_is_there_in_the_end(
    api: Api, store: Store, loss: Loss, place: int
) -> None:
    api.person(BUGS.id, 42)
    check_in = a_check_in(BUGS, 31, base=read(store).revision)
    api.lose(loss, request=place)
    try:
        receipt = store.post(check_in)
    except OutcomeUnknown:
        receipt = store.find(check_in) or store.post(check_in)
    assert [write.value for write in api.history()] == [42, 31]
    assert read(store).revision == receipt.remote_id


@pytest.mark.parametrize("of_ours", ["corrected", "deleted"])
@pytest.mark.parametrize("loss", ["request", "answer"])
def test_without_keys_an_older_check_in_is_not_taken_for_one_that_was_lost(
    open_store: Opener, loss: Loss, of_ours: str
) -> None:
    """31, 30, and 31 again is lost; a person corrects the words of the 30, or deletes it."""
    with HomeGrown([BUGS.id], lambda: NOON).start() as api:
        store = open_store(without_keys(api.url))
        store.post(a_check_in(BUGS, 31, key="one"))
        store.post(a_check_in(BUGS, 30, key="two", base=read(store).revision))
        third = a_check_in(BUGS, 31, key="three", base=read(store).revision)
        api.lose(loss, write=1)
        with pytest.raises(OutcomeUnknown):
            store.post(third)
        if of_ours == "corrected":
            api.entries[1].said = {"comment": "typo corrected"}
        else:
            del api.entries[1]
        written = len(api.entries)
        assert store.find(third) is None
        with pytest.raises(MovedOn):
            store.post(third)
        assert len(api.entries) == written


def test_without_keys_a_lost_check_in_is_found_after_the_one_that_the_plan_saw(
    open_store: Opener,
) -> None:
    with HomeGrown([BUGS.id], lambda: NOON).start() as api:
        store = open_store(without_keys(api.url))
        store.post(a_check_in(BUGS, 31, key="one"))
        store.post(a_check_in(BUGS, 30, key="two", base=read(store).revision))
        third = a_check_in(BUGS, 31, key="three", base=read(store).revision)
        api.lose("answer", write=1)
        with pytest.raises(OutcomeUnknown):
            store.post(third)
        found = store.find(third)
        assert found is not None
        assert found.remote_id == read(store).revision


def test_what_is_not_there_is_refused_and_nothing_is_written(api: Api, store: Store) -> None:
    missing = StoreRef("store", "no-such")
    with pytest.raises(OutsideError):
        store.post(a_check_in(missing))
    assert api.history() == []


def test_what_is_listed_can_be_linked_to(name: str, store: Store) -> None:
    if "browse" not in example(name):
        with pytest.raises(Refused, match="nothing says where") as caught:
            list(store.browse())
        assert "browse" in caught.value.next_step
        return
    assert [(s.ref, s.title) for s in store.browse()] == [
        (ref, f"Title of {ref.id}") for ref in (BUGS, SLA)
    ]


def test_a_status_without_a_word_is_left_out(name: str, api: Api, store: Store) -> None:
    store.post(replace(a_check_in(BUGS, 31), status=Status.STALE, confidence=None))
    assert len(api.history()) == 1
    assert "{status}" not in str(api.entries[0].said)


# A store that cannot be read: Profit.co

KR = StoreRef("store", "O-12/KR-34")


@pytest.fixture
def profit() -> Iterator[Profit]:
    with Profit([KR.id], lambda: NOON).start() as api:
        yield api


def test_profit_takes_its_keys_dates_and_numbers_as_it_wants_them(
    profit: Profit, open_store: Opener
) -> None:
    store = open_store(settings_for("Profit.co", profit.url))
    receipt = store.post(a_check_in(KR, Decimal("31.5"), note='A "note"'))
    said = profit.entries[0].said
    assert said["actualUpdateDate"] == "02/11/2026"
    assert (said["statusId"], said["value"], said["comment"]) == (1, 31.5, 'A "note"')
    assert receipt.remote_id == a_check_in(KR, Decimal("31.5")).key
    assert b"api-secret-4711" in profit.asked[0].raw


def test_what_cannot_be_read_stands_at_what_was_last_sent(
    profit: Profit, open_store: Opener
) -> None:
    settings = settings_for("Profit.co", profit.url)
    assert read(open_store(settings), KR).revision == ""
    sent = a_check_in(KR, 31)
    store = open_store(settings)
    store._toolbox.receipts[KR] = (sent, Receipt(sent.key, sent.key))  # type: ignore[attr-defined]
    stored = read(store, KR)
    assert (stored.value, stored.revision, stored.key) == (Decimal(31), sent.key, sent.key)


@pytest.mark.parametrize("lost", ["hold", "again", "written"])
def test_without_reading_a_lost_answer_is_never_followed_by_a_guess(
    profit: Profit, open_store: Opener, lost: str
) -> None:
    store = open_store(settings_for("Profit.co", profit.url, lost=lost))
    check_in = a_check_in(KR, 31)
    profit.lose("answer", write=1)
    with pytest.raises(OutcomeUnknown):
        store.post(check_in)
    if lost == "hold":
        with pytest.raises(Refused, match="nobody can tell") as caught:
            store.find(check_in)
        assert 'lost = "written"' in caught.value.next_step
    else:
        assert (store.find(check_in) is None) == (lost == "again")
    assert len(profit.history()) == 1
    remarks = list(store.examine())  # type: ignore[attr-defined]
    assert any("written over" in remark.message for remark in remarks if not remark.well)


def test_an_honoured_key_makes_sending_again_harmless(open_store: Opener) -> None:
    with HomeGrown([BUGS.id], lambda: NOON).start() as api:
        settings = settings_for("Any API as a store", api.url, show=None, lost="again")
        store = open_store(settings)
        check_in = a_check_in(BUGS, 31)
        api.lose("answer", write=1)
        with pytest.raises(OutcomeUnknown):
            store.post(check_in)
        assert store.find(check_in) is None
        store.post(check_in)
        assert [asked.headers["idempotency-key"] for asked in api.asked] == [check_in.key] * 2
        assert api.keys() == [check_in.key]


# What is sent


def test_numbers_keep_every_digit_and_texts_every_letter(own: tuple[HomeGrown, Store]) -> None:
    api, store = own
    note = 'Åtgärdat: "31" \\ {value} → 30\n{{key}}'
    store.post(a_check_in(BUGS, Decimal("12345678901.2345"), note=note))
    raw = api.asked[-2].raw.decode()
    assert '"value":12345678901.2345' in raw
    assert read(store).note == note


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(min_size=1))
def test_a_value_never_leaves_its_place_in_json_or_in_an_address(note: str, id_: str) -> None:
    filler = Filler({**ids(id_), "note": note, "value": Decimal("1.50")}, {})
    template = {"a": {"note": "{note}", "n": "{value}"}, "b": ["x: {note}"]}
    sent = parsed_json(written_json(filler.table(template)).encode("utf-8", "surrogatepass"))
    assert sent == {"a": {"note": note, "n": Decimal("1.50")}, "b": [f"x: {note}"]}
    try:
        path = filler.path("goals/{id}/check-ins")
    except Refused:
        assert id_ in {".", ".."}
    else:
        assert path.count("/") == 2
        assert unquote(path.split("/")[1]) == id_


@pytest.mark.parametrize("id_", ["x'y", 'a" OR "b', "a) { b", "a b"])
def test_an_id_that_could_mean_something_inside_a_longer_text_is_refused(id_: str) -> None:
    filler = Filler(dict(ids(id_)), {})
    with pytest.raises(Refused, match="could mean something else"):
        filler.table({"filter": "{{Id}} = '{id}'"})


@pytest.mark.parametrize(
    ("value", "unit", "holds", "sent"),
    [
        (Decimal(25), "%", Holds(percent="0-1"), "0.25"),
        (Decimal(25), "h", Holds(percent="0-1"), "25"),
        (Decimal("0.07"), "%", Holds(percent="0-1"), "0.0007"),
        (Decimal("25.4"), "%", Holds(percent="0-1", decimals=0), "0.25"),
        (Decimal("25.46"), "%", Holds(percent="0-1", decimals=1), "0.255"),
        (Decimal("25.4"), "%", Holds(percent="0-1", numbers="integer"), "0.25"),
        (Decimal("254.6"), "%", Holds(percent="0-1", digits=2), "2.5"),
        (Decimal("2.5"), "", Holds(numbers="integer"), "2"),
        (Decimal("3.14159"), "", Holds(decimals=2), "3.14"),
        (Decimal("1234567890.1234567890"), "", Holds(digits=15), "1234567890.12346"),
    ],
)
def test_a_number_is_sent_as_the_store_counts_and_read_back_the_same(
    value: Decimal, unit: str, holds: Holds, sent: str
) -> None:
    check_in = replace(a_check_in(BUGS, value), unit=unit)
    values = values_of(check_in, holds, NOON.tzinfo)  # type: ignore[arg-type]
    assert values["value"] == Decimal(sent)
    assert values["value.text"] == sent
    assert shown(Decimal(sent), unit, holds) == as_held(value, holds)


def test_a_percentage_from_0_to_1_makes_the_whole_way(open_store: Opener) -> None:
    with HomeGrown([BUGS.id], lambda: NOON).start() as api:
        store = open_store(settings_for("Any API as a store", api.url, holds={"percent": "0-1"}))
        check_in = replace(a_check_in(BUGS, Decimal("25.5")), unit="%")
        receipt = store.post(check_in)
        assert api.entries[0].value == 0.255
        store._toolbox.receipts[BUGS] = (check_in, receipt)  # type: ignore[attr-defined]
        assert (read(store).value, read(store).key) == (Decimal("25.5"), check_in.key)
        assert read(store).revision == receipt.remote_id


@pytest.mark.parametrize("places", [0, 1, 2])
def test_a_percentage_that_was_rounded_is_not_a_change_in_the_next_run(
    open_store: Opener, places: int
) -> None:
    holds = {"percent": "0-1", "decimals": places}
    with HomeGrown([BUGS.id], lambda: NOON).start() as api:
        settings = settings_for("Any API as a store", api.url, holds=holds)
        assert STORE.capabilities_of is not None
        capabilities, store = STORE.capabilities_of(settings), open_store(settings)
        measured = Value(Decimal("25.46"), "%", NOON, "measured")
        check_in = replace(a_check_in(BUGS, capabilities.held(measured.number)), unit="%")
        receipt = store.post(check_in)
        store._toolbox.receipts[BUGS] = (check_in, receipt)  # type: ignore[attr-defined]
        found = compare(measured, Status.ON_TRACK, read(store), None, capabilities)
        assert found.standing is Standing.SAME


# What is answered


@pytest.mark.parametrize(
    "body",
    [
        {"check_ins": [{"id": 1, "value": "31"}]},
        {"check_ins": [{"id": 1, "value": True}]},
        {"check_ins": {"id": 1}},
        {"items": []},
        [],
    ],
)
def test_an_answer_that_does_not_fit_is_an_error_and_no_number(
    own: tuple[HomeGrown, Store], monkeypatch: pytest.MonkeyPatch, body: Any
) -> None:
    api, store = own
    monkeypatch.setattr(api, "answer_to", lambda _: Reply(body))
    with pytest.raises(BadAnswer):
        read(store)


def test_graphql_that_refuses_with_200_is_refused(open_store: Opener) -> None:
    with Perdoo([BUGS.id], lambda: NOON).start() as api:
        store = open_store(settings_for("Perdoo", api.url))
        whole = api.answer_to

        def refusing(asked: Asked) -> Reply:
            if not api.writes(asked):
                return whole(asked)
            errors = [{"messages": ["not allowed"]}]
            return Reply({"data": {"upsertKeyResult": {"errors": errors}}})

        api.answer_to = refusing  # type: ignore[method-assign]
        with pytest.raises(Refused, match="was not taken"):
            store.post(a_check_in(BUGS, 31))


def test_two_rows_of_one_key_result_are_nobodys(open_store: Opener) -> None:
    with Airtable([BUGS.id, BUGS.id], lambda: NOON).start() as api:
        store = open_store(settings_for("Airtable", api.url))
        with pytest.raises(BadAnswer, match=f"2 rows have the id {BUGS.id}"):
            store.post(a_check_in(BUGS, 31))
        assert api.history() == []


def test_a_refusal_says_what_the_service_says_without_the_secret(
    profit: Profit, open_store: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(settings_for("Profit.co", profit.url))
    told = {"error": "value out of range", "apiKey": "api-secret-4711"}
    monkeypatch.setattr(profit, "answer_to", lambda _: Reply(told, 422))
    with pytest.raises(Refused, match="value out of range") as caught:
        store.post(a_check_in(KR, 31))
    assert "api-secret-4711" not in caught.value.message


# What is told offline


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"post": {"path": "x", "body": {"v": "{valeu}"}}}, "has no {valeu}"),
        ({"post": {"path": "x", "body": {"v": "{value}"}}}, "send {text} there"),
        ({"post": {"path": "x", "body": {"t": "{text}"}}}, "sends no {value}"),
        *(
            ({"post": {"path": path, "body": {"v": "{value}{text}"}}}, "below the url")
            for path in ("../x", "a/%2e%2e/x", "a/%5c..", "a b", "a\tb", "https://b.example/x")
        ),
        ({"show": {"path": "x", "value": "v"}}, "say key, or note"),
        ({"show": {"path": "x", "value": "v", "rows": "r", "note": "n"}}, "say revision"),
        ({"show": {"path": "{value}", "value": "v", "note": "n"}}, "show has no {value}"),
        ({"show": {"path": "x", "value": "v[", "note": "n"}}, "no JMESPath"),
        ({"show": {"path": "x", "value": "v", "key": "k"}}, "send {mark} there"),
        ({"headers": {"X-Api-Key": "abcdef"}}, "a header with a secret"),
        ({"holds": {"statuses": {"green": "x"}}}, "okrsync's own words"),
        ({"url": "http://okr.acme.example"}, "only https"),
        ({"secrets": {"api": "plain-text"}}, ""),
    ],
)
def test_what_does_not_go_together_is_told_offline(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings_for("Any API as a store", **{"url": "https://okr.acme.example", **change})
    assert words in str(caught.value)
    assert "plain-text" not in str(caught.value)


def test_what_it_holds_is_what_its_settings_say() -> None:
    assert STORE.capabilities_of is not None
    said = STORE.capabilities_of(settings_for("Any API as a store", "https://okr.acme.example"))
    assert (said.statuses, said.confidence) == (
        ("achieved", "at_risk", "off_track", "on_track"),
        True,
    )
    assert said.note_length == 1920  # the line with the key has to fit as well
    assert (said.back_dating, said.keeps_history, said.percent) == (True, True, "0-100")
