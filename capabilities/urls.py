from django.urls import path, register_converter

from .models import Kind
from .views import (
    audit,
    capabilities,
    checks,
    compare,
    deviations,
    drafts,
    drift,
    editor,
    files,
    health,
    layers,
    log,
    log_files,
    log_list,
    machine_templates,
    many,
    matching,
    merge,
    new_release,
    notes,
    presence,
    proposing,
    questions,
    registry,
    releases,
    restoring,
    review,
    template_settings,
    terms,
    text,
    transfer,
    transitions,
    undo,
    webhooks,
)


class KindConverter:
    """`current` or `ideal`."""

    regex = "|".join(Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


class PartConverter(KindConverter):
    """A part of the editor that fetches itself."""

    regex = "|".join(editor.PARTS)


class TemplatePartConverter(KindConverter):
    """A part of a machine template's editor that fetches itself."""

    regex = "|".join(machine_templates.PARTS)


register_converter(KindConverter, "kind")
register_converter(PartConverter, "part")
register_converter(TemplatePartConverter, "templatepart")

app_name = "capabilities"
urlpatterns = [
    path("", capabilities.capability_list, name="list"),
    path("new-capability/", capabilities.new_capability, name="new"),
    path("capabilities/<str:name>/", capabilities.comparison, name="comparison"),
    path("capabilities/<str:name>/differences.json", files.differences_file, {"suffix": "json"}),
    path("capabilities/<str:name>/differences.md", files.differences_file, {"suffix": "md"}),
    path("capabilities/<str:name>/differences.svg", files.differences_file, {"suffix": "svg"}),
    path("capabilities/<str:name>/<kind:kind>.<str:suffix>", files.machine_file, name="file"),
    path("capabilities/<str:name>/<kind:kind>/", editor.editor, name="editor"),
    path("capabilities/<str:name>/<kind:kind>/layers/", layers.layers, name="layers"),
    path("capabilities/<str:name>/<kind:kind>/text/", text.text_editor, name="text"),
    path(
        "capabilities/<str:name>/<kind:kind>/text/preview/",
        text.text_preview,
        name="text-preview",
    ),
    path(
        "capabilities/<str:name>/<kind:kind>/transitions/",
        transitions.transitions,
        name="transitions",
    ),
    path(
        "capabilities/<str:name>/<kind:kind>/transitions/preview/",
        drafts.transition_preview,
        name="transition-preview",
    ),
    path("capabilities/<str:name>/<kind:kind>/merge/", merge.merge, name="merge"),
    path(
        "capabilities/<str:name>/<kind:kind>/presence/",
        presence.definition_presence,
        name="presence",
    ),
    path("capabilities/<str:name>/<kind:kind>/notes/add/", notes.add_note, name="notes"),
    path("capabilities/<str:name>/<kind:kind>/notes/<int:pk>/", notes.change_note, name="note"),
    path(
        "capabilities/<str:name>/<kind:kind>/notes/<int:pk>/answer/",
        notes.answer_note,
        name="note-answer",
    ),
    path("capabilities/<str:name>/<kind:kind>/<part:part>/", editor.part, name="part"),
    path("compare/", compare.compare, name="compare"),
    path("many/", many.many_machines, name="many"),
    path("matching/", matching.matching, name="matching"),
    path("matching/adopt/", matching.adopt, name="adopt"),
    path("matching/machine-template/", matching.make_template, name="make-machine-template"),
    path("capabilities/<str:name>/requires-qa/", checks.require_qa, name="requires-qa"),
    path(
        "capabilities/<str:name>/<kind:kind>/checks/<slug:code>/",
        checks.switch_check,
        name="switch-check",
    ),
    path("capabilities/<str:name>/deviations/", deviations.deviation, name="deviation"),
    path("capabilities/<str:name>/deviations/decide/", deviations.decide, name="decide"),
    path("deviations/", deviations.deviation_list, name="deviations"),
    path("checks/", checks.check_list, name="checks"),
    path("machine-templates/", machine_templates.template_list, name="machine-templates"),
    path("new-machine-template/", machine_templates.new_template, name="new-machine-template"),
    path(
        "new-machine-template/shipped/",
        machine_templates.add_shipped,
        name="shipped-machine-template",
    ),
    path("machine-templates/<slug:slug>.<str:suffix>", files.template_file, name="template-file"),
    path(
        "machine-templates/<slug:slug>/", machine_templates.template_editor, name="machine-template"
    ),
    path(
        "machine-templates/<slug:slug>/presence/",
        presence.template_presence,
        name="template-presence",
    ),
    path(
        "machine-templates/<slug:slug>/transitions/",
        machine_templates.template_rows,
        name="template-rows",
    ),
    path(
        "machine-templates/<slug:slug>/transitions/preview/",
        drafts.template_preview,
        name="template-preview",
    ),
    path(
        "machine-templates/<slug:slug>/copy/",
        template_settings.copy_template,
        name="copy-machine-template",
    ),
    path(
        "machine-templates/<slug:slug>/settings/",
        template_settings.settings,
        name="template-settings",
    ),
    path(
        "machine-templates/<slug:slug>/notes/add/", notes.add_template_note, name="template-notes"
    ),
    path(
        "machine-templates/<slug:slug>/notes/<int:pk>/",
        notes.change_template_note,
        name="template-note",
    ),
    path(
        "machine-templates/<slug:slug>/notes/<int:pk>/answer/",
        notes.answer_template_note,
        name="template-note-answer",
    ),
    path(
        "machine-templates/<slug:slug>/<templatepart:part>/",
        machine_templates.template_part,
        name="template-part",
    ),
    path("change-requests/", review.request_list, name="change-requests"),
    path("change-requests/<int:number>/", review.change_request, name="change-request"),
    path("change-requests/<int:number>/edit/", proposing.edit_request, name="edit-request"),
    path("change-requests/<int:number>/words/", proposing.reword_request, name="reword-request"),
    path("capabilities/<str:name>/propose/", proposing.propose, name="propose"),
    path(
        "capabilities/<str:name>/<kind:kind>/propose/", proposing.propose_text, name="propose-text"
    ),
    path(
        "machine-templates/<slug:slug>/propose/",
        proposing.propose_template,
        name="propose-template",
    ),
    path("questions/", questions.question_list, name="questions"),
    path("questions/<int:pk>/", questions.answer_question, name="question"),
    path("questions.csv", questions.questions_file, name="questions-file"),
    path("audit/", audit.audit, name="audit"),
    path("audit/progress/", audit.progress_over_time, name="audit-progress"),
    path("audit.csv", audit.audit_file, {"name": "csv"}, name="audit-csv"),
    path("audit.md", audit.audit_file, {"name": "markdown"}, name="audit-markdown"),
    path("releases/", releases.release_list, name="releases"),
    path("releases/new/", new_release.new_release, name="new-release"),
    path(
        "releases/<int:number>.json",
        releases.release_file,
        {"suffix": "json"},
        name="release-json",
    ),
    path("releases/<int:number>.md", releases.release_file, {"suffix": "md"}, name="release-notes"),
    path("releases/<int:number>/", releases.release, name="release"),
    path("releases/<int:number>/deployments/", releases.record_deployment, name="deploy"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new/", webhooks.new_webhook, name="new-webhook"),
    path("webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/change/", webhooks.change_webhook, name="change-webhook"),
    path("registry/", registry.registry, name="registry"),
    path("registry/term/", registry.term, name="term"),
    path("registry/edit/", terms.edit_term, name="edit-term"),
    path("registry/rename/", terms.rename_term, name="rename-term"),
    path("registry/remove/", terms.remove_term, name="remove-term"),
    path("log/", log_list.log, name="log"),
    path("log/feed.atom", log_files.log_feed, name="log-feed"),
    path("log.csv", log_files.log_file, {"suffix": "csv"}, name="log-csv"),
    path("log.json", log_files.log_file, {"suffix": "json"}, name="log-json"),
    path("log/<int:sequence>/", log.log_entry, name="log-entry"),
    path("log/<int:sequence>/restore/", restoring.restore, name="restore"),
    path("undo/", undo.undo, name="undo"),
    path("import/", transfer.import_page, name="import"),
    path("import/<uuid:job>/", transfer.long_import, name="long-import"),
    path("export/", transfer.export_page, name="export"),
    path("drift/", drift.drift, name="drift"),
    path("drift/decide/", drift.decide, name="decide-drift"),
    path("drift/report.json", drift.drift_file, {"name": "json"}, name="drift-json"),
    path("drift/report.md", drift.drift_file, {"name": "markdown"}, name="drift-markdown"),
    path("healthz", health.healthz, name="healthz"),
]
