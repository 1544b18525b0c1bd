"""A bundle is used only if it is, to the byte, what its maker wrote."""

import os
from pathlib import Path
from typing import Any

import pytest

from ansa import Bundle
from ansa.model.bundle import BundleError
from tests.bundles import edit_manifest, encode_file, write_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def test_a_sound_bundle_opens_and_hands_out_its_bytes(folder: Path) -> None:
    bundle = Bundle.open(folder)
    bundle.verify()
    assert bundle.manifest.name == "colours"
    assert bundle.read("image.onnx") == (folder / "image.onnx").read_bytes()


def test_an_encoded_file_is_handed_out_as_it_was(folder: Path) -> None:
    plain = (folder / "text.onnx").read_bytes()
    encode_file(folder, "text.onnx")
    bundle = Bundle.open(folder)
    bundle.verify()
    assert bundle.read("text.onnx") == plain
    assert [file.name for file in folder.glob("text*")] == ["text.onnx.gz"]


def test_the_shipped_bundle_is_sound() -> None:
    Bundle.open().verify()


def test_the_id_stands_for_every_byte(folder: Path, tmp_path: Path) -> None:
    same = write_bundle(tmp_path / "copy")
    other = write_bundle(tmp_path / "other", dim=9)
    assert Bundle.open(folder).id == Bundle.open(same).id != Bundle.open(other).id


def test_no_bundle_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nowhere: no bundle there"):
        Bundle.open(tmp_path / "nowhere")
    with pytest.raises(BundleError, match=r"manifest\.json: missing"):
        Bundle.open(tmp_path)


def test_every_altered_byte_is_refused(folder: Path) -> None:
    bundle = Bundle.open(folder)
    file = folder / "image.onnx"
    original = file.read_bytes()
    for place in range(0, len(original), 7):
        altered = bytearray(original)
        altered[place] ^= 1
        file.write_bytes(altered)
        with pytest.raises(BundleError, match=r"image\.onnx: altered"):
            bundle.read("image.onnx")


@pytest.mark.parametrize("size", [0, 1, -1])
def test_a_truncated_file_is_refused(folder: Path, size: int) -> None:
    file = folder / "text.onnx"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(BundleError, match=r"text\.onnx: altered or cut short"):
        Bundle.open(folder).verify()


def test_a_file_that_grew_is_refused(folder: Path) -> None:
    with (folder / "text.onnx").open("ab") as file:
        file.write(b"more")
    with pytest.raises(BundleError, match=r"text\.onnx: larger"):
        Bundle.open(folder).verify()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"tokenizer\.json: missing; .*copy the bundle again"):
        Bundle.open(folder)


def test_a_file_too_many_is_refused(folder: Path) -> None:
    (folder / "weights.pkl").write_bytes(b"\x80\x05.")
    with pytest.raises(BundleError, match=r"weights\.pkl.*not listed"):
        Bundle.open(folder)


def test_a_file_that_vanishes_after_opening_is_named(folder: Path) -> None:
    bundle = Bundle.open(folder)
    (folder / "image.onnx").unlink()
    with pytest.raises(BundleError, match=r"image\.onnx: missing"):
        bundle.read("image.onnx")


def test_only_listed_files_are_handed_out(folder: Path) -> None:
    with pytest.raises(BundleError, match="not a file of this bundle"):
        Bundle.open(folder).read("../bundle/image.onnx")


@pytest.mark.parametrize("name", ["image.onnx", "manifest.json"])
def test_a_link_out_of_the_bundle_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(BundleError, match=name):
        Bundle.open(folder)


def test_a_link_put_there_after_opening_is_refused(folder: Path, tmp_path: Path) -> None:
    bundle = Bundle.open(folder)
    (folder / "image.onnx").rename(tmp_path / "image.onnx")
    (folder / "image.onnx").symlink_to(tmp_path / "image.onnx")
    with pytest.raises(BundleError, match=r"image\.onnx"):
        bundle.read("image.onnx")


def test_a_named_pipe_is_refused_and_does_not_hang(folder: Path) -> None:
    bundle = Bundle.open(folder)
    (folder / "image.onnx").unlink()
    os.mkfifo(folder / "image.onnx")
    with pytest.raises(BundleError, match=r"image\.onnx.*not a plain file"):
        Bundle.open(folder)
    with pytest.raises(BundleError, match=r"image\.onnx.*not a plain file"):
        bundle.read("image.onnx")


def test_an_encoded_file_that_is_altered_is_refused_before_it_is_unpacked(folder: Path) -> None:
    file = encode_file(folder, "text.onnx")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match=r"text\.onnx\.gz: altered"):
        Bundle.open(folder).verify()


def test_both_an_encoded_and_a_plain_file_are_one_too_many(folder: Path) -> None:
    encode_file(folder, "text.onnx")
    (folder / "text.onnx").write_bytes(b"?")
    with pytest.raises(BundleError, match=r"text\.onnx.*not listed"):
        Bundle.open(folder)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"decoded": 1}, r"text\.onnx\.gz: it does not unpack to 1 bytes.*copy the bundle"),
        ({"decoded": 2**31}, r"files\.text\.onnx\.decoded: not a whole number from 0 to"),
        ({"encoding": "zstd"}, r"files\.text\.onnx\.encoding: 'zstd' is unknown; upgrade ansa"),
        ({"encoding": ["gzip"]}, r"files\.text\.onnx\.encoding"),
        ({"decoded": None}, r"files\.text\.onnx\.decoded"),
    ],
)
def test_what_is_said_falsely_of_an_encoded_file_is_refused(
    folder: Path, said: dict[str, Any], complaint: str
) -> None:
    encode_file(folder, "text.onnx", **said)
    with pytest.raises(BundleError, match=complaint):
        Bundle.open(folder).verify()


def test_a_path_that_escapes_is_refused(folder: Path) -> None:
    edit_manifest(
        folder,
        lambda manifest: manifest["files"].update(
            {"../secret.txt": {"bytes": 1, "sha256": "0" * 64}}
        ),
    )
    with pytest.raises(BundleError, match="no paths"):
        Bundle.open(folder)


def test_a_newer_format_names_the_remedy(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(format=99))
    with pytest.raises(BundleError, match=r"manifest\.json: format 99 is newer.*upgrade ansa$"):
        Bundle.open(folder)


def test_a_huge_manifest_is_not_read(folder: Path) -> None:
    edit_manifest(folder, lambda manifest: manifest.update(training={"log": "x" * 1_000_000}))
    with pytest.raises(BundleError, match=r"manifest\.json: larger"):
        Bundle.open(folder)
