"""Lists come whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.errors import BadAnswer
from okrsync.model import Measurement
from tests.unit.rest.conftest import BASE, Answer, Api, json_answer

MakeApi = Callable[..., Api]
Paged = Callable[[httpx.Request], httpx.Response]


def rows(first: int, last: int) -> list[dict[str, int]]:
    return [{"id": number} for number in range(first, last)]


def linked(count: int, size: int) -> Paged:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("from", "0"))
        more = start + size < count
        link = {"link": f'<{BASE}/things?from={start + size}>; rel="next"'} if more else {}
        return json_answer({"items": rows(start, min(count, start + size))}, headers=link)

    return answer


def next_addresses(count: int, size: int) -> Paged:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("from", "0"))
        more = start + size < count
        document = {"items": rows(start, min(count, start + size))}
        return json_answer(document | {"next": f"/v1/things?from={start + size}" if more else None})

    return answer


def cursors(count: int, size: int) -> Paged:
    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content) if request.content else dict(request.url.params)
        start = int(asked.get("paging", asked).get("after") or 0)
        more = start + size < count
        document = {"items": rows(start, min(count, start + size))}
        return json_answer(document | {"after": str(start + size) if more else ""})

    return answer


def numbered(count: int, size: int) -> Paged:
    def answer(request: httpx.Request) -> httpx.Response:
        start = (int(request.url.params["page"]) - 1) * size
        return json_answer({"items": rows(start, min(count, start + size)), "total": count})

    return answer


def offsets(count: int, size: int) -> Paged:
    """A server that never gives more than ``size``, whatever is asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params["skip"])
        return json_answer({"items": rows(start, min(count, start + size)), "total": count})

    return answer


WAYS: dict[str, tuple[Callable[[int, int], Paged], dict[str, Any], dict[str, Any]]] = {
    "link": (linked, {"style": "link"}, {}),
    "next": (next_addresses, {"style": "next", "at": "next"}, {}),
    "cursor": (cursors, {"style": "cursor", "at": "after", "param": "after"}, {}),
    "cursor in the body": (
        cursors,
        {"style": "cursor", "at": "after", "param": "paging.after", "place": "body"},
        {"method": "POST", "reads": True},
    ),
    "page": (numbered, {"style": "page", "param": "page", "size_param": "n"}, {}),
    "page with a total": (numbered, {"style": "page", "param": "page", "total": "total"}, {}),
    "offset": (offsets, {"style": "offset", "param": "skip", "size_param": "n", "size": 500}, {}),
    "offset with a total": (offsets, {"style": "offset", "param": "skip", "total": "total"}, {}),
}


def counted(answer: Answer) -> int:
    assert isinstance(answer, Measurement), answer
    return int(answer.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("count", "size"), [(0, 5), (3, 5), (5, 5), (6, 5), (23, 5)])
def test_every_row_of_every_page_is_counted(api: MakeApi, way: str, count: int, size: int) -> None:
    make, pages, query = WAYS[way]
    once = {**pages, "id": "id"}
    answer = api(make(count, size)).one(rows="items", agg="count", pages=once, **query)
    assert counted(answer) == count


def test_a_short_page_is_not_taken_for_the_last(api: MakeApi) -> None:
    """500 were asked for, the server gives 5 at a time."""
    _, pages, _ = WAYS["offset"]
    asked = api(offsets(23, 5))
    assert counted(asked.one(rows="items", agg="count", pages=pages)) == 23
    assert [request.url.params["n"] for request in asked.asked] == ["500"] * 6


def test_the_sources_pages_hold_where_a_query_has_none(api: MakeApi) -> None:
    asked = api(linked(23, 5))
    assert counted(asked.one({"pages": {"style": "link"}}, rows="items", agg="count")) == 23


def test_without_pages_one_answer_is_the_list(api: MakeApi) -> None:
    asked = api(linked(23, 5))
    assert counted(asked.one(rows="items", agg="count")) == 5
    assert len(asked.asked) == 1


def broken(api: Api, pages: dict[str, Any]) -> BadAnswer:
    answer = api.one(rows="items", agg="count", pages=pages)
    assert isinstance(answer, BadAnswer), answer
    assert answer.next_step
    return answer


def answers(*documents: Any) -> Paged:
    """One after the other, the last one for ever."""
    left = list(documents)

    def answer(_: httpx.Request) -> httpx.Response:
        given_ = left.pop(0) if len(left) > 1 else left[0]
        return given_ if isinstance(given_, httpx.Response) else json_answer(given_)

    return answer


CURSOR = {"style": "cursor", "at": "after", "param": "after"}
PAGE = {"style": "page", "param": "page"}


def test_a_mark_that_comes_again_is_an_error(api: MakeApi) -> None:
    circle = [
        {"items": rows(i, i + 1), "after": mark} for i, mark in enumerate(["a", "b", "a", "c"])
    ]
    asked = api(answers(*circle))
    assert "same page again" in broken(asked, CURSOR).message
    assert len(asked.asked) == 3


def test_an_empty_page_with_more_behind_it_is_an_error(api: MakeApi) -> None:
    asked = api(answers({"items": rows(0, 2), "after": "a"}, {"items": [], "after": "b"}))
    assert "empty" in broken(asked, CURSOR).message


def test_more_pages_than_were_allowed_are_an_error(api: MakeApi) -> None:
    asked = api(linked(100, 5))
    assert "more than 3 pages" in broken(asked, {"style": "link", "most": 3}).message
    assert len(asked.asked) == 3


def test_a_server_that_does_not_know_the_parameter_is_found_out(api: MakeApi) -> None:
    """It gives the first page again and again."""
    asked = api({"items": rows(0, 5)})
    assert "the same" in broken(asked, PAGE).message
    assert len(asked.asked) == 2


@pytest.mark.parametrize("total", [4, 6])
def test_a_total_that_does_not_fit_is_an_error(api: MakeApi, total: int) -> None:
    asked = api(answers({"items": rows(0, 5), "total": total}, {"items": [], "total": total}))
    broken(asked, {**PAGE, "total": "total"})


def test_a_total_that_is_not_there_is_an_error(api: MakeApi) -> None:
    broken(api({"items": rows(0, 5)}), {**PAGE, "total": "total"})


def test_a_total_that_grows_while_reading_is_an_error(api: MakeApi) -> None:
    first = json_answer(
        {"items": rows(0, 5), "total": 6}, headers={"link": f'<{BASE}/things?p=2>; rel="next"'}
    )
    asked = api(answers(first, {"items": rows(5, 6), "total": 7}))
    assert "6 rows came" in broken(asked, {"style": "link", "total": "total"}).message


def test_a_row_that_comes_twice_is_an_error(api: MakeApi) -> None:
    """A row was put in front while the list was read: the last of the page came again."""
    asked = api(answers({"items": rows(0, 5)}, {"items": rows(4, 9)}, {"items": []}))
    assert "twice" in broken(asked, {**PAGE, "id": "id"}).message


def test_a_page_that_fails_fails_the_list(api: MakeApi) -> None:
    first = {"items": rows(0, 5), "after": "a"}
    for second in ({}, {"items": None}, json_answer({}, 404), json_answer(b"<html>")):
        answer = api(answers(first, second)).one(rows="items", agg="count", pages=CURSOR)
        assert not isinstance(answer, Measurement)


@pytest.mark.parametrize(
    "address",
    ["https://other.example/v1/things", "http://api.acme.example/v1", "//other.example/x", 7],
)
def test_the_next_page_lies_on_the_same_host(api: MakeApi, address: Any) -> None:
    asked = api({"items": rows(0, 5), "next": address})
    broken(asked, {"style": "next", "at": "next"})
    assert {request.url.host for request in asked.asked} == {"api.acme.example"}


def test_what_every_answer_must_say_holds_for_every_page(api: MakeApi) -> None:
    asked = api(
        answers({"items": rows(0, 5), "after": "a", "ok": True}, {"items": [], "ok": False})
    )
    answer = asked.one(rows="items", agg="count", pages=CURSOR, expect={"ok": True})
    assert isinstance(answer, BadAnswer)


def test_too_many_rows_are_an_error(api: MakeApi) -> None:
    answer = api(linked(50, 5)).one(
        {"max_rows": 20, "pages": {"style": "link"}}, rows="items", agg="count"
    )
    assert isinstance(answer, BadAnswer)


def test_a_column_may_first_come_on_a_later_page(api: MakeApi) -> None:
    asked = api(
        answers(
            {"items": [{"id": 1}], "after": "a"}, {"items": [{"id": 2, "points": 4}], "after": None}
        )
    )
    answer = asked.one(rows="items", agg="sum", measure="points", pages=CURSOR)
    assert counted(answer) == 4


@settings(max_examples=60, deadline=None)
@given(
    way=st.sampled_from(sorted(WAYS)),
    count=st.integers(0, 40),
    size=st.integers(1, 7),
)
def test_any_list_by_any_way(
    tmp_path_factory: pytest.TempPathFactory, way: str, count: int, size: int
) -> None:
    make, pages, query = WAYS[way]
    api = Api(tmp_path_factory.getbasetemp(), make(count, size))
    answer = api.one(rows="items", agg="sum", measure="id", pages={**pages, "id": "id"}, **query)
    if count:
        assert counted(answer) == sum(range(count))
    else:
        assert not isinstance(answer, Measurement)
