"""Measures how much accuracy each head loses in each variant of the image network.

Every head measures the outputs of every variant by its own metric, on the same pictures of its own;
captions measure the embedding. What counts is named in :data:`COUNTED`.
"""

from __future__ import annotations

import io
import json
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansa.atomic_write import open_atomic
from ansa.model import heads as signals
from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.processors import processor_count
from ansa_train import heads
from ansa_train.data.pack import Split, read_pack
from ansa_train.data.pictures import Pictures, WholePhotos
from ansa_train.evaluate.retrieval import recall
from ansa_train.heads.base import HeadContext

COUNTED = {
    "embedding": ("t2i_r5", "i2t_r5"),
    "tags": ("recall", "*_map"),
    "utility": ("balanced_accuracy",),
    "quality": ("*_spearman", "burst_pairs"),
    "aesthetics": ("mean", "across"),
    "saliency": ("IoU",),
    "print": ("recall_at_precision_999",),
    "detection": ("*_ap", "*_ap50"),
}
"""The metrics of a head, 0..1 and the more the better, whose mean counts; as patterns of names."""

Figures = Mapping[str, Mapping[str, float]]
"""Metric -> variant -> value."""

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class AccuracyDrop:
    """The metrics of one head in several variants.

    Attributes:
        head: its name.
        pictures: how many it was measured on.
        figures: all its metrics, in the first variant and in the other ones.
    """

    head: str
    pictures: int
    figures: Figures

    def counted(self) -> list[str]:
        """The metrics that count towards the drop; all if nothing is known of the head."""
        patterns = COUNTED.get(self.head, ("*",))
        return [name for name in self.figures if any(fnmatch(name, p) for p in patterns)]

    def points(self, variant: str, reference: str) -> float:
        """How much lower the metrics of ``variant`` are than those of ``reference``, in hundredths.

        Negative where it has more.
        """
        lost = [self.figures[n][reference] - self.figures[n][variant] for n in self.counted()]
        return 100 * float(np.mean(lost)) if lost else 0.0


def accuracy_drops(
    bundle: Bundle,
    variants: Sequence[str],
    data: Path,
    cache: Path,
    *,
    split: Split = "dev",
    every: int = 1,
    progress: Callable[[str], object] = lambda what: None,
) -> list[AccuracyDrop]:
    """Measures the embedding and every head of a bundle in some of its variants.

    See :func:`compare` for the rest.

    Args:
        bundle: with all of them.
        variants: of it; see :mod:`ansa.model.variants`.
    """
    analyzers = {variant: Analyzer(bundle, variant=variant) for variant in variants}
    return compare(analyzers, data, cache, split=split, every=every, progress=progress)


def compare(
    analyzers: Mapping[str, Analyzer],
    data: Path,
    cache: Path,
    *,
    split: Split = "dev",
    every: int = 1,
    progress: Callable[[str], object] = lambda what: None,
) -> list[AccuracyDrop]:
    """Measures the embedding and every head of bundles, or of their variants, on the same pictures.

    Args:
        analyzers: by a name; the first one's heads say how outputs are read.
        data: folder of the photos.
        cache: where opinions of teachers are kept, as in the recipes of heads.
        split: whose pictures are looked at.
        every: one of so many photos is used.
        progress: is told what comes next.
    """
    bundle = next(iter(analyzers.values())).bundle
    data = data if every == 1 else thinned(data, cache, every)
    found = [_embedding(analyzers, data, split)]
    for name, head in bundle.manifest.heads.items():
        if name not in heads.NAMES:
            continue
        progress(name)
        kind = heads.find(name)
        place = HeadContext(data, cache / name, bundle.manifest.image.size, bundle=bundle.path)
        learned = kind(place, kind.SETTINGS())
        read = signals.reader(name, head.version, head.shape, head.settings)
        pictures = learned.pictures(split)
        metrics = {
            variant: learned.measure(raw, read, split)
            for variant, raw in outputs(analyzers, name, pictures).items()
        }
        found.append(AccuracyDrop(name, len(pictures), _by_metric(metrics)))
    return found


def outputs(
    analyzers: Mapping[str, Analyzer], head: str, pictures: Pictures
) -> dict[str, NDArray[np.float32]]:
    """The raw outputs (pictures, *shape) of a head by variant. Each picture is rendered once."""
    networks = {variant: analyzer._image() for variant, analyzer in analyzers.items()}
    manifest = next(iter(analyzers.values())).bundle.manifest
    output, shape = manifest.heads[head].output, manifest.heads[head].shape
    raws = {variant: np.zeros((len(pictures), *shape), np.float32) for variant in networks}

    def look(i: int) -> None:
        pixels = {manifest.image.input: pictures.render(i, manifest.image.size)[np.newaxis]}
        for variant, network in networks.items():
            raws[variant][i] = network.run([output], pixels)[0][0]

    with ThreadPoolExecutor(processor_count()) as threads:
        for _ in threads.map(look, range(len(pictures))):
            pass
    return raws


def _embedding(analyzers: Mapping[str, Analyzer], data: Path, split: Split) -> AccuracyDrop:
    """Recall between photos and captions, and how near the vectors are to those of the first."""
    photos = read_pack(data, [split])
    samples = [sample for sample in photos if sample.captions] or photos
    vectors = outputs(analyzers, "embedding", WholePhotos(samples))
    asked = [(i, caption) for i, sample in enumerate(samples) for caption in sample.captions]
    first, *_ = analyzers
    texts = analyzers[first].embed_text([caption for _, caption in asked])
    owners = np.array([i for i, _ in asked])
    metrics = {}
    for variant, mine in vectors.items():
        recalls = recall(mine, texts, owners) if asked else {}
        shares = {name: value / 100 for name, value in recalls.items()}
        near = float((mine * vectors[first]).sum(1).mean())
        metrics[variant] = shares | {"cosine": near}
    return AccuracyDrop("embedding", len(samples), _by_metric(metrics))


def _by_metric(metrics: Mapping[str, Mapping[str, float]]) -> Figures:
    names = next(iter(metrics.values()))
    return {name: {variant: float(metrics[variant][name]) for variant in metrics} for name in names}


def thinned(data: Path, cache: Path, every: int) -> Path:
    """Writes a part of the photos of every split into a folder like that of all photos.

    Those with boxes stay, as they are few.
    """
    tars = " ".join(f"{tar.name} {tar.stat().st_size}" for tar in sorted(data.glob("*.tar")))
    folder = cache / f"every-{every}-boxed-{zlib.crc32(tars.encode()):08x}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "some.tar"
    if file.exists():
        return folder
    with open_atomic(file) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for note, members in _photos(data):
            if note.get("boxes") or zlib.crc32(note["key"].encode()) % every == 0:
                for name, content in members:
                    entry = tarfile.TarInfo(name)
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
    return folder


def _photos(data: Path) -> Iterator[tuple[dict[str, Any], list[tuple[str, bytes]]]]:
    """What is known of every photo, and names and bytes of its files."""
    for source in sorted(data.glob("*.tar")):
        with tarfile.open(source, "r:") as tar:
            together: dict[str, list[tuple[str, bytes]]] = {}
            for member in tar:
                if (stream := tar.extractfile(member)) is not None:
                    stem = member.name.rpartition(".")[0]
                    together.setdefault(stem, []).append((member.name, stream.read()))
        for members in together.values():
            if note := next((data for name, data in members if name.endswith(".json")), None):
                yield json.loads(note), members
