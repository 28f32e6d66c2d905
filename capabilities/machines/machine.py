"""A state machine as a value: actions, transitions, and an ordered set of them.

Values check themselves when they are made, so a machine that exists is one that can be written in
the notation, stored in either database and drawn.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

NAME_LENGTH = 200
"""Characters that a name or an argument may have; the database columns are as wide."""

ACTIONS_LIMIT = 50
"""Actions that one transition may have; far over the seed's two, and small enough to compare."""

_PARAMETER = re.compile(r"\(([A-Za-z_][A-Za-z0-9_]*)\)")

# Control characters, lone surrogates and line separators cannot be typed on purpose, PostgreSQL
# refuses some of them, and editors disagree about the others being line ends. Format characters
# (zero width, bidirectional overrides) make two names look like one.
_UNUSABLE = frozenset({"Cc", "Cs", "Zl", "Zp", "Cf"})


def name_problem(name: str) -> str | None:
    """Say in a few words why `name` cannot be the name of anything, or return None if it can."""
    if not name:
        return "is empty"
    if name[0].isspace() or name[-1].isspace():
        return "begins or ends with white space"
    if len(name) > NAME_LENGTH:
        return f"is longer than {NAME_LENGTH} characters"
    for character in name:
        noncharacter = ord(character) & 0xFFFE == 0xFFFE  # which XML, so SVG, cannot have
        if noncharacter or unicodedata.category(character) in _UNUSABLE:
            return f"has the unusable character U+{ord(character):04X}"
    return None


def _require(what: str, name: str) -> None:
    if problem := name_problem(name):
        raise ValueError(f"{what} {problem}")


class Key(NamedTuple):
    """What identifies a transition inside a machine."""

    source: str
    event: str

    def __str__(self) -> str:
        return f"[{self.source}] - <{self.event}>"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done when a transition fires.

    `argument` is `""` for an action without one. Raises ValueError for a name or an argument that
    the notation cannot carry. `{no action}` is the absence of actions (seed, `std_calibration`
    current), so no action can be called that.
    """

    name: str
    argument: str = ""

    def __post_init__(self) -> None:
        _require("the action's name", self.name)
        if any(character.isspace() for character in self.name):
            raise ValueError("the action's name has white space in it")
        if self.argument:
            _require("the action's argument", self.argument)
        if (self.name.lower(), self.argument.lower()) == ("no", "action"):
            raise ValueError("{no action} is the absence of actions, not an action")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The placeholders in the argument, in order: `("workflow_name",)`."""
        return tuple(_PARAMETER.findall(self.argument))


@dataclass(frozen=True, slots=True)
class Transition:
    """From `source`, when `event` arrives: run `actions` in order, then be in `target`.

    Raises ValueError for a name that cannot be used.
    """

    source: str
    event: str
    actions: tuple[Action, ...]
    target: str

    def __post_init__(self) -> None:
        _require("the source state", self.source)
        _require("the event", self.event)
        _require("the target state", self.target)
        if len(self.actions) > ACTIONS_LIMIT:
            raise ValueError(f"a transition has at most {ACTIONS_LIMIT} actions")

    @property
    def key(self) -> Key:
        return Key(self.source, self.event)


@dataclass(frozen=True)
class Machine:
    """An ordered set of transitions. Raises ValueError when two have the same key."""

    transitions: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        if len(self.by_key) < len(self.transitions):
            keys = [transition.key for transition in self.transitions]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice} stands twice")

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.transitions)

    def __len__(self) -> int:
        return len(self.transitions)

    @cached_property
    def by_key(self) -> dict[Key, Transition]:
        """Every transition under its key, in the machine's order."""
        return {transition.key: transition for transition in self.transitions}

    @cached_property
    def by_source(self) -> dict[str, tuple[Transition, ...]]:
        """The transitions out of each state that has any, in the machine's order."""
        found: dict[str, tuple[Transition, ...]] = {}
        for transition in self.transitions:
            found[transition.source] = (*found.get(transition.source, ()), transition)
        return found

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Every state once, in the order in which the transitions first name it."""
        names = (name for t in self.transitions for name in (t.source, t.target))
        return tuple(dict.fromkeys(names))

    @property
    def initial(self) -> str | None:
        """The source of the first transition; None for a machine without any."""
        return self.transitions[0].source if self.transitions else None

    @cached_property
    def finals(self) -> frozenset[str]:
        """The states with no transition out."""
        return frozenset(self.states) - {transition.source for transition in self.transitions}

    @property
    def action_count(self) -> int:
        return sum(len(transition.actions) for transition in self.transitions)


def parameters(transitions: Iterable[Transition]) -> tuple[str, ...]:
    """The placeholders that the actions of `transitions` use, each once, in order of appearance."""
    found = (name for t in transitions for action in t.actions for name in action.parameters)
    return tuple(dict.fromkeys(found))


def bind(machine: Machine, values: Mapping[str, str]) -> Machine:
    """Put `values` in the place of the parameters that they name; other parameters stay.

    Raises ValueError when an argument becomes one that cannot be used.
    """

    if not parameters(machine):
        return machine
    return Machine(tuple(bind_transition(transition, values) for transition in machine))


def bind_transition(transition: Transition, values: Mapping[str, str]) -> Transition:
    """`bind` for one transition."""
    if not any(action.parameters for action in transition.actions):
        return transition

    def bound(action: Action) -> Action:
        if not action.parameters:
            return action
        argument = _PARAMETER.sub(lambda m: values.get(m[1], m[0]), action.argument)
        return replace(action, argument=argument)

    actions = tuple(bound(action) for action in transition.actions)
    return transition if actions == transition.actions else replace(transition, actions=actions)
