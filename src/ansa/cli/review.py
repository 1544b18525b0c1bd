"""See how far the review of a queue is, take in answers of other tools, and hand on what is agreed.

`ansa mine --queue FILE` adds proposals to a queue, and `ansa app` shows them one after another. The
queue is a JSON Lines file to which lines are only added: who said what, and when. --shards and
--regression need ansa[train]."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ansa.cli.arguments import positive
from ansa.cli.extras import needs_training
from ansa.cli.output import count, print_json, print_problem
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.review.proposal import Said
    from ansa.review.queue import ReviewQueue

HELP = "See how far a review of photos is, and hand on what is agreed."
EXAMPLE = """\
example:
  ansa review dogs.jsonl
  ansa review dogs.jsonl --answer 1f0c5d2ab3e49c77 yes --annotator mara
  ansa review dogs.jsonl --take-in answers-of-paul.jsonl
  ansa review dogs.jsonl --shards reviewed --split train"""

_STATES = ("open", "agreed", "third opinion", "disputed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("queue", metavar="QUEUE", type=Path, help="The file of the queue.")
    parser.add_argument(
        "--opinions",
        metavar="N",
        type=positive,
        default=2,
        help="How many people answer each proposal (default: 2); if two differ, a third does.",
    )
    parser.add_argument(
        "--annotator", metavar="NAME", help="Who answers, with --answer; or whose turn is shown."
    )
    parser.add_argument(
        "--answer",
        nargs=2,
        metavar=("PROPOSAL", "WORD"),
        help="Note an answer: yes, no, unsure or 'wrong kind'.",
    )
    parser.add_argument(
        "--take-in",
        metavar="FILE",
        type=Path,
        help="Add the answers in this file, of another tool or another copy of the queue.",
    )
    parser.add_argument(
        "--corrections",
        action="store_true",
        help="Add what you corrected in your own library with `ansa tag`: your photos and your"
        " words, named after --annotator. Nothing of a library is ever added without this option.",
    )
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="The library of --corrections (default: the one in the user's data directory).",
    )
    parser.add_argument(
        "--shards",
        metavar="FOLDER",
        type=Path,
        help="Write the photos that people agreed on as training shards.",
    )
    parser.add_argument(
        "--split",
        choices=["train", "dev"],
        default="train",
        help="The split of these samples (default: train).",
    )
    parser.add_argument(
        "--regression",
        metavar="FILE",
        type=Path,
        help="Write the agreed answers as a regression set.",
    )


def run(args: argparse.Namespace) -> int:
    """Reads or writes the queue. Returns 0; photos that are gone are named and counted."""
    from ansa.review.proposal import ReviewError
    from ansa.review.queue import ReviewQueue

    if not args.queue.exists() and not args.corrections:
        raise ReviewError(
            f"{args.queue}: there is no such queue; `ansa mine --queue {args.queue}` makes one"
        )
    queue = ReviewQueue(args.queue, args.opinions)
    told: dict[str, object] = {}
    if args.answer:
        if not args.annotator:
            args.usage_error("--answer needs --annotator")
        told["answer"] = queue.answer(args.answer[0], args.annotator, args.answer[1]).to_dict()
    if args.corrections:
        if not args.annotator:
            args.usage_error("--corrections needs --annotator, whose word they are")
        told["corrections"] = _add_corrections(queue, args.annotator, args.library)
    if args.take_in:
        added, unusable = queue.take_in(args.take_in)
        told["taken_in"] = {"added": added, "unusable": unusable}
    problems = []
    if args.shards or args.regression:
        with needs_training("review"):
            from ansa_train.reviewed.hand_on import to_regression_set, to_shards
        if args.shards:
            written = to_shards(queue, args.shards, args.split)
            told["shards"] = written.to_dict()
            problems += list(written.problems)
        if args.regression:
            made = to_regression_set(queue, args.regression)
            told["regression"] = {"file": str(args.regression), "cases": made}
    summary = queue.summary()
    if args.annotator:
        item = queue.next(args.annotator)
        told["next"] = item.proposal.to_dict() if item else None
    for problem in problems:
        print_problem(problem)
    if args.json:
        listed = [{"file": "", "reason": each, "remedy": ""} for each in problems]
        print_json(summary.to_dict() | told | {"problems": listed})
        return 0
    states = ", ".join(f"{summary.states.get(s, 0):,} {s}" for s in _STATES)
    print(f"{printable(str(args.queue))}: {count(summary.proposals, 'proposal')}: {states}")
    if summary.verdicts:
        agreed = ", ".join(f"{n:,} {word}" for word, n in summary.verdicts.items())
        print(f"agreed on: {agreed}")
    for name, answers in summary.annotators.items():
        print(f"  {printable(name)}: {count(answers, 'answer')}")
    if summary.kappa is not None:
        print(f"{summary.kappa_of}'s kappa: {summary.kappa:.2f}")
    for number, what in (
        (summary.changed, "answers were changed by who gave them"),
        (summary.unknown, "answers are to proposals that are not in the queue"),
        (summary.damaged, "lines could not be read"),
    ):
        if number:
            print_problem(f"{number:,} {what}")
    for name, value in told.items():
        print(f"{name}: {printable(str(value))}")
    return 0


def _add_corrections(queue: ReviewQueue, annotator: str, file: str | None) -> dict[str, int]:
    from ansa.library import Library
    from ansa.review.corrections import add_corrections

    with Library(database=file) as library:
        said = library.corrections().photos
    rows: list[tuple[Path, str, Said]]
    rows = [(p.path, name, "yes") for p in said for name in p.here]
    rows += [(p.path, name, "no") for p in said for name in p.absent]
    added, gone = add_corrections(queue, annotator, rows)
    return {"added": added, "gone": gone}
