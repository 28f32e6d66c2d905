"""Many definitions at once: all of them are written, or none is.

One that has already what it would be given stays as it is: it is not written, and not returned.
With `since`, the last audit entry when a plan was made, nothing is written when anything that the
plan was made of changed after it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from ..auditing import Author, Record, locked_head
from ..machines.sentences import count
from ..models import AuditEntry, Definition, Kind, MachineTemplate, Shelf
from .conflicts import ConflictError, require_stored
from .definitions import Seen, changing_each, put_on, put_stage, stored_of, take_stage

Stays = Callable[[Definition], bool]
"""Whether a definition has already what it would be given."""


@dataclass(frozen=True)
class Meant:
    """The definitions that are meant, and the machine template or stage, as somebody saw them.

    `since` is the last audit entry that there was, where a plan was seen: a machine template that
    was edited after it changes the plan, and no definition's version.
    """

    definitions: Sequence[Seen]
    machine_template: MachineTemplate | None
    since: int | None

    def entries_since(self) -> QuerySet[AuditEntry]:
        """What was written to their machines, or to the machine template's, after `since`."""
        if self.since is None:
            return AuditEntry.objects.none()
        names: dict[str, list[str]] = {}
        for each in self.definitions:
            names.setdefault(str(each.kind), []).append(each.capability.name)
            if each.version == 0:  # made of the parts of current
                names.setdefault(str(Kind.CURRENT), []).append(each.capability.name)
        subjects = AuditEntry.Subject
        about = Q()
        for kind, named in names.items():
            about |= Q(subject=subjects.DEFINITION, name__in=named, kind=kind)
        if self.machine_template:
            about |= Q(subject=subjects.MACHINE_TEMPLATE, name=self.machine_template.slug)
        return AuditEntry.objects.filter(about, sequence__gt=self.since)


def choose_machine_template(
    *,
    definitions: Sequence[Seen],
    machine_template: MachineTemplate | None,
    since: int | None = None,
    message: str = "",
    by: Author,
) -> list[Definition]:
    """Put the definitions on another machine template, or on none; stages and overrides stay.

    A stage whose layer the chosen machine template has already goes. Raises ValidationError when
    all of them have it already, and ConflictError.
    """
    layers = _chain(machine_template)

    def stays(each: Definition) -> bool:
        return each.machine_template_id == (machine_template and machine_template.pk) and not (
            _staged(each) & layers
        )

    action, meant = "machine template chosen", Meant(definitions, machine_template, since)
    with _changing(action, meant, stays, message, by) as (written, record):
        require_stored(machine_template)
        put_on(written, machine_template)
        named = f"the machine template “{machine_template}”" if machine_template else "none"
        record.summary = f"Chose {named} for {_told(written)}"
    return written


def attach_stage(
    *,
    definitions: Sequence[Seen],
    machine_template: MachineTemplate,
    since: int | None = None,
    message: str = "",
    by: Author,
) -> list[Definition]:
    """Attach the machine template's own layer on top, after the stages that each has.

    Raises ValidationError when all of them have that layer already, and ConflictError.
    """
    shelf = Shelf()

    def stays(each: Definition) -> bool:
        template = each.machine_template_id
        chain = shelf.chain(template) if template in shelf.templates else []
        return machine_template in chain or machine_template.pk in _staged(each)

    meant = Meant(definitions, machine_template, since)
    with _changing("stage attached", meant, stays, message, by) as (written, record):
        require_stored(machine_template)
        put_stage(written, machine_template)
        record.summary = f"Attached the stage “{machine_template}” to {_told(written)}"
    return written


def remove_stage(
    *,
    definitions: Sequence[Seen],
    machine_template: MachineTemplate,
    since: int | None = None,
    message: str = "",
    by: Author,
) -> list[Definition]:
    """Take a stage away; the overrides stay.

    Raises ValidationError when it is attached to none of them, and ConflictError.
    """

    def stays(each: Definition) -> bool:
        return machine_template.pk not in _staged(each)

    meant = Meant(definitions, machine_template, since)
    with _changing("stage removed", meant, stays, message, by) as (written, record):
        take_stage(written, machine_template)
        record.summary = f"Removed the stage “{machine_template}” from {_told(written)}"
    return written


@contextmanager
def _changing(
    action: str, meant: Meant, stays: Stays, message: str, by: Author
) -> Iterator[tuple[list[Definition], Record]]:
    """A recorded write to those that do not stay; all of them must be as they were seen."""
    with transaction.atomic():
        locked_head()  # nobody writes between this look at them and the write
        made_of = _made_of(meant.definitions)
        if entry := meant.entries_since().first():
            raise ConflictError(f"{entry.name} {entry.kind}".strip())
        going = [each for each in meant.definitions if not stays(made_of[each.target])]
        if not going:
            raise ValidationError(
                "There is nothing to do: each of them is so already.", code="nothing-to-do"
            )
        with changing_each(action, going, message, by) as (written, record):
            yield written, record


def _made_of(definitions: Sequence[Seen]) -> dict[tuple[int, str], Definition]:
    """What each is made of: an ideal without parts of its own is made of those of current.

    Raises ConflictError when one is not as it was seen.
    """
    currents = [replace(each, kind=Kind.CURRENT) for each in definitions]
    stored = stored_of([*definitions, *currents], parts=("stages",))
    found = {}
    for each, current in zip(definitions, currents, strict=True):
        own = stored.get(each.target)
        if (own.version if own else 0) != each.version or current.target not in stored:
            raise ConflictError(own or each)
        found[each.target] = own or stored[current.target]
    return found


def _staged(definition: Definition) -> set[int]:
    return {stage.machine_template_id for stage in definition.stages.all()}


def _chain(machine_template: MachineTemplate | None) -> set[int]:
    shelf = Shelf()
    if machine_template is None or machine_template.pk not in shelf.templates:
        return set()
    return {each.pk for each in shelf.chain(machine_template.pk)}


def _told(written: Sequence[Definition]) -> str:
    """“2 current machines”: an entry of the log names one of them itself."""
    return f"{count(len(written), f'{written[0].kind} machine')} at once"
