"""The names ANSA promises to keep."""

import subprocess
import sys

import pytest

import ansa


def test_the_public_names_are_these() -> None:
    assert ansa.__all__ == ["Analyzer", "AnsaError", "Bundle", "Library", "Scene"]
    assert dir(ansa) == ansa.__all__


@pytest.mark.parametrize("name", ansa.__all__)
def test_each_public_name_is_a_documented_class(name: str) -> None:
    public = getattr(ansa, name)
    assert isinstance(public, type)
    assert public.__name__ == name
    assert public.__doc__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        ansa.nothing  # noqa: B018


@pytest.mark.parametrize("code", ["import ansa", "import ansa.cli; ansa.cli._parser()"])
def test_nothing_slow_is_imported_before_it_is_needed(code: str) -> None:
    slow = "{'numpy', 'onnxruntime', 'PIL', 'tokenizers', 'torch', 'tqdm', 'sqlite3'}"
    check = f"import sys; {code}; print(sorted({slow} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_runtime_never_imports_what_trains() -> None:
    check = (
        "import sys; from ansa import Analyzer, Bundle, Library, Scene;"
        "print([m for m in sys.modules if m.startswith(('ansa_train', 'torch', 'onnx.'))])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
