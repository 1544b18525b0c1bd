"""Fits what a search's scores mean to a bundle: the log odds of cosines, margins and tags.

Libraries of several sizes are drawn from dev photos of which labels, boxes or captions say what
they show. Each is searched, by a word or by a caption, with the photo there and with it left out,
and logistic functions (Cox, 1958) are fitted to whether the first results were right. The
coefficients stand in the bundle (:class:`ansa.library.search.match_calibration.MatchCalibration`).
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ansa.library.search.match_calibration import by_chance
from ansa.library.search.relevance import Baseline, baseline
from ansa.library.search.tag_names import named_in
from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.scene import Vector
from ansa.taxonomy.everyday import everyday_prompts
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.data.pack import Sample, read_pack
from ansa_train.errors import TrainingError

Floats = NDArray[np.float64]

MOST = 250
"""Dev photos of a source at most."""

FEWEST, COMMON = 4, 220
"""Photos that show a word for it to be searched for: of fewer nothing can be told, and what more
show is a kind of picture."""

WORD_SIZES, SENTENCE_SIZES = (100, 400, 1400), (100, 450)
"""Photos in the libraries that are drawn."""

WORD_RESULTS, SENTENCE_RESULTS = 8, 5
"""First results of a search that are judged."""

SENTENCES = 400
"""Captions that are searched for at most."""

USUAL = 0.25
"""As in :meth:`~ansa.library.search.match_calibration.MatchCalibration.text`, of sentences."""

LEAST, MOST_SURE = 0.02, 0.999
"""Between these, probabilities of tags count."""


@dataclass(frozen=True, slots=True)
class JudgedPhotos:
    """Photos as a bundle sees them, and what they show.

    Attributes:
        vectors: float32 (n, d), unit length.
        everyday: their scores for everyday texts.
        tags: the probabilities, by name, of each.
        shows: the rows that show a concept, or something that is one, by its name.
        captions: of each.
    """

    vectors: Vector
    everyday: Baseline
    tags: Sequence[dict[str, float]]
    shows: dict[str, set[int]]
    captions: Sequence[Sequence[str]]


def calibrate_search(bundle: Bundle, data: Path) -> dict[str, float]:
    """The coefficients that fit a bundle best on the dev photos of a folder of shards, by name.

    Raises:
        TrainingError: the bundle has no tags, or the photos are too few to tell.
    """
    if FILE not in bundle.manifest.files:
        raise TrainingError(f"{bundle.path} has no head for tags; put one onto it first")
    return fit_search(bundle, judge(bundle, dev_photos(data)))


def dev_photos(data: Path) -> list[Sample]:
    """Photos of the dev split that say what they show, at most :data:`MOST` of a source."""
    found = [
        sample
        for sample in read_pack(data, ["dev"])
        if sample.kind == "photo" and (sample.labels or sample.boxes or sample.captions)
    ]
    found.sort(key=lambda sample: zlib.crc32(sample.key.encode()))
    taken: Counter[str] = Counter()
    kept = []
    for sample in found:
        taken[sample.source] += 1
        if taken[sample.source] <= MOST:
            kept.append(sample)
    return kept


def judge(bundle: Bundle, samples: Sequence[Sample]) -> JudgedPhotos:
    """Looks at photos with a bundle, and gathers what labels, boxes and captions say of them."""
    analyzer = Analyzer(bundle)
    tree = Tree.parse(bundle.read(FILE))
    with ThreadPoolExecutor() as threads:
        scenes = list(threads.map(lambda s: analyzer.analyze(s.read_bytes()), samples))
    vectors = np.stack([scene.embedding for scene in scenes]).astype(np.float32)
    shows: dict[str, set[int]] = defaultdict(set)
    for row, sample in enumerate(samples):
        names = {*sample.labels, *(box.label for box in sample.boxes)}
        concepts = [concept for name in names for concept in tree.find(name)]
        for caption in sample.captions:
            for _, said in named_in(caption, tree, {}).named:
                if len(said) == 1:
                    concepts.append(tree[said[0]])
        for concept in concepts:
            for above in tree.path(concept):
                shows[above.name].add(row)
    return JudgedPhotos(
        vectors,
        baseline(vectors, analyzer.embed_text(everyday_prompts())),
        [{tag.name: tag.score for tag in scene.tags or ()} for scene in scenes],
        dict(shows),
        [sample.captions for sample in samples],
    )


def fit_search(bundle: Bundle, photos: JudgedPhotos) -> dict[str, float]:
    """The coefficients by name, rounded.

    Raises:
        TrainingError: the photos show too few things, or none has a caption.
    """
    analyzer = Analyzer(bundle)
    words = sorted(k for k, v in photos.shows.items() if FEWEST <= len(v) <= COMMON)
    captioned = [row for row, said in enumerate(photos.captions) if said][:SENTENCES]
    if len(words) < 10 or len(captioned) < 20:
        raise TrainingError(
            f"the dev photos show {len(words)} things often enough and {len(captioned)} have "
            "captions; give data with at least 10 and 20"
        )
    by_word = _word_results(photos, words, analyzer.embed_text(words))
    margin, chance, odds, right = by_word.T
    word = logistic_regression(np.stack([margin, chance], 1), right)
    tag = logistic_regression(np.stack([margin, odds, chance], 1), right)
    texts = analyzer.embed_text([photos.captions[row][0] for row in captioned])
    height, chance, right = _sentence_results(photos, captioned, texts).T
    sentence = logistic_regression(np.stack([height, chance], 1), right)
    names = (
        ("word_margin", "word_chance", "word_offset"),
        ("tag_margin", "tag_odds", "tag_chance", "tag_offset"),
        ("sentence_margin", "sentence_chance", "sentence_offset"),
    )
    return {
        name: round(float(value), 3)
        for some, values in zip(names, (word, tag, sentence), strict=True)
        for name, value in zip(some, values, strict=True)
    }


def logistic_regression(
    features: Floats, right: Floats, decay: float = 0.01, rounds: int = 50
) -> Floats:
    """The coefficients, and the offset at last, (f + 1,), by Newton's method.

    Args:
        features: (n, f).
        right: (n,), 0 or 1.
        decay: of the coefficients' squares, so that a fit without a mistake stays finite.
        rounds: at most.
    """
    x = np.concatenate([features, np.ones((len(features), 1))], 1)
    beta = np.zeros(x.shape[1])
    ridge = decay * np.diag([1.0] * features.shape[1] + [0.0])
    for _ in range(rounds):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30.0, 30.0)))
        gradient = x.T @ (p - right) + ridge @ beta
        curve = (x * (p * (1.0 - p))[:, None]).T @ x + ridge + 1e-9 * np.eye(len(beta))
        step = np.clip(np.linalg.solve(curve, gradient), -2.0, 2.0)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    return beta


def _word_results(photos: JudgedPhotos, words: Sequence[str], texts: Vector) -> Floats:
    """The first results of searches for words: margin, chance, odds of the tag, and if right."""
    rng = np.random.default_rng(0)
    mean, spread = photos.everyday.mean, photos.everyday.spread
    rows = []
    for word, text in zip(words, texts, strict=True):
        shown = np.zeros(len(photos.vectors), bool)
        shown[list(photos.shows[word])] = True
        there, others = np.flatnonzero(shown), np.flatnonzero(~shown)
        margins = (photos.vectors @ text - mean) / spread
        odds = _logit(np.array([tags.get(word, 0.0) for tags in photos.tags]))
        for size in WORD_SIZES:
            for absent in (False, False, False, True):
                most = max(1.5, min(len(there), 0.1 * size))
                count = 0 if absent else int(np.exp(rng.uniform(0.0, np.log(most))))
                rest = min(size, len(others)) - count
                library = np.concatenate(
                    [rng.choice(there, count, False), rng.choice(others, rest, False)]
                )
                order = np.argsort(-(0.5 * margins[library] + odds[library]), kind="stable")
                chance = by_chance(len(library))
                rows += [
                    (margins[i], chance, odds[i], float(shown[i]))
                    for i in library[order[:WORD_RESULTS]]
                ]
    return np.array(rows, np.float64)


def _sentence_results(photos: JudgedPhotos, captioned: Sequence[int], texts: Vector) -> Floats:
    """The first results of searches for captions: height above usual, chance, and if right."""
    rng = np.random.default_rng(0)
    mean = photos.everyday.mean
    usual = USUAL * mean + (1.0 - USUAL) * mean.mean()
    others = np.array(captioned)
    rows = []
    for row, text in zip(captioned, texts, strict=True):
        heights = (photos.vectors @ text - usual) / photos.everyday.spread.mean()
        for size in SENTENCE_SIZES:
            for absent in (False, True):
                rest = others[others != row]
                library = rng.choice(rest, min(size, len(rest)), False)
                if not absent:
                    library[0] = row
                order = np.argsort(-heights[library], kind="stable")
                chance = by_chance(len(library))
                rows += [
                    (heights[i], chance, float(i == row)) for i in library[order[:SENTENCE_RESULTS]]
                ]
    return np.array(rows, np.float64)


def _logit(chances: Floats) -> Floats:
    kept = np.clip(chances, LEAST, MOST_SURE)
    odds: Floats = np.log(kept / (1.0 - kept))
    return odds
