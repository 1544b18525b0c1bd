from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ansa.cli import main
from ansa_train.data.pack import Sample
from ansa_train.errors import TrainingError
from ansa_train.slicing.observe import ObservationEngine, observe_all
from ansa_train.slicing.report import SliceReport, write
from ansa_train.slicing.run import SliceMeasurement, SliceSettings, check_names, measure_slices
from tests.bundles import COLOURS, write_bundle

HUES = ("red", "green", "blue", "yellow")


def photo(file: Path, colour: tuple[float, ...], level: float) -> Path:
    """A flat photo with a little noise; so dark that the tiny bundle takes it for black."""
    rng = np.random.default_rng(len(str(file)))
    pixels = np.array(colour) * 255 * level + rng.normal(0, 3, (24, 24, 3))
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)
    return file


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four colours in the light and in the dark, where the bundle takes all for black."""
    folder = tmp_path_factory.mktemp("album")
    for name in HUES:
        for i in range(20):
            photo(folder / name / f"light-{i}.png", COLOURS[name], 1.0)
            photo(folder / name / f"dark-{i}.png", COLOURS[name], 0.15)
    for i in range(8):
        photo(folder / "black" / f"{i}.png", COLOURS["black"], 1.0)
    (folder / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundle") / "bundle")


@pytest.fixture(scope="module")
def measured(album: Path, bundle: Path) -> SliceMeasurement:
    return measure_slices(bundle, samples(album), [], SliceSettings(made=60))


def samples(album: Path) -> list[Sample]:
    """The photos, each of the source "album"; the tiny bundle knows them by their colours."""
    return [
        Sample(
            key=file.relative_to(album).as_posix(),
            source="album",
            split="dev",
            kind="photo",
            captions=(),
            labels=(file.parent.name,),
            objects=(),
            file=file,
            offset=0,
            size=file.stat().st_size,
        )
        for file in sorted(album.rglob("*.png"))
    ]


def test_the_slice_where_the_bundle_fails_comes_first(measured: SliceMeasurement) -> None:
    worst, figure = measured.worst()[0]
    assert worst.name == "dark"
    assert figure.behind
    assert figure.metric == "label of the source, top-1"
    assert figure.gap is not None
    assert figure.gap.value < -50
    assert worst.keys
    assert all("dark" in key for key in worst.keys)


def test_photos_that_cannot_be_opened_are_named_and_counted(measured: SliceMeasurement) -> None:
    assert [each.photo for each in measured.failed] == ["red/broken.png"]
    assert measured.photos == 168


def test_losing_light_costs_on_the_very_same_photos(measured: SliceMeasurement) -> None:
    costs = {each.name: each.figures for each in measured.made}
    (dark,) = costs["two stops too dark"]
    assert dark.gap is not None
    assert dark.gap.value <= 0
    assert "far away" in costs


def test_the_page_marks_gaps_and_the_json_has_every_slice(
    measured: SliceMeasurement, tmp_path: Path
) -> None:
    report = SliceReport("ansa evaluate --slices", "dev", measured)
    page, document, picture = write(report, tmp_path / "slices")
    text = page.read_text("utf-8")
    assert text.index("| dark | label of the source, top-1 |") < text.index("## All photos")
    assert "**behind**" in text
    assert "taken in Africa (0, 168 unknown)" in text
    assert picture.read_text("utf-8").startswith("<?xml")
    slices = {each["name"]: each for each in json.loads(document.read_text("utf-8"))["slices"]}
    assert slices["dark"]["figures"]["label of the source, top-1"]["behind"] is True


def test_an_unknown_slice_is_named_with_the_nearest(album: Path) -> None:
    with pytest.raises(TrainingError, match="no slice 'drak'; the nearest is 'dark'"):
        check_names(["drak"])
    check_names(["dark", "two stops too dark", "subject: animal"])


def test_workers_and_their_number_change_nothing(album: Path, bundle: Path) -> None:
    some = samples(album)[:6]
    one, two = (
        list(observe_all(bundle, some, ObservationEngine(workers=workers))) for workers in (1, 2)
    )
    assert [each.key for each in one] == [each.key for each in two]
    assert all(np.array_equal(a.vector, b.vector) for a, b in zip(one, two, strict=True))  # type: ignore[arg-type]


def test_the_command_says_what_is_wrong(
    album: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = ["evaluate", str(bundle), "--slices", "--labels", str(album), "--slice"]
    assert main([*some, "drak"]) == 1
    assert "the nearest is 'dark'" in capsys.readouterr().err
    assert main([*some, "dark", "--json"]) == 1  # one photo is broken
    out = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in out["slices"]] == ["dark"]
    assert out["problems"][0]["file"] == "red/broken.png"
    with pytest.raises(SystemExit):
        main(["evaluate", str(bundle), "--slices"])


def test_nothing_to_measure_is_said(bundle: Path, tmp_path: Path) -> None:
    file = tmp_path / "a" / "broken.png"
    file.parent.mkdir()
    file.write_bytes(io.BytesIO(b"no photo").getvalue())
    with pytest.raises(TrainingError, match="none of the 1 photos"):
        measure_slices(bundle, samples(tmp_path), [])
