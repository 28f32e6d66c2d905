"""What a fixture says, written into the database: each machine that it names has its rows alone."""

from django.core.exceptions import ValidationError
from django.db.models import Max

from ..auditing import Record
from ..deployment import fixtures
from ..models import Definition, MachineTemplate, Note
from .notes import siblings
from .plans import Layers


def write(found: list[fixtures.Row], record: Record) -> Layers:
    """Write the rows of a fixture; name in `record` the machines that it holds.

    A definition or machine template of the fixture loses the rows that the fixture does not have.
    Notes are only ever added. What the fixture does not name stays. Raises FixtureError for a row
    that cannot be.
    """
    layers: Layers = {}
    for number, each in enumerate(fixtures.unsaved(found), start=1):
        row = each.object
        if isinstance(row, Definition | MachineTemplate) and row.pk:
            _clear(row)
        if isinstance(row, Note) and not _is_new(row):
            continue
        try:
            row.full_clean(validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            mistake = fixtures.about(number, "; ".join(error.messages))
            raise fixtures.FixtureError(mistake) from error
        each.save()
        if isinstance(row, MachineTemplate):
            record.templates.add(row.pk)
            layers["machine template", row.slug, ""] = "as in the fixture"
        elif isinstance(row, Definition):
            record.definitions.add((row.capability_id, row.kind))
            layers["definition", row.capability.name, row.kind] = "as in the fixture"
    return layers


def _clear(row: Definition | MachineTemplate) -> None:
    """Remove what a present row is made of, and count its version up instead of resetting it."""
    if isinstance(row, MachineTemplate):
        row.version = MachineTemplate.objects.get(pk=row.pk).version + 1
        row.rows.all().delete()
        return
    row.version = Definition.objects.get(pk=row.pk).version + 1
    for parts in (row.stages, row.overrides, row.bindings):
        parts.all().delete()


def _is_new(note: Note) -> bool:
    """Whether its machine has no such note yet; then the note has a free position afterwards."""
    present = siblings(note)
    if present.filter(text=note.text).exists():
        return False
    if present.filter(position=note.position).exists():
        note.pk = None
        note.position = (present.aggregate(last=Max("position"))["last"] or 0) + 1
    return True
