"""Bodies with a limit: decompressed as they come, and never more than was agreed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from okrsync.errors import BadAnswer

# One step of decompression: what a bomb can make us hold beside the limit itself.
_STEP = 65_536

CUT = "the answer was cut short"


def bounded(raw: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body's bytes after decompression; raises ``BadAnswer`` past ``limit`` bytes."""
    seen = 0
    for chunk in _decoded(raw, encoding):
        seen += len(chunk)
        if seen > limit:
            raise BadAnswer(
                f"the answer is larger than {limit:,} bytes",
                next_step="narrow the query so that it answers with less",
            )
        yield chunk


def parsed_json(body: bytes) -> Any:
    """JSON as Python values, numbers with a point or exponent as ``Decimal``.

    Raises ``BadAnswer`` for anything else: no JSON, NaN, Infinity, nested too deep, not UTF-8.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except RecursionError:
        problem = "nested too deep"
    except (ValueError, ArithmeticError):
        problem = "not JSON" if body.strip() else "empty"
    raise BadAnswer(f"the answer is {problem}, where JSON was expected")


def written_json(value: object) -> str:
    """JSON text; a ``Decimal`` is a number with every digit it has. Raises ValueError for NaN."""
    match value:
        case Decimal():
            if not value.is_finite():
                raise ValueError("not a finite number")
            return f"{value:f}"
        case dict():
            pairs = (f"{_text(str(key))}:{written_json(part)}" for key, part in value.items())
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(map(written_json, value)) + "]"
    return _text(value)


def decoded_text(body: bytes, charset: str) -> str:
    """The body as text; raises ``BadAnswer`` when it is not in the charset that it claims."""
    try:
        return body.decode(charset or "utf-8")
    except (LookupError, ValueError):
        pass
    raise BadAnswer("the answer is not in the character set that it claims")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _decoded(raw: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            return iter(raw)
        case "gzip" | "x-gzip":
            return _gunzipped(raw)
        case _:
            # Only gzip was offered. Stacked encodings are refused with it: each layer multiplies.
            raise BadAnswer("the answer is compressed in a way that was not asked for")


def _gunzipped(raw: Iterable[bytes]) -> Iterator[bytes]:
    member = _member()
    begun = False
    for chunk in raw:
        rest = chunk
        begun = begun or bool(chunk)
        # A full step may leave output behind even when all the input is taken.
        full = False
        while rest or full:
            if member.eof:
                member = _member()
            out = _inflated(member, rest)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            full = len(out) == _STEP and not member.eof
            yield out
    if begun and not member.eof:
        raise BadAnswer(CUT)


def _member() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def _inflated(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return member.decompress(data, _STEP)
    except zlib.error:
        pass
    raise BadAnswer("the answer's compression is damaged")


def _no_number(_: str) -> Decimal:
    raise ValueError
