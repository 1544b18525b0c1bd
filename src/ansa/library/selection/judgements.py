"""What selections need to know of each photo, kept so that only new and changed photos are read.

All signals of ten thousand photos take seconds to read; what is kept of them takes a moment. It is
found by the content of a photo and the heads that analyzed it. Photos that a person corrected are
judged anew each time.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ansa.library.cleanup.clutter import has_writing_in_a_place, is_clutter
from ansa.library.cut_off import NOTHING_CUT, CutOff, cut_off
from ansa.library.index_report import Progress
from ansa.library.people import count_people
from ansa.library.session import LibrarySession
from ansa.library.storage.cache import json_values
from ansa.library.storage.corrections import read_corrections
from ansa.library.storage.photos import read_scenes
from ansa.scene import Scene

_SUBJECT = "judgements"
_METHOD = 3  # changed when photos are judged differently, so that all are judged again
_CHUNK = 1024  # photos after which what was judged is kept
_HEADS = "utility", "quality", "aesthetics", "tags", "detection"
_PICTURES = "photo", "drawing"
_CERTAIN = 0.9  # the probability of being a photo or the like; below it, a picture may be clutter
_FAULT = 0.3  # the strength of a fault of light or focus
_SEEN = 0.3  # the score from which on an object counts
_PASSING = "not stored yet", "damaged"  # what is missing now may be there later


class Judgement(NamedTuple):
    """What selections need to know of a photo.

    Attributes:
        fit: whether it is surely no clutter.
        tags: its sure tags with their probabilities, 0..1, the likeliest first.
        objects: the number of objects of each label.
        aesthetics: 0..1; None if unknown.
        quality: 0..1; None if unknown.
        people: the number of people, by their bodies and faces together.
        said: the tags that a person said it shows.
        cut: what its border cuts off.
    """

    fit: bool
    tags: Mapping[str, float] = MappingProxyType({})
    objects: Mapping[str, int] = MappingProxyType({})
    aesthetics: float | None = None
    quality: float | None = None
    people: int = 0
    said: frozenset[str] = frozenset()
    cut: CutOff = NOTHING_CUT

    def to_dict(self) -> dict[str, Any]:
        """Returns the judgement as JSON-ready values, without what a person said."""
        return {
            "fit": self.fit,
            "tags": dict(self.tags),
            "objects": dict(self.objects),
            "aesthetics": self.aesthetics,
            "quality": self.quality,
            "people": self.people,
            "cut": [self.cut.heads, self.cut.subject],
        }

    @classmethod
    def from_dict(cls, told: Any) -> Judgement:
        """Returns the judgement that :meth:`to_dict` converted.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: the values are no judgement.
        """
        heads, subject = told["cut"]
        return cls(
            bool(told["fit"]),
            dict(zip(told["tags"], map(float, told["tags"].values()), strict=True)),
            dict(zip(told["objects"], map(int, told["objects"].values()), strict=True)),
            None if told["aesthetics"] is None else float(told["aesthetics"]),
            None if told["quality"] is None else float(told["quality"]),
            int(told["people"]),
            frozenset(),
            CutOff(float(heads), bool(subject)) if heads or subject else NOTHING_CUT,
        )


def judge(scene: Scene) -> Judgement:
    """Returns what selections need to know of a scene."""
    tags, objects = scene.tags or (), scene.objects or ()
    said = {tag.name for tag in tags if tag.score == 1} if "tags" in scene.corrected else ()
    return Judgement(
        not is_clutter(scene) and not _is_doubtful(scene),
        {tag.name: tag.score for tag in tags if tag.sure},
        Counter(each.label for each in objects if each.score >= _SEEN),
        scene.aesthetics,
        None if scene.quality is None else scene.quality.overall,
        count_people(objects),
        frozenset(said),
        cut_off(objects),
    )


def judgements(
    session: LibrarySession, photos: Sequence[int], progress: Progress | None = None
) -> dict[int, Judgement]:
    """Returns the judgements of photos of a library, without those that cannot be read.

    Args:
        session: the library.
        photos: their ids.
        progress: called as ``progress(photos done, all photos)`` while photos are read that are not
            known from before.

    Raises:
        LibraryError: the library's file cannot be read.
    """
    model, cache = session.model(), session.store.cache
    told = json.dumps([_METHOD, model.bundle, sorted(model.heads.items())])
    version = hashlib.sha256(told.encode()).hexdigest()[:16]
    corrections = read_corrections(session.store, model.tree)
    corrected = corrections.kinds.keys() | corrections.tags.keys()
    digests = session.store.digests(photos)
    keys = {p: f"{version} {digests[p].hex()}" for p in digests.keys() - corrected}
    stored = cache.get(_SUBJECT)
    found: dict[int, Judgement] = {}
    kept = {photo: stored[key] for photo, key in keys.items() if key in stored}
    for photo, value in zip(kept, json_values(list(kept.values())), strict=True):
        try:
            found[photo] = Judgement.from_dict(value)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # damaged or from another version, so it is judged again
    new = [photo for photo in photos if photo not in found]
    most = 2 * session.store.count(None)  # those of one version before stay, too
    for start in range(0, len(new), _CHUNK):
        judged: dict[str, bytes] = {}
        chunk = new[start : start + _CHUNK]
        for photo, scene in read_scenes(session.store, model, chunk, _HEADS):
            found[photo] = judge(scene)
            if photo in keys and _is_complete(scene):
                judged[keys[photo]] = json.dumps(found[photo].to_dict()).encode()
        cache.put(_SUBJECT, judged, most=most)
        if progress:
            progress(min(start + _CHUNK, len(new)), len(new))
    return found


def _is_complete(scene: Scene) -> bool:
    return not any(why.startswith(_PASSING) for why in scene.missing.values())


def _is_doubtful(scene: Scene) -> bool:
    """Whether it may be clutter. A selection suffers more from one bad photo than from a missing
    good one, so doubt is enough here, but not where clutter is listed."""
    utility, quality = scene.utility, scene.quality
    likely = utility is None or sum(utility.scores.get(k, 0) for k in _PICTURES) >= _CERTAIN
    if not likely and not has_writing_in_a_place(scene):
        return True
    if "utility" in scene.corrected:
        return False
    return quality is not None and (
        abs(quality.exposure) > _FAULT or max(quality.defocus_blur, quality.motion_blur) > _FAULT
    )
