from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ansa.render.contact_sheet import Row, contact_sheet
from tests.photos import write_photo


class _Page(HTMLParser):
    """The page's tags and the text between them, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def images(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == "img"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return write_photo(
        tmp_path / "beach.jpg", size=(1200, 900), make="SECRETCAM", place=(48.2, 16.3)
    )


def test_queries_names_scores_and_messages_are_there(photo: Path) -> None:
    rows = [
        Row("a dog on a beach", [(photo, 0.3125), (str(photo), 0.25)]),
        Row("receipts", [], "Nothing matches well."),
    ]
    page = _Page(contact_sheet(rows, title="My searches"))
    text = " ".join(" ".join(page.text).split())
    for expected in ("My searches", "a dog on a beach", "beach.jpg", "0.312", "0.250", "receipts"):
        assert expected in text
    assert "Nothing matches well." in text
    assert len(page.images()) == 2


def test_thumbnails_carry_no_exif_and_the_page_no_folders(photo: Path) -> None:
    html = contact_sheet([Row("x", [(photo, 0.5)])])
    (image,) = _Page(html).images()
    data = base64.b64decode((image["src"] or "").removeprefix("data:image/jpeg;base64,"))
    assert b"Exif" not in data
    assert b"SECRETCAM" not in data
    with Image.open(io.BytesIO(data)) as thumbnail:
        assert thumbnail.size == (480, 360)
        assert not thumbnail.getexif()
    assert (image["width"], image["height"], image["alt"]) == ("480", "360", "beach.jpg")
    assert str(photo.parent) not in html


def test_the_page_may_load_and_run_nothing(photo: Path) -> None:
    html = contact_sheet([Row("x", [(photo, 0.5)])])
    page = _Page(html)
    policy = next(a["content"] or "" for t, a in page.tags if "http-equiv" in a)
    style = re.search("<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert "default-src 'none'; img-src data:;" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "a", "form"}
    assert not any("style" in attributes for _, attributes in page.tags)
    assert "http:" not in html
    assert "https:" not in html


def test_a_photo_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    page = _Page(contact_sheet([Row("x", [(tmp_path / "gone.jpg", 0.5)])]))
    assert not page.images()
    assert any("cannot be read" in text for text in page.text)


@given(
    query=st.text(min_size=1, max_size=30),
    message=st.text(max_size=30),
    name=st.binary(min_size=1, max_size=30).filter(lambda n: not set(n) & set(b"\0/")),
)
def test_no_name_or_query_becomes_markup(query: str, message: str, name: bytes) -> None:
    path = os.path.join("/nowhere", "_" + os.fsdecode(name))  # noqa: PTH118
    html = contact_sheet([Row(f"<b>{query}", [(path, 0.5)], f'"><img src=x>{message}')])
    html.encode("utf-8")
    page = _Page(html)
    assert not page.images()
    assert [tag for tag, _ in page.tags].count("b") == 1  # the score
    assert [tag for tag, _ in page.tags].count("section") == 1
    assert all(set(a) <= {"class", "title"} for t, a in page.tags if t not in ("meta", "html"))


def test_a_word_may_stand_in_the_place_of_a_score(photo: Path) -> None:
    page = contact_sheet([Row("Lisbon", [(photo, "2024-05-14"), (photo, "<b>no tag</b>")])])
    text = _Page(page).text
    assert "2024-05-14" in text
    assert "<b>no tag</b>" in text
