"""What is deployed against what should be, and how it stands by what was decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.drift import WHOLE, Drift, DriftKind, TypedMachine, drifts, named
from capabilities.machines.known_drift import Known, State, drift_as_plain, standings, told
from capabilities.machines.machine import Key, Machine

from ..drifted import typed
from ..factories import machine_of
from ..strategies import close_machines

START = "[Start] - <go> {Queue x} {Send a} -> [Queued]"
STOP = "[Queued] - <stop> {no action} -> [Failed]"
RESUME = "[Queued] - <resume> {Run x} -> [Done]"
SHOULD = machine_of(START, STOP)
TODAY = "2026-11-24"

fleets = st.dictionaries(
    st.sampled_from("ab"),
    st.builds(TypedMachine, close_machines, st.sampled_from(["", "Simple"])),
)


def drifts_of(*lines: str) -> tuple[Drift, ...]:
    return drifts(typed(null=machine_of(*lines)), typed(null=SHOULD))


def sentences(*lines: str) -> list[str]:
    return [each for found in drifts_of(*lines) for each in found.sentences]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((START, STOP), []),
        (
            (STOP,),
            ["[Start] - <go> is missing; it should do this: {Queue x} {Send a}, then [Queued]."],
        ),
        (
            (START, STOP, RESUME),
            ["[Queued] - <resume> is extra; it does this: {Run x}, then [Done]."],
        ),
        (
            ("[Start] - <go> {Queue x} -> [Queued]", STOP),
            ["[Start] - <go> does not do {Send a}, which it should."],
        ),
        (
            ("[Start] - <go> {Queue x} {Send a} {QaPass} -> [Queued]", STOP),
            ["[Start] - <go> does {QaPass}, which it should not."],
        ),
        (
            ("[Start] - <go> {Queue y} {Send a} -> [Done]", STOP),
            [
                "[Start] - <go> does {Queue y}; it should do {Queue x}.",
                "[Start] - <go> leads to [Done]; it should lead to [Queued].",
            ],
        ),
        (
            ("[Start] - <go> {Send a} {Queue x} -> [Queued]", STOP),
            ["[Start] - <go> does {Queue x} at another place in the order."],
        ),
        ((STOP, START), ["[Queued] - <stop> stands at another place in the order."]),
    ],
)
def test_each_row_that_is_otherwise_is_told(lines: tuple[str, ...], said: list[str]) -> None:
    assert sentences(*lines) == said


def test_machines_that_are_missing_extra_and_of_another_type_are_told() -> None:
    deployed = {"extra": TypedMachine(SHOULD), "typed": TypedMachine(SHOULD, "A")}
    expected = {"gone": TypedMachine(SHOULD), "typed": TypedMachine(SHOULD, "B")}
    found = drifts(deployed, expected)
    assert {each.capability: each.kind for each in found} == {
        "extra": DriftKind.EXTRA,
        "gone": DriftKind.MISSING,
        "typed": DriftKind.CHANGED,
    }
    assert [each.sentences for each in found] == [
        ["The machine is extra: it is there, with 2 transitions, and should not be."],
        ["The machine is missing: it should be there, with 2 transitions."],
        ["The machine type is “A”; it should be “B”."],
    ]
    assert {each.key for each in found} == {WHOLE}
    assert named(found[0].subject) == "extra as a whole"
    (none,) = drifts({"x": TypedMachine(SHOULD)}, {"x": TypedMachine(SHOULD, "B")})
    (unwanted,) = drifts({"x": TypedMachine(SHOULD, "B")}, {"x": TypedMachine(SHOULD)})
    assert none.sentences == ["The machine type is not given; it should be “B”."]
    assert unwanted.sentences == ["The machine type is “B”; but no type writes this machine."]


@given(fleets, fleets)
def test_there_is_drift_where_and_only_where_something_is_otherwise(
    deployed: dict[str, TypedMachine], expected: dict[str, TypedMachine]
) -> None:
    found = drifts(deployed, expected)
    assert (found == ()) == (deployed == expected)
    assert all(each.text and each.sentences for each in found)
    assert len({each.subject for each in found}) == len(found)
    assert len({(each.subject, each.text) for each in found}) == len(found)


# -- how it stands


def known(drift: Drift, **words: object) -> Known:
    said = {"about": drift.text, "until": TODAY, "number": 1, **words}
    return Known(*drift.subject, **said)  # type: ignore[arg-type]


def state(drift: Drift, decision: Known | None) -> State:
    (found,) = standings([drift], [decision] if decision else [], TODAY)
    assert found.counts is (found.state is not State.KNOWN)
    return found.state


def test_a_drift_stands_as_the_newest_decision_says() -> None:
    (drift,) = drifts_of(START)
    assert state(drift, None) is State.UNEXPLAINED
    assert state(drift, known(drift)) is State.KNOWN
    assert state(drift, known(drift, holds=False)) is State.UNEXPLAINED
    assert state(drift, known(drift, until="2026-11-23")) is State.OVERDUE
    assert state(drift, known(drift, about="- another")) is State.REOPENED


def test_what_is_unexplained_comes_first_and_what_closed_last() -> None:
    found = drifts_of(RESUME, STOP)
    gone = Known("null", Key("Done", "again"), "- x", until=TODAY)
    withdrawn = Known("null", Key("Done", "twice"), "- x", holds=False)
    standing = standings(found, [known(found[0]), gone, withdrawn], TODAY)
    assert [each.state for each in standing] == [State.UNEXPLAINED, State.KNOWN, State.CLOSED]
    assert not standing[-1].counts
    assert drift_as_plain(standing[0]) == {
        "capability": "null",
        "source": found[1].key.source,
        "event": found[1].key.event,
        "kind": str(found[1].kind),
        "sentences": found[1].sentences,
        "expected": found[1].should or None,
        "deployed": found[1].there or None,
        "state": "unexplained",
        "owner": None,
        "reason": None,
        "until": None,
    }


def test_the_verdict_says_whether_all_of_it_is_known() -> None:
    (drift,) = drifts_of(START)
    explained = standings([drift], [known(drift)], TODAY)
    assert told(()) == "What is deployed is what it should be."
    assert told(standings((), [known(drift)], TODAY)) == "What is deployed is what it should be."
    assert told(explained) == "Drift: 1 known; all of it is known."
    assert told(explained, 2) == "Drift: 1 known and 2 broken rows."
    assert told(standings([drift], (), TODAY), 1) == "Drift: 1 unexplained and 1 broken row."


def test_nothing_is_deployed() -> None:
    (found,) = drifts({}, typed(null=Machine()))
    assert found.sentences == ["The machine is missing: it should be there, with 0 transitions."]
