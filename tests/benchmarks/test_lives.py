"""The benchmark of choices runs on few lives and photos, and holds each against what it must
reach. Numbers are not looked at: so few drawn photos say little."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.lives import main
from tests.ansa_train.conftest import box, note, write_tar


def verdicts(folder: Path) -> dict[str, bool | None]:
    report = json.loads((folder / "lives.json").read_text())
    assert str(folder) not in (folder / "lives.md").read_text()
    return {figure["name"]: figure["passed"] for figure in report["figures"]}


def test_it_measures_lives_without_any_photo(tmp_path: Path) -> None:
    status = main(["--lives", "1", "--out", str(tmp_path)])
    found = verdicts(tmp_path)
    assert {"trips: F1", "moments: F1", "homes: share of nights at home told rightly"} <= {
        name for name, seen in found.items() if seen is not None
    }
    assert status == int(False in found.values())


def test_it_measures_the_choices_on_photos_of_a_pack(tmp_path: Path) -> None:
    person = {"label": "person", "bbox": [0.3, 0.2, 0.3, 0.7], "crowd": False}
    notes = [
        note(f"said{n:03}", split="dev", captions=["a dog", "one dog", "the dog"]) for n in range(3)
    ]
    notes += [note("coco003", source="coco", split="dev", boxes=[person]),
              note("coco004", source="coco", split="dev", boxes=[box("dog", 0.5, 0.5)]),
              note("page005", kind="document", split="dev")]  # fmt: skip
    write_tar(tmp_path / "pack" / "made.tar", notes)
    made = ("--data", str(tmp_path / "pack"), "--photos", "6", "--pairs", "1", "--lives", "1")
    main([*made, "--out", str(tmp_path)])
    found = verdicts(tmp_path)
    for about in ("themes: precision", "clutter: balanced accuracy", "people: counts right",
                  "clutter: photos called clutter", "bursts: the better one"):  # fmt: skip
        assert found[about] is not None
    assert "people: 1, 1 photos: right" in found
    assert "bursts: head cut off, 1 pairs: the better one" in found
