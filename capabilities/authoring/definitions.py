"""Definitions: which machine template and stages one has, and an ideal of its own or none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from ..auditing import Author, Record, recorded
from ..fields import validate_name
from ..machines.machine import parameters
from ..models import (
    Binding,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Override,
    Shelf,
    Stage,
)
from .conflicts import ConflictError, claim, require_offered


@dataclass(frozen=True)
class Seen:
    """A definition as the person who writes to it saw it.

    Version 0 of an ideal means that it was the same as current.
    """

    capability: Capability
    kind: str
    version: int

    def __str__(self) -> str:
        return f"{self.capability} {self.kind}"


@contextmanager
def changing(
    action: str, definition: Seen, message: str, by: Author
) -> Iterator[tuple[Definition, Record]]:
    """A recorded write to one definition. Raises ConflictError when it is not as it was seen.

    An ideal that was the same as current begins as a copy of the current definition.
    """
    target = (definition.capability, definition.kind)
    with recorded(action, definitions=[target], message=message, by=by) as record:
        found = Definition.objects.filter(capability=target[0], kind=target[1]).first()
        if found is not None:
            claim(found, definition.version)
        elif definition.kind == Kind.IDEAL and definition.version == 0:
            found = _copied_from_current(definition)
        else:
            raise ConflictError(definition)
        yield found, record


def _copied_from_current(seen: Seen) -> Definition:
    """An ideal definition with the same parts as the current one."""
    current = Definition.objects.filter(capability=seen.capability, kind=Kind.CURRENT).first()
    if current is None:  # the capability was removed
        raise ConflictError(seen)
    ideal = Definition.objects.create(
        capability=current.capability,
        kind=Kind.IDEAL,
        machine_template=current.machine_template,
    )
    models: tuple[type[Stage | Override | Binding], ...] = (Stage, Override, Binding)
    for model in models:
        for part in model._default_manager.filter(definition=current):
            part.pk = None
            part.definition = ideal
            part.save(force_insert=True)
    return ideal


def choose_machine_template(
    *,
    definition: Seen,
    machine_template: MachineTemplate | None,
    message: str = "",
    by: Author,
) -> Definition:
    """Put the definition on another machine template, or on none; stages and overrides stay.

    A stage whose layer the chosen machine template has already goes. Raises ValidationError when
    it is gone or retired.
    """
    with changing("machine template chosen", definition, message, by) as (written, record):
        if machine_template != written.machine_template:
            require_offered(machine_template)
        written.machine_template = machine_template
        written.save()
        written.stages.filter(machine_template__in=_chain(machine_template)).delete()
        named = f"the machine template “{machine_template}”" if machine_template else "none"
        record.summary = f"Chose {named} for {written}"
    return written


def _chain(machine_template: MachineTemplate | None) -> list[MachineTemplate]:
    return Shelf().chain(machine_template.pk) if machine_template else []


def attach_stage(
    *, definition: Seen, machine_template: MachineTemplate, message: str = "", by: Author
) -> Definition:
    """Attach the machine template's own layer on top, after the stages that there are.

    Raises ValidationError when it is attached already, is part of the machine template, or is
    retired.
    """
    with changing("stage attached", definition, message, by) as (written, record):
        require_offered(machine_template)
        if machine_template in _chain(written.machine_template):
            raise ValidationError(
                f"“{machine_template}” is in the machine template of this definition already.",
                code="stage-is-template",
            )
        if written.stages.filter(machine_template=machine_template).exists():
            raise ValidationError(
                f"The stage “{machine_template}” is attached already.", code="stage-twice"
            )
        last = written.stages.last()
        written.stages.create(
            machine_template=machine_template, position=last.position + 1 if last else 0
        )
        record.summary = f"Attached the stage “{machine_template}” to {written}"
    return written


def remove_stage(
    *, definition: Seen, machine_template: MachineTemplate, message: str = "", by: Author
) -> Definition:
    """Take a stage away; the overrides stay. Raises ValidationError when it is not attached."""
    with changing("stage removed", definition, message, by) as (written, record):
        removed, _ = written.stages.filter(machine_template=machine_template).delete()
        if not removed:
            raise ValidationError(
                f"The stage “{machine_template}” is not attached.", code="no-such-stage"
            )
        record.summary = f"Removed the stage “{machine_template}” from {written}"
    return written


def bind_parameters(
    *, definition: Seen, values: Mapping[str, str], message: str = "", by: Author
) -> Definition:
    """Set the values of parameters; an empty one takes the value away.

    Raises ValidationError for a value that no name can have, or a parameter that is not there.
    """
    with changing("parameters bound", definition, message, by) as (written, record):
        known = {*parameters(written.unbound(Shelf())), *written.values}
        if unknown := sorted(set(values) - known):
            raise ValidationError(
                f"This machine has no parameter ({unknown[0]}).", code="no-such-parameter"
            )
        for parameter, value in values.items():
            if value:
                validate_name(value)
                written.bindings.update_or_create(parameter=parameter, defaults={"value": value})
            else:
                written.bindings.filter(parameter=parameter).delete()
        told = ", ".join(f"({name}) = {value or 'nothing'}" for name, value in values.items())
        record.summary = f"Bound {told} in {written}"
    return written


def make_same_as_current(*, definition: Seen, message: str = "", by: Author) -> Definition:
    """Remove the ideal definition, so that the ideal is the same as current.

    Raises ValidationError for a current definition, and ConflictError.
    """
    if definition.kind != Kind.IDEAL:
        raise ValidationError("Only an ideal can be the same as current.", code="not-an-ideal")
    with changing("ideal made the same as current", definition, message, by) as (written, record):
        record.summary = f"Made the ideal of {written.capability} the same as its current machine"
        written.delete()
    return written
