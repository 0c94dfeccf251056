"""The board alone: one token opens it, and nothing of it is seen without."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from leadloop.settings import Settings
from leadloop.web.app import create_lone_app
from leadloop.web.login import cookie_name, is_token, load_token
from leadloop.web.pages import FILES
from leadloop.web.viewers import Viewer

OPEN = {"/login"}


@pytest.fixture
def app(settings: Settings) -> Any:
    """The board alone, over an empty home."""
    return create_lone_app(settings, Viewer("wang", may_decide=True))


@pytest.fixture
def stranger(app: Any) -> TestClient:
    """Somebody without the token."""
    return TestClient(app, base_url="http://board.test", follow_redirects=False)


def list_addresses(app: Any) -> list[tuple[str, str]]:
    """Every (method, address) that the application knows, with its files spelt out."""
    found = []
    for route in app.routes:
        assert isinstance(route, APIRoute), f"{route} knows no guard: make it a route"
        names = list(FILES) if route.path == "/static/{name}" else [""]
        for method in route.methods:
            for name in names:
                path = route.path.replace("{name}", name)
                found.append((method, re.sub(r"\{[^}]*\}", "x", path)))
    return found


def test_every_route_refuses_who_has_no_token(app: Any, stranger: TestClient):
    addresses = list_addresses(app)
    assert len(addresses) > 25
    for method, path in addresses:
        assert stranger.request(method, path).status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/x", "/static/../app.py"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_what_is_not_there_cannot_be_told_from_what_is(
    stranger: TestClient, method: str, path: str
):
    assert stranger.request(method, path).status_code == 401


def test_login_alone_is_open_and_says_nothing_without_the_token(app: Any, stranger: TestClient):
    guarded = [r.path for r in app.routes if r.dependant.dependencies]
    assert {route.path for route in app.routes} - set(guarded) == OPEN
    assert stranger.get("/login").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "é", "\u2028"])
def test_a_wrong_token_opens_nothing(stranger: TestClient, token: str):
    answer = stranger.get("/login", params={"token": token})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_link_sets_a_cookie_that_opens_the_board(stranger: TestClient, settings: Settings):
    answer = stranger.get("/login", params={"token": load_token(settings.home)})
    assert answer.status_code == 303
    assert answer.headers["location"] == "./"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/").status_code == 200
    assert stranger.get("/api/shell").json()["viewer"] == "wang"
    assert stranger.get("/nothing").status_code == 404


@pytest.mark.parametrize("value", ["", "x", "é"])
def test_a_forged_cookie_opens_nothing(stranger: TestClient, settings: Settings, value: str):
    name = cookie_name(load_token(settings.home))
    headers = {"cookie": f"{name}={value}".encode()}
    assert stranger.get("/api/shell", headers=headers).status_code == 401


def test_the_cookie_of_another_home_opens_nothing(stranger: TestClient, settings: Settings):
    assert cookie_name("one") != cookie_name("two")
    stranger.cookies.set(cookie_name("one"), "one")
    assert stranger.get("/api/shell").status_code == 401


def test_the_token_is_made_once_and_only_the_owner_can_read_it(settings: Settings):
    token = load_token(settings.home)
    assert len(token) >= 40
    assert load_token(settings.home) == token
    mode = stat.S_IMODE((settings.home.secrets / "board_token").stat().st_mode)
    assert mode == 0o600
    assert is_token(token, token)
    assert not is_token(token[:-1], token)


def test_every_answer_says_what_a_browser_may_load(stranger: TestClient):
    for path in ("/", "/login", "/api/shell", "/static/board.js"):
        headers = stranger.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_files_are_the_only_thing_that_a_browser_may_keep(stranger: TestClient, settings: Settings):
    stranger.get("/login", params={"token": load_token(settings.home)})
    assert "max-age" in stranger.get("/static/echarts.min.js").headers["cache-control"]
    assert stranger.get("/api/alerts").headers["cache-control"] == "no-store"


def test_the_charts_are_the_reports_own_file():
    from leadloop.publish.report import CHARTS

    assert FILES["echarts.min.js"][0] == CHARTS
    assert list((FILES["board.js"][0].parent).glob("echarts*")) == []


@pytest.fixture
def served(settings: Settings) -> Iterator[str]:
    """The link that a real `leadloop board` shows on a free port."""
    code = "from leadloop.cli import main; main()"
    command = [sys.executable, "-c", code, "board", "--port", "0"]
    environment = {**os.environ, "LEADLOOP_HOME": str(settings.home.root)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def test_the_command_shows_a_link_that_works(served: str):
    address = served.split("/login")[0]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/login\?token=\S{40,}", served)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{address}/")
    assert caught.value.code == 401
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(served) as page:
        assert "static/board.js" in page.read().decode()
        assert "server" not in page.headers


def test_a_taken_port_is_told(settings: Settings):
    import socket

    from leadloop.errors import LeadloopError
    from leadloop.web.commands import listen

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(LeadloopError, match="--port"):
            listen("127.0.0.1", holder.getsockname()[1])
