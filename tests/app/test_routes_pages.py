"""What the API does for the other pages: memories, places, things, tidy, teach and settings."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from ansa.app.context import AppContext, Review
from ansa.app.indexing import BackgroundIndexing
from ansa.app.routes.tidy import moved_folder
from ansa.model.analyzer import Analyzer
from ansa.review.proposal import PhotoPlace, ReviewProposal
from ansa.review.queue import ReviewQueue
from tests.app.conftest import TOKEN, Shelf, client_of, snapshot
from tests.app.test_routes_photos import API, ids_by_name


@pytest.fixture
def own_client(own: Shelf) -> Iterator[TestClient]:
    context = AppContext(own.photos, own.database, str(own.bundle), TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Ansa-Token": TOKEN}
    with client_of(context, **headers) as client:
        yield client
    context.close()


def test_memories_are_told_with_photos_of_the_library(client: TestClient) -> None:
    found = client.get(f"{API}/memories").json()
    ids = set(client.get(f"{API}/timeline").json()["photos"])
    assert found["memories"]
    for memory in found["memories"]:
        assert {photo["id"] for photo in memory["photos"]} <= ids
        assert memory["cover"] in ids
    first = found["memories"][0]
    of_photo = client.get(f"{API}/photos/{first['photos'][0]['id']}/memories").json()
    assert first["id"] in [each["id"] for each in of_photo["memories"]]


def test_a_dismissed_memory_is_gone_until_it_is_restored(client: TestClient) -> None:
    first = client.get(f"{API}/memories").json()["memories"][0]
    assert client.post(f"{API}/memories/{first['id']}/dismiss").json()["title"] == first["title"]
    left = client.get(f"{API}/memories").json()["memories"]
    assert first["id"] not in [each["id"] for each in left]
    client.post(f"{API}/memories/{first['id']}/restore")
    again = client.get(f"{API}/memories").json()["memories"]
    assert first["id"] in [each["id"] for each in again]
    assert client.post(f"{API}/memories/00000000/dismiss").status_code == 409


def test_a_film_of_some_photos_can_be_saved(client: TestClient) -> None:
    pytest.importorskip("av")
    memory = client.get(f"{API}/memories").json()["memories"][0]
    chosen = [photo["id"] for photo in memory["photos"]][:2]
    answer = client.post(
        f"{API}/memories/{memory['id']}/film", json={"photos": chosen, "size": "360p"}
    )
    job = answer.json()["job"]
    assert client.get(f"{API}/jobs/{job}/file").status_code in (200, 404)
    deadline = time.monotonic() + 300
    while not (state := client.get(f"{API}/jobs/{job}").json())["finished"]:
        assert state["problem"] == ""
        assert time.monotonic() < deadline
        time.sleep(0.2)
    film = client.get(f"{API}/jobs/{job}/file")
    assert film.headers["content-type"] == "video/mp4"
    assert film.content[4:8] == b"ftyp"


def test_the_best_photos_are_told_with_reasons(client: TestClient) -> None:
    found = client.get(f"{API}/best?count=5").json()
    assert 0 < len(found["photos"]) <= 5
    assert found["photos"][0]["reasons"]


def test_a_crop_is_saved_in_the_size_of_the_screen_without_metadata(client: TestClient) -> None:
    photo = ids_by_name(client)["photo 04.jpg"]
    box = "left=0.1&top=0.2&right=0.9&bottom=0.8"
    answer = client.get(f"{API}/photos/{photo}/crop?{box}&width=320&height=180")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size, len(picture.getexif())) == ("JPEG", (320, 180), 0)
    empty = "left=0.5&top=0.2&right=0.5&bottom=0.8"
    path = f"{API}/photos/{photo}/crop?{empty}&width=320&height=180"
    assert client.get(path).status_code == 400


def test_wallpapers_fit_the_screen(client: TestClient) -> None:
    found = client.get(f"{API}/wallpapers?width=320&height=320&clock=top").json()
    assert len(found["clock"]) == 4
    for wall in found["wallpapers"]:
        left, top, right, bottom = wall["crop"]
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


def test_places_have_points_and_towns(client: TestClient) -> None:
    found = client.get(f"{API}/places").json()
    assert len(found["points"]) == 10
    assert found["without"] == 32
    assert sum(town["photos"] for town in found["towns"]) == 10
    assert found["points"][0][1:] == pytest.approx([48.2, 16.4], abs=0.001)


def test_things_count_the_photos_that_surely_show_them(client: TestClient) -> None:
    names = ids_by_name(client)
    ids = [names["photo 01.jpg"], names["photo 02.jpg"]]
    assert client.get(f"{API}/things").json()["things"] == []
    client.post(f"{API}/corrections/tags", json={"ids": ids, "tag": "my boat", "answer": "yes"})
    (thing,) = client.get(f"{API}/things").json()["things"]
    assert (thing["name"], thing["photos"], thing["custom"]) == ("my boat", 2, True)
    assert thing["cover"] in ids


def test_clutter_is_told_by_kind_moved_away_and_brought_back(
    own_client: TestClient, own: Shelf
) -> None:
    before = {name: data for name, (_, data) in snapshot(own.photos).items()}
    found = own_client.get(f"{API}/clutter").json()
    assert {"receipt", "screenshot"} <= found["kinds"].keys()
    receipt = next(each for each in found["clutter"] if each["kind"] == "receipt")
    done = own_client.post(f"{API}/clutter/move", json={"ids": [receipt["id"], 4711]}).json()
    assert (done["moved"], done["problems"]) == (1, [])
    assert not (own.photos / "receipt.png").exists()
    assert own_client.get(f"{API}/moved").json()["files"] == 1
    assert own_client.post(f"{API}/moved/undo").json()["moved"] == 1
    assert own_client.get(f"{API}/moved").json()["files"] == 0
    assert {name: data for name, (_, data) in snapshot(own.photos).items()} == before


def test_of_duplicates_another_can_be_kept_and_all_come_back(
    own_client: TestClient, own: Shelf
) -> None:
    groups = own_client.get(f"{API}/duplicates").json()["groups"]
    pair = next(each for each in groups if {f["name"] for f in each["files"]} >= {"photo 03.jpg"})
    other = next(n for n, file in enumerate(pair["files"]) if n and file["relation"] == "exact")
    kept = pair["files"][other]["name"]
    moved = own_client.post(
        f"{API}/duplicates/move", json={"groups": [pair["id"]], "keep": [other]}
    ).json()
    assert moved["moved"] == len(pair["files"]) - 1
    assert (own.photos / kept).exists()
    assert not (own.photos / pair["files"][0]["name"]).exists()
    own_client.post(f"{API}/moved/undo")
    assert (own.photos / pair["files"][0]["name"]).exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"groups": ["00000000"]}, 404),
        ({"groups": ["00000000"], "keep": [1, 2]}, 400),
    ],
)
def test_a_group_that_nobody_found_moves_nothing(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    assert client.post(f"{API}/duplicates/move", json=body).status_code == status


def test_a_name_is_taught_renamed_and_deleted(client: TestClient, context: AppContext) -> None:
    names = ids_by_name(client)
    yes = [names["photo 01.jpg"], names["photo 02.jpg"], names["photo 05.jpg"]]
    no = [names["receipt.png"], names["screen.png"]]
    lesson = client.post(f"{API}/lessons", json={"name": "Miso", "yes": yes, "no": no}).json()
    assert (lesson["lesson"]["shown"], lesson["lesson"]["absent"]) == (3, 2)
    assert not set(yes + no) & {each["id"] for each in lesson["lesson"]["suggestions"]}
    client.post(f"{API}/lessons/rename", json={"name": "Miso", "to": "my cat Miso"})
    told = client.get(f"{API}/lessons").json()["lessons"]
    assert [(each["name"], each["shown"]) for each in told] == [("my cat Miso", 3)]
    assert client.delete(f"{API}/lessons?name=my cat Miso").json() == {"deleted": True}
    assert client.get(f"{API}/lessons").json()["lessons"] == []
    wrong = client.post(f"{API}/lessons/rename", json={"name": "nobody", "to": "x"})
    assert wrong.status_code == 404


def test_groups_that_look_alike_have_no_copies(client: TestClient) -> None:
    for group in client.get(f"{API}/lookalikes").json()["groups"]:
        assert len(set(group)) == len(group) >= 4


def test_the_settings_tell_folders_and_what_could_not_be_read(
    own_client: TestClient, own: Shelf
) -> None:
    told = own_client.get(f"{API}/settings").json()
    (folder,) = told["folders"]
    assert (folder["there"], folder["photos"]) == (True, 42)
    assert told["limited_to"] == str(own.photos)
    dry = own_client.post(f"{API}/folders/{folder['id']}/forget", json={"dry_run": True}).json()
    assert (dry["photos"], dry["forgotten"]) == (42, False)
    own_client.post(f"{API}/folders/{folder['id']}/forget", json={})
    assert own_client.get(f"{API}/settings").json()["folders"] == []
    assert own_client.post(f"{API}/folders/{folder['id']}/forget", json={}).status_code == 404
    assert len(list(own.photos.iterdir())) == 44  # no photo is deleted


def test_a_folder_is_chosen_by_a_number_that_the_app_gave(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home" / "Pictures").mkdir(parents=True)
    (tmp_path / "home" / ".hidden").mkdir()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    found = client.get(f"{API}/browse").json()
    assert [each["name"] for each in found["folders"]] == ["Pictures"]
    inner = client.get(f"{API}/browse?folder={found['folders'][0]['id']}").json()
    assert inner["above"] == found["folder"]["id"]
    assert client.get(f"{API}/browse?folder=4711").status_code == 404
    assert client.post(f"{API}/folders/4711/add").status_code == 404
    outside = client.post(f"{API}/folders/{found['folders'][0]['id']}/add")
    assert outside.status_code == 409  # this app is limited to another folder


def test_the_personal_ranking_is_switched_off_and_on(client: TestClient) -> None:
    client.put(f"{API}/personal", json={"on": False})
    assert client.get(f"{API}/personal").json()["on"] is False
    client.put(f"{API}/personal", json={"on": True})
    assert client.get(f"{API}/personal").json()["on"] is True


def test_moved_photos_go_beside_the_library(context: AppContext) -> None:
    assert moved_folder(context).parent == context.database.parent


def test_indexing_in_the_background_tells_how_it_ended(own: Shelf) -> None:
    (own.photos / "photo 39.jpg").unlink()
    indexing = BackgroundIndexing(own.photos, own.database, Analyzer(own.bundle))
    indexing.start()
    indexing.ask()
    deadline = time.monotonic() + 120
    while indexing.state.phase not in ("done", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    indexing.stop()
    assert indexing.state.phase == "done"
    assert indexing.state.report is not None
    assert indexing.state.report["missing"] == 1
    assert [Path(each.file).name for each in indexing.state.problems] == ["broken.jpg"]


def test_proposals_are_answered_by_one_person_after_another(shelf: Shelf, tmp_path: Path) -> None:
    photo = shelf.photos / "photo 06.jpg"
    data = photo.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    place = PhotoPlace("six", str(photo), 0, len(data), digest)
    queue = ReviewQueue(tmp_path / "queue.jsonl")
    queue.add([ReviewProposal(place, concept) for concept in ("sun", "snow")])
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Ansa-Token": TOKEN}
    context = AppContext(
        shelf.photos, shelf.database, str(shelf.bundle), TOKEN, Review(queue, "mara")
    )
    with client_of(context, **headers) as client:
        first, second = client.get(f"{API}/review").json()["proposals"]
        picture = client.get(f"{API}/review/{first['id']}/picture")
        assert picture.headers["content-type"] == "image/webp"
        answer = client.post(f"{API}/review/{first['id']}", json={"said": "yes"})
        assert answer.json() == {"said": "yes"}
        left = client.get(f"{API}/review").json()["proposals"]
        assert [each["id"] for each in left] == [second["id"]]
        unknown = client.post(f"{API}/review/{'0' * 16}", json={"said": "yes"})
        assert unknown.status_code == 404
    context.close()
    said = ReviewQueue(tmp_path / "queue.jsonl")
    said.refresh()
    assert said.item(first["id"]).answers[0].annotator == "mara"


def test_without_a_queue_there_is_nothing_to_review(client: TestClient) -> None:
    assert client.get(f"{API}/review").status_code == 404
