"""Who is answered: known hosts, own pages, and beyond this machine those who know the token."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from latently.studio.guard import MOST, Guard


async def page(request):
    return PlainTextResponse(f"{request.method} {len(await request.body())}")


def guarded(**how):
    app = Starlette(routes=[Route("/{place:path}", page, methods=["GET", "POST"])])
    return TestClient(Guard(app, **how), base_url="http://127.0.0.1:8420", follow_redirects=False)


def test_pages_of_this_machine_are_answered_and_may_load_nothing_from_elsewhere():
    answer = guarded().get("/items")
    assert answer.status_code == 200 and answer.text == "GET 0"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8420", "127.0.0.1.evil.example", "", "localhost.evil"])
def test_a_name_that_points_here_is_not_enough(host):
    assert guarded().get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "LOCALHOST:1", "[::1]:8420"])
def test_names_of_this_machine(host):
    assert guarded().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://localhost:8420"])
def test_pages_elsewhere_cannot_ask(origin):
    assert guarded().post("/", headers={"origin": origin}).status_code == 403


def test_own_pages_can_ask():
    assert guarded().post("/", headers={"origin": "http://127.0.0.1:8420"}, content=b"12").text == "POST 2"


def test_beyond_this_machine_a_token_is_asked_for():
    asking = guarded(hosts=(), token="secret")
    assert asking.get("/items").status_code == asking.get("/items?token=guess").status_code == 401
    assert "address that it printed" in asking.get("/api/models").json()["error"]
    assert asking.get("/", headers={"authorization": "Bearer secret"}).status_code == 200
    assert asking.get("/", headers={"authorization": "Bearer sécret".encode()}).status_code == 401
    welcome = asking.get("/items?run=a%2Fb&token=secret")
    assert welcome.status_code == 303 and welcome.headers["location"] == "/items?run=a%2Fb"
    assert "HttpOnly" in welcome.headers["set-cookie"] and "SameSite=Strict" in welcome.headers["set-cookie"]
    assert asking.get("/items").status_code == 200  # by the cookie
    assert asking.get("/%2Fevil.example/?token=secret").headers["location"] == "/evil.example/"


def test_too_much_is_refused():
    assert guarded().post("/", headers={"content-length": str(MOST + 1)}).status_code == 413
