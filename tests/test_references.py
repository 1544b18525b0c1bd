"""What docstrings and pages refer to is there: names of code, files, links."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ROOTS = {
    **dict.fromkeys(("ansa", "ansa_train"), REPOSITORY / "src"),
    **dict.fromkeys(("tests", "benchmarks", "research"), REPOSITORY),
}
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
]
ROLE = re.compile(r":(?:func|class|mod|data|meth|attr|exc|obj):`~?([^`]+)`")
PATH = re.compile(
    r"(?<![\w/.:~-])((?:src|tests|docs|recipes|results|benchmarks|research|\.ci)/[\w./-]*[\w/]|Makefile)"
)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
MADE = {"adding-a-head.md": re.compile(r"/(test_)?pets\.")}
"""What a page makes itself as it goes along."""

DOTTED = re.compile(r"(?<![\w./-])(?:ansa|ansa_train|research)(?:\.[A-Za-z_]\w*)+(?![\w/])")


@cache
def names(body_of: Path) -> dict[str, ast.AST]:
    """What a module defines or imports, by name."""
    return _defined(ast.parse(body_of.read_text("utf-8")).body)


def _defined(body: list[ast.stmt]) -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id: node for t in targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0]: node for alias in node.names}
        elif isinstance(node, ast.If | ast.Try | ast.With):
            found |= _defined(node.body)
    return found


def module(dotted: str) -> Path | None:
    """The file of a module of this repository."""
    root = ROOTS.get(dotted.partition(".")[0])
    path = root and root.joinpath(*dotted.split("."))
    for file in (path and path.with_suffix(".py"), path and path / "__init__.py"):
        if file and file.exists():
            return file
    return path if path and path.is_dir() else None


def resolves(dotted: str) -> bool:
    """Whether a whole name leads to a module of ours, or to something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        file = module(".".join(parts[:length]))
        if file is not None:
            rest = parts[length:]
            return not rest or (file.is_file() and _reaches(names(file), rest))
    return False


def _reaches(scope: dict[str, ast.AST], parts: list[str]) -> bool:
    node = scope.get(parts[0])
    if node is None:
        return False
    if len(parts) == 1 or isinstance(node, ast.Import | ast.ImportFrom):
        return True
    return isinstance(node, ast.ClassDef) and parts[1] in _members(node)


def _members(node: ast.ClassDef) -> set[str]:
    """Methods and attributes, those set on ``self`` too."""
    found = {*_defined(node.body)}
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            found |= {each.attr} if each.value.id == "self" else set()
    return found


def known_in(file: Path, name: str) -> bool:
    """Whether a name means something to who reads a module."""
    first, _, rest = name.rstrip("()").partition(".")
    if first in ROOTS:
        return resolves(name.rstrip("()"))
    if first in sys.stdlib_module_names or hasattr(builtins, first):
        return True
    scope = names(file)
    if first in scope:
        return _reaches(scope, [first, *rest.split(".")] if rest else [first])
    classes = [node for node in scope.values() if isinstance(node, ast.ClassDef)]
    inherits = any(isinstance(base, ast.Name) for each in classes for base in each.bases)
    return any(first in _members(each) for each in classes) or (
        inherits and _inherited(file, first)
    )


def _inherited(file: Path, name: str) -> bool:
    """Whether a class that a module imports has a member of that name."""
    for node in ast.parse(file.read_text("utf-8")).body:
        base = isinstance(node, ast.ImportFrom) and node.module and module(node.module)
        if isinstance(node, ast.ImportFrom) and isinstance(base, Path) and base.is_file():
            for alias in node.names:
                found = names(base).get(alias.name)
                if isinstance(found, ast.ClassDef) and name in _members(found):
                    return True
    return False


def references() -> Iterator[tuple[Path, str]]:
    for root in ("src", "tests", "benchmarks", "research"):
        for file in sorted((REPOSITORY / root).rglob("*.py")):
            if file != Path(__file__):
                for name in ROLE.findall(file.read_text("utf-8")):
                    yield file, name


def test_every_name_that_a_docstring_refers_to_is_there() -> None:
    found = list(references())
    assert len(found) > 100
    dead = [f"{f.relative_to(REPOSITORY)}: {name}" for f, name in found if not known_in(f, name)]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    made = MADE.get(page.name)
    named = [each for each in PATH.findall(text) if not (made and made.search(each))]
    paths = {each for each in named if not (REPOSITORY / each).exists()}
    links = {each for each in LINK.findall(text) if not (page.parent / each).exists()}
    assert paths | links == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_and_name_that_a_page_writes_out_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    # In an example `ansa` may be an object.
    text = re.sub(r"(?ms)^ansa = .*?^```", "", text)
    assert {name for name in DOTTED.findall(text) if not resolves(name)} == set()


def test_what_is_not_there_would_be_found() -> None:
    here = REPOSITORY / "src" / "ansa" / "library" / "library.py"
    assert resolves("ansa.library.library.Library.search")
    assert resolves("ansa.photo.read")
    for dead in (
        "ansa.library.nowhere",
        "ansa.photo.read.nothing",
        "ansa.library.library.Library.no",
    ):
        assert not resolves(dead)
        assert not known_in(here, dead)
    assert not known_in(here, "nothing_of_that_name")
    assert PATH.findall("see `tests/library/test_none.py`, and run tests/x/ too") == [
        "tests/library/test_none.py",
        "tests/x/",
    ]
