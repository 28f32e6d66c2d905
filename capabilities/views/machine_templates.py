"""Machine templates: the list, and the editor of one."""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..auditing import Author
from ..authoring import machine_templates, shipped
from ..forms import MachineTemplateForm, NoteForm, TransitionForm, note_forms
from ..machines.checks import Finding, check
from ..machines.diff import Kind
from ..machines.machine import Key, Machine, parameters
from ..machines.vocabulary import Vocabulary
from ..models import Definition, MachineTemplate, Note, Shelf, vocabulary
from .access import ADD_TEMPLATES, EDIT_TEMPLATES, SEE, needs
from .answers import page
from .capabilities import template_pictures
from .editor import OpenForm, known_names
from .panes import picture
from .presence import of_template
from .rows import ShownRow, rows_of_template
from .transitions import as_typed, key_of, moved_row, require_valid, take, terms_of
from .writing import answer_planned_write, answer_write, entries_since, last_sequence, tell

PARTS = ("diagram", "users", "findings", "notes")


@needs(SEE)
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """All machine templates with their pictures and who uses them."""
    return _shown_list(request)


def _shown_list(request: HttpRequest, problems: Sequence[str] = ()) -> HttpResponse:
    shelf = Shelf()
    users: dict[int, list[Definition]] = {}
    for definition in Definition.objects.select_related("capability").prefetch_related("stages"):
        parts = {stage.machine_template_id for stage in definition.stages.all()}
        if definition.machine_template_id:
            parts |= {each.pk for each in shelf.chain(definition.machine_template_id)}
        for pk in parts:
            users.setdefault(pk, []).append(definition)
    listed = [
        {**shown, "users": users.get(pk, [])}
        for pk, shown in zip(shelf.templates, template_pictures(shelf), strict=True)
    ]
    context = {
        "title": "Machine templates",
        "listed": listed,
        "offered": shipped.TWO_STAGE_QA if shipped.two_stage_qa_is_offered() else "",
        "problems": problems,
    }
    return page(request, "machine_templates/list.html", context, status=422 if problems else 200)


@needs(ADD_TEMPLATES)
@require_POST
def add_shipped(request: HttpRequest) -> HttpResponseBase:
    """Add the machine template that is shipped with the product, named by its `title`."""
    try:
        if request.POST.get("title") != shipped.TWO_STAGE_QA:
            raise ValidationError("No machine template of that title is shipped.")
        added = shipped.add_two_stage_qa(by=Author.of(request))
    except ValidationError as error:
        return _shown_list(request, problems=error.messages)
    messages.success(request, f"“{added}” was added.")
    return redirect("capabilities:machine-template", slug=added.slug)


@needs(SEE)
@require_safe
def template_editor(request: HttpRequest, slug: str) -> HttpResponse:
    """One machine template; `?source=&event=` opens a row, `?add` the form of a new one."""
    loaded = LoadedTemplate(get_object_or_404(MachineTemplate, slug=slug))
    return loaded.answer(request, form=loaded.open_form(request.GET))


@needs(SEE)
@require_safe
def template_part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """One of PARTS, as it is now."""
    loaded = LoadedTemplate(get_object_or_404(MachineTemplate, slug=slug))
    return page(request, f"machine_templates/_{part}.html", {**loaded.frame, **loaded.parts})


class LoadedTemplate:
    """A machine template with all that its editor shows."""

    def __init__(self, template: MachineTemplate) -> None:
        seen = last_sequence()
        self.shelf = Shelf()
        self.template = self.shelf.templates[template.pk]
        self.machine = self.shelf.machine(template.pk)
        self.frame: dict[str, Any] = {
            "title": self.template.title,
            "template": self.template,
            "version": self.template.version,
            "seen": seen,
            "url": reverse("capabilities:machine-template", args=[template.slug]),
            "transitions_url": reverse("capabilities:template-rows", args=[template.slug]),
            "notes_url": reverse("capabilities:template-notes", args=[template.slug]),
        }

    @cached_property
    def known(self) -> Vocabulary:
        return vocabulary()

    @cached_property
    def keys(self) -> list[Key]:
        return list(self.machine.by_key)

    @property
    def rows(self) -> list[ShownRow]:
        return rows_of_template(self.template.pk, self.shelf, self.notes)

    @cached_property
    def notes(self) -> list[Note]:
        return list(self.template.notes.all())

    def open_form(self, asked: Mapping[str, str]) -> OpenForm | None:
        """The form of the row that is asked for; a key that is gone opens none."""
        if "add" in asked:
            return OpenForm(None, TransitionForm())
        transition = self.machine.by_key.get(Key(asked.get("source", ""), asked.get("event", "")))
        if transition is None:
            return None
        initial = {
            "source": transition.source,
            "event": transition.event,
            "actions": transition.actions,
            "target": transition.target,
        }
        return OpenForm(transition.key, TransitionForm(initial=initial))

    def answer(
        self,
        request: HttpRequest,
        *,
        form: OpenForm | None = None,
        conflict: object = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """The page, or for htmx its table, with the row of `form` open."""
        form = form and form.among(self.machine.by_key)
        context = {
            **self.frame,
            "form": form,
            "rows": self.rows,
            "known": known_names(self.known),
            **more,
        }
        if conflict:
            entries = entries_since(request, self.template.slug)
            context |= {"conflict": conflict, "conflict_entries": entries}
        if request.headers.get("HX-Request"):
            return page(request, "machine_templates/_machine.html", context, status=status)
        here = of_template(request, self.template.slug)
        context = {**self.parts, **here, **context}
        return page(request, "machine_templates/editor.html", context, status=status)

    @cached_property
    def parts(self) -> dict[str, Any]:
        """What the parts beside the transitions show."""
        pk = self.template.pk
        above = self.shelf.above([pk])
        users = Definition.objects.select_related("capability")
        return {
            **self.drawn(self.machine),
            "parameters": parameters(self.machine),
            "users": users.filter(machine_template__in=above),
            "staged": users.filter(stages__machine_template__in=above).distinct(),
            "above": [self.shelf.templates[each] for each in sorted(above - {pk})],
            "findings": self.findings_of(self.machine),
            "notes": note_forms(self.machine, self.notes),
            "new_note": NoteForm(machine=self.machine),
        }

    def drawn(self, machine: Machine, kinds: Mapping[Key, Kind] | None = None) -> dict[str, Any]:
        """The diagram of the machine, or of a draft of it with what is not stored marked."""
        called = f"Diagram of {self.template.title}"
        return {
            "is_draft": kinds is not None,
            "picture": picture(
                machine, name=called, prefix="diagram", kinds=kinds, asked=self.notes
            ),
            "machine": machine,
        }

    def findings_of(self, machine: Machine) -> list[Finding]:
        """What checks say of it, or of a draft; definitions that use it bind its parameters."""
        found = check(machine, capability="", vocabulary=self.known)
        return [finding for finding in found if finding.code != "unbound-parameter"]


@needs(EDIT_TEMPLATES)
@require_POST
def template_rows(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Put, drop or restore one transition of a machine template, as `verb` says.

    What changes the machine of a definition is written once its plan is confirmed.
    """
    template = get_object_or_404(MachineTemplate, slug=slug)
    if arranged := TransitionForm.arranged(request.POST, request.POST.get("verb", "")):
        opened = OpenForm(key_of(request), arranged)
        return LoadedTemplate(template).answer(request, form=opened, **as_typed(request))
    form: OpenForm | None = None
    if request.POST.get("verb") == "put":
        form = OpenForm(key_of(request), TransitionForm(request.POST))

    def write(version: int) -> str:
        if form:
            return _put(request, template, version, form)
        drop, restore = machine_templates.drop, machine_templates.restore
        return take(
            request,
            drop=partial(drop, machine_template=template, version=version),
            restore=partial(restore, machine_template=template, version=version),
            move=partial(machine_templates.move, machine_template=template, version=version),
        )

    def show(**more: object) -> HttpResponse:
        open_form = None if "told" in more else form
        if "told" in more:
            more |= moved_row(request)
        asked = None if form else _asked(request)
        return LoadedTemplate(template).answer(request, form=open_form, asked=asked, **more)  # type: ignore[arg-type]

    answer = answer_planned_write if machine_templates.is_used(template) else answer_write
    url = reverse("capabilities:machine-template", args=[slug])
    return answer(request, write, show=show, page_url=url)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What one of a row's buttons asked for, to be asked for again with the plan."""
    verb = request.POST.get("verb", "")
    key = key_of(request) or Key(request.POST.get("source", ""), request.POST.get("event", ""))
    asked = {"earlier": f"Move {key} up", "later": f"Move {key} down"}
    doing = asked.get(verb, f"{verb.capitalize()} {key}")
    return {"verb": verb, "source": key.source, "event": key.event, "doing": doing}


def _put(request: HttpRequest, template: MachineTemplate, version: int, opened: OpenForm) -> str:
    form = opened.form
    require_valid(form)
    machine_templates.put(
        machine_template=template,
        key=opened.key,
        transition=form.transition,
        version=version,
        register=terms_of(request, form),
        message=form.cleaned_data["message"],
        by=Author.of(request),
    )
    return f"Saved {form.transition.key}."


@needs(ADD_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def new_template(request: HttpRequest) -> HttpResponseBase:
    """Add a machine template by its title, over another one or over none."""
    form = MachineTemplateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            added = machine_templates.add(**form.cleaned_data, by=Author.of(request))
        except ValidationError as error:
            tell(form, error)
        else:
            messages.success(request, f"“{added}” was added; now give it its transitions.")
            return redirect("capabilities:machine-template", slug=added.slug)
    context = {"title": "New machine template", "form": form, "pictures": template_pictures()}
    status = 422 if form.is_bound else 200
    return page(request, "machine_templates/new.html", context, status=status)
