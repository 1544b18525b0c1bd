"""In a real browser, each page beyond the grid does its job, and takes back what it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansa.app.context import AppContext
from ansa.app.server import AppServer
from tests.app.conftest import TOKEN, Shelf, needs_browser, opened, snapshot, until

pytestmark = needs_browser


@pytest.fixture
def context(own: Shelf) -> Iterator[AppContext]:
    made = AppContext(own.photos, own.database, str(own.bundle), TOKEN)
    yield made
    made.close()


def say_yes_to_boat(page: Any, ids: list[int]) -> None:
    """Gives photos a tag, as the layer of a photo does."""
    page.evaluate(
        """async ([ids, token]) => {
            const headers = { "X-Ansa-Token": token, "Content-Type": "application/json" };
            const body = JSON.stringify({ ids, tag: "my boat", answer: "yes" });
            await fetch("/api/v1/corrections/tags", { method: "POST", headers, body });
        }""",
        [ids, TOKEN],
    )


def test_a_memory_is_played_and_dismissed_and_comes_back(page: Any, server: AppServer) -> None:
    opened(page, server, "memories")
    page.locator(".memory-card img").first.wait_for()
    cards = page.locator(".memory-card").count()
    page.locator(".memory-card").first.click()
    title = page.locator(".memory-hero h1").inner_text()
    until(page, "document.querySelector('.memory-hero img').style.objectPosition !== ''")
    page.get_by_role("button", name="Play", exact=True).click()
    player = page.get_by_role("dialog", name=title)
    player.locator(".slide img").first.wait_for()
    player.get_by_role("button", name="Pause").click()
    played = player.locator(".dots .done").count()
    page.keyboard.press("ArrowRight")
    assert player.locator(".dots .done").count() == played + 1
    player.get_by_role("button", name="Previous").click()
    assert player.locator(".dots .done").count() == played
    page.keyboard.press("Escape")
    player.wait_for(state="detached")
    page.get_by_role("button", name="Leave it out").first.click()
    page.locator(".actions", has_text="in the player and the film").wait_for()
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_text(f"{title} is dismissed.").wait_for()
    until(page, f"document.querySelectorAll('.memory-card').length === {cards - 1}")
    page.get_by_role("button", name="Undo").click()
    page.locator(".memory-hero h1", has_text=title).wait_for()


def test_the_best_photos_are_shown_and_a_screen_without_wallpapers_is_told_why(
    page: Any, server: AppServer
) -> None:
    opened(page, server, "best?count=20")
    page.locator(".tile img.ready").first.wait_for()
    assert "no two of them alike" in page.locator(".page header p").inner_text()
    page.get_by_role("link", name="Wallpapers").click()
    page.get_by_role("combobox", name="Clock").select_option("top")
    until(page, "document.querySelector('.page > p').textContent.length > 12")
    assert page.locator(".wall").count() == 0  # the drawn photos are smaller than any screen
    assert "Choosing" not in page.locator(".page > p").inner_text()


def test_the_map_draws_the_world_and_a_pin_opens_its_photos(page: Any, server: AppServer) -> None:
    opened(page, server, "places")
    pin = page.locator(".pin")
    pin.first.wait_for()
    until(
        page,
        """(() => {
            const map = document.querySelector('.map canvas');
            const { data } = map.getContext('2d').getImageData(0, 0, map.width, map.height);
            return new Set(new Uint32Array(data.buffer)).size > 2;
        })()""",
    )
    assert "10 photos" in pin.first.get_attribute("aria-label")
    pin.first.click()
    page.get_by_role("heading", name="10 photos").wait_for()
    page.locator(".tile img.ready").first.wait_for()
    before = pin.first.get_attribute("style")
    page.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    until(page, f"document.querySelector('.pin').getAttribute('style') !== {before!r}")


def test_things_lead_to_the_photos_that_show_them(page: Any, server: AppServer) -> None:
    opened(page, server, "things")
    page.get_by_role("heading", name="Nothing is sure yet").wait_for()
    page.locator(".side a", has_text="Photos").click()
    page.locator(".tile img.ready").first.wait_for()
    say_yes_to_boat(page, [2, 3])
    page.locator(".side a", has_text="Things").click()
    thing = page.locator("a.thing", has_text="my boat").first
    thing.wait_for()
    assert thing.locator(".number").inner_text() == "2"
    thing.click()
    page.locator(".search-page .tile").first.wait_for()


def test_of_two_copies_the_chosen_one_stays_and_the_other_comes_back(
    page: Any, server: AppServer, own: Shelf
) -> None:
    before = {name: data for name, (_, data) in snapshot(own.photos).items()}
    opened(page, server, "tidy")
    group = page.locator(".group", has_text="photo 03 copy.jpg").first
    group.wait_for()
    files = group.locator("figure").count()
    copy = group.locator("figure", has_text="photo 03 copy.jpg")
    if "kept" in (copy.get_attribute("class") or ""):
        copy = group.locator("figure:not(.kept)").first
    name = copy.locator(".ellipsis").inner_text()
    copy.get_by_role("radio").check()
    page.locator(".group figure.kept", has_text=name).first.wait_for()
    group.get_by_role("button", name="Move the others away").click()
    page.locator(".moved", has_text="moved away to").wait_for()
    assert (own.photos / name).exists()
    assert len(snapshot(own.photos)) == len(before) - files + 1
    page.reload()  # as after a restart
    page.get_by_role("button", name="Bring all back").click()
    page.locator(".moved .card").wait_for(state="detached")
    assert {name: data for name, (_, data) in snapshot(own.photos).items()} == before


def test_clutter_is_overruled_or_moved_away_and_comes_back(
    page: Any, server: AppServer, own: Shelf
) -> None:
    opened(page, server, "tidy/clutter")
    page.get_by_role("button", name="Receipts").click()
    page.get_by_role("checkbox", name="Choose receipt.png").check()
    page.get_by_role("button", name="They are photos to keep").click()
    page.get_by_text("will not count as clutter").wait_for()
    assert page.get_by_role("button", name="Receipts").count() == 0
    page.get_by_role("button", name="Screenshots").click()
    page.get_by_role("checkbox", name="Choose screen.png").check()
    page.get_by_role("button", name="Move the chosen away").click()
    page.locator(".moved", has_text="1 file moved away").wait_for()
    assert not (own.photos / "screen.png").exists()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_text("1 file brought back.").wait_for()
    assert (own.photos / "screen.png").exists()
    page.get_by_role("button", name="Screenshots").wait_for()


def test_a_name_is_taught_by_yes_and_no_renamed_and_deleted(page: Any, server: AppServer) -> None:
    opened(page, server, "teach?photos=2,3,5,6")
    page.get_by_role("heading", name="What do these 4 photos show?").wait_for()
    form = page.locator("form", has=page.get_by_role("textbox", name="Its name")).first
    form.get_by_role("textbox").fill("Miso")
    form.get_by_role("button", name="Teach").click()
    page.get_by_text("Does each of these show Miso?").wait_for()
    page.locator(".answers li").first.focus()
    page.keyboard.press("y")
    page.keyboard.press("n")
    page.get_by_role("button", name="Learn from 2 answers").click()
    page.locator(".card p[role=status]", has_text="5 photos that show it and 1").wait_for()
    page.get_by_role("button", name="Rename Miso").click()
    page.get_by_role("textbox", name="New name").fill("my cat Miso")
    page.get_by_role("button", name="Rename", exact=True).click()
    page.get_by_role("heading", name="my cat Miso").wait_for()
    page.get_by_role("button", name="Delete my cat Miso").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("my cat Miso is deleted.").wait_for()
    until(page, "!document.body.textContent.includes('What it learned')")


def test_the_settings_tell_of_folders_failures_languages_and_files(
    page: Any, server: AppServer, own: Shelf
) -> None:
    opened(page, server, "settings")
    folder = page.locator(".folder", has_text=str(own.photos))
    folder.wait_for()
    assert "42 photos" in folder.inner_text()
    page.get_by_role("button", name="Look for changes").click()
    failures = page.locator("summary", has_text="1 file could not be indexed")
    failures.click()
    page.locator("details li", has_text="broken.jpg").wait_for()
    folder.get_by_role("button", name="Forget").click()
    page.get_by_text("42 photos leave the library. No photo is deleted").wait_for()
    page.get_by_role("button", name="Keep it").click()
    assert page.locator(".folder").count() == 1
    page.get_by_text("Searches understand English, Spanish").wait_for()
    about = page.locator("dl.facts").inner_text()
    for part in (str(own.database), "Its size", "library.sqlite-moved", str(own.bundle)):
        assert part in about


def test_the_personal_ranking_is_switched_off_and_deleted(page: Any, server: AppServer) -> None:
    opened(page, server, "settings")
    page.get_by_role("button", name="Switch it off").click()
    page.get_by_text("Switched off.").wait_for()
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("button", name="Switch it off").wait_for()
    page.get_by_role("button", name="Delete what it learned").click()
    page.get_by_text("Your marks are kept.").wait_for()
