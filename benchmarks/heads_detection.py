"""How well are objects found, beside the detector that taught it?

    python -m benchmarks.heads_detection RECIPE.toml

looks at the test photos with the trained head of a recipe and with its teacher, and writes
`results/head-detection.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.model.bundle import Bundle
from ansa.model.heads.detection import DetectionReader
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.data.labels.coco_classes import GROUPS, coco_name
from ansa_train.data.pack import Sample
from ansa_train.evaluate.box_precision import BoxPrecision
from ansa_train.export.heads import HeadGraph
from ansa_train.heads.base import HeadContext, HeadRecipe
from ansa_train.heads.detection import CLASSES, DetectionHead, DetectionSettings
from ansa_train.heads.train_head import NAME
from ansa_train.models.feature_taps import FeatureTaps

LEAST = 0.02
"""Score from which on the teacher's boxes count; average precision wants the doubtful too."""

HEADER = """\
| photos | classes | objects | AP | AP50 | AP, teacher | AP50, teacher |
|---|---|---:|---:|---:|---:|---:|"""


def table(
    samples: Sequence[Sample],
    head: Sequence[NDArray[np.float32]],
    teacher: Sequence[NDArray[np.float32]],
) -> list[str]:
    """Lines of Markdown: all classes and each group, on COCO's photos and on VOC's."""
    lines = []
    for source in ("coco", "voc"):
        rows = [i for i, sample in enumerate(samples) if sample.source == source]
        photos = [samples[i] for i in rows]
        both = [
            BoxPrecision(photos, [found[i] for i in rows], CLASSES) for found in (head, teacher)
        ]
        for name, classes in {"all": None, **GROUPS}.items():
            names = [b.label for s in photos for b in s.boxes if not b.crowd]
            there = sum(classes is None or coco_name(label) in classes for label in names)
            if not there:
                continue
            values = [100 * p.average(classes, at) for p in both for at in (None, 0.5)]
            cells = " | ".join(f"{value:.1f}" for value in values)
            lines.append(f"| {source} ({len(photos)}) | {name} | {there} | {cells} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", metavar="RECIPE.toml", type=Path)
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    recipe = HeadRecipe.read(options.recipe)
    made = json.loads((recipe.folder / NAME).read_text("utf-8"))
    branches = FeatureTaps(Bundle.open(recipe.bundle), DetectionHead.BRANCHES)
    place = HeadContext(recipe.data, recipe.cache / "detection", branches.size, recipe.seed)
    head = DetectionHead(place, DetectionSettings(**recipe.head))
    samples, pictures = head.boxed("test"), head.pictures("test")
    cache = FeatureTapCache(recipe.cache / "branches", pictures, branches)
    graph = HeadGraph((recipe.folder / "head.onnx").read_bytes(), tuple(made["shape"]))
    read = DetectionReader(graph.shape, made["settings"])
    raw = graph.run(cache, DetectionHead.BRANCHES, len(samples))
    opinions = head.opinions(samples, LEAST)
    found = [read.boxes(each) for each in raw]
    metrics = made["metrics"]
    page = [
        f"# {(__doc__ or '').partition(chr(10))[0]}",
        "",
        f"`python -m benchmarks.heads_detection {options.recipe.name}`,"
        f" {datetime.now(UTC).date().isoformat()}, on the test photos, which nothing was learned"
        " or chosen from. Average precision in percent, as COCO counts it, over the classes that"
        " the photos show; AP is the mean over overlaps of 0.5 to 0.95. The head: "
        f"{made['parameters']:,} parameters, {made['bytes']:,} bytes, photos squashed to"
        f" {branches.size} px; the teacher: NanoDet-Plus-m, 1.2 M parameters,"
        " 416 px.",
        "",
        HEADER,
        *table(samples, found, [opinions[sample.key] for sample in samples]),
        "",
        f"What users are shown, from a calibrated score of {made['settings']['threshold']:.2f} on,"
        " set on the dev photos: "
        + "; ".join(
            f"{source.upper()}: {100 * metrics[f'{source}_shown_precision']:.0f} % of the boxes"
            f" are right and {100 * metrics[f'{source}_shown_recall']:.0f} % of the objects found"
            for source in ("coco", "voc")
        )
        + " (an overlap of a half counts).",
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "head-detection.md").write_text("\n".join(page) + "\n", encoding="utf-8")
    print("\n".join(page))
    return 0


if __name__ == "__main__":
    sys.exit(main())
