"""Axe finds nothing serious on any page, light or dark, wide or narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansa.app.server import AppServer
from tests.app.conftest import needs_browser, opened, window_on

pytestmark = needs_browser

_READY = {
    "photos": ".tile img.ready",
    "search?q=red": ".search-page .tile",
    "memories": ".memory-card img",
    "best?count=20": ".tile img.ready",
    "wallpapers": ".page > p:not(:empty)",
    "places": ".pin img",
    "things": ".empty",
    "tidy": ".group",
    "tidy/clutter": ".clutter img",
    "teach?photos=2,3": ".mosaic img",
    "settings": "dl.facts dd",
    "photo/4": ".viewer .frame img.ready",
}
"""The pages, and what is there when they are complete."""


@pytest.fixture(params=[("light", 1280), ("dark", 390)], ids=["light", "dark"])
def looked_at(request: Any, browser: Any, server: AppServer) -> Iterator[Any]:
    scheme, width = request.param
    view = {"width": width, "height": 800}
    with window_on(
        browser, server, viewport=view, color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        yield page


def test_no_page_has_a_serious_finding(looked_at: Any, server: AppServer) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    findings: list[str] = []
    for name, ready in _READY.items():
        looked_at.goto("about:blank")
        opened(looked_at, server, name)
        looked_at.locator(ready).first.wait_for()
        if name == "memories":
            findings += serious(axe, looked_at, name)
            looked_at.locator(".memory-card").first.click()
            looked_at.locator(".memory-hero h1").wait_for()
            name = "a memory"
        findings += serious(axe, looked_at, name)
    assert findings == []


def serious(axe: Any, page: Any, name: str) -> list[str]:
    """What axe calls serious or critical, with the rule and where it is."""
    return [
        f"{name}: {rule['id']}: {node['html'][:200]} {node['any'][:1]}"
        for rule in axe.run(page).response["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
