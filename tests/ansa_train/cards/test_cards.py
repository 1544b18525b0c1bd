from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansa.cli import main
from ansa.model.bundle import Bundle
from ansa_train.cards.generated_parts import part, renew
from ansa_train.errors import TrainingError
from tests.bundles import edit_manifest, write_bundle

FIGURE = {"value": 40.0, "low": 30.0, "high": 50.0}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    folder = write_bundle(tmp_path / "bundle")
    known: dict[str, Any] = {"training": {"recipe": "a.toml", "steps": 1200}}
    known["training"]["photos"] = {"pets": 1066, "night": 12}
    known["training"]["compared"] = {"predecessor": "old 123", "figures": 5, "cases": 50}
    known["training"]["compared"]["losses"] = [
        {"name": "demo: search: grass", "said": "held before", "accepted": "the photo was wrong"}
    ]
    known["licences"] = {"efficientnet-lite0": "Apache-2.0"}
    edit_manifest(folder, lambda manifest: manifest.update(known))
    return Bundle.open(folder)


def slices(bundle: Bundle) -> dict[str, Any]:
    gap = {"value": -20.0, "low": -30.0, "high": -10.0}
    figure = {"photos": 60, "slice": FIGURE, "rest": FIGURE, "gap": gap, "behind": True}
    return {
        "command": "ansa evaluate --slices",
        "split": "dev",
        "bundle": f"colours {bundle.id[:12]}",
        "photos": 1234,
        "overall": {"names": FIGURE},
        "slices": [
            {"name": "dark", "figures": {"names": figure}},
            {"name": "taken in Africa", "figures": {}},
        ],
    }


def test_a_new_card_has_all_that_the_bundle_and_its_slices_say(
    bundle: Bundle, tmp_path: Path
) -> None:
    measured, page = tmp_path / "slices.json", tmp_path / "card.md"
    measured.write_text(json.dumps(slices(bundle)))
    words = ["card", str(page), "--bundle", str(bundle.path), "--slices", str(measured)]
    assert main(words) == 0
    text = page.read_text("utf-8")
    for said in (
        "# Model card: colours",
        f"| id | `{bundle.id[:12]}` |",
        "| dark | names | 60 | 40.0 (30.0 to 50.0) |",
        "too few photos: taken in Africa",
        "| pets | 1,066 |",
        "Compared with old 123 in 5 figures and 50 cases: 1 losses, all accepted.",
        "the photo was wrong",
        "| `efficientnet-lite0` | Apache-2.0 |",
    ):
        assert said in text


def test_paragraphs_of_people_are_kept_and_figures_made_anew(
    bundle: Bundle, tmp_path: Path
) -> None:
    page = tmp_path / "card.md"
    assert main(["card", str(page), "--bundle", str(bundle.path)]) == 0
    mine = "It is for my aunt's photos, and for nothing else.\n\nNot for cats."
    text = page.read_text("utf-8")
    wanted = "Say here what the model is meant for, and what it is not meant for."
    page.write_text(text.replace(wanted, mine).replace("1,066", "9"), "utf-8")
    assert main(["card", str(page), "--bundle", str(bundle.path)]) == 0
    again = page.read_text("utf-8")
    assert again == text.replace(wanted, mine)


def test_a_part_without_an_end_and_a_part_twice_are_refused() -> None:
    with pytest.raises(TrainingError, match="has no end; add the line"):
        renew("<!-- generated: data -->\nold", {"data": "new"}, "card.md")
    with pytest.raises(TrainingError, match="stands there twice"):
        renew(part("data", "a") + "\n" + part("data", "b"), {"data": "new"}, "card.md")


def test_an_old_figure_does_not_stay_and_a_new_part_is_added() -> None:
    page = "Mine.\n" + part("old", "40 %") + "\nAlso mine.\n"
    made = renew(page, {"new": "50 %"}, "card.md")
    assert "40 %" not in made
    assert made.startswith("Mine.\n")
    assert made.index("Also mine.") < made.index("50 %")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"bundle": "another 0123"}, "measure them again"),
        ({"slices": 3}, "not what `ansa evaluate --slices --out` writes"),
    ],
)
def test_slices_of_another_bundle_and_other_json_are_refused(
    bundle: Bundle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    edit: dict[str, Any],
    said: str,
) -> None:
    measured = tmp_path / "slices.json"
    measured.write_text(json.dumps(slices(bundle) | edit))
    words = ["card", str(tmp_path / "card.md"), "--bundle", str(bundle.path)]
    assert main([*words, "--slices", str(measured)]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "card.md").exists()


def test_a_data_card_counts_splits_sources_and_terms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = {
        "splits": {"train": 90, "dev": 10},
        "sources": {"pets": 100},
        "licences": {"CC0": 60, "": 40},
        "duplicates": 3,
        "refused": {"damaged": 2},
        "settings": {"size": 288, "encoding": "jpeg"},
    }
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "manifest.json").write_text(json.dumps(manifest))
    page = tmp_path / "data.md"
    assert main(["card", str(page), "--data", str(tmp_path / "shards")]) == 0
    text = page.read_text("utf-8")
    for said in ("100 photos.", "| train | 90 |", "| CC0 | 60 |", "| not stated | 40 |"):
        assert said in text
    assert "3 duplicates merged; size 288, encoding jpeg" in text
    assert main(["card", str(page), "--data", str(tmp_path)]) == 1
    assert "build them with `ansa data build`" in capsys.readouterr().err
