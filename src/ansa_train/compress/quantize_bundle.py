"""Adds a variant in 8 bits of the image network to a bundle, if it loses little accuracy."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np
import onnx

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa.model.variants import FLOAT, INT8, variants_of
from ansa.photo.pixels import resize_square
from ansa.scene import Pixels
from ansa_train.compress.accuracy_drop import AccuracyDrop, accuracy_drops
from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError
from ansa_train.export.replace_bundle import check_place, place_bundle
from ansa_train.export.split_graph import stages
from ansa_train.export.static_quant import activations, observe, quantize
from ansa_train.export.tile_channels import slice_widest
from ansa_train.models.unpack_weights import unpack_weights

FILE = "image.int8.{}.onnx"
"""One file for each stage."""
LEAST = 100
"""Pictures that a head must be measured on to be refused by: by fewer, chance decides."""


@dataclass(frozen=True, slots=True)
class QuantizationSettings:
    """Settings of the variant in 8 bits.

    Attributes:
        photos: training photos on which the ranges of activations are measured.
        points: what a head may lose at most, see
            :class:`ansa_train.compress.accuracy_drop.AccuracyDrop`; below 0 for no measurement.
        every: one of so many dev photos is used for that.
        float_heads: heads that stay float, as far as the bundle has them, with weights in int8.
        float_first: so many of the first activations behind the pixels stay float: fine texture,
            by which noise and blur are told, is lost there first, and few weights are at stake.
    """

    photos: int = 128
    points: float = 0.5
    every: int = 4
    float_first: int = 2
    float_heads: tuple[str, ...] = ("detection",)


def put_int8(
    bundle: Bundle,
    data: Path,
    cache: Path,
    folder: Path,
    settings: QuantizationSettings | None = None,
    progress: Callable[[str], object] = lambda what: None,
) -> tuple[Bundle, list[AccuracyDrop]]:
    """Writes a bundle with a variant in 8 bits of its image network.

    Args:
        bundle: with the network in float.
        data: folder of the photos to calibrate on ("train") and to measure on ("dev").
        cache: where opinions of teachers are kept, as in the recipes of heads.
        folder: of the new bundle; may be that of the old.
        settings: see there.
        progress: is told what comes next.

    Returns:
        the bundle, and what every head loses on dev photos.

    Raises:
        TrainingError: a head would lose more than the settings allow; nothing is written then.
        FileExistsError: the folder holds something else than a bundle.
    """
    check_place(folder)
    settings = settings or QuantizationSettings()
    progress("the ranges of activations")
    model = quantized(bundle, data, settings)
    made = {
        FILE.format(place): stage.SerializeToString() for place, stage in enumerate(stages(model))
    }
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    old = {file for variant in variants_of(bundle).values() for file in variant.files}
    old.remove(bundle.manifest.image.file)
    manifest["image"]["forms"] = {INT8: list(made)}
    files = {name: bundle.read(name) for name in bundle.manifest.files.keys() - old} | made

    found: list[AccuracyDrop] = []
    if settings.points >= 0:
        with tempfile.TemporaryDirectory() as trial:
            both, every = (FLOAT, INT8), settings.every
            whole = place_bundle(Path(trial) / "bundle", files, manifest)
            found = accuracy_drops(whole, both, data, cache, every=every, progress=progress)
        refuse(found, settings.points)
    points = {loss.head: round(loss.points(INT8, FLOAT), 3) for loss in found}
    manifest["training"] = {**manifest.get("training", {}), INT8: {"points lost": points}}
    return place_bundle(folder, files, manifest), found


def refuse(found: list[AccuracyDrop], points: float) -> None:
    """Raises an error if too much accuracy is lost, as far as so many pictures can tell.

    Raises:
        TrainingError: naming the heads.
    """
    lost = {loss.head: loss.points(INT8, FLOAT) for loss in found if loss.pictures >= LEAST}
    if too_much := {head: lost[head] for head in lost if lost[head] > points}:
        said = ", ".join(f"{head} {value:.2f}" for head, value in too_much.items())
        raise TrainingError(
            f"in 8 bits more than {points} points are lost: {said}; allow more, keep more of the "
            "first activations in float, or calibrate on more photos"
        )


def quantized(bundle: Bundle, data: Path, settings: QuantizationSettings) -> onnx.ModelProto:
    """The image network of a bundle in 8 bits, its widest layers sliced."""
    model = onnx.load_model_from_string(bundle.read(bundle.manifest.image.file))
    unpack_weights(model)
    size = bundle.manifest.image.size
    pictures = [_square(sample, size) for sample in mixed(data, settings.photos)]
    pixels, *names = activations(model)
    heads = bundle.manifest.heads
    floats = tuple(heads[name].output for name in settings.float_heads if name in heads)
    names = [name for name in names[settings.float_first :] if not name.startswith(floats)]
    quantize(model, observe(model, [pixels, *names], pictures))
    slice_widest(model)
    return model


def mixed(data: Path, count: int) -> list[Sample]:
    """Selects training photos, from every source in turn."""
    of = defaultdict(list)
    for sample in sorted(read_pack(data, ["train"]), key=lambda s: zlib.crc32(s.key.encode())):
        of[sample.source].append(sample)
    return [sample for sample in chain(*zip_longest(*of.values())) if sample][:count]


def _square(sample: Sample, size: int) -> Pixels:
    return resize_square(np.asarray(sample.read()), size)
