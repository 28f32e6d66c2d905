"""A machine as a Mermaid diagram: every transition, what changed, and no name that breaks it."""

import re

from hypothesis import given

from capabilities.machines.diff import diff
from capabilities.machines.formats.mermaid import mermaid
from capabilities.machines.machine import Machine
from capabilities.machines.notation import render_action
from tests.factories import machine_of
from tests.strategies import close_machines, machines

LINE = re.compile(
    r'  (?:state "(?P<state>[^"\n]*)" as s\d+'
    r"|(?:\[\*\]|s\d+) --> (?:\[\*\]|s\d+)(?: : (?P<label>[^:\n]*))?)"
)


def read_back(escaped: str) -> str:
    """What Mermaid shows of an escaped text."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), escaped)


def test_a_machine_is_written_as_states_and_transitions() -> None:
    machine = machine_of(
        "[Start] - <capability-submitted> {QueueWorkflow null} -> [Awaiting QA]",
        "[Awaiting QA] - <qa-pass> {no action} -> [Complete]",
    )
    assert mermaid(machine) == (
        "stateDiagram-v2\n"
        '  state "Start" as s1\n'
        '  state "Awaiting QA" as s2\n'
        '  state "Complete" as s3\n'
        "  [*] --> s1\n"
        "  s1 --> s2 : capability-submitted<br/>#123;QueueWorkflow null#125;\n"
        "  s2 --> s3 : qa-pass\n"
        "  s3 --> [*]\n"
    )


def test_labels_say_what_changed_and_what_is_gone_is_drawn() -> None:
    old = machine_of("[A] - <go> {Run} -> [B]", "[A] - <stop> {no action} -> [Gone]")
    new = machine_of("[A] - <go> {Walk} -> [B]", "[B] - <go> {no action} -> [A]")
    lines = mermaid(new, diff(old, new)).splitlines()
    assert "  s1 --> s2 : #126; changed go<br/>#123;Walk#125;" in lines
    assert "  s2 --> s1 : #43; added go" in lines
    assert '  state "Gone" as s3' in lines
    assert "  s1 --> s3 : − removed stop" in lines


def test_an_empty_machine_is_an_empty_diagram() -> None:
    assert mermaid(Machine()) == "stateDiagram-v2\n"


@given(machines)
def test_every_name_is_read_back_as_it_is_and_breaks_no_line(machine: Machine) -> None:
    first, *lines = mermaid(machine).removesuffix("\n").split("\n")
    assert first == "stateDiagram-v2"
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    states = [each["state"] for each in found if each and each["state"] is not None]
    assert [read_back(each) for each in states] == list(machine.states)
    labels = [each["label"] for each in found if each and each["label"] is not None]
    assert [[read_back(part) for part in each.split("<br/>")] for each in labels] == [
        [each.event, *map(render_action, each.actions)] for each in machine
    ]


@given(close_machines, close_machines)
def test_every_transition_of_both_machines_is_drawn_once(old: Machine, new: Machine) -> None:
    found = diff(old, new)
    labels = [line for line in mermaid(new, found).splitlines() if " : " in line]
    assert len(labels) == len({*old.by_key, *new.by_key})
    assert sum(" removed " in each for each in labels) == len(old.by_key.keys() - new.by_key.keys())
