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
from ..machines.notation import render_with_notes
from ..machines.sentences import all_sentences
from ..models import Capability, vocabulary
from .access import EDIT, SEE, needs
from .answers import page
from .editor import Loaded
from .panes import kinds_of, picture
from .writing import answer_write, is_part, last_entry


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
        return _page(request, Loaded(capability, kind), form=form, **more)

    return answer_write(
        request, write, show=show, page_url=reverse("capabilities:editor", args=[name, kind])
    )


@needs(SEE, EDIT)
@require_POST
def text_preview(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """What saving the text would make of the machine; nothing is written.

    Without scripts it is the whole page, which keeps the version that the person saw.
    """
    loaded = Loaded(get_object_or_404(Capability, name=name), kind)
    if not is_part(request):
        version = request.POST.get("version", "")
        return _page(request, loaded, form=TextForm(request.POST), version=version)
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
        **_preview(loaded, str(form["text"].value() or "")),
        "form": form,
        **more,
    }
    if conflict:
        entry = last_entry(loaded.capability.name, loaded.kind)
        context |= {"conflict": conflict, "conflict_entry": entry}
    return page(request, "editor/text.html", context, status=status)


def _preview(loaded: Loaded, text: str) -> dict[str, Any]:
    if loaded.definition is None:
        return {}
    plan = texts.plan(definition=loaded.definition, shelf=loaded.shelf, text=text)
    context: dict[str, Any] = {"plan": plan}
    if not plan.mistakes:
        name = loaded.capability.name
        context |= {
            "machine": plan.machine,
            "picture": picture(
                plan.machine,
                name=f"Diagram of what is typed for {name}",
                prefix="draft",
                kinds=kinds_of(plan.differences),
            ),
            "sentences": all_sentences(plan.differences),
            "findings": loaded.fleet.checked(
                name, loaded.kind, vocabulary(), typed=plan.machine
            ).findings,
        }
    return context
