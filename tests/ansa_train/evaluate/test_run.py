from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ansa import Analyzer
from ansa_train.data.pack import Sample
from ansa_train.evaluate.datasets import caption_tasks, file_sample, folder_tasks
from ansa_train.evaluate.retrieval import Retrieval
from ansa_train.evaluate.run import evaluate, write
from ansa_train.evaluate.task import EvaluationError
from tests.bundles import COLOURS, image_model, write_bundle
from tests.cli.conftest import paint


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a colour, six photos each, in shades."""
    folder = tmp_path_factory.mktemp("album")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(6):
            shade = tuple(float(c) for c in np.clip(np.array(colour) + rng.normal(0, 0.1, 3), 0, 1))
            paint(folder / name / f"{i}.png", shade)  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Analyzer]:
    """One that sees colours, and one that sees their opposites."""
    folder = tmp_path_factory.mktemp("bundles")
    blind = image_model()
    for constant in blind.graph.initializer:
        if constant.name == "weights":
            flipped = -np.frombuffer(constant.raw_data, np.float32)
            constant.raw_data = flipped.tobytes()
    write_bundle(folder / "sees")
    write_bundle(folder / "blind", image=blind.SerializeToString())
    return [Analyzer(folder / "sees"), Analyzer(folder / "blind")]


def _captioned(album: Path) -> list[Sample]:
    return [
        file_sample(file, key=file.name, split="test", captions=(f"a {file.parent.name} photo",))
        for file in sorted(album.rglob("0.png"))
    ]


def test_two_bundles_are_measured_on_the_same_photos_and_compared(
    album: Path, bundles: list[Analyzer], tmp_path: Path
) -> None:
    tasks, _ = folder_tasks(album, "test")
    tasks += caption_tasks("captions", _captioned(album), "test")
    report = evaluate(bundles, tasks, split="test", command="ansa evaluate sees blind")
    document = report.to_dict()
    assert report.photos == 36 + 6
    tables = {table["group"]: table["figures"] for table in document["tables"]}
    sees, blind = tables["zero-shot"]["top-1"]
    assert sees["value"] == 100.0
    assert blind["value"] < 20.0
    assert blind["difference"]["high"] < 0
    assert "difference" not in sees
    assert tables["linear probe"]["top-1"][1]["value"] > 90  # opposites are told apart as well
    assert tables["retrieval"]["text to image R@1"][0]["value"] == 100.0

    written = write(report, tmp_path / "deeper" / "quality.v1")
    assert [file.name for file in written] == [f"quality.v1.{x}" for x in ("md", "json", "svg")]
    page, stored, picture = (file.read_text("utf-8") for file in written)
    assert "    ansa evaluate sees blind\n" in page
    assert "| B - A |" in page
    assert "(quality.v1.svg)" in page
    assert json.loads(stored) == document
    again = write(evaluate(bundles, tasks, split="test", command="x"), tmp_path / "again")
    assert again[2].read_text("utf-8") == picture  # not a byte by chance


def test_photos_that_do_not_open_are_named_and_left_out(
    album: Path, bundles: list[Analyzer], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut short")
    gone = tmp_path / "gone.png"
    paint(gone, (1, 0, 0))
    samples = [
        *_captioned(album),
        file_sample(broken, key="broken.jpg", split="test", captions=("a red photo",)),
        file_sample(gone, key="gone.png", split="test", captions=("a red photo",)),
    ]
    gone.unlink()
    report = evaluate(bundles[:1], [Retrieval("captions", samples)], split="test", command="x")
    assert [failed.photo for failed in report.failed] == ["broken.jpg", "gone.png"]
    (table,) = report.tables[0]
    assert table.about == "6 photos, 6 captions"
    assert "8 photos looked at, 2 of them not opened" in report.to_markdown()


def test_what_cannot_be_measured_is_named_and_the_rest_goes_on(
    album: Path, bundles: list[Analyzer]
) -> None:
    samples = _captioned(album)
    wordless = [file_sample(s.file, key="x", split="test", captions=("...",)) for s in samples]
    tasks = [Retrieval("wordless", wordless), Retrieval("captions", samples)]
    report = evaluate(bundles[:1], tasks, split="test", command="x")
    assert report.left_out == ["wordless: no photo has a caption"]
    assert [table.name for (table,) in report.tables] == ["captions"]
    with pytest.raises(EvaluationError, match="wordless: no photo has a caption"):
        evaluate(bundles[:1], tasks[:1], split="test", command="x")
