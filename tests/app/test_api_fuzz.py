"""Whatever is sent to the API that its own description allows, or nearly allows, gets an answer.

``ANSA_FUZZ_EXAMPLES=200 pytest tests/app/test_api_fuzz.py`` looks for minutes instead of seconds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ansa.app.context import AppContext
from ansa.app.openapi import describe
from ansa.app.routes.all import OPERATIONS
from ansa.app.server import create_app
from tests.app.conftest import TOKEN, Shelf, snapshot

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

_EXAMPLES = int(os.environ.get("ANSA_FUZZ_EXAMPLES", "6"))
_HEADERS = {"Authorization": f"Bearer {TOKEN}", "X-Ansa-Token": TOKEN, "Host": "testserver"}
_NOT_HERE = {
    "/events": "never ends",
    "/photos/{photo}/show": "opens a window of the file manager",
    "/memories/{memory}/film": "takes minutes; see test_routes_pages.py",
    "/folders/{folder}/add": "could index a folder of this machine",
}


@pytest.fixture(scope="module")
def fuzzed(indexed: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The schema bound to an app over a library of its own, and the folder of its photos."""
    base = tmp_path_factory.mktemp("fuzz")
    for file in indexed.database.parent.glob("library.sqlite*"):
        shutil.copy(file, base / file.name)
    context = AppContext(indexed.photos, base / "library.sqlite", str(indexed.bundle), TOKEN)
    schema = schemathesis.openapi.from_dict(
        describe([each for each in OPERATIONS if each.path not in _NOT_HERE])
    )
    schema.app = create_app(context, 80, ["testserver"])
    yield schema
    context.close()


def test_all_operations_answer_with_a_status_they_declare(fuzzed: Any, indexed: Shelf) -> None:
    from schemathesis.specs.openapi import checks

    before = snapshot(indexed.photos)
    wanted = [
        schemathesis.checks.not_a_server_error,
        checks.status_code_conformance,
        checks.response_schema_conformance,
    ]
    operations = [each.ok() for each in fuzzed.get_all_operations()]
    assert len(operations) == len([each for each in OPERATIONS if each.path not in _NOT_HERE])
    for operation in operations:
        if operation.path.endswith("/sidecars"):
            continue  # writes beside the photos of the other tests

        def ask(case: Any) -> None:
            answer = case.call(headers=_HEADERS)
            case.validate_response(answer, checks=wanted)

        limits = settings(
            max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
        )
        asked: Any = limits(given(case=operation.as_strategy())(ask))
        asked()
    assert snapshot(indexed.photos) == before


def test_what_the_fuzzer_leaves_out_exists() -> None:
    assert _NOT_HERE.keys() <= {each.path for each in OPERATIONS}
