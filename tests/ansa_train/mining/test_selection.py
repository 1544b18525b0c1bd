from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa.model.bundle import Bundle
from ansa_train.errors import TrainingError
from ansa_train.mining import vector_store
from ansa_train.mining.result import mine
from ansa_train.mining.selection import ALIKE, choose
from ansa_train.mining.strategies import in_slice, like
from ansa_train.mining.vector_store import StoredPhoto, StoredRow, VectorStore
from tests.bundles import DIM, write_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return Bundle.open(write_bundle(tmp_path_factory.mktemp("bundle") / "bundle"))


def unit(values: np.ndarray) -> np.ndarray:
    made: np.ndarray = values / np.linalg.norm(values, axis=-1, keepdims=True)
    return made.astype(np.float32)


def rows(vectors: np.ndarray, bits: int = 0, first: int = 0) -> list[StoredRow]:
    return [
        StoredRow(
            StoredPhoto(f"p{first + i}", f"/photos/{i}.jpg", 0, 9, "mine", "0" * 64, ("cat",)),
            vector,
            bits,
            0.5,
        )
        for i, vector in enumerate(vectors)
    ]


def store_of(folder: Path, bundle: Bundle, vectors: np.ndarray) -> VectorStore:
    store = VectorStore(folder, bundle, ["dark", "night"])
    store.append(rows(vectors))
    return store


def test_what_is_most_alike_comes_first_and_its_reason_is_said(
    bundle: Bundle, tmp_path: Path
) -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(300, DIM)))
    store = store_of(tmp_path / "store", bundle, vectors)
    found = mine(store, like(vectors[[7]]), 5)
    assert found.photos[0].photo.key == "p7"
    assert found.photos[0].reasons == ("its cosine with the most similar example is 1.000",)
    assert (found.looked_at, found.wanted) == (300, 300)


def test_no_two_chosen_photos_are_alike(bundle: Bundle, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    centres = unit(rng.normal(size=(6, DIM)))
    vectors = unit(np.repeat(centres, 50, 0) + rng.normal(size=(300, DIM)) * 0.01)
    store = store_of(tmp_path / "store", bundle, vectors)
    found = choose(store, like(centres), 20)
    assert len(found.chosen) == 6
    picked = vectors[[each.row for each in found.chosen]]
    assert (picked @ picked.T - np.eye(6)).max() < ALIKE
    assert found.alike == 294


def test_blocks_change_nothing_and_memory_holds_one(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_store, "PART_ROWS", 70)
    vectors = unit(np.random.default_rng(2).normal(size=(400, DIM)))
    store = store_of(tmp_path / "store", bundle, vectors)
    assert len(store.parts) == 6
    small = [block.vectors for block in store.blocks(rows=16)]
    assert max(map(len, small)) == 16
    np.testing.assert_allclose(np.concatenate(small), vectors, atol=1e-3)
    assert {p.key for p in store.photos([0, 69, 70, 399]).values()} == {"p0", "p69", "p70", "p399"}


def test_a_slice_is_of_the_photos_that_have_it(bundle: Bundle, tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(3).normal(size=(40, DIM)))
    store = VectorStore(tmp_path / "store", bundle, ["dark", "night"])
    store.append([*rows(vectors[:20]), *rows(vectors[20:], bits=0b10, first=20)])
    found = choose(store, in_slice(store, "night"), 100)
    assert found.wanted == 20
    assert all(each.row >= 20 for each in found.chosen)
    with pytest.raises(TrainingError, match="no slice 'fog' was noted; there are dark, night"):
        in_slice(store, "fog")


def test_a_store_goes_on_where_it_was_stopped(bundle: Bundle, tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(4).normal(size=(30, DIM)))
    store_of(tmp_path / "store", bundle, vectors)
    # A killed process leaves files that no listing names.
    (tmp_path / "store" / "vectors-000001.f16").write_bytes(b"half")
    again = VectorStore(tmp_path / "store", bundle)
    assert again.keys() == {f"p{i}" for i in range(30)}
    again.append(rows(vectors, first=30))
    assert len(VectorStore(tmp_path / "store", bundle)) == 60
    assert again.photos([59])[59].key == "p59"


def test_a_store_of_another_bundle_a_damaged_one_and_other_files_are_refused(
    bundle: Bundle, tmp_path: Path
) -> None:
    vectors = unit(np.random.default_rng(5).normal(size=(30, DIM)))
    folder = tmp_path / "store"
    store = store_of(folder, bundle, vectors)
    other = Bundle.open(write_bundle(tmp_path / "other", dim=DIM + 1))
    with pytest.raises(TrainingError, match="vectors are of another bundle"):
        VectorStore(folder, other)
    (folder / "vectors-000000.f16").write_bytes(b"short")
    with pytest.raises(TrainingError, match="shorter than it should be"):
        choose(store, like(vectors[:1]), 3)
    (folder / "store.json").write_text("{}")
    with pytest.raises(TrainingError, match="not a store"):
        VectorStore(folder, bundle)
    with pytest.raises(TrainingError, match="holds other files"):
        VectorStore(tmp_path / "other", bundle)


def test_an_empty_store_has_nothing_to_choose(bundle: Bundle, tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "store", bundle, ["dark"])
    found = choose(store, in_slice(store, "dark"), 10)
    assert (found.chosen, found.looked_at) == ([], 0)
