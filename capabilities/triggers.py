"""What keeps the audit log as it is, inside of the database: triggers, on SQLite and PostgreSQL.

Entries are only added; the head only goes on. No setting of a session opens a way around it. Who
may change the tables themselves can take the triggers away; that is told by `verify_audit`.

SQLite rebuilds a table for most changes of it, and drops its triggers without a word. A migration
that changes one of these tables ends with `migrations.RunPython(install, ...)` as in 0006.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

ENTRIES, HEAD = "capabilities_auditentry", "capabilities_audithead"
ENTRIES_STAY = "The audit log is only added to: its entries cannot be changed or deleted."
HEAD_GOES_ON = "The head of the audit log only goes on: it cannot be deleted or turned back."

_TURNED_BACK = (
    "NEW.id <> OLD.id OR NEW.sequence < OLD.sequence "
    "OR (NEW.sequence = OLD.sequence AND NEW.digest <> OLD.digest)"
)

# Name, table, what is refused, and when. REPLACE, which only SQLite has, deletes unseen.
_SQLITE = (
    ("audit_entries_not_changed", ENTRIES, "UPDATE", ""),
    ("audit_entries_not_deleted", ENTRIES, "DELETE", ""),
    (
        "audit_entries_not_replaced",
        ENTRIES,
        "INSERT",
        "EXISTS (SELECT 1 FROM capabilities_auditentry WHERE sequence = NEW.sequence "
        "OR previous = NEW.previous OR digest = NEW.digest)",
    ),
    ("audit_head_not_turned_back", HEAD, "UPDATE", _TURNED_BACK),
    ("audit_head_not_deleted", HEAD, "DELETE", ""),
    (
        "audit_head_not_replaced",
        HEAD,
        "INSERT",
        "EXISTS (SELECT 1 FROM capabilities_audithead WHERE id = NEW.id)",
    ),
)
_POSTGRESQL = (
    ("audit_entries_not_changed", ENTRIES, "UPDATE", ""),
    ("audit_entries_not_deleted", ENTRIES, "DELETE", ""),
    ("audit_entries_not_emptied", ENTRIES, "TRUNCATE", ""),
    ("audit_head_not_turned_back", HEAD, "UPDATE", _TURNED_BACK),
    ("audit_head_not_deleted", HEAD, "DELETE", ""),
    ("audit_head_not_emptied", HEAD, "TRUNCATE", ""),
)
_FUNCTIONS = {ENTRIES: "audit_entries_stay", HEAD: "audit_head_goes_on"}
_MESSAGES = {ENTRIES: ENTRIES_STAY, HEAD: HEAD_GOES_ON}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, in place of those that there are. Raises KeyError for other databases."""
    make = {"sqlite": _made_on_sqlite, "postgresql": _made_on_postgresql}[connection.vendor]
    remove(connection)
    with connection.cursor() as cursor:
        for statement in make():
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for a migration that goes back, and for the tests."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, *_ in _SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        for name, table, *_ in _POSTGRESQL:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        for function in _FUNCTIONS.values():
            cursor.execute(f"DROP FUNCTION IF EXISTS {function}()")


def names(connection: BaseDatabaseWrapper) -> list[str]:
    """What the triggers are called on such a database."""
    return [name for name, *_ in (_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)]


def faults(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Each trigger that is not as `install` makes it: its name, and what is wrong with it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = dict(cursor.fetchall())
            wanted = {name: _on_sqlite(name, *rest) for name, *rest in _SQLITE}
        else:
            # Only "A" is fired in every session, whatever it says of its replication role.
            cursor.execute(
                "SELECT tgname, CASE WHEN tgenabled = 'A' THEN prosrc ELSE '' END FROM pg_trigger "
                "JOIN pg_proc ON pg_proc.oid = tgfoid "
                "WHERE tgrelid IN (to_regclass(%s), to_regclass(%s))",
                [ENTRIES, HEAD],
            )
            found = dict(cursor.fetchall())
            wanted = {name: _body(table) for name, table, *_ in _POSTGRESQL}
    for name, made in wanted.items():
        if name not in found:
            yield name, "is missing"
        elif found[name] != made:
            yield name, "is switched off or another one"


def _made_on_sqlite() -> Iterator[str]:
    for name, *rest in _SQLITE:
        yield _on_sqlite(name, *rest)


def _on_sqlite(name: str, table: str, refused: str, when: str) -> str:
    condition = f"WHEN {when} " if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {refused} ON {table} FOR EACH ROW {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGES[table]}'); END"
    )


def _made_on_postgresql() -> Iterator[str]:
    for table, function in _FUNCTIONS.items():
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $body${_body(table)}$body$"
        )
    for name, table, refused, when in _POSTGRESQL:
        each = f"ROW WHEN ({when})" if when else "STATEMENT"
        yield (
            f"CREATE TRIGGER {name} BEFORE {refused} ON {table} FOR EACH {each} "
            f"EXECUTE FUNCTION {_FUNCTIONS[table]}()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def _body(table: str) -> str:
    """The function's, on PostgreSQL; 23001 is a refusal to break what belongs together."""
    return f"BEGIN RAISE EXCEPTION '{_MESSAGES[table]}' USING ERRCODE = '23001'; END"
