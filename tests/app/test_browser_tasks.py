"""In a real browser, tasks end with what a person wanted: a file, a name, the place before."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ansa.app.context import AppContext
from ansa.app.server import AppServer
from ansa.library import Library
from ansa.library.thumbnails.cache import path_of
from ansa.model.analyzer import Analyzer
from tests.app.conftest import TOKEN, Shelf, needs_browser, opened, snapshot, until, window_on
from tests.cli.conftest import paint
from tests.library.seen import alike_colours
from tests.photos import write_photo

pytestmark = needs_browser


@pytest.fixture(scope="module")
def travelled(indexed: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Two photos of each of eight days in Portugal, from Lisbon to Porto, large enough for a
    screen; and seven pictures that look alike."""
    base = tmp_path_factory.mktemp("travelled")
    photos = base / "photos"
    photos.mkdir()
    for n in range(16):
        taken = f"2024:05:{10 + n // 2:02} 1{n % 2}:30:00"
        place = 38.72 + n * 0.15, -9.14 + n * 0.03
        write_photo(photos / f"{n:02}.jpg", seed=n, size=(1000, 700), taken=taken, place=place)
    for n, colour in enumerate(alike_colours((1, 0, 0))):
        paint(photos / f"red {n}.png", colour)
    shelf = Shelf(photos, base / "library.sqlite", indexed.bundle)
    with Library(photos, database=shelf.database, analyzer=Analyzer(shelf.bundle)) as library:
        library.index(workers=1, thumbnails=True)
    return shelf


@pytest.fixture
def context(own: Shelf) -> Iterator[AppContext]:
    made = AppContext(own.photos, own.database, str(own.bundle), TOKEN)
    yield made
    made.close()


def test_a_link_to_a_photo_opens_it_and_going_back_ends_where_one_was(
    page: Any, server: AppServer
) -> None:
    page.goto("about:blank")
    opened(page, server, "photo/4")
    page.locator(".info dl").wait_for()
    page.keyboard.press("Escape")
    page.locator(".viewer").wait_for(state="hidden")
    page.locator(".tile img.ready").first.wait_for()
    assert page.url.endswith("#/photos")
    opened(page, server, "search?q=red")
    page.locator(".search-page .tile img.ready").first.wait_for()
    assert page.locator("#query").input_value() == "red"
    page.locator(".search-page .tile a").nth(1).click()
    page.locator(".info dl").wait_for()
    page.go_back()
    page.locator(".viewer").wait_for(state="hidden")
    assert page.url.endswith("#/search?q=red")
    until(page, "document.activeElement.closest('.tile')?.dataset.index === '1'")
    page.go_back()
    until(page, "location.hash === '#/photos'")
    page.go_forward()
    page.locator(".search-page .tile img.ready").first.wait_for()


def test_a_photo_that_vanished_is_said_to_be_gone(
    browser: Any, server: AppServer, own: Shelf
) -> None:
    (own.photos / "photo 39.jpg").unlink()
    path_of(own.database).unlink()  # or its small picture would still be shown
    with window_on(browser, server, may_fail=True) as page:
        gone = page.locator(".tile", has_text="This photo is gone")
        gone.first.wait_for()
        assert gone.count() == 1
        gone.locator("a").click()
        page.get_by_text("The file is gone, or its drive is not connected.").wait_for()
        page.locator(".frame.lost").wait_for()


def test_a_folder_that_is_forgotten_leaves_the_library_but_not_the_disk(
    browser: Any, server: AppServer, own: Shelf
) -> None:
    before = snapshot(own.photos)
    with window_on(browser, server, may_fail=True) as page:  # pictures asked for just before
        opened(page, server, "settings")
        page.locator(".folder").get_by_role("button", name="Forget").click()
        page.get_by_role("button", name="Forget it").click()
        page.get_by_text("is forgotten.").wait_for()
        page.get_by_text("No folder is indexed yet.").wait_for()
        page.locator(".side a", has_text="Photos").click()
        page.get_by_role("heading", name="No photos yet").wait_for()
    assert snapshot(own.photos) == before


def test_a_film_of_a_memory_is_made_and_saved(page: Any, server: AppServer) -> None:
    pytest.importorskip("av")
    opened(page, server, "memories")
    page.locator("a.memory-card").first.click()
    page.get_by_role("button", name="Film", exact=True).click()
    page.get_by_label("Size", exact=True).select_option("360p")
    for _ in range(page.get_by_role("button", name="Leave it out").count() - 2):
        page.get_by_role("button", name="Leave it out").last.click()
    page.get_by_role("button", name="Make the film").click()
    link = page.get_by_role("link", name="save it")
    link.wait_for(timeout=300_000)
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename.endswith(".mp4")
    assert Path(saved.value.path()).read_bytes()[4:8] == b"ftyp"


class TestOnAJourney:
    """Over the library of one journey."""

    @pytest.fixture
    def context(self, travelled: Shelf) -> Iterator[AppContext]:
        made = AppContext(travelled.photos, travelled.database, str(travelled.bundle), TOKEN)
        yield made
        made.close()

    def test_a_trip_is_drawn_as_a_line_on_the_map_and_shows_its_photos(
        self, page: Any, server: AppServer
    ) -> None:
        opened(page, server, "places")
        page.locator(".pin").first.wait_for()
        count = """(() => {
            const map = document.querySelector('.map canvas');
            const accent = getComputedStyle(map).getPropertyValue('--accent').match(/[\\d.]+/g);
            const { data } = map.getContext('2d').getImageData(0, 0, map.width, map.height);
            let found = 0;
            for (let n = 0; n < data.length; n += 4) {
                found += accent.slice(0, 3).every((value, at) => Number(value) === data[n + at]);
            }
            return found;
        })()"""
        assert page.evaluate(count) == 0
        page.locator(".place-card", has_text="2024").first.click()
        until(page, f"{count} > 50")
        page.get_by_role("heading", name="16 photos").wait_for()

    def test_a_wallpaper_is_saved_in_the_size_that_was_chosen(
        self, page: Any, server: AppServer
    ) -> None:
        opened(page, server, "wallpapers")
        page.get_by_role("combobox", name="Screen").select_option("1920x1080")
        page.get_by_role("combobox", name="Clock").select_option("bottom")
        page.locator(".wall .clock").first.wait_for()
        with page.expect_download() as saved:
            page.get_by_role("link", name="Save").first.click()
        assert saved.value.suggested_filename.endswith("1920x1080.jpg")
        data = Path(saved.value.path()).read_bytes()
        assert Image.open(io.BytesIO(data)).size == (1920, 1080)

    def test_a_group_that_looks_alike_is_offered_and_gets_a_name(
        self, page: Any, server: AppServer
    ) -> None:
        pytest.importorskip("sklearn")
        opened(page, server, "teach")
        page.get_by_role("heading", name="Who or what is this?").wait_for()
        group = page.locator(".cards .card").first
        group.locator(".mosaic img").first.wait_for()
        group.get_by_role("textbox", name="Its name").fill("Miso")
        group.get_by_role("button", name="Teach").click()
        page.locator(".card p[role=status]", has_text="Learned from").wait_for()
        page.get_by_role("heading", name="Miso").first.wait_for()
