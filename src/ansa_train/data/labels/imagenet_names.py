"""The 1,000 ImageNet classes by name, and which of them a photo's label means."""

from __future__ import annotations

from ansa_train.data.labels.class_prompts import imagenet, sentence
from ansa_train.data.pack import Sample

PROMPT = "a photo of {a}."


class ImagenetNames:
    """The classes of the teacher, and which of them a photo's label names."""

    def __init__(self) -> None:
        self.vocabulary = imagenet()
        owners: dict[str, set[int]] = {}
        for place, names in enumerate(self.vocabulary.names):
            for name in names:
                owners.setdefault(_plain(name), set()).add(place)
        self._places = {name: next(iter(at)) for name, at in owners.items() if len(at) == 1}

    def of(self, sample: Sample) -> int:
        """The class that one of the photo's labels names, and no other class too; -1 for none."""
        found = {self._places.get(_plain(label), -1) for label in sample.labels} - {-1}
        return found.pop() if len(found) == 1 else -1

    def prompts(self) -> list[str]:
        """A sentence for every class, of its best known name."""
        return [sentence(names[0], PROMPT) for names in self.vocabulary.names]


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
