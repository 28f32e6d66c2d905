"""Releases: what is frozen, that nothing changes it, what is refused, and where each is."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import (
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import ProtectedError

from capabilities import triggers
from capabilities.authoring import capabilities, checks, overrides, releases
from capabilities.authoring.plans import Plan
from capabilities.authoring.releases import ReleaseOutdatedError
from capabilities.machines.notation import parse, render
from capabilities.machines.release_plan import plan
from capabilities.models import (
    AuditEntry,
    Capability,
    Deployment,
    Fleet,
    Kind,
    Release,
    ReleaseMachine,
    Term,
    present_deployments,
)
from capabilities.verifying import faults

from ..factories import (
    COMPLETE,
    NAMES,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
)
from ..releasing import NAME, OF_IDEAL, WARNINGS, adopt_ideal, deployed, released
from ..test_auditing import committed, race

BY = editor_author("rel")


def drop(name: str = "null") -> None:
    overrides.drop(definition=seen(name), key=COMPLETE, by=BY)


# -- what is frozen


def test_a_release_freezes_every_machine_with_its_digest_and_the_log_s_head(seed: Plan) -> None:
    last = AuditEntry.objects.first()
    assert last
    made = released(notes="Look at QA.\r\nTwice.")
    assert (made.number, made.title, made.notes, made.by) == (
        *(1, "The first", "Look at QA.\nTwice."),
        "rel",
    )
    assert (made.sequence, made.head_digest) == (last.sequence, last.digest)
    assert made.digest == hashlib.sha256(made.export.encode()).hexdigest()
    fleet = Fleet()
    rows = {each.name: each for each in made.machines.all()}
    assert tuple(rows) == NAMES
    for name, row in rows.items():
        assert (row.kind, row.text) == ("current", render(fleet.machine(name, Kind.CURRENT)))
        assert row.machine == fleet.machine(name, Kind.CURRENT)
    assert rows["null"].title == "Simple run-workflow"


def test_the_export_gives_the_machines_back_in_an_empty_database(seed: Plan) -> None:
    made = released()
    labels = {row["model"] for row in json.loads(made.export)}
    assert "capabilities.definition" in labels
    kinds = {
        row["fields"]["kind"]
        for row in json.loads(made.export)
        if row["model"] == "capabilities.definition"
    }
    assert kinds == {"current"}


def test_an_ideal_that_is_the_same_is_exported_with_the_current_one(seed: Plan) -> None:
    chosen = list(Capability.objects.filter(name__in=("null", NAME)))
    made = released(capabilities=chosen, kind=Kind.IDEAL)
    assert {each.name: each.kind for each in made.machines.all()} == {
        "null": "ideal",
        NAME: "ideal",
    }
    definitions = [
        row["fields"]
        for row in json.loads(made.export)
        if row["model"] == "capabilities.definition"
    ]
    assert {(*row["capability"], row["kind"]) for row in definitions} == {
        ("null", "current"),
        (NAME, "current"),
        (NAME, "ideal"),
    }


def test_chosen_machines_alone_are_released_and_need_only_their_warnings(seed: Plan) -> None:
    made = released(capabilities=[Capability.objects.get(name="null")], acknowledged=())
    assert [each.name for each in made.machines.all()] == ["null"]
    names = {
        row["fields"]["name"]
        for row in json.loads(made.export)
        if row["model"] == "capabilities.capability"
    }
    assert names == {"null"}


def test_the_log_says_that_each_machine_was_released_and_is_the_same(seed: Plan) -> None:
    before = head()
    released("QA first")
    entries = last_entries(since=before)
    assert [each.name for each in entries] == list(NAMES)
    for each in entries:
        assert (each.action, each.summary) == ("released", "Released in release 1: QA first")
        assert each.before == each.after
        assert each.made_of == ""


def test_acknowledged_warnings_are_kept_with_the_words_about_them(seed: Plan) -> None:
    found = released().warnings
    assert [(each["code"], each["machine"], each["words"]) for each in found] == [
        ("completion-before-qa", NAME, "As it has always been."),
        ("completion-before-qa", NAME, "As it has always been."),
        ("qa-outcome-without-action", NAME, ""),
    ]
    assert found[2]["message"] == "“qa-fail” does nothing."


def test_the_plan_says_that_completion_is_told_only_after_ingestion(seed: Plan) -> None:
    released()
    adopt_ideal()
    released("QA before completion")
    (change,) = plan(
        *(each.machines_as_released() for each in Release.objects.order_by("number"))
    ).changed
    assert change.names == (NAME,)
    assert change.for_users[0] == (
        "The message “execution_complete” and the notification “workflow-complete” are sent later: "
        "by the previous release before [Awaiting QA] and [Ingesting], when <workflow-complete> "
        "arrives in [Executing]; by the new release only after, when <workflow-complete> arrives "
        "in [Ingesting]."
    )
    assert change.for_users[1] == (
        "The message “execution_complete” and the notification “workflow-complete” are no longer "
        "sent when <qa-fail> arrives in [Awaiting QA] or when <workflow-failed> arrives in "
        "[Ingesting]."
    )
    assert "A run ends in [Failed] instead of [Complete]" in change.for_users[-1]


def test_whatever_becomes_of_the_machines_a_release_stays(seed: Plan) -> None:
    made = released()
    before = state()
    frozen = ("Release", "ReleaseMachine")
    drop()
    adopt_ideal()
    capabilities.remove(capability=Capability.objects.get(name="null_dag"), by=BY)
    Term.objects.all().delete()
    assert {name: state()[name] for name in frozen} == {name: before[name] for name in frozen}
    stored = Release.objects.get(number=made.number)
    assert hashlib.sha256(stored.export.encode()).hexdigest() == made.digest


# -- nothing changes it


TOLD = (triggers.STAYS, triggers.COMPLETE)


def _update(row: Any, **columns: object) -> Callable[[], object]:
    return lambda: type(row)._default_manager.filter(pk=row.pk).update(**columns)


def _update_many(row: Any) -> Callable[[], object]:
    column = "by" if hasattr(row, "by") else "text"
    return lambda: type(row)._default_manager.bulk_update([row], [column])


def _run(statement: str) -> Callable[[], object]:
    return lambda: connection.cursor().execute(statement)


def _refused(write: Callable[[], object]) -> None:
    before = state()
    with pytest.raises((IntegrityError, ProtectedError)) as refused, transaction.atomic():
        write()
    if not isinstance(refused.value, ProtectedError):
        assert any(told in str(refused.value) for told in TOLD)
    assert state() == before


def test_no_way_of_the_orm_changes_a_release_a_machine_of_it_or_a_deployment(seed: Plan) -> None:
    deployment = deployed()
    release = deployment.release
    machine = release.machines.all()[0]
    release.title = "Another"
    machine.text = deployment.remark = ""
    for row in (release, machine, deployment):
        _refused(row.save)
        _refused(row.delete)
        _refused(type(row)._default_manager.all().delete)
        _refused(_update_many(row))
    _refused(_update(release, notes="x"))
    _refused(_update(machine, text="x"))
    _refused(_update(deployment, environment="production"))
    _refused(lambda: Release.objects.all()._raw_delete(using="default"))


@pytest.mark.parametrize("table", [triggers.RELEASE, triggers.MACHINE, triggers.DEPLOYMENT])
def test_no_sql_changes_or_deletes_a_row(seed: Plan, table: str) -> None:
    deployed()
    key = "number" if table == triggers.RELEASE else "id"
    statements = [
        f"UPDATE {table} SET {key} = {key}",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"DELETE FROM {table} WHERE {key} > 0",  # noqa: S608
    ]
    if connection.vendor == "sqlite":
        statements += [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608
            f"UPDATE OR IGNORE {table} SET {key} = 99",  # noqa: S608
        ]
    else:
        # What waits for the transaction's end is another reason to refuse it.
        connection.check_constraints()
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        _refused(_run(statement))


def test_no_machine_is_added_to_a_release_that_is_there(seed: Plan) -> None:
    made = released(capabilities=[Capability.objects.get(name="null")])
    before = state()
    with pytest.raises(IntegrityError, match="A release is complete"), transaction.atomic():
        ReleaseMachine.objects.create(release=made, name="another", kind="current", text="")
    assert state() == before


def test_every_trigger_is_there_and_taking_them_away_takes_all(db: None) -> None:
    def found() -> set[str]:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            else:
                cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
            return {name for (name,) in cursor.fetchall()} & wanted

    wanted = set(triggers.names(connection, triggers.RELEASES))
    assert found() == wanted
    assert list(faults()) == []
    triggers.remove(connection, triggers.RELEASES)
    assert found() == set()
    assert {str(each) for each in faults()} == {f"the trigger {name} is missing" for name in wanted}
    triggers.install(connection, triggers.RELEASES)
    assert found() == wanted


def test_a_trigger_that_is_switched_off_is_told(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only there can a trigger be switched off")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE capabilities_release DISABLE TRIGGER release_no_update")
    assert [str(each) for each in faults()] == [
        "the trigger release_no_update is switched off or another one"
    ]


# -- what is refused


def refusal(**given: Any) -> dict[str, list[str]]:
    before = state()
    with pytest.raises(ValidationError) as refused:
        released(**given)
    assert state() == before
    return refused.value.message_dict


def test_an_error_blocks_and_is_named(seed: Plan) -> None:
    overrides.put(definition=seen("null"), key=COMPLETE, transition=line(BROKEN), by=BY)
    told = refusal()["findings"]
    assert any(each.startswith("null has an error: ") for each in told)


BROKEN = "[Executing] - <workflow-complete> {SendMessage} -> [Complete]"


def test_a_warning_has_to_be_acknowledged_by_its_check_and_its_machine(seed: Plan) -> None:
    assert refusal(acknowledged=())["findings"] == [
        "3 warnings must be acknowledged: completion-before-qa of std_calibration "
        "(“execution_complete” is sent before QA.); completion-before-qa of std_calibration "
        "(“workflow-complete” is sent before QA.); qa-outcome-without-action of std_calibration "
        "(“qa-fail” does nothing.)"
    ]
    others = {(code, "null") for code, _ in WARNINGS}
    assert "3 warnings" in refusal(acknowledged=others)["findings"][0]
    one = [("completion-before-qa", NAME)]
    assert refusal(acknowledged=one)["findings"][0].startswith("1 warning must")


def test_a_check_that_is_switched_off_needs_nothing(seed: Plan) -> None:
    for code, name in WARNINGS:
        checks.switch_off(
            capability=Capability.objects.get(name=name),
            kind=Kind.CURRENT,
            code=code,
            reason="It is known.",
            by=BY,
        )
    assert released(acknowledged=()).warnings == []


def test_what_is_missing_or_no_line_of_text_is_told_at_its_field(seed: Plan) -> None:
    assert set(refusal(title="  ")) == {"title"}
    assert set(refusal(title="a\nb")) == {"title"}
    assert set(refusal(title="x" * 201)) == {"title"}
    assert set(refusal(capabilities=[])) == {"capabilities"}
    assert set(refusal(kind="best")) == {"kind"}
    assert set(refusal(notes="x" * 20_001)) == {"notes"}
    words = {**WARNINGS, ("completion-before-qa", NAME): "a\nb"}
    assert refusal(acknowledged=words)["findings"][0].startswith("About completion-before-qa")


def test_a_capability_that_was_removed_meanwhile_is_named(seed: Plan) -> None:
    chosen = list(Capability.objects.all())
    capabilities.remove(capability=Capability.objects.get(name="null"), by=BY)
    assert refusal(capabilities=chosen)["capabilities"] == ["null was removed in the meantime."]


def test_a_plan_that_is_not_the_newest_releases_nothing(seed: Plan) -> None:
    proposed = releases.propose()
    adopt_ideal()
    before = state()
    with pytest.raises(ReleaseOutdatedError) as refused:
        released(head=proposed.head)
    assert refused.value.seen == proposed.head
    assert state() == before
    assert released(head=releases.propose().head).number == 1


def test_a_release_is_made_whole_or_not_at_all_whichever_statement_fails(seed: Plan) -> None:
    chosen = [Capability.objects.get(name="null")]
    before, failed = state(), 0

    def fail_at(number: int) -> Callable[..., Any]:
        left = [number]

        def execute(call: Any, sql: str, *rest: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise OperationalError("database or disk is full")
            return call(sql, *rest)

        return execute

    while failed < 100:
        try:
            with transaction.atomic(), connection.execute_wrapper(fail_at(failed + 1)):
                released(capabilities=chosen, acknowledged=())
            break
        except OperationalError:
            failed += 1
            assert state() == before
    assert 20 < failed < 100
    assert Release.objects.get().number == 1


# -- numbers


def test_numbers_go_on_without_a_gap_also_after_a_refusal(seed: Plan) -> None:
    assert released().number == 1
    refusal(acknowledged=())
    assert released("The second").number == 2


@committed
def test_releases_at_the_same_moment_get_one_number_each(seed: Plan) -> None:
    made = race(6, lambda index: released(f"Of thread {index}").number)
    assert sorted(map(str, made)) == list("123456")
    assert [each.number for each in Release.objects.order_by("number")] == list(range(1, 7))


@committed
def test_of_those_who_saw_the_same_plan_one_releases(seed: Plan) -> None:
    seen_by_all = releases.propose().head
    made = race(4, lambda index: released(f"Of thread {index}", head=seen_by_all))
    assert sum(isinstance(each, Release) for each in made) == 1
    assert sum(isinstance(each, ReleaseOutdatedError) for each in made) == 3
    assert Release.objects.count() == 1


# -- deployments


def test_the_newest_deployment_is_what_an_environment_has(seed: Plan) -> None:
    first, second = released(), released("The second")
    for made, environment in ((first, "dev"), (first, "test"), (second, "dev"), (first, "dev")):
        deployed(made, environment)
    found = [(each.environment, each.release_id) for each in present_deployments()]
    assert found == [("dev", 1), ("test", 1)]
    assert Deployment.objects.count() == 4
    newest = Deployment.objects.all()[0]
    assert (newest.by, newest.remark) == ("rel", "")


def test_a_deployment_needs_an_environment_and_another_release_than_is_there(seed: Plan) -> None:
    made = deployed().release
    before = state()
    for environment, told in (
        ("moon", "Choose one of local, dev, test, production."),
        ("dev", "Release 1 is in dev already."),
    ):
        with pytest.raises(ValidationError) as refused:
            deployed(made, environment)
        assert refused.value.message_dict == {"environment": [told]}
    with pytest.raises(ValidationError):
        releases.deploy(release=made, environment="test", remark="a\nb", by=BY)
    assert state() == before


def test_a_fixture_of_all_tables_cannot_bring_a_change(seed: Plan, tmp_path: Any) -> None:
    made = released()
    path = tmp_path / "rows.json"
    fields = {"title": "Another", "export": "", "digest": "", "sequence": 0, "by": "x"}
    rows = [{"model": "capabilities.release", "pk": made.number, "fields": fields}]
    path.write_text(json.dumps(rows))
    _refused(lambda: call_command("loaddata", str(path), verbosity=0))


def test_the_machine_of_a_release_is_parsed_back(seed: Plan) -> None:
    released()
    text = ReleaseMachine.objects.get(name=NAME).text
    assert parse(text) == effective(NAME)


def test_the_ideals_have_warnings_of_their_own(seed: Plan) -> None:
    assert "workflow-not-started" in refusal(kind=Kind.IDEAL, acknowledged=WARNINGS)["findings"][0]
    assert released(kind=Kind.IDEAL, acknowledged=OF_IDEAL).number == 1
