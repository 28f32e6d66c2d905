"""The notes of a definition: added, changed, moved and removed beside its transitions."""

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
from .writing import CHANGED, is_part


@needs(EDIT)
@require_POST
def add_note(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Add a note to a capability's machine of one kind."""
    capability = get_object_or_404(Capability, name=name)
    loaded = Loaded(capability, kind)
    form = NoteForm(request.POST, keys=loaded.keys)
    if form.is_valid():
        try:
            notes.add(
                text=form.cleaned_data["text"],
                key=form.key,
                capability=capability,
                kind=kind,
                by=Author.of(request),
            )
        except ValidationError as error:
            form.add_error("text", error.messages)
    return _answer(request, loaded, form)


@needs(EDIT)
@require_POST
def change_note(request: HttpRequest, name: str, kind: str, pk: int) -> HttpResponseBase:
    """Change, move or remove one note, as `verb` says."""
    capability = get_object_or_404(Capability, name=name)
    note = get_object_or_404(Note, capability=capability, kind=kind, pk=pk)
    loaded = Loaded(capability, kind)
    form = NoteForm(request.POST, keys=loaded.keys)
    if request.POST.get("verb") == "remove":
        notes.remove(note=note, by=Author.of(request))
        form = NoteForm(keys=loaded.keys)
    elif form.is_valid():
        try:
            text = form.cleaned_data["text"]
            notes.change(note=note, text=text, key=form.key, by=Author.of(request))
        except ValidationError as error:
            form.add_error("text", error.messages)
    return _answer(request, loaded, form, note=note)


def _answer(
    request: HttpRequest, loaded: Loaded, form: NoteForm, note: Note | None = None
) -> HttpResponseBase:
    fresh = Loaded(loaded.capability, loaded.kind)
    if not form.errors:
        if not is_part(request):
            return redirect(f"{fresh.frame['url']}#notes")
        response = page(request, "editor/_notes.html", {**fresh.frame, **fresh.parts})
        return trigger_client_event(response, CHANGED)
    context = {**fresh.frame, **fresh.parts, "note_form": form, "wrong_note": note}
    if is_part(request):
        return page(request, "editor/_notes.html", context, status=422)
    return fresh.answer(request, status=422, note_form=form, wrong_note=note)
