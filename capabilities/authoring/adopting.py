"""Putting definitions on nearer layers: their effective machines stay what they are, to the byte.

Only what a machine is made of changes: the machine template and stages that are adopted, and the
fewest overrides over them. Bindings stay, and an override whose key stays keeps its reason and
ticket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from ..auditing import Author, Record, locked_head
from ..machines.layer_sentences import adopted
from ..machines.layers import Change, Drop, Put, as_layer, changes_between, lay
from ..machines.machine import Machine, bind
from ..machines.sentences import count
from ..models import AuditEntry, Definition, MachineTemplate, Override, Shelf, Stage
from . import machine_templates, rows
from .conflicts import ConflictError, no_such_template, retired_template
from .definitions import Seen, changing_each
from .many import Meant


@dataclass(frozen=True)
class Adoption:
    """A definition, and the machine template and stages that it is to be put on."""

    definition: Seen
    machine_template: MachineTemplate | None
    stages: tuple[MachineTemplate, ...] = ()


def entries_since(definitions: Sequence[Seen], since: int | None) -> QuerySet[AuditEntry]:
    """What was written after `since` to the definitions, or to any machine template."""
    if since is None:
        return AuditEntry.objects.none()
    meant = Meant(definitions, None, since)
    templates = AuditEntry.objects.filter(
        subject=AuditEntry.Subject.MACHINE_TEMPLATE, sequence__gt=since
    )
    return meant.entries_since() | templates


def adopt(
    *, adoptions: Sequence[Adoption], since: int | None = None, message: str = "", by: Author
) -> list[Definition]:
    """Put each definition on the layers that it is to have, all of them or none.

    With `since`, the last audit entry when a plan was made, nothing is written when anything that
    the plan was made of changed after it. Raises ValidationError when there is nothing to adopt,
    when a machine template or stage is not offered or cannot be one, and when an effective machine
    would be another one; and ConflictError.
    """
    if not adoptions:
        raise ValidationError("There is nothing to adopt.", code="nothing-to-do")
    with transaction.atomic():
        locked_head()  # nobody writes between this look and the write
        seen = [each.definition for each in adoptions]
        if entry := entries_since(seen, since).first():
            raise ConflictError(f"{entry.name} {entry.kind}".strip())
        with changing_each("layers adopted", seen, message, by) as (claimed, record):
            shelf = Shelf()
            written = _write(_by_definition(claimed, adoptions), shelf)
            _tell(record, written, shelf)
    return written


def make(
    *, title: str, definitions: Sequence[Seen], form: Machine, message: str = "", by: Author
) -> list[Definition]:
    """Add a machine template that is `form`, put the definitions on it, and return them.

    `form` is what they are, with the parameter for their own name. Raises ValidationError when the
    title is taken or unusable, or there are no definitions, and ConflictError.
    """
    if not definitions:
        raise ValidationError("There is nothing to adopt.", code="nothing-to-do")
    with changing_each("machine template made", definitions, message, by) as (claimed, record):
        made = machine_templates.create(title=title, over=None, layer=as_layer(form))
        record.templates.add(made.pk)
        adoptions = [Adoption(each, made) for each in definitions]
        shelf = Shelf()
        written = _write(_by_definition(claimed, adoptions), shelf)
        _tell(record, written, shelf)
        record.summary = f"Made the machine template “{made}” of {count(len(written), 'machine')}"
    return written


def _by_definition(
    claimed: Sequence[Definition], adoptions: Sequence[Adoption]
) -> dict[int, Adoption]:
    return dict(zip((each.pk for each in claimed), adoptions, strict=True))


def _tell(record: Record, written: Sequence[Definition], shelf: Shelf) -> None:
    """Have each entry of the log say what its machine is made of now."""
    titles = {each.slug: each.title for each in shelf.templates.values()}
    for each in written:
        subject = (AuditEntry.Subject.DEFINITION.value, each.capability.name, each.kind)
        found = each.matched(shelf, each.machine(shelf))
        record.summaries[subject] = adopted(str(each), found, titles, of=len(written))
    record.summary = f"Adopted nearer layers for {count(len(written), 'machine')}"


def _write(wanted: Mapping[int, Adoption], shelf: Shelf) -> list[Definition]:
    """Lay each definition anew, in a number of queries that never grows."""
    definitions = list(_whole(wanted))
    effective = {each.pk: each.machine(shelf) for each in definitions}
    overrides = [row for each in definitions for row in _overrides(each, wanted[each.pk], shelf)]
    Stage.objects.filter(definition__in=definitions).delete()
    Override.objects.filter(definition__in=definitions).delete()
    for each in definitions:
        each.machine_template = wanted[each.pk].machine_template
    Definition.objects.bulk_update(definitions, ["machine_template"])
    Stage.objects.bulk_create(
        Stage(definition=each, machine_template=stage, position=position)
        for each in definitions
        for position, stage in enumerate(wanted[each.pk].stages)
    )
    Override.objects.bulk_create(overrides)
    written = list(_whole(wanted))
    for each in written:
        if each.machine(shelf) != effective[each.pk]:
            raise ValidationError(
                f"{each} would be another machine; nothing was adopted.", code="another-machine"
            )
    return written


def _whole(wanted: Mapping[int, Adoption]) -> QuerySet[Definition]:
    return Definition.objects.whole().filter(pk__in=list(wanted))


def _overrides(definition: Definition, adoption: Adoption, shelf: Shelf) -> list[Override]:
    """The fewest overrides that keep the effective machine, over what is adopted; not saved."""
    effective = definition.machine(shelf)
    try:
        base = bind(_base(definition, adoption, shelf), definition.values)
    except ValueError as error:
        raise ValidationError(
            f"{definition} cannot be: {error}.", code="impossible-machine"
        ) from error
    # Written as it is written now, a parameter stays one.
    lines = definition.unbound(shelf).by_key

    def as_written(change: Change) -> Change:
        return change if isinstance(change, Drop) else Put(lines[change.key], change.after)

    layer = tuple(as_written(change) for change in changes_between(base, effective))
    return rows.anew(definition.overrides.all(), Override, layer, base, definition=definition)


def _base(definition: Definition, adoption: Adoption, shelf: Shelf) -> Machine:
    """The unbound machine of what is adopted. Raises ValidationError when it cannot be."""
    chosen = adoption.machine_template
    present = {stage.machine_template_id for stage in definition.stages.all()}
    present |= {definition.machine_template_id or 0}
    for each in (chosen, *adoption.stages):
        if each and each.pk not in shelf.templates:
            raise no_such_template(each)
        if each and shelf.templates[each.pk].retired and each.pk not in present:
            raise retired_template(each)
    chain = [each.pk for each in shelf.chain(chosen.pk)] if chosen else []
    stages = [each.pk for each in adoption.stages]
    if len({*chain, *stages}) < len(chain) + len(stages):
        raise ValidationError(
            f"A stage that {definition} is to have is there already.", code="stage-is-template"
        )
    return lay(Machine(), *(shelf.own(pk) for pk in (*chain, *stages)))
