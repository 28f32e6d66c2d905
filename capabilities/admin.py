"""The Django admin: every model. What is saved here is saved through `authoring`.

The machine is what staff edit, in its editor: its rows are only shown here, each with the way to
the editor. Names, titles, notes and the registry can be changed here too; the audit cannot.
"""

from contextlib import nullcontext
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from .auditing import Author
from .authoring import capabilities, machine_templates, notes, terms
from .authoring.conflicts import ConflictError
from .forms.login import LoginForm
from .models import (
    AuditEntry,
    AuditHead,
    Binding,
    Capability,
    ChangeRequest,
    Definition,
    Delivery,
    DeliveryAttempt,
    Deployment,
    Deviation,
    KnownDrift,
    MachineTemplate,
    Note,
    Override,
    Release,
    ReleaseMachine,
    ReviewEvent,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
    Term,
    Webhook,
)
from .models.notes import ANSWER

admin.site.site_header = "smadmin"
admin.site.site_title = "smadmin"
admin.site.index_title = "Administration"
admin.site.login_form = LoginForm


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no subscripts at run time
    """A model that is shown and searched, and written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AuthoredAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model whose saves and removals are verbs of `authoring`.

    A verb's refusal is told on the page it came from, and nothing is saved, of several rows none.
    """

    def save_related(self, *_: object) -> None:
        """There are no inlines: everything was saved by the verb."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with a row needs no right of its own: its model cannot be removed alone."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._told(request, super().changelist_view, *args, **kwargs)

    def _told(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        writes = transaction.atomic() if request.method == "POST" else nullcontext()
        try:
            with writes:
                response: HttpResponseBase = view(request, *args, **kwargs)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except ConflictError as error:
            self.message_user(request, f"{error} Look again.", messages.ERROR)
        else:
            return response
        return HttpResponseRedirect(request.get_full_path())


@admin.register(Term)
class TermAdmin(AuthoredAdmin):
    list_display = ("name", "kind", "argument", "final", "description")
    list_filter = ("kind", "final")
    search_fields = ("name", "description")

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        terms.save(term=obj, by=Author.of(request))

    def delete_model(self, request: HttpRequest, obj: Term) -> None:
        terms.remove(term=obj, by=Author.of(request))


@admin.register(Capability)
class CapabilityAdmin(AuthoredAdmin):
    list_display = ("name", "requires_qa")
    list_filter = ("requires_qa",)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The name is what its workflow is called too: it stays."""
        return ("name",) if obj else ()

    def view_on_site(self, obj: Capability) -> str:
        return reverse("capabilities:comparison", args=[obj.name])

    def save_model(self, request: HttpRequest, obj: Capability, form: Any, change: bool) -> None:
        by = Author.of(request)
        if not change:
            added = capabilities.add(name=obj.name, machine_template=None, by=by)
            obj.pk = added.pk
        capabilities.require_qa(capability=obj, requires_qa=obj.requires_qa, by=by)

    def delete_model(self, request: HttpRequest, obj: Capability) -> None:
        capabilities.remove(capability=obj, by=Author.of(request))


class MachineTemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """Remembers which version it was opened with."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = MachineTemplate
        fields = ("title", "over")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version


@admin.register(MachineTemplate)
class MachineTemplateAdmin(AuthoredAdmin):
    form = MachineTemplateForm
    list_display = ("title", "over", "slug")
    search_fields = ("title",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What one lies over changes machines: its own page shows which, before it is saved."""
        return ("over",) if obj else ()

    def view_on_site(self, obj: MachineTemplate) -> str:
        return reverse("capabilities:machine-template", args=[obj.slug])

    def save_model(
        self, request: HttpRequest, obj: MachineTemplate, form: Any, change: bool
    ) -> None:
        by = Author.of(request)
        if not change:
            obj.pk = machine_templates.add(title=obj.title, over=obj.over, by=by).pk
            return
        stored = MachineTemplate.objects.get(pk=obj.pk)
        if obj.title != stored.title:
            machine_templates.rename(
                machine_template=stored,
                title=obj.title,
                version=form.cleaned_data["seen"] or 0,
                by=by,
            )

    def delete_model(self, request: HttpRequest, obj: MachineTemplate) -> None:
        machine_templates.remove(machine_template=obj, version=obj.version, by=Author.of(request))


@admin.register(Note)
class NoteAdmin(AuthoredAdmin):
    list_display = (
        *("text", "is_question", "capability", "kind", "machine_template"),
        *("source", "event", "state", "ticket", "owner"),
    )
    list_filter = ("is_question", "kind", "machine_template")
    search_fields = ("text", "answer", "capability__name")
    list_select_related = ("capability", "machine_template")
    autocomplete_fields = ("capability", "machine_template")
    exclude = ("position",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A note stays on its machine; it can move there. It is answered on its page."""
        return ("capability", "kind", "machine_template", *ANSWER) if obj else ANSWER

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        by = Author.of(request)
        if change:
            notes.change(note=obj, **_said(obj), by=by)
            return
        added = notes.add(
            **_said(obj),
            capability=obj.capability,
            kind=obj.kind,
            machine_template=obj.machine_template,
            by=by,
        )
        obj.pk = added.pk

    def delete_model(self, request: HttpRequest, obj: Note) -> None:
        notes.remove(note=obj, by=Author.of(request))


class PartOfDefinitionAdmin(ReadOnlyAdmin):
    """A row of a definition, with the way to its editor."""

    search_fields = ("definition__capability__name",)
    list_filter = ("definition__kind",)
    list_select_related = ["definition__capability"]

    def view_on_site(self, obj: Stage | Override | Binding) -> str:
        return _editor(obj.definition)


@admin.register(Definition)
class DefinitionAdmin(ReadOnlyAdmin):
    list_display = ("capability", "kind", "machine_template", "version")
    list_filter = ("kind", "machine_template")
    search_fields = ("capability__name",)
    list_select_related = ("capability", "machine_template")

    def view_on_site(self, obj: Definition) -> str:
        return _editor(obj)


@admin.register(Stage)
class StageAdmin(PartOfDefinitionAdmin):
    list_display = ("definition", "machine_template", "position")
    list_select_related = ["definition__capability", "machine_template"]


@admin.register(Override)
class OverrideAdmin(PartOfDefinitionAdmin):
    list_display = ("definition", "drop", "source", "event", "target", "reason", "ticket")


@admin.register(Binding)
class BindingAdmin(PartOfDefinitionAdmin):
    list_display = ("definition", "parameter", "value")


@admin.register(TemplateRow)
class TemplateRowAdmin(ReadOnlyAdmin):
    list_display = ("machine_template", "drop", "source", "event", "target")
    list_filter = ("machine_template",)
    list_select_related = ("machine_template",)

    def view_on_site(self, obj: TemplateRow) -> str:
        return reverse("capabilities:machine-template", args=[obj.machine_template.slug])


@admin.register(SwitchedOffCheck)
class SwitchedOffCheckAdmin(ReadOnlyAdmin):
    list_display = ("code", "capability", "kind", "reason", "by", "at")
    list_filter = ("code", "kind")
    search_fields = ("capability__name", "reason")
    list_select_related = ("capability",)

    def view_on_site(self, obj: SwitchedOffCheck) -> str:
        return reverse("capabilities:editor", args=[obj.capability.name, obj.kind])


@admin.register(Deviation)
class DeviationAdmin(ReadOnlyAdmin):
    list_display = ("capability", "source", "event", "state", "ticket", "owner", "until")
    list_filter = ("state",)
    search_fields = ("capability__name", "ticket", "owner", "reason")
    list_select_related = ("capability",)

    def view_on_site(self, obj: Deviation) -> str:
        return reverse("capabilities:comparison", args=[obj.capability.name])


@admin.register(KnownDrift)
class KnownDriftAdmin(ReadOnlyAdmin):
    list_display = ("capability", "source", "event", "state", "owner", "until")
    list_filter = ("state",)
    search_fields = ("capability", "owner", "reason")


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "title", "by", "at", "digest")
    search_fields = ("title", "notes", "by")


@admin.register(ReleaseMachine)
class ReleaseMachineAdmin(ReadOnlyAdmin):
    list_display = ("release", "name", "kind", "title", "requires_qa")
    list_filter = ("kind",)
    search_fields = ("name",)
    list_select_related = ("release",)

    def view_on_site(self, obj: ReleaseMachine) -> str:
        return obj.release.get_absolute_url()


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    list_display = ("release", "environment", "at", "by", "remark")
    list_filter = ("environment",)
    list_select_related = ("release",)

    def view_on_site(self, obj: Deployment) -> str:
        return obj.release.get_absolute_url()


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("title", "host", "is_active", "by", "at")
    search_fields = ("title",)
    exclude = ("url", "salt")  # an address may hold a password


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("message_id", "event", "title", "state", "created_at", "due_at")
    list_filter = ("state", "event")
    search_fields = ("message_id", "title")


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    list_display = ("delivery", "at", "status", "problem", "milliseconds")
    list_select_related = ("delivery",)


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "name", "kind", "author", "ticket", "created_at")
    list_filter = ("subject", "kind")
    search_fields = ("title", "name", "author", "ticket")


@admin.register(ReviewEvent)
class ReviewEventAdmin(ReadOnlyAdmin):
    list_display = ("change_request", "verb", "by", "at")
    list_filter = ("verb",)
    list_select_related = ("change_request",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "at", "name", "kind", "summary", "actor", "way")
    list_filter = ("subject", "kind", "way")
    search_fields = ("name", "summary", "message", "actor")


@admin.register(AuditHead)
class AuditHeadAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "digest")


def _said(note: Note) -> dict[str, Any]:
    return {
        "text": note.text,
        "key": note.key,
        "state": note.state,
        "is_question": note.is_question,
        "ticket": note.ticket,
        "owner": note.owner,
    }


def _editor(definition: Definition) -> str:
    return reverse("capabilities:editor", args=[definition.capability.name, definition.kind])
