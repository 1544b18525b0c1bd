"""The command line. A command parses its arguments, calls the library and prints the result.

The exit status is 0 for success, 1 if something failed that the user has to fix (a message names
it; see :func:`ansa.cli.output.status`), 2 for wrong usage, and 128 + signal if a signal stopped it.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import TextIO

from ansa.cli.arguments import add_help, check_library
from ansa.cli.command_groups import overview, unknown_command
from ansa.cli.output import print_json, print_problem
from ansa.errors import AnsaError

_DESCRIPTION = "Search your photos in plain English, on your own machine."
_EXAMPLE = """\
example:
  ansa index ~/Pictures
  ansa search "a dog on a beach"

Run `ansa COMMAND --help` to read about one command."""

_GROUPS = {
    "Find photos": "app index watch search graph analyze live mcp desktop formats demo",
    "Tidy up": "duplicates clutter forget sidecars catalog",
    "Enjoy": "best memories wallpapers crop styles",
    "Teach": "teach tag mark undo personal",
    "Develop (needs pip install 'ansa[train]')": (
        "data train export evaluate mine review regression card benchmark"
    ),
}
"""The commands in groups. Each is a module here, which is imported when it is needed."""

# So many new objects are made before Python looks for cycles of garbage. By default it is 700, and
# commands that read a large library take a tenth longer.
_GARBAGE = 50_000
_NAMES = "folder", "library", "bundle", "like", "movie", "music"
"""Arguments that name files and folders. An empty one would mean the current folder."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the words after ``ansa``; those of this process if None.

    Returns:
        The exit status.

    Raises:
        SystemExit: the usage is wrong (status 2), or help was asked for (status 0).
    """
    gc.set_threshold(_GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning
    argv = sys.argv[1:] if argv is None else argv
    verbs = _verbs()
    parser = _parser(argv[0] if argv and argv[0] in verbs else None)
    if not argv:
        parser.print_help(sys.stderr)
        parser.exit(2)
    if not argv[0].startswith("-") and argv[0] not in verbs:
        parser.error(unknown_command(argv[0], verbs))
    if argv[0] == "search":
        argv = _module("search").prepare(argv)
    args = parser.parse_args(argv)
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
    except (AnsaError, OSError) as error:
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
    """Prints a warning of ANSA on one line, and one of another package as Python would."""
    if category.__module__.split(".")[0] in ("ansa", "ansa_train"):
        print_problem(str(message))
    else:
        print(warnings.formatwarning(message, category, filename, lineno, line), file=sys.stderr)


def _problem(error: AnsaError | OSError) -> dict[str, str | None]:
    if isinstance(error, AnsaError):
        return {"file": error.file, "reason": error.reason, "remedy": error.remedy}
    file = os.fsdecode(error.filename) if error.filename else None
    return {"file": file, "reason": error.strerror or str(error), "remedy": ""}


def _verbs() -> list[str]:
    return [verb for verbs in _GROUPS.values() for verb in verbs.split()]


def _module(verb: str) -> ModuleType:
    return import_module(f"ansa.cli.{verb}")


def _parser(only: str | None = None) -> argparse.ArgumentParser:
    """Returns the parser of all commands, or, in a fifth of the time, of one."""
    groups = {
        title: {verb: _module(verb).HELP for verb in verbs.split() if only in (None, verb)}
        for title, verbs in _GROUPS.items()
    }
    parser = argparse.ArgumentParser(
        prog="ansa",
        usage="ansa COMMAND ...",
        add_help=False,
        description=f"{_DESCRIPTION}\n\n{overview(groups)}",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_help(parser)
    commands = parser.add_subparsers(
        metavar="COMMAND", prog="ansa", required=True, help=argparse.SUPPRESS
    )
    for verb in [only] if only else _verbs():
        module = _module(verb)
        sub = commands.add_parser(
            verb,
            description=module.__doc__,
            epilog=module.EXAMPLE,
            add_help=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add_help(sub)
        module.add_arguments(sub)
        sub.add_argument(
            "--json", action="store_true", help="Print one JSON document and nothing else."
        )
        sub.set_defaults(run=module.run, usage_error=sub.error)
    return parser
