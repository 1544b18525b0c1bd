"""The recipe of a pretraining run: every setting, with its default."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ansa_train.settings import NotNegative, Positive, RecipeFile, Share, read_settings

Precision = Literal["fp32", "bf16", "fp16"]


@dataclass(frozen=True, slots=True)
class View:
    """A random view of a photo.

    Attributes:
        scale: smallest share of the area a random crop keeps; 1 is the whole photo, unflipped.
        largest: greatest share of the area a crop keeps.
        jitter: greatest relative change of brightness, contrast and colour.
        captioned: whether captions of the photo still describe this view.
        only_captioned: whether photos without captions are left out.
    """

    scale: Share = 1.0
    largest: Share = 1.0
    jitter: float = 0.0
    captioned: bool = True
    only_captioned: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedLoss:
    """A loss that the recipe accepts.

    Attributes:
        figure: the name of a figure, or of a case of a regression set, ``SET: CASE``; may hold
            ``*`` as file names do.
        reason: why, in words.
    """

    figure: str
    reason: str

    def __post_init__(self) -> None:
        if not self.figure.strip() or not self.reason.strip():
            raise ValueError("the figure and the reason are texts, not empty")
        if not self.figure.replace("*", "").strip():
            raise ValueError(f"{self.figure!a} would accept every loss; name what is lost")


_AUGMENT = View(scale=0.5, jitter=0.2)


@dataclass(frozen=True, slots=True)
class Recipe(RecipeFile):
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
        text_start: bundle whose text network gives the token table and the layers to start from;
            what leads from them to the shared vector is learned anew.
        frozen: blocks of the image network that stay as they start; -1 for all of it.
        frozen_layers: layers of the text network that stay as they start, and the token table with
            them; 0 for none of it.
        frozen = -1 keeps features instead of maps among the cached views.
        anneal: share of the fine-tuning steps over which ReLU6 becomes hard-swish after a warm
            start.
        dropout: of the pooled features.

    The objective:
        objective: "infonce" or "sigmoid", the loss of photos and captions.
        softness: share of an InfoNCE target that goes to photos with similar captions; needs a
            warm-started text network.
        teacher: whose opinion is distilled: "efficientnet-lite2", or "efficientnet-lite3", which is
            better and, in 8 bits, quicker on processors.
        prompts: class sentences a step that get gradients.
        synthetic: moved features a step.
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
        accepted: in what the bundle may fall behind its predecessor, each with the reason.
    """

    data: Path
    folder: Path
    cache: Path | None = None
    held_out: tuple[str, ...] = ()
    most: NotNegative = 0
    views: tuple[View, ...] = ()
    augment: View = _AUGMENT
    batch: Positive = 256
    shuffle: Positive = 2048
    threads: Positive = 4
    captioned: NotNegative = 224
    similar: Share = 0.0
    mixed: Share = 0.0
    others: NotNegative = 96
    captions: Positive = 2
    crops: tuple[int, ...] = (20, 24, 28)
    token_dropout: Share = 0.0
    architecture: str = "mobilenetv3"
    text: str = "minilm"
    dim: Positive = 512
    image_size: Positive = 224
    max_tokens: Positive = 64
    warm_start: bool = True
    start: Path | None = None
    text_start: Path | None = None
    frozen: int = 6
    frozen_layers: int = 3
    anneal: Share = 0.5
    dropout: Share = 0.1
    objective: Literal["infonce", "sigmoid"] = "infonce"
    softness: Share = 0.3
    teacher: Literal["efficientnet-lite2", "efficientnet-lite3"] = "efficientnet-lite2"
    prompts: NotNegative = 192
    synthetic: NotNegative = 256
    weight_teacher: float = 2.0
    weight_classifier: float = 0.5
    weight_synthetic: float = 1.0
    weight_labels: float = 0.5
    weight_targets: float = 0.0
    steps: NotNegative = 650
    align_steps: NotNegative = 100
    stop: int | None = None
    rate_backbone: float = 3e-4
    rate_project: float = 1e-3
    rate_image: float = 0.0
    rate_text: float = 1e-4
    weight_decay: float = 0.05
    average: Share = 0.99
    evaluate_every: Positive = 50
    seed: int = 0
    precision_image: Precision = "fp32"
    precision_text: Precision = "bf16"
    checkpointing: bool = False
    micro_batch: int = 0
    timeout: float = 600.0
    tensorboard: bool = False
    bundle_size: Positive = 256
    calibration: float = 0.0
    soup: tuple[Path, ...] = ()
    accepted: tuple[AcceptedLoss, ...] = ()

    @property
    def asks_teacher(self) -> bool:
        """Whether any loss wants the teacher's opinion."""
        return any((self.weight_teacher, self.weight_classifier, self.weight_synthetic))

    @property
    def reads_text(self) -> bool:
        """Whether the run trains a text network; those of ``research/multilabel`` do not."""
        return True

    def identity(self) -> dict[str, Any]:
        """The settings that a run cannot change on the way."""
        names = "objective architecture text dim warm_start frozen frozen_layers"
        return {name: getattr(self, name) for name in names.split()}

    def blend(self, step: int) -> float:
        """How far the activations of a step, from 0, are from ReLU6 (0) to hard-swish (1)."""
        if not self.anneal or not self.warm_start:
            return 1.0
        length = max(1.0, self.anneal * (self.steps - self.align_steps))
        return min(1.0, max(0.0, (step - self.align_steps) / length))


@dataclass(frozen=True, slots=True)
class _AcceptedLosses:
    accepted: tuple[AcceptedLoss, ...]


def read_accepted(file: Path) -> tuple[AcceptedLoss, ...]:
    """The accepted losses in a TOML file that holds nothing else.

    Raises:
        TrainingError: it cannot be read, or holds something else.
    """
    return read_settings(_AcceptedLosses, file).accepted
