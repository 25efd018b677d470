"""Where GitHub's parts are: the API, GraphQL beside it, and the pages that people open."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

from okrsync_github.search import Search
from okrsync_github.settings import GithubQuery, SearchIn

_ENTERPRISE = "/api/v3"


def graphql_of(api: str) -> str:
    """github.com has it beside the REST API; an Enterprise Server at /api/graphql."""
    return f"{api.removesuffix(_ENTERPRISE)}/api/graphql" if _enterprise(api) else f"{api}/graphql"


def web_of(api: str) -> str:
    """``https://api.github.com`` -> ``https://github.com``, and so for other hosts."""
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def search_link(web: str, search: Search, search_in: SearchIn) -> str:
    kind = {"issues": "issues", "discussions": "discussions", "repositories": "repositories"}
    asked = "pullrequests" if search.kinds == {"pr"} else kind[search_in]
    return f"{web}/search?{urlencode({'q': search.text, 'type': asked}, quote_via=quote)}"


def page_link(web: str, query: GithubQuery, place: str, number: int | None = None) -> str:
    """The page about ``query``'s subject; ``place`` is a repository, or an owner for alerts."""
    home = f"{web}/{place}" if "/" in place else f"{web}/orgs/{place}"
    match query.subject:
        case "milestone":
            return f"{home}/milestone/{number}"
        case "workflow" if query.workflow != "all":
            return f"{home}/actions/workflows/{quote(query.workflow or '')}"
        case "workflow":
            return f"{home}/actions"
        case "stars":
            return f"{home}/stargazers"
        case "dependabot" | "code_scanning" as kind:
            alerts = kind.replace("_", "-")
            return f"{home}/security/{alerts if '/' in place else f'alerts/{alerts}'}"
        case subject:
            return f"{home}/{subject}"


def _enterprise(api: str) -> bool:
    return urlsplit(api).path.endswith(_ENTERPRISE)
