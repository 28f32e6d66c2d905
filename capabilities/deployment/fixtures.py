"""The Django fixture: every row by its natural key, the same bytes for the same rows.

`loaddata` takes it into an empty database. What staff upload goes through `load` instead, which
knows only the models listed here: a fixture can otherwise bring users and permissions.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.core import serializers
from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.python import Deserializer
from django.db import models

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
    TemplateRow,
    Term,
)
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
)
"""What a fixture holds, in an order in which every row comes after those that it names."""

LABELS = tuple(model._meta.label_lower for model in MODELS)

Row = dict[str, Any]

_LOCAL = {"id", "version"}  # columns that mean nothing in another database
_START = re.compile(r"\s*\[\s*[{\]]")


class FixtureError(ValueError):
    """A text is no fixture of ours; `mistakes` says why."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


def is_fixture(text: str) -> bool:
    """Whether a text is a JSON list of objects, which a page never is."""
    return _START.match(text) is not None


def dump(selection: Selection) -> str:
    """Write the selected machines, all that they are made of, and the registry, as a fixture."""
    rows = list(_rows(selection))
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


def _rows(selection: Selection) -> Iterator[models.Model]:
    yield from Term.objects.order_by("kind", "name")
    definitions = selection.definitions().order_by("capability__name", "kind")
    templates = _templates(selection, definitions)
    yield from templates
    yield from (
        TemplateRow.objects.filter(machine_template__in=templates)
        .select_related("machine_template")
        .order_by("machine_template__slug", "position")
    )
    yield from selection.capabilities().order_by("name")
    yield from definitions
    for model, order in ((Stage, "position"), (Override, "position"), (Binding, "parameter")):
        yield from (
            model._default_manager.filter(definition__in=definitions)
            .order_by("definition__capability__name", "definition__kind", order)
            .select_related("definition__capability")
        )
    yield from (
        selection.notes(templates)
        .order_by("capability__name", "kind", "machine_template__slug", "position")
        .select_related("capability", "machine_template")
    )


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
        return f"“{row.get('model')}” is not imported; expected one of {', '.join(LABELS)}"
    if "pk" in row:
        return "a row of ours is found by its names; expected no “pk”"
    known = {field.name for field in model._meta.fields} - _LOCAL
    if unknown := sorted(set(row["fields"]) - known):
        return (
            f"{model._meta.label_lower} has no “{unknown[0]}”; expected {', '.join(sorted(known))}"
        )
    return None


def unsaved(rows: list[Row]) -> Iterator[DeserializedObject]:
    """Each row as an object that is not saved yet. A row is looked at when it is asked for, so
    that it can name the ones before it. Raises FixtureError for one that cannot be an object.
    """
    number = 0
    try:
        for found in Deserializer(rows):
            number += 1
            yield found
    except (DeserializationError, ObjectDoesNotExist, ValueError, TypeError, KeyError) as error:
        raise FixtureError(
            about(number + 1, f"{error}; expected a row as it is exported")
        ) from error


def about(number: int, problem: str) -> Mistake:
    """A mistake in a row, counted from 1, or in the fixture as a whole."""
    what = f"row {number} of the fixture" if number else "the fixture"
    return Mistake(1, 1, "bad-fixture", f"{what}: {problem}", "")
