"""Names that nobody could guess stay retired, and one name means one class."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.test_architecture import FILES

MODULES = """
    accumulate agree assemble averaging away beside branches channels choice class_texts crops
    curation curves cutting dev distinct dropping edits factory find fit floor forms fresh handling
    images intact keepers keeping kin kinds leaders learned lessons located looks masks meanings
    named nothing nouns occasions opened our_files parts plain_files print prints remembered reopen
    retorch rounding said screens searching shown shrink signals slices sound spoil stages streamed
    studio suggest tagged taught teach teaching tidying titled told transport variety
    verdicts when windows words
"""
"""Names of modules and folders that became the field's terms; see CHANGELOG.md."""

CLASSES = """
    Asked Away Branches Choice Copies Curves Encode Explained Fitting Found Fresh Frozen Halved
    Intact Judged Keepsake Kin Laid Learned Lesson Looks Loss Made Masks Material Meanings Measured
    Network Opened Pick Place Reader Rounding Said Settings Shot Shown Stand Studio Taught Tagged
    Targets Told Tried Unsaid Verdicts Views Wanted When Whole Windows
"""
"""Names of classes that became nouns which say of what."""

ELSEWHERE = {
    "ansa.cli.teach": "the verb",
    "ansa.library.events.places.Place": "a place",
    "ansa.model.network.Network": "what runs one network of a bundle",
    "ansa_train.data.synthetic.screens": "pictures of screens",
}
"""What a retired name may still mean, where it is the word itself."""


def classes(file: Path) -> list[str]:
    body = ast.parse(file.read_text("utf-8")).body
    return [node.name for node in body if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("module", FILES)
def test_no_module_or_class_has_a_retired_name(module: str) -> None:
    if module not in ELSEWHERE:
        assert module.rpartition(".")[2] not in MODULES.split(), module
    found = {f"{module}.{name}" for name in classes(FILES[module]) if name in CLASSES.split()}
    assert found - ELSEWHERE.keys() == set()


@pytest.mark.parametrize("package", ["ansa", "ansa_train", "research"])
def test_no_two_public_classes_of_a_package_have_one_name(package: str) -> None:
    homes = defaultdict(list)
    for module, file in FILES.items():
        if module.split(".")[0] == package:
            for name in classes(file):
                homes[name].append(module)
    shared = {name: at for name, at in homes.items() if len(at) > 1 and not name.startswith("_")}
    assert shared == {}
