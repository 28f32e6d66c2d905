"""A definition as one text in the notation: what an edit of it comes to, and saving that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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
        _save_notes(definition, reading.notes, machine)
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
        _save_notes(definition, (*stored, *added), machine)
        record.summary = f"Joined two changes of {found}"
    return found


def _save_machine(definition: Definition, machine: Machine, shelf: Shelf) -> None:
    base = definition.base(shelf)
    rows.replace(definition.overrides, changes_between(base, machine), beneath=base)


def _save_notes(definition: Seen, notes: tuple[Note, ...], machine: Machine) -> None:
    """Keep the notes that the text still has, moved to where it has them; add and remove others."""
    owner = {"capability": definition.capability, "kind": definition.kind}
    matched, _ = _matched(StoredNote.objects.filter(**owner), notes, machine)
    # Positions are unique, so all go before all come.
    StoredNote.objects.filter(**owner).delete()
    for position, (note, found) in enumerate(matched):
        stored = found or StoredNote(text=note.text, **owner)
        stored.source, stored.event = note.key or ("", "")
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
        place = f"at {note.key}" if note.key else "on the whole machine"
        if found is None:
            yield f"The note “{note.text}” is added, {place}."
        elif found.key != note.key:
            yield f"The note “{note.text}” now stands {place}."
    for each in gone:
        yield f"The note “{each.text}” is removed."
