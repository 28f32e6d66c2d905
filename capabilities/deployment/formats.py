"""The formats in which all machines are exported together."""

from collections.abc import Callable
from dataclasses import dataclass

from . import fixtures, pages, workspaces
from .selection import Selection


@dataclass(frozen=True)
class Format:
    """One format of export: how it is written, and what its file is called and is."""

    name: str
    title: str
    purpose: str
    suffix: str
    content_type: str
    write: Callable[[Selection], str]


FORMATS = {
    each.name: each
    for each in (
        Format(
            "fixture",
            "Django fixture",
            "For deployment: manage.py loaddata brings it into an empty database.",
            "json",
            "application/json",
            fixtures.dump,
        ),
        Format(
            "notation",
            "Notation",
            "The team's page as plain text; it can be imported again.",
            "txt",
            "text/plain",
            pages.notation,
        ),
        Format(
            "markdown",
            "Markdown",
            "The page for a wiki or a merge request; it can be imported again.",
            "md",
            "text/markdown",
            pages.markdown,
        ),
        Format(
            "workspaces-sql",
            "Rows for Workspaces, SQL",
            "One transaction for PostgreSQL. The columns are assumed, and a start clears the rows: "
            "the file says what survives. Without a kind, the current machines.",
            "sql",
            "application/sql",
            workspaces.as_sql,
        ),
        Format(
            "workspaces-json",
            "Rows for Workspaces, JSON",
            "The same rows for a script; the page Drift takes it, too.",
            "json",
            "application/json",
            workspaces.as_json,
        ),
    )
}
