"""The log: what was changed, by whom, when; and one entry with its difference."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..authoring import undoing
from ..machines.machine import Machine
from ..machines.notation import read
from ..models import AuditEntry, Capability, Kind, MachineTemplate
from .access import SEE_LOG, needs
from .answers import page
from .comparing import compared
from .writing import undo_offer

PER_PAGE = 50


class LogFilter(django_filters.FilterSet):
    """Which entries to show; every state of it is a link."""

    name = django_filters.CharFilter(
        label="Capability or machine template", lookup_expr="icontains"
    )
    kind = django_filters.ChoiceFilter(choices=Kind.choices, empty_label="any kind", label="Kind")
    actor = django_filters.CharFilter(label="By", lookup_expr="icontains")
    text = django_filters.CharFilter(label="Text", method="with_text")
    since = django_filters.DateFilter(
        label="Since", method="since_day", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    def with_text(self, entries: Any, _: str, text: str) -> Any:
        """Entries whose summary or message has the text."""
        return entries.filter(summary__icontains=text) | entries.filter(message__icontains=text)

    def since_day(self, entries: Any, _: str, day: Any) -> Any:
        """Entries of that day (UTC) and later: times are text, and sort as they should."""
        return entries.filter(at__gte=day.isoformat())


@needs(SEE_LOG)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The newest entries first; `?before=` goes on from an entry, whatever was added since."""
    filtered = LogFilter(request.GET, queryset=AuditEntry.objects.all())
    filtered.form.label_suffix = ""
    entries = filtered.qs.order_by("-sequence")
    before = request.GET.get("before", "")
    if before.isdecimal():
        entries = entries.filter(sequence__lt=int(before[:18]))
    shown = list(entries.defer("before", "after", "made_of")[: PER_PAGE + 1])
    query = request.GET.copy()
    if len(shown) > PER_PAGE:
        query["before"] = str(shown[PER_PAGE - 1].sequence)
    context = {
        "title": "Log",
        "filter": filtered,
        "entries": shown[:PER_PAGE],
        "older": f"?{query.urlencode()}" if len(shown) > PER_PAGE else "",
        "newest": before.isdecimal(),
    }
    return page(request, "log/list.html", context)


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
    }
    return page(request, "log/entry.html", context, status=status)


def machine_url(entry: AuditEntry) -> str | None:
    """The editor of what an entry tells of; None where it was removed since."""
    if entry.subject == AuditEntry.Subject.DEFINITION:
        exists = Capability.objects.filter(name=entry.name).exists()
        return reverse("capabilities:editor", args=[entry.name, entry.kind]) if exists else None
    exists = MachineTemplate.objects.filter(slug=entry.name).exists()
    return reverse("capabilities:machine-template", args=[entry.name]) if exists else None
