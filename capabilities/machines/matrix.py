"""The matrix: what each machine does with each key, against what lies beneath its overrides."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .machine import Key, Machine


class Treatment(StrEnum):
    """What a machine does with one key, by what lies beneath its own overrides."""

    SAME = "same"
    OVERRIDDEN = "overridden"
    ADDED = "added"
    MISSING = "missing"
    ABSENT = "absent"


SIGNS = {
    Treatment.SAME: "=",
    Treatment.OVERRIDDEN: "~",
    Treatment.ADDED: "+",
    Treatment.MISSING: "−",
    Treatment.ABSENT: "·",
}
"""A sign for each, so that no cell is told by colour alone."""

MEANINGS = {
    Treatment.SAME: "as its machine template and stages have it",
    Treatment.OVERRIDDEN: "the machine does something else than they do",
    Treatment.ADDED: "only the machine has it",
    Treatment.MISSING: "only they have it; the machine drops it",
    Treatment.ABSENT: "neither has it",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A key, and the number of machines that have it."""

    key: Key
    machines: int


@dataclass(frozen=True, slots=True)
class Group:
    """The columns of one source state."""

    source: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one machine does with one key; `differs` where current and ideal differ there."""

    key: Key
    treatment: Treatment
    differs: bool

    @property
    def sign(self) -> str:
        return SIGNS[self.treatment]


def treatments(machine: Machine, beneath: Machine) -> dict[Key, Treatment]:
    """What the machine does with each of its own keys and of those `beneath` its overrides."""
    found = {}
    for key in (*machine.by_key, *beneath.by_key):
        mine, covered = machine.by_key.get(key), beneath.by_key.get(key)
        if mine is None:
            found[key] = Treatment.MISSING
        elif covered is None:
            found[key] = Treatment.ADDED
        else:
            found[key] = Treatment.SAME if mine == covered else Treatment.OVERRIDDEN
    return found


def columns(
    machines: Iterable[Mapping[Key, Treatment]], *, most: int | None = None
) -> tuple[Group, ...]:
    """The keys of all machines, or the `most` common ones, by source state; the commonest first.

    A key is as common as there are machines that have it or drop it. What is equally common stays
    in the order in which the machines have it, so that a fleet of one kind of machine is read as
    its machine is.
    """
    common: Counter[Key] = Counter()
    having: Counter[Key] = Counter()
    for found in machines:
        common.update(found.keys())
        having.update(key for key, each in found.items() if each is not Treatment.MISSING)
    by_source: dict[str, list[Column]] = {}
    for key, _ in common.most_common(most):
        by_source.setdefault(key.source, []).append(Column(key, having[key]))
    return tuple(Group(source, tuple(found)) for source, found in by_source.items())


def cells(
    machine: Mapping[Key, Treatment], groups: Iterable[Group], *, different: Iterable[Key] = ()
) -> tuple[Cell, ...]:
    """One machine's line of the matrix; current and ideal differ at the keys of `different`."""
    marked = frozenset(different)
    return tuple(
        Cell(each.key, machine.get(each.key, Treatment.ABSENT), each.key in marked)
        for group in groups
        for each in group.columns
    )
