"""A machine as SCXML (W3C, 2015), which programs for state charts load.

States and events have identifiers; their names, and those of actions, are in attributes of our own
namespace, which a reader passes over (one that drops the namespace, too: SCXML has no such
attributes at these places). An action is a `<log>` with a label: nothing in the file is
ever evaluated, and nothing is sent.
"""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from ..machine import Action, Machine, Transition
from ..notation import render_action
from .identifiers import identifiers

NAMESPACE = "urn:smadmin"

RESERVED = frozenset(
    {
        *("activate_initial_state", "active_listeners", "add_listener", "allowed_events"),
        *("allow_event_without_transition", "atomic_configuration_update", "bind_events_to"),
        *("cancel", "cancel_event", "catch_errors_as_events", "configuration"),
        *("configuration_values", "current_state", "current_state_value", "done"),
        *("enable_self_transition_entries", "enabled_events", "error", "events", "id", "initial"),
        *("is_terminated", "model", "name", "prepare", "prepare_event", "raise_", "send"),
        *("start_configuration_values", "state_field", "states", "states_map", "start_value"),
        *("TransitionNotAllowed", "validate_disconnected_states", "validate_final_reachability"),
        "validate_trap_states",
    }
)
"""Events that SCXML sends itself, and what readers keep for themselves: Python's state machine
makes an attribute of every state and event.
"""

_RESERVED_BEGINNINGS = ("done", "error", "on_", "before_", "after_")


def scxml(machine: Machine, *, title: str = "") -> str:
    """The state chart; `title` is its name. Transitions have their places in the machine.

    Raises ValueError for a machine without transitions: a state chart has at least one state.
    """
    if machine.initial is None:
        raise ValueError("SCXML needs at least one state, and this machine has none.")
    return "\n".join(_lines(machine, machine.initial, title)) + "\n"


def _lines(machine: Machine, initial: str, title: str) -> Iterator[str]:
    events = identifiers((each.event for each in machine), "event", reserved=_reserved(machine))
    taken = _reserved(machine) | set(events.values())
    states = identifiers(machine.states, "state", reserved=taken)
    numbers = {each.key: number for number, each in enumerate(machine, start=1)}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<!-- A state machine in SCXML, written by smadmin. Actions are log entries. -->"
    yield (
        f'<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:sm="{NAMESPACE}" version="1.0"'
        f' datamodel="null" initial="{states[initial]}" sm:title={quoteattr(title)}>'
    )
    for state in machine.states:
        tag = "final" if state in machine.finals else "state"
        attributes = f'id="{states[state]}" sm:name={quoteattr(state)}'
        if state in machine.finals:
            yield f"  <{tag} {attributes}/>"
            continue
        yield f"  <{tag} {attributes}>"
        for each in machine.by_source[state]:
            yield from _transition(each, events, states, numbers[each.key])
        yield f"  </{tag}>"
    yield "</scxml>"


def _reserved(machine: Machine) -> set[str]:
    """What may be no identifier: a dot in an event has a meaning, but that is no identifier."""
    names = {*machine.states, *(each.event for each in machine)}
    return {
        *RESERVED,
        *(name for name in names if name.lower().startswith(_RESERVED_BEGINNINGS)),
    }


def _transition(
    transition: Transition, events: dict[str, str], states: dict[str, str], number: int
) -> Iterator[str]:
    opened = (
        f'    <transition event="{events[transition.event]}" target="{states[transition.target]}"'
        f' sm:name={quoteattr(transition.event)} sm:number="{number}"'
    )
    if not transition.actions:
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    yield from map(_action, transition.actions)
    yield "    </transition>"


def _action(action: Action) -> str:
    argument = f" sm:argument={quoteattr(action.argument)}" if action.argument else ""
    label = quoteattr(render_action(action))
    return f"      <log label={label} sm:action={quoteattr(action.name)}{argument}/>"
