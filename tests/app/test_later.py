"""What the first pictures do not need is imported later, once, and answers as all else does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from starlette.responses import Response

from ansa.app.context import AppContext
from ansa.app.later import Later
from ansa.app.security import App
from tests.app.conftest import TOKEN, client_of

API = "/api/v1"


def test_the_server_starts_without_what_the_first_pictures_do_not_need() -> None:
    slow = "ansa.app.routes.memories", "ansa.library.search.ranking", "PIL", "onnxruntime"
    code = f"import sys, ansa.app.server; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_is_made_once_by_the_first_who_asks() -> None:
    made: list[App] = []

    def make() -> App:
        time.sleep(0.05)
        made.append(Response())
        return made[-1]

    later = Later(make)
    askers = [threading.Thread(target=later.prepare) for _ in range(3)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(made) == 1


def test_errors_of_the_later_part_have_a_reason_too(context: AppContext) -> None:
    with client_of(context, Authorization=f"Bearer {TOKEN}") as client:
        for path, status in (("/nothing", 404), ("/photos/4711", 404), ("/search?limit=x", 400)):
            answer = client.get(API + path)
            assert (answer.status_code, bool(answer.json()["error"]["reason"])) == (status, True)
        assert client.post(f"{API}/search").status_code in (403, 405)
