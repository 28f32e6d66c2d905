"""What holds for every write, whatever it is: all of it and its audit entries, or nothing."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F

from capabilities import authoring
from capabilities.auditing import Author
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.machines.notation import parse
from capabilities.models import AuditEntry, Definition, MachineTemplate
from capabilities.verifying import faults

from ..factories import editor_author, emptied, head, last_entries, machines, state
from .verbs import UNAUDITED, VERBS, VERSIONED


def verbs_in_the_code() -> Iterator[str]:
    """Every public function of `authoring` that takes who does it, keyword-only."""
    for module in pkgutil.iter_modules(authoring.__path__):
        found = importlib.import_module(f"{authoring.__name__}.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            if function.__module__ == found.__name__ and not name.startswith("_"):
                by = inspect.signature(function).parameters.get("by")
                if by and by.kind is inspect.Parameter.KEYWORD_ONLY:
                    yield f"{module.name}.{name}"


def test_every_verb_is_tried_here() -> None:
    assert {*VERBS, *UNAUDITED} == set(verbs_in_the_code())


@pytest.mark.parametrize("name", VERBS)
def test_a_write_is_recorded_with_who_when_what_and_why(seed: Plan, name: str) -> None:
    call = VERBS[name]()
    before, machines_before = head(), machines()
    author = Author(id=7, name="ada", way="admin")
    started = datetime.now(UTC)
    assert call(author, "WS-807: agreed in the meeting") is not None
    entries = last_entries(since=before)
    assert entries
    for entry in entries:
        at = datetime.fromisoformat(entry.at)
        assert started <= at <= datetime.now(UTC)
        assert at.utcoffset() == timedelta(0)
        assert (entry.actor_id, entry.actor, entry.way) == (7, "ada", "admin")
        assert entry.message == "WS-807: agreed in the meeting"
        assert entry.action
        assert entry.summary
    assert {entry.request for entry in entries} == {author.request}
    assert len({(entry.subject, entry.name, entry.kind) for entry in entries}) == len(entries)
    assert list(faults()) == []
    # Whatever machine is another one now is in the log, as it was and as it is.
    after = machines()
    titles = {each.title: each.slug for each in MachineTemplate.objects.all()}
    told = {(e.name, e.kind): (parse(e.before), parse(e.after)) for e in entries}
    for capability, kind in after.keys() & machines_before.keys():
        old, new = machines_before[capability, kind], after[capability, kind]
        subject = (capability, kind) if capability else (titles[kind], "")
        if old != new:
            assert told[subject] == (old, new)
        elif subject in told:
            assert told[subject][0] == told[subject][1]


@pytest.mark.parametrize("name", VERBS)
def test_a_write_whose_audit_entry_fails_leaves_nothing(
    seed: Plan, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = VERBS[name]()
    before = state()
    saves: list[object] = []

    def fail(entries: object) -> None:
        saves.append(entries)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(AuditEntry.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        call(editor_author(), "")
    assert len(saves) == 1
    assert state() == before


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_a_write_to_what_somebody_else_saved_meanwhile_is_refused_and_writes_nothing(
    seed: Plan, name: str
) -> None:
    call = VERBS[name]()
    Definition.objects.update(version=F("version") + 1)
    MachineTemplate.objects.update(version=F("version") + 1)
    before = state()
    with pytest.raises(ConflictError, match=r"was changed by somebody else in the meantime\.$"):
        call(editor_author(), "")
    assert state() == before


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_a_write_to_what_was_removed_meanwhile_is_refused_and_writes_nothing(
    seed: Plan, name: str
) -> None:
    call = VERBS[name]()
    emptied()
    before = state()
    with pytest.raises((ConflictError, ValidationError)):
        call(editor_author(), "")
    assert state() == before


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_every_write_counts_the_version_up(seed: Plan, name: str) -> None:
    call = VERBS[name]()
    returned = call(editor_author(), "")
    for written in returned if isinstance(returned, list) else [returned]:
        assert isinstance(written, Definition | MachineTemplate)
        if written.pk:
            stored = type(written)._default_manager.get(pk=written.pk)
            assert stored.version == written.version
            assert written.version >= 2
        else:
            assert name in ("definitions.make_same_as_current", "machine_templates.remove")


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_the_same_form_sent_twice_is_refused_the_second_time(seed: Plan, name: str) -> None:
    call = VERBS[name]()
    call(editor_author(), "")
    before = state()
    with pytest.raises((ConflictError, ValidationError)):
        call(editor_author(), "")
    assert state() == before
