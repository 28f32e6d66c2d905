"""What all tests share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from capabilities import release_triggers
from capabilities.authoring import imports
from capabilities.authoring.plans import Plan

from .factories import SEED, SEED_TEXT, editor_author

FLUSH = BaseDatabaseOperations.execute_sql_flush
"""How Django empties the database."""


@pytest.fixture(scope="session", autouse=True)
def flushes() -> Iterator[None]:
    """After a test that commits, the database is emptied, and triggers refuse that.

    Here they are taken away for it.
    """

    def empty(operations: Any, statements: Any) -> None:
        release_triggers.remove(operations.connection)
        FLUSH(operations, statements)
        release_triggers.install(operations.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty)
        yield


@pytest.fixture
def seed(db: None) -> Plan:
    """The team's page, imported whole; what the import said that it did."""
    return imports.run(text=SEED_TEXT, source=SEED.name, by=editor_author("importer"))
