"""Opens photos with the system's opener, and the app in the browser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

from ansa.programs.desktop_search import words_of

OPENER = "xdg-open"
_MOST_LINES = 20
_STOP_SECONDS = 5.0


class Opener:
    """Opens what the user chose on the desktop.

    Args:
        app: the words after ``ansa`` that start the app.
    """

    def __init__(self, app: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "ansa", *app, "--no-browser", "--json"]
        self._app: subprocess.Popen[str] | None = None
        self._address = ""

    def open_file(self, file: Path) -> None:
        """Opens a file with the program that the user prefers for it.

        Raises:
            OSError: there is no opener.
        """
        _start([OPENER, str(file.absolute())])

    def open_app(self, terms: Sequence[str]) -> None:
        """Opens the app in the browser, with a search for some words. It is started only once.

        Raises:
            OSError: it cannot be started.
        """
        if self._app is None or self._app.poll() is not None:
            self._address = ""
            self._app = subprocess.Popen(  # noqa: S603 - this very program
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            assert self._app.stdout is not None
            # It takes a second to start, for which the desktop's search does not wait.
            said = self._app.stdout
            threading.Thread(target=self._open_when_ready, args=(said, terms), daemon=True).start()
        elif self._address:
            _start([OPENER, self._search_address(terms)])

    def runs_app(self) -> bool:
        """Whether an app that was started here still runs."""
        return self._app is not None and self._app.poll() is None

    def close(self) -> None:
        """Ends the app that was started here."""
        if self._app is None:
            return
        self._app.terminate()
        try:
            self._app.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._app.kill()
            self._app.wait()
        if self._app.stdout:
            self._app.stdout.close()

    def _open_when_ready(self, said: IO[str], terms: Sequence[str]) -> None:
        lines: list[str] = []
        while len(lines) < _MOST_LINES and (line := said.readline()):
            lines.append(line)
            if line.rstrip() == "}":
                self._address = json.loads("".join(lines)).get("address", "")
                if self._address:
                    _start([OPENER, self._search_address(terms)])
                return

    def _search_address(self, terms: Sequence[str]) -> str:
        words = words_of(terms)
        return f"{self._address}#/search?q={quote(words)}" if words else self._address


def _start(command: Sequence[str]) -> None:
    subprocess.Popen(  # noqa: S603 - the system's opener, and no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
