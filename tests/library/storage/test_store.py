from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ansa.library.indexing.scan import Fingerprint
from ansa.library.storage.row_checks import THERE, ExpectedSignals
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.library.storage.scope import Scope
from ansa.library.storage.store import KnownContent, Store
from ansa.library.storage.vectors import pack
from ansa.scene import Facts

PRINT = Fingerprint(1, 2, 3)
FACTS = Facts(4, 3, "JPEG", datetime(2024, 5, 6, 7, 8, tzinfo=UTC), 52.5, 13.4, "Canon EOS R5")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "library.sqlite")


def record(path: bytes, digest: bytes, data: bytes = b"data", facts: Facts = FACTS) -> FileRecord:
    signals = (Signal(EMBEDDING, 1, data),)
    return FileRecord(path, PRINT, "ok", "reader", digest, facts, signals)


def test_facts_come_back_as_they_went(store: Store) -> None:
    root, bundle = store.add_root(b"/photos"), store.add_bundle("first")
    plain = Facts(1, 2)
    naive = Facts(1, 2, "PNG", datetime(2024, 5, 6, 7, 8, 9, 123456), -1.0, 0.5, "\udcff odd")
    records = [record(b"a", b"A"), record(b"b", b"B", facts=plain), record(b"c", b"C", facts=naive)]
    store.save(root, bundle, records)
    photos, data = store.vectors(bundle, Scope(((root, b""),)))
    assert data == [b"data"] * 3
    first, second, third = store.facts(photos).values()
    assert (first, second) == (FACTS, plain)
    day = replace(
        FACTS, taken=datetime(2019, 1, 2), taken_source="file name", taken_precision="day",
        place_source="xmp",
    )  # fmt: skip
    store.save(root, bundle, [record(b"a", b"A", facts=day)])
    assert store.facts(photos)[photos[0]] == day
    assert (third.taken, third.camera) == (naive.taken, "\\udcff odd")
    store.close()


def test_paths_of_a_photo_are_those_that_are_there(store: Store) -> None:
    here, there, bundle = store.add_root(b"/here"), store.add_root(b"/there"), store.add_bundle("b")
    store.save(here, bundle, [record(b"b.jpg", b"A"), record(b"\xff.jpg", b"A")])
    store.save(there, bundle, [record(b"a.jpg", b"A")])
    ((photo,), _) = store.vectors(bundle, None)
    assert store.paths([photo], None) == {
        photo: [Path("/here/b.jpg"), Path(os.fsdecode(b"/here/\xff.jpg")), Path("/there/a.jpg")]
    }
    assert store.paths([photo], Scope(((there, b""),))) == {photo: [Path("/there/a.jpg")]}
    inner = store.add_root(b"/there/inner")
    outer = [record(b"inner/x.jpg", b"X")]
    store.save(there, bundle, outer)
    store.save(inner, bundle, [record(b"x.jpg", b"X")])
    other = store.photo(b"X") or 0
    assert store.paths([other], None) == {other: [Path("/there/inner/x.jpg")]}
    gone = [file.id for file in store.files(here, ExpectedSignals(bundle, {}, 8)).values()]
    store.mark(gone, [], datetime.now(UTC))
    assert store.paths([photo], None) == {photo: [Path("/there/a.jpg")]}
    first, second = (Scope(((root, b""),)) for root in (here, there))
    assert store.vectors(bundle, first) == ([], [])
    assert (store.count(first), store.count(second), store.count(None)) == (0, 2, 2)
    store.close()


def test_a_batch_that_breaks_leaves_nothing_behind(store: Store) -> None:
    root, bundle = store.add_root(b"/photos"), store.add_bundle("first")

    def records() -> object:
        yield record(b"a", b"A")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.save(root, bundle, records())  # type: ignore[arg-type]
    assert store.files(root, ExpectedSignals(bundle, {}, 8)) == {}
    store.close()


def test_many_photos_are_looked_up_at_once(store: Store) -> None:
    root, bundle = store.add_root(b"/photos"), store.add_bundle("first")
    store.save(root, bundle, [record(b"%d" % n, b"%d" % n) for n in range(1200)])
    photos, _ = store.vectors(bundle, Scope(((root, b""),)))
    assert len(store.facts(photos)) == len(store.paths(photos, None)) == 1200
    store.close()


def test_known_content_is_known_for_its_bundle_only(store: Store) -> None:
    root, bundle = store.add_root(b"/photos"), store.add_bundle("first")
    heads, content = {"embedding": 1}, b"A" * 32
    known, other = (KnownContent(store.path, ExpectedSignals(n, heads, 8)) for n in (bundle, 99))
    assert not known(content)
    store.save(root, bundle, [record(b"a", content, pack(np.eye(1, 8, dtype=np.float32)[0], 8))])
    assert known(content)
    assert not other(content)
    store.save(root, bundle, [record(b"a", content, b"damaged")])
    assert not known(content)
    store.close()
    for reader in (known, other):
        reader.close()


def test_the_version_tells_that_something_was_stored_by_anybody(store: Store) -> None:
    before = store.version()
    assert store.version() == before
    store.add_root(b"/a")
    after = store.version()
    assert after != before
    other = Store(store.path)
    other.add_root(b"/b")
    other.close()
    assert store.version() != after
    store.close()


def test_the_files_of_a_few_photos_are_found_without_reading_all_of_a_folder(store: Store) -> None:
    query = f"SELECT photo FROM files JOIN roots ON roots.id = root WHERE photo IN (1) AND {THERE}"
    with store.reading() as connection:
        plan = " ".join(step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {query}"))
    assert "SEARCH files USING INDEX files_by_photo" in plan
