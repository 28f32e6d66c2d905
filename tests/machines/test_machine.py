"""A machine as a value: what it refuses, what it knows of itself, and its parameters."""

import pytest
from hypothesis import given

from capabilities.machines.machine import (
    ACTIONS_LIMIT,
    NAME_LENGTH,
    Action,
    Key,
    Machine,
    Transition,
    bind,
    name_problem,
    parameters,
)
from tests.strategies import machines

START = Transition("Start", "go", (Action("QueueWorkflow", "(workflow_name)"),), "Queued")
RESUME = Transition("Queued", "resume", (Action("Run"), Action("Send", "x")), "Done")
RETRY = Transition("Queued", "retry", (), "Queued")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is empty"),
        (" x", "begins or ends with white space"),
        ("x\t", "begins or ends with white space"),
        ("\u2028x", "begins or ends with white space"),
        ("x" * (NAME_LENGTH + 1), "is longer than 200 characters"),
        ("a\0b", "has the unusable character U+0000"),
        ("a\nb", "has the unusable character U+000A"),
        ("a\x85b", "has the unusable character U+0085"),
        ("a\u2028b", "has the unusable character U+2028"),
        ("a\u2029b", "has the unusable character U+2029"),
        ("a\ud800b", "has the unusable character U+D800"),
        ("a\u200bb", "has the unusable character U+200B"),
        ("a\u202eb", "has the unusable character U+202E"),
        ("\ufeffa", "has the unusable character U+FEFF"),
    ],
)
def test_a_name_says_why_it_cannot_be_used(name: str, problem: str) -> None:
    assert name_problem(name) == problem


@pytest.mark.parametrize(
    "name",
    ["null", "Awaiting QA", "<qa-fail>", "QA: pending", "node", "x" * NAME_LENGTH, "状態", "\\"],
)
def test_a_name_may_be_anything_that_can_be_typed(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "argument", "message"),
    [
        ("", "", "the action's name is empty"),
        ("Send Message", "", "the action's name has white space in it"),
        ("Send\u00a0Message", "", "the action's name has white space in it"),
        ("Send", "x ", "the action's argument begins or ends with white space"),
        ("no", "action", "{no action} is the absence of actions, not an action"),
        ("No", "ACTION", "{no action} is the absence of actions, not an action"),
    ],
)
def test_an_action_refuses_what_the_notation_cannot_carry(
    name: str, argument: str, message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        Action(name, argument)
    assert str(caught.value) == message


def test_only_both_words_together_are_no_action() -> None:
    allowed = [("no", ""), ("no", "actions"), ("action", "no"), ("no", "Action x")]
    assert [(each.name, each.argument) for each in map(Action, *zip(*allowed, strict=True))] == (
        allowed
    )


@pytest.mark.parametrize(
    ("source", "event", "target", "message"),
    [
        ("", "e", "B", "the source state is empty"),
        ("A", " e", "B", "the event begins or ends with white space"),
        ("A", "e", "B\0", "the target state has the unusable character U+0000"),
    ],
)
def test_a_transition_names_the_part_that_cannot_be_used(
    source: str, event: str, target: str, message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        Transition(source, event, (), target)
    assert str(caught.value) == message


def test_a_transition_has_as_many_actions_as_the_limit_says_and_no_more() -> None:
    assert len(Transition("A", "e", (Action("x"),) * ACTIONS_LIMIT, "B").actions) == 50
    with pytest.raises(ValueError, match=r"\Aa transition has at most 50 actions\Z"):
        Transition("A", "e", (Action("x"),) * (ACTIONS_LIMIT + 1), "B")


def test_a_machine_refuses_the_same_key_twice() -> None:
    other = Transition("Queued", "resume", (), "Start")
    with pytest.raises(ValueError, match=r"\Athe key \[Queued\] - <resume> stands twice\Z"):
        Machine((START, RESUME, RETRY, other))


def test_a_machine_knows_its_states_in_order_where_it_begins_and_where_it_ends() -> None:
    machine = Machine((START, RESUME, RETRY))
    assert machine.states == ("Start", "Queued", "Done")
    assert machine.initial == "Start"
    assert machine.finals == {"Done"}
    assert machine.action_count == 3
    assert list(machine.by_key) == [
        Key("Start", "go"),
        Key("Queued", "resume"),
        Key("Queued", "retry"),
    ]


def test_a_machine_without_transitions_begins_and_ends_nowhere() -> None:
    machine = Machine()
    assert (machine.states, machine.initial, machine.finals) == ((), None, frozenset())
    assert (machine.action_count, len(machine), list(machine)) == (0, 0, [])


def test_the_order_of_transitions_is_part_of_a_machine() -> None:
    assert Machine((RESUME, RETRY)) != Machine((RETRY, RESUME))


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("(workflow_name)", ("workflow_name",)),
        ("(a)-(b)-(a)", ("a", "b", "a")),
        ("std_(x)_qa", ("x",)),
        ("()", ()),
        ("(1a)", ()),
        ("(two words)", ()),
        ("workflow_name", ()),
        ("((a))", ("a",)),
    ],
)
def test_a_parameter_is_an_identifier_in_parentheses(argument: str, found: tuple[str, ...]) -> None:
    assert Action("x", argument).parameters == found


def test_parameters_are_told_once_in_order_of_appearance() -> None:
    used = [
        Transition("A", "e", (Action("x", "(b)"), Action("y", "(a) (b)")), "B"),
        Transition("B", "e", (Action("z", "(c)"), Action("z", "(a)")), "B"),
    ]
    assert parameters(used) == ("b", "a", "c")


def test_binding_puts_values_in_the_place_of_the_parameters_that_they_name() -> None:
    unbound = Machine(
        (Transition("A", "(a)", (Action("(a)", "x-(a)-(b)-(a)"), Action("y", "a")), "(a)"),)
    )
    assert bind(unbound, {"a": "1", "unused": "2"}) == Machine(
        (Transition("A", "(a)", (Action("(a)", "x-1-(b)-1"), Action("y", "a")), "(a)"),)
    )


def test_binding_does_not_look_for_parameters_in_the_values() -> None:
    unbound = Machine((Transition("A", "e", (Action("x", "(a)(b)"),), "B"),))
    bound = bind(unbound, {"a": "(b)", "b": "\\1"})
    assert bound == Machine((Transition("A", "e", (Action("x", "(b)\\1"),), "B"),))


def test_binding_to_a_value_that_cannot_be_an_argument_is_refused() -> None:
    unbound = Machine((Transition("A", "e", (Action("no", "(a)"),), "B"),))
    with pytest.raises(ValueError, match=r"\A\{no action\} is the absence of actions, not an act"):
        bind(unbound, {"a": "action"})
    with pytest.raises(ValueError, match=r"\Athe action's argument is longer than 200 characters"):
        bind(unbound, {"a": "x" * 201})


@given(machines)
def test_binding_every_parameter_to_itself_changes_nothing(machine: Machine) -> None:
    assert bind(machine, {name: f"({name})" for name in parameters(machine)}) == machine


@given(machines)
def test_a_bound_machine_has_no_parameters_left(machine: Machine) -> None:
    assert parameters(bind(machine, dict.fromkeys(parameters(machine), "v"))) == ()


def test_a_name_cannot_have_what_xml_cannot_have() -> None:
    assert name_problem("a\ufffe") == "has the unusable character U+FFFE"
    assert name_problem("a\U0001ffff") == "has the unusable character U+1FFFF"
