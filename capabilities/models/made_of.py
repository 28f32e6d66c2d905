"""What a definition or a machine template is made of, as a text that can be gone back to.

The audit keeps it of what was before a write: the effective machine says what a definition comes
to, this says which layers, reasons and notes it came from. The same parts give the same text.
"""

import json
from collections.abc import Iterable
from typing import Any

from ..machines.notation import render_actions
from .definitions import Definition
from .notes import Note
from .templates import LayerRow, MachineTemplate, Shelf

ABSENT = "absent"
"""Of what did not exist before the write."""

SAME_AS = "same_as"
"""Of an ideal that was the same as the current machine."""

_ROW = (
    *("position", "drop", "source", "event", "target", "place", "after_source", "after_event"),
    "beneath",
)


def absent() -> str:
    return _text({ABSENT: True})


def made_of_definition(definition: Definition, shelf: Shelf, notes: Iterable[Note]) -> str:
    """Machine template, stages, overrides, bindings and notes of a definition."""
    templates = shelf.templates
    chosen = definition.machine_template_id
    return _text(
        {
            "machine_template": templates[chosen].slug if chosen else "",
            "stages": {
                templates[each.machine_template_id].slug: each.position
                for each in definition.stages.all()
            },
            "overrides": [
                {**_row(each), "reason": each.reason, "ticket": each.ticket}
                for each in definition.overrides.all()
            ],
            "bindings": {each.parameter: each.value for each in definition.bindings.all()},
            "notes": _notes(notes),
        }
    )


def made_of_nothing_own(kind: str, notes: Iterable[Note]) -> str:
    """The same for an ideal that is the same as the machine of `kind`."""
    return _text({SAME_AS: str(kind), "notes": _notes(notes)})


def made_of_template(template: MachineTemplate, shelf: Shelf, notes: Iterable[Note]) -> str:
    """Title, what it lies over, rows and notes of a machine template."""
    over = template.over_id
    return _text(
        {
            "title": template.title,
            "over": shelf.templates[over].slug if over else "",
            "rows": [_row(each) for each in template.rows.all()],
            "notes": _notes(notes),
        }
    )


def _row(row: LayerRow) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in _ROW}
    return {**columns, "actions": render_actions(row.actions)}


def _notes(notes: Iterable[Note]) -> list[dict[str, Any]]:
    return [
        {
            "position": each.position,
            "text": each.text,
            "source": each.source,
            "event": each.event,
        }
        for each in notes
    ]


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
