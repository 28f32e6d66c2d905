"""The database refuses to change the audit log, whoever asks, and after every migration."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.migrations.executor import MigrationExecutor

from capabilities import triggers
from capabilities.authoring import overrides
from capabilities.authoring.plans import Plan
from capabilities.models import AuditEntry, AuditHead, Capability
from capabilities.verifying import faults

from .conftest import FLUSH
from .factories import RESUME, editor_author, head, seen, state

committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite alone has this")
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL alone has this"
)
ENTRIES_STAY = "^The audit log is only added to: its entries cannot be changed or deleted."
HEAD_GOES_ON = "^The head of the audit log only goes on: it cannot be deleted or turned back."


def refuses(message: str, sql: str) -> None:
    """That the database refuses a statement so, and nothing is another thing then."""
    before = state()
    raises = pytest.raises(IntegrityError, match=message)
    with raises, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert state() == before


COLUMNS = [field.attname for field in AuditEntry._meta.fields]


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_of_an_entry_can_be_changed(seed: Plan, column: str) -> None:
    sql = f"UPDATE capabilities_auditentry SET {column} = {column} WHERE sequence = 5"  # noqa: S608
    refuses(ENTRIES_STAY, sql)


def test_no_entry_can_be_deleted(seed: Plan) -> None:
    refuses(ENTRIES_STAY, "DELETE FROM capabilities_auditentry WHERE sequence = 10")
    refuses(ENTRIES_STAY, "DELETE FROM capabilities_auditentry")


def test_neither_an_entry_nor_the_head_can_be_changed_or_deleted_by_the_models(seed: Plan) -> None:
    entry, end = AuditEntry.objects.get(sequence=5), AuditHead.objects.get()
    entry.actor, end.sequence = "eve", 4
    for write in (entry.save, entry.delete, end.save, end.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    assert list(faults()) == []


@pytest.mark.parametrize(
    "columns", ["sequence = 9", "sequence = sequence - 1", "digest = 'x'", "id = 2"]
)
def test_the_head_cannot_be_turned_back(seed: Plan, columns: str) -> None:
    refuses(HEAD_GOES_ON, f"UPDATE capabilities_audithead SET {columns}")  # noqa: S608


def test_the_head_can_go_on_and_stay(seed: Plan) -> None:
    end = AuditHead.objects.get()
    end.save()
    end.sequence, end.digest = 11, "x" * 64
    end.save()
    assert AuditHead.objects.get().sequence == 11


def test_the_head_cannot_be_deleted(seed: Plan) -> None:
    refuses(HEAD_GOES_ON, "DELETE FROM capabilities_audithead")


@on_sqlite
@pytest.mark.parametrize("same", ["sequence", "previous", "digest"])
def test_no_entry_can_be_replaced(seed: Plan, same: str) -> None:
    values = {"sequence": "500", "previous": "'p'", "digest": "'d'"} | {same: same}
    columns = ", ".join(values.get(column, column) for column in COLUMNS)
    refuses(
        ENTRIES_STAY,
        f"INSERT OR REPLACE INTO capabilities_auditentry ({', '.join(COLUMNS)}) "  # noqa: S608
        f"SELECT {columns} FROM capabilities_auditentry WHERE sequence = 5",
    )


@on_sqlite
def test_the_head_cannot_be_replaced(seed: Plan) -> None:
    refuses(HEAD_GOES_ON, "INSERT OR REPLACE INTO capabilities_audithead VALUES (1, 3, 'x')")


@on_postgresql
def test_neither_can_be_truncated(seed: Plan) -> None:
    refuses(ENTRIES_STAY, "TRUNCATE capabilities_auditentry")
    refuses(HEAD_GOES_ON, "TRUNCATE capabilities_audithead")


@on_postgresql
def test_no_setting_of_a_session_opens_a_way_around(seed: Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    refuses(ENTRIES_STAY, "DELETE FROM capabilities_auditentry")
    refuses(HEAD_GOES_ON, "UPDATE capabilities_audithead SET sequence = 1")


@on_postgresql
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE capabilities_auditentry DISABLE TRIGGER audit_entries_not_changed",
        "ALTER TABLE capabilities_auditentry ENABLE TRIGGER audit_entries_not_changed",
    ],
)
def test_a_trigger_that_is_switched_off_or_can_be_is_found(seed: Plan, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert list(triggers.faults(connection, triggers.AUDIT)) == [
        ("audit_entries_not_changed", "is switched off or another one")
    ]


def test_a_trigger_that_does_something_else_is_found(seed: Plan) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_head_not_deleted")
            cursor.execute(
                "CREATE TRIGGER audit_head_not_deleted BEFORE DELETE ON capabilities_audithead "
                "BEGIN SELECT 1; END"
            )
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_head_not_deleted() RETURNS trigger "
                "LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
            )
    assert {problem for _, problem in triggers.faults(connection, triggers.AUDIT)} == {
        "is switched off or another one"
    }


def test_a_capability_goes_and_its_entries_stay(seed: Plan) -> None:
    Capability.objects.all().delete()
    assert head() == 10


@committed
def test_emptying_the_database_is_refused_and_nothing_of_it_is_lost(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseDatabaseOperations, "execute_sql_flush", FLUSH)
    before = state()
    with pytest.raises(CommandError) as refused:
        call_command("flush", interactive=False, verbosity=0)
    kept = ("The audit log", "The head of the audit log", "What was released or deployed stays")
    assert str(refused.value.__cause__).startswith(kept)
    assert state() == before


# -- migrations


def migrate(*targets: tuple[str, str]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes("capabilities"))


@committed
def test_the_triggers_are_there_after_every_migration_back_and_forward() -> None:
    """From the first that makes them; one that rebuilds a table has to make them anew."""
    graph = MigrationExecutor(connection).loader.graph
    (leaf,) = graph.leaf_nodes("capabilities")
    plan = [node for node in graph.forwards_plan(leaf) if node[0] == "capabilities"]
    first = next(i for i, (_, name) in enumerate(plan) if name.endswith("_audit_triggers"))
    try:
        migrate(plan[first - 1])
        assert len(list(triggers.faults(connection, triggers.AUDIT))) == len(
            triggers.names(connection, triggers.AUDIT)
        )
        for node in plan[first:]:
            migrate(node)
            assert list(triggers.faults(connection, triggers.AUDIT)) == [], node
        for node in reversed(plan[first:-1]):
            migrate(node)
            assert list(triggers.faults(connection, triggers.AUDIT)) == [], node
            migrate(leaf)
            assert list(triggers.faults(connection, triggers.AUDIT)) == [], node
    finally:
        migrate(leaf)


@on_sqlite
@committed
def test_a_rebuilt_table_that_lost_its_triggers_is_told(seed: Plan) -> None:
    with connection.schema_editor() as editor:
        editor._remake_table(AuditEntry)  # type: ignore[attr-defined]
    assert [str(fault) for fault in faults()] == [
        f"the trigger {name} is missing"
        for name in triggers.names(connection, triggers.AUDIT)
        if name.startswith("audit_entries")
    ]
    triggers.install(connection, triggers.AUDIT)
    assert list(faults()) == []


def test_a_database_that_is_neither_is_refused() -> None:
    class Oracle:
        vendor = "oracle"

    other: Any = Oracle()
    with pytest.raises(KeyError):
        triggers.install(other, triggers.AUDIT)


@committed
def test_a_write_goes_on_as_before(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    assert head() == 11
    assert list(faults()) == []
