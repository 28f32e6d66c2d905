"""What an approved machine is made of, and making it so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from ..auditing import Author, Record
from ..machines.layers import Layer, as_layer, changes_between
from ..machines.machine import Machine
from ..machines.sentences import count
from ..models import Capability, ChangeRequest, Definition, Fleet, Kind, MachineTemplate, Shelf
from . import definitions, machine_templates, rows
from .definitions import Seen

APPLIED = "change request applied"
Put = Callable[[Machine], None]


@dataclass(frozen=True)
class Making:
    """How a definition becomes what was approved: over which layers, by which overrides.

    `like` is the ideal definition whose layers and overrides it takes, if that needs fewer.
    """

    layers: tuple[str, ...]
    overrides: Layer
    like: Definition | None = field(default=None, compare=False)

    @property
    def sentence(self) -> str:
        """What it will be made of, in English."""
        titles = " and ".join(f"“{each}”" for each in self.layers)
        beneath = f"{titles} with " if titles else "no machine template, with "
        number = count(len(self.overrides), "override") if self.overrides else "no override"
        same = "the same layers as the ideal: " if self.like else ""
        return f"It will be made of {same}{beneath}{number}."


def making(fleet: Fleet, name: str, kind: str, proposed: Machine) -> Making:
    """How a capability's machine of one kind becomes the proposed one, by the fewest overrides.

    That is over its own layers; or as the ideal is made, where that is the same machine and needs
    fewer, and no machine template in it is retired.
    """
    shelf = fleet.shelf
    own = fleet.definition(name, kind) or fleet.definition(name, Kind.CURRENT)
    base = own.base(shelf) if own else Machine()
    changes = changes_between(base, proposed) if own else as_layer(proposed)
    present = Making(_titles(own, shelf), changes)
    ideal = fleet.definition(name, Kind.IDEAL)
    if kind != Kind.CURRENT or ideal is None or fleet.machine(name, Kind.IDEAL) != proposed:
        return present
    if len(ideal.own_layer) >= len(changes) or _has_retired(ideal, shelf):
        return present
    return Making(_titles(ideal, shelf), ideal.own_layer, like=ideal)


def _titles(definition: Definition | None, shelf: Shelf) -> tuple[str, ...]:
    layers = definition.layers(shelf) if definition else []
    return tuple(title for title, _ in layers if title)


def _has_retired(definition: Definition, shelf: Shelf) -> bool:
    stages = [each.machine_template_id for each in definition.stages.all()]
    return any(
        shelf.templates[pk].retired for pk in (definition.machine_template_id, *stages) if pk
    )


@contextmanager
def definition_written(
    request: ChangeRequest, message: str, by: Author
) -> Iterator[tuple[Record, Put]]:
    """A write of the definition that a request is about: its record, and what makes the machine."""
    capability = Capability.objects.filter(name=request.name).first()
    if capability is None:
        raise gone(request.target)
    stored = capability.definitions.filter(kind=request.kind).first()
    seen = Seen(capability, request.kind, stored.version if stored else 0)
    with definitions.changing(APPLIED, seen, message, by) as (found, record):

        def put(proposed: Machine) -> None:
            fleet = Fleet([capability.name])
            made = making(fleet, capability.name, request.kind, proposed)
            if made.like:
                _make_like(found, made.like)
            else:
                base = found.base(fleet.shelf)
                rows.replace(found.overrides, made.overrides, beneath=base)

        yield record, put


def _make_like(definition: Definition, other: Definition) -> None:
    """Give the definition the layers, overrides and values of another one."""
    Definition.objects.filter(pk=definition.pk).update(machine_template=other.machine_template_id)
    for parts in (definition.stages, definition.overrides, definition.bindings):
        parts.all().delete()
    definitions.copy_parts({other.pk: definition})


@contextmanager
def template_written(
    request: ChangeRequest, message: str, by: Author
) -> Iterator[tuple[Record, Put]]:
    """The same for a machine template, whose rows are written anew."""
    template = MachineTemplate.objects.filter(slug=request.name).first()
    if template is None:
        raise gone(request.target)
    with machine_templates.changing(APPLIED, template, template.version, message, by) as record:

        def put(proposed: Machine) -> None:
            beneath = Shelf().beneath(template.pk)
            rows.replace(template.rows, changes_between(beneath, proposed), beneath=beneath)

        yield record, put


def gone(name: str) -> ValidationError:
    """The refusal to change what is there no more."""
    return ValidationError(f"{name} was removed; it cannot be changed.", code="gone")
