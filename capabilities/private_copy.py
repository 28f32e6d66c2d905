"""A copy of the database for one thread, to try in it what would keep everybody else waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

TEMPORARY = "file:"
"""A database without a name: SQLite keeps it in memory as far as it fits, else in a file that has
no name either, and it is gone once it is closed."""


@contextmanager
def private_copy() -> Iterator[None]:
    """On SQLite, all that this thread does in here it does to a copy, which is then thrown away.

    There one who writes locks the whole database, also for what is rolled back in the end; to copy
    it only reads. Inside a transaction it is locked already, and it stays the one that it is; so
    does any other database.
    """
    stored = connections[DEFAULT_DB_ALIAS]
    if stored.vendor != "sqlite" or stored.in_atomic_block:
        yield
        return
    copy = stored.copy()
    copy.settings_dict = {**stored.settings_dict, "NAME": TEMPORARY}
    stored.ensure_connection()
    copy.ensure_connection()
    try:
        stored.connection.backup(copy.connection)
        connections[DEFAULT_DB_ALIAS] = copy
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = stored
        copy.close()
