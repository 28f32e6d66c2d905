"""Definitions: which machine template and stages one has, and an ideal of its own or none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from ..auditing import Author, Record, Target, recorded
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
from .conflicts import ConflictError, claim_each, require_offered


@dataclass(frozen=True)
class Seen:
    """A definition as the person who writes to it saw it.

    Version 0 of an ideal means that it was the same as current.
    """

    capability: Capability
    kind: str
    version: int

    @property
    def target(self) -> Target:
        return self.capability.pk, str(self.kind)

    def __str__(self) -> str:
        return f"{self.capability} {self.kind}"


@contextmanager
def changing(
    action: str, definition: Seen, message: str, by: Author
) -> Iterator[tuple[Definition, Record]]:
    """A recorded write to one definition. Raises ConflictError when it is not as it was seen.

    An ideal that was the same as current begins as a copy of the current definition.
    """
    with changing_each(action, [definition], message, by) as ([written], record):
        yield written, record


@contextmanager
def changing_each(
    action: str, definitions: Sequence[Seen], message: str, by: Author
) -> Iterator[tuple[list[Definition], Record]]:
    """`changing` for many: one write, in a number of queries that never grows."""
    targets = [(each.capability, each.kind) for each in definitions]
    with recorded(action, definitions=targets, message=message, by=by) as record:
        stored = stored_of(definitions)
        claim_each(
            {found: each.version for each in definitions if (found := stored.get(each.target))}
        )
        new = [each for each in definitions if each.target not in stored]
        for each in new:
            if each.kind != Kind.IDEAL or each.version != 0:
                raise ConflictError(each)
        stored |= copied_from_current(new)
        yield [stored[each.target] for each in definitions], record


def stored_of(
    definitions: Iterable[Seen], *, parts: Iterable[str] = ()
) -> dict[Target, Definition]:
    """The definitions as they are stored now, with their `parts`; without those that are not."""
    wanted = {each.target for each in definitions}
    stored = Definition.objects.filter(capability__in={pk for pk, _ in wanted})
    found = stored.select_related("capability", "machine_template").prefetch_related(*parts)
    return {each.target: each for each in found if each.target in wanted}


def copied_from_current(seen: Sequence[Seen]) -> dict[Target, Definition]:
    """An ideal definition for each, with the same parts as the current one."""
    if not seen:
        return {}
    current = stored_of([replace(each, kind=Kind.CURRENT) for each in seen])
    copies = {}
    for each in seen:
        if (each.capability.pk, str(Kind.CURRENT)) not in current:  # the capability was removed
            raise ConflictError(each)
        copied = current[each.capability.pk, str(Kind.CURRENT)]
        copies[copied.pk] = Definition(
            capability=copied.capability,
            kind=Kind.IDEAL,
            machine_template=copied.machine_template,
        )
    Definition.objects.bulk_create(copies.values())
    copy_parts(copies)
    return {each.target: each for each in copies.values()}


def copy_parts(copies: Mapping[int, Definition]) -> None:
    """Give each definition the stages, overrides and values of the one by whose id it stands."""
    models: tuple[Any, ...] = (Stage, Override, Binding)
    for model in models:
        parts = list(model._default_manager.filter(definition__in=list(copies)))
        for part in parts:
            part.pk = None
            part.definition = copies[part.definition_id]
        model._default_manager.bulk_create(parts)


# -- the machine template and the stages: the same for one definition and for many


def put_on(written: Sequence[Definition], machine_template: MachineTemplate | None) -> None:
    """Put the definitions on a machine template, inside a write that is recorded already."""
    Definition.objects.filter(pk__in=[each.pk for each in written]).update(
        machine_template=machine_template
    )
    for each in written:
        each.machine_template = machine_template
    layers = Shelf().chain(machine_template.pk) if machine_template else []
    Stage.objects.filter(definition__in=written, machine_template__in=layers).delete()


def put_stage(written: Sequence[Definition], machine_template: MachineTemplate) -> None:
    """Attach the machine template's own layer after the stages that each definition has."""
    stages = Stage.objects.filter(definition__in=written).order_by()
    lasts = dict(stages.values_list("definition").annotate(Max("position")))
    Stage.objects.bulk_create(
        Stage(
            definition=each,
            machine_template=machine_template,
            position=lasts[each.pk] + 1 if each.pk in lasts else 0,
        )
        for each in written
    )


def take_stage(written: Sequence[Definition], machine_template: MachineTemplate) -> int:
    """Take the stage away from the definitions that have it; returns from how many."""
    stages = Stage.objects.filter(definition__in=written, machine_template=machine_template)
    removed, _ = stages.delete()
    return removed


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
        put_on([written], machine_template)
        named = f"the machine template “{machine_template}”" if machine_template else "none"
        record.summary = f"Chose {named} for {written}"
    return written


def attach_stage(
    *, definition: Seen, machine_template: MachineTemplate, message: str = "", by: Author
) -> Definition:
    """Attach the machine template's own layer on top, after the stages that there are.

    Raises ValidationError when it is attached already, is part of the machine template, or is
    retired.
    """
    with changing("stage attached", definition, message, by) as (written, record):
        require_offered(machine_template)
        template = written.machine_template_id
        if template and machine_template in Shelf().chain(template):
            raise ValidationError(
                f"“{machine_template}” is in the machine template of this definition already.",
                code="stage-is-template",
            )
        if written.stages.filter(machine_template=machine_template).exists():
            raise ValidationError(
                f"The stage “{machine_template}” is attached already.", code="stage-twice"
            )
        put_stage([written], machine_template)
        record.summary = f"Attached the stage “{machine_template}” to {written}"
    return written


def remove_stage(
    *, definition: Seen, machine_template: MachineTemplate, message: str = "", by: Author
) -> Definition:
    """Take a stage away; the overrides stay. Raises ValidationError when it is not attached."""
    with changing("stage removed", definition, message, by) as (written, record):
        if not take_stage([written], machine_template):
            raise _not_attached(machine_template)
        record.summary = f"Removed the stage “{machine_template}” from {written}"
    return written


def move_stage(
    *,
    definition: Seen,
    machine_template: MachineTemplate,
    earlier: bool,
    message: str = "",
    by: Author,
) -> Definition:
    """Have a stage change places with the one before it, or else with the one after it.

    Raises ValidationError when it is not attached, or is the first or last one already.
    """
    with changing("stage moved", definition, message, by) as (written, record):
        stages = list(written.stages.all())
        at = next(
            (i for i, each in enumerate(stages) if each.machine_template_id == machine_template.pk),
            None,
        )
        if at is None:
            raise _not_attached(machine_template)
        to = at - 1 if earlier else at + 1
        if not 0 <= to < len(stages):
            place = "first" if earlier else "last"
            raise ValidationError(
                f"The stage “{machine_template}” is the {place} one already.", code="stage-at-end"
            )
        stages.insert(to, stages.pop(at))
        for position, stage in enumerate(stages):
            stage.position = position
        Stage.objects.bulk_update(stages, ["position"])
        where = "earlier" if earlier else "later"
        record.summary = f"Moved the stage “{machine_template}” {where} in {written}"
    return written


def _not_attached(machine_template: MachineTemplate) -> ValidationError:
    return ValidationError(f"The stage “{machine_template}” is not attached.", code="no-such-stage")


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
