"""Which machine template, stages and overrides give exactly this machine."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.layers import Drop, Put, as_layer, changes_between, lay
from capabilities.machines.machine import Action, Key, Machine, Transition, bind
from capabilities.machines.matching import Candidate, Match, match, nest
from capabilities.machines.notation import parse
from tests.strategies import close_machines

SIMPLE = parse(
    "[A] - <go> {Run (w)} -> [B]\n[B] - <ok> {Say done} -> [C]\n[B] - <no> {no action} -> [D]\n"
)
QA = parse(
    "[A] - <go> {Run (w)} -> [B]\n[B] - <ok> {AskQa} -> [Q]\n[B] - <no> {no action} -> [D]\n"
    "[Q] - <pass> {no action} -> [C]\n"
)
OTHER = parse("[X] - <go> {Run (w)} -> [Y]\n")
VALUES = {"w": "null"}
SIMPLE_ALONE = Candidate("simple", as_layer(SIMPLE), SIMPLE)
QA_OVER_SIMPLE = Candidate("qa", changes_between(SIMPLE, QA), QA, "simple")
OTHER_ALONE = Candidate("other", as_layer(OTHER), OTHER)
CANDIDATES = (SIMPLE_ALONE, QA_OVER_SIMPLE, OTHER_ALONE)


@pytest.mark.parametrize(("name", "machine"), [("simple", SIMPLE), ("qa", QA), ("other", OTHER)])
def test_a_bound_template_is_recognised_with_nothing_left(name: str, machine: Machine) -> None:
    bound = bind(machine, VALUES)
    assert match(bound, CANDIDATES, values=VALUES) == Match(name, (), bound, ())


def test_what_a_machine_has_over_the_nearest_template_is_left_as_changes() -> None:
    base = bind(SIMPLE, VALUES)
    go, ok, no = base
    shouted = Transition("B", "ok", (Action("Shout"),), "C")
    dropped, overridden = Machine((go, ok)), Machine((go, shouted, no))
    assert match(dropped, CANDIDATES, values=VALUES) == Match(
        "simple", (), base, (Drop(Key("B", "no")),)
    )
    assert match(overridden, CANDIDATES, values=VALUES) == Match(
        "simple", (), base, (Put(shouted),)
    )


def test_a_template_that_was_made_to_lie_over_another_is_a_stage_on_a_third() -> None:
    staged = lay(OTHER, QA_OVER_SIMPLE.own)
    found = match(bind(staged, VALUES), CANDIDATES, values=VALUES)
    assert found == Match("other", ("qa",), bind(staged, VALUES), ())


def test_a_template_alone_wins_over_the_same_machine_with_a_stage() -> None:
    assert lay(SIMPLE, QA_OVER_SIMPLE.own) == QA
    assert match(bind(QA, VALUES), CANDIDATES, values=VALUES).stages == ()


def test_among_equals_the_first_candidate_wins() -> None:
    twin = Candidate("twin", as_layer(SIMPLE), SIMPLE)
    bound = bind(SIMPLE, VALUES)
    assert match(bound, (twin, SIMPLE_ALONE), values=VALUES).template == "twin"
    assert match(bound, (SIMPLE_ALONE, twin), values=VALUES).template == "simple"


def test_a_machine_like_none_has_no_template_and_every_line_is_its_own() -> None:
    machine = parse("[P] - <x> {y} -> [R]\n[R] - <x> {y} -> [P]\n")
    assert match(machine, CANDIDATES, values=VALUES) == Match(
        None, (), Machine(), as_layer(machine)
    )


def test_what_holds_at_present_stays_when_nothing_needs_fewer_changes() -> None:
    bound = bind(QA, VALUES)
    changes = changes_between(bound, bind(SIMPLE, VALUES))
    present = Match("mine", ("stage",), bound, changes)
    assert match(bind(SIMPLE, VALUES), (), values=VALUES, present=present) is present
    twin = Candidate("twin", as_layer(QA), QA)
    assert match(bind(SIMPLE, VALUES), (twin,), values=VALUES, present=present) is present
    better = match(bind(SIMPLE, VALUES), CANDIDATES, values=VALUES, present=present)
    assert (better.template, better.changes) == ("simple", ())


def test_values_decide_which_machine_a_template_makes() -> None:
    bound = bind(SIMPLE, {"w": "null"})
    assert match(bound, CANDIDATES, values={"w": "null_dag"}).changes == (
        Put(bound.transitions[0]),
    )


def test_named_machines_are_laid_over_each_other_the_smaller_beneath() -> None:
    assert nest({"qa": QA, "simple": SIMPLE}) == [
        Candidate("simple", as_layer(SIMPLE), SIMPLE),
        Candidate("qa", changes_between(SIMPLE, QA), QA, "simple"),
    ]


def test_named_machines_are_laid_over_given_ones() -> None:
    assert nest({"qa": QA}, [OTHER_ALONE, SIMPLE_ALONE]) == [QA_OVER_SIMPLE]
    assert nest({"other": OTHER}, [SIMPLE_ALONE]) == [OTHER_ALONE]


@given(st.lists(close_machines, max_size=4), close_machines)
def test_whatever_matches_laying_its_changes_over_its_base_gives_the_machine(
    templates: list[Machine], machine: Machine
) -> None:
    candidates = nest({str(number): each for number, each in enumerate(templates)})
    found = match(machine, candidates, values={})
    assert lay(found.base, found.changes) == machine
    assert len(found.changes) <= len(machine)
    assert len(found.changes) <= min(
        (len(changes_between(each, machine)) for each in templates), default=len(machine)
    )


@given(st.dictionaries(st.sampled_from("pqrs"), close_machines))
def test_a_nested_machine_is_its_own_layer_over_the_one_beneath(
    named: Mapping[str, Machine],
) -> None:
    seen: dict[str, Machine] = {}
    for each in nest(named):
        beneath = Machine() if each.beneath is None else seen[each.beneath]
        assert lay(beneath, each.own) == each.machine == named[each.name]
        assert len(each.own) <= len(each.machine)
        seen[each.name] = each.machine
    assert seen == named
