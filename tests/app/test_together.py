"""Two windows, two apps and another program on one library: each sees what the others did."""

from __future__ import annotations

import threading
from typing import Any

from ansa.app.context import AppContext
from ansa.app.server import AppServer
from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.app.conftest import TOKEN, Shelf, needs_browser, window_on
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
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.stop()
            thread.join(20)
    with Library(own.photos, database=own.database, analyzer=analyzer) as library:
        assert library.store.count(library.scope()) == 43  # nobody's marks cost a photo


def hide(page: Any) -> None:
    """Hides the first photo of the grid."""
    page.locator(".tile img.ready >> visible=true").first.wait_for()
    page.locator(".tile a[tabindex='0'] >> visible=true").focus()
    page.keyboard.press("h")
    page.get_by_text("The photo is hidden.").wait_for()
