"""Builds the networks that a recipe names, with the weights that a run starts from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import nn

from ansa_train.data.labels.class_prompts import TokenBatches
from ansa_train.errors import TrainingError
from ansa_train.losses.classifier_targets import principal_directions
from ansa_train.models import warm_start
from ansa_train.models.bundle_text import load_text_layers
from ansa_train.models.minilm import MiniLM
from ansa_train.models.mobilenet import Backbone, fold_norms
from ansa_train.models.presets import image_preset, tokenizer_file
from ansa_train.models.towers import Towers
from ansa_train.recipe import Recipe

TEACHER_CLASSES = 1000


def build_model(recipe: Recipe) -> tuple[Towers, nn.Linear]:
    """Builds the towers, and a classifier of the teacher's classes, with their first weights.

    Raises:
        TrainingError: no network of that name, or ``start`` fits none of it.
    """
    towers = shape(recipe, folded=False)
    backbone, text = towers.image.backbone, towers.text
    classifier = nn.Linear(backbone.features, TEACHER_CLASSES)
    if folded(recipe):
        part = image_preset(recipe.architecture).start
        assert part is not None
        assert isinstance(backbone, Backbone)
        classifier = warm_start.efficientnet_lite(part, backbone)
        fold_norms(backbone)  # statistics of a small corpus would only harm the warm start
    if recipe.weight_targets and not recipe.start:
        directions = principal_directions(classifier.weight.detach(), recipe.dim)
        towers.image.project.load_state_dict({"weight": directions})
    if recipe.warm_start and isinstance(text, MiniLM):
        warm_start.minilm(text)
    if recipe.text_start:
        load_text_layers(recipe.text_start, text)
    if recipe.start:
        try:
            warm_start.earlier_run(recipe.start, towers, classifier)
        except ValueError as error:
            raise TrainingError(str(error)) from error
    return towers, classifier


def shape(recipe: Recipe, *, folded: bool) -> Towers:
    """Towers of random weights into which the weights of a run fit.

    Args:
        recipe: of the run.
        folded: without batch norms, which the run has folded away.

    Raises:
        TrainingError: no network of that name, or one that does not take photos or texts so large.
    """
    try:
        towers = Towers(recipe.architecture, recipe.text, recipe.dim)
        towers.image.backbone.fit(recipe.image_size)
    except ValueError as error:
        raise TrainingError(str(error)) from error
    if recipe.max_tokens > (longest := towers.text.positions):
        raise TrainingError(
            f"the text network {recipe.text} reads {longest} tokens: max_tokens = "
            f"{recipe.max_tokens} is too many"
        )
    if folded:
        fold_norms(towers.image.backbone)
    return towers


def folded(recipe: Recipe) -> bool:
    """Whether the run's image network has folded batch norms, as after a warm start."""
    return recipe.warm_start and image_preset(recipe.architecture).start is not None


def freeze(recipe: Recipe, towers: Towers) -> int:
    """Stops what the recipe freezes from learning, in place.

    Returns:
        How many blocks of the image network come before the first that learns or branches off; one
        more than there are if none learns.
    """
    backbone, text = towers.image.backbone, towers.text
    blocks = backbone.blocks()
    still: list[nn.Module] = list(blocks[: recipe.frozen]) if recipe.frozen >= 0 else [backbone]
    if recipe.frozen_layers:
        still += text.blocks()[: recipe.frozen_layers]
        for name, parameter in text.named_parameters():
            below = name.startswith(("token.", "position.", "segment"))
            # The norm after the token table of a tower whose layers norm their own output.
            below |= name.startswith("norm.") and isinstance(text, MiniLM)
            parameter.requires_grad_(parameter.requires_grad and not below)
    for part in still:
        part.requires_grad_(False).eval()
    if recipe.frozen < 0:
        return len(blocks) + 1
    frozen = min(recipe.frozen, len(blocks))
    branch = backbone.branch if isinstance(backbone, Backbone) else -1
    return min(frozen, branch) if branch >= 0 else frozen


def tokenizer(recipe: Recipe, captions: Callable[[], Iterable[str]]) -> TokenBatches:
    """The tokenizer of the recipe's text network: sentences -> token ids and mask.

    A vocabulary of the run's own is learned from its captions, or is that of the run it starts
    from.

    Raises:
        TrainingError: there is no caption to learn a vocabulary from.
    """
    own = recipe.folder / "tokenizer.json"
    earlier = recipe.start.parent / "tokenizer.json" if recipe.start else Path()
    if recipe.start and earlier.is_file() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(earlier, own)
    try:
        return TokenBatches(recipe.max_tokens, tokenizer_file(recipe.text, recipe.folder, captions))
    except ValueError as error:
        raise TrainingError(f"{recipe.data}: {error}") from error


def move(towers: Towers, device: torch.device) -> None:
    """Moves a network to a device, with convolutions in their fastest memory format."""
    towers.to(device)
    towers.image.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
