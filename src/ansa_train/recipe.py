"""Every setting of a pretraining run, read from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ansa_train.errors import TrainingError

_CHOICES = {
    "objective": ("infonce", "sigmoid", "multilabel"),
    "teacher": ("efficientnet-lite2", "efficientnet-lite3"),
    "precision_image": ("fp32", "bf16", "fp16"),
    "precision_text": ("fp32", "bf16", "fp16"),
}


_LEAST = {
    **dict.fromkeys(("batch", "shuffle", "threads", "captions", "dim", "max_tokens"), 1),
    **dict.fromkeys(("image_size", "bundle_size", "evaluate_every"), 1),
    **dict.fromkeys(
        ("captioned", "others", "prompts", "synthetic", "most", "steps", "align_steps"), 0
    ),
}
"""The least that a setting can be."""


@dataclass(frozen=True, slots=True)
class View:
    """How to look at a photo.

    Attributes:
        scale: smallest share of the area a random crop keeps; 1 is the whole photo, unflipped.
        largest: greatest share of the area a crop keeps.
        jitter: greatest relative change of brightness, contrast and colour.
        captioned: whether captions of the photo still describe this view.
        only_captioned: whether photos without captions are left out.
    """

    scale: float = 1.0
    largest: float = 1.0
    jitter: float = 0.0
    captioned: bool = True
    only_captioned: bool = False


_AUGMENT = View(scale=0.5, jitter=0.2)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every setting of a run, with its default.

    What is learned from:
        data: folder of the training tars.
        folder: where checkpoints and curves go.
        cache: where cached views go, for runs that share them; ``folder`` if left out.
        held_out: sources of which nothing is learned; the gauge of forgetting measures on them.
        most: photos without captions taken of a source, so that none outweighs the others; 0 for
            all.
        views: how training photos are looked at, for the frozen trunk's output to be cached; none
            to stream pixels from the shards.
        augment: how a streamed photo is looked at.
        batch: streamed photos a step, of all processes.
        shuffle: streamed photos among which the next is drawn.
        threads: that decode streamed photos, in each process.
        captioned: of cached views, captioned ones a step, of all processes.
        similar: of those, the share drawn for being like another of them by their captions: hard
            negatives (Faghri et al., "VSE++", 2018); needs a warm-started text network.
        mixed: of those, the share that is averaged with another captioned photo, and their
            sentences joined (Hao et al., "MixGen", 2023).
        others: of cached views, any others a step.
        captions: of each captioned photo, at most as many as every one can give by repeating.
        crops: of cached views, sides of the random crops of the trunk's output, multiples of 4; 28
            is all at 224 pixels.
        token_dropout: share of the tokens of a caption that are hidden.

    The networks:
        architecture: the image network, by its name in :mod:`ansa_train.models.presets`.
        text: the text network, by its name there.
        dim: length of the shared vector.
        image_size: side of the input in training, in pixels.
        max_tokens: longest sentence.
        warm_start: start the networks that have a pretrained part from it.
        start: checkpoint of an earlier run to start from.
        frozen: blocks of the image network that stay as they start; -1 for all of it.
        frozen_layers: layers of the text network that stay as they start, and the token table with
            them; 0 for none of it.
        frozen = -1 keeps features instead of maps among the cached views.
        anneal: share of the fine-tuning steps over which ReLU6 becomes hard-swish after a warm
            start.
        dropout: of the pooled features.

    The objective:
        objective: "infonce" or "sigmoid" for the captions, or "multilabel": classification without
            text.
        softness: share of an InfoNCE target that goes to photos with similar captions; needs a
            warm-started text network.
        teacher: whose opinion is distilled: "efficientnet-lite2", or "efficientnet-lite3", which is
            better and, in 8 bits, quicker on processors.
        prompts: class sentences a step that get gradients.
        synthetic: moved features a step.
        unmentioned: weight of nouns that captions do not mention, for "multilabel".
        weight_teacher, weight_classifier, weight_synthetic, weight_labels, weight_targets: of the
            losses; captions count 1. No teacher is asked where the first three are 0. The last
            pulls sentences of the start's classes to where its classifier has them
            (:mod:`ansa_train.losses.classifier_targets`).

    The run:
        steps: steps in all; the schedules end there.
        align_steps: steps in which only projections and text learn.
        stop: step to leave the run at before its end, for another recipe to go on from.
        rate_backbone, rate_project, rate_text: peak learning rates.
        rate_image: of the image's projection, where it is another than ``rate_project``; 0 for the
            same.
        weight_decay: of AdamW.
        average: decay of the exponential moving average of weights that is evaluated and exported.
        evaluate_every: steps between evaluations and checkpoints.
        seed: of everything random.

    How it is computed; changes speed and memory, not results:
        precision_image, precision_text: "fp32", "bf16" or "fp16", of each network's arithmetic.
        checkpointing: compute activations again in the backward pass instead of keeping them.
        micro_batch: photos of a process in memory at once; 0 for all of its share.
        timeout: seconds after which a process that does not answer counts as lost.
        tensorboard: write the curves for TensorBoard too.

    Export:
        bundle_size: side of the input in the bundle: greater, since random crops showed things
            larger than whole photos do (Touvron et al., FixRes, 2019).
        calibration: power of :func:`ansa_train.export.hubness.reduce_hubness`.
        soup: checkpoints of other runs from the same start, whose weights are averaged with this
            run's (Wortsman et al., "Model soups", 2022).
    """

    data: Path
    folder: Path
    cache: Path | None = None
    held_out: tuple[str, ...] = ()
    most: int = 0
    views: tuple[View, ...] = ()
    augment: View = _AUGMENT
    batch: int = 256
    shuffle: int = 2048
    threads: int = 4
    captioned: int = 224
    similar: float = 0.0
    mixed: float = 0.0
    others: int = 96
    captions: int = 2
    crops: tuple[int, ...] = (20, 24, 28)
    token_dropout: float = 0.0
    architecture: str = "mobilenetv3"
    text: str = "minilm"
    dim: int = 512
    image_size: int = 224
    max_tokens: int = 64
    warm_start: bool = True
    start: Path | None = None
    frozen: int = 6
    frozen_layers: int = 3
    anneal: float = 0.5
    dropout: float = 0.1
    objective: Literal["infonce", "sigmoid", "multilabel"] = "infonce"
    softness: float = 0.3
    teacher: Literal["efficientnet-lite2", "efficientnet-lite3"] = "efficientnet-lite2"
    prompts: int = 192
    synthetic: int = 256
    unmentioned: float = 0.2
    weight_teacher: float = 2.0
    weight_classifier: float = 0.5
    weight_synthetic: float = 1.0
    weight_labels: float = 0.5
    weight_targets: float = 0.0
    steps: int = 650
    align_steps: int = 100
    stop: int | None = None
    rate_backbone: float = 3e-4
    rate_project: float = 1e-3
    rate_image: float = 0.0
    rate_text: float = 1e-4
    weight_decay: float = 0.05
    average: float = 0.99
    evaluate_every: int = 50
    seed: int = 0
    precision_image: Literal["fp32", "bf16", "fp16"] = "fp32"
    precision_text: Literal["fp32", "bf16", "fp16"] = "bf16"
    checkpointing: bool = False
    micro_batch: int = 0
    timeout: float = 600.0
    tensorboard: bool = False
    bundle_size: int = 256
    calibration: float = 0.0
    soup: tuple[Path, ...] = ()

    @classmethod
    def read(cls, file: Path) -> Recipe:
        """A recipe from TOML.

        Raises:
            TrainingError: no such file; a setting that does not exist, of the wrong kind, or
                without a default that is missing.
        """
        kinds = {setting.name: setting.default for setting in fields(cls)}
        values = read_settings(file, kinds.keys(), {"data", "folder"})
        try:
            values["views"] = tuple(View(**view) for view in values.get("views", []))
            if "augment" in values:
                values["augment"] = View(**values["augment"])
            for name in values.keys() & {"crops", "held_out"}:
                values[name] = tuple(values[name])
            paths = values.keys() & {"data", "folder", "start", "cache"}
            values |= {key: Path(values[key]).expanduser() for key in paths}
            if "soup" in values:
                values["soup"] = tuple(Path(file).expanduser() for file in values["soup"])
        except TypeError as error:
            raise TrainingError(f"{file}: {error}") from error
        for name, value in values.items():
            _check(file, name, value, kinds[name])
        return cls(**values)

    @property
    def asks_teacher(self) -> bool:
        """Whether any loss wants the teacher's opinion."""
        contrastive = self.objective != "multilabel"
        others = self.weight_classifier, self.weight_synthetic
        return bool(self.weight_teacher or (contrastive and any(others)))

    def identity(self) -> dict[str, Any]:
        """What a run cannot change on the way."""
        names = "objective architecture text dim warm_start frozen frozen_layers"
        return {name: getattr(self, name) for name in names.split()}

    def blend(self, step: int) -> float:
        """How far the activations of a step, from 0, are from ReLU6 (0) to hard-swish (1)."""
        if not self.anneal or not self.warm_start:
            return 1.0
        length = max(1.0, self.anneal * (self.steps - self.align_steps))
        return min(1.0, max(0.0, (step - self.align_steps) / length))


def _check(file: Path, name: str, value: object, default: object) -> None:
    """Refuse a value of another kind than the default, or none of the choices there are."""
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        raise TrainingError(f"{file}: {name} is one of {', '.join(choices)}, not {value!r}")
    check_kind(file, name, value, default)
    if isinstance(value, int) and value < _LEAST.get(name, value):
        raise TrainingError(f"{file}: {name} is at least {_LEAST[name]}, not {value}")


def read_settings(file: Path, known: Set[str], needed: Set[str]) -> dict[str, Any]:
    """The settings in a TOML file, by name; the values are not checked.

    Raises:
        TrainingError: it cannot be read, has a setting that is not known, or lacks one it needs.
    """
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{file} is no recipe: {error}; see those in recipes/") from error
    if unknown := values.keys() - known:
        raise TrainingError(f"{file}: no such setting: {', '.join(sorted(unknown))}")
    if missing := needed - values.keys():
        raise TrainingError(f"{file}: missing: {', '.join(sorted(missing))}")
    return values


def read_plain(file: Path, kinds: Mapping[str, object], paths: Set[str]) -> dict[str, Any]:
    """The settings in a TOML file, each of the kind of its default, paths made of names of them.

    Args:
        file: of a recipe without tables.
        kinds: the default of every setting; of paths anything.
        paths: which of them are paths, all needed.

    Raises:
        TrainingError: it cannot be read; a setting does not exist, is missing or of another kind.
    """
    values = read_settings(file, kinds.keys(), paths)
    for name, value in values.items():
        check_kind(file, name, value, "" if name in paths else kinds[name])
    return values | {name: Path(values[name]).expanduser() for name in paths}


def check_kind(where: Path | str, name: str, value: object, default: object) -> None:
    """Refuse a value of another kind than the default; a whole number is a number too.

    Raises:
        TrainingError: it is of another.
    """
    for kinds in ((bool,), (int,), (float, int), (str,), (tuple, list), (dict,)):
        if type(default) is kinds[0] and type(value) not in kinds:
            raise TrainingError(f"{where}: {name} = {value!r}, but it is {kinds[0].__name__}")
