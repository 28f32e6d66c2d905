"""Questions: asked, answered and opened again, and carried by everything that carries notes."""

import importlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from capabilities.authoring import (
    imports,
    machine_templates,
    notes,
    renames,
    texts,
    undoing,
)
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures, pages
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import Key
from capabilities.machines.notation import Note as NoteValue
from capabilities.machines.notation import render_with_notes
from capabilities.models import AuditEntry, Capability, Fleet, Note, made_of
from capabilities.models.questions import questions

from ..factories import (
    FAIL,
    PASS,
    QA,
    SEED_TEXT,
    editor_author,
    effective,
    emptied,
    head,
    last_entries,
    seen,
    state,
    template,
)

IDEAL = {"capability__name": "std_calibration", "kind": "ideal"}
TEXT = "Should we run QaFail"


def question(**where: str) -> Note:
    return Note.objects.get(**(where or IDEAL), text__startswith=TEXT)


def values() -> dict[tuple[str, str, str], list[NoteValue]]:
    """Every note with all that it says, by the machine that it is on, in its order."""
    found: dict[tuple[str, str, str], list[NoteValue]] = {}
    for note in Note.objects.order_by("position"):
        capability, kind, slug, _ = note.natural_key()
        found.setdefault((capability, kind, slug), []).append(note.value)
    return found


@pytest.fixture
def asked(seed: Plan) -> None:
    """The team's page with a question of every kind at every place."""
    null, by = Capability.objects.get(name="null"), editor_author()
    on = {"capability": null, "kind": "current"}
    notes.add(text="At a state", state="Queued", is_question=True, ticket="T 1", **on, by=by)  # type: ignore[arg-type]
    notes.add(text="Rhetorical?", is_question=False, state="Failed", **on, by=by)  # type: ignore[arg-type]
    notes.add(text="Whose?", owner="a, (b)", **on, by=by)  # type: ignore[arg-type]
    notes.answer(note=question(), answer="Yes, of course.", by=editor_author("bea"))
    notes.answer(note=template(QA).notes.filter(is_question=True)[1], answer="No?", by=by)


def test_the_questions_of_the_page_arrive_as_questions(seed: Plan) -> None:
    found = [
        (str(note.capability or note.machine_template), note.kind, note.key, note.ticket)
        for each in questions()
        if (note := each.note).is_open
    ]
    ingested = Key("Ingesting", "workflow-complete")
    failed = Key("Ingesting", "workflow-failed")
    in_qa = ((PASS, "WS-799"), (ingested, ""), (failed, ""))
    qa = str(template(QA))
    assert sorted(found, key=str) == sorted(
        [
            *(("std_calibration", "ideal", *each) for each in in_qa),
            ("std_restore_imaging", "ideal", None, ""),
            *((qa, "", *each) for each in in_qa),
        ],
        key=str,
    )
    assert len(questions()) == 7
    assert [[str(same.machine_template) for same in each.same] for each in questions()[:4]] == [
        [qa],
        [qa],
        [qa],
        [],
    ]


# -- the verbs


def test_an_answer_says_who_gave_it_when(seed: Plan) -> None:
    note, count, before = question(), head(), datetime.now(UTC)
    notes.answer(note=note, answer="  Yes.  ", message="agreed", by=editor_author("bea"))
    note = question()
    assert (note.answer, note.answered_by, note.is_open) == ("Yes.", "bea", False)
    assert note.answered_at is not None
    assert timedelta(seconds=-1) < note.answered_at - before < timedelta(seconds=30)
    (entry,) = last_entries(since=count)
    assert (entry.action, entry.actor, entry.message) == ("question answered", "bea", "agreed")
    assert entry.summary == (
        "Answered a question of std_calibration ideal at [Awaiting QA] - <qa-pass>: "
        f"{note.text} — Yes."
    )


def test_a_question_is_opened_again_and_its_answer_stays_in_the_log(seed: Plan) -> None:
    notes.answer(note=question(), answer="Yes.", by=editor_author())
    count = head()
    notes.reopen(note=question(), by=editor_author())
    note = question()
    assert (note.answer, note.answered_by, note.answered_at) == ("", "", None)
    (entry,) = last_entries(since=count)
    assert entry.action == "question reopened"
    assert "Yes." in entry.made_of


def test_what_cannot_be_an_answer_is_refused(seed: Plan) -> None:
    before = state()
    for text in ("", "  ", "two\nlines"):
        with pytest.raises(ValidationError) as refused:
            notes.answer(note=question(), answer=text, by=editor_author())
        assert list(refused.value.message_dict) == ["answer"]
    remark = Note.objects.get(**IDEAL, text__startswith="Make sure")
    with pytest.raises(ValidationError, match="This note is no question"):
        notes.answer(note=remark, answer="x", by=editor_author())
    with pytest.raises(ValidationError, match="This question is open"):
        notes.reopen(note=question(), by=editor_author())
    assert state() == before


def test_a_question_is_answered_once(seed: Plan) -> None:
    late, seen_then = question(), question().value
    notes.answer(note=question(), answer="Yes.", by=editor_author("bea"))
    before = state()
    with pytest.raises(ValidationError, match=r"bea answered this already: Yes\."):
        notes.answer(note=late, answer="No.", seen=seen_then, by=editor_author())
    assert state() == before


def test_another_question_than_the_one_that_was_seen_is_not_answered(seed: Plan) -> None:
    late, seen_then = question(), question().value
    notes.change(note=question(), text="Something else?", key=PASS, by=editor_author("bea"))
    before = state()
    with pytest.raises(ValidationError, match="Somebody else changed this note"):
        notes.answer(note=late, answer="No.", seen=seen_then, by=editor_author())
    assert state() == before


def test_a_change_keeps_the_answer_that_somebody_gave_in_between(seed: Plan) -> None:
    late = question()
    notes.answer(note=question(), answer="Yes.", by=editor_author("bea"))
    notes.change(note=late, text="Is it so?", key=FAIL, by=editor_author())
    note = Note.objects.get(pk=late.pk)
    assert (note.text, note.answer, note.answered_by) == ("Is it so?", "Yes.", "bea")


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({"ticket": "WS-1"}, "ticket", "Only a question has a ticket."),
        ({"owner": "ada"}, "owner", "Only a question has an owner."),
        ({"is_question": True, "owner": "a\nb"}, "owner", "unusable character U+000A"),
        ({"is_question": True, "ticket": "x" * 51}, "ticket", "at most 50 characters"),
        ({"state": "a\nb"}, "state", "unusable character"),
    ],
)
def test_what_a_note_cannot_have_is_told_at_its_field(
    seed: Plan, given: dict[str, str], field: str, told: str
) -> None:
    before, null = state(), Capability.objects.get(name="null")
    with pytest.raises(ValidationError) as refused:
        notes.add(text="x", capability=null, kind="current", **given, by=editor_author())  # type: ignore[arg-type]
    assert told in refused.value.message_dict[field][0]
    assert state() == before


def test_an_answered_question_does_not_become_a_remark(seed: Plan) -> None:
    notes.answer(note=question(), answer="Yes.", by=editor_author())
    before, note = state(), question()
    with pytest.raises(ValidationError, match="Only a question has an answer"):
        notes.change(note=note, text="x", key=PASS, is_question=False, by=editor_author())
    assert state() == before


@pytest.mark.parametrize(
    "columns",
    [
        {"source": "A", "event": "e", "state": "A"},
        {"owner": "ada"},
        {"is_question": True, "answered_by": "ada"},
    ],
)
def test_the_database_takes_no_note_that_cannot_be(seed: Plan, columns: dict[str, str]) -> None:
    null = Capability.objects.get(name="null")
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(capability=null, kind="current", text="x", **columns)


def test_the_fleet_knows_the_open_questions(asked: None) -> None:
    found = {whose: [each.text for each in asked] for whose, asked in Fleet().questions.items()}
    assert found.keys() == {
        ("null", "current"),
        ("std_calibration", "ideal"),
        ("std_restore_imaging", "ideal"),
    }
    assert found["null", "current"] == ["At a state", "Whose?"]
    assert len(found["std_calibration", "ideal"]) == 2


def test_what_was_stored_before_is_recognised_when_the_database_is_brought_up(seed: Plan) -> None:
    before = values()
    Note.objects.update(is_question=False, ticket="")
    assert values() != before
    importlib.import_module("capabilities.migrations.0006_questions").recognise(apps, None)
    assert values() == before


# -- carried by everything that carries notes


def test_undo_brings_every_part_of_a_question_back(asked: None) -> None:
    before = values()
    author = editor_author()
    note = question()
    notes.reopen(note=note, by=author)
    notes.change(note=note, text="x", key=None, state="Failed", is_question=False, by=author)
    notes.remove(note=Note.objects.get(text="Whose?"), by=author)
    assert values() != before
    undoing.undo(request=author.request, by=editor_author())
    assert values() == before


def test_an_entry_from_before_there_were_questions_is_undone_too(seed: Plan) -> None:
    author = editor_author()
    notes.remove(note=question(), by=author)
    before = values()
    entry = AuditEntry.objects.get(request=author.request)
    known = json.loads(entry.made_of)
    known["notes"] = [
        {name: note[name] for name in ("position", "text", "source", "event")}
        for note in known["notes"]
    ]
    columns = [made_of.note_columns_of(note) for note in known["notes"]]
    Note.objects.filter(**IDEAL).delete()
    capability = Capability.objects.get(name="std_calibration")
    Note.objects.bulk_create(Note(capability=capability, kind="ideal", **each) for each in columns)
    restored = values()["std_calibration", "ideal", ""]
    assert [note.is_question for note in restored] == [True, False, True, True]
    assert restored[0].ticket == "WS-799"
    assert restored[1:] == before["std_calibration", "ideal", ""]


def test_a_copy_of_a_machine_template_has_its_questions_and_answers(asked: None) -> None:
    copied = machine_templates.copy(
        machine_template=template(QA), title="Another", by=editor_author()
    )
    assert values()["", "", copied.slug] == values()["", "", QA]
    assert any(note.answer for note in values()["", "", QA])


def test_a_state_that_is_renamed_takes_its_notes_along(asked: None) -> None:
    renames.rename(term_kind="state", old="Queued", new="Waiting", by=editor_author())
    assert Note.objects.get(text="At a state").state == "Waiting"
    assert Note.objects.get(text="Rhetorical?").state == "Failed"


def test_a_fixture_carries_every_part_byte_for_byte(asked: None) -> None:
    text, before = fixtures.dump(), values()
    emptied()
    imports.run(text=text, by=editor_author())
    assert values() == before
    assert fixtures.dump() == text


def test_a_fixture_from_before_there_were_questions_has_them_too(seed: Plan) -> None:
    rows, before = json.loads(fixtures.dump()), values()
    new = {"state", "is_question", "ticket", "owner", "answer", "answered_by", "answered_at"}
    for row in rows:
        if row["model"] == "capabilities.note":
            row["fields"] = {name: row["fields"][name] for name in row["fields"] if name not in new}
    emptied()
    imports.run(text=json.dumps(rows), by=editor_author())
    assert values() == before


@pytest.mark.parametrize("write", [pages.notation, pages.markdown])
def test_a_page_carries_every_part(asked: None, write: object) -> None:
    text, before = write(Selection()), values()  # type: ignore[operator]
    emptied()
    imports.run(text=text, by=editor_author())
    # A page has the notes of the whole machine and of states first, then those of its transitions.
    sorted_values = {whose: sorted(found, key=str) for whose, found in values().items()}
    assert sorted_values == {whose: sorted(found, key=str) for whose, found in before.items()}
    assert write(Selection()) == text  # type: ignore[operator]


def test_the_team_s_page_comes_in_again_without_a_change(asked: None) -> None:
    before = state()
    done = imports.run(text=SEED_TEXT, by=editor_author())
    assert not done.changes_anything
    assert state() == before


def test_a_page_that_answers_a_question_that_is_open_brings_the_answer(seed: Plan) -> None:
    line = "-- Is the ingestion-complete notification getting sent properly? Test when this is "
    text = SEED_TEXT.replace(
        f"{line}implemented.\n", f"{line}implemented.\n-- Answer (bea, 2026-11-24): It is.\n", 1
    )
    count = head()
    done = imports.run(text=text, by=editor_author())
    assert [note.answers for note in done.notes].count(True) == 1
    assert not any(note.new for note in done.notes)
    assert done.changes_anything
    note = Note.objects.get(**IDEAL, text__startswith="Is the ingestion")
    assert (note.answer, note.answered_by) == ("It is.", "bea")
    assert note.answered_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert [(e.name, e.kind) for e in last_entries(since=count)] == [("std_calibration", "ideal")]
    # What staff answered is not answered again.
    again = imports.run(text=text.replace("It is.", "It is not."), by=editor_author())
    assert not again.changes_anything
    assert Note.objects.get(pk=note.pk).answer == "It is."


def test_a_fixture_that_answers_a_question_that_is_open_brings_the_answer(seed: Plan) -> None:
    note = question()
    notes.answer(note=note, answer="Yes.", by=editor_author("bea"))
    text, answered = fixtures.dump(), values()
    notes.reopen(note=question(), by=editor_author())
    imports.run(text=text, by=editor_author())
    assert values() == answered


# -- the text editor


def text_of(name: str, kind: str) -> str:
    stored = Note.objects.filter(capability__name=name, kind=kind)
    return render_with_notes(effective(name, kind), [note.value for note in stored])


@pytest.mark.parametrize(("name", "kind"), [("std_calibration", "ideal"), ("null", "current")])
def test_a_text_that_is_saved_unchanged_changes_no_note(asked: None, name: str, kind: str) -> None:
    columns = [each for each in Note._meta.get_fields() if each.name not in ("id", "position")]
    of = [each.name for each in columns]
    before = list(Note.objects.filter(capability__name=name).order_by("text").values(*of))
    texts.save(definition=seen(name, kind), text=text_of(name, kind), by=editor_author("cy"))
    assert list(Note.objects.filter(capability__name=name).order_by("text").values(*of)) == before


def test_an_answer_in_the_text_is_given_by_whoever_saves_it(seed: Plan) -> None:
    text = text_of("std_calibration", "ideal").replace("(WS-799)\n", "(WS-799)\n-- Answer: Yes.\n")
    texts.save(definition=seen("std_calibration", "ideal"), text=text, by=editor_author("cy"))
    note = question()
    assert (note.answer, note.answered_by) == ("Yes.", "cy")
    assert note.answered_at is not None


def test_the_plan_of_a_text_says_what_becomes_of_questions(asked: None) -> None:
    fleet = Fleet(["null"])
    definition = fleet.definition("null", "current")
    assert definition is not None
    stored = list(Note.objects.filter(capability__name="null"))
    text = (
        text_of("null", "current")
        .replace("At [Queued]: Question (ticket T 1): At a state", "At [Failed]: At a state")
        .replace("Remark: Rhetorical?", "Rhetorical?\n-- Answer: It was.")
        .replace(r"Question (owner a\, \(b\)): Whose?", "Question (WS-1): Whose?")
    )
    plan = texts.plan(definition=definition, shelf=fleet.shelf, notes=stored, text=text)
    assert plan.notes == (
        "The note “At a state” now stands at state [Failed].",
        "The note “At a state” was a question.",
        "The note “At a state” has no ticket any more.",
        "The question “Rhetorical?” was a remark.",
        "The question “Rhetorical?” is answered: It was.",
        "The question “Whose?” has the ticket WS-1.",
        "The question “Whose?” has no owner any more.",
    )
