"""A file of settings is read as a run has them, or refused by the name of the wrong one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansa_train.errors import TrainingError
from ansa_train.settings import Positive, Range, Share, read_settings, settings_from


@dataclass(frozen=True)
class Crop:
    side: Positive = 8


@dataclass(frozen=True)
class Everything:
    data: Path
    rate: float = 0.1
    steps: int = 5
    quiet: bool = False
    name: str = ""
    mode: Literal["fast", "exact"] = "fast"
    start: Path | None = None
    stop: int | None = None
    sides: tuple[int, ...] = ()
    crops: tuple[Crop, ...] = ()
    crop: Crop = Crop()
    photos: Mapping[str, int] = field(default_factory=dict)
    named: Mapping[str, Crop] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...] = ()
    share: Share = 0.5
    zeros: Annotated[float, Range(0, below=1)] = 0.0
    raw: Any = None


def read(folder: Path, text: str) -> Everything:
    file = folder / "mine.toml"
    file.write_text(text)
    return read_settings(Everything, file)


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    text = """
data = "~/photos"
rate = 1
quiet = true
mode = "exact"
start = "before.pt"
stop = 3
sides = [1, 2]
crops = [{ side = 2 }, {}]
rules = [{ source = "a", any = 1 }]
[crop]
side = 4
[photos]
flickr = 3
[named.wide]
side = 16
"""
    assert read(tmp_path, text) == Everything(
        data=Path.home() / "photos",
        rate=1,
        quiet=True,
        mode="exact",
        start=Path("before.pt"),
        stop=3,
        sides=(1, 2),
        crops=(Crop(2), Crop()),
        crop=Crop(4),
        photos={"flickr": 3},
        named={"wide": Crop(16)},
        rules=({"source": "a", "any": 1},),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("steps = true", "steps = True, but it is a whole number"),
        ("steps = 1.5", "steps = 1.5, but it is a whole number"),
        ('rate = "fast"', "rate = 'fast', but it is a number"),
        ("rate = inf", "rate = inf, but it is a number"),
        ("quiet = 1", "quiet = 1, but it is true or false"),
        ("start = 3", "start = 3, but it is a path"),
        ('mode = "slow"', "mode is one of fast, exact, not 'slow'"),
        ('sides = "12"', "sides = '12', but it is a list"),
        ('sides = [1, "2"]', "sides[1] = '2', but it is a whole number"),
        ("crops = [{ side = 0 }]", "crops[0]: side is at least 1, not 0"),
        ("crop = 3", "crop = 3, but it is a table"),
        ("crop = { sides = 3 }", "crop: no such setting: sides; there is side"),
        ('photos = { flickr = "all" }', "photos.flickr = 'all', but it is a whole number"),
        ("named = { wide = { side = -1 } }", "named.wide: side is at least 1, not -1"),
        ("share = 1.1", "share is from 0 to 1, not 1.1"),
        ("zeros = 1.0", "zeros is from 0 to below 1, not 1.0"),
        ("speed = 1", "no such setting: speed"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(TrainingError, match=r"mine\.toml: ") as caught:
        read(tmp_path, f'data = "x"\n{line}\n')
    assert str(caught.value).endswith(message)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"mine\.toml: missing: data$"):
        read(tmp_path, "steps = 3\n")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=2) | st.dictionaries(st.text(max_size=5), some),
    max_leaves=3,
)


@settings(max_examples=40)
@given(st.sampled_from(["rate", "stop", "crops", "crop", "photos", "named", "share"]), VALUES)
def test_any_other_value_is_refused_and_never_breaks_the_reader(name: str, value: object) -> None:
    try:
        made = settings_from(Everything, {"data": "x", name: value}, "here")
    except TrainingError:
        return
    assert isinstance(made, Everything)
