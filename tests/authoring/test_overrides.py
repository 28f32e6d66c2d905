"""Overrides: puts, drops and restorations in one definition, and what the log says of them."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.machines.layers import Drop, Put
from capabilities.machines.machine import Key
from capabilities.machines.notation import render
from capabilities.models import Kind

from ..factories import (
    COMPLETE,
    FAIL,
    PASS,
    RESUME,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
)

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")


def test_a_put_overrides_what_lies_beneath_with_its_reason(seed: Plan) -> None:
    before, old, count = effective("null"), seen("null"), head()
    quiet = line("[Executing] - <workflow-complete> {no action} -> [Complete]")
    written = overrides.put(
        definition=old,
        key=COMPLETE,
        transition=quiet,
        reason="nobody waits for it",
        ticket="WS-807",
        message="agreed",
        by=editor_author("grace"),
    )
    assert written.version == old.version + 1
    assert list(effective("null")) == [quiet if t.key == COMPLETE else t for t in before]
    (row,) = written.overrides.all()
    assert (row.change, row.reason, row.ticket) == (Put(quiet), "nobody waits for it", "WS-807")
    (entry,) = last_entries(since=count)
    assert (entry.action, entry.name, entry.kind) == ("transition put", "null", "current")
    assert (entry.actor, entry.message) == ("grace", "agreed")
    assert entry.summary == "Changed [Executing] - <workflow-complete> in null current"
    assert (entry.before, entry.after) == (render(before), render(effective("null")))


def test_a_put_of_a_new_key_adds_the_transition_at_the_end(seed: Plan) -> None:
    before = effective("null")
    overrides.put(definition=seen("null"), key=None, transition=CANCEL, by=editor_author())
    assert effective("null").transitions == (*before.transitions, CANCEL)
    assert last_entries()[-1].summary == "Added [Queued] - <capability-cancelled> in null current"


def test_a_second_put_takes_the_place_of_the_first_one(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"), key=None, transition=CANCEL, reason="first", by=editor_author()
    )
    other = line("[Queued] - <capability-cancelled> {no action} -> [Failed]")
    overrides.put(
        definition=seen("null"),
        key=CANCEL.key,
        transition=other,
        reason="second",
        by=editor_author(),
    )
    (row,) = definition("null").overrides.all()
    assert (row.change, row.reason) == (Put(other), "second")


def test_a_put_of_what_lies_beneath_writes_no_row_and_is_in_the_log_all_the_same(
    seed: Plan,
) -> None:
    before, count = effective("null"), head()
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=before.by_key[RESUME],
        by=editor_author(),
    )
    assert not definition("null").overrides.exists()
    (entry,) = last_entries(since=count)
    assert entry.before == entry.after == render(before)


def test_a_put_of_what_lies_beneath_takes_the_override_away(seed: Plan) -> None:
    beneath = effective("null").by_key[COMPLETE]
    overrides.put(
        definition=seen("std_calibration"),
        key=COMPLETE,
        transition=beneath,
        by=editor_author(),
    )
    assert [row.key for row in definition("std_calibration").overrides.all()] == [PASS, FAIL]
    assert effective("std_calibration").by_key[COMPLETE] == beneath


def test_an_override_in_one_definition_changes_no_other(seed: Plan) -> None:
    before = effective("null_dag"), effective("std_calibration", "ideal")
    overrides.drop(definition=seen("std_calibration"), key=RESUME, by=editor_author())
    assert (effective("null_dag"), effective("std_calibration", "ideal")) == before


@pytest.mark.parametrize("key", [None, RESUME])
def test_a_put_of_another_transition_s_key_is_refused(seed: Plan, key: Key | None) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        overrides.put(
            definition=seen("null"),
            key=key,
            transition=line("[Executing] - <workflow-complete> {QaPass} -> [Complete]"),
            by=editor_author(),
        )
    assert refused.value.messages == [
        "[Executing] - <workflow-complete> stands in this machine already; change that transition "
        "instead, or choose another event."
    ]
    assert state() == before


def test_a_put_in_the_place_of_a_transition_that_is_not_there_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        overrides.put(definition=seen("null"), key=PASS, transition=CANCEL, by=editor_author())
    assert refused.value.messages == ["[Awaiting QA] - <qa-pass> is not in this machine."]
    assert state() == before


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("reason", "x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
        ("ticket", "x" * 51, "Ensure this value has at most 50 characters (it has 51)."),
    ],
)
def test_a_reason_or_ticket_that_is_too_long_is_refused(
    seed: Plan, field: str, value: str, told: str
) -> None:
    before = state()
    why = {"reason": "", "ticket": "", field: value}
    with pytest.raises(ValidationError) as refused:
        overrides.put(
            definition=seen("null"),
            key=None,
            transition=CANCEL,
            reason=why["reason"],
            ticket=why["ticket"],
            by=editor_author(),
        )
    assert refused.value.message_dict == {field: [told]}
    assert state() == before


def test_a_drop_of_what_lies_beneath_is_a_row_with_its_reason(seed: Plan) -> None:
    before, count = effective("null"), head()
    overrides.drop(
        definition=seen("null"),
        key=RESUME,
        reason="it never waits",
        ticket="WS-1",
        by=editor_author(),
    )
    (row,) = definition("null").overrides.all()
    assert (row.change, row.reason, row.ticket) == (Drop(RESUME), "it never waits", "WS-1")
    assert row.beneath == "[Queued] - <resume> {ExecuteWorkflow null} -> [Executing]"
    (entry,) = last_entries(since=count)
    assert entry.action == "transition dropped"
    assert entry.summary == "Dropped [Queued] - <resume> from null current"
    assert (entry.before, entry.after) == (render(before), render(effective("null")))
    assert RESUME not in effective("null").by_key


def test_a_drop_of_what_was_only_put_here_leaves_no_row(seed: Plan) -> None:
    overrides.drop(definition=seen("std_calibration"), key=FAIL, by=editor_author())
    assert [row.key for row in definition("std_calibration").overrides.all()] == [COMPLETE, PASS]
    assert FAIL not in effective("std_calibration").by_key


def test_a_drop_of_what_was_put_over_the_template_drops_both(seed: Plan) -> None:
    overrides.drop(definition=seen("std_calibration"), key=COMPLETE, by=editor_author())
    assert COMPLETE not in effective("std_calibration").by_key
    assert definition("std_calibration").overrides.get(event="workflow-complete").drop


def test_a_drop_of_what_is_not_there_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        overrides.drop(definition=seen("null"), key=PASS, by=editor_author())
    assert refused.value.messages == ["[Awaiting QA] - <qa-pass> is not in this machine."]
    assert state() == before


def test_a_dropped_transition_comes_back_to_its_place(seed: Plan) -> None:
    before = effective("null")
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    count = head()
    written = overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    assert effective("null") == before
    assert not written.overrides.exists()
    (entry,) = last_entries(since=count)
    assert entry.action == "transition restored"
    assert entry.summary == "Restored [Queued] - <resume> in null current"
    assert entry.after == render(before)


def test_an_overridden_transition_is_the_template_s_again_when_restored(seed: Plan) -> None:
    overrides.restore(definition=seen("std_calibration"), key=COMPLETE, by=editor_author())
    assert effective("std_calibration").by_key[COMPLETE].target == "Complete"


def test_restoring_what_is_not_overridden_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    assert refused.value.messages == ["[Queued] - <resume> is not overridden."]
    assert state() == before


def test_a_late_save_of_a_definition_is_refused_and_says_of_which(seed: Plan) -> None:
    theirs = seen("null")
    overrides.put(definition=seen("null"), key=None, transition=CANCEL, by=editor_author())
    before = state()
    with pytest.raises(
        ConflictError, match=r"^null current was changed by somebody else in the meantime\.$"
    ):
        overrides.drop(definition=theirs, key=RESUME, by=editor_author())
    assert state() == before


def test_a_save_of_current_does_not_stand_in_the_way_of_one_of_ideal(seed: Plan) -> None:
    theirs = seen("std_calibration", Kind.IDEAL)
    overrides.drop(definition=seen("std_calibration"), key=RESUME, by=editor_author())
    overrides.drop(definition=theirs, key=RESUME, by=editor_author())
    assert RESUME not in effective("std_calibration", "ideal").by_key
