"""What a scene holds, in lines that people read."""

from __future__ import annotations

import numpy as np
import pytest

from ansa.scene import Facts, Object, Quality, Scene, Tag, Utility
from ansa.summary import SummaryItem, summary


def said(missing: dict[str, str] | None = None, **signals: object) -> list[str]:
    scene = Scene(Facts(4, 3), np.ones(1, np.float32), signals, missing or {})
    return [str(line) for line in summary(scene)]


def test_every_signal_that_ships_has_a_line() -> None:
    lines = said(
        print=bytes(range(16)),
        saliency=np.full((2, 2), 0.25, np.float32),
        aesthetics=0.631,
        quality=Quality(0.04, 0.0, 0.31, 0.12, -0.08, 1.4, 0.82),
        detection=(Object("cup", 0.92, (0, 0, 1, 1)),),
        tags=(Tag("coffee cup", 0.97, True),),
        utility=Utility("receipt", 0.99, {"receipt": 0.99, "photo": 0.01}, True),
    )
    assert lines == [
        "kind: receipt 0.99",
        "tags: coffee cup 0.97",
        "objects: cup 0.92",
        "quality: overall 0.82, defocus blur 0.04, motion blur 0.00, noise 0.31, "
        "compression artifacts 0.12, exposure -0.08, tilt +1°",
        "aesthetics: 0.63",
        "saliency: 25% draws the eye",
        "print: 0001020304050607... (16 bytes)",
    ]


def test_what_is_uncertain_has_a_question_mark() -> None:
    lines = said(
        tags=(Tag("cup", 0.97, True), Tag("breakfast", 0.41, False)),
        detection=(Object("cup", 0.5, (0, 0, 1, 1)), Object("spoon", 0.49, (0, 0, 1, 1))),
        utility=Utility("meme", 0.4, {"meme": 0.4, "photo": 0.6}, False),
    )
    assert lines == [
        "kind: meme 0.40?",
        "tags: cup 0.97, breakfast 0.41?",
        "objects: cup 0.50, spoon 0.49?",
    ]


def test_sure_tags_come_first() -> None:
    tags = Tag("harbour", 0.7, False), Tag("sitting", 0.6, True), Tag("crown", 0.5, False)
    assert said(tags=tags) == ["tags: sitting 0.60, harbour 0.70?, crown 0.50?"]


def test_many_are_counted_and_none_is_said() -> None:
    lines = said(tags=[Tag(f"thing{i}", 0.9, True) for i in range(11)], detection=())
    assert lines[0].startswith("tags: thing0 0.90, ")
    assert lines[0].endswith("thing7 0.90, 3 more")
    assert lines[1] == "objects: none"


@pytest.mark.parametrize(
    ("signal", "text"),
    [(0.25, "0.25"), (-3.5, "-3.50"), ({"a": 1}, '{"a": 1}'), (True, "true"), ("x\ny", '"x\\ny"')],
)
def test_signals_of_other_heads_are_said_too(signal: object, text: str) -> None:
    assert said(pets=signal) == [f"pets: {text}"]


def test_a_tag_of_another_head_is_said_like_the_others() -> None:
    assert said(pets=Tag("pet portrait", 0.4, False)) == ["pets: pet portrait 0.40?"]


def test_a_long_signal_is_cut() -> None:
    (line,) = said(map=np.zeros((30, 30), np.float32))
    assert line.endswith("...")
    assert len(line) < 80


def test_what_is_missing_is_told_by_its_reason() -> None:
    lacks, newer = "the bundle has no such head", "upgrade ansa"
    missing = {"tags": lacks, "utility": newer, "print": lacks}
    assert said(missing) == [f"missing: print, tags ({lacks}), utility ({newer})"]


def test_names_that_a_bundle_chose_print_on_one_line() -> None:
    for line in said({"a\nb": "c\x1b[31m"}, **{"x\ny": 0.5}):
        assert line.isprintable()


def test_sure_and_unsure() -> None:
    assert str(SummaryItem("dog")) == "dog"
    assert str(SummaryItem("dog", sure=False)) == "dog?"
