"""The review in a real browser: an answer is one key, at least 20 a minute, each noted once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansa.app.context import AppContext, Review
from ansa.app.server import AppServer
from ansa.review.proposal import PhotoPlace, ReviewProposal
from ansa.review.queue import ReviewQueue
from tests.app.conftest import CHROMIUM, TOKEN, Shelf, load

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="THE PAGES ARE NOT TESTED: there is no chromium (apt install chromium)"
)
_PHOTOS = 20


@pytest.fixture
def queue(shelf: Shelf, tmp_path: Path) -> ReviewQueue:
    made = ReviewQueue(tmp_path / "queue.jsonl")
    for n in range(_PHOTOS):
        file = shelf.photos / f"photo {n:02}.jpg"
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        place = PhotoPlace(file.name, str(file), 0, file.stat().st_size, digest)
        made.add([ReviewProposal(place, "sun", "it is dark")])
    return made


@pytest.fixture
def context(shelf: Shelf, queue: ReviewQueue) -> Iterator[AppContext]:
    review = Review(queue, "mara")
    made = AppContext(shelf.photos, shelf.database, str(shelf.bundle), TOKEN, review)
    yield made
    made.close()


def test_twenty_photos_are_answered_by_key_within_a_minute(
    browser: Any, server: AppServer, queue: ReviewQueue
) -> None:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{server.address}#/review")
    page.wait_for_selector("img.proposal[src]")
    began = time.monotonic()
    keys = ["y", "n", "u", "k3"] * (_PHOTOS // 4)  # the third kind is a document
    for answered, pressed in enumerate(keys, 1):
        picture = page.get_attribute("img.proposal", "src")
        for key in pressed:
            page.keyboard.press(key)
        if answered < _PHOTOS:
            page.wait_for_selector(f'img.proposal:not([src="{picture}"])')
    page.wait_for_selector(".empty:not([hidden])")
    seconds = time.monotonic() - began
    page.close()
    queue.refresh()
    answers = [item.answers for item in queue.items()]
    assert [len(each) for each in answers] == [1] * _PHOTOS
    assert [each[0].said for each in answers] == ["yes", "no", "unsure", "wrong kind"] * 5
    assert {each[0].kind for each in answers} == {"", "document"}
    assert queue.file.read_text("utf-8").count('"answer"') == _PHOTOS  # none was asked twice
    assert seconds < 60 * load()
