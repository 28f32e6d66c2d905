"""Around every write: the effective machines before and after, chained, in the write's transaction.

A write names what it is about; whatever else it changes (a machine template changes every
definition that uses it) is found here.
"""

import getpass
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from . import checkpoints
from .machines.notation import note_problem, render
from .models import (
    AuditEntry,
    AuditHead,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Note,
    Shelf,
    SwitchedOffCheck,
    made_of,
)
from .request_ids import id_of

Subject = tuple[str, str, str]
"""What an entry is about: its kind of subject, name, and kind of machine."""


@dataclass(frozen=True)
class Author:
    """Who writes, and which way; what one request or command does shares `request`."""

    id: int | None
    name: str
    way: str
    request: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(cls, request: HttpRequest) -> "Author":
        """The signed-in person, on a page. The same request gives the same author."""
        if not hasattr(request, "_author"):
            user = request.user
            match = request.resolver_match
            way = "admin" if match and match.app_name == "admin" else "page"
            written = cls(user.pk, user.get_username(), way)
            if request_id := id_of(request):
                written = replace(written, request=request_id)
            request._author = written  # type: ignore[attr-defined]
        author: Author = request._author  # type: ignore[attr-defined]
        return author

    @classmethod
    def of_command(cls, command: str) -> "Author":
        """The person who runs a management command, by the name of the system account."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            name = "unknown"
        return cls(None, name, command)


Target = tuple[int, str]
"""A capability's id and a kind."""


@dataclass(frozen=True)
class Effect:
    """What a write did to one machine, as text; None where there was or is no such machine."""

    subject: str
    name: str
    kind: str
    before: str | None
    after: str | None
    made_of: str = ""
    """What it was made of before, if the write changed that."""


@dataclass
class Record:
    """What a write is about: definitions by capability and kind, machine templates by id.

    The write fills in `summary`, and adds what it creates; `summaries` say it of a single machine,
    where it is another one. `head` is the last audit entry before it; `effects` are there when it
    is over.
    """

    summary: str = ""
    summaries: dict[Subject, str] = field(default_factory=dict)
    definitions: set[Target] = field(default_factory=set)
    templates: set[int] = field(default_factory=set)
    head: int = 0
    effects: list[Effect] = field(default_factory=list)


@contextmanager
def recorded(
    action: str,
    *,
    definitions: Iterable[tuple[Capability, str]] = (),
    templates: Iterable[MachineTemplate] = (),
    everything: bool = False,
    message: str = "",
    by: Author,
) -> Iterator[Record]:
    """Run a write in a transaction and write its audit entries into the same one.

    One entry for each definition and machine template that the write names, and one for each other
    whose effective machine is another one afterwards: with `everything`, wherever it is, else where
    the named machine templates reach. Raises ValidationError when a machine cannot be, once its
    parameters are bound. Writes wait for each other here, so that what an entry says
    was before is what the entry before it said was after.
    """
    if message and (problem := note_problem(message)):
        raise ValidationError(f"The message {problem}; it is one line of text.", code="bad-message")
    record = Record(
        definitions={(capability.pk, kind) for capability, kind in definitions},
        templates={template.pk for template in templates},
    )
    with transaction.atomic():
        head = locked_head()
        record.head = head.sequence
        start = head.sequence, head.digest
        before = _snapshot(record, everything)
        yield record
        after = _snapshot(record, everything)
        named = before.named | after.named
        entries = []
        subjects = {*before.machines, *after.machines}
        for subject in sorted(subjects, key=lambda each: (each not in named, each)):
            machines = before.machines.get(subject), after.machines.get(subject)
            effect = Effect(*subject, *machines, _made_of(subject, before, after))
            if subject in named or effect.before != effect.after or effect.made_of:
                record.effects.append(effect)
                summary = record.summaries.get(subject, record.summary)
                entries.append(_next(head, effect, action, summary, message, by))
        AuditEntry.objects.bulk_create(entries)
        head.save()
        if entries:
            end = head.sequence, head.digest
            transaction.on_commit(partial(checkpoints.advance, start, end), robust=True)


def locked_head() -> AuditHead:
    """The end of the chain, locked until the transaction that this is called in ends."""
    return AuditHead.objects.select_for_update().get_or_create(pk=1)[0]


@dataclass
class _Snapshot:
    """All that a write may change: the machines as text, and which of them it names.

    `made_of` has those that it names, and with `everything` all.
    """

    machines: dict[Subject, str] = field(default_factory=dict)
    named: set[Subject] = field(default_factory=set)
    made_of: dict[Subject, str] = field(default_factory=dict)


def _made_of(subject: Subject, before: _Snapshot, after: _Snapshot) -> str:
    old = before.made_of.get(subject, made_of.NOTHING)
    return old if old != after.made_of.get(subject, made_of.NOTHING) else ""


def _snapshot(record: Record, everything: bool) -> _Snapshot:
    shelf = Shelf()
    slugs = {pk: template.slug for pk, template in shelf.templates.items()}
    touched = set(shelf.templates) if everything else shelf.above(record.templates)
    notes, switched_off = _notes(record, everything), _switched_off(record, everything)
    found = _Snapshot()

    def beside(capability: Capability, kind: str) -> made_of.Beside:
        target = capability.pk, kind
        return made_of.Beside(
            capability.requires_qa, notes.get(target, ()), switched_off.get(target, ())
        )

    for pk in touched:
        template = shelf.templates[pk]
        subject = AuditEntry.Subject.MACHINE_TEMPLATE.value, template.slug, ""
        found.machines[subject] = render(shelf.machine(pk))
        if pk in record.templates:
            found.named.add(subject)
        if everything or pk in record.templates:
            found.made_of[subject] = made_of.of_template(template, slugs, notes.get(pk, ()))
    capabilities = {pk for pk, _ in record.definitions}
    staged = Definition.objects.filter(stages__machine_template__in=touched)
    definitions = Definition.objects.whole()
    if not everything:
        definitions = definitions.filter(
            Q(capability__in=capabilities) | Q(machine_template__in=touched) | Q(pk__in=staged)
        )
    for definition in definitions:
        subject = _subject(definition.capability, definition.kind)
        target = definition.capability_id, definition.kind
        try:
            definition.base(shelf)  # what its overrides cover has to be possible too
            found.machines[subject] = render(definition.machine(shelf))
        except ValueError as error:
            raise ValidationError(
                f"{definition} cannot be: {error}.", code="impossible-machine"
            ) from error
        if everything or target in record.definitions:
            found.made_of[subject] = made_of.of_definition(
                definition, slugs, beside(definition.capability, definition.kind)
            )
    present = Capability.objects.all()
    for capability in present if everything else present.filter(pk__in=capabilities):
        for kind in Kind.values:
            subject, target = _subject(capability, kind), (capability.pk, kind)
            is_named = target in record.definitions
            # An ideal without a definition of its own is the same as the current machine.
            if is_named:
                found.named.add(subject)
                same = found.machines.get(_subject(capability, Kind.CURRENT), "")
                found.machines.setdefault(subject, same)
            if (is_named or everything) and subject not in found.made_of:
                own = made_of.of_definition(None, slugs, beside(capability, kind))
                found.made_of[subject] = own
    return found


def _notes(record: Record, everything: bool) -> dict[Target | int, list[Note]]:
    """The notes that a write may change, by definition or machine template, in their order."""
    found: dict[Target | int, list[Note]] = {}
    notes = Note.objects.all()
    if not everything:
        capabilities = {pk for pk, _ in record.definitions}
        notes = notes.filter(
            Q(capability__in=capabilities) | Q(machine_template__in=record.templates)
        )
    for note in notes:
        owner = note.machine_template_id or (note.capability_id or 0, note.kind)
        found.setdefault(owner, []).append(note)
    return found


def _switched_off(record: Record, everything: bool) -> dict[Target, list[SwitchedOffCheck]]:
    """The checks that are switched off where the write may change that, by definition."""
    found: dict[Target, list[SwitchedOffCheck]] = {}
    checks = SwitchedOffCheck.objects.all()
    if not everything:
        checks = checks.filter(capability__in={pk for pk, _ in record.definitions})
    for check in checks:
        found.setdefault((check.capability_id, check.kind), []).append(check)
    return found


def _subject(capability: Capability, kind: str) -> Subject:
    return AuditEntry.Subject.DEFINITION.value, capability.name, str(kind)


def _next(
    head: AuditHead,
    effect: Effect,
    action: str,
    summary: str,
    message: str,
    by: Author,
) -> AuditEntry:
    """The entry that follows the head, which is then the head; neither is saved."""
    entry = AuditEntry(
        sequence=head.sequence + 1,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        request=by.request,
        actor_id=by.id,
        actor=by.name,
        way=by.way,
        action=action,
        subject=effect.subject,
        name=effect.name,
        kind=effect.kind,
        summary=summary,
        message=message,
        before=effect.before or "",
        after=effect.after or "",
        made_of=effect.made_of,
        previous=head.digest,
    )
    entry.digest = entry.computed_digest(settings.AUDIT_KEY)
    head.sequence, head.digest = entry.sequence, entry.digest
    return entry
