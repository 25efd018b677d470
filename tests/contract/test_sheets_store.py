"""A spreadsheet keeps the contract in both layouts, whatever people do to it in between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from okrsync.contracts import Capabilities, FromEnvironment, Store, all_read
from okrsync.errors import (
    MovedOn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInRefused,
    StoreError,
)
from okrsync.model import StoredKeyResult, StoreRef
from okrsync.testing import FakeToolbox, StoreContract, a_check_in
from okrsync.testing.samples import NOON
from okrsync.testing.store_contract import Person
from okrsync_sheets import STORE, grid, marks
from okrsync_sheets.settings import Columns, SheetsSettings
from tests.system.standins.serving import Asked, Limit
from tests.system.standins.sheets import (
    ACCOUNT,
    ID,
    Error,
    Formula,
    Percent,
    Spreadsheet,
    column_number,
)
from tests.system.standins.stores import Loss

pytestmark = pytest.mark.network

BUGS, SLA = StoreRef("store", "bugs"), StoreRef("store", "sla")
COLUMNS = Columns(
    status="STATUS ", confidence="confidence", note="note", as_of="as of", title="title"
)


@pytest.fixture(params=[False, True], ids=["own row", "history"])
def book(request: pytest.FixtureRequest) -> Iterator[Spreadsheet]:
    with Spreadsheet([BUGS.id, SLA.id], lambda: NOON, history=request.param).start() as book:
        yield book


@pytest.fixture
def own_row() -> Iterator[Spreadsheet]:
    with Spreadsheet([BUGS.id, SLA.id], lambda: NOON).start() as book:
        yield book


@pytest.fixture
def with_history() -> Iterator[Spreadsheet]:
    with Spreadsheet([BUGS.id, SLA.id], lambda: NOON, history=True).start() as book:
        yield book


def toolbox_for(book: Spreadsheet, folder: Path) -> FakeToolbox:
    secrets = {"ACCOUNT": book.service_account()}
    return FakeToolbox(folder, name="store", secrets=secrets, clock=lambda: NOON)


def settings_for(book: Spreadsheet, **said: Any) -> SheetsSettings:
    return SheetsSettings(
        spreadsheet=f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        history="History" if "History" in book.tabs else "",
        columns=COLUMNS,
        service_account=FromEnvironment(env="ACCOUNT"),
        url=book.url,
        **said,
    )


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Any]:
    opened: list[Any] = []

    def open_(book: Spreadsheet) -> Store:
        toolbox = toolbox_for(book, tmp_path)
        context = STORE.open(settings_for(book), toolbox)
        opened.append((toolbox, context))
        return context.__enter__()

    yield open_
    for toolbox, context in opened:
        context.__exit__(None, None, None)
        toolbox.__exit__()


@pytest.fixture
def store(book: Spreadsheet, open_store: Any) -> Store:
    store: Store = open_store(book)
    return store


def read(store: Store, ref: StoreRef = BUGS) -> StoredKeyResult:
    return all_read(store.read([ref]))[ref]


class TestSheets(StoreContract):
    @pytest.fixture
    def store(self, book: Spreadsheet, open_store: Any) -> Store:
        store: Store = open_store(book)
        return store

    @pytest.fixture
    def refs(self) -> Sequence[StoreRef]:
        return [BUGS, SLA]

    @pytest.fixture
    def person(self, book: Spreadsheet) -> Person:
        return lambda ref, value: book.person(ref.id, float(value))

    @pytest.fixture
    def capabilities(self, book: Spreadsheet) -> Capabilities:
        assert STORE.capabilities_of is not None
        return STORE.capabilities_of(settings_for(book))


# The published contract


@pytest.fixture(scope="module")
def discovery() -> Any:
    package = find_spec("googleapiclient")
    if package is None or package.origin is None:
        pytest.skip("Google's discovery documents come with google-api-python-client")
    folder = Path(package.origin).parent / "discovery_cache" / "documents"
    return json.loads((folder / "sheets.v4.json").read_text("utf-8"))


def method_of(discovery: Any, asked: Asked) -> Any:
    spreadsheets = discovery["resources"]["spreadsheets"]
    methods = [
        *spreadsheets["methods"].values(),
        *spreadsheets["resources"]["values"]["methods"].values(),
    ]
    for method in methods:
        pattern = "/" + re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(method["flatPath"]))
        if method["httpMethod"] == asked.method and re.fullmatch(pattern, asked.path):
            return method
    return None


def violations(discovery: Any, asked: Asked) -> list[str]:
    """What of a request the discovery document does not know."""
    method = method_of(discovery, asked)
    if method is None:
        return [f"no method for {asked.method} {asked.path}"]
    known = {**discovery["parameters"], **method["parameters"]}
    wrong = []
    for name, values in parse_qs(asked.query).items():
        if name not in known:
            wrong.append(f"no parameter {name}")
        elif "enum" in known[name] and not set(values) <= set(known[name]["enum"]):
            wrong.append(f"{name} is not {values}")
    if "request" not in method:
        return wrong + ([] if asked.body is None else ["a body"])
    return wrong + list(_unknown(discovery, method["request"]["$ref"], asked.body))


def _unknown(discovery: Any, schema: str, value: Any) -> Iterator[str]:
    properties = discovery["schemas"][schema]["properties"]
    for name, part in value.items():
        if name not in properties:
            yield f"{schema} has no {name}"
            continue
        said = properties[name]
        if "enum" in said and part not in said["enum"]:
            yield f"{schema}.{name} is not {part}"
        items = said.get("items", {})
        if "$ref" in items:
            for one in part:
                yield from _unknown(discovery, items["$ref"], one)


def fields_unknown(discovery: Any, mask: str, schema: str = "Spreadsheet") -> list[str]:
    """Names in a field mask that the schema does not have."""
    wrong: list[str] = []
    for name, inner in _parts(mask):
        said = discovery["schemas"][schema]["properties"].get(name)
        if said is None:
            wrong.append(f"{schema}.{name}")
        elif inner:
            deeper = said.get("$ref") or said["items"]["$ref"]
            wrong += fields_unknown(discovery, inner, deeper)
    return wrong


def _parts(mask: str) -> Iterator[tuple[str, str]]:
    depth, start = 0, 0
    for place, letter in enumerate(f"{mask},"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            name, _, inner = mask[start:place].partition("(")
            yield name, inner[:-1]
            start = place + 1


def test_the_discovery_document_knows_wrong_from_right(discovery: Any) -> None:
    path = f"/v4/spreadsheets/{ID}/values:batchUpdate"
    assert not violations(discovery, Asked("POST", path, {}, {}, {"valueInputOption": "RAW"}))
    assert violations(discovery, Asked("POST", path, {}, {}, {"valueInputOption": "AS_IS"}))
    assert violations(discovery, Asked("POST", path, {}, {}, {"values": []}))
    assert violations(discovery, Asked("PUT", path, {}, {}))
    assert fields_unknown(discovery, "sheets(properties(titel),data(rowData))")


def test_every_request_is_one_of_the_discovery_document(
    discovery: Any, book: Spreadsheet, store: Store
) -> None:
    check_in = a_check_in(BUGS, Decimal("31.5"), note="=1+1")
    store.post(check_in)
    store.find(check_in)
    list(store.browse())
    sent = [asked for asked in book.asked if asked.path != "/token"]
    assert [violations(discovery, asked) for asked in sent] == [[]] * len(sent)
    masks = {parse_qs(asked.query)["fields"][0] for asked in sent if asked.method == "GET"}
    assert [fields_unknown(discovery, mask) for mask in masks] == [[]]


# What is written, and what is a person's


@pytest.mark.parametrize("note", ["=1+1", "+46 8 123", "-5", "@team", "'quoted", "1,5"])
def test_text_stays_text(book: Spreadsheet, store: Store, note: str) -> None:
    store.post(a_check_in(BUGS, 31, note=note))
    assert book.written.get(BUGS.id, "note") == note
    assert read(store).note == note


def test_a_check_in_fills_its_columns(book: Spreadsheet, store: Store) -> None:
    store.post(a_check_in(BUGS, Decimal("31.25"), note="fine"))
    row = {head: book.written.get(BUGS.id, head) for head in ("value", "status", "as of")}
    assert row == {"value": 31.25, "status": "on track", "as of": "2026-11-02 12:00"}
    assert (read(store).confidence, read(store).title) == (0.5, "Title of bugs")


def test_a_persons_words_and_confidence_stay_and_are_shown(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    tab = own_row.tabs["OKRs"]
    tab.put(BUGS.id, "note", "We wait for the supplier")
    store.post(a_check_in(BUGS, 31, note="31 (was 42)"))
    assert tab.get(BUGS.id, "note") == "We wait for the supplier"
    tab.put(BUGS.id, "confidence", 0.2)
    store.post(a_check_in(BUGS, 30, base=read(store).revision, note="30 (was 31)"))
    assert tab.get(BUGS.id, "value") == 30
    assert (read(store).confidence, read(store).note) == (0.2, "We wait for the supplier")
    tab.put(BUGS.id, "note", None)
    store.post(a_check_in(BUGS, 29, base=read(store).revision, note="29 (was 30)"))
    assert (read(store).confidence, read(store).note) == (0.2, "29 (was 30)")


def test_a_percentage_is_kept_as_a_fraction_and_read_as_percent(
    book: Spreadsheet, store: Store
) -> None:
    book.written.percent.add("value")
    book.person(BUGS.id, 0)
    book.written.put(BUGS.id, "value", 0.07)
    stored = read(store)
    assert (stored.value, stored.unit) == (Decimal(7), "%")
    store.post(a_check_in(BUGS, Decimal("25.5"), base=stored.revision))
    assert book.written.get(BUGS.id, "value") == 0.255
    assert (read(store).value, read(store).unit) == (Decimal("25.5"), "%")


@pytest.fixture(params=["the row above alone", "the column without a row"])
def formatted(request: pytest.FixtureRequest, with_history: Spreadsheet) -> Spreadsheet:
    """Histories whose new rows have another format than the row above them."""
    history = with_history.tabs["History"]
    if request.param == "the row above alone":
        history.rows.append([SLA.id, Percent(0.07)])
    else:
        history.percent.add("value")
    return with_history


def test_the_format_of_other_rows_does_not_decide_what_number_is_kept(
    formatted: Spreadsheet, open_store: Any
) -> None:
    store = open_store(formatted)
    check_in = a_check_in(BUGS, Decimal("42.5"))
    receipt = store.post(check_in)
    stored = read(store)
    assert (stored.value, stored.key) == (Decimal("42.5"), check_in.key)
    assert stored.revision == receipt.remote_id
    assert len([row for row in formatted.written.rows if row[0] == BUGS.id]) == 1


@pytest.mark.parametrize("write", [1, 2])
def test_a_number_that_a_format_distorts_is_put_right_by_the_next_run(
    formatted: Spreadsheet, open_store: Any, write: int
) -> None:
    """Neither the lost answer to the new row nor that to its correction leaves it so."""
    store = open_store(formatted)
    check_in = a_check_in(BUGS, Decimal("42.5"))
    formatted.lose("answer" if write == 1 else "request", write=write)
    with pytest.raises(OutcomeUnknown):
        store.post(check_in)
    assert store.find(check_in) is None
    receipt = store.post(check_in)
    assert (read(store).value, read(store).revision) == (Decimal("42.5"), receipt.remote_id)
    assert store.find(check_in) is not None
    assert len([row for row in formatted.written.rows if row[0] == BUGS.id]) == 1


def test_a_number_that_a_person_corrects_beside_our_mark_is_theirs(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    receipt = store.post(a_check_in(BUGS, 31))
    own_row.tabs["OKRs"].put(BUGS.id, "value", 28.0)
    assert read(store).key is None
    assert read(store).revision != receipt.remote_id


# What people do to a sheet


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("about 30", "text where a number should be, in 'OKRs'!C2"),
        (True, "text where a number should be, in 'OKRs'!C2"),
        (Error(), "an error where a number should be, in 'OKRs'!C2"),
        (Formula("=SUM(D:D)", 12.0), "computed by a formula in 'OKRs'!C2"),
    ],
)
def test_what_is_no_number_is_named_with_its_address_and_never_taken_or_written_over(
    own_row: Spreadsheet, open_store: Any, cell: Any, words: str
) -> None:
    store = open_store(own_row)
    own_row.tabs["OKRs"].put(BUGS.id, "value", cell)
    own_row.tabs["OKRs"].put(SLA.id, "value", 99.0)
    stored = read(store)
    assert stored.value is None
    assert stored.automated.startswith(words)
    with pytest.raises(Refused, match=re.escape(words)):
        store.post(a_check_in(BUGS, 31, base=stored.revision))
    assert own_row.tabs["OKRs"].get(BUGS.id, "value") == cell
    assert read(store, SLA).value == 99


def test_an_id_that_stands_twice_is_held_and_says_where(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    own_row.tabs["OKRs"].rows.append([BUGS.id, "a copy"])
    assert read(store).automated.startswith("in more than one row, 'OKRs'!A2 and 'OKRs'!A4")
    with pytest.raises(Refused):
        store.post(a_check_in(BUGS, 31))
    assert [shown.ref for shown in store.browse()] == [BUGS, SLA]
    cures = [remark.message for remark in store.examine() if not remark.well]
    assert len(cures) == 1


def test_columns_and_rows_may_move_between_plan_and_post(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    base = read(store).revision
    tab = own_row.tabs["OKRs"]
    tab.rows = [[row[1], "extra", row[0], *row[2:]] for row in tab.rows]
    tab.rows[0] = ["title", "extra", "id", *tab.rows[0][3:]]
    tab.rows[1:1] = [[], ["", "a heading"]]
    tab.rows.reverse()
    tab.rows = [tab.rows[-1], *tab.rows[:-1]]
    store.post(a_check_in(BUGS, 31, base=base))
    assert tab.get(BUGS.id, "value") == 31
    assert tab.get(SLA.id, "value") is None


def test_a_row_that_was_deleted_between_plan_and_post_is_missed(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    del own_row.tabs["OKRs"].rows[1]
    with pytest.raises(Refused, match="no row for bugs"):
        store.post(a_check_in(BUGS, 31))
    assert store.read([BUGS]) == {}


def test_a_row_that_moves_in_the_very_instant_of_the_write_is_said_loudly(
    own_row: Spreadsheet, open_store: Any
) -> None:
    store = open_store(own_row)
    own_row.before_write = lambda: own_row.tabs["OKRs"].rows.insert(1, ["new", "A new one"])
    with pytest.raises(StoreError, match=r"rows moved.*'OKRs'!C2.*in the row of new"):
        store.post(a_check_in(BUGS, 31))


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda tab: tab.rows[0].__setitem__(2, "Wert"), "no column with the header value"),
        (lambda tab: tab.rows[0].__setitem__(3, "VALUE "), "2 columns with the header value"),
        (lambda tab: tab.rows.__setitem__(0, []), "no header in row 1"),
    ],
)
def test_a_header_that_does_not_fit_is_named(
    own_row: Spreadsheet, open_store: Any, break_it: Any, words: str
) -> None:
    store = open_store(own_row)
    break_it(own_row.tabs["OKRs"])
    with pytest.raises(Refused, match=words):
        store.read([BUGS])


def test_a_blank_row_would_catch_a_new_one_so_none_is_added(
    with_history: Spreadsheet, open_store: Any
) -> None:
    store = open_store(with_history)
    with_history.person(BUGS.id, 28)
    with_history.tabs["History"].rows.append([])
    with_history.person(BUGS.id, 27)
    with pytest.raises(Refused, match="row 3 of the sheet History is empty"):
        store.post(a_check_in(BUGS, 31, base=read(store).revision))
    assert with_history.keys() == []


def test_history_keeps_every_check_in_also_a_persons(
    with_history: Spreadsheet, open_store: Any
) -> None:
    store = open_store(with_history)
    first = a_check_in(BUGS, 31)
    store.post(first)
    with_history.person(BUGS.id, 28)
    store.post(a_check_in(BUGS, 30, base=read(store).revision))
    assert [row[1] for row in with_history.tabs["History"].rows[1:]] == [31, 28, 30]
    assert store.find(first) is not None


def test_a_hidden_sheet_is_used_and_named(book: Spreadsheet, store: Store) -> None:
    book.written.hidden = True
    store.post(a_check_in(BUGS, 31))
    told = [remark.message for remark in store.examine()]  # type: ignore[attr-defined]
    assert any("is hidden" in message for message in told)
    assert any(ACCOUNT in message for message in told)


# Exactly once


@pytest.mark.parametrize("loss", ["request", "answer"])
@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_whatever_is_lost_of_a_post_one_check_in_is_there_in_the_end(
    book: Spreadsheet, store: Store, loss: Loss, place: int
) -> None:
    check_in = a_check_in(BUGS, 31)
    book.lose(loss, request=place)
    try:
        receipt = store.post(check_in)
    except OutcomeUnknown:
        receipt = store.find(check_in) or store.post(check_in)
    assert book.keys() == [check_in.key]
    assert (read(store).revision, read(store).key) == (receipt.remote_id, check_in.key)


def test_after_a_lost_answer_a_persons_newer_number_stays_and_is_not_taken_for_ours(
    book: Spreadsheet, store: Store
) -> None:
    check_in = a_check_in(BUGS, 31)
    book.lose("answer", write=1)
    with pytest.raises(OutcomeUnknown):
        store.post(check_in)
    book.person(BUGS.id, 28)
    found = store.find(check_in)
    assert found is not None
    assert read(store).value == 28
    assert read(store).key is None
    assert read(store).revision != found.remote_id


def test_a_person_between_plan_and_post_is_not_written_over(
    book: Spreadsheet, store: Store
) -> None:
    store.post(a_check_in(BUGS, 31))
    planned = a_check_in(BUGS, 30, base=read(store).revision)
    book.person(BUGS.id, 28)
    with pytest.raises(MovedOn):
        store.post(planned)
    assert read(store).value == 28


def test_asked_too_often_nothing_is_written(book: Spreadsheet, store: Store) -> None:
    read(store)
    book.limit = Limit(1, 1e9, lambda: 0.0)
    with pytest.raises(RateLimited):
        store.post(a_check_in(BUGS, 31))
    assert book.history() == []


# Sign-in


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(
    book: Spreadsheet, store: Store
) -> None:
    book.shared = False
    with pytest.raises(Refused, match="403") as caught:
        read(store)
    assert ACCOUNT in caught.value.next_step


def test_a_sheet_that_is_not_there_is_named(book: Spreadsheet, store: Store) -> None:
    del book.tabs["OKRs"]
    with pytest.raises(Refused, match="cannot find OKRs"):
        read(store)


@pytest.mark.parametrize("text", ["not json", "{}", '{"client_email": "a", "private_key": "k"}'])
def test_what_is_no_key_is_refused_without_being_shown(
    book: Spreadsheet, tmp_path: Path, text: str
) -> None:
    toolbox = FakeToolbox(tmp_path, name="store", secrets={"ACCOUNT": text})
    with (
        toolbox,
        pytest.raises(SignInRefused) as caught,
        STORE.open(settings_for(book), toolbox),
    ):
        pass
    assert text not in caught.value.message
    assert caught.value.__context__ is None


def test_a_service_account_may_act_for_a_user(book: Spreadsheet, tmp_path: Path) -> None:
    book.acts_for = "okr-lead@acme.example"
    toolbox = toolbox_for(book, tmp_path)
    settings = settings_for(book, act_for="okr-lead@acme.example")
    with toolbox, STORE.open(settings, toolbox) as store:
        assert set(store.read([BUGS, SLA])) == {BUGS, SLA}


def test_a_token_signs_in_as_well(book: Spreadsheet, tmp_path: Path) -> None:
    book.tokens = 7
    settings = SheetsSettings(
        spreadsheet=ID, columns=COLUMNS, token=FromEnvironment(env="TOKEN"), url=book.url
    )
    toolbox = FakeToolbox(tmp_path, name="store", secrets={"TOKEN": "token-7"})
    with toolbox, STORE.open(settings, toolbox) as store:
        assert set(store.read([BUGS, SLA])) == {BUGS, SLA}


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": {"env": "A"}, "service_account": {"env": "B"}},
        {},
        {"token": {"env": "A"}, "history": "OKRs"},
        {"token": {"env": "A"}, "columns": {"value": "X", "note": "x"}},
        {"token": {"env": "A"}, "url": "http://sheets.acme.example"},
    ],
)
def test_settings_that_do_not_go_together_are_told_offline(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SheetsSettings.model_validate({"spreadsheet": ID, **wrong})


# Pure parts


@given(st.integers(0, 20_000))
def test_columns_have_their_letters(column: int) -> None:
    assert column_number(grid.letters(column)) == column


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
)
def test_a_mark_is_read_as_it_was_written(key: str, number: Decimal) -> None:
    mark = marks.Mark(key, number, {"s": marks.digest("on track"), "n": marks.digest("")})
    assert marks.read(mark.written()) == mark
