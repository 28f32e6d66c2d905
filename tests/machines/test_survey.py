"""The survey: totals in words, what departs from machine templates, and filters."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.checks import Finding
from capabilities.machines.deviations import About, Decision, Says, State, standings
from capabilities.machines.diff import diff
from capabilities.machines.machine import Key, Machine, bind
from capabilities.machines.narrowing import FILTERS, NO_TEMPLATE, Narrowing, offers
from capabilities.machines.notation import Note
from capabilities.machines.survey import Side, Surveyed, everywhere, is_bound, told, totals
from tests.factories import machine_of
from tests.strategies import close_machines

SIMPLE = machine_of("[A] - <go> {Run (name)} -> [B]", "[B] - <go> {no action} -> [C]")
BOUND = bind(SIMPLE, {"name": "x"})
OTHER = machine_of("[A] - <go> {Run y} -> [B]", "[C] - <go> {no action} -> [B]")
WARNING = Finding("completion-before-qa", "“x” is sent before QA.")
INFO = Finding("no-cancellation", "No transition handles “capability-cancelled”.")
ERROR = Finding("no-qa", "The capability requires QA, and no transition handles “qa-pass”.")


def side(kind: str = "current", machine: Machine = BOUND, *findings: Finding) -> Side:
    return Side(kind, machine, BOUND, "Simple", "simple", matches=("Simple",), findings=findings)


def own(kind: str, *findings: Finding) -> Side:
    """A machine that no machine template makes."""
    return Side(kind, OTHER, BOUND, "Simple", "simple", overrides=3, findings=findings)


PLAIN = Surveyed("plain", side("current", BOUND, INFO), None, (), notes=2)
DIFFERENCES = diff(OTHER, BOUND)
PLANNED = Decision(DIFFERENCES[0].key, Says.PLANNED, About.of(DIFFERENCES[0]), ticket="WS-1")
GONE = Decision(Key("Z", "gone"), Says.PLANNED, About("x", ""))
APART = Surveyed(
    "apart",
    own("current", WARNING, INFO),
    side("ideal", BOUND, INFO),
    DIFFERENCES,
    standings=standings(DIFFERENCES, (PLANNED, GONE), "2026-11-24"),
    questions=(("ideal", Note("Is it sent?", is_question=True)),),
)
BARE = Surveyed("bare_1", Side("current", OTHER, Machine(), findings=(ERROR,)), None, ())
ALL = (PLAIN, APART, BARE)


# -- what departs


def test_a_machine_that_is_its_template_s_has_nothing_told() -> None:
    assert PLAIN.told == []


def test_a_machine_of_its_own_is_told_with_what_it_is_made_of() -> None:
    assert APART.told == [
        "The current machine matches no machine template: it is “Simple” and 3 transitions of its "
        "own (1 added, 1 overridden and 1 missing)."
    ]


def test_a_machine_without_a_template_is_told() -> None:
    assert BARE.told == [
        "The current machine matches no machine template, and has none beneath it."
    ]


def test_a_stage_makes_what_no_template_is() -> None:
    staged = Side("ideal", OTHER, OTHER, "Simple", "simple", stages=("QA",))
    assert staged.told == "The ideal machine matches no machine template: it is “Simple” and “QA”."


def test_a_machine_is_a_template_s_once_its_parameters_are_bound() -> None:
    assert is_bound(BOUND, SIMPLE, {"name": "x"})
    assert not is_bound(BOUND, SIMPLE, {"name": "y"})
    assert not is_bound(OTHER, SIMPLE, {"name": "x"})
    assert not is_bound(BOUND, SIMPLE, {"name": "\0"})


@given(close_machines, close_machines)
def test_without_parameters_a_machine_is_another_one_only_if_they_are_equal(
    machine: Machine, other: Machine
) -> None:
    assert is_bound(machine, other, {}) == (machine == other)


# -- totals


def test_the_totals_are_a_sentence() -> None:
    assert told(totals(ALL)) == (
        "3 capabilities; 1 differs from its ideal in 3 transitions: 2 unexplained and 1 planned; "
        "2 match no machine template; 5 findings: 1 error, 1 warning and 3 for information; "
        "2 notes; 1 open question."
    )
    assert told(totals([PLAIN])) == (
        "1 capability; none differs from its ideal; 1 finding: 1 for information; 2 notes; "
        "0 open questions."
    )
    assert told(totals([])) == (
        "0 capabilities; none differs from its ideal; 0 findings; 0 notes; 0 open questions."
    )


def test_the_decisions_that_closed_are_not_counted_among_its_differences() -> None:
    assert [(each.state, each.number, each.sign) for each in APART.decided] == [
        (State.UNEXPLAINED, 2, "?"),
        (State.PLANNED, 1, "▸"),
    ]
    assert PLAIN.decided == ()


def test_what_the_ideal_does_differently_is_told_and_nothing_without_one() -> None:
    assert "{Run x} is now done when <go> arrives in [A]." in APART.effects
    assert PLAIN.effects == ()


def test_each_total_leads_to_what_it_counts() -> None:
    flat = [part for each in totals(ALL) for part in (each, *each.parts)]
    narrowed = {
        each.text: len(Narrowing.of({each.filter: each.value} if each.filter else {}).of_all(ALL))
        for each in flat
    }
    assert narrowed == {
        "3 capabilities": 3,
        "1 differs from its ideal in 3 transitions": 1,
        "2 unexplained": 1,
        "1 planned": 1,
        "2 match no machine template": 2,
        "5 findings": 3,
        "1 error": 1,
        "1 warning": 1,
        "3 for information": 2,
        "2 notes": 1,
        "1 open question": 1,
    }


def test_what_is_said_of_every_machine_is_said_once() -> None:
    assert everywhere([PLAIN, APART]) == (INFO,)
    assert everywhere(ALL) == ()
    assert everywhere([PLAIN]) == ()


# -- findings


def test_findings_are_grouped_by_code_errors_first() -> None:
    mixed = Surveyed("x", side("current", BOUND, INFO, ERROR), side("ideal", BOUND, INFO), ())
    assert [(group.code, len(group.findings)) for group in mixed.groups] == [
        ("no-qa", 1),
        ("no-cancellation", 2),
    ]


# -- filters


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["plain", "apart", "bare_1"]),
        ({"differs": "yes"}, ["apart"]),
        ({"differs": "no"}, ["plain", "bare_1"]),
        ({"made": "overridden"}, ["apart"]),
        ({"made": "unmatched"}, ["apart", "bare_1"]),
        ({"template": "simple"}, ["plain", "apart"]),
        ({"template": NO_TEMPLATE}, ["bare_1"]),
        ({"findings": "error"}, ["bare_1"]),
        ({"findings": "none"}, []),
        ({"code": "no-cancellation"}, ["plain", "apart"]),
        ({"notes": "yes"}, ["plain"]),
        ({"q": " A "}, ["plain", "apart", "bare_1"]),
        ({"q": "BARE"}, ["bare_1"]),
        ({"code": "no-cancellation", "differs": "no"}, ["plain"]),
        ({"code": "no such code"}, []),
        ({"nothing": "of ours", "differs": ""}, ["plain", "apart", "bare_1"]),
    ],
)
def test_filters_keep_what_is_asked_for(asked: Mapping[str, str], names: list[str]) -> None:
    assert [each.name for each in Narrowing.of(asked).of_all(ALL)] == names


def test_each_offer_counts_what_it_would_leave() -> None:
    found = {each.name: offered for each, offered in offers(ALL, Narrowing({"template": "simple"}))}
    assert [(o.value, o.count) for o in found["differs"]] == [("yes", 1), ("no", 1)]
    assert [(o.label, o.count, o.chosen) for o in found["template"]] == [
        ("Simple", 2, True),
        ("no machine template", 1, False),
    ]
    assert [o.value for o in found["code"]] == ["completion-before-qa", "no-cancellation"]


def test_what_is_chosen_is_offered_even_if_nothing_is_like_it() -> None:
    narrowing = Narrowing({"code": "gone"})
    (code,) = [offered for each, offered in offers(ALL, narrowing) if each.name == "code"]
    assert [(each.label, each.count) for each in code if each.chosen] == [("gone", 0)]


asked = st.fixed_dictionaries(
    {},
    optional={
        **{
            each.name: st.sampled_from(sorted({v for one in ALL for v in each.values(one)}))
            for each in FILTERS
        },
        "q": st.sampled_from(["a", "bar", "_", "nothing"]),
    },
)


@given(asked)
def test_every_offer_leaves_as_many_as_it_says(asked: dict[str, str]) -> None:
    narrowing = Narrowing.of(asked)
    for each, offered in offers(ALL, narrowing):
        for offer in offered:
            there = Narrowing.of(narrowing.having(each.name, offer.value))
            assert len(there.of_all(ALL)) == offer.count
        without = Narrowing.of(narrowing.having(each.name, ""))
        assert each.name not in without.asked
