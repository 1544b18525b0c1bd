"""A stream of frames gives steady signals, and hints that begin late and end late."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from ansa.model.analyzer import Analyzer
from ansa.model.stream import LiveScene, SceneStream, stream
from ansa.scene import Facts, Object, Pixels, Quality, Scene, Tag, Utility
from tests.bundles import write_bundle

GREY = np.full((48, 64, 3), 120, np.uint8)
BLACK = np.zeros((48, 64, 3), np.uint8)


class Script:
    """Gives the scenes of a script in place of what a network would see."""

    def __init__(self, scenes: Iterable[Scene]) -> None:
        self._scenes = iter(scenes)

    def analyze(self, photo: Pixels) -> Scene:
        return next(self._scenes)


def scene(*tags: tuple[str, float, bool], turned: bool = False, **signals: object) -> Scene:
    vector = np.array([0, 1] if turned else [1, 0], np.float32)
    told = {"tags": tuple(Tag(*tag) for tag in tags), **signals}
    return Scene(Facts(64, 48), vector, told)


def run(scenes: list[Scene], frame: Pixels = GREY, smoothing: float = 0.4) -> list[LiveScene]:
    seen = SceneStream(Script(scenes), smoothing=smoothing)
    return [seen.add(frame, number / 30) for number in range(len(scenes))]


def quality(blur: float = 0.0, tilt: float = 0.0) -> Quality:
    return Quality(blur, 0.0, 0.0, 0.0, 0.0, tilt, 1 - blur)


def test_a_tag_that_flickers_stays_what_it_mostly_is() -> None:
    mostly = [scene(("dog", 0.9, True)) if n % 4 else scene() for n in range(60)]
    shown = [{t.name for t in each.scene.tags or () if t.sure} for each in run(mostly)[25:]]
    assert all(names == {"dog"} for names in shown)
    seldom = [scene() if n % 4 else scene(("dog", 0.9, True)) for n in range(1, 60)]
    shown = [{t.name for t in each.scene.tags or () if t.sure} for each in run(seldom)[10:]]
    assert all(names == set() for names in shown)


def test_a_hint_needs_more_than_a_moment_and_outlasts_one() -> None:
    once = [scene(quality=quality(0.9 if n == 20 else 0.0)) for n in range(40)]
    assert not any(each.hints for each in run(once))
    lasting = [scene(quality=quality(0.9 if n >= 20 else 0.0)) for n in range(60)]
    hints = [bool(each.hints) for each in run(lasting)]
    assert not any(hints[:22])
    assert all(hints[50:])
    assert hints == sorted(hints)


def test_where_the_camera_swings_to_something_else_the_past_is_forgotten() -> None:
    scenes = [scene(("dog", 0.9, True))] * 30 + [scene(("cat", 0.9, True), turned=True)] * 2
    last = run(scenes)[-2].scene
    assert {tag.name for tag in last.tags or ()} == {"cat"}


def test_a_tilt_is_told_as_the_turn_that_levels_it() -> None:
    last = run([scene(quality=quality(tilt=8.0))] * 40)[-1]
    assert last.hints == ("tilted",)
    assert last.tilt == pytest.approx(-8.0)
    level = run([scene(quality=quality(tilt=1.0))] * 40)[-1]
    assert (level.hints, level.tilt) == ((), 0.0)


def test_modes_are_hints_food_documents_and_night() -> None:
    page = Utility("document", 0.9, {"document": 0.9, "photo": 0.1}, True)
    assert run([scene(utility=page)] * 40)[-1].hints == ("document",)
    assert run([scene(("food", 0.9, True))] * 40)[-1].hints == ("food",)
    assert run([scene()] * 40, BLACK)[-1].hints == ("night",)


def test_a_dark_subject_before_a_bright_light_is_backlit() -> None:
    frame = np.full((48, 64, 3), 250, np.uint8)
    frame[12:36, 20:44] = 20
    saliency = np.zeros((12, 16), np.float32)
    saliency[3:9, 5:11] = 0.9
    last = run([scene(saliency=saliency)] * 40, frame)[-1]
    assert last.hints == ("backlit",)
    assert last.subject == pytest.approx((5 / 16, 3 / 12, 11 / 16, 9 / 12))
    assert run([scene(saliency=saliency)] * 40, GREY)[-1].hints == ()


def test_objects_keep_their_place_and_fade_out() -> None:
    still = Object("dog", 0.8, (0.2, 0.2, 0.6, 0.6))
    moved = Object("dog", 0.8, (0.25, 0.2, 0.65, 0.6))
    seen = run([scene(detection=(still,))] * 10 + [scene(detection=(moved,))])
    (now,) = seen[-1].scene.objects or ()
    assert 0.2 < now.box[0] < 0.25
    gone = run([scene(detection=(still,))] * 10 + [scene(detection=())] * 60)
    assert len(gone[10].scene.objects or ()) == 1
    assert gone[-1].scene.objects == ()


def test_vectors_keep_unit_length_and_times_may_begin_anew() -> None:
    near = np.array([0.8, 0.6], np.float32)
    scenes = [scene(), Scene(Facts(4, 3), near, {"tags": ()})]
    seen = SceneStream(Script([*scenes, scene(("dog", 0.9, True))]))
    seen.add(GREY, 0.0)
    vector = seen.add(GREY, 0.1).scene.embedding
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-6)
    again = seen.add(GREY, 0.0)  # a film that starts over
    assert again.scene.tags == (Tag("dog", 0.9, True),)


@pytest.mark.parametrize("bad", [0, -1.0, float("nan")])
def test_times_and_rates_are_above_zero(bad: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        SceneStream(Script([]), smoothing=bad)
    with pytest.raises(ValueError, match="more than 0 frames"):
        next(stream(Script([]), [GREY], rate=bad))


def test_an_analyzer_streams_the_frames_that_it_is_given(tmp_path: Path) -> None:
    analyzer = Analyzer(write_bundle(tmp_path / "bundle"))
    seen = list(analyzer.stream([GREY, GREY, BLACK], rate=10))
    assert [round(each.second, 3) for each in seen] == [0.0, 0.1, 0.2]
    assert all(each.scene.embedding.shape == (analyzer.dim,) for each in seen)
