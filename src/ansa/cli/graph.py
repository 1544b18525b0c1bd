"""List the moments, trips, places and events that photos belong to.

Without a list it counts the photos, moments, trips and so on. A QUESTION is answered like
`ansa search QUESTION --explain`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ansa.cli import search
from ansa.cli.arguments import add_library, positive
from ansa.cli.output import count, print_json
from ansa.names import printable

if TYPE_CHECKING:
    from ansa.library import Library
    from ansa.library.events.events import Event
    from ansa.library.events.moments import Moment
    from ansa.library.events.trips import Trip

HELP = "List moments, trips, places and events."
EXAMPLE = """\
example:
  ansa graph
  ansa graph --trips
  ansa graph --places --json

For a question such as "two people in Portugal, summer 2023" use `ansa search`."""

_LISTS = "moments", "trips", "places", "events"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of this command."""
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", help="The QUERY of an `ansa search --explain`."
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
    if args.question is not None:
        return _ask(args)
    from ansa.library import Library
    from ansa.model.analyzer import Analyzer

    with Library(args.folder, database=args.library, analyzer=Analyzer(args.bundle)) as library:
        if args.list:
            return _list(library, args.list, args.json)
        counts = library.overview()
    if args.json:
        print_json({"counts": counts})
        return 0
    for kind, number in counts.items():
        print(f"{number:8,}  {kind}")
    return 0


def _ask(args: argparse.Namespace) -> int:
    """What `ansa search` answers; for programs also under the names that answers had here."""
    without = dict.fromkeys(("like", "without", "after", "before"))
    asked = argparse.Namespace(**vars(args), **without, query=args.question, explain=True)
    result = search.find(asked)
    if not args.json:
        return search.show(result, asked)
    photos = [
        {
            "path": str(match.path),
            "score": round(match.score, 4),
            "why": [reason.text for reason in match.reasons],
        }
        for match in result.matches
    ]
    print_json(result.to_dict() | {"found": len(photos) if result.good else 0, "photos": photos})
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
        far = "" if what.distance_km is None else f", {what.distance_km:,.0f} km from home"
        return f"{what.name}  {days}{far}"
    if isinstance(what, Event):
        return f"{what.title}  {what.kind}"
    where = f"  {', '.join(what.place.names)}" if what.place else ""
    return f"{what.start:%Y-%m-%d %H:%M} to {what.end:%H:%M}{where}"
