"""Every setting of a pretraining run, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from ansa.factory.data.augment import View


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every setting of a run, with its default.

    Attributes:
        data: folder of the training tars.
        folder: where views, checkpoints and curves go.
        architecture: the image network, by its name in :mod:`ansa.factory.presets`.
        text: the text network, by its name there.
        image_size: side of the input in training, in pixels.
        bundle_size: side of the input in the bundle: greater, since random crops showed things
            larger than whole photos do (Touvron et al., FixRes, 2019).
        calibration: power of :func:`ansa.factory.calibrate.calibrate` at export.
        dim: length of the shared vector.
        frozen: blocks of the trunk that stay as they start, the stem counted as one.
        frozen_layers: layers of the text tower that stay as they start.
        views: how training photos are looked at.
        start: checkpoint of an earlier run to start from.
        align_steps: steps in which only projections and text learn.
        steps: steps in all; the schedules end there.
        stop: step to leave the run at before its end, for another recipe to go on from.
        captioned: captioned views a step.
        captions: captions of each, at most as many as every captioned photo can give by repeating.
        softness: share of a contrastive target that goes to photos with similar captions.
        crops: sides of the random crops of the frozen trunk's output, multiples of 4; 28 is all.
        dropout: of the pooled features.
        token_dropout: share of the tokens of a caption that are hidden.
        memory: batches whose vectors serve as more negatives.
        others: other views a step.
        prompts: class sentences a step that get gradients.
        synthetic: moved features a step.
        anneal: share of the fine-tuning steps over which ReLU6 becomes hard-swish.
        rate_backbone, rate_project, rate_text: peak learning rates.
        weight_decay: of AdamW.
        weight_teacher, weight_classifier, weight_synthetic, weight_labels: of the losses; captions
            count 1.
        average: decay of the exponential moving average of weights that is evaluated and exported.
        evaluate_every: steps between evaluations and checkpoints.
        seed: of everything random.
    """

    data: Path
    folder: Path
    architecture: str = "mobilenetv3"
    text: str = "minilm"
    image_size: int = 224
    bundle_size: int = 256
    calibration: float = 0.0
    dim: int = 512
    frozen: int = 6
    frozen_layers: int = 3
    max_tokens: int = 64
    views: tuple[View, ...] = (View(),)
    start: Path | None = None
    align_steps: int = 100
    steps: int = 650
    stop: int | None = None
    captioned: int = 224
    captions: int = 2
    softness: float = 0.3
    crops: tuple[int, ...] = (20, 24, 28)
    dropout: float = 0.1
    token_dropout: float = 0.0
    memory: int = 0
    others: int = 96
    prompts: int = 192
    synthetic: int = 256
    anneal: float = 0.5
    rate_backbone: float = 3e-4
    rate_project: float = 1e-3
    rate_text: float = 1e-4
    weight_decay: float = 0.05
    weight_teacher: float = 2.0
    weight_classifier: float = 0.5
    weight_synthetic: float = 1.0
    weight_labels: float = 0.5
    average: float = 0.99
    evaluate_every: int = 50
    seed: int = 0

    @classmethod
    def read(cls, file: Path) -> Recipe:
        """A recipe from TOML.

        Raises:
            ValueError: a setting that does not exist, or one without a default that is missing.
        """
        values = tomllib.loads(file.read_text("utf-8"))
        if unknown := values.keys() - {setting.name for setting in fields(cls)}:
            raise ValueError(f"{file}: no such setting: {', '.join(sorted(unknown))}")
        if missing := {"data", "folder"} - values.keys():
            raise ValueError(f"{file}: missing: {', '.join(sorted(missing))}")
        values["views"] = tuple(View(**view) for view in values.get("views", [{}]))
        if "crops" in values:
            values["crops"] = tuple(values["crops"])
        paths = values.keys() & {"data", "folder", "start"}
        values |= {key: Path(values[key]).expanduser() for key in paths}
        return cls(**values)

    def blend(self, step: int) -> float:
        """How far the activations of a step, from 0, are from ReLU6 (0) to hard-swish (1)."""
        if not self.anneal:
            return 1.0
        length = max(1.0, self.anneal * (self.steps - self.align_steps))
        return min(1.0, max(0.0, (step - self.align_steps) / length))
