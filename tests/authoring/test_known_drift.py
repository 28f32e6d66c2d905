"""Deciding that drift is known: what is refused, what closes and comes back, what is kept."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from capabilities.authoring import known_drift, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.deployment.deployed import read_rows
from capabilities.deployment.mapping import RowMapping
from capabilities.deployment.workspaces import machines_of
from capabilities.machines.drift import WHOLE, Drift, drifts
from capabilities.machines.known_drift import State, standings
from capabilities.models import KnownDrift, newest_known

from ..drifted import (
    Change,
    chosen,
    drift_of,
    known,
    machine_missing,
    one_changed,
    one_extra,
    one_missing,
    rows,
    typo,
)
from ..factories import editor_author, head, last_entries, line, seen, state

BY = editor_author("bea")
TODAY = date(2026, 11, 24)
SAID: dict[str, Any] = {"owner": "ada", "reason": "Until the release.", "until": TODAY}


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=True):
        yield


def stands(*changes: Change, today: date = TODAY) -> list[State]:
    """How the drift of a dump with these changes stands, closed decisions too."""
    found = standings(drift_of(*changes), newest_known(), today.isoformat())
    return [each.state for each in found]


def one(change: Change) -> Drift:
    (found,) = drift_of(change)
    return found


def test_a_decision_is_kept_with_all_that_was_said_and_logged(seed: Plan) -> None:
    before, found = head(), one(one_changed)
    (row,) = known_drift.decide(
        chosen=chosen(found), there=[found], **SAID, message="WS-807", by=BY
    )
    kept = KnownDrift.objects.get(pk=row.pk)
    assert (kept.owner, kept.reason, kept.until) == ("ada", "Until the release.", TODAY)
    assert (kept.capability, kept.key, kept.about) == (*found.subject, found.text)
    (entry,) = last_entries(before)
    assert (entry.name, entry.kind, entry.actor) == ("test_download", "current", "bea")
    assert entry.summary == (
        "Decided on the drift of test_download [Executing] - <workflow-failed>: "
        "known until 2026-11-24, owner ada: Until the release."
    )
    assert (entry.before, entry.made_of, entry.message) == (entry.after, "", "WS-807")


def test_it_closes_reopens_and_is_overdue_by_itself(seed: Plan) -> None:
    known(one_changed, until=TODAY)
    assert stands(one_changed) == [State.KNOWN]
    assert stands() == [State.CLOSED]
    assert stands(one_changed, today=TODAY + timedelta(days=1)) == [State.OVERDUE]

    def otherwise(found: Any) -> None:
        one_changed(found)
        found["capability_state_transitions"][-1]["target_state"] = "Complete"

    assert stands(otherwise) == [State.REOPENED]


def test_what_should_be_may_change_under_a_decision(seed: Plan) -> None:
    (row,) = known(one_changed)
    deployed = rows()
    one_changed(deployed)
    overrides.put(
        definition=seen("test_download"),
        key=row.key,
        transition=line(f"{row.key} {{QaFail}} -> [Failed]"),
        by=BY,
    )
    found = drifts(read_rows(deployed, RowMapping()).machines, machines_of())
    stand = {each.subject: each.state for each in standings(found, newest_known(), str(TODAY))}
    assert stand == {
        ("test_download", WHOLE): State.UNEXPLAINED,  # its type writes another machine now
        ("test_download", row.key): State.REOPENED,
    }


def test_whole_machines_are_known_too_also_one_that_nobody_here_knows(seed: Plan) -> None:
    before = head()
    known(typo)
    assert stands(typo) == [State.KNOWN, State.KNOWN]
    # What is deployed and not known here has no definition that an entry could name.
    assert [entry.name for entry in last_entries(before)] == ["restore_cms"]
    known(machine_missing)
    assert stands(machine_missing) == [State.KNOWN, State.CLOSED, State.CLOSED]


def test_several_are_decided_at_once_or_none(seed: Plan) -> None:
    known(one_missing, one_extra, one_changed)
    assert KnownDrift.objects.count() == 3
    before = state()
    found = drift_of(one_missing, one_changed)
    with pytest.raises(ValidationError, match="is as it should be"):
        known_drift.decide(chosen=chosen(*found), there=found[:1], **SAID, by=BY)
    assert state() == before


def test_withdrawing_makes_it_unexplained_again_and_keeps_the_history(seed: Plan) -> None:
    known(one_changed)
    found = one(one_changed)
    known_drift.withdraw(chosen=chosen(found), reason="It was a typo.", by=BY)
    assert stands(one_changed) == [State.UNEXPLAINED]
    assert stands() == []
    assert [row.state for row in KnownDrift.objects.all()] == ["withdrawn", "known"]
    before = state()
    with pytest.raises(ValidationError, match=r"^\['Nothing is decided on test_download"):
        known_drift.withdraw(chosen=chosen(found), by=BY)
    assert state() == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"owner": " "}, "owner"),
        ({"reason": ""}, "reason"),
        ({"until": None}, "until"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"reason": "two\nlines"}, "reason"),
        ({"owner": "y" * 151}, "owner"),
    ],
)
def test_what_is_not_whole_is_refused_by_field(
    seed: Plan, said: dict[str, Any], field: str
) -> None:
    before, found = state(), one(one_changed)
    with pytest.raises(ValidationError) as refused:
        known_drift.decide(chosen=chosen(found), there=[found], **{**SAID, **said}, by=BY)
    assert list(refused.value.message_dict) == [field]
    assert state() == before


def test_nothing_chosen_is_refused(seed: Plan) -> None:
    with pytest.raises(ValidationError, match=r"Tick the drift that is meant"):
        known_drift.decide(chosen=[], there=[], **SAID, by=BY)
    with pytest.raises(ValidationError, match=r"Tick the drift that is meant"):
        known_drift.withdraw(chosen=[], by=BY)


def test_who_is_late_overwrites_nothing(seed: Plan) -> None:
    found = one(one_changed)
    late = chosen(found)
    known(one_changed)
    before = state()
    for write in (
        lambda: known_drift.decide(chosen=late, there=[found], **SAID, by=BY),
        lambda: known_drift.withdraw(chosen=late, by=BY),
    ):
        with pytest.raises(ConflictError, match=r"^The decision on test_download"):
            write()
    other = one(one_missing)
    with pytest.raises(ConflictError, match=r"^The drift of null"):
        known_drift.decide(
            chosen=[known_drift.ChosenDrift(other.subject, "- else", 0)],
            there=[other],
            **SAID,
            by=BY,
        )
    assert state() == before
