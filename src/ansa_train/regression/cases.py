"""A regression set: a named, hashed list of cases, each with the answer that must hold.

A case asks one thing of one picture:

- ``search``: TEXT finds the picture among the first FIRST of a small library, and the search does
  not say that nothing matches;
- ``tag``: TEXT, or a kind of it, is among the first FIRST tags of the picture;
- ``no tag``: TEXT is not said of the picture as sure;
- ``kind``: the picture is of the kind TEXT.

The file is JSON. Pictures are never in it: a case names where its picture comes from, and by what
SHA-256 its bytes are known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ansa.names import printable
from ansa.outputs import writing
from ansa_train.data.labels.utility_classes import KINDS
from ansa_train.errors import TrainingError
from ansa_train.slicing.made_conditions import MADE

FORMAT = 1
SHIPPED = Path(__file__).parent / "sets"
"""The folder of the sets that ship."""

Question = Literal["search", "tag", "no tag", "kind"]
QUESTIONS: tuple[Question, ...] = get_args(Question)
MAX_BYTES = 16 * 2**20
_MAX_CASES = 100_000
_MAX_TEXT = 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a case's picture comes from.

    Attributes:
        source: "package" (``skimage/data/coffee.png``), "drawn" (``receipt 3``, by our code),
            "shards" (the key of a sample or its hash), or "file" (a path beside the set).
        name: which.
        sha256: of its bytes, in hex; "" for what is drawn.
        condition: the made condition that it is put under, one of
            :data:`ansa_train.slicing.made_conditions.MADE`; "" for the picture as it is.
    """

    source: Literal["package", "drawn", "shards", "file"]
    name: str
    sha256: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with the answer that must hold.

    Attributes:
        name: unique in its set.
        ask: the question; see the module.
        picture: what it is asked of.
        text: the words of the search, the tag, or the kind.
        first: how many results or tags count.
        why: why the case is in the set.
    """

    name: str
    ask: Question
    picture: Picture
    text: str
    first: int = 5
    why: str = ""


@dataclass(frozen=True, slots=True)
class RegressionSet:
    """A set.

    Attributes:
        name: unique among sets that are run together.
        about: what it guards.
        cases: at least one.
        library: pictures that searches look through, besides those of the cases.
        taxonomy: SHA-256 of the taxonomy whose tags the cases name; "" if they name none.
    """

    name: str
    about: str
    cases: Sequence[Case]
    library: Sequence[Picture] = ()
    taxonomy: str = ""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of all that the set asks."""
        said = json.dumps(_body(self), sort_keys=True, ensure_ascii=False).encode()
        return hashlib.sha256(said).hexdigest()


def read_set(file: Path) -> RegressionSet:
    """Reads a set.

    Raises:
        TrainingError: the file cannot be read, is no set or not as it was made; it says what helps.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
        document = json.loads(file.read_text("utf-8"))
        if document["format"] > FORMAT:
            raise TrainingError(f"{file}: a newer ansa made this regression set; upgrade ansa")
        found = _parse(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TrainingError(
            f"{file}: not a regression set ({type(error).__name__}: {error}); make one with "
            "`ansa regression make`"
        ) from error
    if found.digest != document.get("sha256"):
        raise TrainingError(
            f"{file}: its cases were changed since it was made; restore the file, or make the set "
            "again with `ansa regression make`"
        )
    return found


def write_set(made: RegressionSet, file: Path) -> None:
    """Writes a set completely or not at all.

    Raises:
        FileExistsError: the file exists; a set that guards something is not replaced silently.
    """
    document = {"format": FORMAT, "sha256": made.digest, **_body(made)}
    with writing(file) as stream:
        stream.write((json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())


def shipped_sets() -> list[RegressionSet]:
    """The sets that ship, by their names."""
    return [read_set(file) for file in sorted(SHIPPED.glob("*.json"))]


def _body(made: RegressionSet) -> dict[str, Any]:
    return {
        "name": made.name,
        "about": made.about,
        "taxonomy": made.taxonomy,
        "library": [_picture_body(picture) for picture in made.library],
        "cases": [asdict(case) | {"picture": _picture_body(case.picture)} for case in made.cases],
    }


def _picture_body(picture: Picture) -> dict[str, str]:
    """What a file says of a picture; a condition only if there is one, as in older files."""
    return {key: value for key, value in asdict(picture).items() if value or key != "condition"}


def _parse(document: dict[str, Any]) -> RegressionSet:
    cases = [_case(each) for each in document["cases"][: _MAX_CASES + 1]]
    if not 0 < len(cases) <= _MAX_CASES:
        raise ValueError(f"it holds no case, or more than {_MAX_CASES:,}")
    if len({case.name for case in cases}) < len(cases):
        raise ValueError("two cases have one name")
    return RegressionSet(
        _text(document["name"]),
        _text(document["about"]),
        cases,
        [_picture(each) for each in document["library"]],
        str(document["taxonomy"]),
    )


def _case(each: dict[str, Any]) -> Case:
    case = Case(
        _text(each["name"]),
        each["ask"],
        _picture(each["picture"]),
        _text(each["text"]),
        int(each["first"]),
        str(each["why"]),
    )
    if case.ask not in QUESTIONS:
        raise ValueError(f"{case.name!a} asks {case.ask!a}; it may ask {', '.join(QUESTIONS)}")
    if case.ask == "kind" and case.text not in KINDS:
        raise ValueError(f"{case.name!a}: there is no kind {case.text!a}")
    if not 0 < case.first <= 1000:
        raise ValueError(f"{case.name!a}: first is not from 1 to 1,000")
    return case


def _picture(each: dict[str, Any]) -> Picture:
    condition = str(each.get("condition", ""))
    picture = Picture(each["source"], _text(each["name"]), str(each["sha256"]), condition)
    if picture.source not in ("package", "drawn", "shards", "file"):
        raise ValueError(f"{picture.source!a} is no source of pictures")
    if picture.source != "drawn" and len(picture.sha256) != 64:
        raise ValueError(f"{picture.name!a} has no SHA-256")
    if condition and condition not in MADE:
        raise ValueError(f"{condition!a} is no made condition; there are {', '.join(MADE)}")
    return picture


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT:
        raise ValueError(f"{value!a:.40} is no text of 1 to {_MAX_TEXT:,} characters")
    if printable(value) != value:
        raise ValueError(f"{value!a:.40} is no printable text")
    return value
