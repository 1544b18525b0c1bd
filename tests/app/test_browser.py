"""The pages in a real browser: each does its job, and nothing reaches beyond this machine."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from ansa.app.server import AppServer
from tests.app.conftest import load, needs_browser, opened, until, window_on

pytestmark = needs_browser


def test_the_first_page_shows_the_photos_by_month_and_day(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    assert page.locator(".grid-tools").inner_text().endswith("42 photos")
    assert page.locator("h2.month").first.inner_text() == "December 2023"
    assert "token" not in page.url
    until(page, "document.querySelector('.tile img').alt.includes('20')")


def test_the_newest_photos_are_shown_before_the_others_are_known(
    browser: Any, server: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("context", "routes.library"):
        monkeypatch.setattr(f"ansa.app.{user}.FIRST_PHOTOS", 5)
    with window_on(browser, server) as page:
        until(page, "document.querySelector('.grid-tools')?.innerText.endsWith('42 photos')")
        until(page, "document.querySelectorAll('.tile img.ready').length > 5")
        asked = page.evaluate(_ASKED)
        opened(page, server, "search?q=red")
        page.locator(".search-page .tile img.ready").first.wait_for()
    names = [name for name, *_ in asked]
    assert names[:2] == ["start", "pictures"]
    began = {name: start for name, start, _ in reversed(asked)}
    ended = {name: end for name, _, end in reversed(asked)}
    assert ended["start"] <= began["pictures"]
    assert ended["pictures"] <= began["timeline"]


# What was asked of the API, and from when to when.
_ASKED = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/api/v1/"))
    .map(({ name, startTime, responseEnd }) =>
        [name.split("/api/v1/")[1].split("?")[0], startTime, responseEnd])"""


def test_the_grid_is_used_with_the_keyboard_alone(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    page.locator(".tile a[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    assert page.locator(".tile.picked").count() == 1
    assert page.locator(".selection").inner_text().startswith("1 selected")
    page.keyboard.press("f")
    page.locator(".tile .signs svg").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".tile.picked").count() == 0
    page.keyboard.press("Enter")
    page.locator(".viewer .frame img.ready").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".viewer").wait_for(state="hidden")


def test_the_keys_are_listed_at_a_key(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    keys.get_by_text("Not clutter").wait_for()
    page.keyboard.press("Escape")
    keys.wait_for(state="detached")
    page.keyboard.press("/")
    until(page, "document.activeElement.id === 'query'")


# Until the next frame, the focus is still in a dialog that was closed.
_AT_ONCE = """([close, key]) => {
    const dialog = document.querySelector("dialog.keys");
    if (close) dialog.close();
    const options = { key, bubbles: true, cancelable: true };
    dialog.querySelector("button").dispatchEvent(new KeyboardEvent("keydown", options));
    return [document.activeElement.id, document.querySelectorAll("dialog[open]").length];
}"""


def test_a_key_just_after_the_list_of_keys_was_closed_is_not_lost(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    keys.get_by_text("Not clutter").wait_for()
    assert page.evaluate(_AT_ONCE, [False, "/"])[1] == 1  # what is behind an open list gets no key
    assert page.evaluate(_AT_ONCE, [True, "?"])[1] == 1
    keys.get_by_text("Not clutter").wait_for()
    until(page, "document.querySelectorAll('dialog').length === 1")
    assert page.evaluate(_AT_ONCE, [True, "/"]) == ["query", 0]
    until(page, "document.querySelectorAll('dialog').length === 0")
    assert page.evaluate("document.activeElement.id") == "query"
    page.locator("h1").click(force=True)
    for _ in range(5):
        page.keyboard.press("?")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        until(page, "document.activeElement.id === 'query'")
        page.keyboard.press("Escape")


def test_a_search_shows_results_while_it_is_typed_and_a_chip_takes_words_back(page: Any) -> None:
    page.locator("#query").press_sequentially("red in 2022")
    page.locator(".search-page .chip", has_text="2022").wait_for()
    page.locator(".search-page .tile").first.wait_for()
    page.locator(".chip", has_text="2022").get_by_role("button").click()
    until(page, "document.querySelector('#query').value === 'red'")
    assert "q=red" in page.url


def test_a_photo_is_shown_large_with_its_facts_and_layers(page: Any, server: AppServer) -> None:
    opened(page, server, "photo/4")
    page.locator(".info dl").wait_for()
    assert "2022" in page.locator(".info h2").inner_text()
    page.keyboard.press("l")
    assert page.locator(".layer-menu label").count() >= 2
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    until(page, "!location.hash.endsWith('/photo/4')")
    page.keyboard.press("+")
    until(
        page,
        "Number(getComputedStyle(document.querySelector('.frame')).getPropertyValue('--zoom')) > 1",
    )


def test_a_photo_opened_by_its_address_has_its_shape_and_its_neighbours(
    page: Any, server: AppServer
) -> None:
    upright = page.evaluate(
        """async () => {
            const { photos, ratios } = await (await fetch("/api/v1/timeline")).json();
            return photos[ratios.findIndex((ratio) => Math.abs(ratio - 0.75) < 0.01)];
        }"""
    )
    page.goto("about:blank")  # so that the photo is there before the list of all photos
    opened(page, server, f"photo/{upright}")
    until(page, "document.querySelector('.viewer-bar .number').textContent.endsWith('of 42')")
    page.locator(".turn.after").wait_for()
    until(
        page,
        """(() => {
            const { width, height } = document.querySelector('.frame').getBoundingClientRect();
            return Math.abs(width / height - 0.75) < 0.01;
        })()""",
    )


def test_what_was_done_does_not_cover_what_can_be_done(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    page.locator(".tile a[tabindex='0']").focus()
    page.keyboard.press("x")
    page.keyboard.press("f")
    page.get_by_text("The photo is a favourite now.").wait_for()
    until(page, "document.getAnimations().length === 0")  # nothing moves any more
    toast = page.locator(".toast").bounding_box()
    assert toast["y"] + toast["height"] <= page.locator(".selection").bounding_box()["y"]


def test_results_of_another_search_are_dimmed_while_one_waits(page: Any) -> None:
    page.locator("#query").fill("red")
    page.locator(".search-page .tile").first.wait_for()
    held: list[Any] = []
    page.route(re.compile(r"/search\?.*blue"), lambda route: held.append(route))
    page.locator("#query").fill("blue")
    page.locator(".search-page.waiting").wait_for()
    held[0].continue_()
    page.locator(".search-page:not(.waiting)").wait_for()
    until(page, "!document.querySelector('.understood').textContent.includes('Searching')")


def test_hidden_photos_leave_the_grid_and_come_back(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    page.locator(".tile a[tabindex='0']").focus()
    page.keyboard.press("h")
    page.locator(".grid-tools", has_text="41 photos").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator(".grid-tools", has_text="42 photos").wait_for()


def test_a_page_without_photos_weighs_little_and_comes_fast(page: Any) -> None:
    page.locator(".tile img.ready").first.wait_for()
    sizes = page.evaluate(
        """async () => {
            const names = performance.getEntriesByType('resource').map((each) => each.name);
            const own = names.filter((name) => name.includes('/static/'));
            const read = own.map(async (name) => (await (await fetch(name)).text()).length);
            return (await Promise.all(read)).reduce((sum, size) => sum + size, 0);
        }"""
    )
    assert 10_000 < sizes < 300_000
    began = time.monotonic()
    page.reload()
    page.locator(".tile img.ready").first.wait_for()
    assert time.monotonic() - began < 3 * load()
