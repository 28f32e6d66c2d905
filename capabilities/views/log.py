"""One entry of the log, with its difference."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..authoring import undoing
from ..machines.machine import Machine
from ..machines.notation import read
from ..models import AuditEntry, Capability, ChangeRequest, MachineTemplate
from .access import SEE_LOG, needs
from .answers import page
from .comparing import compared
from .log_history import history
from .writing import undo_offer

PER_PAGE = 50


@needs(SEE_LOG)
@require_safe
def log_entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry: who, when, why, and what was different afterwards; made of its own text alone."""
    return entry_page(request, get_object_or_404(AuditEntry, sequence=sequence))


def entry_page(
    request: HttpRequest, entry: AuditEntry, *, status: int = 200, problems: Sequence[str] = ()
) -> HttpResponse:
    """The page of an entry; `problems` say why it could not be undone."""
    readings = read(entry.before), read(entry.after)
    before, after = (Machine(reading.transitions) for reading in readings)
    context = {
        "title": f"Log entry {entry.sequence}",
        "entry": entry,
        "is_damaged": any(reading.mistakes for reading in readings),
        **compared(request, before, after, called=("Before", "After"), words=("before", "after")),
        "others": AuditEntry.objects.filter(request=entry.request)
        .exclude(sequence=entry.sequence)
        .defer("before", "after", "made_of")[:PER_PAGE],
        "machine_url": machine_url(entry),
        "problems": problems,
        "undo": undo_offer(entry.request),
        "changed_since": undoing.changed_since(entry.request),
        "change_request": ChangeRequest.objects.filter(events__sequence=entry.sequence).first(),
        **history(entry),
    }
    return page(request, "log/entry.html", context, status=status)


def machine_url(entry: AuditEntry) -> str | None:
    """The editor of what an entry tells of; None where it was removed since."""
    if entry.subject == AuditEntry.Subject.DEFINITION:
        exists = Capability.objects.filter(name=entry.name).exists()
        return reverse("capabilities:editor", args=[entry.name, entry.kind]) if exists else None
    exists = MachineTemplate.objects.filter(slug=entry.name).exists()
    return reverse("capabilities:machine-template", args=[entry.name]) if exists else None
