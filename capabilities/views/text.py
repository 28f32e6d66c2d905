"""The text mode of the editor: the whole machine in the notation, and what saving it would do."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from ..auditing import Author
from ..authoring import texts
from ..authoring.definitions import Seen
from ..forms import TextForm
from ..machines.machine import Machine
from ..machines.notation import read, render_with_notes
from ..machines.sentences import all_sentences
from ..machines.vocabulary import ARGUMENT_KINDS
from ..models import Capability
from .access import EDIT, SEE, needs
from .answers import page
from .editor import Loaded, known_names
from .merge import base_of, merge_panel
from .panes import kinds_of, picture
from .presence import of_definition
from .writing import answer_write, entries_since, is_part


@needs(SEE, EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def text_editor(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """The machine as one text; POST saves it."""
    capability = get_object_or_404(Capability, name=name)
    if request.method != "POST":
        return _page(request, Loaded(capability, kind))
    form = TextForm(request.POST)

    def write(version: int) -> str:
        form.is_valid()
        saved = texts.save(
            definition=Seen(capability, kind, version),
            text=form.cleaned_data.get("text", ""),
            message=form.cleaned_data.get("message", ""),
            by=Author.of(request),
        )
        return f"Saved the text of {saved}."

    def show(**more: Any) -> HttpResponse:
        if "conflict" in more and (answer := _merge(request, Loaded(capability, kind), form)):
            return answer
        return _page(request, Loaded(capability, kind), form=form, **more)

    return answer_write(
        request, write, show=show, page_url=reverse("capabilities:editor", args=[name, kind])
    )


def _merge(request: HttpRequest, loaded: Loaded, form: TextForm) -> HttpResponse | None:
    """The panel that joins the text with what somebody else saved, if it can be read."""
    base = base_of(request, loaded.capability.name, loaded.kind)
    reading = read(form.cleaned_data.get("text", ""))
    if base is None or reading.mistakes:
        return None
    typed = {"message": form.cleaned_data.get("message", "")}
    mine = Machine(reading.transitions)
    return merge_panel(request, loaded, base=base, mine=mine, typed=typed, notes=reading.notes)


@needs(SEE, EDIT)
@require_POST
def text_preview(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """What saving the text would make of the machine; nothing is written.

    Without scripts it is the whole page, which keeps the version that the person saw.
    """
    loaded = Loaded(get_object_or_404(Capability, name=name), kind)
    if not is_part(request):
        kept: dict[str, Any] = {name: request.POST.get(name, "") for name in ("version", "seen")}
        return _page(request, loaded, form=TextForm(request.POST), **kept)
    context = _preview(loaded, request.POST.get("text", ""))
    return page(request, "editor/_text_plan.html", {**loaded.frame, **context})


def _page(
    request: HttpRequest,
    loaded: Loaded,
    *,
    form: TextForm | None = None,
    conflict: object = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    if form is None:
        notes = [note.value for note in loaded.fleet_notes]
        form = TextForm(initial={"text": render_with_notes(loaded.machine, notes)})
    context = {
        **loaded.frame,
        **of_definition(request, loaded.capability.name, loaded.kind),
        **_preview(loaded, str(form["text"].value() or "")),
        "form": form,
        "words": _words(loaded),
        **more,
    }
    if conflict:
        entries = entries_since(request, loaded.capability.name, loaded.kind)
        context |= {"conflict": conflict, "conflict_entries": entries}
    return page(request, "editor/text.html", context, status=status)


def _preview(loaded: Loaded, text: str) -> dict[str, Any]:
    if loaded.definition is None:
        return {}
    plan = texts.plan(
        definition=loaded.definition, shelf=loaded.shelf, notes=loaded.fleet_notes, text=text
    )
    context: dict[str, Any] = {"plan": plan}
    if not plan.mistakes:
        name = loaded.capability.name
        checked = loaded.fleet.checked(name, loaded.kind, loaded.known, typed=plan.machine)
        context |= {
            "machine": plan.machine,
            "picture": picture(
                plan.machine,
                name=f"Diagram of what is typed for {name}",
                prefix="draft",
                kinds=kinds_of(plan.differences),
            ),
            "sentences": all_sentences(plan.differences),
            "findings": [
                (finding, plan.lines[finding.key] if finding.key else None)
                for finding in checked.findings
            ],
        }
    return context


def _words(loaded: Loaded) -> dict[str, Any]:
    """What the editor completes names from; the names in the text itself it reads there."""
    known = loaded.known
    return {
        **known_names(known),
        "actions": dict(sorted(known.actions.items())),
        "arguments": {kind: sorted(known.known(kind)) for kind in ARGUMENT_KINDS},
    }
