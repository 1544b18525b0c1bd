"""A scene is plain data: what is there, what is missing and why, ready for JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ansa.scene import PRECISIONS, Facts, Object, Quality, Scene, Tag, Utility, plain


def scene_with(**signals: object) -> Scene:
    return Scene(Facts(640, 480, "JPEG"), np.array([0.6, 0.8], np.float32), signals)


def test_signals_that_ship_have_attributes_of_their_own() -> None:
    tags, objects = (Tag("dog", 0.9, True),), (Object("dog", 0.8, (0.1, 0.2, 0.5, 0.9)),)
    utility = Utility("photo", 0.99, {"photo": 0.99, "meme": 0.01}, True)
    quality = Quality(0.1, 0.0, 0.2, 0.0, -0.3, 4.5, 0.7)
    saliency = np.zeros((2, 3), np.float32)
    scene = scene_with(
        tags=tags,
        detection=objects,
        utility=utility,
        quality=quality,
        aesthetics=0.4,
        saliency=saliency,
        print=b"\x00\xff",
    )
    assert scene.tags is tags
    assert scene.objects is objects
    assert scene.utility is utility
    assert scene.quality is quality
    assert scene.aesthetics == 0.4
    assert scene.saliency is saliency
    assert scene.fingerprint == b"\x00\xff"
    document = json.loads(json.dumps(scene.to_dict(), allow_nan=False))
    assert document["signals"]["tags"] == [{"name": "dog", "score": 0.9, "sure": True}]
    assert document["signals"]["detection"][0]["box"] == [0.1, 0.2, 0.5, 0.9]
    assert document["signals"]["utility"]["scores"] == {"photo": 0.99, "meme": 0.01}
    assert document["signals"]["quality"]["tilt"] == 4.5
    assert document["signals"]["saliency"] == [[0, 0, 0], [0, 0, 0]]
    assert document["signals"]["print"] == "00ff"


def test_what_is_not_there_is_none_and_says_why() -> None:
    scene = Scene(Facts(1, 1), np.ones(1, np.float32), {}, {"tags": "the bundle has no such head"})
    assert scene.tags is None
    assert scene.to_dict()["missing"] == {"tags": "the bundle has no such head"}


def test_signals_of_other_heads_go_by_their_names() -> None:
    assert scene_with(pets=0.25).to_dict()["signals"] == {"pets": 0.25}


def test_facts_and_embedding_are_written_in_full() -> None:
    taken = datetime(2024, 5, 2, 12, 30, tzinfo=UTC)
    facts = Facts(640, 480, "JPEG", taken, 48.2, 16.4, "Canon EOS R5")
    document = Scene(facts, np.array([0.6, 0.8], np.float32)).to_dict()
    assert document["facts"]["taken"] == "2024-05-02T12:30:00+00:00"
    assert math.hypot(*document["embedding"]) == 1 or math.isclose(
        math.hypot(*document["embedding"]), 1, abs_tol=1e-6
    )


def test_a_time_is_told_as_far_as_it_is_known() -> None:
    taken = datetime(2024, 5, 2, 12, 30)
    facts = {p: Facts(1, 1, taken=taken, taken_precision=p) for p in PRECISIONS}
    assert [each.taken_text for each in facts.values()] == [
        "2024-05-02T12:30:00", "2024-05-02T12:30", "2024-05-02T12", "2024-05-02"
    ]  # fmt: skip
    assert [each.shutter for each in facts.values()] == [taken, None, None, None]
    assert Facts(1, 1, taken=taken, taken_source="file change tag").shutter is None
    assert Facts(1, 1).to_dict()["taken_precision"] is None


def test_any_signal_becomes_json() -> None:
    @dataclass(frozen=True)
    class Mood:
        name: str
        share: np.float32

    signal = {1: (Mood("calm", np.float32(1 / 3)), None), "all": np.eye(2)}
    assert plain(signal) == {
        "1": [{"name": "calm", "share": 0.3333}, None],
        "all": [[1.0, 0.0], [0.0, 1.0]],
    }
    counts = plain([np.int64(3), np.bool_(True), 7, "x"])
    assert json.loads(json.dumps(counts)) == [3, True, 7, "x"]
