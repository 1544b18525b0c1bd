"""Words that ask for photos but do not say what the photos show."""

from __future__ import annotations

STOP_WORDS = frozenset(
    """a all an and any anything are as at be by during every everything everywhere find for from
    give go had has have her his i image images in is it its just me more my near of on only or our
    photo photos picture pictures see seen shot shots show showing shows some taken that the their
    there these they this those to together was we were when where which while who with""".split()  # noqa: SIM905
)
"""Lower-case words that all readers of queries leave out."""
