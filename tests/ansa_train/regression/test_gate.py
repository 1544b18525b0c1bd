from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ansa_train.errors import TrainingError
from ansa_train.evaluate.bootstrap import Estimate
from ansa_train.recipe import AcceptedLoss, Recipe, read_accepted
from ansa_train.regression.answers import Answer, SetAnswers, State
from ansa_train.regression.gate import BehindPredecessor, Verdict, verdict
from ansa_train.slicing.gaps import paired
from ansa_train.slicing.photo_metrics import PhotoMetric

NAME = "1,000 names, top-5"


def figures(before: float, now: float, photos: int = 400) -> dict[str, tuple[Estimate, Estimate]]:
    """A share before and after, on the same photos."""
    draws = np.random.default_rng(0).random(photos)
    asked = np.ones(photos, np.float32)
    old, new = (
        PhotoMetric(NAME, (draws < share).astype(np.float32), asked) for share in (before, now)
    )
    found = paired(old, new)
    assert found is not None
    return {NAME: found[1:]}


def answers(*states: State) -> SetAnswers:
    said = [Answer(f"case {i}", state, "place 1") for i, state in enumerate(states)]
    return SetAnswers("demo", "0" * 64, said)


def test_a_bundle_that_forgets_is_refused_and_the_message_has_the_figure() -> None:
    found = verdict("old 123", figures(0.9, 0.5), [])
    with pytest.raises(BehindPredecessor, match=r"old 123\): 1,000 names, top-5: 8\d\.\d -> 4\d"):
        found.check()


def test_a_loss_within_its_interval_is_none() -> None:
    found = verdict("old", figures(0.80, 0.80), [])
    found.check()
    assert (found.figures, found.losses) == (1, [])
    verdict("old", figures(0.5, 0.9), []).check()


def test_a_case_that_was_held_must_hold() -> None:
    pair = (answers("held", "held", "broken"), answers("held", "broken", "held"))
    found = verdict("old", {}, [pair])
    assert [loss.name for loss in found.refused] == ["demo: case 1"]
    assert found.gains == ["demo: case 2"]
    assert found.cases == 2
    with pytest.raises(BehindPredecessor, match="demo: case 1: held before"):
        found.check()


def test_what_never_held_and_what_could_not_be_asked_refuse_nothing() -> None:
    pair = (answers("broken", "not run", "held"), answers("broken", "held", "not run"))
    found = verdict("old", {}, [pair])
    found.check()
    assert set(found.not_run) == {"demo: case 1", "demo: case 2"}
    assert "2 cases could not be asked of both" in found.summary()


def test_a_recipe_that_names_the_loss_and_the_reason_lets_it_pass() -> None:
    accepted = (
        AcceptedLoss(NAME, "half as large"),
        AcceptedLoss("demo: case *", "the photo was wrong"),
        AcceptedLoss("captions", "never happens"),
    )
    pair = (answers("held"), answers("broken"))
    found = verdict("old", figures(0.9, 0.5), [pair], accepted)
    found.check()
    assert [loss.accepted for loss in found.losses] == ["half as large", "the photo was wrong"]
    assert found.unused == ["captions"]
    assert "accepted, but not lost: captions" in found.summary()


def test_brackets_in_a_name_are_no_pattern() -> None:
    pair = (answers("held"), answers("broken"))
    found = verdict("old", {}, [pair], [AcceptedLoss("demo: case [0-9]", "no")])
    assert found.refused


def recipe(tmp_path: Path, tables: str) -> Path:
    file = tmp_path / "recipe.toml"
    file.write_text(f'data = "x"\nfolder = "y"\n{tables}')
    return file


def test_a_recipe_names_what_it_accepts(tmp_path: Path) -> None:
    tables = f'[[accepted]]\nfigure = "{NAME}"\nreason = "half as large"\n'
    found = Recipe.read(recipe(tmp_path, tables)).accepted
    assert found == (AcceptedLoss(NAME, "half as large"),)
    alone = tmp_path / "accepted.toml"
    alone.write_text(tables)
    assert read_accepted(alone) == found


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ('[[accepted]]\nfigure = "x"\n', "missing: reason"),
        ('[[accepted]]\nfigure = "x"\nreason = " "\n', "not empty"),
        ('[[accepted]]\nfigure = "*"\nreason = "hurry"\n', "would accept every loss"),
        ('accepted = "all"\n', "it is a list"),
    ],
)
def test_a_loss_without_a_name_or_a_reason_is_not_accepted(
    tmp_path: Path, tables: str, said: str
) -> None:
    with pytest.raises(TrainingError, match=said):
        Recipe.read(recipe(tmp_path, tables))


def test_a_verdict_is_json() -> None:
    found = Verdict("old", 3, 2, [])
    assert found.to_dict()["figures"] == 3
