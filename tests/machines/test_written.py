"""What machines of one type are written from, found from the machines alone."""

from hypothesis import given, reject
from hypothesis import strategies as st

from capabilities.machines.machine import Action, Machine, Transition, bind, parameters
from capabilities.machines.survey import is_bound
from capabilities.machines.written import written_from

from ..factories import machine_of
from ..strategies import names

P = "workflow_name"

_arguments = st.sampled_from(["", "x", "a", "(workflow_name)", "a-(workflow_name)", "(other)"])
_unbound = st.lists(st.lists(_arguments, max_size=3), min_size=1, max_size=3).map(
    lambda found: Machine(
        tuple(
            Transition("A", f"e{n}", tuple(Action("Run", each) for each in arguments), "B")
            for n, arguments in enumerate(found)
        )
    )
)
_names = st.lists(st.sampled_from(["a", "x", "aa", "null", "-"]) | names, min_size=1, unique=True)


def runs(argument: str) -> Machine:
    return machine_of(f"[A] - <e> {{Run {argument}}} -> [B]")


def test_a_name_is_the_parameter_and_what_all_say_stays() -> None:
    line = "[A] - <e> {{Run {0}}} {{Send done}} {{QaPass}} -> [B]"
    machines = {name: machine_of(line.format(name)) for name in ("null", "true", "1")}
    assert written_from(machines, P, {}) == machine_of(line.format(f"({P})"))


def test_a_word_that_is_spelt_as_one_name_stays() -> None:
    machines = {"done": machine_of("[A] - <e> {Run done} {Send done} -> [B]")}
    machines["null"] = machine_of("[A] - <e> {Run null} {Send done} -> [B]")
    found = written_from(machines, P, {})
    assert found == machine_of("[A] - <e> {Run (workflow_name)} {Send done} -> [B]")


def test_a_name_inside_an_argument_is_found() -> None:
    machines = {name: runs(f"a-{name}") for name in ("a", "b")}
    assert written_from(machines, P, {}) == runs("a-(workflow_name)")


def test_of_one_machine_it_is_what_writes_no_other_one() -> None:
    one = {"null": runs("null")}
    assert written_from(one, P, {}) == runs("(workflow_name)")
    assert written_from(one, P, {"on": runs("null")}) == runs("(workflow_name)")
    assert written_from(one, P, {"on": runs("on")}) == runs("null")


def test_where_every_way_writes_another_one_it_is_the_first() -> None:
    others = {"on": runs("on"), "off": runs("null")}
    assert written_from({"null": runs("null")}, P, others) == runs("(workflow_name)")


def test_machines_that_nothing_writes_have_none() -> None:
    assert written_from({}, P, {}) is None
    assert written_from({"a": runs("a"), "b": runs("x")}, P, {}) is None
    assert (
        written_from({"a": runs("a"), "b": machine_of("[A] - <f> {Run b} -> [B]")}, P, {}) is None
    )
    assert written_from({"a": runs("(workflow_name)")}, P, {}) is None


def test_a_machine_without_transitions_is_written_from_one() -> None:
    assert written_from({"null": Machine()}, P, {"on": Machine()}) == Machine()


def test_a_name_that_stands_in_an_argument_again_and_again_takes_no_time() -> None:
    machines = {"a": runs("a" * 200), "b": runs("b" * 200)}
    assert written_from(machines, P, {}) is None
    line = f"[A] - <e> {'{Run a} ' * 50}-> [B]"
    one = {"a": machine_of(line)}
    assert written_from(one, P, {"b": machine_of(line.replace("Run a", "Run b"))}) is not None


@given(_unbound, _names)
def test_what_wrote_them_is_found_and_writes_exactly_them(
    unbound: Machine, names: list[str]
) -> None:
    try:
        machines = {name: bind(unbound, {P: name}) for name in names}
    except ValueError:
        reject()  # a name that is too long inside an argument
    found = written_from(machines, P, {})
    if any(P in parameters(each) for each in machines.values()):
        assert found is None  # a capability called (workflow_name)
        return
    assert found is not None
    assert all(is_bound(each, found, {P: name}) for name, each in machines.items())
