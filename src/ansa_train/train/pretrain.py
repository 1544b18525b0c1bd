"""Pretraining, from a recipe to a checkpoint that ``ansa export`` makes a bundle of.

    ansa train pretrain RECIPE.toml
    torchrun --nproc-per-node 8 -m ansa train pretrain RECIPE.toml

The same code does both: :mod:`ansa_train.distributed` knows how many processes there are, the
networks and losses do not. A step, in :meth:`Pretraining.train_step`:

1. a :class:`~ansa_train.data.batch.BatchSource` gives this process's share of photos and captions;
2. both networks turn them into features and vectors (:mod:`ansa_train.train.precision`), in parts
   if memory is short (:mod:`ansa_train.train.grad_cache`);
3. the objective (:mod:`ansa_train.train.objectives`) turns those into losses, each in a file of its
   own with its paper (:mod:`ansa_train.losses`);
4. gradients are averaged over the processes, clipped and followed.

Whatever is random in a step follows from the seed and the number of the step, so a run that was
stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from ansa_train import checkpoint
from ansa_train.data.batch import Batch
from ansa_train.data.caption_embeddings import CaptionEmbeddings
from ansa_train.data.datasets import TrainingPhotos
from ansa_train.data.text_feature_cache import TextFeatureCache
from ansa_train.distributed import Processes, WorkerLost, processes
from ansa_train.errors import TrainingError
from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.presets import text_preset
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe
from ansa_train.train import grad_cache
from ansa_train.train.build_model import build_model, freeze, move, tokenizer
from ansa_train.train.ema import update
from ansa_train.train.metrics_log import MetricsLog, TrainingProgress
from ansa_train.train.objectives.build import build_objective
from ansa_train.train.objectives.objective import Objective
from ansa_train.train.precision import MixedPrecisionEncoder, scaler
from ansa_train.train.validation import dev_losses, dev_recall

REFRESH_EVERY = 20
"""Steps after which all class sentences are embedded anew."""

COVARIANCE_BATCHES = 24
"""Steps' worth of photos from which the covariance of features is taken before the first step."""

MOST_BAD_STEPS = 20
"""Steps in a row whose numbers may be too large for float16 while its scale settles."""


BuildObjective = Callable[
    [Recipe, Towers, nn.Linear, TrainingPhotos, CaptionEmbeddings | None, Processes], Objective
]
"""Makes the objective of a run, as :func:`build_objective` does."""


def pretrain(recipe: Recipe, build: BuildObjective = build_objective) -> dict[str, Any]:
    """Trains to the recipe's last step, from its last checkpoint if there is one.

    Args:
        recipe: every setting.
        build: makes the objective.

    Returns:
        steps done, photos seen a second, photos that could not be opened, and the last evaluation,
        as JSON-ready values.

    Raises:
        TrainingError: the recipe, its photos or its checkpoint cannot be used, a loss is not
            finite, the disk is full, or another process was lost; the message says what helps.
    """
    try:
        with processes(recipe.timeout) as among:
            return Pretraining(recipe, among, build).run()
    except WorkerLost as lost:
        found = checkpoint.last(recipe.folder)
        stands = "there is no checkpoint yet"
        if found:
            stands = f"{found[0]} of step {found[1]['step']} stands"
        raise WorkerLost(f"{lost}; {stands}: run the same command again to go on") from lost


class Pretraining:
    """One run of one process: photos, networks, objective, optimizer, and the loop over steps.

    Args:
        recipe: every setting.
        among: the processes.
        build: makes the objective.
    """

    def __init__(
        self,
        recipe: Recipe,
        among: Processes | None = None,
        build: BuildObjective = build_objective,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.among = recipe, among or Processes()
        self.step = 0
        recipe.folder.mkdir(parents=True, exist_ok=True)
        saved = self._saved()
        photos = TrainingPhotos(recipe, self.among)
        self.towers, classifier = build_model(recipe)
        backbone = self.towers.image.backbone
        reads = recipe.reads_text
        with self.among.first_before_others():
            self.tokens = tokenizer(recipe, photos.captions) if reads else None
        move(self.towers, self.among.device)
        entry = freeze(recipe, self.towers)
        # Only a text network that was trained before tells what captions mean.
        trained = recipe.warm_start and text_preset(recipe.text).start
        knows = self.tokens if trained else None
        self.summaries: TextFeatureCache | None = None
        if knows and recipe.frozen_layers >= len(self.towers.text.layers):
            folder = recipe.cache or recipe.folder
            self.summaries = TextFeatureCache(self.towers.text, knows, folder, recipe.dropout)
        meanings = CaptionEmbeddings(self.towers.text, knows, self.summaries) if knows else None
        positions = (saved or {}).get("ranks", [])
        self.source = photos.source(backbone, entry, positions, meanings)
        self.objective = build(recipe, self.towers, classifier, photos, meanings, self.among)
        # What is saved, averaged and exported: without text there is only the backbone.
        self.model: nn.Module = self.towers
        if not reads:
            self.model = nn.ModuleDict({"image": nn.ModuleDict({"backbone": backbone})})
        self.averaged = copy.deepcopy(self.model).requires_grad_(False).eval()

        self.networks = MixedPrecisionEncoder(
            backbone,
            self.towers.text if reads else None,
            self.source.entry,
            recipe.precision_image,
            recipe.precision_text,
        )
        backbone.recompute = self.towers.text.recompute = recipe.checkpointing
        self.deep = [p for p in backbone.parameters() if p.requires_grad]
        self.loose = [
            *self.towers.image.project.parameters(),
            *self.towers.scales.parameters(),
            *self.objective.own.parameters(),
        ]
        self.groups = self._parameter_groups()
        self.optimizer = torch.optim.AdamW(
            self.groups, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
        )
        self.scaler = scaler(self.among.device, recipe.precision_image, recipe.precision_text)
        self.bad_steps = 0
        if saved:
            with checkpoint.loadable(recipe.folder):
                self._restore(saved)
        self.tuning = self.step >= recipe.align_steps
        self._wrap()
        if recipe.weight_targets and not saved:
            self.objective.prepare(self._features())

    @torch.no_grad()
    def _features(self) -> Tensor:
        """The features (n, f) of this process's share of the photos of the first steps."""
        parts = []
        for step in range(COVARIANCE_BATCHES):
            batch = self.source.batch(random.Random(f"{self.recipe.seed} prepare {step}"))  # noqa: S311
            images = batch.images.to(self.among.device)
            parts.append(self.networks.image.from_block(images, self.source.entry).float())
        return torch.cat(parts)

    def _parameter_groups(self) -> list[dict[str, Any]]:
        """Parameters with their peak rate and the step at which they begin to learn."""
        recipe, towers = self.recipe, self.towers
        text_project = towers.text.head()
        own = list(self.objective.own.parameters())
        image = list(towers.image.project.parameters())
        project = [p for p in own if p.ndim]
        known = {id(p) for p in text_project}
        text = [p for p in towers.text.parameters() if p.requires_grad and id(p) not in known]
        groups: list[dict[str, Any]] = [
            {"params": self.deep, "peak": recipe.rate_backbone, "start": recipe.align_steps}
        ]
        if self.networks.text is not None:
            project += text_project
            scales = [*towers.scales.parameters(), *(p for p in own if not p.ndim)]
            groups += [
                {"params": text, "peak": recipe.rate_text},
                {"params": scales, "peak": recipe.rate_project, "weight_decay": 0.0},
            ]
        groups.append({"params": image, "peak": recipe.rate_image or recipe.rate_project})
        groups.append({"params": project, "peak": recipe.rate_project})
        return [{"start": 0, "lr": 0.0} | group for group in groups if group["params"]]

    # The loop

    def run(self) -> dict[str, Any]:
        """Trains to the last step, or to ``stop``.

        Returns:
            the step, photos a second, how many photos could not be opened, and the metrics on dev.
        """
        recipe, first = self.recipe, self.among.first
        last = recipe.steps if recipe.stop is None else recipe.stop
        curves = (
            MetricsLog(recipe.folder, self.step, tensorboard=recipe.tensorboard) if first else None
        )
        progress = TrainingProgress(self.step, last, self.source.size, shown=first)
        dev: dict[str, float] = {}
        while self.step < last:
            if self.step % REFRESH_EVERY == 0 or self.objective.stale:
                self.objective.refresh(self.read, self._rng("refresh"))
            losses = self.train_step()
            self.step += 1
            update(self.averaged, self.model, recipe.average, self.step)
            progress.show(self.step, losses)
            if curves:
                curves.add("losses", self.step, losses)
            if self.step % recipe.evaluate_every == 0 or self.step == last:
                self._save()
                dev = self.evaluate()
                if curves and dev:
                    curves.add("dev", self.step, dev)
                    shown = " ".join(f"{name} {value:.2f}" for name, value in dev.items())
                    progress.say(f"{progress.line(self.step, losses)}; dev: {shown}")
        if curves:
            curves.close()
        return {
            "step": self.step,
            "photos_per_second": round(progress.rate, 1),
            "failed": sum(self.among.collect(self.source.failed())),
            "dev": dev,
        }

    def train_step(self) -> dict[str, float]:
        """Trains one step. The losses are means over the photos of all processes.

        Raises:
            TrainingError: a loss or a gradient is not finite.
        """
        rng, objective = self._rng("batch"), self.objective
        torch.manual_seed(self._rng(f"dropout {self.among.rank}").getrandbits(63))
        self._schedule()
        batch = self.source.batch(rng).to(self.among.device)
        classes = objective.choose(batch, rng)
        sentences = self.among.share(objective.sentences(classes, rng))
        losses: dict[str, Tensor] = {}

        def total(features: Tensor, *texts: Tensor) -> Tensor:
            captions, fresh = texts or (features[:0], features[:0])
            losses.update(objective.losses(batch, classes, rng, features, captions, fresh))
            weighted = [objective.weights[name] * loss for name, loss in losses.items()]
            return self.scaler.scale(torch.stack(weighted).sum())

        self.optimizer.zero_grad()
        grad_cache.backward(self.encode, self._parts(batch, sentences), total)
        self.among.average_gradients(self.loose)
        shown = self.among.average(losses)
        self._follow(shown)
        return shown

    def _parts(self, batch: Batch, sentences: Sequence[str]) -> list[tuple[Tensor, ...]]:
        """What the networks take, in parts of at most ``micro_batch`` photos each."""
        most = self.recipe.micro_batch or len(batch.images)
        count = max(1, math.ceil(len(batch.images) / most))
        images = batch.images
        if images.ndim == 4:
            images = images.contiguous(memory_format=torch.channels_last)
        columns: list[list[tuple[Tensor, ...]]] = [[(part,) for part in _split(images, count)]]
        if self.tokens is not None:
            for said, hidden in ((batch.captions, self.recipe.token_dropout), (sentences, 0.0)):
                ids, mask = self._tokenise(said, hidden, learning=True)
                pairs = zip(_split(ids, count), _split(mask, count), strict=True)
                columns.append([_trimmed(*pair) for pair in pairs])
        return [tuple(chain.from_iterable(part)) for part in zip(*columns, strict=True)]

    def _tokenise(
        self, sentences: Sequence[str], hidden: float = 0.0, *, learning: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Ids and mask, a share of the tokens hidden, never the first or last of a sentence.

        Where no layer learns, what they make of the sentences, and a mask without meaning.
        """
        assert self.tokens is not None
        if self.summaries is not None:
            rows = self.summaries(sentences, learning=learning)
            return rows, torch.ones(len(rows), 1, dtype=torch.int64, device=rows.device)
        if not sentences:
            none = torch.zeros(0, 1, dtype=torch.int64, device=self.among.device)
            return none, none
        ids, mask = self.tokens(sentences)
        if hidden:
            kept = torch.rand(mask.shape) >= hidden
            kept[:, 0] = True
            kept[torch.arange(len(mask)), mask.sum(1) - 1] = True
            mask = mask * kept
        return ids.to(self.among.device), mask.to(self.among.device)

    def _follow(self, losses: dict[str, float]) -> None:
        """Clips the gradients and steps the optimizer; raises an error on NaN or infinity."""
        scaled = self.scaler.is_enabled()
        if not scaled:
            _finite(losses, self.step)
        self.scaler.unscale_(self.optimizer)
        norms = {
            f"gradient {i}": float(nn.utils.clip_grad_norm_(group["params"], 5.0))
            for i, group in enumerate(self.optimizer.param_groups)
        }
        if not scaled:
            _finite(norms, self.step)
        before = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.bad_steps = self.bad_steps + 1 if self.scaler.get_scale() < before else 0
        if self.bad_steps > MOST_BAD_STEPS:
            raise TrainingError(
                f"step {self.step}: {self.bad_steps} steps in a row overflowed float16; lower the "
                "rates or set the precisions to bf16"
            )

    def _schedule(self) -> None:
        """Warm up, then fall as a cosine; anneal the activations; let the backbone in."""
        recipe, step = self.recipe, self.step
        for group in self.optimizer.param_groups:
            since = step - group["start"]
            warm = min(1.0, max(0, since + 1) / 30)
            done = max(0.0, since / max(1, recipe.steps - group["start"]))
            group["lr"] = group["peak"] * warm * (0.505 + 0.495 * math.cos(math.pi * done))
        for activation in self.networks.image.activations():
            activation.blend = recipe.blend(step)
        if self.tuning != (step >= recipe.align_steps):
            self.tuning = True
            self._wrap()

    def _wrap(self) -> None:
        """Share gradients of what learns now: aligning leaves the backbone alone."""
        for parameter in self.deep:
            parameter.requires_grad_(self.tuning)
        self.encode = self.among.wrap(self.networks)

    def evaluate(self) -> dict[str, float]:
        """The metrics of the averaged weights on the dev photos."""
        averaged, recipe = self.averaged, self.recipe
        backbone = averaged.get_submodule("image.backbone")
        assert isinstance(backbone, ImageEncoder)
        for activation in backbone.activations():
            activation.blend = recipe.blend(self.step - 1)
        precisions = recipe.precision_image, recipe.precision_text
        if not isinstance(averaged, Towers):
            encode = MixedPrecisionEncoder(backbone, None, self.source.entry, *precisions)
            return dev_losses(self.source, lambda x: encode(x)[0], self.objective, self.among)
        encode = MixedPrecisionEncoder(backbone, averaged.text, self.source.entry, *precisions)
        return dev_recall(
            self.source,
            lambda images: averaged.image.embed(encode(images)[0]),
            partial(self.read, encode=encode),
            self.among,
        )

    @torch.no_grad()
    def read(self, sentences: Sequence[str], encode: MixedPrecisionEncoder | None = None) -> Tensor:
        """Vectors (n, dim) of sentences, without gradients, from the trained weights by default."""
        encode = encode or self.networks
        chunks = [sentences[i : i + 256] for i in range(0, len(sentences), 256)] or [[]]
        return torch.cat([encode.read(*self._tokenise(chunk)) for chunk in chunks])

    def _rng(self, purpose: str) -> random.Random:
        """Random numbers that depend on the step alone, so that a resumed run draws the same."""
        return random.Random(f"{self.recipe.seed} {purpose} {self.step}")  # noqa: S311

    # The checkpoint

    def _save(self) -> None:
        ranks = self.among.collect(self.source.position())
        if not self.among.first:
            return
        if self.summaries is not None:
            self.summaries.save()
        own = self.objective.own.state_dict()
        classifier = {n.partition(".")[2]: t for n, t in own.items() if n.startswith("classifier.")}
        state = {
            "identity": self.recipe.identity(),
            "step": self.step,
            "towers": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "classifier": classifier,
            "own": own,
            "objective": self.objective.state(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "bad_steps": self.bad_steps,
            "ranks": ranks,
        }
        checkpoint.save(self.recipe.folder, state)

    def _saved(self) -> dict[str, Any] | None:
        """The state the run was left in; None at its beginning."""
        found = checkpoint.last(self.recipe.folder)
        if found is None:
            return None
        checkpoint.same_run(*found, self.recipe.identity())
        return found[1]

    def _restore(self, state: dict[str, Any]) -> None:
        self.step, self.bad_steps = state["step"], state["bad_steps"]
        self.model.load_state_dict(state["towers"])
        self.averaged.load_state_dict(state["averaged"])
        self.objective.own.load_state_dict(state["own"])
        self.objective.restore(state["objective"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, wanted in zip(self.optimizer.param_groups, self.groups, strict=True):
            group |= {name: wanted[name] for name in ("peak", "start")}  # of the present recipe
        self.scaler.load_state_dict(state["scaler"])


def _split(tensor: Tensor, count: int) -> Sequence[Tensor]:
    """``count`` parts of equal length up to one, some empty if there are fewer rows."""
    return torch.tensor_split(tensor, count)


def _trimmed(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Without the columns that are padding in every row."""
    if ids.is_floating_point():
        return ids, mask
    longest = int(mask.any(0).nonzero().max()) + 1 if len(mask) else 1
    return ids[:, :longest], mask[:, :longest]


def _finite(values: dict[str, float], step: int) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise TrainingError(
                f"step {step}: {name} is {value}; lower the rates, or look for a photo or caption "
                "that cannot be right; the last checkpoint stands"
            )
