"""Find, in a large collection without labels, the photos that would teach most.

SOURCE is a folder of photos or of shards, or a photo. What the networks see in them is kept in
--store, so that any number of questions can be asked later, also without the photos. Photos are
chosen by likeness to examples, by a text, by their distance to the decision boundary of a tag or
of a kind of picture, by disagreement with a teacher, or by a slice; no two of them are alike. The
command needs ansa[train]."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ansa.cli.arguments import page, positive
from ansa.cli.extras import add_bundle, needs_training
from ansa.cli.output import count, print_json, print_problem, status
from ansa.cli.slice_options import add_engine, with_bar
from ansa.names import printable

HELP = "Find the photos in a large collection that would teach most."
EXAMPLE = """\
example:
  ansa mine ~/photos --store runs/mined --text "a dog at night" --count 100
  ansa mine shards --store runs/mined --boundary dog --queue dogs.jsonl --page dogs.html
  ansa mine --store runs/mined --slice dark --page dark.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument("sources", metavar="SOURCE", nargs="*", type=Path, help="What to look at.")
    parser.add_argument(
        "--store",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="Where the vectors are kept; photos that are in it are not looked at again.",
    )
    parser.add_argument(
        "--split",
        choices=["train", "dev"],
        default="train",
        help="Of shards, look only at photos of this split (default: train; what is mined of dev"
        " must not be learned from).",
    )
    parser.add_argument(
        "--most",
        metavar="N",
        type=positive,
        default=0,
        help="Look at N photos of each source at most, chosen by a hash of their names.",
    )
    wanted = parser.add_argument_group("what is wanted, one of these")
    only = wanted.add_mutually_exclusive_group()
    only.add_argument("--like", metavar="PHOTO", nargs="+", help="Photos like these.")
    only.add_argument("--text", help="Photos that this text describes.")
    only.add_argument(
        "--boundary",
        metavar="TAG",
        help="Photos about which the bundle hardly decides on this tag.",
    )
    only.add_argument(
        "--kind",
        metavar="KIND",
        help="Pictures about which the bundle hardly decides whether they are of this kind, such"
        " as receipt.",
    )
    only.add_argument(
        "--disagree",
        metavar="TEACHER",
        choices=["efficientnet-lite2", "efficientnet-lite3"],
        help="Photos in which this teacher surely sees a class that the bundle's texts do not.",
    )
    only.add_argument(
        "--slice",
        metavar="NAME",
        help="Photos of this slice of `ansa evaluate --slices`, the least sure first.",
    )
    parser.add_argument(
        "--count", metavar="N", type=positive, default=100, help="At most N photos (default: 100)."
    )
    parser.add_argument(
        "--page", metavar="FILE.html", type=page, help="Write a page with the photos and reasons."
    )
    parser.add_argument(
        "--queue",
        metavar="FILE.jsonl",
        type=Path,
        help="Add the photos as proposals to this review queue; see `ansa review`.",
    )
    parser.add_argument(
        "--concept",
        metavar="NAME",
        help="What people are asked whether the photos show (default: TAG, KIND, the text, or NAME"
        " of the slice).",
    )
    add_bundle(parser)
    add_engine(parser.add_argument_group("how the photos are looked at"))


def run(args: argparse.Namespace) -> int:
    """Mines. Returns 1 if none of several photos could be opened, else 0."""
    with needs_training("mine"):
        from ansa.model.bundle import Bundle
        from ansa_train.mining.collection import NAMES, collect, observe_into
        from ansa_train.mining.result import mine
        from ansa_train.mining.vector_store import VectorStore
        from ansa_train.slicing.observe import ObservationEngine
    from ansa.review.queue import ReviewQueue

    if args.queue and not _concept(args):
        args.usage_error("--queue needs --concept, the name of what people are asked for")
    bundle = Path(args.bundle) if args.bundle else None
    failed = []
    new = 0
    if args.sources:
        engine = ObservationEngine(args.engine, args.workers, args.ray_address)
        samples = collect(args.sources, args.split, args.most)
        seen = observe_into(
            args.store, bundle, samples, teacher=args.disagree, engine=engine, progress=with_bar
        )
        store, new, failed = seen.store, seen.new, list(seen.failed)
    else:
        store = VectorStore(args.store, Bundle.open(bundle), NAMES)
    for problem in failed:
        print_problem(f"{problem.photo}: {problem.reason}")
    strategy = _strategy(args, bundle, store)
    if strategy is None:
        document = {"store": str(args.store), "photos": len(store), "new": new}
        if args.json:
            print_json(document | {"problems": _problems(failed)})
        else:
            print(f"{printable(str(args.store))}: {count(len(store), 'photo')}, {new:,} new")
        return status(unread=len(failed), done=len(store))
    found = mine(store, strategy, args.count)
    added = 0
    if args.queue:
        added = ReviewQueue(args.queue).add(found.proposals(_concept(args)))
    if args.page:
        found.write_page(args.page)
    if args.json:
        print_json(found.to_dict() | {"added": added, "problems": _problems(failed)})
    else:
        for each in found.photos:
            print(f"{printable(each.photo.key)}\t{json.dumps('; '.join(each.reasons))}")
        about = f"{found.looked_at:,} looked at, {found.wanted:,} qualify, {found.alike:,} alike"
        print(f"{count(len(found.photos), 'photo')} by {found.strategy}; {about}")
        if args.queue:
            print(f"{printable(str(args.queue))}: {count(added, 'new proposal')}")
    return status(unread=len(failed), done=len(store))


def _concept(args: argparse.Namespace) -> str:
    return args.concept or args.boundary or args.kind or args.text or args.slice or ""


def _strategy(args: argparse.Namespace, bundle: Path | None, store: Any) -> Any | None:
    from ansa.model.analyzer import Analyzer
    from ansa_train.mining import strategies

    if args.slice:
        return strategies.in_slice(store, args.slice)
    if args.kind:
        return strategies.between_kinds(store, args.kind)
    analyzer = Analyzer(bundle)
    if args.like:
        return strategies.like(analyzer.embed_image(list(args.like)))
    if args.text:
        return strategies.by_text(analyzer, args.text)
    if args.boundary:
        from ansa_train.mining.tag_boundary import tag_boundary

        return strategies.at_boundary(tag_boundary(analyzer.bundle, args.boundary))
    if args.disagree:
        from ansa_train.data.labels.class_prompts import imagenet

        return strategies.disagreeing(store, analyzer, [names[0] for names in imagenet().names])
    return None


def _problems(failed: list[Any]) -> list[dict[str, str]]:
    remedy = "open it in another program and save it again, or leave it out"
    return [{"file": p.photo, "reason": p.reason, "remedy": remedy} for p in failed]
