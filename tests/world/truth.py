"""What is known of a made library: every file, and what it shows, copies and belongs to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

EITHER = "either"
"""Clutter to some and not to others: a photo on a screen, a photo with text on it."""


HIDDEN = "hidden"
"""The trip of files of which neither a place nor a folder says that they were taken on one."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the library.

    Attributes:
        path: below the library's folder, with slashes.
        picture: what it shows; shots and copies of one thing share it.
        group: files of which one is enough: a shot, its burst, the copies of both.
        relation: "original", or how it came after one: "exact", "edited" or "burst".
        make: how the file is made of the picture.
        clutter: what kind of clutter it is; "" for none, :data:`EITHER` where people differ.
        theme: what the picture is for: "sea", "pets", "receipt".
        labels: what is surely in the picture, as far as known.
        captions: sentences about it, as far as known.
        moment: the moment in which it was taken; "" where its file does not say when.
        trip: the trip it belongs to; "" at home, and where its file does not say when.
        town: where it was taken; "" if nobody knows.
        taken: when, as its file says: ISO 8601; "" if it does not.
        offset: from UTC, as its file says ("+01:00"); "".
        clock: "right", "shifted" by hours, "wrong" (1970, 2036), or "none".
        place: degrees north and east, as its file says.
        camera: maker and model, as its file says; "".
        fault: what went wrong in it and not in the other shots of its burst; "".
    """

    path: str
    picture: str
    group: str
    relation: str = "original"
    make: str = "as it is"
    clutter: str = ""
    theme: str = ""
    labels: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    moment: str = ""
    trip: str = ""
    town: str = ""
    taken: str = ""
    offset: str = ""
    clock: str = "right"
    place: tuple[float, float] | None = None
    camera: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known.

    Attributes:
        seed: of the world.
        home: the town where most days are.
        country: its ISO 3166 code.
        birthdays: months and days ("05-14") that are celebrated every year.
        trips: id -> "Lisbon, 2023-05-03 to 2023-05-09".
        files: by path.
        stays: homes, as far as there are several: first and last day, degrees north and east; of
            two at one time both are right.
    """

    seed: int
    home: str
    country: str
    birthdays: tuple[str, ...]
    trips: dict[str, str]
    files: tuple[File, ...]
    stays: tuple[tuple[str, str, float, float], ...] = ()

    def by(self, key: Callable[[File], str]) -> dict[str, list[File]]:
        """The files by what they have in common; those with "" left out."""
        found = defaultdict(list)
        for file in self.files:
            if key(file):
                found[key(file)].append(file)
        return dict(found)

    def save(self, path: Path) -> None:
        """Writes it as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=0), "utf-8")

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Reads what :meth:`save` wrote."""
        told = json.loads(path.read_text("utf-8"))
        told["birthdays"] = tuple(told["birthdays"])
        told["stays"] = tuple(tuple(stay) for stay in told.get("stays", ()))
        told["files"] = tuple(
            File(
                **row
                | {
                    "labels": tuple(row["labels"]),
                    "captions": tuple(row["captions"]),
                    "place": row["place"] and tuple(row["place"]),
                }
            )
            for row in told["files"]
        )
        return cls(**told)
