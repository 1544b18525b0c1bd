"""Puts the heads of one bundle onto the networks of another that has the same backbone.

A run that trains the projections and the text network alone leaves the backbone as it was, so heads
that were trained on it need not be trained again.
"""

from __future__ import annotations

import json
from pathlib import Path

import onnx

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa_train.errors import TrainingError
from ansa_train.export.heads import keep_outputs
from ansa_train.export.replace_bundle import place_bundle


def carry_heads(bundle: Bundle, giver: Bundle, folder: Path) -> Bundle:
    """Writes a bundle again with all heads of another one, and without variants but float.

    Args:
        bundle: whose embedding and text network stay; a head of its own is replaced by the other's
            of the same name.
        giver: whose heads are taken.
        folder: of the new bundle; may be that of ``bundle``.

    Raises:
        TrainingError: the bundles have different backbones, a head reads the embedding, or a file
            of a head would take the place of another.
        FileExistsError: the folder holds something else than a bundle.
    """
    image = bundle.manifest.image
    if image.backbone != giver.manifest.image.backbone:
        raise TrainingError(
            f"{giver.path}: its heads are for another backbone than that of {bundle.path}; train "
            "them anew with this bundle in their recipes"
        )
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    given = json.loads((giver.path / MANIFEST).read_bytes())
    heads = {name: head for name, head in given["heads"].items() if name != "embedding"}
    outputs = {head["output"] for head in heads.values()}
    model = onnx.load_model_from_string(bundle.read(image.file))
    keep_outputs(model, {"embedding"})
    _join(model, giver, outputs)
    onnx.checker.check_model(model)
    manifest["image"].pop("forms", None)
    manifest["heads"] = {"embedding": manifest["heads"]["embedding"], **heads}
    manifest["metrics"] = {k: v for k, v in given.get("metrics", {}).items() if k in heads}
    text = bundle.manifest.text
    files = {name: bundle.read(name) for name in (text.file, text.tokenizer)}
    files[image.file] = model.SerializeToString()
    for name in sorted({file for head in heads.values() for file in head.get("files", ())}):
        if name in files:
            raise TrainingError(f"{giver.path}: {name}: a network of {bundle.path} has that name")
        files[name] = giver.read(name)
    return place_bundle(folder, files, manifest)


def _join(model: onnx.ModelProto, giver: Bundle, outputs: set[str]) -> None:
    """Adds, in place, what computes some outputs of a bundle's image network and is not there."""
    source = onnx.load_model_from_string(giver.read(giver.manifest.image.file))
    keep_outputs(source, outputs)
    if any("embedding" in node.output for node in source.graph.node):
        raise TrainingError(f"{giver.path}: a head reads the embedding; train it anew")
    there = {name for node in model.graph.node for name in node.output}
    known = {tensor.name for tensor in model.graph.initializer}
    model.graph.node.extend(n for n in source.graph.node if not there & set(n.output))
    model.graph.initializer.extend(t for t in source.graph.initializer if t.name not in known)
    model.graph.output.extend(source.graph.output)
