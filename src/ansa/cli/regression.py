"""Run regression sets: lists of cases, each with the answer that must hold, and make new ones.

The sets that ship are of sample photos and of pictures drawn by code. `ansa export` asks all sets
of a new bundle, and refuses it if it breaks a case that its predecessor held. The command needs
ansa[train]."""

from __future__ import annotations

import argparse
from pathlib import Path

from ansa.cli.arguments import add_help, positive
from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json
from ansa.model.bundle import Bundle
from ansa.names import printable

HELP = "Run or make regression sets: cases whose answer must hold."
EXAMPLE = """\
example:
  ansa regression run mybundle
  ansa regression run mybundle --set pets.json --pack shards
  ansa regression make pets.json --pack shards --source pets"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    run = actions.add_parser(
        "run", help="Ask the cases of a bundle.", add_help=False, description="Ask all cases."
    )
    add_help(run)
    run.add_argument(
        "bundle", metavar="BUNDLE", nargs="?", help="Its folder (default: the one that ships)."
    )
    run.add_argument(
        "--set",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        dest="sets",
        help="A set besides those that ship. Repeat the option for several.",
    )
    run.add_argument(
        "--pack", metavar="DATA", type=Path, help="The shards that cases take pictures from."
    )
    run.set_defaults(act=_run)
    make = actions.add_parser(
        "make",
        help="Make a set.",
        add_help=False,
        description="Make a set of the labels of dev photos in shards. The file holds hashes and"
        " answers, no photo. `ansa review --regression` makes one of what people agreed on.",
    )
    add_help(make)
    make.add_argument("file", metavar="FILE", type=Path, help="The new file.")
    make.add_argument("--pack", metavar="DATA", type=Path, help="A folder of shards.")
    make.add_argument(
        "--source",
        metavar="NAME",
        action="append",
        default=[],
        dest="sources",
        help="Take photos of this source of --pack only. Repeat the option for several.",
    )
    make.add_argument(
        "--each",
        metavar="N",
        type=positive,
        default=20,
        help="Take at most N photos of each source (default: 20).",
    )
    make.add_argument(
        "--condition",
        metavar="NAME",
        action="append",
        default=[],
        dest="conditions",
        help="Put each photo under this made condition of `ansa evaluate --slices`, such as"
        " 'far away'. Repeat the option for several.",
    )
    make.add_argument(
        "--rules",
        metavar="FILE.toml",
        type=Path,
        help="What the labels of --pack mean, as in recipes/data/labels.toml.",
    )
    make.add_argument(
        "--bundle", metavar="BUNDLE", help="Whose tags are meant (default: the one that ships)."
    )
    make.set_defaults(act=_make)
    for action in (run, make):
        action.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="Print one JSON document and nothing else.",
        )
        action.set_defaults(command_error=action.error)


def run(args: argparse.Namespace) -> int:
    """Runs or makes sets. Running returns 1 if a case is broken, else 0."""
    status: int = args.act(args)
    return status


def _run(args: argparse.Namespace) -> int:
    with needs_training("regression"):
        from ansa_train.regression.compare import run_sets

    bundle = Bundle.open(args.bundle)
    found = run_sets(bundle, args.sets, args.pack)
    broken = sum(each.count("broken") for each in found)
    if args.json:
        sets = [
            {
                "name": each.name,
                "sha256": each.digest,
                "held": each.count("held"),
                "broken": each.count("broken"),
                "not_run": each.count("not run"),
                "cases": [{"name": a.case, "state": a.state, "said": a.said} for a in each.answers],
            }
            for each in found
        ]
        print_json({"bundle": bundle.id, "sets": sets, "problems": []})
        return int(broken > 0)
    for each in found:
        counts = (each.count("held"), each.count("broken"), each.count("not run"))
        held, lost, unasked = counts
        print(f"{printable(each.name)}: {held} held, {lost} broken, {unasked} not run")
        for answer in each.answers:
            if answer.state != "held":
                print(printable(f"  {answer.state}: {answer.case} ({answer.said})"))
    return int(broken > 0)


def _make(args: argparse.Namespace) -> int:
    if args.pack is None:
        args.command_error("say what to make it of: --pack DATA")
    with needs_training("regression"):
        from ansa_train.data.labels.label_rules import LabelRules
        from ansa_train.regression.cases import write_set
        from ansa_train.regression.compose import shard_set
    from ansa.outputs import check_free

    check_free(args.file)
    made = shard_set(
        args.file.stem,
        args.pack,
        Bundle.open(args.bundle),
        LabelRules.read(args.rules) if args.rules else LabelRules(),
        sources=args.sources,
        each=args.each,
        conditions=args.conditions,
    )
    write_set(made, args.file)
    if args.json:
        print_json({"file": str(args.file), "cases": len(made.cases), "sha256": made.digest})
    else:
        print(f"{printable(str(args.file))}: {count(len(made.cases), 'case')}")
    return 0
