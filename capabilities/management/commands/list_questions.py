from typing import Any

from django.core.management.base import CommandParser

from ...machines.sentences import count
from ...models import Note
from ...models.questions import questions
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "List every question on a machine or a machine template, with its answer. Exits with 1 "
        "when one of them is open."
    )
    example = "  manage.py list_questions --open --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--open", action="store_true", help="only those without an answer")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        notes = [each.note for each in questions()]
        number = sum(note.is_open for note in notes)
        shown = [note for note in notes if note.is_open or not options["open"]]
        if options["json"]:
            told = {"open": number, "questions": [_as_plain(note) for note in shown]}
            self.say_json(told)
        else:
            for note in shown:
                self._tell(note)
            self.say(f"{count(len(notes), 'question')}, {number} open.")
        if number:
            self.found_something()

    def _tell(self, note: Note) -> None:
        where = f"{_on(note)} at {note.place}" if note.place else _on(note)
        about = [note.ticket, f"owner {note.owner}" if note.owner else ""]
        said = f" ({', '.join(filter(None, about))})" if any(about) else ""
        self.say(f"{'? open' if note.is_open else '✓ answered'} {where}{said}: {note.text}")
        if note.answer:
            who = ", ".join(filter(None, (note.answered_by, note.value.answered_at)))
            self.say(f"    {note.answer}" + (f" ({who})" if who else ""))


def _on(note: Note) -> str:
    if note.capability:
        return f"{note.capability} {note.kind}"
    return f"machine template {note.machine_template}"


def _as_plain(note: Note) -> dict[str, Any]:
    value = note.value
    return {
        "capability": note.capability.name if note.capability else None,
        "kind": note.kind or None,
        "machine_template": note.machine_template.slug if note.machine_template else None,
        "source": note.source or None,
        "event": note.event or None,
        "state": note.state or None,
        "text": note.text,
        "ticket": note.ticket,
        "owner": note.owner,
        "open": note.is_open,
        "answer": note.answer,
        "answered_by": note.answered_by,
        "answered_at": value.answered_at,
    }
