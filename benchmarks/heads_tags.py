"""What do the tags know that the names of things alone do not?

    python -m benchmarks.heads_tags --recipe recipes/heads/tags.toml

The head of a run, as it ships, against zero-shot tagging by the same bundle: the cosine of a photo
with "a photo of X". Both on test photos, which nothing was learned or chosen from.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa import Analyzer, Bundle
from ansa.model.heads.tags import TagsReader
from ansa_train.data.feature_tap_cache import FeatureTapCache
from ansa_train.data.labels.class_prompts import article
from ansa_train.data.labels.concept_labels import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    UNMENTIONED,
    ConceptLabels,
)
from ansa_train.data.pack import Sample
from ansa_train.evaluate.tag_metrics import LEAST, SETS, label_recall, object_map
from ansa_train.evaluate.tagging import map_of
from ansa_train.export.heads import HeadGraph
from ansa_train.heads.base import HeadContext, HeadRecipe, settings_of
from ansa_train.heads.tags import TagsHead
from ansa_train.models.feature_taps import FeatureTaps
from ansa_train.taxonomy.build import LEFT_UNSAID

ENOUGH = 10
"""Test photos that captions must say show a thing, for it to be counted."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looks:
    """Test photos, what people say of them, and what both ways of tagging say.

    Attributes:
        samples: the photos.
        states: (photos, concepts), see :mod:`ansa_train.data.labels.concept_labels`.
        named: (photos, concepts) cosines with the names.
        ours: (photos, concepts) probabilities of the head.
        sure: (photos, concepts), among the tags that users see.
    """

    samples: Sequence[Sample]
    states: NDArray[np.uint8]
    named: Scores
    ours: Scores
    sure: NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the page is written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipe", type=Path, required=True, help="that the head was trained by")
    parser.add_argument("--out", type=Path, default=Path("results"))
    options = parser.parse_args(arguments)
    recipe = HeadRecipe.read(options.recipe)
    analyzer = Analyzer(recipe.bundle)
    size = analyzer.bundle.manifest.image.size
    place = HeadContext(recipe.data, recipe.cache / "tags", size, bundle=recipe.bundle)
    head = TagsHead(place, settings_of(TagsHead, recipe))
    looks = look(head, analyzer, recipe.cache / "branches", recipe.folder)
    options.out.mkdir(parents=True, exist_ok=True)
    page = "\n".join(report(head, looks, analyzer.bundle)) + "\n"
    (options.out / "head-tags.md").write_text(page, "utf-8")
    print(page)
    return 0


def look(head: TagsHead, analyzer: Analyzer, folder: Path, run: Path) -> Looks:
    """Everything that the page is made of."""
    made = json.loads((run / "head.json").read_text("utf-8"))
    pictures = head.photos("test")
    cache = FeatureTapCache(folder, pictures, FeatureTaps(analyzer.bundle, head.BRANCHES))
    embedded = FeatureTapCache(folder, pictures, FeatureTaps(analyzer.bundle, ["embedding"]))
    (vectors,) = embedded.rows(["embedding"], range(len(pictures)))
    texts = analyzer.embed_text([f"a photo of {article(c.name)}" for c in head.taxonomy.tree])
    graph = HeadGraph((run / "head.onnx").read_bytes(), tuple(made["shape"]))
    raw = graph.run(cache, head.BRANCHES, len(pictures))
    read = TagsReader(graph.shape, made["settings"])
    scores = np.zeros((len(raw), len(head.shown.tree)))
    scores[:, head.vocabulary.places] = [read.probabilities(row) for row in raw]
    sure = np.zeros(scores.shape, bool)
    for row, output in zip(sure, raw, strict=True):
        row[[head.shown.place[tag.name] for tag in read(output) if tag.sure]] = True
    return Looks(
        pictures.samples,
        head.shown(pictures.samples),
        vectors.numpy().astype(np.float64) @ texts.T,
        scores,
        sure,
    )


def report(head: TagsHead, looks: Looks, bundle: Bundle) -> Iterator[str]:
    """The lines of the page."""
    samples, states, shown = looks.samples, looks.states, head.shown
    yield f"# {(__doc__ or '').partition(chr(10))[0]}"
    yield ""
    yield (
        "`python -m benchmarks.heads_tags --recipe recipes/heads/tags.toml`, "
        f"{datetime.now(UTC).date().isoformat()}, bundle {bundle.manifest.name} ({bundle.id[:12]})."
    )
    yield (
        f"{len(samples):,} test photos, {len(head.vocabulary.tree):,} concepts. Names alone: "
        'cosine with "a photo of X". Head: the probability that users see, a parent never below '
        "its kinds."
    )
    yield ""
    yield "| figure, % | names alone | head |"
    yield "|---|---:|---:|"
    for source, about in (("coco", "COCO"), ("voc", "VOC")):
        both = (object_map(samples, shown, each, source) for each in (looks.named, looks.ours))
        counts = [s for s in samples if s.source == source]
        labels = {label for sample in counts for label in sample.objects}
        about = f"mAP, {len(labels)} classes on {len(counts)} photos of {about}"
        yield _row(about, *both)
    spoken = [bool(sample.captions) and sample.source == "flickr8k" for sample in samples]
    present = states[spoken] == PRESENT
    often = np.flatnonzero(present.sum(0) >= ENOUGH)
    both = (map_of(each[spoken][:, often], present[:, often]) for each in (looks.named, looks.ours))
    yield _row(f"mAP, {len(often)} concepts that captions of {sum(spoken):,} photos name", *both)
    recalls = []
    for source in SETS:
        found = [label_recall(samples, shown, each, source) for each in (looks.named, looks.ours)]
        recalls.append(found)
        yield _row(f"mean per-class recall, {source}", *found)
    yield _row("mean of the six", *np.mean(recalls, 0))
    yield ""
    yield (
        "Recall: how often a photo's label is the likeliest of its set's labels; what the right "
        "one is a kind of does not compete."
    )
    yield ""
    yield from _honesty(looks, head)
    yield ""
    yield from _objects(looks, shown)


def _honesty(looks: Looks, head: TagsHead) -> Iterator[str]:
    """Calibration, and whether sure tags keep their promise."""
    known = looks.states != UNKNOWN
    known[:, [head.shown.place[name] for name in LEFT_UNSAID]] = False
    yield (
        "Calibration, on pairs of photo and tag of which people say something; what no caption "
        "mentions counts as absent, so the share of present ones is a lower bound."
    )
    yield ""
    yield "| probability | pairs | mean | present |"
    yield "|---|---:|---:|---:|"
    edges = [LEAST, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01]
    for low, high in itertools.pairwise(edges):
        pairs = known & (looks.ours >= low) & (looks.ours < high)
        if pairs.any():
            present = (looks.states[pairs] == PRESENT).mean()
            mean = looks.ours[pairs].mean()
            yield f"| {low:g} to {min(high, 1):g} | {pairs.sum():,} | {mean:.2f} | {present:.2f} |"
    yield ""
    sure = looks.states[looks.sure]
    right, silent, wrong = (int((sure == s).sum()) for s in (PRESENT, UNMENTIONED, ABSENT))
    yield (
        f"Sure tags: {looks.sure.sum() / len(looks.sure):.1f} a photo. People say of "
        f"{right + silent + wrong:,} of them: {right:,} present, {wrong:,} absent, {silent:,} not "
        f"mentioned by captions. Precision {100 * right / max(1, right + silent + wrong):.1f} % if "
        f"not mentioned is wrong, {100 * right / max(1, right + wrong):.1f} % if it is not counted;"
        f" wanted on dev photos: {100 * head.settings.precision:.0f} %."
    )


def _objects(looks: Looks, shown: ConceptLabels) -> Iterator[str]:
    """Average precision of every COCO class that some test photo shows."""
    rows = [i for i, sample in enumerate(looks.samples) if sample.source == "coco"]
    boxed = [set(looks.samples[i].objects) for i in rows]
    yield "| COCO class | photos | AP, names alone | AP, head |"
    yield "|---|---:|---:|---:|"
    for label in sorted({label for objects in boxed for label in objects}):
        truth = np.array([[label in objects] for objects in boxed])
        concepts = shown.rules.concepts(label, shown.tree, "coco")[:1]
        column = [shown.place[concept.name] for concept in concepts]
        named, ours = (map_of(each[rows][:, column], truth) for each in (looks.named, looks.ours))
        yield f"| {label} | {truth.sum()} | {100 * named:.0f} | {100 * ours:.0f} |"


def _row(name: str, named: float, ours: float) -> str:
    return f"| {name} | {100 * named:.1f} | {100 * ours:.1f} |"


if __name__ == "__main__":
    sys.exit(main())
