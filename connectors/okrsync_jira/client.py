"""The ``jira`` library behind okrsync's door: sign-in variants, server info, names, single objects.

Never for totals, searches or paging: where the library is not sure of the deployment it answers
None, and a total of it is the length of a page. It retries nothing here; the door does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jira import JIRA
from jira.exceptions import JIRAError
from requests import Response

from okrsync.errors import OutsideError
from okrsync.http import Door, DoorAdapter
from okrsync_jira.messages import REFUSALS, anonymous, refused, unexpected, words_of

AnswerT = TypeVar("AnswerT")


class Library(JIRA):
    """``email`` None means that the token is a bearer; ``version`` is that of the REST API."""

    def __init__(
        self, door: Door, address: str, *, email: str | None, token: str, version: str
    ) -> None:
        super().__init__(
            server=address,
            options={"rest_api_version": version},
            basic_auth=(email, token) if email is not None else None,
            token_auth=token if email is None else None,
            get_server_info=False,
            max_retries=0,
        )
        adapter = DoorAdapter(door)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.hooks["response"].append(_known)


class Client:
    """What okrsync asks of the library, with okrsync's own errors."""

    def __init__(self, library: Library, hide: Callable[[str], str]) -> None:
        self._library = library
        self._hide = hide

    def close(self) -> None:
        self._library.close()  # type: ignore[no-untyped-call]

    def server_info(self) -> Mapping[str, Any]:
        return self._table("server information", self._library.server_info)

    def myself(self) -> Mapping[str, Any]:
        return self._table("account", self._library.myself)

    def fields(self) -> list[Mapping[str, Any]]:
        return self._listed("list of fields", self._library.fields)

    def statuses(self) -> list[Mapping[str, Any]]:
        return self._listed(
            "list of statuses", lambda: [status.raw for status in self._library.statuses()]
        )

    def versions(self, project: str) -> list[Mapping[str, Any]]:
        return self._listed(
            "list of versions",
            lambda: [version.raw for version in self._library.project_versions(project)],
        )

    def issue(self, key: str, fields: str, expand: str | None = None) -> Mapping[str, Any]:
        return self._table("issue", lambda: self._library.issue(key, fields, expand).raw)

    def comments(self, issue: str, start: int, most: int) -> list[Mapping[str, Any]]:
        """Oldest first."""
        return self._listed(
            "list of comments",
            lambda: [
                comment.raw
                for comment in self._library.comments(
                    issue, start_at=start, max_results=most, order_by="created"
                )
            ],
        )

    def _table(self, what: str, ask: Callable[[], Any]) -> Mapping[str, Any]:
        answer = self._asked(what, ask)
        if not isinstance(answer, dict) or not answer:
            raise unexpected(what)
        return answer

    def _listed(self, what: str, ask: Callable[[], Any]) -> list[Mapping[str, Any]]:
        answer = self._asked(what, ask)
        if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
            raise unexpected(what)
        return answer

    def _asked(self, what: str, ask: Callable[[], AnswerT]) -> AnswerT:
        try:
            return ask()
        except OutsideError:
            raise
        except JIRAError as error:
            problem = self._refusal(error, what)
        except (ValueError, LookupError, TypeError, AttributeError, RuntimeError):
            # The library takes answers apart without looking: a web page, null, a list.
            problem = unexpected(what)
        raise problem

    def _refusal(self, error: JIRAError, what: str) -> OutsideError:
        if error.status_code not in REFUSALS:
            return unexpected(what)
        words = "" if error.response is None else _words(error.response)
        return refused(error.status_code, self._hide(words))


def _words(response: Response) -> str:
    try:
        return words_of(response.json())
    except ValueError:
        return ""


def _known(response: Response, *_: Any, **__: Any) -> None:
    """Raise for an answer that was given to nobody in particular."""
    problem = anonymous(response.headers)
    if problem is not None and response.ok:
        raise problem
