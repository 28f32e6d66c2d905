"""The log as files: CSV for people, JSON with all that is stored; written piece by piece."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from ..models import AuditEntry
from .csv_cells import guarded

CHUNK = 500
"""Entries that are in memory at once."""

_COLUMNS = (
    *("sequence", "at", "actor", "way", "change", "action", "subject", "name", "kind"),
    *("summary", "message", "request", "before", "after"),
)


@dataclass(frozen=True)
class Format:
    """One format of the log: what its file is, and how it is written."""

    content_type: str
    write: Callable[[QuerySet[AuditEntry]], Iterator[str]]


def as_csv(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """A header and a line for each entry, the oldest first; no cell is ever a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(_COLUMNS)
    for entry in _in_order(entries):
        yield writer.writerow([guarded(str(getattr(entry, name))) for name in _COLUMNS])


def as_json(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """One object: `hashed`, and `entries` with every stored column, the oldest first.

    `hashed` are the columns, in their order, that a digest is computed of; `made_of` follows them
    where it is not empty.
    """
    names = [each.attname for each in AuditEntry._meta.concrete_fields]
    yield f'{{"hashed": {json.dumps(AuditEntry.HASHED)},\n"entries": ['
    before = "\n"
    for entry in _in_order(entries):
        stored = {name: getattr(entry, name) for name in names}
        yield f"{before}{json.dumps(stored, ensure_ascii=False)}"
        before = ",\n"
    yield "\n]}\n"


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", as_csv),
    "json": Format("application/json", as_json),
}


def _in_order(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    """Every entry up to the newest of now, the oldest first; no query is open between two."""
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    last = 0
    while chunk := list(
        entries.filter(sequence__gt=last, sequence__lte=newest or 0).order_by("sequence")[:CHUNK]
    ):
        yield from chunk
        last = chunk[-1].sequence


class _Echo:
    """A file that gives back what is written, for a writer that needs one."""

    def write(self, line: Any) -> Any:
        return line
