"""A machine as the configuration of an XState machine (version 5): JSON for `createMachine`.

The keys of states and events are their names. Only what XState would read as something else has a
key that is made up, and its name in `meta`. An action is an object with its argument in `params`;
the program that loads the machine says what it does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ..machine import Action, Machine
from ..plain import plain_as_json

Plain = dict[str, Any]

_SENTENCE = "A state machine for XState 5, written by smadmin."


def xstate(machine: Machine, *, title: str = "") -> str:
    """The configuration; `title` is the machine's id."""
    return plain_as_json(_machine(machine, title))


def _machine(machine: Machine, title: str) -> Plain:
    states = _keys(machine.states, "state", _is_usable_state)
    events = _keys([each.event for each in machine], "event", _is_usable_event)
    ids = {state: f"s{number}" for number, state in enumerate(machine.states, start=1)}
    found: Plain = {"id": title or "machine", "description": _SENTENCE}
    if machine.initial is not None:
        found["initial"] = states[machine.initial]
    found["states"] = {
        states[state]: _state(machine, state, ids, states, events) for state in machine.states
    }
    return found


def _state(
    machine: Machine,
    state: str,
    ids: dict[str, str],
    states: dict[str, str],
    events: dict[str, str],
) -> Plain:
    found: Plain = {"id": ids[state]}
    if states[state] != state:
        found["meta"] = {"name": state}
    if state in machine.finals:
        return {**found, "type": "final"}
    found["on"] = {}
    for each in machine.by_source[state]:
        # By its id: a key with a dot in it would be a path.
        fired: Plain = {"target": f"#{ids[each.target]}"}
        if each.actions:
            fired["actions"] = [_action(action) for action in each.actions]
        if events[each.event] != each.event:
            fired["meta"] = {"event": each.event}
        found["on"][events[each.event]] = fired
    return found


def _action(action: Action) -> Plain:
    params = {"params": {"argument": action.argument}} if action.argument else {}
    return {"type": action.name, **params}


def _keys(names: Iterable[str], prefix: str, usable: Callable[[str], bool]) -> dict[str, str]:
    """The key of each name: itself, or one that is made up and that no other name is."""
    keys = dict.fromkeys(names, "")
    for number, name in enumerate(keys, start=1):
        key = name if usable(name) else f"{prefix}{number}"
        while key != name and key in keys:
            key = f"{key}_"
        keys[name] = key
    return keys


def _is_usable_state(name: str) -> bool:
    """Whether JavaScript keeps it as a key like any other, and XState takes it for no id."""
    return name != "__proto__" and not name.startswith("#")


def _is_usable_event(name: str) -> bool:
    """Whether it is no pattern of XState's, and none of its own events."""
    return not name.endswith("*") and not name.startswith("xstate.")
