"""Undoing what one request wrote: a write like any other, so it can be undone too.

The audit keeps what each definition and machine template was made of before a write; going back is
having exactly that again. Nothing of the audit is erased.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from ..auditing import Author, Record, recorded
from ..machines.sentences import count
from ..models import (
    AuditEntry,
    Binding,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Note,
    Override,
    Stage,
    TemplateRow,
)
from ..models.made_of import ABSENT, SAME_AS

Parts = dict[str, Any]
"""What something was made of, as the audit keeps it."""


RENAMED = "name renamed"
"""What the entries of a renaming say was done; it changed the registry as well."""


def entries_of(request: str) -> list[AuditEntry]:
    """What a request wrote that can be gone back from, the oldest first."""
    return list(AuditEntry.objects.filter(request=request).exclude(made_of="").order_by("sequence"))


def later_entry(entries: Sequence[AuditEntry]) -> AuditEntry | None:
    """The newest change after `entries` of something that they changed: it stands in the way."""
    if not entries:
        return None
    about = {_subject(each) for each in entries}
    later = AuditEntry.objects.filter(
        sequence__gt=entries[-1].sequence, name__in={each.name for each in entries}
    ).exclude(made_of="")
    return next((each for each in later if _subject(each) in about), None)


def _subject(entry: AuditEntry) -> tuple[str, str, str]:
    return entry.subject, entry.name, entry.kind


def undo(*, request: str, message: str = "", by: Author) -> list[AuditEntry]:
    """Have all that a request changed made of what it was made of before; return its entries.

    All of it or nothing. Raises ValidationError when there is nothing to undo, when some of it was
    changed since, or when something that it was made of is gone.
    """
    entries = entries_of(request)
    if any(each.action == RENAMED for each in entries):
        raise ValidationError(
            "Rename it back instead, which the registry knows of.", code="renamed"
        )
    if not entries:
        raise ValidationError("There is nothing here that can be undone.", code="nothing-to-undo")
    definitions, templates = _present(entries)
    with recorded(
        "undone", definitions=definitions, templates=templates, message=message, by=by
    ) as record:
        # Asked when nobody else can write any more.
        if later := later_entry(entries):
            raise ValidationError(
                f"{later.name} {later.kind}".strip() + f" was changed since by {later.actor}: "
                f"{later.summary}. Undo that first.",
                code="changed-since",
            )
        # Of what one request wrote twice, the first entry knows what was before.
        firsts = {_subject(each): each for each in reversed(entries)}.values()
        for entry in sorted(firsts, key=_turn):
            _go_back(entry, record)
        record.summary = f"Undid: {entries[0].summary}" + _more(len(firsts))
    return entries


_DEFINITION = AuditEntry.Subject.DEFINITION.value


def _turn(entry: AuditEntry) -> tuple[int, int]:
    """Templates come before what is made of them, and go after it, the newest first."""
    if entry.subject == _DEFINITION:
        return 1, entry.sequence
    return (2, -entry.sequence) if ABSENT in json.loads(entry.made_of) else (0, entry.sequence)


def _more(number: int) -> str:
    return f" ({count(number, 'machine')})" if number > 1 else ""


def _present(
    entries: Iterable[AuditEntry],
) -> tuple[list[tuple[Capability, str]], list[MachineTemplate]]:
    """What the entries are about, as far as it is there."""
    names = {each.name for each in entries if each.subject == _DEFINITION}
    found = {each.name: each for each in Capability.objects.filter(name__in=names)}
    definitions = [(found[each.name], each.kind) for each in entries if each.name in found]
    slugs = {each.name for each in entries if each.subject != _DEFINITION}
    return definitions, list(MachineTemplate.objects.filter(slug__in=slugs))


def _go_back(entry: AuditEntry, record: Record) -> None:
    parts: Parts = json.loads(entry.made_of)
    if entry.subject == _DEFINITION:
        _restore_definition(entry.name, entry.kind, parts, record)
    else:
        _restore_template(entry.name, parts, record)


# -- definitions


def _restore_definition(name: str, kind: str, parts: Parts, record: Record) -> None:
    stored = Definition.objects.filter(capability__name=name, kind=kind)
    if ABSENT in parts:
        stored.delete()
        if kind == Kind.CURRENT:  # without it there is no capability
            Capability.objects.filter(name=name).delete()
        return
    capability, _ = Capability.objects.get_or_create(name=name)
    record.definitions.add((capability.pk, kind))
    if SAME_AS in parts:
        stored.delete()
    else:
        chosen = _template(parts["machine_template"])
        if not stored.update(machine_template=chosen, version=F("version") + 1):
            Definition.objects.create(capability=capability, kind=kind, machine_template=chosen)
        _restore_parts(stored.get(), parts)
    _restore_notes({"capability": capability, "kind": kind}, parts["notes"])


def _restore_parts(definition: Definition, parts: Parts) -> None:
    for model in (Stage, Override, Binding):
        model._default_manager.filter(definition=definition).delete()
    Stage.objects.bulk_create(
        Stage(definition=definition, machine_template=_template(slug), position=position)
        for slug, position in parts["stages"].items()
    )
    Override.objects.bulk_create(
        Override(definition=definition, **row) for row in _rows(parts["overrides"])
    )
    Binding.objects.bulk_create(
        Binding(definition=definition, parameter=parameter, value=value)
        for parameter, value in parts["bindings"].items()
    )


def _rows(rows: Iterable[Parts]) -> Iterable[Parts]:
    """Each row's columns, the actions read as they are from the database."""
    actions = TemplateRow._meta.get_field("actions")
    return ({**row, "actions": actions.to_python(row["actions"])} for row in rows)


def _template(slug: str) -> MachineTemplate | None:
    if not slug:
        return None
    found = MachineTemplate.objects.filter(slug=slug).first()
    if found is None:
        raise ValidationError(
            f"It was made of the machine template “{slug}”, which is gone.", code="no-such-template"
        )
    return found


def _restore_notes(owner: Parts, notes: Iterable[Parts]) -> None:
    Note.objects.filter(**owner).delete()
    Note.objects.bulk_create(Note(**owner, **note) for note in notes)


# -- machine templates


def _restore_template(slug: str, parts: Parts, record: Record) -> None:
    stored = MachineTemplate.objects.filter(slug=slug)
    if ABSENT in parts:
        for template in stored:
            _require_unused(template)
        stored.delete()
        return
    over = _template(parts["over"])
    template = stored.first() or MachineTemplate(slug=slug, version=0)
    template.title, template.over = parts["title"], over
    template.version += 1
    template.full_clean()
    template.save()
    record.templates.add(template.pk)
    template.rows.all().delete()
    TemplateRow.objects.bulk_create(
        TemplateRow(machine_template=template, **row) for row in _rows(parts["rows"])
    )
    _restore_notes({"machine_template": template}, parts["notes"])


def _require_unused(template: MachineTemplate) -> None:
    used = template.definitions.exists() or template.stages.exists()
    if used or template.layers_above.exists():
        raise ValidationError(
            f"The machine template “{template}” is used by now, so it stays.",
            code="template-in-use",
        )
