"""Two changes of one machine joined: nothing is lost, and nothing comes that nobody chose."""

from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.layers import with_put
from capabilities.machines.machine import Machine
from capabilities.machines.merging import merged, three_ways, with_line_at
from tests.factories import line, machine_of
from tests.strategies import close_machines

A, B, C = "[A] - <a> {X} -> [B]", "[B] - <b> {X} -> [C]", "[C] - <c> {X} -> [D]"
OTHER_B = "[B] - <b> {Y} -> [C]"
MACHINES = close_machines


def begun(base: Machine, theirs: Machine, mine: Machine) -> Machine:
    """What is joined when nobody chooses anything else than what is proposed."""
    rows = three_ways(base, theirs, mine)
    return merged(theirs, mine, {row.key: row.takes_mine for row in rows})


@given(MACHINES, MACHINES, MACHINES)
def test_no_key_is_lost_and_each_stands_once(base: Machine, theirs: Machine, mine: Machine) -> None:
    keys = [row.key for row in three_ways(base, theirs, mine)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {*base.by_key, *theirs.by_key, *mine.by_key}
    assert [key for key in keys if key in theirs.by_key] == list(theirs.by_key)


@given(MACHINES, MACHINES, st.data())
def test_at_each_key_there_is_what_was_chosen(
    theirs: Machine, mine: Machine, data: st.DataObject
) -> None:
    keys = sorted({*theirs.by_key, *mine.by_key})
    choice = {key: data.draw(st.booleans()) for key in keys}
    joined = merged(theirs, mine, choice)
    for key in keys:
        assert joined.by_key.get(key) == (mine if choice[key] else theirs).by_key.get(key)
    kept = [key for key in theirs.by_key if key in joined.by_key]
    assert [key for key in joined.by_key if key in theirs.by_key] == kept


@given(MACHINES, MACHINES)
def test_theirs_stays_when_i_changed_nothing_and_mine_comes_when_they_did_not(
    base: Machine, other: Machine
) -> None:
    assert begun(base, other, base) == other
    assert begun(base, base, other).by_key == other.by_key


@given(MACHINES, MACHINES, MACHINES)
def test_changes_of_different_keys_are_both_kept(
    base: Machine, theirs: Machine, mine: Machine
) -> None:
    joined = begun(base, theirs, mine)
    for row in three_ways(base, theirs, mine):
        if row.theirs == row.base:
            assert joined.by_key.get(row.key) == row.mine
        elif row.mine == row.base:
            assert joined.by_key.get(row.key) == row.theirs


def test_what_both_changed_is_contested_unless_to_the_same() -> None:
    base, theirs = machine_of(A, B), machine_of(A, OTHER_B)
    (row,) = [row for row in three_ways(base, theirs, machine_of(A)) if not row.is_same]
    assert row.is_contested
    assert row.takes_mine
    assert not any(row.is_contested for row in three_ways(base, theirs, theirs))
    assert not any(row.is_contested for row in three_ways(base, theirs, base))


def test_mine_comes_where_it_stood() -> None:
    assert begun(machine_of(A, C), machine_of(A, C), machine_of(A, B, C)) == machine_of(A, B, C)
    assert begun(machine_of(B), machine_of(B, C), machine_of(A, B)) == machine_of(A, B, C)


def test_a_put_takes_the_place_of_what_it_changes() -> None:
    a, b, c = line(A), line(B), line(C)
    assert with_put(machine_of(A, C), a.key, b) == machine_of(B, C)
    assert with_put(machine_of(A, B, C), a.key, c) == machine_of(C, B)
    assert with_put(machine_of(A, B, C), None, line(OTHER_B)) == machine_of(A, OTHER_B, C)
    assert with_put(machine_of(A), b.key, c) == machine_of(A, C)
    assert with_line_at(machine_of(A, B), b.key, None) == machine_of(A)
    assert with_line_at(machine_of(A), b.key, b) == machine_of(A, B)
