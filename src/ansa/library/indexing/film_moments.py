"""What is stored about a film or an animated picture: the signals of the frame that stands for it,
and the moments that it is found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansa.library.storage.codec import encode
from ansa.library.storage.rows import EMBEDDING, PackedMoment
from ansa.photo.film import Film, FilmFrame
from ansa.scene import Scene, Tag


def film_scene(film: Film, scenes: Sequence[Scene]) -> Scene:
    """The scene that stands for a film: that of its poster, with the tags of all its moments.

    Args:
        film: the film.
        scenes: the scene of each of its frames.
    """
    return replace(with_tags_of(scenes[film.poster], scenes), facts=film.facts)


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


def with_tags_of(picture: Scene, scenes: Sequence[Scene]) -> Scene:
    """The scene of an animated picture: that of its first frame, with the tags of all others.

    Args:
        picture: the scene of its first frame.
        scenes: the scenes of others.
    """
    if picture.tags is None:
        return picture
    tags = merged_tags([picture.tags, *(scene.tags or () for scene in scenes)])
    return replace(picture, signals={**picture.signals, "tags": tags})


def packed_moments(
    frames: Sequence[FilmFrame], scenes: Sequence[Scene]
) -> tuple[PackedMoment, ...]:
    """The moments of a film, as they are stored.

    Args:
        frames: its telling frames.
        scenes: the scene of each of them.
    """
    return tuple(
        PackedMoment(
            frame.second,
            encode(EMBEDDING, scene.embedding),
            encode("tags", scene.tags) if scene.tags is not None else b"",
        )
        for frame, scene in zip(frames, scenes, strict=True)
    )
