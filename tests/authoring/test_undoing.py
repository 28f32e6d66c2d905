"""Undoing: after it all is as it was before the write, and the audit has one more entry."""

import json

import pytest
from django.core.exceptions import ValidationError

from capabilities.auditing import Author, faults
from capabilities.authoring import definitions, machine_templates, notes, overrides, undoing
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.models import AuditEntry, Capability, Definition, MachineTemplate

from ..factories import (
    COMPLETE,
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    head,
    line,
    seen,
    template,
)
from .verbs import VERBS

BY_RENAMING = {"renames.rename"}
"""What is undone otherwise: a name is renamed back."""


def stored() -> str:
    return fixtures.dump()


def without_versions(text: str) -> object:
    """The fixture without what counts writes, and without the registry, which only grows."""
    rows = [row for row in json.loads(text) if row["model"] != "capabilities.term"]
    for row in rows:
        row["fields"].pop("version", None)
    return rows


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - BY_RENAMING))
def test_whatever_is_written_can_be_undone_and_done_again(seed: Plan, verb: str) -> None:
    call = VERBS[verb]()
    before = stored()
    written = Author(None, "bea", "test")
    call(written, "")
    after = stored()
    assert without_versions(after) != without_versions(before)
    undone = Author(None, "bea", "test")
    undoing.undo(request=written.request, by=undone)
    assert without_versions(stored()) == without_versions(before)
    undoing.undo(request=undone.request, by=Author(None, "bea", "test"))
    assert without_versions(stored()) == without_versions(after)
    assert list(faults()) == []


def test_an_undo_is_a_new_entry_that_says_what_it_undid(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    overrides.drop(definition=seen("null"), key=RESUME, by=by)
    count = head()
    undoing.undo(request=by.request, message="too soon", by=editor_author())
    (entry,) = AuditEntry.objects.filter(sequence__gt=count)
    assert entry.action == "undone"
    assert entry.summary == "Undid: Dropped [Queued] - <resume> from null current"
    assert entry.message == "too soon"


def test_an_undo_brings_back_reasons_places_and_what_was_covered(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=line("[Queued] - <resume> {QaPass} -> [Executing]"),
        reason="so",
        ticket="WS-1",
        by=editor_author(),
    )
    by = Author(None, "bea", "test")
    overrides.restore(definition=seen("null"), key=RESUME, by=by)
    assert not definition("null").overrides.exists()
    undoing.undo(request=by.request, by=editor_author())
    (override,) = definition("null").overrides.all()
    assert (override.reason, override.ticket) == ("so", "WS-1")
    assert override.beneath == "[Queued] - <resume> {ExecuteWorkflow null} -> [Executing]"


def test_whoever_has_it_open_cannot_overwrite_an_undo(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    overrides.drop(definition=seen("null"), key=RESUME, by=by)
    version = definition("null").version
    undoing.undo(request=by.request, by=editor_author())
    assert definition("null").version > version


def test_what_was_changed_since_is_not_undone(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    overrides.drop(definition=seen("null"), key=RESUME, by=by)
    overrides.drop(definition=seen("null"), key=COMPLETE, by=Author(None, "carl", "test"))
    before, count = stored(), head()
    with pytest.raises(ValidationError, match=r"null current was changed since by carl: Dropped"):
        undoing.undo(request=by.request, by=editor_author())
    assert (stored(), head()) == (before, count)


def test_a_change_of_something_else_stands_in_no_way(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    overrides.drop(definition=seen("null"), key=RESUME, by=by)
    simple = template(SIMPLE)
    machine_templates.drop(
        machine_template=simple, key=COMPLETE, version=simple.version, by=editor_author()
    )
    undoing.undo(request=by.request, by=editor_author())
    assert not definition("null").overrides.exists()


def test_a_note_counts_as_a_change(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    null = Capability.objects.get(name="null")
    overrides.drop(definition=seen("null"), key=RESUME, by=by)
    notes.add(text="Why?", capability=null, kind="current", by=editor_author())
    with pytest.raises(ValidationError, match="Undo that first"):
        undoing.undo(request=by.request, by=editor_author())


def test_an_edit_of_a_machine_template_takes_its_users_back_with_it(seed: Plan) -> None:
    before = stored()
    by = Author(None, "bea", "test")
    simple = template(SIMPLE)
    machine_templates.drop(machine_template=simple, key=RESUME, version=simple.version, by=by)
    entries = undoing.undo(request=by.request, by=editor_author())
    assert [(each.subject, each.name) for each in entries] == [("machine template", SIMPLE)]
    assert without_versions(stored()) == without_versions(before)


def test_a_renaming_is_undone_by_renaming_it_back(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    VERBS["renames.rename"]()(by, "")
    with pytest.raises(ValidationError, match="Rename it back"):
        undoing.undo(request=by.request, by=editor_author())


def test_nothing_to_undo_is_refused(seed: Plan) -> None:
    with pytest.raises(ValidationError, match="nothing here that can be undone"):
        undoing.undo(request="x" * 32, by=editor_author())


def test_a_machine_template_that_is_gone_is_told_of(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    added = machine_templates.add(title="Short", by=editor_author())
    Definition.objects.filter(pk=definition("null").pk).update(machine_template=added)
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=template(QA), by=by
    )
    MachineTemplate.objects.filter(pk=added.pk).delete()
    with pytest.raises(ValidationError, match="“short”, which is gone"):
        undoing.undo(request=by.request, by=editor_author())


def test_a_machine_template_that_is_used_by_now_stays(seed: Plan) -> None:
    by = Author(None, "bea", "test")
    added = machine_templates.add(title="Short", by=by)
    Definition.objects.filter(pk=definition("null").pk).update(machine_template=added)
    with pytest.raises(ValidationError, match="is used by now"):
        undoing.undo(request=by.request, by=editor_author())


def test_entries_from_before_are_still_whole_and_what_is_kept_is_protected(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    assert AuditEntry.objects.exclude(made_of="").exists()
    assert list(faults()) == []
    last = AuditEntry.objects.get(sequence=head())
    AuditEntry.objects.filter(pk=last.pk).update(made_of="")
    assert [each.sequence for each in faults()] == [last.sequence]
