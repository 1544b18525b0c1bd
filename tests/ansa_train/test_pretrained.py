from __future__ import annotations

import hashlib
import pickle
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest
import torch

from ansa_train import pretrained as parts_module
from ansa_train.errors import TrainingError
from ansa_train.pretrained import PARTS, PretrainedPart, fetch, load_weights
from tests.ansa_train.random_parts import LITE, lite_weights

LIST = "dog\ncat\n"
WORDS = PretrainedPart(
    "some-words==1.0", "some_words/list.txt", "MIT", hashlib.sha256(LIST.encode()).hexdigest()
)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nowhere else; the cache is empty."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / "cache"))
    monkeypatch.setitem(PARTS, "words", WORDS)
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
    wheel = _put_wheel(shelf, {"some_words/list.txt": LIST})
    assert fetch("words").read_text() == LIST
    wheel.unlink()
    assert fetch("words").read_text() == LIST
    cache = fetch("words").parents[2]
    assert [p.name for p in cache.iterdir()] == ["some-words==1.0"]  # nothing left lying about


def test_what_an_interrupted_download_left_is_not_taken_for_the_part(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/list.txt": LIST})
    half = Path(platformdirs.user_cache_dir("ansa")) / "parts" / "some-words==1.0" / "some_words"
    half.mkdir(parents=True)
    assert fetch("words").read_text() == LIST


def test_another_file_than_the_digest_says_is_never_used(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/list.txt": "dog\nbat\n"})
    with pytest.raises(
        TrainingError, match=r"some_words/list\.txt is not the file that"
    ) as refused:
        fetch("words")
    assert WORDS.sha256 in str(refused.value)
    assert list((Path(platformdirs.user_cache_dir("ansa")) / "parts").iterdir()) == []


def test_a_file_that_was_damaged_in_the_cache_is_downloaded_anew(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/list.txt": LIST})
    fetch("words").write_text("dog")
    assert fetch("words").read_text() == LIST


def test_files_that_are_read_with_it_are_checked_too(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put_wheel(shelf, {"some_words/list.txt": LIST, "some_words/more.txt": "ant\n"})
    beside = {"more.txt": hashlib.sha256(b"bee\n").hexdigest()}
    monkeypatch.setitem(PARTS, "words", replace(WORDS, beside=beside))
    with pytest.raises(TrainingError, match=r"some_words/more\.txt is not the file"):
        fetch("words")


@pytest.mark.usefixtures("shelf")
def test_a_package_pip_cannot_find_is_reported_in_pips_words() -> None:
    with pytest.raises(
        TrainingError,
        match=r"some-words==1\.0 could not be downloaded: pip says: .*No match.*connect",
    ):
        fetch("words")


@pytest.mark.parametrize("manager", ["npm", "apt-get"])
def test_a_package_manager_that_is_missing_is_named(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, manager: str
) -> None:
    monkeypatch.setitem(PARTS, "words", replace(WORDS, manager=manager))
    monkeypatch.setenv("PATH", str(shelf))
    with pytest.raises(TrainingError, match=f"comes through {manager}, which is not installed"):
        fetch("words")


def test_a_package_without_the_wanted_file_is_refused(shelf: Path) -> None:
    _put_wheel(shelf, {"some_words/other.txt": "dog\n"})
    with pytest.raises(TrainingError, match=r"some-words==1\.0 holds no some_words/list\.txt"):
        fetch("words")


def test_a_cache_that_cannot_be_written_is_named(shelf: Path, tmp_path: Path) -> None:
    _put_wheel(shelf, {"some_words/list.txt": LIST})
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(TrainingError, match=r"cannot be kept in .*cache"):
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


@pytest.mark.usefixtures("shelf")
def test_code_in_a_checkpoint_is_never_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = PARTS["efficientnet-lite0"]
    file = Path(platformdirs.user_cache_dir("ansa")) / "parts" / part.requirement / part.file
    file.parent.mkdir(parents=True)
    torch.save({"weight": _Trap()}, file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    monkeypatch.setitem(PARTS, "efficientnet-lite0", replace(part, sha256=digest))
    with pytest.raises(pickle.UnpicklingError):
        load_weights("efficientnet-lite0")
    assert "code" not in capsys.readouterr().out


def test_every_part_names_a_pinned_package_and_its_licence() -> None:
    assert parts_module.PARTS
    for part in PARTS.values():
        pinned = {"pip": "==", "npm": "@", "apt-get": ""}  # the system pins its own packages
        assert pinned[part.manager] in part.requirement[1:]
        assert part.licence


def test_every_part_has_a_digest_for_each_file_that_is_read() -> None:
    for part in PARTS.values():
        for digest in part.digests(Path()).values():
            assert re.fullmatch("[0-9a-f]{64}", digest)
    assert set(PARTS["nanodet"].beside) == {"nanodet.bin"}  # its weights
    assert set(PARTS["wordnet"].beside) == {"index.noun"}
