"""The command line: commands only, each parses, calls and prints.

Exit status: 0 done, 1 something failed that is the user's to mend (and was named; see
:func:`ansa.cli.output.status`), 2 wrong usage; stopped from outside, it is the shell's 128 +
signal.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import TextIO

from ansa.cli import (
    analyze,
    benchmark,
    best,
    catalog,
    clutter,
    crop,
    data,
    demo,
    duplicates,
    evaluate,
    export,
    forget,
    graph,
    index,
    mark,
    memories,
    personal,
    search,
    sidecars,
    teach,
    train,
    wallpapers,
)
from ansa.cli.arguments import check_library
from ansa.cli.extras import ExtraMissing
from ansa.cli.output import print_json, print_problem

_DESCRIPTION = "Search your photos in your own words, on your own machine."
_EXAMPLE = """\
example:
  ansa index ~/Pictures
  ansa search "a dog on a beach"

`ansa VERB --help` explains each verb."""

_NAMES = "folder", "library", "bundle", "like", "movie", "music"
"""Arguments that name files and folders: an empty one would mean the folder that one is in."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    args = _parser().parse_args(argv)
    if any(getattr(args, name, None) == "" for name in _NAMES):
        args.usage_error("an empty name; perhaps a variable is not set")
    try:
        check_library(args)
        status: int = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print_problem("stopped; run the same command again to go on")
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # SIGPIPE, which not every system's signal module names
    except Exception as error:
        if not isinstance(error, _expected()):
            raise
        print_problem(str(error))
        if args.json:
            print_json({"error": str(error), "problems": [_problem(error)]})
        return 1
    return status


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Ours in one line as problems are; those of other packages as Python shows them."""
    if category.__module__.split(".")[0] in ("ansa", "ansa_train"):
        print_problem(str(message))
    else:
        print(warnings.formatwarning(message, category, filename, lineno, line), file=sys.stderr)


def _problem(error: Exception) -> dict[str, str | None]:
    file, name = getattr(error, "file", None), getattr(error, "filename", None)
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    remedy = getattr(error, "remedy", "")
    return {"file": file or (name and os.fsdecode(name)), "reason": reason, "remedy": remedy}


def _expected() -> tuple[type[Exception], ...]:
    """The errors that are the user's to mend, and whose message says how."""
    from ansa.library import LibraryError
    from ansa.model.analyzer import AnalyzerError
    from ansa.model.bundle import BundleError
    from ansa.photo.read import PhotoError
    from ansa.render.movie import MovieError

    ours = AnalyzerError, BundleError, ExtraMissing, LibraryError, MovieError, PhotoError
    if "ansa_train.errors" not in sys.modules:  # then nothing can have raised one of its errors
        return *ours, OSError
    from ansa_train.errors import TrainingError

    return *ours, TrainingError, OSError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ansa",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    people = (
        *(index, forget, search, graph, duplicates, clutter, best, memories),
        *(wallpapers, crop, teach, mark, personal, sidecars, catalog, analyze, demo),
    )
    for module in (*people, train, export, evaluate, benchmark, data):
        verb = module.__name__.rpartition(".")[2]
        sub = verbs.add_parser(
            verb,
            help=module.HELP,
            description=module.__doc__,
            epilog=module.EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.add_argument(
            "--json", action="store_true", help="print one JSON document, nothing else"
        )
        sub.set_defaults(run=module.run, usage_error=sub.error)
    return parser
