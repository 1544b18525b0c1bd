"""Image-language pretraining from warm starts, small enough for two cores.

The deep half of the image tower and the upper layers of the text tower learn together from
1. captions: contrastive, whole batch of captioned views;
2. a teacher's class distribution over every view, expressed through the text tower;
3. the same for classes no photo shows, on features moved there (:func:`losses.transport`);
4. labels of the photos, as a choice among all label names, through the text tower.
The shallow half is frozen, so its output comes from :class:`~ansa.factory.data.views.Views`.

    python -m ansa.factory.pretrain recipes/pretrain.toml
"""

from __future__ import annotations

import copy
import csv
import math
import random
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.factory import warm_start
from ansa.factory.backbone import Activation, Backbone, fold_norms
from ansa.factory.data.augment import View
from ansa.factory.data.pack import Sample, read_pack
from ansa.factory.data.views import Views
from ansa.factory.data.words import TokenBatches, Vocabulary, imagenet, label_vocabulary
from ansa.factory.evaluate.retrieval import recall
from ansa.factory.losses import contrastive, distillation, soft_identity, transport
from ansa.factory.minilm import MiniLM
from ansa.factory.recipe import Recipe
from ansa.factory.towers import Towers

SOFT_TEMPERATURE = 0.1
"""Captions of one scene have a cosine of about 0.7 under MiniLM, unrelated ones 0.1."""


@dataclass(slots=True)
class ClassTexts:
    """Vectors of all class sentences, most of them a few steps old."""

    vocabulary: Vocabulary
    tokens: TokenBatches
    table: Tensor = field(default_factory=lambda: torch.zeros(0))

    def refresh(self, towers: Towers, rng: random.Random) -> None:
        """Embed one new sentence for every class."""
        with torch.no_grad():
            ids, mask = self.tokens(self.vocabulary.prompts(rng))
            self.table = torch.cat(
                [towers.text(ids[i : i + 256], mask[i : i + 256]) for i in range(0, len(ids), 256)]
            )

    def with_gradients(self, encode: TextEncoder, classes: Tensor, rng: random.Random) -> Tensor:
        """The table (classes, d), fresh and differentiable in the rows of ``classes``."""
        prompts = self.vocabulary.prompts(rng)
        fresh = encode([prompts[c] for c in classes.tolist()])
        table = self.table.index_copy(0, classes, fresh)
        self.table = table.detach()
        return table


@dataclass(slots=True)
class TextEncoder:
    """Sentences -> unit vectors; the frozen lower layers run without gradients."""

    towers: Towers
    tokens: TokenBatches
    frozen_layers: int

    def __call__(self, sentences: list[str], dropout: float = 0.0) -> Tensor:
        """(n, d); ``dropout`` is the share of tokens hidden, never the first of a sentence."""
        ids, mask = self.tokens(sentences)
        if dropout:
            kept = torch.rand(mask.shape) >= dropout
            kept[:, 0] = True
            mask = mask * kept
        text = self.towers.text
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                x = text.hidden(text.embed_tokens(ids), mask, 0, self.frozen_layers)
            x = text.hidden(x, mask, self.frozen_layers, len(text.layers))
        return text.pool(x.float(), mask)


class Pretraining:
    """One run: data, towers, optimizer, and the loop over steps."""

    def __init__(self, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.samples = read_pack(recipe.data, ["train"])
        self.dev = [s for s in read_pack(recipe.data, ["dev"]) if s.captions]
        trunk = Backbone(recipe.architecture)
        warm_start.efficientnet_lite("efficientnet-lite0", trunk)
        shallow = trunk.trunk[: recipe.frozen]
        folder, size = recipe.folder, recipe.image_size
        self.views = Views(folder / "views-train", self.samples, recipe.views, shallow, size)
        self.dev_views = Views(folder / "views-dev", self.dev, [View()], shallow, size)

        self.towers = Towers(recipe.architecture, recipe.text, recipe.dim)
        backbone, text = self.towers.image.backbone, self.towers.text
        assert isinstance(backbone, Backbone)
        assert isinstance(text, MiniLM)
        self.classifier = warm_start.efficientnet_lite("efficientnet-lite0", backbone)
        fold_norms(backbone)  # statistics of a small corpus would only harm the warm start
        warm_start.minilm(text)
        if recipe.start:
            warm_start.earlier_run(recipe.start, self.towers, self.classifier)
        self.deep = nn.ModuleList([backbone.trunk[recipe.frozen :], backbone.last])
        self.deep.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.hard_swish: list[Activation] = list(backbone.activations())

        self.tokens = TokenBatches(recipe.max_tokens)
        self.encode = TextEncoder(self.towers, self.tokens, recipe.frozen_layers)
        names = imagenet()
        choices = {choice for s in self.samples for choice in label_choices(s)}
        self.groups = {
            group: sorted(name for g, name in choices if g == group)
            for group in sorted({g for g, _ in choices})
        }
        labels, self.group_ranges = label_vocabulary(self.groups)
        self.teacher_classes = len(names)
        self.texts = ClassTexts(Vocabulary(names.names + labels.names), self.tokens)
        self.captioned = [i for i, s in enumerate(self.samples) if descriptions(s)]
        self.covariance = torch.zeros(0)
        self.memory: deque[tuple[list[int], Tensor, Tensor]] = deque(maxlen=recipe.memory)
        self.meanings = self._meanings()

        self.trained = self._parameter_groups()
        self.optimizer = torch.optim.AdamW(
            self.trained, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
        )
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.averaged = copy.deepcopy(self.towers).requires_grad_(False)
        self.step = 0

    def _parameter_groups(self) -> list[dict[str, object]]:
        recipe, towers = self.recipe, self.towers
        upper = towers.text.layers[recipe.frozen_layers :]
        return [
            {"params": list(self.deep.parameters()), "lr": recipe.rate_backbone},
            {
                "params": [
                    *towers.image.project.parameters(),
                    *towers.text.project.parameters(),
                    *self.classifier.parameters(),
                ],
                "lr": recipe.rate_project,
            },
            {"params": list(upper.parameters()), "lr": recipe.rate_text},
            {
                "params": list(towers.scales.parameters()),
                "lr": recipe.rate_project,
                "weight_decay": 0.0,
            },
        ]

    def run(self) -> None:
        """Train to the last step, from the last checkpoint if there is one."""
        self._resume()
        started, first = time.monotonic(), self.step
        last = self.recipe.steps if self.recipe.stop is None else self.recipe.stop
        while self.step < last:
            if self.step % 20 == 0 or not len(self.texts.table):
                self.texts.refresh(self.towers, self._rng("refresh"))
            losses = self._train_step()
            self.step += 1
            self._average()
            self._log("losses.csv", {name: round(x.item(), 4) for name, x in losses.items()})
            if self.step % self.recipe.evaluate_every == 0 or self.step == last:
                self._checkpoint()
                self._log("dev.csv", self.evaluate())
            rate = (time.monotonic() - started) / (self.step - first)
            left = rate * (last - self.step) / 60
            shown = " ".join(f"{name} {x.item():.3f}" for name, x in losses.items())
            progress = f"step {self.step}/{self.recipe.steps} {rate:.2f} s/step"
            print(f"{progress}, {left:.0f} min left: {shown}", flush=True)

    def _train_step(self) -> dict[str, Tensor]:
        recipe, rng = self.recipe, self._rng("batch")
        torch.manual_seed(self._rng("dropout").getrandbits(63))
        tuning = self.step >= recipe.align_steps
        self._schedule()
        photos, views, sentences, captioned = self._draw(rng)
        teacher = torch.from_numpy(self.views.teacher[photos, views]).float()
        with torch.set_grad_enabled(tuning):
            features = self._features(photos, views, rng)
        vectors = self.towers.image.embed(F.dropout(features, recipe.dropout))
        captions = self.encode(sentences, recipe.token_dropout)
        classes = self._classes_to_refresh(teacher, photos, rng)
        table = self.texts.with_gradients(self.encode, classes, rng)
        names, labels = table[: self.teacher_classes], table[self.teacher_classes :]
        scale = self.towers.scale

        losses = {
            "captions": self._caption_loss(captioned, vectors[: len(captioned)], captions),
            "teacher": distillation(scale("teacher") * vectors @ names.T, teacher),
            "classifier": distillation(self.classifier(features), teacher),
        }
        moved, target = self._synthesise(features.detach(), classes, rng)
        losses["synthetic"] = distillation(
            scale("teacher") * self.towers.image.embed(moved) @ names.T, target
        )
        losses["labels"] = self._label_loss(vectors, photos, labels)
        total = losses["captions"]
        for name in ("teacher", "classifier", "synthetic", "labels"):
            total = total + getattr(recipe, f"weight_{name}") * losses[name]
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        for group in self.trained:
            nn.utils.clip_grad_norm_(group["params"], 5.0)  # type: ignore[arg-type]
        self.optimizer.step()
        return losses

    def _caption_loss(self, photos: list[int], vectors: Tensor, captions: Tensor) -> Tensor:
        """The contrast between a batch's photos and captions, and the last batches'."""
        known = [p for past, _, _ in self.memory for p in past]
        same = torch.tensor(photos)[:, None] == torch.tensor(known, dtype=torch.int64)
        recipe, meanings = self.recipe, self.meanings
        alike = soft_identity(
            meanings[photos], meanings[known], same, recipe.softness, SOFT_TEMPERATURE
        )
        memory = None
        if known:
            memory = (
                torch.cat([images for _, images, _ in self.memory]),
                torch.cat([texts for _, _, texts in self.memory]),
            )
        loss = contrastive(vectors, captions, alike, self.towers.scale("captions"), memory)
        self.memory.append((photos, vectors.detach(), captions.detach()))
        return loss

    @torch.no_grad()
    def _meanings(self) -> Tensor:
        """What each photo's captions mean together, as MiniLM has it: (samples, width), unit."""
        text = self.towers.text
        meanings = torch.zeros(len(self.samples), text.width)
        sentences = [(i, s) for i in self.captioned for s in descriptions(self.samples[i])]
        for start in range(0, len(sentences), 256):
            owners, batch = zip(*sentences[start : start + 256], strict=True)
            ids, mask = self.tokens(batch)
            with torch.autocast("cpu", torch.bfloat16):
                x = text.hidden(text.embed_tokens(ids), mask, 0, len(text.layers))
            mean = (x.float() * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
            meanings.index_add_(0, torch.tensor(owners), F.normalize(mean, dim=-1))
        return F.normalize(meanings, dim=-1)

    def _average(self) -> None:
        """Move the averaged towers towards the trained; early on they follow more closely."""
        rate = max(1.0 - self.recipe.average, 1.0 / (self.step + 1))
        with torch.no_grad():
            for mean, now in zip(
                self.averaged.state_dict().values(),
                self.towers.state_dict().values(),
                strict=True,
            ):
                if mean.is_floating_point():
                    mean.lerp_(now, rate)

    def _schedule(self) -> None:
        """Warm up, then fall as a cosine; anneal the activations."""
        recipe, step = self.recipe, self.step
        for group, peak, start in zip(
            self.optimizer.param_groups, self.rates, (recipe.align_steps, 0, 0, 0), strict=True
        ):
            warm = min(1.0, max(0, step - start + 1) / 30)
            done = (step - start) / max(1, recipe.steps - start)
            cosine = 0.5 * (1 + math.cos(math.pi * max(0.0, done)))
            group["lr"] = peak * warm * (0.01 + 0.99 * cosine)
        for activation in self.hard_swish:
            activation.blend = recipe.blend(step)

    def _draw(self, rng: random.Random) -> tuple[list[int], list[int], list[str], list[int]]:
        recipe = self.recipe
        captioned = rng.sample(self.captioned, min(recipe.captioned, len(self.captioned)))
        others = [rng.randrange(len(self.samples)) for _ in range(recipe.others)]
        described = [
            [v for v in self.views.looks(photo) if recipe.views[v].captioned] for photo in captioned
        ]
        views = [rng.choice(looks) for looks in described]
        views += [rng.choice(self.views.looks(photo)) for photo in others]
        sentences = [
            sentence
            for i in captioned
            for sentence in pick(descriptions(self.samples[i]), recipe.captions, rng)
        ]
        return captioned + others, views, sentences, captioned

    def _features(self, photos: list[int], views: list[int], rng: random.Random) -> Tensor:
        """Pooled features of views, the frozen trunk's output randomly cropped and mirrored."""
        trunk = torch.from_numpy(self.views.trunk[photos, views]).float()
        side = rng.choice(self.recipe.crops)
        top, left = (rng.randint(0, trunk.shape[2] - side) for _ in range(2))
        trunk = trunk[:, :, top : top + side, left : left + side]
        if rng.random() < 0.5:
            trunk = trunk.flip(3)
        trunk = trunk.contiguous(memory_format=torch.channels_last)
        return self.towers.image.backbone.from_block(trunk, self.recipe.frozen)

    def _classes_to_refresh(self, teacher: Tensor, photos: list[int], rng: random.Random) -> Tensor:
        """Classes seen in the batch first, then random ones, up to ``prompts`` in all."""
        seen = {int(c) for c in teacher.argmax(-1)}
        seen |= {self.teacher_classes + right for p in photos for _, right in self._labels(p)}
        chosen = rng.sample(sorted(seen), min(len(seen), self.recipe.prompts * 2 // 3))
        rest = [c for c in range(len(self.texts.vocabulary)) if c not in seen]
        chosen += rng.sample(rest, self.recipe.prompts - len(chosen))
        return torch.tensor(chosen)

    def _synthesise(
        self, features: Tensor, classes: Tensor, rng: random.Random
    ) -> tuple[Tensor, Tensor]:
        """Features moved to classes with fresh sentences, and the classifier's view of them."""
        centred = features - features.mean(0)
        covariance = centred.T @ centred / len(features)
        known = len(self.covariance) > 0
        self.covariance = torch.lerp(self.covariance, covariance, 0.02) if known else covariance
        candidates = [c for c in classes.tolist() if c < self.teacher_classes]
        wanted = torch.tensor([rng.choice(candidates) for _ in range(self.recipe.synthetic)])
        picked = torch.tensor([rng.randrange(len(features)) for _ in wanted])
        margin = torch.tensor([rng.uniform(0.5, 5.0) for _ in wanted])
        weight, bias = self.classifier.weight.detach(), self.classifier.bias.detach()
        moved = transport(features[picked], wanted, weight, bias, self.covariance, margin)
        return moved, moved @ weight.T + bias

    def _labels(self, photo: int) -> list[tuple[range, int]]:
        """For each choice a photo's labels make: the label names it is among, and the right one."""
        found = []
        for group, name in label_choices(self.samples[photo]):
            among = self.group_ranges[group]
            found.append((among, among[self.groups[group].index(name)]))
        return found

    def _label_loss(self, vectors: Tensor, photos: list[int], labels: Tensor) -> Tensor:
        """Cross entropy of each labelled photo's choice among the names of its group."""
        choices = [(row, c) for row, photo in enumerate(photos) for c in self._labels(photo)]
        if not choices:
            return vectors.sum() * 0.0
        rows = torch.tensor([row for row, _ in choices])
        logits = self.towers.scale("labels") * vectors[rows] @ labels.T
        allowed = torch.zeros(logits.shape, dtype=torch.bool)
        for i, (_, (among, _)) in enumerate(choices):
            allowed[i, among.start : among.stop] = True
        target = torch.tensor([right for _, (_, right) in choices])
        return F.cross_entropy(logits.masked_fill(~allowed, -1e4), target)

    def _rng(self, purpose: str) -> random.Random:
        """Random numbers that depend on the step alone, so that a resumed run draws the same."""
        return random.Random(f"{self.recipe.seed} {purpose} {self.step}")  # noqa: S311

    def evaluate(self) -> dict[str, float]:
        """Recall on the captioned dev photos, in percent, of the averaged weights."""
        towers, backbone = self.averaged, self.averaged.image.backbone
        for mine, ours in zip(backbone.activations(), self.hard_swish, strict=True):
            mine.blend = ours.blend
        encode = TextEncoder(towers, self.tokens, self.recipe.frozen_layers)
        with torch.inference_mode():
            trunk = torch.from_numpy(self.dev_views.trunk[:, 0]).float()
            features = [backbone.from_block(x, self.recipe.frozen) for x in torch.split(trunk, 128)]
            images = towers.image.embed(torch.cat(features))
            captions = [(i, c) for i, s in enumerate(self.dev) for c in s.captions]
            chunks = [captions[i : i + 256] for i in range(0, len(captions), 256)]
            texts = torch.cat([encode([c for _, c in chunk]) for chunk in chunks])
        owners = np.array([i for i, _ in captions])
        return recall(images.numpy(), texts.numpy(), owners)

    def _log(self, name: str, row: dict[str, float]) -> None:
        file = self.recipe.folder / name
        new = not file.exists()
        with file.open("a", newline="") as stream:
            writer = csv.writer(stream)
            if new:
                writer.writerow(["step", *row])
            writer.writerow([self.step, *row.values()])
        if name == "dev.csv":
            print(f"dev at {self.step}: {row}", flush=True)

    def _checkpoint(self) -> None:
        file = self.recipe.folder / "checkpoint.pt"
        state = {
            "step": self.step,
            "towers": self.towers.state_dict(),
            "averaged": self.averaged.state_dict(),
            "classifier": self.classifier.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "covariance": self.covariance,
            "table": self.texts.table,
            "memory": list(self.memory),
        }
        torch.save(state, file.with_suffix(".tmp"))
        file.with_suffix(".tmp").replace(file)

    def _resume(self) -> None:
        file = self.recipe.folder / "checkpoint.pt"
        if not file.exists():
            return
        state = torch.load(file, weights_only=True)
        self.step = state["step"]
        self.towers.load_state_dict(state["towers"])
        self.averaged.load_state_dict(state["averaged"])
        self.classifier.load_state_dict(state["classifier"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.covariance, self.texts.table = state["covariance"], state["table"]
        self.memory.extend(state["memory"])
        for name in ("losses.csv", "dev.csv"):
            self._forget(name)

    def _forget(self, name: str) -> None:
        """Drop the rows of a curve that lie after the checkpoint: they are made again."""
        curve = self.recipe.folder / name
        if curve.exists():
            first, *rows = curve.read_text().splitlines()
            kept = [row for row in rows if int(row.split(",")[0]) <= self.step]
            curve.write_text("\n".join([first, *kept]) + "\n")


def label_choices(sample: Sample) -> list[tuple[str, str]]:
    """The choices a sample's labels make, as (group, label).

    Labels exclude each other within a source only; kinds of picture are a group of their own.
    """
    choices = [(sample.source, sample.labels[0])] if len(sample.labels) == 1 else []
    return choices if sample.kind == "photo" else [*choices, ("kind", sample.kind)]


def pick(sentences: tuple[str, ...], count: int, rng: random.Random) -> list[str]:
    """``count`` sentences at random, different ones as far as there are."""
    repeated = sentences * (count // len(sentences) + 1)
    return rng.sample(repeated[: max(count, len(sentences))], count)


def descriptions(sample: Sample) -> tuple[str, ...]:
    """Sentences for the contrastive objective: captions, else the boxed objects as a list."""
    if sample.captions:
        return sample.captions
    if len(sample.objects) > 1:
        return (f"a photo of a {', a '.join(sample.objects[:-1])} and a {sample.objects[-1]}",)
    return ()


if __name__ == "__main__":
    Pretraining(Recipe.read(Path(sys.argv[1]))).run()
