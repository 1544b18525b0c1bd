"""What a bundle answers to the cases of a regression set, through what users have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ansa.library import Library
from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.photo.read import PhotoError
from ansa.scene import Scene
from ansa.taxonomy.tree import FILE, Tree
from ansa_train.regression.cases import Case, Picture, RegressionSet
from ansa_train.regression.pictures import PictureMissing, PictureStore

State = Literal["held", "broken", "not run"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A bundle's answer to a case.

    Attributes:
        case: its name.
        state: whether the expected answer held; "not run" if the case could not be asked.
        said: what the bundle said, or why the case could not be asked.
    """

    case: str
    state: State
    said: str


@dataclass(frozen=True, slots=True)
class SetAnswers:
    """A bundle's answers to a set.

    Attributes:
        name: of the set.
        digest: of the set.
        answers: one a case, in their order.
    """

    name: str
    digest: str
    answers: Sequence[Answer]

    def count(self, state: State) -> int:
        """How many cases are in a state."""
        return sum(answer.state == state for answer in self.answers)


def answers_of(bundle: Bundle, asked: RegressionSet, store: PictureStore) -> SetAnswers:
    """Asks all cases of a set.

    A picture that is missing, a tag that the bundle's taxonomy lacks, or a signal that the bundle
    does not have make a case "not run", with the reason; they end nothing.
    """
    analyzer = Analyzer(bundle)
    tree = Tree.parse(bundle.read(FILE)) if FILE in bundle.manifest.files else None
    scenes: dict[Picture, Scene] = {}
    found = {}
    searches = [case for case in asked.cases if case.ask == "search"]
    for case in asked.cases:
        if case.ask == "search":
            continue
        if reason := _lacks(case, bundle, tree):
            found[case.name] = Answer(case.name, "not run", reason)
            continue
        try:
            if case.picture not in scenes:
                scenes[case.picture] = analyzer.analyze(store.read(case.picture))
            found[case.name] = _of_scene(case, scenes[case.picture], tree)
        except PictureMissing as error:
            found[case.name] = Answer(case.name, "not run", str(error))
        except PhotoError as error:
            found[case.name] = Answer(case.name, "not run", f"{error.reason}; {error.remedy}")
    if searches:
        found |= {a.case: a for a in _searched(analyzer, searches, asked.library, store)}
    return SetAnswers(asked.name, asked.digest, [found[case.name] for case in asked.cases])


def _lacks(case: Case, bundle: Bundle, tree: Tree | None) -> str:
    """Why a case cannot be asked of a bundle, "" if it can."""
    if case.ask == "kind":
        return "" if "utility" in bundle.manifest.heads else "the bundle tells no kinds of pictures"
    if "tags" not in bundle.manifest.heads or tree is None:
        return "the bundle has no tags"
    if not tree.find(case.text):
        return f"the bundle's taxonomy has no tag {case.text!a}; the set is of another taxonomy"
    return ""


def _of_scene(case: Case, scene: Scene, tree: Tree | None) -> Answer:
    if case.ask == "kind":
        if scene.utility is None:
            return Answer(case.name, "not run", scene.missing.get("utility", "no kind was said"))
        said = scene.utility.kind
        return Answer(case.name, "held" if said == case.text else "broken", said)
    if scene.tags is None or tree is None:
        return Answer(case.name, "not run", scene.missing.get("tags", "no tag was said"))
    kinds = {each.name for concept in tree.find(case.text) for each in tree.below(concept)}
    if case.ask == "no tag":
        wrong = [tag.name for tag in scene.tags if tag.sure and tag.name in kinds]
        return Answer(case.name, "broken" if wrong else "held", ", ".join(wrong) or "not said")
    first = [tag.name for tag in scene.tags[: case.first]]
    state: State = "held" if kinds & set(first) else "broken"
    return Answer(case.name, state, ", ".join(first) or "no tag")


def _searched(
    analyzer: Analyzer, cases: Sequence[Case], library: Sequence[Picture], store: PictureStore
) -> Iterable[Answer]:
    """Searches in a library of the set's pictures, indexed as a user's folder is."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        photos.mkdir()
        names: dict[Picture, str] = {}
        missing: dict[Picture, str] = {}
        for picture in dict.fromkeys([*library, *(case.picture for case in cases)]):
            try:
                data = store.read(picture)
            except PictureMissing as error:
                missing[picture] = str(error)
                continue
            # Numbered: the name of a photo must not answer the search.
            names[picture] = f"{len(names):04}"
            (photos / names[picture]).with_suffix(_suffix(data)).write_bytes(data)
        file = Path(folder) / "library.sqlite"
        with Library(photos, database=file, analyzer=analyzer) as searched:
            if names:
                searched.index(workers=1)
            for case in cases:
                if case.picture in missing:
                    yield Answer(case.name, "not run", missing[case.picture])
                    continue
                result = searched.search(case.text, limit=case.first)
                ranked = [match.path.stem for match in result.matches]
                here = names[case.picture] in ranked
                said = f"place {ranked.index(names[case.picture]) + 1}" if here else "not found"
                said += "" if result.good else ", and that nothing matches well"
                yield Answer(case.name, "held" if here and result.good else "broken", said)


def _suffix(data: bytes) -> str:
    for mark, suffix in ((b"\x89PNG", ".png"), (b"\xff\xd8", ".jpg"), (b"GIF8", ".gif")):
        if data.startswith(mark):
            return suffix
    return ".webp" if data[8:12] == b"WEBP" else ".tif"
