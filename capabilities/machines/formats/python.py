"""Machines as a Python module of plain dictionaries, for a program that keeps them in code."""

from collections.abc import Iterator, Mapping

from ..machine import Machine, Transition

_HEAD = '''"""Capability state machines, written by smadmin.

MACHINES[capability][kind] has the initial state, the final states, and the transitions in their
order. A class of yours can hold one, and look a transition up by its source and event:

    class StateMachine:
        def __init__(self, machine):
            self.state = machine["initial"]
            self.transitions = {(t["source"], t["event"]): t for t in machine["transitions"]}
"""
'''


def python(machines: Mapping[str, Mapping[str, Machine]]) -> str:
    """The module; `machines` are those of each capability, by kind. It holds nothing but values."""
    lines = [_HEAD, "MACHINES = {"]
    for capability, kinds in machines.items():
        lines.append(f"    {capability!r}: {{")
        for kind, machine in kinds.items():
            lines += [f"        {kind!r}: {{", *_machine(machine), "        },"]
        lines.append("    },")
    return "\n".join([*lines, "}"]) + "\n"


def _machine(machine: Machine) -> Iterator[str]:
    finals = [state for state in machine.states if state in machine.finals]
    yield f"            'initial': {machine.initial!r},"
    yield f"            'finals': {finals!r},"
    yield "            'transitions': ["
    for each in machine:
        yield from _transition(each)
    yield "            ],"


def _transition(transition: Transition) -> Iterator[str]:
    yield "                {"
    yield f"                    'source': {transition.source!r},"
    yield f"                    'event': {transition.event!r},"
    actions = [(action.name, action.argument) for action in transition.actions]
    yield f"                    'actions': {actions!r},"
    yield f"                    'target': {transition.target!r},"
    yield "                },"
