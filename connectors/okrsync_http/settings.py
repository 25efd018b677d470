"""What [store] says about an API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from okrsync.contracts import SecretRef, Settings
from okrsync.http.account import ApiSettings, below
from okrsync.model import Status
from okrsync_http.placeholders import OF_A_CHECK_IN, OF_A_KEY_RESULT, known, names_in

Table = dict[str, Any]
Path = Annotated[str, Field(max_length=500)]
_KEY_LINE = 80
"""Characters that the line with okrsync's key takes of a note."""


class Asked(Settings):
    """One request; every text may hold placeholders."""

    method: Annotated[Literal["GET", "POST", "PUT", "PATCH"], Field(description="The verb.")]
    path: Annotated[Path, Field(description="Below url: goals/{id}/check-ins.")]
    params: Annotated[Table, Field(description="Query parameters.")] = Field(default_factory=dict)
    headers: Annotated[
        dict[str, str], Field(description='Beside those of the store: { "Idempotency-Key" = ... }')
    ] = Field(default_factory=dict)
    body: Annotated[Table | None, Field(description="Table that is sent as JSON.")] = None
    form: Annotated[dict[str, str] | None, Field(description="Or sent as a form.")] = None
    expect: Annotated[
        Table, Field(description="What the answer must say: { errors = { exists = false } }")
    ] = Field(default_factory=dict)

    @field_validator("path")
    @classmethod
    def _below(cls, path: str) -> str:
        return below(path)

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.body is not None and self.form is not None:
            raise ValueError("say body or form, not both")
        return self

    def templates(self) -> list[Any]:
        return [self.path, self.params, self.headers, self.body or {}, self.form or {}]


class Post(Asked):
    """What is sent for a check-in."""

    method: Annotated[Literal["POST", "PUT", "PATCH"], Field(description="The verb.")] = "POST"


class Listed(Asked):
    """A request that only reads, and what its rows are."""

    method: Annotated[
        Literal["GET", "POST"], Field(description="POST where the API reads by it: GraphQL.")
    ] = "GET"
    rows: Annotated[Path, Field(description="JMESPath to the list of rows.")] = ""
    cursor: Annotated[
        Path, Field(description="JMESPath to the mark with which a longer list goes on.")
    ] = ""
    cursor_param: Annotated[
        str, Field(description="Parameter, or key of the body of a POST, that carries it.")
    ] = ""
    title: Annotated[Path, Field(description="JMESPath to the key result's title.")] = ""
    objective: Annotated[Path, Field(description="To its objective's.")] = ""
    team: Annotated[Path, Field(description="To its team.")] = ""
    owner: Annotated[Path, Field(description="To its owner.")] = ""
    unit: Annotated[Path, Field(description="To its unit.")] = ""
    baseline: Annotated[Path, Field(description="To its baseline.")] = ""
    target: Annotated[Path, Field(description="To its target.")] = ""

    @model_validator(mode="after")
    def _whole_cursor(self) -> Self:
        if bool(self.cursor) != bool(self.cursor_param):
            raise ValueError("cursor and cursor_param belong together")
        if self.cursor and not self.rows:
            raise ValueError("cursor is for rows")
        return self


class Show(Listed):
    """Where a check-in is read again; paths are JMESPath, of a row or of the whole answer."""

    match: Annotated[
        Path,
        Field(description="rows are key results: the path in a row whose text is store_id."),
    ] = ""
    newest: Annotated[
        Literal["first", "last"],
        Field(description="rows are check-ins of the key result: which one is the newest."),
    ] = "last"
    value: Annotated[Path, Field(min_length=1, description="To the number.")]
    key: Annotated[Path, Field(description="To a field of okrsync's own, sent as {mark}.")] = ""
    note: Annotated[
        Path, Field(description="To the text; it carries the key where it is sent as {text}.")
    ] = ""
    revision: Annotated[
        Path, Field(description="To what changes with each check-in: its id or time.")
    ] = ""
    author: Annotated[Path, Field(description="To who wrote it.")] = ""
    me: Annotated[
        str, Field(description="okrsync's own author there, where neither key nor note shows it.")
    ] = ""
    at: Annotated[Path, Field(description="To when: an ISO date.")] = ""
    status: Annotated[Path, Field(description="To its status.")] = ""
    confidence: Annotated[Path, Field(description="To its confidence.")] = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.match and not self.rows:
            raise ValueError("match is for rows")
        if self.of_check_ins and not self.revision:
            raise ValueError("rows are check-ins: say revision, what names each of them")
        if not (self.key or self.note or (self.revision and self.author and self.me)):
            raise ValueError(
                "say key, or note, or revision with author and me: else a check-in of okrsync "
                "could not be told from a person's"
            )
        return self

    @property
    def of_check_ins(self) -> bool:
        """Whether the rows are check-ins of one key result."""
        return bool(self.rows) and not self.match

    def paths(self) -> Iterator[str]:
        names = ("rows", "cursor", "match", "value", "key", "note", "revision", "author", "at")
        more = ("status", "confidence", "title", "objective", "team", "owner", "unit", "baseline")
        yield from (getattr(self, name) for name in (*names, *more, "target"))


class Browse(Listed):
    """Where all key results are listed, for linking and importing."""

    rows: Annotated[Path, Field(min_length=1, description="JMESPath to the key results.")]
    id: Annotated[Path, Field(min_length=1, description="To what store_id says.")]


class Holds(Settings):
    """What the store can hold."""

    numbers: Annotated[
        Literal["decimal", "integer"], Field(description="integer: decimals are rounded.")
    ] = "decimal"
    negative: Annotated[bool, Field(description="false: negative numbers are held.")] = True
    decimals: Annotated[
        int | None,
        Field(ge=0, le=30, description="Places after the point: of 25.4 where that is 25.4 %."),
    ] = None
    digits: Annotated[
        int | None, Field(ge=1, le=60, description="Significant digits; 15 for binary floats.")
    ] = 15
    percent: Annotated[Literal["0-100", "0-1"], Field(description="0-1: 25 % is sent as 0.25.")] = (
        "0-100"
    )
    confidence: Annotated[
        Literal["none", "0-1", "0-10", "0-100"], Field(description="The scale of {confidence}.")
    ] = "none"
    statuses: Annotated[
        dict[str, str | int | bool],
        Field(description='The store\'s words: { on_track = "green", at_risk = "yellow", ... }'),
    ] = Field(default_factory=dict)
    note_length: Annotated[int | None, Field(ge=100, description="Longest text.")] = None
    dates: Annotated[
        Literal["iso", "day-first", "month-first", "epoch", "epoch_ms"],
        Field(description="How {date} is written: 2026-10-19, 19/10/2026, 10/19/2026, seconds."),
    ] = "iso"
    back_dating: Annotated[
        bool, Field(description="A check-in keeps the {date} that it is sent with.")
    ] = False
    notifies: Annotated[bool, Field(description="People are told of each check-in.")] = False

    @field_validator("statuses")
    @classmethod
    def _own_words(cls, statuses: dict[str, str | int | bool]) -> dict[str, str | int | bool]:
        ours = [status.value for status in Status]
        if not set(statuses) <= set(ours):
            raise ValueError(f"on the left stand okrsync's own words: {', '.join(ours)}")
        return statuses


class HttpSettings(ApiSettings):
    secrets: Annotated[
        dict[str, SecretRef],
        Field(description="More secrets, for texts of a request: {secret.NAME}."),
    ] = Field(default_factory=dict)
    post: Annotated[Post, Field(description="What is sent for a check-in.")]
    show: Annotated[
        Show | None,
        Field(description="Where it is read again. Without it nothing can be compared."),
    ] = None
    browse: Annotated[Browse | None, Field(description="Where all key results are listed.")] = None
    holds: Annotated[Holds, Field(description="What the store can hold.")] = Holds()
    lost: Annotated[
        Literal["hold", "again", "written"],
        Field(
            description="Without show, a check-in whose answer was lost: hold it, send it again "
            "(right where the API honours {key}), or take it for written."
        ),
    ] = "hold"

    @property
    def signs_notes(self) -> bool:
        """Whether okrsync's key travels in the note."""
        return "text" in names_in(self.post.templates())

    @property
    def note_length(self) -> int | None:
        """What is left for the note itself."""
        longest = self.holds.note_length
        return None if longest is None else longest - (_KEY_LINE if self.signs_notes else 0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for problem in _problems(self):
            raise ValueError(problem)
        return self


def _problems(settings: HttpSettings) -> Iterator[str]:
    yield from _of_placeholders("post", settings.post, OF_A_CHECK_IN, settings.secrets)
    if settings.browse is not None:
        yield from _of_placeholders("browse", settings.browse, frozenset(), settings.secrets)
    show = settings.show
    if show is None:
        return
    yield from _of_placeholders("show", show, OF_A_KEY_RESULT, settings.secrets)
    sent = set(names_in(settings.post.templates()))
    if show.key and "mark" not in sent:
        yield "show.key is read, so post has to send {mark} there"
    if show.note and not show.key and not (show.revision and show.me) and "text" not in sent:
        yield "show.note is to carry okrsync's key, so post has to send {text} there"
    if not {"value", "value.text"} & sent:
        yield "post sends no {value}"
    yield from _of_paths(show)


def _of_placeholders(
    table: str, asked: Asked, allowed: frozenset[str], secrets: Mapping[str, Any]
) -> Iterator[str]:
    for name in names_in(asked.templates()):
        if not known(name, allowed, secrets):
            listed = ", ".join(sorted(allowed)) or "no placeholder but secrets"
            yield f"{table} has no {{{name}}}: there is {listed}; a text {{x}} is written {{{{x}}}}"


def _of_paths(show: Show) -> Iterator[str]:
    from okrsync.http.paths import problem_with

    for path in show.paths():
        problem = problem_with(path) if path else ""
        if problem:
            yield f"`{path}`: {problem}"
