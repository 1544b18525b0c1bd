"""Measure a bundle as shipped, through :class:`ansa.Analyzer`, on the test photos of the pack.

python -m ansa.factory.evaluate DATA [BUNDLE] --out results/quality
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ansa.analyzer import Analyzer
from ansa.factory.data.pack import Sample, Split, read_pack
from ansa.factory.data.words import imagenet
from ansa.factory.evaluate.nothing import good_match_rates
from ansa.factory.evaluate.retrieval import recall
from ansa.factory.evaluate.zeroshot import class_vectors, top_k
from ansa.factory.teacher import Teacher
from ansa.pixels import resize_square
from ansa.scene import Vector
from ansa.taxonomy import everyday_prompts

LABELLED = ("caltech101", "clothing", "pets", "scenes6", "weather")


def embed(analyzer: Analyzer, samples: Sequence[Sample]) -> Vector:
    """(n, d), every sample decoded and analyzed as a user's photo would be."""
    with ThreadPoolExecutor(2) as threads:
        photos = threads.map(lambda s: analyzer.embed_image(s.read_bytes())[0], samples)
        return np.stack(list(tqdm(photos, total=len(samples), disable=None)))


def measure(analyzer: Analyzer, data: Path, split: Split) -> dict[str, dict[str, float]]:
    """Every table of the report: retrieval, zero-shot by source, agreement with the teacher."""
    samples = read_pack(data, [split])
    vectors = dict(zip([s.key for s in samples], embed(analyzer, samples), strict=True))
    report = {}
    captioned = [s for s in samples if s.source == "flickr8k"]
    captions = [(i, c) for i, s in enumerate(captioned) for c in s.captions]
    report["flickr8k retrieval"] = recall(
        np.stack([vectors[s.key] for s in captioned]),
        analyzer.embed_text([c for _, c in captions]),
        np.array([i for i, _ in captions]),
    )
    for source in LABELLED:
        labelled = [s for s in samples if s.source == source and len(s.labels) == 1]
        names = sorted({s.labels[0] for s in labelled})
        report[f"{source}, {len(names)}-way zero-shot"] = top_k(
            np.stack([vectors[s.key] for s in labelled]),
            class_vectors(analyzer, names),
            np.array([names.index(s.labels[0]) for s in labelled]),
        )
    photos = [s for s in samples if s.kind == "photo"]
    seen = np.stack([vectors[s.key] for s in photos])
    teacher = teacher_probabilities(photos)
    names = [names[0] for names in imagenet().names]
    report["teacher's class, 1,000-way zero-shot"] = top_k(
        seen, class_vectors(analyzer, names), teacher.argmax(-1)
    )
    rates = good_match_rates(
        seen, teacher, analyzer.embed_text(names), analyzer.embed_text(everyday_prompts())
    )
    for size, rate in rates.items():
        report[f"is a class there, in a library of {size}"] = rate
    return report


def teacher_probabilities(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """(n, 1000) what the teacher makes of each photo."""
    teacher, probabilities = Teacher(), []
    for start in range(0, len(samples), 64):
        photos = [np.asarray(s.read()) for s in samples[start : start + 64]]
        batch = [resize_square(photo, Teacher.SIZE) for photo in photos]
        probabilities.append(teacher(np.stack(batch)).softmax(-1).numpy())
    return np.concatenate(probabilities)


def as_markdown(report: dict[str, dict[str, float]], command: str, bundle: str) -> str:
    """The report as a page, with the command that made it."""
    lines = ["# Quality of the bundle", "", f"Bundle {bundle}. Percent. Made by", ""]
    lines += [f"    {command}", ""]
    for title, row in report.items():
        lines += [f"## {title}", "", f"| {' | '.join(row)} |", f"|{'---|' * len(row)}"]
        lines += [f"| {' | '.join(f'{value:.1f}' for value in row.values())} |", ""]
    return "\n".join(lines)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m ansa.factory.evaluate")
    parser.add_argument("data", type=Path, help="folder of the training tars")
    parser.add_argument("bundle", nargs="?", help="a bundle's folder; the shipped one by default")
    parser.add_argument("--split", choices=["dev", "test"], default="dev")
    parser.add_argument("--out", type=Path, help="write OUT.md and OUT.json")
    arguments = parser.parse_args()
    analyzer = Analyzer(arguments.bundle)
    report = measure(analyzer, arguments.data, arguments.split)
    command = f"python -m ansa.factory.evaluate DATA --split {arguments.split}"
    page = as_markdown(
        report, command, f"{analyzer.bundle.manifest.name} {analyzer.bundle.id[:12]}"
    )
    print(page)
    if arguments.out:
        arguments.out.with_suffix(".md").write_text(page, "utf-8")
        arguments.out.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
