"""What a definition or a machine template is made of, as one text that the audit keeps.

A text outlives the rows that it was made of: it names machine templates by their slug and nothing
by its id. The same rows give the same text, so two texts tell whether anything is different.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..machines.notation import read_actions, render_actions
from ..machines.questions import asks, ticket_in
from .checks import SwitchedOffCheck
from .definitions import Definition, Override
from .notes import Note
from .templates import LayerRow, MachineTemplate

NOTHING = "null"
"""What something is made of that is not there."""

_ROW = (
    *("position", "drop", "source", "event", "target"),
    *("place", "after_source", "after_event", "beneath"),
)
_NOTE = (
    *("position", "text", "source", "event", "state", "is_question"),
    *("ticket", "owner", "answer", "answered_by"),
)


@dataclass(frozen=True)
class Beside:
    """What belongs to a capability's machine of one kind, whether it has a definition or not."""

    requires_qa: bool
    notes: Sequence[Note] = ()
    switched_off: Sequence[SwitchedOffCheck] = ()

    @property
    def parts(self) -> dict[str, Any]:
        return {
            "requires_qa": self.requires_qa,
            "notes": _notes(self.notes),
            "switched_off": [
                {
                    "code": each.code,
                    "reason": each.reason,
                    "by": each.by,
                    "at": each.at.isoformat(),
                }
                for each in self.switched_off
            ],
        }


def of_definition(definition: Definition | None, slugs: Mapping[int, str], beside: Beside) -> str:
    """What a capability's machine of one kind is made of; `slugs` are the machine templates'.

    None is an ideal without a definition of its own.
    """
    if definition is None:
        return _text({"same_as": "current", **beside.parts})
    chosen = definition.machine_template_id
    return _text(
        {
            "machine_template": slugs[chosen] if chosen else "",
            "stages": [
                {"machine_template": slugs[each.machine_template_id], "position": each.position}
                for each in definition.stages.all()
            ],
            "overrides": [
                {**_row(each), "reason": each.reason, "ticket": each.ticket}
                for each in definition.overrides.all()
            ],
            "bindings": {each.parameter: each.value for each in definition.bindings.all()},
            **beside.parts,
        }
    )


def of_template(template: MachineTemplate, slugs: Mapping[int, str], notes: Iterable[Note]) -> str:
    """What a machine template is made of, its own layer and not what it lies over."""
    return _text(
        {
            "title": template.title,
            "retired": template.retired,
            "over": slugs[template.over_id] if template.over_id else "",
            "rows": [_row(each) for each in template.rows.all()],
            "notes": _notes(notes),
        }
    )


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row, or of an override, that such a text tells of."""
    return {**row, "actions": read_actions(row["actions"])}


def _row(row: LayerRow | Override) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _ROW}, "actions": render_actions(row.actions)}


def _notes(notes: Iterable[Note]) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(note, name) for name in _NOTE},
            "answered_at": note.answered_at.isoformat() if note.answered_at else "",
        }
        for note in notes
    ]


def note_columns_of(note: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a note that such a text tells of.

    A text from before there were questions says only where the note stood and what it said.
    """
    if "is_question" not in note:
        is_question = asks(note["text"])
        ticket = ticket_in(note["text"]) if is_question else ""
        missing = dict.fromkeys(("state", "owner", "answer", "answered_by"), "")
        note = {**missing, **note, "is_question": is_question, "ticket": ticket}
    at = note.get("answered_at", "")
    return {**note, "answered_at": datetime.fromisoformat(at) if at else None}


def _text(parts: dict[str, Any]) -> str:
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))
