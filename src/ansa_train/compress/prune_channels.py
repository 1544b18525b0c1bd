"""Structured pruning of a bundle's image network: fewer channels, and what is left learns again.

    ansa train shrink RECIPE.toml

The weakest inner channels of its blocks are left out (:mod:`ansa_train.compress.channel_strength`).
Then what is left is held to what the whole network gave, wherever heads branch off it and in the
vector (distillation: Hinton et al., 2015), so that heads go on reading what they were trained on.
No labels and no checkpoint are needed.
"""

from __future__ import annotations

import json
import random
import tempfile
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from ansa.atomic_write import write_atomically
from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.model.variants import FLOAT
from ansa_train.compress.accuracy_drop import compare
from ansa_train.compress.channel_strength import channel_strengths, leave_out, strongest_channels
from ansa_train.data.pack import read_pack
from ansa_train.data.pictures import WholePhotos
from ansa_train.errors import TrainingError
from ansa_train.export.bundle import replace_image
from ansa_train.export.heads import keep_outputs
from ansa_train.export.onnx_to_torch import FromOnnx
from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.feature_taps import NAMES, FeatureTaps
from ansa_train.models.unpack_weights import unpack_weights
from ansa_train.output_files import check_run
from ansa_train.settings import Range, RecipeFile
from ansa_train.train.training_loop import run_training_loop

REPORT = "image.json"
NETWORK = "image.onnx"
VECTOR = 10.0
"""Weight of the vector's part of the loss, one less its cosine, beside that of a branch."""


@dataclass(frozen=True, slots=True)
class ChannelPruningRecipe(RecipeFile):
    """Every setting of a run that leaves channels out, with its default.

    Attributes:
        data: folder of the photos it learns from.
        folder: where checkpoint, curves and the network go.
        cache: where opinions of teachers are kept, as for heads.
        bundle: whose image network it is, with all its heads.
        share: of the inner channels of its blocks that are left out, 0..1.
        photos: training photos that tell how strong channels are.
        steps: optimizer steps; 0 leaves channels out and learns nothing.
        batch: photos a step.
        rate: peak learning rate of AdamW.
        average: decay of the moving average of weights that is kept.
        save_every: steps between checkpoints.
        every: heads are measured on one of so many dev photos.
        seed: of everything random.
    """

    data: Path
    folder: Path
    cache: Path
    bundle: Path
    share: Annotated[float, Range(0, 0.5)] = 0.1
    photos: int = 256
    steps: int = 400
    batch: int = 16
    rate: float = 2e-4
    average: float = 0.98
    save_every: int = 50
    every: int = 4
    seed: int = 0


def prune_channels(recipe: ChannelPruningRecipe) -> dict[str, Any]:
    """Leaves channels out and trains the rest, from the last checkpoint if there is one.

    Leaves ``image.onnx``, weights in int8, and ``image.json`` in the recipe's folder.

    Returns:
        what ``image.json`` says: channels before and after, and what every head lost on dev photos.

    Raises:
        TrainingError: the recipe, its photos, its bundle or its checkpoint cannot be used, or a
            loss is not finite; the message says what helps.
    """
    check_run(recipe.folder, REPORT, [NETWORK])
    bundle = Bundle.open(recipe.bundle)
    image = bundle.manifest.image
    whole = bundle.read(image.file)
    digest = sha256(whole).hexdigest()
    samples = read_pack(recipe.data, ["train"])
    if not samples:
        raise TrainingError(f"{recipe.data} holds no training photos")
    pictures = WholePhotos(random.Random(recipe.seed).sample(samples, len(samples)))  # noqa: S311
    model = onnx.load_model_from_string(whole)
    unpack_weights(model)
    strong = channel_strengths(
        model, [pictures.render(i, image.size) for i in range(min(recipe.photos, len(samples)))]
    )
    kept = strongest_channels(strong, recipe.share)
    leave_out(model, kept)
    if recipe.steps:
        _learn(model, pictures, recipe, FeatureTaps(bundle, _branches(model)), digest)
    quantize_weights(model)
    data = model.SerializeToString()
    recipe.folder.mkdir(parents=True, exist_ok=True)
    write_atomically(recipe.folder / NETWORK, data)
    made = {
        "shrinks": digest,
        "channels": {
            "before": sum(len(gives) for gives in strong.values()),
            "after": sum(len(places) for places in kept.values()),
        },
        "steps": recipe.steps,
        "bytes": len(data),
        "points lost": _lost(bundle, data, recipe),
    }
    write_atomically(recipe.folder / REPORT, json.dumps(made, indent=1) + "\n")
    return made


def _lost(bundle: Bundle, data: bytes, recipe: ChannelPruningRecipe) -> dict[str, float]:
    """What every head loses, in hundredths of its metrics.

    See :class:`~ansa_train.compress.accuracy_drop.AccuracyDrop`.
    """
    with tempfile.TemporaryDirectory() as trial:
        fewer = replace_image(bundle, data, Path(trial) / "bundle", {})
        both = {"whole": Analyzer(bundle, variant=FLOAT), "fewer": Analyzer(fewer, variant=FLOAT)}
        found = compare(both, recipe.data, recipe.cache, every=recipe.every)
    return {loss.head: round(loss.points("fewer", "whole"), 3) for loss in found}


def _learn(
    model: onnx.ModelProto,
    pictures: WholePhotos,
    recipe: ChannelPruningRecipe,
    branches: FeatureTaps,
    digest: str,
) -> None:
    """Give a network with fewer channels better weights, in place."""
    names = list(branches.shapes)
    trunk = onnx.ModelProto.FromString(model.SerializeToString())
    trunk.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *branches.shapes[name]])
        for name in names
        if name not in {value.name for value in trunk.graph.output}
    )
    keep_outputs(trunk, names)
    network = FromOnnx(trunk, recipe.batch, learns=True)

    def losses(step: int) -> dict[str, Tensor]:
        rng = random.Random(f"{recipe.seed} {step}")  # noqa: S311 - reproducible, not secret
        rows = rng.sample(range(len(pictures)), min(recipe.batch, len(pictures)))
        rows += rng.choices(rows, k=recipe.batch - len(rows))
        squares = [pictures.render(row, branches.size) for row in rows]
        pixels = np.stack([s[:, ::-1] if rng.random() < 0.5 else s for s in squares])
        wanted = branches(pixels)
        planes = torch.from_numpy(pixels.transpose(0, 3, 1, 2).astype(np.float32))
        found = dict(zip(network.outputs, network(planes), strict=True))
        return {name: _far(name, found[name], torch.from_numpy(wanted[name])) for name in names}

    identity = {"image": digest} | {
        each.name: getattr(recipe, each.name)
        for each in fields(recipe)
        if each.name not in {"data", "folder", "cache", "bundle", "save_every", "every"}
    }
    averaged = run_training_loop(network, recipe, identity, losses, samples=recipe.batch)
    learned = dict(zip(averaged.learned, averaged.parameters(), strict=True))
    for tensor in model.graph.initializer:
        if tensor.name in learned:
            value = learned[tensor.name].detach().numpy()
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))


def _far(name: str, found: Tensor, wanted: Tensor) -> Tensor:
    """How far a branch is from what it was: 0 for the same, 1 for nothing of it."""
    if name == "embedding":
        return VECTOR * (1.0 - (found * wanted).sum(1)).mean()
    return (found - wanted).square().mean() / wanted.square().mean().clamp(min=1e-12)


def _branches(model: onnx.ModelProto) -> list[str]:
    """Those of the branches that the network has."""
    made = {name for node in model.graph.node for name in node.output}
    return [name for name in NAMES if name in made]
