"""A name renamed everywhere, in one step."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import (
    capabilities,
    definitions,
    machine_templates,
    notes,
    overrides,
    renames,
    terms,
)
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.rehearsal import rehearse
from capabilities.machines.layers import standing
from capabilities.machines.machine import Key, Machine
from capabilities.machines.notation import render_transition
from capabilities.machines.usage import names_of_machine, renamed
from capabilities.machines.vocabulary import PUBLISHED
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    Fleet,
    MachineTemplate,
    Note,
    Override,
    Term,
    vocabulary,
)
from capabilities.verifying import faults

from ..factories import (
    COMPLETE,
    FAIL,
    FAILED,
    QA,
    RESUME,
    SIMPLE,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    machines,
    seen,
    state,
    template,
)

BY = editor_author()


def rename(kind: str, old: str, new: str, **more: object) -> renames.Renamed:
    return renames.rename(term_kind=kind, old=old, new=new, by=BY, **more)  # type: ignore[arg-type]


def standings() -> dict[tuple[str, int], tuple[str, bool]]:
    """What each override does, and whether another line lies beneath it than when it was made."""
    fleet = Fleet()
    found = {}
    for each in fleet.definitions.values():
        base = each.base(fleet.shelf)
        for number, override in enumerate(each.overrides.all()):
            row = base.by_key.get(override.key)
            beneath = render_transition(row) if row else ""
            found[str(each), number] = (
                str(standing(override.change, base)),
                beneath != override.beneath,
            )
    return found


@pytest.fixture
def busy(seed: object) -> None:
    """The team's page, with overrides of every standing, a stage, a value and notes at rows."""
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BY)
    overrides.drop(definition=seen("null"), key=FAIL, by=BY)
    failed = line("[Executing] - <workflow-failed> {QaFail} -> [Failed]")
    overrides.put(definition=seen("null_dag"), key=FAILED, transition=failed, by=BY)
    cancel = line("[Executing] - <capability-cancelled> {QaFail} -> [Failed]")
    overrides.put(definition=seen("null_dag"), key=RESUME, transition=cancel, by=BY)
    overrides.put(definition=seen("test_download"), key=FAILED, transition=failed, by=BY)
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=FAILED,
        transition=failed,
        version=template(SIMPLE).version,
        by=BY,
    )
    definitions.bind_parameters(
        definition=seen("restore_cms"), values={"workflow_name": "other"}, by=BY
    )
    notes.add(
        text="Why?", capability=Capability.objects.get(name="null"), kind="current", key=RESUME,
        by=BY,
    )  # fmt: skip


RENAMES = [
    ("state", "Executing", "Running"),
    ("state", "Failed", "Broken"),
    ("state", "Start", "Begin"),
    ("event", "resume", "go on"),
    ("event", "workflow-failed", "workflow-broken"),
    ("action", "QaFail", "FailQa"),
    ("action", "QueueWorkflow", "Enqueue"),
    ("message", "execution_complete", "execution_done"),
    ("notification", "workflow-complete", "done"),
    ("notification", "ingest-failed", "ingesting-failed"),
    ("workflow", "other", "another"),
]


@pytest.mark.parametrize(("kind", "old", "new"), RENAMES)
def test_every_machine_is_the_same_with_the_name_replaced(
    busy: None, kind: str, old: str, new: str
) -> None:
    before, stood, actions = machines(), standings(), vocabulary().actions
    assert len({word for word, _ in stood.values()}) >= 3
    wanted = {whose: renamed(each, kind, old, new, actions) for whose, each in before.items()}
    assert wanted != before
    done = rename(kind, old, new)
    assert machines() == wanted
    assert standings() == stood
    assert done.places > 0
    assert done.merged is False
    after = vocabulary()
    for machine in wanted.values():
        assert (kind, old) not in names_of_machine(machine, after.actions)


@pytest.mark.parametrize(("kind", "old", "new"), RENAMES)
def test_there_and_back_is_where_it_was(busy: None, kind: str, old: str, new: str) -> None:
    def content() -> dict[str, list[dict[str, object]]]:
        found = state()
        del found["AuditEntry"], found["AuditHead"]
        return found

    Definition.objects.update(version=0)
    MachineTemplate.objects.update(version=0)
    before = content()
    rename(kind, old, new)
    assert content() != before
    rename(kind, new, old)
    Definition.objects.update(version=0)
    MachineTemplate.objects.update(version=0)
    assert content() == before


def test_a_term_is_renamed_with_what_is_said_of_it(seed: object) -> None:
    Term.objects.filter(kind="state", name="Failed").update(description="It ends badly.")
    rename("state", "Failed", "Broken")
    term = Term.objects.get(kind="state", name="Broken")
    assert (term.final, term.description) == (True, "It ends badly.")
    assert not Term.objects.filter(kind="state", name="Failed").exists()


def test_an_unused_term_is_renamed_and_no_machine_is_told_of(seed: object) -> None:
    count = head()
    done = rename("event", "delivery", "delivered")
    assert (done.places, done.merged) == (0, False)
    assert head() == count
    assert "delivered" in vocabulary().events


def test_a_missing_name_is_merged_into_a_registered_one(seed: object) -> None:
    done = rename("notification", "ingest-failed", "workflow-failed", message="WS-1: a typo")
    assert done.merged is True
    assert vocabulary().notifications == PUBLISHED.notifications
    used = names_of_machine(effective("std_calibration", "ideal"), PUBLISHED.actions)
    assert ("notification", "ingest-failed") not in used


def test_a_registered_typo_is_merged_and_gone(seed: object) -> None:
    terms.save(term=Term(kind="notification", name="ingest-failed"), by=BY)
    rename("notification", "ingest-failed", "workflow-failed")
    assert not Term.objects.filter(name="ingest-failed").exists()
    assert Term.objects.filter(kind="notification", name="workflow-failed").count() == 1


def test_one_step_is_told_for_every_machine_that_changes(seed: object) -> None:
    before, count = machines(), head()
    rename("event", "resume", "go on", message="WS-2")
    entries = last_entries(since=count)
    changed = {whose for whose, machine in machines().items() if machine != before[whose]}
    titles = {each.slug: each.title for each in MachineTemplate.objects.all()}
    assert {(e.name, e.kind) if e.kind else ("", titles[e.name]) for e in entries} == changed
    assert len(entries) == 8 + 2
    assert {entry.summary for entry in entries} == {"Renamed the event “resume” to “go on”"}
    assert {entry.message for entry in entries} == {"WS-2"}
    assert len({entry.request for entry in entries}) == 1
    assert list(faults()) == []


def test_a_merge_is_told_as_one(seed: object) -> None:
    rename("notification", "ingest-failed", "workflow-failed")
    newest = AuditEntry.objects.first()
    assert newest
    assert newest.summary == "Merged the notification “ingest-failed” into “workflow-failed”"


def test_who_has_a_machine_open_that_changes_saves_nothing_over_it(seed: object) -> None:
    opened, untouched = seen("null"), template(QA).version
    rename("event", "resume", "go on")
    with pytest.raises(ConflictError):
        overrides.drop(definition=opened, key=COMPLETE, by=BY)
    assert template(SIMPLE).version == 2
    assert template(QA).version == untouched + 1  # it lies over the other one


def test_what_does_not_change_keeps_its_version(seed: object) -> None:
    versions = dict(Definition.objects.values_list("pk", "version"))
    rename("notification", "ingest-failed", "ingesting-failed")
    changed = [
        str(each)
        for each in Definition.objects.select_related("capability")
        if each.version != versions[each.pk]
    ]
    assert changed == ["std_calibration ideal"]


def test_a_note_stays_at_its_transition(busy: None) -> None:
    rename("event", "resume", "go on")
    assert Note.objects.get(text="Why?").key == Key("Queued", "go on")


def test_what_a_row_stands_after_is_renamed(busy: None) -> None:
    put = line("[Queued] - <capability-cancelled> {QaFail} -> [Failed]")
    overrides.put(definition=seen("null_dag"), key=None, transition=put, by=BY)
    Override.objects.filter(source="Queued", event="capability-cancelled").update(
        place="after", after_source="Start", after_event="capability-submitted"
    )
    before = effective("null_dag")
    rename("state", "Start", "Begin")
    assert effective("null_dag") == renamed(before, "state", "Start", "Begin", {})


# -- what is refused


def refused(kind: str, old: str, new: str, told: str, code: str) -> None:
    before = state()
    with pytest.raises(ValidationError, match=told) as error:
        rename(kind, old, new)
    assert error.value.code == code
    assert state() == before


@pytest.mark.parametrize(
    ("kind", "old", "new", "told", "code"),
    [
        ("state", "Queued", "Queued", "the name that it has", "same-name"),
        ("state", "Queued", "", "is empty", "bad-name"),
        ("state", "Queued", " x", "white space", "bad-name"),
        ("action", "QaPass", "Qa Pass", "white space in it", "bad-name"),
        ("message", "execution_failed", "(x)", "has a parameter in it", "bad-name"),
        ("state", "Nowhere", "Somewhere", "neither registered nor used", "no-such-name"),
        ("colour", "red", "blue", "no kind of name", "no-such-kind"),
        ("workflow", "null", "nil", "called as it is", "own-workflow"),
    ],
)
def test_what_cannot_be_is_refused(
    seed: object, kind: str, old: str, new: str, told: str, code: str
) -> None:
    refused(kind, old, new, told, code)


def test_two_transitions_of_one_key_are_refused(seed: object) -> None:
    refused("event", "qa-fail", "qa-pass", r"the key .* stands twice", "impossible-name")


def test_a_row_that_cannot_be_is_refused(seed: object) -> None:
    put = line("[Queued] - <capability-cancelled> {No action2} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    terms.save(term=Term(kind="action", name="No", argument="message"), by=BY)
    refused("message", "action2", "action", "absence of actions", "impossible-name")


def test_two_rows_of_one_layer_that_would_be_of_one_key_are_refused(seed: object) -> None:
    """A definition that mends a misspelt state of its template has dropped the template's row."""
    typo = line("[Executng] - <workflow-update> {no action} -> [Executing]")
    machine_templates.put(
        machine_template=template(SIMPLE), key=None, transition=typo, version=1, by=BY
    )
    mended = line("[Executing] - <workflow-update> {no action} -> [Executing]")
    overrides.put(definition=seen("null"), key=typo.key, transition=mended, by=BY)
    refused("state", "Executng", "Executing", "In null current, .* would both be", "duplicate-key")


def test_a_name_that_is_put_together_from_a_parameter_is_refused(seed: object) -> None:
    put = line("[Queued] - <capability-cancelled> {SendMessage (workflow_name)} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    refused("message", "null", "nil", "null current would be another machine", "more-than-a-name")


def test_a_plan_that_somebody_else_outdated_is_refused(seed: object) -> None:
    seen_at = head()
    overrides.drop(definition=seen("null"), key=RESUME, by=BY)
    before = state()
    with pytest.raises(ConflictError):
        rename("event", "qa-pass", "qa-passed", head=seen_at)
    assert state() == before
    rename("event", "qa-pass", "qa-passed", head=head())


# -- the plan


def test_a_rehearsal_tells_every_machine_and_writes_nothing(busy: None) -> None:
    before = state()
    plan = rehearse(lambda: rename("event", "resume", "go on"))
    assert state() == before
    names = {str(each) for each in Definition.objects.select_related("capability")}
    assert {f"{each.name} {each.kind}" for each in plan} == {
        name
        for name in names
        if name != "null_dag current"  # which has another event there
    }
    assert all(not each.overrides for each in plan)


def test_a_merge_makes_an_override_redundant_and_the_plan_says_so(seed: object) -> None:
    put = line("[Executing] - <workflow-failed> {SendMessage execution_fialed} -> [Failed]")
    machine_templates.put(
        machine_template=template(SIMPLE), key=FAILED, transition=put, version=1, by=BY
    )
    mended = line("[Executing] - <workflow-failed> {SendMessage execution_failed} -> [Failed]")
    overrides.put(definition=seen("null"), key=FAILED, transition=mended, by=BY)
    plan = rehearse(lambda: rename("message", "execution_fialed", "execution_failed"))
    (told,) = [each for each in plan if each.name == "null"]
    assert told.differences == ()
    assert [str(each.after.standing) for each in told.overrides] == ["redundant"]


def test_an_empty_machine_is_no_trouble(seed: object) -> None:
    capabilities.add(name="empty", machine_template=None, by=BY)
    rename("event", "resume", "go on")
    assert effective("empty") == Machine()
