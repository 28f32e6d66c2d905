"""Change requests without a database: choosing differences, how one stands, what moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.diff import diff
from capabilities.machines.machine import Key, Machine
from capabilities.machines.review import (
    Event,
    State,
    Verb,
    brought_up_to_date,
    contested,
    digest_of,
    lapsed,
    state_of,
    with_differences,
    writers,
)
from tests.factories import machine_of
from tests.strategies import close_machines

A, B, C = "[A] - <a> {X} -> [B]", "[B] - <b> {X} -> [C]", "[C] - <c> {X} -> [D]"
OTHER_B = "[B] - <b> {Y} -> [C]"
THIRD_B = "[B] - <b> {Z} -> [C]"
ABC = machine_of(A, B, C)
KEY_B = Key("B", "b")


def keys(old: Machine, new: Machine) -> list[Key]:
    return [each.key for each in diff(old, new)]


# -- choosing


@given(close_machines, close_machines)
def test_all_differences_give_the_new_machine_and_none_the_old(old: Machine, new: Machine) -> None:
    assert with_differences(old, new, keys(old, new)) == new
    assert with_differences(old, new, ()) == old


@given(close_machines, close_machines, st.data())
def test_the_chosen_keys_are_as_in_the_new_machine_and_no_other(
    old: Machine, new: Machine, data: st.DataObject
) -> None:
    different = keys(old, new)
    chosen = {key for key in different if data.draw(st.booleans())}
    found = with_differences(old, new, chosen)
    for key in {*old.by_key, *new.by_key}:
        assert found.by_key.get(key) == (new if key in chosen else old).by_key.get(key)
    untouched = [key for key in old.by_key if key not in chosen]
    assert [key for key in found.by_key if key in untouched] == untouched


def test_what_comes_stands_after_the_nearest_one_that_is_there() -> None:
    new = machine_of(A, "[N] - <1> {X} -> [B]", "[N] - <2> {X} -> [B]", B, C)
    found = with_differences(ABC, new, [Key("N", "2")])
    assert [str(key) for key in found.by_key] == [
        "[A] - <a>",
        "[N] - <2>",
        "[B] - <b>",
        "[C] - <c>",
    ]
    first = machine_of("[N] - <1> {X} -> [B]", "[N] - <2> {X} -> [B]", A, B, C)
    assert next(iter(with_differences(ABC, first, [Key("N", "2")]).by_key)) == Key("N", "2")


# -- how it stands

ONE, TWO = "one", "two"


def event(verb: Verb, digest: str = ONE, number: int = 0, by: int = 1) -> Event:
    return Event(verb, digest, number, by)


PROPOSED, EDITED = event(Verb.PROPOSED), event(Verb.EDITED, TWO)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([PROPOSED], State.OPEN),
        ([PROPOSED, event(Verb.COMMENTED)], State.OPEN),
        ([PROPOSED, event(Verb.APPROVED)], State.APPROVED),
        ([PROPOSED, event(Verb.APPROVED), event(Verb.COMMENTED)], State.APPROVED),
        ([PROPOSED, event(Verb.APPROVED, TWO)], State.OPEN),
        ([PROPOSED, event(Verb.APPROVED), EDITED], State.OPEN),
        ([PROPOSED, EDITED, event(Verb.APPROVED)], State.OPEN),
        ([PROPOSED, event(Verb.APPROVED), EDITED, event(Verb.EDITED)], State.OPEN),
        ([PROPOSED, event(Verb.CHANGES_ASKED)], State.CHANGES_ASKED),
        ([PROPOSED, event(Verb.APPROVED), event(Verb.CHANGES_ASKED)], State.CHANGES_ASKED),
        ([PROPOSED, event(Verb.CHANGES_ASKED), EDITED], State.OPEN),
        ([PROPOSED, event(Verb.REFUSED)], State.REFUSED),
        ([PROPOSED, event(Verb.WITHDRAWN)], State.WITHDRAWN),
        ([PROPOSED, event(Verb.APPROVED), event(Verb.APPLIED)], State.APPLIED),
        ([PROPOSED, event(Verb.APPLIED), event(Verb.COMMENTED)], State.APPLIED),
    ],
)
def test_a_request_stands_as_its_events_say(events: list[Event], state: State) -> None:
    assert state_of(events) is state


def test_an_edit_withdraws_every_approval_before_it_and_none_after() -> None:
    events = [PROPOSED, event(Verb.APPROVED, number=2), EDITED, event(Verb.APPROVED, TWO, 4)]
    assert lapsed(events) == {2}


def test_whoever_wrote_any_of_the_texts_is_a_writer() -> None:
    events = [PROPOSED, event(Verb.COMMENTED, by=2), event(Verb.EDITED, by=3)]
    assert writers(events) == {1, 3}


def test_another_base_is_another_digest() -> None:
    assert digest_of("a", "bc") != digest_of("ab", "c")


# -- what moved


@given(close_machines, close_machines)
def test_where_nothing_moved_it_is_what_was_proposed(base: Machine, proposed: Machine) -> None:
    assert contested(base, base, proposed) == ()
    assert brought_up_to_date(base, base, proposed, {}) == proposed


@given(close_machines, close_machines, close_machines, st.booleans())
def test_what_only_one_side_changed_is_kept(
    base: Machine, now: Machine, proposed: Machine, is_proposed: bool
) -> None:
    open_keys = {each.key for each in contested(base, now, proposed)}
    choice = dict.fromkeys(open_keys, is_proposed)
    found = brought_up_to_date(base, now, proposed, choice)
    for key in {*base.by_key, *now.by_key, *proposed.by_key}:
        before, there, wanted = (each.by_key.get(key) for each in (base, now, proposed))
        if key in open_keys:
            assert found.by_key.get(key) == (wanted if is_proposed else there)
        else:
            assert found.by_key.get(key) == (there if wanted == before else wanted)


def test_a_key_that_both_changed_is_told_and_stays_unless_it_is_chosen() -> None:
    now, proposed = machine_of(A, OTHER_B, C), machine_of(A, THIRD_B, C)
    assert [each.key for each in contested(ABC, now, proposed)] == [KEY_B]
    assert brought_up_to_date(ABC, now, proposed, {}) == now
    assert brought_up_to_date(ABC, now, proposed, {KEY_B: True}) == proposed


def test_an_order_that_is_proposed_is_kept_where_nothing_else_moved() -> None:
    now, proposed = machine_of(A, B, C, "[N] - <n> {X} -> [B]"), machine_of(B, A, C)
    found = brought_up_to_date(ABC, now, proposed, {})
    assert [str(key) for key in found.by_key][:3] == ["[B] - <b>", "[A] - <a>", "[C] - <c>"]
    assert len(found) == 4
