"""What the labels and captions of data sources mean, read from a TOML file beside the recipes.

ambiguous = "bat crane"              words of captions that are too often something else
open = ["street"]                    sources whose labels do not exclude each other
[meant]                              labels of every source: the concept or concepts meant
"sports ball" = "ball"
[birds.meant]                        labels of one source
[birds]
otherwise = "bird"                   what any other label of it is a kind of
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansa.taxonomy.tree import Concept, Tree
from ansa_train.data.labels.class_prompts import PLAIN_NAMES
from ansa_train.errors import TrainingError


@dataclass(frozen=True, slots=True)
class SourceRules:
    """Rules of one source.

    Attributes:
        meant: label -> names of the concepts it means.
        otherwise: name of the concept that all other labels are kinds of; None if they are names.
    """

    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Rules of all sources; without any, a label means the concept of its name.

    Attributes:
        meant: label of any source -> names of the concepts it means.
        sources: rules of single sources, by name.
        open: sources of which a photo may show what another label says.
        ambiguous: words of captions that are too often something else than the concept so called.
    """

    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[str, SourceRules] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()

    @classmethod
    def read(cls, file: Path) -> LabelRules:
        """The rules in a TOML file.

        Raises:
            TrainingError: it cannot be read, or holds something else; the message names the key.
        """
        try:
            values: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError(
                f"{file}: no rules for labels ({error}); see recipes/data/labels.toml"
            ) from error
        ambiguous, open_ = values.pop("ambiguous", ""), values.pop("open", [])
        if not isinstance(ambiguous, str):
            raise TrainingError(f"{file}: ambiguous: not a text of words")
        if not isinstance(open_, list) or not all(isinstance(each, str) for each in open_):
            raise TrainingError(f"{file}: open: not a list of sources")
        meant = _meant(values.pop("meant", {}), f"{file}: meant")
        sources = {name: _source(table, f"{file}: {name}") for name, table in values.items()}
        return cls(meant, sources, frozenset(open_), frozenset(ambiguous.split()))

    def concepts(self, label: str, tree: Tree, source: str = "") -> tuple[Concept, ...]:
        """What a label of a source means; nothing if the tree has nothing of the kind.

        Of a source whose labels are kinds of one concept, the concept below it that is called as
        the end of the label: a "downy woodpecker" is a "woodpecker".
        """
        rules = self.sources.get(source, SourceRules())
        for meant in (rules.meant, self.meant):
            if label in meant:
                found = (tree.find(name)[:1] for name in meant[label])
                return tuple(concept for some in found for concept in some)
        if rules.otherwise is not None and (above := tree.find(rules.otherwise)):
            below = {concept.name for concept in tree.below(above[0])}
            said = label.split()
            ends = (" ".join(said[start:]) for start in range(len(said)))
            kinds = (concept for end in ends for concept in tree.find(end))
            return (next((concept for concept in kinds if concept.name in below), above[0]),)
        words = (label, *PLAIN_NAMES.get(label, ()))
        return next((found[:1] for found in map(tree.find, words) if found), ())


def _source(table: Any, where: str) -> SourceRules:
    if not isinstance(table, dict) or table.keys() - {"meant", "otherwise"}:
        raise TrainingError(f"{where}: not a table of meant and otherwise")
    otherwise = table.get("otherwise")
    if otherwise is not None and not isinstance(otherwise, str):
        raise TrainingError(f"{where}.otherwise: not the name of a concept")
    return SourceRules(_meant(table.get("meant", {}), f"{where}.meant"), otherwise)


def _meant(table: Any, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise TrainingError(f"{where}: not a table")
    found = {}
    for label, names in table.items():
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TrainingError(f"{where}.{label}: neither a name nor a list of names")
        found[label] = tuple(names)
    return found
