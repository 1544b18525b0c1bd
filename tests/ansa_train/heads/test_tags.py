"""The tags head begins with what names mean, and learns from what is known of photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from ansa.model.heads.tags import TagsReader
from ansa.taxonomy.related_terms import RelatedTerms
from ansa.taxonomy.tree import Tree
from ansa_train.data.pack import Split
from ansa_train.export.heads import export_head
from ansa_train.heads import find
from ansa_train.heads.base import HeadContext
from ansa_train.heads.tags import ConceptTargets, TagSettings, TagsHead, TagsNetwork
from ansa_train.taxonomy.build import build, entries
from ansa_train.taxonomy.wordnet import WordNet
from ansa_train.teachers.imagenet import class_logits
from tests.ansa_train.conftest import note, write_tar
from tests.ansa_train.random_parts import use_parts
from tests.ansa_train.taxonomy.small import LIST, write_wordnet

CAPTIONS = ["a dog", "a cat", "the night"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty captioned photos, and ten of pets with a label each."""
    folder = tmp_path_factory.mktemp("tags")
    notes = [
        note(f"a{i:03}", captions=[CAPTIONS[i % 3]] * 2, split=("train", "dev")[i % 2])
        for i in range(30)
    ]
    notes += [
        note(f"p{i:03}", source="pets", labels=[("dog", "cat")[i % 2]], split="train")
        for i in range(10)
    ]
    write_tar(folder / "photos.tar", notes)
    return folder


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
        made = TagsHead(HeadContext(data, cache / "tags", 64), TagSettings(evidence=3))
        made.taxonomy = build(list(entries(LIST)), nouns, classes)
        for split in ("train", "dev"):
            class_logits(made.pictures(split).samples, made.place.cache)
        yield made


def clear(head: TagsHead, split: Split) -> torch.Tensor:
    """Unit vectors that say which caption or label a photo has."""
    vectors = []
    for sample in head.pictures(split).samples:
        said = " ".join((*sample.captions, *sample.labels))
        vectors.append([float(word in said) for word in ("dog", "cat", "night")] + [0.1] * 13)
    made = torch.tensor(vectors)
    made += 0.05 * torch.randn(made.shape, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.normalize(made)


def test_the_registry_finds_it() -> None:
    assert find("tags") is TagsHead


def test_before_anything_is_learned_names_decide_and_one_layer_says_the_same() -> None:
    torch.manual_seed(0)
    texts = torch.nn.functional.normalize(torch.randn(5, 16))
    layer = TagsNetwork(texts)
    vectors = torch.nn.functional.normalize(torch.randn(200, 16))
    for _ in range(300):
        layer(vectors)
    layer.eval()
    with torch.no_grad():
        logits, named = layer(vectors)
        torch.testing.assert_close(logits, named)
        torch.testing.assert_close(layer.merged()(vectors), logits, atol=1e-4, rtol=1e-4)
    assert (logits.argmax(0) == (vectors @ texts.T).argmax(0)).all()


def test_captions_count_little_where_they_are_silent(head: TagsHead) -> None:
    place = head.shown.place
    target, weight = ConceptTargets(head, "train").of(range(len(head.pictures("train"))))
    for row, sample in enumerate(head.pictures("train").samples):
        if sample.labels:
            other = place[{"dog": "cat", "cat": "dog"}[sample.labels[0]]]
            assert (target[row, other], weight[row, other]) == (0, 1)
        elif sample.captions[0] == "a dog":
            assert (target[row, place["dog"]], weight[row, place["dog"]]) == (1, 1)
            assert weight[row, place["cat"]] < 1
    assert ((target >= 0) & (target <= 1) & (weight >= 0) & (weight <= 1)).all()


def test_it_learns_calibrates_and_ships_its_tree(head: TagsHead) -> None:
    torch.manual_seed(0)
    tree = head.taxonomy.tree
    layer = TagsNetwork(torch.nn.functional.normalize(torch.randn(len(tree), 16)))
    train, dev = clear(head, "train"), clear(head, "dev")
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.02)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        parts = head.loss(layer(train), range(len(train)), layer)
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(parts["learned"].item())
    assert losses[-1] < 0.6 * losses[0]
    graph = export_head(head.exported(layer.eval()).eval(), ["embedding"], {"embedding": (16,)})
    assert graph.shape == (len(tree),)
    with torch.no_grad():
        raw = layer.merged()(dev).numpy()
    settings = head.calibrate(raw)
    read = TagsReader(graph.shape, settings)
    best = [{tag.name for tag in read(row) if tag.score > 0.5} for row in raw]
    samples = head.pictures("dev").samples
    right = [s.captions[0].split()[-1] in tags for s, tags in zip(samples, best, strict=True)]
    assert np.mean(right) > 0.8
    files = head.files()
    assert Tree.parse(files["taxonomy.json"]).concepts == tree.concepts
    near = {name for names in RelatedTerms.parse(files["kin.txt"]).values() for name in names}
    assert "dog" in near <= {concept.name for concept in tree}
