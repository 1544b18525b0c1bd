"""The features that heads read, computed by a bundle's own image network.

Heads learn from what the bundle computes, weights in int8 and all, so nothing stands between their
training and their use; and who has a bundle and no checkpoint can train them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from ansa.model.bundle import Bundle
from ansa.model.manifest import ImageTower
from ansa.scene import Pixels
from ansa_train.errors import TrainingError

NAMES = ("embedding", "features", "stride4", "stride8", "stride16", "stride32")


class FeatureTaps:
    """uint8 pixels (n, size, size, 3) -> the values of some branches, float32 (n, *shape) each.

    "embedding" is the unit vector, "features" are those that it is projected from, and "strideN" is
    a map (c, size / N, size / N): the last before the resolution is halved.

    Args:
        bundle: whose image network it is.
        names: of the branches.

    Attributes:
        size: side of the input, in pixels.
        backbone: stands for what computes the branches, without heads.
        shapes: of one picture's branches, by name.

    Raises:
        TrainingError: the network has no such branch.
    """

    def __init__(self, bundle: Bundle, names: Sequence[str]) -> None:
        image = bundle.manifest.image
        self.size, self._input = image.size, image.input
        self.backbone = identity(image, names)
        model = onnx.load_model_from_string(bundle.read(image.file))
        if unknown := set(names) - {name for node in model.graph.node for name in node.output}:
            raise TrainingError(
                f"{bundle.path}: its network has no branch {', '.join(sorted(unknown))} for a "
                "head; export the bundle anew, or choose another architecture"
            )
        del model.graph.output[:]
        for name in names:
            model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
        self._session = session(model.SerializeToString())
        blank = self(np.zeros((1, self.size, self.size, 3), np.uint8), names)
        self.shapes = {name: value.shape[1:] for name, value in blank.items()}

    def __call__(
        self, pixels: Pixels, names: Sequence[str] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """The taps of pictures, float32 (n, *shape) each, by name.

        Args:
            pixels: uint8 (n, size, size, 3).
            names: of the taps to compute; all if None.
        """
        wanted = list(self.shapes) if names is None else list(names)
        values: list[NDArray[Any]] = self._session.run(wanted, {self._input: pixels})
        return dict(zip(wanted, values, strict=True))


def identity(image: ImageTower, names: Collection[str]) -> str:
    """The digest that changes whenever some taps do: of the backbone, or of its projection too."""
    return (image.embedding or image.backbone) if "embedding" in names else image.backbone


def session(model: bytes) -> onnxruntime.InferenceSession:
    """A network as :class:`ansa.Analyzer` runs it, so that nothing is measured but what ships."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # callers run several of them at a time
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
