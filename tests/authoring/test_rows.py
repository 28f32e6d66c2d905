"""Puts, drops and restorations as rows: the fewest that give the machine, in the order it had."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from capabilities.authoring import machine_templates, overrides, rows
from capabilities.authoring.plans import Plan
from capabilities.machines.layers import Drop, as_layer, changes_between
from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import render_transition
from capabilities.models import Capability, Definition, MachineTemplate, Override, Shelf

from .. import strategies
from ..factories import (
    COMPLETE,
    FAIL,
    FAILED,
    RESUME,
    SIMPLE,
    SUBMITTED,
    definition,
    editor_author,
    effective,
    line,
    seen,
    template,
    undone,
)

# Each example writes, which is slow: fewer of them. All are in the one test's transaction.
a_law = settings(max_examples=settings().max_examples // 2, suppress_health_check=list(HealthCheck))


def lying(beneath: Machine, machine: Machine) -> Definition:
    """A definition whose machine template is `beneath` and whose effective machine is `machine`."""
    base = MachineTemplate.objects.create(title="Base", slug="base")
    rows.replace(base.rows, as_layer(beneath), beneath=Machine())
    found = Definition.objects.create(
        capability=Capability.objects.create(name="c"), kind="current", machine_template=base
    )
    rows.replace(found.overrides, changes_between(beneath, machine), beneath=beneath)
    assert effective("c") == machine
    return found


@pytest.mark.django_db
@given(data=st.data(), beneath=strategies.close_machines, machine=strategies.close_machines)
@a_law
def test_a_put_changes_its_own_transition_and_the_place_of_none(
    data: DataObject, beneath: Machine, machine: Machine
) -> None:
    transition = data.draw(strategies.close_transitions, label="transition")
    key = data.draw(st.sampled_from([None, *machine.by_key]), label="in the place of")
    assume(transition.key == key or transition.key not in machine.by_key)
    with undone():
        lying(beneath, machine)
        overrides.put(definition=seen("c"), key=key, transition=transition, by=editor_author())
        after = effective("c")
        assert after.by_key[transition.key] == transition
        others = [each for each in machine if each.key != key]
        assert [each for each in after if each.key != transition.key] == others
        if key is not None and transition.key not in beneath.by_key:
            assert list(after.by_key).index(transition.key) == list(machine.by_key).index(key)


@pytest.mark.django_db
@given(data=st.data(), beneath=strategies.close_machines, machine=strategies.close_machines)
@a_law
def test_a_drop_takes_one_transition_away_and_changes_the_place_of_none(
    data: DataObject, beneath: Machine, machine: Machine
) -> None:
    assume(machine)
    key = data.draw(st.sampled_from(list(machine.by_key)), label="dropped")
    with undone():
        lying(beneath, machine)
        overrides.drop(definition=seen("c"), key=key, by=editor_author())
        assert effective("c") == Machine(tuple(each for each in machine if each.key != key))
        if key not in beneath.by_key:
            assert not Override.objects.filter(source=key.source, event=key.event).exists()
        else:
            overrides.restore(definition=seen("c"), key=key, by=editor_author())
            assert effective("c").by_key[key] == beneath.by_key[key]
            others = [each for each in machine if each.key != key]
            assert [each for each in effective("c") if each.key != key] == others


# -- the fewest rows


@pytest.mark.django_db
@given(beneath=strategies.close_machines, machine=strategies.close_machines, data=st.data())
@a_law
def test_what_lies_beneath_anyway_needs_no_row(
    beneath: Machine, machine: Machine, data: DataObject
) -> None:
    assume(beneath)
    transition = data.draw(st.sampled_from(beneath.transitions), label="as beneath")
    with undone():
        found = lying(beneath, machine)
        override = found.overrides.filter(source=transition.source, event=transition.event)
        anchored = override.exclude(place="natural").exists()
        key = transition.key if transition.key in machine.by_key else None
        overrides.put(definition=seen("c"), key=key, transition=transition, by=editor_author())
        # Unless it stands elsewhere than beneath: then the row says where.
        assert override.exists() == anchored


def test_a_row_keeps_the_line_that_it_covered_when_it_was_written(seed: Plan) -> None:
    beneath = effective("null").by_key[COMPLETE]
    overrides.put(
        definition=seen("null"),
        key=COMPLETE,
        transition=line("[Executing] - <workflow-complete> {QaPass} -> [Complete]"),
        by=editor_author(),
    )
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=COMPLETE,
        transition=line("[Executing] - <workflow-complete> {AnnounceQa} -> [Complete]"),
        version=1,
        by=editor_author(),
    )
    (row,) = definition("null").overrides.all()
    assert row.beneath == render_transition(beneath)
    assert definition("null").base(Shelf()).by_key[COMPLETE] != beneath


def test_a_new_row_comes_after_all_others(seed: Plan) -> None:
    cancel = line("[Queued] - <capability-cancelled> {no action} -> [Failed]")
    overrides.put(
        definition=seen("std_calibration"), key=None, transition=cancel, by=editor_author()
    )
    assert list(definition("std_calibration").overrides.values_list("position", flat=True)) == [
        *(0, 1, 2, 3)
    ]
    assert effective("std_calibration").transitions[-1] == cancel


def test_a_transition_that_moves_to_another_key_stays_where_it_stood(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=line("[Queued] - <delivery> {ExecuteWorkflow null} -> [Executing]"),
        by=editor_author(),
    )
    assert list(effective("null").by_key) == [
        SUBMITTED,
        ("Queued", "delivery"),
        COMPLETE,
        FAILED,
    ]
    assert [str(row) for row in definition("null").overrides.all()] == [
        "drop [Queued] - <resume>",
        "put [Queued] - <delivery>",
    ]


def test_the_first_transition_stays_the_first_under_another_key(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=SUBMITTED,
        transition=line("[Start] - <delivery> {QueueWorkflow null} -> [Queued]"),
        by=editor_author(),
    )
    assert effective("null").initial == "Start"
    assert list(effective("null").by_key)[:2] == [("Start", "delivery"), RESUME]


def test_those_that_stood_after_a_transition_stay_when_it_goes(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=SUBMITTED,
        transition=line("[Begin] - <delivery> {no action} -> [Queued]"),
        by=editor_author(),
    )
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=line("[Start] - <delivery> {no action} -> [Executing]"),
        by=editor_author(),
    )
    overrides.drop(definition=seen("null"), key=Key("Begin", "delivery"), by=editor_author())
    assert list(effective("null").by_key) == [("Start", "delivery"), COMPLETE, FAILED]


def test_a_transition_that_gets_its_old_key_back_leaves_no_row(seed: Plan) -> None:
    before = effective("null")
    renamed = line("[Queued] - <delivery> {ExecuteWorkflow null} -> [Executing]")
    overrides.put(definition=seen("null"), key=RESUME, transition=renamed, by=editor_author())
    overrides.put(
        definition=seen("null"),
        key=renamed.key,
        transition=before.by_key[RESUME],
        by=editor_author(),
    )
    assert effective("null") == before
    assert not definition("null").overrides.exists()


def test_rows_that_are_written_anew_keep_reason_and_ticket_by_their_key(seed: Plan) -> None:
    found = definition("std_calibration")
    found.overrides.filter(event="qa-fail").update(reason="agreed", ticket="WS-799")
    fail = found.overrides.get(event="qa-fail")
    rows.replace(
        found.overrides,
        (Drop(RESUME), fail.change),
        beneath=found.base(Shelf()),
    )
    assert [(r.key, r.position, r.reason, r.ticket) for r in found.overrides.all()] == [
        (RESUME, 0, "", ""),
        (FAIL, 1, "agreed", "WS-799"),
    ]


@pytest.mark.django_db
@given(data=st.data(), beneath=strategies.close_machines, machine=strategies.close_machines)
@a_law
def test_a_move_changes_places_of_two_and_nothing_else(
    data: DataObject, beneath: Machine, machine: Machine
) -> None:
    assume(len(machine) > 1)
    at = data.draw(st.integers(0, len(machine) - 2), label="the upper one of the two")
    earlier = data.draw(st.booleans(), label="the lower one goes up")
    keys = list(machine.by_key)
    with undone():
        lying(beneath, machine)
        overrides.move(
            definition=seen("c"), key=keys[at + earlier], earlier=earlier, by=editor_author()
        )
        wanted = list(machine)
        wanted[at], wanted[at + 1] = wanted[at + 1], wanted[at]
        assert effective("c") == Machine(tuple(wanted))


@pytest.mark.django_db
@given(data=st.data(), beneath=strategies.close_machines)
@a_law
def test_a_move_back_leaves_no_override(data: DataObject, beneath: Machine) -> None:
    assume(len(beneath) > 1)
    key = data.draw(st.sampled_from(list(beneath.by_key)[1:]), label="key")
    with undone():
        found = lying(beneath, beneath)
        overrides.move(definition=seen("c"), key=key, earlier=True, by=editor_author())
        assert found.overrides.count() == 1
        overrides.move(definition=seen("c"), key=key, earlier=False, by=editor_author())
        assert effective("c") == beneath
        assert not found.overrides.exists()


def test_a_move_keeps_the_reason_and_moves_what_is_put_here_anyway(seed: Plan) -> None:
    Override.objects.filter(event="qa-fail").update(reason="so")
    overrides.move(definition=seen("std_calibration"), key=FAIL, earlier=True, by=editor_author())
    overrides.move(
        definition=seen("std_calibration"), key=FAILED, earlier=False, by=editor_author()
    )
    kept = {each.key: each for each in definition("std_calibration").overrides.all()}
    assert kept[FAIL].reason == "so"
    assert FAILED not in kept


def test_a_move_of_what_is_not_there_is_refused(seed: Plan) -> None:
    with pytest.raises(ValidationError, match="is not in this machine"):
        overrides.move(definition=seen("null"), key=Key("X", "y"), earlier=True, by=editor_author())
