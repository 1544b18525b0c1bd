from __future__ import annotations

from ansa_train.data.labels.caption_nouns import mentioned, nouns

CAPTIONS = [
    "A black dog on the beach .",
    "Two dogs on a beach",
    "The dog runs in a field",
    "a young man in a field",
    "Two men with a dog",
    "a man on a red couch",
    "a red and black ball in the background",
] * 5


def test_a_noun_is_known_by_its_company() -> None:
    assert nouns(CAPTIONS) == {"dog", "beach", "field", "man"}


def test_what_was_said_a_few_times_is_no_noun_yet() -> None:
    assert nouns(CAPTIONS[:7]) == frozenset()


def test_a_photo_shows_what_two_of_its_captions_mention() -> None:
    known = nouns(CAPTIONS)
    said = ["Men and a dog, a dog, a dog", "a man", "some DOGS by the beach."]
    assert mentioned(said, known) == {"man", "dog"}
    assert mentioned(said, known, least=1) == {"man", "dog", "beach"}
    assert mentioned([], known) == frozenset()
