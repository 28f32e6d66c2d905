"""What to draw of a machine: states and transitions with their labels, kinds and marks.

How it is drawn is `drawing`'s affair. Ids are made up here (`s1`, `t1`), because a name may be
anything: no text of the machine is ever an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .diff import SIGNS, Kind
from .machine import Key, Machine
from .notation import render_action


class Side(StrEnum):
    """Which of two compared machines has something."""

    BOTH = "both"
    OLD = "old"
    NEW = "new"

    def shows(self, other: "Side") -> bool:
        """Whether what `other` has is seen when this side is looked at."""
        return self is other or Side.BOTH in (self, other)


@dataclass(frozen=True, slots=True)
class Node:
    """A state. `title` says in words what its shape says.

    `side`, `initial_on` and `final_on` say of which of two compared machines it is so; `remarks`
    are the lines under its name that tell what changed.
    """

    id: str
    state: str
    initial: bool
    final: bool
    side: Side = Side.BOTH
    initial_on: Side = Side.BOTH
    final_on: Side = Side.BOTH
    remarks: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        return {Side.OLD: Kind.REMOVED, Side.NEW: Kind.ADDED}.get(self.side, Kind.SAME)

    @property
    def title(self) -> str:
        if self.remarks:
            return f"state {self.state} ({', '.join(self.remarks)})"
        roles = [word for word, so in (("initial", self.initial), ("final", self.final)) if so]
        return f"state {self.state}" + (f" ({', '.join(roles)})" if roles else "")


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition between two nodes. `number` is its place in the machine, from 1.

    `kind` is one of Kind, or of the marks of a difference. Where two machines are compared, `side`
    says which one has it, `line_sides` the same of each line, and `told` all that is said of it.
    `old_lines` are the lines that the old machine has, where they come in another order there.
    """

    id: str
    number: int
    key: Key
    source: str
    target: str
    lines: tuple[str, ...]
    kind: str
    side: Side = Side.BOTH
    line_sides: tuple[Side, ...] = ()
    told: str = ""
    old_lines: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        word = "" if self.kind == Kind.SAME else f" ({self.told or self.kind})"
        return f"transition {self.number}: {self.key}{word}"


@dataclass(frozen=True, slots=True)
class Diagram:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def diagram(machine: Machine, kinds: Mapping[Key, Kind] | None = None) -> Diagram:
    """The diagram of a machine.

    `kinds` marks transitions that a comparison treats as added, removed or changed: with a sign
    before the event, besides what a style sheet makes of it.
    """
    kinds = kinds or {}
    ids = {state: f"s{number}" for number, state in enumerate(machine.states, start=1)}
    nodes = tuple(
        Node(ids[state], state, state == machine.initial, state in machine.finals)
        for state in machine.states
    )
    edges = []
    for number, transition in enumerate(machine, start=1):
        kind = kinds.get(transition.key, Kind.SAME)
        sign = "" if kind is Kind.SAME else f"{SIGNS[kind]} "
        lines = (f"{sign}{transition.event}", *map(render_action, transition.actions))
        source, target = ids[transition.source], ids[transition.target]
        edges.append(Edge(f"t{number}", number, transition.key, source, target, lines, kind))
    return Diagram(nodes, tuple(edges))
