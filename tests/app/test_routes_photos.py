"""What the API says of photos: the timeline, single photos, pictures, search and corrections."""

from __future__ import annotations

import io
import struct
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from ansa.app.context import FIRST_PHOTOS, AppContext
from ansa.library import Library
from ansa.library.thumbnails.cache import ThumbnailCache, path_of
from ansa.model.analyzer import Analyzer
from tests.app.conftest import TOKEN, Shelf, client_of

API = "/api/v1"


def ids_by_name(client: TestClient) -> dict[str, int]:
    ids = client.get(f"{API}/timeline").json()["photos"]
    found = client.get(f"{API}/photos", params={"ids": ",".join(map(str, ids))}).json()["photos"]
    return {each["name"]: each["id"] for each in found}


def test_the_timeline_has_every_photo_once_the_newest_first(client: TestClient) -> None:
    line = client.get(f"{API}/timeline").json()
    assert len(line["photos"]) == len(set(line["photos"])) == len(line["ratios"]) == 42
    days = [each["day"] for each in line["days"]]
    assert days[:-1] == sorted(days[:-1], reverse=True)
    assert days[-1] is None  # the painted ones have no time
    assert sum(each["count"] for each in line["days"]) == 42


def test_the_start_has_the_state_and_the_newest_photos(client: TestClient) -> None:
    start = client.get(f"{API}/start").json()
    state = client.get(f"{API}/state").json()
    assert state.pop("photos") == 42
    assert start == {
        "state": state,
        "newest": client.get(f"{API}/timeline").json(),  # fewer than the first screen may show
        "first": FIRST_PHOTOS,
    }


def test_a_photo_is_told_with_its_files_facts_and_signals(client: TestClient) -> None:
    photo = client.get(f"{API}/photos/{ids_by_name(client)['photo 03 copy.jpg']}").json()
    assert [path.rpartition("/")[2] for path in photo["paths"]] == [
        "photo 03 copy.jpg",
        "photo 03.jpg",
    ]
    assert photo["there"]
    assert photo["facts"]["taken"].startswith("2022-04-04T10:03")
    assert photo["quality"]["exposure"] <= 1
    assert photo["utility"]["kind"] == "photo"
    assert "2022" in photo["text"]
    assert photo["text"].startswith(photo["description"])


def test_a_frame_shows_what_draws_the_eye(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 400), (120, 150, 170))
    ImageDraw.Draw(picture).ellipse((150, 40, 250, 140), fill=(230, 40, 30))
    (tmp_path / "photos").mkdir()
    picture.save(tmp_path / "photos" / "ball.jpg")
    database = tmp_path / "library.sqlite"
    with Library(tmp_path / "photos", database=database, analyzer=Analyzer()) as library:
        library.index(workers=1)
    context = AppContext(tmp_path / "photos", database, None, TOKEN)
    with client_of(context, Authorization=f"Bearer {TOKEN}") as client:
        path = f"{API}/photos/{ids_by_name(client)['ball.jpg']}/window"
        left, top, right, bottom = client.get(f"{path}?width=900&height=300").json()["window"]
        assert (left, right) == (0, 1)
        assert bottom - top == pytest.approx(1 / 3, abs=0.01)
        assert top <= 0.1
        assert client.get(f"{path}?width=0&height=300").status_code == 400
    context.close()


def test_a_photo_whose_subject_is_unknown_is_not_moved_in_its_frame(client: TestClient) -> None:
    path = f"{API}/photos/{ids_by_name(client)['photo 01.jpg']}/window?width=900&height=300"
    assert client.get(path).json() == {"window": [0.0, 0.0, 1.0, 1.0]}


def test_pictures_are_small_and_webp(client: TestClient) -> None:
    photo = ids_by_name(client)["photo 01.jpg"]
    answer = client.get(f"{API}/photos/{photo}/picture/grid")
    assert answer.headers["content-type"] == "image/webp"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.format == "WEBP"
    assert min(picture.size) <= 256


def test_many_pictures_come_in_one_answer(client: TestClient, context: AppContext) -> None:
    first, second, third = client.get(f"{API}/timeline").json()["photos"][:3]
    with closing(ThumbnailCache(context.database)) as cache, context.open_library() as library:
        digest = library.store.digests([second])[second]
        cache.put(digest, "grid", b"another")
    answer = client.get(f"{API}/pictures", params={"ids": f"{first},4711,{second},{third}"})
    assert "content-encoding" not in answer.headers
    lengths = struct.unpack("<4I", answer.content[:16])
    ends = list(accumulate(lengths, initial=16))
    pictures = [answer.content[start:end] for start, end in pairwise(ends)]
    alone = [client.get(f"{API}/photos/{each}/picture/grid").content for each in (first, third)]
    assert pictures == [alone[0], b"", b"another", alone[1]]
    assert ends[-1] == len(answer.content)


def test_a_picture_that_would_have_to_be_made_is_not_waited_for_among_others(
    client: TestClient, shelf: Shelf
) -> None:
    path_of(shelf.database).unlink()
    photo = client.get(f"{API}/timeline").json()["photos"][0]
    assert client.get(f"{API}/pictures", params={"ids": str(photo)}).content == b"\0\0\0\0"


def test_a_photo_that_vanished_shows_as_gone(client: TestClient, shelf: Shelf) -> None:
    photo = ids_by_name(client)["photo 05.jpg"]
    file = shelf.photos / "photo 05.jpg"
    away = file.rename(shelf.database.with_name("away.jpg"))
    try:
        assert client.get(f"{API}/photos/{photo}").json()["there"] is False
        answer = client.get(f"{API}/photos/{photo}/file")
        assert answer.status_code == 404
        assert "gone" in answer.json()["error"]["reason"]
        assert client.get(f"{API}/photos/{photo}/picture/grid").status_code == 200  # it was stored
    finally:
        away.rename(file)


def test_unknown_photos_are_no_error_of_the_server(client: TestClient) -> None:
    assert client.get(f"{API}/photos/4711").status_code == 404
    assert client.get(f"{API}/photos/4711/picture/grid").status_code == 404
    assert client.get(f"{API}/photos/4711/alike").json() == {"photos": []}
    assert client.get(f"{API}/photos?ids=4711").json() == {"photos": []}


def test_marks_are_kept_in_the_library(client: TestClient, shelf: Shelf) -> None:
    names = ids_by_name(client)
    first, second = names["photo 01.jpg"], names["photo 02.jpg"]
    assert client.post(f"{API}/marks", json={"ids": [first, 4711], "mark": "favourite"}).json() == {
        "photos": 1
    }
    client.post(f"{API}/marks", json={"ids": [second], "mark": "hidden"})
    line = client.get(f"{API}/timeline").json()
    assert (line["favourites"], line["hidden"]) == ([first], [second])
    with Library(shelf.photos, database=shelf.database) as library:
        assert library.timeline().favourites == [first]
    assert client.post(f"{API}/undo").json()["undone"]
    assert client.get(f"{API}/timeline").json()["hidden"] == []


def test_a_search_says_what_it_found_and_how_it_understood(client: TestClient) -> None:
    found = client.get(f"{API}/search?q=red in 2022&limit=5").json()
    assert 0 < len(found["matches"]) <= 5
    assert all(match["taken"].startswith("2022") for match in found["matches"])
    assert {step["kind"] for step in found["steps"]} == {"date", "text"}


def test_more_like_this_and_less_like_that(client: TestClient) -> None:
    names = ids_by_name(client)
    green, blue = names["receipt.png"], names["screen.png"]
    found = client.get(f"{API}/search", params={"like": green, "unlike": blue}).json()
    matches = [match["id"] for match in found["matches"]]
    assert matches
    assert green not in matches
    assert blue not in matches
    nearest = client.get(f"{API}/photos/{green}/alike?limit=3").json()["photos"]
    scores = [each["similarity"] for each in nearest]
    assert scores == sorted(scores, reverse=True)


def test_what_is_called_a_photo_is_no_clutter_any_more(client: TestClient) -> None:
    receipt = ids_by_name(client)["receipt.png"]
    assert client.get(f"{API}/photos/{receipt}").json()["clutter"][0]["kind"] == "receipt"
    client.post(f"{API}/corrections/kind", json={"ids": [receipt], "kind": "photo"})
    assert client.get(f"{API}/photos/{receipt}").json()["clutter"] == []
    client.post(f"{API}/corrections/kind", json={"ids": [receipt], "kind": "forget"})
    assert client.get(f"{API}/photos/{receipt}").json()["clutter"]


def test_a_corrected_tag_is_found_by_search(client: TestClient) -> None:
    photo = ids_by_name(client)["photo 07.jpg"]
    said = {"ids": [photo], "tag": "my boat", "answer": "yes"}
    assert client.post(f"{API}/corrections/tags", json=said).json()["photos"] == 1
    found = client.get(f"{API}/search?q=my boat").json()["matches"]
    assert found[0]["id"] == photo


def test_what_another_program_stores_is_seen_at_once(
    client: TestClient, shelf: Shelf, context: AppContext
) -> None:
    assert client.get(f"{API}/timeline").json()["favourites"] == []
    with Library(shelf.photos, database=shelf.database) as other:
        other.mark([shelf.photos / "photo 09.jpg"], "favourite")
    assert len(client.get(f"{API}/timeline").json()["favourites"]) == 1
