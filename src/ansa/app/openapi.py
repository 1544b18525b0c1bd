"""The OpenAPI description of the API, made from the declarations of its operations."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from ansa.app.operations import PATH_SCHEMAS, Operation

BASE = "/api/v1"

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_STATUSES = 400, 403, 404, 405, 409, 413, 501, 503


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """Returns the description of some operations as an OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for each in operations:
        paths.setdefault(BASE + each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ANSA",
            "version": _version(),
            "summary": "The photos of a library on this machine: search, memories and more.",
            "description": (
                "All paths need the token that `ansa app` prints: as the cookie that the start"
                " address sets, or as `Authorization: Bearer TOKEN`. A request that changes"
                " something also needs the header `X-Ansa-Token: TOKEN`. Photos are named by ids,"
                " never by paths."
            ),
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {
                            "type": "object",
                            "required": ["reason", "remedy"],
                            "properties": {
                                "reason": {"type": "string", "description": "What is wrong."},
                                "remedy": {"type": "string", "description": "What helps."},
                            },
                        }
                    },
                }
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    name = operation.handler.__name__
    parameters = [
        {"name": each, "in": "path", "required": True, "schema": PATH_SCHEMAS[each]}
        for each in operation.path_names
    ]
    for each, schema in operation.query.items():
        parameter: dict[str, Any] = {"name": each, "in": "query", "schema": schema}
        if schema["type"] == "array":
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter | {"required": "default" not in schema})
    schema = {"type": "object"} if operation.returns == "application/json" else {}
    answers: dict[str, Any] = {
        "200": {"description": "The answer.", "content": {operation.returns: {"schema": schema}}}
    }
    for status in _STATUSES:
        content = {"application/json": {"schema": _PROBLEM}}
        phrase = HTTPStatus(status).phrase
        answers[str(status)] = {
            "description": f"{phrase}: the reason says why.",
            "content": content,
        }
    described: dict[str, Any] = {
        "operationId": name,
        "summary": operation.summary,
        "tags": [operation.handler.__module__.rpartition(".")[2]],
        "parameters": parameters,
        "responses": answers,
    }
    if operation.raw:
        content = {"application/octet-stream": {"schema": {}}}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.body:
        body = {
            "type": "object",
            "additionalProperties": False,
            "required": [n for n, schema in operation.body.items() if "default" not in schema],
            "properties": dict(operation.body),
        }
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    return described


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ansa")
    except PackageNotFoundError:
        return "0"
