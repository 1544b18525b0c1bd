"""Photos belong to a theme by what they surely show, or by sentences that stand out here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from ansa.library.cleanup.clutter import PLACES
from ansa.library.events.events import PARTY
from ansa.library.memories.proposals import CELEBRATION
from ansa.library.memories.themes import THEMES, Mood, Theme, ThemeScores
from ansa.library.search.relevance import Baseline
from ansa.library.selection.gallery import Gallery
from ansa.library.selection.telling import DETAIL, PLACE
from ansa.model.bundle import Bundle
from ansa.scene import Vector
from ansa_train.data.labels.coco_classes import LABELS
from tests.library.drawn_gallery import gallery_of, keepsake, vector

THEME = {theme.name: theme for theme in THEMES}
TABLE = THEME["people around a table"].texts


def embed(texts: Sequence[str]) -> Vector:
    """The sentences of one theme point one way, all others somewhere else."""
    return np.stack([vector(1 if text in TABLE else 900 + len(text)) for text in texts])


def shown(gallery: Gallery, spread: float = 0.3) -> ThemeScores:
    count = len(gallery)
    everyday = Baseline(np.zeros(count, np.float32), np.full(count, spread, np.float32))
    return ThemeScores(gallery, embed, everyday)


def test_what_is_surely_shown_counts_and_what_is_doubtful_does_not() -> None:
    photos = [
        keepsake(0, tags=("dog", "animal")),
        keepsake(1, scores={"dog": 0.4}),
        keepsake(2, tags=("cat", "animal")),
    ]
    scores = shown(gallery_of(photos))(THEME["dogs"])
    assert (scores > 0).tolist() == [True, False, False]
    assert scores[0] == 0.9


def test_the_share_of_photos_is_told_for_every_theme() -> None:
    photos = [keepsake(row, tags=("dog",) if row < 3 else ("cat",)) for row in range(4)]
    shares = shown(gallery_of(photos)).shares(np.array([1, 2, 3]))
    told = {theme.name: share for theme, share in zip(THEMES, shares.tolist(), strict=True)}
    assert (told["dogs"], told["cats"]) == pytest.approx((2 / 3, 1 / 3))


def second_look(own: float, rival: float, score: float, **known: Any) -> bool:
    """Whether a photo with the tag "dog" is one of a dog, by its scores for two sentences."""
    photo = keepsake(0, tags=("dog",), scores={"dog": score}, **known)
    gallery = gallery_of([photo], vectors=[_axis(own, rival)])

    def read(texts: Sequence[str]) -> Vector:
        axes = {"a photo of a dog": _axis(1, 0), "a photo of a sheep": _axis(0, 1)}
        return np.stack([axes.get(text, np.zeros_like(photo_axis)) for text in texts])

    photo_axis = _axis(1, 0)
    everyday = Baseline(np.zeros(1, np.float32), np.full(1, 0.1, np.float32))
    return bool(ThemeScores(gallery, read, everyday)(THEME["dogs"])[0] > 0)


def _axis(first: float, second: float) -> Vector:
    made = np.zeros(16, np.float32)
    made[:2] = first, second
    return made


def test_lambs_that_are_tagged_as_dogs_are_in_no_memory_of_dogs() -> None:
    assert second_look(own=0.3, rival=0.0, score=0.95)
    assert not second_look(own=0.2, rival=0.4, score=0.95)


def test_a_doubtful_tag_needs_the_text_network_to_agree() -> None:
    assert second_look(own=0.3, rival=0.1, score=0.6)
    assert not second_look(own=0.05, rival=0.0, score=0.6)
    assert second_look(own=0.05, rival=0.0, score=0.95)


def test_what_a_person_said_is_not_doubted() -> None:
    said = frozenset({"dog"})
    assert second_look(own=0.0, rival=0.4, score=1.0, said=said)
    assert second_look(own=0.0, rival=0.4, score=1.0, said=said, objects={"cat": 1})


def test_what_the_networks_are_wholly_certain_of_is_doubted_all_the_same() -> None:
    assert not second_look(own=0.0, rival=0.4, score=1.0)


def test_a_photo_on_which_the_detector_sees_only_a_cat_is_in_no_memory_of_dogs() -> None:
    assert not second_look(own=0.3, rival=0.0, score=0.95, objects={"cat": 1})
    assert second_look(own=0.3, rival=0.0, score=0.95, objects={"cat": 1, "dog": 1})
    assert second_look(own=0.3, rival=0.0, score=0.95, objects={"bench": 1})


def test_a_street_at_night_is_no_sunset_however_warm_its_lamps() -> None:
    photos = [keepsake(0, tags=("sunset",)), keepsake(1, tags=("sunset", "night")),
              keepsake(2, tags=("sunset", "night"), said=frozenset({"sunset"}))]  # fmt: skip
    assert (shown(gallery_of(photos))(THEME["sunsets"]) > 0).tolist() == [True, False, True]


def test_whatever_the_tags_say_is_checked_with_the_text_network() -> None:
    assert all(theme.rivals for theme in THEMES if theme.tags)


def test_a_photo_that_looks_like_the_rest_and_not_like_the_theme_is_left_out() -> None:
    tags = [("dog",)] * 7 + [()] * 8
    photos = [keepsake(n, tags=some, scores={"dog": 0.95} if some else {})
              for n, some in enumerate(tags)]  # fmt: skip
    looks = [vector(n, like=1, cosine=0.9) for n in range(10, 16)]
    looks += [vector(n, like=2, cosine=0.9) for n in range(20, 29)]
    scores = shown(gallery_of(photos, vectors=looks), spread=30.0)(THEME["dogs"])
    assert np.flatnonzero(scores).tolist() == list(range(6))


def test_what_a_theme_excludes_is_left_out() -> None:
    photos = [keepsake(0, tags=("food",)), keepsake(1, tags=("food", "animal"))]
    assert (shown(gallery_of(photos))(THEME["food"]) > 0).tolist() == [True, False]


def around_a_table(number: int, matching: int, people: int) -> Gallery:
    photos = [keepsake(n, objects={"person": people}, tags=("table",)) for n in range(number)]
    looks = [vector(1) if n < matching else vector(50 + n) for n in range(number)]
    return gallery_of(photos, vectors=looks)


def test_a_sentence_finds_what_no_tag_names() -> None:
    scores = shown(around_a_table(40, 3, people=2))(THEME["people around a table"])
    assert np.flatnonzero(scores).tolist() == [0, 1, 2]
    assert scores.max() <= 1


def test_a_theme_of_people_needs_people() -> None:
    assert not shown(around_a_table(40, 3, people=0))(THEME["people around a table"]).any()


def test_a_sentence_that_all_photos_match_alike_tells_nothing() -> None:
    scores = shown(around_a_table(40, 40, people=2), spread=0.5)(THEME["people around a table"])
    assert not scores.any()


def test_no_photos_show_nothing() -> None:
    assert shown(gallery_of([]))(THEME["dogs"]).shape == (0,)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_theme_names_only_tags_that_the_shipped_bundle_has(theme: Theme) -> None:
    named = theme.tags.union(theme.without, *theme.shows)
    assert named - shipped() - set(LABELS) == set()
    assert theme.tags or (theme.texts and theme.shows)


@pytest.mark.parametrize("tags", [CELEBRATION, PARTY, PLACE, DETAIL, PLACES])
def test_choices_name_only_tags_that_the_shipped_bundle_has(tags: frozenset[str]) -> None:
    assert tags - shipped() == set()


@cache
def shipped() -> frozenset[str]:
    """The tags that the bundle that ships with ANSA can give to a photo."""
    settings = Bundle.open().manifest.heads["tags"].settings
    names = zip(settings["names"], settings["shown"], strict=True)
    return frozenset(name for name, worth in names if worth)


def test_lights_of_a_city_are_known_by_the_sentences_and_by_what_is_seen_at_night() -> None:
    seen = [("night", "building"), ("night",), ("building",), ("night", "street", "sunset")]
    assert by_sentences("city nights", seen) == [0]


def test_a_birthday_is_known_by_the_sentences_and_by_its_cake_or_candles() -> None:
    seen = [("candle",), ("food",), ("cake",), ("cake", "wedding")]
    assert by_sentences("birthdays", seen) == [0, 2]


def by_sentences(name: str, seen: Sequence[tuple[str, ...]]) -> list[int]:
    """Which photos, with these tags, are of a theme, if all match its sentences and many others do
    not."""
    theme, count = THEME[name], len(seen)
    photos = [keepsake(n, tags=seen[n] if n < count else ()) for n in range(40 + count)]
    looks = [vector(1) if n < count else vector(50 + n) for n in range(40 + count)]

    def read(texts: Sequence[str]) -> Vector:
        return np.stack([vector(1 if text in theme.texts else 900 + len(text)) for text in texts])

    everyday = Baseline(np.zeros(len(photos), np.float32), np.full(len(photos), 0.3, np.float32))
    gallery = gallery_of(photos, vectors=looks)
    found: list[int] = np.flatnonzero(ThemeScores(gallery, read, everyday)(theme)).tolist()
    return found


def test_names_are_unique_and_every_theme_can_be_found() -> None:
    assert len(THEME) == len(THEMES)
    assert all(theme.tags or theme.texts for theme in THEMES)
    assert all(isinstance(theme, Theme) and isinstance(theme.mood, Mood) for theme in THEMES)
    assert all(40 <= theme.mood.tempo <= 180 for theme in THEMES)
