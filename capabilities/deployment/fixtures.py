"""The Django fixture: every row by its natural key, the same bytes for the same rows.

`loaddata` takes it into an empty database. What staff upload goes through `load` instead, which
knows only the models listed here: a fixture can otherwise bring users and permissions.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.python import Deserializer
from django.db import InterfaceError, OperationalError, models

from ..machines.notation import Mistake
from ..models import (
    Binding,
    Capability,
    Definition,
    MachineTemplate,
    Note,
    Override,
    Shelf,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
    Term,
)
from ..models.made_of import columns_of
from .selection import Selection

MODELS: tuple[type[models.Model], ...] = (
    Term,
    MachineTemplate,
    TemplateRow,
    Capability,
    Definition,
    Stage,
    Override,
    Binding,
    Note,
    SwitchedOffCheck,
)
"""What a fixture holds, in an order in which every row comes after those that it names."""

LABELS = tuple(model._meta.label_lower for model in MODELS)

Row = dict[str, Any]

_LOCAL = {"id", "version"}  # columns that mean nothing in another database
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes them all
_START = re.compile(r"\s*\[\s*[{\]]")


class FixtureError(ValueError):
    """A text is no fixture of ours; `mistakes` says why."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


def is_fixture(text: str) -> bool:
    """Whether a text is a JSON list of objects, which a page never is."""
    return _START.match(text) is not None


def dump(selection: Selection | None = None) -> str:
    """Write the selected machines, or all, with what they are made of and the registry."""
    rows = list(_rows(selection or Selection()))
    columns = {field.name for model in MODELS for field in model._meta.fields} - _LOCAL
    text = serializers.serialize(
        "json",
        rows,
        fields=sorted(columns),
        indent=2,
        use_natural_foreign_keys=True,
        use_natural_primary_keys=True,
    )
    return f"{text.rstrip()}\n"


def dump_machines(names: Iterable[str], kind: str) -> str:
    """Write the machines of one kind of these capabilities, with what they are made of.

    An ideal that is the same as current has no row of its own: then both kinds are written.
    """
    chosen = Selection(tuple(sorted(names)), kind)
    has_own = chosen.definitions().count() == chosen.capabilities().count()
    return dump(chosen if has_own else Selection(chosen.names))


def _rows(selection: Selection) -> Iterator[models.Model]:
    """Every row in its order, which is no database's: each sorts names in its own way."""
    definitions = selection.definitions()
    templates = _templates(selection, definitions)
    in_template = TemplateRow.objects.filter(machine_template__in=templates)
    yield from _sorted(Term.objects.all())
    yield from templates
    yield from _sorted(in_template.select_related("machine_template"))
    yield from _sorted(selection.capabilities())
    found = _sorted(definitions.select_related("capability", "machine_template"))
    yield from found
    owners = {each.pk: each for each in found}
    for model in (Stage, Override, Binding):
        yield from sorted(_parts(model, owners, selection), key=_place)
    yield from _sorted(selection.notes(templates).select_related("capability", "machine_template"))
    yield from _sorted(selection.switched_off_checks().select_related("capability"))


def _parts(
    model: type[Stage | Override | Binding], owners: Mapping[int, Any], selection: Selection
) -> Iterator[Any]:
    """The rows of these definitions, each with its own at hand.

    Joined to its definition and its capability instead, PostgreSQL could take minutes for many.
    """
    rows: models.QuerySet[Any] = model._default_manager.order_by("pk")
    if not selection.is_everything:
        rows = rows.filter(definition__in=selection.definitions())
    if model is Stage:
        rows = rows.select_related("machine_template")
    for row in rows:
        if row.definition_id in owners:  # else it was added in the meantime
            row.definition = owners[row.definition_id]
            yield row


def _sorted(rows: models.QuerySet[Any]) -> list[models.Model]:
    # By another table's order, which is not kept anyway, the database would have to join it.
    return sorted(rows.order_by("pk"), key=_place)


def _place(row: Any) -> tuple[Any, ...]:
    """Where a row stands among those of its kind: what has an order keeps it."""
    if isinstance(row, Stage | Override):
        return (*row.definition.natural_key(), row.position)
    if isinstance(row, TemplateRow):
        return (*row.machine_template.natural_key(), row.position)
    place: tuple[Any, ...] = row.natural_key()
    return place


def _templates(
    selection: Selection, definitions: models.QuerySet[Definition]
) -> list[MachineTemplate]:
    """Those that the definitions need, or all; each after the one that it lies over."""
    shelf = Shelf()
    wanted = set(shelf.templates)
    if not selection.is_everything:
        used = {pk for pk in definitions.values_list("machine_template", flat=True) if pk}
        used |= set(definitions.values_list("stages__machine_template", flat=True)) - {None}
        wanted = {each.pk for pk in used for each in shelf.chain(pk)}
    return sorted(
        (shelf.templates[pk] for pk in wanted),
        key=lambda each: (len(shelf.chain(each.pk)), each.slug),
    )


def load(text: str) -> list[Row]:
    """Read a fixture into rows that hold only our models and columns; `write` saves them.

    Raises FixtureError when the text is no JSON, or for every row that is none of ours.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        line = text.split("\n")[error.lineno - 1]
        raise FixtureError(
            Mistake(error.lineno, error.colno, "bad-json", f"{error.msg}; expected JSON", line)
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise FixtureError(about(0, f"{error}; expected JSON")) from error
    except RecursionError:
        raise FixtureError(about(0, "expected a list of rows, found deeper nesting")) from None
    mistakes = [
        about(number, problem)
        for number, row in enumerate(found, start=1)
        if (problem := _problem(row))
    ]
    if mistakes:
        raise FixtureError(*mistakes)
    return found  # type: ignore[no-any-return]


def _problem(row: object) -> str | None:
    if not isinstance(row, dict) or not isinstance(row.get("fields"), dict):
        return "expected an object with “model” and “fields”"
    model = {each._meta.label_lower: each for each in MODELS}.get(str(row.get("model")))
    if model is None:
        return (
            f"“{row.get('model')}” is not imported; expected one of {', '.join(LABELS)}. "
            "A file brings machines and names, never people, rights or entries of the log"
        )
    if "pk" in row:
        return "a row of ours is found by its names; expected no “pk”"
    known = {field.name for field in model._meta.fields} - _LOCAL
    if unknown := sorted(set(row["fields"]) - known):
        return (
            f"{model._meta.label_lower} has no “{unknown[0]}”; expected {', '.join(sorted(known))}"
        )
    for name, value in row["fields"].items():
        if model._meta.get_field(name).is_relation and not isinstance(value, list | None):
            return f"“{name}” is found by its names; expected a list of them"
        if unusable := next(filter(_UNUSABLE.search, _strings(value)), None):
            return f"“{name}” has an unusable character; expected text, found {unusable!a}"
    return None


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def shelf_in(text: str) -> Shelf:
    """The machine templates of a fixture that `dump` wrote; nothing that is stored is asked for."""
    found: list[Row] = json.loads(text)
    rows: dict[str, list[TemplateRow]] = defaultdict(list)
    for fields in _fields_of(TemplateRow, found):
        (slug,) = fields.pop("machine_template")
        rows[slug].append(TemplateRow(**columns_of(fields)))
    templates = list(_fields_of(MachineTemplate, found))
    ids = {fields["slug"]: number for number, fields in enumerate(templates, start=1)}
    shelf = []
    for slug, fields in zip(ids, templates, strict=True):
        over = ids[fields["over"][0]] if fields["over"] else None
        template = MachineTemplate(pk=ids[slug], slug=slug, title=fields["title"], over_id=over)
        shelf.append((template, rows[slug]))
    return Shelf(shelf)


def _fields_of(model: type[models.Model], rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    label = model._meta.label_lower
    return (dict(row["fields"]) for row in rows if row["model"] == label)


def unsaved(rows: list[Row]) -> Iterator[DeserializedObject]:
    """Each row as an object that is not saved yet. A row is looked at when it is asked for, so
    that it can name the ones before it. Raises FixtureError for one that cannot be an object, and
    DatabaseError when the database cannot look for what a row names.
    """
    number = 0
    try:
        for found in Deserializer(rows):
            number += 1
            yield found
    except (DeserializationError, ObjectDoesNotExist, ValueError, TypeError, KeyError) as error:
        if isinstance(error.__context__, OperationalError | InterfaceError):
            raise error.__context__ from None  # no row's mistake: the database is full, or away
        raise FixtureError(
            about(number + 1, f"{error}; expected a row as it is exported")
        ) from error


def about(number: int, problem: str) -> Mistake:
    """A mistake in a row, counted from 1, or in the fixture as a whole."""
    what = f"row {number} of the fixture" if number else "the fixture"
    return Mistake(0, 0, "bad-fixture", f"{what}: {problem}", "")
