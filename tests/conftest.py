"""What all tests share."""

import copy
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import SimpleTestCase
from pytest_django import DjangoDbBlocker

from capabilities import triggers
from capabilities.authoring import imports
from capabilities.authoring.plans import Plan

from .factories import SEED, SEED_TEXT, editor_author, undone
from .rows import Rows, are_empty, put_rows, read_rows

FLUSH = BaseDatabaseOperations.execute_sql_flush
"""How Django empties the database."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what has no database: it has been tried on SQLite, the default.

    pytest-django refuses the database to these, and every process that a test starts has an SQLite
    of its own.
    """
    if connection.vendor == "postgresql":
        config.hook.pytest_deselected(items=[each for each in items if not _has_database(each)])
        items[:] = filter(_has_database, items)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the garbage collector need not look at it ever again."""
    gc.collect()
    gc.freeze()


def _has_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"}
    return (
        item.get_closest_marker("django_db") is not None
        or not fixtures.isdisjoint(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    )


@pytest.fixture(scope="session")
def imported(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> tuple[Plan, Rows]:
    """The team's page, imported once: what was said of it, and the rows that it made."""
    with django_db_blocker.unblock(), undone():
        return import_seed(), read_rows()


@pytest.fixture
def seed(db: None, imported: tuple[Plan, Rows]) -> Plan:
    """The team's page, imported whole; what the import said that it did.

    Where nothing is committed and nothing was written yet, an import would make the same rows
    once more: they are put there as they are.
    """
    if not (connection.in_atomic_block and are_empty()):
        return import_seed()
    plan, rows = imported
    put_rows(rows)
    return copy.deepcopy(plan)


def import_seed() -> Plan:
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
