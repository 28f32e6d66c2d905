"""Which names a machine uses, and what it is with one of them replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.layers import START, Drop, Layer, Put, lay, standing
from capabilities.machines.machine import Action, Key, Machine
from capabilities.machines.notation import render_transition
from capabilities.machines.usage import (
    Renaming,
    guessed_argument,
    kinds_of_parameters,
    names_of_change,
    names_of_machine,
    names_of_transition,
    renamed,
)
from capabilities.machines.vocabulary import PUBLISHED, Vocabulary

from ..factories import line, machine_of
from ..strategies import close_machines, layers, machines, names

CLOSE = {"Run": "workflow", "Send": "message"}
"""What the actions of the close machines take."""

olds = st.sampled_from(
    [
        *(("state", each) for each in "ABCD"),
        *(("event", each) for each in "ef"),
        *(("action", each) for each in CLOSE),
        *(("message", each) for each in "xy"),
        ("workflow", "x"),
    ]
)


def test_every_name_of_a_transition_is_told_in_its_order() -> None:
    transition = line("[A] - <e> {QaPass} {SendMessage done} {QueueWorkflow (x)} -> [B]")
    assert list(names_of_transition(transition, PUBLISHED.actions)) == [
        ("state", "A"),
        ("event", "e"),
        ("action", "QaPass"),
        ("action", "SendMessage"),
        ("message", "done"),
        ("action", "QueueWorkflow"),
        ("state", "B"),
    ]


def test_the_argument_of_an_unknown_action_is_no_name() -> None:
    transition = line("[A] - <e> {Shout done} -> [B]")
    assert ("message", "done") not in set(names_of_transition(transition, PUBLISHED.actions))


def test_a_machine_tells_the_transitions_that_use_a_name() -> None:
    machine = machine_of("[A] - <e> {no action} -> [B]", "[B] - <e> {no action} -> [B]")
    found = names_of_machine(machine, {})
    assert found["state", "A"] == [Key("A", "e")]
    assert found["state", "B"] == [Key("A", "e"), Key("B", "e")]


def test_a_change_writes_the_place_that_it_is_put_at_and_a_drop_its_key() -> None:
    put = Put(line("[A] - <e> {no action} -> [B]"), after=Key("C", "f"))
    assert {("state", "C"), ("event", "f")} <= set(names_of_change(put, {}))
    assert ("state", "") not in set(names_of_change(Put(put.transition, after=START), {}))
    assert set(names_of_change(Drop(Key("A", "e")), {})) == {("state", "A"), ("event", "e")}


def test_a_parameter_stands_for_a_name_only_as_the_whole_argument() -> None:
    changes = [
        Put(line("[A] - <e> {SendMessage (m)} {QueueWorkflow (w)} {SendMessage (p)_x} -> [B]"))
    ]
    assert kinds_of_parameters(changes, PUBLISHED.actions) == {"m": {"message"}, "w": {"workflow"}}


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ([], ""),
        (["", ""], ""),
        (["(workflow_name)"], "workflow"),
        (["null"], "workflow"),
        (["a (b", "execution_failed"], "message"),
        (["execution_failed", "other"], "message"),
        (["workflow-complete"], "notification"),
    ],
)
def test_what_an_action_takes_is_guessed_from_its_use(arguments: list[str], kind: str) -> None:
    known = PUBLISHED.with_workflows({"null"})
    assert guessed_argument(arguments, known) == kind


def test_nothing_known_gives_a_kind_all_the_same() -> None:
    assert guessed_argument(["x"], Vocabulary()) == "workflow"


def test_a_name_is_replaced_only_where_it_is_of_that_kind() -> None:
    machine = machine_of("[x] - <x> {SendMessage x} {SendNotification x} {x} -> [x]")
    expected = {
        "state": "[y] - <x> {SendMessage x} {SendNotification x} {x} -> [y]",
        "event": "[x] - <y> {SendMessage x} {SendNotification x} {x} -> [x]",
        "action": "[x] - <x> {SendMessage x} {SendNotification x} {y} -> [x]",
        "message": "[x] - <x> {SendMessage y} {SendNotification x} {x} -> [x]",
        "notification": "[x] - <x> {SendMessage x} {SendNotification y} {x} -> [x]",
        "workflow": "[x] - <x> {SendMessage x} {SendNotification x} {x} -> [x]",
    }
    for kind, told in expected.items():
        assert renamed(machine, kind, "x", "y", PUBLISHED.actions) == machine_of(told)


def test_two_transitions_of_the_same_key_cannot_be() -> None:
    machine = machine_of("[A] - <e> {no action} -> [B]", "[C] - <e> {no action} -> [B]")
    with pytest.raises(ValueError, match="stands twice"):
        renamed(machine, "state", "C", "A", {})


def test_a_line_is_replaced_and_a_text_that_is_none_stays() -> None:
    renaming = Renaming("state", "A", "C", {})
    assert renaming.line("[A] - <e> {no action} -> [B]") == "[C] - <e> {no action} -> [B]"
    assert renaming.line("[A] - <e -> [B]") == "[A] - <e -> [B]"
    assert renaming.line("") == ""


@given(olds, close_machines, st.lists(layers, max_size=3))
def test_layers_of_another_name_make_the_machine_of_another_name_and_stand_as_they_did(
    old: tuple[str, str], beneath: Machine, above: list[Layer]
) -> None:
    renaming = Renaming(*old, "New", CLOSE)
    new_beneath = renaming.machine(beneath)
    for layer in above:
        new_layer = tuple(map(renaming.change, layer))
        for change, new in zip(layer, new_layer, strict=True):
            assert standing(new, new_beneath) is standing(change, beneath)
        beneath, new_beneath = lay(beneath, layer), lay(new_beneath, new_layer)
        assert new_beneath == renaming.machine(beneath)


@given(machines, st.sampled_from(["state", "event", "message"]), names, st.data())
def test_a_name_is_gone_after_and_comes_back(
    machine: Machine, kind: str, new: str, data: st.DataObject
) -> None:
    takes = {action.name: "message" for each in machine for action in each.actions}
    used = [name for of, name in names_of_machine(machine, takes) if of == kind]
    old = data.draw(st.sampled_from(used or ["nothing"]))
    if new in used or new == old or Action("A", new).parameters:
        return
    try:
        found = renamed(machine, kind, old, new, takes)
    except ValueError:  # {no action}
        return
    assert (kind, old) not in names_of_machine(found, takes)
    if old in used:
        assert names_of_machine(found, takes).keys() >= {(kind, new)}
    assert renamed(found, kind, new, old, takes) == machine


@given(machines, names, names)
def test_a_line_says_what_its_transition_is_with_the_name(
    machine: Machine, old: str, new: str
) -> None:
    renaming = Renaming("state", old, new, {})
    for transition in machine:
        told = renaming.line(render_transition(transition))
        assert told == render_transition(renaming.transition(transition))
