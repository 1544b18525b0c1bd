"""A WordNet of a few words, in the format of the real one, and a list of concepts to go with it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from ansa_train.pretrained import PARTS

NOUNS = {
    "being": ("", "what lives"),
    "animal creature": ("being", "it moves"),
    "dog domestic_dog": ("animal", "it barks"),
    "golden_retriever": ("dog", "a yellow dog"),
    "beagle": ("dog", "a small dog"),
    "cat": ("animal", "it purrs"),
    "boxer#1": ("being", "who boxes"),
    "boxer#2": ("dog", "a dog of that name"),
    "barge": ("", "it floats"),
}
"""Words of a meaning -> a word of what it is a kind of, and its definition."""

LIST = """
# our own
animal : beast
  dog : doggy
    boxer
  cat = cat.1 : kitty
night = - : dark
"""


def write_wordnet(cache: Path) -> None:
    """Put it where :func:`ansa_train.pretrained.fetch` looks for the part."""
    part = PARTS["wordnet"]
    file = cache / "parts" / part.requirement / part.file
    file.parent.mkdir(parents=True, exist_ok=True)
    data = "  1 This line stands for the licence.\n"
    offsets: dict[str, int] = {}
    senses: dict[str, list[int]] = defaultdict(list)
    for words, (above, gloss) in NOUNS.items():
        lemmas = words.split()
        offset = len(data)
        for lemma in lemmas:
            senses[lemma.partition("#")[0].lower()].append(offset)
            offsets[lemma] = offset
        said = " ".join(f"{lemma.partition('#')[0]} 0" for lemma in lemmas)
        pointers = f"001 @ {offsets[above]:08d} n 0000" if above else "000"
        data += f"{offset:08d} 05 n {len(lemmas):02x} {said} {pointers} | {gloss}  \n"
    file.write_text(data, "ascii")
    lines = ["  1 This line stands for the licence."]
    for lemma, places in sorted(senses.items()):
        numbers = " ".join(f"{place:08d}" for place in places)
        lines.append(f"{lemma} n {len(places)} 1 @ {len(places)} 0 {numbers}  ")
    file.with_name("index.noun").write_text("\n".join(lines) + "\n", "ascii")
