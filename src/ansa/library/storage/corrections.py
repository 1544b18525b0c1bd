"""Corrections by people: which tags photos show, and what kind of picture they are.

A correction belongs to the content of a photo and wins over every bundle. It is applied whenever
signals are read, so that nothing in a library can miss it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansa.library.storage.store import Store
from ansa.scene import Tag, Utility
from ansa.taxonomy.tree import Tree, key


@dataclass(frozen=True, eq=False)
class Corrections:
    """The corrections of the photos that a library knows.

    Attributes:
        kinds: photo -> the kind of picture that it is.
        tags: photo -> name of a tag -> whether the photo shows it.
        tree: reads the bundle's tree of tags; None if it has none.
    """

    kinds: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, Mapping[str, bool]] = field(default_factory=dict)
    tree: Callable[[], Tree | None] = lambda: None

    def __bool__(self) -> bool:
        return bool(self.kinds or self.tags)

    def apply(self, photo: int, head: str, signal: Any) -> Any:
        """Returns one head's signal of a photo as people corrected it."""
        if head == "tags" and photo in self.tags:
            return self.corrected_tags(photo, signal or ())
        if head == "utility" and photo in self.kinds:
            return corrected_kind(self.kinds[photo], signal)
        return signal

    def apply_all(self, photo: int, signals: dict[str, Any]) -> frozenset[str]:
        """Corrects all signals of a photo in place; returns the names of the corrected ones."""
        heads = {"utility"} if photo in self.kinds else set()
        heads |= {"tags"} if photo in self.tags else set()
        for head in heads:
            signals[head] = self.apply(photo, head, signals.get(head))
        return frozenset(heads)

    def corrected_tags(self, photo: int, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
        """Returns a photo's tags with those that a person named first.

        What is a cat is an animal, too, and what is no dog is no beagle.
        """
        said = self.tags[photo]
        here = self._with_kinds(said, above=True)
        absent = self._with_kinds(said, above=False).difference(
            name for name, shown in said.items() if shown
        )
        named = [name for name, shown in sorted(said.items()) if shown]
        implied = sorted(here.difference(named, absent))
        rest = [tag for tag in tags if tag.name not in here and tag.name not in absent]
        return (*(Tag(name, 1.0, True) for name in (*named, *implied)), *rest)

    def _with_kinds(self, said: Mapping[str, bool], *, above: bool) -> set[str]:
        """The tags that a photo shows with all that they are, or those that it does not show
        with all their kinds."""
        tree = self.tree()
        found = {name for name, shown in said.items() if shown == above}
        for name in list(found):
            if tree is not None and name in tree:
                concept = tree[name]
                more = tree.path(concept) if above else tree.below(concept)
                found.update(each.name for each in more)
        return found

    def own_tags(self) -> dict[str, dict[int, bool]]:
        """Returns what was said of tags that the bundle does not know, by tag and photo."""
        tree = self.tree() if self.tags else None
        found: defaultdict[str, dict[int, bool]] = defaultdict(dict)
        for photo, said in self.tags.items():
            for name, shown in said.items():
                if tree is None or name not in tree:
                    found[name][photo] = shown
        return dict(found)

    def of_tag(self, name: str) -> dict[int, bool]:
        """Returns what was said of one tag in any spelling, by photo."""
        return {
            photo: shown
            for photo, said in self.tags.items()
            for each, shown in said.items()
            if key(each) == key(name)
        }


def corrected_kind(kind: str, utility: Utility | None) -> Utility:
    """Returns the kind of a picture as a person named it."""
    scores = dict.fromkeys(utility.scores if utility else (), 0.0) | {kind: 1.0}
    return Utility(kind, 1.0, scores, True)


def read_corrections(store: Store, tree: Callable[[], Tree | None] = lambda: None) -> Corrections:
    """Returns the corrections of all photos that a library knows, without damaged ones.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    with store.reading() as connection:
        kinds = connection.execute(
            "SELECT id, kind FROM told_kinds JOIN photos USING (digest) ORDER BY id"
        ).fetchall()
        tags = connection.execute(
            "SELECT id, name, here FROM told_corrections JOIN photos USING (digest) ORDER BY id"
        ).fetchall()
    said: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for photo, name, here in tags:
        if type(name) is str and here in (0, 1):
            said[photo][name] = bool(here)
    return Corrections({p: kind for p, kind in kinds if type(kind) is str}, dict(said), tree)
