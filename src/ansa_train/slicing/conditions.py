"""The conditions of use that a bundle is measured under, each told from what is known of a photo.

A condition is told by the bundle's own signals, by EXIF, or by labels; the page says by which. One
that cannot be told of a photo is unknown, and the photo counts neither for it nor against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansa_train.data.pack import Sample
from ansa_train.slicing.observation import Appearance, Observation

Rule = Callable[[Observation, Sample], "bool | None"]
"""Whether a photo is taken under the condition; None if that is unknown."""

LIGHT, SENSOR, FRAMING, PLACE = "light", "sharpness and sensor", "framing", "place"
PEOPLE, SUBJECT, CAMERA, SOURCE = "people", "subject", "camera", "source"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of use.

    Attributes:
        name: unique.
        group: what it is a condition of.
        told_by: what it is told by: "signal", "pixels", "EXIF", "label" or "measure".
        about: the rule in words.
        holds: the rule.
    """

    name: str
    group: str
    told_by: str
    about: str
    holds: Rule


def _looks(rule: Callable[[Appearance], bool | None]) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        return None if seen.appearance is None else rule(seen.appearance)

    return holds


def _fault(least: float, *names: str) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        if not seen.faults:
            return None
        return max(seen.faults[name] for name in names) >= least

    return holds


def _tagged(*names: str, labels: Iterable[str] = ()) -> Rule:
    said_by_people = frozenset(labels)

    def holds(seen: Observation, sample: Sample) -> bool | None:
        if said_by_people & set(sample.labels):
            return True
        return any(seen.says(name) for name in names) if seen.tags else None

    return holds


def _backlit(look: Appearance) -> bool | None:
    if look.subject_luma is None or look.surroundings_luma is None:
        return None
    return look.surroundings_luma >= 0.5 and look.subject_luma <= 0.5 * look.surroundings_luma


def _small(seen: Observation, sample: Sample) -> bool | None:
    if areas := _areas(sample):
        return max(areas) < 0.05
    share = seen.appearance.subject_share if seen.appearance else None
    return None if share is None else share < 0.05


def _cut(seen: Observation, sample: Sample) -> bool | None:
    edge = seen.appearance.subject_at_edge if seen.appearance else None
    return None if edge is None else edge >= 0.25


def _many(seen: Observation, sample: Sample) -> bool | None:
    if sample.boxes:
        return sum(not each.crowd for each in sample.boxes) >= 5
    return None


def _areas(sample: Sample) -> list[float]:
    boxes = (each.box for each in sample.boxes if not each.crowd)
    return [(right - left) * (bottom - top) for left, top, right, bottom in boxes]


def _people(least: int, most: int) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        number = people_in(sample)
        return None if number is None else least <= number <= most

    return holds


_NUMBERS = {"two": 2, "couple": 2, "three": 3, "four": 4, "five": 5, "six": 6, "several": 3}
_MANY_PEOPLE = re.compile(r"\b(?:group|crowd|team|band) of\b|\bcrowds?\b|\b(?:people|children)\b")
_ONE = re.compile(r"\b(?:a|an|one|the)(?: \w+)? (?:man|woman|boy|girl|child|person|lady|toddler)\b")
_SOME = re.compile(
    rf"\b({'|'.join(_NUMBERS)})(?: \w+)? (?:men|women|boys|girls|children|people|kids|persons)\b"
)
_CHILD = re.compile(
    r"\b(?:boy|girl|child|baby|toddler|kid|infant|boys|girls|children|babies|kids)\b"
)
_OLD = re.compile(r"\b(?:elderly|old (?:man|woman|couple|lady|people)|grand(?:mother|father))\b")
_GROWN = re.compile(r"\b(?:man|woman|men|women|lady|gentleman|adult|adults)\b")
_FEW_CAPTIONS = 2


def people_in(sample: Sample) -> int | None:
    """How many people labels say that a photo shows, up to 3 where captions say it; or None.

    Boxes are counted. Of captions, most must agree on a number; "people" and "a crowd" are 3.
    """
    if sample.boxes:
        if any(each.crowd and each.label == "person" for each in sample.boxes):
            return 3
        return sum(each.label == "person" for each in sample.boxes)
    if len(sample.captions) < _FEW_CAPTIONS:
        return None
    numbers = [_number(caption.lower()) for caption in sample.captions]
    best = max(sorted(set(numbers)), key=numbers.count)
    return best if 2 * numbers.count(best) > len(numbers) else None


def _number(caption: str) -> int:
    found = [min(3, _NUMBERS[word]) for word in _SOME.findall(caption)]
    if _MANY_PEOPLE.search(caption) and not found:
        return 3
    return min(3, sum(found) + len(_ONE.findall(caption)))


def _age(pattern: re.Pattern[str]) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        if len(sample.captions) < _FEW_CAPTIONS:
            return None
        hits = sum(bool(pattern.search(caption.lower())) for caption in sample.captions)
        return 2 * hits > len(sample.captions)

    return holds


def _region(name: str) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        part = region_of(seen)
        return None if part is None else part == name

    return holds


def region_of(seen: Observation) -> str | None:
    """The part of the world where a photo was taken; None if its file does not say."""
    from ansa.library.events.places import place_of
    from ansa_train.slicing.continents import continent

    facts = seen.facts
    if facts is None or facts.latitude is None or facts.longitude is None:
        return None
    return continent(place_of(facts.latitude, facts.longitude).code)


_PHONES = re.compile(
    r"iphone|ipad|pixel|galaxy|\bsm-|xiaomi|redmi|huawei|honor|oneplus|oppo|vivo|moto|nokia|nexus"
    r"|\bhtc\b|\blg-|xperia"
)
_OLD_YEAR = 2008


def _camera(rule: Callable[[str], bool]) -> Rule:
    def holds(seen: Observation, sample: Sample) -> bool | None:
        name = seen.facts.camera if seen.facts else None
        return rule(name.lower()) if name else None

    return holds


def _old(seen: Observation, sample: Sample) -> bool | None:
    facts = seen.facts
    if facts is None or facts.shutter is None or facts.camera is None:
        return None
    return facts.shutter.year < _OLD_YEAR


def _tone(name: str) -> Rule:
    from ansa_train.slicing.skin_tone import tone_class

    def holds(seen: Observation, sample: Sample) -> bool | None:
        return any(tone_class(angle) == name for angle in seen.tones) if seen.tones else None

    return holds


def _low_resolution(seen: Observation, sample: Sample) -> bool | None:
    return None if seen.facts is None else min(seen.facts.width, seen.facts.height) < 160


def _monochrome(look: Appearance) -> bool:
    return look.chroma < 3


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "dark", LIGHT, "pixels", "the median level is below 0.2", _looks(lambda a: a.luma < 0.2)
    ),
    Condition(
        "bright", LIGHT, "pixels", "the median level is above 0.8", _looks(lambda a: a.luma > 0.8)
    ),
    Condition(
        "backlit",
        LIGHT,
        "signal",
        "the subject is half as bright as what is around it",
        _looks(_backlit),
    ),
    Condition(
        "night",
        LIGHT,
        "signal",
        "the tag night, or such a label",
        _tagged("night", labels=["night"]),
    ),
    Condition(
        "blurred",
        SENSOR,
        "signal",
        "blur of 0.35 or more",
        _fault(0.35, "defocus_blur", "motion_blur"),
    ),
    Condition("noisy", SENSOR, "signal", "noise of 0.25 or more", _fault(0.25, "noise")),
    Condition(
        "compressed",
        SENSOR,
        "signal",
        "compression artifacts of 0.5 or more",
        _fault(0.5, "compression_artifacts"),
    ),
    Condition(
        "low resolution",
        SENSOR,
        "pixels",
        "the shorter side has less than 160 pixels",
        _low_resolution,
    ),
    Condition(
        "colour cast",
        SENSOR,
        "pixels",
        "the mean colour is 20 or more from grey",
        _looks(lambda a: a.cast >= 20),
    ),
    Condition(
        "monochrome",
        SENSOR,
        "pixels",
        "pixels are 3 or less from grey on average",
        _looks(_monochrome),
    ),
    Condition("taken before 2008", SENSOR, "EXIF", "the shutter's time is before 2008", _old),
    Condition(
        "small subject",
        FRAMING,
        "label",
        "the largest box, or the subject, takes less than 5 %",
        _small,
    ),
    Condition("cut subject", FRAMING, "signal", "the subject takes a quarter of the border", _cut),
    Condition("many objects", FRAMING, "label", "five boxes or more", _many),
    Condition("indoors", PLACE, "signal", "the tag indoors or room", _tagged("indoors", "room")),
    Condition("outdoors", PLACE, "signal", "the tag outdoors", _tagged("outdoors")),
    Condition(
        "home",
        PLACE,
        "signal",
        "the tag furniture, kitchen, bedroom or living room",
        _tagged("furniture", "kitchen", "bedroom", "living room"),
    ),
    Condition("nature", PLACE, "signal", "the tag nature", _tagged("nature")),
    Condition(
        "street",
        PLACE,
        "signal",
        "the tag street, road or city",
        _tagged("street", "road", "city", labels=["street"]),
    ),
    *(
        Condition(
            f"taken in {part}", PLACE, "EXIF", "by the coordinates in the file", _region(part)
        )
        for part in ("Africa", "Asia", "Europe", "Latin America", "North America", "Oceania")
    ),
    Condition("no people", PEOPLE, "label", "by boxes, or by most captions", _people(0, 0)),
    Condition("one person", PEOPLE, "label", "by boxes, or by most captions", _people(1, 1)),
    Condition("two people", PEOPLE, "label", "by boxes, or by most captions", _people(2, 2)),
    Condition(
        "three people or more", PEOPLE, "label", "by boxes, or by most captions", _people(3, 10_000)
    ),
    Condition("children", PEOPLE, "label", "most captions name a child", _age(_CHILD)),
    Condition("adults", PEOPLE, "label", "most captions name an adult", _age(_GROWN)),
    Condition("elderly people", PEOPLE, "label", "most captions name an old person", _age(_OLD)),
    *(
        Condition(
            f"skin tone {name}", PEOPLE, "measure", "the typology angle of a face", _tone(name)
        )
        for name in ("dark", "brown", "tan", "intermediate", "light", "very light")
    ),
    Condition(
        "phone",
        CAMERA,
        "EXIF",
        "the camera's name is a phone's",
        _camera(lambda n: bool(_PHONES.search(n))),
    ),
    Condition(
        "other camera",
        CAMERA,
        "EXIF",
        "the camera's name is no phone's",
        _camera(lambda n: not _PHONES.search(n)),
    ),
)
"""Every condition but those that depend on the data: subjects and sources."""


def subject_conditions(subjects: Mapping[str, str]) -> list[Condition]:
    """A condition for each subject.

    Args:
        subjects: the subject of each photo by its key, where people said it.
    """

    def of(name: str) -> Condition:
        def holds(seen: Observation, sample: Sample) -> bool | None:
            said = subjects.get(sample.key)
            return None if said is None else said == name

        return Condition(f"subject: {name}", SUBJECT, "label", "what labels or boxes say", holds)

    return [of(name) for name in sorted(set(subjects.values()))]


def source_conditions(samples: Sequence[Sample]) -> list[Condition]:
    """A condition for each source of photos, if there are several."""

    def of(name: str) -> Condition:
        return Condition(
            f"source: {name}",
            SOURCE,
            "label",
            "where the photo is from",
            lambda _, s: s.source == name,
        )

    sources = sorted({sample.source for sample in samples})
    return [of(name) for name in sources] if len(sources) > 1 else []
