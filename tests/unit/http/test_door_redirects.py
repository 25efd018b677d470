from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from okrsync.errors import BadAnswer, OutcomeUnknown, Refused
from okrsync.http import Bearer, Door

OpenDoor = Callable[..., Door]
SECRETS = {
    "Authorization": "Bearer tok-1234567",
    "Cookie": "session=tok-1234567",
    "X-Api-Key": "tok-1234567",
    "X-Whatever-Vendor": "tok-1234567",
}


class Site:
    """Redirects by a table from address to (status, location); everything else is a good answer."""

    def __init__(self, table: dict[str, tuple[int, str]]) -> None:
        self.table = table
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if str(request.url) not in self.table:
            return httpx.Response(200, json={"n": 1})
        status, location = self.table[str(request.url)]
        return httpx.Response(status, headers={"location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "arrives"),
    [
        ("https://a.example/new", "https://a.example/new"),
        ("/new", "https://a.example/new"),
        ("new?x=1#part", "https://a.example/new?x=1"),
        ("//b.example/new", "https://b.example/new"),
    ],
)
def test_a_read_follows_a_redirect(
    open_door: OpenDoor, status: int, location: str, arrives: str
) -> None:
    site = Site({"https://a.example/old": (status, location)})
    assert open_door(site).get("https://a.example/old").json() == {"n": 1}
    assert str(site.asked[-1].url) == arrives


@pytest.mark.parametrize(
    "location", ["https://b.example/", "https://a.example:8443/", "https://a.example.evil.example/",
                 "//b.example/", "https://user:pw@b.example/"]
)  # fmt: skip
def test_guarantee_27_credentials_do_not_follow_to_another_origin(
    open_door: OpenDoor, location: str
) -> None:
    site = Site({"https://a.example/old": (302, location)})
    open_door(site, headers=SECRETS, auth=Bearer("tok-1234567")).get("https://a.example/old")
    assert "tok-1234567" in str(site.asked[0].headers.raw)
    assert "tok-1234567" not in str(site.asked[-1].headers.raw)
    assert "authorization" not in site.asked[-1].headers


def test_guarantee_27_credentials_stay_away_also_when_the_way_leads_back(
    open_door: OpenDoor,
) -> None:
    site = Site({
        "https://a.example/old": (302, "https://b.example/"),
        "https://b.example/": (302, "https://a.example/new"),
    })  # fmt: skip
    open_door(site, headers=SECRETS).get("https://a.example/old")
    assert "tok-1234567" not in str(site.asked[-1].headers.raw)


def test_credentials_follow_within_one_origin(open_door: OpenDoor) -> None:
    site = Site({"https://a.example/old": (301, "https://A.example:443/new")})
    open_door(site, headers=SECRETS).get("https://a.example/old")
    assert site.asked[-1].headers["x-api-key"] == "tok-1234567"


@pytest.mark.parametrize(
    "location", ["http://a.example/", "http://b.example/", "http://127.0.0.1/", "ftp://a.example/",
                 "file:///etc/passwd", "javascript:alert(1)", "data:text/plain,1"]
)  # fmt: skip
def test_guarantee_27_a_redirect_never_leaves_tls(open_door: OpenDoor, location: str) -> None:
    site = Site({"https://a.example/old": (302, location)})
    with pytest.raises((Refused, BadAnswer)):
        open_door(site).get("https://a.example/old")
    assert len(site.asked) == 1


@pytest.mark.parametrize("url", ["http://a.example/", "http://10.0.0.1/", "http://localhost.evil/"])
def test_guarantee_27_http_is_for_this_machine_only(open_door: OpenDoor, url: str) -> None:
    site = Site({})
    with pytest.raises(Refused, match="https://"):
        open_door(site).get(url)
    assert not site.asked


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_http_to_this_machine_is_allowed(open_door: OpenDoor, host: str) -> None:
    assert open_door(Site({})).get(f"http://{host}:8080/").status == 200


@pytest.mark.parametrize("status", [307, 308])
def test_a_safe_body_follows_within_one_origin(open_door: OpenDoor, status: int) -> None:
    site = Site({"https://a.example/old": (status, "/new")})
    open_door(site).post("https://a.example/old", json={"q": 1}, safe=True)
    assert (site.asked[-1].method, site.asked[-1].content) == ("POST", b'{"q":1}')


@pytest.mark.parametrize(
    ("status", "location", "safe", "error"),
    [
        (301, "/new", None, Refused),
        (302, "/new", None, OutcomeUnknown),
        (303, "/new", None, OutcomeUnknown),
        (307, "/new", None, Refused),
        (308, "/new", None, Refused),
        (301, "/new", True, Refused),
        (302, "/new", True, Refused),
        (303, "/new", True, Refused),
        (307, "https://b.example/", True, Refused),
    ],
)
def test_a_body_is_not_sent_again_where_that_is_not_certainly_right(
    open_door: OpenDoor, status: int, location: str, safe: bool | None, error: type[Exception]
) -> None:
    site = Site({"https://a.example/old": (status, location)})
    with pytest.raises(error):
        open_door(site).post("https://a.example/old", json={}, safe=safe)
    assert len(site.asked) == 1


def test_a_circle_of_redirects_ends(open_door: OpenDoor) -> None:
    site = Site({"https://a.example/": (302, "https://a.example/")})
    with pytest.raises(BadAnswer, match="more than 5"):
        open_door(site).get("https://a.example/")
    assert len(site.asked) == 6


def test_each_hop_is_checked_against_the_allowed_hosts(open_door: OpenDoor) -> None:
    site = Site({"https://a.example/": (302, "https://b.example/")})
    with pytest.raises(Refused, match="allowed"):
        open_door(site, allow_hosts=["a.example"]).get("https://a.example/")
    assert len(site.asked) == 1
