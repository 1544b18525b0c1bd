"""What is measured side by side: a bundle in all its variants, taken apart, and in float32."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa.model.variants import FLOAT, variants_of
from ansa_train.export.split_graph import joined
from ansa_train.models.unpack_weights import unpack_products


@dataclass(frozen=True, slots=True)
class BenchmarkVariant:
    """One way to have every signal of a photo, or the vector of a text.

    Attributes:
        name: shown.
        bundles: used one after the other; one, but for a network for each task.
        network: the variant of the image network.
        shipped: whether users of the bundle can have it so.
    """

    name: str
    bundles: tuple[Bundle, ...]
    network: str = FLOAT
    shipped: bool = False


def text_bytes(bundle: Bundle) -> int:
    """Bytes on disk of the text network and its tokenizer."""
    text = bundle.manifest.text
    return sum(bundle.manifest.files[name].bytes for name in {text.file, text.tokenizer})


def image_bytes(bundle: Bundle) -> int:
    """Bytes on disk of everything else: all variants of the image network, and what heads need."""
    return whole_bytes(bundle) - text_bytes(bundle)


def variant_bytes(bundle: Bundle, name: str) -> int:
    """Bytes on disk of the image side with only one variant of its network."""
    found = variants_of(bundle)
    others = {file for each in found.values() for file in each.files} - {*found[name].files}
    return image_bytes(bundle) - sum(bundle.manifest.files[file].bytes for file in others)


def image_network(bundle: Bundle, name: str) -> onnx.ModelProto:
    """The image network in one variant, its stages joined."""
    files = variants_of(bundle)[name].files
    return joined([onnx.load_model_from_string(bundle.read(file)) for file in files])


def whole_bytes(bundle: Bundle) -> int:
    """Bytes on disk of the bundle, its manifest included."""
    files = sum(entry.bytes for entry in bundle.manifest.files.values())
    return files + (bundle.path / MANIFEST).stat().st_size


def in_float32(bundle: Bundle, folder: Path) -> Bundle:
    """A copy whose weights are stored as float32, as they were before they were quantized."""
    models = {}
    for tower in (bundle.manifest.image, bundle.manifest.text):
        model = onnx.load_model_from_string(bundle.read(tower.file))
        unpack_products(model)
        models[tower.file] = model.SerializeToString()
    return _rewritten(bundle, folder, models)


def _rewritten(bundle: Bundle, folder: Path, files: Mapping[str, bytes]) -> Bundle:
    """A copy with other bytes for some files, and one variant; none of it encoded."""
    variants = bundle.manifest.image.forms.values()
    others = {file for files in variants for file in files} - {bundle.manifest.image.file}
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    manifest["image"].pop("forms", None)
    manifest["files"] = {}
    folder.mkdir(parents=True)
    for name in bundle.manifest.files.keys() - others:
        data = files[name] if name in files else bundle.read(name)
        (folder / name).write_bytes(data)
        entry = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest["files"][name] = entry
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return Bundle.open(folder)
