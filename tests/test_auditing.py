"""The audit: both or neither, one chain, and whatever was tampered with is found and named."""

import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection
from django.test import RequestFactory
from django.urls import resolve

from capabilities.auditing import Author, Effect, recorded
from capabilities.authoring import capabilities, imports, machine_templates, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.definitions import Seen
from capabilities.authoring.plans import Plan
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, AuditHead, Capability, MachineTemplate
from capabilities.verifying import faults

from .factories import (
    QA,
    RESUME,
    SEED,
    SEED_TEXT,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    local_environment,
    seen,
    state,
    template,
    undone,
)

CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")

committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)
"""For tests in which several connections see each other's writes."""


def broken() -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.problem) for fault in faults()]


# -- the chain


def test_each_entry_follows_from_the_one_before_it(seed: Plan) -> None:
    entries = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.previous for entry in entries] == ["", *(e.digest for e in entries[:-1])]
    end = AuditHead.objects.get()
    assert (end.sequence, end.digest) == (entries[-1].sequence, entries[-1].digest)


def test_a_digest_is_made_with_the_key_and_of_every_other_column() -> None:
    assert {*AuditEntry.HASHED, "made_of", "digest"} == {f.name for f in AuditEntry._meta.fields}
    entry = AuditEntry(sequence=1, actor="ada")
    assert entry.computed_digest("a") == entry.computed_digest("a")
    assert entry.computed_digest("a") != entry.computed_digest("b")
    assert len(entry.computed_digest("a")) == 64


def test_an_entry_from_before_made_of_was_kept_is_still_what_it_was(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    entry = last_entries()[-1]
    values = [getattr(entry, name) for name in AuditEntry.HASHED]
    text = json.dumps(values, separators=(",", ":"))
    old = hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert entry.computed_digest(settings.AUDIT_KEY) == entry.digest != old
    entry.made_of = ""
    assert entry.computed_digest(settings.AUDIT_KEY) == old


def test_many_writes_leave_no_fault(seed: Plan) -> None:
    for number in range(10):
        capabilities.add(name=f"c{number}", machine_template=template(QA), by=editor_author())
        overrides.drop(definition=seen(f"c{number}"), key=RESUME, by=editor_author())
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=CANCEL,
        version=1,
        message="'\"<b>\\ \u2028 状態 🛑",
        by=editor_author("é\u0301"),
    )
    assert AuditEntry.objects.count() > 40
    assert broken() == []


def test_an_empty_log_has_no_fault(db: None) -> None:
    assert broken() == []


def test_a_fork_of_the_chain_is_refused_by_the_database(seed: Plan) -> None:
    entry = AuditEntry.objects.get(sequence=5)
    entry.sequence, entry.digest = 11, "0" * 64
    with pytest.raises(IntegrityError):
        entry.save(force_insert=True)


# -- what is recorded


def test_an_entry_is_written_for_what_the_write_names_though_it_stays_the_same(
    seed: Plan,
) -> None:
    capability = Capability.objects.get(name="null")
    count = head()
    with recorded("looked at", definitions=[(capability, "ideal")], by=editor_author()) as record:
        record.summary = "Looked at it"
    machine = render(effective("null"))
    assert record.head == count
    assert record.effects == [Effect("definition", "null", "ideal", machine, machine)]
    (entry,) = last_entries(since=count)
    assert (entry.before, entry.after) == (machine, machine)


def test_a_write_that_touches_everything_records_only_what_is_another_one_then(
    seed: Plan,
) -> None:
    count = head()
    with recorded("edited", everything=True, by=editor_author()):
        template(SIMPLE).rows.filter(event="resume").delete()
        definition("null").overrides.all().delete()
    names = {(entry.name, entry.kind) for entry in last_entries(since=count)}
    assert len(names) == 10
    count = head()
    with recorded("nothing", everything=True, by=editor_author()):
        pass
    assert head() == count


def test_what_is_named_comes_first_then_the_rest_by_name(seed: Plan) -> None:
    count = head()
    machine_templates.drop(
        machine_template=template(SIMPLE), key=RESUME, version=1, by=editor_author()
    )
    told = [(e.subject, e.name, e.kind) for e in last_entries(since=count)]
    assert told[0] == ("machine template", SIMPLE, "")
    assert told[1:] == sorted(told[1:])


def test_what_one_request_does_has_one_id_and_the_next_another(seed: Plan) -> None:
    factory = RequestFactory()
    ids = []
    for path in ("/capabilities/null/current/transitions/", "/admin/capabilities/term/"):
        request = factory.get(path)
        request.user = get_user_model()(pk=3, username="ada")
        request.resolver_match = resolve(path)
        author = Author.of(request)
        assert author is Author.of(request)
        assert (author.id, author.name) == (3, "ada")
        ids.append((author.way, author.request))
    assert [way for way, _ in ids] == ["page", "admin"]
    assert ids[0][1] != ids[1][1]


def test_an_author_is_somebody(seed: Plan) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert (Author.of(request).id, Author.of(request).name) == (None, "")
    author = Author.of_command("import_machines")
    assert author.id is None
    assert author.name
    assert author.way == "import_machines"


def test_an_author_without_a_system_account_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert Author.of_command("up").name == "unknown"


def test_entries_outlive_what_they_tell_of(seed: Plan) -> None:
    before = list(AuditEntry.objects.order_by("sequence").values())
    for capability in Capability.objects.all():
        capability.delete()
    get_user_model().objects.all().delete()
    assert list(AuditEntry.objects.order_by("sequence").values()) == before
    # Deleted past the log, which is how it is found: one entry a capability, the newest of each.
    assert len(broken()) == len({entry["name"] for entry in before if entry["kind"]})
    assert all("is not there" in problem for _, problem in broken())


# -- several at once


def race(number: int, call: Callable[[int], object]) -> list[object]:
    """Call `call` in so many threads at the same moment; what each gave or raised."""
    barrier = threading.Barrier(number)
    results: list[object] = [None] * number

    def run(index: int) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = call(index)
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@committed
@pytest.mark.parametrize(("number", "rounds"), [(2, 10), (8, 5)])
def test_of_several_who_save_the_same_version_exactly_one_wins(
    seed: Plan, number: int, rounds: int
) -> None:
    for _ in range(rounds):
        theirs, count = seen("null"), head()

        def save(index: int, theirs: Seen = theirs) -> object:
            transition = line(f"[Queued] - <e> {{SendMessage m{index}}} -> [Failed]")
            key = transition.key if transition.key in effective("null").by_key else None
            return overrides.put(
                definition=theirs, key=key, transition=transition, by=editor_author(f"p{index}")
            )

        results = race(number, save)
        winners = [i for i, result in enumerate(results) if not isinstance(result, Exception)]
        losers = [each for each in results if isinstance(each, Exception)]
        assert len(winners) == 1, results
        assert all(isinstance(each, ConflictError) for each in losers), results
        (entry,) = last_entries(since=count)
        assert entry.actor == f"p{winners[0]}"
        assert definition("null").version == theirs.version + 1
        assert effective("null").transitions[-1].actions[0].argument == f"m{winners[0]}"
        assert entry.after == render(effective("null"))
    assert broken() == []


@committed
def test_of_two_who_begin_an_ideal_exactly_one_wins(seed: Plan) -> None:
    theirs, count = seen("null", "ideal"), head()
    results = race(
        2,
        lambda _: overrides.drop(definition=theirs, key=RESUME, by=editor_author()),
    )
    assert sorted(isinstance(each, ConflictError) for each in results) == [False, True], results
    assert len(last_entries(since=count)) == 1


@committed
def test_writes_to_different_machines_all_come_in_and_make_one_chain(seed: Plan) -> None:
    names = list(Capability.objects.values_list("name", flat=True))
    definitions_seen = [seen(name) for name in names]
    count = head()
    results = race(
        len(names),
        lambda index: overrides.put(
            definition=definitions_seen[index], key=None, transition=CANCEL, by=editor_author()
        ),
    )
    assert not [each for each in results if isinstance(each, Exception)]
    assert head() == count + 7
    assert broken() == []


@committed
def test_the_very_first_writes_make_one_chain_though_they_come_at_once() -> None:
    results = race(
        4,
        lambda index: capabilities.add(name=f"c{index}", machine_template=None, by=editor_author()),
    )
    assert not [each for each in results if isinstance(each, Exception)], results
    assert (head(), AuditHead.objects.count(), broken()) == (4, 1, [])


@committed
def test_what_one_entry_says_was_before_is_what_the_one_before_it_says_was_after(
    seed: Plan,
) -> None:
    theirs = [seen(name) for name in ("null", "null_dag")]
    simple = template(SIMPLE)

    def write(index: int) -> object:
        if index == 2:
            return machine_templates.put(
                machine_template=simple, key=None, transition=CANCEL, version=1, by=editor_author()
            )
        return overrides.drop(definition=theirs[index], key=RESUME, by=editor_author())

    assert not [each for each in race(3, write) if isinstance(each, Exception)]
    last: dict[tuple[str, str, str], str] = {}
    for entry in last_entries():
        subject = (entry.subject, entry.name, entry.kind)
        assert entry.before == last.get(subject, "")
        last[subject] = entry.after
    for capability in ("null", "null_dag"):
        assert last["definition", capability, "current"] == render(effective(capability))


# -- both or neither


def fails_at(statement: int) -> tuple[Any, list[str]]:
    """A wrapper that lets the database fail at the given statement, and what was asked of it."""
    asked: list[str] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        if len(asked) == statement:
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper), asked


def outcome() -> dict[str, list[dict[str, Any]]]:
    """The state, save what is never twice the same."""
    unique = {"id", "at", "request", "previous", "digest"}
    return {
        model: [
            {name: value for name, value in row.items() if name not in unique and "_id" not in name}
            for row in rows
        ]
        for model, rows in state().items()
    }


def fail_at_every_statement(call: Callable[[], object]) -> int:
    """Fail each statement of `call` in turn. Returns how many there are."""
    before = state()
    with undone():
        call()
        whole = outcome()
    assert state() == before
    statement = 0
    while True:
        statement += 1
        failing, asked = fails_at(statement)
        with undone():
            try:
                with failing:
                    call()
            except OperationalError:
                assert state() == before, asked[-1]
            else:
                # Either no statement was left to fail, or only a question of Django's failed that
                # the database answers itself: whether a row meets its constraints.
                assert outcome() == whole
                if len(asked) < statement:
                    return statement - 1


def test_whichever_statement_of_a_save_fails_nothing_is_written(seed: Plan) -> None:
    theirs = seen("std_calibration")
    statements = fail_at_every_statement(
        lambda: overrides.put(
            definition=theirs,
            key=RESUME,
            transition=line("[Queued] - <delivery> {QaPass} -> [Executing]"),
            by=editor_author(),
        )
    )
    assert statements > 20
    assert broken() == []


def test_whichever_statement_of_an_edit_of_a_template_fails_nothing_is_written(
    seed: Plan,
) -> None:
    simple = MachineTemplate.objects.get(slug=SIMPLE)
    statements = fail_at_every_statement(
        lambda: machine_templates.put(
            machine_template=simple, key=None, transition=CANCEL, version=1, by=editor_author()
        )
    )
    assert statements > 20
    assert broken() == []


def test_whichever_statement_of_an_import_fails_nothing_is_written(db: None) -> None:
    statements = fail_at_every_statement(
        lambda: imports.run(text=SEED_TEXT, source="page.txt", by=editor_author())
    )
    assert statements > 50
    assert broken() == []


STOPPED = """
import os, django
django.setup()
from capabilities.auditing import Author
from capabilities.authoring import overrides
from capabilities.models import AuditEntry, AuditHead
from tests.factories import RESUME, seen

def stop(_):
    assert not seen("null").version == 1  # the write is there to be lost
    os._exit(9)

{insert} = stop
overrides.drop(definition=seen("null"), key=RESUME, by=Author(1, "ada", "page"))
"""

TOLD = """
import json, django
django.setup()
from capabilities.verifying import faults
from tests.factories import state
print(json.dumps([state(), list(faults())], default=str))
"""


@pytest.mark.parametrize("insert", ["AuditEntry.objects.bulk_create", "AuditHead.save"])
def test_a_process_that_is_stopped_between_a_write_and_its_entry_leaves_neither(
    insert: str, tmp_path: Any
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=local_environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("manage.py", "migrate", "--verbosity=0").returncode == 0
    assert run("manage.py", "import_machines", str(SEED)).returncode == 0
    before = run("-c", TOLD)
    assert run("-c", STOPPED.format(insert=insert)).returncode == 9
    after = run("-c", TOLD)
    assert after.returncode == 0
    assert len(after.stdout) > 5000
    assert after.stdout == before.stdout
    assert run("manage.py", "verify_audit").stdout == (
        "10 entries, 0 faults.\nThe checkpoint names entry 10.\n"
    )


@pytest.mark.parametrize("message", ["a\0b", "two\nlines", "\ud800"])
def test_a_message_that_cannot_be_stored_is_refused_and_nothing_is_written(
    seed: object, message: str
) -> None:
    since = head()
    with pytest.raises(ValidationError, match="The message has the unusable character"):
        overrides.drop(definition=seen("null"), key=RESUME, message=message, by=editor_author())
    assert head() == since
