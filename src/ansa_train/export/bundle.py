"""Writes a run, or parts of one, as a bundle: the work of ``ansa export``."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from ansa.model.bundle import Bundle
from ansa.model.manifest import MANIFEST
from ansa_train.checkpoint import NAME, load, same_run
from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError
from ansa_train.export.heads import join, keep_outputs
from ansa_train.export.hubness import reduce_hubness
from ansa_train.export.onnx import export_image, export_text
from ansa_train.export.replace_bundle import check_place, place_bundle
from ansa_train.export.weights_int8 import quantize_weights
from ansa_train.models.feature_taps import NAMES, identity
from ansa_train.models.presets import image_preset, text_preset, tokenizer_file
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.towers import Towers
from ansa_train.pretrained import PARTS
from ansa_train.recipe import Recipe
from ansa_train.train.build_model import folded, shape


def write_bundle(
    towers: Towers,
    folder: Path,
    *,
    name: str,
    size: int,
    max_tokens: int,
    dim: int,
    tokenizer: Path,
    parts: Iterable[str],
    training: dict[str, Any],
) -> Bundle:
    """Writes the towers as a bundle and verifies it.

    An older bundle in the folder is replaced only once the new one has been opened beside it.

    Args:
        towers: trained; weights are quantized to int8 on the way out.
        folder: of the bundle.
        name: of the bundle.
        size: side of the image input, in pixels.
        max_tokens: longest text, in tokens.
        dim: length of the vectors.
        tokenizer: the ``tokenizer.json`` of the text tower.
        parts: the pretrained parts that are in it, whose licences it names.
        training: what the model card says of the run.

    Raises:
        FileExistsError: the folder holds something else than a bundle.
        ValueError: a tower does not take inputs of that size or length.
    """
    check_place(folder)
    files = {}
    for file, export in (
        ("text.onnx", partial(export_text, towers.text, max_tokens)),
        ("image.onnx", partial(export_image, towers.image, size)),
    ):
        model = export()
        quantize_weights(model)
        files[file] = model.SerializeToString()
    files["tokenizer.json"] = tokenizer.read_bytes()
    identities = image_identities(files["image.onnx"])
    manifest = {
        "name": name,
        "created": datetime.now(UTC).date().isoformat(),
        "image": {"file": "image.onnx", "input": "pixels", "size": size, **identities},
        "text": {
            "file": "text.onnx",
            "tokenizer": "tokenizer.json",
            "inputs": ["ids", "mask"],
            "max_tokens": max_tokens,
        },
        "heads": {
            "embedding": {"output": "embedding", "kind": "embedding", "shape": [dim], "version": 1}
        },
        "training": training,
        "licences": {PARTS[part].requirement: PARTS[part].licence for part in parts},
    }
    return place_bundle(folder, files, manifest)


def put_heads(
    bundle: Bundle, heads: Sequence[Path], folder: Path, keep: Collection[str] | None = None
) -> Bundle:
    """Writes a bundle again with trained heads on its backbone, and without variants but float.

    Args:
        bundle: with the backbone that the heads were trained for.
        heads: folders that :func:`ansa_train.heads.train_head.train_head` left; each takes the
            place of the bundle's own head of its name. What is in a folder ``files`` of theirs goes
            into the bundle too.
        folder: of the new bundle; may be that of the old.
        keep: names of the bundle's own heads that stay; all that are not replaced if left out.

    Raises:
        TrainingError: a folder holds no trained head, one for another backbone, or one that is
            there already; or a file of its would take the place of another.
        FileExistsError: the folder holds something else than a bundle.
    """
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    image, text = bundle.manifest.image, bundle.manifest.text
    fresh_heads = {made["name"]: made for made in _all_trained(bundle, heads)}
    own = {
        name: head
        for name, head in manifest["heads"].items()
        if name == "embedding" or (name not in fresh_heads and (keep is None or name in keep))
    }
    model = onnx.load_model_from_string(bundle.read(image.file))
    keep_outputs(model, {head["output"] for head in own.values()})
    towers = {image.file, text.file, text.tokenizer}
    stay = towers.union(*(head.get("files", ()) for head in own.values())) - {image.file}
    files = {name: bundle.read(name) for name in sorted(stay)}
    metrics = {k: v for k, v in manifest.get("metrics", {}).items() if k in own}
    for (name, made), source in zip(fresh_heads.items(), heads, strict=True):
        head = onnx.load_model_from_string((source / "head.onnx").read_bytes())
        brought = sorted(source.glob("files/*"))
        for file in brought:
            if file.name in files or file.name in towers:
                raise TrainingError(f"{file}: a bundle holds a file of that name; rename it")
            files[file.name] = file.read_bytes()
        own[name] = {
            "output": join(model, name, head, made["shape"]),
            "kind": name,
            "shape": made["shape"],
            "version": made["version"],
            "settings": made["settings"],
            "files": [file.name for file in brought],
            "licences": made["licences"],
        }
        metrics[name] = made["metrics"]
    onnx.checker.check_model(model)
    files[image.file] = model.SerializeToString()
    manifest["image"].pop("forms", None)  # they would be of the heads it had
    return place_bundle(folder, files, manifest | {"heads": own, "metrics": metrics})


def put_text(bundle: Bundle, source: Path, folder: Path, points: float = 0.5) -> Bundle:
    """Writes a bundle again with its text network pruned or tuned, and in int8.

    Args:
        bundle: whose text network it was.
        source: the folder that :func:`ansa_train.compress.prune_text.prune_text` or
            :func:`ansa_train.heads.text_projection.tune_text` left.
        folder: of the new bundle; may be that of the old.
        points: how much less of the dev photos, in percent, may be among the first five for their
            captions; below 0 for any.

    Raises:
        TrainingError: the folder holds no such network, one of another bundle's, or one that lost
            more.
        FileExistsError: the folder of the new bundle holds something else than a bundle.
    """
    text = bundle.manifest.text
    file = source / "text.json"
    if not file.exists():
        raise TrainingError(f"{source} holds no trained text network; train it first")
    made = json.loads(file.read_text("utf-8"))
    if hashlib.sha256(bundle.read(text.file)).hexdigest() != made.pop("replaces"):
        raise TrainingError(
            f"{source} was made of another text network than that of {bundle.path}; train it anew "
            "with this bundle in its recipe"
        )
    metrics = made["metrics"]
    lost = metrics["before"].get("t2i_r5", 0.0) - metrics["shipped"].get("t2i_r5", 0.0)
    if 0 <= points < lost:
        raise TrainingError(
            f"{source}: as it would ship it lost {lost:.2f} points of recall at 5 on dev "
            f"photos, more than {points}; allow more, leave fewer zeros, or train longer"
        )
    files = {name: bundle.read(name) for name in bundle.manifest.files}
    files[text.file] = (source / "text.onnx").read_bytes()
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    manifest["training"] = {**manifest.get("training", {}), "text": made}
    return place_bundle(folder, files, manifest)


def put_image(bundle: Bundle, source: Path, folder: Path, points: float = 0.5) -> Bundle:
    """Writes a bundle again with a smaller image network, and without variants but float.

    Args:
        bundle: whose image network it was.
        source: the folder that :func:`ansa_train.compress.prune_channels.prune_channels` left.
        folder: of the new bundle; may be that of the old.
        points: what a head may have lost at most on dev photos, in hundredths of its metrics; below
            0 for any.

    Raises:
        TrainingError: the folder holds no such network, one of another bundle's, or one that lost
            more.
        FileExistsError: the folder of the new bundle holds something else than a bundle.
    """
    file = source / "image.json"
    if not file.exists():
        raise TrainingError(f"{source} holds no image network with fewer channels; train it first")
    made = json.loads(file.read_text("utf-8"))
    image = bundle.manifest.image
    if hashlib.sha256(bundle.read(image.file)).hexdigest() != made.pop("shrinks"):
        raise TrainingError(
            f"{source} was another image network than that of {bundle.path}; leave channels out "
            "anew with this bundle in the recipe"
        )
    lost = made["points lost"]
    if too_much := {head: lost[head] for head in lost if 0 <= points < lost[head]}:
        said = ", ".join(f"{head} {value:.2f}" for head, value in too_much.items())
        raise TrainingError(
            f"{source}: more than {points} points are lost: {said}; allow more, leave out fewer "
            "channels, or train longer"
        )
    return replace_image(bundle, (source / "image.onnx").read_bytes(), folder, made)


def put_search(bundle: Bundle, coefficients: Mapping[str, float], folder: Path) -> Bundle:
    """Write a bundle anew with what the scores of its searches mean.

    Args:
        bundle: the one as it is.
        coefficients: see :class:`ansa.library.search.match_calibration.MatchCalibration`.
        folder: of the new bundle; may be that of the old.
    """
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    embedding = manifest["heads"]["embedding"]
    embedding["settings"] = {**embedding.get("settings", {}), "search": dict(coefficients)}
    files = {name: bundle.read(name) for name in bundle.manifest.files}
    return place_bundle(folder, files, manifest)


def replace_image(bundle: Bundle, data: bytes, folder: Path, made: dict[str, Any]) -> Bundle:
    """Writes a bundle again with another image network that has the same outputs.

    Args:
        bundle: the one as it is.
        data: the network.
        folder: of the new bundle; may be that of the old.
        made: what the model card says of how it was made.
    """
    image = bundle.manifest.image
    manifest = json.loads((bundle.path / MANIFEST).read_bytes())
    manifest["image"] = {k: v for k, v in manifest["image"].items() if k != "forms"}
    manifest["image"] |= image_identities(data)
    manifest["training"] = {**manifest.get("training", {}), "image": made}
    stay = {image.file, bundle.manifest.text.file, bundle.manifest.text.tokenizer}
    stay = stay.union(*(head.get("files", ()) for head in manifest["heads"].values()))
    files = {name: data if name == image.file else bundle.read(name) for name in stay}
    return place_bundle(folder, files, manifest)


def _all_trained(bundle: Bundle, sources: Sequence[Path]) -> Iterator[dict[str, Any]]:
    seen = set()
    for source in sources:
        made = _trained(source, bundle)
        if made["name"] in seen:
            raise TrainingError(f"{source}: the head {made['name']} is given twice; leave one out")
        seen.add(made["name"])
        yield made


def image_identities(data: bytes) -> dict[str, str]:
    """What the manifest says an image network is, see :class:`ansa.model.manifest.ImageTower`.

    Networks that differ in the projection alone have one backbone, so that a text network can be
    trained anew under heads that stay.
    """
    model = onnx.load_model_from_string(data)
    made = {name for node in model.graph.node for name in node.output}
    inside = [name for name in NAMES if name in made and name != "embedding"]
    whole = hashlib.sha256(data).hexdigest()
    if not inside:
        return {"backbone": whole, "embedding": whole}
    return {"backbone": _digest_of(model.graph, inside), "embedding": whole}


def _digest_of(graph: onnx.GraphProto, values: Sequence[str]) -> str:
    """Stands for all that some values of a graph are computed by."""
    needed, digest = set(values), hashlib.sha256()
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            digest.update(node.SerializeToString(deterministic=True))
    for tensor in graph.initializer:
        if tensor.name in needed:
            # Averages of weights lose the sign of zeros, which means nothing.
            array = numpy_helper.to_array(tensor) + 0
            digest.update(f"{tensor.name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _trained(source: Path, bundle: Bundle) -> dict[str, Any]:
    """What a trained head says of itself, if it is for that backbone."""
    file = source / "head.json"
    if not file.exists():
        raise TrainingError(f"{source} holds no trained head; train it first")
    made: dict[str, Any] = json.loads(file.read_text("utf-8"))
    wanted = identity(bundle.manifest.image, made["branches"])
    if made["backbone"] != wanted or not wanted:
        raise TrainingError(
            f"{source} was trained for another backbone than that of {bundle.path}; train it anew "
            "with this bundle in its recipe"
        )
    return made


def load_towers(recipe: Recipe) -> tuple[Towers, int]:
    """The averaged towers of a run's last checkpoint and its recipe's soup, and its step.

    Raises:
        TrainingError: the run has no checkpoint yet, or it learned no text; a checkpoint of the
            soup is missing or of other networks.
    """
    state = load(recipe.folder / NAME)
    towers = shape(recipe, folded=folded(recipe))
    weights = state["averaged"]
    for count, file in enumerate(recipe.soup, 2):
        other = load(file)
        same_run(file, other, recipe.identity())
        for name, tensor in weights.items():
            if tensor.is_floating_point():
                tensor.lerp_(other["averaged"][name], 1 / count)
    towers.load_state_dict(weights)
    for activation in towers.image.backbone.activations():
        activation.blend = recipe.blend(state["step"] - 1)  # a run may be exported half-way
    return towers.eval(), state["step"]


def parts_of(recipe: Recipe) -> list[str]:
    """The pretrained parts that are in the towers of a run, by start or as a teacher."""
    image, text = image_preset(recipe.architecture), text_preset(recipe.text)
    starts = (image.start, text.start) if recipe.warm_start or recipe.start else ()
    parts = [part for part in (*starts, text.tokenizer) if part]
    return [*parts, recipe.teacher, "synset-lemmas"] if recipe.asks_teacher else parts


@torch.no_grad()
def caption_vectors(
    tower: TextTower, tokens: TokenBatches, samples: Sequence[Sample], recipe: Recipe
) -> Tensor:
    """The vectors (n, d) of one caption of every captioned training photo, at most 3,000."""
    captions = [sample.captions[0] for sample in samples if sample.captions]
    random.Random(recipe.seed).shuffle(captions)  # noqa: S311 - reproducible, not secret
    chunks = (captions[i : i + 100] for i in range(0, min(3000, len(captions)), 100))
    return torch.cat([tower(*tokens(chunk)) for chunk in chunks])


def export_run(file: Path, folder: Path) -> Bundle:
    """Exports the run of a recipe as a bundle.

    Args:
        file: the recipe.
        folder: of the bundle.

    Raises:
        TrainingError: the run has nothing to export, or not at the recipe's ``bundle_size``.
        FileExistsError: the folder holds something else than a bundle.
    """
    check_place(folder)
    recipe = Recipe.read(file)
    towers, step = load_towers(recipe)
    tokenizer = tokenizer_file(recipe.text, recipe.folder, lambda: _lost(recipe))
    samples = read_pack(recipe.data, ["train"])
    if recipe.calibration:
        tokens = TokenBatches(recipe.max_tokens, tokenizer)
        vectors = caption_vectors(towers.text, tokens, samples, recipe)
        reduce_hubness(towers, vectors, recipe.calibration)
    photos = Counter(sample.source for sample in samples)
    try:
        return write_bundle(
            towers,
            folder,
            name=f"ansa-{recipe.architecture}-{recipe.bundle_size}",
            size=recipe.bundle_size,
            max_tokens=recipe.max_tokens,
            dim=recipe.dim,
            tokenizer=tokenizer,
            parts=parts_of(recipe),
            training={"recipe": file.name, "steps": step, "photos": dict(photos)},
        )
    except ValueError as error:
        raise TrainingError(f"{file}: {error}") from error


def _lost(recipe: Recipe) -> list[str]:
    raise TrainingError(
        f"{recipe.folder}: the vocabulary of the run, tokenizer.json, is gone; without it the "
        "checkpoint is of no use"
    )
