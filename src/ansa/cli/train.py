"""Train or compress networks as a recipe, a TOML file, describes.

If a run is interrupted, run the command again and it continues. Start it with torchrun to use
several GPUs or machines. The command needs ansa[train]."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ansa.cli.arguments import add_help
from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json
from ansa.names import printable

HELP = "Train or compress networks as a recipe describes."
EXAMPLE = """\
example:
  ansa train pretrain recipes/pretrain.toml
  torchrun --nproc-per-node 8 -m ansa train pretrain recipes/pretrain.toml
  ansa train head utility recipes/heads/utility.toml
  ansa train text recipes/text.toml
  ansa train prune recipes/prune.toml
  ansa train shrink recipes/shrink.toml"""

_STAGES = {
    "pretrain": "Train the image and text networks.",
    "head": "Train one head on a bundle's frozen image network.",
    "text": "Tune the projection of a bundle's text network to its photos' vectors.",
    "prune": "Set weights of a bundle's text network to zero.",
    "shrink": "Remove channels of a bundle's image network.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    stages = parser.add_subparsers(metavar="STAGE", dest="stage", required=True)
    for name, does in _STAGES.items():
        stage = stages.add_parser(name, help=does, description=does, add_help=False)
        add_help(stage)
        if name == "head":
            stage.add_argument("name", metavar="NAME", help="The name of the head.")
        stage.add_argument("recipe", metavar="RECIPE.toml", type=Path, help="The recipe to follow.")
        stage.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="Print one JSON document and nothing else.",
        )


def run(args: argparse.Namespace) -> int:
    """Trains. Returns 0; an error that names the reason gives 1."""
    if args.stage == "head":
        return _train_head(args)
    if args.stage == "text":
        return _tune_text(args)
    if args.stage == "prune":
        return _prune(args)
    if args.stage == "shrink":
        return _shrink(args)
    with needs_training("train"):
        from ansa_train.recipe import Recipe
        from ansa_train.train.pretrain import pretrain

    recipe = Recipe.read(args.recipe)
    done = pretrain(recipe)
    if os.environ.get("RANK", "0") != "0":
        return 0
    if args.json:
        print_json({"folder": str(recipe.folder), **done})
    else:
        said = [f"step {done['step']}"]
        said += [f"{name} {value:.1f}" for name, value in done["dev"].items()]
        said += [f"{count(done['failed'], 'photo')} failed"] if done["failed"] else []
        print(f"{printable(str(recipe.folder))}: {', '.join(said)}")
    return 0


def _train_head(args: argparse.Namespace) -> int:
    with needs_training("train"):
        from ansa_train.heads.base import HeadRecipe
        from ansa_train.heads.train_head import train_head

    recipe = HeadRecipe.read(args.recipe)
    made = train_head(args.name, recipe)
    if args.json:
        print_json({"folder": str(recipe.folder), **made})
    else:
        said = [f"{name} {value:.4g}" for name, value in made["metrics"].items()]
        print(f"{printable(str(recipe.folder))}: {', '.join(said)}")
    return 0


def _tune_text(args: argparse.Namespace) -> int:
    with needs_training("train"):
        from ansa_train.heads.text_projection import TextProjectionRecipe, tune_text

    recipe = TextProjectionRecipe.read(args.recipe)
    made = tune_text(recipe)
    if args.json:
        print_json({"folder": str(recipe.folder), **made})
    else:
        before, shipped = made["metrics"]["before"], made["metrics"]["shipped"]
        said = [f"{name} {now:.1f} (was {before[name]:.1f})" for name, now in shipped.items()]
        print(f"{printable(str(recipe.folder))}: {', '.join(said)}")
    return 0


def _prune(args: argparse.Namespace) -> int:
    with needs_training("train"):
        from ansa_train.compress.prune_text import TextPruningRecipe, prune_text

    recipe = TextPruningRecipe.read(args.recipe)
    made = prune_text(recipe)
    if args.json:
        print_json({"folder": str(recipe.folder), **made})
    else:
        said = [f"{made['sparsity']:.0%} zeros"]
        for name, now in made["metrics"]["shipped"].items():
            said.append(f"{name} {now:.1f} (was {made['metrics']['before'][name]:.1f})")
        print(f"{printable(str(recipe.folder))}: {', '.join(said)}")
    return 0


def _shrink(args: argparse.Namespace) -> int:
    with needs_training("train"):
        from ansa_train.compress.prune_channels import ChannelPruningRecipe, prune_channels

    recipe = ChannelPruningRecipe.read(args.recipe)
    made = prune_channels(recipe)
    if args.json:
        print_json({"folder": str(recipe.folder), **made})
    else:
        channels = made["channels"]
        said = [f"{channels['after']:,} of {channels['before']:,} channels"]
        said += [f"{head} {-points:+.2f} points" for head, points in made["points lost"].items()]
        print(f"{printable(str(recipe.folder))}: {', '.join(said)}")
    return 0
