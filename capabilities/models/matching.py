"""What the machines of a fleet are made of, and what they could be made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..machines.alike import Group, alike
from ..machines.layer_sentences import bases_title, made_of_sentence
from ..machines.machine import Machine
from ..machines.matching import Match
from ..machines.nearest import Distance, Layerings, per_template
from .definitions import OWN_PARAMETER, Definition, Kind
from .fleet import Fleet


@dataclass(frozen=True)
class Matched:
    """A definition: its layers today with the fewest overrides, and every other base it has.

    `nearer` is what needs fewer overrides, the fewest; None when nothing does.
    """

    definition: Definition
    present: Match
    nearer: Match | None
    distances: tuple[Distance, ...]

    @property
    def overrides(self) -> int:
        """As many as are stored; those that do nothing count too."""
        return len(self.definition.overrides.all())

    @property
    def fewer(self) -> int:
        """How many overrides fewer the nearest layers need."""
        return self.overrides - len(self.nearer.changes) if self.nearer else 0


@dataclass(frozen=True)
class Alike:
    """Machines of one kind that are equal up to their name.

    `apart`: they have no machine template in common, and there is none that gives their machine.
    """

    kind: str
    group: Group
    apart: bool


class Matching:
    """A fleet, measured against every machine template that is offered; makes no queries itself."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self._shelf = fleet, fleet.shelf
        self.templates = self._shelf.by_slug()
        self.titles = {slug: each.title for slug, each in self.templates.items()}

    @cached_property
    def _layerings(self) -> Layerings:
        retired = {slug for slug, each in self.templates.items() if each.retired}
        return Layerings(self._shelf.candidates(), OWN_PARAMETER, retired=retired)

    def all(self) -> list[Matched]:
        """Every definition, measured, in the order of their names."""
        return [self.of(*name) for name in sorted(self.fleet.definitions)]

    def of(self, name: str, kind: str) -> Matched:
        """One definition, measured against everything."""
        definition = self.fleet.definitions[name, kind]
        machine = self.fleet.machine(name, kind)
        distances = self._layerings.distances(machine, definition.values)
        return Matched(definition, *self._nearer(definition, machine), per_template(distances))

    def nearer(self, definition: Definition) -> Matched:
        """One definition, and only what is nearer: less work, where there is nothing to find."""
        machine = definition.machine(self._shelf)
        return Matched(definition, *self._nearer(definition, machine), ())

    def _nearer(self, definition: Definition, machine: Machine) -> tuple[Match, Match | None]:
        present = definition.matched(self._shelf, machine)
        if not present.changes:
            return present, None
        return present, self._layerings.nearer(machine, definition.values, present)

    def told(self, found: Matched) -> str:
        """What a machine is made of, and what is nearer or how far the next one is: a sentence."""
        others = [
            (bases_title(each.base.template, each.base.stages, self.titles), each.changes)
            for each in found.distances
            if each.base.template != found.present.template
        ]
        return made_of_sentence(
            str(found.definition),
            found.present,
            self.titles,
            overrides=found.overrides,
            nearer=found.nearer,
            others=others,
        )

    def alike(self) -> list[Alike]:
        """The groups of machines that are equal up to their name, of each kind."""
        return [found for kind in Kind.values for found in self._alike(kind)]

    def _alike(self, kind: str) -> Iterator[Alike]:
        named = {
            name: self.fleet.machine(name, kind)
            for name, of in sorted(self.fleet.definitions)
            if of == kind
        }
        for group in alike(named, OWN_PARAMETER):
            parts = [self._parts(self.fleet.definitions[name, kind]) for name in group.names]
            distances = self.of(group.names[0], kind).distances
            is_known = bool(distances) and not distances[0].changes
            yield Alike(kind, group, not is_known and not set.intersection(*parts))

    def _parts(self, definition: Definition) -> set[int]:
        chosen = definition.machine_template_id
        chain = {each.pk for each in self._shelf.chain(chosen)} if chosen else set()
        return chain | {stage.machine_template_id for stage in definition.stages.all()}
