"""Where names are written, and which machines have them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..machines.layers import Change, Drop
from ..machines.machine import Key
from ..machines.usage import (
    ActionKinds,
    Name,
    kinds_of_parameters,
    names_of_change,
    names_of_machine,
)
from .definitions import Definition
from .fleet import Fleet
from .templates import MachineTemplate


@dataclass(frozen=True)
class Place:
    """A row of a machine template, an override, or the value of a parameter; it writes a name.

    `key` is the row's; None for a value, which has a `parameter`.
    """

    owner: MachineTemplate | Definition
    key: Key | None = None
    drop: bool = False
    parameter: str = ""


class Places:
    """Every name of every machine: the places that write it, and the machines that have it.

    `machines` gives for each definition the keys of the transitions that use the name.
    """

    def __init__(self, fleet: Fleet, actions: ActionKinds) -> None:
        self.written: dict[Name, list[Place]] = {}
        self.machines: dict[Name, dict[tuple[str, str], list[Key]]] = {}
        for pk, template in fleet.shelf.templates.items():
            for change in fleet.shelf.own(pk):
                self._write(change, template, actions)
        for whose, definition in fleet.definitions.items():
            for change in definition.own_layer:
                self._write(change, definition, actions)
            for parameter, name in values_of(definition, fleet, actions):
                self.written.setdefault(name, []).append(Place(definition, parameter=parameter))
            for name, keys in names_of_machine(fleet.machine(*whose), actions).items():
                self.machines.setdefault(name, {})[whose] = keys

    def _write(
        self, change: Change, owner: MachineTemplate | Definition, actions: ActionKinds
    ) -> None:
        place = Place(owner, change.key, drop=isinstance(change, Drop))
        for name in dict.fromkeys(names_of_change(change, actions)):
            self.written.setdefault(name, []).append(place)


def values_of(
    definition: Definition, fleet: Fleet, actions: ActionKinds
) -> Iterator[tuple[str, Name]]:
    """The parameters that a definition binds, each with the name that its value is."""
    bindings = definition.bindings.all()
    if not bindings:
        return
    changes = [change for _, layer in definition.layers(fleet.shelf) for change in layer]
    kinds = kinds_of_parameters(changes, actions)
    for binding in bindings:
        for kind in sorted(kinds.get(binding.parameter, ())):
            yield binding.parameter, (kind, binding.value)
