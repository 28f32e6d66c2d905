"""Machines that are equal up to the name of whose they are."""

from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.alike import alike, forms
from capabilities.machines.machine import Machine, bind
from capabilities.machines.notation import parse
from tests.strategies import close_machines, machines, names

P = "workflow_name"


def runs(name: str, message: str = "done") -> Machine:
    return parse(
        f"[A] - <go> {{Run {name}}} -> [B]\n[B] - <ok> {{Say {message}}} {{End {name}}} -> [C]\n"
    )


def grouped(machines: dict[str, Machine]) -> list[tuple[str, ...]]:
    return [group.names for group in alike(machines, P)]


def test_machines_that_differ_in_their_own_name_alone_are_a_group() -> None:
    found = alike({"a": runs("a"), "b": runs("b"), "other": runs("b")}, P)
    (group,) = found
    assert group.names == ("a", "b")
    assert group.form == runs("(workflow_name)")


def test_only_a_whole_argument_is_a_name() -> None:
    assert grouped({"null": runs("null_dag"), "null_dag": runs("null_dag")}) == []


def test_equal_machines_that_say_no_name_are_a_group() -> None:
    assert grouped({"a": runs("x"), "b": runs("x")}) == [("a", "b")]


def test_a_name_that_is_a_common_word_too_is_recognised_where_the_others_say_it() -> None:
    found = {name: runs(name) for name in ("a", "done", "b")}
    assert grouped(found) == [("a", "done", "b")]
    (group,) = alike(found, P)
    assert group.form == runs("(workflow_name)")
    # Where the message is each one's own name, it is no common word.
    own = {name: runs(name, name) for name in ("a", "done", "b")}
    assert grouped(own) == [("a", "done", "b")]


def test_the_largest_group_comes_first_and_a_machine_without_transitions_is_in_none() -> None:
    found = {
        "a": runs("a", "x"),
        "b": runs("b", "x"),
        "c": runs("c"),
        "d": runs("d"),
        "e": runs("e"),
        "f": Machine(),
        "g": Machine(),
    }
    assert grouped(found) == [("c", "d", "e"), ("a", "b")]


def test_a_machine_that_says_the_parameter_itself_is_in_no_group() -> None:
    assert grouped({"a": runs("(workflow_name)"), "b": runs("b"), "c": runs("c")}) == [("b", "c")]


@given(machines, names)
def test_every_form_bound_to_the_name_is_the_machine(machine: Machine, name: str) -> None:
    for form in forms(machine, name, P):
        assert bind(form, {P: name}) == machine


@given(st.dictionaries(st.sampled_from(["x", "y", "Run", "z"]), close_machines))
def test_a_group_s_form_bound_to_each_name_is_that_one_s_machine(
    named: dict[str, Machine],
) -> None:
    seen: list[str] = []
    for group in alike(named, P):
        assert len(group.names) >= 2
        seen += group.names
        for name in group.names:
            assert bind(group.form, {P: name}) == named[name]
    assert len(seen) == len(set(seen))


@given(close_machines, st.lists(st.sampled_from(["p", "q", "r"]), min_size=2, unique=True))
def test_what_one_form_makes_of_several_names_is_found_to_be_equal(
    form: Machine, found: list[str]
) -> None:
    named = {name: bind(_with_parameter(form), {P: name}) for name in found}
    assert grouped(named) == ([tuple(found)] if form.transitions else [])


def _with_parameter(machine: Machine) -> Machine:
    """The machine with a parameter where it says x; the names above occur in it nowhere else."""
    return forms(machine, "x", P)[0] if machine.transitions else machine
