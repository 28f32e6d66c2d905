"""A definition as one text in the notation: what an edit of it comes to, and saving that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.core.exceptions import ValidationError

from ..auditing import Author
from ..machines.diff import Difference, diff
from ..machines.layers import Change, Standing, changes_between, standing
from ..machines.machine import Key, Machine
from ..machines.merging import merged
from ..machines.notation import Mistake, Note, read
from ..machines.sentences import count, override_sentences
from ..models import Definition, Shelf
from ..models import Note as StoredNote
from ..models.notes import columns_of
from . import rows
from .definitions import Seen, changing


@dataclass(frozen=True)
class TextPlan:
    """What a text would make of a definition: its mistakes, or else the machine and the overrides.

    `lines` says where each transition stands in the text. `overrides` are the fewest that give the
    machine, each with what it does to what lies beneath; `told` says the same in words, grouped by
    their verb. `gone` are the overrides that are stored and would not be. `notes` says what becomes
    of the notes.
    """

    mistakes: tuple[Mistake, ...] = ()
    machine: Machine = field(default_factory=Machine)
    lines: Mapping[Key, int] = field(default_factory=dict)
    overrides: tuple[tuple[Change, Standing], ...] = ()
    told: Mapping[str, list[str]] = field(default_factory=dict)
    gone: tuple[Key, ...] = ()
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    *, definition: Definition, shelf: Shelf, notes: Iterable[StoredNote] = (), text: str
) -> TextPlan:
    """Say what saving `text` would make of the definition, which has `notes`. Pure: nothing is
    read or written.
    """
    reading = read(text)
    if reading.mistakes:
        return TextPlan(mistakes=reading.mistakes)
    machine = Machine(reading.transitions)
    base = definition.base(shelf)
    changes = changes_between(base, machine)
    keys = {change.key for change in changes}
    return TextPlan(
        machine=machine,
        lines=reading.lines,
        overrides=tuple((change, standing(change, base)) for change in changes),
        told=override_sentences(changes, base),
        gone=tuple(own.key for own in definition.own_layer if own.key not in keys),
        differences=diff(definition.machine(shelf), machine),
        notes=tuple(_told_of_notes(*_matched(notes, reading.notes, machine))),
    )


def save(*, definition: Seen, text: str, message: str = "", by: Author) -> Definition:
    """Have the machine and the notes that `text` says, by the fewest overrides.

    An override whose key stays keeps its reason and ticket. Raises ValidationError when the text
    has mistakes, which `plan` tells, and ConflictError.
    """
    reading = read(text)
    if reading.mistakes:
        number = count(len(reading.mistakes), "error")
        raise ValidationError(f"The text has {number}; mend what is told of.", code="bad-text")
    with changing("text saved", definition, message, by) as (found, record):
        machine = Machine(reading.transitions)
        _save_machine(found, machine, Shelf())
        _save_notes(definition, reading.notes, machine, by)
        record.summary = f"Edited the text of {found}"
    return found


def merge(
    *,
    definition: Seen,
    mine: Machine,
    mine_at: Mapping[Key, bool],
    notes: Iterable[Note] = (),
    reason: str = "",
    ticket: str = "",
    message: str = "",
    by: Author,
) -> Definition:
    """Have what is stored now, with `mine` at the keys that `mine_at` chooses, by few overrides.

    No note goes: of `notes` those are added whose text is not there yet. Reason and ticket, where
    given, become those of the overrides that were chosen. Raises ConflictError.
    """
    with changing("two changes joined", definition, message, by) as (found, record):
        shelf = Shelf()
        machine = merged(found.machine(shelf), mine, mine_at)
        _save_machine(found, machine, shelf)
        why = {name: value for name, value in (("reason", reason), ("ticket", ticket)) if value}
        for override in found.overrides.all() if why else ():
            if mine_at.get(override.key):
                vars(override).update(why)
                override.full_clean()
                override.save()
        owner = {"capability": definition.capability, "kind": definition.kind}
        stored = [note.value for note in StoredNote.objects.filter(**owner)]
        texts = {note.text for note in stored}
        added = [note for note in notes if note.text not in texts]
        _save_notes(definition, (*stored, *added), machine, by)
        record.summary = f"Joined two changes of {found}"
    return found


def _save_machine(definition: Definition, machine: Machine, shelf: Shelf) -> None:
    base = definition.base(shelf)
    rows.replace(definition.overrides, changes_between(base, machine), beneath=base)


def _save_notes(definition: Seen, notes: tuple[Note, ...], machine: Machine, by: Author) -> None:
    """Keep the notes that the text still has, moved to where it has them; add and remove others.

    An answer that names nobody is the author's, as of now.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    owner = {"capability": definition.capability, "kind": definition.kind}
    matched, _ = _matched(StoredNote.objects.filter(**owner), notes, machine)
    # Positions are unique, so all go before all come.
    StoredNote.objects.filter(**owner).delete()
    for position, (note, found) in enumerate(matched):
        stored = found or StoredNote(**owner)
        at = stored.answered_at
        is_as_given = bool(found) and note.lines[1:] == stored.value.lines[1:]
        vars(stored).update(columns_of(note))
        if is_as_given:
            stored.answered_at = at  # to the microsecond
        elif note.answer and not (note.answered_by or note.answered_at):
            stored.answered_by, stored.answered_at = by.name, now
        stored.pk = None
        stored.position = position
        stored.full_clean()
        stored.save(force_insert=True)


Matched = list[tuple[Note, StoredNote | None]]


def _matched(
    stored: Iterable[StoredNote], notes: Iterable[Note], machine: Machine
) -> tuple[Matched, list[StoredNote]]:
    """Each note of a text with the stored one that it is, if any; and the stored ones that go.

    A note at a transition that is gone is written before all transitions, and stays where it is.
    """
    present: dict[str, list[StoredNote]] = {}
    for each in stored:
        present.setdefault(each.text, []).append(each)
    matched: Matched = []
    for note in notes:
        waiting = present.get(note.text)
        found = waiting.pop(0) if waiting else None
        if found and found.key and found.key not in machine.by_key and note.key is None:
            note = replace(note, key=found.key)
        matched.append((note, found))
    return matched, [each for waiting in present.values() for each in waiting]


def _told_of_notes(matched: Matched, gone: Iterable[StoredNote]) -> Iterable[str]:
    for note, found in matched:
        told = f"The {_word(note)} “{note.text}”"
        if found is None:
            yield f"{told} is added, {_place(note)}."
        else:
            yield from (f"{told} {sentence}" for sentence in _changes(found.value, note))
        if note.answer and (found is None or found.answer != note.answer):
            yield f"{told} is answered: {note.answer}"
    for each in gone:
        yield f"The {_word(each.value)} “{each.text}” is removed."


def _changes(old: Note, new: Note) -> Iterable[str]:
    if (old.key, old.state) != (new.key, new.state):
        yield f"now stands {_place(new)}."
    if old.is_question != new.is_question:
        yield "was a remark." if new.is_question else "was a question."
    for name in ("ticket", "owner"):
        value = getattr(new, name)
        if getattr(old, name) != value:
            yield f"has the {name} {value}." if value else f"has no {name} any more."
    if old.answer and not new.answer:
        yield "has no answer any more."


def _place(note: Note) -> str:
    if note.state:
        return f"at state [{note.state}]"
    return f"at {note.key}" if note.key else "on the whole machine"


def _word(note: Note) -> str:
    return "question" if note.is_question else "note"
