"""How a view that writes answers: the changed part, what to mend, that somebody was faster."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django_htmx.http import trigger_client_event

from ..auditing import Author
from ..authoring.conflicts import ConflictError
from ..authoring.rehearsal import NotConfirmedError, carry_out
from ..authoring.undoing import changes
from ..models import AuditEntry, AuditHead

M = TypeVar("M", bound=Model)

CHANGED = "machine-changed"
"""The event that a write announces; the parts of a page that show a machine fetch themselves anew.
"""

SHOWN = 20  # entries that tell who changed what
SEQUENCE_DIGITS = 18
_DIGITS = 9  # of a version; no machine is ever saved so often

Show = Callable[..., HttpResponse]
"""Renders what is stored now, with what it is passed: `status`, `problems`, `told`, `conflict`."""


def is_part(request: HttpRequest) -> bool:
    """Whether only a part of the page is asked for."""
    return bool(request.headers.get("HX-Request"))


def answer_write(
    request: HttpRequest, write: Callable[[int], str], *, show: Show, page_url: str
) -> HttpResponseBase:
    """Call `write` with the version that the person saw; it returns what it did, in a sentence.

    The answer is what `show` renders: 428 without a version, 409 when somebody else was faster, 422
    with what has to be mended. After a write it is the part with its event, or the way back to the
    page.
    """
    told, refusal = _tried(request, write, show)
    if refusal is not None:
        return refusal
    if not is_part(request):
        tell_written(request, told)
        return redirect(page_url)
    offer = undo_offer(Author.of(request).request)
    return trigger_client_event(show(told=told, undo=offer), CHANGED)


@dataclass(frozen=True)
class UndoOffer:
    """What a person may take back: all that one request did; how many machines change with it."""

    request: str
    machines: int


def undo_offer(request_id: str) -> UndoOffer | None:
    """The offer to undo what a request did; None when it changed nothing that is written down."""
    if not changes(request_id).exists():
        return None
    entries = AuditEntry.objects.filter(
        request=request_id, subject=AuditEntry.Subject.DEFINITION
    ).exclude(before=F("after"))
    return UndoOffer(request_id, entries.count())


def tell_written(request: HttpRequest, told: str) -> None:
    """Say on the next page what was done, with the button that undoes it."""
    offer = undo_offer(Author.of(request).request)
    button = render_to_string("parts/_undo.html", {"undo": offer}, request=request) if offer else ""
    # The part is escaped where it is rendered.
    messages.success(request, format_html("{} {}", told, mark_safe(button)))  # noqa: S308


def answer_planned_write(
    request: HttpRequest, write: Callable[[int], str], *, show: Show, page_url: str
) -> HttpResponseBase:
    """Answer as `answer_write` does, but write only what was confirmed: the plan of it, by its
    digest in `plan`. Until then, `show` gets the `plan`; with `outdated`, and 409, when another one
    was confirmed. It is refused as the write would be.
    """
    confirmed = request.POST.get("plan", "")

    def write_as_planned(version: int) -> str:
        return carry_out(lambda: write(version), confirmed=confirmed)

    try:
        return answer_write(request, write_as_planned, show=show, page_url=page_url)
    except NotConfirmedError as asked:
        outdated = bool(confirmed)
        return show(plan=asked.plan, outdated=outdated, status=409 if outdated else 200)


def _tried(
    request: HttpRequest, call: Callable[[int], Any], show: Show
) -> tuple[Any, HttpResponse | None]:
    """What `call` gives, or the answer that tells why it gives nothing."""
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > _DIGITS:
        told = "The form did not say which version it changes; nothing was saved. Reload the page."
        return None, show(status=428, problems=[told])
    try:
        return call(int(version)), None
    except ConflictError as conflict:
        return None, show(status=409, conflict=conflict)
    except ValidationError as error:
        return None, show(status=422, problems=error.messages)


def tell(form: Form, error: ValidationError) -> None:
    """Say at its fields what a verb refused, and above the form what is about none of them."""
    told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for field, problems in told.items():
        form.add_error(field if field in form.fields else None, problems)


def logged(request: HttpRequest, flag: int, write: Callable[[], M]) -> M:
    """Write what changes no machine, and tell of it where the admin tells of its own writes."""
    with transaction.atomic():
        written = write()
        user = int(request.user.pk or 0)
        LogEntry.objects.log_actions(user, [written], flag, "", single_object=True)
    return written


def number_of(request: HttpRequest, field: str) -> int | None:
    """A number that is posted, of a version or of the log's last entry; None when it is none."""
    typed = request.POST.get(field, "")
    return int(typed) if typed.isdecimal() and len(typed) <= _DIGITS else None


def seen_of(request: HttpRequest) -> int | None:
    """The newest audit entry when the page was made that is posted from, if it says so."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) <= SEQUENCE_DIGITS else None


def entries_since(request: HttpRequest, name: str, kind: str = "") -> list[AuditEntry]:
    """Who else changed a machine since that page was made, the newest first; else the last one."""
    entries = AuditEntry.objects.filter(name=name, kind=kind).defer("before", "after", "made_of")
    seen = seen_of(request)
    since = [] if seen is None else list(entries.filter(sequence__gt=seen)[:SHOWN])
    return since or list(entries[:1])


def last_sequence() -> int:
    """The newest audit entry of all: what a page that is made now has seen."""
    return AuditHead.objects.values_list("sequence", flat=True).first() or 0
