"""The files of the pages come from memory, with a tag by which a browser asks for them again."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from ansa.app.server import STATIC


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("js/main.js", "text/javascript; charset=utf-8"),
        ("css/base.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("outlines.json", "application/json"),
    ],
)
def test_each_file_is_sent_as_it_is(client: TestClient, name: str, kind: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.content == (STATIC / name).read_bytes()
    assert answer.headers["content-type"] == kind


def test_a_file_that_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/static/js/main.js").headers["etag"]
    again = client.get("/static/js/main.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get("/static/js/grid.js", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "name", ["nothing.js", "", "js", "../server.py", "%2e%2e/server.py", "js/../../server.py"]
)
def test_nothing_else_is_sent(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_a_file_cannot_be_changed(client: TestClient) -> None:
    assert client.post("/static/js/main.js").status_code == 405


def test_the_page_asks_at_once_for_all_that_the_first_pictures_need(client: TestClient) -> None:
    page = client.get("/").text
    seen, waiting = set[str](), ["main.js", "pages/photos.js"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for line in (STATIC / "js" / name).read_text().splitlines():
            if line.startswith("import "):
                waiting.append(line.split('"')[1].rpartition("./")[2])
    assert len(seen) > 10
    assert [name for name in sorted(seen) if f"/static/js/{name}" not in page] == []
