"""What keeps history as it is, inside of the database: triggers, on SQLite and on PostgreSQL.

Audit entries, releases and deployments are only added; the audit's head only goes on. No setting of
a session opens a way around it. Who may change the tables themselves can take the triggers away;
that is told by `verify_audit`.

SQLite rebuilds a table for most changes of it, and drops its triggers without a word. A migration
that changes one of these tables ends with `migrations.RunPython(install, ...)` as in 0009.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Refusal:
    """A trigger: `event` on `table` is refused with `told`, always or `when` a row is like that.

    With a `vendor`, it is made on such a database alone.
    """

    name: str
    table: str
    event: str
    told: str
    when: str = ""
    vendor: str = ""


Refusals = Collection[Refusal]

# -- the audit

ENTRIES, HEAD = "capabilities_auditentry", "capabilities_audithead"
ENTRIES_STAY = "The audit log is only added to: its entries cannot be changed or deleted."
HEAD_GOES_ON = "The head of the audit log only goes on: it cannot be deleted or turned back."

_TURNED_BACK = (
    "NEW.id <> OLD.id OR NEW.sequence < OLD.sequence "
    "OR (NEW.sequence = OLD.sequence AND NEW.digest <> OLD.digest)"
)
_ENTRY_IS_THERE = (
    "EXISTS (SELECT 1 FROM capabilities_auditentry WHERE sequence = NEW.sequence "
    "OR previous = NEW.previous OR digest = NEW.digest)"
)
_HEAD_IS_THERE = "EXISTS (SELECT 1 FROM capabilities_audithead WHERE id = NEW.id)"

# REPLACE, which only SQLite has, deletes unseen; TRUNCATE is no DELETE, and only PostgreSQL has it.
AUDIT = (
    Refusal("audit_entries_not_changed", ENTRIES, "UPDATE", ENTRIES_STAY),
    Refusal("audit_entries_not_deleted", ENTRIES, "DELETE", ENTRIES_STAY),
    Refusal(
        "audit_entries_not_replaced", ENTRIES, "INSERT", ENTRIES_STAY, _ENTRY_IS_THERE, "sqlite"
    ),
    Refusal("audit_entries_not_emptied", ENTRIES, "TRUNCATE", ENTRIES_STAY, vendor="postgresql"),
    Refusal("audit_head_not_turned_back", HEAD, "UPDATE", HEAD_GOES_ON, _TURNED_BACK),
    Refusal("audit_head_not_deleted", HEAD, "DELETE", HEAD_GOES_ON),
    Refusal("audit_head_not_replaced", HEAD, "INSERT", HEAD_GOES_ON, _HEAD_IS_THERE, "sqlite"),
    Refusal("audit_head_not_emptied", HEAD, "TRUNCATE", HEAD_GOES_ON, vendor="postgresql"),
)

# -- releases: their machines are written before them, in one transaction, and none after

RELEASE, MACHINE, DEPLOYMENT = (
    "capabilities_release",
    "capabilities_releasemachine",
    "capabilities_deployment",
)
STAYS = "What was released or deployed stays: it cannot be changed or deleted."
COMPLETE = "A release is complete: no machine can be added to it."

_IS_THERE = {
    RELEASE: "number = NEW.number",
    MACHINE: "id = NEW.id OR (release_id = NEW.release_id AND name = NEW.name)",
    DEPLOYMENT: "id = NEW.id",
}


def _of_releases() -> Iterator[Refusal]:
    for table, same in _IS_THERE.items():
        name = table.removeprefix("capabilities_")
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
        yield Refusal(f"{name}_no_update", table, "UPDATE", STAYS)
        yield Refusal(f"{name}_no_delete", table, "DELETE", STAYS)
        yield Refusal(f"{name}_no_replace", table, "INSERT", STAYS, there, "sqlite")
        yield Refusal(f"{name}_no_truncate", table, "TRUNCATE", STAYS, vendor="postgresql")
    late = f"EXISTS (SELECT 1 FROM {RELEASE} WHERE number = NEW.release_id)"  # noqa: S608
    yield Refusal("releasemachine_no_insert", MACHINE, "INSERT", COMPLETE, late)


RELEASES = tuple(_of_releases())
ALL = (*AUDIT, *RELEASES)


# -- making them


def install(connection: BaseDatabaseWrapper, refusals: Refusals) -> None:
    """Make the triggers, in place of those that there are. Raises KeyError for other databases."""
    make = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}[connection.vendor]
    remove(connection, refusals)
    with connection.cursor() as cursor:
        for each in _of(connection, refusals):
            for statement in make(each):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, refusals: Refusals) -> None:
    """Take the triggers away: for a migration that goes back, and for the tests."""
    with connection.cursor() as cursor:
        for each in _of(connection, refusals):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {each.name}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {each.name} ON {each.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {each.name}()")


def names(connection: BaseDatabaseWrapper, refusals: Refusals) -> list[str]:
    """What the triggers are called on such a database."""
    return [each.name for each in _of(connection, refusals)]


def faults(connection: BaseDatabaseWrapper, refusals: Refusals) -> Iterator[tuple[str, str]]:
    """Each trigger that is not as `install` makes it: its name, and what is wrong with it."""
    mine = _of(connection, refusals)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            wanted = {each.name: next(_on_sqlite(each)) for each in mine}
        else:
            # Only "A" is fired in every session, whatever it says of its replication role.
            cursor.execute(
                "SELECT tgname, CASE WHEN tgenabled = 'A' THEN prosrc ELSE '' END FROM pg_trigger "
                "JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE relname = ANY(%s)",
                [sorted({each.table for each in mine})],
            )
            wanted = {each.name: _body(each) for each in mine}
        found = dict(cursor.fetchall())
    for name, made in wanted.items():
        if name not in found:
            yield name, "is missing"
        elif found[name] != made:
            yield name, "is switched off or another one"


def _of(connection: BaseDatabaseWrapper, refusals: Refusals) -> list[Refusal]:
    return [each for each in refusals if each.vendor in ("", connection.vendor)]


def _on_sqlite(refusal: Refusal) -> Iterator[str]:
    condition = f"WHEN {refusal.when} " if refusal.when else ""
    yield (
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.event} ON {refusal.table} "
        f"FOR EACH ROW {condition}BEGIN SELECT RAISE(ABORT, '{refusal.told}'); END"
    )


def _on_postgresql(refusal: Refusal) -> Iterator[str]:
    each = "ROW" if refusal.when else "STATEMENT"
    yield (
        f"CREATE FUNCTION {refusal.name}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $body${_body(refusal)}$body$"
    )
    yield (
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.event} ON {refusal.table} "
        f"FOR EACH {each} EXECUTE FUNCTION {refusal.name}()"
    )
    yield f"ALTER TABLE {refusal.table} ENABLE ALWAYS TRIGGER {refusal.name}"


def _body(refusal: Refusal) -> str:
    """The function's, on PostgreSQL; 23001 is a refusal to break what belongs together."""
    refused = f"RAISE EXCEPTION '{refusal.told}' USING ERRCODE = '23001';"
    if refusal.when:
        return f"BEGIN IF {refusal.when} THEN {refused} END IF; RETURN NEW; END"
    return f"BEGIN {refused} END"
