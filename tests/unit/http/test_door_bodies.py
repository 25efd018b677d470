from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import repeat

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.errors import BadAnswer, SignInRefused
from okrsync.http import Door, RefusedAnswer
from okrsync.http.body import bounded, parsed_json, written_json

OpenDoor = Callable[..., Door]
URL = "https://acme.example/x"


class Stream(httpx.SyncByteStream):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks


def _streamed(status: int, chunks: Iterator[bytes], encoding: str = "") -> httpx.Response:
    headers = {"content-encoding": encoding} if encoding else {}
    return httpx.Response(status, headers=headers, stream=Stream(chunks))


def _bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(size // 1_000_000)) + packer.flush()


def test_guarantee_18_a_gzip_bomb_ends_with_little_memory(open_door: OpenDoor) -> None:
    bomb = _bomb(2_000_000_000 // 10)
    door = open_door(lambda _: _streamed(200, iter([bomb]), "gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match="larger than"):
            door.get(URL)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30_000_000


def test_guarantee_18_an_endless_body_ends(open_door: OpenDoor) -> None:
    door = open_door(lambda _: _streamed(200, repeat(bytes(100_000))))
    with pytest.raises(BadAnswer, match="larger than"):
        door.get(URL, expect="bytes")


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":['])
def test_guarantee_18_json_nested_a_million_deep_is_a_bad_answer(
    open_door: OpenDoor, opening: str
) -> None:
    door = open_door(lambda _: httpx.Response(200, text=opening * 1_000_000))
    with pytest.raises(BadAnswer, match="nested too deep"):
        door.get(URL)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "1" * 5000])
def test_guarantee_18_a_number_past_all_measure_is_a_bad_answer(
    open_door: OpenDoor, number: str
) -> None:
    door = open_door(lambda _: httpx.Response(200, text=f'{{"count": {number}}}'))
    with pytest.raises(BadAnswer):
        door.get(URL)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate", "compress", "x"])
def test_guarantee_18_a_compression_that_was_not_offered_is_refused(
    open_door: OpenDoor, encoding: str
) -> None:
    door = open_door(lambda _: _streamed(200, iter([gzip.compress(b"{}")]), encoding))
    with pytest.raises(BadAnswer, match="compressed"):
        door.get(URL)


@pytest.mark.parametrize("status", [400, 401])
def test_guarantee_18_a_refusal_without_end_is_still_a_refusal(
    open_door: OpenDoor, status: int
) -> None:
    door = open_door(lambda _: _streamed(status, repeat(b"no " * 1000)))
    with pytest.raises((RefusedAnswer, SignInRefused)):
        door.get(URL)


def test_a_refusal_whose_body_breaks_off_is_still_a_refusal(open_door: OpenDoor) -> None:
    def breaking() -> Iterator[bytes]:
        yield b'{"error": '
        raise httpx.ReadError("reset")

    with pytest.raises(RefusedAnswer):
        open_door(lambda _: _streamed(404, breaking())).get(URL)


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4), st.integers(1, 500))
def test_gzip_comes_out_whole_however_it_is_cut_into_pieces(parts: list[bytes], size: int) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)  # several members are one body
    assert b"".join(bounded(_pieces(packed, size), "gzip", 10_000)) == b"".join(parts)


def test_gzip_of_much_from_little_comes_out_whole() -> None:
    packed = gzip.compress(bytes(3_000_000))
    assert sum(map(len, bounded(iter([packed]), "gzip", 3_000_000))) == 3_000_000
    with pytest.raises(BadAnswer):
        list(bounded(iter([packed]), "gzip", 2_999_999))


@given(st.data())
def test_gzip_cut_anywhere_is_never_taken_for_whole(data: st.DataObject) -> None:
    packed = gzip.compress(b"a,b\n1,2\n" * 50)
    end = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(BadAnswer):
        list(bounded(iter([packed[:end]]), "gzip", 10_000))


def test_gzip_with_a_damaged_byte_is_a_bad_answer() -> None:
    packed = bytearray(gzip.compress(b"a,b\n1,2\n" * 50))
    packed[-6] ^= 1
    with pytest.raises(BadAnswer, match="damaged"):
        list(bounded(iter([bytes(packed)]), "gzip", 10_000))


def test_a_download_goes_to_the_file_and_gives_the_headers(open_door: OpenDoor) -> None:
    to = io.BytesIO()
    answer = httpx.Response(200, content=b"a;b\n1;2\n", headers={"etag": "v1"})
    headers = open_door(lambda _: answer).download(URL, to, max_bytes=100)
    assert (to.getvalue(), headers["ETag"]) == (b"a;b\n1;2\n", "v1")


def test_a_download_that_breaks_off_starts_over(open_door: OpenDoor) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"a;b\n1;"
        raise httpx.ReadError("reset")

    answers = iter([_streamed(200, breaking()), _streamed(200, iter([b"a;b\n", b"1;2\n"]))])
    to = io.BytesIO(b"head\n")
    to.seek(5)
    open_door(lambda _: next(answers)).download(URL, to, max_bytes=100)
    assert to.getvalue() == b"head\na;b\n1;2\n"


def test_a_download_that_is_too_long_is_a_bad_answer(open_door: OpenDoor) -> None:
    to = io.BytesIO()
    with pytest.raises(BadAnswer):
        open_door(lambda _: _streamed(200, repeat(b"x" * 60))).download(URL, to, max_bytes=100)
    assert len(to.getvalue()) <= 100


def test_a_sign_in_page_is_not_a_download(open_door: OpenDoor) -> None:
    with pytest.raises(BadAnswer, match="web page"):
        open_door(lambda _: httpx.Response(200, html="<html>")).download(
            URL, io.BytesIO(), max_bytes=100
        )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_sent_as_json_is_read_the_same_with_every_digit(value: object) -> None:
    assert parsed_json(written_json(value).encode("utf-8", "surrogatepass")) == value


def test_a_decimal_is_sent_digit_by_digit_and_what_is_no_number_not_at_all() -> None:
    assert (
        written_json({"v": [Decimal("12345678901234.000001")]}) == '{"v":[12345678901234.000001]}'
    )
    for value in (Decimal("NaN"), float("inf")):
        with pytest.raises(ValueError, match=r".+"):
            written_json(value)
