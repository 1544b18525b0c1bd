"""Every format people have gives photos and what is said of them; the rest is named."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa_train.data.builder.readers.csv_rows import csv_rows
from ansa_train.data.builder.readers.detect_format import detect, read_source
from ansa_train.data.builder.readers.source_paths import SourceFolder
from ansa_train.data.builder.records import MAX_TEXT_BYTES, FoundPhoto, PhotoAnnotation, Refusal
from ansa_train.errors import TrainingError
from tests.photos import draw_photo, encode

JPEG = encode(draw_photo(32, 24))


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(JPEG if file.suffix == ".jpg" else b"a dog\n\n two  cats \n")
    return folder


def read(
    path: Path, **known: str
) -> tuple[dict[str, FoundPhoto], dict[str, list[PhotoAnnotation]], list[Refusal]]:
    """Photos, what is said of them, and refusals, from a source called "s"."""
    photos = path.parent if path.is_file() else path
    found: dict[str, FoundPhoto] = {}
    spoken: dict[str, list[PhotoAnnotation]] = {}
    refused = []
    for record in read_source(SourceFolder(path, "s", photos, **known), "auto"):
        if isinstance(record, FoundPhoto):
            found[record.key] = record
        elif isinstance(record, PhotoAnnotation):
            spoken.setdefault(record.key, []).append(record)
        else:
            refused.append(record)
    return found, spoken, refused


def captions(spoken: Mapping[str, list[PhotoAnnotation]], key: str) -> list[str]:
    return [caption for each in spoken[key] for caption in each.captions]


def kinds(refused: list[Refusal]) -> list[str]:
    return sorted(refusal.kind for refusal in refused)


# Folders


def test_label_folders_say_what_their_photos_show(tmp_path: Path) -> None:
    touch(
        tmp_path, "hot_dog/b.jpg", "hot_dog/deep/a.jpg", "cat/c.jpg", "stray.jpg", ".hidden/x.jpg"
    )
    found, spoken, refused = read(tmp_path)
    assert list(found) == ["s/cat/c.jpg", "s/hot_dog/b.jpg", "s/hot_dog/deep/a.jpg"]
    assert spoken["s/hot_dog/deep/a.jpg"][0].labels == ("hot dog",)
    assert kinds(refused) == ["no label"]


def test_a_text_beside_a_photo_holds_its_captions(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "a.txt", "b/c.jpg")
    found, spoken, _ = read(tmp_path)
    assert list(found) == ["s/a.jpg", "s/b/c.jpg"]
    assert captions(spoken, "s/a.jpg") == ["a dog", "two cats"]
    assert "s/b/c.jpg" not in spoken


def test_captions_that_are_no_text_or_no_caption_are_refused_one_by_one(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    lines = [b"good", b"not \xff UTF-8", b"x" * 1_000_000, b"bell \x07"]
    (tmp_path / "a.txt").write_bytes(b"\n".join(lines))
    _, spoken, refused = read(tmp_path)
    assert captions(spoken, "s/a.jpg") == ["good"]
    assert kinds(refused) == ["damaged caption", "long caption", "not UTF-8"]


def test_captions_are_not_read_through_a_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = touch(tmp_path / "in", "a.jpg", "b.jpg", "b.txt")
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    _, spoken, refused = read(folder)
    assert list(spoken) == ["s/b.jpg"]
    assert kinds(refused) == ["outside"]


@pytest.mark.parametrize("names", [(), ("notes.md",)])
def test_a_folder_without_photos_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    touch(tmp_path, *names)
    with pytest.raises(TrainingError, match="holds no photos"):
        detect(tmp_path)


# COCO


def coco(folder: Path, **parts: Any) -> Path:
    file = folder / "captions.json"
    file.write_text(json.dumps({"info": {"year": 2014}, **parts}))
    return file


IMAGES = [
    {"id": 7, "file_name": "7.jpg", "width": 640, "height": 480, "license": 3},
    {"id": 8, "file_name": "sub/8.jpg"},
]


def test_coco_gives_captions_boxes_and_licences_in_any_order(tmp_path: Path) -> None:
    notes = [
        {"image_id": 7, "caption": "a dog"},
        {"image_id": 7, "caption": " a\ndog again "},
        {"image_id": 7, "bbox": [64, 48, 64, 48], "category_id": 1, "iscrowd": 1},
    ]
    file = coco(
        tmp_path,
        annotations=notes,
        images=IMAGES,
        licenses=[{"id": 3, "name": "CC BY"}],
        categories=[{"id": 1, "name": "dog"}],
    )
    found, spoken, refused = read(file)
    assert found["s/7"].licence == "CC BY"
    assert found["s/7"].size == (640, 480)
    assert found["s/8"].place.file == str(tmp_path / "sub/8.jpg")
    assert captions(spoken, "s/7") == ["a dog", "a dog again"]
    assert spoken["s/7"][2].boxes == ({"label": "dog", "bbox": [64, 48, 64, 48], "crowd": 1},)
    assert refused == []


def test_damaged_coco_entries_are_refused_and_the_others_kept(tmp_path: Path) -> None:
    images = [*IMAGES, 5, {"id": 1}, {"id": 2, "file_name": "../../etc/passwd"}]
    notes = [
        {"image_id": 7, "caption": None},
        {"image_id": 7, "caption": "  "},
        {"caption": "of what?"},
        {"image_id": 8, "bbox": [0, 0, -1, 5], "category_id": 1},
        {"image_id": 8, "caption": "fine"},
    ]
    found, spoken, refused = read(coco(tmp_path, images=images, annotations=notes))
    assert list(found) == ["s/7", "s/8"]
    assert list(spoken) == ["s/8"]
    assert kinds(refused) == [
        "damaged box",
        "damaged entry",
        "damaged entry",
        "damaged entry",
        "empty caption",
        "no caption",
        "outside",
    ]


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", '{"images": [{"id": 1', '{"images": [}', '{"a": ' + "[" * 100_000]
)
def test_json_that_is_cut_short_or_no_object_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "captions.json").write_text(text)
    with pytest.raises(TrainingError, match=r"captions\.json is no JSON object, or is damaged"):
        read(tmp_path / "captions.json")


def test_json_of_another_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match='has no "images"'):
        read(coco(tmp_path, annotations=[]))


def test_long_lists_are_read_piece_by_piece(tmp_path: Path) -> None:
    images = [{"id": n, "file_name": f"{n}.jpg", "note": "ü" * 300} for n in range(5000)]
    found, _, _ = read(coco(tmp_path, images=images))
    assert len(found) == 5000


# Tables


def table(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder / name


def test_rows_of_one_photo_are_its_captions(tmp_path: Path) -> None:
    rows = 'Image,Caption,split\na.jpg,"a dog, asleep",x\nb.jpg,a cat,x\n./a.jpg,a brown dog,x\n'
    found, spoken, refused = read(table(tmp_path, rows))
    assert list(found) == ["s/a.jpg", "s/b.jpg"]
    assert captions(spoken, "s/a.jpg") == ["a dog, asleep", "a brown dog"]
    assert refused == []


def test_columns_of_other_names_can_be_named(tmp_path: Path) -> None:
    file = table(tmp_path, "foto\twas\na.jpg\tein Hund\n", "table.tsv")
    with pytest.raises(
        TrainingError, match=r"no column of photos .* 'foto', 'was'.*--photo-column"
    ):
        read(file)
    with pytest.raises(TrainingError, match="no column 'nix'; it has 'foto', 'was'"):
        read(file, photo_column="nix")
    with pytest.raises(TrainingError, match="no column of captions or labels"):
        read(file, photo_column="foto")
    _, spoken, _ = read(file, photo_column="foto", text_column="was")
    assert captions(spoken, "s/a.jpg") == ["ein Hund"]


def test_rows_that_cannot_be_used_are_named_by_their_line(tmp_path: Path) -> None:
    outside = ["../up.jpg", "/etc/passwd", "sub/../../up.jpg", "."]
    rows = [f"{name},x" for name in outside]
    rows += ["https://example.org/a.jpg,x", ",x", "a.jpg", "a.jpg,x,y", "a.jpg,", "a.jpg,fine"]
    text = "path,text\n" + "\n".join(rows) + "\nb.jpg,caf\xe9\nc.jpg," + "y" * 20_000_000 + "\n"
    _, spoken, refused = read(table(tmp_path, text.encode("latin-1")))
    assert list(spoken) == ["s/a.jpg"]
    counted = Counter(kinds(refused))
    assert counted["outside"] == 4
    assert counted["damaged row"] >= 3
    assert all(counted[kind] == 1 for kind in ("URL", "empty caption", "no photo", "not UTF-8"))
    assert any("line 8" in refusal.name for refusal in refused)


def test_an_empty_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no column of photos"):
        read(table(tmp_path, ""))


def test_parquet_holds_paths_or_photos(tmp_path: Path) -> None:
    rows = {"path": ["a.jpg", "b.jpg"], "captions": [["one", "two"], None], "label": [3, 4]}
    pq.write_table(pa.table(rows), tmp_path / "paths.parquet")
    found, spoken, _ = read(tmp_path / "paths.parquet")
    assert list(found) == ["s/a.jpg", "s/b.jpg"]
    assert captions(spoken, "s/a.jpg") == ["one", "two"]
    assert spoken.keys() == {"s/a.jpg"}
    cells = [{"bytes": JPEG, "path": "a.jpg"}, {"bytes": None, "path": "b.jpg"}]
    pq.write_table(pa.table({"image": cells, "text": ["one", "two"]}), tmp_path / "cells.parquet")
    found, _, _ = read(tmp_path / "cells.parquet")
    assert found["s/cells/1"].place.row == 1
    assert found["s/cells/1"].place.column == "image"


def test_a_damaged_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(TrainingError, match=r"x\.parquet is no Parquet file, or is damaged"):
        read(tmp_path / "x.parquet")


# Tables as people's programs write them


def rows_of(spoken: Mapping[str, list[PhotoAnnotation]]) -> dict[str, list[str]]:
    return {key.removeprefix("s/"): captions(spoken, key) for key in spoken}


UNCLOSED = """filename,caption
a.jpg,a red circle
b.jpg,"a sign that says 12
c.jpg,a blue square
d.jpg,a green square
"""


def test_a_quote_that_never_ends_is_named_and_costs_no_other_row(tmp_path: Path) -> None:
    _, spoken, refused = read(table(tmp_path, UNCLOSED))
    assert rows_of(spoken) == {
        "a.jpg": ["a red circle"],
        "c.jpg": ["a blue square"],
        "d.jpg": ["a green square"],
    }
    (one,) = refused
    assert one.name == "table.csv: line 3"
    assert "quote" in one.reason


@pytest.mark.parametrize(
    "later",
    [
        'd.jpg,"a dog, asleep"',
        'd.jpg,"a dog',
        'd.jpg,"',
        '"d.jpg",a dog',
        'd.jpg,"a ""dog"""',
        'd.jpg,""',
        'd.jpg,a 12" dog',
        '"d.jpg","a dog',
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_no_row_below_an_unclosed_quote_vanishes(tmp_path: Path, later: str, end: str) -> None:
    lines = ["path,text", 'a.jpg,"a sign 12', "b.jpg,a cat", later, "e.jpg,a bird", "f.jpg,an ant"]
    _, spoken, refused = read(table(tmp_path, end.join(lines) + end))
    known = {*rows_of(spoken)} | {refusal.name for refusal in refused}
    assert "table.csv: line 2" in known
    assert {"b.jpg", "e.jpg", "f.jpg"} <= known
    assert known & {"d.jpg", "table.csv: line 4"}
    assert len(known) == 5


def test_rows_over_lines_are_rows(tmp_path: Path) -> None:
    text = (
        'path,text\r\na.jpg,"a dog,\r\nasleep, happily"\r\nb.jpg,"said ""hi""\r\n\r\nto a cat"\r\n'
        'c.jpg,"fine"\r\nd.jpg,"big" dog\r\ne.jpg,x,y\r\n'
    )
    _, spoken, refused = read(table(tmp_path, text))
    assert rows_of(spoken) == {
        "a.jpg": ["a dog, asleep, happily"],
        "b.jpg": ['said "hi" to a cat'],
        "c.jpg": ["fine"],
        "d.jpg": ["big dog"],
    }
    assert [refusal.name for refusal in refused] == ["table.csv: line 9"]  # where it begins


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_tables_are_read_as_spreadsheets_save_them(
    tmp_path: Path, encoding: str, delimiter: str, quoting: Literal[0, 1]
) -> None:
    rows = [("Path", "Text"), ("a.jpg", "Hündchen \N{DOG FACE}"), ("b.jpg", "1,5 m; 2 m")]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(rows)
    file = table(tmp_path, text.getvalue().encode(encoding))
    _, spoken, refused = read(file)
    assert rows_of(spoken) == {"a.jpg": ["Hündchen \N{DOG FACE}"], "b.jpg": ["1,5 m; 2 m"]}
    assert refused == []


def test_a_stated_delimiter_and_blank_lines_before_the_header_are_no_rows(tmp_path: Path) -> None:
    file = table(tmp_path, "sep=;\r\n\r\npath;text\r\na.jpg;a dog, asleep\r\n\r\n")
    _, spoken, refused = read(file)
    assert (rows_of(spoken), refused) == ({"a.jpg": ["a dog, asleep"]}, [])


def test_zeros_and_undecodable_bytes_cost_their_row_alone(tmp_path: Path) -> None:
    _, spoken, refused = read(table(tmp_path, b"path,text\na.jpg,a\0b\nb\0.jpg,x\nc.jpg,a cat\n"))
    assert rows_of(spoken) == {"c.jpg": ["a cat"]}
    assert kinds(refused) == ["damaged caption", "damaged name"]
    odd = "path,text\na.jpg,a \ud800 dog\nb.jpg,a cat\n".encode("utf-16", "surrogatepass")
    _, spoken, refused = read(table(tmp_path, odd))
    assert (rows_of(spoken), kinds(refused)) == ({"b.jpg": ["a cat"]}, ["not UTF-8"])
    _, spoken, refused = read(
        table(tmp_path, "path,text\na.jpg,a\nb.jpg,x\n".encode("utf-16")[:-1])
    )
    assert rows_of(spoken) == {"a.jpg": ["a"]}
    assert kinds(refused) == ["damaged row"]


def test_a_row_without_end_is_named_by_its_line_and_the_next_is_read(tmp_path: Path) -> None:
    long = "y" * (MAX_TEXT_BYTES + 10)
    for row in (f"a.jpg,{long}", f'a.jpg,"{long}"', f'a.jpg,"{long[:-99]}\n{long[-99:]}"'):
        _, spoken, refused = read(table(tmp_path, f"path,text\n{row}\nb.jpg,a cat\n"))
        assert rows_of(spoken) == {"b.jpg": ["a cat"]}
        assert refused[0].name == "table.csv: line 2"


def test_columns_of_one_name_all_count(tmp_path: Path) -> None:
    _, spoken, _ = read(table(tmp_path, "path,caption,caption\na.jpg,a dog,a pup\n"))
    assert rows_of(spoken) == {"a.jpg": ["a dog", "a pup"]}
    with pytest.raises(TrainingError, match="two columns 'path'; give one another name"):
        read(table(tmp_path, "path,path,caption\na.jpg,b.jpg,a dog\n"))


def test_an_unclosed_quote_in_the_header_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"table\.csv: line 1: a quote begins"):
        read(table(tmp_path, 'path,"text\na.jpg,a dog\n'))


@given(st.lists(st.text('",\n\rab ', max_size=12), max_size=8))
def test_every_line_of_whatever_table_is_in_a_row_or_named(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = table(Path(folder), "path,text\n" + "\n".join(f"x.jpg,{line}" for line in lines))
        rows = list(csv_rows(file, lambda header: True, lambda header, cells: False))
    first = [row.line for row in rows]
    assert first == sorted(set(first))
    told = sum(len(row.cells) > 0 or bool(row.problem) for row in rows)
    assert told == len(rows)
    assert sum(cell.count("x.jpg") for row in rows for cell in row.cells) + sum(
        bool(row.problem) for row in rows
    ) >= len(lines)


def test_captions_beside_photos_may_be_saved_as_utf_16(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (tmp_path / "a.txt").write_text("ein Hündchen", "utf-16")
    _, spoken, refused = read(tmp_path)
    assert (rows_of(spoken), refused) == ({"a.jpg": ["ein Hündchen"]}, [])


# Tars


def tar(file: Path, members: Mapping[str, bytes]) -> Path:
    with tarfile.open(file, "w") as opened:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    return file


def test_tars_of_others_give_their_texts(tmp_path: Path) -> None:
    note = {"caption": "two", "labels": ["dog"], "license": "CC0"}
    members = {"a/1.jpg": JPEG, "a/1.txt": b"one\n", "a/1.json": json.dumps(note).encode()}
    file = tar(tmp_path / "x.tar", members | {"2.jpg": JPEG, "2.cls": b"7", "3.txt": b"alone"})
    found, spoken, refused = read(file)
    assert list(found) == ["s/a/1", "s/2"]
    place = found["s/2"].place
    assert file.read_bytes()[place.offset : place.offset + place.size] == JPEG
    assert captions(spoken, "s/a/1") == ["one", "two"]
    assert spoken["s/a/1"][0].labels == ("dog",)
    assert found["s/a/1"].licence == "CC0"
    assert kinds(refused) == ["no photo"]


def test_our_own_tars_keep_key_split_and_boxes(tmp_path: Path) -> None:
    box = {"label": "dog", "bbox": [0.1, 0.1, 0.5, 0.5], "crowd": 0}
    note = {"key": "coco/7", "source": "coco", "split": "test", "kind": "meme", "boxes": [box]}
    file = tar(tmp_path / "x.tar", {"0a.webp": JPEG, "0a.json": json.dumps(note).encode()})
    found, spoken, _ = read(file)
    record = found["coco/7"]
    assert (record.source, record.split, record.kind, record.size) == (
        "coco",
        "test",
        "meme",
        (1, 1),
    )
    assert spoken["coco/7"][0].boxes == (box,)


def test_samples_of_one_name_in_a_row_stay_apart(tmp_path: Path) -> None:
    members = [("1.jpg", JPEG), ("1.txt", b"one"), ("1.jpg", JPEG), ("1.txt", b"two")]
    with tarfile.open(tmp_path / "x.tar", "w") as opened:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    records = list(read_source(SourceFolder(tmp_path / "x.tar", "s", tmp_path), "auto"))
    assert [type(record) for record in records] == [
        FoundPhoto,
        PhotoAnnotation,
        FoundPhoto,
        PhotoAnnotation,
    ]
    assert records[0] != records[2]


def test_hostile_members_are_refused_and_the_others_kept(tmp_path: Path) -> None:
    file = tar(
        tmp_path / "x.tar",
        {
            "../up.jpg": JPEG,
            "/etc/cron.jpg": JPEG,
            "bad.json": b"{",
            "ok.jpg": JPEG,
            "ok.txt": b"a",
        },
    )
    with tarfile.open(file, "a") as opened:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
    found, spoken, refused = read(file)
    assert list(found) == list(spoken) == ["s/ok"]
    assert kinds(refused) == ["damaged entry", "no file", "no photo", "outside", "outside"]


def test_a_tar_that_is_cut_short_gives_what_it_still_has(tmp_path: Path) -> None:
    members = {
        f"{n}.{kind}": JPEG if kind == "jpg" else b"x" for n in range(9) for kind in ("jpg", "txt")
    }
    file = tar(tmp_path / "x.tar", members)
    os.truncate(file, 4 * (len(JPEG) // 512 + 2) * 512 + 4000)
    found, _, refused = read(tmp_path)
    assert 1 < len(found) < 9
    assert kinds(refused)[-1] == "damaged tar"


@pytest.mark.parametrize("data", [b"", b"no tar at all" * 100, b"\x1f\x8b\x08" + bytes(600)])
def test_what_is_no_tar_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    found, _, refused = read(tmp_path)
    assert not found
    assert kinds(refused) == ["damaged tar"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xls").write_bytes(b"")
    with pytest.raises(TrainingError, match=r"no \.json, \.csv"):
        detect(tmp_path / "x.xls")
