"""The tags head keeps what the classifier knows, and learns from what is known of photos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa.model.heads.tags import TagsReader
from ansa.taxonomy.related_terms import RelatedTerms
from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.augment.degraded_copies import WithDegradedCopies
from ansa_train.data.labels.concept_labels import PRESENT, UNMENTIONED
from ansa_train.data.pack import Split
from ansa_train.errors import TrainingError
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.tag_network import TagNetwork
from ansa_train.heads.tag_targets import TagSettings, TagTargets, TagVocabulary, scores_of
from ansa_train.heads.tags import TagsHead
from ansa_train.taxonomy.build import build, entries
from ansa_train.taxonomy.wordnet import WordNet
from ansa_train.teachers.imagenet import class_logits
from tests.ansa_train.conftest import note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.taxonomy.small import LIST, write_wordnet

CAPTIONS = ["a dog", "a cat", "the night"]
TEACHER = "efficientnet-lite2"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Captioned photos, pets with a label each, receipts, and a source held out."""
    folder = tmp_path_factory.mktemp("tags")
    notes = [
        note(f"a{i:03}", captions=[CAPTIONS[i % 3]] * 2, split=("train", "dev")[i % 2])
        for i in range(60)
    ]
    notes += [
        note(f"p{i:03}", source="pets", labels=[("dog", "cat")[i % 2]], split="train")
        for i in range(10)
    ]
    notes += [note(f"r{i:03}", source="till", kind="receipt", split="dev") for i in range(3)]
    notes += [note(f"h{i:03}", source="held", labels=["cat"], split="train") for i in range(4)]
    notes += [note(f"c{i:03}", source="copy", labels=["cat"], split="dev") for i in range(4)]
    write_tar(folder / "photos.tar", notes)
    return folder


SETTINGS = TagSettings(
    held_out=("held",),
    left_out=("copy",),
    most_held_out=3,
    teacher=TEACHER,
    hidden=8,
    examples=5,
    precision=0.7,
)


@pytest.fixture(scope="module")
def head(
    data: Path, parts_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TagsHead]:
    """With a small tree, and a teacher that says nothing."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "parts").symlink_to(parts_cache / "parts")
    with pytest.MonkeyPatch.context() as patch:
        write_wordnet(cache)
        use_parts(patch, cache)
        nouns = WordNet()
        words = ["beagle", "golden retriever", "cat", *["barge"] * 997]
        classes = [nouns.senses(word)[0] for word in words]
        made = TagsHead(HeadContext(data, cache / "tags", 64), SETTINGS)
        made.taxonomy = build(list(entries(LIST)), nouns, classes)
        class_logits(made.photos("train").samples, made.place.cache, TEACHER)
        yield made


def clear(head: TagsHead, split: Split) -> torch.Tensor:
    """Features that say which caption or label a photo has."""
    vectors = []
    for sample in head.photos(split).samples:
        said = " ".join((*sample.captions, *sample.labels))
        vectors.append([float(word in said) for word in ("dog", "cat", "night")] + [0.1] * 13)
    made = torch.tensor(vectors)
    return made + 0.05 * torch.randn(made.shape, generator=torch.Generator().manual_seed(0))


def small_network(head: TagsHead) -> TagNetwork:
    """As the head's, over sixteen features."""
    torch.manual_seed(0)
    classifier = torch.nn.Linear(16, 1000)
    kinds, learned = head.vocabulary.kinds, head.vocabulary.learned
    often = torch.full((len(learned),), 0.1)
    return TagNetwork(classifier, torch.from_numpy(kinds), torch.from_numpy(learned), often, 8, 0.0)


def test_the_registry_finds_it() -> None:
    assert find("tags") is TagsHead


def test_before_anything_is_learned_a_concept_has_the_odds_of_all_its_classes() -> None:
    torch.manual_seed(0)
    classifier = torch.nn.Linear(16, 4)
    kinds = torch.tensor([[1.0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]])
    often = torch.tensor([0.5, 0.5, 0.2])
    network = TagNetwork(classifier, kinds, torch.tensor([True, False, True]), often, 8, 0.0).eval()
    features = torch.randn(50, 16)
    with torch.no_grad():
        chances = classifier(features).softmax(1)
        logits = network(features)
    both = chances[:, 0] + chances[:, 1]
    torch.testing.assert_close(logits[:, 0], 0.9 * torch.logit(both), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(logits[:, 1], 0.9 * torch.logit(chances[:, 0]), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(logits[:, 2].sigmoid(), torch.full((50,), 0.2))


def test_classes_that_no_photo_teaches_stay_as_the_classifier_has_them() -> None:
    torch.manual_seed(0)
    classifier = torch.nn.Linear(16, 3)
    learned = torch.tensor([True, False, False])
    network = TagNetwork(classifier, torch.eye(3), learned, torch.full((3,), 0.1), 8, 0.0)
    torch.nn.init.normal_(network.up.weight)
    torch.nn.init.normal_(network.own_slopes)
    features = torch.randn(20, 16)
    with torch.no_grad():
        logits, expected = network.eval()(features), torch.logit(classifier(features).softmax(1))
    torch.testing.assert_close(logits[:, 1:], 0.9 * expected[:, 1:], atol=1e-3, rtol=1e-3)
    assert not torch.allclose(logits[:, 0], 0.9 * expected[:, 0], atol=0.1)


def test_what_is_no_class_and_is_hardly_ever_shown_is_no_tag() -> None:
    tree = Tree((Concept("animal"), Concept("dog", "animal"), Concept("yak", "animal")))
    kinds = np.zeros((4, 3), np.float32)
    found = TagVocabulary.of(tree, kinds, np.array([False, True, False]))
    assert [concept.name for concept in found.tree] == ["animal", "dog"]
    assert found.places.tolist() == [0, 1]


def test_nothing_is_learned_from_what_is_held_out_which_tunes(head: TagsHead) -> None:
    train, dev = (head.photos(split).samples for split in ("train", "dev"))
    assert {sample.source for sample in train} == {"album", "pets"}
    assert sum(sample.source == "held" for sample in dev) == 3
    assert all(sample.source != "copy" for sample in (*train, *dev))


def test_captions_count_little_where_they_are_silent(head: TagsHead) -> None:
    place = {concept.name: i for i, concept in enumerate(head.vocabulary.tree)}
    samples = head.photos("train").samples
    states = head.shown(samples)[:, head.vocabulary.places]
    logits = np.zeros((len(samples), 1000), np.float16)
    targets = TagTargets(samples, states, logits, head.vocabulary, SETTINGS)
    target, weight = targets.of(range(len(samples)))
    for row, sample in enumerate(samples):
        if sample.labels:
            other = place[{"dog": "cat", "cat": "dog"}[sample.labels[0]]]
            assert (target[row, other], weight[row, other]) == (0, 1)
        elif sample.captions[0] == "a dog":
            assert (target[row, place["dog"]], weight[row, place["dog"]]) == (1, 1)
            assert weight[row, place["cat"]] < 1
    assert ((target >= 0) & (target <= 1) & (weight >= 0) & (weight <= 1)).all()


def test_what_a_detector_saw_is_learned_but_people_are_believed(head: TagsHead) -> None:
    dog, cat = ([c.name for c in head.vocabulary.tree].index(name) for name in ("dog", "cat"))
    samples = head.photos("train").samples
    row = next(i for i, sample in enumerate(samples) if sample.captions == ("a dog", "a dog"))
    states = head.shown(samples)[:, head.vocabulary.places]
    logits = np.zeros((len(samples), 1000), np.float16)
    seen = {samples[row].key: [(dog, 0.0), (cat, 0.9)]}
    targets = TagTargets(samples, states, logits, head.vocabulary, SETTINGS, seen)
    target, weight = targets.of([row])
    assert (target[0, dog], weight[0, dog]) == (1, 1)
    assert target[0, cat] > 0.99
    assert weight[0, cat] == pytest.approx(SETTINGS.detected)


def test_of_several_boxes_of_a_class_the_surest_counts() -> None:
    boxes = np.zeros((3, 6), np.float32)
    boxes[:, 4], boxes[:, 5] = [0.2, 0.7, 0.4], [0, 0, 15]
    scores = scores_of(boxes)
    assert scores[[0, 1, 15]] == pytest.approx([0.7, 0, 0.4])
    assert not scores_of(np.zeros((0, 6), np.float32)).any()


def test_pictures_of_text_show_none_of_what_photos_show(head: TagsHead) -> None:
    samples = head.photos("dev").samples
    target, weight = head.evidence("dev")
    dog = [concept.name for concept in head.vocabulary.tree].index("dog")
    states = head.shown(samples)[:, head.vocabulary.places]
    written = [row for row, sample in enumerate(samples) if sample.kind == "receipt"]
    assert (target[written][:, dog] == 0).all()
    assert (weight[written][:, dog] == 1).all()
    assert (weight[states == UNMENTIONED] == SETTINGS.brief_silence).all()
    assert (target == (states == PRESENT)).all()


def test_features_of_another_network_are_refused(head: TagsHead) -> None:
    with pytest.raises(TrainingError, match="classifier"):
        head.network({"features": (16,)})


def test_it_learns_calibrates_and_ships_its_tree(head: TagsHead) -> None:
    tree = head.vocabulary.tree
    network = small_network(head)
    train, dev = clear(head, "train"), clear(head, "dev")
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.02)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        (loss,) = head.loss(network(train), range(len(train)), network).values()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]
    graph = export_head(head.exported(network.eval()), ["features"], {"features": (16,)})
    assert graph.shape == (len(tree),)
    with torch.no_grad():
        raw = network(dev).numpy()
    settings = head.calibrate(raw)
    read = TagsReader(graph.shape, settings)
    best = [{tag.name for tag in read(row) if tag.score > 0.5} for row in raw]
    samples = head.photos("dev").samples
    right = [
        sample.captions[0].split()[-1] in tags
        for sample, tags in zip(samples, best, strict=True)
        if sample.captions
    ]
    assert np.mean(right) > 0.8
    sure = [any(tag.sure for tag in read(row)) for row in raw]
    receipts = [row for row, sample in enumerate(samples) if sample.kind == "receipt"]
    assert any(sure)
    assert not any(sure[row] for row in receipts)
    files = head.files()
    assert Tree.parse(files["taxonomy.json"]).concepts == tree.concepts
    near = {name for names in RelatedTerms.parse(files["kin.txt"]).values() for name in names}
    assert near <= {concept.name for concept in tree}


def test_a_degraded_copy_is_learned_with_what_is_known_of_its_original(head: TagsHead) -> None:
    settings = replace(SETTINGS, degraded=12)
    made = TagsHead(head.place, settings)
    made.taxonomy = head.taxonomy
    photos = len(made.photos("train"))
    assert len(made.pictures("train")) == photos + 12
    assert len(made.pictures("dev")) == len(head.pictures("dev"))
    torch.manual_seed(0)
    outputs = torch.randn(len(made.pictures("train")), len(made.vocabulary.tree))
    pictures = made.pictures("train")
    assert isinstance(pictures, WithDegradedCopies)
    original = int(pictures.origins[photos])
    network = small_network(made)
    copied = made.loss(outputs[:1], [photos], network)["tags"]
    torch.testing.assert_close(copied, head.loss(outputs[:1], [original], network)["tags"])
