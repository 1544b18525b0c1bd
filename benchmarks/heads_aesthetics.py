"""How often does the aesthetics head put the better of two photos first?

    python -m benchmarks.heads_aesthetics RECIPE [--bundle BUNDLE]

Test photos as they are and spoiled on purpose go through the analyzer as any photo does. The share
of pairs in the right order stands beside that of the overall technical quality, if the bundle has
it, and of sharpness alone: what is not about composition at all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy import ndimage

from ansa import Analyzer
from ansa_train.heads.aesthetics import PAIRS, SPOILED, AestheticsHead, SpoiledPhotos
from ansa_train.heads.base import HeadContext, HeadRecipe, settings_of
from benchmarks.sheet import sheet, spread

SHOWN = 60
KINDS = (*SPOILED, "mean", "across", "framed", *PAIRS)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the page is written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--bundle", type=Path, help="not the one that ships with ansa")
    parser.add_argument("--out", type=Path, default=Path("results"))
    parser.add_argument("--sheet", type=Path, help="a file for whole photos sorted by score")
    options = parser.parse_args(arguments)
    recipe = HeadRecipe.read(options.recipe)
    analyzer = Analyzer(options.bundle)
    size = analyzer.bundle.manifest.image.size
    place = HeadContext(recipe.data, recipe.cache / "aesthetics", size, recipe.seed)
    head = AestheticsHead(place, settings_of(AestheticsHead, recipe))
    pictures = head.pictures("test")
    pixels = [pictures.render(i, size) for i in range(len(pictures))]
    scenes = [analyzer.analyze(each) for each in pixels]
    if scenes[0].aesthetics is None:
        raise SystemExit(f"the bundle gives none: {scenes[0].missing.get('aesthetics')}")
    scores: dict[str, list[float]] = {
        "this head": [scene.aesthetics or 0.0 for scene in scenes],
        "technical quality": [s.quality.overall if s.quality else 0.0 for s in scenes],
        "sharpness": [float(ndimage.laplace(p.mean(2)).var()) for p in pixels],
    }
    metrics = {
        name: head.measure(np.array(values), float, "test") for name, values in scores.items()
    }
    lines = [
        f"# {(__doc__ or '').partition(chr(10))[0]}",
        "",
        "`python -m benchmarks.heads_aesthetics RECIPE [--bundle BUNDLE]`, "
        f"{datetime.now(UTC).date().isoformat()}, bundle {analyzer.bundle.manifest.name}"
        f" ({analyzer.bundle.id[:12]}).",
        "",
        *pairs_table(metrics, pictures),
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "head-aesthetics.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    if options.sheet:
        whole = [*pictures.original(pictures.rows["clutter"]), *pictures.groups[0]]
        whole += [*pictures.groups[1], *pictures.groups[2], *pictures.groups[3]]
        values = [scores["this head"][i] for i in whole]
        shown = spread(values, SHOWN)
        page = sheet([pixels[whole[i]] for i in shown], [f"{values[i]:.2f}" for i in shown])
        page.save(options.sheet)
    return 0


def pairs_table(
    metrics: Mapping[str, Mapping[str, float]], pictures: SpoiledPhotos
) -> Iterator[str]:
    """The share of pairs in the right order, by kind."""
    counts: dict[str, int] = {look: len(pictures.rows[look]) for look in SPOILED}
    groups = [len(group) for group in pictures.groups]
    counts |= {"framed": len(pictures.framed)}
    counts |= {name: groups[good] * groups[bad] for name, (good, bad) in PAIRS.items()}
    yield (
        f"{len(pictures.photos)} test photos, each as it was and spoiled in four ways, and "
        f"{sum(groups)} whole ones. Nobody rated them: the order is ours, and the score a proxy, "
        "for ranking photos of one moment. A tie counts half; chance is 50%."
    )
    yield ""
    yield f"| the better over the worse | pairs | {' | '.join(metrics)} |"
    yield "|---|---:|" + "---:|" * len(metrics)
    names = {
        "crop": "as it was over cut through the middle",
        "tilt": "as it was over tilted by 6 to 20 degrees",
        "degraded": "as it was over technically degraded",
        "occlusion": "as it was over a finger, strap or blur before it",
        "clutter": "as it was over pieces and letters strewn on it",
        "mean": "mean of the five",
        "across": "the same five, but another photo as it was",
        "framed": "a subject whole over the same cut by an edge",
        "chosen": "chosen photos over records, sources trained on",
        "chosen_new_worse": "chosen photos over records of sources it never saw",
        "chosen_unseen": "both of sources it never saw",
    }
    for kind in KINDS:
        shares = [f"{each[kind]:.1%}" for each in metrics.values()]
        yield f"| {names[kind]} | {counts.get(kind, '')} | {' | '.join(shares)} |"


if __name__ == "__main__":
    sys.exit(main())
