"""What labels mean is read from a file, and what is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.label_rules import LabelRules
from ansa_train.errors import TrainingError

TREE = Tree(
    (
        Concept("bird"),
        Concept("woodpecker", "bird"),
        Concept("robin", "bird"),
        Concept("computer mouse"),
        Concept("street"),
        Concept("person"),
        Concept("pedestrian", "person"),
    )
)
FILE = """
ambiguous = "bat crane"
open = ["town"]
[meant]
mouse = "computer mouse"
pole = []
[town.meant]
walker = ["person", "pedestrian"]
mouse = "street"
[birds]
otherwise = "bird"
[birds.meant]
"pink robin" = "bird"
"""


@pytest.fixture
def rules(tmp_path: Path) -> LabelRules:
    """Those above."""
    file = tmp_path / "labels.toml"
    file.write_text(FILE, "utf-8")
    return LabelRules.read(file)


@pytest.mark.parametrize(
    ("source", "label", "meant"),
    [
        ("album", "mouse", ["computer mouse"]),
        ("town", "mouse", ["street"]),
        ("town", "walker", ["person", "pedestrian"]),
        ("town", "street", ["street"]),
        ("town", "pole", []),
        ("town", "unicorn", []),
        ("birds", "downy woodpecker", ["woodpecker"]),
        ("birds", "abbotts babbler", ["bird"]),
        ("birds", "street", ["bird"]),
        ("birds", "pink robin", ["bird"]),
    ],
)
def test_a_label_means_what_its_source_says_then_what_all_do(
    rules: LabelRules, source: str, label: str, meant: list[str]
) -> None:
    assert [concept.name for concept in rules.concepts(label, TREE, source)] == meant


def test_words_and_open_sources_are_read(rules: LabelRules) -> None:
    assert rules.ambiguous == {"bat", "crane"}
    assert rules.open == {"town"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("open = 'town'", "open"),
        ("open = [1]", "open"),
        ("ambiguous = ['bat']", "ambiguous"),
        ("meant = 1", "meant"),
        ("[meant]\nmouse = 1", "meant.mouse"),
        ("[meant]\nmouse = [1]", "meant.mouse"),
        ("[town]\nment = 1", "town"),
        ("[town]\notherwise = 1", "town.otherwise"),
        ("town = 1", "town"),
        ("[town", "no rules"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "labels.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(TrainingError, match=said):
        LabelRules.read(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.toml"):
        LabelRules.read(tmp_path / "gone.toml")
