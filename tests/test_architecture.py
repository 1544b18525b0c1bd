"""The rooms import one another in one direction only, and `docs/design.md` names every file."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
ROOTS = {"ansa": REPOSITORY / "src", "ansa_train": REPOSITORY / "src", "research": REPOSITORY}

# What each room may import. A new arrow is a decision, to be taken here and in docs/design.md.
# What people run; rooms of training are only imported by the verbs that need them, see below.
ANSA = {
    "__main__": "cli",
    "__init__": "errors library model scene",
    "cli": "app atomic_write errors library model names outputs photo programs render review scene "
    "summary taxonomy",
    "app": "errors library model names photo render review scene taxonomy",
    "programs": "atomic_write errors library model names scene",
    "review": "errors",
    "library": "atomic_write errors files model names outputs photo processors render scene "
    "taxonomy",
    "render": "errors files names outputs photo scene summary",
    "model": "atomic_write errors photo processors scene",
    "photo": "errors names scene",
    "summary": "names scene",
    "taxonomy": "names scene",
    "errors": "names",
    "outputs": "atomic_write",
    "atomic_write": "",
    "files": "",
    "names": "",
    "processors": "",
    "scene": "description",
    "description": "",
}
# What makes bundles. Below `ansa.`: what it takes from what people run.
ANSA_TRAIN = {
    "benchmark": "export models output_files ansa.atomic_write ansa.model ansa.names "
    "ansa.processors",
    "cards": "errors ansa.model ansa.names",
    "reviewed": "data errors regression ansa.atomic_write ansa.names ansa.review",
    "mining": "data errors evaluate models slicing ansa.atomic_write ansa.model ansa.names "
    "ansa.outputs ansa.photo ansa.render ansa.review ansa.scene ansa.taxonomy",
    "regression": "data errors evaluate export recipe slicing ansa.library ansa.model ansa.names "
    "ansa.outputs ansa.photo ansa.scene ansa.taxonomy",
    "slicing": "data errors evaluate output_files teachers ansa.library ansa.model ansa.names "
    "ansa.photo ansa.processors ansa.scene ansa.taxonomy",
    "compress": "data errors evaluate export heads models output_files settings taxonomy train "
    "ansa.atomic_write ansa.model ansa.photo ansa.processors ansa.scene ansa.taxonomy",
    "heads": "data errors evaluate export losses models output_files pretrained settings taxonomy "
    "teachers train ansa.atomic_write ansa.model ansa.photo ansa.scene ansa.taxonomy",
    "export": "checkpoint data errors models pretrained recipe train ansa.model ansa.scene",
    "train": "checkpoint data distributed errors evaluate losses models recipe ansa.atomic_write",
    "evaluate": "data errors models output_files pretrained taxonomy ansa.library ansa.model "
    "ansa.names ansa.photo ansa.processors ansa.scene ansa.taxonomy",
    "teachers": "data errors models pretrained ansa.atomic_write ansa.model ansa.photo "
    "ansa.processors ansa.scene",
    "data": "distributed errors models pretrained recipe ansa.atomic_write ansa.names ansa.photo "
    "ansa.processors ansa.scene ansa.taxonomy",
    "models": "checkpoint errors pretrained ansa.atomic_write ansa.model ansa.scene",
    "taxonomy": "errors pretrained ansa.taxonomy",
    "losses": "",
    "output_files": "checkpoint errors",
    "checkpoint": "errors ansa.atomic_write",
    "distributed": "errors",
    "pretrained": "errors",
    "recipe": "settings",
    "settings": "errors",
    "errors": "ansa.errors",
    "__init__": "",
}
MAY_IMPORT = {f"ansa.{room}": {f"ansa.{b}" for b in below.split()} for room, below in ANSA.items()}
MAY_IMPORT |= {
    f"ansa_train.{room}": {b if "." in b else f"ansa_train.{b}" for b in below.split()}
    for room, below in ANSA_TRAIN.items()
}

# What is dangerous or heavy, and the only modules that people run that may touch it.
KEPT_TO = {
    "onnxruntime": "model.network",
    "tokenizers": "model.analyzer",
    "sqlite3": "library.storage.cache library.storage.database library.storage.facts "
    "library.storage.name_index "
    "library.storage.rebuild library.storage.removal library.storage.row_checks "
    "library.storage.store library.storage.text_index library.storage.user_data "
    "library.storage.user_data_sync "
    "library.thumbnails.cache",
    "pickle": "library.indexing.pool library.indexing.worker",
    "subprocess": "app.routes.photo library.indexing.pool programs.opener",
    "starlette": "app.operations app.routes.library app.routes.memories app.routes.photo "
    "app.routes.photos app.routes.review app.security app.server "
    "app.static_files",
    "uvicorn": "app.server",
    "pillow_heif": "photo.read",
    "av": "photo.camera photo.film render.movie.music render.movie.render",
    "rapidocr": "model.text_reader",
    "rawpy": "photo.raw",
    "watchfiles": "library.watching.watcher",
    "mcp": "programs.mcp_server",
    "jeepney": "programs.desktop_bus",
}
# Where a path may take the place of another one; all else is written by ansa.atomic_write.
REPLACING = {
    "ansa.atomic_write": "the one way in which files are written",
    "ansa.library.storage.rebuild": "a damaged database is moved aside",
    "ansa.library.storage.user_data": "a damaged file is moved aside",
    "ansa_train.export.replace_bundle": "whole folders",
    "ansa_train.pretrained": "a whole folder",
}
SERVES = {
    "ansa.app.library_threads": {"asyncio"},
    "ansa.app.openapi": {"http"},
    "ansa.app.security": {"http"},
    "ansa.app.server": {"socket"},
    "ansa.model.text_reader": {"socket"},
}
"""The only modules that people run which may import a part of :data:`NETWORK`: the local app, and
what takes sockets away from a package that would open one."""
NETWORK = {"asyncio", "ftplib", "http", "socket", "socketserver", "ssl", "urllib.request"}
PACKAGE_OF = {
    "ai_edge_litert": "ai-edge-litert",
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


def module_name(root: Path, file: Path) -> str:
    """``ansa.library.indexing.scan``; a package by its own name, a top one as ``ansa.__init__``."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 2 and parts[-1] == "__init__" else parts)


FILES = {
    module_name(root, file): file
    for top, root in ROOTS.items()
    for file in sorted((root / top).rglob("*.py"))
    if "tests" not in file.relative_to(root).parts
}
RUNTIME = [module for module in FILES if module.split(".")[0] == "ansa"]
TRAINING = [module for module in FILES if module.split(".")[0] == "ansa_train"]
RESEARCH = [module for module in FILES if module.split(".")[0] == "research"]


def room_of(module: str) -> str:
    """``ansa.library`` of all that is in it."""
    return ".".join(module.split(".")[:2])


def imports(node: ast.AST, late: bool = False) -> Iterator[Import]:
    """Every import below a node, those for type checkers too: they are knowledge as well."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, late) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are written in full"
            for alias in child.names:
                # `from ansa.library import storage` may name a module or something inside one.
                inner = f"{child.module}.{alias.name}"
                yield Import(inner if inner in FILES else child.module or "", late)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports(child, late or inside)


IMPORTS = {
    module: list(imports(ast.parse(file.read_text("utf-8")))) for module, file in FILES.items()
}


@cache
def ours(module: str) -> frozenset[str]:
    """The modules of this repository that a module imports."""
    names = {i.target for i in IMPORTS[module] if i.target.split(".")[0] in ROOTS}
    return frozenset(name if "." in name else f"{name}.__init__" for name in names)


def others(module: str, *, late: bool) -> set[str]:
    """The packages outside of this repository and of Python's library that a module imports."""
    names = {i.target.split(".")[0] for i in IMPORTS[module] if i.late == late}
    return names - sys.stdlib_module_names - ROOTS.keys()


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
    assert {room_of(module) for module in (*RUNTIME, *TRAINING)} == MAY_IMPORT.keys()


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    for module in FILES:
        if room_of(module) == room:
            found = {room_of(name) for name in ours(module)} - {room}
            if room == "ansa.cli":  # its verbs for developers, see the test of those
                found = {name for name in found if not name.startswith("ansa_train.")}
            assert found <= MAY_IMPORT[room], f"{module} imports {found - MAY_IMPORT[room]}"


def test_the_listed_arrows_point_one_way() -> None:
    TopologicalSorter(MAY_IMPORT).prepare()


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({module: ours(module) - {module} for module in FILES}).prepare()


def test_only_the_verbs_that_train_know_the_package_that_does_and_only_when_they_run() -> None:
    names = "benchmark card data evaluate export export_gate mine regression review train"
    verbs = {f"ansa.cli.{verb}" for verb in (*names.split(), "slice_options")}
    for module in RUNTIME:
        for found in IMPORTS[module]:
            if found.target.split(".")[0] == "ansa_train":
                assert found.late, f"{module} imports {found.target} when it is imported"
                assert module in {*verbs, "ansa.cli"}, f"{module} imports {found.target}"


def test_nothing_that_is_installed_imports_research() -> None:
    for module in (*RUNTIME, *TRAINING):
        assert not any(name.split(".")[0] == "research" for name in ours(module)), module


def test_the_base_install_brings_all_that_the_runtime_imports() -> None:
    base = declared()
    extras = "experiences", "teach", "parquet", "movie", "film", "raw", "ocr", "watch", "app"
    of_rooms = {"ansa.app": ["app"], "ansa.programs": ["mcp", "desktop"]}
    optional = {name for extra in extras for name in declared(extra)}
    for module in RUNTIME:
        own = {name for extra in of_rooms.get(room_of(module), ()) for name in declared(extra)}
        missing = {package(name) for name in others(module, late=False)} - base - own
        assert not missing, f"{module} needs {missing}"
        missing = {package(name) for name in others(module, late=True)} - base - optional
        assert not missing, f"{module} needs {missing}"


def test_one_extra_brings_all_that_people_use_and_nothing_that_trains() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    (wanted,) = extras["all"]
    named = set(re.findall(r"[\w-]+", wanted)) - {"ansa"}
    for_developers = {"all", "dev", "train", "scale", "research", "coreml", "demo"}
    assert named == {name for name in extras if extras[name]} - for_developers


def test_the_base_install_brings_no_torch_and_no_onnx() -> None:
    training = {"torch", "onnx", "onnxscript", "safetensors"}
    assert training <= {re.sub("=.*", "", name) for name in declared("train")}
    assert not training & declared()
    for module in RUNTIME:
        assert not training & (others(module, late=False) | others(module, late=True)), module


def test_training_needs_only_its_extra() -> None:
    allowed = declared() | declared("train")
    for module in (*TRAINING, *RESEARCH):
        found = {package(n) for n in others(module, late=False) | others(module, late=True)}
        own = declared("research") if module in RESEARCH else set()
        own |= declared("coreml") if module == "ansa_train.export.coreml" else set()
        own |= declared("scale") if module == "ansa_train.data.builder.on_ray" else set()
        assert found <= allowed | own, f"{module} needs {found - allowed - own}"


def test_what_is_heavy_or_dangerous_is_kept_to_one_place() -> None:
    users = defaultdict(set)
    for module in RUNTIME:
        for found in IMPORTS[module]:
            users[found.target.split(".")[0]].add(module.removeprefix("ansa."))
    for name, places in KEPT_TO.items():
        assert users[name] == set(places.split()), name


def replaces_files(node: ast.AST) -> bool:
    """``os.replace(...)``, ``path.rename(other)`` and the like; not ``text.replace(old, new)``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    if of in ("os", "shutil"):
        return node.func.attr in ("replace", "rename", "renames", "move")
    values = len(node.args) + len(node.keywords)
    return node.func.attr in ("replace", "rename") and len(node.args) == 1 == values


def test_files_take_the_place_of_others_in_one_way_only() -> None:
    found = {
        module
        for module, file in FILES.items()
        if any(map(replaces_files, ast.walk(ast.parse(file.read_text("utf-8")))))
    }
    assert found == REPLACING.keys()


def test_processors_are_counted_in_one_way_only() -> None:
    counting = {"cpu_count", "process_cpu_count", "sched_getaffinity"}
    for module, file in FILES.items():
        if module != "ansa.processors":
            text = file.read_text("utf-8")
            assert not any(f"os.{name}" in text for name in counting), module


def test_nothing_that_people_run_imports_a_way_to_the_network() -> None:
    for module in RUNTIME:
        for found in IMPORTS[module]:
            parts = found.target.split(".")
            ways = NETWORK & {parts[0], ".".join(parts[:2])} - SERVES.get(module, set())
            assert not ways, f"{module}: {found.target}"


def listed_in_the_design() -> dict[str, str]:
    """Path -> what `docs/design.md` says of it, from the tree it draws."""
    page = (REPOSITORY / "docs" / "design.md").read_text("utf-8")
    drawn = re.search(r"^src/ansa/ .*?(?=^```)", page, re.MULTILINE | re.DOTALL)
    assert drawn, "docs/design.md draws the tree of src/ansa/"
    lines = {}
    folders: list[str] = []
    for line in drawn[0].splitlines():
        name, _, about = line.strip().partition(" ")
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth:] = [name]
        lines["".join(folders)] = about.strip()
    return lines


def test_the_design_has_a_line_for_every_file() -> None:
    lines = listed_in_the_design()
    assert [path for path, about in lines.items() if not about] == []
    missing = [path for path in lines if not (REPOSITORY / path).exists()]
    assert missing == [], "listed, but not there"
    files = {
        str(file.relative_to(REPOSITORY)) for file in FILES.values() if file.stem != "__init__"
    }
    assert sorted(files - lines.keys()) == [], "there, but not listed"


def test_the_picture_shows_every_room() -> None:
    picture = (REPOSITORY / "docs" / "rooms.svg").read_text("utf-8")
    for room in MAY_IMPORT:
        top, name = room.split(".")
        if name not in ("__init__", "__main__"):
            file = REPOSITORY / "src" / top / f"{name}.py"
            assert (f"{name}.py" if file.exists() else f"{name}/") in picture, room
