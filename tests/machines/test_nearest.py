"""How far a machine is from each machine template, alone and with a stage."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.layers import changes_between
from capabilities.machines.machine import Action, Machine, Transition, bind
from capabilities.machines.matching import Match, bases, distance, match, nest
from capabilities.machines.nearest import Layerings, per_template
from capabilities.machines.notation import parse, render
from tests.strategies import close_machines

P = "workflow_name"
SIMPLE = parse("[A] - <go> {Run (workflow_name)} -> [B]\n[B] - <ok> {Say done} -> [C]\n")
QA = parse(
    "[A] - <go> {Run (workflow_name)} -> [B]\n[B] - <ok> {AskQa} -> [Q]\n"
    "[Q] - <pass> {Say (x)} -> [C]\n"
)
FOUND = nest({"qa": QA, "simple": SIMPLE, "other": parse("[X] - <go> {Run x} -> [Y]\n")})
NOTHING = Match(None, (), Machine(), tuple(changes_between(Machine(), bind(SIMPLE, {P: "null"}))))


def told(found: Layerings, machine: Machine, values: Mapping[str, str]) -> list[tuple[str, int]]:
    return [
        ("+".join((each.base.template, *each.base.stages)), each.changes)
        for each in found.distances(machine, values)
    ]


@given(close_machines, close_machines)
def test_a_distance_is_the_number_of_changes(old: Machine, new: Machine) -> None:
    assert distance(old, new) == len(changes_between(old, new))


def test_the_nearest_comes_first_alone_before_with_a_stage() -> None:
    machine = bind(SIMPLE, {P: "null"})
    assert told(Layerings(FOUND, P), machine, {P: "null"}) == [
        ("simple", 0),
        ("qa", 2),
        ("other", 3),
        ("other+qa", 4),
    ]


def test_of_each_machine_template_the_nearest_is_told() -> None:
    found = Layerings(FOUND, P).distances(bind(SIMPLE, {P: "null"}), {P: "null"})
    assert [each.base.template for each in per_template(found)] == ["simple", "qa", "other"]


def test_what_is_retired_is_neither_a_machine_template_nor_a_stage() -> None:
    machine = bind(SIMPLE, {P: "null"})
    found = Layerings(FOUND, P, retired={"qa"})
    assert told(found, machine, {P: "null"}) == [("simple", 0), ("other", 3)]


def test_nearer_is_only_what_needs_fewer_changes() -> None:
    found, values = Layerings(FOUND, P), {P: "null"}
    simple = bind(SIMPLE, values)
    nearer = found.nearer(simple, values, NOTHING)
    assert nearer == Match("simple", (), simple, ())
    assert found.nearer(simple, values, nearer) is None
    unlike = parse("[P] - <x> {y} -> [R]\n")
    assert found.nearer(unlike, values, match(unlike, (), values=values)) is None


def test_a_stage_is_never_one_that_the_machine_template_lies_over() -> None:
    top = parse(f"{render(QA)}[Q] - <fail> {{Say no}} -> [D]\n")
    found = list(bases(nest({"top": top, "qa": QA, "simple": SIMPLE})))
    assert [(base.template, base.stages) for base in found] == [
        ("simple", ()),
        ("qa", ()),
        ("top", ()),
        ("simple", ("top",)),
    ]


# The names are words of the machines too; values may say a parameter, or make an action impossible.
_values = st.dictionaries(
    st.sampled_from([P, "v"]),
    st.sampled_from(["x", "y", "null", "(v)", "(workflow_name)", "a(workflow_name)", "action"]),
)
_arguments = st.sampled_from(
    ["", "x", "null", "(workflow_name)", "a(workflow_name)", "(v)", "(v)(workflow_name)"]
)


@st.composite
def _parametrised(draw: st.DrawFn) -> Machine:
    """A machine whose arguments are parameters, parts of one, and words."""
    return Machine(
        tuple(
            Transition(
                each.source,
                each.event,
                tuple(
                    Action(draw(st.sampled_from(["Run", "no"])), draw(_arguments))
                    for _ in each.actions
                ),
                each.target,
            )
            for each in draw(close_machines)
        )
    )


@given(st.lists(_parametrised(), max_size=3), st.lists(st.tuples(_parametrised(), _values)))
def test_measured_together_or_alone_a_machine_is_as_far(
    templates: list[Machine], measured: list[tuple[Machine, dict[str, str]]]
) -> None:
    candidates = nest({str(number): each for number, each in enumerate(templates)})
    found = Layerings(candidates, P)
    for unbound, values in measured:
        for machine in (unbound, _bound(unbound, values)):
            present = Match(None, (), Machine(), changes_between(Machine(), machine))
            best = match(machine, candidates, values=values, present=present)
            nearer = found.nearer(machine, values, present)
            assert (nearer or present) == best
            for each in found.distances(machine, values):
                base = bind(each.base.machine, values)
                assert each.changes == len(changes_between(base, machine))


def _bound(machine: Machine, values: Mapping[str, str]) -> Machine:
    try:
        return bind(machine, values)
    except ValueError:
        return machine


def test_machines_that_are_equal_up_to_their_name_are_measured_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Machine] = []

    def counted(old: Machine, new: Machine) -> int:
        made.append(new)
        return distance(old, new)

    monkeypatch.setattr("capabilities.machines.nearest.distance", counted)
    found = Layerings(FOUND, P)
    for name in ("a", "b", "c"):
        assert told(found, bind(SIMPLE, {P: name}), {P: name, "unused": name})[0] == ("simple", 0)
    assert len(made) == len(list(bases(FOUND)))
    # "x" is said by a machine template too: nothing that was measured holds for it.
    assert told(found, bind(SIMPLE, {P: "x"}), {P: "x"})[0] == ("simple", 0)
    assert len(made) == 2 * len(list(bases(FOUND)))
