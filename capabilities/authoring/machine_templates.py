"""Machine templates: adding one, and the rows of its layer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify

from ..auditing import Author, Record, recorded
from ..machines.layers import Layer
from ..machines.machine import NAME_LENGTH, Key, Transition
from ..models import Definition, MachineTemplate, Shelf, Term
from . import rows, terms
from .conflicts import claim, require_offered, require_stored


def add(
    *,
    title: str,
    over: MachineTemplate | None = None,
    layer: Layer = (),
    message: str = "",
    by: Author,
) -> MachineTemplate:
    """Add a machine template with its layer, lying over another one if given.

    Raises ValidationError when the title, or what it makes in addresses, is taken or unusable, and
    when what it is to lie over is retired.
    """
    with recorded("machine template added", message=message, by=by) as record:
        require_offered(over)
        template = create(title=title, over=over, layer=layer)
        record.templates.add(template.pk)
        record.summary = f"Added the machine template “{template}”"
    return template


def copy(
    *, machine_template: MachineTemplate, title: str, message: str = "", by: Author
) -> MachineTemplate:
    """Add a machine template with the same layer and notes, over the same one, and return it.

    The copy of a retired one can be chosen. Raises ValidationError as `add` does.
    """
    with recorded("machine template copied", message=message, by=by) as record:
        require_stored(machine_template)
        shelf = Shelf()
        original = shelf.templates[machine_template.pk]
        copied = create(title=title, over=original.over, layer=shelf.own(original.pk))
        for note in original.notes.all():
            note.pk = None
            note.machine_template = copied
            note.save(force_insert=True)
        record.templates.add(copied.pk)
        record.summary = f"Copied the machine template “{original}” as “{copied}”"
    return copied


def create(*, title: str, over: MachineTemplate | None, layer: Layer) -> MachineTemplate:
    """The rows of a new machine template, inside a write that is recorded already."""
    require_stored(over)
    template = MachineTemplate(title=title, slug=_free_slug(title), over=over)
    template.full_clean()
    template.save()
    rows.replace(template.rows, layer, beneath=Shelf().beneath(template.pk))
    return template


def _free_slug(title: str) -> str:
    """What the title is in an address; titles that would be the same there get a number."""
    slug = slugify(title)[:NAME_LENGTH].strip("-_").replace("_", "-") or "machine-template"
    taken = set(MachineTemplate.objects.values_list("slug", flat=True))
    ends = ("", *(f"-{number}" for number in range(2, len(taken) + 3)))
    slugs = (f"{slug[: NAME_LENGTH - len(end)]}{end}" for end in ends)
    return next(each for each in slugs if each not in taken)


_COLUMNS = ("title", "over_id", "retired", "version")


@contextmanager
def changing(
    action: str, machine_template: MachineTemplate, version: int, message: str, by: Author
) -> Iterator[Record]:
    """A recorded write to one machine template, as the person saw it. Raises ConflictError."""
    stored = {field: getattr(machine_template, field) for field in _COLUMNS}
    try:
        with recorded(action, templates=[machine_template], message=message, by=by) as record:
            claim(machine_template, version)
            yield record
    except Exception:
        for field, value in stored.items():  # the page that tells of it shows what is stored
            setattr(machine_template, field, value)
        raise


def is_used(machine_template: MachineTemplate) -> bool:
    """Whether a definition has it, or one that lies over it, as machine template or stage."""
    above = Shelf().above([machine_template.pk])
    users = Q(machine_template__in=above) | Q(stages__machine_template__in=above)
    return Definition.objects.filter(users).exists()


def rename(
    *, machine_template: MachineTemplate, title: str, version: int, message: str = "", by: Author
) -> MachineTemplate:
    """Give the machine template another title; its address stays. Raises ValidationError."""
    with changing("machine template renamed", machine_template, version, message, by) as record:
        record.summary = f"Renamed the machine template “{machine_template}” to “{title}”"
        machine_template.title = title
        machine_template.full_clean()
        machine_template.save()
    return machine_template


def lay_over(
    *,
    machine_template: MachineTemplate,
    over: MachineTemplate | None,
    version: int,
    message: str = "",
    by: Author,
) -> MachineTemplate:
    """Lay the machine template over another one, or over none; its own rows stay.

    Raises ValidationError when the other one lies over this one, or is retired.
    """
    with changing("machine template laid over", machine_template, version, message, by) as record:
        if over is None or over.pk != machine_template.over_id:
            require_offered(over)
        if over is not None and machine_template in Shelf().chain(over.pk):
            raise ValidationError(
                f"“{over}” lies over “{machine_template}” itself.", code="template-cycle"
            )
        machine_template.over = over
        machine_template.save()
        record.summary = f"Laid the machine template “{machine_template}” over {over or 'none'}"
    return machine_template


def retire(
    *, machine_template: MachineTemplate, version: int, message: str = "", by: Author
) -> MachineTemplate:
    """Let nobody choose it anew; those who use it keep it. Raises ValidationError, if it is so."""
    with changing("machine template retired", machine_template, version, message, by) as record:
        _set_retired(machine_template, True)
        record.summary = f"Retired the machine template “{machine_template}”"
    return machine_template


def bring_back(
    *, machine_template: MachineTemplate, version: int, message: str = "", by: Author
) -> MachineTemplate:
    """Let a retired one be chosen again. Raises ValidationError when it is not retired."""
    with changing(
        "machine template brought back", machine_template, version, message, by
    ) as record:
        _set_retired(machine_template, False)
        record.summary = f"Brought back the machine template “{machine_template}”"
    return machine_template


def _set_retired(machine_template: MachineTemplate, retired: bool) -> None:
    stored = MachineTemplate.objects.get(pk=machine_template.pk)
    if stored.retired == retired:
        word = "retired already" if retired else "not retired"
        raise ValidationError(f"“{machine_template}” is {word}.", code="retired-already")
    machine_template.retired = retired
    machine_template.save(update_fields=["retired"])


def put(
    *,
    machine_template: MachineTemplate,
    key: Key | None,
    transition: Transition,
    version: int,
    register: Iterable[Term] = (),
    message: str = "",
    by: Author,
) -> MachineTemplate:
    """Have `transition` in the machine template, in the place of the one at `key`, if given.

    Every definition that uses it changes with it; their overrides stay. `register` are new names in
    it. Raises ValidationError when another transition has that source and event, and ConflictError.
    """
    with changing("machine template changed", machine_template, version, message, by) as record:
        terms.register(register)
        shelf = Shelf()
        rows.put(
            machine_template.rows,
            beneath=shelf.beneath(machine_template.pk),
            effective=shelf.machine(machine_template.pk),
            key=key,
            transition=transition,
        )
        verb = "Changed" if key else "Added"
        where = f"the machine template “{machine_template}”"
        record.summary = f"{verb} {key or transition.key} in {where}"
    return machine_template


def move(
    *,
    machine_template: MachineTemplate,
    key: Key,
    earlier: bool,
    version: int,
    message: str = "",
    by: Author,
) -> MachineTemplate:
    """Have the transition at `key` stand one place earlier, or later; nothing else moves.

    Raises ValidationError when it is the first or the last one already, and ConflictError.
    """
    with changing("machine template changed", machine_template, version, message, by) as record:
        shelf = Shelf()
        rows.move(
            machine_template.rows,
            beneath=shelf.beneath(machine_template.pk),
            effective=shelf.machine(machine_template.pk),
            key=key,
            earlier=earlier,
        )
        way = "up" if earlier else "down"
        record.summary = f"Moved {key} {way} in the machine template “{machine_template}”"
    return machine_template


def drop(
    *,
    machine_template: MachineTemplate,
    key: Key,
    version: int,
    message: str = "",
    by: Author,
) -> MachineTemplate:
    """Have no transition at `key`. Raises ValidationError if there is none, and ConflictError."""
    with changing("machine template changed", machine_template, version, message, by) as record:
        shelf = Shelf()
        rows.drop(
            machine_template.rows,
            beneath=shelf.beneath(machine_template.pk),
            effective=shelf.machine(machine_template.pk),
            key=key,
        )
        record.summary = f"Dropped {key} from the machine template “{machine_template}”"
    return machine_template


def restore(
    *, machine_template: MachineTemplate, key: Key, version: int, message: str = "", by: Author
) -> MachineTemplate:
    """Remove its own row of `key`, so that what it lies over shows again.

    Raises ValidationError when there is no such row, and ConflictError.
    """
    with changing("machine template changed", machine_template, version, message, by) as record:
        shelf = Shelf()
        beneath = shelf.beneath(machine_template.pk)
        effective = shelf.machine(machine_template.pk)
        if not rows.restore(machine_template.rows, beneath=beneath, effective=effective, key=key):
            raise ValidationError(f"{key} has no row of its own.", code="no-such-row")
        record.summary = f"Restored {key} in the machine template “{machine_template}”"
    return machine_template


def remove(
    *, machine_template: MachineTemplate, version: int, message: str = "", by: Author
) -> MachineTemplate:
    """Remove a machine template that nothing uses. Raises ValidationError when something does."""
    with changing("machine template removed", machine_template, version, message, by) as record:
        if found := users(machine_template):
            raise ValidationError(
                f"“{machine_template}” is used by {', '.join(found)}.", code="template-in-use"
            )
        record.summary = f"Removed the machine template “{machine_template}”"
        machine_template.delete()
    return machine_template


def users(machine_template: MachineTemplate) -> list[str]:
    """What keeps it from being removed: definitions, stages, and those that lie over it."""
    return [
        *(str(each) for each in machine_template.definitions.select_related("capability")),
        *(str(each) for each in machine_template.stages.select_related("definition")),
        *(each.title for each in machine_template.layers_above.all()),
    ]
