"""Kinds of change: each action has one, in Python and in the database alike."""

import pytest
from django.db.models import Q

from capabilities.authoring.plans import Plan
from capabilities.models import AuditEntry, ChangeKind

from .authoring.verbs import VERBS
from .factories import editor_author

KINDS = {
    "capabilities.add": "added",
    "capabilities.remove": "removed",
    "definitions.attach_stage": "added",
    "definitions.remove_stage": "removed",
    "definitions.choose_machine_template": "changed",
    "imports.run": "imported",
    "machine_templates.add": "added",
    "machine_templates.bring_back": "added",
    "machine_templates.copy": "added",
    "machine_templates.put": "changed",
    "machine_templates.remove": "removed",
    "machine_templates.rename": "renamed",
    "machine_templates.retire": "removed",
    "notes.add": "added",
    "notes.change": "changed",
    "notes.remove": "removed",
    "overrides.drop": "overridden",
    "overrides.move": "overridden",
    "overrides.put": "overridden",
    "overrides.restore": "overridden",
    "releases.release": "released",
    "renames.rename": "renamed",
    "restoring.restore": "restored",
    "texts.merge": "overridden",
    "texts.save": "overridden",
    "undoing.undo": "undone",
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_of_what_a_verb_writes(seed: Plan, name: str) -> None:
    author = editor_author()
    VERBS[name]()(author, "")
    for entry in AuditEntry.objects.filter(request=author.request):
        assert entry.change == KINDS[name]
        assert entry.change.sign


ACTIONS = (
    *("thing added", "stage attached", "capability removed", "machine template retired"),
    *("machine template renamed", "name renamed", "transition dropped", "text saved", "imported"),
    *(
        "undone",
        "restored",
        "deviation decided",
        "removed things",
        "x",
        "machine template copied",
        "released",
    ),
)


def test_the_database_finds_each_entry_by_its_kind_and_by_no_other(db: None) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(sequence=index, action=action, previous=str(index), digest=str(index))
        for index, action in enumerate(ACTIONS)
    )
    for entry in AuditEntry.objects.all():
        own = Q(pk=entry.pk)
        found = [kind for kind in ChangeKind if AuditEntry.objects.filter(own, kind.asked)]
        assert found == [entry.change]
    assert {entry.change for entry in AuditEntry.objects.all()} == set(ChangeKind)
