"""How a difference stands by what was decided about it, and until when."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.deviations import (
    HOLDS,
    SIGNS,
    UNDECIDED,
    About,
    Decision,
    Says,
    Standing,
    State,
    standings,
)
from capabilities.machines.diff import Difference, diff
from capabilities.machines.machine import Machine
from capabilities.machines.notation import parse
from tests.strategies import close_machines

TODAY, YESTERDAY, TOMORROW = "2026-11-24", "2026-11-23", "2026-11-25"
OPEN = (Says.PLANNED, Says.ACCEPTED, Says.BLOCKED)

OLD = parse("[A] - <go> {Run x} -> [B]\n[B] - <ok> {no action} -> [C]\n")
NEW = parse("[A] - <go> {Run y} -> [B]\n[B] - <ok> {no action} -> [C]\n")
(RUNS_Y,) = diff(OLD, NEW)
DECISION = Decision(RUNS_Y.key, Says.PLANNED, About.of(RUNS_Y), ticket="WS-812")


def one(*decisions: Decision, of: tuple[Difference, ...] = (RUNS_Y,)) -> Standing:
    (found,) = standings(of, decisions, TODAY)
    return found


def test_a_difference_is_unexplained_until_somebody_decides() -> None:
    assert one() == Standing(RUNS_Y.key, State.UNEXPLAINED, RUNS_Y, None)
    assert one(DECISION) == Standing(RUNS_Y.key, State.PLANNED, RUNS_Y, DECISION)


@pytest.mark.parametrize("says", OPEN)
def test_past_its_date_whatever_was_decided_is_overdue(says: Says) -> None:
    for until, state in ((TOMORROW, says), (TODAY, says), (YESTERDAY, State.OVERDUE)):
        assert one(replace(DECISION, says=says, until=until)).state == state


def test_what_was_withdrawn_is_unexplained_and_nothing_that_closes() -> None:
    withdrawn = replace(DECISION, says=Says.WITHDRAWN, until=YESTERDAY)
    assert one(withdrawn).state is State.UNEXPLAINED
    assert standings((), [withdrawn], TODAY) == ()


def test_a_decision_closes_by_itself_when_its_difference_goes() -> None:
    for until in ("", YESTERDAY, TOMORROW):
        decision = replace(DECISION, until=until)
        assert one(decision, of=()) == Standing(RUNS_Y.key, State.CLOSED, None, decision)


def test_a_difference_that_becomes_another_one_is_asked_for_again_whatever_the_date() -> None:
    (runs_z,) = diff(OLD, parse("[A] - <go> {Run z} -> [B]\n[B] - <ok> {no action} -> [C]\n"))
    for until in ("", YESTERDAY, TOMORROW):
        found = one(replace(DECISION, until=until), of=(runs_z,))
        assert found.state is State.REOPENED
        assert found.decision
        assert (found.decision.about, found.seen) == (About.of(RUNS_Y), About.of(runs_z).text)


def test_a_difference_that_went_and_came_back_is_asked_for_again() -> None:
    assert one(replace(DECISION, came_back=True)).state is State.REOPENED
    assert one(replace(DECISION, came_back=True), of=()).state is State.CLOSED


def test_another_place_in_the_order_is_another_difference() -> None:
    there = About.of(RUNS_Y)
    assert replace(there, moved=True).text != there.text
    assert one(replace(DECISION, about=replace(there, moved=True))).state is State.REOPENED


def test_a_difference_says_both_of_its_lines() -> None:
    assert About.of(RUNS_Y).text == "- [A] - <go> {Run x} -> [B]\n+ [A] - <go> {Run y} -> [B]"
    added = diff(Machine(), OLD)[0]
    assert About.of(added).text == "+ [A] - <go> {Run x} -> [B]"
    moved = diff(OLD, Machine(tuple(reversed(OLD.transitions))))
    assert {About.of(each).text.splitlines()[-1] for each in moved} == {"moved"}


def test_each_state_has_its_sign() -> None:
    assert set(SIGNS) == set(State)
    assert len(set(SIGNS.values())) == len(State)
    assert {*HOLDS, *UNDECIDED, State.CLOSED} == set(State)


@given(st.data())
def test_every_difference_and_every_open_decision_stands_exactly_once(data: st.DataObject) -> None:
    old, new, older, newer = (data.draw(close_machines) for _ in range(4))
    now, then = diff(old, new), diff(older, newer)
    about = [each for each in (*now, *then) if data.draw(st.booleans())]
    by_key = {
        each.key: Decision(
            each.key,
            data.draw(st.sampled_from(Says)),
            About.of(each),
            until=data.draw(st.sampled_from(["", YESTERDAY, TODAY])),
            came_back=data.draw(st.booleans()),
        )
        for each in about
    }
    decisions = list(by_key.values())
    found = standings(now, decisions, TODAY)
    assert [each.difference for each in found if each.difference] == list(now)
    gone = {each.key for each in found if each.state is State.CLOSED}
    assert gone == {each.key for each in decisions if each.says is not Says.WITHDRAWN} - {
        each.key for each in now
    }
    for each in found:
        assert each.decision == by_key.get(each.key)
        if each.state in HOLDS:
            assert each.decision
            assert each.decision.about.text == each.seen
            assert not each.decision.came_back


@given(close_machines, close_machines, close_machines, close_machines)
def test_two_differences_have_the_same_text_only_if_they_are_the_same(
    old: Machine, new: Machine, other_old: Machine, other_new: Machine
) -> None:
    for one_of in diff(old, new):
        for other in diff(other_old, other_new):
            same = (one_of.old, one_of.new, one_of.moved) == (other.old, other.new, other.moved)
            assert (About.of(one_of).text == About.of(other).text) is same
