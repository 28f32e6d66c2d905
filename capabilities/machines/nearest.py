"""How far machines are from each machine template, alone and with one stage, nearest first.

A fleet has many machines that are equal up to their name: what was measured for one of them holds
for all. That is exact where taking the name out of a machine and of what it is measured against
takes the same out of both; where it does not, each is measured by itself.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .alike import unnamed
from .layers import changes_between
from .machine import Machine, Transition, bind, parameters
from .matching import Base, Candidate, Match, bases, distance

Values = Mapping[str, str]
_Items = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Distance:
    """How many overrides a machine would need over a base."""

    base: Base
    changes: int


@dataclass(frozen=True)
class _Measured:
    """Bases with all but the own parameter bound, and what their actions' arguments are.

    `is_plain`: the own parameter is the whole argument wherever it is used, and is not in a value.
    """

    machines: tuple[Machine | None, ...]
    arguments: frozenset[str]
    is_plain: bool


class Layerings:
    """All that a machine can be made of; `own` is the parameter that stands for its name."""

    def __init__(
        self, candidates: Sequence[Candidate], own: str, *, retired: Container[str] = ()
    ) -> None:
        self._bases = [
            base
            for base in bases(candidates)
            if not any(name in retired for name in (base.template, *base.stages))
        ]
        self._own = own
        self._used = set(parameters(chain.from_iterable(base.machine for base in self._bases)))
        self._lines: dict[Transition, Transition] = {}
        self._bound: dict[_Items, _Measured] = {}
        self._found: dict[tuple[_Items, Machine], tuple[Distance, ...]] = {}

    def distances(self, machine: Machine, values: Values) -> tuple[Distance, ...]:
        """Of the machine to each base, bound to `values`: fewest changes first, then fewest stages.

        A base that is no machine when it is bound to these values is left out.
        """
        name = values.get(self._own, "")
        others = {key: value for key, value in values.items() if key in self._used - {self._own}}
        against = self._against(others)
        if (
            not name
            or not against.is_plain
            or name in against.arguments
            or name.lower() == "action"  # {no (x)} is no action then
            or self._own in parameters(machine)
        ):
            return self._measured(machine, [_bound(base, values) for base in self._bases])
        key = frozenset(others.items()), unnamed(machine, name, self._own)
        if key not in self._found:
            self._found[key] = self._measured(self._shared(key[1]), against.machines)
        return self._found[key]

    def nearer(self, machine: Machine, values: Values, present: Match) -> Match | None:
        """What needs fewer changes than `present` does, if anything: as `match`, the fewest."""
        if not present.changes:
            return None
        nearest = next(iter(self.distances(machine, values)), None)
        if nearest is None or nearest.changes >= len(present.changes):
            return None
        base = bind(nearest.base.machine, values)
        changes = changes_between(base, machine)
        return Match(nearest.base.template, nearest.base.stages, base, changes)

    def _measured(
        self, machine: Machine, against: Sequence[Machine | None]
    ) -> tuple[Distance, ...]:
        found = [
            Distance(base, distance(bound, machine))
            for base, bound in zip(self._bases, against, strict=True)
            if bound is not None
        ]
        return tuple(sorted(found, key=lambda each: (each.changes, len(each.base.stages))))

    def _shared(self, machine: Machine) -> Machine:
        """The same machine of lines that all share: one that is the same is soon compared."""
        return Machine(tuple(self._lines.setdefault(each, each) for each in machine))

    def _against(self, others: Values) -> _Measured:
        key = frozenset(others.items())
        if key not in self._bound:
            bound = [_bound(base, others) for base in self._bases]
            machines = tuple(each and self._shared(each) for each in bound)
            actions = [action for each in machines if each for t in each for action in t.actions]
            own = f"({self._own})"
            self._bound[key] = _Measured(
                machines,
                frozenset(action.argument for action in actions),
                not any(own in value for value in others.values())
                and all(
                    action.argument == own or self._own not in action.parameters
                    for action in actions
                ),
            )
        return self._bound[key]


def _bound(base: Base, values: Values) -> Machine | None:
    try:
        return bind(base.machine, values)
    except ValueError:  # bound to these values, it is no machine
        return None


def per_template(distances: Sequence[Distance]) -> tuple[Distance, ...]:
    """The nearest of each machine template, alone or with a stage; the nearest of all first."""
    found: dict[str, Distance] = {}
    for each in distances:
        found.setdefault(each.base.template, each)
    return tuple(found.values())
