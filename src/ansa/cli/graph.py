"""Ask how photos belong together: by what they show, and by the moments, trips, places, days,
events and numbers of people around them.

Words become nodes of a graph; photos that belong to all of them are found, each with the way from
it to every node. Without a question it says what the graph holds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ansa.cli.arguments import add_library, positive
from ansa.cli.extras import needs_extra
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library.ask import Answer
    from ansa.library.graph import Graph

HELP = "ask how photos belong together"
EXAMPLE = """\
example:
  ansa graph "photos with dog at beach 2024"
  ansa graph "two people in Portugal, summer 2023"
  ansa graph "cat or dog at home without people"
  ansa graph --trips
  ansa graph --places --json

What is found is what `ansa index` has seen. For free text there is `ansa search`."""

_LISTS = "moments", "trips", "places", "events"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's own arguments."""
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="what photos belong to")
    what = parser.add_mutually_exclusive_group()
    for name in _LISTS:
        what.add_argument(
            f"--{name}", dest="list", action="store_const", const=name, help=f"list the {name}"
        )
    parser.add_argument("--limit", metavar="N", type=positive, default=20, help="at most N photos")
    add_library(parser)


def run(args: argparse.Namespace) -> int:
    """Asks or lists; 0 also when nothing was found."""
    if args.question is not None and args.list:
        args.usage_error(f"a QUESTION or --{args.list}, not both")
    from ansa.analyzer import Analyzer
    from ansa.library import Library

    with (
        needs_extra("graph", "experiences"),
        Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library,
    ):
        graph = library.graph()
        if args.question is not None:
            return _say(library.ask(args.question, graph=graph), args)
    if args.json:
        print_json(_document(graph, args.list))
        return 0
    lines = list(_lines(graph, args.list))
    for line in lines:
        print(printable(line))
    if args.list:
        print(count(len(lines), args.list.removesuffix("s")))
    return 0


def _say(answer: Answer, args: argparse.Namespace) -> int:
    if args.json:
        shown = answer.photos[: args.limit]
        print_json(
            answer.to_dict()
            | {"found": len(answer.photos), "photos": [photo.to_dict() for photo in shown]}
        )
        return 0
    for term in answer.terms:
        sign = "" if term.wanted else "not "
        print(printable(f"{sign}{term.text}: {', '.join(term.names) or 'of no photo here'}"))
    if answer.message:
        print(printable(answer.message))
    for photo in answer.photos[: args.limit]:
        print(f"{photo.score:6.3f}  {printable(str(photo.path))}")
        for way in photo.why:
            print(f"        {printable(way)}")
    more = len(answer.photos) - args.limit
    print(
        f"{count(len(answer.photos), 'photo')} found"
        + (f", {args.limit} shown" if more > 0 else "")
    )
    return 0


def _lines(graph: Graph, what: str | None) -> Iterator[str]:
    match what:
        case "moments":
            for moment in graph.moments:
                where = f"  {', '.join(moment.place.names)}" if moment.place else ""
                photos = count(len(moment.photos), "photo")
                yield f"{moment.start:%Y-%m-%d %H:%M} to {moment.end:%H:%M}  {photos}{where}"
        case "trips":
            for trip in graph.trips:
                yield (
                    f"{trip.name}  {trip.start:%Y-%m-%d} to {trip.end:%Y-%m-%d}, "
                    f"{count(trip.days, 'day')}, {trip.distance_km:,.0f} km from home, "
                    f"{count(len(trip.photos), 'photo')}"
                )
        case "places":
            for place, number in graph.places():
                yield f"{', '.join(place.names)}  {count(number, 'photo')}"
        case "events":
            for event in graph.events:
                yield f"{event.title}  {event.kind}, {count(len(event.photos), 'photo')}"
        case _:
            for kind, number in graph.counts().items():
                yield f"{number:8,}  {kind}"


def _document(graph: Graph, what: str | None) -> dict[str, object]:
    match what:
        case "moments" | "trips" | "events":
            listed = getattr(graph, what)
            found = [
                each.to_dict() | {"photos": [str(graph.paths[photo]) for photo in each.photos]}
                for each in listed
            ]
            return {what: found}
        case "places":
            homes = [home.to_dict() for home in graph.homes]
            places = [place.to_dict() | {"photos": photos} for place, photos in graph.places()]
            return {"places": places, "homes": homes}
        case _:
            return {"counts": graph.counts()}
