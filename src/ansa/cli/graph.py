"""Find photos by what they show and by the moments, trips, places, days, events and numbers of
people that they belong to.

The words of a QUESTION become nodes of a graph. The command finds the photos that are linked to all
of these nodes, and prints the links. Without a question it counts the nodes of each kind."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, positive
from ansa.cli.extras import needs_extra
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.events.events import Event
    from ansa.library.events.moments import Moment
    from ansa.library.events.trips import Trip
    from ansa.library.graph.ask import Answer

HELP = "List trips, events and places, or ask what photos belong to."
EXAMPLE = """\
example:
  ansa graph "photos with dog at beach 2024"
  ansa graph "two people in Portugal, summer 2023"
  ansa graph "cat or dog at home without people"
  ansa graph --trips
  ansa graph --places --json

Only indexed photos are found. Use `ansa search` for descriptions in your own words."""

_LISTS = "moments", "trips", "places", "events"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", help="What the photos have in common."
    )
    what = parser.add_mutually_exclusive_group()
    for name in _LISTS:
        what.add_argument(
            f"--{name}", dest="list", action="store_const", const=name, help=f"List the {name}."
        )
    parser.add_argument(
        "--limit", metavar="N", type=positive, default=20, help="Show at most N photos."
    )
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Answers a question or lists what there is. Returns 0, also if nothing was found."""
    if args.question is not None and args.list:
        args.usage_error(f"a QUESTION or --{args.list}, not both")
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        if args.list:
            return _list(library, args.list, args.json)
        with needs_extra("graph", "experiences"):
            graph = library.graph()
            if args.question is not None:
                return _say(library.ask(args.question, graph=graph), args)
    counts = graph.counts()
    if args.json:
        print_json({"counts": counts})
        return 0
    for kind, number in counts.items():
        print(f"{number:8,}  {kind}")
    return 0


def _say(answer: Answer, args: argparse.Namespace) -> int:
    shown = answer.photos[: args.limit]
    if args.json:
        told = {"found": len(answer.photos), "photos": [photo.to_dict() for photo in shown]}
        print_json(answer.to_dict() | told)
        return 0
    for term in answer.terms:
        sign = "" if term.wanted else "not "
        print(printable(f"{sign}{term.text}: {', '.join(term.names) or 'of no photo here'}"))
    if answer.message:
        print(printable(answer.message))
    for photo in shown:
        print(f"{photo.score:6.3f}  {printable(str(photo.path))}")
        for way in photo.why:
            print(f"        {printable(way)}")
    more = f", {len(shown):,} shown" if len(shown) < len(answer.photos) else ""
    print(f"{count(len(answer.photos), 'photo')} found{more}")
    return 0


def _list(library: Library, what: str, as_json: bool) -> int:
    from ansa.library.events.moments import left_out

    if what == "places":
        places = library.places().counts()
        lines = [f"{', '.join(place.names)}  {count(n, 'photo')}" for place, n in places]
        told = [place.to_dict() | {"photos": photos} for place, photos in places]
    else:
        listed: list[Moment | Trip | Event] = getattr(library, what)()
        paths = library.store.paths([photo for each in listed for photo in each.photos], None)
        lines = [f"{_title(each)}, {count(len(each.photos), 'photo')}" for each in listed]
        told = [
            each.to_dict() | {"photos": [str(paths[photo][0]) for photo in each.photos]}
            for each in listed
        ]
    missing = left_out(library) if what == "moments" else {}
    if as_json:
        print_json({what: told} | ({"left_out": missing} if missing else {}))
        return 0
    for line in lines:
        print(printable(line))
    parts = "".join(f"; {count(n, 'photo')} left out: {why}" for why, n in missing.items() if n)
    print(count(len(lines), what.removesuffix("s")) + parts)
    return 0


def _title(what: Moment | Trip | Event) -> str:
    from ansa.library.events.events import Event
    from ansa.library.events.trips import Trip

    if isinstance(what, Trip):
        days = f"{what.start:%Y-%m-%d} to {what.end:%Y-%m-%d}, {count(what.days, 'day')}"
        return f"{what.name}  {days}, {what.distance_km:,.0f} km from home"
    if isinstance(what, Event):
        return f"{what.title}  {what.kind}"
    where = f"  {', '.join(what.place.names)}" if what.place else ""
    return f"{what.start:%Y-%m-%d %H:%M} to {what.end:%H:%M}{where}"
