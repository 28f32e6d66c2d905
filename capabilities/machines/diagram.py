"""What to draw of a machine: states and transitions with their labels, kinds and marks.

How it is drawn is `drawing`'s affair. Ids are made up here (`s1`, `t1`), because a name may be
anything: no text of the machine is ever an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from .diff import SIGNS, Kind
from .machine import Key, Machine
from .notation import render_action
from .sentences import count

QUESTION = "?"
"""The sign behind what has an open question."""


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
    """A state, with its number of open questions. `title` says in words what its shape says.

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
    questions: int = 0

    @property
    def kind(self) -> Kind:
        return {Side.OLD: Kind.REMOVED, Side.NEW: Kind.ADDED}.get(self.side, Kind.SAME)

    @property
    def label(self) -> str:
        return f"{self.state} {QUESTION}" if self.questions else self.state

    @property
    def title(self) -> str:
        roles = [word for word, so in (("initial", self.initial), ("final", self.final)) if so]
        said = self.remarks or roles
        told = f" ({', '.join(said)})" if said else ""
        return f"state {self.state}{told}{_told(self.questions)}"


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition between two nodes, with its number of open questions.

    `number` is its place in the machine, from 1. `kind` is one of Kind, or of the marks of a
    difference. Where two machines are compared, `side` says which one has it, `line_sides` the same
    of each line, and `told` all that is said of it. `old_lines` are the lines that the old machine
    has, where they come in another order there.
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
    questions: int = 0

    @property
    def title(self) -> str:
        word = "" if self.kind == Kind.SAME else f" ({self.told or self.kind})"
        return f"transition {self.number}: {self.key}{word}{_told(self.questions)}"


def _told(questions: int) -> str:
    return f", {count(questions, 'open question')}" if questions else ""


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


def with_questions(drawn_of: Diagram, asked: Mapping[Key | str, int]) -> Diagram:
    """The same diagram, its transitions and states marked that have open questions.

    `asked` says how many: at transitions, by key, and at states, by name.
    """
    nodes = tuple(replace(node, questions=asked.get(node.state, 0)) for node in drawn_of.nodes)
    edges = tuple(
        replace(edge, questions=number, lines=(f"{edge.lines[0]} {QUESTION}", *edge.lines[1:]))
        if (number := asked.get(edge.key, 0))
        else edge
        for edge in drawn_of.edges
    )
    return Diagram(nodes, edges)
