"""Every verb of `authoring`, each ready to be called once on the team's page as imported."""

from collections.abc import Callable

from django.utils import timezone

from capabilities.auditing import Author
from capabilities.authoring import (
    adopting,
    capabilities,
    checks,
    definitions,
    deviations,
    imports,
    known_drift,
    machine_templates,
    many,
    notes,
    overrides,
    releases,
    renames,
    restoring,
    review,
    shipped,
    texts,
    undoing,
)
from capabilities.machines.layers import Put
from capabilities.machines.machine import Machine
from capabilities.machines.notation import parse, render, render_transition
from capabilities.models import AuditEntry, Capability, Kind, Note

from ..deciding import INGESTED, NOT_INGESTED, PLANNED, decided
from ..deciding import seen as seen_difference
from ..drifted import chosen as chosen_drift
from ..drifted import drift_of, known, one_changed
from ..factories import (
    COMPLETE,
    FAIL,
    PASS,
    QA,
    SIMPLE,
    editor_author,
    effective,
    line,
    seen,
    template,
)
from ..releasing import WARNINGS
from ..reviewing import approved, keys, proposed
from ..reviewing import seen as seen_request

Call = Callable[[Author, str], object]
"""Calls the verb with who does it and a message, both as seen when this was made."""

QUEUED_CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")


def _capabilities_add() -> Call:
    chosen = template(QA)
    return lambda by, message: capabilities.add(
        name="vlass", machine_template=chosen, message=message, by=by
    )


def _capabilities_remove() -> Call:
    capability = Capability.objects.get(name="std_calibration")
    return lambda by, message: capabilities.remove(capability=capability, message=message, by=by)


def _require_qa() -> Call:
    capability = Capability.objects.get(name="null")
    return lambda by, message: capabilities.require_qa(
        capability=capability, requires_qa=True, message=message, by=by
    )


def _checks_switch_off() -> Call:
    capability = Capability.objects.get(name="null")
    return lambda by, message: checks.switch_off(
        capability=capability,
        kind=Kind.IDEAL,
        code="no-cancellation",
        reason="Nobody cancels it.",
        message=message,
        by=by,
    )


def _checks_switch_on() -> Call:
    _checks_switch_off()(editor_author(), "")
    capability = Capability.objects.get(name="null")
    return lambda by, message: checks.switch_on(
        capability=capability, kind=Kind.IDEAL, code="no-cancellation", message=message, by=by
    )


def _deviations_decide() -> Call:
    capability, difference = Capability.objects.get(name="std_calibration"), seen_difference(PASS)
    return lambda by, message: deviations.decide(
        capability=capability, key=PASS, seen=difference, **PLANNED, message=message, by=by
    )


def _deviations_decide_each() -> Call:
    capability = Capability.objects.get(name="std_calibration")
    chosen = [
        deviations.Chosen(capability, key, seen_difference(key), 0)
        for key in (INGESTED, NOT_INGESTED)
    ]
    return lambda by, message: deviations.decide_each(
        chosen=chosen, **PLANNED, message=message, by=by
    )


def _deviations_withdraw() -> Call:
    capability, there = Capability.objects.get(name="std_calibration"), decided(PASS)
    return lambda by, message: deviations.withdraw(
        capability=capability, key=PASS, newest=there.pk, message=message, by=by
    )


def _choose_machine_template() -> Call:
    definition, chosen = seen("null"), template(QA)
    return lambda by, message: definitions.choose_machine_template(
        definition=definition, machine_template=chosen, message=message, by=by
    )


def _attach_stage() -> Call:
    definition, stage = seen("null"), template(QA)
    return lambda by, message: definitions.attach_stage(
        definition=definition, machine_template=stage, message=message, by=by
    )


def _remove_stage() -> Call:
    stage = template(QA)
    definitions.attach_stage(definition=seen("null"), machine_template=stage, by=editor_author())
    definition = seen("null")
    return lambda by, message: definitions.remove_stage(
        definition=definition, machine_template=stage, message=message, by=by
    )


def _move_stage() -> Call:
    over = template(SIMPLE)
    stages = [
        template(QA),
        machine_templates.add(
            title="Cancellable", over=over, layer=(Put(QUEUED_CANCEL),), by=editor_author()
        ),
    ]
    for stage in stages:
        definitions.attach_stage(
            definition=seen("null"), machine_template=stage, by=editor_author()
        )
    definition = seen("null")
    return lambda by, message: definitions.move_stage(
        definition=definition, machine_template=stages[1], earlier=True, message=message, by=by
    )


def _many_choose_machine_template() -> Call:
    chosen, qa = [seen("null"), seen("null_dag")], template(QA)
    return lambda by, message: many.choose_machine_template(
        definitions=chosen, machine_template=qa, message=message, by=by
    )


def _many_attach_stage() -> Call:
    chosen, qa = [seen("null"), seen("std_calibration")], template(QA)
    return lambda by, message: many.attach_stage(
        definitions=chosen, machine_template=qa, message=message, by=by
    )


def _many_remove_stage() -> Call:
    _many_attach_stage()(editor_author(), "")
    chosen, qa = [seen("null"), seen("std_calibration"), seen("restore_cms")], template(QA)
    return lambda by, message: many.remove_stage(
        definitions=chosen, machine_template=qa, message=message, by=by
    )


def _adopt() -> Call:
    author = editor_author()
    for name in ("null", "null_dag"):
        definitions.choose_machine_template(definition=seen(name), machine_template=None, by=author)
        text = render(effective("test_download"))
        texts.save(definition=seen(name), text=text, by=author)
    chosen = [
        adopting.Adoption(seen(name), template(SIMPLE), stages=()) for name in ("null", "null_dag")
    ]
    return lambda by, message: adopting.adopt(adoptions=chosen, message=message, by=by)


def _adopting_make() -> Call:
    _adopt()
    seen_now = [seen("null"), seen("null_dag")]
    form = parse(render(effective("null")).replace(" null}", " (workflow_name)}"))
    return lambda by, message: adopting.make(
        title="Run", definitions=seen_now, form=form, message=message, by=by
    )


def _add_two_stage_qa() -> Call:
    return lambda by, message: shipped.add_two_stage_qa(message=message, by=by)


def _bind_parameters() -> Call:
    definition = seen("null")
    return lambda by, message: definitions.bind_parameters(
        definition=definition, values={"workflow_name": "null_dag"}, message=message, by=by
    )


def _make_same_as_current() -> Call:
    definition = seen("std_calibration", Kind.IDEAL)
    return lambda by, message: definitions.make_same_as_current(
        definition=definition, message=message, by=by
    )


def _overrides_put() -> Call:
    definition = seen("null")
    return lambda by, message: overrides.put(
        definition=definition, key=None, transition=QUEUED_CANCEL, message=message, by=by
    )


def _overrides_move() -> Call:
    definition = seen("std_calibration")
    return lambda by, message: overrides.move(
        definition=definition, key=FAIL, earlier=True, message=message, by=by
    )


def _overrides_drop() -> Call:
    definition = seen("std_calibration")
    return lambda by, message: overrides.drop(
        definition=definition, key=FAIL, message=message, by=by
    )


def _overrides_restore() -> Call:
    definition = seen("std_calibration")
    return lambda by, message: overrides.restore(
        definition=definition, key=COMPLETE, message=message, by=by
    )


def _templates_add() -> Call:
    over = template(SIMPLE)
    return lambda by, message: machine_templates.add(
        title="Cancellable", over=over, layer=(Put(QUEUED_CANCEL),), message=message, by=by
    )


def _templates_copy() -> Call:
    found = template(QA)
    return lambda by, message: machine_templates.copy(
        machine_template=found, title="Two-stage QA", message=message, by=by
    )


def _templates_retire() -> Call:
    found = template(QA)
    return lambda by, message: machine_templates.retire(
        machine_template=found, version=1, message=message, by=by
    )


def _templates_bring_back() -> Call:
    machine_templates.retire(machine_template=template(QA), version=1, by=editor_author())
    found = template(QA)
    return lambda by, message: machine_templates.bring_back(
        machine_template=found, version=2, message=message, by=by
    )


def _templates_rename() -> Call:
    found = template(SIMPLE)
    return lambda by, message: machine_templates.rename(
        machine_template=found, title="Run", version=1, message=message, by=by
    )


def _templates_lay_over() -> Call:
    found = template(QA)
    return lambda by, message: machine_templates.lay_over(
        machine_template=found, over=None, version=1, message=message, by=by
    )


def _templates_put() -> Call:
    found = template(SIMPLE)
    return lambda by, message: machine_templates.put(
        machine_template=found,
        key=None,
        transition=QUEUED_CANCEL,
        version=1,
        message=message,
        by=by,
    )


def _templates_move() -> Call:
    found = template(SIMPLE)
    return lambda by, message: machine_templates.move(
        machine_template=found, key=COMPLETE, earlier=False, version=1, message=message, by=by
    )


def _templates_drop() -> Call:
    found = template(SIMPLE)
    return lambda by, message: machine_templates.drop(
        machine_template=found,
        key=COMPLETE,
        version=1,
        message=message,
        by=by,
    )


def _templates_restore() -> Call:
    found = template(QA)
    return lambda by, message: machine_templates.restore(
        machine_template=found, key=PASS, version=1, message=message, by=by
    )


def _templates_remove() -> Call:
    found = machine_templates.add(title="Unused", by=editor_author())
    return lambda by, message: machine_templates.remove(
        machine_template=found, version=1, message=message, by=by
    )


def _notes_add() -> Call:
    capability = Capability.objects.get(name="null")
    return lambda by, message: notes.add(
        text="Is it still used?", capability=capability, kind="current", message=message, by=by
    )


def _notes_change() -> Call:
    note = Note.objects.filter(capability__name="std_calibration").first()
    assert note
    return lambda by, message: notes.change(
        note=note, text="Yes.", key=None, message=message, by=by
    )


def _notes_remove() -> Call:
    note = Note.objects.filter(machine_template__slug=QA).first()
    assert note
    return lambda by, message: notes.remove(note=note, message=message, by=by)


def _a_question(slug: str = QA) -> Note:
    found = Note.objects.filter(machine_template__slug=slug, is_question=True).first()
    assert found
    return found


def _notes_answer() -> Call:
    note = _a_question()
    return lambda by, message: notes.answer(note=note, answer="Yes.", message=message, by=by)


def _notes_reopen() -> Call:
    note = notes.answer(note=_a_question(), answer="Yes.", by=editor_author("bea"))
    return lambda by, message: notes.reopen(note=note, message=message, by=by)


def _texts_save() -> Call:
    definition = seen("std_calibration")
    text = f"{render(effective('std_calibration'))}{render_transition(QUEUED_CANCEL)}\n-- New.\n"
    return lambda by, message: texts.save(definition=definition, text=text, message=message, by=by)


def _renames_rename() -> Call:
    return lambda by, message: renames.rename(
        term_kind="state", old="Executing", new="Running", message=message, by=by
    )


def _texts_merge() -> Call:
    definition, mine = seen("std_calibration"), Machine((QUEUED_CANCEL,))
    return lambda by, message: texts.merge(
        definition=definition, mine=mine, mine_at={QUEUED_CANCEL.key: True}, message=message, by=by
    )


PAGE = """\
null

[Start] - <capability-submitted> {QueueWorkflow null} -> [Complete]
-- It is only a test.

1. Short
[Start] - <capability-submitted> {QueueWorkflow (workflow_name)} -> [Complete]
"""


def _imports_run() -> Call:
    return lambda by, message: imports.run(text=PAGE, source="page.txt", message=message, by=by)


def _undoing_undo() -> Call:
    author = editor_author()
    overrides.drop(definition=seen("null"), key=COMPLETE, by=author)
    return lambda by, message: undoing.undo(request=author.request, message=message, by=by)


def _restoring_restore() -> Call:
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author())
    entry, version = AuditEntry.objects.latest("sequence"), seen("null").version
    return lambda by, message: restoring.restore(
        entry=entry, side=restoring.BEFORE, version=version, message=message, by=by
    )


def _known_drift_decide() -> Call:
    found = drift_of(one_changed)
    chosen, until = chosen_drift(*found), timezone.now().date()
    return lambda by, message: known_drift.decide(
        chosen=chosen, there=found, owner="ada", reason="x", until=until, message=message, by=by
    )


def _known_drift_withdraw() -> Call:
    known(one_changed)
    chosen = chosen_drift(*drift_of(one_changed))
    return lambda by, message: known_drift.withdraw(chosen=chosen, message=message, by=by)


def _releases_release() -> Call:
    chosen = [Capability.objects.get(name="std_calibration")]
    return lambda by, message: releases.release(
        capabilities=chosen, title="The first", acknowledged=WARNINGS, message=message, by=by
    )


def _review_propose() -> Call:
    capability, chosen = Capability.objects.get(name="std_calibration"), keys()
    return lambda by, message: review.propose(
        capability=capability, keys=chosen, title="QA", message=message, by=by
    )


def _review_propose_text() -> Call:
    subject = review.Subject.of_template(SIMPLE)
    return lambda by, message: review.propose_text(
        subject=subject,
        text=render_transition(QUEUED_CANCEL),
        title="Short",
        message=message,
        by=by,
    )


def _review_edit() -> Call:
    request, text = proposed(), render_transition(QUEUED_CANCEL)
    seen_text = seen_request(request)
    return lambda by, message: review.edit(
        request=request, seen=seen_text, text=text, message=message, by=by
    )


def _review_bring_up_to_date() -> Call:
    request = proposed()
    overrides.put(
        definition=seen("std_calibration"), key=None, transition=QUEUED_CANCEL, by=editor_author()
    )
    seen_text = seen_request(request)
    return lambda by, message: review.bring_up_to_date(
        request=request, seen=seen_text, message=message, by=by
    )


def _reviewing(verb: Callable[..., object]) -> Callable[[], Call]:
    def make() -> Call:
        request = proposed()
        seen_text = seen_request(request)
        return lambda by, message: verb(
            request=request, seen=seen_text, words="So it is.", message=message, by=by
        )

    return make


def _review_withdraw() -> Call:
    request = proposed(by=Author(id=7, name="ada", way="page"))
    seen_text = seen_request(request)
    return lambda by, message: review.withdraw(
        request=request, seen=seen_text, message=message, by=by
    )


def _review_reword() -> Call:
    request = proposed(by=Author(id=7, name="ada", way="page"))
    seen_text = seen_request(request)
    return lambda by, message: review.reword(
        request=request, seen=seen_text, title="In other words", message=message, by=by
    )


def _review_apply() -> Call:
    request = approved()
    seen_text = seen_request(request)
    return lambda by, message: review.apply(request=request, seen=seen_text, message=message, by=by)


VERBS: dict[str, Callable[[], Call]] = {
    "capabilities.add": _capabilities_add,
    "capabilities.remove": _capabilities_remove,
    "capabilities.require_qa": _require_qa,
    "checks.switch_off": _checks_switch_off,
    "checks.switch_on": _checks_switch_on,
    "deviations.decide": _deviations_decide,
    "deviations.decide_each": _deviations_decide_each,
    "deviations.withdraw": _deviations_withdraw,
    "definitions.choose_machine_template": _choose_machine_template,
    "definitions.attach_stage": _attach_stage,
    "definitions.remove_stage": _remove_stage,
    "definitions.move_stage": _move_stage,
    "definitions.bind_parameters": _bind_parameters,
    "definitions.make_same_as_current": _make_same_as_current,
    "many.choose_machine_template": _many_choose_machine_template,
    "many.attach_stage": _many_attach_stage,
    "many.remove_stage": _many_remove_stage,
    "overrides.put": _overrides_put,
    "overrides.move": _overrides_move,
    "overrides.drop": _overrides_drop,
    "overrides.restore": _overrides_restore,
    "machine_templates.add": _templates_add,
    "machine_templates.copy": _templates_copy,
    "machine_templates.retire": _templates_retire,
    "machine_templates.bring_back": _templates_bring_back,
    "machine_templates.rename": _templates_rename,
    "machine_templates.lay_over": _templates_lay_over,
    "machine_templates.put": _templates_put,
    "machine_templates.move": _templates_move,
    "machine_templates.drop": _templates_drop,
    "machine_templates.restore": _templates_restore,
    "machine_templates.remove": _templates_remove,
    "adopting.adopt": _adopt,
    "adopting.make": _adopting_make,
    "shipped.add_two_stage_qa": _add_two_stage_qa,
    "notes.add": _notes_add,
    "notes.change": _notes_change,
    "notes.remove": _notes_remove,
    "notes.answer": _notes_answer,
    "notes.reopen": _notes_reopen,
    "texts.save": _texts_save,
    "releases.release": _releases_release,
    "renames.rename": _renames_rename,
    "texts.merge": _texts_merge,
    "imports.run": _imports_run,
    "known_drift.decide": _known_drift_decide,
    "known_drift.withdraw": _known_drift_withdraw,
    "undoing.undo": _undoing_undo,
    "restoring.restore": _restoring_restore,
    "review.propose": _review_propose,
    "review.propose_text": _review_propose_text,
    "review.edit": _review_edit,
    "review.bring_up_to_date": _review_bring_up_to_date,
    "review.reword": _review_reword,
    "review.comment": _reviewing(review.comment),
    "review.approve": _reviewing(review.approve),
    "review.ask_for_changes": _reviewing(review.ask_for_changes),
    "review.refuse": _reviewing(review.refuse),
    "review.withdraw": _review_withdraw,
    "review.apply": _review_apply,
}
"""By module and name; each makes ready what its verb needs, and returns the call."""

VERSIONED = {
    name
    for name in VERBS
    if name.startswith(
        ("adopting.", "definitions.", "many.", "overrides.", "texts.", "machine_templates.")
    )
} - {"machine_templates.add", "machine_templates.copy"}
"""Those that change what somebody else may be looking at."""

DECIDED_ANEW = {
    name
    for name in VERBS
    if name.startswith(("deviations.", "known_drift.", "releases.", "review."))
} - {"review.apply"}
"""Those that no undo takes back: their history stays, and the next one counts."""

UNAUDITED = {
    # Terms change no machine; Django's own LogEntry tells of them.
    "terms.register_published",
    "terms.save",
    "terms.remove",
    # Changes no machine, and nothing can change it: it is its own record.
    "releases.deploy",
    # Change no machine; Django's own LogEntry tells of them, and a delivery of itself.
    *(f"webhooks.{verb}" for verb in ("add", "change", "renew_secret", "remove")),
    *(f"webhooks.announce_{event}" for event in ("release", "deployment", "drift")),
    *("webhooks.send_test", "webhooks.send_again"),
    # Does nothing.
    "imports.plan",
}
