"""Recognise structure: which machine template, stages and overrides give exactly these machines.

Layers are found by trying them all and counting the changes that are left; fewest wins, then the
fewest stages, then the order in which the candidates were given.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .layers import Layer, as_layer, changes_between, lay
from .machine import Machine, bind


@dataclass(frozen=True)
class Match:
    """A base, by the names of its parts and as a machine, and the changes that are left."""

    template: str | None
    stages: tuple[str, ...]
    base: Machine
    changes: Layer


@dataclass(frozen=True)
class Candidate:
    """A machine template: its name, its own layer, and the whole machine that it makes.

    `beneath` is the name of the template that it lies over.
    """

    name: str
    own: Layer
    machine: Machine
    beneath: str | None = None


@dataclass(frozen=True)
class Base:
    """What overrides can lie over: a candidate and stages by name, and their unbound machine."""

    template: str
    stages: tuple[str, ...]
    machine: Machine


def match(
    machine: Machine,
    candidates: Sequence[Candidate],
    *,
    values: Mapping[str, str],
    present: Match | None = None,
) -> Match:
    """The base among `candidates`, bound to `values`, that needs the fewest changes to `machine`.

    Without a base, every transition is a change of its own. `present` is what holds when nothing
    needs fewer changes.
    """
    best = present or Match(None, (), Machine(), as_layer(machine))
    for base in bases(candidates):
        if not best.changes:
            break
        try:
            bound = bind(base.machine, values)
        except ValueError:  # bound to these values, it is no machine
            continue
        changes = changes_between(bound, machine)
        if len(changes) < len(best.changes):
            best = Match(base.template, base.stages, bound, changes)
    return best


def bases(candidates: Sequence[Candidate]) -> Iterator[Base]:
    """Every candidate alone, then every one with one other's own layer as a stage."""
    for candidate in candidates:
        yield Base(candidate.name, (), candidate.machine)
    by_name = {candidate.name: candidate for candidate in candidates}
    for candidate in candidates:
        within = _chain(candidate, by_name)
        for stage in candidates:
            # Only a layer that was made to lie over something is a stage.
            if stage.beneath is not None and stage.name not in within:
                staged = lay(candidate.machine, stage.own)
                if staged != stage.machine:
                    yield Base(candidate.name, (stage.name,), staged)


def _chain(candidate: Candidate, by_name: Mapping[str, Candidate]) -> set[str]:
    """The names of a candidate and of all that it lies over; a circle ends where it closes."""
    names: set[str] = set()
    at: Candidate | None = candidate
    while at is not None and at.name not in names:
        names.add(at.name)
        at = by_name.get(at.beneath or "")
    return names


def distance(old: Machine, new: Machine) -> int:
    """How many changes `changes_between` needs, mostly without making them."""
    lines = old.by_key
    same = [
        key
        for key, transition in new.by_key.items()
        if (line := lines.get(key)) is transition or line == transition
    ]
    if same:
        staying = set(same)
        if [key for key in lines if key in staying] != same:
            return len(changes_between(old, new))
    return len(lines.keys() - new.by_key.keys()) + len(new) - len(same)


def nest(machines: Mapping[str, Machine], given: Sequence[Candidate] = ()) -> list[Candidate]:
    """Lay named machines over each other, or over `given` ones, to have the fewest own lines.

    Smaller machines come first, so a machine only ever lies over one that comes before it.
    """
    found: list[Candidate] = []
    for name, machine in sorted(machines.items(), key=lambda item: len(item[1])):
        own, beneath = as_layer(machine), None
        for lower in (*given, *found):
            changes = changes_between(lower.machine, machine)
            if len(changes) < len(own):
                own, beneath = changes, lower.name
        found.append(Candidate(name, own, machine, beneath))
    return found
