"""The notes of a definition: added, changed, moved and removed beside its transitions."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from ..auditing import Author
from ..authoring import notes
from ..forms import NoteForm
from ..models import Capability, Note
from .access import EDIT, needs
from .answers import page
from .editor import Loaded
from .writing import CHANGED, is_part, tell_written, undo_offer


@needs(EDIT)
@require_POST
def add_note(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Add a note to a capability's machine of one kind."""
    capability = get_object_or_404(Capability, name=name)
    form = NoteForm(request.POST, keys=Loaded(capability, kind).keys)

    def write() -> str:
        text, by = form.cleaned_data["text"], Author.of(request)
        notes.add(text=text, key=form.key, capability=capability, kind=kind, by=by)
        return "Added the note."

    return _answer(request, capability, kind, form, write)


@needs(EDIT)
@require_POST
def change_note(request: HttpRequest, name: str, kind: str, pk: int) -> HttpResponseBase:
    """Change, move or remove one note, as `verb` says."""
    capability = get_object_or_404(Capability, name=name)
    note = get_object_or_404(Note, capability=capability, kind=kind, pk=pk)
    if request.POST.get("verb") == "remove":
        with suppress(ValidationError):  # somebody else removed it: it is gone as it should be
            notes.remove(note=note, by=Author.of(request))
        return _written(request, capability, kind, "Removed the note.")
    form = NoteForm(request.POST, keys=Loaded(capability, kind).keys, note=note)

    def write() -> str:
        text, by = form.cleaned_data["text"], Author.of(request)
        notes.change(note=note, text=text, key=form.key, seen=form.seen, by=by)
        return "Changed the note."

    return _answer(request, capability, kind, form, write)


def _answer(
    request: HttpRequest,
    capability: Capability,
    kind: str,
    form: NoteForm,
    write: Callable[[], str],
) -> HttpResponseBase:
    """Call `write` if the form can be; the answer to a refusal has the form as it was typed."""
    if form.is_valid():
        try:
            return _written(request, capability, kind, write())
        except ValidationError as error:
            form.add_error("text", error.messages)
    fresh = Loaded(capability, kind)
    context = {**fresh.frame, **fresh.parts, **_with(form, fresh.parts)}
    if is_part(request):
        return page(request, "editor/_notes.html", context, status=422)
    return fresh.answer(request, status=422, **_with(form, fresh.parts))


def _with(form: NoteForm, parts: dict[str, Any]) -> dict[str, Any]:
    """The forms of the page with this one among them; one whose note is gone comes last."""
    if form.note is None:
        return {"new_note": form}
    others = {each.note.pk: each for each in parts["notes"]}
    return {"notes": list({**others, form.note.pk: form}.values())}


def _written(
    request: HttpRequest, capability: Capability, kind: str, told: str
) -> HttpResponseBase:
    fresh = Loaded(capability, kind)
    if not is_part(request):
        tell_written(request, told)
        return redirect(f"{fresh.frame['url']}#notes")
    context = {
        **fresh.frame,
        **fresh.parts,
        "told": told,
        "undo": undo_offer(Author.of(request).request),
    }
    return trigger_client_event(page(request, "editor/_notes.html", context), CHANGED)
