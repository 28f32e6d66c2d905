"""Mermaid itself reads the state diagrams."""

import re

import pytest
from hypothesis import given, settings

from capabilities.machines.diff import diff
from capabilities.machines.formats.mermaid import mermaid
from capabilities.machines.machine import Machine
from capabilities.machines.notation import render_action
from capabilities.machines.page import parse_page, render_page
from tests.factories import SEED_TEXT
from tests.strategies import close_machines, machines, names

from .conftest import Ask

_ENTITY = re.compile("ﬂ°°(\\d+)¶ß")  # what Mermaid makes of `#35;` until it draws


def shown(text: str) -> str:
    """What Mermaid draws of a text that it has read."""
    return _ENTITY.sub(lambda found: chr(int(found[1])), text)


@given(machine=machines, title=names)
def test_every_machine_is_read_with_its_states_and_transitions(
    ask: Ask, machine: Machine, title: str
) -> None:
    found = ask("mermaid", mermaid(machine, title=title))
    assert found["diagramType"] == "stateDiagram"
    states = {made_up: shown(name) for made_up, name in found["states"].items()}
    assert [name for name in states.values() if name] == list(machine.states)
    arrows = [(states[a], states[b], label) for a, b, label in found["arrows"]]
    inside = [
        (a, b, [shown(line) for line in label.split("<br>")]) for a, b, label in arrows if a and b
    ]
    assert inside == [
        (each.source, each.target, [each.event, *map(render_action, each.actions)])
        for each in machine
    ]
    assert [b for a, b, _ in arrows if not a] == list(filter(None, [machine.initial]))
    assert {a for a, b, _ in arrows if not b} == machine.finals


@given(old=close_machines, new=close_machines)
@settings(max_examples=settings().max_examples // 4)
def test_what_changed_is_read(ask: Ask, old: Machine, new: Machine) -> None:
    found = ask("mermaid", mermaid(new, diff(old, new)))
    between = [each for each in found["arrows"] if each[2]]
    assert len(between) == len({*old.by_key, *new.by_key})


def test_every_diagram_of_a_page_in_markdown_is_read(ask: Ask) -> None:
    page = parse_page(SEED_TEXT)
    blocks = re.findall("```mermaid\n(.*?)```", render_page(page, markdown=True), re.DOTALL)
    machines_on_it = [each.machine for each in page.machines] + [t.machine for t in page.templates]
    drawn = list(filter(None, machines_on_it))
    found = [ask("mermaid", block) for block in blocks]
    assert len(found) == len(drawn) == 10
    assert {each["diagramType"] for each in found} == {"stateDiagram"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stateDiagram-v2\n  s1 -->\n",
        'stateDiagram-v2\n  state "A as s1\n  s1 --> s2 : go\n',
        'stateDiagram-v2\n  state "a" b" as s1\n',  # names that are not escaped
        "stateDiagram-v2\n  <qa-fail> --> s2 : go\n",
        "digraph {}",
    ],
)
def test_what_is_no_diagram_is_refused(ask: Ask, text: str) -> None:
    assert ask("mermaid", text)["error"]
