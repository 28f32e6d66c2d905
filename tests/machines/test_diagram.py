"""What is drawn of a machine."""

from hypothesis import given

from capabilities.machines.diagram import Diagram, Edge, Node, diagram, with_questions
from capabilities.machines.diff import Kind, diff
from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import parse, render_action
from tests.strategies import close_machines, machines

MACHINE = parse(
    "[Start] - <go> {Run x} {Log} -> [Busy]\n"
    "[Busy] - <again> {no action} -> [Busy]\n"
    "[Busy] - <ok> {no action} -> [Done]\n"
)


def test_a_machine_is_drawn_as_its_states_and_transitions() -> None:
    go, again, ok = MACHINE.by_key
    assert diagram(MACHINE) == Diagram(
        (
            Node("s1", "Start", initial=True, final=False),
            Node("s2", "Busy", initial=False, final=False),
            Node("s3", "Done", initial=False, final=True),
        ),
        (
            Edge("t1", 1, go, "s1", "s2", ("go", "{Run x}", "{Log}"), Kind.SAME),
            Edge("t2", 2, again, "s2", "s2", ("again",), Kind.SAME),
            Edge("t3", 3, ok, "s2", "s3", ("ok",), Kind.SAME),
        ),
    )


def test_a_difference_is_drawn_with_its_sign_and_its_word() -> None:
    kinds = {
        Key("Start", "go"): Kind.CHANGED,
        Key("Busy", "again"): Kind.REMOVED,
        Key("Busy", "ok"): Kind.ADDED,
        Key("gone", "gone"): Kind.ADDED,
    }
    drawn = diagram(MACHINE, kinds)
    assert [(edge.kind, edge.lines, edge.title) for edge in drawn.edges] == [
        (Kind.CHANGED, ("~ go", "{Run x}", "{Log}"), "transition 1: [Start] - <go> (changed)"),
        (Kind.REMOVED, ("− again",), "transition 2: [Busy] - <again> (removed)"),
        (Kind.ADDED, ("+ ok",), "transition 3: [Busy] - <ok> (added)"),
    ]
    assert drawn.nodes == diagram(MACHINE).nodes


def test_a_title_says_in_words_what_a_shape_says() -> None:
    assert [node.title for node in diagram(MACHINE).nodes] == [
        "state Start (initial)",
        "state Busy",
        "state Done (final)",
    ]
    assert diagram(MACHINE).edges[0].title == "transition 1: [Start] - <go>"


def test_a_machine_without_transitions_is_an_empty_drawing() -> None:
    assert diagram(Machine()) == Diagram((), ())


@given(machines)
def test_no_text_of_a_machine_is_ever_an_id(machine: Machine) -> None:
    drawn = diagram(machine)
    assert [node.id for node in drawn.nodes] == [f"s{n + 1}" for n in range(len(machine.states))]
    assert [edge.id for edge in drawn.edges] == [f"t{n + 1}" for n in range(len(machine))]


@given(machines)
def test_every_state_and_transition_is_drawn_once_with_its_whole_text(machine: Machine) -> None:
    drawn = diagram(machine)
    states = {node.id: node.state for node in drawn.nodes}
    assert tuple(states.values()) == machine.states
    for edge, transition in zip(drawn.edges, machine, strict=True):
        assert edge.key == transition.key
        assert (states[edge.source], states[edge.target]) == (transition.source, transition.target)
        assert edge.lines == (transition.event, *map(render_action, transition.actions))
    assert sum(node.initial for node in drawn.nodes) == min(1, len(machine))
    assert {node.state for node in drawn.nodes if node.final} == machine.finals


@given(close_machines, close_machines)
def test_marks_change_labels_and_nothing_else(old: Machine, new: Machine) -> None:
    kinds = {difference.key: difference.kind for difference in diff(old, new)}
    marked, plain = diagram(new, kinds), diagram(new)
    assert marked.nodes == plain.nodes
    for one, other in zip(marked.edges, plain.edges, strict=True):
        assert (one.lines == other.lines) == (one.key not in kinds)
        assert one.lines[0].endswith(other.lines[0])


def test_what_has_open_questions_has_a_sign_and_says_how_many() -> None:
    machine = parse("[A] - <e> {no action} -> [B]\n[A] - <f> {no action} -> [B]\n")
    asked: dict[Key | str, int] = {Key("A", "e"): 2, "B": 1, "Z": 3}
    drawn = with_questions(diagram(machine, {Key("A", "e"): Kind.ADDED}), asked)
    assert [edge.lines[0] for edge in drawn.edges] == ["+ e ?", "f"]
    assert [edge.questions for edge in drawn.edges] == [2, 0]
    assert drawn.edges[0].title == "transition 1: [A] - <e> (added), 2 open questions"
    assert [(node.label, node.title) for node in drawn.nodes] == [
        ("A", "state A (initial)"),
        ("B ?", "state B (final), 1 open question"),
    ]
