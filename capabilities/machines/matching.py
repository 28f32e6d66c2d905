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
    for template, stages, unbound in _bases(candidates):
        if not best.changes:
            break
        try:
            base = bind(unbound, values)
        except ValueError:  # bound to these values, it is no machine
            continue
        changes = changes_between(base, machine)
        if len(changes) < len(best.changes):
            best = Match(template, stages, base, changes)
    return best


def _bases(candidates: Sequence[Candidate]) -> Iterator[tuple[str, tuple[str, ...], Machine]]:
    """Every candidate alone, then every one with one other's own layer as a stage."""
    for candidate in candidates:
        yield candidate.name, (), candidate.machine
    for candidate in candidates:
        for stage in candidates:
            # Only a layer that was made to lie over something is a stage.
            if stage.beneath is not None and stage.name != candidate.name:
                staged = lay(candidate.machine, stage.own)
                if staged != stage.machine:
                    yield candidate.name, (stage.name,), staged


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
