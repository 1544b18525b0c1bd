"""Tunes the projection of a bundle's text network; the vectors of photos stay as they are.

    ansa train text RECIPE.toml

Zhai et al., "LiT: Zero-Shot Transfer with Locked-image text Tuning" (2022). The layers of the text
network stay, too: what learns is what leads from them to the shared space. It learns

- to find the photo of a caption, by contrast;
- to place the classes of the classifier that the backbone comes from where its opinion of photos
  is read best (:mod:`ansa_train.losses.linear_reading`), and to share its opinion of photos;
- to say of captions what it said before.

Photos that were indexed with the bundle need not be looked at again.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.atomic_write import write_atomically
from ansa.model.bundle import Bundle
from ansa_train.data.caption_text import sentences
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.data.labels.imagenet_names import ImagenetNames
from ansa_train.data.pack import Sample, read_pack
from ansa_train.data.photo_selection import limit_per_source
from ansa_train.data.pictures import WholePhotos
from ansa_train.data.text_feature_cache import TextFeatureCache
from ansa_train.errors import TrainingError
from ansa_train.evaluate.forgetting import zero_shot
from ansa_train.evaluate.retrieval import recall
from ansa_train.export.load_text_encoder import load_text_network, read_graph, tokens_of
from ansa_train.export.text_int8 import CALIBRATION, export_text_int8
from ansa_train.losses.classifier_targets import pull
from ansa_train.losses.distillation import distillation
from ansa_train.losses.infonce import infonce, soft_targets
from ansa_train.losses.linear_reading import linear_reading
from ansa_train.models.feature_taps import FeatureTaps
from ansa_train.models.mobilenet import Backbone, normalise
from ansa_train.models.presets import build_text, image_preset
from ansa_train.models.text_encoder import TextTower
from ansa_train.models.warm_start import efficientnet_lite
from ansa_train.output_files import check_run
from ansa_train.settings import NotNegative, Positive, RecipeFile, Share
from ansa_train.train.objectives.image_text import SOFT_TEMPERATURE
from ansa_train.train.training_loop import run_training_loop

NAME = "text.json"
NETWORK = "text.onnx"
WARM_UP = 30
"""Steps over which the rate rises to its peak."""

CLIP = 5.0
"""Greatest length of the gradient."""

ALIKE = 0.98
"""Least cosine between the features of the bundle and of the network that its backbone is."""

Read = Callable[[Sequence[str]], Tensor]
"""Sentences -> unit vectors (n, d)."""


@dataclass(frozen=True, slots=True)
class TextProjectionRecipe(RecipeFile):
    """Every setting of a run, with its default.

    Attributes:
        data: folder of the photos.
        folder: where checkpoint, curves and the tuned network go.
        cache: where features of photos and sentences are kept, as for heads.
        bundle: whose text network it is; its arithmetic may be in whole numbers.
        text: that network's name in :mod:`ansa_train.models.presets`.
        start: the image network, by its name there, whose classifier teaches; the bundle's backbone
            must still be what that network starts from.
        held_out: sources of which nothing is learned; names are measured on them.
        most: photos without captions taken of every other source; 0 for all.
        steps: optimizer steps.
        captions: captioned photos a step, one caption each.
        others: photos a step on which the classifier's opinion is asked for.
        softness: share of a caption's target that goes to photos with similar captions.
        dropout: share of what the layers give for a caption that is hidden from the projection. For
            class sentences nothing is hidden, so that they are learned by heart.
        scale: inverse temperature of captions.
        scale_classes: inverse temperature of classes.
        weight_targets, weight_teacher, weight_kept: of the losses; captions count 1. The classes'
            distance from their targets, the classifier's opinion of photos, and what captions said.
        rate: peak learning rate of AdamW; it warms up and falls as a cosine.
        weight_decay: of AdamW.
        average: decay of the moving average of weights that is measured and kept.
        save_every: steps between checkpoints, and measurements on dev photos.
        seed: of everything random.
    """

    data: Path
    folder: Path
    cache: Path
    bundle: Path
    text: str = "minilm-wide"
    start: str = "efficientnet-lite0-rich"
    held_out: tuple[str, ...] = ()
    most: NotNegative = 150
    steps: Positive = 700
    captions: Positive = 512
    others: NotNegative = 512
    softness: Share = 0.3
    dropout: Share = 0.25
    scale: float = 30.0
    scale_classes: float = 36.0
    weight_targets: float = 10.0
    weight_teacher: float = 3.0
    weight_kept: float = 6.0
    rate: float = 1e-3
    weight_decay: float = 0.1
    average: Share = 0.985
    save_every: Positive = 100
    seed: int = 0


def tune_text(recipe: TextProjectionRecipe) -> dict[str, Any]:
    """Tunes to the recipe's last step, from its last checkpoint if there is one.

    Leaves ``text.onnx``, with products in int8, and ``text.json`` in the recipe's folder;
    ``ansa export BUNDLE OUT --text FOLDER`` puts it into the bundle.

    Returns:
        what ``text.json`` says: bytes, and figures on dev photos before and after.

    Raises:
        TrainingError: the recipe, its photos, its bundle or its checkpoint cannot be used, or a
            loss is not finite; the message says what helps.
    """
    check_run(recipe.folder, NAME, [NETWORK, "tokenizer.json"])
    run = Tuning(recipe)
    tower = run.learn()
    text = run.bundle.manifest.text
    batches = (run.tokens([caption]) for caption in run.captions(CALIBRATION))
    data = export_text_int8(tower, text.max_tokens, text.inputs, batches)
    write_atomically(recipe.folder / NETWORK, data)
    graphs = {"before": run.bundle.read(text.file), "shipped": data}
    made = {
        "replaces": run.digest,
        "steps": recipe.steps,
        "metrics": {
            name: run.figures(partial(read_graph, graph, text.inputs, run.tokens))
            for name, graph in graphs.items()
        },
        "bytes": len(data),
    }
    write_atomically(recipe.folder / NAME, json.dumps(made, indent=1) + "\n")
    return made


class Tuning:
    """One run: photos with their vectors, sentences, and the network.

    Attributes:
        bundle: whose text network it is.
        digest: sha256 of its file.
        tokens: sentences -> ids and mask.
    """

    def __init__(self, recipe: TextProjectionRecipe) -> None:
        self.recipe = recipe
        self.bundle = Bundle.open(recipe.bundle)
        self.digest = sha256(self.bundle.read(self.bundle.manifest.text.file)).hexdigest()
        self.tokens = tokens_of(self.bundle, recipe.folder)
        self._names = ImagenetNames()
        self._tower = self._loaded()
        self._before = copy.deepcopy(self._tower)
        for parameter in self._tower.head():
            parameter.requires_grad_(True)
        self._summaries = TextFeatureCache(self._before, self.tokens, recipe.cache, recipe.dropout)
        self._look()

    def captions(self, count: int) -> list[str]:
        """Draws captions, spread over all photos."""
        return [said[0] for said in self._said[:: max(1, len(self._said) // count)]]

    def learn(self) -> TextTower:
        """Trains to the last step, and returns the averaged network."""
        recipe = self.recipe
        unlike = {"data", "folder", "cache", "bundle", "save_every", "held_out"}
        identity = {"tunes": self.digest} | {
            each.name: getattr(recipe, each.name)
            for each in fields(recipe)
            if each.name not in unlike
        }
        return run_training_loop(
            self._tower,
            recipe,
            identity,
            self._losses,
            weight_decay=recipe.weight_decay,
            warm_up=WARM_UP,
            clip=CLIP,
            samples=recipe.captions,
            measure=self._measure,
        )

    @torch.no_grad()
    def figures(self, read: Read) -> dict[str, float]:
        """Recall on the captioned dev photos, and names on those held out, in percent."""
        captioned = [i for i, sample in enumerate(self._dev) if sample.captions]
        said = [(row, c) for row, i in enumerate(captioned) for c in self._dev[i].captions]
        found = zero_shot(self._dev, self._dev_vectors, read)
        if said:
            images, texts = self._dev_vectors[captioned].numpy(), read([c for _, c in said]).numpy()
            found |= recall(images, texts, np.array([row for row, _ in said]))
        return {name: round(value, 2) for name, value in found.items()}

    def _loaded(self) -> TextTower:
        dim = self.bundle.manifest.heads["embedding"].shape[0]
        try:
            tower = build_text(self.recipe.text, dim).eval().requires_grad_(False)
        except ValueError as error:
            raise TrainingError(str(error)) from error
        load_text_network(self.bundle, tower, self.tokens)
        return tower

    def _look(self) -> None:
        """Vectors of all photos, and what the classifier says of those that are learned from."""
        recipe = self.recipe
        branches = FeatureTaps(self.bundle, ("embedding", "features"))
        classifier = _classifier(recipe.start, branches)

        def looked(samples: Sequence[Sample]) -> list[Tensor]:
            cache = FeatureTapCache(recipe.cache / "branches", WholePhotos(samples), branches)
            return cache.rows(["embedding", "features"], range(len(samples)))

        train = limit_per_source(read_pack(recipe.data, ["train"]), recipe.held_out, recipe.most)
        said = [sentences(sample.captions) for sample in train]
        self._captioned = [row for row, texts in enumerate(said) if texts]
        self._said = [texts for texts in said if texts]
        if not self._said:
            raise TrainingError(f"{recipe.data} holds no training photo with captions")
        self._vectors, features = looked(train)
        with torch.no_grad():
            self._logits = classifier(features)
        self._targets = linear_reading(self._vectors, self._logits)
        self._dev = [
            sample
            for sample in read_pack(recipe.data, ["dev"])
            if (
                self._names.of(sample) >= 0 if sample.source in recipe.held_out else sample.captions
            )
        ]
        self._dev_vectors = looked(self._dev)[0]

    def _measure(self, averaged: TextTower) -> dict[str, float]:
        self._summaries.save()
        return self.figures(partial(self._read, averaged))

    def _read(self, tower: TextTower, texts: Sequence[str]) -> Tensor:
        return tower.from_summary(self._summaries(texts))

    def _losses(self, step: int) -> dict[str, Tensor]:
        """How far a step's captions and classes are from what they should say."""
        recipe, tower = self.recipe, self._tower
        rng = random.Random(f"{recipe.seed} {step}")  # noqa: S311 - reproducible, not secret
        torch.manual_seed(rng.getrandbits(63))
        drawn = rng.sample(range(len(self._said)), min(recipe.captions, len(self._said)))
        captions = [rng.choice(self._said[i]) for i in drawn]
        rows = [self._captioned[i] for i in drawn]
        others = [rng.randrange(len(self._vectors)) for _ in range(recipe.others)]
        photos, asked = self._vectors[rows], [*rows, *others]
        said = tower.from_summary(self._summaries(captions, learning=True))
        names = self._read(tower, self._names.vocabulary.prompts(rng))
        meanings = self._summaries.meanings(captions)
        target = soft_targets(
            torch.eye(len(rows), dtype=torch.bool),
            meanings @ meanings.T,
            recipe.softness,
            SOFT_TEMPERATURE,
        )
        scale = torch.tensor(recipe.scale)
        contrast = infonce(photos, said, photos, said, target, scale)
        opinion = recipe.scale_classes * self._vectors[asked] @ names.T
        with torch.no_grad():
            before = self._before.from_summary(self._summaries(captions))
        return {
            "captions": contrast.mean(),
            "targets": recipe.weight_targets * pull(names, self._targets).mean(),
            "teacher": recipe.weight_teacher * distillation(opinion, self._logits[asked]).mean(),
            "kept": recipe.weight_kept * pull(said, before).mean(),
        }


def _classifier(start: str, branches: FeatureTaps) -> nn.Linear:
    """The classifier of the network that a bundle's backbone still is.

    Raises:
        TrainingError: the backbone is another one, or has learned since.
    """
    try:
        preset = image_preset(start)
        backbone = preset.build()
    except ValueError as error:
        raise TrainingError(str(error)) from error
    if preset.start is None or not isinstance(backbone, Backbone):
        raise TrainingError(f"{start} starts from no network with a classifier; name one that does")
    classifier = efficientnet_lite(preset.start, backbone)
    backbone.eval().fit(branches.size)
    noise = np.random.default_rng(0).integers(0, 256, (1, branches.size, branches.size, 3))
    picture = noise.astype(np.uint8)
    with torch.no_grad():
        wanted = backbone(normalise(torch.from_numpy(picture)))
    seen = torch.from_numpy(branches(picture, ["features"])["features"])
    if seen.shape != wanted.shape or F.cosine_similarity(seen, wanted).item() < ALIKE:
        raise TrainingError(
            f"the backbone of the bundle is not {start} as it starts; its classifier says nothing "
            "of these features: name another start, or tune a bundle whose start was kept"
        )
    return classifier.eval()
