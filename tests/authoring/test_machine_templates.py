"""Machine templates: one edit changes every definition that uses them, and no override."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import definitions, machine_templates, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.machines.layers import Drop, Put
from capabilities.machines.machine import Machine, bind
from capabilities.machines.notation import render
from capabilities.models import MachineTemplate, Shelf

from ..factories import (
    COMPLETE,
    FAILED,
    LIKE_SIMPLE,
    NAMES,
    PASS,
    QA,
    RESUME,
    SIMPLE,
    SUBMITTED,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    machines,
    seen,
    state,
    template,
    template_machine,
)

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")
TOLD = line("[Executing] - <workflow-complete> {SendMessage execution_complete} -> [Complete]")


# -- adding


def test_a_template_has_its_layer_and_that_of_the_one_beneath(seed: Plan) -> None:
    count = head()
    added = machine_templates.add(
        title="Run, cancellable",
        over=template(SIMPLE),
        layer=(Put(CANCEL), Drop(RESUME)),
        message="WS-900",
        by=editor_author(),
    )
    assert (added.slug, added.version) == ("run-cancellable", 1)
    machine = template_machine("run-cancellable")
    assert machine.transitions == (
        *(t for t in template_machine(SIMPLE) if t.key != RESUME),
        CANCEL,
    )
    (entry,) = last_entries(since=count)
    assert (entry.subject, entry.name, entry.kind) == ("machine template", added.slug, "")
    assert (entry.action, entry.message) == ("machine template added", "WS-900")
    assert entry.summary == "Added the machine template “Run, cancellable”"
    assert (entry.before, entry.after) == ("", render(machine))


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Simple run workflow", "simple-run-workflow-2"),
        ("状態", "machine-template"),
        ("_", "machine-template"),
        ("a_b", "a-b"),
        ('"<b>x</b>" \\ {a} [b]', "bxb-a-b"),
        ("x" * 200, "x" * 200),
    ],
)
def test_a_title_is_kept_as_it_is_and_its_address_made_of_it(
    seed: Plan, title: str, slug: str
) -> None:
    added = machine_templates.add(title=title, by=editor_author())
    added.refresh_from_db()
    assert (added.title, added.slug) == (title, slug)


def test_two_long_titles_with_the_same_address_are_both_taken(seed: Plan) -> None:
    first = machine_templates.add(title="x" * 200, by=editor_author())
    second = machine_templates.add(title="X" * 200, by=editor_author())
    assert first.slug == "x" * 200
    assert second.slug == "x" * 198 + "-2"


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Simple run-workflow", "Machine template with this Title already exists."),
        ("", "This field cannot be blank."),
        ("a\nb", "This has the unusable character U+000A."),
        (" a", "This begins or ends with white space."),
    ],
)
def test_a_title_that_cannot_be_is_refused(seed: Plan, title: str, told: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        machine_templates.add(title=title, by=editor_author())
    assert refused.value.message_dict["title"] == [told]
    assert state() == before


def test_lying_over_a_template_that_was_removed_meanwhile_is_refused(seed: Plan) -> None:
    gone = machine_templates.add(title="Short", by=editor_author())
    machine_templates.remove(machine_template=template("short"), version=1, by=editor_author())
    before = state()
    with pytest.raises(ValidationError) as refused:
        machine_templates.add(title="Over", over=gone, by=editor_author())
    assert refused.value.messages == ["The machine template “Short” was removed in the meantime."]
    with pytest.raises(ValidationError) as refused:
        machine_templates.lay_over(
            machine_template=template(QA), over=gone, version=1, by=editor_author()
        )
    assert refused.value.messages == ["The machine template “Short” was removed in the meantime."]
    assert state() == before


# -- an edit reaches every definition


def test_one_edit_is_in_the_log_for_every_machine_that_it_changes(seed: Plan) -> None:
    before, count, author = machines(), head(), editor_author()
    written = machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=CANCEL,
        version=1,
        message="WS-900",
        by=author,
    )
    assert (written.version, template(SIMPLE).version) == (2, 2)
    entries = last_entries(since=count)
    assert (entries[0].subject, entries[0].name) == ("machine template", SIMPLE)
    assert {(e.subject, e.name, e.kind) for e in entries} == {
        ("machine template", SIMPLE, ""),
        ("machine template", QA, ""),
        *(("definition", name, "current") for name in NAMES),
        ("definition", "std_calibration", "ideal"),
    }
    assert len(entries) == 10
    assert {e.request for e in entries} == {author.request}
    assert {e.summary for e in entries} == {
        "Added [Queued] - <capability-cancelled> in the machine template “Simple run-workflow”"
    }
    assert {e.message for e in entries} == {"WS-900"}
    for entry in entries:
        if entry.subject == "definition":
            assert entry.before == render(before[entry.name, entry.kind])
            assert entry.after == render(effective(entry.name, entry.kind))
            assert CANCEL.key in effective(entry.name, entry.kind).by_key


def test_an_edit_leaves_every_override_in_place(seed: Plan) -> None:
    rows = state()["Override"]
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=COMPLETE,
        transition=TOLD,
        version=1,
        by=editor_author(),
    )
    machine_templates.drop(
        machine_template=template(SIMPLE), key=FAILED, version=2, by=editor_author()
    )
    assert state()["Override"] == rows
    # The definition's own transition still covers the template's.
    assert effective("std_calibration").by_key[COMPLETE].target == "Awaiting QA"
    for name in LIKE_SIMPLE:
        assert effective(name).by_key[COMPLETE] == TOLD
        assert FAILED not in effective(name).by_key


def test_an_edit_writes_no_entry_for_a_machine_that_stays_the_same(seed: Plan) -> None:
    count = head()
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=COMPLETE,
        transition=TOLD,
        version=1,
        by=editor_author(),
    )
    # Both machines of std_calibration have this transition put over the simple template's.
    assert {(e.name, e.kind) for e in last_entries(since=count)} == {
        (SIMPLE, ""),
        *((name, "current") for name in LIKE_SIMPLE),
    }


def test_an_edit_reaches_the_definitions_that_have_the_template_as_a_stage(seed: Plan) -> None:
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    count = head()
    machine_templates.put(
        machine_template=template(QA),
        key=PASS,
        transition=line("[Awaiting QA] - <qa-pass> {QaPass} -> [Complete]"),
        version=1,
        by=editor_author(),
    )
    assert {(e.name, e.kind) for e in last_entries(since=count)} == {
        (QA, ""),
        ("null", "current"),
        ("std_calibration", "ideal"),
    }
    assert effective("null").by_key[PASS].target == "Complete"


def test_a_removed_override_shows_the_template_as_it_is_now(seed: Plan) -> None:
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=COMPLETE,
        transition=TOLD,
        version=1,
        by=editor_author(),
    )
    overrides.restore(definition=seen("std_calibration"), key=COMPLETE, by=editor_author())
    assert effective("std_calibration").by_key[COMPLETE] == TOLD


# -- its rows


def test_a_put_of_what_lies_beneath_takes_the_row_away(seed: Plan) -> None:
    machine_templates.put(
        machine_template=template(QA),
        key=COMPLETE,
        transition=template_machine(SIMPLE).by_key[COMPLETE],
        version=1,
        by=editor_author(),
    )
    assert not template(QA).rows.filter(event="workflow-complete", source="Executing").exists()


def test_a_drop_of_what_lies_beneath_is_a_row_and_can_be_restored(seed: Plan) -> None:
    before = template_machine(QA)
    machine_templates.drop(machine_template=template(QA), key=RESUME, version=1, by=editor_author())
    assert RESUME not in template_machine(QA).by_key
    assert RESUME in template_machine(SIMPLE).by_key
    assert template(QA).rows.get(event="resume").change == Drop(RESUME)
    assert last_entries()[-1].action == "machine template changed"
    assert last_entries()[-1].summary == (
        "Dropped [Queued] - <resume> from the machine template “Run-workflow with single-stage QA”"
    )
    machine_templates.restore(
        machine_template=template(QA), key=RESUME, version=2, by=editor_author()
    )
    assert template_machine(QA) == before
    assert last_entries()[-1].summary == (
        "Restored [Queued] - <resume> in the machine template “Run-workflow with single-stage QA”"
    )


def test_a_drop_of_its_own_transition_leaves_no_row(seed: Plan) -> None:
    machine_templates.drop(
        machine_template=template(SIMPLE), key=RESUME, version=1, by=editor_author()
    )
    assert [row.key for row in template(SIMPLE).rows.all()] == [SUBMITTED, COMPLETE, FAILED]


def test_a_transition_of_a_template_stays_where_it_stood_under_another_key(seed: Plan) -> None:
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=SUBMITTED,
        transition=line("[Start] - <delivery> {QueueWorkflow (workflow_name)} -> [Queued]"),
        version=1,
        by=editor_author(),
    )
    keys = [("Start", "delivery"), RESUME, COMPLETE, FAILED]
    assert list(template_machine(SIMPLE).by_key) == keys
    assert list(effective("null").by_key) == keys
    assert [row.key for row in template(SIMPLE).rows.order_by("position")][-1] == keys[0]


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        ("drop", "[Awaiting QA] - <qa-pass> is not in this machine."),
        ("restore", "[Awaiting QA] - <qa-pass> has no row of its own."),
    ],
)
def test_taking_away_what_is_not_there_is_refused(seed: Plan, verb: str, told: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        getattr(machine_templates, verb)(
            machine_template=template(SIMPLE), key=PASS, version=1, by=editor_author()
        )
    assert refused.value.messages == [told]
    assert state() == before


def test_a_put_of_another_transition_s_key_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        machine_templates.put(
            machine_template=template(SIMPLE),
            key=RESUME,
            transition=TOLD,
            version=1,
            by=editor_author(),
        )
    assert refused.value.messages == [
        "[Executing] - <workflow-complete> stands in this machine already; change that transition "
        "instead, or choose another event."
    ]
    assert state() == before


# -- title, and what it lies over


def test_a_renamed_template_keeps_its_address_and_its_machine(seed: Plan) -> None:
    count = head()
    machine_templates.rename(
        machine_template=template(SIMPLE), title="Run", version=1, by=editor_author()
    )
    assert (template(SIMPLE).title, template(SIMPLE).version) == ("Run", 2)
    (entry,) = last_entries(since=count)
    assert (entry.name, entry.action) == (SIMPLE, "machine template renamed")
    assert entry.summary == "Renamed the machine template “Simple run-workflow” to “Run”"
    assert entry.before == entry.after == render(template_machine(SIMPLE))


def test_a_refused_rename_leaves_the_template_in_hand_as_it_is_stored(seed: Plan) -> None:
    before, in_hand = state(), template(SIMPLE)
    for title, told in (
        ("Run-workflow with single-stage QA", "Machine template with this Title already exists."),
        ("a\tb", "This has the unusable character U+0009."),
    ):
        with pytest.raises(ValidationError) as refused:
            machine_templates.rename(
                machine_template=in_hand, title=title, version=1, by=editor_author()
            )
        assert refused.value.messages == [told]
        assert (in_hand.title, in_hand.version) == ("Simple run-workflow", 1)
    assert state() == before


def test_a_template_laid_over_none_has_its_own_rows_alone(seed: Plan) -> None:
    rows, count = state()["TemplateRow"], head()
    machine_templates.lay_over(
        machine_template=template(QA), over=None, version=1, by=editor_author()
    )
    assert len(template_machine(QA)) == 5
    assert state()["TemplateRow"] == rows
    assert {(e.name, e.kind) for e in last_entries(since=count)} == {
        (QA, ""),
        ("std_calibration", "ideal"),
    }
    assert last_entries()[-1].summary == (
        "Laid the machine template “Run-workflow with single-stage QA” over none"
    )
    machine_templates.lay_over(
        machine_template=template(QA), over=template(SIMPLE), version=2, by=editor_author()
    )
    assert effective("std_calibration", "ideal") == bind(
        template_machine(QA), {"workflow_name": "std_calibration"}
    )
    assert len(template_machine(QA)) == 8


@pytest.mark.parametrize(
    ("over", "told"),
    [
        (QA, "“Run-workflow with single-stage QA” lies over “Simple run-workflow” itself."),
        (SIMPLE, "“Simple run-workflow” lies over “Simple run-workflow” itself."),
        ("top", "“Top” lies over “Simple run-workflow” itself."),
    ],
)
def test_templates_cannot_lie_over_each_other_in_a_circle(seed: Plan, over: str, told: str) -> None:
    machine_templates.add(title="Top", over=template(QA), by=editor_author())
    before, in_hand = state(), template(SIMPLE)
    with pytest.raises(ValidationError) as refused:
        machine_templates.lay_over(
            machine_template=in_hand, over=template(over), version=1, by=editor_author()
        )
    assert refused.value.messages == [told]
    assert state() == before
    assert (in_hand.over, in_hand.version) == (None, 1)


# -- removing


def test_a_template_in_use_is_not_removed_and_its_users_are_named(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        machine_templates.remove(machine_template=template(SIMPLE), version=1, by=editor_author())
    assert refused.value.messages == [
        "“Simple run-workflow” is used by null current, null_dag current, restore_cms current, "
        "std_calibration current, std_cms_imaging current, std_restore_imaging current, "
        "test_download current, Run-workflow with single-stage QA."
    ]
    assert state() == before


def test_a_template_that_is_a_stage_is_not_removed(seed: Plan) -> None:
    machine_templates.add(title="Cancellable", layer=(Put(CANCEL),), by=editor_author())
    definitions.attach_stage(
        definition=seen("null"), machine_template=template("cancellable"), by=editor_author()
    )
    with pytest.raises(ValidationError) as refused:
        machine_templates.remove(
            machine_template=template("cancellable"), version=1, by=editor_author()
        )
    assert refused.value.messages == ["“Cancellable” is used by Cancellable on null current."]


def test_a_template_that_nothing_uses_goes_and_the_log_keeps_its_machine(seed: Plan) -> None:
    definitions.make_same_as_current(
        definition=seen("std_calibration", "ideal"), by=editor_author()
    )
    machine, count = template_machine(QA), head()
    machine_templates.remove(machine_template=template(QA), version=1, by=editor_author())
    assert not MachineTemplate.objects.filter(slug=QA).exists()
    (entry,) = last_entries(since=count)
    assert (entry.name, entry.action) == (QA, "machine template removed")
    assert entry.summary == ("Removed the machine template “Run-workflow with single-stage QA”")
    assert (entry.before, entry.after) == (render(machine), "")


def test_a_late_save_of_a_template_is_refused_and_says_of_which(seed: Plan) -> None:
    theirs = template(SIMPLE)
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=CANCEL,
        version=1,
        by=editor_author(),
    )
    before = state()
    with pytest.raises(
        ConflictError,
        match=r"^Simple run-workflow was changed by somebody else in the meantime\.$",
    ):
        machine_templates.drop(machine_template=theirs, key=RESUME, version=1, by=editor_author())
    assert state() == before
    assert theirs.version == 1


def test_a_template_without_rows_is_the_empty_machine(seed: Plan) -> None:
    added = machine_templates.add(title="Nothing yet", by=editor_author())
    assert Shelf().machine(added.pk) == Machine()
    assert definition("null").machine(Shelf()) == effective("null")
