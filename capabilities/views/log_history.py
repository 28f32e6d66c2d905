"""Where an entry stands in the history of its machine: what was before it, after it, and is now."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ..authoring.restoring import same_machine
from ..forms.comparing import AFTER, CAPABILITY, ENTRY, TEMPLATE, Asked
from ..models import AuditEntry
from .comparing import link_of

_TEXTS = ("before", "after", "made_of")


def history(entry: AuditEntry) -> dict[str, Any]:
    """The entries of the same machine beside this one, and the links that compare it."""
    entries = same_machine(entry).defer(*_TEXTS)
    is_definition = entry.subject == AuditEntry.Subject.DEFINITION
    this = Asked(ENTRY, str(entry.sequence), AFTER)
    now = Asked(CAPABILITY if is_definition else TEMPLATE, entry.name, entry.kind)
    asked = {"name": entry.name, "kind": entry.kind, "new": this.link}
    return {
        "previous": entries.filter(sequence__lt=entry.sequence).order_by("-sequence").first(),
        "next": entries.filter(sequence__gt=entry.sequence).order_by("sequence").first(),
        "compare_now": link_of(this, now),
        "compare_other": f"{reverse('capabilities:log')}?{urlencode(asked)}",
        "is_definition": is_definition,
    }
