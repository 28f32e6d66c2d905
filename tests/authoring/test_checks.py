"""Checks switched off and on again, and what requires QA."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import capabilities, checks, definitions
from capabilities.authoring.plans import Plan
from capabilities.models import Capability, Fleet, SwitchedOffCheck, vocabulary

from ..factories import editor_author, head, last_entries, seen, state


def null() -> Capability:
    return Capability.objects.get(name="null")


def codes(kind: str = "current") -> list[str]:
    return [each.code for each in Fleet(["null"]).checked("null", kind, vocabulary()).findings]


def switch_off(**more: Any) -> SwitchedOffCheck:
    given = {"kind": "current", "code": "no-cancellation", "reason": "So.", **more}
    given.setdefault("capability", more.get("capability") or null())
    return checks.switch_off(**given, by=editor_author())


def test_a_check_is_switched_off_for_one_machine_and_its_findings_are_kept_aside(
    seed: Plan,
) -> None:
    assert codes() == codes("ideal") == ["no-cancellation"]
    before = head()
    made = switch_off(reason="  Nobody cancels it. ")
    assert (made.reason, made.by, made.at.microsecond) == ("Nobody cancels it.", "ada", 0)
    assert (codes(), codes("ideal")) == ([], ["no-cancellation"])
    ((stored, findings),) = Fleet().checked("null", "current", vocabulary()).switched_off
    assert stored == made
    assert [each.code for each in findings] == ["no-cancellation"]
    (entry,) = last_entries(before)
    assert (entry.name, entry.kind, entry.before) == ("null", "current", entry.after)
    assert entry.summary == "Switched off no-cancellation on null current: Nobody cancels it."


def test_a_check_is_switched_on_again_and_the_audit_keeps_the_reason(seed: Plan) -> None:
    switch_off()
    checks.switch_on(capability=null(), kind="current", code="no-cancellation", by=editor_author())
    assert codes() == ["no-cancellation"]
    assert last_entries()[-1].summary == (
        "Switched on no-cancellation on null current; it was off for: So."
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reason": "  "}, "This field cannot be blank."),
        ({"reason": "x" * 501}, "at most 500 characters"),
        ({"code": "no-such-thing"}, "There is no check “no-such-thing”."),
        ({"kind": "future"}, "is not a valid choice"),
    ],
)
def test_what_cannot_be_switched_off_is_refused(
    seed: Plan, given: dict[str, str], told: str
) -> None:
    before = state()
    with pytest.raises(ValidationError, match=told):
        switch_off(**given)
    assert state() == before


def test_nobody_s_reason_is_overwritten(seed: Plan) -> None:
    switch_off(reason="Mine.")
    before = state()
    with pytest.raises(ValidationError, match=r"ada switched this check off here already: Mine\."):
        switch_off(reason="Yours.")
    assert state() == before


def test_what_is_gone_is_refused(seed: Plan) -> None:
    gone = null()
    capabilities.remove(capability=null(), by=editor_author())
    before = state()
    for call in (
        lambda: switch_off(capability=gone),
        lambda: checks.switch_on(
            capability=gone, kind="current", code="no-cancellation", by=editor_author()
        ),
        lambda: capabilities.require_qa(capability=gone, requires_qa=True, by=editor_author()),
    ):
        with pytest.raises(ValidationError):
            call()
    assert state() == before


def test_a_capability_that_requires_qa_has_an_error_until_it_does_not(seed: Plan) -> None:
    before = head()
    capabilities.require_qa(capability=null(), requires_qa=True, by=editor_author())
    assert codes() == codes("ideal") == ["no-qa", "no-cancellation"]
    entries = last_entries(before)
    assert [(each.name, each.kind, each.summary) for each in entries] == [
        ("null", "current", "null requires QA"),
        ("null", "ideal", "null requires QA"),
    ]
    capabilities.require_qa(capability=null(), requires_qa=True, by=editor_author())
    assert head() == before + 2
    capabilities.require_qa(capability=null(), requires_qa=False, by=editor_author())
    assert codes() == ["no-cancellation"]


def test_a_value_that_no_transition_takes_is_found(seed: Plan) -> None:
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null"}, by=editor_author()
    )
    assert codes() == ["no-cancellation"]
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=None, by=editor_author()
    )
    assert "unused-parameter" in codes()


def test_on_the_team_s_page_nothing_requires_qa_and_nothing_is_switched_off(seed: Plan) -> None:
    assert not Capability.objects.filter(requires_qa=True).exists()
    assert not SwitchedOffCheck.objects.exists()
