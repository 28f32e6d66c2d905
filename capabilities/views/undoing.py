"""Undoing what was saved."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import undoing
from ..models import AuditEntry
from .access import ADD, EDIT, EDIT_TEMPLATES, SEE, may, needs
from .answers import page
from .writing import undo_tag


@needs(SEE, EDIT)
@require_POST
def undo(request: HttpRequest) -> HttpResponseBase:
    """Undo all that one request wrote, `request`; then go back to `next`."""
    written = request.POST.get("request", "")
    entries = undoing.entries_of(written)
    if not may(request.user, *_rights(entries)):
        raise PermissionDenied
    url = _way_back(request)
    try:
        done = undoing.undo(request=written, by=Author.of(request))
    except ValidationError as error:
        context = {
            "title": "Not undone",
            "problems": error.messages,
            "later": undoing.later_entry(entries),
            "back": url,
        }
        return page(request, "log/not_undone.html", context, status=409)
    messages.success(request, f"Undid: {done[0].summary}.", extra_tags=undo_tag(request))
    return redirect(url)


def _rights(entries: list[AuditEntry]) -> set[str]:
    """What one must be allowed for writing what the entries are about."""
    rights = {EDIT}
    for entry in entries:
        if entry.subject != AuditEntry.Subject.DEFINITION:
            rights.add(EDIT_TEMPLATES)
        elif entry.action in ("capability added", "capability removed"):
            rights.add(ADD)
    return rights


def _way_back(request: HttpRequest) -> str:
    """The page that the button was on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("capabilities:list")
