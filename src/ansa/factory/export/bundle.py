"""A finished run as a bundle: ``python -m ansa.factory.export.bundle RECIPE.toml FOLDER``."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ansa.bundle import Bundle
from ansa.factory.backbone import fold_norms
from ansa.factory.calibrate import calibrate
from ansa.factory.data.pack import Sample, read_pack
from ansa.factory.data.words import TokenBatches
from ansa.factory.export.int8 import quantize_weights
from ansa.factory.export.onnx import export_image, export_text
from ansa.factory.parts import PARTS, fetch
from ansa.factory.recipe import Recipe
from ansa.factory.text import TextTower
from ansa.factory.towers import Towers
from ansa.manifest import FORMAT, MANIFEST

STARTS = ("efficientnet-lite0", "efficientnet-lite2", "minilm", "minilm-tokenizer", "synset-lemmas")


def write_bundle(
    towers: Towers,
    folder: Path,
    *,
    name: str,
    size: int,
    max_tokens: int,
    dim: int,
    training: dict[str, Any],
) -> Bundle:
    """Write the towers as a bundle and verify it.

    An older bundle in the folder is replaced only once the new one stands beside it.

    Args:
        towers: trained; weights are quantized to int8 on the way out.
        folder: of the bundle.
        name: of the bundle.
        size: side of the image input, in pixels.
        max_tokens: longest text, in tokens.
        dim: length of the vectors.
        training: what the model card says of the run.

    Raises:
        FileExistsError: the folder holds something else than a bundle.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise FileExistsError(f"{folder} is no bundle and would be lost; give another folder")
    fresh, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    for left_over in (fresh, old):
        shutil.rmtree(left_over, ignore_errors=True)
    fresh.mkdir(parents=True)
    for file, model in (
        ("image.onnx", export_image(towers.image, size)),
        ("text.onnx", export_text(towers.text, max_tokens)),
    ):
        quantize_weights(model)
        (fresh / file).write_bytes(model.SerializeToString())
    shutil.copyfile(fetch("minilm-tokenizer"), fresh / "tokenizer.json")
    files = {
        file.name: {
            "bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in sorted(fresh.iterdir())
    }
    manifest = {
        "format": FORMAT,
        "name": name,
        "created": datetime.now(UTC).date().isoformat(),
        "image": {"file": "image.onnx", "input": "pixels", "size": size},
        "text": {
            "file": "text.onnx",
            "tokenizer": "tokenizer.json",
            "inputs": ["ids", "mask"],
            "max_tokens": max_tokens,
        },
        "heads": {
            "embedding": {"output": "embedding", "kind": "embedding", "dim": dim, "version": 1}
        },
        "files": files,
        "training": training,
        "licences": {PARTS[start].requirement: PARTS[start].licence for start in STARTS},
    }
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    Bundle.open(fresh).verify()
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return Bundle.open(folder)


def load_towers(recipe: Recipe) -> tuple[Towers, int]:
    """The averaged towers of a run's last checkpoint, and its step.

    Raises:
        FileNotFoundError: the run has no checkpoint yet.
    """
    state = torch.load(recipe.folder / "checkpoint.pt", weights_only=True)
    towers = Towers(recipe.architecture, recipe.text, recipe.dim)
    fold_norms(towers.image.backbone)
    towers.load_state_dict(state["averaged"])
    for activation in towers.image.backbone.activations():
        activation.blend = recipe.blend(state["step"] - 1)  # a run may be exported half-way
    return towers.eval(), state["step"]


@torch.no_grad()
def caption_vectors(tower: TextTower, samples: Sequence[Sample], recipe: Recipe) -> Tensor:
    """(n, d) of one caption of every captioned training photo, at most 3,000 of them."""
    captions = [sample.captions[0] for sample in samples if sample.captions]
    random.Random(recipe.seed).shuffle(captions)  # noqa: S311 - reproducible, not secret
    tokens = TokenBatches(recipe.max_tokens)
    chunks = (captions[i : i + 100] for i in range(0, min(3000, len(captions)), 100))
    return torch.cat([tower(*tokens(chunk)) for chunk in chunks])


def main(arguments: list[str]) -> None:
    """Export the run of a recipe."""
    recipe = Recipe.read(Path(arguments[0]))
    towers, step = load_towers(recipe)
    samples = read_pack(recipe.data, ["train"])
    calibrate(towers, caption_vectors(towers.text, samples, recipe), recipe.calibration)
    photos = Counter(sample.source for sample in samples)
    bundle = write_bundle(
        towers,
        Path(arguments[1]),
        name=f"ansa-{recipe.architecture}-{recipe.bundle_size}",
        size=recipe.bundle_size,
        max_tokens=recipe.max_tokens,
        dim=recipe.dim,
        training={"recipe": Path(arguments[0]).name, "steps": step, "photos": dict(photos)},
    )
    size = sum(entry.bytes for entry in bundle.manifest.files.values())
    print(f"{bundle.path}: {size / 1e6:.1f} MB, id {bundle.id[:12]}")


if __name__ == "__main__":
    main(sys.argv[1:])
