from django.urls import path, register_converter

from .models import Kind
from .views import (
    capabilities,
    checks,
    editor,
    files,
    health,
    layers,
    log,
    machine_templates,
    notes,
    text,
    transfer,
    transitions,
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
    path("capabilities/<str:name>/<kind:kind>/notes/add/", notes.add_note, name="notes"),
    path("capabilities/<str:name>/<kind:kind>/notes/<int:pk>/", notes.change_note, name="note"),
    path("capabilities/<str:name>/<kind:kind>/<part:part>/", editor.part, name="part"),
    path("capabilities/<str:name>/requires-qa/", checks.require_qa, name="requires-qa"),
    path(
        "capabilities/<str:name>/<kind:kind>/checks/<slug:code>/",
        checks.switch_check,
        name="switch-check",
    ),
    path("checks/", checks.check_list, name="checks"),
    path("machine-templates/", machine_templates.template_list, name="machine-templates"),
    path("new-machine-template/", machine_templates.new_template, name="new-machine-template"),
    path("machine-templates/<slug:slug>.<str:suffix>", files.template_file, name="template-file"),
    path(
        "machine-templates/<slug:slug>/", machine_templates.template_editor, name="machine-template"
    ),
    path(
        "machine-templates/<slug:slug>/transitions/",
        machine_templates.template_rows,
        name="template-rows",
    ),
    path(
        "machine-templates/<slug:slug>/<templatepart:part>/",
        machine_templates.template_part,
        name="template-part",
    ),
    path("log/", log.log, name="log"),
    path("log/<int:sequence>/", log.log_entry, name="log-entry"),
    path("import/", transfer.import_page, name="import"),
    path("export/", transfer.export_page, name="export"),
    path("healthz", health.healthz, name="healthz"),
]
