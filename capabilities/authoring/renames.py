"""Renaming a name everywhere: in the registry, and in every place that writes it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from ..auditing import Author, Record, recorded
from ..fields import validate_name
from ..machines.machine import Action, Key, Machine
from ..machines.usage import Renaming
from ..machines.vocabulary import ACTION, ARGUMENT_KINDS, STATE, TERM_KINDS, WORKFLOW
from ..models import (
    Binding,
    Capability,
    Definition,
    Deviation,
    Fleet,
    Kind,
    LayerRow,
    MachineTemplate,
    Note,
    Override,
    TemplateRow,
    Term,
    holding,
    values_of,
    vocabulary,
)
from .conflicts import ConflictError

RENAMED = "name renamed"
"""What the audit entries of a renaming say was done."""

Machines = dict[str, Machine]
"""The machine of each machine template and definition, by what it is called."""


@dataclass(frozen=True)
class Renamed:
    """What a rename did: `places` are the rows and values that were written, notes left out.

    It is `merged` when the new name was known already; then only that one is.
    """

    merged: bool
    places: int


def rename(
    *,
    term_kind: str,
    old: str,
    new: str,
    head: int | None = None,
    message: str = "",
    by: Author,
) -> Renamed:
    """Have `new` wherever the name `old` of that kind is, in one step; merge it into a known one.

    Every machine is the same with the name replaced. `head` is the audit's end that somebody saw
    the plan at; ConflictError is raised when anything was written since. Raises ValidationError
    when the new name cannot be one, two transitions would have the same key, or a name is put
    together from parameters.
    """
    with recorded(RENAMED, everything=True, message=message, by=by) as record:
        if head is not None and head != record.head:
            raise ConflictError("What this plan was made of")
        known = vocabulary()
        renaming = Renaming(term_kind, old, new, known.actions)
        _require_possible(renaming)
        merged = new in known.known(term_kind)
        verb = "Merged" if merged else "Renamed"
        into = "into" if merged else "to"
        record.summary = f"{verb} the {term_kind} “{old}” {into} “{new}”"
        fleet = Fleet()
        machines = _machines(fleet)
        wanted = _wanted(machines, renaming)
        held = holding(fleet)
        touched, places = _write(renaming, fleet)
        _rename_decisions(renaming, held, record.head)
        _require_as_wanted(wanted, _machines(Fleet()))
        registered = _rename_term(renaming, merged)
        if not (places or touched or registered):
            raise ValidationError(
                f"The {term_kind} “{old}” is neither registered nor used.", code="no-such-name"
            )
        changed = {name for name, machine in wanted.items() if machine != machines[name]}
        _count_up(touched, changed, fleet, record)
    return Renamed(merged, places)


def _require_possible(renaming: Renaming) -> None:
    kind, old, new = renaming.kind, renaming.old, renaming.new
    if kind not in TERM_KINDS:
        raise ValidationError(f"There is no kind of name “{kind}”.", code="no-such-kind")
    if old == new:
        raise ValidationError("This is the name that it has.", code="same-name")
    validate_name(new)
    try:
        action = Action(new) if kind == ACTION else Action("Action", new)
    except ValueError as error:
        raise ValidationError(f"This cannot be the name: {error}.", code="bad-name") from error
    if kind in ARGUMENT_KINDS and action.parameters:
        raise ValidationError(f"“{new}” has a parameter in it.", code="bad-name")
    if kind == WORKFLOW and Capability.objects.filter(name=old).exists():
        raise ValidationError(
            f"“{old}” is the workflow of the capability of that name, and is called as it is.",
            code="own-workflow",
        )


def _machines(fleet: Fleet) -> Machines:
    shelf = fleet.shelf
    return {
        **{_called(each): shelf.machine(pk) for pk, each in shelf.templates.items()},
        **{_called(each): fleet.machine(*whose) for whose, each in fleet.definitions.items()},
    }


def _wanted(machines: Machines, renaming: Renaming) -> Machines:
    """Every machine with the name replaced. Raises ValidationError for one that cannot be."""
    wanted: Machines = {}
    for owner, machine in machines.items():
        try:
            wanted[owner] = renaming.machine(machine)
        except ValueError as error:
            raise ValidationError(
                f"In {owner} {error} with the new name.", code="impossible-name"
            ) from error
    return wanted


def _require_as_wanted(wanted: Machines, found: Machines) -> None:
    for owner, machine in wanted.items():
        if found[owner] != machine:
            raise ValidationError(
                f"{owner} would be another machine, not the same one with another name: there the "
                "name comes out of a parameter, or a layer covers a line that has the new name. "
                "Change it there first.",
                code="more-than-a-name",
            )


_COLUMNS = (
    *("source", "event", "actions", "target", "after_source", "after_event"),
    "beneath",
)


@dataclass
class _Touched:
    """What a rename writes in, by id."""

    definitions: set[int]
    templates: set[int]

    def __bool__(self) -> bool:
        return bool(self.definitions or self.templates)


def _write(renaming: Renaming, fleet: Fleet) -> tuple[_Touched, int]:
    """Write the new name in every row, value and note that has the old one."""
    definitions = list(fleet.definitions.values())
    templates = fleet.shelf.templates.values()
    overrides = [
        row for each in definitions for row in _renamed(each, each.overrides.all(), renaming)
    ]
    rows = [row for each in templates for row in _renamed(each, each.rows.all(), renaming)]
    Override.objects.bulk_update(overrides, _COLUMNS, batch_size=100)
    TemplateRow.objects.bulk_update(rows, _COLUMNS, batch_size=100)
    values = list(_renamed_values(renaming, fleet))
    Binding.objects.bulk_update(values, ["value"], batch_size=100)
    touched = _Touched(
        {each.definition_id for each in (*overrides, *values)},
        {each.machine_template_id for each in rows},
    )
    _rename_notes(renaming, fleet, touched)
    return touched, len(overrides) + len(rows) + len(values)


def _renamed(
    owner: MachineTemplate | Definition, rows: Iterable[LayerRow], renaming: Renaming
) -> list[Any]:
    """The rows of one layer that are others with the new name, with it, not saved.

    Raises ValidationError when two rows would be of the same key.
    """
    changed: list[LayerRow] = []
    keys: dict[Key, Key] = {}
    for row in rows:
        try:
            change = renaming.change(row.change)
        except ValueError as error:
            raise ValidationError(
                f"In {_called(owner)}, at {row.key}: {error}.", code="impossible-name"
            ) from error
        if change.key in keys:
            both = f"{keys[change.key]} and {row.key} would both be {change.key}"
            raise ValidationError(
                f"In {_called(owner)}, {both}; restore or change one of them first.",
                code="duplicate-key",
            )
        keys[change.key] = row.key
        beneath = renaming.line(row.beneath)
        if (change, beneath) != (row.change, row.beneath):
            for name, value in {**row.columns(change), "beneath": beneath}.items():
                setattr(row, name, value)
            changed.append(row)
    return changed


def _renamed_values(renaming: Renaming, fleet: Fleet) -> Iterator[Binding]:
    """The values of parameters that are the name, with the new one, not saved."""
    for definition in fleet.definitions.values():
        named = {
            parameter
            for parameter, name in values_of(definition, fleet, renaming.actions)
            if name == (renaming.kind, renaming.old)
        }
        for binding in definition.bindings.all():
            if binding.parameter in named:
                binding.value = renaming.new
                yield binding


def _rename_notes(renaming: Renaming, fleet: Fleet, touched: _Touched) -> None:
    """Have each note at the transition, or at the state, at which it was."""
    moved = []
    placed = Note.objects.exclude(source="", state="")
    for note in placed.select_related("capability"):
        key = renaming.key(note.key) if note.key else None
        state = renaming.name(STATE, note.state)
        if (key, state) == (note.key, note.state):
            continue
        note.source, note.event = key or ("", "")
        note.state = state
        moved.append(note)
        if note.machine_template_id:
            touched.templates.add(note.machine_template_id)
        elif note.capability:
            name = note.capability.name
            own = fleet.definition(name, note.kind) or fleet.definition(name, Kind.CURRENT)
            touched.definitions |= {own.pk} if own else set()
    Note.objects.bulk_update(moved, ["source", "event", "state"], batch_size=100)


def _rename_decisions(renaming: Renaming, held: set[int], head: int) -> None:
    """Have each decision about the difference that it was about, which has the new name now.

    One that holds still does: what was written before the rename, with the old name, says nothing
    about it any more.
    """
    changed = []
    for each in Deviation.objects.all():
        before = each.key, each.about
        each.source, each.event = renaming.key(each.key)
        each.old_line, each.new_line = map(renaming.line, (each.old_line, each.new_line))
        if (each.key, each.about) != before:
            each.sequence = head if each.pk in held else each.sequence
            changed.append(each)
    columns = ["source", "event", "old_line", "new_line", "sequence"]
    Deviation.objects.bulk_update(changed, columns, batch_size=100)


def _rename_term(renaming: Renaming, merged: bool) -> bool:
    """Rename the term, or remove it when the new name is known already; whether there was one."""
    term = Term.objects.filter(kind=renaming.kind, name=renaming.old).first()
    if term is None:
        return False
    if merged:
        term.delete()
    else:
        term.name = renaming.new
        term.full_clean()
        term.save()
    return True


def _count_up(touched: _Touched, changed: set[str], fleet: Fleet, record: Record) -> None:
    """Count up the version of all that was written in or is another machine now.

    Who has one of them open would else save the old name back. The log names what was written in.
    """
    definitions = fleet.definitions.values()
    shelf = fleet.shelf.templates
    record.templates |= touched.templates
    record.definitions |= {
        (each.capability_id, each.kind) for each in definitions if each.pk in touched.definitions
    }
    templates = touched.templates | {pk for pk, each in shelf.items() if _called(each) in changed}
    others = {each.pk for each in definitions if _called(each) in changed}
    up = F("version") + 1
    MachineTemplate.objects.filter(pk__in=templates).update(version=up)
    Definition.objects.filter(pk__in=touched.definitions | others).update(version=up)


def _called(owner: MachineTemplate | Definition) -> str:
    """What a message calls it; no two are called the same."""
    return f"“{owner}”" if isinstance(owner, MachineTemplate) else str(owner)
