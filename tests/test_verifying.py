"""Whatever was tampered with is found, its first bad row named, and nothing that was not."""

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from capabilities import checkpoints, triggers
from capabilities.authoring import capabilities, definitions, machine_templates, notes, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.models import (
    AuditEntry,
    AuditHead,
    Capability,
    Definition,
    Kind,
    MachineTemplate,
    Override,
    TemplateRow,
)
from capabilities.verifying import Fault, Walk, faults

from .authoring.verbs import VERBS
from .factories import (
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    head,
    last_entries,
    line,
    seen,
    tampering,
    template,
)

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")
CHANGED = "was changed after it was written"
UNFOLLOWED = "does not follow from the entry before it"
UNKNOWN = "is there, and no entry tells of it"

committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def found() -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.problem) for fault in faults()]


def told() -> list[str]:
    return [str(fault) for fault in faults()]


def change(sequence: int, /, **columns: Any) -> None:
    """Change an entry past the triggers."""
    with tampering():
        assert AuditEntry.objects.filter(sequence=sequence).update(**columns)


def delete(**which: Any) -> None:
    """Delete entries past the triggers."""
    with tampering():
        assert AuditEntry.objects.filter(**which).delete()[0]


def turn_back(sequence: int) -> None:
    """Delete what comes after an entry, and turn the head back to it."""
    last = AuditEntry.objects.get(sequence=sequence)
    with tampering():
        AuditEntry.objects.filter(sequence__gt=sequence).delete()
        AuditHead.objects.update(sequence=sequence, digest=last.digest)


def keep_checkpoint() -> None:
    """As a commit does, and a test that is rolled back never does."""
    checkpoints.advance((0, ""), AuditHead.objects.values_list("sequence", "digest").get())


@pytest.fixture(autouse=True)
def checkpoint(tmp_path: Any, settings: Any) -> None:
    settings.AUDIT_CHECKPOINT = str(tmp_path / "checkpoint")


# -- entries


@pytest.mark.parametrize("column", [*AuditEntry.HASHED, "made_of", "digest"])
def test_a_changed_column_is_found_and_its_row_named(seed: Plan, column: str) -> None:
    entry = AuditEntry.objects.get(sequence=5)
    values: dict[str, Any] = {"sequence": 500, "actor_id": 8, "before": "x", "message": "y"}
    changed = values.get(column, f"x{str(getattr(entry, column))[1:]}")
    change(5, **{column: changed})
    first, *rest = found()
    if column == "sequence":
        assert first == (5, "is missing: the next entry is 6")
        assert (500, CHANGED) in rest
    elif column == "previous":
        assert (first, rest) == ((5, UNFOLLOWED), [(5, CHANGED)])
    elif column == "digest":
        assert (first, rest) == ((5, CHANGED), [(6, UNFOLLOWED)])
    elif column in ("subject", "name", "kind"):
        assert first == (5, CHANGED)  # and the machine that it told of is told of no more
        assert {problem for _, problem in rest} <= {UNKNOWN}
    else:
        assert (first, rest) == ((5, CHANGED), [])


def test_an_actor_s_id_that_is_taken_away_is_found(seed: Plan) -> None:
    change(3, actor_id=None)
    assert found() == [(3, CHANGED)]


def test_what_something_was_made_of_cannot_be_taken_out_or_changed(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    made_of = last_entries()[-1].made_of
    for other in ("", made_of.replace("simple", "other"), "null"):
        change(head(), made_of=other)
        assert found() == [(head(), CHANGED)]


def test_a_deleted_entry_is_found_in_the_middle(seed: Plan) -> None:
    delete(sequence__in=(4, 5))
    assert found() == [(4, "is missing: the next entry is 6")]


def test_a_deleted_entry_is_found_at_the_beginning(seed: Plan) -> None:
    delete(sequence=1)
    assert found() == [(1, "is missing: the next entry is 2")]


def test_a_deleted_tail_is_found(seed: Plan) -> None:
    delete(sequence__gt=7)
    first, *rest = found()
    assert first == (8, "is missing: the log ends before entry 10")
    assert rest == [(None, UNKNOWN)] * 3


def test_a_deleted_tail_is_found_though_the_head_was_turned_back(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    overrides.restore(definition=seen("null"), key=RESUME, by=editor_author())
    keep_checkpoint()
    turn_back(10)
    assert found() == [(11, "is missing: the checkpoint names entry 12")]


def test_a_whole_log_that_was_taken_away_is_found(seed: Plan) -> None:
    keep_checkpoint()
    with tampering():
        AuditEntry.objects.all().delete()
        AuditHead.objects.all().delete()
    first, *rest = found()
    assert first == (1, "is missing: the checkpoint names entry 10")
    assert rest == [(None, UNKNOWN)] * 9  # seven capabilities and two machine templates


def test_a_head_that_was_taken_away_is_found(seed: Plan) -> None:
    with tampering():
        AuditHead.objects.all().delete()
    assert told() == ["the head of the log is missing"]


def test_a_head_that_was_turned_back_is_found(seed: Plan) -> None:
    with tampering():
        AuditHead.objects.update(sequence=9)
    assert told() == ["the head of the log is not the last entry: the log goes on to entry 10"]


def test_a_head_of_another_digest_is_found(seed: Plan) -> None:
    with tampering():
        AuditHead.objects.update(digest="0" * 64)
    assert found() == [(10, "is not the entry that the head of the log names")]


def test_two_entries_that_changed_places_are_found(seed: Plan) -> None:
    with tampering():
        for old, new in ((4, 400), (5, 4), (400, 5)):
            AuditEntry.objects.filter(sequence=old).update(sequence=new)
    names = [sequence for sequence, _ in found()]
    assert names[0] == 4
    assert {4, 5, 6} == set(names)


def test_an_entry_that_was_put_in_is_found(seed: Plan) -> None:
    end = AuditEntry.objects.get(sequence=10)
    forged = AuditEntry(sequence=11, actor="eve", subject="definition", previous=end.digest)
    forged.digest = forged.computed_digest("not the key")
    forged.save(force_insert=True)
    assert found() == [
        (11, CHANGED),
        (10, "is not the last entry: the log goes on to entry 11"),
    ]


def test_an_entry_that_was_put_in_between_is_found(seed: Plan) -> None:
    with tampering():
        for sequence in range(10, 4, -1):
            AuditEntry.objects.filter(sequence=sequence).update(sequence=sequence + 1)
        before = AuditEntry.objects.get(sequence=4)
        forged = AuditEntry(sequence=5, actor="eve", subject="definition", previous="0" * 64)
        forged.name, forged.kind = before.name, before.kind
        forged.digest = forged.computed_digest("not the key")
        forged.save(force_insert=True)
    assert found()[0] == (5, UNFOLLOWED)
    assert found()[1] == (5, CHANGED)


def test_a_chain_that_was_made_anew_without_the_key_is_found_where_it_begins(seed: Plan) -> None:
    previous = AuditEntry.objects.get(sequence=3).digest
    with tampering():
        for entry in AuditEntry.objects.filter(sequence__gt=3).order_by("sequence"):
            if entry.sequence == 4:
                entry.actor = "eve"
            entry.previous = previous
            entry.digest = previous = entry.computed_digest("a guessed key")
            entry.save()
        AuditHead.objects.update(digest=previous)
    assert found() == [(sequence, CHANGED) for sequence in range(4, 11)]


def test_a_chain_that_was_made_anew_with_the_key_is_found_by_the_checkpoint(
    seed: Plan, settings: Any
) -> None:
    keep_checkpoint()
    previous = AuditEntry.objects.get(sequence=3).digest
    with tampering():
        for entry in AuditEntry.objects.filter(sequence__gt=3).order_by("sequence"):
            entry.actor, entry.previous = "eve", previous
            entry.digest = previous = entry.computed_digest(settings.AUDIT_KEY)
            entry.save()
        AuditHead.objects.update(digest=previous)
    assert found() == [(10, "is not the entry that the checkpoint names")]


def test_under_another_key_no_entry_verifies(seed: Plan, settings: Any) -> None:
    keep_checkpoint()
    settings.AUDIT_KEY = "another key"
    *entries, of_checkpoint = told()
    assert entries == [f"entry {sequence} {CHANGED}" for sequence in range(1, 11)]
    assert of_checkpoint == "the checkpoint was changed, or written with another AUDIT_KEY"


def test_entries_are_looked_at_page_by_page(seed: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capabilities.verifying.chain.PAGE", 3)
    assert found() == []
    change(7, actor="eve")
    assert found() == [(7, CHANGED)]


# -- machines


def _override() -> None:
    Override.objects.filter(definition=definition("std_calibration")).update(target="Nowhere")


def _override_gone() -> None:
    first = Override.objects.filter(definition=definition("std_calibration")).first()
    assert first
    first.delete()


def _row() -> None:
    row = TemplateRow.objects.filter(machine_template__slug=QA).first()
    assert row
    TemplateRow.objects.filter(pk=row.pk).update(event="qa-passed", drop=False)


def _over() -> None:
    MachineTemplate.objects.filter(slug=QA).update(over=None)


def _other_template() -> None:
    Definition.objects.filter(capability__name="null").update(machine_template=template(QA))


def _added() -> None:
    Capability.objects.create(name="eve")


def _added_with_machine() -> None:
    Definition.objects.create(
        capability=Capability.objects.create(name="eve"), kind=Kind.CURRENT, machine_template=None
    )


def _ideal_added() -> None:
    Definition.objects.create(
        capability=Capability.objects.get(name="null"), kind=Kind.IDEAL, machine_template=None
    )


def _ideal_gone() -> None:
    definition("std_calibration", Kind.IDEAL).delete()


def _gone() -> None:
    Capability.objects.filter(name="null").delete()


def _template_added() -> None:
    MachineTemplate.objects.create(title="Eve", slug="eve")


def _template_gone() -> None:
    Definition.objects.filter(machine_template=template(QA)).update(machine_template=None)
    template(QA).delete()


def _impossible() -> None:
    TemplateRow.objects.filter(machine_template__slug=SIMPLE, event="resume").update(
        source="(workflow_name"
    )


def of(name: str, kind: str = "current") -> int:
    """The last entry that tells of a machine."""
    return AuditEntry.objects.filter(name=name, kind=kind).latest("sequence").sequence


ANOTHER = "is another machine than entry {} ended with"
GONE = "is not there, and entry {} says that it is"


@pytest.mark.parametrize(
    ("tamper", "about", "problem"),
    [
        (_override, "std_calibration current", ANOTHER),
        (_override_gone, "std_calibration current", ANOTHER),
        (_row, f"the machine template {QA}", ANOTHER),
        (_over, f"the machine template {QA}", ANOTHER),
        (_other_template, "null current", ANOTHER),
        (_added, "the capability eve", UNKNOWN),
        (_added_with_machine, "the capability eve", UNKNOWN),
        (_ideal_added, "null ideal", UNKNOWN),
        (_ideal_gone, "std_calibration ideal", ANOTHER),
        (_gone, "null current", GONE),
        (_template_added, "the machine template eve", UNKNOWN),
        (_template_gone, f"the machine template {QA}", GONE),
    ],
)
def test_a_machine_that_was_changed_past_the_log_is_named(
    seed: Plan, tamper: Callable[[], None], about: str, problem: str
) -> None:
    name, _, kind = about.removeprefix("the machine template ").partition(" ")
    sequence = None if problem == UNKNOWN else of(name, kind)
    assert found() == []
    tamper()
    assert Fault(sequence, problem.format(sequence), about) in list(faults())


def test_a_machine_that_cannot_be_any_more_is_named(seed: Plan) -> None:
    override = Override.objects.filter(definition=definition("std_calibration")).first()
    assert override
    Override.objects.filter(pk=override.pk).update(event="")
    (fault,) = faults()
    assert str(fault).startswith("std_calibration current cannot be: ")


@pytest.mark.parametrize("columns", [{"event": ""}, {"actions": "{Send"}])
def test_a_row_that_cannot_be_read_any_more_is_told(seed: Plan, columns: dict[str, str]) -> None:
    (column, value), row = next(iter(columns.items())), TemplateRow.objects.latest("pk")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE capabilities_templaterow SET {column} = %s WHERE id = %s",  # noqa: S608
            [value, row.pk],
        )
    (fault,) = faults()
    assert str(fault).startswith("a row of a machine cannot be read: ")


def test_a_change_past_the_log_is_found_after_a_later_save_as_well(seed: Plan) -> None:
    TemplateRow.objects.filter(machine_template__slug=SIMPLE, event="resume").update(
        target="Queued"
    )
    count = head()
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    (entry,) = last_entries(since=count)
    first = next(iter(faults()))
    assert first.sequence == entry.sequence
    assert first.problem.startswith("begins with another machine than entry ")
    assert first.problem.endswith(" ended with: it was changed past the log in between")


# -- triggers


def test_a_trigger_that_is_missing_is_named(seed: Plan) -> None:
    triggers.remove(connection, triggers.AUDIT)
    assert [each.about for each in faults()] == [
        f"the trigger {name}" for name in triggers.names(connection, triggers.AUDIT)
    ]
    triggers.install(connection, triggers.AUDIT)
    assert found() == []


# -- no false alarm


@pytest.mark.parametrize("name", VERBS)
def test_whatever_is_done_and_then_the_machine_templates_changed_nothing_is_found(
    seed: Plan, name: str
) -> None:
    """Ideal machines that are the same as current then change, and no entry tells of them."""
    for capability in Capability.objects.all():
        capabilities.require_qa(capability=capability, requires_qa=True, by=editor_author())
    call = VERBS[name]()
    assert found() == []
    call(editor_author(), "")
    assert found() == []
    for each in MachineTemplate.objects.all():
        machine_templates.put(
            machine_template=each,
            key=None,
            transition=line(f"[Queued] - <{each.slug}> {{QaPass}} -> [Failed]"),
            version=each.version,
            by=editor_author(),
        )
    assert found() == []


@pytest.mark.parametrize("number", range(8))
def test_in_whatever_order_things_are_done_nothing_is_found(seed: Plan, number: int) -> None:
    order = list(VERBS)
    random.Random(number).shuffle(order)  # noqa: S311
    done = 0
    for name in order:
        try:
            VERBS[name]()(editor_author(), "")
            done += 1
        except (
            ConflictError,
            ValidationError,
            LookupError,
            Capability.DoesNotExist,
            AssertionError,
        ):
            continue  # what it needs was taken away before
        assert found() == [], name
    assert done > 10


def test_a_capability_that_comes_back_under_its_name_is_another_one(seed: Plan) -> None:
    author = editor_author()
    ideal = Kind.IDEAL
    overrides.drop(definition=seen("null", ideal), key=RESUME, by=author)
    definitions.make_same_as_current(definition=seen("null", ideal), by=author)
    notes.add(text="Why?", capability=Capability.objects.get(name="null"), kind=ideal, by=author)
    capabilities.remove(capability=Capability.objects.get(name="null"), by=author)
    assert found() == []
    capabilities.add(name="null", machine_template=template(QA), by=author)
    assert found() == []
    overrides.drop(definition=seen("null", ideal), key=RESUME, by=author)
    assert found() == []


def test_a_text_that_an_earlier_version_wrote_differently_is_the_same_machine(
    seed: Plan, settings: Any
) -> None:
    last = AuditEntry.objects.get(sequence=10)
    last.after = last.after.replace("] - <", "]  -  <") + "\n"
    last.digest = last.computed_digest(settings.AUDIT_KEY)
    with tampering():
        last.save()
        AuditHead.objects.update(digest=last.digest)
    assert found() == []


def test_entries_from_before_made_of_was_kept_are_no_fault(seed: Plan, settings: Any) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    previous = ""
    with tampering():
        for entry in AuditEntry.objects.order_by("sequence"):
            entry.made_of, entry.previous = "", previous
            entry.digest = previous = entry.computed_digest(settings.AUDIT_KEY)
            entry.save()
        AuditHead.objects.update(digest=previous)
    assert found() == []


@committed
def test_others_may_write_meanwhile_and_nothing_is_found(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is of one moment: what is written between the log and the machines is of a later one."""
    walk_faults = Walk.faults

    def write() -> None:
        overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
        connection.close()

    def interrupted(walk: Walk, checkpoint: Any = None) -> Iterator[Fault]:
        yield from walk_faults(walk, checkpoint)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(timeout=10)
        assert not thread.is_alive()

    monkeypatch.setattr(Walk, "faults", interrupted)
    assert found() == []
    assert head() == 11
    monkeypatch.undo()
    assert found() == []
