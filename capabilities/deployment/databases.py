"""The deployed rows, read from the database itself, in a session that cannot write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from .dumps import Dump, DumpError, require_tables
from .mapping import RowMapping
from .workspaces import qualified

SECONDS = 10
"""How long connecting, and one query, may take."""


class _Cursor(Protocol):
    @property
    def description(self) -> Any: ...

    def fetchall(self) -> list[tuple[Any, ...]]: ...


class Session(Protocol):
    """A connection that only reads."""

    def execute(self, query: str, /) -> _Cursor: ...


def read_database(url: str, mapping: RowMapping) -> Dump:
    """Every row of the three tables, as of one moment.

    Raises DumpError when the database cannot be read, or a table or column is missing.
    """
    dump = Dump()
    with read_only(url) as session:
        for table in mapping.tables:
            found = session.execute(f"SELECT * FROM {qualified(table.name)}")  # noqa: S608
            names = [column[0] for column in found.description]
            if lacking := [name for name in table.names if name not in names]:
                raise DumpError(
                    f"{table.name} has no column {lacking[0]}; expected {', '.join(table.names)}."
                )
            rows = [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]
            dump.add("the database", table.name, rows)
            more = [name for name in names if name not in table.names]
            dump.ignored += [
                f"{table.name} has the column {name!r}, which is not read." for name in more
            ]
            for row in rows:
                for name in more:
                    del row[name]
    require_tables(dump, mapping)
    return dump


@contextmanager
def read_only(url: str) -> Iterator[Session]:
    """A session that reads as of one moment and refuses every write.

    Takes `postgresql://…` and `sqlite:///path`. Raises DumpError, which never tells a password.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        opened = _sqlite(unquote(urlsplit(url).path.removeprefix("/")))
    elif scheme in ("postgresql", "postgres"):
        opened = _postgres(url)
    else:
        raise DumpError(
            f"“{scheme}” is no database that can be read; expected postgresql://… or sqlite:///…."
        )
    with opened as session:
        yield session


@contextmanager
def _sqlite(path: str) -> Iterator[Session]:
    uri = f"{Path(path).absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=SECONDS)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise DumpError(f"The database cannot be read: {error}.") from error


@contextmanager
def _postgres(url: str) -> Iterator[Session]:
    try:
        import psycopg
    except ImportError:
        raise DumpError(
            "PostgreSQL is read by the package psycopg, which is not installed."
        ) from None
    options = f"-c default_transaction_read_only=on -c statement_timeout={SECONDS}s"
    try:
        with closing(
            psycopg.connect(url, connect_timeout=SECONDS, options=options, client_encoding="UTF8")
        ) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
    except psycopg.Error as error:
        told = " ".join(str(error).split())
        raise DumpError(f"The database cannot be read: {told}.") from error


def _plain(value: object) -> object:
    """A value as a dump has it: what is neither text nor a number is told by its text."""
    return value if isinstance(value, str | int | None) else str(value)
