"""Queries in other languages are read word by word, and it is said how."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansa.library.search.translation import translate
from ansa.taxonomy.dictionaries import NAMES, dictionaries

ENGLISH = {"a": 2, "the": 2, "on": 2, "in": 2, "dog": 2, "sofa": 2, "photos": 2, "mare": 1}


def english(word: str) -> int:
    return ENGLISH.get(word.casefold(), 0)


DOGS = ["perro", "chien", "Hund", "cane", "cachorro", "狗", "犬", "собака", "كلب", "개"]


@pytest.mark.parametrize(("language", "word"), zip(NAMES, DOGS, strict=True))
def test_a_dog_is_a_dog_in_ten_languages(language: str, word: str) -> None:
    read = translate(word, english)
    assert read is not None
    assert read.text == "dog"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("perro negro en la playa", "black dog in the beach"),
        ("un gâteau d'anniversaire", "a birthday cake"),
        ("l'été 2023", "summer 2023"),
        ("zwei Hunde im Schnee", "two dogs in snow"),
        ("눈 속의 개", "snow in dog"),
        ("雪の中の犬", "snowy dog"),
        ("Häuser", "house"),
        ("ein Hund auf dem Sofa", "a dog on the Sofa"),
        ("montañas nevadas", "snowy mountain"),
        ("没有人的海滩", "without person, beach"),
        ("人のいない海", "without person, sea"),
        ("사람 없는 해변", "without person, beach"),
        ("лошади в поле", "horse in field"),
        ("perro -gato", "dog -cat"),
        ("perro^2 playa", "dog^2 beach"),
        ("girafe", "giraffe"),
        ("キリン", "giraffe"),
        ("Japón", "Japan"),
        ("mare", "mare or sea"),
    ],
)
def test_a_phrase_is_read_word_by_word(query: str, text: str) -> None:
    read = translate(query, english)
    assert read is not None
    assert read.text == text


def test_words_that_are_in_no_dictionary_stay_and_are_told() -> None:
    read = translate("la boda de Xqzt", english)
    assert read is not None
    assert read.unknown == ("Xqzt",)
    assert str(read) == 'read as "the wedding of Xqzt" (Spanish); "Xqzt" not in the dictionary'


@pytest.mark.parametrize(
    "query",
    ["a dog on the sofa", "Marco", "", "2023", "😀", "^^ ::", "photos", "\ud800", "a" * 9_999],
)
def test_english_and_what_is_no_language_stay(query: str) -> None:
    assert translate(query, english) is None


def test_in_quotation_marks_nothing_is_translated() -> None:
    read = translate('perro "la casa"', english)
    assert read is not None
    assert read.text == 'dog "la casa"'


def test_every_language_has_hundreds_of_words() -> None:
    assert all(len(dictionary.words) > 500 for dictionary in dictionaries().values())


@given(st.text(max_size=40))
def test_any_text_is_read_in_bounded_time(text: str) -> None:
    began = time.process_time()
    read = translate(text, english)
    assert read is None or read.text
    assert time.process_time() - began < 5
