"""The rooms import one another in one direction only, and `docs/design.md` names every file."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCE = REPOSITORY / "src" / "ansa"

# What each room may import. A new arrow is a decision, to be taken here and in docs/design.md.
MAY_IMPORT = {
    "__main__": "cli",
    "__init__": "analyzer bundle library scene",
    "cli": "analyzer bundle choice contact_sheet crops draw factory images library movie names "
    "outputs scene summary taxonomy",
    "contact_sheet": "images names",
    "crops": "scene",
    "draw": "crops names scene summary",
    "summary": "names scene",
    "movie": "crops draw images names outputs plain_files scene",
    "library": "analyzer bundle formats images manifest metadata movie names outputs plain_files "
    "scene signals taxonomy",
    "choice": "analyzer bundle forms",
    "analyzer": "bundle forms images manifest network scene signals",
    "network": "bundle forms manifest onnx_guard",
    "taxonomy": "names scene",
    "signals": "scene",
    "images": "colour formats metadata names pixels scene variants",
    "colour": "pixels scene",
    "pixels": "scene",
    "forms": "bundle",
    "bundle": "encoding manifest",
    "manifest": "encoding",
    "encoding": "",
    "onnx_guard": "",
    "metadata": "scene",
    "variants": "metadata",
    "formats": "",
    "names": "",
    "outputs": "",
    "plain_files": "",
    "scene": "",
    "factory": "analyzer bundle encoding formats forms images library manifest names pixels scene "
    "signals taxonomy",
}

# What is dangerous or heavy, and the only modules outside the factory that may touch it.
KEPT_TO = {
    "onnxruntime": "network",
    "tokenizers": "analyzer",
    "sqlite3": "library.storage.cache library.storage.database library.storage.dropping "
    "library.storage.facts library.storage.keeping library.storage.rebuild library.storage.sound "
    "library.storage.store library.storage.told",
    "pickle": "library.indexing.pool library.indexing.worker",
    "subprocess": "library.indexing.pool",
    "pillow_heif": "images",
    "av": "movie.music movie.render",
}
NETWORK = {"asyncio", "ftplib", "http", "socket", "socketserver", "ssl", "urllib.request"}
PACKAGE_OF = {
    "PIL": "pillow",
    "dateutil": "python-dateutil",
    "pillow_heif": "pillow-heif",
    "sklearn": "scikit-learn",
}


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target; ``late`` if it stands inside a function."""

    target: str
    late: bool


def module_name(file: Path) -> str:
    """``library.scan``; a package by its own name, the top one as ``__init__``."""
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


FILES = {module_name(file): file for file in sorted(SOURCE.rglob("*.py"))}
RUNTIME = [module for module in FILES if module.split(".")[0] != "factory"]


def imports(node: ast.AST, late: bool = False) -> Iterator[Import]:
    """Every import below a node, those for type checkers too: they are knowledge as well."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, late) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are written in full"
            for alias in child.names:
                # `from ansa.library import database` may name a module or something inside one.
                inner = f"{child.module}.{alias.name}"
                is_module = inner.removeprefix("ansa.") in FILES
                yield Import(inner if is_module else child.module or "", late)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports(child, late or inside)


IMPORTS = {
    module: list(imports(ast.parse(file.read_text("utf-8")))) for module, file in FILES.items()
}


def ours(module: str) -> set[str]:
    """The modules of ANSA that a module imports."""
    names = {i.target for i in IMPORTS[module] if i.target.split(".")[0] == "ansa"}
    return {name.removeprefix("ansa.") if name != "ansa" else "__init__" for name in names}


def others(module: str, *, late: bool) -> set[str]:
    """The packages outside of ANSA and of Python's library that a module imports."""
    names = {i.target.split(".")[0] for i in IMPORTS[module] if i.late == late}
    return names - sys.stdlib_module_names - {"ansa"}


def declared(extra: str | None = None) -> set[str]:
    """The packages that the base install, or an extra, brings."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"]
    if extra is not None:
        wanted = project["optional-dependencies"][extra]
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in wanted}


def package(name: str) -> str:
    return PACKAGE_OF.get(name, name)


def test_every_room_has_its_arrows_listed() -> None:
    assert {module.split(".")[0] for module in FILES} == MAY_IMPORT.keys()


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    allowed = {room, *MAY_IMPORT[room].split()}
    for module in FILES:
        if module.split(".")[0] == room:
            found = {name.split(".")[0] for name in ours(module)}
            assert found <= allowed, f"{module} imports {found - allowed}"


def test_the_listed_arrows_point_one_way() -> None:
    TopologicalSorter({room: below.split() for room, below in MAY_IMPORT.items()}).prepare()


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({module: ours(module) - {module} for module in FILES}).prepare()


def test_only_the_verbs_that_need_the_factory_know_it_and_only_when_they_run() -> None:
    assert [r for r, below in MAY_IMPORT.items() if "factory" in below.split()] == ["cli"]
    for module in RUNTIME:
        early = {found.target for found in IMPORTS[module] if not found.late}
        assert not any(target.startswith("ansa_train") for target in early), module


def test_the_base_install_brings_all_that_the_runtime_imports() -> None:
    base = declared()
    extras = "heic", "experiences", "teach", "parquet", "movie"
    optional = {name for extra in extras for name in declared(extra)}
    for module in RUNTIME:
        missing = {package(name) for name in others(module, late=False)} - base
        assert not missing, f"{module} needs {missing}"
        missing = {package(name) for name in others(module, late=True)} - base - optional
        assert not missing, f"{module} needs {missing}"


def test_the_base_install_brings_no_torch_and_no_onnx() -> None:
    factory = {"torch", "onnx", "onnxscript", "safetensors"}
    assert factory <= {re.sub("=.*", "", name) for name in declared("factory")}
    assert not factory & declared()
    for module in RUNTIME:
        assert not factory & (others(module, late=False) | others(module, late=True)), module


def test_the_factory_needs_only_its_extra() -> None:
    allowed = declared() | declared("factory")
    for module in FILES.keys() - set(RUNTIME):
        found = {package(n) for n in others(module, late=False) | others(module, late=True)}
        own = declared("search") if module.startswith("factory.search") else set()
        own |= declared("coreml") if module == "factory.export.coreml" else set()
        own |= declared("scale") if module == "factory.data.builder.on_ray" else set()
        assert found <= allowed | own, f"{module} needs {found - allowed - own}"


def test_what_is_heavy_or_dangerous_is_kept_to_one_place() -> None:
    users = defaultdict(set)
    for module in RUNTIME:
        for found in IMPORTS[module]:
            users[found.target.split(".")[0]].add(module)
    for name, places in KEPT_TO.items():
        assert users[name] == set(places.split()), name


def test_nothing_that_people_run_imports_a_way_to_the_network() -> None:
    for module in RUNTIME:
        for found in IMPORTS[module]:
            parts = found.target.split(".")
            assert not NETWORK & {parts[0], ".".join(parts[:2])}, f"{module}: {found.target}"


def listed_in_the_design() -> dict[str, str]:
    """Path -> what `docs/design.md` says of it, from the tree it draws."""
    page = (REPOSITORY / "docs" / "design.md").read_text("utf-8")
    drawn = re.search(r"^src/ansa/\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert drawn, "docs/design.md draws the tree of src/ansa/"
    lines = {}
    folders: list[str] = []
    for line in drawn[1].splitlines():
        name, _, about = line.strip().partition(" ")
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth - 1 :] = [name]
        lines["".join(folders)] = about.strip()
    return lines


def test_the_design_has_a_line_for_every_file() -> None:
    lines = listed_in_the_design()
    assert [path for path, about in lines.items() if not about] == []
    missing = [path for path in lines if not (SOURCE / path).exists()]
    assert missing == [], "listed, but not there"
    files = {str(file.relative_to(SOURCE)) for file in FILES.values() if file.stem != "__init__"}
    assert sorted(files - lines.keys()) == [], "there, but not listed"


def test_the_picture_shows_every_room() -> None:
    picture = (REPOSITORY / "docs" / "rooms.svg").read_text("utf-8")
    for room in MAY_IMPORT.keys() - {"__init__", "__main__"}:
        name = f"{room}.py" if (SOURCE / f"{room}.py").exists() else f"{room}/"
        assert name in picture
