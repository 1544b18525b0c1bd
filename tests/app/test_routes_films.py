"""Films in the API: in the timeline, with their moments, and played from any place in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.app.context import AppContext
from ansa.library import Library
from ansa.model.analyzer import Analyzer
from tests.app.conftest import TOKEN, Shelf, client_of
from tests.app.test_routes_photos import API, ids_by_name
from tests.films import write_film
from tests.photos import write_photo


def test_films_and_live_photos_are_told_and_played(tmp_path: Path, indexed: Shelf) -> None:
    pytest.importorskip("av")
    folder, database = tmp_path / "films", tmp_path / "library.sqlite"
    folder.mkdir()
    write_film(folder / "colours.mp4", [((220, 10, 10), 3), ((10, 10, 220), 5)])
    write_photo(folder / "live.jpg", seed=3)
    write_film(folder / "live.mov", [((10, 200, 10), 2)])
    with Library(folder, database=database, analyzer=Analyzer(indexed.bundle)) as library:
        library.index(workers=1, thumbnails=True)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Ansa-Token": TOKEN}
    context = AppContext(folder, database, str(indexed.bundle), TOKEN)
    with client_of(context, **headers) as client:
        names = ids_by_name(client)
        film, still = names["colours.mp4"], names["live.jpg"]
        ((told, seconds),) = client.get(f"{API}/timeline").json()["films"]
        assert (told, seconds) == (film, pytest.approx(8, abs=0.3))
        about = client.get(f"{API}/photos/{film}").json()
        assert about["film"] == "video/mp4"
        poster = client.get(f"{API}/photos/{film}/picture/grid")
        assert poster.headers["content-type"] == "image/webp"
        part = client.get(f"{API}/photos/{film}/file", headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        assert part.headers["content-type"] == "video/mp4"
        assert client.get(f"{API}/photos/{film}/moments").json()["moments"]
        found = client.get(f"{API}/search?q=blue").json()["matches"][0]
        assert found["id"] == film
        assert found["second"] >= 3
        assert client.get(f"{API}/photos/{still}").json()["live"]
        live = client.get(f"{API}/photos/{still}/live")
        assert live.content == (folder / "live.mov").read_bytes()
        assert client.get(f"{API}/photos/{film}/live").status_code == 404
    context.close()
