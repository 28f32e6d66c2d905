"""Every question, wherever it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from .notes import Note


@dataclass(frozen=True)
class Asked:
    """A question, and those of the same text that stand elsewhere."""

    note: Note
    same: tuple[Note, ...]


def questions() -> list[Asked]:
    """Every question, in one query: open ones first, then as their machines are called."""
    notes = Note.objects.filter(is_question=True).select_related("capability", "machine_template")
    return asked(sorted(notes, key=_place))


def asked(notes: Iterable[Note]) -> list[Asked]:
    """The same of these notes, in their order."""
    notes = list(notes)
    by_text: dict[str, list[Note]] = {}
    for note in notes:
        by_text.setdefault(note.text, []).append(note)
    return [
        Asked(note, tuple(each for each in by_text[note.text] if each != note)) for note in notes
    ]


def _place(note: Note) -> tuple[bool, bool, str, str, int]:
    on = note.capability.name if note.capability else str(note.machine_template)
    return not note.is_open, note.machine_template_id is not None, on, note.kind, note.position
