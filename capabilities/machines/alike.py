"""Machines that are equal up to the name of whose they are.

Where a machine's own name is the whole argument of an action, a parameter takes its place; what is
left is the machine's form, and machines of one form are equal up to their name. Binding the form to
the name always gives the machine back.

A name may be a common word as well: a capability `execution_complete` sends a message of that name,
as all others do. So one action at a time may keep it, and the form that most machines share holds.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .machine import Action, Machine, parameters


@dataclass(frozen=True)
class Group:
    """Machines that are equal up to their name: what they have in common, and whose they are."""

    form: Machine
    names: tuple[str, ...]


def alike(machines: Mapping[str, Machine], parameter: str) -> tuple[Group, ...]:
    """The groups of two and more, the largest first; `parameter` stands for the name in their form.

    Machines without transitions are like nothing, and neither are those that say the parameter.
    """
    said = Counter(
        argument
        for machine in machines.values()
        for argument in {action.argument for t in machine for action in t.actions}
    )
    possible = {
        # A name that no other machine says is no common word.
        name: forms(machine, name, parameter, common=said[name] > 1)
        for name, machine in machines.items()
    }
    shared = Counter(form for found in possible.values() for form in found)
    members: dict[Machine, list[str]] = {}
    for name, found in possible.items():
        if found:
            members.setdefault(max(found, key=lambda form: shared[form]), []).append(name)
    groups = [Group(form, tuple(names)) for form, names in members.items() if len(names) > 1]
    return tuple(sorted(groups, key=lambda group: -len(group.names)))


def forms(machine: Machine, name: str, parameter: str, *, common: bool = True) -> list[Machine]:
    """What a machine can be with `parameter` for its name: everywhere, and but for one action.

    The latter only where the name may be a `common` word.
    """
    if not machine.transitions or parameter in parameters(machine):
        return []
    actions = (action for t in machine for action in t.actions if common)
    named = dict.fromkeys(action.name for action in actions if action.argument == name)
    return [unnamed(machine, name, parameter, but=but) for but in ("", *named)]


def unnamed(machine: Machine, name: str, parameter: str, *, but: str = "") -> Machine:
    """The machine with the parameter for each argument that is `name`, but for those of one action.

    Where the machine does not have the parameter yet, binding it gives the machine back.
    """

    def changed(action: Action) -> Action:
        if action.argument != name or action.name == but:
            return action
        return replace(action, argument=f"({parameter})")

    return Machine(
        tuple(
            replace(transition, actions=tuple(map(changed, transition.actions)))
            if any(action.argument == name for action in transition.actions)
            else transition
            for transition in machine
        )
    )
