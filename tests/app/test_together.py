"""Two windows, two apps and another program on one library: each sees what the others did."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ansa.app.context import AppContext
from ansa.app.server import AppServer
from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.app.conftest import TOKEN, Shelf, needs_browser, until, window_on
from tests.photos import write_photo

pytestmark = needs_browser


def test_two_apps_and_a_running_index_see_each_other_and_lose_nothing(
    browser: Any, own: Shelf
) -> None:
    servers, threads = [], []
    for _ in range(2):
        context = AppContext(own.photos, own.database, str(own.bundle), TOKEN)
        servers.append(AppServer(context))
        threads.append(threading.Thread(target=servers[-1].run))
        threads[-1].start()
    try:
        with window_on(browser, servers[0]) as one, window_on(browser, servers[1]) as other:
            for page in (one, other):
                page.locator(".grid-tools", has_text="42 photos").wait_for()
            hide(one)
            other.locator(".grid-tools", has_text="41 photos").wait_for()
            hide(other)
            one.locator(".grid-tools", has_text="40 photos").wait_for()
            write_photo(own.photos / "new.jpg", seed=77, taken="2024:05:01 10:00:00")
            analyzer = Analyzer(own.bundle)
            with Library(own.photos, database=own.database, analyzer=analyzer) as library:
                library.index(workers=1, thumbnails=True)
            for page in (one, other):
                page.locator(".grid-tools", has_text="41 photos").wait_for()
                page.locator("h2.month", has_text="May 2024").wait_for()
            at, before = seen_in_the_middle(one)
            for n in range(9):
                taken = f"2024:06:0{1 + n} 10:00:00"
                write_photo(own.photos / f"newer {n}.jpg", seed=n, taken=taken)
            with Library(own.photos, database=own.database, analyzer=analyzer) as library:
                library.index(workers=1, thumbnails=True)
            one.locator(".grid-tools", has_text="50 photos").wait_for()
            after = one.locator(f".tile:not([hidden]) a[href='{at}']").bounding_box()
            assert after == pytest.approx(before, abs=2)  # what one looks at stays where it is
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.stop()
            thread.join(20)
    with Library(own.photos, database=own.database, analyzer=analyzer) as library:
        assert library.store.count(library.scope()) == 52  # nobody's marks cost a photo


def seen_in_the_middle(page: Any) -> tuple[str, dict[str, float]]:
    """Scrolls to the middle of the grid; the address of a photo that is there, and its box."""
    page.evaluate("""(() => {
        const main = document.querySelector("main");
        main.scrollTop = main.scrollHeight / 2 - main.clientHeight / 2;
    })()""")
    at = """[...document.querySelectorAll(".tile:not([hidden]) a")].find((link) => {
        const { top, bottom } = link.getBoundingClientRect();
        return top > 100 && bottom < innerHeight;
    })?.getAttribute("href")"""
    until(page, at)
    found = page.evaluate(at)
    return found, page.locator(f".tile:not([hidden]) a[href='{found}']").bounding_box()


def hide(page: Any) -> None:
    """Hides the first photo of the grid."""
    page.locator(".tile img.ready >> visible=true").first.wait_for()
    page.locator(".tile a[tabindex='0'] >> visible=true").focus()
    page.keyboard.press("h")
    page.get_by_text("The photo is hidden.").wait_for()
