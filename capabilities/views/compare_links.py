"""Links to the page that compares any two machines."""

from urllib.parse import urlencode

from ..models import AuditEntry

COMPARE = "/compare/"
"""The page of comparisons, which takes two sides: `old` and `new`."""


def compare_url(old: str, new: str) -> str:
    """The permanent link of a comparison of two sides."""
    return f"{COMPARE}?{urlencode({'old': old, 'new': new})}"


def entry_side(entry: AuditEntry, side: str = "after") -> str:
    """The machine of an entry, before or after it."""
    return f"entry/{entry.sequence}/{side}"


def now_side(entry: AuditEntry) -> str:
    """What an entry tells of, as it is now."""
    if entry.subject == AuditEntry.Subject.DEFINITION:
        return f"capability/{entry.name}/{entry.kind}"
    return f"machine-template/{entry.name}"
