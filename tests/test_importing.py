"""Long imports: in the background, all or nothing, told of while they run, to be cancelled."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import DatabaseError, connection, connections
from django.test import Client

from capabilities import importing
from capabilities.auditing import Author
from capabilities.authoring import imports, overrides
from capabilities.authoring.plans import LOG, MACHINES, READING, ROWS, Plan
from capabilities.deployment import fixtures, workspaces
from capabilities.importing import State
from capabilities.models import AuditEntry, Capability
from capabilities.verifying import faults

from .drifted import THREE, dump, one_broken
from .factories import RESUME, SEED_TEXT, editor_author, effective, head, seen, state
from .html import read
from .people import EDITOR, HTMX, SUPERUSER, client_of
from .test_auditing import committed
from .views.answers import message

BEA = Author(8, "bea", "page")
PAGE = "\n".join(f"new_{n}\n\n[Start] - <x> {{no action}} -> [Failed]\n" for n in range(5))


@pytest.fixture(autouse=True)
def short(settings: Any) -> Iterator[None]:
    """Everything is long, each look at the cache is worth it, and nothing is known of before."""
    settings.IMPORT_LONG_LINES = 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "OFTEN", 0)
        yield
    caches["imports"].clear()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What is begun in the background waits here until a test calls it, in the test's transaction.
    """  # fmt: skip
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(importing, "in_background", begun.append)
    monkeypatch.setattr(connection, "close", lambda: None)
    return begun


def found(id: str) -> importing.Import:
    known = importing.find(id, user=7)
    assert known
    return known


# -- what an import tells, and how it is ended


def watched(text: str) -> list[tuple[str, int, int]]:
    told: list[tuple[str, int, int]] = []
    imports.plan(text=text, watch=lambda *each: told.append(each), by=BEA)
    return told


def test_an_import_tells_how_many_of_its_machines_are_done(db: None) -> None:
    assert watched(PAGE) == [
        (READING, 0, 0), *((MACHINES, n, 5) for n in range(5)), (LOG, 0, 0), (LOG, 0, 0)
    ]  # fmt: skip


def test_a_fixture_tells_how_many_of_its_rows_are_done(seed: Plan) -> None:
    text = fixtures.dump()
    rows = len(json.loads(text))
    assert watched(text)[1:-2] == [(ROWS, n, rows) for n in range(rows)]


def test_rows_tell_how_many_of_their_machines_are_done(seed: Plan) -> None:
    assert watched(dump(*THREE))[1:-2] == [(MACHINES, n, 7) for n in range(7)]


TEXTS = {
    "page": lambda: PAGE,
    "fixture": lambda: fixtures.dump().replace("execution_failed", "failed"),
    "rows": lambda: dump(*THREE),
}


@pytest.mark.parametrize("form", TEXTS)
def test_whenever_it_is_ended_nothing_is_stored(seed: Plan, form: str) -> None:
    text = TEXTS[form]()
    before = state()
    calls = len(watched(text))
    for last in {*range(0, calls, calls // 5), calls - 1}:
        left = iter(range(last))

        def watch(*told: object, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise importing.CancelledError

        with pytest.raises(importing.CancelledError):
            imports.run(text=text, watch=watch, by=BEA)
        assert state() == before


# -- one in the background


def test_a_plan_is_made_and_stores_nothing(seed: Plan, runs: list[Any]) -> None:
    before = state()
    id = importing.begin(text=PAGE, source="big.txt", by=editor_author())
    assert (found(id).state, found(id).lines) == (State.RUNNING, 19)
    runs[0]()
    done = found(id)
    assert (done.state, done.text) == (State.PLANNED, PAGE)
    assert done.plan
    assert done.plan.counts["new"] == 5
    assert state() == before


def test_a_plan_is_carried_out(seed: Plan, runs: list[Any]) -> None:
    by, old = editor_author(), head()
    id = importing.begin(text=PAGE, source="big.txt", head=old, message="why", by=by)
    runs[0]()
    assert found(id).state is State.IMPORTED
    entries = AuditEntry.objects.filter(request=by.request)
    assert {(each.summary, each.message) for each in entries} == {("Imported big.txt", "why")}
    assert len(entries) == 5


def test_mistakes_and_an_outdated_plan_are_told(seed: Plan, runs: list[Any]) -> None:
    old = head()
    bad = importing.begin(text=f"{PAGE}[A] - <b>", source="x", head=old, by=editor_author())
    late = importing.begin(text=PAGE, source="x", head=old, by=editor_author())
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    before = state()
    for run in runs:
        run()
    assert [found(id).state for id in (bad, late)] == [State.REFUSED, State.OUTDATED]
    plan = found(late).plan
    assert plan
    assert plan.head == old + 1
    assert state() == before


def test_one_that_is_cancelled_stores_nothing(seed: Plan, runs: list[Any]) -> None:
    before = state()
    id = importing.begin(text=PAGE, source="x", head=head(), by=editor_author())
    importing.cancel(id)
    assert found(id).cancelling
    runs[0]()
    assert (found(id).state, found(id).text) == (State.CANCELLED, PAGE)
    assert state() == before


@pytest.mark.parametrize("error", [DatabaseError("locked"), RuntimeError("a bug")])
def test_what_goes_wrong_is_told(
    seed: Plan, runs: list[Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(**what: object) -> None:
        raise error

    monkeypatch.setattr(imports, "run", fail)
    id = importing.begin(text=PAGE, source="x", head=head(), by=editor_author())
    runs[0]()
    assert found(id).state is State.FAILED


def test_one_whose_process_died_is_lost_unless_the_log_has_it(seed: Plan, runs: list[Any]) -> None:
    by = editor_author()
    id = importing.begin(text=PAGE, source="x", head=head(), by=by)
    assert found(id).is_running
    caches["imports"].delete(f"import:{id}:alive")
    assert found(id).state is State.LOST
    imports.run(text=PAGE, by=by)
    assert found(id).state is State.IMPORTED


def test_it_is_known_to_nobody_else(seed: Plan, runs: list[Any]) -> None:
    id = importing.begin(text=PAGE, source="x", by=editor_author())
    assert importing.find(id, user=8) is None
    assert importing.find("0" * 32, user=7) is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_in_a_thread_of_its_own_it_gives_signs_of_life_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imports.run(text=SEED_TEXT, by=BEA)
    monkeypatch.setattr(importing, "TICK", 0.01)
    reached, go_on = threading.Event(), threading.Event()
    real = imports.plan

    def slow(**what: Any) -> Plan:
        reached.set()
        assert go_on.wait(20)
        return real(**what)

    monkeypatch.setattr(imports, "plan", slow)
    threads: list[threading.Thread] = []

    def start(run: Callable[[], None]) -> None:
        threads.append(threading.Thread(target=run))
        threads[0].start()

    monkeypatch.setattr(importing, "in_background", start)
    id = importing.begin(text=PAGE, source="x", by=editor_author())
    assert reached.wait(20)
    caches["imports"].delete(f"import:{id}:alive")
    alive = threading.Event()
    for _ in range(1000):
        if found(id).is_running:
            break
        alive.wait(0.01)
    assert found(id).is_running
    go_on.set()
    threads[0].join(20)
    assert found(id).state is State.PLANNED
    assert not Capability.objects.filter(name="new_0").exists()
    assert list(faults()) == []


@committed
def test_a_plan_lets_others_write_meanwhile_and_is_outdated_by_that(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only there one who writes locks the whole database")
    before = head()

    def write() -> None:
        overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
        connections.close_all()

    others: list[threading.Thread] = []
    real = importing.Work._watch

    def watch(work: importing.Work, what: str, done: int, total: int) -> None:
        real(work, what, done, total)
        if what == LOG and not others:  # everything is written, and not yet rolled back
            others.append(threading.Thread(target=write))
            others[0].start()
            others[0].join(20)

    monkeypatch.setattr(importing.Work, "_watch", watch)
    monkeypatch.setattr(importing, "in_background", lambda run: run())
    id = importing.begin(text=PAGE, source="x", by=editor_author())
    planned = found(id)
    assert planned.state is State.PLANNED
    assert planned.plan
    assert (planned.plan.counts["new"], planned.plan.head) == (5, before)
    assert RESUME not in effective("null").by_key
    assert not Capability.objects.filter(name="new_0").exists()
    id = importing.begin(text=PAGE, source="x", head=before, by=editor_author())
    assert found(id).state is State.OUTDATED
    assert list(faults()) == []


# -- its page


def begun(client: Client, runs: list[Any], **posted: str) -> str:
    response = client.post("/import/", {"text": PAGE, **posted})
    assert response.status_code == 302
    assert runs
    return response.headers["Location"]


def test_a_long_text_leads_to_its_progress_and_then_to_its_plan(
    seed: Plan, runs: list[Any]
) -> None:
    editor = client_of(EDITOR)
    here = begun(editor, runs)
    tree = read(editor.get(here))
    assert tree.one(id="import-job").says("Planning pasted text, 19 lines.")
    assert tree.one(id="import-progress").text == "Reading the text …"
    assert tree.one("progress").attributes.get("value") is None
    assert tree.one(id="see-import")["href"] == here
    (refresh,) = tree.one("noscript").all("meta")
    assert refresh.attributes == {"http-equiv": "refresh", "content": "5"}
    assert len(tree.all("meta", **{"http-equiv": "refresh"})) == 1  # scripts see none
    runs.pop()()
    assert editor.get(here, headers=HTMX).headers["HX-Redirect"] == here
    tree = read(editor.get(here))
    assert tree.one(id="plan").says("5 new")
    assert not tree.all("noscript")
    assert tree.one("form", class_="page-form")["action"] == "/import/"
    form = tree.one("form", class_="page-form").typed
    assert form["text"] == PAGE
    del form["file"]
    here = begun(editor, runs, **{**form, "verb": "import", "message": "why"})
    assert read(editor.get(here)).one(id="import-job").says("Importing pasted text")
    runs.pop()()
    response = editor.get(here, follow=True)
    assert message(response) == "Imported pasted text: 5 new."
    assert Capability.objects.filter(name="new_4").exists()


def test_the_progress_is_counted(seed: Plan, runs: list[Any]) -> None:
    editor = client_of(EDITOR)
    here = begun(editor, runs)
    shown = []

    def look(what: str, done: int, total: int) -> None:
        shown.append(editor.get(here, headers=HTMX))

    real = importing.Work._watch

    def watch(self: Any, *told: Any) -> None:
        real(self, *told)
        look(*told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing.Work, "_watch", watch)
        runs[0]()
    trees = [read(each) for each in shown]
    told = [tree.one(id="import-progress").text for tree in trees]
    assert told == [
        "Reading the text …", *(f"{n} of 5 machines" for n in range(5)), *["Writing the log …"] * 2
    ]  # fmt: skip
    assert (trees[4].one("progress")["value"], trees[4].one("progress")["max"]) == ("3", "5")


@pytest.mark.parametrize("verb", ["plan", "import"])
def test_it_is_cancelled_from_its_page_and_the_text_kept(
    seed: Plan, runs: list[Any], verb: str
) -> None:
    editor, before = client_of(EDITOR), state()
    here = begun(editor, runs, verb=verb, head=str(head()))
    response = editor.post(here, {"verb": "cancel"}, follow=True)
    assert response.redirect_chain == [(here, 302)]
    assert read(response).one(id="import-progress").text == "Cancelling …"
    runs[0]()
    tree = read(editor.get(here))
    assert tree.one(role="alert", class_="refusal").says("The import was cancelled. Nothing was")
    assert tree.one("form", class_="page-form").typed["text"] == PAGE
    assert state() == before


def test_a_process_that_died_is_told_of(seed: Plan, runs: list[Any]) -> None:
    editor = client_of(EDITOR)
    here = begun(editor, runs)
    caches["imports"].delete(f"import:{here.split('/')[-2].replace('-', '')}:alive")
    alert = read(editor.get(here)).one(role="alert", class_="refusal")
    assert alert.says("The import did not finish: the server was stopped meanwhile. Nothing was")


def test_an_import_that_is_not_known_any_more_is_no_page(seed: Plan, runs: list[Any]) -> None:
    editor = client_of(EDITOR)
    here = begun(editor, runs)
    caches["imports"].clear()
    response = editor.get(here)
    assert response.status_code == 404
    assert read(response).one(role="alert", class_="refusal").says("not known, or not any more")


def test_mistakes_in_a_long_text_are_told_with_their_lines(seed: Plan, runs: list[Any]) -> None:
    editor = client_of(EDITOR)
    here = begun(editor, runs, text=f"{PAGE}\n[A] - <b>\n")
    runs[0]()
    tree = read(editor.get(here))
    assert tree.one("ol", class_="mistakes").says("Line 21, column 10:")


def test_rows_are_long_as_well(seed: Plan, runs: list[Any]) -> None:
    editor, text = client_of(EDITOR), dump(*THREE)
    here = begun(editor, runs, text=text)
    runs.pop()()
    tree = read(editor.get(here))
    assert tree.one(id="plan").says("2 changed")
    assert tree.one(id="plan-warnings").says("does not write exactly this machine")
    form = tree.one("form", class_="page-form").typed
    del form["file"]
    begun(editor, runs, **{**form, "verb": "import"})
    runs.pop()()
    assert workspaces.machines_of()["null"].type == ""
    here = begun(editor, runs, text=dump(one_broken))
    runs.pop()()
    assert read(editor.get(here)).one("ol", class_="mistakes").says("777 names no row")


def test_somebody_else_s_import_is_not_shown(seed: Plan, runs: list[Any]) -> None:
    here = begun(client_of(EDITOR), runs)
    assert client_of(SUPERUSER).get(here).status_code == 404


def test_a_plan_of_a_long_text_survives_the_cache(seed: Plan, runs: list[Any]) -> None:
    """Differences, notes, what is ignored: all of it comes back as it was."""
    text = SEED_TEXT.replace("execution_failed", "failed")
    id = importing.begin(text=text, source="x", by=editor_author())
    runs[0]()
    assert found(id).plan == imports.plan(text=text, source="x", by=editor_author())
