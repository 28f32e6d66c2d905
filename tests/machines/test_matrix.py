"""The matrix: what each machine does with each key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.machine import Key, Machine
from capabilities.machines.matrix import (
    MEANINGS,
    SIGNS,
    Cell,
    Column,
    Group,
    Treatment,
    cells,
    columns,
    treatments,
)
from tests.factories import machine_of
from tests.strategies import close_machines, machines

BENEATH = machine_of(
    "[A] - <go> {Run x} -> [B]", "[B] - <go> {Run x} -> [C]", "[C] - <go> {no action} -> [D]"
)
MACHINE = machine_of(
    "[A] - <go> {Run x} -> [B]", "[B] - <go> {Run y} -> [C]", "[D] - <go> {no action} -> [A]"
)


def test_each_key_is_treated_in_one_of_the_ways() -> None:
    assert treatments(MACHINE, BENEATH) == {
        Key("A", "go"): Treatment.SAME,
        Key("B", "go"): Treatment.OVERRIDDEN,
        Key("D", "go"): Treatment.ADDED,
        Key("C", "go"): Treatment.MISSING,
    }


def test_another_place_in_the_order_is_the_same() -> None:
    turned = Machine(tuple(reversed(BENEATH.transitions)))
    assert set(treatments(turned, BENEATH).values()) == {Treatment.SAME}


def test_columns_stand_by_source_state_the_commonest_first() -> None:
    rare = machine_of("[Z] - <rare> {no action} -> [A]", "[A] - <stop> {no action} -> [A]")
    common = machine_of("[A] - <go> {no action} -> [B]", "[B] - <go> {no action} -> [A]")
    found = columns([treatments(each, each) for each in (rare, common, common)])
    assert found == (
        Group("A", (Column(Key("A", "go"), 2), Column(Key("A", "stop"), 1))),
        Group("B", (Column(Key("B", "go"), 2),)),
        Group("Z", (Column(Key("Z", "rare"), 1),)),
    )


def test_what_is_equally_common_is_read_as_the_machine_is() -> None:
    machine = machine_of("[Z] - <b> {no action} -> [M]", "[M] - <a> {no action} -> [A]")
    assert [group.source for group in columns([treatments(machine, machine)])] == ["Z", "M"]


def test_a_column_counts_the_machines_that_have_it_and_stands_by_those_that_drop_it_too() -> None:
    drops = treatments(Machine(BENEATH.transitions[:1]), BENEATH)
    (_, b, c) = columns([drops, treatments(BENEATH, BENEATH)])
    assert (b.columns, c.columns) == (
        (Column(Key("B", "go"), 1),),
        (Column(Key("C", "go"), 1),),
    )


def test_the_most_common_columns_can_be_chosen() -> None:
    found = columns([treatments(MACHINE, BENEATH), treatments(BENEATH, BENEATH)], most=3)
    assert [each.key.source for group in found for each in group.columns] == ["A", "B", "C"]


def test_a_cell_says_where_current_and_ideal_differ() -> None:
    found = treatments(MACHINE, BENEATH)
    (cell,) = cells(found, columns([found], most=1), different=[Key("A", "go")])
    assert cell == Cell(Key("A", "go"), Treatment.SAME, differs=True)
    assert cell.sign == "="


@pytest.mark.parametrize("treatment", Treatment)
def test_each_treatment_has_a_sign_of_its_own_and_a_meaning(treatment: Treatment) -> None:
    assert list(SIGNS.values()).count(SIGNS[treatment]) == 1
    assert MEANINGS[treatment]


@given(st.lists(st.tuples(close_machines, close_machines), max_size=4))
def test_every_transition_of_every_machine_is_in_exactly_one_cell(
    pairs: list[tuple[Machine, Machine]],
) -> None:
    treated = [treatments(machine, beneath) for machine, beneath in pairs]
    groups = columns(treated)
    keys = [column.key for group in groups for column in group.columns]
    assert len(keys) == len(set(keys))
    assert len({group.source for group in groups}) == len(groups)
    has = {Treatment.SAME, Treatment.OVERRIDDEN, Treatment.ADDED}
    for (machine, beneath), found in zip(pairs, treated, strict=True):
        line = cells(found, groups)
        assert [cell.key for cell in line] == keys
        assert sorted(cell.key for cell in line if cell.treatment in has) == sorted(machine.by_key)
        assert {cell.key for cell in line if cell.treatment is Treatment.MISSING} == (
            beneath.by_key.keys() - machine.by_key.keys()
        )


@given(st.lists(close_machines, max_size=4))
def test_the_counts_of_the_columns_are_those_of_the_transitions(found: list[Machine]) -> None:
    groups = columns([treatments(each, Machine()) for each in found])
    total = sum(column.machines for group in groups for column in group.columns)
    assert total == sum(map(len, found))


@given(machines)
def test_a_machine_over_itself_is_the_same_everywhere(machine: Machine) -> None:
    assert set(treatments(machine, machine).values()) <= {Treatment.SAME}
