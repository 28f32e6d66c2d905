"""Runs: what a machine does while events arrive."""

from hypothesis import given

from capabilities.machines.machine import Action, Machine, Transition
from capabilities.machines.notation import parse
from capabilities.machines.runs import Step, fire, run, runs
from tests.strategies import close_machines

MACHINE = parse(
    """\
[A] - <go> {Say hello} {Log} -> [B]
[B] - <again> {no action} -> [A]
[B] - <end> {Say bye} -> [C]
"""
)


def test_an_event_that_the_state_handles_fires_its_transition() -> None:
    step = fire(MACHINE, "A", "go")
    assert step == Step(
        "go", Transition("A", "go", (Action("Say", "hello"), Action("Log")), "B"), "B"
    )
    assert step.actions == (Action("Say", "hello"), Action("Log"))


def test_an_event_that_the_state_does_not_handle_changes_nothing() -> None:
    step = fire(MACHINE, "A", "end")
    assert step == Step("end", None, "A")
    assert step.actions == ()


def test_a_run_begins_in_the_initial_state_and_goes_on_from_step_to_step() -> None:
    steps = run(MACHINE, ["end", "go", "again", "go", "end", "go"])
    assert [step.state for step in steps] == ["A", "B", "A", "B", "C", "C"]
    assert [bool(step.transition) for step in steps] == [False, True, True, True, True, False]


def test_a_machine_without_transitions_does_not_run() -> None:
    assert run(Machine(), ["go"]) == ()
    assert list(runs(Machine(), 5)) == []


def test_every_run_up_to_a_length_ends_in_a_final_state_the_shortest_first() -> None:
    found = [[step.event for step in steps] for steps in runs(MACHINE, 6)]
    assert found == [
        ["go", "end"],
        ["go", "again", "go", "end"],
        ["go", "again", "go", "again", "go", "end"],
    ]
    assert [len(steps) for steps in runs(MACHINE, 3)] == [2]


@given(close_machines)
def test_running_the_events_of_a_run_again_gives_that_run(machine: Machine) -> None:
    for steps in runs(machine, 4):
        assert run(machine, [step.event for step in steps]) == steps
        assert steps[-1].state in machine.finals
