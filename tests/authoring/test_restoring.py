"""Restoring: exactly the machine of an entry, as one new entry; nothing is erased."""

from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from capabilities.authoring import (
    capabilities,
    checks,
    definitions,
    imports,
    machine_templates,
    notes,
    overrides,
    restoring,
    texts,
    undoing,
)
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.authoring.restoring import AFTER, BEFORE, Restored, Unkept
from capabilities.machines.notation import parse, render
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    MachineTemplate,
    Note,
    SwitchedOffCheck,
)
from capabilities.verifying import faults

from ..factories import (
    COMPLETE,
    FAIL,
    PASS,
    QA,
    RESUME,
    SEED_TEXT,
    SIMPLE,
    SUBMITTED,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
    template,
    template_machine,
    undone,
)

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")
OTHER = line("[Queued] - <resume> {QaPass} -> [Executing]")


def entry_of(name: str, kind: str = "current") -> AuditEntry:
    """The first entry of a machine: how it was imported."""
    found = AuditEntry.objects.filter(name=name, kind=kind).order_by("sequence").first()
    assert found
    return found


def restore(entry: AuditEntry, side: str = AFTER, message: str = "") -> Restored:
    return restoring.restore(
        entry=entry,
        side=side,
        version=restoring.version_of(entry),
        message=message,
        by=editor_author(),
    )


def stored(name: str, kind: str = "current") -> object:
    """All that a definition is made of, without versions and ids."""
    own = definition(name, kind)
    hidden = ("id", "definition_id")
    return (
        own.machine_template,
        [each.machine_template for each in own.stages.all()],
        [
            {key: value for key, value in row.items() if key not in hidden}
            for row in own.overrides.values()
        ],
        own.values,
    )


def ten_edits() -> Iterator[object]:
    """Ten writes to std_calibration current, of every sort."""
    name, extra = "std_calibration", template(SIMPLE)
    yield overrides.drop(definition=seen(name), key=FAIL, by=editor_author())
    yield overrides.put(
        definition=seen(name),
        key=None,
        transition=CANCEL,
        reason="They asked",
        by=editor_author(),
    )
    yield overrides.move(definition=seen(name), key=CANCEL.key, earlier=True, by=editor_author())
    yield definitions.choose_machine_template(
        definition=seen(name), machine_template=extra, by=editor_author()
    )
    yield definitions.attach_stage(
        definition=seen(name), machine_template=template(QA), by=editor_author()
    )
    yield overrides.put(definition=seen(name), key=RESUME, transition=OTHER, by=editor_author())
    yield notes.add(
        text="Why?",
        capability=Capability.objects.get(name=name),
        kind="current",
        by=editor_author(),
    )
    yield checks.switch_off(
        capability=Capability.objects.get(name=name),
        kind="current",
        code="no-cancellation",
        reason="Nobody does.",
        by=editor_author(),
    )
    yield definitions.bind_parameters(
        definition=seen(name), values={"workflow_name": "another"}, by=editor_author()
    )
    yield texts.save(definition=seen(name), text=OTHER_TEXT, by=editor_author())


OTHER_TEXT = "[Start] - <capability-submitted> {QaPass} -> [Complete]\n"


def test_after_ten_edits_it_is_as_it_was_imported_by_one_new_entry(seed: Plan) -> None:
    name = "std_calibration"
    first, before = entry_of(name), effective(name)
    made, noted = stored(name), list(Note.objects.filter(capability__name=name).values("text"))
    since = head()
    assert len(list(ten_edits())) == 10
    assert effective(name) != before
    kept = last_entries()
    done = restore(first, message="Start again.")
    assert effective(name) == before == parse(first.after)
    assert stored(name) == made
    assert list(Note.objects.filter(capability__name=name).values("text")) == noted
    assert not SwitchedOffCheck.objects.filter(capability__name=name).exists()
    entries = last_entries()
    assert [each.digest for each in entries[:-1]] == [each.digest for each in kept]
    assert len(entries) == len(kept) + 1 >= since + 11
    last = entries[-1]
    assert (last.action, last.message) == ("restored", "Start again.")
    assert last.summary == f"Restored {name} current to how it was after entry {first.sequence}"
    assert last.after == first.after
    assert list(faults()) == []
    assert done.written == definition(name)
    (told,) = done.told
    assert told.startswith("It is made of what it was made of then: ")


def test_every_edit_can_be_gone_back_to_from_wherever_it_is_now(seed: Plan) -> None:
    name = "std_calibration"
    list(ten_edits())
    entries = list(AuditEntry.objects.filter(name=name, kind="current").order_by("sequence"))
    for entry in entries:
        for side in (BEFORE, AFTER):
            text = restoring.text_of(entry, side)
            with undone():
                if entry == entries[0] and side == BEFORE:
                    with pytest.raises(ValidationError, match="no such machine before"):
                        restore(entry, side)
                    continue
                with suppress(ValidationError):  # it may be so already
                    restore(entry, side)
                assert render(effective(name)) == text


LAW = [
    lambda: overrides.drop(definition=seen("null"), key=RESUME, by=editor_author()),
    lambda: overrides.put(definition=seen("null"), key=None, transition=CANCEL, by=editor_author()),
    lambda: overrides.restore(definition=seen("null"), key=RESUME, by=editor_author()),
    lambda: definitions.choose_machine_template(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    ),
    lambda: definitions.choose_machine_template(
        definition=seen("null"), machine_template=None, by=editor_author()
    ),
    lambda: definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    ),
    lambda: overrides.put(
        definition=seen("null", "ideal"), key=None, transition=CANCEL, by=editor_author()
    ),
    lambda: definitions.make_same_as_current(definition=seen("null", "ideal"), by=editor_author()),
    lambda: machine_templates.drop(
        machine_template=template(SIMPLE),
        key=COMPLETE,
        version=template(SIMPLE).version,
        by=editor_author(),
    ),
    lambda: machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=CANCEL,
        version=template(SIMPLE).version,
        by=editor_author(),
    ),
    lambda: machine_templates.lay_over(
        machine_template=template(QA),
        over=None,
        version=template(QA).version,
        by=editor_author(),
    ),
    lambda: capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author()),
]
"""Writes that change what null, its ideal and the machine templates are, each as it can be."""


@examples(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    chosen=st.lists(st.integers(0, len(LAW) - 1), min_size=1, max_size=8), pick=st.integers(0, 999)
)
def test_whatever_was_written_a_restored_machine_is_the_entry_s_and_the_log_only_grows(
    seed: Plan, chosen: list[int], pick: int
) -> None:
    with undone():
        for index in chosen:
            try:
                LAW[index]()
            except (ValidationError, ConflictError, Capability.DoesNotExist):
                continue
        entry = Random(pick).choice(last_entries())  # noqa: S311
        side = (BEFORE, AFTER)[pick % 2]
        before, kept = state(), last_entries()
        try:
            restore(entry, side)
        except ValidationError:
            assert state() == before
            return
        text = restoring.text_of(entry, side)
        if entry.subject == "definition":
            assert render(effective(entry.name, entry.kind)) == text
        else:
            assert render(template_machine(entry.name)) == text
        entries = last_entries()
        assert [each.digest for each in entries[: len(kept)]] == [each.digest for each in kept]
        own = [e for e in entries[len(kept) :] if (e.name, e.kind) == (entry.name, entry.kind)]
        assert [each.after for each in own] == [text]
        assert list(faults()) == []


def test_a_template_that_changed_underneath_is_covered_by_overrides_and_that_is_said(
    seed: Plan,
) -> None:
    first, before = entry_of("null"), effective("null")
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    done = restore(first)
    assert effective("null") == before
    assert definition("null").machine_template == template(SIMPLE)
    (override,) = definition("null").overrides.all()
    assert override.key == COMPLETE
    assert override.reason == f"To be as in entry {first.sequence} of the log"
    assert done.told[1].startswith(
        "What lies beneath was changed since, so the overrides over the machine template "
        f"“{template(SIMPLE)}” are written anew: 1 override, 1 of them new or changed."
    )


def test_only_the_template_changed_since_and_the_definition_never(seed: Plan) -> None:
    first = entry_of("null")
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    done = restore(first)
    assert render(effective("null")) == first.after
    assert len(done.told) == 1
    assert definition("null").version == 2


def test_an_override_that_stays_keeps_its_reason_and_ticket(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=OTHER,
        reason="They asked",
        ticket="WS-1",
        by=editor_author(),
    )
    entry = last_entries()[-1]
    overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    restore(entry)
    told = {each.key: (each.reason, each.ticket) for each in definition("null").overrides.all()}
    assert told == {
        RESUME: ("They asked", "WS-1"),
        COMPLETE: (f"To be as in entry {entry.sequence} of the log", ""),
    }


def test_without_its_machine_template_the_same_machine_is_made_by_overrides(seed: Plan) -> None:
    extra = machine_templates.add(title="Extra", over=template(QA), by=editor_author())
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=extra, by=editor_author()
    )
    entry = last_entries()[-1]
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=template(SIMPLE), by=editor_author()
    )
    machine_templates.remove(machine_template=extra, version=1, by=editor_author())
    done = restore(entry)
    assert render(effective("null")) == entry.after
    assert definition("null").machine_template == template(SIMPLE)
    assert done.told[0] == (
        "It cannot be made of what it was made of then. The machine template “extra” that it was "
        "made of was removed in the meantime."
    )
    assert f"over the machine template “{template(SIMPLE)}”" in done.told[1]


def test_an_entry_from_before_the_log_kept_parts_is_restored_by_overrides(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("capabilities.auditing._made_of", lambda *_: "")
        imports.run(text=SEED_TEXT, source="page.txt", by=editor_author())
        overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    text = entry_of("null").after
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author())
    first, last = entry_of("null"), last_entries()[-1]
    assert restoring.made_of_then(first, AFTER) is Unkept.UNKNOWN
    assert isinstance(restoring.made_of_then(last_entries()[-2], AFTER), dict)
    assert isinstance(restoring.made_of_then(last, BEFORE), dict)
    done = restore(first)
    assert render(effective("null")) == text
    assert done.told[0] == (
        "The log does not say what it was made of then: the entry is older than that part of the "
        "log."
    )
    assert done.told[1].startswith("The overrides over the machine template")


def test_a_removed_capability_comes_back_with_all_that_it_had(seed: Plan) -> None:
    name = "std_calibration"
    before, made = effective(name), stored(name)
    noted = Note.objects.filter(capability__name=name, kind="current").count()
    capabilities.require_qa(
        capability=Capability.objects.get(name=name), requires_qa=True, by=editor_author()
    )
    capabilities.remove(capability=Capability.objects.get(name=name), by=editor_author())
    removal = AuditEntry.objects.filter(name=name, kind="current").latest("sequence")
    with pytest.raises(ValidationError, match="no such machine after this entry"):
        restore(removal, AFTER)
    ideal = AuditEntry.objects.filter(name=name, kind="ideal").latest("sequence")
    with pytest.raises(ValidationError, match="Restore its current machine first"):
        restore(ideal, BEFORE)
    restore(removal, BEFORE)
    assert (effective(name), stored(name)) == (before, made)
    assert Capability.objects.get(name=name).requires_qa
    assert Note.objects.filter(capability__name=name, kind="current").count() == noted
    restore(ideal, BEFORE)
    assert render(effective(name, "ideal")) == ideal.before


def test_a_removed_capability_without_its_template_comes_back_by_overrides_alone(
    seed: Plan,
) -> None:
    extra = machine_templates.add(title="Extra", over=template(QA), by=editor_author())
    capability = capabilities.add(name="vlass", machine_template=extra, by=editor_author())
    entry = last_entries()[-1]
    capabilities.remove(capability=capability, by=editor_author())
    machine_templates.remove(machine_template=extra, version=1, by=editor_author())
    done = restore(entry)
    assert render(effective("vlass")) == entry.after
    assert definition("vlass").machine_template is None
    assert "over no machine template" in done.told[1]


def test_what_is_required_of_a_capability_stays_when_one_of_its_machines_is_restored(
    seed: Plan,
) -> None:
    first = entry_of("null")
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    null = Capability.objects.get(name="null")
    capabilities.require_qa(capability=null, requires_qa=True, by=editor_author())
    restore(first)
    assert Capability.objects.get(name="null").requires_qa


def test_an_ideal_becomes_the_same_as_current_again_and_has_its_own_again(seed: Plan) -> None:
    overrides.drop(definition=seen("null", "ideal"), key=RESUME, by=editor_author())
    entry = last_entries()[-1]
    done = restore(entry, BEFORE)
    assert not Definition.objects.filter(capability__name="null", kind="ideal").exists()
    assert done.told == ("The ideal is the same as current, as it was then.",)
    assert done.written == Capability.objects.get(name="null")
    assert last_entries()[-1].summary.startswith("Restored null ideal to how it was before entry")
    restore(entry, AFTER)
    assert render(effective("null", "ideal")) == entry.after


def test_an_ideal_that_was_the_same_as_another_current_gets_an_own_definition(seed: Plan) -> None:
    overrides.drop(definition=seen("null", "ideal"), key=RESUME, by=editor_author())
    entry = last_entries()[-1]
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author())
    current = effective("null")
    restore(entry, BEFORE)
    assert render(effective("null", "ideal")) == entry.before
    assert effective("null") == current


# -- machine templates


def test_a_machine_template_and_all_that_use_it_are_as_they_were(seed: Plan) -> None:
    first = AuditEntry.objects.get(subject="machine template", name=SIMPLE)
    users = {name: effective(name) for name in ("null", "null_dag", "std_calibration")}
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    machine_templates.rename(
        machine_template=template(SIMPLE), title="Other", version=2, by=editor_author()
    )
    since = head()
    done = restore(first)
    assert render(template_machine(SIMPLE)) == first.after
    assert {name: effective(name) for name in users} == users
    assert template(SIMPLE).title != "Other"
    assert done.written == template(SIMPLE)
    assert {each.action for each in last_entries(since=since)} == {"restored"}
    assert last_entries(since=since)[0].name == SIMPLE


def test_a_machine_template_whose_lower_one_changed_has_the_rows_that_make_it_so(
    seed: Plan,
) -> None:
    first = AuditEntry.objects.get(subject="machine template", name=QA)
    machine_templates.drop(machine_template=template(QA), key=PASS, version=1, by=editor_author())
    machine_templates.drop(
        machine_template=template(SIMPLE), key=SUBMITTED, version=1, by=editor_author()
    )
    done = restore(first)
    assert render(template_machine(QA)) == first.after
    assert template(QA).over == template(SIMPLE)
    assert done.told[1].startswith("What lies beneath was changed since, so the rows over “")


def test_a_machine_template_that_was_removed_comes_back(seed: Plan) -> None:
    extra = machine_templates.add(title="Extra", over=template(QA), by=editor_author())
    entry = last_entries()[-1]
    machine_templates.remove(machine_template=extra, version=1, by=editor_author())
    restore(entry)
    assert (template("extra").title, template("extra").over) == ("Extra", template(QA))


def test_it_does_not_come_back_under_a_title_that_another_one_has(seed: Plan) -> None:
    extra = machine_templates.add(title="Extra", by=editor_author())
    entry = last_entries()[-1]
    machine_templates.remove(machine_template=extra, version=1, by=editor_author())
    machine_templates.rename(
        machine_template=template(QA), title="Extra", version=1, by=editor_author()
    )
    before = state()
    with pytest.raises(ValidationError, match="Another machine template is called “Extra” by now"):
        restore(entry)
    assert state() == before


def test_a_machine_template_never_lies_over_itself(seed: Plan) -> None:
    first = AuditEntry.objects.get(subject="machine template", name=QA)
    machine_templates.lay_over(
        machine_template=template(QA), over=None, version=1, by=editor_author()
    )
    machine_templates.lay_over(
        machine_template=template(SIMPLE), over=template(QA), version=1, by=editor_author()
    )
    done = restore(first)
    assert render(template_machine(QA)) == first.after
    assert "lies over" in done.told[0]
    assert MachineTemplate.objects.get(slug=QA).over is None


# -- refusals


def test_what_is_so_already_is_not_written_again(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError, match="nothing to do: it is so already"):
        restore(entry_of("null"))
    assert state() == before


@pytest.mark.parametrize("name", ["null", "gone"])
def test_what_somebody_else_changed_in_the_meantime_is_not_restored(seed: Plan, name: str) -> None:
    entry, version = entry_of("null"), 1
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    if name == "gone":
        capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author())
    before = state()
    with pytest.raises(ConflictError, match="null current was changed by somebody else"):
        restoring.restore(entry=entry, side=AFTER, version=version, by=editor_author())
    assert state() == before


def test_nothing_is_restored_from_a_damaged_entry(seed: Plan) -> None:
    damaged = AuditEntry(
        sequence=10_000, subject="definition", name="null", kind="current", after="[Start] - what"
    )
    with pytest.raises(ValidationError, match="it was changed after it was written"):
        restore(damaged)


def test_there_are_two_sides_of_an_entry(seed: Plan) -> None:
    with pytest.raises(ValidationError, match="before or after"):
        restore(entry_of("null"), "between")


def test_a_restore_can_be_undone(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    before, author = effective("null"), editor_author()
    restoring.restore(entry=entry_of("null"), side=AFTER, version=2, by=author)
    undoing.undo(request=author.request, by=editor_author())
    assert effective("null") == before
