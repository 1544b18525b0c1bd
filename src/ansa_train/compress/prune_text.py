"""Pruning of a bundle's text network: zeros grow while it learns to say what it said.

    ansa train prune RECIPE.toml

Zhu and Gupta, "To prune, or not to prune" (2018): the smallest weights become zero, a few more
every some steps, fast at first and ever more slowly, and stay zero. Meanwhile the network is held
to what it was: of every text, its vector and which photos it is nearest to (distillation: Hinton et
al., 2015). No labels are needed, and photos only as the vectors that the bundle has for them.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.atomic_write import write_atomically
from ansa.model.bundle import Bundle
from ansa.taxonomy.tree import FILE, Concept, Tree
from ansa_train.compress.fake_quant import BFloat16Text, FakeQuantization
from ansa_train.compress.weight_masks import WeightMasks, inputs, sparsity
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.data.labels.class_prompts import TEMPLATES, sentence
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.pictures import WholePhotos
from ansa_train.errors import TrainingError
from ansa_train.evaluate.retrieval import recall
from ansa_train.export.load_text_encoder import load_text_encoder, read, read_graph, tokens_of
from ansa_train.export.text_int8 import CALIBRATION, export_text_int8
from ansa_train.models.feature_taps import FeatureTaps
from ansa_train.models.presets import build_text
from ansa_train.models.text_encoder import TextTower
from ansa_train.output_files import check_run
from ansa_train.settings import Range, RecipeFile, Share
from ansa_train.taxonomy.build import Entry, concept_list, entries
from ansa_train.train.training_loop import run_training_loop

NAME = "text.json"
NETWORK = "text.onnx"
WARM_UP = 20
"""Steps over which the rate rises to its peak."""

Reading = Callable[[TextTower, Tensor, Tensor], Tensor]
"""A network, ids and mask -> vectors (n, d)."""


@dataclass(frozen=True, slots=True)
class TextPruningRecipe(RecipeFile):
    """Every setting of a pruning run, with its default.

    Attributes:
        data: folder of the photos whose captions it is held to.
        folder: where checkpoint, curves and the pruned network go.
        cache: where the photos' vectors are kept, as for heads.
        bundle: whose text network it is; not one that was pruned before.
        text: that network's name in :mod:`ansa_train.models.presets`.
        sparsity: share of the weights of matrices that become zero, 0..1.
        tables: the share in look-up tables is ``sparsity`` to the power of this. They bear more
            zeros than the layers, which make up for it; 1 treats them alike.
        steps: optimizer steps; 0 prunes at once and learns nothing.
        ramp: share of the steps over which zeros grow.
        whole: share of the steps, the last, in which products are in whole numbers.
        every: steps between two cuts.
        captions: texts a step.
        words: short texts a step, half of them of what photos are searched for, half from the words
            of the tokenizer, so that rare rows count too.
        photos: among which a text's nearest are told, each step others.
        scale: inverse temperature at which they are told.
        rate: peak learning rate of AdamW; it warms up and falls as a cosine.
        average: decay of the moving average of weights that is measured and kept.
        save_every: steps between checkpoints, and measurements on dev photos.
        seed: of everything random.
    """

    data: Path
    folder: Path
    cache: Path
    bundle: Path
    text: str = "minilm"
    sparsity: Annotated[float, Range(0, below=1)] = 0.4
    tables: float = 0.55
    steps: int = 1100
    ramp: float = 0.3
    whole: Share = 0.6
    every: int = 5
    captions: int = 48
    words: int = 80
    photos: int = 2048
    scale: float = 40.0
    rate: float = 3e-4
    average: float = 0.97
    save_every: int = 100
    seed: int = 0


def prune_text(recipe: TextPruningRecipe) -> dict[str, Any]:
    """Prunes to the recipe's last step, from its last checkpoint if there is one.

    Leaves ``text.onnx``, with products in int8, and ``text.json`` in the recipe's folder.

    Returns:
        what ``text.json`` says: zeros, bytes, and recall on the dev photos of the network as it
        was, pruned, and as it ships.

    Raises:
        TrainingError: the recipe, its photos, its bundle or its checkpoint cannot be used, or a
            loss is not finite; the message says what helps.
    """
    check_run(recipe.folder, NAME, [NETWORK, "tokenizer.json"])
    run = Pruning(recipe)
    tower = run.learn()
    text = run.bundle.manifest.text
    data = shipped(run, tower)
    write_atomically(recipe.folder / NETWORK, data)
    made = {
        "replaces": run.digest,
        "sparsity": round(sparsity(tower), 4),
        "steps": recipe.steps,
        "metrics": {
            "before": run.recall(partial(read, run.dense, run.tokens)),
            "pruned": run.recall(partial(read, tower, run.tokens)),
            "shipped": run.recall(partial(read_graph, data, text.inputs, run.tokens)),
        },
        "bytes": len(data),
    }
    write_atomically(recipe.folder / NAME, json.dumps(made, indent=1) + "\n")
    return made


def shipped(run: Pruning, tower: TextTower) -> bytes:
    """Exports a tower as the graph that goes into a bundle, with products in int8."""
    text = run.bundle.manifest.text
    batches = (run.tokens([caption]) for caption in run.texts.some(CALIBRATION))
    return export_text_int8(tower, text.max_tokens, text.inputs, batches)


class Pruning:
    """One run: the dense network, and the sparse one that is made of it.

    Attributes:
        bundle: whose text network it is.
        dense: that network.
        digest: sha256 of its file.
    """

    def __init__(self, recipe: TextPruningRecipe) -> None:
        self.recipe = recipe
        self.bundle = Bundle.open(recipe.bundle)
        self.digest = sha256(self.bundle.read(self.bundle.manifest.text.file)).hexdigest()
        self.tokens = tokens_of(self.bundle, recipe.folder)
        self.dense = _shape(recipe.text, self.bundle)
        load_text_encoder(self.bundle, self.dense, self.tokens)
        self._branches = FeatureTaps(self.bundle, ("embedding",))

    def photos(self, split: Split) -> tuple[list[Sample], Tensor]:
        """The photos of a split, and their vectors (n, d) by the bundle's image network."""
        samples = read_pack(self.recipe.data, [split])
        cache = FeatureTapCache(
            self.recipe.cache / "branches", WholePhotos(samples), self._branches
        )
        return samples, cache.rows(["embedding"], range(len(samples)))[0]

    @cached_property
    def texts(self) -> DistillationTexts:
        """The texts that the network is distilled on.

        Raises:
            TrainingError: there is no training photo with captions.
        """
        return DistillationTexts(self)

    @cached_property
    def _dev(self) -> tuple[Tensor, list[str], list[int]]:
        samples, vectors = self.photos("dev")
        rows = [i for i, sample in enumerate(samples) if sample.captions]
        said = [(place, c) for place, i in enumerate(rows) for c in samples[i].captions]
        return vectors[rows], [c for _, c in said], [place for place, _ in said]

    def recall(self, texts: Callable[[Sequence[str]], Tensor]) -> dict[str, float]:
        """Recall@1, 5 and 10 on the captioned dev photos, in percent; empty if there are none."""
        images, captions, owners = self._dev
        if not captions:
            return {}
        found = recall(images.numpy(), texts(captions).numpy(), np.array(owners))
        return {name: round(value, 2) for name, value in found.items()}

    def learn(self) -> TextTower:
        """Trains to the last step, and returns the averaged network."""
        recipe = self.recipe
        tower = copy.deepcopy(self.dense).requires_grad_(True)
        strengths = inputs(self.dense, self.tokens, self.texts.some(CALIBRATION))
        masks = WeightMasks(tower, recipe.sparsity, recipe.tables, strengths)
        identity = {"prunes": self.digest} | {
            each.name: getattr(recipe, each.name)
            for each in fields(recipe)
            if each.name not in {"data", "folder", "cache", "bundle", "save_every"}
        }

        def losses(step: int) -> dict[str, Tensor]:
            if step % recipe.every == 0:
                masks.cut(self._grown(step))
            whole = step >= (1.0 - recipe.whole) * recipe.steps
            return self._losses(tower, self._rounding if whole else _halved, step)

        def resumed(step: int) -> None:
            masks.cut(self._grown(max(0, step - 1) // recipe.every * recipe.every))

        def measure(averaged: TextTower) -> Mapping[str, float]:
            kept = masks.apply(copy.deepcopy(averaged))
            return self.recall(partial(read, kept, self.tokens))

        averaged = run_training_loop(
            tower,
            recipe,
            identity,
            losses,
            warm_up=WARM_UP,
            samples=recipe.captions + recipe.words,
            begin=resumed,
            changed=lambda: masks.apply(tower),
            measure=measure,
        )
        masks.cut(1.0)
        return masks.apply(averaged).eval()

    @cached_property
    def _rounding(self) -> FakeQuantization:
        return FakeQuantization(self.dense, self.tokens, self.texts.some(CALIBRATION))

    def _losses(self, tower: TextTower, reading: Reading, step: int) -> dict[str, Tensor]:
        """How far a step's texts are from what the dense network says of them."""
        captions, words, photos = self.texts.batch(step)
        kinds = [self.tokens(texts) for texts in (captions, words) if texts]  # of like lengths
        with torch.no_grad():
            wanted = torch.cat([_halved(self.dense, *tokens) for tokens in kinds])
        given = torch.cat([reading(tower, *tokens) for tokens in kinds])
        scale = self.recipe.scale
        nearest = F.kl_div(
            F.log_softmax(scale * given @ photos.T, dim=-1),
            F.log_softmax(scale * wanted @ photos.T, dim=-1),
            reduction="batchmean",
            log_target=True,
        )
        return {"vectors": 10.0 * (1.0 - (given * wanted).sum(1)).mean(), "photos": nearest}

    def _grown(self, step: int) -> float:
        """The share of the zeros wanted in the end that stand at a step: the cubic schedule."""
        ramp = max(1.0, self.recipe.ramp * self.recipe.steps)
        return 1.0 - (1.0 - min(1.0, step / ramp)) ** 3


class DistillationTexts:
    """The texts that the sparse network is distilled on: captions, and words in short sentences."""

    def __init__(self, run: Pruning) -> None:
        self._recipe = run.recipe
        samples, self._vectors = run.photos("train")
        self._said = [(i, sample.captions) for i, sample in enumerate(samples) if sample.captions]
        if not self._said:
            raise TrainingError(f"{run.recipe.data} holds no training photo with captions")
        known = run.tokens.tokenizer.get_vocab()
        self._words = sorted(word for word in known if word.isalpha() and len(word) > 2)
        self._things = _things(run.bundle)

    def some(self, count: int) -> list[str]:
        """Draws captions, spread over all photos."""
        every = max(1, len(self._said) // count)
        return [captions[0] for _, captions in self._said[::every]]

    def batch(self, step: int) -> tuple[list[str], list[str], Tensor]:
        """Captions, words in sentences, and photos (n, d), some of them the captions' own.

        They follow from the step alone.
        """
        recipe = self._recipe
        rng = random.Random(f"{recipe.seed} {step}")  # noqa: S311 - reproducible, not secret
        said = rng.sample(self._said, min(recipe.captions, len(self._said)))
        half = recipe.words // 2
        words = rng.sample(self._words, min(recipe.words - half, len(self._words)))
        words += rng.sample(self._things, min(half, len(self._things)))
        texts = [rng.choice(captions) for _, captions in said]
        named = [sentence(word, rng.choice(TEMPLATES)) for word in words]
        others = max(0, min(recipe.photos, len(self._vectors)) - len(said))
        rows = [row for row, _ in said] + rng.sample(range(len(self._vectors)), others)
        return texts, named, self._vectors[rows]


def _things(bundle: Bundle) -> list[str]:
    """What photos are searched for, by all names of it: the bundle's tags, or else our own list."""
    if FILE in bundle.manifest.files:
        concepts: Iterable[Concept | Entry] = Tree.parse(bundle.read(FILE))
    else:
        concepts = entries(concept_list())
    return sorted({name for each in concepts for name in (each.name, *each.synonyms)})


def _shape(name: str, bundle: Bundle) -> TextTower:
    try:
        tower = build_text(name, bundle.manifest.heads["embedding"].shape[0])
    except ValueError as error:
        raise TrainingError(str(error)) from error
    return tower.eval().requires_grad_(False)


def _halved(tower: TextTower, ids: Tensor, mask: Tensor) -> Tensor:
    vectors: Tensor = BFloat16Text(tower)(ids, mask)
    return vectors
