"""Operations of the API: each declares what it takes, and is checked and described by that.

The same declaration decides which requests are accepted and what the OpenAPI description says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ansa.names import printable

Schema = dict[str, Any]
"""A JSON Schema of the few kinds that :func:`check` knows."""

Handler = Callable[..., Awaitable[Any]]
Method = Literal["GET", "POST", "PUT", "DELETE"]

MAX_BODY_BYTES = 4 * 2**20
MAX_ID = 2**53

_INTEGER = re.compile(r"-?\d{1,17}", re.ASCII)


class RequestError(Exception):
    """A request that cannot be answered as it is.

    Args:
        status: the HTTP status, 400 to 499 or 501.
        reason: what is wrong.
        remedy: what helps; empty if the reason says it.
    """

    def __init__(self, status: int, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API.

    Attributes:
        method: the HTTP method.
        path: the path below ``/api/v1``, with ``{name}`` for its parameters.
        summary: what it does, in one sentence.
        handler: called with the app and the checked parameters by name.
        query: the schemas of the parameters in the query; one with a default may be left out.
        body: the schemas of the members of a JSON body; one with a default may be left out.
        raw: whether the body is taken as bytes and given as ``data``.
        returns: the media type of the answer.
    """

    method: Method
    path: str
    summary: str
    handler: Handler
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Mapping[str, Schema] = field(default_factory=dict)
    raw: int = 0
    returns: str = "application/json"

    @property
    def path_names(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)

    async def answer(self, context: object, request: Request) -> Response:
        """Checks a request and answers it.

        Raises:
            RequestError: the request is not as declared.
        """
        given: dict[str, Any] = {}
        for name in self.path_names:
            given[name] = _parsed(name, request.path_params[name], PATH_SCHEMAS[name])
        unknown = [name for name in request.query_params if name not in self.query]
        if unknown:
            raise RequestError(400, f"there is no parameter {printable(unknown[0])[:60]!a}")
        for name, schema in self.query.items():
            values = request.query_params.getlist(name)
            if len(values) > 1:
                raise RequestError(400, f"{name} is there twice")
            given[name] = _parsed(name, values[0], schema) if values else _default(name, schema)
        if self.raw:
            given["data"] = await _read(request, self.raw)
        elif self.body:
            given |= _members(await _read(request, MAX_BODY_BYTES), self.body)
        result = await self.handler(context, **given)
        return result if isinstance(result, Response) else answer_json(result)


def answer_json(value: Any, status: int = 200) -> JSONResponse:
    """Returns a JSON answer that no cache keeps."""
    return JSONResponse(value, status, headers={"Cache-Control": "no-store"})


def _with(schema: Schema, default: Any) -> Schema:
    return schema if default is None else schema | {"default": default}


def integer(low: int = 0, high: int = MAX_ID, default: int | None = None) -> Schema:
    """A whole number."""
    return _with({"type": "integer", "minimum": low, "maximum": high}, default)


def number(low: float, high: float, default: float | None = None) -> Schema:
    """A number."""
    return _with({"type": "number", "minimum": low, "maximum": high}, default)


def text(most: int = 500, default: str | None = None, least: int = 0) -> Schema:
    """A text of at most so many characters."""
    return _with({"type": "string", "minLength": least, "maxLength": most}, default)


def choice(*values: str, default: str | None = None) -> Schema:
    """One of some words."""
    return _with({"type": "string", "enum": list(values)}, default)


def flag(default: bool | None = None) -> Schema:
    """True or false."""
    return _with({"type": "boolean"}, default)


def array(items: Schema, most: int = 1000, default: list[Any] | None = None) -> Schema:
    """A list; in a query its items are separated by commas."""
    return _with({"type": "array", "items": items, "maxItems": most}, default)


def photo_ids(most: int = 10_000, default: list[int] | None = None) -> Schema:
    """The ids of photos."""
    return array(integer(1), most, default)


PATH_SCHEMAS: dict[str, Schema] = {
    "photo": integer(1),
    "size": choice("grid", "screen"),
    "memory": {"type": "string", "pattern": "^[0-9a-f]{8}$", "minLength": 8, "maxLength": 8},
    "job": integer(1),
    "place": {"type": "string", "pattern": "^[0-9a-f]{8}$", "minLength": 8, "maxLength": 8},
    "folder": integer(1),
    "proposal": {
        "type": "string",
        "pattern": "^[0-9a-f]{16}$",
        "minLength": 16,
        "maxLength": 16,
    },
    "group": {"type": "string", "pattern": "^[0-9a-f]{8}$", "minLength": 8, "maxLength": 8},
}
"""The schemas of all parameters in paths."""


def check(name: str, value: Any, schema: Schema) -> Any:
    """Returns a value that follows a schema.

    Raises:
        RequestError: it does not; the message says why.
    """
    kind = schema["type"]
    if kind == "boolean":
        if type(value) is not bool:
            raise RequestError(400, f"{name} must be true or false")
    elif kind == "integer":
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not schema["minimum"] <= value <= schema["maximum"]:
            low, high = schema["minimum"], schema["maximum"]
            raise RequestError(400, f"{name} must be a whole number from {low} to {high}")
    elif kind == "number":
        if type(value) not in (int, float) or not schema["minimum"] <= value <= schema["maximum"]:
            low, high = schema["minimum"], schema["maximum"]
            raise RequestError(400, f"{name} must be a number from {low:g} to {high:g}")
    elif kind == "string":
        _check_text(name, value, schema)
    elif kind == "array":
        if type(value) is not list or len(value) > schema["maxItems"]:
            raise RequestError(400, f"{name} must be a list of at most {schema['maxItems']}")
        value = [check(name, each, schema["items"]) for each in value]
    return value


def _check_text(name: str, value: Any, schema: Schema) -> None:
    if type(value) is not str:
        raise RequestError(400, f"{name} must be a text")
    if "enum" in schema:
        if value not in schema["enum"]:
            raise RequestError(400, f"{name} must be one of {', '.join(schema['enum'])}")
        return
    if not schema["minLength"] <= len(value) <= schema["maxLength"]:
        low, high = schema["minLength"], schema["maxLength"]
        raise RequestError(400, f"{name} must have {low} to {high} characters")
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), value):
        raise RequestError(400, f"{name} does not look like {schema['pattern']}")
    if not value.isprintable():
        raise RequestError(400, f"{name} must be one line of printable text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise RequestError(400, f"{name} is not valid text") from None


def _parsed(name: str, written: str, schema: Schema) -> Any:
    """Returns a value from the text of a path or a query."""
    kind = schema["type"]
    value: Any = written
    if kind == "array":
        parts = written.split(",") if written else []
        if len(parts) > schema["maxItems"]:
            raise RequestError(400, f"{name} must be a list of at most {schema['maxItems']}")
        return [_parsed(name, part, schema["items"]) for part in parts]
    if kind == "integer":
        value = int(written) if _INTEGER.fullmatch(written) else None
    elif kind == "number":
        try:
            value = float(written)
        except ValueError:
            value = None
    elif kind == "boolean":
        value = {"true": True, "false": False}.get(written)
    return check(name, value, schema)


def _default(name: str, schema: Schema) -> Any:
    if "default" not in schema:
        raise RequestError(400, f"{name} is missing")
    value = schema["default"]
    return list(value) if isinstance(value, list) else value


def _members(data: bytes, body: Mapping[str, Schema]) -> dict[str, Any]:
    try:
        document = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise RequestError(400, "the body is not JSON") from None
    if type(document) is not dict:
        raise RequestError(400, "the body must be a JSON object")
    for name in document:
        if name not in body:
            raise RequestError(400, f"there is no member {printable(name)[:60]!a}")
    return {
        name: check(name, document[name], schema) if name in document else _default(name, schema)
        for name, schema in body.items()
    }


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


async def _read(request: Request, most: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise RequestError(413, f"the body is larger than {most:,} bytes")
    return bytes(data)
