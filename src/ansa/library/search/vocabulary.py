"""The words that queries may hold: those of tags, places and names, and English ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

from ansa.library.search.name_matches import is_named
from ansa.library.search.negation import NEGATORS
from ansa.library.search.spelling import SpellingIndex
from ansa.library.search.stop_words import STOP_WORDS
from ansa.library.search.text_matches import is_written
from ansa.names import WORD, name_key
from ansa.taxonomy.everyday import everyday_prompts
from ansa.taxonomy.tree import Tree, singulars

if TYPE_CHECKING:
    from ansa.library.search.snapshot import Snapshot
    from ansa.library.session import LibrarySession

_MOST_NAMES = 20_000  # words of names, and as many of texts, that spelling is compared with
_OFTEN = 3  # letters from which on a word of a name counts

# Words that ask, join or describe, besides those that are left out of texts.
_COMMON = frozenset(
    """or but last this next ago since until before after between today yesterday week weekend month
    year summer winter spring autumn fall january february march april may june july august
    september october november december monday tuesday wednesday thursday friday saturday sunday
    trip trips holiday holidays vacation home alone group people big small old new young little long
    short tall high low red blue green yellow white black brown orange pink purple grey gray dark
    bright colourful colorful wooden snowy sunny cloudy rainy foggy beautiful nice happy sad
    running walking sitting standing sleeping eating drinking playing jumping swimming riding
    holding wearing looking smiling dancing cooking reading writing lying flying driving under
    behind beside next into over up down out off two three four five six seven eight nine ten many
    several one first second morning evening noon night day please find not without
    except video videos film films movie movies clip clips""".split()  # noqa: SIM905
)


class Vocabulary:
    """The words of a library's queries.

    Args:
        session: the library.
        snapshot: its photos, with custom tags.
    """

    def __init__(self, session: LibrarySession, snapshot: Snapshot) -> None:
        self._session = session
        # A vocabulary is kept as long as its snapshot, which it would otherwise keep for ever.
        self._photos = ref(snapshot)

    @property
    def _snapshot(self) -> Snapshot:
        snapshot = self._photos()
        assert snapshot is not None
        return snapshot

    def english(self, word: str) -> int:
        """Tells how well English knows a word: 2 if a tag, a place or a custom tag is called so or
        if it is a common word; 1 if it is a synonym or some other noun; 0 if it is unknown."""
        key = name_key(word)
        snapshot = self._snapshot
        if (
            key in STOP_WORDS
            or key in _COMMON
            or key in NEGATORS
            or (len(key) == 1 and key.isascii())
        ):
            return 2
        tags = snapshot.tree.find(key) if snapshot.tree else ()
        if key in snapshot.tagged.taught or any(_is_name(key, tag.name) for tag in tags):
            return 2
        if key in self._places or any(key in name.casefold().split() for name in snapshot.cameras):
            return 2
        return int(bool(tags or snapshot.kin.of(key)))

    def corrected(self, word: str) -> str | None:
        """Returns the known word that a misspelt one is nearest to.

        None if the word is known, if it may be a word that only the text network knows, or if no
        known word is near.
        """
        key = name_key(word)
        if not key.isalpha() or self.english(word) or self._in_network(key):
            return None
        if is_named(key, self._session, self._snapshot):
            return None
        if is_written(key, self._session, self._snapshot):
            return None
        # What was read in pictures has errors of its own, so other words are nearer.
        for index in (self._spelling, self._written):
            for form in singulars(key):
                if near := index.near(form, 1):
                    return near[0] if near[0] != key else None
        return None

    @cached_property
    def _places(self) -> frozenset[str]:
        """The words of the names of the photos' places."""
        return frozenset(
            word for name in self._snapshot.places.by_name for word in name_key(name).split()
        )

    @cached_property
    def _spelling(self) -> SpellingIndex:
        return SpellingIndex(self._words())

    @cached_property
    def _written(self) -> SpellingIndex:
        words = self._session.store.text_words(_MOST_NAMES)
        return SpellingIndex(word for word in words if word.isalpha() and len(word) > _OFTEN)

    def _words(self) -> Iterator[str]:
        if tree := self._snapshot.tree:
            yield from _tag_words(tree)
        yield from self._snapshot.tagged.taught
        yield from sorted(self._places)
        yield from _everyday()
        names = self._session.store.name_words(_MOST_NAMES)
        yield from (name_key(word) for word in names if word.isalpha() and len(word) > _OFTEN)

    def _in_network(self, key: str) -> bool:
        """Whether the text network's tokenizer has the word as a whole."""
        return self._session.analyzer.knows_word(key)


def _is_name(key: str, name: str) -> bool:
    return any(form in name_key(name).split() for form in singulars(key))


_kept: WeakKeyDictionary[Snapshot, Vocabulary] = WeakKeyDictionary()


def vocabulary(session: LibrarySession, snapshot: Snapshot) -> Vocabulary:
    """Returns the vocabulary of a library, made once for each snapshot."""
    if snapshot not in _kept:
        _kept[snapshot] = Vocabulary(session, snapshot)
    return _kept[snapshot]


def _tag_words(tree: Tree) -> Iterator[str]:
    """Yields the words of the names of tags, then those of their synonyms."""
    names = {concept.name for concept in tree}
    yield from (word for concept in tree for word in name_key(concept.name).split())
    yield from (word for form in tree.by_key for word in form.split() if form not in names)


@cache
def _everyday() -> tuple[str, ...]:
    prompts = (word for prompt in everyday_prompts() for word in WORD.findall(prompt))
    return tuple(dict.fromkeys((*map(name_key, prompts), *sorted(_COMMON))))
