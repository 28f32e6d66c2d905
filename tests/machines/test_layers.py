"""Layers: what puts and drops make of what lies beneath; the fewest that give a machine."""

from collections.abc import Iterable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from capabilities.machines.diff import diff
from capabilities.machines.layers import (
    START,
    Change,
    Drop,
    Layer,
    Put,
    Row,
    Standing,
    as_layer,
    changes_between,
    keys_in_place,
    lay,
    standing,
    trace,
    with_put,
)
from capabilities.machines.machine import Action, Key, Machine, Transition
from tests.strategies import changes, close_machines, close_transitions, layers, machines


def transition(source: str, target: str = "Z", *actions: str) -> Transition:
    return Transition(source, "e", tuple(map(Action, actions)), target)


def key(source: str) -> Key:
    return Key(source, "e")


A, B, C = transition("A"), transition("B"), transition("C")
OTHER_B, OTHER_C = transition("B", "Z", "Run"), transition("C", "Y")
ABC = Machine((A, B, C))


def laid_by_hand(beneath: Machine, layer: Layer) -> Machine:
    """What `lay` must come to, written anew on a plain list."""
    dropped = {change.key for change in layer if isinstance(change, Drop)}
    found = [each for each in beneath if each.key not in dropped]
    for put in layer:
        if not isinstance(put, Put):
            continue
        keys = [each.key for each in found]
        place = keys.index(put.key) if put.key in keys else len(found)
        if put.after == START or (put.after in keys and put.after != put.key):
            found = [each for each in found if each.key != put.key]
            keys = [each.key for each in found]
            place = 0 if put.after == START else keys.index(put.after) + 1
        found = [each for each in found if each.key != put.key]
        found.insert(place, put.transition)
    return Machine(tuple(found))


# -- laws


@given(close_machines, layers)
def test_laying_is_what_it_is_on_a_plain_list(beneath: Machine, layer: Layer) -> None:
    assert lay(beneath, layer) == laid_by_hand(beneath, layer)


@given(close_machines, layers, layers)
def test_layers_are_laid_one_after_the_other(beneath: Machine, one: Layer, other: Layer) -> None:
    assert lay(beneath, one, other) == lay(lay(beneath, one), other)


@given(close_machines, close_machines)
def test_changes_between_two_machines_make_one_of_the_other(old: Machine, new: Machine) -> None:
    assert lay(old, changes_between(old, new)) == new


@given(machines, machines)
def test_changes_between_any_two_machines_make_one_of_the_other(old: Machine, new: Machine) -> None:
    assert lay(old, changes_between(old, new)) == new


@given(close_machines, close_machines)
def test_there_are_as_many_changes_as_differences_and_for_the_same_keys(
    old: Machine, new: Machine
) -> None:
    found = changes_between(old, new)
    assert len(found) == len(diff(old, new))
    assert {change.key for change in found} == {difference.key for difference in diff(old, new)}


@given(close_machines, close_machines)
def test_no_change_between_two_machines_could_be_left_out(old: Machine, new: Machine) -> None:
    found = changes_between(old, new)
    for index in range(len(found)):
        assert lay(old, (*found[:index], *found[index + 1 :])) != new


@given(close_machines, layers)
def test_no_layer_comes_to_the_same_with_fewer_changes(beneath: Machine, layer: Layer) -> None:
    assert len(changes_between(beneath, lay(beneath, layer))) <= len(layer)


@given(close_machines)
def test_a_machine_is_the_layer_that_makes_it_out_of_nothing(machine: Machine) -> None:
    assert lay(Machine(), as_layer(machine)) == machine
    assert changes_between(Machine(), machine) == as_layer(machine)


@given(close_machines, layers, layers)
def test_a_trace_tells_of_each_line_where_it_comes_from(
    beneath: Machine, one: Layer, other: Layer
) -> None:
    stack = (as_layer(beneath), one, other)
    rows = trace(*stack)
    told = tuple(row.transition for row in rows if row.transition is not None)
    assert told == lay(beneath, one, other).transitions
    assert len({row.key for row in rows}) == len(rows)
    assert {row.key for row in rows} == {change.key for layer in stack for change in layer}
    for row in rows:
        assert row.change in stack[row.layer]
        assert row.change.key == row.key
        assert all(row.key != each.key for layer in stack[row.layer + 1 :] for each in layer)
        assert row.covered == lay(Machine(), *stack[: row.layer]).by_key.get(row.key)
        put = row.change.transition if isinstance(row.change, Put) else None
        assert row.transition == put


@given(changes, close_machines)
def test_a_change_stands_for_what_it_does(change: Change, beneath: Machine) -> None:
    laid = lay(beneath, (change,))
    stands = standing(change, beneath)
    assert (laid == beneath) == (stands in (Standing.REDUNDANT, Standing.STALE))
    assert (len(laid) > len(beneath)) == (stands is Standing.ADDS)
    assert (len(laid) < len(beneath)) == (stands is Standing.REMOVES)


@given(close_machines, close_machines)
def test_keys_in_place_stand_in_the_same_order_in_both(old: Machine, new: Machine) -> None:
    staying = keys_in_place(old, new)
    assert [k for k in old.by_key if k in staying] == [k for k in new.by_key if k in staying]
    # No more of those that are the same transition in both could stand so.
    same = {k for k in old.by_key if new.by_key.get(k) == old.by_key[k]}
    most = longest_common_run(
        [k for k in old.by_key if k in same], [k for k in new.by_key if k in same]
    )
    assert len(staying & same) == most


def longest_common_run(old: list[Key], new: list[Key]) -> int:
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, one in enumerate(old):
        for j, other in enumerate(new):
            both = lengths[i][j] + 1 if one == other else 0
            lengths[i + 1][j + 1] = max(both, lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


# -- standing, row by row


@pytest.mark.parametrize(
    ("change", "beneath", "expected"),
    [
        # a put of a key that nothing beneath has
        (Put(B), (A, C), Standing.ADDS),
        (Put(B, after=key("A")), (A, C), Standing.ADDS),
        (Put(B, after=START), (), Standing.ADDS),
        # of a key that is there, with something else: the actions, the target, or the place
        (Put(OTHER_B), (A, B, C), Standing.OVERRIDES),
        (Put(transition("B", "Y")), (A, B, C), Standing.OVERRIDES),
        (Put(B, after=START), (A, B, C), Standing.OVERRIDES),
        (Put(B, after=key("C")), (A, B, C), Standing.OVERRIDES),
        # of exactly what is there, where it is
        (Put(B), (A, B, C), Standing.REDUNDANT),
        (Put(B, after=key("A")), (A, B, C), Standing.REDUNDANT),
        (Put(A, after=START), (A, B, C), Standing.REDUNDANT),
        (Put(B, after=key("B")), (A, B, C), Standing.REDUNDANT),
        (Put(B, after=key("gone")), (A, B, C), Standing.REDUNDANT),
        # a drop of a key that is there, and of one that is not
        (Drop(key("B")), (A, B, C), Standing.REMOVES),
        (Drop(key("B")), (A, C), Standing.STALE),
        (Drop(key("B")), (), Standing.STALE),
    ],
)
def test_a_change_stands_as_the_table_says(
    change: Change, beneath: Iterable[Transition], expected: Standing
) -> None:
    assert standing(change, Machine(tuple(beneath))) is expected


# -- where a put goes


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ((), (A, B, C)),
        ((Put(OTHER_B),), (A, OTHER_B, C)),
        ((Put(transition("D")),), (A, B, C, transition("D"))),
        ((Put(transition("D"), after=START),), (transition("D"), A, B, C)),
        ((Put(transition("D"), after=key("A")),), (A, transition("D"), B, C)),
        ((Put(transition("D"), after=key("gone")),), (A, B, C, transition("D"))),
        ((Put(A, after=key("C")),), (B, C, A)),
        ((Put(C, after=START),), (C, A, B)),
        ((Put(OTHER_B, after=key("gone")),), (A, OTHER_B, C)),
        ((Drop(key("B")),), (A, C)),
        ((Drop(key("gone")),), (A, B, C)),
        # Drops come to pass before puts: what was dropped is nothing to go behind.
        ((Put(transition("D"), after=key("B")), Drop(key("B"))), (A, C, transition("D"))),
        # Puts come to pass in their order.
        (
            (Put(transition("D"), after=key("A")), Put(transition("E"), after=key("D"))),
            (A, transition("D"), transition("E"), B, C),
        ),
        (
            (Put(transition("D"), after=key("E")), Put(transition("E"))),
            (A, B, C, transition("D"), transition("E")),
        ),
    ],
)
def test_a_layer_makes_this_of_three_transitions(
    layer: Layer, expected: tuple[Transition, ...]
) -> None:
    assert lay(ABC, layer) == Machine(expected)


def test_a_put_above_a_drop_of_the_same_key_goes_to_the_end() -> None:
    assert lay(ABC, (Drop(key("A")),), (Put(A),)) == Machine((B, C, A))


def test_ghosts_stay_where_the_transition_was_and_stale_drops_come_last() -> None:
    drop_b, drop_d = Drop(key("B")), Drop(key("D"))
    assert trace(as_layer(ABC), (drop_d, drop_b, Put(OTHER_C))) == (
        Row(key("A"), A, 0, Put(A), None),
        Row(key("B"), None, 1, drop_b, B),
        Row(key("C"), OTHER_C, 1, Put(OTHER_C), C),
        Row(key("D"), None, 1, drop_d, None),
    )


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ((A, B, C), ()),
        ((), (Drop(key("A")), Drop(key("B")), Drop(key("C")))),
        ((A, OTHER_B, C), (Put(OTHER_B),)),
        ((A, B, C, transition("D")), (Put(transition("D")),)),
        ((transition("D"), A, B, C), (Put(transition("D"), after=START),)),
        ((A, transition("D"), C), (Drop(key("B")), Put(transition("D"), after=key("A")))),
        ((C, A, B), (Put(C, after=START),)),
        ((B, C, A), (Put(A, after=key("C")),)),
        ((C, A, OTHER_B), (Put(C, after=START), Put(OTHER_B))),
        # What is another transition anyway is what moves.
        ((A, C, OTHER_B), (Put(OTHER_B, after=key("C")),)),
        ((OTHER_B, A, C), (Put(OTHER_B, after=START),)),
    ],
)
def test_the_fewest_changes_of_three_transitions_are_these(
    new: tuple[Transition, ...], expected: Layer
) -> None:
    assert changes_between(ABC, Machine(new)) == expected


@given(machine=close_machines, new=close_transitions, data=st.data())
def test_a_draft_has_its_transition_in_place_and_all_others_as_they_were(
    machine: Machine, new: Transition, data: DataObject
) -> None:
    at = data.draw(st.sampled_from([None, *machine.by_key]))
    assume(new.key == at or new.key not in machine.by_key)
    before = list(machine)
    place = list(machine.by_key).index(at) if at else len(before)
    before[place : place + 1] = [new]
    assert list(with_put(machine, at, new)) == before


def test_a_draft_of_a_row_that_is_gone_comes_last() -> None:
    machine = Machine((Transition("A", "x", (), "B"),))
    new = Transition("B", "y", (), "C")
    assert list(with_put(machine, Key("gone", "z"), new)) == [*machine, new]
