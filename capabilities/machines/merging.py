"""Two people changed one machine: what both started from, theirs, mine, and both in one."""

from collections.abc import Mapping
from dataclasses import dataclass

from .layers import with_put
from .machine import Key, Machine, Transition


@dataclass(frozen=True, slots=True)
class ThreeWays:
    """One key in what both started from, in theirs and in mine; None where it is not there."""

    key: Key
    base: Transition | None
    theirs: Transition | None
    mine: Transition | None

    @property
    def is_same(self) -> bool:
        return self.base == self.theirs == self.mine

    @property
    def takes_mine(self) -> bool:
        """Whether mine is the one to begin with: it is, where I changed something."""
        return self.mine != self.base

    @property
    def is_contested(self) -> bool:
        """Whether both changed it, and not to the same."""
        return self.mine != self.base != self.theirs != self.mine


def three_ways(base: Machine, theirs: Machine, mine: Machine) -> tuple[ThreeWays, ...]:
    """Every key of the three, in the order of theirs; mine's and then base's others in place."""
    order = _with_others_in_place(_with_others_in_place(list(theirs.by_key), mine), base)
    return tuple(
        ThreeWays(key, *(each.by_key.get(key) for each in (base, theirs, mine))) for key in order
    )


def merged(theirs: Machine, mine: Machine, mine_at: Mapping[Key, bool]) -> Machine:
    """Theirs, with mine at each key for which `mine_at` says so, or nothing where mine has none."""
    order = _with_others_in_place(list(theirs.by_key), mine)
    chosen = ((mine if mine_at.get(key) else theirs).by_key.get(key) for key in order)
    return Machine(tuple(transition for transition in chosen if transition is not None))


def with_line_at(machine: Machine, key: Key, transition: Transition | None) -> Machine:
    """The machine with this transition at its key, or with none there."""
    if transition is not None:
        return with_put(machine, key, transition)
    return Machine(tuple(each for each in machine if each.key != key))


def _with_others_in_place(order: list[Key], machine: Machine) -> list[Key]:
    """The keys, and those that only the machine has, each after the one that it follows there."""
    present = set(order)
    place = 0
    for key in machine.by_key:
        if key in present:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order
