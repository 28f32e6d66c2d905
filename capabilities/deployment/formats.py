"""The formats in which machines are exported together."""

from collections.abc import Callable
from dataclasses import dataclass

from . import exports, fixtures, pages, workspaces
from .exports import Exported, Files, file_each
from .selection import Selection

AGAIN, SYSTEMS, DATA, PICTURES = (
    "To bring in again",
    "For other systems",
    "As data",
    "As pictures",
)
"""What formats are for, as the page groups them."""


@dataclass(frozen=True)
class Format:
    """One format of export: how it is written, and what its file is called and is.

    `write` gives one text, or a file for each machine or capability.
    """

    name: str
    title: str
    purpose: str
    suffix: str
    content_type: str
    write: Callable[[Selection], str | Files]
    group: str = AGAIN

    def export(self, selection: Selection) -> Exported:
        """The selected machines as one file, a zip if they are several.

        Raises UnwritableError for what the format cannot hold.
        """
        written = self.write(selection)
        if isinstance(written, str):
            return Exported(written, self.suffix, self.content_type)
        return exports.packed(written, self.suffix, self.content_type)


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
            "The page for a wiki or a merge request, with diagrams; it can be imported again.",
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
            SYSTEMS,
        ),
        Format(
            "workspaces-json",
            "Rows for Workspaces, JSON",
            "The same rows for a script; the page Drift takes it, and it can be imported again.",
            "json",
            "application/json",
            workspaces.as_json,
            SYSTEMS,
        ),
        Format(
            "mermaid",
            "Mermaid",
            "A diagram as text, which GitLab draws in a wiki page or a merge request.",
            "mmd",
            "text/vnd.mermaid",
            file_each("mmd"),
            SYSTEMS,
        ),
        Format(
            "scxml",
            "SCXML",
            "The W3C's state charts, for a program that runs or checks them.",
            "scxml",
            "application/scxml+xml",
            file_each("scxml"),
            SYSTEMS,
        ),
        Format(
            "xstate",
            "XState",
            "For JavaScript: what createMachine of XState 5 takes.",
            "xstate.json",
            "application/json",
            file_each("xstate.json"),
            SYSTEMS,
        ),
        Format(
            "sphinx",
            "Sphinx",
            "A page for each capability, for a globbed table of contents in the documentation.",
            "rst",
            "text/x-rst",
            exports.sphinx_pages,
            SYSTEMS,
        ),
        Format(
            "python",
            "Python",
            "A module of plain dictionaries, for machines that are kept in code.",
            "py",
            "text/x-python",
            exports.python_module,
            SYSTEMS,
        ),
        Format(
            "csv",
            "CSV",
            "For a spreadsheet: a row for each action of each transition.",
            "csv",
            "text/csv",
            exports.csv_table,
            DATA,
        ),
        Format(
            "json",
            "JSON",
            "For a script: every transition with its actions.",
            "json",
            "application/json",
            exports.json_object,
            DATA,
        ),
        Format(
            "svg",
            "SVG",
            "Pictures for a web page, sharp at any size.",
            "svg",
            "image/svg+xml",
            file_each("svg"),
            PICTURES,
        ),
        Format(
            "png",
            "PNG",
            "Pictures for a message or a document.",
            "png",
            "image/png",
            file_each("png"),
            PICTURES,
        ),
        Format(
            "pdf",
            "PDF",
            "Pictures to print.",
            "pdf",
            "application/pdf",
            file_each("pdf"),
            PICTURES,
        ),
        Format(
            "dot",
            "DOT",
            "What the pictures are drawn from, for Graphviz.",
            "dot",
            "text/vnd.graphviz",
            file_each("dot"),
            PICTURES,
        ),
    )
}
