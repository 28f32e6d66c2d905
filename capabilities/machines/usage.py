"""Which names a machine uses, and what it is with one of them replaced.

An argument is a name of the kind that its action takes. One with a parameter in it is no name: the
value of the parameter is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .layers import START, Change, Drop, Put
from .machine import Action, Key, Machine, Transition
from .notation import read_transition, render_transition
from .vocabulary import ACTION, ARGUMENT_KINDS, EVENT, STATE, WORKFLOW, Vocabulary

Name = tuple[str, str]
"""The kind of a name, and the name."""

ActionKinds = Mapping[str, str]
"""For each known action the kind of its argument, as in `Vocabulary.actions`."""


def names_of_key(key: Key) -> Iterator[Name]:
    """The state and the event that a key is made of; none for START."""
    if key != START:
        yield STATE, key.source
        yield EVENT, key.event


def names_of_transition(transition: Transition, actions: ActionKinds) -> Iterator[Name]:
    """Every name that a transition uses, in the order in which it is written."""
    yield from names_of_key(transition.key)
    for action in transition.actions:
        yield ACTION, action.name
        if kind := _kind_of_argument(action, actions):
            yield kind, action.argument
    yield STATE, transition.target


def names_of_change(change: Change, actions: ActionKinds) -> Iterator[Name]:
    """Every name that is written in a put or a drop, the place that it is put at included."""
    if isinstance(change, Drop):
        yield from names_of_key(change.key)
        return
    yield from names_of_transition(change.transition, actions)
    if change.after:
        yield from names_of_key(change.after)


def names_of_machine(machine: Machine, actions: ActionKinds) -> dict[Name, list[Key]]:
    """Every name that a machine uses, each with the keys of the transitions that do."""
    found: dict[Name, list[Key]] = {}
    for transition in machine:
        for name in dict.fromkeys(names_of_transition(transition, actions)):
            found.setdefault(name, []).append(transition.key)
    return found


def kinds_of_parameters(changes: Iterable[Change], actions: ActionKinds) -> dict[str, set[str]]:
    """What kind of name each parameter stands for, where it is the whole argument of an action."""
    kinds: dict[str, set[str]] = {}
    for change in changes:
        for action in change.transition.actions if isinstance(change, Put) else ():
            kind = actions.get(action.name)
            if kind and action.parameters and action.argument == f"({action.parameters[0]})":
                kinds.setdefault(action.parameters[0], set()).add(kind)
    return kinds


def guessed_argument(arguments: Iterable[str], known: Vocabulary) -> str:
    """The kind of argument that an action takes which is used with `arguments`; "" for none.

    It is the kind in which most of them are known, a parameter being a workflow.
    """
    given = [argument for argument in arguments if argument]
    if not given:
        return ""

    def hits(kind: str) -> int:
        return sum(
            kind == WORKFLOW if Action("A", each).parameters else each in known.known(kind)
            for each in given
        )

    return max(ARGUMENT_KINDS, key=hits)


def _kind_of_argument(action: Action, actions: ActionKinds) -> str:
    """The kind of name that the action's argument is; "" when it is none."""
    is_name = action.argument and not action.parameters
    return actions.get(action.name, "") if is_name else ""


@dataclass(frozen=True)
class Renaming:
    """One name that becomes another one, and what every value becomes with it.

    `actions` are those known before, so that an argument is one of the right kind. A value that
    cannot be any more raises ValueError.
    """

    kind: str
    old: str
    new: str
    actions: ActionKinds

    def name(self, kind: str, name: str) -> str:
        return self.new if (kind, name) == (self.kind, self.old) else name

    def key(self, key: Key) -> Key:
        return Key(self.name(STATE, key.source), self.name(EVENT, key.event))

    def action(self, action: Action) -> Action:
        argument = self.name(_kind_of_argument(action, self.actions), action.argument)
        return Action(self.name(ACTION, action.name), argument)

    def transition(self, transition: Transition) -> Transition:
        source, event = self.key(transition.key)
        actions = tuple(map(self.action, transition.actions))
        return Transition(source, event, actions, self.name(STATE, transition.target))

    def machine(self, machine: Machine) -> Machine:
        """Raises ValueError when two transitions would have the same key."""
        return Machine(tuple(map(self.transition, machine)))

    def change(self, change: Change) -> Change:
        if isinstance(change, Drop):
            return Drop(self.key(change.key))
        after = None if change.after is None else self.key(change.after)
        return Put(self.transition(change.transition), after)

    def line(self, line: str) -> str:
        """A transition in the notation; a text that is none stays as it is."""
        transition, mistakes = read_transition(line)
        if transition is None or mistakes:
            return line
        return render_transition(self.transition(transition))


def renamed(machine: Machine, kind: str, old: str, new: str, actions: ActionKinds) -> Machine:
    """The machine with one name replaced, wherever it is a name of that kind.

    Raises ValueError when two transitions would have the same key, or a name cannot be one.
    """
    return Renaming(kind, old, new, actions).machine(machine)
