"""Words that exclude things: "no people", "not a cat", "everything except flowers".

Such a word excludes one thing, or several that are joined by "or" and "and": up to the next comma,
preposition, "but" or "with". A known name that begins with such a word is not split, and neither is
text in quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

NEGATORS = frozenset(
    "no not without w/o except excepting excluding minus sans neither nor".split()  # noqa: SIM905
)
"""Single words before something unwanted."""

_TWO_WORDS = {
    *(("other", "than"), ("apart", "from"), ("aside", "from"), ("except", "for")),
    *(("not", verb) for verb in ("showing", "containing", "including", "having")),
    *((no, verb) for no in ("don't", "doesn't") for verb in ("show", "have", "contain", "include")),
}
_ALL = {"everything", "anything", "all", "everyone", "anyone"}
_NOBODY = {"nobody", "noone", "no-one"}
_PEOPLE = "people"
_ARTICLES = {"a", "an", "the", "any", "some"}
_PLACING = frozenset(
    """in on at from by near during of taken shot photo photos picture pictures image images shots
    those ones""".split()  # noqa: SIM905
)
_ENDS = frozenset(
    """with in on at by near from but while during since before after until under over behind
    around inside outside for that which who where last this yesterday today between""".split()  # noqa: SIM905
)
_JOINERS = {"and", "but", "with", "or", "yet", "that", "which", "who", "is", "are", "though"}
_TIMES = {"last", "this", "today", "yesterday", "since", "until", "between", "before", "after"}
_LITERAL_BEHIND = {
    "no": {"later", "earlier", "newer", "older", "matter", "sooner", "idea"},
    "not": {"only", "just", "yet", "far", "bad", "before", "after", "later", "earlier", "enough"},
}
_LITERAL_BEFORE = {"do", "does", "did", "can", "could", "should", "must", "why", "whether"}
_NOTICES = {"sign", "signs", "zone", "zones"}
_LONGEST_NAME = 3  # the most further words of a name that begins with such a word
_ROW = 6  # the most words before the "or" of a list with commas
_PUNCTUATION = ".,;:!?()"
_SMALL_NUMBER = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class NegationSplit:
    """Plain words, split into wanted and unwanted ones.

    Attributes:
        wanted: the wanted words.
        unwanted: each unwanted thing.
        open: whether the last word excludes what follows.
    """

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    open: bool = False


def split_negated(
    words: Sequence[str], known: Callable[[str], bool], *, more: bool = False
) -> NegationSplit:
    """Splits words into what is wanted and what is not.

    Args:
        words: as they were typed, with punctuation.
        known: whether words are a known name.
        more: whether something follows that is no plain word, such as a phrase.
    """
    plain = [word.lower().replace("’", "'").strip(_PUNCTUATION) for word in words]
    wanted: list[str] = []
    unwanted: list[str] = []
    at = 0
    while at < len(words):
        if plain[at : at + 2] == ["not", "without"]:
            at += 2  # as much as "with"
            continue
        length = _negator(words, plain, at, known, negated=bool(unwanted))
        if plain[at] in _NOBODY or plain[at : at + 2] == ["no", "one"]:
            unwanted.append(_PEOPLE)
            at += 1 if plain[at] in _NOBODY else 2
            _trim(wanted)
            continue
        if length and at + length == len(words) and more:
            _trim(wanted)
            return NegationSplit(tuple(wanted), tuple(unwanted), open=True)
        end, things = _things(words, plain, at + length) if length else (at, [])
        if not things:
            wanted.append(words[at])
            at += 1
            continue
        _trim(wanted)
        unwanted += things
        at = end
    if unwanted:
        _trim(wanted)
        while wanted and wanted[0].lower().strip(_PUNCTUATION) in ("and", "but", "or", ""):
            wanted.pop(0)
    return NegationSplit(tuple(wanted), tuple(unwanted))


def _negator(
    words: Sequence[str],
    plain: Sequence[str],
    at: int,
    known: Callable[[str], bool],
    *,
    negated: bool,
) -> int:
    """Returns the number of words that exclude what follows; 0 if they exclude nothing."""
    word, following = plain[at], plain[at + 1] if at + 1 < len(plain) else ""
    if tuple(plain[at : at + 2]) in _TWO_WORDS:
        return 2
    if word == "but" and at and plain[at - 1] in _ALL:
        return 1
    if word not in NEGATORS or words[at][-1] in ".:!?":  # for example "no. 5"
        return 0
    if word == "nor" and not negated:
        return 0
    if following in _LITERAL_BEHIND.get(word, ()) or _SMALL_NUMBER.fullmatch(following):
        return 0
    if word == "not" and at and plain[at - 1] in _LITERAL_BEFORE:
        return 0
    if word == "no" and _is_notice(words, plain, at + 1):
        return 0
    names = (" ".join(plain[at : at + 1 + n]) for n in range(1, _LONGEST_NAME + 1))
    return 0 if any(map(known, names)) else 1


def _is_notice(words: Sequence[str], plain: Sequence[str], at: int) -> bool:
    """Whether words that begin with "no" are the text of a sign: "no parking sign"."""
    for place in range(at, min(at + _LONGEST_NAME, len(plain))):
        if plain[place] in _NOTICES:
            return place > at
        ends = _ENDS | NEGATORS | _JOINERS | _ARTICLES
        if plain[place] in ends or words[place][-1] in ",;.:!?)":
            return False
    return False


def _things(words: Sequence[str], plain: Sequence[str], at: int) -> tuple[int, list[str]]:
    """Returns each unwanted thing, and where they end."""
    things: list[str] = []
    article = at < len(plain) and plain[at] in _ARTICLES
    while True:
        thing, at, comma = _thing(words, plain, at)
        if thing:
            things.append(thing)
        if not thing or at == len(words):
            return at, things
        if comma:
            if not _comes_to_or(plain, words, at):
                return at, things
            at += plain[at] in ("or", "nor", "and")
            continue
        following = plain[at + 1] if at + 1 < len(plain) else ""
        joined = plain[at] in ("or", "nor") or (
            plain[at] in ("and", "&")
            and (article or following not in _ARTICLES)
            and plain[at + 2 : at + 3] != ["with"]  # for example "without hats and men with hats"
        )
        if not joined or not following or following in NEGATORS:
            return at, things
        at += 1


def _thing(words: Sequence[str], plain: Sequence[str], at: int) -> tuple[str, int, bool]:
    """Returns the words of one thing, their end, and whether a comma ends them."""
    some: list[str] = []
    while at < len(words) and plain[at] in _ARTICLES:
        at += 1
    # For example "not in 2020", "not last summer".
    while at < len(words) and plain[at] in _PLACING | _TIMES:
        some.append(plain[at])
        at += 1
    lead = len(some)
    while at < len(words):
        word = plain[at]
        ends = word in _ENDS or word in NEGATORS or word in ("and", "&", "or", "nor")
        if ends and len(some) > lead:
            return " ".join(some), at, False
        if ends or not word:
            return "", at, False
        some.append(words[at].strip(_PUNCTUATION) or words[at])
        at += 1
        if words[at - 1][-1] in ",;.:!?)":
            return " ".join(some) if len(some) > lead else "", at, True
    alone = len(some) > lead or plain[at - 1] in ("today", "yesterday")
    return " ".join(some) if alone and some else "", at, False


def _comes_to_or(plain: Sequence[str], words: Sequence[str], at: int) -> bool:
    """Whether a list goes on to an "or": "without people, cars or dogs"."""
    for place in range(at, min(at + _ROW, len(plain))):
        if plain[place] in ("or", "nor"):
            return True
        if plain[place] in _ENDS or plain[place] in NEGATORS or plain[place] == "and":
            return False
    return False


def _trim(wanted: list[str]) -> None:
    """Removes the word that joined the rest to something unwanted."""
    while wanted:
        word = wanted[-1].rstrip(",;")
        if word and word.lower() not in _JOINERS:
            wanted[-1] = word
            return
        wanted.pop()
