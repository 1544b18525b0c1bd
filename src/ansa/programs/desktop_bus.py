"""The search provider of GNOME Shell: ``org.gnome.Shell.SearchProvider2`` on the session bus.

The bus is a socket of the file system on this machine, and no network. One thread owns the library
and answers one call after the other.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jeepney import HeaderFields, Message, MessageFlag, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from ansa.errors import AnsaError
from ansa.names import printable
from ansa.programs.desktop_search import DesktopSearch, ShownPhoto

BUS_NAME = "org.ansa.Desktop"
OBJECT_PATH = "/org/ansa/Desktop"
INTERFACE = "org.gnome.Shell.SearchProvider2"

_DO_NOT_QUEUE, _OWNER = 4, 1  # of RequestName, in the D-Bus specification
_NAME_SECONDS = 25.0  # the bus itself waits as long for a process that it started
_ERRORS = "org.freedesktop.DBus.Error"
_TAKES = {
    "GetInitialResultSet": "as",
    "GetSubsearchResultSet": "asas",
    "GetResultMetas": "as",
    "ActivateResult": "sasu",
    "LaunchSearch": "asu",
}
_INTROSPECTION = f"""\
<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
 <interface name="{INTERFACE}">
  <method name="GetInitialResultSet">
   <arg type="as" name="terms" direction="in"/><arg type="as" name="results" direction="out"/>
  </method>
  <method name="GetSubsearchResultSet">
   <arg type="as" name="previous_results" direction="in"/>
   <arg type="as" name="terms" direction="in"/>
   <arg type="as" name="results" direction="out"/>
  </method>
  <method name="GetResultMetas">
   <arg type="as" name="identifiers" direction="in"/>
   <arg type="aa{{sv}}" name="metas" direction="out"/>
  </method>
  <method name="ActivateResult">
   <arg type="s" name="identifier" direction="in"/><arg type="as" name="terms" direction="in"/>
   <arg type="u" name="timestamp" direction="in"/>
  </method>
  <method name="LaunchSearch">
   <arg type="as" name="terms" direction="in"/><arg type="u" name="timestamp" direction="in"/>
  </method>
 </interface>
</node>
"""


class DesktopError(AnsaError):
    """The session bus cannot be used."""


class SearchProvider:
    """A search provider on a bus, which owns its name there.

    Args:
        search: answers what is asked.
        open_file: opens a photo for the user.
        open_app: opens the app with the words that were typed.
        bus: the address of the bus; by default that of the session.

    Raises:
        DesktopError: there is no bus, or another process owns the name.
    """

    def __init__(
        self,
        search: DesktopSearch,
        open_file: Callable[[Path], None],
        open_app: Callable[[Sequence[str]], None],
        bus: str = "SESSION",
    ) -> None:
        self._search = search
        self._open_file = open_file
        self._open_app = open_app
        self._waiting: deque[Message] = deque()
        self._connection = _connect(bus)
        if self._request_name() != (_OWNER,):
            self._connection.close()
            raise DesktopError(f"{BUS_NAME}: another `ansa desktop` serves this session already")

    def close(self) -> None:
        """Leaves the bus, which also gives up the name."""
        self._connection.close()

    def run(self, idle: float | None = None) -> bool:
        """Answers calls until the bus ends, or until nobody called for so many seconds.

        Returns:
            Whether the bus is still there.
        """
        while True:
            try:
                message = self._next(idle)
            except TimeoutError:
                return True
            except ConnectionError:
                return False
            if message.header.message_type is MessageType.method_call:
                answer = self._answer(message)
                if not message.header.flags & MessageFlag.no_reply_expected:
                    try:
                        self._connection.send(answer)
                    except ConnectionError:
                        return False

    def _request_name(self) -> tuple[Any, ...]:
        """Asks for the name. The call for which the bus started this process may come before the
        answer, and waits."""
        serial = next(self._connection.outgoing_serial)
        asked = message_bus.RequestName(BUS_NAME, _DO_NOT_QUEUE)
        self._connection.send(asked, serial=serial)
        while True:
            message = self._connection.receive(timeout=_NAME_SECONDS)
            if message.header.fields.get(HeaderFields.reply_serial) == serial:
                body: tuple[Any, ...] = message.body
                return body
            self._waiting.append(message)

    def _next(self, timeout: float | None) -> Message:
        return (
            self._waiting.popleft() if self._waiting else self._connection.receive(timeout=timeout)
        )

    def _answer(self, message: Message) -> Message:
        fields = message.header.fields
        member, interface = fields[HeaderFields.member], fields.get(HeaderFields.interface)
        if interface == "org.freedesktop.DBus.Peer" and member == "Ping":
            return new_method_return(message)
        if interface == "org.freedesktop.DBus.Introspectable" and member == "Introspect":
            return new_method_return(message, "s", (_INTROSPECTION,))
        if interface not in (INTERFACE, None) or member not in _TAKES:
            said = f"there is no method {member} of {interface}"
            return new_error(message, f"{_ERRORS}.UnknownMethod", "s", (said,))
        if fields.get(HeaderFields.path) != OBJECT_PATH:
            return new_error(message, f"{_ERRORS}.UnknownObject", "s", ("there is no such object",))
        if fields.get(HeaderFields.signature, "") != _TAKES[member]:
            said = f"{member} takes {_TAKES[member]}"
            return new_error(message, f"{_ERRORS}.InvalidArgs", "s", (said,))
        try:
            return self._called(message, member, message.body)
        except (AnsaError, OSError) as error:
            said = printable(str(error))
            return new_error(message, f"{_ERRORS}.Failed", "s", (said,))

    def _called(self, message: Message, member: str, given: tuple[Any, ...]) -> Message:
        match member:
            case "GetInitialResultSet":
                return new_method_return(message, "as", (self._search.find(given[0]),))
            case "GetSubsearchResultSet":
                # More words may also be fulfilled by photos that fewer words did not find.
                return new_method_return(message, "as", (self._search.find(given[1]),))
            case "GetResultMetas":
                metas = [_meta(each) for each in self._search.shown(given[0])]
                return new_method_return(message, "aa{sv}", (metas,))
            case "ActivateResult":
                file = self._search.file(given[0])
                if file is None:
                    said = "the photo is gone, or its drive is not connected"
                    return new_error(message, f"{_ERRORS}.FileNotFound", "s", (said,))
                self._open_file(file)
            case _:
                self._open_app(given[0])
        return new_method_return(message)


def _meta(photo: ShownPhoto) -> dict[str, tuple[str, Any]]:
    meta: dict[str, tuple[str, Any]] = {
        "id": ("s", photo.id),
        "name": ("s", photo.name),
        "description": ("s", photo.description),
    }
    if photo.icon is None:
        return meta | {"gicon": ("s", "image-x-generic")}
    height, width, channels = photo.icon.shape
    pixels = width, height, width * channels, False, 8, channels, photo.icon.tobytes()
    return meta | {"icon-data": ("(iiibiiay)", pixels)}


def _connect(bus: str) -> DBusConnection:
    try:
        return open_dbus_connection(bus)
    except (KeyError, RuntimeError, ValueError, OSError) as error:
        known = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
        reason = "there is none" if not known else f"it cannot be reached ({error})"
        raise DesktopError(
            f"the session bus: {reason}; run `ansa desktop` in a session of a desktop"
        ) from error
