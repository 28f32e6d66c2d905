"""The rows of our tables, to be put there again as they are."""

from typing import Any

from django.apps import apps
from django.db import connection

Rows = dict[str, list[tuple[Any, ...]]]
"""Of each table, every column of every row."""


def tables() -> list[str]:
    """Those of our models."""
    return [model._meta.db_table for model in apps.get_app_config("capabilities").get_models()]


def are_empty() -> bool:
    """Whether there is no row of ours."""
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {there}")
        return not cursor.fetchone()[0]


def read_rows() -> Rows:
    """Every row of ours, as the database has it."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            found[table] = cursor.fetchall()
    return found


def put_rows(rows: Rows) -> None:
    """Put them into empty tables; what refers to what is looked at with the transaction's end."""
    with connection.cursor() as cursor:
        for table, found in rows.items():
            if found:
                one = f"({', '.join(['%s'] * len(found[0]))})"
                values = [value for row in found for value in row]
                every = ", ".join([one] * len(found))
                cursor.execute(f"INSERT INTO {table} VALUES {every}", values)  # noqa: S608
