"""What to draw of a machine: states and transitions with their labels, kinds and marks.

How it is drawn is `drawing`'s affair. Ids are made up here (`s1`, `t1`), because a name may be
anything: no text of the machine is ever an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .diff import SIGNS, Kind
from .machine import Key, Machine
from .notation import render_action
from .sentences import count

QUESTION = "?"
"""The sign behind what has an open question."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state, with its number of open questions. `title` says in words what its shape says."""

    id: str
    state: str
    initial: bool
    final: bool
    questions: int = 0

    @property
    def label(self) -> str:
        return f"{self.state} {QUESTION}" if self.questions else self.state

    @property
    def title(self) -> str:
        roles = [word for word, so in (("initial", self.initial), ("final", self.final)) if so]
        said = f"state {self.state}" + (f" ({', '.join(roles)})" if roles else "")
        return f"{said}{_told(self.questions)}"


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition between two nodes, with its number of open questions.

    `number` is its place in the machine, from 1.
    """

    id: str
    number: int
    key: Key
    source: str
    target: str
    lines: tuple[str, ...]
    kind: Kind
    questions: int = 0

    @property
    def title(self) -> str:
        word = "" if self.kind is Kind.SAME else f" ({self.kind})"
        return f"transition {self.number}: {self.key}{word}{_told(self.questions)}"


def _told(questions: int) -> str:
    return f", {count(questions, 'open question')}" if questions else ""


@dataclass(frozen=True, slots=True)
class Diagram:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def diagram(
    machine: Machine,
    kinds: Mapping[Key, Kind] | None = None,
    marks: Mapping[Key | str, int] | None = None,
) -> Diagram:
    """The diagram of a machine.

    `kinds` marks transitions that a comparison treats as added, removed or changed: with a sign
    before the event, besides what a style sheet makes of it. `marks` are how many open questions
    there are at transitions, by key, and at states, by name.
    """
    kinds, marks = kinds or {}, marks or {}
    ids = {state: f"s{number}" for number, state in enumerate(machine.states, start=1)}
    nodes = tuple(
        Node(
            ids[state],
            state,
            state == machine.initial,
            state in machine.finals,
            marks.get(state, 0),
        )
        for state in machine.states
    )
    edges = []
    for number, transition in enumerate(machine, start=1):
        kind = kinds.get(transition.key, Kind.SAME)
        sign = "" if kind is Kind.SAME else f"{SIGNS[kind]} "
        asked = marks.get(transition.key, 0)
        mark = f" {QUESTION}" if asked else ""
        lines = (f"{sign}{transition.event}{mark}", *map(render_action, transition.actions))
        source, target = ids[transition.source], ids[transition.target]
        edges.append(Edge(f"t{number}", number, transition.key, source, target, lines, kind, asked))
    return Diagram(nodes, tuple(edges))
