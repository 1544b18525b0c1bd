"""How much recall do zeros in the text network cost, at once and after fine-tuning?

    python -m benchmarks.sparsity RECIPE --split test

The recipe is that of ``ansa train prune``. For each share of zeros its run is made, in a folder of
its own below the recipe's, unless it is there already; so is one without a step. Recall is among
the captioned photos of the split; differences to the dense network are paired, with 95 % intervals
over photos. Sizes are those of the network in whole numbers as a bundle stores it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ansa.model.gzip_files import encode
from ansa_train.compress.prune_text import Pruning, TextPruningRecipe, shipped
from ansa_train.compress.weight_masks import sparsity
from ansa_train.data.pack import Split
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.evaluate.retrieval import recall_estimates
from ansa_train.export.load_text_encoder import read, read_graph
from ansa_train.models.text_encoder import TextTower

SHARES = (0.2, 0.4, 0.6, 0.8)
FIGURE = "text to image R@5"


@dataclass(frozen=True)
class Row:
    """One network and how well it finds photos.

    Attributes:
        name: what was done to it.
        zeros: share of its weights.
        found: recall by name.
        megabytes: on disk, if it is in int8.
    """

    name: str
    zeros: float
    found: dict[str, Estimate]
    megabytes: float | None = None


class Judge:
    """Recall of texts among the captioned photos of a split.

    Args:
        run: whose bundle saw the photos.
        split: of the photos.
        every: one caption of so many counts; 1 for all.
    """

    def __init__(self, run: Pruning, split: Split, every: int) -> None:
        samples, vectors = run.photos(split)
        rows = [i for i, sample in enumerate(samples) if sample.captions]
        said = [(place, c) for place, i in enumerate(rows) for c in samples[i].captions][::every]
        self.photos = vectors[rows].numpy()
        self.captions = [caption for _, caption in said]
        self.owners = np.array([place for place, _ in said])

    def __call__(self, texts: Tensor) -> dict[str, Estimate]:
        """From the captions' vectors (n, d)."""
        return recall_estimates(self.photos, texts.numpy(), self.owners)


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes what runs are missing, measures and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipe", metavar="RECIPE", type=Path)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--every", type=int, default=1, help="measure on one caption of so many")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    parser.add_argument("--tuned", type=float, nargs="*", default=SHARES, help="which to fine-tune")
    options = parser.parse_args(arguments)
    recipe = TextPruningRecipe.read(options.recipe)
    run = Pruning(recipe)
    judge = Judge(run, options.split, options.every)

    def row(name: str, tower: TextTower) -> Row:
        found = Row(name, sparsity(tower), judge(read(tower, run.tokens, judge.captions)))
        print(f"{name}, {found.zeros:.0%} zeros: {found.found[FIGURE].value:.2f}", flush=True)
        return found

    def whole_numbers(name: str, tower: TextTower) -> Row:
        data = shipped(run, tower)
        texts = read_graph(data, run.bundle.manifest.text.inputs, run.tokens, judge.captions)
        found = Row(name, sparsity(tower), judge(texts), len(encode(data)) / 1e6)
        print(f"{name}, {found.zeros:.0%} zeros: {found.found[FIGURE].value:.2f}", flush=True)
        return found

    rows = [row("dense", run.dense), whole_numbers("dense, int8", run.dense)]
    for share in SHARES:
        of = replace(recipe, sparsity=share, folder=recipe.folder / f"sparsity-{share}")
        at_once = replace(of, steps=0, folder=of.folder / "at-once")
        rows.append(row("at once", Pruning(at_once).learn()))
        if share not in options.tuned:
            continue
        tower = Pruning(of).learn()
        rows += [row("fine-tuned", tower), whole_numbers("fine-tuned, int8", tower)]
    command = f"python -m benchmarks.sparsity {options.recipe.name} --split {options.split}"
    command += f" --every {options.every}" if options.every > 1 else ""
    if tuple(options.tuned) != SHARES:
        command += " --tuned " + " ".join(str(share) for share in options.tuned)
    write(rows, recipe, judge, command, options.out)
    return 0


def write(
    rows: list[Row], recipe: TextPruningRecipe, judge: Judge, command: str, folder: Path
) -> None:
    """The page, the same as JSON, and the curve."""
    folder.mkdir(parents=True, exist_ok=True)
    dense = rows[0].found[FIGURE]
    lines = [
        f"# {(__doc__ or '').partition(chr(10))[0]}",
        "",
        f"`{command}`: {len(judge.photos):,} photos, {len(judge.captions):,} captions; fine-tuned "
        f"for {recipe.steps} steps of {recipe.captions + recipe.words} texts. *int8*: products in "
        "whole numbers; MB as a bundle stores it, without the tokenizer.",
        "",
        "![Recall by the share of zeros](text-sparsity.svg)",
        "",
        "| | zeros | R@1 | R@5 | R@10 | R@5 against dense | MB |",
        "|---|---:|---:|---:|---:|---|---:|",
    ]
    document: list[dict[str, Any]] = []
    for row in rows:
        values = [row.found[f"text to image R@{k}"].value for k in (1, 5, 10)]
        change = row.found[FIGURE].minus(dense)
        low, high = change.interval
        lines.append(
            f"| {row.name} | {row.zeros:.0%} | {' | '.join(f'{v:.1f}' for v in values)} | "
            f"{change.value:+.2f} ({low:+.2f} to {high:+.2f}) | "
            f"{'' if row.megabytes is None else f'{row.megabytes:.1f}'} |"
        )
        document.append(
            {"name": row.name, "zeros": round(row.zeros, 4), "megabytes": row.megabytes}
            | {name: round(each.value, 3) for name, each in row.found.items()}
            | {"against dense": [round(x, 3) for x in (change.value, low, high)]}
        )
    (folder / "text-sparsity.md").write_text("\n".join(lines) + "\n", "utf-8")
    data = {"command": command, "photos": len(judge.photos), "rows": document}
    (folder / "text-sparsity.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    draw(rows, folder / "text-sparsity.svg")


def draw(rows: list[Row], file: Path) -> None:
    """R@5 by the share of zeros."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "ansa"
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    dense = rows[0].found[FIGURE].value
    axes.axhline(dense, color="0.6", linewidth=1, label="dense")
    for name, style in (("at once", "o--"), ("fine-tuned", "s-"), ("fine-tuned, int8", "^:")):
        points = [(100 * row.zeros, row.found[FIGURE].value) for row in rows if row.name == name]
        axes.plot(*zip((0.0, dense), *points, strict=True), style, label=name)
    axes.set(xlabel="zeros, %", ylabel=f"{FIGURE}, %", ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
