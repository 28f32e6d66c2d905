"""What a monitor asks."""

from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client


def test_it_is_well_while_the_database_answers_and_anybody_may_ask(
    client: Client, db: None
) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"] == "text/plain"


def test_it_says_when_the_database_does_not_answer(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise DatabaseError("gone, password=secret")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fail)
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"no database\n")
