"""Effects: what a difference does, found by running both machines."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.machines.effects import (
    BUDGET,
    ActionEffect,
    EffectKind,
    Effects,
    EndEffect,
    OrderEffect,
    Way,
    effects,
)
from capabilities.machines.machine import Action, Machine
from capabilities.machines.notation import parse
from capabilities.machines.plain import effect_as_plain
from capabilities.machines.runs import run
from capabilities.machines.sentences import effect_sentence
from tests.strategies import small_machines

from .test_seed_page import machine as of_seed

SIMPLE = """\
[Start] - <submitted> {Queue x} -> [Queued]
[Queued] - <resume> {Execute x} -> [Executing]
[Executing] - <ok> {SendMessage done} {SendNotification done} -> [Complete]
[Executing] - <bad> {SendMessage failed} {SendNotification failed} -> [Failed]
"""
COMPLETED = (
    Action("SendMessage", "execution_complete"),
    Action("SendNotification", "workflow-complete"),
)


def found(old: str, new: str) -> Effects:
    return effects(parse(old), parse(new))


def told(old: str, new: str) -> list[str]:
    return [effect_sentence(each, old="The old one", new="The new one") for each in found(old, new)]


def test_of_std_calibration_it_finds_that_today_the_user_is_told_complete_before_qa() -> None:
    """DOMAIN: it sends `execution_complete` and `workflow-complete` *before* QA."""
    current, ideal = of_seed("std_calibration"), of_seed("std_calibration", "ideal")
    later, no_longer, *rest = effects(current, ideal)
    assert isinstance(later, ActionEffect)
    assert isinstance(no_longer, ActionEffect)
    assert (later.kind, later.actions) == (EffectKind.LATER, COMPLETED)
    assert (no_longer.kind, no_longer.actions) == (EffectKind.NO_LONGER, COMPLETED)
    assert [way.events[3:] for way in later.ways] == [("qa-pass", "workflow-complete")]
    assert [way.events[3:] for way in no_longer.ways] == [
        ("qa-fail",),
        ("qa-pass", "workflow-failed"),
    ]
    sentences = [
        effect_sentence(each, old="The current machine", new="The ideal machine")
        for each in (later, no_longer, *rest)
    ]
    assert sentences == [
        "The message “execution_complete” and the notification “workflow-complete” are sent "
        "later: by the current machine before [Awaiting QA] and [Ingesting], when "
        "<workflow-complete> arrives in [Executing]; by the ideal machine only after, when "
        "<workflow-complete> arrives in [Ingesting].",
        "The message “execution_complete” and the notification “workflow-complete” are no longer "
        "sent when <qa-fail> arrives in [Awaiting QA] or when <workflow-failed> arrives in "
        "[Ingesting].",
        "The message “execution_failed” is now also sent when <workflow-failed> arrives in "
        "[Ingesting].",
        "{AnnounceQa} is now done when <workflow-complete> arrives in [Executing].",
        "{QaFail} is now done when <qa-fail> arrives in [Awaiting QA].",
        "The notification “ingest-failed” is now sent when <workflow-failed> arrives in "
        "[Ingesting].",
        "The ideal machine goes on in [Ingesting] where the current machine ends in [Complete], "
        "when <qa-pass> arrives in [Awaiting QA].",
        "A run ends in [Failed] instead of [Complete] when <workflow-failed> arrives in "
        "[Ingesting].",
    ]


def test_the_other_way_round_the_same_is_earlier() -> None:
    first = next(iter(effects(of_seed("std_calibration", "ideal"), of_seed("std_calibration"))))
    assert effect_sentence(first, old="The ideal machine", new="The current machine") == (
        "The message “execution_complete” and the notification “workflow-complete” are sent "
        "earlier: by the ideal machine only after [Awaiting QA] and [Ingesting], when "
        "<workflow-complete> arrives in [Ingesting]; by the current machine before, when "
        "<workflow-complete> arrives in [Executing]."
    )


CASES = {
    "the name of one notification is another one": (
        SIMPLE.replace("{SendNotification failed}", "{SendNotification broken}"),
        [
            "The notification “failed” is no longer sent, in any run.",
            "The notification “broken” is now sent when <bad> arrives in [Executing].",
        ],
    ),
    "one transition leads elsewhere": (
        SIMPLE.replace("[Failed]", "[Complete]"),
        ["A run ends in [Complete] instead of [Failed] when <bad> arrives in [Executing]."],
    ),
    "one transition leads back": (
        SIMPLE.replace("[Failed]", "[Queued]"),
        [
            "The message “done” and the notification “done” are now also sent when <ok> arrives "
            "in [Executing].",
            "{Execute x} is done more than once when <resume> arrives in [Queued]; "
            "the old one does it once.",
            "The message “failed” and the notification “failed” are sent more than once when <bad> "
            "arrives in [Executing]; the old one does them once.",
            "The new one goes on in [Queued] where the old one ends in [Failed], when <bad> "
            "arrives in [Executing].",
            "A run ends in [Complete] instead of [Failed] when <ok> arrives in [Executing].",
        ],
    ),
    "one action is not there": (
        SIMPLE.replace("{Execute x}", "{no action}"),
        ["{Execute x} is no longer done, in any run."],
    ),
    "two actions stand the other way round": (
        SIMPLE.replace(
            "{SendMessage failed} {SendNotification failed}",
            "{SendNotification failed} {SendMessage failed}",
        ),
        [
            "The notification “failed” comes before the message “failed” when <bad> arrives in "
            "[Executing]; the old one has them the other way round."
        ],
    ),
    "one action stands twice": (
        SIMPLE.replace("{Queue x}", "{Queue x} {Queue x}"),
        [
            "{Queue x} is done more than once when <submitted> arrives in [Start]; "
            "the old one does it once.",
        ],
    ),
    "one event more ends it": (
        f"{SIMPLE}[Executing] - <cancelled> {{no action}} -> [Cancelled]\n",
        [
            "The new one ends in [Cancelled] where the old one goes on in [Executing], when "
            "<cancelled> arrives in [Executing]."
        ],
    ),
    "only the order of the transitions is another one": (
        "".join([*SIMPLE.splitlines(True)[:2], *reversed(SIMPLE.splitlines(True)[2:])]),
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_edit_is_told_as_exactly_that(case: str) -> None:
    new, sentences = CASES[case]
    assert told(SIMPLE, new) == sentences


def test_an_effect_as_plain_values_names_its_kind_and_its_runs() -> None:
    swapped = "{SendNotification failed} {SendMessage failed}"
    new = SIMPLE.replace("{SendMessage failed} {SendNotification failed}", swapped).replace(
        "[Complete]", "[Done]"
    )
    plain = [effect_as_plain(each, old="the old one", new="b.txt") for each in found(SIMPLE, new)]
    assert plain == [
        {
            "kind": "other order",
            "actions": [
                {"name": "SendNotification", "argument": "failed"},
                {"name": "SendMessage", "argument": "failed"},
            ],
            "sentence": "The notification “failed” comes before the message “failed” when <bad> "
            "arrives in [Executing]; the old one has them the other way round.",
            "runs": [["submitted", "resume", "bad"]],
        },
        {
            "kind": "other end",
            "old": "Complete",
            "new": "Done",
            "sentence": "A run ends in [Done] instead of [Complete] when <ok> arrives in "
            "[Executing].",
            "runs": [["submitted", "resume", "ok"]],
        },
    ]


def test_what_is_done_twice_no_longer_is_done_only_once() -> None:
    twice = SIMPLE.replace("{Execute x}", "{Execute x} {Execute x}")
    assert told(twice, SIMPLE) == [
        "{Execute x} is done only once when <resume> arrives in [Queued]; "
        "the old one does it more than once."
    ]


def test_many_ways_are_counted() -> None:
    lines = [f"[A] - <e{n}> {{SendMessage m}} -> [B]\n" for n in range(6)]
    without = [line.replace("{SendMessage m}", "{no action}") for line in lines[:5]]
    assert told("".join(lines), "".join([*without, lines[5]])) == [
        "The message “m” is no longer sent when <e0> arrives in [A] or when <e1> arrives in [A] "
        "or when <e2> arrives in [A], and in 2 other ways."
    ]


def test_a_machine_out_of_nothing_newly_does_all_that_it_does() -> None:
    kinds = {each.kind for each in found("", SIMPLE) if isinstance(each, ActionEffect)}
    assert kinds == {EffectKind.NEWLY}
    assert len(told("", SIMPLE)) == 4
    assert all(" now " in sentence for sentence in told("", SIMPLE))
    assert all("no longer" in sentence for sentence in told(SIMPLE, ""))


def test_a_search_that_comes_to_its_bound_says_so() -> None:
    assert effects(parse(SIMPLE), parse(SIMPLE.replace("Failed", "Lost"))).whole
    bounded = effects(parse(SIMPLE), parse(SIMPLE.replace("Failed", "Lost")), budget=3)
    assert not bounded.whole


# -- The laws, on machines so small that every run can be tried

LENGTH = 6


def is_of(machine: Machine, events: tuple[str, ...]) -> bool:
    """Whether each event of a run fires in a machine."""
    steps = run(machine, events)
    return len(steps) == len(events) and all(step.transition for step in steps)


def runs_of_either(old: Machine, new: Machine, begun: tuple[str, ...] = ()) -> Iterator[Way]:
    """Every run of either machine that goes on from `begun`, up to LENGTH events more."""
    waiting = [(begun, 0)]
    while waiting:
        events, more = waiting.pop(0)
        if is_of(old, events) or is_of(new, events):
            yield Way(events, run(old, events), run(new, events))
            if more < LENGTH:
                waiting += [((*events, event), more + 1) for event in "xy"]


def times(way: Way, action: Action) -> tuple[int, int]:
    old, new = (sum(s.actions.count(action) for s in side) for side in (way.old, way.new))
    return old, new


def first(way: Way, action: Action) -> tuple[int, int]:
    old, new = (
        next(i for i, step in enumerate(side) if action in step.actions)
        for side in (way.old, way.new)
    )
    return old, new


CLAIMS = {
    EffectKind.NO_LONGER: lambda old, new: old > 0 and new == 0,
    EffectKind.NEWLY: lambda old, new: old == 0 and new > 0,
    EffectKind.ONCE: lambda old, new: old > 1 and new == 1,
    EffectKind.TWICE: lambda old, new: old == 1 and new > 1,
}


@given(small_machines, small_machines, st.integers(0, 60) | st.just(BUDGET))
def test_what_an_effect_claims_holds_in_its_runs_and_however_they_go_on(
    old: Machine, new: Machine, budget: int
) -> None:
    for effect in effects(old, new, budget=budget):
        if not isinstance(effect, ActionEffect):
            continue
        for way in effect.ways:
            assert is_of(old, way.events) or is_of(new, way.events)
            assert (way.old, way.new) == (run(old, way.events), run(new, way.events))
            for action in effect.actions:
                if claim := CLAIMS.get(effect.kind):
                    for longer in runs_of_either(old, new, way.events):
                        assert claim(*times(longer, action))
                else:
                    was, now = first(way, action)
                    assert (was < now) is (effect.kind is EffectKind.LATER)
                    assert max(was, now) == len(way.events) - 1
        if effect.always:
            doing = 1 if effect.kind is EffectKind.NO_LONGER else 0
            for way in runs_of_either(old, new):
                assert not any(times(way, action)[doing] for action in effect.actions)


@given(small_machines, small_machines)
def test_whatever_a_run_that_is_over_shows_is_found(old: Machine, new: Machine) -> None:
    kinds = {
        (effect.kind, action)
        for effect in effects(old, new)
        if isinstance(effect, ActionEffect)
        for action in effect.actions
    }
    for way in runs_of_either(old, new):
        goes_on = any(is_of(m, (*way.events, event)) for m in (old, new) for event in "xy")
        for action in (Action("P"), Action("Q")):
            counted = times(way, action)
            if not goes_on:
                for kind, claim in CLAIMS.items():
                    assert not claim(*counted) or (kind, action) in kinds
            if all(counted):
                was, now = first(way, action)
                if was != now:
                    kind = EffectKind.LATER if was < now else EffectKind.EARLIER
                    assert (kind, action) in kinds


@given(small_machines, small_machines)
def test_runs_that_end_elsewhere_are_found_and_no_others(old: Machine, new: Machine) -> None:
    if not old or not new:
        return
    ends = {(e.old, e.new): e for e in effects(old, new) if isinstance(e, EndEffect)}
    seen = set()
    for way in runs_of_either(old, new):
        if not way.events or way.old[-1].state == way.new[-1].state:
            continue
        last_old, last_new = way.old[-1], way.new[-1]
        if (last_old.transition and last_old.state in old.finals) or (
            last_new.transition and last_new.state in new.finals
        ):
            seen.add((last_old.state, last_new.state))
    assert seen == set(ends)
    for (was, now), effect in ends.items():
        assert (effect.old_is_final, effect.new_is_final) == (was in old.finals, now in new.finals)
        assert {(way.old[-1].state, way.new[-1].state) for way in effect.ways} == {(was, now)}


@given(small_machines)
def test_equal_machines_have_no_effects(machine: Machine) -> None:
    assert effects(machine, machine) == Effects()


@given(small_machines, small_machines)
def test_two_actions_in_another_order_are_told_for_a_step_that_both_make(
    old: Machine, new: Machine
) -> None:
    for effect in effects(old, new):
        if isinstance(effect, OrderEffect):
            was, now = effect.way.old[-1].actions, effect.way.new[-1].actions
            assert now.index(effect.first) < now.index(effect.second)
            assert {effect.first, effect.second} <= set(was)
