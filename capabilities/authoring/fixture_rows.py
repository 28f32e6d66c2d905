"""What a fixture says, written into the database: each machine that it names has its rows alone."""

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from ..auditing import Record
from ..deployment import fixtures
from ..machines.questions import asks, ticket_in
from ..models import (
    Binding,
    Capability,
    Definition,
    Kind,
    LayerRow,
    MachineTemplate,
    Note,
    Override,
    Shelf,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
)
from ..models.notes import ANSWER
from .notes import siblings
from .plans import ROWS, Layers, Plan, Watch

Name = tuple[type, tuple[str | int, ...]]
"""A row's model and natural key."""

Said = tuple[int | None, str, int | None, str]
"""Whose a note is, and its text."""


def write(found: list[fixtures.Row], record: Record, plan: Plan, watch: Watch) -> Layers:
    """Write the rows of a fixture; name in `record` the machines that it holds, and tell `watch`.

    A definition or machine template of the fixture loses the rows that the fixture does not have.
    Notes are only ever added. What the fixture does not name stays. Raises FixtureError for a row
    that cannot be.
    """
    before = fixtures.dump()
    layers: Layers = {}
    written: set[Name] = set()
    known: dict[Said, list[Note]] = defaultdict(list)
    for note in Note.objects.all():
        known[_said(note)].append(note)
    for number, each in enumerate(fixtures.unsaved(found), start=1):
        watch(ROWS, number - 1, len(found))
        row: Any = each.object
        if problem := _misplaced(row, written):
            raise fixtures.FixtureError(fixtures.about(number, problem))
        written.add((type(row), row.natural_key()))
        if isinstance(row, Definition | MachineTemplate) and row.pk:
            _clear(row)
        if isinstance(row, Note):
            _recognise(row, found[number - 1]["fields"])
            if not _is_new(row, known, record):
                continue
        if isinstance(row, Capability):
            _requirement(row, said="requires_qa" in found[number - 1]["fields"], record=record)
        if isinstance(row, SwitchedOffCheck) and row.pk and _is_stored(row):
            continue
        row._state.adding = row.pk is None  # so that it is no double of itself
        try:
            row.full_clean()
            if isinstance(row, LayerRow):
                row.change  # noqa: B018  # raises for what no transition can be
        except ValidationError as error:
            mistake = fixtures.about(number, "; ".join(error.messages))
            raise fixtures.FixtureError(mistake) from error
        except ValueError as error:
            raise fixtures.FixtureError(fixtures.about(number, str(error))) from error
        each.save()
        if isinstance(row, MachineTemplate):
            record.templates.add(row.pk)
            layers["machine template", row.slug, ""] = "as in the fixture"
        elif isinstance(row, Definition):
            record.definitions.add((row.capability_id, row.kind))
            layers["definition", row.capability.name, row.kind] = "as in the fixture"
        elif isinstance(row, Note | SwitchedOffCheck):
            _name_owner(row, record)
    # Every capability has a current machine, if only an empty one.
    for capability in Capability.objects.exclude(definitions__kind=Kind.CURRENT):
        Definition.objects.create(capability=capability, kind=Kind.CURRENT)
        record.definitions.add((capability.pk, Kind.CURRENT.value))
        layers["definition", capability.name, Kind.CURRENT.value] = "no transitions"
    plan.rows_change = fixtures.dump() != before
    return layers


def _misplaced(row: Any, written: set[Name]) -> str | None:
    """Say why a row cannot stand behind those that are written, or return None."""
    if (type(row), row.natural_key()) in written:
        return "it stands above already; expected each row once"
    owner: Definition | MachineTemplate | None = None
    if isinstance(row, Stage | Override | Binding):
        owner = row.definition
    elif isinstance(row, TemplateRow):
        owner = row.machine_template
    if owner and (type(owner), owner.natural_key()) not in written:
        return f"expected the row of “{owner}”, of which it is a part, above it"
    above = isinstance(row, MachineTemplate) and row.pk and row.over
    if above and row in Shelf().chain(above.pk):
        return f"“{above}” lies over “{row}” itself"
    return None


def _requirement(row: Capability, *, said: bool, record: Record) -> None:
    """Keep whether a present capability requires QA when its row does not say; name its change."""
    stored = Capability.objects.filter(pk=row.pk).first() if row.pk else None
    if stored is None:
        return
    if not said:
        row.requires_qa = stored.requires_qa
    elif row.requires_qa != stored.requires_qa:
        record.definitions |= {(stored.pk, kind) for kind in Kind.values}


def _is_stored(row: SwitchedOffCheck) -> bool:
    stored = SwitchedOffCheck.objects.get(pk=row.pk)
    return (stored.reason, stored.by, stored.at) == (row.reason, row.by, row.at)


def _name_owner(row: Note | SwitchedOffCheck, record: Record) -> None:
    """Name in `record` what a new note or a switched-off check is on."""
    if isinstance(row, Note) and row.machine_template_id:
        record.templates.add(row.machine_template_id)
    elif row.capability_id:
        own = Definition.objects.filter(capability=row.capability_id, kind=row.kind).exists()
        # An ideal that is the same as current has its own, but no definition to name.
        record.definitions.add((row.capability_id, row.kind if own else Kind.CURRENT.value))


def _clear(row: Definition | MachineTemplate) -> None:
    """Remove what a present row is made of, and count its version up instead of resetting it."""
    if isinstance(row, MachineTemplate):
        row.version = MachineTemplate.objects.get(pk=row.pk).version + 1
        row.rows.all().delete()
        return
    row.version = Definition.objects.get(pk=row.pk).version + 1
    for parts in (row.stages, row.overrides, row.bindings):
        parts.all().delete()


def _said(note: Note) -> Said:
    return note.capability_id, note.kind, note.machine_template_id, note.text


def _recognise(note: Note, said: fixtures.Row) -> None:
    """Let a note of before there were questions be one where a page's would be."""
    if "is_question" not in said and asks(note.text or ""):
        note.is_question = True
        note.ticket = note.ticket or ticket_in(note.text)


def _is_new(note: Note, known: dict[Said, list[Note]], record: Record) -> bool:
    """Whether its machine has no such note yet; then the note has a free position afterwards.

    A text that stands twice in the fixture is there when it is known twice. An open question that
    is there, and is answered in the fixture, gets its answer.
    """
    if known[_said(note)]:
        stored = known[_said(note)].pop(0)
        if stored.is_open and note.answer:
            for name in ANSWER:
                setattr(stored, name, getattr(note, name))
            stored.full_clean()
            stored.save(update_fields=ANSWER)
            _name_owner(stored, record)
        return False
    present = siblings(note)
    if present.filter(position=note.position).exists():
        note.pk = None
        note.position = (present.aggregate(last=Max("position"))["last"] or 0) + 1
    return True
