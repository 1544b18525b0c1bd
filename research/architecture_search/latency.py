"""How long a candidate takes, against a plain MobileNetV3-Large at 224 px in the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from ansa_train.export.onnx import export_image
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.towers import ImageTower

YARDSTICK, YARDSTICK_SIZE = "mobilenetv3-large", 224
_BURST = 5  # calls in one turn; one more before them warms the caches up

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Latency:
    """One photo on one thread.

    Attributes:
        ratio: of the yardstick's time, the median of the rounds: whatever else the machine does
            hits both networks alike.
        milliseconds: median.
    """

    ratio: float
    milliseconds: float


class Stopwatch:
    """Times networks beside the yardstick.

    Args:
        dim: length of the vectors.
        rounds: how often both take turns.
    """

    def __init__(self, dim: int, rounds: int) -> None:
        self._dim, self._rounds = dim, rounds
        plain = Backbone(YARDSTICK)
        for part in plain.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.momentum = 1.0  # the statistics of the one batch below
        # Settled norms: else activations die away into denormal numbers, which are slow.
        with torch.no_grad():
            plain.train()(torch.randn(8, 3, YARDSTICK_SIZE, YARDSTICK_SIZE))
        self._yardstick = self._runner(plain, YARDSTICK_SIZE)

    def time(self, backbone: Backbone, size: int) -> Latency:
        """The latency of a network at a resolution, as exported and run for users."""
        candidate = self._runner(backbone, size)
        pairs = np.array(
            [(_burst(candidate), _burst(self._yardstick)) for _ in range(self._rounds)]
        )
        ratio = np.median(pairs[:, 0] / pairs[:, 1])
        return Latency(float(ratio), 1e3 * float(np.median(pairs[:, 0])))

    def _runner(self, backbone: Backbone, size: int) -> Run:
        import onnxruntime  # slow to import

        model = export_image(ImageTower(backbone, self._dim), size).SerializeToString()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        photo = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
        return lambda: session.run(None, {"pixels": photo})


def _burst(run: Run) -> float:
    """Seconds a call, the least of a few: a longer call is interrupted more on a busy machine."""
    run()
    times = []
    for _ in range(_BURST):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)
