"""Machine templates: the list, and the editor of one."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..auditing import Author
from ..authoring import machine_templates
from ..authoring.rehearsal import rehearse
from ..forms import MachineTemplateForm, TransitionForm
from ..machines.machine import Key, parameters
from ..machines.notation import render_actions
from ..models import Definition, MachineTemplate, Shelf, vocabulary
from .access import ADD_TEMPLATES, EDIT_TEMPLATES, SEE, needs
from .answers import page
from .capabilities import template_pictures
from .editor import OpenForm, known_names
from .panes import picture
from .presence import of_template
from .rows import rows_of_template
from .transitions import key_of, require_valid, take
from .writing import answer_plan, answer_write, last_entry, last_sequence, tell

PARTS = ("diagram", "users")


@needs(SEE)
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """All machine templates with their pictures and who uses them."""
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
    return page(
        request, "machine_templates/list.html", {"title": "Machine templates", "listed": listed}
    )


@needs(SEE)
@require_safe
def template_editor(request: HttpRequest, slug: str) -> HttpResponse:
    """One machine template; `?source=&event=` opens a row, `?add` the form of a new one."""
    loaded = LoadedTemplate(get_object_or_404(MachineTemplate, slug=slug))
    return loaded.answer(request, form=loaded.open_form(request.GET))


@needs(SEE)
@require_safe
def template_part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """The diagram or the users of a machine template, as they are now."""
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
        }

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
            "actions": render_actions(transition.actions) if transition.actions else "",
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
        notes = self.template.notes.all()
        context = {
            **self.frame,
            "form": form,
            "rows": rows_of_template(self.template.pk, self.shelf, notes),
            "known": known_names(vocabulary()),
            **more,
        }
        if conflict:
            entry = last_entry(self.template.slug)
            context |= {"conflict": conflict, "conflict_entry": entry}
        if request.headers.get("HX-Request"):
            return page(request, "machine_templates/_machine.html", context, status=status)
        here = of_template(request, self.template.slug)
        context = {**self.parts, **here, "notes": notes, **context}
        return page(request, "machine_templates/editor.html", context, status=status)

    @property
    def parts(self) -> dict[str, Any]:
        """What the parts beside the transitions show."""
        pk = self.template.pk
        called = f"Diagram of {self.template.title}"
        above = self.shelf.above([pk])
        users = Definition.objects.select_related("capability")
        return {
            "picture": picture(self.machine, name=called, prefix="diagram"),
            "machine": self.machine,
            "parameters": parameters(self.machine),
            "users": users.filter(machine_template__in=above),
            "staged": users.filter(stages__machine_template__in=above).distinct(),
            "above": [self.shelf.templates[each] for each in sorted(above - {pk})],
        }


@needs(EDIT_TEMPLATES)
@require_POST
def template_rows(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Put, drop or restore one transition of a machine template, or plan a put, as `verb` says."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    form: OpenForm | None = None
    if request.POST.get("verb") in ("put", "plan"):
        form = OpenForm(key_of(request), TransitionForm(request.POST))

    def write(version: int) -> str:
        if form:
            return _put(request, template, version, form)
        drop, restore = machine_templates.drop, machine_templates.restore
        return take(
            request,
            drop=partial(drop, machine_template=template, version=version),
            restore=partial(restore, machine_template=template, version=version),
        )

    def show(**more: object) -> HttpResponse:
        open_form = None if "told" in more else form
        return LoadedTemplate(template).answer(request, form=open_form, **more)  # type: ignore[arg-type]

    if request.POST.get("verb") == "plan":
        return answer_plan(request, lambda version: rehearse(lambda: write(version)), show=show)
    url = reverse("capabilities:machine-template", args=[slug])
    return answer_write(request, write, show=show, page_url=url)


def _put(request: HttpRequest, template: MachineTemplate, version: int, opened: OpenForm) -> str:
    form = opened.form
    require_valid(form)
    machine_templates.put(
        machine_template=template,
        key=opened.key,
        transition=form.transition,
        version=version,
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
