"""Notes: remarks and questions on a machine, added, changed, moved, answered and removed."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet

from ..auditing import Author, Record, recorded
from ..machines.machine import Key
from ..machines.notation import Note as NoteValue
from ..machines.questions import asks, ticket_in
from ..models import Capability, MachineTemplate, Note
from ..models.notes import ANSWER


def add(
    *,
    text: str,
    key: Key | None = None,
    state: str = "",
    is_question: bool | None = None,
    ticket: str = "",
    owner: str = "",
    capability: Capability | None = None,
    kind: str = "",
    machine_template: MachineTemplate | None = None,
    message: str = "",
    by: Author,
) -> Note:
    """Add a note on a capability's machine of one kind, or on a machine template.

    It stands at a transition, at a state, or on the whole machine. Without `is_question` its text
    says what it is, as on a page. Raises ValidationError when the text is not one line of text.
    """
    note = Note(capability=capability, kind=kind, machine_template=machine_template)
    _say(note, text, key, state, is_question, ticket, owner)
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
        record.summary = f"Added a {_word(note)} to {_where(note)}: {note.text}"
    return note


def change(
    *,
    note: Note,
    text: str,
    key: Key | None,
    state: str = "",
    is_question: bool | None = None,
    ticket: str = "",
    owner: str = "",
    seen: NoteValue | None = None,
    message: str = "",
    by: Author,
) -> Note:
    """Change what a note says, or move it to another place; its answer stays.

    `seen` is the note as the person saw it. Raises ValidationError when the text cannot be one,
    when the note is another one by now, or when it is to be a remark and has what only a question
    has.
    """
    with _recorded("note changed", note, message, by) as record:
        stored = _stored(note, seen)
        _say(note, text, key, state, is_question, ticket, owner)
        for name in ANSWER:
            setattr(note, name, getattr(stored, name))
        note.full_clean()
        note.save()
        record.summary = f"Changed a {_word(note)} of {_where(note)}: {note.text}"
    return note


def answer(
    *, note: Note, answer: str, seen: NoteValue | None = None, message: str = "", by: Author
) -> Note:
    """Answer a question, now and by whoever writes.

    Raises ValidationError when the answer is not one line of text, and when the question is
    answered, or another one, by now.
    """
    with _recorded("question answered", note, message, by) as record:
        stored = _stored(note)
        if stored.answer:
            raise ValidationError(
                f"{stored.answered_by or 'Somebody'} answered this already: {stored.answer}",
                code="answered-already",
            )
        _stored(note, seen)
        if not stored.is_question:
            raise ValidationError("This note is no question.", code="no-question")
        note.answer, note.answered_by = answer.strip(), by.name
        note.answered_at = datetime.now(UTC).replace(microsecond=0)
        if not note.answer:
            raise ValidationError({"answer": "Write the answer."}, code="no-answer")
        note.full_clean()
        note.save(update_fields=ANSWER)
        record.summary = f"Answered a question of {_where(note)}: {note.text} — {note.answer}"
    return note


def reopen(*, note: Note, seen: NoteValue | None = None, message: str = "", by: Author) -> Note:
    """Take a question's answer away, so that it is open again; the audit keeps the answer.

    Raises ValidationError when it has none, or is another one by now.
    """
    with _recorded("question reopened", note, message, by) as record:
        stored = _stored(note, seen)
        if not stored.answer:
            raise ValidationError("This question is open.", code="not-answered")
        note.answer, note.answered_by, note.answered_at = "", "", None
        note.save(update_fields=ANSWER)
        record.summary = f"Reopened a question of {_where(note)}: {note.text}"
    return note


def remove(*, note: Note, message: str = "", by: Author) -> Note:
    """Remove a note; the audit keeps its text. Raises ValidationError when it is gone already."""
    with _recorded("note removed", note, message, by) as record:
        _stored(note)
        record.summary = f"Removed a {_word(note)} from {_where(note)}: {note.text}"
        note.delete()
    return note


def _say(
    note: Note,
    text: str,
    key: Key | None,
    state: str,
    is_question: bool | None,
    ticket: str,
    owner: str,
) -> None:
    note.text = text.strip()
    note.source, note.event = key or ("", "")
    note.state = state
    note.ticket, note.owner = ticket.strip(), owner.strip()
    note.is_question = asks(note.text) if is_question is None else is_question
    if is_question is None and note.is_question:
        note.ticket = note.ticket or ticket_in(note.text)


def _stored(note: Note, seen: NoteValue | None = None) -> Note:
    """The note as it is stored. Raises ValidationError when it is not the one that was seen."""
    stored = Note.objects.filter(pk=note.pk).first()
    if stored is None:
        raise ValidationError("This note was removed in the meantime.", code="no-such-note")
    if seen is not None and stored.value != seen:
        raise ValidationError(
            f"Somebody else changed this note in the meantime. It says now: {stored.text}",
            code="note-changed",
        )
    return stored


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
    return f"{owner} at {note.place}" if note.place else owner


def _word(note: Note) -> str:
    return "question" if note.is_question else "note"
