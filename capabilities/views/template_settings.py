"""The settings of a machine template: title, what it lies over, whether it is retired; a copy."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from ..auditing import Author
from ..authoring import machine_templates
from ..forms import TemplateOverForm, TemplateTitleForm
from ..models import MachineTemplate, Shelf
from .access import ADD_TEMPLATES, EDIT_TEMPLATES, REMOVE_TEMPLATES, may, needs
from .answers import page
from .writing import answer_planned_write, answer_write, entries_since, is_part, tell

METHODS = ["GET", "HEAD", "POST"]


@needs(ADD_TEMPLATES)
@require_http_methods(METHODS)
def copy_template(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Add a machine template with the same layer and notes, under another title."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    posted = request.POST if request.method == "POST" else None
    form = TemplateTitleForm(posted, initial={"title": f"{template} (copy)"})
    if form.is_valid():
        try:
            copied = machine_templates.copy(
                machine_template=template, **form.cleaned_data, by=Author.of(request)
            )
        except ValidationError as error:
            tell(form, error)
        else:
            messages.success(request, f"“{copied}” is a copy of “{template}”; nobody uses it yet.")
            return redirect("capabilities:machine-template", slug=copied.slug)
    context = {"title": f"Copy {template}", "template": template, "form": form}
    status = 422 if form.is_bound else 200
    return page(request, "machine_templates/copy.html", context, status=status)


@needs(EDIT_TEMPLATES)
@require_http_methods(METHODS)
def settings(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The settings; `verb` renames, lays over, retires, brings back or removes."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    opened = Settings(request, template)
    if request.method != "POST":
        return opened.show()
    if opened.verb not in ("rename", "lay_over", "retire", "bring_back", "remove"):
        raise SuspiciousOperation("no such verb")
    if opened.verb == "remove" and not may(request.user, REMOVE_TEMPLATES):
        raise PermissionDenied
    plan_first = opened.verb == "lay_over" and machine_templates.is_used(template)
    answer = answer_planned_write if plan_first else answer_write
    there = "machine-templates" if opened.verb == "remove" else "template-settings"
    url = reverse(f"capabilities:{there}", args=[] if opened.verb == "remove" else [slug])
    return answer(request, opened.write, show=opened.show, page_url=url)


class Settings:
    """The forms of the settings of a machine template; the one that was sent has what was typed."""

    def __init__(self, request: HttpRequest, template: MachineTemplate) -> None:
        self.request, self.template = request, template
        self.verb = request.POST.get("verb", "")
        self.forms = self._forms(request.POST)

    def _forms(self, posted: Any) -> dict[str, Form]:
        titled = posted if self.verb == "rename" else None
        laid = posted if self.verb == "lay_over" else None
        above = Shelf().above([self.template.pk])
        initial = {"title": self.template.title}
        return {
            "rename": TemplateTitleForm(titled, initial=initial, auto_id="title-%s"),
            "lay_over": TemplateOverForm(laid, template=self.template, above=above),
        }

    def write(self, version: int) -> str:
        """Do what `verb` says, and say what was done."""
        given: dict[str, Any] = {}
        if form := self.forms.get(self.verb):
            if not form.is_valid():
                raise ValidationError("It could not be saved; see what is said below.")
            given = form.cleaned_data
        verb = getattr(machine_templates, self.verb)
        by = Author.of(self.request)
        try:
            verb(machine_template=self.template, version=version, **given, by=by)
        except ValidationError as error:
            if form:
                tell(form, error)
                raise ValidationError("It could not be saved; see what is said below.") from error
            raise
        return {
            "rename": f"It is called “{self.template}” now.",
            "lay_over": f"It lies over {self.template.over or 'none'} now.",
            "retire": f"“{self.template}” is retired.",
            "bring_back": f"“{self.template}” can be chosen again.",
            "remove": f"Removed “{self.template}”.",
        }[self.verb]

    def show(self, *, conflict: object = None, status: int = 200, **more: Any) -> HttpResponse:
        """The page, or for htmx its part, of what is stored now."""
        if "told" in more:
            if self.verb == "remove":
                return HttpResponseClientRedirect(reverse("capabilities:machine-templates"))
            self.verb = ""
        self.template = get_object_or_404(MachineTemplate, pk=self.template.pk)
        forms = {**self._forms(None), self.verb: self.forms.get(self.verb)}
        context = {
            "title": f"Settings of {self.template}",
            "template": self.template,
            "version": self.template.version,
            "url": reverse("capabilities:template-settings", args=[self.template.slug]),
            "rename": forms["rename"],
            "lay_over": forms["lay_over"],
            "in_use": bool(machine_templates.users(self.template)),
            "may_remove": may(self.request.user, REMOVE_TEMPLATES),
            "conflict": conflict,
            **more,
        }
        if conflict:
            context["conflict_entries"] = entries_since(self.request, self.template.slug)
        name = "_settings" if is_part(self.request) else "settings"
        return page(self.request, f"machine_templates/{name}.html", context, status=status)
