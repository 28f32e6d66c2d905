"""Notes: one line of text on a machine or at one of its transitions, and where they are logged."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import capabilities, notes
from capabilities.authoring.plans import Plan
from capabilities.machines.notation import render
from capabilities.models import Capability, Note

from ..factories import (
    FAIL,
    PASS,
    QA,
    SIMPLE,
    editor_author,
    effective,
    head,
    last_entries,
    state,
    template,
    template_machine,
)
from ..factories import notes as all_notes


def null() -> Capability:
    return Capability.objects.get(name="null")


def a_note(capability: str = "std_calibration") -> Note:
    found = Note.objects.filter(capability__name=capability, kind="ideal").first()
    assert found
    return found


def test_a_note_comes_after_those_that_are_there(seed: Plan) -> None:
    count = head()
    capability = Capability.objects.get(name="std_calibration")
    added = notes.add(
        text="  What about cancelled ones?  ",
        key=PASS,
        capability=capability,
        kind="ideal",
        message="asked by DA",
        by=editor_author(),
    )
    found = all_notes()["std_calibration", "ideal", ""]
    assert (len(found), added.position) == (5, 4)
    assert found[-1] == ("What about cancelled ones?", "Awaiting QA", "qa-pass")
    (entry,) = last_entries(since=count)
    assert (entry.action, entry.name, entry.kind) == ("note added", "std_calibration", "ideal")
    assert entry.summary == (
        "Added a question to std_calibration ideal at [Awaiting QA] - <qa-pass>: "
        "What about cancelled ones?"
    )
    assert entry.message == "asked by DA"
    assert entry.before == entry.after == render(effective("std_calibration", "ideal"))


def test_a_note_can_be_on_an_ideal_that_is_the_same_as_current(seed: Plan) -> None:
    notes.add(text="Later.", capability=null(), kind="ideal", by=editor_author())
    assert all_notes()["null", "ideal", ""] == [("Later.", "", "")]
    assert not null().definitions.filter(kind="ideal").exists()
    entry = last_entries()[-1]
    assert (entry.name, entry.kind) == ("null", "ideal")
    assert entry.before == entry.after == render(effective("null"))


def test_a_note_can_be_on_a_machine_template(seed: Plan) -> None:
    notes.add(text="In use.", machine_template=template(SIMPLE), by=editor_author())
    assert all_notes()["", "", SIMPLE] == [("In use.", "", "")]
    entry = last_entries()[-1]
    assert (entry.subject, entry.name) == ("machine template", SIMPLE)
    assert entry.summary == "Added a note to “Simple run-workflow”: In use."
    assert entry.before == entry.after == render(template_machine(SIMPLE))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "This field cannot be blank."),
        ("   ", "This field cannot be blank."),
        ("a\nb", "This has the unusable character U+000A; a note is one line of text."),
        ("a\x00b", "This has the unusable character U+0000; a note is one line of text."),
        ("a\ud800b", "This has the unusable character U+D800; a note is one line of text."),
    ],
)
def test_a_text_that_is_not_one_line_is_refused(seed: Plan, text: str, told: str) -> None:
    note, before = a_note(), state()
    with pytest.raises(ValidationError) as refused:
        notes.add(text=text, capability=null(), kind="current", by=editor_author())
    assert refused.value.message_dict == {"text": [told]}
    with pytest.raises(ValidationError) as refused:
        notes.change(note=note, text=text, key=None, by=editor_author())
    assert refused.value.message_dict == {"text": [told]}
    assert state() == before


@pytest.mark.parametrize("text", ["a\u2028b", "<b>x</b>", '"it\'s" \\ {a} [b]', "tab\there"])
def test_any_other_text_is_kept_as_it_is(seed: Plan, text: str) -> None:
    added = notes.add(text=text, capability=null(), kind="current", by=editor_author())
    assert Note.objects.get(pk=added.pk).text == text


@pytest.mark.parametrize("owner", ["nobody", "both", "no kind", "kind of a template"])
def test_a_note_has_one_owner(seed: Plan, owner: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        notes.add(
            text="x",
            capability=null() if owner in ("both", "no kind") else None,
            kind="current" if owner in ("both", "kind of a template") else "",
            machine_template=(template(QA) if owner in ("both", "kind of a template") else None),
            by=editor_author(),
        )
    assert refused.value.messages == [
        "A note is on a capability's machine of one kind, or on a machine template."
    ]
    assert state() == before


def test_a_kind_that_there_is_not_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        notes.add(text="x", capability=null(), kind="real", by=editor_author())
    assert refused.value.message_dict == {"kind": ["Value 'real' is not a valid choice."]}
    assert state() == before


def test_a_note_can_be_moved_to_the_transition_that_it_is_about(seed: Plan) -> None:
    note, count = a_note(), head()
    notes.change(note=note, text=note.text, key=FAIL, by=editor_author())
    stored = Note.objects.get(pk=note.pk)
    assert (stored.key, stored.position) == (FAIL, 0)
    (entry,) = last_entries(since=count)
    assert entry.action == "note changed"
    assert entry.summary == (
        f"Changed a question of std_calibration ideal at [Awaiting QA] - <qa-fail>: {note.text}"
    )
    notes.change(note=note, text="Yes.", key=None, by=editor_author())
    stored.refresh_from_db()
    assert (stored.text, stored.key) == ("Yes.", None)


def test_a_note_is_removed_and_its_text_stays_in_the_log(seed: Plan) -> None:
    note, count = a_note(), head()
    text = note.text
    notes.remove(note=note, by=editor_author())
    assert len(all_notes()["std_calibration", "ideal", ""]) == 3
    (entry,) = last_entries(since=count)
    assert entry.action == "note removed"
    assert entry.summary == (
        f"Removed a question from std_calibration ideal at [Awaiting QA] - <qa-pass>: {text}"
    )


def test_a_note_that_was_removed_meanwhile_is_neither_changed_nor_removed_again(
    seed: Plan,
) -> None:
    note = a_note()
    notes.remove(note=a_note(), by=editor_author())
    before = state()
    for refused_call in (
        lambda: notes.change(note=note, text="x", key=None, by=editor_author()),
        lambda: notes.remove(note=note, by=editor_author()),
    ):
        with pytest.raises(ValidationError) as refused:
            refused_call()
        assert refused.value.messages == ["This note was removed in the meantime."]
    assert state() == before


def test_a_note_of_a_capability_that_was_removed_meanwhile_is_refused(seed: Plan) -> None:
    note, capability = a_note("std_cms_imaging"), null()
    capabilities.remove(
        capability=Capability.objects.get(name="std_cms_imaging"), by=editor_author()
    )
    capabilities.remove(capability=null(), by=editor_author())
    before = state()
    with pytest.raises(ValidationError):
        notes.change(note=note, text="x", key=None, by=editor_author())
    with pytest.raises(ValidationError):
        notes.remove(note=note, by=editor_author())
    with pytest.raises(ValidationError):
        notes.add(text="x", capability=capability, kind="current", by=editor_author())
    assert state() == before
