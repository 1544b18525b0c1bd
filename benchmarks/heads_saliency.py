"""Does the saliency map find what matters, and do crops by it keep objects?

    python -m benchmarks.heads_saliency RECIPE [--bundle BUNDLE]

Maps are compared with those of the saliency teacher on test photos; a map that is the same for
every photo, the mean of dev photos, shows what is had for nothing. Crops are judged by boxes that
people drew around objects in test photos: how much of a box's area is kept, and how often the
largest box is kept whole (95 % of its area or more). Crops at the centre, by the teacher's map, and
the best that any crop could do for the largest box stand beside them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer
from ansa.render.crop import best_crop
from ansa.scene import Box
from ansa_train.data.pack import Sample
from ansa_train.heads.base import HeadContext, HeadRecipe, settings_of
from ansa_train.heads.saliency import SaliencyHead, overlap, targets

ASPECTS = {"1:1": 1.0, "4:5": 4 / 5, "16:9": 16 / 9, "9:16": 9 / 16}
WHOLE = 0.95
COLUMNS = ("ours", "centre", "teacher", "possible")

Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """A test photo with both maps of it."""

    sample: Sample
    size: tuple[int, int]
    ours: Map
    teachers: Map
    clear: float


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the page is written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--bundle", type=Path, help="not the one that ships with ansa")
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    recipe = HeadRecipe.read(options.recipe)
    analyzer = Analyzer(options.bundle)
    image = analyzer.bundle.manifest.image
    head = SaliencyHead(
        HeadContext(recipe.data, recipe.cache / "saliency", image.size, recipe.seed),
        settings_of(SaliencyHead, recipe),
    )
    looks = list(look_at(head, analyzer))
    usual = targets(head.masks("dev"), looks[0].ours.shape[-1])[0].mean(0)
    lines = [
        f"# {(__doc__ or '').partition(chr(10))[0]}",
        "",
        "`python -m benchmarks.heads_saliency RECIPE [--bundle BUNDLE]`, "
        f"{datetime.now(UTC).date().isoformat()}, bundle {analyzer.bundle.manifest.name}"
        f" ({analyzer.bundle.id[:12]}).",
        "",
        *maps_table(looks, usual),
        "",
        *crops_table([look for look in looks if boxes(look.sample)]),
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "head-saliency.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


def look_at(head: SaliencyHead, analyzer: Analyzer) -> Iterator[Look]:
    """Every test photo, through the analyzer and by the teacher."""
    samples, masks = head.samples("test"), head.masks("test")
    for sample, mask in zip(samples, masks, strict=True):
        scene = analyzer.analyze(sample.read_bytes())
        if scene.saliency is None:
            raise SystemExit(f"the bundle gives no saliency: {scene.missing.get('saliency')}")
        maps, clear = targets(mask[np.newaxis], scene.saliency.shape[-1])
        size = (scene.facts.width, scene.facts.height)
        yield Look(sample, size, scene.saliency, maps[0], float(clear[0]))


def maps_table(looks: Sequence[Look], usual: Map) -> Iterator[str]:
    """Error and overlap of maps, by source."""
    yield "| test photos | number | MAE | of the mean map | with subject | IoU | of the mean map |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    sources = sorted({look.sample.source for look in looks})
    peaked = usual / usual.max()  # no place is salient in half of all photos
    for source in ["all", *sources]:
        some = [look for look in looks if source in ("all", look.sample.source)]
        clear = [look for look in some if look.clear >= 1]
        error = np.mean([np.abs(look.ours - look.teachers).mean() for look in some])
        usual_error = np.mean([np.abs(usual - look.teachers).mean() for look in some])
        ours = np.mean([overlap(look.ours, look.teachers) for look in clear] or [np.nan])
        usuals = np.mean([overlap(peaked, look.teachers) for look in clear] or [np.nan])
        yield (
            f"| {source} | {len(some)} | {error:.3f} | {usual_error:.3f} | {len(clear)} "
            f"| {ours:.3f} | {usuals:.3f} |"
        )


def crops_table(looks: Sequence[Look]) -> Iterator[str]:
    """What crops keep of boxes."""
    count = sum(len(boxes(look.sample)) for look in looks)
    yield (
        f"Crops of {len(looks)} test photos with {count} boxes. All: mean "
        "share of a box's area that is kept; largest: the same of each photo's largest box; whole: "
        f"share of photos whose largest box keeps {WHOLE:.0%} of it."
    )
    yield ""
    yield "| aspect | | by this map | at the centre | by the teacher's map | best possible |"
    yield "|---|---|---:|---:|---:|---:|"
    for name, aspect in ASPECTS.items():
        kept: dict[str, list[float]] = {}
        largest: dict[str, list[float]] = {}
        for look in looks:
            around = boxes(look.sample)
            flat = np.zeros_like(look.ours)
            maps = {"ours": look.ours, "centre": flat, "teacher": look.teachers}
            for who, saliency in maps.items():
                window = best_crop(saliency, aspect, *look.size)
                kept.setdefault(who, []).extend(share_kept(box, window) for box in around)
                largest.setdefault(who, []).append(share_kept(around[0], window))
            largest.setdefault("possible", []).append(fits(around[0], window))
        whole = {who: [share >= WHOLE for share in shares] for who, shares in largest.items()}
        for what, values in (("all", kept), ("largest", largest), ("whole", whole)):
            means = [f"{np.mean(values[w]):.1%}" if w in values else "" for w in COLUMNS]
            yield f"| {name} | {what} | {' | '.join(means)} |"


def boxes(sample: Sample) -> list[Box]:
    """What is drawn around single objects, the largest first."""
    return [each.box for each in sample.boxes if not each.crowd]


def share_kept(box: Box, window: Box) -> float:
    """The share of a box's area that lies in a window; 0 of a box without area."""
    width = min(box[2], window[2]) - max(box[0], window[0])
    height = min(box[3], window[3]) - max(box[1], window[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, width) * max(0.0, height) / area if area > 0 else 0.0


def fits(box: Box, window: Box) -> float:
    """The share of a box's area that a window of this size keeps where it keeps most."""
    wide = min(1.0, (window[2] - window[0]) / max(1e-9, box[2] - box[0]))
    high = min(1.0, (window[3] - window[1]) / max(1e-9, box[3] - box[1]))
    return wide * high


if __name__ == "__main__":
    sys.exit(main())
