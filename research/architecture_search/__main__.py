"""Runs or goes on with a search, then writes its report.

python -m research.architecture_search recipes/search.toml
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from ansa_train.errors import TrainingError
from research.architecture_search.recipe import SearchRecipe
from research.architecture_search.report import Report
from research.architecture_search.study import Study
from research.architecture_search.trial import TrialBench
from research.architecture_search.trial_data import TrialData


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if all is done, 1 if something is in the way."""
    parser = argparse.ArgumentParser(
        prog="python -m research.architecture_search",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("recipe", type=Path, help="TOML, like recipes/search.toml")
    parser.add_argument(
        "--report", type=Path, metavar="PREFIX", help="writes PREFIX.md and PREFIX.json"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="the Pareto picture")
    options = parser.parse_args(arguments)
    try:
        recipe = SearchRecipe.read(options.recipe)
        recipe.folder.mkdir(parents=True, exist_ok=True)
        study = Study(recipe)
        material = TrialData.gather(recipe)
        study.run(TrialBench(recipe, material).run)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    given = sys.argv[1:] if arguments is None else arguments
    command = shlex.join(["python", "-m", "research.architecture_search", *given])
    report = Report(command, recipe, study.tried(), study.given_up(), material.dev_owners)
    prefix = options.report or recipe.folder / "report"
    for file in report.write(prefix, options.picture or prefix.with_suffix(".svg")):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
