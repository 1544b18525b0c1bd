from __future__ import annotations

import hashlib
import os
import pickle
import re
import shutil
import subprocess
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


@pytest.mark.parametrize("manager", ["npm", "apt-get", "git"])
def test_a_package_manager_that_is_missing_is_named(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, manager: str
) -> None:
    monkeypatch.setitem(PARTS, "words", replace(WORDS, manager=manager))
    monkeypatch.setenv("PATH", str(shelf))
    with pytest.raises(TrainingError, match=f"comes through {manager}, which is not installed"):
        fetch("words")


def git(folder: Path, *words: str) -> str:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    done = subprocess.run(
        ["git", *who, *words],
        cwd=folder,
        env=os.environ | own,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first commit is a part; a later one has another list."""
    folder = shelf / "Someone+words" / "repo"
    (folder / "lists").mkdir(parents=True)
    git(folder, "init", "-q")
    commits = []
    for text in (LIST, "dog\nbat\n"):
        (folder / "lists" / "list.txt").write_text(text)
        (folder / "large.bin").write_text("not wanted")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "words")
        commits.append(git(folder, "rev-parse", "HEAD"))
    digest = hashlib.sha256(LIST.encode()).hexdigest()
    part = PretrainedPart(f"Someone/words@{commits[0]}", "lists/list.txt", "MIT", digest, "git")
    monkeypatch.setitem(PARTS, "words", part)
    return folder


def test_a_file_of_a_commit_comes_from_the_folder_of_mirrors(
    repository: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSA_MIRROR", str(shelf))
    file = fetch("words")
    assert file.read_text() == LIST
    shutil.rmtree(repository)
    assert fetch("words") == file
    assert [p.name for p in (file.parents[2]).iterdir()] == [
        PARTS["words"].requirement.replace("/", "+")
    ]


@pytest.mark.parametrize("mirrors", [None, "no-such-folder"])
def test_a_file_of_a_commit_that_no_mirror_has_comes_from_github(
    repository: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, mirrors: str | None
) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    (shelf / "Someone").mkdir()
    (shelf / "Someone" / "words").symlink_to(repository)
    # git is told that GitHub is the shelf, so that nothing leaves the machine.
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{shelf}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/")
    monkeypatch.delenv("ANSA_MIRROR", raising=False)
    if mirrors:
        monkeypatch.setenv("ANSA_MIRROR", str(shelf / mirrors))
    assert fetch("words").read_text() == LIST


def test_a_commit_that_a_mirror_does_not_hold_is_told_in_gits_words(
    repository: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSA_MIRROR", str(shelf))
    other = replace(PARTS["words"], requirement=f"Someone/words@{'0' * 40}")
    monkeypatch.setitem(PARTS, "words", other)
    with pytest.raises(TrainingError, match=r"0000 could not be downloaded: git says: .*0000"):
        fetch("words")
    assert repository.is_dir()


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
        # The system pins its own packages.
        pinned = {"pip": "==", "npm": "@", "apt-get": "", "git": "@"}[part.manager]
        assert pinned in part.requirement[1:]
        if part.manager == "git":
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", part.requirement)
        assert part.licence


def test_every_part_has_a_digest_for_each_file_that_is_read() -> None:
    for part in PARTS.values():
        for digest in part.digests(Path()).values():
            assert re.fullmatch("[0-9a-f]{64}", digest)
    assert set(PARTS["nanodet"].beside) == {"nanodet-plus-m_416.bin"}  # its weights
    assert set(PARTS["wordnet"].beside) == {"index.noun"}
