from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansa.cli import main
from ansa.review.queue import ReviewQueue
from ansa_train.mining.collection import collect
from tests.bundles import COLOURS, write_bundle
from tests.cli.conftest import paint
from tests.extra import write_pack

HUES = ("red", "green", "blue", "yellow")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("bundle") / "bundle"))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A photo of each of four colours in the light and in the dark, and one that is damaged."""
    folder = tmp_path / "album"
    for name in HUES:
        (folder / name).mkdir(parents=True)
        paint(folder / name / "light.png", COLOURS[name])
        red, green, blue = (0.2 * value for value in COLOURS[name])
        paint(folder / name / "dim.png", (red, green, blue))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    return folder


def test_photos_are_mined_by_a_text_and_proposed_for_review(
    album: Path, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, queue, sheet = tmp_path / "store", tmp_path / "queue.jsonl", tmp_path / "page.html"
    words = ["mine", str(album), "--store", str(store), "--bundle", bundle, "--text", "red"]
    words += ["--count", "3", "--queue", str(queue), "--page", str(sheet)]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out.startswith("album/red/light.png\t")
    assert "album/broken.png" in err
    assert "3 new proposals" in out
    assert "data:image/jpeg" in sheet.read_text("utf-8")
    items = list(ReviewQueue(queue).items())
    assert [item.proposal.concept for item in items] == ["red"] * 3
    assert items[0].proposal.photo.read_bytes() == (album / "red" / "light.png").read_bytes()
    assert main([*words, "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["added"] == 0  # a photo is proposed once
    assert again["photos"][0]["key"] == "album/red/light.png"


def test_a_store_is_mined_again_without_the_photos(
    album: Path, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "store"), "--bundle", bundle]
    assert main(["mine", str(album), *store]) == 0
    assert "8 photos, 8 new" in capsys.readouterr().out
    example = tmp_path / "example.png"
    paint(example, COLOURS["blue"])
    for file in album.rglob("*.png"):
        file.unlink()
    assert main(["mine", *store, "--like", str(example), "--count", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["photos"][0]["key"] == "album/blue/light.png"
    assert main(["mine", *store, "--slice", "dark", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    dark = {*(f"album/{name}/dim.png" for name in HUES), "album/blue/light.png"}
    assert told["wanted"] == len(dark)
    chosen = [each["key"] for each in told["photos"]]
    assert set(chosen) < dark  # to the tiny bundle some of them are alike
    assert len(chosen) + told["alike"] == len(dark)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--slice", "fog"], "no slice 'fog' was noted"),
        (["--boundary", "dog"], "has no tags; use --text 'dog'"),
        (["--text", "  "], "an empty text"),
        (["--disagree", "efficientnet-lite2"], "no teacher was asked"),
    ],
)
def test_what_cannot_be_mined_is_said_in_words(
    album: Path,
    bundle: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    asked: list[str],
    said: str,
) -> None:
    store = ["--store", str(tmp_path / "store"), "--bundle", bundle]
    assert main(["mine", str(album / "red"), *store]) == 0
    assert main(["mine", *store, *asked]) == 1
    assert said in capsys.readouterr().err


def test_a_source_without_photos_is_named(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "store"), "--bundle", bundle]
    (tmp_path / "empty").mkdir()
    assert main(["mine", str(tmp_path / "empty"), *store]) == 1
    assert "no photo and no shard is there" in capsys.readouterr().err
    assert main(["mine", str(tmp_path / "nowhere"), *store]) == 1
    assert "there is nothing; check its name" in capsys.readouterr().err
    with pytest.raises(SystemExit):  # what should people be asked?
        main(["mine", *store, "--like", "a.png", "--queue", str(tmp_path / "q.jsonl")])


def test_of_shards_only_the_photos_to_learn_from_are_mined(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shards = write_pack(tmp_path / "shards", photos=24)
    train = {f"plain{i:03}" for i in range(8)}
    assert {sample.key for sample in collect([shards])} == train
    assert len(collect([shards], most=3)) == 3
    words = ["mine", str(shards), "--store", str(tmp_path / "store"), "--bundle", bundle]
    assert main([*words, "--split", "dev", "--most", "5"]) == 0
    assert "5 photos, 5 new" in capsys.readouterr().out
