"""What [source.<name>] and a mapping say about a JSON API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from okrsync.conditions import Values, Vars
from okrsync.contracts import Settings
from okrsync.http.account import ApiSettings, below
from okrsync_rest.binding import BUILT_IN, names_in
from okrsync_rest.tables import EMPTY, Table, thawed

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Pages(Settings):
    """How a list goes on after its first answer."""

    style: Annotated[
        Literal["link", "next", "cursor", "page", "offset"],
        Field(
            description="link: the Link header; next: an address in the answer; cursor: a mark in "
            "the answer, sent back; page: numbers; offset: how many rows came before."
        ),
    ]
    at: Annotated[
        str, Field(description="next, cursor: path to the address or mark in the answer.")
    ] = ""
    param: Annotated[
        str, Field(description="cursor, page, offset: the parameter that carries it.")
    ] = ""
    place: Annotated[
        Literal["params", "body"],
        Field(description="Where the parameter is sent; in the body, dots lead into tables."),
    ] = "params"
    size_param: Annotated[str, Field(description="Parameter for the size of a page.")] = ""
    size: Annotated[int, Field(ge=1, le=100_000, description="The size asked for.")] = 100
    first: Annotated[
        int | None, Field(ge=0, description="First page's number, if not 1, or offset, if not 0.")
    ] = None
    total: Annotated[
        str,
        Field(description="Path to the number of all rows: as many must have come in the end."),
    ] = ""
    id: Annotated[
        str, Field(description="Column that no two rows share: finds rows that came twice.")
    ] = ""
    most: Annotated[int, Field(ge=1, le=100_000, description="Most pages; more is an error.")] = (
        1000
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.style in {"next", "cursor"} and not self.at:
            raise ValueError("`at` is missing: where the answer says how it goes on")
        if self.style in {"cursor", "page", "offset"} and not self.param:
            raise ValueError("`param` is missing: the parameter that asks for more")
        return self


class RestSettings(ApiSettings):
    sign_in_check: Annotated[
        str,
        Field(
            description="Path that only a signed-in account may read, asked first: some APIs "
            "answer a wrong key as if nobody had signed in, with other numbers."
        ),
    ] = ""
    pages: Annotated[Pages | None, Field(description="How lists go on, if not said there.")] = None
    expect: Annotated[
        Table, Field(description="What every answer must say: path = value, if not said there.")
    ] = EMPTY
    max_size: Annotated[int, Field(ge=1, description="Largest answer, in bytes.")] = 10_000_000
    max_rows: Annotated[int, Field(ge=1, description="Most rows of one list.")] = 1_000_000

    @field_validator("sign_in_check")
    @classmethod
    def _check_below(cls, path: str) -> str:
        return below(path)


class RestQuery(Settings):
    path: Annotated[
        str,
        Field(
            description="What to ask, below the source's url. A step may be :name, a value of "
            "[vars]: projects/:project/issues."
        ),
    ]
    method: Annotated[Literal["GET", "POST"], Field(description="POST needs reads = true.")] = "GET"
    reads: Annotated[
        bool, Field(description="true: this POST only reads, and may be sent again.")
    ] = False
    params: Annotated[Table, Field(description='Query parameters: { state = "open" }.')] = EMPTY
    body: Annotated[Table | None, Field(description="Table that is sent as JSON.")] = None
    number: Annotated[
        str, Field(description="Where the number stands: JMESPath, or JSONPath after $.")
    ] = ""
    header: Annotated[str, Field(description="Header that is the number: X-Total-Count.")] = ""
    rows: Annotated[
        str,
        Field(
            description="Where the list of rows stands, to be counted or summed by okrsync; @ or $ "
            "for the whole answer."
        ),
    ] = ""
    pages: Annotated[Pages | None, Field(description="How the list goes on.")] = None
    where: Annotated[
        str | None, Field(description="Which rows count: state == 'open' and row['a.b'] > 3.")
    ] = None
    expect: Annotated[
        Table | None,
        Field(description="What every answer must say: { ok = true, errors = { exists = false } }"),
    ] = None
    vars: Vars = Field(default_factory=Values, description="Values that stand for :name.")

    @field_validator("path")
    @classmethod
    def _path_below(cls, path: str) -> str:
        return below(path)

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        said = [name for name in ("number", "header", "rows") if getattr(self, name)]
        if len(said) != 1:
            raise ValueError("say exactly one of: number, header, rows")
        if self.method == "POST" and not self.reads:
            raise ValueError("a POST needs reads = true: okrsync only reads")
        if self.body is not None and self.method != "POST":
            raise ValueError("only a POST has a body")
        if self.where is not None and not self.rows:
            raise ValueError("where is for rows")
        return self


def check(settings: RestSettings, query: RestQuery) -> Iterator[tuple[str, str]]:
    """What can be seen offline: names without a value, and paths that are none."""
    for name in sorted(set(query.vars) & BUILT_IN):
        yield "vars", f"`:{name}` is okrsync's own; give this value another name"
    for key, names in _names_by_key(query):
        for name in sorted(names - set(query.vars) - BUILT_IN):
            yield key, f"`:{name}` has no value in [vars]; a text that begins so is written `::`"
    yield from _bad_paths(settings, query)


def _names_by_key(query: RestQuery) -> Iterator[tuple[str, set[str]]]:
    yield "path", {name for step in query.path.split("/") for name in names_in(step)}
    yield "params", names_in(thawed(query.params))
    yield "body", names_in(thawed(query.body or EMPTY))


def _bad_paths(settings: RestSettings, query: RestQuery) -> Iterator[tuple[str, str]]:
    from okrsync.http.paths import problem_with

    pages = query.pages or settings.pages
    expect = settings.expect if query.expect is None else query.expect
    written: list[tuple[str, str]] = [("number", query.number), ("rows", query.rows)]
    written += [("expect", path) for path in thawed(expect)]
    if pages is not None and query.rows:
        written += [("pages", pages.at), ("pages", pages.total)]
    for key, path in written:
        problem = problem_with(path) if path else ""
        if problem:
            yield key, problem
