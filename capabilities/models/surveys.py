"""The survey of all capabilities, out of the database."""

from collections.abc import Collection
from datetime import date

from ..machines.diff import diff
from ..machines.layers import trace
from ..machines.machine import Key
from ..machines.survey import Side, Surveyed, is_bound
from ..machines.vocabulary import Vocabulary
from .definitions import Definition, Kind
from .deviations import deviations_of
from .fleet import Fleet
from .registry import vocabulary


def survey(today: date) -> tuple[Surveyed, ...]:
    """Every capability by its name, in a number of queries that never grows.

    `today` (UTC) is the day by which decisions are overdue.
    """
    fleet, known = Fleet(), vocabulary()
    standings = deviations_of(fleet, today)
    found = []
    for name in sorted(capability.name for capability in fleet.capabilities):
        current, ideal = (fleet.machine(name, kind) for kind in Kind.values)
        has_ideal = fleet.definition(name, Kind.IDEAL) is not None
        found.append(
            Surveyed(
                name,
                _side(fleet, name, Kind.CURRENT, known),
                _side(fleet, name, Kind.IDEAL, known) if has_ideal else None,
                diff(current, ideal) if has_ideal else (),
                sum(len(fleet.notes.get((name, kind), [])) for kind in Kind.values),
                tuple(standings[name]),
                tuple(
                    (str(kind), note.value)
                    for kind in Kind.values
                    for note in fleet.questions.get((name, kind), [])
                ),
            )
        )
    return tuple(found)


def _side(fleet: Fleet, name: str, kind: str, known: Vocabulary) -> Side:
    definition, shelf = fleet.definition(name, kind), fleet.shelf
    machine = fleet.machine(name, kind)
    findings = fleet.checked(name, kind, known).findings
    if definition is None:  # a capability without any definition: nothing, of nothing
        return Side(str(kind), machine, machine, findings=findings)
    template = shelf.templates.get(definition.machine_template_id or 0)
    unbound, values = definition.unbound(shelf), definition.values
    overrides = len(definition.overrides.all())
    beneath = definition.base(shelf) if overrides else machine
    missing = beneath.by_key.keys() - machine.by_key.keys()
    return Side(
        kind=str(kind),
        machine=machine,
        beneath=beneath,
        template=template.title if template else "",
        slug=template.slug if template else "",
        stages=tuple(
            shelf.templates[each.machine_template_id].title for each in definition.stages.all()
        ),
        overrides=overrides,
        matches=tuple(
            each.title
            for pk, each in shelf.templates.items()
            if unbound == shelf.machine(pk) or is_bound(machine, shelf.machine(pk), values)
        ),
        findings=findings,
        ghosts=_ghosts(fleet, definition, missing) if missing else {},
    )


def _ghosts(fleet: Fleet, definition: Definition, keys: Collection[Key]) -> dict[Key, int]:
    """Where these keys stand among the rows of the definition's editor, from 1."""
    rows = trace(*(layer for _, layer in definition.layers(fleet.shelf)))
    return {row.key: place for place, row in enumerate(rows, start=1) if row.key in keys}
