"""Things that people search for, from ``everyday.txt`` beside this file: words and prompts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_ARTICLES = ("a ", "an ", "the ")


@cache
def _phrases() -> tuple[str, ...]:
    text = files("ansa.taxonomy").joinpath("everyday.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def everyday_words() -> tuple[str, ...]:
    """About 350 things that people search for, without articles: ``("person", ...)``.

    The words are distinct and always in the same order.
    """
    return tuple(_without_article(phrase) for phrase in _phrases())


@cache
def everyday_prompts() -> tuple[str, ...]:
    """The prompt for each of :func:`everyday_words`, in the same order: ``"a photo of an owl"``."""
    return tuple(f"a photo of {phrase}" for phrase in _phrases())


def _without_article(phrase: str) -> str:
    for article in _ARTICLES:
        if phrase.startswith(article):
            return phrase.removeprefix(article)
    return phrase
