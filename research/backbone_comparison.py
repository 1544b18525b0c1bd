"""The same linear head on several backbones: which features are worth most?

    python -m research.backbone_comparison A B --pack DATA [--out PREFIX]

The comparison of the article: multi-label classification on an image-language backbone against one
pretrained by classification. Each gets the same head, trained on the same photos until nothing is
left to gain; its penalty is chosen on dev, the figures are of test. A backbone is named by

- the recipe of a finished run: pooled features of its backbone, at the size it was trained at,
- efficientnet-lite0 or -lite2: those of the networks pretrained by classification elsewhere,
- the folder of a bundle: its embedding, through the Analyzer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ansa.model.analyzer import Analyzer
from ansa.photo.pixels import resize_square
from ansa.photo.read import PhotoError, read_photo
from ansa_train.checkpoint import NAME, load
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.datasets import pack_tasks
from ansa_train.evaluate.linear_classifier import Features
from ansa_train.evaluate.report import command_line, figure_text, figure_values
from ansa_train.evaluate.run import embed
from ansa_train.evaluate.tagging import Tagging, head_scores, mean_average_precision
from ansa_train.models.encoder import ImageEncoder
from ansa_train.models.mobilenet import Backbone, fold_norms, normalise
from ansa_train.models.warm_start import efficientnet_lite
from ansa_train.output_files import check_report
from ansa_train.recipe import Recipe
from ansa_train.train.build_model import folded, shape
from research.multilabel.recipe import read_any_recipe

CLASSIFIERS: Mapping[str, int] = {"efficientnet-lite0": 224, "efficientnet-lite2": 260}
"""Networks pretrained by classification, and the side of their input in pixels."""

_BATCH = 32


def features(name: str, samples: Sequence[Sample]) -> Features:
    """(n, f) what a backbone makes of each photo.

    Args:
        name: see the module.
        samples: the photos.

    Raises:
        TrainingError: a photo could not be opened, or a recipe has no finished run.
        BundleError: the name is neither a recipe, nor a network, nor the folder of a bundle.
    """
    if name in CLASSIFIERS:
        backbone = Backbone(name)
        efficientnet_lite(name, backbone)
        fold_norms(backbone)
        return pooled(backbone, CLASSIFIERS[name], samples)
    if name.endswith(".toml"):
        recipe = read_any_recipe(Path(name))
        return pooled(trained(recipe), recipe.image_size, samples)
    vectors = []
    for sample, outcome in zip(samples, embed(Analyzer(name), samples), strict=True):
        if isinstance(outcome, PhotoError):
            raise TrainingError(f"{sample.key}: {outcome.reason}; {outcome.remedy}")
        vectors.append(outcome)
    return np.stack(vectors)


def trained(recipe: Recipe) -> ImageEncoder:
    """The averaged backbone of a run's last checkpoint, whatever the run's objective.

    Raises:
        TrainingError: the run has no checkpoint yet, or it is of another architecture.
    """
    state = load(recipe.folder / NAME)
    backbone = shape(recipe, folded=folded(recipe)).image.backbone
    named = (name.partition("image.backbone.") for name in state["averaged"])
    weights = {
        inner: state["averaged"][before + own + inner] for before, own, inner in named if own
    }
    try:
        backbone.load_state_dict(weights)
    except RuntimeError as error:
        raise TrainingError(f"{recipe.folder} holds a run of another architecture") from error
    for activation in backbone.activations():
        activation.blend = recipe.blend(state["step"] - 1)
    return backbone


@torch.inference_mode()
def pooled(backbone: ImageEncoder, size: int, samples: Sequence[Sample]) -> NDArray[np.float32]:
    """(n, f) pooled features of a backbone, from the whole photo as a square.

    Args:
        backbone: normalised pixels (n, 3, size, size) -> (n, f).
        size: side of its input, in pixels.
        samples: the photos.

    Raises:
        PhotoError: a photo cannot be opened.
    """
    backbone.eval()
    made = []
    for start in range(0, len(samples), _BATCH):
        batch = samples[start : start + _BATCH]
        photos = [read_photo(s.read_bytes(), min_side=size, name=s.key)[0] for s in batch]
        squares = np.stack([resize_square(photo, size) for photo in photos])
        made.append(backbone(normalise(torch.from_numpy(squares))).numpy())
    return np.concatenate(made)


def compare(
    names: Sequence[str],
    tasks: Sequence[Tagging],
    features: Callable[[str, Sequence[Sample]], Features] = features,
) -> dict[str, list[Estimate]]:
    """mAP of the head on each backbone, by task.

    Args:
        names: of the backbones.
        tasks: what the head learns, chooses by and is reported on.
        features: what a backbone makes of photos.
    """
    samples = list(dict.fromkeys(s for task in tasks for s in task.samples))
    row = {sample: i for i, sample in enumerate(samples)}
    found: dict[str, list[Estimate]] = {task.name: [] for task in tasks}
    for name in names:
        seen = features(name, samples)
        for task in tasks:
            train, choose, test = (
                (seen[[row[s] for s in part.samples]], part.truth(task.names()))
                for part in (task.train, task.choose, task.test)
            )
            chosen = choose if len(choose[0]) else None
            scores = head_scores(*train, chosen, test[0])
            found[task.name].append(mean_average_precision(scores, test[1]))
    return found


def to_dict(names: Sequence[str], found: Mapping[str, Sequence[Estimate]]) -> dict[str, Any]:
    """JSON-ready values, in percent; differences in points, gains in percent of the first."""
    return {
        "backbones": list(names),
        "mAP": {
            task: [
                figure_values(figure)
                | {
                    "difference": figure_values(figure.minus(figures[0])),
                    "gain": figure_values(figure.gain_on(figures[0])),
                }
                for figure in figures
            ]
            for task, figures in found.items()
        },
    }


def to_markdown(
    names: Sequence[str],
    found: Mapping[str, Sequence[Estimate]],
    tasks: Sequence[Tagging],
    command: str,
) -> str:
    """The page, with the command that made it."""

    def lines() -> Iterator[str]:
        yield from ("# The same head on several backbones", "")
        yield "mAP in percent on the `test` split, with 95 % bootstrap intervals; differences and"
        yield "gains are against the first, on the same draws of photos. Made by"
        yield from ("", f"    {command}", "")
        yield "| | backbone | mAP | points | gain in % |"
        yield "|---|---|---|---|---|"
        for task in tasks:
            about = f"{task.name}: {len(task.names())} tags, {len(task.test.samples):,} photos"
            for i, (name, figure) in enumerate(zip(names, found[task.name], strict=True)):
                first = found[task.name][0]
                more = [
                    figure_text(figure.minus(first), "+"),
                    figure_text(figure.gain_on(first), "+"),
                ]
                row = [
                    about if i == 0 else "",
                    name,
                    figure_text(figure),
                    *(more if i else ["", ""]),
                ]
                yield f"| {' | '.join(row)} |"

    return "\n".join(lines()) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m research.backbone_comparison")
    parser.add_argument("backbones", metavar="BACKBONE", nargs="+")
    parser.add_argument("--pack", metavar="DATA", type=Path, required=True)
    parser.add_argument("--out", metavar="PREFIX", type=Path, help="write PREFIX.md and .json")
    options = parser.parse_args(arguments)
    every = pack_tasks(options.pack, "test")
    tasks = [task for task in every if isinstance(task, Tagging) and task.names()]
    if not tasks:
        parser.error(f"{options.pack}: no tag is shown often enough in train and test")
    found = compare(options.backbones, tasks)
    names = [command_line([name]) for name in options.backbones]
    words = ["python", "-m", "research.backbone_comparison", *options.backbones]
    command = command_line([*words, "--pack", str(options.pack)])
    page = to_markdown(names, found, tasks, command)
    print(page)
    if options.out:
        files = [options.out.with_name(f"{options.out.name}.{kind}") for kind in ("json", "md")]
        check_report(*files)
        told = {"command": command} | to_dict(names, found)
        files[0].write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", "utf-8")
        files[1].write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
