"""The yardstick: a plain MobileNetV3-Large in the place of a bundle's image network.

Untrained, as neither its time nor its size depends on what it has learned, but with its norms
settled, so that no activation dies away into denormal numbers, which would be slow.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx
import torch
from torch import nn

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa_train.export.onnx import export_image
from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.presets import build_image
from ansa_train.models.towers import ImageTower

NAME = "mobilenetv3-large"
_BATCH = 8


def yardsticks(bundle: Bundle, folder: Path) -> dict[str, Path]:
    """Writes the yardstick into ``folder`` as bundles, with the input and the vectors of another.

    It goes through the exporter that made ``bundle``, once with float weights ("float32") and once
    with weights stored as int8 ("int8").
    """
    model = export_image(_tower(bundle), bundle.manifest.image.size)
    written = {"float32": _write(bundle, folder / "float32", model)}
    quantize_weights(model)
    return written | {"int8": _write(bundle, folder / "int8", model)}


def _tower(bundle: Bundle) -> ImageTower:
    torch.manual_seed(0)
    tower = ImageTower(build_image(NAME), bundle.manifest.heads["embedding"].shape[0])
    return settled(tower, bundle.manifest.image.size)


def settled(tower: ImageTower, size: int) -> ImageTower:
    """The tower itself, its norms settled on noise of ``size`` pixels."""
    for part in tower.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0  # the statistics of the one batch below
    with torch.no_grad():
        tower.train()(torch.randn(_BATCH, 3, size, size))
    return tower.eval()


def _write(bundle: Bundle, folder: Path, image: onnx.ModelProto) -> Path:
    """A copy of the bundle with another image network, and no heads on it."""
    folder.mkdir(parents=True)
    files = {name: bundle.read(name) for name in bundle.manifest.files}
    files[bundle.manifest.image.file] = image.SerializeToString()
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    manifest["name"] = NAME
    manifest["heads"] = {"embedding": manifest["heads"]["embedding"]}
    for name, data in files.items():
        (folder / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        manifest["files"][name] = {"bytes": len(data), "sha256": digest}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder
