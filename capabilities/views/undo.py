"""Undo: offered after a write and in the log, and done by one button."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import undoing
from ..models import AuditEntry, made_of
from .access import ADD, ADD_TEMPLATES, EDIT, EDIT_TEMPLATES, SEE_LOG, may, needs, needs_one_of
from .log import entry_page, machine_url
from .writing import tell_written

_DEFINITION = AuditEntry.Subject.DEFINITION.value


@needs(SEE_LOG)
@needs_one_of(EDIT, EDIT_TEMPLATES)
@require_POST
def undo(request: HttpRequest) -> HttpResponseBase:
    """Undo all that the posted request did, and show the machine that it was done to.

    Needs the rights that the request needed. When it cannot be undone, the answer is the log entry
    with the reason: 409 if somebody changed the same since.
    """
    entries = list(undoing.changes(request.POST.get("request", ""))[: undoing.MOST])
    if not entries:
        raise Http404("There is nothing to undo.")
    if not may(request.user, *rights(entries)):
        raise PermissionDenied
    try:
        undoing.undo(request=entries[0].request, by=Author.of(request))
    except ValidationError as error:
        status = 409 if getattr(error, "code", "") == "changed-since" else 422
        return entry_page(request, entries[0], status=status, problems=error.messages)
    tell_written(request, f"Undone: {entries[0].summary}.")
    return redirect(machine_url(entries[0]) or entries[0].get_absolute_url())


def rights(entries: Iterable[AuditEntry]) -> set[str]:
    """What somebody must be allowed to who takes these back, by what they changed."""
    needed = set()
    for entry in entries:
        is_definition = entry.subject == _DEFINITION
        needed.add(EDIT if is_definition else EDIT_TEMPLATES)
        if entry.made_of == made_of.NOTHING:  # it goes
            needed.add(
                f"capabilities.delete_{'capability' if is_definition else 'machinetemplate'}"
            )
        elif machine_url(entry) is None:  # it comes back
            needed.add(ADD if is_definition else ADD_TEMPLATES)
    return needed
