"""The knowledge graph: photos, and the moments, trips, places, days, events, tags, objects, numbers
of people and what was taught that hold them together.

Edges point from a photo away, towards what is more general: photo -> moment -> trip, photo -> city
-> region -> country. So what a node stands for are the photos from which it can be reached.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ansa.library.custom_tags.scores import SHOWN, custom_tag_scores
from ansa.library.events.events import Event, events_of, parties
from ansa.library.events.homes import Home, from_home, homes
from ansa.library.events.moments import Moment, TimedPhoto, moments_of, shots
from ansa.library.events.places import Place, Places, places_of
from ansa.library.events.trips import NEAR_HOME_KM, Trip, trips_of
from ansa.library.personal.marks import marked
from ansa.library.storage.photos import read_column
from ansa.names import name_key

if TYPE_CHECKING:
    from ansa.library.session import LibrarySession

Node = tuple[str, str | int]
"""Its kind, and what tells it from others of that kind."""

_LIKELY = 0.5  # from this score on, a photo shows what is not sure
_CROWD = 6
_NUMBERS = "no", "one", "two", "three", "four", "five"


class PathStep(NamedTuple):
    """One edge of a way: how its ends belong together, the name it leads to, how sure that is."""

    how: str
    name: str
    score: float

    def __str__(self) -> str:
        return f"{self.how} {self.name}" + (f" ({self.score:.2f})" if self.score < 1 else "")


@dataclass(frozen=True)
class Graph:
    """The graph of a library. Nodes have a ``name``, edges say how both ends belong together
    (``is``: "shows", "at", "part of", ...) and how surely (``score``, 0..1).

    Attributes:
        network: a ``networkx.DiGraph``.
        by_name: the nodes that a name may mean, by its :func:`ansa.names.name_key`.
        paths: where each photo is.
        moments: oldest first.
        trips: oldest first.
        events: oldest first.
        homes: where people live.
    """

    network: Any
    by_name: dict[str, list[Node]]
    paths: dict[int, Path]
    moments: list[Moment] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)

    def ways(self, node: Node) -> dict[int, list[PathStep]]:
        """The photos that belong to a node by their ids, and the shortest way from each to it."""
        import networkx

        if node not in self.network:
            return {}
        back = self.network.reverse(copy=False)
        found = networkx.single_source_shortest_path(back, node)
        return {
            int(start[1]): [self._step(a, b) for a, b in pairwise(reversed(way))]
            for start, way in found.items()
            if start[0] == "photo"
        }

    def _step(self, start: Node, end: Node) -> PathStep:
        edge = self.network.edges[start, end]
        return PathStep(edge["is"], self.network.nodes[end]["name"], edge["score"])

    def counts(self) -> dict[str, int]:
        """How many nodes there are of each kind, and how many edges."""
        kinds = Counter(kind for kind, _ in self.network.nodes)
        return dict(sorted(kinds.items())) | {"edges": self.network.number_of_edges()}


def places(session: LibrarySession) -> Places:
    """Where the photos that are there were taken; needs no networkx.

    Raises:
        LibraryError: the library's file fails.
    """
    if session.unknown():
        return Places({})
    photos = sorted(session.store.places(session.scope()))
    points = {
        photo: (facts.latitude, facts.longitude)
        for photo, facts in session.store.facts(photos).items()
        if facts.latitude is not None and facts.longitude is not None
    }
    return Places(dict(zip(points, places_of(points.values()), strict=True)))


def graph(session: LibrarySession, *, now: datetime | None = None) -> Graph:
    """The graph of the photos that are there; ``now`` as for moments.

    Raises:
        LibraryError: the library's file fails.
        ModuleNotFoundError: networkx is not installed (``pip install 'ansa[experiences]'``).
    """
    builder = _Builder(session, shots(session, now=now))
    return builder.build()


class _Builder:
    def __init__(self, session: LibrarySession, found: list[TimedPhoto]) -> None:
        import networkx

        self._opened = session
        self._shots = found
        self._network = networkx.DiGraph()
        self._names: defaultdict[str, list[Node]] = defaultdict(list)

    def build(self) -> Graph:
        moments = moments_of(self._shots)
        lived, trips = homes(moments), trips_of(moments)
        events = events_of(moments, lived, parties(self._opened))
        paths = self._photos()
        self._calendar()
        self._moments(moments, lived)
        self._trips(trips)
        self._events(events)
        self._signals(set(paths))
        self._told(set(paths))
        names = dict(self._names)
        return Graph(self._network, names, paths, moments, trips, events, lived)

    def _node(self, kind: str, what: str | int, name: str, *names: str, **more: Any) -> Node:
        """A node, made with the names it is asked for by when it is first needed."""
        node = kind, what
        if node not in self._network:
            self._network.add_node(node, name=name, **more)
            for each in dict.fromkeys(map(name_key, (name, *names))):
                self._names[each].append(node)
        return node

    def _edge(self, start: Node, how: str, end: Node, score: float = 1.0) -> None:
        self._network.add_edge(start, end, score=score, **{"is": how})

    def _photos(self) -> dict[int, Path]:
        """Photos, and where each was taken."""
        if self._opened.unknown():
            return {}
        store, scope = self._opened.store, self._opened.scope()
        files = store.paths(sorted(store.places(scope)), scope)
        paths = {photo: each[0] for photo, each in files.items() if each}
        for photo, path in paths.items():
            self._network.add_node(("photo", photo), name=path.name)
        for photo, place in places(self._opened).of.items():
            if photo in paths:
                city = self._place(place)
                self._edge(("photo", photo), "at", city)
                for name in place.also:
                    quarter = self._node("quarter", f"{name}, {', '.join(place.names)}", name)
                    self._edge(("photo", photo), "at", quarter)
                    self._edge(quarter, "in", city)
        return paths

    def _place(self, place: Place) -> Node:
        """A city in its region in its country."""
        about = ", ".join(place.names)
        city = self._node("city", about, place.city, place=place)
        if place.country:
            country = self._node("country", place.country, place.country)
            inside = country
            if place.region not in ("", place.city):
                inside = self._node("region", f"{place.region}, {place.country}", place.region)
                self._edge(inside, "in", country)
            self._edge(city, "in", inside)
        return city

    def _calendar(self) -> None:
        """Days, in their months, years and days of the week."""
        for shot in self._shots:
            self._edge(("photo", shot.photo), "on", self._day(shot.taken.date()))

    def _day(self, day: date) -> Node:
        node: Node = "day", day.isoformat()
        if node in self._network:
            return node
        month, number = calendar.month_name[day.month], day.day
        short = calendar.month_abbr[day.month]
        names = [f"{a} {b}" for m in (month, short) for a, b in ((m, number), (number, m))]
        self._node(*node, day.isoformat(), *names, *(f"{name} {day.year}" for name in names))
        self._edge(node, "in", self._node("month", month, month, short))
        self._edge(node, "in", self._node("year", day.year, str(day.year)))
        weekday = calendar.day_name[day.weekday()]
        self._edge(node, "on a", self._node("weekday", weekday, weekday))
        return node

    def _moments(self, moments: Iterable[Moment], lived: list[Home]) -> None:
        for moment in moments:
            node = self._node(
                "moment", moment.photos[0], f"moment of {moment.start:%Y-%m-%d %H:%M}"
            )
            for photo in moment.photos:
                self._edge(("photo", photo), "in the", node)
            if moment.place:
                self._edge(node, "at", self._place(moment.place))
            far = from_home(moment, lived)
            if far is not None and far <= NEAR_HOME_KM:
                self._edge(node, "at", self._node("home", "home", "home", "at home"))

    def _trips(self, trips: Iterable[Trip]) -> None:
        for trip in trips:
            first = trip.moments[0].photos[0]
            node = self._node("trip", first, trip.name)
            every = self._node("trips", "trips", "trip", "travel", "journey", "vacation")
            self._edge(node, "a", every)
            for moment, town in zip(trip.moments, trip.towns, strict=True):
                self._edge(("moment", moment.photos[0]), "part of", node)
                if town and town != moment.place:
                    self._edge(("moment", moment.photos[0]), "near", self._place(town))

    def _events(self, events: Iterable[Event]) -> None:
        for event in events:
            years = {event.year} | {moment.day.year for moment in event.moments}
            names = [f"{event.name} {year}" for year in sorted(years)]
            what = f"{event.title} south" if event.south else event.title
            node = self._node(event.kind, what, event.title, *names)
            every = self._node(f"{event.kind}s", event.kind, event.kind)
            if event.kind != "weekend":
                same = self._node(f"every {event.kind}", event.name, event.name)
                self._edge(node, "that is", same)
                self._edge(same, "a", every)
            else:
                self._edge(node, "a", every)
            for moment in event.moments:
                self._edge(("moment", moment.photos[0]), "during", node)

    def _signals(self, photos: set[int]) -> None:
        """What photos show, and how many people."""
        store, model, scope = self._opened.store, self._opened.model(), self._opened.scope()
        for photo, tags in read_column(store, model, "tags", scope):
            for tag in tags if photo in photos else ():
                if tag.sure or tag.score >= _LIKELY:
                    node = self._node("tag", tag.name, tag.name)
                    self._edge(("photo", photo), "shows", node, tag.score)
        for number in range(_CROWD + 1):
            self._people(number)
        for photo, objects in read_column(store, model, "detection", scope):
            if photo not in photos:
                continue  # stored since the photos were listed
            best: dict[str, float] = {}
            for each in objects:
                if each.score >= _LIKELY:
                    best[each.label] = max(each.score, best.get(each.label, 0.0))
            for label, score in best.items():
                node = self._node("object", label, label)
                self._edge(("photo", photo), "contains", node, score)
            people = sum(each.label == "person" and each.score >= _LIKELY for each in objects)
            self._edge(("photo", photo), "with", self._people(people))

    def _told(self, photos: set[int]) -> None:
        """What people told the library: taught tags and favourites."""
        for name, (rows, scores) in sorted(custom_tag_scores(self._opened).items()):
            node = self._node("taught", name, name)
            for photo, score in zip(rows.tolist(), scores.tolist(), strict=True):
                if score >= SHOWN and photo in photos:
                    self._edge(("photo", photo), "shows", node, round(score, 4))
        for photo in marked(self._opened, "favourite"):
            if photo in photos:
                node = self._node("mark", "favourite", "favourite", "favorite")
                self._edge(("photo", photo), "a", node)

    def _people(self, count: int) -> Node:
        if count >= _CROWD:
            return self._node("people", _CROWD, f"{_CROWD} or more people", "many people", "group")
        noun = "person" if count == 1 else "people"
        word = _NUMBERS[count]
        more = ("nobody",) if count == 0 else ()
        return self._node("people", count, f"{word} {noun}", f"{count} {noun}", *more)
