"""Restoring a machine from an entry of the log: what it changes first, then as one new entry."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from ..auditing import Author
from ..authoring import restoring
from ..forms import RestoreForm
from ..models import AuditEntry, Capability, MachineTemplate
from .access import ADD, ADD_TEMPLATES, EDIT, EDIT_TEMPLATES, SEE_LOG, may, needs, needs_one_of
from .answers import page
from .log import machine_url
from .writing import answer_planned_write, entries_since, last_sequence


@needs(SEE_LOG)
@needs_one_of(EDIT, EDIT_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, sequence: int) -> HttpResponseBase:
    """Restore the machine of an entry to how it was `side` of it.

    A POST without a plan shows the plan of what is stored now; one with a plan carries it out. The
    rights are those to edit the machine, and to add one where it was removed.
    """
    entry = get_object_or_404(AuditEntry, sequence=sequence)
    if not may(request.user, *_rights(entry)):
        raise PermissionDenied
    opened = _Opened(request, entry)
    if request.method != "POST":
        return opened.show()
    if "plan" not in request.POST:
        opened.take_what_is_stored()
    there = machine_url(entry) or entry.get_absolute_url()
    return answer_planned_write(request, opened.write, show=opened.show, page_url=there)


def _rights(entry: AuditEntry) -> set[str]:
    if entry.subject == AuditEntry.Subject.DEFINITION:
        is_there = Capability.objects.filter(name=entry.name).exists()
        return {EDIT} if is_there else {EDIT, ADD}
    is_there = MachineTemplate.objects.filter(slug=entry.name).exists()
    return {EDIT_TEMPLATES} if is_there else {EDIT_TEMPLATES, ADD_TEMPLATES}


class _Opened:
    """The page of restoring one side of one entry."""

    def __init__(self, request: HttpRequest, entry: AuditEntry) -> None:
        self.request, self.entry = request, entry
        typed = request.POST if request.method == "POST" else request.GET
        self.side = typed.get("side", restoring.AFTER)
        if request.method != "POST" and self.side not in restoring.SIDES:
            self.side = restoring.AFTER
        self.form = RestoreForm(request.POST if request.method == "POST" else None)
        self.how: tuple[str, ...] = ()

    def take_what_is_stored(self) -> None:
        """Plan for the version that there is now: the person has seen no other one yet."""
        posted: QueryDict = self.request.POST.copy()
        posted["version"] = str(restoring.version_of(self.entry))
        self.request.POST = posted  # type: ignore[assignment]

    def write(self, version: int) -> str:
        """Restore it, and say so; what it took is kept for the plan."""
        if not self.form.is_valid():
            raise ValidationError("It could not be restored; see what is said below.")
        done = restoring.restore(
            entry=self.entry,
            side=self.side,
            version=version,
            **self.form.cleaned_data,
            by=Author.of(self.request),
        )
        self.how = done.told
        return f"Restored {_called(self.entry)} to how it was {self.side} entry {self.entry.pk}."

    def show(self, *, status: int = 200, conflict: object = None, **more: Any) -> HttpResponse:
        """The page, of what is stored now."""
        context = {
            "title": f"Restore {_called(self.entry)}",
            "entry": self.entry,
            "machine_url": machine_url(self.entry),
            "side": self.side,
            "form": self.form,
            "how": self.how,
            "version": restoring.version_of(self.entry),
            "seen": last_sequence(),
            "conflict": conflict,
            **more,
        }
        if conflict:
            entries = entries_since(self.request, self.entry.name, self.entry.kind)
            context["conflict_entries"] = entries
        return page(self.request, "log/restore.html", context, status=status)


def _called(entry: AuditEntry) -> str:
    return f"{entry.name} {entry.kind}".strip()
