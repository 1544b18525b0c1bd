"""Trains a head on a frozen backbone whose features are cached: minutes on two cores.

    ansa train head NAME RECIPE.toml

1. every picture is looked at once (:mod:`ansa_train.data.feature_tap_cache`);
2. the head's network learns from the branches it reads;
3. it is exported as it will ship, weights in int8, and that form is calibrated on the dev pictures
   and measured on the test pictures, through the runtime's own reader.

What a head is stands in :mod:`ansa_train.heads.base`; what it leaves is put into a bundle by
:mod:`ansa_train.export.heads`.
"""

from __future__ import annotations

import json
import math
import random
import shutil
from typing import Any

import torch
from torch import Tensor, nn

from ansa.atomic_write import write_atomically
from ansa.model import heads as signals
from ansa.model.bundle import Bundle
from ansa_train import heads
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.data.pack import Split
from ansa_train.errors import TrainingError
from ansa_train.export.heads import export_head
from ansa_train.export.start_from_bundle import start_from_bundle
from ansa_train.heads.base import Head, HeadContext, HeadRecipe, settings_of
from ansa_train.models.feature_taps import FeatureTaps
from ansa_train.models.presets import parameters
from ansa_train.output_files import check_run
from ansa_train.pretrained import PARTS
from ansa_train.train.training_loop import run_training_loop

NAME = "head.json"
WARM_UP = 50
"""Steps over which the rate rises to its peak."""

CLIP = 5.0
"""Greatest length of the gradient."""

KEPT = ("batch", "rate", "weight_decay", "average", "seed")
"""What of the recipe a run cannot change on the way; it may get more steps."""


def train_head(name: str, recipe: HeadRecipe) -> dict[str, Any]:
    """Trains a head to its recipe's last step, from its last checkpoint if there is one.

    Returns:
        what ``head.json`` in the recipe's folder says, with its metrics.

    Raises:
        TrainingError: the recipe, its photos, its bundle or its checkpoint cannot be used, or a
            loss is not finite; the message says what helps.
    """
    kind = heads.find(name)
    _check_reader(name, kind.VERSION)
    settings = settings_of(kind, recipe)
    bundle = Bundle.open(recipe.bundle)
    branches = FeatureTaps(bundle, kind.BRANCHES)
    if not branches.backbone:
        raise TrainingError(f"{bundle.path} was made before there were heads; export it anew")
    place = HeadContext(recipe.data, recipe.cache / name, branches.size, recipe.seed, recipe.bundle)
    head = kind(place, settings)
    check_run(recipe.folder, NAME, ["head.onnx", "files"])
    recipe.folder.mkdir(parents=True, exist_ok=True)
    network = _train(name, head, recipe, branches)
    return _finish(name, head, network, recipe, branches)


def _check_reader(name: str, version: int) -> None:
    """Refuse to train what nobody could read."""
    if name not in signals.KINDS:
        raise TrainingError(
            f"nothing reads the head {name} yet; write ansa/model/heads/{name}.py first"
        )
    if signals.newest(name) < version:
        raise TrainingError(f"ansa/model/heads/{name}.py reads only versions before {version}")


def _train(name: str, head: Head[Any], recipe: HeadRecipe, branches: FeatureTaps) -> nn.Module:
    """The averaged network after the last step."""
    pictures = head.pictures("train")
    for purpose, found in (("training", pictures), ("dev", head.pictures("dev"))):
        if not len(found):
            raise TrainingError(
                f"{recipe.data} holds no {purpose} pictures for the head {name}; "
                "give a folder of shards that does"
            )
    cache = FeatureTapCache(recipe.cache / "branches", pictures, branches)
    torch.manual_seed(recipe.seed)
    network = head.network(branches.shapes)
    if recipe.start:
        start_from_bundle(head.exported(network), Bundle.open(recipe.bundle), name)
    identity = {"head": name, "version": head.VERSION, "backbone": branches.backbone}
    identity |= {"pictures": pictures.identity(), "settings": repr(head.settings)}
    identity |= {key: getattr(recipe, key) for key in KEPT}
    identity |= {"start": Bundle.open(recipe.bundle).id} if recipe.start else {}
    network.train()

    def losses(step: int) -> dict[str, Tensor]:
        rng = random.Random(f"{recipe.seed} {step}")  # noqa: S311 - reproducible, not secret
        torch.manual_seed(rng.getrandbits(63))
        rows = head.batch(len(pictures), recipe.batch, rng)
        return dict(head.loss(network(*cache.rows(head.BRANCHES, rows)), rows, network))

    return run_training_loop(
        network,
        recipe,
        identity,
        losses,
        weight_decay=recipe.weight_decay,
        warm_up=WARM_UP,
        clip=CLIP,
        samples=recipe.batch,
    )


def _finish(
    name: str, head: Head[Any], network: nn.Module, recipe: HeadRecipe, branches: FeatureTaps
) -> dict[str, Any]:
    """Export, calibrate, measure; leaves ``head.onnx``, ``head.json`` and ``files``."""
    graph = export_head(head.exported(network).eval(), head.BRANCHES, branches.shapes)
    write_atomically(recipe.folder / "head.onnx", graph.model)

    def outputs(split: Split) -> Any:
        pictures = head.pictures(split)
        cache = FeatureTapCache(recipe.cache / "branches", pictures, branches)
        return graph.run(cache, head.BRANCHES, len(pictures))

    settings = head.calibrate(outputs("dev"))
    # Through JSON, as the runtime will get them.
    settings = json.loads(json.dumps(settings, allow_nan=False))
    read = signals.reader(name, head.VERSION, graph.shape, settings)
    metrics = head.measure(outputs("test"), read, "test")
    if unknown := [key for key, value in metrics.items() if not math.isfinite(value)]:
        raise TrainingError(f"{recipe.data}: test photos give no figure for {', '.join(unknown)}")
    made = {
        "name": name,
        "version": head.VERSION,
        "backbone": branches.backbone,
        "branches": list(head.BRANCHES),
        "shape": list(graph.shape),
        "settings": settings,
        "metrics": metrics,
        "parameters": parameters(network),
        "bytes": len(graph.model),
        "licences": {PARTS[part].requirement: PARTS[part].licence for part in head.PARTS},
    }
    shutil.rmtree(recipe.folder / "files", ignore_errors=True)  # of an earlier version
    (recipe.folder / "files").mkdir()
    for file, data in head.files().items():
        write_atomically(recipe.folder / "files" / file, data)
    text = json.dumps(made, indent=1, allow_nan=False) + "\n"
    write_atomically(recipe.folder / NAME, text)
    return made
