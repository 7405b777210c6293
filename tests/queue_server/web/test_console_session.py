"""Signing in: what the cookie is good for, when it ends, and what no other site can do with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from queue_server.access import Access
from queue_server.domain.errors import NotKnown
from queue_server.hallbook import HallBook
from queue_server.sessions import COOKIE, CSRF_HEADER, Sessions
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

WINDOW = 10
HERE = f"/api/v1/halls/{HALL}/windows/{WINDOW}"


def enter(desk: Desk, token: str | None = None, window: int = WINDOW, **more: Any) -> Any:
    body = {"token": desk.tokens["window"] if token is None else token, "window": window}
    return desk.client.post("/console/enter", json=body, **more)


def csrf(desk: Desk) -> str:
    """What the page was given to send with changes."""
    page = desk.client.get("/console").text
    found = re.search(r'"csrf": ?"([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def act(desk: Desk, path: str, key: str = "k", **headers: str) -> Any:
    return desk.client.post(path, json={}, headers={"Idempotency-Key": key} | headers)


def test_a_token_once_then_a_cookie(desk: Desk):
    answer = enter(desk)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
    assert desk.tokens["window"] not in cookie
    assert desk.client.get("/console").status_code == 200
    assert desk.client.get(HERE).json["no"] == WINDOW
    assert act(desk, f"{HERE}/open", **{CSRF_HEADER: csrf(desk)}).status_code == 200
    assert desk.events()[-1]["actor"].startswith("window/")


def test_behind_https_the_cookie_is_secure(desk: Desk):
    assert "Secure" in enter(desk, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert "Secure" in enter(desk, base_url="https://hall.example").headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("role", "window", "status"),
    [("kiosk", WINDOW, 403), ("display", WINDOW, 403), ("manager", WINDOW, 200), ("window", 99, 404)],
)
def test_who_may_sit_at_a_window(desk: Desk, role: str, window: int, status: int):
    answer = enter(desk, desk.tokens[role], window)
    assert answer.status_code == status
    assert ("Set-Cookie" in answer.headers) == (status == 200)


def test_a_wrong_token_and_a_form_of_another_site_get_nothing(desk: Desk):
    assert enter(desk, "window-nonsense").status_code == 401
    form = f'{{"token": "{desk.tokens["window"]}", "window": 10, "hall": "="}}'
    answer = desk.client.post("/console/enter", data=form, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (400, False)


@pytest.mark.parametrize("given", [{}, {CSRF_HEADER: ""}, {CSRF_HEADER: "0" * 64}, {CSRF_HEADER: "\u00ff"}])
def test_a_change_needs_the_sessions_own_header(desk: Desk, given: dict[str, str]):
    enter(desk)
    answer = act(desk, f"{HERE}/open", **given)
    assert (answer.status_code, answer.json["error"]) == (403, "forbidden")
    assert act(desk, "/console/leave", **given).status_code == 403
    assert "window.opened" not in desk.types()
    assert desk.client.post("/console/enter", json={"window": 11}, headers=given).status_code == 403


def test_another_sessions_header_does_not_do(desk: Desk):
    enter(desk)
    others = csrf(desk)
    enter(desk)
    assert act(desk, f"{HERE}/open", **{CSRF_HEADER: others}).status_code == 403


def test_a_session_is_for_its_window(desk: Desk):
    enter(desk)
    header = {CSRF_HEADER: csrf(desk)}
    other = f"/api/v1/halls/{HALL}/windows/11"
    assert act(desk, f"{other}/open", **header).status_code == 403
    assert desk.client.get(other).status_code == 403
    moved = desk.client.post("/console/enter", json={"window": 11}, headers=header)  # no token: one is signed in
    assert moved.status_code == 200
    assert desk.client.get(other).status_code == 200
    assert desk.client.get(HERE).status_code == 403  # a tab that still shows the old window is told


def test_an_open_page_stays_and_a_closed_one_ends(desk: Desk, clock: Clock):
    enter(desk)
    for _ in range(20):  # an open page asks now and then, whether the clerk touches it or not
        clock.pass_(minutes=9)
        assert desk.client.get(HERE).status_code == 200
    clock.pass_(minutes=11)
    assert desk.client.get(HERE).status_code == 401
    answer = desk.client.get("/console")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/enter?why=ended")


def test_no_session_is_longer_than_a_day_of_work(desk: Desk, clock: Clock):
    enter(desk)
    for _ in range(12 * 8):
        clock.pass_(minutes=7.5)
        assert desk.client.get(HERE).status_code == 200
    desk.client.post("/console/enter", json={"window": 11}, headers={CSRF_HEADER: csrf(desk)})
    clock.pass_(minutes=1)
    assert desk.client.get(f"/api/v1/halls/{HALL}/windows/11").status_code == 401


def test_leaving_ends_it_in_this_browser(desk: Desk):
    enter(desk)
    assert act(desk, "/console/leave", **{CSRF_HEADER: csrf(desk)}).status_code == 200
    assert desk.client.get_cookie(COOKIE) is None
    assert desk.client.get(HERE).status_code == 401


def test_it_outlives_the_server_but_not_its_token_nor_its_key(desk: Desk, clock: Clock, tmp_path: Path):
    enter(desk)
    cookie = desk.client.get_cookie(COOKIE).value
    key = (tmp_path / "data" / "session-key").read_bytes()
    assert (tmp_path / "data" / "session-key").stat().st_mode & 0o077 == 0
    halls = {HALL: HallBook(demo_hall())}
    with desk.store.read() as reading:
        tokens = reading.tokens()
    again = Sessions(key, Access(tokens, demo=True), halls, clock, str)
    session = again.read(cookie)
    assert (session.hall, session.window) == (HALL, WINDOW)
    assert again.csrf(session) == csrf(desk)
    for sessions in (
        Sessions(key, Access(tokens, demo=False), halls, clock, str),  # as if the token had been taken away
        Sessions(b"another", Access(tokens, demo=True), halls, clock, str),
    ):
        with pytest.raises(NotKnown):
            sessions.read(cookie)


@pytest.mark.parametrize("cookie", ["", "x", "a.b", "W10.AAAA", "\u00e9"])
def test_a_cookie_that_was_tampered_with_is_no_session(desk: Desk, cookie: str):
    desk.client.set_cookie(COOKIE, cookie)
    assert desk.client.get(HERE).status_code == 401
    assert desk.client.get("/console").status_code == 302
    assert desk.client.get("/console/enter").status_code == 200


def test_a_citizens_page_in_a_clerks_browser_is_a_citizens(desk: Desk):
    enter(desk)
    first, second, third = (desk.issue()["id"] for _ in range(3))
    assert act(desk, f"/api/v1/tickets/{first}/cancel", "1").status_code == 200
    assert desk.events()[-1]["actor"] == "citizen"
    assert act(desk, f"/api/v1/tickets/{second}/cancel", "2", **{CSRF_HEADER: csrf(desk)}).status_code == 200
    assert desk.events()[-1]["actor"].startswith("window/")
    assert act(desk, f"/api/v1/tickets/{third}/cancel", "3", **{CSRF_HEADER: "forged"}).status_code == 403


def test_a_token_header_goes_before_the_cookie(desk: Desk):
    enter(desk)
    assert desk.client.get(HERE, headers=desk.headers("kiosk")).status_code == 403
    assert desk.post(f"/halls/{HALL}/windows/11/open").status_code == 200  # no CSRF header: a token needs none


def test_the_stream_opens_with_the_cookie(desk: Desk):
    enter(desk)
    answer = desk.client.get(f"/api/v1/halls/{HALL}/events", buffered=False)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    answer.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_allow_no_inline_script_and_nothing_from_elsewhere(desk: Desk, language: str):
    enter(desk)
    for path in ("/console", "/console/enter"):
        answer = desk.client.get(f"{path}?lang={language}")
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'") and "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert (
            re.findall(r'<script(?! type="(?:module" src="/static/[\w/]+\.js|application/json" id="\w+)")', answer.text)
            == []
        )
        assert re.findall(r'\sstyle=|\son\w+=|<style|(?:src|href)="(?:https?:)?//', answer.text) == []
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in answer.text


def test_the_language_is_remembered(desk: Desk):
    enter(desk)
    assert "退出" in desk.client.get("/console").text
    desk.client.get("/console?lang=en")
    assert "Sign out" in desk.client.get("/console").text
    desk.client.get("/console?lang=zh")
    assert "退出" in desk.client.get("/console?lang=fr").text
