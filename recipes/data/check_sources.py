"""Tells which source repositories of a training pack are there, at the commits that were used.

    python recipes/data/check_sources.py MIRROR [SOURCES.toml]

MIRROR holds bare git repositories, ``OWNER+NAME/repo``. A repository that is missing, or that lacks
the commit, is named with what helps; the exit status is 1 if there is one.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

SOURCES = Path(__file__).with_name("sources.toml")


def problems(mirror: Path, sources: Path = SOURCES) -> Iterator[str]:
    """Yields a sentence for each repository that cannot be used.

    Args:
        mirror: the folder of bare repositories.
        sources: the TOML file with a table ``source`` per repository.
    """
    for source in tomllib.loads(sources.read_text("utf-8"))["source"]:
        name, commit = source["repository"], source["commit"]
        folder = mirror / name.replace("/", "+") / "repo"
        if (folder / ".git").is_dir():
            folder = folder / ".git"
        if not folder.is_dir():
            yield (
                f"{source['name']}: {folder} is missing; run "
                f"`git clone --bare https://github.com/{name} {folder}`, or train without its "
                f"{source['photos']:,} photos"
            )
            continue
        asked = ["git", f"--git-dir={folder}", "cat-file", "-e", f"{commit}^{{commit}}"]
        if subprocess.run(asked, capture_output=True, check=False).returncode:  # noqa: S603
            yield (
                f"{source['name']}: {folder} lacks the commit {commit}; run "
                f"`git --git-dir={folder} fetch origin {commit}`"
            )


def main(arguments: Sequence[str]) -> int:
    """Prints the problems, and how many repositories can be used."""
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    sources = Path(arguments[1]) if len(arguments) == 2 else SOURCES
    found = list(problems(Path(arguments[0]), sources))
    every = len(tomllib.loads(sources.read_text("utf-8"))["source"])
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"{every - len(found)} of {every} source repositories can be used")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
