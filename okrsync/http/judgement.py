"""Whether a successful answer can be believed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from okrsync.errors import BadAnswer
from okrsync.http.answer import Answer

Expect = Literal["json", "text", "bytes", "file"]

_NOT_WHOLE = {
    203: "it was changed on its way (203)",
    206: "it is only a part (206)",
}


def doubt(answer: Answer, method: str, expect: Expect) -> str:
    """Why a 2xx answer is not one; empty when it is whole and of the kind that was asked for."""
    if answer.status in _NOT_WHOLE:
        return _NOT_WHOLE[answer.status]
    if answer.status == HTTPStatus.ACCEPTED and method == "GET":
        return "it is not ready yet (202)"
    if expect == "json" and answer.is_web_page():
        return "a web page came where JSON was expected: a sign-in page, or a proxy's"
    if expect in {"text", "file"} and answer.says_html():
        return "a web page came where data was expected: a sign-in page, or a proxy's"
    return _unreadable(answer, expect)


def _unreadable(answer: Answer, expect: Expect) -> str:
    try:
        if expect == "json" and answer.body:
            answer.json()
        elif expect == "text":
            answer.text()
    except BadAnswer as problem:
        return problem.message
    return ""
