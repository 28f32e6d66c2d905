"""Where an entry stands in the history of its machine: what was before it, after it, and is now."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ..authoring.restoring import same_machine
from ..models import AuditEntry
from .compare_links import compare_url, entry_side, now_side

_TEXTS = ("before", "after", "made_of")


def history(entry: AuditEntry) -> dict[str, Any]:
    """The entries of the same machine beside this one, and the links that compare it."""
    entries = same_machine(entry).defer(*_TEXTS)
    asked = {"name": entry.name, "kind": entry.kind, "new": entry_side(entry)}
    return {
        "previous": entries.filter(sequence__lt=entry.sequence).order_by("-sequence").first(),
        "next": entries.filter(sequence__gt=entry.sequence).order_by("sequence").first(),
        "compare_now": compare_url(entry_side(entry), now_side(entry)),
        "compare_other": f"{reverse('capabilities:log')}?{urlencode(asked)}",
        "is_definition": entry.subject == AuditEntry.Subject.DEFINITION,
    }
