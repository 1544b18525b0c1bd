"""Requests are checked against what their operation declares."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from ansa.app.openapi import describe
from ansa.app.operations import RequestError, array, check, choice, flag, integer, number, text
from ansa.app.routes.all import OPERATIONS


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (integer(1, 5), 3),
        (integer(1, 5), 3.0),
        (number(0, 1), 0.5),
        (text(5), "hello"),
        (choice("a", "b"), "b"),
        (flag(), True),
        (array(integer()), [1, 2]),
    ],
)
def test_a_value_that_follows_its_schema_is_taken(schema: dict[str, object], value: object) -> None:
    assert check("it", value, schema) == value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (integer(1, 5), 6),
        (integer(1, 5), True),
        (integer(1, 5), "3"),
        (integer(1, 5), 3.5),
        (number(0, 1), float("nan")),
        (number(0, 1), 2),
        (text(5), "hello!"),
        (text(5), "a\nb"),
        (text(5), "\ud800"),
        (text(5, least=1), ""),
        (choice("a", "b"), "c"),
        (flag(), 1),
        (array(integer(), most=1), [1, 2]),
        (array(integer()), "1"),
        (array(integer()), ["x"]),
    ],
)
def test_any_other_value_is_refused_with_its_name(schema: dict[str, object], value: object) -> None:
    with pytest.raises(RequestError, match=r"^it ") as caught:
        check("it", value, schema)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/api/v1/search?q=a&nothing=1", "no parameter"),
        ("/api/v1/search?q=a&q=b", "twice"),
        ("/api/v1/search", "nothing to search for"),
        ("/api/v1/search?q=a&limit=0", "limit must be"),
        ("/api/v1/photos?ids=1,x", "ids must be"),
        ("/api/v1/photos", "ids is missing"),
        ("/api/v1/photos/1/picture/huge", "size must be one of"),
    ],
)
def test_a_wrong_address_gets_a_reason(client: TestClient, path: str, why: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert why in answer.json()["error"]["reason"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"ids": [1]}',
        b'{"ids": [1], "mark": "loved"}',
        b'{"ids": [1], "mark": "none", "more": 1}',
        b'{"ids": [NaN], "mark": "none"}',
        b"[" * 100_000,
    ],
)
def test_a_wrong_body_gets_a_reason(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/marks", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["reason"]


def test_a_body_without_end_is_cut_off(client: TestClient) -> None:
    assert client.post("/api/v1/marks", content=b" " * 5_000_000).status_code == 413


def test_every_operation_is_described(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert description == describe(OPERATIONS)
    names = [each.handler.__name__ for each in OPERATIONS]
    assert len(names) == len(set(names))
    for each in OPERATIONS:
        assert each.summary.endswith(".")
        assert each.method.lower() in description["paths"][f"/api/v1{each.path}"]
