"""The facts in the header of a film: when, where and with which camera it was taken."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansa.photo.metadata.source_facts import Point, SourceFacts, completed, place
from ansa.photo.metadata.timestamps import Timestamp, parse_timestamp
from ansa.scene import Facts

_APPLE = "com.apple.quicktime."
_ANDROID = "com.android."
_TIMES = f"{_APPLE}creationdate", "creation_time", "date_recorded", "date", "date_released"
"""Where films state their time; the first one states the offset of the camera's clock, too."""

_PLACES = f"{_APPLE}location.iso6709", "location", "location-eng"
_MAKERS = f"{_APPLE}make", "make", f"{_ANDROID}manufacturer"
_MODELS = f"{_APPLE}model", "model", f"{_ANDROID}model"
_ISO_6709 = re.compile(r"([+-]\d{2}(?:\.\d+)?)([+-]\d{3}(?:\.\d+)?)", re.ASCII)
_EPOCHS = (1904, 1970)
"""The years at which clocks of films begin, which are written where no time is known."""

_MOST = 100  # characters of a maker or a model


def film_facts(
    tags: Mapping[str, str], width: int, height: int, kind: str, seconds: float | None
) -> Facts:
    """The facts of a film.

    Args:
        tags: the texts of its header, by name.
        width: the width of its upright picture in pixels.
        height: the height of its upright picture in pixels.
        kind: the name of its format.
        seconds: its length; None if it is not known.
    """
    found = {name.lower(): value for name, value in tags.items() if isinstance(value, str)}
    maker, model = _first(found, _MAKERS), _first(found, _MODELS)
    facts = Facts(width, height, kind, camera=_camera(maker, model), seconds=seconds)
    return completed(facts, "film", SourceFacts(_time(found), _place(found)))


def _time(tags: Mapping[str, str]) -> Timestamp | None:
    for name in _TIMES:
        when = parse_timestamp(tags.get(name, ""))
        if when and when.moment.year not in _EPOCHS:
            return when
    return None


def _place(tags: Mapping[str, str]) -> Point | None:
    for name in _PLACES:
        if found := _ISO_6709.match(tags.get(name, "").strip()):
            return place(float(found[1]), float(found[2]))
    return None


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    values = (" ".join(tags.get(name, "").split())[:_MOST] for name in names)
    return next((value for value in values if value.isprintable() and value), "")


def _camera(maker: str, model: str) -> str | None:
    if maker and model and not model.lower().startswith(maker.split()[0].lower()):
        return f"{maker} {model}"
    return model or maker or None
