"""A manifest is read with nothing taken on trust."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansa.model.manifest import FORMAT, Head, ManifestError, parse_manifest
from tests.bundles import write_bundle


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return (write_bundle(tmp_path_factory.mktemp("bundle")) / "manifest.json").read_bytes()


def changed(raw: bytes, path: str, value: Any) -> bytes:
    document = json.loads(raw)
    *parents, last = path.split("/")
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    return json.dumps(document).encode()


def test_a_manifest_says_what_the_networks_take_and_give(raw: bytes) -> None:
    manifest = parse_manifest(raw)
    assert manifest.image.size == 32
    assert manifest.text.inputs == ("ids", "mask")
    assert manifest.heads["embedding"].shape == (8,)
    assert manifest.heads["embedding"].settings == {}
    assert len(manifest.image.backbone) == 64
    assert manifest.metrics == {}


def test_a_head_says_its_shape_and_what_its_reader_needs(raw: bytes) -> None:
    head = {"output": "head.map", "kind": "map", "shape": [2, 32, 32], "version": 3}
    settings = {"names": ["day", "night"], "threshold": 0.5}
    manifest = parse_manifest(changed(raw, "heads/map", head | {"settings": settings}))
    assert manifest.heads["map"] == Head("head.map", "map", (2, 32, 32), 3, settings)
    assert list(manifest.heads) == ["embedding", "map"]


def test_bundles_from_before_there_were_heads_are_read(raw: bytes) -> None:
    """They say ``dim`` where others say ``shape``, and nothing of a backbone."""
    document = json.loads(raw)
    document["heads"]["embedding"].pop("shape", None)
    document["heads"]["embedding"]["dim"] = 8
    del document["image"]["backbone"]
    manifest = parse_manifest(json.dumps(document).encode())
    assert manifest.heads["embedding"].shape == (8,)
    assert manifest.image.backbone == ""


def test_keys_of_tomorrow_are_left_alone(raw: bytes) -> None:
    assert parse_manifest(changed(raw, "colour", "blue")).name == "colours"


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("format", FORMAT + 1, "newer"),
        ("format", True, "format"),
        ("format", "1", "format"),
        ("format", 0, "format"),
        ("name", 3, "name"),
        ("name", "", "name"),
        ("image", [], "image"),
        ("image/size", -1, "image.size"),
        ("image/size", 10**9, "image.size"),
        ("image/size", 224.0, "image.size"),
        ("image/file", "other.onnx", "not listed"),
        ("text/tokenizer", "other.json", "not listed"),
        ("text/inputs", ["ids"], "two inputs"),
        ("text/inputs", [1, 2], "text.inputs"),
        ("heads", {}, "heads.embedding"),
        ("heads/embedding/dim", 0, "heads.embedding.dim"),
        ("heads/embedding/output", None, "heads.embedding.output"),
        ("heads/embedding/shape", [], "heads.embedding.shape"),
        ("heads/embedding/shape", 8, "heads.embedding.shape"),
        ("heads/embedding/shape", [8, -1], r"heads.embedding.shape.1"),
        ("heads/embedding/shape", [1, 1, 1, 1, 1], "1 to 4 whole numbers"),
        ("heads/embedding/shape", [True], r"heads.embedding.shape.0"),
        ("heads/embedding/settings", [], "heads.embedding.settings"),
        ("heads/embedding/version", 0, "heads.embedding.version"),
        ("image/backbone", 7, "image.backbone"),
        ("files/image.onnx/sha256", "0" * 63, "files.image.onnx.sha256"),
        ("files/image.onnx/bytes", -1, "files.image.onnx.bytes"),
        ("files/image.onnx", 7, "files.image.onnx"),
        ("metrics", 0.9, "metrics"),
    ],
)
def test_what_a_manifest_must_not_say(raw: bytes, path: str, value: Any, complaint: str) -> None:
    with pytest.raises(ManifestError, match=complaint):
        parse_manifest(changed(raw, path, value))


@pytest.mark.parametrize("key", ["format", "name", "image", "text", "heads", "files"])
def test_a_missing_key_is_named(raw: bytes, key: str) -> None:
    document = json.loads(raw)
    del document[key]
    with pytest.raises(ManifestError, match=key):
        parse_manifest(json.dumps(document).encode())


@pytest.mark.parametrize(
    "name",
    [
        "../image.onnx",
        "/etc/passwd.txt",
        "a/b.onnx",
        "a\\b.onnx",
        "C:b.onnx",
        "..",
        ".hidden.json",
        "weights.pkl",
        "weights.bin",
        "weights.pt",
        "manifest.json",
        "image.onnx\n",
        "im\0age.onnx",
        "ｉmage.onnx",
        "",
    ],
)
def test_file_names_that_lead_elsewhere_or_hold_code_are_refused(raw: bytes, name: str) -> None:
    entry = {"bytes": 1, "sha256": "0" * 64}
    with pytest.raises(ManifestError, match="files"):
        parse_manifest(changed(raw, "files", {name: entry}))


@pytest.mark.parametrize(
    "junk",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}"],
)
def test_what_is_no_manifest_is_refused(junk: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(junk)


def test_a_key_given_twice_is_refused(raw: bytes) -> None:
    with pytest.raises(ManifestError, match="twice"):
        parse_manifest(b'{"format": 1, ' + raw[1:])


def complaint_about(raw: bytes) -> str:
    try:
        parse_manifest(raw)
    except ManifestError as error:
        return str(error)
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), value=JSON)
def test_any_value_anywhere_is_read_or_refused(raw: bytes, data: st.DataObject, value: Any) -> None:
    paths = ["format", "image", "text/inputs", "heads/embedding", "files", "files/text.onnx"]
    path = data.draw(st.sampled_from(paths))
    assert complaint_about(changed(raw, path, value)).isprintable()


def test_mutated_bytes_are_read_or_refused(raw: bytes) -> None:
    chance = random.Random(3)
    for _ in range(500):
        data = bytearray(raw)
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        assert complaint_about(bytes(data)).isprintable()
