"""Tags: what the start's classifier knows of a thousand classes, and what photos teach beside it.

The backbone keeps the features of an EfficientNet-Lite, so that its ImageNet classifier comes with
them. A concept that is one of its classes, or that classes are kinds of, begins with the log-odds
of their summed probabilities (Deng et al., "Hedging Your Bets", 2012). What photos show of a
concept teaches a correction: one hidden layer over all features, shared by all concepts. Classes of
which hardly any photo is labelled are left as the classifier has them. A concept that is neither
class nor shown by enough photos is not in the vocabulary.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ansa.model.heads.tags import TagsReader
from ansa.taxonomy.related_terms import FILE as KIN
from ansa.taxonomy.tree import FILE
from ansa_train.data.augment.degraded_copies import WithDegradedCopies
from ansa_train.data.labels.coco_classes import LABELS
from ansa_train.data.labels.concept_labels import PRESENT, ConceptLabels
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.data.pack import Sample, Split, read_pack
from ansa_train.data.photo_selection import limit_per_source
from ansa_train.data.pictures import Pictures, WholePhotos
from ansa_train.errors import TrainingError
from ansa_train.evaluate.tag_metrics import tag_metrics
from ansa_train.heads.base import Head, Read
from ansa_train.heads.tag_calibration import calibrations, evidence, telling, thresholds
from ansa_train.heads.tag_network import TagNetwork
from ansa_train.heads.tag_targets import WRITTEN, TagSettings, TagTargets, TagVocabulary, scores_of
from ansa_train.models.mobilenet import Backbone
from ansa_train.models.warm_start import efficientnet_lite
from ansa_train.taxonomy.build import LEFT_UNSAID, Taxonomy, taxonomy
from ansa_train.taxonomy.related_terms import related_terms_file
from ansa_train.taxonomy.teacher_classes import class_map
from ansa_train.taxonomy.wordnet import WordNet
from ansa_train.teachers.imagenet import class_logits
from ansa_train.teachers.nanodet import NanoDet
from ansa_train.teachers.teacher_cache import boxes_of

LEAST_SCORE = 0.05
"""Of what the detection teacher sees; below it is nothing."""

SEEN = 0.5
"""The score from which on an object is counted as shown."""


class TagsHead(Head[TagSettings]):
    """The head of the tags: which concepts of a tree a photo shows, and which of them are sure."""

    VERSION = 2
    BRANCHES = ("features",)
    SETTINGS = TagSettings
    PARTS = ("wordnet", "imagenet-synsets", "efficientnet-lite0", "efficientnet-lite3", "nanodet")

    def pictures(self, split: Split) -> Pictures:
        """Those of :meth:`photos`; degraded copies after those to learn from."""
        return self._taught if split == "train" and self.settings.degraded else self.photos(split)

    def photos(self, split: Split) -> WholePhotos:
        """The photos of a split, whole, in the order of their keys."""
        return WholePhotos(self._samples[split])

    def network(self, shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
        """The pretrained classifier with an untrained correction beside it.

        Raises:
            TrainingError: the bundle's features are not those that the classifier reads.
        """
        backbone = Backbone(self.settings.classifier)
        classifier = efficientnet_lite(self.settings.classifier.removesuffix("-rich"), backbone)
        if (classifier.in_features,) != tuple(shapes["features"]):
            raise TrainingError(
                f"the bundle has {shapes['features']} features, {self.settings.classifier} has "
                f"{classifier.in_features}; name the bundle's network as classifier in the recipe"
            )
        return TagNetwork(
            classifier,
            torch.from_numpy(self.vocabulary.kinds),
            torch.from_numpy(self.vocabulary.learned),
            torch.from_numpy(self._learned.often),
            self.settings.hidden,
            self.settings.dropout,
        )

    def loss(self, outputs: Tensor, rows: Sequence[int], network: nn.Module) -> dict[str, Tensor]:
        """Binary cross entropy of all concepts in nats, weighted by how much is known of each."""
        photos = self._taught.origins[list(rows)].tolist()
        target, weight = (torch.from_numpy(each) for each in self._learned.of(photos))
        loss = F.binary_cross_entropy_with_logits(outputs, target, weight, reduction="sum")
        return {"tags": loss / len(rows)}

    def files(self) -> dict[str, bytes]:
        """The tree of the tags, and the nouns near to them."""
        tree = self.vocabulary.tree
        return {FILE: tree.to_bytes(), KIN: related_terms_file(tree, WordNet())}

    def calibrate(self, raw: NDArray[Any]) -> dict[str, Any]:
        """The tree, and each tag's calibration, threshold and weight, as the reader wants them."""
        tree, wanted = self.vocabulary.tree, self.settings
        target, weight = self.evidence("dev")
        place = {concept.name: i for i, concept in enumerate(tree)}
        lines = calibrations(raw, target, weight, wanted.prior, self.vocabulary.learned)
        settings: dict[str, Any] = {
            "names": [concept.name for concept in tree],
            "parents": [-1 if c.parent is None else place[c.parent] for c in tree],
            "slopes": [round(slope, 4) for slope, _ in lines],
            "offsets": [round(offset, 4) for _, offset in lines],
            "thresholds": [1.0] * len(tree),
            "shown": [int(concept.name not in LEFT_UNSAID) for concept in tree],
            "telling": [1.0] * len(tree),
            "precision": wanted.precision,
        }
        read = TagsReader(raw.shape[1:], settings)
        scores = np.array([read.probabilities(row) for row in raw])
        # Photos of a set that was learned from are easier than a stranger's.
        judges = np.array([self._judges(sample) for sample in self._samples["dev"]])
        learned = self.vocabulary.learned
        found = thresholds(scores[judges], target[judges], weight[judges], wanted, learned)
        settings["thresholds"] = [round(each, 4) for each in found]
        told = telling(scores, self._samples["dev"], tree)
        settings["telling"] = [round(each, 3) for each in told]
        return settings

    def evidence(self, split: Split) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What is known of a split's photos, see :func:`ansa_train.heads.tag_calibration.evidence`.

        Returns:
            presence, 0 or 1, and weight, (photos, concepts) each.
        """
        samples = self._samples[split]
        states = self.shown(samples)[:, self.vocabulary.places]
        return evidence(samples, states, self.vocabulary.tree, self.settings)

    def measure(self, raw: NDArray[Any], read: Read, split: Split) -> dict[str, float]:
        """Precision and recall of the tags that are shown, by the names of the metrics."""
        assert isinstance(read, TagsReader)
        samples = self._samples[split]
        scores = np.zeros((len(raw), len(self.shown.tree)))
        # The tags of the bundle, which may have learned from other photos than these settings name.
        places = [self.shown.place[name] for name in read.names]
        scores[:, places] = [read.probabilities(row) for row in raw]
        tags = [read(row) for row in raw]
        found = tag_metrics(samples, self.shown, scores, tags)
        found["tags"] = float(len(self.vocabulary.tree))
        found["tags_ever_sure"] = float((read.thresholds < 1).sum())
        return found

    @cached_property
    def _taught(self) -> WithDegradedCopies:
        return WithDegradedCopies(self.photos("train"), self.settings.degraded)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The tree of all concepts, and the teacher's classes in it."""
        return taxonomy()

    @cached_property
    def shown(self) -> ConceptLabels:
        """What people say of photos, of all concepts."""
        file = self.settings.labels
        rules = LabelRules.read(Path(file).expanduser()) if file else LabelRules()
        held = [s for split in ("dev", "test") for s in self._samples[split] if self._is_held(s)]
        return ConceptLabels(self.taxonomy.tree, self._samples["train"], rules, more=held)

    @cached_property
    def vocabulary(self) -> TagVocabulary:
        """The concepts that are tags."""
        kinds = class_map(self.taxonomy)
        examples = (self._states == PRESENT).sum(0)
        scores = np.array(list(self._objects.values())).reshape(-1, len(LABELS))
        for label, seen in zip(LABELS, (scores >= SEEN).sum(0), strict=True):
            for concept in self.shown.rules.concepts(label, self.taxonomy.tree, "coco"):
                examples[self.shown.place[concept.name]] += seen
        return TagVocabulary.of(self.taxonomy.tree, kinds, examples >= self.settings.examples)

    @cached_property
    def _samples(self) -> dict[str, list[Sample]]:
        """The photos of every split, in the order of their keys."""
        wanted = self.settings
        samples = read_pack(self.place.data, ["train", "dev", "test"])
        train = [sample for sample in samples if sample.split == "train"]
        dev = [sample for sample in samples if sample.split == "dev"]
        test = [sample for sample in samples if sample.split == "test"]
        held = limit_per_source(
            [s for s in train if self._is_held(s)], wanted.left_out, wanted.most_held_out
        )
        dev = limit_per_source(dev, wanted.left_out, wanted.most_dev) + held
        return {
            "train": limit_per_source(train, (*wanted.held_out, *wanted.left_out), wanted.most),
            "dev": sorted(dev, key=lambda sample: sample.key),
            "test": limit_per_source(test, wanted.left_out, wanted.most_test),
        }

    def _judges(self, sample: Sample) -> bool:
        """Whether a dev photo says when a tag is sure: of a source held out, captioned, or text."""
        return self._is_held(sample) or bool(sample.captions) or sample.kind in WRITTEN

    def _is_held(self, sample: Sample) -> bool:
        return sample.source in self.settings.held_out

    @cached_property
    def _states(self) -> NDArray[np.uint8]:
        """(training photos, all concepts)."""
        return self.shown(self._samples["train"])

    @cached_property
    def _learned(self) -> TagTargets:
        samples = self._samples["train"]
        logits = class_logits(samples, self.place.cache, self.settings.teacher)
        states = self._states[:, self.vocabulary.places]
        places = [i for i, place in enumerate(self._object_places) if place >= 0]
        seen = {
            key: [(self._object_places[i], scores[i]) for i in places]
            for key, scores in self._objects.items()
        }
        return TagTargets(samples, states, logits, self.vocabulary, self.settings, seen)

    @cached_property
    def _objects(self) -> dict[str, list[float]]:
        """Scores of COCO's classes, by the keys of the photos that the detection teacher saw."""
        seen = []
        for source, count in self.settings.objects.items():
            photos = [s for s in self._samples["train"] if (s.source, s.kind) == (source, "photo")]
            photos.sort(key=lambda s: zlib.crc32(s.key.encode()))  # sorted by key is by class
            seen += photos[:count]
        if not seen:
            return {}
        file = self.place.cache / f"{NanoDet.NAME}-{LEAST_SCORE:g}.jsonl"
        boxes = boxes_of(seen, file, NanoDet, LEAST_SCORE)
        return {sample.key: scores_of(boxes[sample.key]).tolist() for sample in seen}

    @cached_property
    def _object_places(self) -> list[int]:
        """Where COCO's classes are among the tags; -1 for one that is none."""
        names = [concept.name for concept in self.vocabulary.tree]
        found = (self.shown.rules.concepts(label, self.taxonomy.tree, "coco") for label in LABELS)
        return [names.index(c[0].name) if c and c[0].name in names else -1 for c in found]


HEAD = TagsHead
