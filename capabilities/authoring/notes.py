"""Notes: adding, changing, moving and removing remarks on a machine."""

from contextlib import AbstractContextManager

from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet

from ..auditing import Author, Record, recorded
from ..machines.machine import Key
from ..machines.notation import Note as NoteValue
from ..models import Capability, MachineTemplate, Note


def add(
    *,
    text: str,
    key: Key | None = None,
    capability: Capability | None = None,
    kind: str = "",
    machine_template: MachineTemplate | None = None,
    message: str = "",
    by: Author,
) -> Note:
    """Add a note on a capability's machine of one kind, or on a machine template.

    Raises ValidationError when the text is not one line of text.
    """
    source, event = key or ("", "")
    note = Note(
        text=text.strip(),
        source=source,
        event=event,
        capability=capability,
        kind=kind,
        machine_template=machine_template,
    )
    if (capability is None) == (machine_template is None) or bool(kind) != bool(capability):
        raise ValidationError(
            "A note is on a capability's machine of one kind, or on a machine template.",
            code="no-owner",
        )
    with _recorded("note added", note, message, by) as record:
        place = siblings(note).aggregate(last=Max("position"))["last"]
        note.position = 0 if place is None else place + 1
        note.full_clean()
        note.save()
        record.summary = f"Added a note to {_where(note)}: {note.text}"
    return note


def change(
    *,
    note: Note,
    text: str,
    key: Key | None,
    seen: NoteValue | None = None,
    message: str = "",
    by: Author,
) -> Note:
    """Change a note's text, or move it to another transition.

    `seen` is the note as the person saw it. Raises ValidationError when the text cannot be one, or
    when the note is another one by now.
    """
    with _recorded("note changed", note, message, by) as record:
        _require_stored(note)
        stored = Note.objects.get(pk=note.pk)
        if seen is not None and stored.value != seen:
            raise ValidationError(
                f"Somebody else changed this note in the meantime. It says now: {stored.text}",
                code="note-changed",
            )
        note.text = text.strip()
        note.source, note.event = key or ("", "")
        note.full_clean()
        note.save()
        record.summary = f"Changed a note of {_where(note)}: {note.text}"
    return note


def remove(*, note: Note, message: str = "", by: Author) -> Note:
    """Remove a note; the audit keeps its text. Raises ValidationError when it is gone already."""
    with _recorded("note removed", note, message, by) as record:
        _require_stored(note)
        record.summary = f"Removed a note from {_where(note)}: {note.text}"
        note.delete()
    return note


def _require_stored(note: Note) -> None:
    if not Note.objects.filter(pk=note.pk).exists():
        raise ValidationError("This note was removed in the meantime.", code="no-such-note")


def siblings(note: Note) -> QuerySet[Note]:
    """The notes of the same machine."""
    return Note.objects.filter(
        capability=note.capability, kind=note.kind, machine_template=note.machine_template
    )


def _recorded(action: str, note: Note, message: str, by: Author) -> AbstractContextManager[Record]:
    # Looked up, for its machine may have been removed since the note was read.
    owners = Capability.objects.filter(pk__in=[note.capability_id])
    definitions = [(capability, note.kind) for capability in owners]
    templates = list(MachineTemplate.objects.filter(pk__in=[note.machine_template_id]))
    return recorded(action, definitions=definitions, templates=templates, message=message, by=by)


def _where(note: Note) -> str:
    owner = f"{note.capability} {note.kind}" if note.capability else f"“{note.machine_template}”"
    return f"{owner} at {note.key}" if note.key else owner
