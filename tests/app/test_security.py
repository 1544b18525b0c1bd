"""Only the user's own page and programs that know the token reach the photos."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from ansa.app.context import AppContext
from ansa.app.server import STATIC, AppServer
from tests.app.conftest import PORT, TOKEN, Shelf, client_of, snapshot

STATE = "/api/v1/state"
MARK = {"ids": [1], "mark": "favourite"}


def test_without_the_token_nothing_is_shown(context: AppContext) -> None:
    with client_of(context) as stranger:
        for path in ("/", STATE, "/api/v1/timeline", "/static/js/main.js", "/api/v1/openapi.json"):
            answer = stranger.get(path)
            assert answer.status_code == 403, path
            assert TOKEN not in answer.text
        assert stranger.get("/?token=wrong").status_code == 403
        assert stranger.get(STATE, headers={"Authorization": "Bearer wrong"}).status_code == 403


def test_the_start_address_sets_a_strict_cookie_and_takes_the_token_out_of_the_address(
    context: AppContext,
) -> None:
    with client_of(context) as browser:
        answer = browser.get(f"/?token={TOKEN}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert f"ansa-{PORT}=" in cookie
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert browser.get("/").status_code == 200
        assert browser.get(STATE).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1:9", "", "[::1]"])
def test_a_name_that_was_made_to_lead_here_is_refused(client: TestClient, host: str) -> None:
    assert client.get(STATE, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_the_names_of_this_machine_are_accepted(client: TestClient, host: str) -> None:
    assert client.get(STATE, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_a_request_from_another_page_is_refused(
    client: TestClient, headers: dict[str, str]
) -> None:
    assert client.get(STATE, headers=headers).status_code == 403
    assert client.post("/api/v1/marks", json=MARK, headers=headers).status_code == 403


def test_changes_need_the_token_in_a_header_that_no_other_page_can_set(
    context: AppContext,
) -> None:
    with client_of(context) as browser:
        browser.get(f"/?token={TOKEN}")
        assert browser.post("/api/v1/marks", json=MARK).status_code == 403
        wrong = {"X-Ansa-Token": "wrong"}
        assert browser.post("/api/v1/marks", json=MARK, headers=wrong).status_code == 403
        right = {"X-Ansa-Token": TOKEN}
        assert browser.post("/api/v1/marks", json=MARK, headers=right).status_code == 200


def test_nothing_is_changed_by_get(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    for path, operations in description["paths"].items():
        if "get" not in operations and "{" not in path:
            assert client.get(path).status_code == 405, path


def test_pages_may_run_no_script_but_ours_and_reach_nothing_but_this_server(
    client: TestClient,
) -> None:
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    page = (STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|\bstyle=|javascript:", page)
    for file in STATIC.rglob("*"):
        if file.suffix in (".js", ".css", ".html", ".svg"):
            found = re.findall(r"https?://[^\s\"')]+", file.read_text("utf-8"))
            assert set(found) <= {"http://www.w3.org/2000/svg"}, file


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e/%2e%2e/server.py",
        "/api/v1/photos/../../etc/passwd/file",
        "/api/v1/photos/%2Fetc%2Fpasswd/file",
        "/api/v1/photos/-1/file",
        "/api/v1/photos/1e3",
        "/api/v1/photos/99999999999999999999",
    ],
)
def test_no_path_from_outside_reaches_the_disk(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_it_listens_on_this_machine_only(server: AppServer) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")


def test_looking_and_marking_leave_the_photos_as_they_are(client: TestClient, shelf: Shelf) -> None:
    before = snapshot(shelf.photos)
    ids = client.get("/api/v1/timeline").json()["photos"]
    for photo in ids[:4]:
        for path in ("", "/file", "/alike", "/picture/grid", "/picture/screen"):
            assert client.get(f"/api/v1/photos/{photo}{path}").status_code == 200
    client.post("/api/v1/marks", json={"ids": ids[:4], "mark": "hidden"})
    assert snapshot(shelf.photos) == before
