"""Undo: exactly what was there before, as a new write; refused when somebody went on from there."""

import json

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import (
    capabilities,
    checks,
    definitions,
    machine_templates,
    notes,
    overrides,
    undoing,
)
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.models import AuditEntry, Capability, Kind, Note
from capabilities.verifying import faults

from ..factories import (
    COMPLETE,
    FAIL,
    PASS,
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
    template,
)
from .verbs import DECIDED_ANEW, VERBS

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")


def dumped() -> list[object]:
    """The fixture without the registry, which an undo leaves alone."""
    return [row for row in json.loads(fixtures.dump()) if row["model"] != "capabilities.term"]


@pytest.mark.parametrize("name", sorted(set(VERBS) - DECIDED_ANEW - {"renames.rename"}))
def test_an_undo_gives_back_exactly_what_was_there_and_a_redo_what_was_undone(
    seed: Plan, name: str
) -> None:
    call = VERBS[name]()
    before = dumped()
    first, second, third = editor_author(), editor_author(), editor_author("eve")
    call(first, "")
    after = dumped()
    assert after != before
    assert undoing.undo(request=first.request, by=second)
    assert dumped() == before
    assert undoing.undo(request=second.request, message="It was right.", by=third)
    assert dumped() == after
    assert {(e.actor, e.message) for e in AuditEntry.objects.filter(request=third.request)} == {
        ("eve", "It was right.")
    }
    assert list(faults()) == []


@pytest.mark.parametrize("name", sorted(DECIDED_ANEW))
def test_a_decision_is_not_undone_but_followed_by_another_one(seed: Plan, name: str) -> None:
    author, call = editor_author(), VERBS[name]()
    call(author, "")
    before = state()
    with pytest.raises(ValidationError, match="nothing to undo"):
        undoing.undo(request=author.request, by=editor_author())
    assert state() == before


def test_a_renaming_is_undone_by_renaming_it_back(seed: Plan) -> None:
    author = editor_author()
    VERBS["renames.rename"]()(author, "")
    before = state()
    with pytest.raises(ValidationError, match="rename it back instead"):
        undoing.undo(request=author.request, by=editor_author())
    assert state() == before


def test_an_undo_is_a_write_of_its_own_and_the_log_keeps_both(seed: Plan) -> None:
    author, again, redo = editor_author(), editor_author("eve"), editor_author()
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    version, since = definition("null").version, head()
    undoing.undo(request=author.request, by=again)
    (entry,) = last_entries(since=since)
    assert entry.summary == "Undid: Dropped [Queued] - <resume> from null current"
    assert (entry.actor, entry.action) == ("eve", "undone")
    assert (entry.before, entry.after) == (entry.before, AuditEntry.objects.get(pk=since).before)
    assert definition("null").version == version + 1
    undoing.undo(request=again.request, by=redo)
    assert last_entries()[-1].summary == "Redid: Dropped [Queued] - <resume> from null current"


def test_an_override_comes_back_with_its_reason_ticket_and_the_line_that_it_covered(
    seed: Plan,
) -> None:
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=line("[Queued] - <resume> {QaPass} -> [Executing]"),
        reason="They asked",
        ticket="WS-1",
        by=editor_author(),
    )
    kept = definition("null").overrides.values().get()
    author = editor_author()
    overrides.restore(definition=seen("null"), key=RESUME, by=author)
    undoing.undo(request=author.request, by=editor_author())
    assert {**definition("null").overrides.values().get(), "id": kept["id"]} == kept
    assert (kept["reason"], kept["ticket"]) == ("They asked", "WS-1")
    assert kept["beneath"]


def test_an_undo_of_a_machine_template_changes_every_machine_back(seed: Plan) -> None:
    before, author = effective("null"), editor_author()
    machine_templates.drop(machine_template=template(SIMPLE), key=COMPLETE, version=1, by=author)
    assert effective("null") != before
    since = head()
    undoing.undo(request=author.request, by=editor_author())
    assert effective("null") == before
    assert len(last_entries(since=since)) > 5
    assert template(SIMPLE).version == 3


def test_an_undo_is_refused_when_the_same_was_changed_again(seed: Plan) -> None:
    author = editor_author()
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author("eve"))
    before = state()
    with pytest.raises(ValidationError, match=r"changed again by eve: Dropped .* Undo that first"):
        undoing.undo(request=author.request, by=editor_author())
    assert state() == before


def test_an_undo_is_not_refused_when_only_a_template_beneath_or_another_machine_changed(
    seed: Plan,
) -> None:
    author = editor_author()
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=editor_author())
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=CANCEL,
        version=1,
        by=editor_author(),
    )
    undoing.undo(request=author.request, by=editor_author())
    assert RESUME in effective("null").by_key
    assert CANCEL in effective("null")


def test_a_note_that_is_added_on_top_counts_as_a_change(seed: Plan) -> None:
    author, null = editor_author(), Capability.objects.get(name="null")
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    notes.add(text="Why?", capability=null, kind=Kind.CURRENT, by=editor_author())
    with pytest.raises(ValidationError, match="Added a question"):
        undoing.undo(request=author.request, by=editor_author())


def test_a_note_stays_the_same_row_through_an_undo(seed: Plan) -> None:
    note = Note.objects.filter(capability__name="std_calibration").first()
    assert note
    author = editor_author()
    notes.change(note=note, text="Another", key=None, by=author)
    undoing.undo(request=author.request, by=editor_author())
    assert Note.objects.get(pk=note.pk).text != "Another"


@pytest.mark.parametrize("request_id", ["", "no-such-request"])
def test_nothing_is_undone_of_a_request_that_changed_nothing(seed: Plan, request_id: str) -> None:
    with pytest.raises(ValidationError, match="nothing to undo"):
        undoing.undo(request=request_id, by=editor_author())


def test_an_undo_is_refused_when_a_machine_template_that_it_needs_is_gone(seed: Plan) -> None:
    added = machine_templates.add(title="Extra", by=editor_author())
    definitions.attach_stage(definition=seen("null"), machine_template=added, by=editor_author())
    author = editor_author()
    definitions.remove_stage(definition=seen("null"), machine_template=added, by=author)
    machine_templates.remove(machine_template=added, version=1, by=editor_author())
    before = state()
    with pytest.raises(ValidationError, match="“extra” that it was made of was removed"):
        undoing.undo(request=author.request, by=editor_author())
    assert state() == before


def test_an_undo_is_refused_when_a_stage_would_be_there_twice(seed: Plan) -> None:
    added = machine_templates.add(title="Extra", by=editor_author())
    definitions.attach_stage(definition=seen("null"), machine_template=added, by=editor_author())
    author = editor_author()
    definitions.remove_stage(definition=seen("null"), machine_template=added, by=author)
    machine_templates.lay_over(
        machine_template=template(SIMPLE), over=added, version=1, by=editor_author()
    )
    with pytest.raises(ValidationError, match="is in the machine template of null current by now"):
        undoing.undo(request=author.request, by=editor_author())


def test_an_undo_never_lays_machine_templates_over_each_other_in_a_circle(seed: Plan) -> None:
    author = editor_author()
    machine_templates.lay_over(machine_template=template(QA), over=None, version=1, by=author)
    machine_templates.lay_over(
        machine_template=template(SIMPLE), over=template(QA), version=1, by=editor_author()
    )
    with pytest.raises(ValidationError, match=r"lies over .* itself by now"):
        undoing.undo(request=author.request, by=editor_author())


def test_an_undo_does_not_take_away_a_machine_template_that_is_used_by_now(seed: Plan) -> None:
    author = editor_author()
    added = machine_templates.add(title="Extra", by=author)
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=added, by=editor_author()
    )
    with pytest.raises(ValidationError, match="“Extra” is used by now"):
        undoing.undo(request=author.request, by=editor_author())


def test_more_than_can_be_undone_at_once_is_refused(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "MOST", 1)
    author = editor_author()
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    overrides.drop(definition=seen("std_calibration"), key=FAIL, by=author)
    with pytest.raises(ValidationError, match="more than 1 machines"):
        undoing.undo(request=author.request, by=editor_author())


def test_all_that_one_request_did_to_one_machine_is_undone_together(seed: Plan) -> None:
    before, author = fixtures.dump(), editor_author()
    overrides.drop(definition=seen("std_calibration"), key=FAIL, by=author)
    overrides.drop(definition=seen("std_calibration"), key=PASS, by=author)
    undoing.undo(request=author.request, by=editor_author())
    assert fixtures.dump() == before


# -- what the audit remembers


def test_an_entry_tells_what_the_machine_was_made_of_only_if_that_was_changed(seed: Plan) -> None:
    since = head()
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    told = {(e.subject, e.name): e.made_of for e in last_entries(since=since)}
    parts = json.loads(told.pop(("machine template", SIMPLE)))
    assert (parts["title"], parts["over"]) == (template(SIMPLE).title, "")
    assert "workflow-complete" in {row["event"] for row in parts["rows"]}
    assert set(told.values()) == {""}


def test_what_an_ideal_was_that_was_the_same_as_current_is_told(seed: Plan) -> None:
    overrides.drop(definition=seen("null", Kind.IDEAL), key=RESUME, by=editor_author())
    told = json.loads(last_entries()[-1].made_of)
    assert (told.pop("same_as"), any(told.values())) == ("current", False)


def test_what_is_required_and_switched_off_comes_back_with_a_removed_capability(
    seed: Plan,
) -> None:
    null = Capability.objects.get(name="null")
    capabilities.require_qa(capability=null, requires_qa=True, by=editor_author())
    checks.switch_off(
        capability=null, kind="current", code="no-qa", reason="Never.", by=editor_author()
    )
    before, removal = dumped(), editor_author()
    capabilities.remove(capability=null, by=removal)
    undoing.undo(request=removal.request, by=editor_author())
    assert dumped() == before


def test_what_was_not_there_was_made_of_nothing(seed: Plan) -> None:
    machine_templates.add(title="Extra", by=editor_author())
    assert last_entries()[-1].made_of == "null"
