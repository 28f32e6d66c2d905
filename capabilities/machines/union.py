"""Two machines in one picture: what both have once, and what only one has marked as that.

It is laid out once. Either machine alone is the same picture with the other one's parts left out,
so nothing that both have ever stands at another place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .diagram import Diagram, Edge, Node, Side
from .diff import (
    RETARGETED,
    RETARGETED_SIGN,
    SIGNS,
    ActionDifference,
    Difference,
    Kind,
    Mark,
    both_in_order,
    diff,
)
from .machine import Action, Key, Machine, Transition
from .notation import render_action, render_parts, render_transition

Line = tuple[str, Side]

_GONE, _CAME = SIGNS[Kind.REMOVED], SIGNS[Kind.ADDED]


@dataclass(frozen=True)
class Union:
    """Two machines laid together."""

    old: Machine
    new: Machine

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        return diff(self.old, self.new)

    @cached_property
    def numbers(self) -> dict[Key, int]:
        """The place of every key in both machines laid together, from 1."""
        return {key: at for at, key in enumerate(both_in_order(self.old, self.new), start=1)}

    @property
    def by_key(self) -> dict[Key, int]:
        """Every key, so that its place is found as in a machine."""
        return self.numbers

    @cached_property
    def unchanged(self) -> tuple[Transition, ...]:
        """The transitions that both have, with the same place in the order."""
        different = {difference.key for difference in self.differences}
        return tuple(each for each in self.new if each.key not in different)

    @cached_property
    def diagram(self) -> Diagram:
        """The union diagram.

        A transition that leads to another state than before is two edges, one to either state; an
        edge that both machines have has the lines of both, each with its side.
        """
        ids = {state: f"s{at}" for at, state in enumerate(self._states(), start=1)}
        nodes = tuple(self._node(id_, state) for state, id_ in ids.items())
        different = {difference.key: difference for difference in self.differences}
        edges: list[Edge] = []
        for key, number in self.numbers.items():
            if key in different:
                edges += _edges(different[key], number, ids)
            else:
                same = self.new.by_key[key]
                lines = (same.event, *map(render_action, same.actions))
                source, target = ids[same.source], ids[same.target]
                edges.append(Edge(f"t{number}", number, key, source, target, lines, Kind.SAME))
        return Diagram(nodes, tuple(edges))

    def _states(self) -> list[str]:
        found: dict[str, None] = {}
        for key in self.numbers:
            found[key.source] = None
            for machine in (self.new, self.old):
                if key in machine.by_key:
                    found[machine.by_key[key].target] = None
        return list(found)

    def _node(self, id_: str, state: str) -> Node:
        side = _side(state in self.old.states, state in self.new.states)
        initial_on = _side(state == self.old.initial, state == self.new.initial)
        final_on = _side(state in self.old.finals, state in self.new.finals)
        return Node(
            id_,
            state,
            initial=initial_on is not None,
            final=final_on is not None,
            side=side or Side.BOTH,
            initial_on=initial_on or Side.BOTH,
            final_on=final_on or Side.BOTH,
            remarks=tuple(_remarks(side, {"initial": initial_on, "final": final_on})),
        )


def _side(in_old: bool, in_new: bool) -> Side | None:
    if in_old and in_new:
        return Side.BOTH
    return Side.OLD if in_old else Side.NEW if in_new else None


def _remarks(side: Side | None, roles: dict[str, Side | None]) -> Iterator[str]:
    if side is Side.NEW:
        yield f"{_CAME} added"
    elif side is Side.OLD:
        yield f"{_GONE} removed"
    else:
        for word, role in roles.items():
            if role is Side.NEW:
                yield f"{_CAME} now {word}"
            elif role is Side.OLD:
                yield f"{_GONE} no longer {word}"


def _edges(difference: Difference, number: int, ids: dict[str, str]) -> Iterator[Edge]:
    """The edge of a difference, or both of one that leads elsewhere."""
    key, old, new = difference.key, difference.old, difference.new
    mark, told = _main(difference.marks), ", ".join(mark.word for mark in difference.marks)
    head = f"{mark.sign} {mark.word} {key.event}"
    source = ids[key.source]

    def edge(id_: str, target: str, lines: list[Line], side: Side, **more: Any) -> Edge:
        texts, sides = tuple(text for text, _ in lines), tuple(of for _, of in lines)
        kind = mark.kind
        return Edge(id_, number, key, source, ids[target], texts, kind, side, sides, **more)

    if old and new and difference.retargeted:
        gone = _old_lines(f"{mark.sign} {mark.word} (old) {key.event}", difference)
        came = _lines(f"{mark.sign} {mark.word} (new) {key.event}", difference)
        came = [(text, of) for text, of in came if Side.NEW.shows(of)]
        gone_told, came_told = (f"{told}: its {which} target" for which in ("old", "new"))
        yield edge(f"t{number}t0", old.target, gone, Side.OLD, told=gone_told)
        yield edge(f"t{number}", new.target, came, Side.NEW, told=came_told)
    elif old and new:
        lines = _lines(head, difference)
        in_old_order = [text for text, _ in _old_lines(head, difference)]
        as_drawn = [text for text, of in lines if Side.OLD.shows(of)]
        old_lines = () if as_drawn == in_old_order else tuple(in_old_order)
        yield edge(f"t{number}", new.target, lines, Side.BOTH, told=told, old_lines=old_lines)
    elif either := new or old:
        side = Side.NEW if new else Side.OLD
        texts = [head, *map(render_action, either.actions)]
        lines = [(text, side) for text in texts]
        yield edge(f"t{number}", either.target, lines, side, told=told)


def _main(marks: Sequence[Mark]) -> Mark:
    """What an edge is drawn as: two edges are one retargeting, whatever else changed."""
    return next((mark for mark in marks if mark.kind == RETARGETED), marks[0])


def _lines(head: str, difference: Difference) -> list[Line]:
    """What is written at an edge: the head, and the actions of both sides."""
    if difference.kind is Kind.MOVED and difference.new:
        texts = [head, *map(render_action, difference.new.actions)]
        return [(text, Side.BOTH) for text in texts]
    lines = (line for action in difference.actions for line in _action_lines(action))
    return [(head, Side.BOTH), *lines]


def _action_lines(difference: ActionDifference) -> Iterator[Line]:
    kind, old, new = difference.kind, difference.old, difference.new
    if kind in (Kind.SAME, Kind.MOVED) and new:
        yield _signed(kind, new), Side.BOTH
    else:
        if old:
            yield f"{_GONE} {render_action(old)}", Side.OLD
        if new:
            yield f"{_CAME} {render_action(new)}", Side.NEW


def _signed(kind: Kind, action: Action) -> str:
    sign = {Kind.SAME: "", Kind.MOVED: f"{SIGNS[kind]} "}.get(kind, f"{_GONE} ")
    return f"{sign}{render_action(action)}"


def _old_lines(head: str, difference: Difference) -> list[Line]:
    """What is written at the edge of the old machine, in its order."""
    actions = difference.old.actions if difference.old else ()
    kinds = difference.kinds_of(is_new=False)
    texts = [_signed(kind, action) for kind, action in zip(kinds, actions, strict=True)]
    return [(text, Side.OLD) for text in (head, *texts)]


SIGNS_OF_A_PICTURE = (
    Mark(Kind.ADDED, _CAME, "added (bold)"),
    Mark(Kind.REMOVED, _GONE, "removed (dashed)"),
    Mark(Kind.CHANGED, SIGNS[Kind.CHANGED], "changed"),
    Mark(RETARGETED, RETARGETED_SIGN, "retargeted (dashed old, bold new)"),
    Mark(Kind.MOVED, SIGNS[Kind.MOVED], "reordered or moved"),
)
"""The legend: each sign that a union diagram can have."""


# -- both as text


@dataclass(frozen=True)
class TextLine:
    """A line of both texts: a sign, a word, and pieces; those that changed in it are marked."""

    kind: Kind
    pieces: tuple[tuple[str, bool], ...]

    @property
    def sign(self) -> str:
        return " " if self.kind is Kind.SAME else SIGNS[self.kind]


def text_lines(union: Union) -> list[TextLine]:
    """Both machines in the notation as one text: what only one has, has a sign before it.

    A transition that stands elsewhere is taken out of its old place and put in its new one.
    """
    changed = {difference.key: difference for difference in union.differences}
    moved = {key for key, difference in changed.items() if difference.moved}
    lines: list[TextLine] = []
    old, new = iter(union.old), iter(union.new)
    stays = [key for key in union.old.by_key if key in union.new.by_key and key not in moved]
    for key in [*stays, None]:
        before = _up_to(key, old, Kind.REMOVED, changed, lines)
        after = _up_to(key, new, Kind.ADDED, changed, lines)
        if before and before == after:
            lines.append(TextLine(Kind.SAME, ((render_transition(before), False),)))
        elif before and after:
            lines.append(TextLine(Kind.REMOVED, _pieces(before, changed, is_new=False)))
            lines.append(TextLine(Kind.ADDED, _pieces(after, changed, is_new=True)))
    return lines


def _up_to(
    key: Key | None,
    transitions: Iterator[Transition],
    kind: Kind,
    changed: Mapping[Key, Difference],
    lines: list[TextLine],
) -> Transition | None:
    """Write the lines before the transition at `key`, which is returned."""
    for transition in transitions:
        if transition.key == key:
            return transition
        pieces = _pieces(transition, changed, is_new=kind is Kind.ADDED)
        lines.append(TextLine(kind, pieces))
    return None


def _pieces(
    transition: Transition, changed: Mapping[Key, Difference], *, is_new: bool
) -> tuple[tuple[str, bool], ...]:
    """A transition as it is written; what the other machine has not like that is marked."""
    difference = changed[transition.key]
    if difference.kind is not Kind.CHANGED:
        return ((render_transition(transition), False),)
    head, actions, target = render_parts(transition)
    kinds = difference.kinds_of(is_new=is_new) or [
        Kind.CHANGED if difference.changed_actions else Kind.SAME
    ]
    pieces = [(head, False)]
    for text, kind in zip(actions, kinds, strict=True):
        pieces += [(" ", False), (text, kind is not Kind.SAME)]
    return (*pieces, (" -> ", False), (target, difference.retargeted))
