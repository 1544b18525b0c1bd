"""Ways to damage a bundle's folder. Each is a function of chance and the folder.

Damage to contents is followed by :func:`reseal`, as a forger would, so that it reaches the parsers
behind the digests; some of it is left without, as transport would.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.networks import NUMBERS, changed_graph

Mutation = Callable[[Random, Path], None]

NASTY: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**400,
    0.5,
    -1e308,
    1e-320,
    float("nan"),
    float("inf"),
    "",
    "\x00",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "\ud800",
    "\x1b[31m",
    "a" * 5000,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    [1] * 500,
)
NAMES = (
    "../x.onnx",
    "/etc/passwd",
    "C:\\x.onnx",
    "x/../y.txt",
    ".onnx",
    "manifest.json",
    "image.onnx",
    "con.txt",
    "a" * 200 + ".txt",
    "x.ONNX",
    "\u0430.txt",
    "x.onnx\n",
)


def reseal(folder: Path) -> None:
    """Lists the size and the digest that every file has now, if the manifest can still be read."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        for name, entry in manifest["files"].items():
            stored = folder / (f"{name}.gz" if "encoding" in entry else name)
            data = stored.read_bytes()
            entry["bytes"], entry["sha256"] = len(data), hashlib.sha256(data).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        pass  # what is damaged that much shall be met as it is


def some_file(chance: Random, folder: Path, *suffixes: str) -> Path:
    files = [f for f in sorted(folder.iterdir()) if not suffixes or f.name.endswith(suffixes)]
    return chance.choice(files)


# The folder


def a_file_too_few(chance: Random, folder: Path) -> None:
    some_file(chance, folder).unlink()


def a_file_too_many(chance: Random, folder: Path) -> None:
    names = ("weights.pkl", "more.onnx", ".hidden", "a\nb.txt", "\x1b[31m", "manifest.json.gz")
    (folder / chance.choice(names)).write_bytes(b"\x80\x05.")


def a_folder_too_many(chance: Random, folder: Path) -> None:
    (folder / "more.onnx").mkdir()


def a_link(chance: Random, folder: Path) -> None:
    file = some_file(chance, folder)
    aim = chance.choice(("/etc/passwd", "/dev/zero", "nowhere", str(folder / "manifest.json")))
    file.unlink()
    file.symlink_to(aim)


def a_pipe(chance: Random, folder: Path) -> None:
    file = some_file(chance, folder)
    file.unlink()
    os.mkfifo(file)


def a_folder_for_a_file(chance: Random, folder: Path) -> None:
    file = some_file(chance, folder)
    file.unlink()
    file.mkdir()


def files_exchanged(chance: Random, folder: Path) -> None:
    one, other = some_file(chance, folder), some_file(chance, folder)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    if chance.random() < 0.7:
        reseal(folder)


# Bytes


def bytes_changed(chance: Random, folder: Path) -> None:
    file = some_file(chance, folder)
    file.write_bytes(_changed(chance, file.read_bytes()))
    if chance.random() < 0.8:
        reseal(folder)


def a_network_of_changed_bytes(chance: Random, folder: Path) -> None:
    _rewrite(chance, folder, lambda data: _changed(chance, data))


def _changed(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 40))):
        if not changed:
            break
        place = chance.randrange(len(changed))
        match chance.randrange(7):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place] = chance.choice((0, 1, 127, 128, 255))
            case 2:
                del changed[place:]
            case 3:
                del changed[place : place + chance.randrange(1, 40)]
            case 4:
                changed[place:place] = chance.randbytes(chance.randrange(1, 40))
            case 5:
                changed[place:place] = changed[place : place + chance.randrange(1, 400)]
            case 6:
                changed[place : place + 5] = b"\xff\xff\xff\xff\x0f"
    return bytes(changed)


# The manifest


def a_value_of_the_manifest(chance: Random, folder: Path) -> None:
    _change_json(chance, folder / "manifest.json")


def a_value_of_a_json_file(chance: Random, folder: Path) -> None:
    for packed in list(folder.glob("*.json.gz")):
        _unpack(folder, packed.name.removesuffix(".gz"))
    names = [file for file in folder.glob("*.json") if file.name != "manifest.json"]
    _change_json(chance, chance.choice(sorted(names)))
    reseal(folder)


def _change_json(chance: Random, file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        places = list(_places(document))
        if not places:
            break
        # Lists are long; what stands outside of them matters as much.
        few = [p for p in places if not isinstance(p[0], list)]
        where, key = chance.choice(few if few and chance.random() < 0.7 else places)
        match chance.randrange(4):
            case 0:
                del where[key]
            case 1 if isinstance(where[key], int | float):
                where[key] = chance.choice(NUMBERS)
            case 2:
                where[key] = chance.choice(places)[0]
                document = json.loads(json.dumps(_cut(document)))
            case _:
                where[key] = deepcopy(chance.choice(NASTY))
    file.write_text(json.dumps(document), "utf-8", "surrogatepass")


def _places(value: Any, depth: int = 0) -> Any:
    """Every container with every key of it."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list) and value[key] and depth < 6:
            yield from _places(value[key], depth + 1)


def _cut(value: Any, depth: int = 0) -> Any:
    """Without the circles that moving a container into itself makes."""
    if depth > 8:
        return None
    if isinstance(value, dict):
        return {key: _cut(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each, depth + 1) for each in value]
    return value


def a_manifest_of_another_make(chance: Random, folder: Path) -> None:
    text = (folder / "manifest.json").read_text("utf-8")
    made = chance.choice(
        (
            lambda: "[" * 100_000,
            lambda: '{"a":' * 100_000,
            lambda: text.replace('"format"', '"format": 1, "format"', 1),
            lambda: "\ufeff" + text,
            lambda: text + text,
            lambda: text.replace("256", "9" * 5000).replace("32", "9" * 5000),
            lambda: text.replace('"colours"', "NaN"),
            lambda: " " * 999_000 + text,
            lambda: text.replace('"files"', '"\\u0066iles"'),
            lambda: "",
            lambda: "null",
            lambda: "\x00" * 100,
        )
    )()
    (folder / "manifest.json").write_text(made, "utf-8")


def a_format_to_come(chance: Random, folder: Path) -> None:
    _edit(folder, lambda m: m.update(format=chance.choice((3, 99, 2**31))))


def sizes_that_lie(chance: Random, folder: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        entry = manifest["files"][chance.choice(sorted(manifest["files"]))]
        key = "decoded" if "decoded" in entry and chance.random() < 0.7 else "bytes"
        entry[key] = chance.choice((0, 1, entry[key] - 1, entry[key] + 1, 2**31, 2**31 - 1, 2**40))

    _edit(folder, edit)


def names_that_lie(chance: Random, folder: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        name = chance.choice(sorted(manifest["files"]))
        other = chance.choice(NAMES)
        manifest["files"][other] = manifest["files"].pop(name)
        if chance.random() < 0.5:
            side = manifest[chance.choice(("image", "text"))]
            side["file"] = chance.choice((other, "../" + side["file"], side["file"]))

    _edit(folder, edit)


def other_dimensions(chance: Random, folder: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        head = manifest["heads"][chance.choice(sorted(manifest["heads"]))]
        head.pop("dim", None)
        head["shape"] = [chance.choice((1, 2, 8, 512, 65536)) for _ in range(chance.randint(1, 4))]
        if chance.random() < 0.5:
            manifest["image"]["size"] = chance.choice((8, 31, 224, 2048))
        if chance.random() < 0.3:
            manifest["text"]["max_tokens"] = chance.choice((1, 2, 4096))

    _edit(folder, edit)


def _edit(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    edit(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


# Encoded files


def a_bomb(chance: Random, folder: Path) -> None:
    """A file that unpacks to far more than its size, said or not."""
    name = chance.choice(("text.onnx", "image.onnx"))
    _unpack(folder, name)
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    size = chance.choice((10**5, 10**7, 3 * 10**8))
    block = bytes(10**5)
    data = b"".join(machine.compress(block) for _ in range(size // len(block))) + machine.flush()
    (folder / name).unlink()
    (folder / f"{name}.gz").write_bytes(data)
    said = chance.choice((size, 1000, len(data) * 64, 2**31))
    _edit(folder, lambda m: m["files"].update({name: {"encoding": "gzip", "decoded": said}}))
    reseal(folder)


def damaged_encoding(chance: Random, folder: Path) -> None:
    for file in folder.glob("*.gz"):
        data = file.read_bytes()
        changed = chance.choice(
            (_changed(chance, data), data + data, data + b"\0", data[:-4], data[:-8] + bytes(8))
        )
        file.write_bytes(changed)
    if chance.random() < 0.3:
        other = chance.choice(("zip", "GZIP", ""))
        encoded = [file.name.removesuffix(".gz") for file in folder.glob("*.gz")]
        _edit(folder, lambda m: m["files"][chance.choice(encoded)].update(encoding=other))
    reseal(folder)


def _unpack(folder: Path, name: str) -> None:
    packed = folder / f"{name}.gz"
    if packed.exists():
        data = zlib.decompress(packed.read_bytes(), 31)
        packed.unlink()
        (folder / name).write_bytes(data)
        _edit(folder, lambda m: m["files"].update({name: {}}))


# Networks


def _rewrite(chance: Random, folder: Path, change: Callable[[bytes], bytes]) -> None:
    networks = {file.name.removesuffix(".gz") for file in folder.glob("*.onnx*")}
    name = chance.choice(sorted(networks))
    _unpack(folder, name)
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    reseal(folder)


def a_network_changed(chance: Random, folder: Path) -> None:
    _rewrite(chance, folder, lambda data: changed_graph(chance, data))


MUTATIONS: dict[str, tuple[Mutation, int]] = {
    mutation.__name__: (mutation, weight)
    for mutation, weight in (
        (a_file_too_few, 1),
        (a_file_too_many, 1),
        (a_folder_too_many, 1),
        (a_link, 1),
        (a_pipe, 1),
        (a_folder_for_a_file, 1),
        (files_exchanged, 1),
        (bytes_changed, 6),
        (a_network_of_changed_bytes, 12),
        (a_value_of_the_manifest, 12),
        (a_value_of_a_json_file, 6),
        (a_manifest_of_another_make, 2),
        (a_format_to_come, 1),
        (sizes_that_lie, 3),
        (names_that_lie, 2),
        (other_dimensions, 3),
        (a_bomb, 1),
        (damaged_encoding, 3),
        (a_network_changed, 20),
    )
}


def mutate(seed: int, bundle: Path, folder: Path) -> str:
    """A damaged copy of a bundle in ``folder``; how it was damaged."""
    chance = Random(seed)
    shutil.copytree(bundle, folder)
    names = list(MUTATIONS)
    (name,) = chance.choices(names, [MUTATIONS[each][1] for each in names])
    MUTATIONS[name][0](chance, folder)
    return name
