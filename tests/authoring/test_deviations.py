"""Deciding on differences: what is refused, what closes and comes back, what is kept."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from capabilities.authoring import (
    capabilities,
    definitions,
    deviations,
    machine_templates,
    notes,
    overrides,
    renames,
)
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.machines.deviations import State
from capabilities.machines.machine import Key
from capabilities.models import Capability, Deviation, Fleet, Kind, Note, deviations_of

from ..deciding import INGESTED, NAME, NOT_INGESTED, PLANNED, capability, decided, seen, standings
from ..factories import (
    COMPLETE,
    FAIL,
    PASS,
    RESUME,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    state,
)
from ..factories import seen as seen_definition

BY = editor_author()
TODAY = date(2026, 11, 24)
ACCEPTED: dict[str, Any] = {
    "state": "accepted",
    "reason": "Nobody reads it.",
    "until": TODAY,
    "owner": "bea",
}


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=True):
        yield


def stands(key: Key, today: date = TODAY) -> State:
    return standings(today)[key].state


def question() -> Note:
    note = Note.objects.filter(capability__name=NAME, is_question=True).first()
    assert note
    return note


def put(text: str, kind: str = Kind.CURRENT) -> None:
    """Have one line in one of the two machines."""
    transition = line(text)
    there = effective(NAME, kind).by_key.get(transition.key)
    overrides.put(
        definition=seen_definition(NAME, kind),
        key=transition.key if there else None,
        transition=transition,
        by=BY,
    )


def drop(key: Key, kind: str) -> None:
    overrides.drop(definition=seen_definition(NAME, kind), key=key, by=BY)


# -- deciding


def test_without_a_decision_every_difference_is_unexplained(seed: Plan) -> None:
    found = standings()
    assert list(found) == [COMPLETE, PASS, FAIL, INGESTED, NOT_INGESTED]
    assert {each.state for each in found.values()} == {State.UNEXPLAINED}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (PLANNED, "planned, WS-812, owner ada"),
        (ACCEPTED, "accepted, until 2026-11-24, owner bea: Nobody reads it."),
    ],
)
def test_a_decision_is_kept_with_all_that_was_said_and_logged(
    seed: Plan, said: dict[str, Any], told: str
) -> None:
    before, machines = head(), effective(NAME, Kind.IDEAL)
    row = decided(**{"ticket": "", **said, "message": "WS-807"})
    kept = Deviation.objects.get(pk=row.pk)
    assert {name: getattr(kept, name) for name in said} == said
    assert (kept.decided_by, kept.key, kept.about.text) == ("ada", COMPLETE, seen(COMPLETE))
    found = standings()[COMPLETE]
    assert (found.state.value, found.decision) == (said["state"], kept.value)
    (entry,) = last_entries(before)
    assert (entry.name, entry.kind, entry.message) == (NAME, "ideal", "WS-807")
    assert entry.summary == f"Decided on {NAME} {COMPLETE}: {told}"
    assert (entry.made_of, effective(NAME, Kind.IDEAL)) == ("", machines)


def test_blocked_names_the_question_and_keeps_its_text_when_the_note_goes(seed: Plan) -> None:
    asked = question()
    decided(state="blocked", ticket="", question=asked)
    notes.remove(note=asked, by=BY)
    found = standings()[COMPLETE]
    assert found.decision
    assert (found.state, found.decision.question) == (State.BLOCKED, asked.text)
    assert Deviation.objects.get().question is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ticket": " "}, "ticket"),
        ({"owner": ""}, "owner"),
        ({"state": "withdrawn"}, "state"),
        ({"state": "tolerated"}, "state"),
        ({**ACCEPTED, "reason": ""}, "reason"),
        ({**ACCEPTED, "until": None}, "until"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"state": "blocked"}, "question"),
        ({"ticket": "WS\n1"}, "ticket"),
        ({"reason": "x" * 501}, "reason"),
        ({"owner": "y" * 151}, "owner"),
    ],
)
def test_a_decision_that_does_not_say_what_it_has_to_is_refused_at_its_field(
    seed: Plan, said: dict[str, Any], field: str
) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        decided(**said)
    assert list(refused.value.message_dict) == [field]
    assert state() == before


def test_a_question_about_another_machine_or_that_is_gone_is_refused(seed: Plan) -> None:
    null = Capability.objects.get(name="null")
    other = notes.add(text="Why?", capability=null, kind="current", by=BY)
    gone = question()
    Note.objects.filter(pk=gone.pk).delete()
    before = state()
    remark = Note.objects.filter(capability__name=NAME, is_question=False).first()
    answered = question()
    notes.answer(note=answered, answer="Yes.", by=BY)
    answered.refresh_from_db()
    before = state()
    for asked, why in (
        (other, "another machine"),
        (gone, "removed in the meantime"),
        (remark, "no open question"),
        (answered, "no open question"),
    ):
        with pytest.raises(ValidationError, match=why):
            decided(state="blocked", question=asked)
    assert state() == before


def test_what_waits_for_a_question_is_asked_for_again_when_that_is_answered(seed: Plan) -> None:
    asked = question()
    decided(state="blocked", ticket="", question=asked)
    assert stands(COMPLETE) is State.BLOCKED
    notes.answer(note=asked, answer="Yes, at once.", by=BY)
    standing = standings()[COMPLETE]
    assert standing.state is State.REOPENED
    assert standing.decision
    assert standing.decision.answer == "Yes, at once."
    notes.reopen(note=Note.objects.get(pk=asked.pk), by=BY)
    assert stands(COMPLETE) is State.BLOCKED


def test_where_there_is_no_difference_there_is_nothing_to_decide(seed: Plan) -> None:
    shown = seen(COMPLETE)
    definitions.make_same_as_current(definition=seen_definition(NAME, Kind.IDEAL), by=BY)
    before = state()
    for key in (COMPLETE, RESUME, Key("No", "such")):
        with pytest.raises(ValidationError, match="there is nothing to decide"):
            decided(key, seen=shown)
    assert state() == before


def test_another_difference_than_was_seen_is_a_conflict(seed: Plan) -> None:
    shown = seen(FAIL)
    put("[Awaiting QA] - <qa-fail> {QaFail} {Shout} -> [Failed]", Kind.IDEAL)
    before = state()
    with pytest.raises(ConflictError, match=r"The difference at .* was changed"):
        decided(FAIL, seen=shown)
    assert state() == before


def test_who_decides_late_does_not_overwrite_what_somebody_else_decided(seed: Plan) -> None:
    first = decided(newest=0)
    before = state()
    with pytest.raises(ConflictError, match=r"The decision on .* was changed"):
        decided(newest=0, ticket="WS-1")
    with pytest.raises(ConflictError, match="The decision on"):
        deviations.withdraw(capability=capability(), key=COMPLETE, newest=0, by=BY)
    assert state() == before
    decided(newest=first.pk, ticket="WS-1")


def test_many_are_decided_at_once_or_none_is(seed: Plan) -> None:
    chosen = [deviations.Chosen(capability(), key, seen(key), 0) for key in (INGESTED, FAIL)]
    before = head()
    assert len(deviations.decide_each(chosen=chosen, **PLANNED, by=BY)) == 2
    (entry,) = last_entries(before)
    assert str(INGESTED) in entry.summary
    assert str(FAIL) in entry.summary
    unchanged = state()
    with pytest.raises(ConflictError):
        deviations.decide_each(
            chosen=[deviations.Chosen(capability(), PASS, seen(PASS), 0), *chosen],
            **PLANNED,
            by=BY,
        )
    with pytest.raises(ValidationError, match="Choose the differences"):
        deviations.decide_each(chosen=[], **PLANNED, by=BY)
    assert state() == unchanged


def test_differences_of_several_capabilities_are_decided_at_once(seed: Plan) -> None:
    null = Capability.objects.get(name="null")
    overrides.drop(definition=seen_definition("null", Kind.IDEAL), key=RESUME, by=BY)
    found = deviations_of(Fleet(), TODAY)
    chosen = [
        deviations.Chosen(owner, each.key, each.seen, 0)
        for owner in (null, capability())
        for each in found[owner.name]
    ]
    before = head()
    deviations.decide_each(chosen=chosen, **PLANNED, by=BY)
    entries = last_entries(before)
    assert [each.name for each in entries] == ["null", NAME]
    assert {each.summary for each in entries} == {
        "Decided on 6 differences: planned, WS-812, owner ada"
    }
    found = deviations_of(Fleet(), TODAY)
    assert {each.state for name in found for each in found[name]} == {State.PLANNED}


# -- withdrawing


def test_what_is_withdrawn_is_unexplained_again_and_the_history_stays(seed: Plan) -> None:
    decided()
    before = head()
    deviations.withdraw(capability=capability(), key=COMPLETE, reason="Not after all.", by=BY)
    assert stands(COMPLETE) is State.UNEXPLAINED
    assert [each.state for each in Deviation.objects.all()] == ["withdrawn", "planned"]
    (entry,) = last_entries(before)
    assert entry.summary == f"Withdrew the decision on {NAME} {COMPLETE}: it was planned"
    unchanged = state()
    for key in (COMPLETE, PASS):
        with pytest.raises(ValidationError, match="Nothing is decided"):
            deviations.withdraw(capability=capability(), key=key, by=BY)
    assert state() == unchanged


# -- what becomes of a decision


def test_the_newest_decision_counts_and_all_are_kept(seed: Plan) -> None:
    rows = [decided(), decided(**ACCEPTED), decided(ticket="WS-900")]
    found = standings()[COMPLETE]
    assert found.decision
    assert (found.state, found.decision.ticket) == (State.PLANNED, "WS-900")
    assert [each.pk for each in Deviation.objects.all()] == [each.pk for each in reversed(rows)]


def test_a_decision_turns_overdue_on_the_day_after_its_date(seed: Plan) -> None:
    decided(**ACCEPTED)
    assert stands(COMPLETE) is State.ACCEPTED
    assert stands(COMPLETE, TODAY + timedelta(days=1)) is State.OVERDUE


def test_a_difference_that_changes_is_asked_for_again_until_it_is_decided_anew(
    seed: Plan,
) -> None:
    decided(FAIL)
    then = seen(FAIL)
    put("[Awaiting QA] - <qa-fail> {Shout} -> [Failed]", Kind.IDEAL)
    found = standings()[FAIL]
    assert found.decision
    assert (found.state, found.decision.about.text) == (State.REOPENED, then)
    decided(FAIL)
    assert stands(FAIL) is State.PLANNED


def align_current() -> None:
    put("[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]")


def move_current_back() -> None:
    put("[Awaiting QA] - <qa-fail> {no action} -> [Failed]")


def align_ideal() -> None:
    put("[Awaiting QA] - <qa-fail> {no action} -> [Failed]", Kind.IDEAL)


def move_ideal_back() -> None:
    put("[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]", Kind.IDEAL)


def add_to_current() -> None:
    put("[Ingesting] - <workflow-failed> {no action} -> [Failed]")
    ideal = effective(NAME, Kind.IDEAL).by_key[NOT_INGESTED]
    overrides.put(definition=seen_definition(NAME), key=NOT_INGESTED, transition=ideal, by=BY)


def take_from_current() -> None:
    overrides.restore(definition=seen_definition(NAME), key=NOT_INGESTED, by=BY)


def take_from_ideal() -> None:
    drop(NOT_INGESTED, Kind.IDEAL)


def give_back_to_ideal() -> None:
    overrides.restore(definition=seen_definition(NAME, Kind.IDEAL), key=NOT_INGESTED, by=BY)


@pytest.mark.parametrize(
    ("key", "go", "come"),
    [
        (FAIL, align_current, move_current_back),
        (FAIL, align_ideal, move_ideal_back),
        (NOT_INGESTED, add_to_current, take_from_current),
        (NOT_INGESTED, take_from_ideal, give_back_to_ideal),
    ],
)
def test_a_decision_closes_with_its_difference_and_does_not_count_when_it_comes_back(
    seed: Plan, key: Key, go: Callable[[], None], come: Callable[[], None]
) -> None:
    decided(key)
    decided(PASS)
    then = seen(key)
    go()
    assert stands(key) is State.CLOSED
    come()
    assert (stands(key), seen(key)) == (State.REOPENED, then)
    assert stands(PASS) is State.PLANNED  # what it was decided of was there all the time
    decided(key)
    assert stands(key) is State.PLANNED


def test_a_difference_that_a_machine_template_takes_away_is_known_to_have_been_gone(
    seed: Plan,
) -> None:
    decided(INGESTED)
    ideal = effective(NAME, Kind.IDEAL).by_key[INGESTED]
    qa = seen_definition(NAME, Kind.IDEAL).capability.definitions.get(kind="ideal")
    template = qa.machine_template
    assert template
    machine_templates.drop(machine_template=template, key=INGESTED, version=template.version, by=BY)
    assert stands(INGESTED) is State.CLOSED
    template.refresh_from_db()
    machine_templates.put(
        machine_template=template, key=None, transition=ideal, version=template.version, by=BY
    )
    assert stands(INGESTED) is State.REOPENED


def test_writes_that_leave_the_difference_alone_leave_the_decision(seed: Plan) -> None:
    decided()
    drop(RESUME, Kind.CURRENT)
    put("[Queued] - <capability-cancelled> {no action} -> [Failed]", Kind.IDEAL)
    capabilities.require_qa(capability=capability(), requires_qa=True, by=BY)
    assert stands(COMPLETE) is State.PLANNED


def test_a_name_that_begins_as_the_decided_one_is_another_one(seed: Plan) -> None:
    """Whole lines are looked for: case, and what stands behind, count."""
    decided(FAIL)
    put("[Awaiting QA] - <qa-fail> {qafail} -> [Failed]", Kind.IDEAL)
    put("[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]", Kind.IDEAL)
    assert stands(FAIL) is State.REOPENED


# -- what goes with it


def test_a_rename_leaves_what_was_decided_with_the_new_name(seed: Plan) -> None:
    decided(FAIL)
    decided(NOT_INGESTED, reason="Soon.")
    drop(NOT_INGESTED, Kind.IDEAL)
    decided(PASS)
    align = effective(NAME).by_key[PASS]
    ideal = effective(NAME, Kind.IDEAL).by_key[PASS]
    for each in (align, ideal):
        overrides.put(
            definition=seen_definition(NAME, Kind.IDEAL), key=PASS, transition=each, by=BY
        )
    assert [stands(each) for each in (FAIL, NOT_INGESTED, PASS)] == [
        State.PLANNED,
        State.CLOSED,
        State.REOPENED,
    ]
    renames.rename(term_kind="state", old="Awaiting QA", new="Waiting", by=BY)
    renames.rename(term_kind="state", old="Failed", new="Broken", by=BY)
    found = standings(TODAY)
    assert found[Key("Waiting", "qa-fail")].state is State.PLANNED
    assert found[Key("Waiting", "qa-pass")].state is State.REOPENED  # it had gone before
    assert found[NOT_INGESTED].state is State.CLOSED
    closed = found[NOT_INGESTED].decision
    assert closed
    assert "[Broken]" in closed.about.text
    assert not {FAIL, PASS} & set(found)


def test_a_rename_of_an_action_leaves_the_decision(seed: Plan) -> None:
    decided(FAIL)
    renames.rename(term_kind="action", old="QaFail", new="FailQa", by=BY)
    assert stands(FAIL) is State.PLANNED
    assert "{FailQa}" in Deviation.objects.get().new_line


def test_decisions_go_with_their_capability_alone(seed: Plan) -> None:
    decided()
    definitions.make_same_as_current(definition=seen_definition(NAME, Kind.IDEAL), by=BY)
    assert stands(COMPLETE) is State.CLOSED
    capabilities.remove(capability=capability(), by=BY)
    assert not Deviation.objects.exists()


def test_a_decision_on_a_capability_that_was_removed_meanwhile_is_refused(seed: Plan) -> None:
    gone, shown = capability(), seen(COMPLETE)
    capabilities.remove(capability=capability(), by=BY)
    before = state()
    with pytest.raises(ValidationError):
        decided(capability=gone, seen=shown)
    with pytest.raises(ValidationError, match="Nothing is decided"):
        deviations.withdraw(capability=gone, key=COMPLETE, by=BY)
    assert state() == before
