"""Restoring: a machine as one entry of the log tells of it, as a new write; nothing is erased.

It is made again of what it was made of then, where the log knows that and it still can be; else the
overrides, or a machine template's rows, give the same machine. Either way the effective machine is
then exactly the text of the entry.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from ..auditing import Author, Record, recorded
from ..machines.layers import Layer, changes_between
from ..machines.machine import Machine
from ..machines.notation import read
from ..machines.sentences import count
from ..models import (
    AuditEntry,
    Capability,
    Definition,
    Fleet,
    Kind,
    MachineTemplate,
    Shelf,
    made_of,
)
from . import rows
from .conflicts import ConflictError, claim
from .definitions import Seen, copied_from_current
from .undoing import Parts, restore_definition, restore_templates

BEFORE, AFTER = SIDES = ("before", "after")

RESTORED = "restored"
"""The action of the audit entries that this writes."""


class Unkept(Enum):
    """Why the log has no text of what something was made of at one side of an entry."""

    NOT_THERE = "there was no such machine"
    STILL_SO = "it is made of the same now"
    UNKNOWN = "the entry is from before the log kept that"


@dataclass(frozen=True)
class Restored:
    """What was restored, and in sentences: what it is made of now, and what that took."""

    written: Definition | Capability | MachineTemplate
    told: tuple[str, ...]


@dataclass
class _Restoring:
    """One entry that is restored: what is wanted, the write's record, and what it says so far."""

    entry: AuditEntry
    wanted: Machine
    then: Parts | Unkept
    record: Record
    told: list[str] = field(default_factory=list)


def restore(
    *, entry: AuditEntry, side: str, version: int, message: str = "", by: Author
) -> Restored:
    """Have the machine that the entry tells of as it was `side` of it, "before" or "after".

    `version` is that of the definition or the machine template, 0 where there is none. A capability
    or a machine template that was removed since comes back. Raises ValidationError when there was
    no such machine, when it is so already, or when the entry is damaged; and ConflictError.
    """
    text = text_of(entry, side)
    reading = read(text)
    if reading.mistakes:
        raise ValidationError(
            "The text of this entry is not in the notation: it was changed after it was written. "
            "Nothing can be restored from it.",
            code="damaged",
        )
    wanted = Machine(reading.transitions)
    is_definition = entry.subject == AuditEntry.Subject.DEFINITION
    with transaction.atomic():
        with recorded(RESTORED, **_targets(entry), message=message, by=by) as record:
            then = made_of_then(entry, side)
            if then is Unkept.NOT_THERE:
                raise ValidationError(
                    f"There was no such machine {side} this entry; there is nothing to restore.",
                    code="not-there",
                )
            restoring = _Restoring(entry, wanted, then, record)
            make = _restore_definition if is_definition else _restore_template
            written = make(restoring, version)
            named = f"{entry.name} {entry.kind}" if is_definition else f"“{written}”"
            record.summary = f"Restored {named} to how it was {side} entry {entry.sequence}"
        if not _is_changed(entry, record):
            raise ValidationError("There is nothing to do: it is so already.", code="nothing-to-do")
    return Restored(written, tuple(restoring.told))


def text_of(entry: AuditEntry, side: str) -> str:
    """The effective machine at one side of an entry. Raises ValidationError for no such side."""
    if side not in SIDES:
        raise ValidationError("Say whether before or after the entry.", code="no-such-side")
    return entry.before if side == BEFORE else entry.after


def version_of(entry: AuditEntry) -> int:
    """The version of what the entry tells of, as it is now; 0 where there is none."""
    stored = _stored(entry)
    return stored.version if stored else 0


def made_of_then(entry: AuditEntry, side: str) -> Parts | Unkept:
    """What the machine was made of at one side of the entry.

    The log keeps what something was made of *before* each write that changed it. So after an entry
    it was made of what the next such entry of the same machine says, or else of what it is now.
    """
    later = same_machine(entry).filter(sequence__gt=entry.sequence).exclude(made_of="")
    found = entry if side == BEFORE and entry.made_of else later.order_by("sequence").first()
    unkept = Unkept.UNKNOWN if text_of(entry, side) else Unkept.NOT_THERE
    if not _is_kept(entry, side, found):
        return unkept
    if found is None:
        is_there = _stored(entry) or (
            entry.kind == Kind.IDEAL and Capability.objects.filter(name=entry.name).exists()
        )
        return Unkept.STILL_SO if is_there else Unkept.NOT_THERE
    if found.made_of == made_of.NOTHING:
        return unkept
    parts: Parts = json.loads(found.made_of)
    return parts


def same_machine(entry: AuditEntry) -> QuerySet[AuditEntry]:
    """Every entry of the machine that an entry tells of, itself included."""
    return AuditEntry.objects.filter(subject=entry.subject, name=entry.name, kind=entry.kind)


def _is_kept(entry: AuditEntry, side: str, found: AuditEntry | None) -> bool:
    """Whether every write to it from that side on, up to `found`, is one whose parts were kept."""
    first = AuditEntry.objects.exclude(made_of="").order_by("sequence").only("sequence").first()
    if first is None:
        return False
    start = entry.sequence if side == BEFORE else entry.sequence + 1
    end = min(first.sequence, found.sequence) if found else first.sequence
    return not same_machine(entry).filter(sequence__gte=start, sequence__lt=end).exists()


def _targets(entry: AuditEntry) -> dict[str, Any]:
    if entry.subject == AuditEntry.Subject.DEFINITION:
        capabilities = Capability.objects.filter(name=entry.name)
        return {"definitions": [(each, entry.kind) for each in capabilities]}
    return {"templates": MachineTemplate.objects.filter(slug=entry.name)}


def _is_changed(entry: AuditEntry, record: Record) -> bool:
    subject = entry.subject, entry.name, entry.kind
    return any(
        (each.subject, each.name, each.kind) == subject
        and (each.before != each.after or each.made_of)
        for each in record.effects
    )


def _stored(entry: AuditEntry) -> Definition | MachineTemplate | None:
    if entry.subject == AuditEntry.Subject.DEFINITION:
        stored = Definition.objects.filter(capability__name=entry.name, kind=entry.kind)
        return stored.select_related("capability").first()
    return MachineTemplate.objects.filter(slug=entry.name).first()


def _claimed(entry: AuditEntry, version: int) -> bool:
    """Whether there is one to restore; raises ConflictError when it is not as it was seen."""
    stored = _stored(entry)
    if stored:
        claim(stored, version)
    elif version:
        raise ConflictError(f"{entry.name} {entry.kind}".strip())
    return stored is not None


# -- a definition


def _restore_definition(restoring: _Restoring, version: int) -> Definition | Capability:
    entry = restoring.entry
    _claimed(entry, version)
    capability = Capability.objects.filter(name=entry.name).first()
    if capability is None and entry.kind == Kind.IDEAL:
        raise ValidationError(
            f"{entry.name} was removed. Restore its current machine first: an ideal machine "
            "cannot be without it.",
            code="no-current",
        )
    if isinstance(restoring.then, Unkept):
        if restoring.then is Unkept.UNKNOWN:
            restoring.told.append(f"The log does not say what it was made of then: {_OLD}.")
    else:
        _try(restoring, lambda parts: _make_again(restoring, parts, capability))
    if Fleet([entry.name]).machine(entry.name, entry.kind) != restoring.wanted:
        _override(restoring)
    if entry.kind == Kind.IDEAL:
        own = Definition.objects.filter(capability__name=entry.name, kind=entry.kind).first()
        return own or Capability.objects.get(name=entry.name)
    return Definition.objects.get_by_natural_key(entry.name, entry.kind)


_OLD = "the entry is older than that part of the log"


def _try(restoring: _Restoring, make: Any) -> None:
    """Make it of what it was made of then; if that cannot be, leave all as it is and say why."""
    try:
        with transaction.atomic():
            make(restoring.then)
    except (ValidationError, ValueError) as error:
        problems = error.messages if isinstance(error, ValidationError) else [f"{error}."]
        restoring.told.append(
            f"It cannot be made of what it was made of then. {' '.join(problems)}"
        )


def _make_again(restoring: _Restoring, parts: Parts, capability: Capability | None) -> None:
    entry = restoring.entry
    if capability and "requires_qa" in parts:  # that is the capability's, not this machine's
        parts = {**parts, "requires_qa": capability.requires_qa}
    restore_definition(entry.name, entry.kind, parts, restoring.record)
    definition = Definition.objects.filter(capability__name=entry.name, kind=entry.kind).first()
    if definition:
        definition.base(shelf := Shelf())  # what its overrides cover has to be possible too
        definition.machine(shelf)
    restoring.told.append(_told_of_definition(parts))


def _told_of_definition(parts: Parts) -> str:
    if "same_as" in parts:
        return "The ideal is the same as current, as it was then."
    titles = dict(MachineTemplate.objects.values_list("slug", "title"))
    used = [each["machine_template"] for each in parts["stages"]]
    stages = f"the stage{'s' if len(used) > 1 else ''} {_quoted(titles[each] for each in used)}"
    chosen = parts["machine_template"]
    made = [
        f"the machine template {_quoted([titles[chosen]])}" if chosen else "no machine template",
        *([stages] if used else []),
        count(len(parts["overrides"]), "override"),
    ]
    return (
        f"It is made of what it was made of then: {', '.join(made)}. Notes, values of parameters "
        "and switched-off checks are those of then as well."
    )


def _quoted(titles: Iterable[str]) -> str:
    return ", ".join(f"“{each}”" for each in titles)


def _override(restoring: _Restoring) -> None:
    """Give the definition the overrides that make its machine exactly the wanted one."""
    entry = restoring.entry
    definition = _own(restoring)
    base = definition.base(Shelf())
    wanted = changes_between(base, restoring.wanted)
    new = _new(definition.own_layer, wanted)
    rows.replace(definition.overrides, wanted, beneath=base)
    for override in definition.overrides.all():
        if override.key in new and not override.reason:
            override.reason = f"To be as in entry {entry.sequence} of the log"
            override.save(update_fields=["reason"])
    template = definition.machine_template
    beneath = f"over the machine template “{template}”" if template else "over no machine template"
    restoring.told.append(
        f"{_because(restoring)}he overrides {beneath} are written anew: "
        f"{count(len(wanted), 'override')}, {len(new)} of them new or changed. With them the "
        "machine is exactly what it was."
    )


def _because(restoring: _Restoring) -> str:
    """Why its own layer is another one than then, as the beginning of a sentence."""
    if restoring.then is Unkept.UNKNOWN:
        return "T"
    return "What lies beneath was changed since, so t"


def _new(present: Layer, wanted: Layer) -> set[object]:
    had = {each.key: each for each in present}
    return {each.key for each in wanted if had.get(each.key) != each}


def _own(restoring: _Restoring) -> Definition:
    """The definition to override, which begins as a copy of current, or as an empty one."""
    entry = restoring.entry
    found = Definition.objects.filter(capability__name=entry.name, kind=entry.kind).first()
    if found:
        return found
    capability, _ = Capability.objects.get_or_create(name=entry.name)
    seen = Seen(capability, entry.kind, 0)
    restoring.record.definitions.add(seen.target)
    if entry.kind == Kind.IDEAL:
        return copied_from_current([seen])[seen.target]
    return Definition.objects.create(capability=capability, kind=entry.kind)


# -- a machine template


def _restore_template(restoring: _Restoring, version: int) -> MachineTemplate:
    entry = restoring.entry
    is_there = _claimed(entry, version)
    parts = None if isinstance(restoring.then, Unkept) else restoring.then
    title = parts["title"] if parts else entry.name
    if parts or not is_there:
        _require_free(title, entry.name)
    if parts:
        _try(restoring, lambda parts: _make_template_again(restoring, parts))
    elif restoring.then is Unkept.UNKNOWN:
        restoring.told.append(f"The log does not say what it was made of then: {_OLD}.")
    template, _ = MachineTemplate.objects.get_or_create(slug=entry.name, defaults={"title": title})
    restoring.record.templates.add(template.pk)
    shelf = Shelf()
    if shelf.machine(template.pk) != restoring.wanted:
        beneath = shelf.beneath(template.pk)
        layer = changes_between(beneath, restoring.wanted)
        over = f"over “{template.over}”" if template.over else "over none"
        rows.replace(template.rows, layer, beneath=beneath)
        restoring.told.append(
            f"{_because(restoring)}he rows {over} are written anew: {count(len(layer), 'row')}. "
            "With them its machine is exactly what it was."
        )
    return template


def _require_free(title: str, slug: str) -> None:
    if MachineTemplate.objects.filter(title=title).exclude(slug=slug).exists():
        raise ValidationError(
            f"Another machine template is called “{title}” by now; give it another title first.",
            code="title-taken",
        )


def _make_template_again(restoring: _Restoring, parts: Parts) -> None:
    restore_templates({restoring.entry.name: parts}, restoring.record)
    over = MachineTemplate.objects.filter(slug=parts["over"]).first()
    beneath = f"over “{over}”" if over else "over none"
    restoring.told.append(
        f"It is made of what it was made of then: the title “{parts['title']}”, "
        f"{count(len(parts['rows']), 'row')} {beneath}. Its notes are those of then as well."
    )
