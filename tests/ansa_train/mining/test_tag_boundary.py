from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.mining.selection import choose
from ansa_train.mining.strategies import at_boundary, between_kinds
from ansa_train.mining.tag_boundary import tag_boundary, tag_names
from ansa_train.mining.vector_store import StoredPhoto, StoredRow, VectorStore


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.open()


def row(key: str, seed: int, tags: list[tuple[int, float]], dim: int) -> StoredRow:
    vector = np.random.default_rng(seed).normal(size=dim).astype(np.float32)
    photo = StoredPhoto(key, "/photos/a.jpg", 0, 9, "mine", "0" * 64)
    return StoredRow(photo, vector / np.linalg.norm(vector), tags=tags)


def test_photos_are_mined_where_the_shipped_bundle_hardly_decides_on_a_tag(
    bundle: Bundle, tmp_path: Path
) -> None:
    boundary = tag_boundary(bundle, "dog")
    assert tag_names(bundle)[boundary.place] == "dog"
    store = VectorStore(tmp_path / "store", bundle)
    dim, other = store.dim, boundary.place + 1
    rows = [
        row("surely", 0, [(other, 0.5), (boundary.place, 0.9999)], dim),
        row("hardly", 1, [(boundary.place, boundary.threshold - 0.01)], dim),
        row("hardly not", 2, [(boundary.place, 0.4)], dim),
        row("not at all", 3, [(other, boundary.threshold)], dim),
        row("nothing", 4, [], dim),
    ]
    store.append(rows)
    strategy = at_boundary(boundary)
    found = choose(store, strategy, 5)
    assert [rows[each.row].photo.key for each in found.chosen] == ["hardly", "hardly not", "surely"]
    assert found.wanted == 3
    assert strategy.reason(found.chosen[0].score).endswith("logits from the threshold of 'dog'")


def test_pictures_are_mined_where_the_bundle_hardly_decides_on_their_kind(
    bundle: Bundle, tmp_path: Path
) -> None:
    store = VectorStore(tmp_path / "store", bundle)
    odds = [{"photo": 0.98, "drawing": 0.02}, {"photo": 0.45, "drawing": 0.55}, {"receipt": 1.0}]
    store.append(replace(row(str(i), i, [], store.dim), kinds=each) for i, each in enumerate(odds))
    found = choose(store, between_kinds(store, "drawing"), 3)
    assert [each.row for each in found.chosen] == [1, 0, 2]
    with pytest.raises(TrainingError, match="no kind of picture 'poem'; it knows photo, receipt"):
        between_kinds(store, "poem")


def test_a_name_that_is_no_tag_is_refused_in_words(bundle: Bundle) -> None:
    with pytest.raises(TrainingError, match="has no tag 'flibbertigibbet'; use --text"):
        tag_boundary(bundle, "flibbertigibbet")
    shown = bundle.manifest.heads["tags"].settings["shown"]
    hidden = [name for name, worth in zip(tag_names(bundle), shown, strict=True) if not worth]
    for name in hidden[:1]:
        with pytest.raises(TrainingError, match="never says it"):
            tag_boundary(bundle, name)


def test_a_store_of_an_older_kind_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    VectorStore(tmp_path / "store", bundle)
    listing = tmp_path / "store" / "store.json"
    listing.write_text(listing.read_text("utf-8").replace('"format": 2', '"format": 1'), "utf-8")
    with pytest.raises(TrainingError, match="an older ansa made this store"):
        VectorStore(tmp_path / "store", bundle)
