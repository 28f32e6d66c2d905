"""XState itself loads the configurations, and runs them as we do."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.formats.xstate import xstate
from capabilities.machines.machine import Action, Machine, Transition
from capabilities.machines.runs import run
from tests.factories import machine_of
from tests.strategies import close_machines, machines

from .conftest import Ask

LINES = (
    "[Start] - <capability-submitted> {QueueWorkflow null} {AnnounceQa} -> [Awaiting QA]",
    "[Awaiting QA] - <qa-pass> {no action} -> [Complete]",
)


def names_of(written: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of states and events by their keys, where these are others."""
    states = {
        key: state.get("meta", {}).get("name", key) for key, state in written["states"].items()
    }
    events = {
        key: each.get("meta", {}).get("event", key)
        for state in written["states"].values()
        for key, each in state.get("on", {}).items()
    }
    return states, events


def assert_same_runs(ask: Ask, machine: Machine, runs: list[list[str]]) -> None:
    text = xstate(machine, title="x")
    states, events = names_of(json.loads(text))
    keys = {name: key for key, name in events.items()}
    found = ask("xstate", text, runs=[[keys[each] for each in events] for events in runs])
    assert "error" not in found
    assert {states[key]: kind for key, kind in found["states"]} == {
        state: "final" if state in machine.finals else "atomic" for state in machine.states
    }
    if machine:
        assert [
            [(states[value], actions) for value, actions in each] for each in found["runs"]
        ] == [
            [
                (step.state, [[a.name, a.argument] for a in step.actions])
                for step in run(machine, each)
            ]
            for each in runs
        ]


def test_a_machine_is_written_as_a_configuration() -> None:
    written = json.loads(xstate(machine_of(*LINES), title="null current"))
    assert written == {
        "id": "null current",
        "description": "A state machine for XState 5, written by smadmin.",
        "initial": "Start",
        "states": {
            "Start": {
                "id": "s1",
                "on": {
                    "capability-submitted": {
                        "target": "#s2",
                        "actions": [
                            {"type": "QueueWorkflow", "params": {"argument": "null"}},
                            {"type": "AnnounceQa"},
                        ],
                    }
                },
            },
            "Awaiting QA": {"id": "s2", "on": {"qa-pass": {"target": "#s3"}}},
            "Complete": {"id": "s3", "type": "final"},
        },
    }


@given(data=st.data(), machine=machines | close_machines)
def test_every_machine_runs_as_ours(ask: Ask, data: st.DataObject, machine: Machine) -> None:
    events = sorted({each.event for each in machine})
    chosen = st.lists(st.sampled_from(events), max_size=6) if events else st.just([])
    runs = data.draw(st.lists(chosen, max_size=3))
    assert_same_runs(ask, machine, runs)


@pytest.mark.parametrize(
    "name",
    [
        "__proto__",
        "constructor",
        "*",
        "a.*",
        "a.b",
        "#s2",
        ".x",
        "xstate.init",
        "xstate.done",
        "s1",
    ],
)
def test_names_that_mean_something_to_xstate_are_names(ask: Ask, name: str) -> None:
    machine = Machine(
        (
            Transition(name, "event1", (Action(name, name),), "state1"),
            Transition("state1", name, (), "event1"),
            Transition("event1", name, (), name),
            Transition("event1", "event1", (), "End"),
        )
    )
    assert_same_runs(ask, machine, [["event1", name, name, "event1", name, "event1", name]])


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"initial": "B", "states": {"A": {}}}',
        '{"initial": "A", "states": {"A": {"on": {"go": {"target": "#B"}}}}}',
    ],
)
def test_what_is_no_machine_is_refused(ask: Ask, text: str) -> None:
    assert ask("xstate", text, runs=[["go"]])["error"]
