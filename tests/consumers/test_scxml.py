"""Python's state machine library loads the state charts, and runs them as we do."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statemachine import StateChart
from statemachine.exceptions import InvalidDefinition
from statemachine.io import load

from capabilities.machines.formats.scxml import NAMESPACE, RESERVED, scxml
from capabilities.machines.machine import Action, Key, Machine, Transition
from capabilities.machines.runs import run
from tests.factories import machine_of
from tests.strategies import close_machines, machines

SCXML = "{http://www.w3.org/2005/07/scxml}"
OURS = f"{{{NAMESPACE}}}"
LINES = (
    "[Start] - <capability-submitted> {QueueWorkflow null} {AnnounceQa} -> [Awaiting QA]",
    "[Awaiting QA] - <qa-pass> {no action} -> [Complete]",
)


def loaded(text: str) -> Any:
    """The state chart's class, as its library makes it."""
    return load(text, format="scxml")


def names_of(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names of states and events by their identifiers."""
    root = ET.fromstring(text)  # noqa: S314 - ours
    states = {each.get("id", ""): each.get(f"{OURS}name", "") for each in root}
    events = {
        each.get("event", ""): each.get(f"{OURS}name", "")
        for each in root.iter(f"{SCXML}transition")
    }
    return states, events


def assert_same_runs(machine: Machine, runs: list[list[str]]) -> None:
    text = scxml(machine, title="x")
    states, events = names_of(text)
    identifiers = {name: identifier for identifier, name in events.items()}
    chart = loaded(text)
    assert [states[each.id] for each in chart.states] == list(machine.states)
    assert {states[each.id] for each in chart.states if each.final} == machine.finals
    assert [states[each.id] for each in chart.states if each.initial] == [machine.initial]
    found = {
        Key(states[state.id], events[each.event]): states[each.target.id]
        for state in chart.states
        for each in state.transitions
    }
    assert found == {each.key: each.target for each in machine}
    for events_of_one in runs:
        running = chart()
        reached: list[str] = []
        for event in events_of_one:
            if not running.is_terminated:
                running.send(identifiers[event])
            (now,) = running.configuration_values or [reached[-1]]
            reached.append(now)
        steps = run(machine, events_of_one)
        assert [states[each] for each in reached] == [each.state for each in steps]


def read_back(text: str) -> Machine:
    """The machine out of what is beside the identifiers."""
    root = ET.fromstring(text)  # noqa: S314 - ours
    states, _ = names_of(text)
    found = []
    for state in root:
        for each in state:
            actions = tuple(
                Action(log.get(f"{OURS}action", ""), log.get(f"{OURS}argument", "")) for log in each
            )
            source, event = states[state.get("id", "")], each.get(f"{OURS}name", "")
            target = states[each.get("target", "")]
            number = int(each.get(f"{OURS}number", ""))
            found.append((number, Transition(source, event, actions, target)))
    return Machine(tuple(transition for _, transition in sorted(found, key=lambda pair: pair[0])))


def test_a_machine_is_written_as_a_state_chart() -> None:
    assert scxml(machine_of(*LINES), title="null <current>") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<!-- A state machine in SCXML, written by smadmin. Actions are log entries. -->\n"
        '<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:sm="urn:smadmin" version="1.0"'
        ' datamodel="null" initial="Start" sm:title="null &lt;current&gt;">\n'
        '  <state id="Start" sm:name="Start">\n'
        '    <transition event="capability-submitted" target="state2"'
        ' sm:name="capability-submitted" sm:number="1">\n'
        '      <log label="{QueueWorkflow null}" sm:action="QueueWorkflow" sm:argument="null"/>\n'
        '      <log label="{AnnounceQa}" sm:action="AnnounceQa"/>\n'
        "    </transition>\n"
        "  </state>\n"
        '  <state id="state2" sm:name="Awaiting QA">\n'
        '    <transition event="qa-pass" target="Complete" sm:name="qa-pass" sm:number="2"/>\n'
        "  </state>\n"
        '  <final id="Complete" sm:name="Complete"/>\n'
        "</scxml>\n"
    )


@given(data=st.data(), machine=(machines | close_machines).filter(bool))
def test_every_machine_runs_as_ours(data: st.DataObject, machine: Machine) -> None:
    events = sorted({each.event for each in machine})
    runs = data.draw(st.lists(st.lists(st.sampled_from(events), max_size=6), max_size=2))
    assert_same_runs(machine, runs)


@given(machines.filter(bool))
def test_no_name_and_no_order_is_lost(machine: Machine) -> None:
    assert read_back(scxml(machine)) == machine


ATTRIBUTES = sorted({each for each in dir(StateChart) if not each.startswith("_")} | RESERVED)


@pytest.mark.parametrize(
    "name",
    [*ATTRIBUTES, "error.execution", "done.state.x", "done_state_x", "error_x", "on_transition"],
)
def test_names_that_mean_something_to_the_library_are_names(name: str) -> None:
    machine = Machine(
        (
            Transition(name, "event1", (Action("Say", name),), "state1"),
            Transition("state1", name, (), "event1"),
            Transition("event1", name, (), name),
            Transition("event1", "event1", (), "End"),
        )
    )
    assert_same_runs(machine, [["event1", name, name, "event1", name, "event1"]])


def test_a_machine_without_states_has_no_state_chart() -> None:
    with pytest.raises(ValueError, match="at least one state"):
        scxml(Machine())


@pytest.mark.parametrize(
    "text",
    [
        "<scxml",
        '<state xmlns="http://www.w3.org/2005/07/scxml"/>',
        '<scxml initial="a"><state id="a"><transition event="go" target="b"/></state></scxml>',
        '<scxml initial="a"><state id="a"><transition event="go" target="b"><QaPass/>'
        '</transition></state><final id="b"/></scxml>',
        '<!DOCTYPE scxml><scxml initial="a"><final id="a"/></scxml>',
    ],
)
def test_what_is_no_state_chart_is_refused(text: str) -> None:
    with pytest.raises((InvalidDefinition, ET.ParseError, KeyError, ValueError)):
        loaded(text)()
