"""What the tools of the MCP server answer, with bounded sizes and as valid text.

Names of files, folders and tags come from outside and may hold anything. They are made printable
and cut, and always stand in fields of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ansa.library.cleanup.duplicates import Duplicates, Group
from ansa.library.details import PhotoDetails, alternative_text
from ansa.library.library import Library
from ansa.library.memories.memories import Memories, Memory
from ansa.library.search.ranking import Match, SearchResult
from ansa.names import printable
from ansa.scene import Facts

MOST_PHOTOS = 50
"""The most photos that a search gives."""

MOST_MEMORIES = 24
MOST_GROUPS = 100

_MOST_IN_MEMORY = 24
_MOST_IN_GROUP = 20
_MOST_TAGS, _MOST_OBJECTS = 30, 50
_MOST_REASONS, _MOST_PATHS = 8, 10
_LINE, _PATH = 300, 4096  # characters

Score = Annotated[float, Field(ge=0, le=1)]


class PhotoFacts(BaseModel):
    """What the file and its metadata state."""

    width: int
    height: int
    format: str | None = Field(description='The file format, such as "JPEG".')
    taken: str | None = Field(description="ISO 8601, no more of it than is known.")
    camera: str | None
    latitude: float | None
    longitude: float | None
    film_seconds: float | None = Field(description="The length of a film; null for a photo.")


class FoundPhoto(BaseModel):
    """A photo that a search found."""

    id: int = Field(description="The number of the photo, which `describe` takes.")
    path: str
    score: Score = Field(description="The chance that it is what was asked for.")
    grade: Literal["matches", "perhaps", "not here"]
    reasons: list[str]
    taken: str | None
    place: str = Field(description="Town and country; empty if unknown.")
    film_second: float | None = Field(description="Of a film, where it matches best.")
    description: str = Field(description="What it surely shows, in a sentence.")


class FoundPhotos(BaseModel):
    """The result of a search."""

    grade: Literal["matches", "perhaps", "not here"] = Field(
        description='That of the best photo. If it is "not here", the nearest ones are given.'
    )
    message: str
    understood: list[str] = Field(description="How each part of the query was understood.")
    suggestions: list[str] = Field(description="Tags near to what was asked, if nothing matches.")
    photos: list[FoundPhoto]


class SeenTag(BaseModel):
    """Something that a photo shows."""

    name: str
    probability: Score
    sure: bool


class SeenObject(BaseModel):
    """An object, and where it is."""

    label: str
    probability: Score
    box: list[float] = Field(description="Left, top, right, bottom, in 0..1 of the upright photo.")


class DescribedPhoto(BaseModel):
    """What is known of one photo."""

    id: int
    paths: list[str] = Field(description="Its file, and its exact copies.")
    there: bool = Field(description="Whether the file exists now.")
    description: str = Field(description="What it surely shows, and when it was taken.")
    tags: list[SeenTag]
    objects: list[SeenObject]
    kind: str | None = Field(description='"photo", "receipt", "screenshot" and the like.')
    quality: Score | None = Field(description="The technical quality; 0 is useless.")
    place: list[str] = Field(description="Names of the place, the most exact first.")
    mark: str | None = Field(description='"favourite", "hidden" or null.')
    facts: PhotoFacts
    analyzed: bool = Field(description="False if it waits to be analyzed: tags are missing then.")


class NamedPhoto(BaseModel):
    """A photo in a list."""

    id: int
    path: str
    taken: str | None


class ProposedMemory(BaseModel):
    """A few photos worth looking back at."""

    id: str
    kind: str
    title: str
    first: str | None = Field(description="When its first photo was taken.")
    last: str | None
    reasons: list[str]
    photos: list[NamedPhoto]


class ProposedMemories(BaseModel):
    """The memories, the best first."""

    message: str
    memories: list[ProposedMemory]


class DuplicatePhoto(BaseModel):
    """A photo that need not be kept."""

    id: int
    path: str
    relation: Literal["exact", "edited", "burst"]
    similarity: float
    reason: str = Field(description="Why the other one is kept.")


class DuplicateGroup(BaseModel):
    """Photos of which one is enough."""

    keep: NamedPhoto
    others: list[DuplicatePhoto]
    more: int = Field(description="How many others are left out of this answer.")


class FoundDuplicates(BaseModel):
    """The groups of duplicates."""

    message: str
    photos: int = Field(description="How many photos were compared.")
    all_groups: int
    groups: list[DuplicateGroup]


def found_photos(library: Library, result: SearchResult) -> FoundPhotos:
    """Returns a search's result as the tool answers it."""
    said = library.descriptions(match.path for match in result.matches[:MOST_PHOTOS])
    return FoundPhotos(
        grade=result.grade,
        message=_line(result.message),
        understood=[_line(str(step)) for step in result.steps[:MOST_PHOTOS]],
        suggestions=[_line(tag) for tag, _ in result.suggestions[:MOST_PHOTOS]],
        photos=[_found(match, said.get(match.path, "")) for match in result.matches[:MOST_PHOTOS]],
    )


def described_photo(details: PhotoDetails) -> DescribedPhoto:
    """Returns what is known of a photo as the tool answers it."""
    scene = details.scene
    tags = (scene.tags if scene else None) or ()
    objects = (scene.objects if scene else None) or ()
    return DescribedPhoto(
        id=details.id,
        paths=[_path(path) for path in details.paths[:_MOST_PATHS]],
        there=details.there,
        description=_line(alternative_text(scene)) if scene else "",
        tags=[
            SeenTag(name=_line(tag.name), probability=_share(tag.score), sure=tag.sure)
            for tag in tags[:_MOST_TAGS]
        ],
        objects=[
            SeenObject(
                label=_line(each.label),
                probability=_share(each.score),
                box=[round(float(side), 4) for side in each.box],
            )
            for each in objects[:_MOST_OBJECTS]
        ],
        kind=scene.utility.kind if scene and scene.utility else None,
        quality=_share(scene.quality.overall) if scene and scene.quality else None,
        place=[_line(name) for name in details.place],
        mark=details.mark,
        facts=_facts(details.facts),
        analyzed=scene is not None,
    )


def proposed_memories(library: Library, found: Memories) -> ProposedMemories:
    """Returns memories as the tool answers them."""
    memories = [_memory(library, each) for each in found.memories[:MOST_MEMORIES]]
    return ProposedMemories(
        message=_line(found.message), memories=[each for each in memories if each.photos]
    )


def found_duplicates(library: Library, found: Duplicates, most: int) -> FoundDuplicates:
    """Returns at most so many groups of duplicates as the tool answers them."""
    return FoundDuplicates(
        message=_line(found.message),
        photos=found.photos,
        all_groups=len(found.groups),
        groups=[_group(library, each) for each in found.groups[:most]],
    )


def _found(match: Match, description: str) -> FoundPhoto:
    return FoundPhoto(
        id=match.id,
        path=_path(match.path),
        score=_share(match.score),
        grade=match.grade,
        reasons=[_line(reason.text) for reason in match.reasons[:_MOST_REASONS]],
        taken=match.facts.taken_text,
        place=_line(match.place),
        film_second=match.second,
        description=_line(description),
    )


def _memory(library: Library, memory: Memory) -> ProposedMemory:
    shots = [each.to_dict() for each in memory.photos]
    times = [each["taken"] for each in shots if each["taken"]]
    photos = (_named(library, Path(each["path"]), each["taken"]) for each in shots)
    return ProposedMemory(
        id=memory.id,
        kind=memory.kind,
        title=_line(memory.title),
        first=times[0] if times else None,
        last=times[-1] if times else None,
        reasons=[_line(reason) for reason in memory.reasons[:_MOST_REASONS]],
        photos=list(islice(_known(photos), _MOST_IN_MEMORY)),
    )


def _group(library: Library, group: Group) -> DuplicateGroup:
    shown = group.others[:_MOST_IN_GROUP]
    others = [
        DuplicatePhoto(
            id=library.photo_of(other.path) or 0,
            path=_path(other.path),
            relation=other.relation,
            similarity=round(other.similarity, 4),
            reason=_line(other.reason),
        )
        for other in shown
    ]
    photo = library.photo_of(group.keep) or 0
    taken = library.store.facts([photo])[photo].taken_text if photo else None
    keep = NamedPhoto(id=photo, path=_path(group.keep), taken=taken)
    return DuplicateGroup(keep=keep, others=others, more=len(group.others) - len(shown))


def _named(library: Library, path: Path, taken: str | None) -> NamedPhoto | None:
    photo = library.photo_of(path)
    return None if photo is None else NamedPhoto(id=photo, path=_path(path), taken=taken)


def _known(photos: Iterable[NamedPhoto | None]) -> Iterable[NamedPhoto]:
    return (photo for photo in photos if photo is not None)


def _facts(facts: Facts) -> PhotoFacts:
    return PhotoFacts(
        width=facts.width,
        height=facts.height,
        format=facts.format,
        taken=facts.taken_text,
        camera=_line(facts.camera) if facts.camera else None,
        latitude=facts.latitude,
        longitude=facts.longitude,
        film_seconds=facts.seconds,
    )


def _share(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), 4)


def _line(text: str) -> str:
    return _cut(printable(text), _LINE)


def _path(path: Path) -> str:
    return _cut(printable(os.fspath(path)), _PATH)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
