"""Two machines in one picture and in one text."""

from collections import Counter

import pytest
from hypothesis import given

from capabilities.machines.diagram import Edge, Side
from capabilities.machines.diff import RETARGETED, Kind
from capabilities.machines.machine import Machine
from capabilities.machines.notation import parse, render_action, render_transition
from capabilities.machines.union import Union, text_lines
from tests.strategies import close_machines, machines

OLD = """\
[Start] - <go> {Run x} -> [Busy]
[Busy] - <again> {A} {B} -> [Busy]
[Busy] - <ok> {Send a} {Mail} -> [Done]
[Busy] - <no> {no action} -> [Failed]
[Busy] - <gone> {X} -> [Lost]
"""
NEW = """\
[Start] - <go> {Run x} -> [Busy]
[Busy] - <again> {B} {A} -> [Busy]
[Busy] - <ok> {Send b} -> [Done]
[Busy] - <no> {no action} -> [Waiting]
[Waiting] - <yes> {Y} -> [Done]
[Failed] - <mend> {Y} -> [Done]
"""


def union(old: str = OLD, new: str = NEW) -> Union:
    return Union(parse(old), parse(new))


def edges(of: Union, event: str) -> list[Edge]:
    return [edge for edge in of.diagram.edges if edge.key.event == event]


def on(side: Side, edge: Edge) -> tuple[str, ...]:
    """The lines of an edge that one side shows."""
    if side is Side.OLD and edge.old_lines:
        return edge.old_lines
    sides = edge.line_sides or (Side.BOTH,) * len(edge.lines)
    return tuple(text for text, of in zip(edge.lines, sides, strict=True) if side.shows(of))


def test_a_transition_of_both_is_one_edge_without_a_mark() -> None:
    (go,) = edges(union(), "go")
    assert (go.kind, go.side, go.lines) == (Kind.SAME, Side.BOTH, ("go", "{Run x}"))


def test_what_only_one_has_says_so_by_sign_and_word() -> None:
    (yes,), (gone,) = edges(union(), "yes"), edges(union(), "gone")
    assert (yes.kind, yes.side, yes.lines) == (Kind.ADDED, Side.NEW, ("+ added yes", "{Y}"))
    removed = ("− removed gone", "{X}")
    assert (gone.kind, gone.side, gone.lines) == (Kind.REMOVED, Side.OLD, removed)


def test_a_changed_transition_has_the_actions_of_both_with_their_signs() -> None:
    (ok,) = edges(union(), "ok")
    assert (ok.kind, ok.side) == (Kind.CHANGED, Side.BOTH)
    assert Counter(ok.lines) == Counter(("~ changed ok", "− {Send a}", "− {Mail}", "+ {Send b}"))
    assert on(Side.NEW, ok) == ("~ changed ok", "+ {Send b}")


def test_a_retargeted_transition_is_two_edges_of_one_retargeting() -> None:
    gone, came = edges(union(), "no")
    states = {node.id: node.state for node in union().diagram.nodes}
    assert (states[gone.target], gone.side, gone.kind) == ("Failed", Side.OLD, RETARGETED)
    assert (states[came.target], came.side, came.kind) == ("Waiting", Side.NEW, RETARGETED)
    assert gone.lines == ("↳ retargeted (old) no",)
    assert came.lines == ("↳ retargeted (new) no",)
    assert gone.number == came.number
    assert gone.id != came.id


def test_reordered_actions_are_that_and_nothing_else_and_each_side_has_its_own_order() -> None:
    (again,) = edges(union(), "again")
    assert (again.kind, again.side) == (Kind.MOVED, Side.BOTH)
    assert again.lines == ("↕ reordered again", "{B}", "↕ {A}")
    assert on(Side.OLD, again) == ("↕ reordered again", "↕ {A}", "{B}")
    assert again.title == "transition 2: [Busy] - <again> (reordered)"


def test_a_transition_at_another_place_is_moved() -> None:
    found = union(
        "[A] - <x> {X} -> [A]\n[A] - <y> {Y} -> [A]\n",
        "[A] - <y> {Y} -> [A]\n[A] - <x> {X} -> [A]\n",
    )
    marked = [edge for edge in found.diagram.edges if edge.kind != Kind.SAME]
    (moved,) = marked
    assert (moved.kind, moved.side) == (Kind.MOVED, Side.BOTH)
    assert moved.lines[0] in ("↕ moved x", "↕ moved y")


def test_a_state_says_what_became_of_it() -> None:
    nodes = {node.state: node for node in union().diagram.nodes}
    assert nodes["Waiting"].remarks == ("+ added",)
    assert nodes["Lost"].remarks == ("− removed",)
    assert nodes["Failed"].remarks == ("− no longer final",)
    assert nodes["Failed"].title == "state Failed (− no longer final)"
    assert nodes["Busy"].remarks == nodes["Done"].remarks == ()
    assert nodes["Failed"].final_on is Side.OLD
    swapped = {node.state: node for node in union(NEW, OLD).diagram.nodes}
    assert swapped["Failed"].remarks == ("+ now final",)
    other = union(
        "[A] - <x> {X} -> [B]\n[B] - <y> {Y} -> [A]\n",
        "[B] - <y> {Y} -> [A]\n[A] - <x> {X} -> [B]\n",
    )
    assert [node.remarks for node in other.diagram.nodes] == [
        ("+ now initial",),
        ("− no longer initial",),
    ]


@given(close_machines, close_machines)
def test_each_state_and_each_transition_of_both_is_drawn_at_its_side(
    old: Machine, new: Machine
) -> None:
    drawn = Union(old, new).diagram
    states = {node.id: node.state for node in drawn.nodes}
    assert len(set(states.values())) == len(states) == len(drawn.nodes)
    for side, machine in ((Side.OLD, old), (Side.NEW, new)):
        seen = [node.state for node in drawn.nodes if side.shows(node.side)]
        assert sorted(seen) == sorted(machine.states)
        shown = [edge for edge in drawn.edges if side.shows(edge.side)]
        assert Counter((e.key, states[e.source], states[e.target]) for e in shown) == Counter(
            (t.key, t.source, t.target) for t in machine
        )
        for edge in shown:
            actions = machine.by_key[edge.key].actions
            found = [line.removeprefix("− ").removeprefix("+ ") for line in on(side, edge)[1:]]
            found = [line.removeprefix("↕ ") for line in found]
            assert found == [render_action(action) for action in actions]
            assert on(side, edge)[0].endswith(edge.key.event)


@given(close_machines, close_machines)
def test_the_mark_of_an_edge_is_the_kind_of_its_difference(old: Machine, new: Machine) -> None:
    union = Union(old, new)
    differences = {each.key: each for each in union.differences}
    for edge in union.diagram.edges:
        difference = differences.get(edge.key)
        if difference is None:
            assert (edge.kind, edge.side) == (Kind.SAME, Side.BOTH)
            continue
        assert edge.kind in {mark.kind for mark in difference.marks}
        assert (edge.kind == RETARGETED) == difference.retargeted
        sides = {Kind.ADDED: Side.NEW, Kind.REMOVED: Side.OLD}
        if edge.kind != RETARGETED:
            assert edge.side is sides.get(difference.kind, Side.BOTH)
    retargeted = [each for each in union.differences if each.retargeted]
    pairs = Counter(edge.key for edge in union.diagram.edges if edge.kind == RETARGETED)
    assert pairs == {each.key: 2 for each in retargeted}


@given(close_machines, close_machines)
def test_a_difference_has_marks_each_of_them_once(old: Machine, new: Machine) -> None:
    for difference in Union(old, new).differences:
        words = [mark.word for mark in difference.marks]
        assert words
        assert len(set(words)) == len(words)
        assert ("changed" in words) == bool(
            {each.kind for each in difference.changed_actions} - {Kind.MOVED}
        )
        assert ("retargeted" in words) == difference.retargeted


@given(machines, machines)
def test_no_name_is_ever_an_id_and_the_same_machines_give_the_same(
    old: Machine, new: Machine
) -> None:
    drawn = Union(old, new).diagram
    assert drawn == Union(old, new).diagram
    ids = [*(node.id for node in drawn.nodes), *(edge.id for edge in drawn.edges)]
    assert len(set(ids)) == len(ids)
    assert all(id_[0] in "st" and id_[1:].replace("t", "").isdecimal() for id_ in ids)


@given(machines)
def test_a_machine_and_itself_are_that_machine_without_a_mark(machine: Machine) -> None:
    union = Union(machine, machine)
    assert union.unchanged == machine.transitions
    assert not union.differences
    assert [edge.key for edge in union.diagram.edges] == list(machine.by_key)
    assert {edge.kind for edge in union.diagram.edges} <= {Kind.SAME}
    assert not any(node.remarks for node in union.diagram.nodes)


# -- as text


def shown(lines: Union) -> list[str]:
    return [
        f"{line.sign} " + "".join(f"«{text}»" if marked else text for text, marked in line.pieces)
        for line in text_lines(lines)
    ]


def test_both_texts_are_one_with_signs_and_what_changed_marked() -> None:
    assert shown(union()) == [
        "  [Start] - <go> {Run x} -> [Busy]",
        "− [Busy] - <again> «{A}» {B} -> [Busy]",
        "+ [Busy] - <again> {B} «{A}» -> [Busy]",
        "− [Busy] - <ok> «{Send a}» «{Mail}» -> [Done]",
        "+ [Busy] - <ok> «{Send b}» -> [Done]",
        "− [Busy] - <no> {no action} -> «[Failed]»",
        "+ [Busy] - <no> {no action} -> «[Waiting]»",
        "− [Busy] - <gone> {X} -> [Lost]",
        "+ [Waiting] - <yes> {Y} -> [Done]",
        "+ [Failed] - <mend> {Y} -> [Done]",
    ]


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("{X}", "{no action}", "− [A] - <e> «{X}» -> [B]"),
        ("{no action}", "{X}", "− [A] - <e> «{no action}» -> [B]"),
    ],
)
def test_no_action_is_marked_where_it_is_the_change(old: str, new: str, marked: str) -> None:
    found = union(f"[A] - <e> {old} -> [B]\n", f"[A] - <e> {new} -> [B]\n")
    assert shown(found)[0] == marked


@given(close_machines, close_machines)
def test_the_lines_of_each_side_are_its_text(old: Machine, new: Machine) -> None:
    lines = text_lines(Union(old, new))
    for machine, other in ((old, Kind.ADDED), (new, Kind.REMOVED)):
        texts = ["".join(t for t, _ in line.pieces) for line in lines if line.kind is not other]
        assert texts == [render_transition(transition) for transition in machine]
