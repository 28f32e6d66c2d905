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

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from .machines.notation import note_problem, render
from .models import (
    AuditEntry,
    AuditHead,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Shelf,
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


@dataclass
class Record:
    """What a write is about: definitions by capability and kind, machine templates by id.

    The write fills in `summary`, and adds what it creates. `head` is the last audit entry before
    it; `effects` are there when it is over.
    """

    summary: str = ""
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
        before, named_before = _machines(record, everything)
        yield record
        after, named_after = _machines(record, everything)
        named = named_before | named_after
        entries = []
        for subject in sorted({*before, *after}, key=lambda each: (each not in named, each)):
            effect = Effect(*subject, before.get(subject), after.get(subject))
            if subject in named or effect.before != effect.after:
                record.effects.append(effect)
                entries.append(_next(head, effect, action, record.summary, message, by))
        AuditEntry.objects.bulk_create(entries)
        head.save()


def locked_head() -> AuditHead:
    """The end of the chain, locked until the transaction that this is called in ends."""
    return AuditHead.objects.select_for_update().get_or_create(pk=1)[0]


def _machines(record: Record, everything: bool) -> tuple[dict[Subject, str], set[Subject]]:
    """The machines of all that the write may change, as text, and which of them it names."""
    shelf = Shelf()
    touched = set(shelf.templates) if everything else shelf.above(record.templates)
    machines: dict[Subject, str] = {}
    named: set[Subject] = set()
    for pk in touched:
        template = AuditEntry.Subject.MACHINE_TEMPLATE.value, shelf.templates[pk].slug, ""
        machines[template] = render(shelf.machine(pk))
        if pk in record.templates:
            named.add(template)
    capabilities = {pk for pk, _ in record.definitions}
    staged = Definition.objects.filter(stages__machine_template__in=touched)
    definitions = Definition.objects.whole()
    if not everything:
        definitions = definitions.filter(
            Q(capability__in=capabilities) | Q(machine_template__in=touched) | Q(pk__in=staged)
        )
    for definition in definitions:
        subject = _subject(definition.capability, definition.kind)
        try:
            definition.base(shelf)  # what its overrides cover has to be possible too
            machines[subject] = render(definition.machine(shelf))
        except ValueError as error:
            raise ValidationError(
                f"{definition} cannot be: {error}.", code="impossible-machine"
            ) from error
    for capability in Capability.objects.in_bulk(capabilities).values():
        for kind in Kind.values:
            if (capability.pk, kind) in record.definitions:
                subject = _subject(capability, kind)
                named.add(subject)
                # An ideal without a definition of its own is the same as the current machine.
                same = machines.get(_subject(capability, Kind.CURRENT), "")
                machines.setdefault(subject, same)
    return machines, named


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
        previous=head.digest,
    )
    entry.digest = entry.computed_digest(settings.AUDIT_KEY)
    head.sequence, head.digest = entry.sequence, entry.digest
    return entry


@dataclass(frozen=True)
class Fault:
    """Where the chain is broken, and how."""

    sequence: int
    problem: str


def faults() -> Iterator[Fault]:
    """Walk the chain from its first entry to its head and yield every fault.

    Digests are computed anew from the stored columns, with the key in the settings.
    """
    sequence, digest = 0, ""
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=1000):
        if entry.sequence != sequence + 1:
            yield Fault(sequence + 1, f"missing: the next entry is {entry.sequence}")
        elif entry.previous != digest:
            yield Fault(entry.sequence, "does not follow from the entry before it")
        if entry.digest != entry.computed_digest(settings.AUDIT_KEY):
            yield Fault(entry.sequence, "was changed after it was written")
        sequence, digest = entry.sequence, entry.digest
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    if (head.sequence, head.digest) != (sequence, digest):
        yield Fault(sequence + 1, f"missing: the log ends before entry {head.sequence}")
