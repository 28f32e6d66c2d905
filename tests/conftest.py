"""What all tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.base.operations import BaseDatabaseOperations

from capabilities import triggers
from capabilities.authoring import imports
from capabilities.authoring.plans import Plan

from .factories import SEED, SEED_TEXT, editor_author

FLUSH = BaseDatabaseOperations.execute_sql_flush
"""How Django empties the database."""


@pytest.fixture
def seed(db: None) -> Plan:
    """The team's page, imported whole; what the import said that it did."""
    return imports.run(text=SEED_TEXT, source=SEED.name, by=editor_author("importer"))


@pytest.fixture(scope="session", autouse=True)
def flushes() -> Iterator[None]:
    """After a test that commits, the database is emptied, and triggers refuse that.

    Here they are taken away for it; the checkpoint goes, too, for the next log is another one.
    """

    def empty(operations: Any, statements: Any) -> None:
        triggers.remove(operations.connection, triggers.ALL)
        FLUSH(operations, statements)
        triggers.install(operations.connection, triggers.ALL)
        Path(settings.AUDIT_CHECKPOINT).unlink(missing_ok=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty)
        yield


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No test starts the thread that sends webhooks unseen; this counts who would have."""
    calls: list[str] = []
    monkeypatch.setattr("capabilities.sending.wake", lambda: calls.append("woken"))
    return calls
