"""EfficientNet-Lite3 in 8 bits: the quicker teacher of the 1,000 ImageNet classes.

Tan and Le, "EfficientNet" (2019); the Lite variants of 2020.
"""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ansa_train.errors import TrainingError
from ansa_train.pretrained import fetch

LOGITS = "efficientnet-lite3/model/head/dense/BiasAdd"
"""The tensor before the softmax, whose 8 bits round away all but the first few classes."""


class EfficientNetLite3:
    """uint8 pixels (n, 280, 280, 3) -> logits, float32 (n, 1000).

    It may be called from several threads, each of which gets an interpreter of its own.

    Raises:
        TrainingError: LiteRT is not installed.
    """

    SIZE = 280

    def __init__(self) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise TrainingError(
                "the teacher EfficientNet-Lite3 needs LiteRT: pip install 'ansa[train]'"
            ) from error
        self._file, self._interpreter = str(fetch("efficientnet-lite3")), Interpreter
        self._own = threading.local()

    def __call__(self, pixels: NDArray[np.uint8]) -> Tensor:
        """Logits of the 1,000 classes, float32 (n, 1000)."""
        return torch.from_numpy(np.stack([self._classify(photo) for photo in pixels]))

    def _classify(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        interpreter, entry, (index, scale, zero) = self._loaded()
        interpreter.set_tensor(entry, photo[None])
        interpreter.invoke()
        raw: NDArray[np.int8] = interpreter.get_tensor(index)[0]
        logits: NDArray[np.float32] = (raw.astype(np.float32) - zero) * np.float32(scale)
        return logits

    def _loaded(self) -> Any:
        """This thread's interpreter, its input, and the logits' index, scale and zero."""
        if not hasattr(self._own, "loaded"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it calls reading an inner tensor debugging
                interpreter = self._interpreter(
                    self._file, num_threads=1, experimental_preserve_all_tensors=True
                )
            interpreter.allocate_tensors()
            logits = next(t for t in interpreter.get_tensor_details() if t["name"] == LOGITS)
            scale, zero = logits["quantization"]
            entry = interpreter.get_input_details()[0]["index"]
            self._own.loaded = interpreter, entry, (logits["index"], scale, zero)
        return self._own.loaded
