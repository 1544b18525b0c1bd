"""Collects what tags and countries are called in other languages, from freely licensed lists.

    python -m ansa_train.taxonomy.translations TAXONOMY > src/.../languages/emoji_names.txt
    python -m ansa_train.taxonomy.translations TAXONOMY TABLE... > src/.../languages/wordnets.txt

TAXONOMY is the ``taxonomy.json.gz`` of a bundle. The names of pictures and flags come from the
package ``emoji``, which has them from Unicode's CLDR. TABLE is a table of the Open Multilingual
Wordnet: lines of a synset, the language and a word.
"""

from __future__ import annotations

import gzip
import importlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ansa.taxonomy.tree import Tree

LANGUAGES = "es", "fr", "de", "it", "pt", "zh", "ja", "ru", "ar", "ko"
_ISO_639_3 = {"ita": "it", "cmn": "zh", "spa": "es", "jpn": "ja", "fra": "fr", "por": "pt"}
_MOST = 4  # words of a language for one tag
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_CALLED_A_FLAG = re.compile(
    r"^(?:bandera|drapeau|flagge|bandiera|bandeira|旗|깃발|флаг|علم)[ :]+", re.IGNORECASE
)
_SEVERAL = re.compile(r"\(.*?\)|[/,;].*$")

Names = Mapping[str, Mapping[str, Sequence[str]]]
"""English name -> language -> words."""


def emoji_names(tree: Tree) -> Names:
    """Returns the names of pictures that are tags, and of the countries of flags."""
    emoji = importlib.import_module("emoji")
    emoji.config.load_language()
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for symbol, entry in emoji.EMOJI_DATA.items():
        if entry["status"] > 2 or "\U0001f3fb" <= symbol[1:2] <= "\U0001f3ff":
            continue
        flag = bool(_FLAG.fullmatch(symbol))
        english = _plain(entry["en"])
        named = english if flag else _tag(tree, [english, *map(_plain, entry.get("alias", ()))])
        if named is None:
            continue
        for language in LANGUAGES:
            word = _CALLED_A_FLAG.sub("", _plain(entry.get(language, "")))
            if word and word not in found[named][language] and len(word) > 1 - flag:
                found[named][language].append(word)
    return found


def wordnet_names(tree: Tree, tables: Iterable[Path]) -> Names:
    """Returns the words of synsets that are tags."""
    tags = {c.wordnet[1:] + "-n": c.name for c in tree if c.wordnet and c.wordnet[0] == "n"}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for table in tables:
        for line in table.read_text(encoding="utf-8").splitlines():
            synset, _, rest = line.partition("\t")
            kind, _, word = rest.partition("\t")
            language = _ISO_639_3.get(kind.partition(":")[0])
            if language is None or not kind.endswith(":lemma") or synset not in tags:
                continue
            words = found[tags[synset]][language]
            word = _plain(word)
            if word and word not in words and len(words) < _MOST and len(word.split()) <= 3:
                words.append(word)
    return found


def write(names: Names, about: Sequence[str]) -> str:
    """Returns names as lines: the English name, and ``language=word/word`` for each language."""
    lines = [f"# {line}".rstrip() for line in about]
    for english in sorted(names):
        cells = [
            f"{language}={'/'.join(names[english][language])}"
            for language in LANGUAGES
            if names[english].get(language)
        ]
        lines.append(" | ".join([english, *cells]))
    return "\n".join(lines) + "\n"


def _tag(tree: Tree, names: Iterable[str]) -> str | None:
    for name in names:
        for form in (name, name.removesuffix(" face"), name.removeprefix("person ")):
            found = tree.find(form)
            if len(found) == 1 and (form == name or "face" not in name):
                return found[0].name
    return None


def _plain(name: str) -> str:
    return " ".join(_SEVERAL.sub("", name.strip(":").replace("_", " ")).split())


_ABOUT = {
    "emoji": [
        "What pictures of things and countries are called in ten languages.",
        "Made by ansa_train.taxonomy.translations from the package `emoji` 2.16.0 (BSD licence,",
        "copyright Taehoon Kim and Kevin Wurster), whose names come from Unicode's CLDR:",
        "Copyright 1991-2025 Unicode, Inc. Unicode License v3, https://www.unicode.org/license.txt",
    ],
    "wordnet": [
        "Words for tags in other languages, from the Open Multilingual Wordnet (omwn/omw-data).",
        "Made by ansa_train.taxonomy.translations. The words are unchanged; only those of tags",
        "were chosen. Italian: MultiWordNet (Pianta, Bentivogli, Girardi 2002; FBK), CC BY 3.0,",
        "and ItalWordNet (Bartolini, Quochi; ILC-CNR), ODC-BY 1.0.",
        "Chinese: Chinese Open Wordnet (Wang and Bond 2013; NTU), under the licence of WordNet:",
        "permission to use, copy, modify and distribute for any purpose and without fee.",
    ],
}


def main(arguments: Sequence[str]) -> int:
    """Writes the names to the standard output."""
    taxonomy, *tables = map(Path, arguments)
    tree = Tree.parse(gzip.decompress(taxonomy.read_bytes()))
    if tables:
        sys.stdout.write(write(wordnet_names(tree, tables), _ABOUT["wordnet"]))
    else:
        sys.stdout.write(write(emoji_names(tree), _ABOUT["emoji"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
