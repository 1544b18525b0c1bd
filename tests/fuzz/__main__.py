"""More than the tests try: `python -m tests.fuzz COUNT [BUNDLE]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.parent import fuzz
from tests.fuzz.seeds import sound_bundle


def main() -> int:
    """1 if anything happened that should never happen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("bundle", type=Path, nargs="?", help="a small one of every kind if none")
    parser.add_argument("--first", type=int, default=0, help="seed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = options.bundle or sound_bundle(Path(folder) / "bundle")
        found = fuzz(bundle, options.first, options.count)
    print(dict(found.outcomes), f"peak {found.peak} MB")
    for name, outcomes in sorted(found.by.items()):
        print(f"  {name}: {dict(outcomes)}")
    print(*found.faults, sep="\n\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
