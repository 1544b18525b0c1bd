"""Pretrains a backbone by multi-label classification, without text.

python -m research.multilabel recipes/compare-classes.toml
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ansa_train.errors import TrainingError
from ansa_train.train.pretrain import pretrain
from research.multilabel.objective import build_multilabel
from research.multilabel.recipe import MultiLabelRecipe


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if the run is done, 1 if something is in the way."""
    parser = argparse.ArgumentParser(
        prog="python -m research.multilabel", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("recipe", type=Path, help="TOML, like recipes/compare-classes.toml")
    options = parser.parse_args(arguments)
    try:
        done = pretrain(MultiLabelRecipe.read(options.recipe), build_multilabel)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(done))
    return 0


if __name__ == "__main__":
    sys.exit(main())
