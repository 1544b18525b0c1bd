"""Queries as people type them, and what they are understood as.

Each line is a query, the texts by which photos are ranked (unwanted ones with a minus sign), and
the facts. Nothing is ranked here, so the text network is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from ansa.library.search.parse import parse_query
from ansa.library.search.snapshot import Snapshot
from ansa.library.search.translation import translate
from ansa.library.search.understand import knows, understand
from ansa.library.search.vocabulary import vocabulary
from ansa.scene import Object
from tests.library.lives import LISBON, MUNICH, Life, library_of

TODAY = date(2026, 11, 23)
TOKYO = (35.68, 139.77)
BOX = (0.0, 0.0, 1.0, 1.0)

# A year at home in Munich, days in Portugal and Japan, and photos of which little is known.
LIVES = [
    *(
        Life(f"home/{n}.jpg", datetime(2025, 1, 3, 12) + timedelta(weeks=n), MUNICH)
        for n in range(45)
    ),
    *(Life(f"sea/{n}.jpg", datetime(2025, 7, 5 + n, 15), LISBON, people=n) for n in range(4)),
    *(Life(f"far/{n}.jpg", datetime(2026, 3, 5 + n, 15), TOKYO) for n in range(3)),
    Life("phone.jpg", datetime(2026, 5, 1), MUNICH, "Apple iPhone 13"),
    Life("Zermatt 2019/DSC1.jpg", None, None, "Canon EOS 80D"),
    Life("dogs.jpg", signals={"detection": [Object("dog", 0.9, BOX)] * 2}),
]

Read = Callable[[str], tuple[list[str], list[str]]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    with library_of(tmp_path_factory.mktemp("understood"), LIVES) as library:
        snapshot = Snapshot(library.store, library.analyzer, None)

        def read_(query: str) -> tuple[list[str], list[str]]:
            translated = translate(query, vocabulary(library, snapshot).english)
            parts = parse_query(translated.text if translated else query, knows(snapshot))
            found = understand(library, snapshot, parts, TODAY)
            texts = [("" if part.wanted else "-") + part.text for part in found.texts]
            facts = [
                ("" if wanted else "-") + f"{f.kind} {f.meaning}" for wanted, f in found.filters
            ]
            return texts, facts

        yield read_


QUERIES = """
# requests
dogs | dogs
find dogs | dogs
show me dogs | dogs
show me photos of a dog | a dog
photos of a dog | a dog
pics of cats please | cats
pictures with snow | snow
dog photos | dog
all my beach pictures | beach
i want to see the sunset | the sunset
can you show me some images of flowers? | flowers
do i have any pictures of horses | horses
looking for a red car | a red car
photos where people are dancing | people are dancing
something blue | blue
a photo album | a photo album
photos |
show me everything |
verano 2025 | | date 1 June 2025 to 31 August 2025
ayer | | date 22 November 2026
# places, cameras, times
taken in japan | | place Japan
in Japan | | place Japan
photos from Portugal | | place Portugal
our trip to portugal | | place Portugal; trip any trip
our holiday in japan | | place Japan
pics from our vacation in Lisbon | | place Lisbon
a visit to tokyo | | place Tokyo
when we were in Lisbon | | place Lisbon
beach in portugal | beach | place Portugal
pics with my iphone 13 | | camera Apple iPhone 13
photos taken with the canon | | camera Canon EOS 80D
shot on an iphone | | camera Apple iPhone 13
dogs in munich last summer | dogs | date 1 June 2026 to 31 August 2026; place Munich
from last summer in portugal | | date 1 June 2026 to 31 August 2026; place Portugal
photos from 2025 | | date 1 January 2025 to 31 December 2025
what did we do in july 2025 | what did we do | date 1 July 2025 to 31 July 2025
sunset in 2025 | sunset | date 1 January 2025 to 31 December 2025
yesterday | | date 22 November 2026
snow in january 2025 | snow | date 1 January 2025 to 31 January 2025
cats not in 2025 | cats | -date 1 January 2025 to 31 December 2025
food in lisbon | food | place Lisbon
Lisbon or Tokyo | | place Lisbon and Tokyo
playing in the snow | playing in the snow
at the beach | at the beach
# negation
a dog, not a cat | a dog; -cat
no people | -people | -people one or more people
beach without people | beach; -people | -people one or more people
cats but no motorcycle | cats; -motorcycle
everything except flowers | -flowers
photos without people | -people | -people one or more people
animals other than dogs | animals; -dogs
street with no cars | street; -cars
dogs, no cats and no horses | dogs; -cats; -horses
not a cat | -cat
flowers but not roses | flowers; -roses
dog -cat | dog; -cat
"no parking sign" | no parking sign
a room without a view of the sea | a room; -view of the sea
neither cats nor dogs | -cats; -dogs
# or
cat or dog | cat or dog
a cat or a dog on a sofa | a cat or a dog on a sofa
find cats or dogs | cats or dogs
# numbers
two people | | people 2 people
photos of two people | | people 2 people
two people in portugal | | place Portugal; people 2 people
three friends | friends | people 3 people
a group photo | | people 3 or more people
group photos from portugal | | place Portugal; people 3 or more people
alone | | people 1 person
me alone on a beach | me on a beach | people 1 person
at least two people | | people 2 or more people
two dogs | dogs | count 2 dogs
two dogs on grass | dogs on grass | count 2 dogs
a couple | a couple
one person on a bench | on a bench | people 1 person
# spelling
umbrela | umbrella
find butterlfies | butterfly
a girafe | a giraffe
elefant | elephant
red bycicle | red bicycle
mountians with snow | mountains with snow
zermat | zermatt
lisbn | | place Lisbon
"umbrela" | umbrela
xqzzt | xqzzt
sharp photo of a kid | sharp photo of a kid
# other languages
perros | dogs
perro negro en la playa | black dog in the beach
fotos de japón | | place Japan
chien | dog
photos de mon chien | my dog
un chat sur le canapé | a cat on the sofa
Hunde am Strand | dogs at beach
ein rotes Auto | a red car
Fotos aus Japan | | place Japan
Katzen ohne Menschen | cats; -people | -people one or more people
gatto nero | black cat
tramonto sul mare | sunset on sea
cachorro na praia | dog in beach
carro vermelho | red car
狗 | dog
红色的汽车 | red car
犬 | dog
猫の写真 | cat
собака на пляже | dog on beach
красная машина | red car
كلب على الشاطئ | dog on beach
سيارة حمراء | red car
개 | dog
빨간 자동차 | red car
고양이 사진 | cat
dos personas en portugal | | place Portugal; people 2 people
sommer 2025 | | date 1 June 2025 to 31 August 2025
chien en juillet 2025 | dog | date 1 July 2025 to 31 July 2025
mare | mare or sea
a dog on the beach | a dog on the beach
la boda de Zoe | the wedding of Zoe
# names
zermatt | zermatt
our trip to zermatt | zermatt
"""


def cases() -> Iterator[tuple[str, list[str], list[str]]]:
    for line in QUERIES.strip().splitlines():
        if not line.startswith("#"):
            query, *expected = (cell.strip() for cell in line.split(" |"))
            cells = [[each for each in cell.split("; ") if each] for cell in expected]
            yield query, cells[0], cells[1] if len(cells) > 1 else []


@pytest.mark.parametrize(("query", "texts", "facts"), list(cases()))
def test_a_query_is_understood(read: Read, query: str, texts: list[str], facts: list[str]) -> None:
    assert read(query) == (texts, facts)


def test_there_are_more_than_a_hundred() -> None:
    assert len(list(cases())) > 100
