"""A real library of photos of which much is known, searched with queries of every kind."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ansa import Analyzer, Library
from ansa.library.indexing.scan import Fingerprint
from ansa.library.search.match_calibration import MATCHES, NOT_HERE
from ansa.library.search.ranking import SearchResult
from ansa.library.search.search import run_search
from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, FileRecord, Signal
from ansa.scene import Scene
from ansa_train.data.pack import Sample
from benchmarks.search_queries import TODAY, MadeLife, Query

FIRST = 5
_LIMITS = 60, 1000, 1_000_000  # matches that are looked up, until enough of them are judged


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one query.

    Attributes:
        precision: the share of the first five judged matches that answer it, of what is possible;
            None if nothing answers it.
        wrongly_absent: whether it was said not to be here, though it is; None if it is not.
        wrongly_there: whether it was said to match, though the first judged match does not answer
            it.
    """

    precision: float | None
    wrongly_absent: bool | None
    wrongly_there: bool


def search_all(
    analyzer: Analyzer, samples: Sequence[Sample], life: MadeLife, queries: Sequence[Query]
) -> list[Judgement]:
    """Stores photos in a library with their made facts, and judges what each query finds there."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "library.sqlite"
        with Library(database=database, analyzer=analyzer) as library:
            root = Path(folder) / "photos"
            _store(library, root, analyzer, samples, life)
            rows = {str(root / path): row for row, path in enumerate(life.paths)}
            judged = []
            for query in queries:
                judged.append(judge(query, _found(library, query, rows), rows))
            return judged


def _found(library: Library, query: Query, rows: dict[str, int]) -> SearchResult:
    """Returns the result of a query, as long as it takes to hold enough photos that are judged."""
    for limit in _LIMITS:
        found = run_search(library, query.text, limit=limit, every=True, today=TODAY.date())
        known = sum(bool(query.judged[rows[str(match.path)]]) for match in found.matches)
        if known >= FIRST or len(found.matches) < limit:
            break
    return found


def judge(query: Query, found: SearchResult, rows: dict[str, int]) -> Judgement:
    """Judges what a query found.

    Args:
        query: the query.
        found: its result.
        rows: the row of each photo, by its path.
    """
    places = [(rows[str(match.path)], match.grade) for match in found.matches]
    known = [(row, grade) for row, grade in places if query.judged[row]]
    right = [bool(query.answers[row]) for row, _ in known[:FIRST]]
    possible = min(FIRST, int(query.answers.sum()))
    there = bool(known) and known[0][1] == MATCHES and not right[0]
    if not possible:
        return Judgement(None, None, there)
    return Judgement(sum(right) / possible, found.grade == NOT_HERE, there)


def figures_by_kind(
    queries: Sequence[Query], judged: Sequence[Judgement]
) -> dict[str, dict[str, tuple[float, int]]]:
    """Returns the share of each figure in 0..1, with the number of queries, by kind."""
    by_kind: defaultdict[str, list[Judgement]] = defaultdict(list)
    for query, each in zip(queries, judged, strict=True):
        by_kind[query.kind].append(each)
        by_kind["all kinds"].append(each)
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for kind, some in by_kind.items():
        values = {
            "right among the first five, of what is possible": [
                each.precision for each in some if each.precision is not None
            ],
            'wrong "not here"': [
                float(each.wrongly_absent) for each in some if each.wrongly_absent is not None
            ],
            'wrong "matches"': [float(each.wrongly_there) for each in some],
        }
        found[kind] = {
            name: (float(np.mean(each)), len(each)) for name, each in values.items() if each
        }
    return found


def _store(
    library: Library, root: Path, analyzer: Analyzer, samples: Sequence[Sample], life: MadeLife
) -> None:
    model, store = library.model(), library.store
    row, bundle = store.add_root(os.fsencode(root)), store.add_bundle(model.bundle)
    records = []
    for sample, path, facts in zip(samples, life.paths, life.facts, strict=True):
        data = sample.read_bytes()
        signals = _packed(analyzer.analyze(data))
        digest = hashlib.sha256(data + path.encode()).digest()  # the same photo twice is two
        records.append(
            FileRecord(
                os.fsencode(path),
                Fingerprint(1, 1, 1),
                "ok",
                "benchmark",
                digest,
                facts,
                tuple(Signal(h, v, signals.get(h, b"")) for h, v in model.heads.items()),
            )
        )
    store.save(row, bundle, records)


def _packed(scene: Scene) -> dict[str, bytes]:
    given = {EMBEDDING: scene.embedding, **scene.signals}
    return {head: encode(head, signal) for head, signal in given.items()}
