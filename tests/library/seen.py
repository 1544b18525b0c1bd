"""A tiny bundle whose heads say what tests can paint.

The print is a picture of 4 x 4 places in colour, the utility follows the mean colour (green is a
receipt, blue a screenshot, all else a photo), the exposure its brightness.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.bundles import edit_manifest, image_model, write_bundle

_FAULTS = ("defocus_blur", "motion_blur", "noise", "compression_artifacts", "exposure", "tilt")
_SETTINGS = {
    "print": {"scale": 0.5, "threshold": 0.97},
    "utility": {
        "kinds": ["photo", "receipt", "screenshot"],
        "temperature": 1.0,
        "threshold": 0.8,
    },
    "quality": {
        "curves": {name: [[-1.0, 1.0], [-1.0, 1.0]] for name in _FAULTS},
        "weights": dict.fromkeys(_FAULTS, 0.5),
        "steepest": 45,
    },
}
_SHAPES = {"print": 48, "utility": 3, "quality": 6}
_UTILITY = [[0, 0, 0], [-20, 20, -20], [-20, -20, 20]]


def seeing_bundle(folder: Path, *without: str) -> Path:
    """Writes the bundle, some of its heads left out."""
    model = image_model()
    graph = model.graph
    constants = {
        "grey": np.full((1, 48), 0.5, np.float32),
        "kinds": np.array(_UTILITY, np.float32).T,
        "kinds.at": np.array([0, -6, -6], np.float32),
        "light": np.array([[0] * 4 + [0.66, 0]] * 3, np.float32),
        "light.at": np.array([0] * 4 + [-1, 0], np.float32),
    }
    graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in constants.items())
    graph.node.extend(
        [
            helper.make_node("Flatten", ["stride8"], ["places"]),
            helper.make_node("Sub", ["places", "grey"], ["head.print"]),
            helper.make_node("Gemm", ["features", "kinds", "kinds.at"], ["head.utility"]),
            helper.make_node("Gemm", ["features", "light", "light.at"], ["head.quality"]),
        ]
    )
    heads = {}
    for name in _SHAPES.keys() - set(without):
        axes: list[str | int] = ["n", _SHAPES[name]]
        output = f"head.{name}"
        graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, axes))
        about = {"output": output, "kind": name, "shape": [_SHAPES[name]], "version": 1}
        heads[name] = about | {"settings": _SETTINGS[name]}
    write_bundle(folder, image=model.SerializeToString())
    edit_manifest(folder, lambda manifest: manifest["heads"].update(heads))
    return folder


def alike_colours(corner: tuple[int, int, int]) -> list[tuple[float, float, float]]:
    """Seven colours near a corner of all colours (red: 1, 0, 0) that look alike to the bundle, but
    no two of them as much as copies do: one in the middle of a ring of six."""
    middle = (np.array(corner) * 2 - 1) / np.sqrt(3)
    one = np.cross(middle, [1, 0, 0])
    one /= np.linalg.norm(one)
    other = np.cross(middle, one)
    away = np.radians(25)
    turns = np.arange(6) * np.pi / 3
    around = np.cos(away) * middle + np.sin(away) * (
        np.cos(turns)[:, None] * one + np.sin(turns)[:, None] * other
    )
    return [tuple(0.5 + 0.57 * each) for each in (middle, *around)]
