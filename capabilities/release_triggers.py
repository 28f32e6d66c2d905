"""What keeps releases as they are, inside of the database: triggers, on SQLite and PostgreSQL.

Releases, their machines and deployments are only added. The machines of a release are written
before the release itself, in one transaction, and none is added to one that is there.

SQLite rebuilds a table for most changes of it, and drops its triggers without a word. A migration
that changes one of these tables ends with `migrations.RunPython(install, ...)` as in 0009.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

RELEASES, MACHINES, DEPLOYMENTS = (
    "capabilities_release",
    "capabilities_releasemachine",
    "capabilities_deployment",
)
TABLES = (RELEASES, MACHINES, DEPLOYMENTS)
STAYS = "What was released or deployed stays: it cannot be changed or deleted."
COMPLETE = "A release is complete: no machine can be added to it."

_ADDED_LATE = f"EXISTS (SELECT 1 FROM {RELEASES} WHERE number = NEW.release_id)"  # noqa: S608
_STAYS, _COMPLETE = "releases_stay", "releases_are_complete"


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, in place of those that there are. Raises KeyError for other databases."""
    make = {"sqlite": _made_on_sqlite, "postgresql": _made_on_postgresql}[connection.vendor]
    remove(connection)
    with connection.cursor() as cursor:
        for statement in make():
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for a migration that goes back, and for the tests."""
    of_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in TABLES:
            for what in ("update", "delete", "replace", "truncate", "insert"):
                on = f" ON {table}" if of_postgresql else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, what)}{on}")
        for function in (_STAYS, _COMPLETE) if of_postgresql else ():
            cursor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def names(connection: BaseDatabaseWrapper) -> set[str]:
    """What the triggers are called on such a database."""
    extra = "truncate" if connection.vendor == "postgresql" else "replace"
    every = {_name(table, what) for table in TABLES for what in ("update", "delete", extra)}
    return every | {_name(MACHINES, "insert")}


def faults(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Each trigger that is not there, or not fired in every session: its name, and what is so."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, 'A' FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
        found = dict(cursor.fetchall())
    for name in sorted(names(connection)):
        if name not in found:
            yield name, "is missing"
        elif found[name] not in ("A", b"A"):
            yield name, "is switched off"


def _name(table: str, what: str) -> str:
    return f"{table.removeprefix('capabilities_')}_no_{what}"


def _made_on_sqlite() -> Iterator[str]:
    for table in TABLES:
        for what in ("update", "delete"):
            yield _on_sqlite(table, what, what, "", STAYS)
        # REPLACE deletes unseen.
        key = "number" if table == RELEASES else "id"
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}"  # noqa: S608
        if table == MACHINES:
            there += " OR (release_id = NEW.release_id AND name = NEW.name)"
        yield _on_sqlite(table, "replace", "insert", f"WHEN {there}) ", STAYS)
    yield _on_sqlite(MACHINES, "insert", "insert", f"WHEN {_ADDED_LATE} ", COMPLETE)


def _on_sqlite(table: str, what: str, refused: str, when: str, told: str) -> str:
    return (
        f"CREATE TRIGGER {_name(table, what)} BEFORE {refused} ON {table} FOR EACH ROW {when}"
        f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
    )


def _made_on_postgresql() -> Iterator[str]:
    # 23001 is a refusal to break what belongs together.
    refuse = "RAISE EXCEPTION '{}' USING ERRCODE = '23001';"
    late = f"IF {_ADDED_LATE} THEN {refuse.format(COMPLETE)} END IF; RETURN NEW;"
    for function, body in ((_STAYS, refuse.format(STAYS)), (_COMPLETE, late)):
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $body$BEGIN {body} END$body$"
        )
    for table in TABLES:
        for what in ("update", "delete", "truncate"):
            yield from _on_postgresql(table, what, "STATEMENT", _STAYS)
    yield from _on_postgresql(MACHINES, "insert", "ROW", _COMPLETE)


def _on_postgresql(table: str, what: str, each: str, function: str) -> Iterator[str]:
    """A trigger that is fired in every session, whatever it says of its replication role."""
    name = _name(table, what)
    yield (
        f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH {each} "
        f"EXECUTE FUNCTION {function}()"
    )
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
