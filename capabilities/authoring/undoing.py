"""Undo: what one request changed is made again of what it was made of before, as a new write."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, ProtectedError, QuerySet

from ..auditing import Author, Record, recorded
from ..models import (
    AuditEntry,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Note,
    Shelf,
    SwitchedOffCheck,
    made_of,
)
from .renames import RENAMED

MOST = 1000
"""Things that one undo puts back; an import of more is another import's work."""

_UNDID, _REDID = "Undid: ", "Redid: "


def changes(request: str) -> QuerySet[AuditEntry]:
    """The entries of a request that changed what something is made of, the first one first."""
    if not request:
        return AuditEntry.objects.none()
    return AuditEntry.objects.filter(request=request).exclude(made_of="").order_by("sequence")


def changed_since(request: str) -> AuditEntry | None:
    """The newest entry of another request that changed one of the same things later; or None."""
    earlier = changes(request).filter(
        subject=OuterRef("subject"),
        name=OuterRef("name"),
        kind=OuterRef("kind"),
        sequence__lt=OuterRef("sequence"),
    )
    others = AuditEntry.objects.exclude(request=request).exclude(made_of="")
    return others.filter(Exists(earlier)).order_by("-sequence").first()


def undo(*, request: str, message: str = "", by: Author) -> list[AuditEntry]:
    """Make all that a request changed of what it was made of before; the audit keeps both.

    Returns the entries that are undone. Raises ValidationError when there is nothing to undo, when
    one of the things was changed again since, or when something that is needed is not there.
    """
    undone = list(changes(request).defer("before", "after")[: MOST + 1])
    if any(each.action == RENAMED for each in undone):
        raise ValidationError(
            "A name was renamed everywhere, in the registry too: rename it back instead.",
            code="renamed",
        )
    if not undone:
        raise ValidationError("There is nothing to undo.", code="nothing-to-undo")
    if len(undone) > MOST:
        raise ValidationError(
            f"This changed more than {MOST} machines; import the page or the fixture that has "
            "them as they should be.",
            code="too-much-to-undo",
        )
    # The first entry of a thing knows what it was made of before the request.
    first: dict[tuple[str, str, str], AuditEntry] = {}
    for entry in undone:
        first.setdefault((entry.subject, entry.name, entry.kind), entry)
    parts = {name: json.loads(entry.made_of) for name, entry in first.items()}
    definitions = {
        (name, kind): value
        for (subject, name, kind), value in sorted(parts.items())
        if subject == AuditEntry.Subject.DEFINITION
    }
    templates = {
        slug: value
        for (subject, slug, _), value in parts.items()
        if subject == AuditEntry.Subject.MACHINE_TEMPLATE
    }
    capabilities = Capability.objects.filter(name__in={name for name, _ in definitions})
    with recorded(
        "undone",
        definitions=[
            (each, kind)
            for each in capabilities
            for kind in Kind
            if (each.name, kind) in definitions
        ],
        templates=MachineTemplate.objects.filter(slug__in=templates),
        message=message,
        by=by,
    ) as record:
        if later := changed_since(request):
            raise ValidationError(
                f"This cannot be undone any more, for it was changed again by {later.actor}: "
                f"{later.summary}. Undo that first.",
                code="changed-since",
            )
        record.summary = _summary(undone[0].summary)
        record.summaries = {name: _summary(entry.summary) for name, entry in first.items()}
        restore_templates(templates, record)
        for (name, kind), value in definitions.items():
            restore_definition(name, kind, value, record)
        _remove_templates(slug for slug, value in templates.items() if value is None)
    return undone


def _summary(summary: str) -> str:
    """An undo of an undo is a redo."""
    if summary.startswith(_UNDID):
        return f"{_REDID}{summary.removeprefix(_UNDID)}"
    return f"{_UNDID}{summary.removeprefix(_REDID)}"


Parts = Mapping[str, Any]
"""What something was made of, as the audit keeps it."""


def restore_templates(wanted: Mapping[str, Parts | None], record: Record) -> None:
    """Make machine templates of what they were made of, by slug, inside a recorded write.

    Raises ValidationError when that cannot be any more.
    """
    present = {slug: value for slug, value in wanted.items() if value is not None}
    for slug, value in present.items():  # all, before any of them lies over another one
        template, _ = MachineTemplate.objects.get_or_create(
            slug=slug, defaults={"title": value["title"]}
        )
        record.templates.add(template.pk)
    for slug, value in present.items():
        template = _template(slug)
        template.title = value["title"]
        template.retired = value["retired"]
        template.over = _template(value["over"]) if value["over"] else None
        template.version += 1
        if template.over and template in Shelf().chain(template.over.pk):
            raise ValidationError(
                f"“{template.over}” lies over “{template}” itself by now.", code="template-cycle"
            )
        template.full_clean()
        template.save()
        _replace(template.rows, [made_of.columns_of(row) for row in value["rows"]])
        _restore_notes(value["notes"], machine_template=template)


def _remove_templates(slugs: Iterable[str]) -> None:
    for template in MachineTemplate.objects.filter(slug__in=list(slugs)):
        try:
            template.delete()
        except ProtectedError as error:
            raise ValidationError(
                f"“{template}” is used by now, so it stays.", code="template-in-use"
            ) from error


def restore_definition(name: str, kind: str, value: Parts | None, record: Record) -> None:
    """Make a definition of what it was made of, inside a recorded write; None removes it.

    Raises ValidationError when that cannot be any more.
    """
    if value is None and kind == Kind.CURRENT:
        Capability.objects.filter(name=name).delete()
        return
    if value is None:
        value = {"same_as": Kind.CURRENT, "notes": []}
        if not Capability.objects.filter(name=name).exists():
            return
    capability, _ = Capability.objects.get_or_create(name=name)
    record.definitions.add((capability.pk, kind))
    found = Definition.objects.filter(capability=capability, kind=kind)
    if "same_as" in value:
        found.delete()
    else:
        if not found.update(version=F("version") + 1):
            Definition.objects.create(capability=capability, kind=kind)
        _restore_parts(found.get(), value)
    _restore_notes(value["notes"], capability=capability, kind=kind)
    _restore_checks(capability, kind, value)


def _restore_checks(capability: Capability, kind: str, value: Parts) -> None:
    """What is required of the machine, and which checks of it are switched off."""
    if "requires_qa" not in value:  # it did not exist yet, and all that is made begins so
        return
    Capability.objects.filter(pk=capability.pk).update(requires_qa=value["requires_qa"])
    SwitchedOffCheck.objects.filter(capability=capability, kind=kind).delete()
    SwitchedOffCheck.objects.bulk_create(
        SwitchedOffCheck(
            capability=capability, kind=kind, **{**each, "at": datetime.fromisoformat(each["at"])}
        )
        for each in value["switched_off"]
    )


def _restore_parts(definition: Definition, value: Parts) -> None:
    chosen = _template(value["machine_template"]) if value["machine_template"] else None
    definition.machine_template = chosen
    definition.save()
    chain = Shelf().chain(chosen.pk) if chosen else []
    stages = [
        {**each, "machine_template": _template(each["machine_template"])}
        for each in value["stages"]
    ]
    for stage in stages:
        if stage["machine_template"] in chain:
            raise ValidationError(
                f"“{stage['machine_template']}” is in the machine template of {definition} by now.",
                code="stage-is-template",
            )
    _replace(definition.stages, stages)
    _replace(definition.overrides, [made_of.columns_of(row) for row in value["overrides"]])
    bindings = value["bindings"].items()
    _replace(definition.bindings, [{"parameter": name, "value": to} for name, to in bindings])


def _template(slug: str) -> MachineTemplate:
    found = MachineTemplate.objects.filter(slug=slug).first()
    if found is None:
        raise ValidationError(
            f"The machine template “{slug}” that it was made of was removed in the meantime.",
            code="no-such-template",
        )
    return found


def _replace(rows: Any, wanted: Iterable[Mapping[str, Any]]) -> None:
    """Have exactly these rows; only django-stubs knows the type of a related manager."""
    rows.all().delete()
    owner = {rows.field.name: rows.instance}
    rows.bulk_create(rows.model(**owner, **columns) for columns in wanted)


def _restore_notes(wanted: Iterable[Parts], **owner: Any) -> None:
    """Have exactly these notes; one that keeps its place stays the note that it is."""
    places = [note["position"] for note in wanted]
    Note.objects.filter(**owner).exclude(position__in=places).delete()
    for note in wanted:
        Note.objects.update_or_create(
            **owner, position=note["position"], defaults=made_of.note_columns_of(note)
        )
