"""What a write would do to every definition, told before it is done."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import definitions, machine_templates, overrides
from capabilities.authoring.rehearsal import NotConfirmedError, OverrideState, carry_out, rehearse
from capabilities.machines.layers import Standing
from capabilities.machines.machine import Key
from tests.factories import (
    QA,
    RESUME,
    SIMPLE,
    editor_author,
    head,
    line,
    seen,
    state,
    template,
)

pytestmark = pytest.mark.django_db

FAILED = Key("Executing", "workflow-failed")
FAILS_OTHERWISE = (
    "[Executing] - <workflow-failed> {SendMessage execution_failed} "
    "{SendNotification ingest-failed} -> [Failed]"
)


def changed(slug: str, key: Key, to: str) -> None:
    stored = template(slug)
    machine_templates.put(
        machine_template=stored,
        key=key,
        transition=line(to),
        version=stored.version,
        by=editor_author(),
    )


def test_a_rehearsal_names_every_definition_that_changes_and_writes_nothing(seed: object) -> None:
    since, before = head(), state()
    plan = rehearse(lambda: changed(SIMPLE, FAILED, FAILS_OTHERWISE))
    assert [f"{each.name} {each.kind}" for each in plan] == [
        "null current",
        "null_dag current",
        "restore_cms current",
        "std_calibration current",
        "std_calibration ideal",
        "std_cms_imaging current",
        "std_restore_imaging current",
        "test_download current",
    ]
    assert plan[0].sentences == [
        "[Executing] - <workflow-failed> does {SendNotification ingest-failed} "
        "instead of {SendNotification workflow-failed}."
    ]
    assert [finding.code for finding in plan[0].findings] == ["unknown-notification"]
    assert plan[0].effects == [
        "The notification “workflow-failed” is no longer sent, in any run.",
        "The notification “ingest-failed” is now sent when <workflow-failed> arrives in "
        "[Executing].",
    ]
    assert (head(), state()) == (since, before)


def test_an_override_that_becomes_redundant_or_covers_another_line_is_told(seed: object) -> None:
    overrides.put(
        definition=seen("null"),
        key=FAILED,
        transition=line(FAILS_OTHERWISE),
        by=editor_author(),
    )
    plan = rehearse(lambda: changed(SIMPLE, FAILED, FAILS_OTHERWISE))
    (told,) = [each for each in plan if each.name == "null"]
    assert told.differences == ()
    (override,) = told.overrides
    assert override.key == FAILED
    assert override.before == OverrideState(Standing.OVERRIDES, moved=False)
    assert override.after == OverrideState(Standing.REDUNDANT, moved=True)


def test_an_override_that_becomes_stale_is_told(seed: object) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    stored = template(SIMPLE)
    plan = rehearse(
        lambda: machine_templates.drop(
            machine_template=stored, key=RESUME, version=stored.version, by=editor_author()
        )
    )
    (told,) = [each for each in plan if each.name == "null"]
    assert [each.after.standing for each in told.overrides] == [Standing.STALE]


def test_what_the_write_refuses_is_raised(seed: object) -> None:
    before = state()
    with pytest.raises(ValidationError):
        rehearse(lambda: changed(QA, Key("Nowhere", "never"), FAILS_OTHERWISE))
    assert state() == before


def test_an_ideal_that_begins_is_compared_with_the_current_machine_that_it_was(
    seed: object,
) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    (told,) = rehearse(
        lambda: definitions.attach_stage(
            definition=seen("null", "ideal"), machine_template=template(QA), by=editor_author()
        )
    )
    assert (told.name, told.kind) == ("null", "ideal")
    assert RESUME not in {each.key for each in told.differences}
    assert len(told.differences) == 5
    assert told.overrides == ()
    assert "no-cancellation" not in {finding.code for finding in told.findings}


def test_only_the_plan_that_was_confirmed_is_carried_out(seed: object) -> None:
    since, before = head(), state()

    def write() -> str:
        changed(SIMPLE, FAILED, FAILS_OTHERWISE)
        return "done"

    for confirmed in ("", "another"):
        with pytest.raises(NotConfirmedError) as asked:
            carry_out(write, confirmed=confirmed)
        assert (head(), state()) == (since, before)
    plan = asked.value.plan
    assert list(plan.machines) == rehearse(write)
    assert carry_out(write, confirmed=plan.digest) == "done"
    assert head() > since
