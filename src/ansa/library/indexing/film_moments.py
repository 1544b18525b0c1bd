"""What is stored about a film: the signals of its poster, and the moments that it is found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, PackedMoment
from ansa.photo.film import Film
from ansa.scene import Scene, Tag


def film_scene(film: Film, scenes: Sequence[Scene]) -> Scene:
    """The scene that stands for a film: that of its poster, with the tags of all its moments.

    Args:
        film: the film.
        scenes: the scene of each of its frames.
    """
    poster = scenes[film.poster]
    if poster.tags is None:
        return replace(poster, facts=film.facts)
    tags = merged_tags([poster.tags, *(scene.tags or () for scene in scenes)])
    return replace(poster, facts=film.facts, signals={**poster.signals, "tags": tags})


def merged_tags(shown: Sequence[Sequence[Tag]]) -> tuple[Tag, ...]:
    """The tags of several frames as those of one picture: each with its highest score.

    They keep the order of the first frame that has them.
    """
    found: dict[str, Tag] = {}
    for tags in shown:
        for tag in tags:
            before = found.get(tag.name, tag)
            score, sure = max(before.score, tag.score), before.sure or tag.sure
            found[tag.name] = Tag(tag.name, score, sure)
    return tuple(found.values())


def packed_moments(film: Film, scenes: Sequence[Scene]) -> tuple[PackedMoment, ...]:
    """The moments of a film, as they are stored.

    Args:
        film: the film.
        scenes: the scene of each of its frames.
    """
    return tuple(
        PackedMoment(
            frame.second,
            encode(EMBEDDING, scene.embedding),
            encode("tags", scene.tags) if scene.tags is not None else b"",
        )
        for frame, scene in zip(film.frames, scenes, strict=True)
    )
