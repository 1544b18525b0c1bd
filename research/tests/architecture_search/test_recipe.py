from __future__ import annotations

from pathlib import Path

import pytest

from ansa_train.errors import TrainingError
from research.architecture_search.recipe import SHIPPED, SearchRecipe
from research.architecture_search.space import Candidate
from research.tests.architecture_search.conftest import write_recipe

RECIPE = Path(__file__).parents[3] / "recipes" / "search.toml"


def test_the_recipe_says_its_command_and_tries_what_ships_first() -> None:
    recipe = SearchRecipe.read(RECIPE)
    head = RECIPE.read_text().split("\n\n")[0]
    assert "python -m research.architecture_search recipes/search.toml" in head
    assert next(iter(recipe.points)) == SHIPPED
    assert recipe.points[SHIPPED] == Candidate()
    assert recipe.point(Candidate(size=224)) == "shipped, 224 px"
    assert recipe.point(Candidate(size=288)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("data = 1 1", "is no recipe.*those in recipes/"),
        ('data = "x"', "missing: folder"),
        ('data = "x"\nfolder = "y"\nrates = 1', "no such setting: rates"),
        ('data = "x"\nfolder = "y"\ntrials = "many"', "trials = 'many', but it is a whole number"),
        ('data = "x"\nfolder = "y"\nphotos = 0', "photos is at least 1, not 0"),
        ('data = "x"\nfolder = "y"\n[space]\nsizes = [64]', "sizes"),
        ('data = "x"\nfolder = "y"\n[space]\nsize = [65, 256]', "multiple of 32, not 65"),
        ('data = "x"\nfolder = "y"\n[points.wide]\ndeep_width = 2.0', "at most 1, not 2"),
        ('data = "x"\nfolder = "y"\n[points.odd]\nsize = 320', "the point odd .* is not in the"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(TrainingError, match=rf"mine\.toml.*{reason}"):
        SearchRecipe.read(file)


def test_a_recipe_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"mine\.toml"):
        SearchRecipe.read(tmp_path / "mine.toml")


def test_how_many_trials_there_are_is_no_term_of_a_study(tmp_path: Path) -> None:
    few = SearchRecipe.read(write_recipe(tmp_path / "a.toml", tmp_path))
    more = SearchRecipe.read(
        write_recipe(tmp_path / "b.toml", tmp_path, points="[points.small]\nsize = 64\n")
    )
    assert few.terms() == more.terms()
