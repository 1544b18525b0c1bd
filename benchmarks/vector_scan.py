"""How should a text be compared with the vectors of a million photos?

    python -m benchmarks.vector_scan

A search needs the cosine of every photo, because it is weighed against tags, names and facts, so
each way has to give all of them, or it is told how long its best 100 take. Vectors are random, of
unit length. Ways of packages that are not installed are left out: `pip install faiss-cpu usearch`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from ansa.library.storage.quantized_vectors import QuantizedVectors, quantized
from ansa.model.bundle import Bundle
from ansa.scene import Vector
from ansa_train.benchmark.machine import timed
from ansa_train.benchmark.question_report import QuestionReport, parse

_ROWS = 256  # of a block that becomes float32
_NEAREST = 100
_REPEATS = 9
_SHIPS = "NumPy, 8 bits in blocks (ships)"
_AT_MOST = 500  # milliseconds, of a whole search


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes the report."""
    options = parse(__doc__, arguments, photos=1_000_000)
    report = QuestionReport("vector_scan", __doc__, options)
    dim = Bundle.open(options.bundle).manifest.heads["embedding"].shape[0]
    vectors = _unit(options.photos, dim)
    query = vectors[options.photos // 2].copy()
    exact = vectors @ query
    codes = quantized(vectors)
    small, halves = QuantizedVectors(codes), vectors.astype(np.float16)
    ways: dict[str, Callable[[], Any]] = {
        "NumPy, float32": lambda: vectors @ query,
        "NumPy, float16 in blocks": lambda: _in_blocks(halves, query),
        _SHIPS: lambda: small @ query,
        "onnxruntime, products of 8 bits": _whole_numbers(codes, query),
        **_faiss(vectors, query),
        **_usearch(vectors, codes, options.photos // 2),
    }
    for name, way in ways.items():
        way()
        seconds = float(np.median([timed(way) for _ in range(_REPEATS)]))
        report.add(name, seconds * 1e3, "ms", **({"at_most": _AT_MOST} if name == _SHIPS else {}))
    report.add("float32 in memory", vectors.nbytes / 1e6, "MB")
    report.add("8 bits in memory", codes.nbytes / 1e6, "MB")
    away = np.abs(small @ query - exact)
    report.add("a cosine in 8 bits is away by, at most", float(away.max()))
    report.add("and on average", float(away.mean()))
    report.note("All with as many threads as each takes by itself, but faiss and usearch with one.")
    return report.write()


def _unit(count: int, dim: int) -> Vector:
    vectors = np.random.default_rng(0).standard_normal((count, dim), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _in_blocks(halves: Any, query: Vector) -> Vector:
    scores = np.empty(len(halves), np.float32)
    block = np.empty((_ROWS, halves.shape[1]), np.float32)
    for start in range(0, len(halves), _ROWS):
        rows = halves[start : start + _ROWS]
        np.copyto(block[: len(rows)], rows)
        np.dot(block[: len(rows)], query, out=scores[start : start + _ROWS])
    return scores


def _whole_numbers(codes: Any, query: Vector) -> Callable[[], Any]:
    """MatMulInteger, with the fast instructions for 8 bits that a processor may have."""
    dim = codes.shape[1]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["photos", "text", "middle"], ["products"])],
        "scan",
        [
            helper.make_tensor_value_info("photos", TensorProto.UINT8, ["n", dim]),
            helper.make_tensor_value_info("text", TensorProto.INT8, [dim, 1]),
        ],
        [helper.make_tensor_value_info("products", TensorProto.INT32, ["n", 1])],
        [helper.make_tensor("middle", TensorProto.UINT8, [], [128])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    photos = (codes.astype(np.int16) + 128).astype(np.uint8)
    feeds = {"photos": photos, "text": quantized(query[np.newaxis]).T.copy()}
    return lambda: session.run(None, feeds)


def _faiss(vectors: Vector, query: Vector) -> dict[str, Callable[[], Any]]:
    if find_spec("faiss") is None:
        return {}
    faiss: Any = import_module("faiss")
    faiss.omp_set_num_threads(1)
    dim = vectors.shape[1]
    kind = faiss.ScalarQuantizer.QT_8bit
    small = faiss.IndexScalarQuantizer(dim, kind, faiss.METRIC_INNER_PRODUCT)
    small.train(vectors[:20_000])
    small.add(vectors)
    return {f"faiss, 8 bits, the best {_NEAREST}": lambda: small.search(query[None], _NEAREST)}


def _usearch(vectors: Vector, codes: Any, row: int) -> dict[str, Callable[[], Any]]:
    if find_spec("usearch") is None:
        return {}
    usearch: Any = import_module("usearch.index")
    kind = usearch.MetricKind.Cos

    def scan(photos: Any) -> Any:
        return usearch.search(photos, photos[row], _NEAREST, kind, exact=True, threads=1)

    return {
        f"usearch, 8 bits, the best {_NEAREST}": lambda: scan(codes),
        f"usearch, float32, the best {_NEAREST}": lambda: scan(vectors),
    }


if __name__ == "__main__":
    sys.exit(main())
