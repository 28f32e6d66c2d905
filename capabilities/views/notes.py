"""The notes of a machine: added, changed, moved, answered and removed beside its transitions.

A definition and a machine template have the same notes: `Noted` is what is not the same in them.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from ..auditing import Author
from ..authoring import notes
from ..forms import AnswerForm, NoteForm
from ..models import Capability, MachineTemplate, Note
from .access import EDIT, EDIT_TEMPLATES, needs
from .answers import page
from .editor import Loaded
from .machine_templates import LoadedTemplate
from .writing import CHANGED, is_part, tell, tell_written, undo_offer


@dataclass(frozen=True)
class Noted:
    """A machine with notes: what a note says of it, how its page is loaded, the part of the page.

    `load` is called again after a write, and gives what is stored then.
    """

    owner: Mapping[str, Any]
    load: Callable[[], Loaded | LoadedTemplate]
    part: str

    @classmethod
    def definition(cls, name: str, kind: str) -> "Noted":
        capability = get_object_or_404(Capability, name=name)
        owner = {"capability": capability, "kind": kind}
        return cls(owner, lambda: Loaded(capability, kind), "editor/_notes.html")

    @classmethod
    def machine_template(cls, slug: str) -> "Noted":
        template = get_object_or_404(MachineTemplate, slug=slug)
        part = "machine_templates/_notes.html"
        return cls({"machine_template": template}, lambda: LoadedTemplate(template), part)


@needs(EDIT)
@require_POST
def add_note(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Add a note to a capability's machine of one kind."""
    return _add(request, Noted.definition(name, kind))


@needs(EDIT)
@require_POST
def change_note(request: HttpRequest, name: str, kind: str, pk: int) -> HttpResponseBase:
    """Change, move or remove one note of a capability's machine, as `verb` says."""
    return _change(request, Noted.definition(name, kind), pk)


@needs(EDIT)
@require_POST
def answer_note(request: HttpRequest, name: str, kind: str, pk: int) -> HttpResponseBase:
    """Answer one question of a capability's machine, or open it again, as `verb` says."""
    return _take_answer(request, Noted.definition(name, kind), pk)


@needs(EDIT_TEMPLATES)
@require_POST
def answer_template_note(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Answer one question of a machine template, or open it again, as `verb` says."""
    return _take_answer(request, Noted.machine_template(slug), pk)


@needs(EDIT_TEMPLATES)
@require_POST
def add_template_note(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Add a note to a machine template."""
    return _add(request, Noted.machine_template(slug))


@needs(EDIT_TEMPLATES)
@require_POST
def change_template_note(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Change, move or remove one note of a machine template, as `verb` says."""
    return _change(request, Noted.machine_template(slug), pk)


def _add(request: HttpRequest, noted: Noted) -> HttpResponseBase:
    form = NoteForm(request.POST, machine=noted.load().machine)

    def write() -> str:
        added = notes.add(**form.said, **noted.owner, by=Author.of(request))
        return f"Added the {word_of(added)}."

    return _answer(request, noted, form, write)


def _change(request: HttpRequest, noted: Noted, pk: int) -> HttpResponseBase:
    note = get_object_or_404(Note, **noted.owner, pk=pk)
    if request.POST.get("verb") == "remove":
        with suppress(ValidationError):  # somebody else removed it: it is gone as it should be
            notes.remove(note=note, by=Author.of(request))
        return _written(request, noted, "Removed the note.")
    form = NoteForm(request.POST, machine=noted.load().machine, note=note)

    def write() -> str:
        by = Author.of(request)
        changed = notes.change(note=copy(note), **form.said, seen=form.seen, by=by)
        return f"Changed the {word_of(changed)}."

    return _answer(request, noted, form, write)


def _take_answer(request: HttpRequest, noted: Noted, pk: int) -> HttpResponseBase:
    note = get_object_or_404(Note, **noted.owner, pk=pk)
    shown = NoteForm(machine=noted.load().machine, note=note)
    form = shown.answering = AnswerForm(request.POST, note=note)

    def show(status: int) -> HttpResponseBase:
        return _refused(request, noted, shown, status)

    return take_answer(request, note, form, lambda told: _written(request, noted, told), show)


def take_answer(
    request: HttpRequest,
    note: Note,
    form: AnswerForm,
    written: Callable[[str], HttpResponseBase],
    refused: Callable[[int], HttpResponseBase],
) -> HttpResponseBase:
    """Answer a question, or open it again, as `verb` says; the form has what is to be mended.

    The answer is that of `written`, with what was done, or of `refused`, with the status.
    """
    by = Author.of(request)
    if request.POST.get("verb") == "reopen":
        with suppress(ValidationError):  # somebody else did, or removed it: it is as it should be
            notes.reopen(note=copy(note), by=by)
        return written("The question is open again.")
    if form.is_valid():
        try:
            answer = form.cleaned_data["answer"]
            notes.answer(note=copy(note), answer=answer, seen=form.seen, by=by)
        except ValidationError as error:
            tell(form, error)
        else:
            return written("Answered the question.")
    form.fields["answer"].widget.attrs["autofocus"] = True
    return refused(422)


def word_of(note: Note) -> str:
    """What a person calls it."""
    return "question" if note.is_question else "note"


def _answer(
    request: HttpRequest, noted: Noted, form: NoteForm, write: Callable[[], str]
) -> HttpResponseBase:
    """Call `write` if the form can be; the answer to a refusal has the form as it was typed."""
    if form.is_valid():
        try:
            return _written(request, noted, write())
        except ValidationError as error:
            tell(form, error)
    return _refused(request, noted, form, 422)


def _refused(request: HttpRequest, noted: Noted, form: NoteForm, status: int) -> HttpResponseBase:
    fresh = noted.load()
    context = {**fresh.frame, **fresh.parts, **_with(form, fresh.parts)}
    if is_part(request):
        return page(request, noted.part, context, status=status)
    return fresh.answer(request, status=status, **_with(form, fresh.parts))


def _with(form: NoteForm, parts: dict[str, Any]) -> dict[str, Any]:
    """The forms of the page with this one among them; one whose note is gone comes last."""
    if form.note is None:
        return {"new_note": form}
    others = {each.note.pk: each for each in parts["notes"]}
    return {"notes": list({**others, form.note.pk: form}.values())}


def _written(request: HttpRequest, noted: Noted, told: str) -> HttpResponseBase:
    fresh = noted.load()
    if not is_part(request):
        tell_written(request, told)
        return redirect(f"{fresh.frame['url']}#notes")
    context = {
        **fresh.frame,
        **fresh.parts,
        "rows": fresh.rows,
        "told": told,
        "undo": undo_offer(Author.of(request).request),
    }
    return trigger_client_event(page(request, noted.part, context), CHANGED)
