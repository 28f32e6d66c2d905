"""What is different between two machines, down to the single action."""

import pytest
from hypothesis import given

from capabilities.machines.diff import (
    SIGNS,
    ActionDifference,
    Difference,
    Kind,
    diff,
    diff_actions,
)
from capabilities.machines.machine import Action, Key, Machine, Transition
from tests.strategies import close_actions, close_machines, machines

RUN, RUN_X = Action("Run"), Action("Run", "x")
SEND_X, SEND_Y = Action("Send", "x"), Action("Send", "y")


def same(action: Action) -> ActionDifference:
    return ActionDifference(Kind.SAME, action, action)


# -- laws


@given(machines)
def test_a_machine_does_not_differ_from_itself(machine: Machine) -> None:
    assert diff(machine, machine) == ()


@given(close_machines, close_machines)
def test_two_machines_have_differences_if_and_only_if_they_are_not_equal(
    old: Machine, new: Machine
) -> None:
    assert (diff(old, new) == ()) == (old == new)


@given(close_machines, close_machines)
def test_each_key_is_told_at_most_once_with_both_its_sides(old: Machine, new: Machine) -> None:
    found = diff(old, new)
    assert len({each.key for each in found}) == len(found)
    for each in found:
        assert (each.old, each.new) == (old.by_key.get(each.key), new.by_key.get(each.key))
        assert (each.kind is Kind.ADDED) == (each.old is None)
        assert (each.kind is Kind.REMOVED) == (each.new is None)
        assert (each.kind is Kind.MOVED) == (each.old == each.new)


@given(close_machines, close_machines)
def test_differences_stand_in_the_order_of_either_machine(old: Machine, new: Machine) -> None:
    found = [each.key for each in diff(old, new)]
    added_or_kept = [key for key in found if key in new.by_key]
    assert added_or_kept == [key for key in new.by_key if key in found]
    removed = [key for key in found if key not in new.by_key]
    assert len(removed) == len(set(old.by_key) - set(new.by_key))


@given(close_machines, close_machines)
def test_seen_from_the_other_side_what_was_added_was_removed(old: Machine, new: Machine) -> None:
    there = {each.key: each.kind for each in diff(old, new)}
    back = {each.key: each.kind for each in diff(new, old)}
    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    for key, kind in there.items():
        if kind is not Kind.MOVED:
            assert back[key] is turned[kind]


@given(close_actions, close_actions)
def test_every_action_of_both_sides_is_told_exactly_once(
    old: tuple[Action, ...], new: tuple[Action, ...]
) -> None:
    found = diff_actions(old, new)
    assert [each.new for each in found if each.new is not None] == list(new)
    assert sorted(map(repr, (each.old for each in found if each.old))) == sorted(map(repr, old))
    for each in found:
        if each.kind in (Kind.SAME, Kind.MOVED):
            assert each.old == each.new
        if each.kind is Kind.CHANGED:
            assert each.old is not None
            assert each.new is not None
            assert each.old.name == each.new.name
            assert each.old.argument != each.new.argument


@given(close_actions, close_actions)
def test_actions_have_differences_if_and_only_if_they_are_not_equal(
    old: tuple[Action, ...], new: tuple[Action, ...]
) -> None:
    assert all(each.kind is Kind.SAME for each in diff_actions(old, new)) == (old == new)


# -- actions


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((), (), ()),
        ((RUN, SEND_X), (RUN, SEND_X), (same(RUN), same(SEND_X))),
        ((RUN,), (RUN, SEND_X), (same(RUN), ActionDifference(Kind.ADDED, None, SEND_X))),
        ((RUN, SEND_X), (SEND_X,), (ActionDifference(Kind.REMOVED, RUN, None), same(SEND_X))),
        ((SEND_X,), (SEND_Y,), (ActionDifference(Kind.CHANGED, SEND_X, SEND_Y),)),
        ((RUN,), (RUN_X,), (ActionDifference(Kind.CHANGED, RUN, RUN_X),)),
        ((RUN, SEND_X), (SEND_X, RUN), (same(SEND_X), ActionDifference(Kind.MOVED, RUN, RUN))),
        (
            (RUN, SEND_X),
            (SEND_Y, RUN),
            (ActionDifference(Kind.CHANGED, SEND_X, SEND_Y), same(RUN)),
        ),
        # The same action that moved is told before one with another argument.
        (
            (SEND_X, SEND_Y, RUN),
            (RUN, SEND_Y),
            (
                ActionDifference(Kind.REMOVED, SEND_X, None),
                same(RUN),
                ActionDifference(Kind.MOVED, SEND_Y, SEND_Y),
            ),
        ),
        # Different actions are not each other's.
        (
            (RUN,),
            (SEND_X,),
            (
                ActionDifference(Kind.REMOVED, RUN, None),
                ActionDifference(Kind.ADDED, None, SEND_X),
            ),
        ),
        # Doubled actions are two.
        ((RUN,), (RUN, RUN), (same(RUN), ActionDifference(Kind.ADDED, None, RUN))),
    ],
)
def test_of_actions_it_is_told_what_became_of_each(
    old: tuple[Action, ...], new: tuple[Action, ...], expected: tuple[ActionDifference, ...]
) -> None:
    assert diff_actions(old, new) == expected


# -- transitions

A = Transition("A", "e", (RUN,), "B")
B = Transition("B", "e", (SEND_X,), "C")
C = Transition("C", "e", (), "C")


def test_what_came_and_what_went_is_told_with_the_whole_transition() -> None:
    assert diff(Machine((A, B)), Machine((B, C))) == (
        Difference(Key("A", "e"), Kind.REMOVED, A, None),
        Difference(Key("C", "e"), Kind.ADDED, None, C),
    )


def test_what_changed_is_told_with_the_actions_that_stayed() -> None:
    new = Transition("A", "e", (RUN, SEND_X), "C")
    [difference] = diff(Machine((A, B)), Machine((new, B)))
    actions = (same(RUN), ActionDifference(Kind.ADDED, None, SEND_X))
    assert difference == Difference(Key("A", "e"), Kind.CHANGED, A, new, actions)
    assert (difference.retargeted, difference.moved) == (True, False)
    assert difference.changed_actions == (ActionDifference(Kind.ADDED, None, SEND_X),)


def test_a_transition_that_only_leads_elsewhere_has_changed_without_its_actions() -> None:
    new = Transition("B", "e", (SEND_X,), "A")
    [difference] = diff(Machine((B,)), Machine((new,)))
    assert difference == Difference(Key("B", "e"), Kind.CHANGED, B, new, (same(SEND_X),))
    assert (difference.retargeted, difference.changed_actions) == (True, ())


def test_a_transition_at_another_place_has_moved() -> None:
    assert diff(Machine((A, B, C)), Machine((C, A, B))) == (
        Difference(Key("C", "e"), Kind.MOVED, C, C, moved=True),
    )


def test_a_transition_may_have_changed_and_moved() -> None:
    new = Transition("C", "e", (RUN,), "C")
    assert diff(Machine((A, B, C)), Machine((new, A, B))) == (
        Difference(
            Key("C", "e"),
            Kind.CHANGED,
            C,
            new,
            (ActionDifference(Kind.ADDED, None, RUN),),
            moved=True,
        ),
    )


def test_what_went_is_told_where_it_was() -> None:
    new_c = Transition("C", "e", (), "A")
    kinds = [(d.key.source, d.kind) for d in diff(Machine((A, B, C)), Machine((A, new_c)))]
    assert kinds == [("B", Kind.REMOVED), ("C", Kind.CHANGED)]


def test_a_difference_has_a_sign_and_no_two_kinds_share_one() -> None:
    assert [f"{kind}{sign}" for kind, sign in SIGNS.items()] == [
        "added+",
        "removed−",
        "changed~",
        "moved↕",
        "same=",
    ]
    assert [each.sign for each in diff(Machine((A,)), Machine((B,)))] == ["−", "+"]
