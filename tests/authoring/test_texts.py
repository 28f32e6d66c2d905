"""A definition as one text: what an edit of it comes to, and saving that."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given

from capabilities.authoring import notes, overrides, texts
from capabilities.authoring.conflicts import ConflictError
from capabilities.machines.layers import Standing, changes_between, lay
from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import Note, read, render, render_with_notes
from capabilities.models import Capability, Override, Shelf
from capabilities.models import Note as StoredNote
from tests.factories import definition, editor_author, effective, head, last_entries, line, seen
from tests.strategies import machines

pytestmark = pytest.mark.django_db


def text_of(name: str, kind: str = "current") -> str:
    stored = StoredNote.objects.filter(capability__name=name, kind=kind)
    return render_with_notes(effective(name, kind), [note.value for note in stored])


def stored_notes(name: str, kind: str = "current") -> list[Note]:
    return [note.value for note in StoredNote.objects.filter(capability__name=name, kind=kind)]


@given(machines)
def test_the_text_of_a_machine_reads_back(machine: Machine) -> None:
    reading = read(render_with_notes(machine, [Note("on the whole"), Note("gone", Key("a", "b"))]))
    assert (reading.mistakes, Machine(reading.transitions)) == ((), machine)
    assert [note.text for note in reading.notes] == ["on the whole", "gone"]


def test_a_text_saved_as_it_is_changes_nothing(seed: object) -> None:
    before = (effective("std_calibration", "ideal"), stored_notes("std_calibration", "ideal"))
    texts.save(
        definition=seen("std_calibration", "ideal"),
        text=text_of("std_calibration", "ideal"),
        by=editor_author(),
    )
    after = (effective("std_calibration", "ideal"), stored_notes("std_calibration", "ideal"))
    assert after == before
    assert not Override.objects.filter(definition__kind="ideal").exists()


def test_pasting_the_ideal_over_the_current_machine_makes_the_fewest_overrides(
    seed: object,
) -> None:
    text = render(effective("std_calibration", "ideal"))
    shelf = Shelf()
    plan = texts.plan(definition=definition("std_calibration"), shelf=shelf, text=text)
    assert [(str(change.key), standing) for change, standing in plan.overrides] == [
        ("[Executing] - <workflow-complete>", Standing.OVERRIDES),
        ("[Awaiting QA] - <qa-pass>", Standing.ADDS),
        ("[Awaiting QA] - <qa-fail>", Standing.ADDS),
        ("[Ingesting] - <workflow-complete>", Standing.ADDS),
        ("[Ingesting] - <workflow-failed>", Standing.ADDS),
    ]
    since = head()
    saved = texts.save(
        definition=seen("std_calibration"), text=text, message="as agreed", by=editor_author()
    )
    assert effective("std_calibration") == effective("std_calibration", "ideal")
    assert saved.overrides.count() == 5
    (entry,) = last_entries(since)
    assert entry.summary == "Edited the text of std_calibration current"
    assert (entry.after, entry.message) == (text, "as agreed")


@given(machine=machines)
def test_whatever_is_saved_is_what_the_machine_is_then(machine: Machine) -> None:
    base = Machine((line("[A] - <a> {B} -> [C]"), line("[C] - <c> {no action} -> [A]")))
    assert lay(base, changes_between(base, Machine(read(render(machine)).transitions))) == machine


def test_reordering_alone_is_kept(seed: object) -> None:
    lines = text_of("null").splitlines(keepends=True)
    texts.save(definition=seen("null"), text="".join(lines[::-1]), by=editor_author())
    assert text_of("null").splitlines(keepends=True) == lines[::-1]


def test_an_override_whose_key_stays_keeps_its_reason_and_ticket(seed: object) -> None:
    overrides.put(
        definition=seen("null"),
        key=Key("Queued", "resume"),
        transition=line("[Queued] - <resume> {no action} -> [Executing]"),
        reason="because",
        ticket="WS-1",
        by=editor_author(),
    )
    text = text_of("null").replace("-> [Failed]", "-> [Complete]")
    texts.save(definition=seen("null"), text=text, by=editor_author())
    kept = Override.objects.get(source="Queued", definition__capability__name="null")
    assert (kept.reason, kept.ticket) == ("because", "WS-1")
    assert Override.objects.filter(definition__capability__name="null").count() == 2


def test_notes_are_added_moved_and_removed_in_the_text(seed: object) -> None:
    null = Capability.objects.get(name="null")
    for text in ("stays", "goes", "moves"):
        notes.add(text=text, capability=null, kind="current", by=editor_author())
    lines = text_of("null").splitlines()
    assert lines[:3] == ["-- stays", "-- goes", "-- moves"]
    edited = ["-- stays", lines[3], "-- moves", "-- new", *lines[4:]]
    texts.save(definition=seen("null"), text="\n".join(edited), by=editor_author())
    start = Key("Start", "capability-submitted")
    assert stored_notes("null") == [
        Note("stays"),
        Note("moves", start),
        Note("new", start),
    ]


def test_the_plan_says_what_becomes_of_the_notes(seed: object) -> None:
    null = Capability.objects.get(name="null")
    gone = Key("Awaiting QA", "qa-pass")
    for text, key in (("stays", None), ("goes", None), ("moves", None), ("stray", gone)):
        notes.add(text=text, key=key, capability=null, kind="current", by=editor_author())
    machine = [line for line in text_of("null").splitlines() if not line.startswith("--")]
    edited = ["-- stays", "-- stray", machine[0], "-- moves", "-- new", *machine[1:]]
    plan = texts.plan(
        definition=definition("null"),
        shelf=Shelf(),
        notes=StoredNote.objects.filter(capability=null),
        text="\n".join(edited),
    )
    assert plan.notes == (
        "The note “moves” now stands at [Start] - <capability-submitted>.",
        "The note “new” is added, at [Start] - <capability-submitted>.",
        "The note “goes” is removed.",
    )
    assert plan.lines[Key("Start", "capability-submitted")] == 3


def test_a_note_at_a_transition_that_is_gone_stays_there(seed: object) -> None:
    key = Key("Awaiting QA", "qa-pass")
    null = Capability.objects.get(name="null")
    notes.add(text="later", key=key, capability=null, kind="current", by=editor_author())
    texts.save(definition=seen("null"), text=text_of("null"), by=editor_author())
    assert stored_notes("null") == [Note("later", key)]


def test_a_text_with_mistakes_is_refused_and_nothing_is_written(seed: object) -> None:
    since, before = head(), text_of("null")
    with pytest.raises(ValidationError) as refused:
        texts.save(definition=seen("null"), text="[A - <b>\n[C]", by=editor_author())
    assert refused.value.messages == ["The text has 2 errors; mend what is told of."]
    assert (head(), text_of("null")) == (since, before)


def test_a_text_of_an_older_version_is_refused(seed: object) -> None:
    old = seen("null")
    texts.save(definition=old, text=text_of("null"), by=editor_author())
    with pytest.raises(ConflictError):
        texts.save(definition=old, text="[A] - <b> {C} -> [D]", by=editor_author())
    assert "[A]" not in text_of("null")
