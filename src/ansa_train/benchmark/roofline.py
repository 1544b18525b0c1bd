"""The physical floor: how fast this machine could do a network's arithmetic at the very best.

Peak arithmetic is that of the best matrix product there is here, by the runtime or by torch, of a
size that fits the caches; bandwidth is that of reading far more than the caches hold.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ansa_train.benchmark.machine import timed

_SIDES = (384, 512, 768)
_READ = 2**25
_TRIES = 12


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest rates of a machine on ``threads`` threads.

    Attributes:
        threads: used.
        float32: multiply-adds a second.
        int8: multiply-adds a second, of 8-bit numbers summed in 32 bits.
        bandwidth: bytes read from memory a second.
    """

    threads: int
    float32: float
    int8: float
    bandwidth: float

    def arithmetic(self, multiply_adds: float) -> float:
        """The least seconds that so many float32 multiply-adds take."""
        return multiply_adds / self.float32

    def reading(self, weights: float) -> float:
        """The least seconds that reading so many bytes from memory takes."""
        return weights / self.bandwidth

    def best(self, other: Peak) -> Peak:
        """The higher of two measurements of one machine: noise only makes a machine slower."""
        return Peak(
            self.threads,
            max(self.float32, other.float32),
            max(self.int8, other.int8),
            max(self.bandwidth, other.bandwidth),
        )


def measure(threads: int, tries: int = _TRIES) -> Peak:
    """The peak of this machine, the best of ``tries`` for every size."""
    rng = np.random.default_rng(0)
    float32, int8 = 0.0, 0.0
    for side in _SIDES:
        left, right = rng.random((2, side, side), np.float32)
        small = rng.integers(-127, 128, (side, side), np.int8)
        bytes_ = rng.integers(0, 256, (side, side), np.uint8)
        floats = [_by_runtime("MatMul", left, right, threads), _by_torch(left, right, threads)]
        fastest = min(_fastest(call, tries) for call in floats)
        float32 = max(float32, side**3 / fastest)
        integers = _by_runtime("MatMulInteger", bytes_, small, threads)
        int8 = max(int8, side**3 / _fastest(integers, tries))
    return Peak(threads, float32, int8, _bandwidth(threads, tries))


def _fastest(call: Callable[[], object], tries: int) -> float:
    call()
    return min(timed(call) for _ in range(tries))


def _by_runtime(
    kind: str, left: NDArray[Any], right: NDArray[Any], threads: int
) -> Callable[[], object]:
    whole = kind == "MatMulInteger"
    given = TensorProto.UINT8 if whole else TensorProto.FLOAT
    made = TensorProto.INT32 if whole else TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node(kind, ["left", "right"], ["product"])],
        "peak",
        [helper.make_tensor_value_info("left", given, left.shape)],
        [helper.make_tensor_value_info("product", made, left.shape)],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return partial(session.run, None, {"left": left})


def _by_torch(left: NDArray[Any], right: NDArray[Any], threads: int) -> Callable[[], object]:
    product = partial(torch.mm, torch.from_numpy(left), torch.from_numpy(right))

    def multiply() -> None:
        before = torch.get_num_threads()  # of the whole process: others have chosen theirs
        torch.set_num_threads(threads)
        try:
            product()
        finally:
            torch.set_num_threads(before)

    return multiply


def _bandwidth(threads: int, tries: int) -> float:
    shares = np.array_split(np.ones(_READ, np.int64), threads)
    read = np.bitwise_or.reduce  # of what numpy offers, the least work for each byte
    with ThreadPoolExecutor(threads) as pool:
        seconds = _fastest(lambda: list(pool.map(read, shares)), tries)
    return sum(share.nbytes for share in shares) / seconds
