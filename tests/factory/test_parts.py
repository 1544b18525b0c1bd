from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import platformdirs
import pytest
import torch

from ansa.factory import parts as parts_module
from ansa.factory.parts import PARTS, Part, fetch, load_weights
from tests.factory.random_parts import LITE, lite_weights


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nowhere else; the cache is empty."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    monkeypatch.setitem(PARTS, "words", Part("some-words==1.0", "some_words/list.txt", "MIT"))
    return folder


def _put_wheel(shelf: Path, files: dict[str, str]) -> Path:
    wheel, info = shelf / "some_words-1.0-py3-none-any.whl", "some_words-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: some-words\nVersion: 1.0"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def test_a_part_is_downloaded_once_and_then_found_in_the_cache(shelf: Path) -> None:
    wheel = _put_wheel(shelf, {"some_words/list.txt": "dog\ncat\n"})
    assert fetch("words").read_text() == "dog\ncat\n"
    wheel.unlink()
    assert fetch("words").read_text() == "dog\ncat\n"
    cache = fetch("words").parents[2]
    assert [p.name for p in cache.iterdir()] == ["some-words==1.0"]  # nothing left lying about


def test_what_an_interrupted_download_left_is_not_taken_for_the_part(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/list.txt": "dog\n"})
    half = Path(platformdirs.user_cache_dir("ansa")) / "parts" / "some-words==1.0" / "some_words"
    half.mkdir(parents=True)
    assert fetch("words").read_text() == "dog\n"


def test_a_package_pip_cannot_find_is_reported_in_pips_words(shelf: Path) -> None:
    with pytest.raises(
        RuntimeError, match=r"could not download some-words==1\.0:\n(.*\n)*.*No match"
    ):
        fetch("words")


def test_a_package_without_the_wanted_file_is_refused(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/other.txt": "dog\n"})
    with pytest.raises(RuntimeError, match=r"some-words==1\.0 holds no some_words/list\.txt"):
        fetch("words")


@pytest.mark.usefixtures("parts")
def test_weights_are_read_from_both_kinds_of_file() -> None:
    for seed, name in enumerate(LITE):
        stored = load_weights(name)
        assert stored.keys() == lite_weights(name, seed).keys()
    assert load_weights("minilm")["embeddings.word_embeddings.weight"].shape == (30522, 384)


class _Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("code of a checkpoint was run",)


def test_code_in_a_checkpoint_is_never_run(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = PARTS["efficientnet-lite0"]
    file = Path(platformdirs.user_cache_dir("ansa")) / "parts" / part.requirement / part.file
    file.parent.mkdir(parents=True)
    torch.save({"weight": _Trap()}, file)
    with pytest.raises(pickle.UnpicklingError):
        load_weights("efficientnet-lite0")
    assert "code" not in capsys.readouterr().out


def test_every_part_names_a_pinned_package_and_its_licence() -> None:
    assert parts_module.PARTS
    for part in PARTS.values():
        pinned = {"pip": "==", "npm": "@", "apt-get": ""}  # the system pins its own packages
        assert pinned[part.manager] in part.requirement[1:]
        assert part.licence
