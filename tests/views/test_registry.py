"""The registry's pages."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from capabilities.authoring import definitions, overrides, terms
from capabilities.machines.usage import names_of_machine
from capabilities.models import AuditEntry, Definition, Term, vocabulary
from tests.factories import (
    LIKE_SIMPLE,
    QA,
    RESUME,
    SIMPLE,
    editor_author,
    effective,
    head,
    line,
    seen,
    state,
    template,
)
from tests.html import Element, read

from .answers import is_page, message

BY = editor_author()
LIST, TERM, EDIT = "/registry/", "/registry/term/", "/registry/edit/"
RENAME, REMOVE = "/registry/rename/", "/registry/remove/"
MISSING = {"kind": "notification", "name": "ingest-failed"}
EXECUTING = {"kind": "state", "name": "Executing"}


def rows(client: Client, **asked: str) -> list[str]:
    """What each row of the list says first: its name."""
    tree = read(client.get(LIST, asked))
    return [each.one(class_="name").text for each in tree.all("th", scope="row")]


def row(client: Client, name: str, kind: str) -> Element:
    tree = read(client.get(LIST, {"kind": kind}))
    (found,) = [
        each for each in tree.one("tbody").all("tr") if each.one(class_="name").text == name
    ]
    return found


def links(element: Element) -> dict[str, str]:
    return {each.text: each["href"] for each in element.all("a")}


# -- the list


def test_a_missing_name_comes_first_and_then_every_term_by_its_kind(viewer: Client) -> None:
    found = rows(viewer)
    assert found[:2] == ["ingest-failed", "Awaiting QA"]
    assert len(found) == 1 + Term.objects.count()


def test_a_row_says_how_a_name_is_used_and_leads_there(viewer: Client) -> None:
    found = row(viewer, "Executing", "state")
    assert links(found)["5 places, 8 machines"] == f"{TERM}?kind=state&name=Executing#uses"
    assert row(viewer, "delivery", "event").says("unused")
    assert not found.says("unused")
    assert row(viewer, "SendMessage", "action").says("takes a message")
    assert row(viewer, "Failed", "state").says("final")
    assert row(viewer, "ingest-failed", "notification").says("! not registered")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"show": "missing"}, ["ingest-failed"]),
        (
            {"show": "unused"},
            ["capability-cancelled", "capability-failed", "delivery", "workflow-update"],
        ),
        ({"kind": "message"}, ["execution_complete", "execution_failed"]),
        ({"q": "FAIL", "kind": "event"}, ["capability-failed", "qa-fail", "workflow-failed"]),
        ({"q": "fail", "kind": "event", "show": "unused"}, ["capability-failed"]),
        ({"kind": "nonsense"}, []),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    viewer: Client, asked: dict[str, str], found: list[str]
) -> None:
    assert rows(viewer, **asked) == found


def test_each_filter_keeps_the_others_and_marks_itself(viewer: Client) -> None:
    tree = read(viewer.get(LIST, {"kind": "event", "q": "fail"}))
    assert links(tree.one(id="registry-shows"))["unused 1"] == "?kind=event&show=unused&q=fail"
    here = [each.text for each in tree.all("a", class_="choice", aria_current="true")]
    assert here == ["all 3", "events 10"]
    assert tree.one("search").one("form").typed == {"q": "fail", "kind": "event"}


def test_nothing_found_leads_back_to_all(viewer: Client) -> None:
    tree = read(viewer.get(LIST, {"q": "no such name"}))
    assert links(tree.one(class_="empty"))["Show all"] == LIST


def test_htmx_gets_the_list_alone(viewer: Client) -> None:
    answer = viewer.get(LIST, headers={"HX-Request": "true", "HX-Target": "registry-list"})
    assert not is_page(answer)
    assert read(answer).one(id="registry-list").says("Awaiting QA")


def test_a_near_miss_is_suggested_with_what_mends_it(editor: Client, viewer: Client) -> None:
    put = line("[Queued] - <capability-canceled> {no action} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    found = links(row(editor, "capability-canceled", "event"))
    assert found["Probably “capability-cancelled”"].startswith(TERM)
    query = "?kind=event&name=capability-canceled"
    register = [url for told, url in found.items() if told.startswith("Register it")]
    rename = [url for told, url in found.items() if told.startswith("Rename to “capability-canc")]
    assert register == [f"{EDIT}{query}"]
    assert rename == [f"{RENAME}{query}&new=capability-cancelled"]
    assert not any("Regist" in told for told in links(row(viewer, "capability-canceled", "event")))


def test_a_capability_is_a_known_workflow_and_listed_only_where_it_is_written(
    editor: Client,
) -> None:
    assert rows(editor, kind="workflow") == []
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null_dag"}, by=BY
    )
    assert rows(editor, kind="workflow") == ["null_dag"]
    assert rows(editor, show="missing") == ["ingest-failed"]
    tree = read(editor.get(TERM, {"kind": "workflow", "name": "null_dag"}))
    assert tree.says("Known, because a capability is called so.")
    assert tree.one(id="uses").says("null current the value of (workflow_name)")
    assert "Rename everywhere" not in links(tree)


# -- one name


def test_a_name_tells_the_rows_that_write_it_and_then_the_machines_that_have_it(
    viewer: Client,
) -> None:
    uses = read(viewer.get(TERM, {"kind": "event", "name": "resume"})).one(id="uses")
    key = "?source=Queued&event=resume#row-2"
    assert uses.says("Written in 1 place: Simple run-workflow [Queued] - <resume>, row")
    assert links(uses)["Simple run-workflow"] == f"/machine-templates/{SIMPLE}/{key}"
    assert uses.says("And so 8 machines have it")
    machines = set(links(uses)) - {"Simple run-workflow"}
    kinds = {f"{name} current" for name in LIKE_SIMPLE}
    assert machines == kinds | {"std_calibration current", "std_calibration ideal"}
    assert links(uses)["null current"] == f"/capabilities/null/current/{key}"


def test_every_row_that_is_led_to_is_there(viewer: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=BY)
    for kind, name in [("state", "Queued"), ("event", "qa-fail"), ("action", "SendMessage")]:
        tree = read(viewer.get(TERM, {"kind": kind, "name": name}))
        for url in links(tree.one(id="uses")).values():
            path, _, row_id = url.partition("#")
            target = read(viewer.get(path))
            assert len(target.all(id=row_id)) == bool(row_id)


def test_a_drop_is_a_place_that_writes_the_name(viewer: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=BY)
    uses = read(viewer.get(TERM, {"kind": "event", "name": "resume"})).one(id="uses")
    assert uses.says("null current [Queued] - <resume>, drop")
    assert uses.says("7 machines have it")


@pytest.mark.parametrize(
    "asked", [{}, {"kind": "state"}, {"kind": "red", "name": "x"}, {"kind": "state", "name": "x"}]
)
@pytest.mark.parametrize("url", [TERM, RENAME, REMOVE])
def test_a_name_that_is_nowhere_is_not_found(
    editor: Client, url: str, asked: dict[str, str]
) -> None:
    assert editor.get(url, asked).status_code == 404


# -- registering and editing


def test_a_missing_name_is_registered(editor: Client) -> None:
    url = links(read(editor.get(TERM, MISSING)))["Register it"]
    form = read(editor.get(url)).one("form", class_="page-form")
    assert form.typed["name"] == "ingest-failed"
    assert not form.all(name="final")
    assert not form.all(name="kind")
    answer = editor.post(url, {**form.typed, "description": "New email template"}, follow=True)
    assert message(answer) == "The notification “ingest-failed” was registered."
    term = Term.objects.get(**MISSING)
    assert term.description == "New email template"
    assert rows(editor, show="missing") == []
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id, entry.is_addition()) == (
        "editor", str(term.pk), True,
    )  # fmt: skip


def test_what_a_missing_action_takes_is_guessed(editor: Client) -> None:
    put = line("[Queued] - <delivery> {Mail workflow-failed} {Say} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    for name, kind in (("Mail", "notification"), ("Say", "")):
        form = read(editor.get(EDIT, {"kind": "action", "name": name})).one(class_="page-form")
        assert form.typed["argument"] == kind
    editor.post(f"{EDIT}?kind=action&name=Mail", {"name": "Mail", "argument": "notification"})
    assert vocabulary().actions["Mail"] == "notification"


def test_a_state_is_registered_as_final(editor: Client) -> None:
    editor.post(f"{EDIT}?kind=state", {"name": "Gone", "final": "on"})
    assert "Gone" in vocabulary().finals


def test_a_term_is_edited_and_keeps_its_name(editor: Client) -> None:
    url = f"{EDIT}?kind=state&name=Failed"
    form = read(editor.get(url)).one("form", class_="page-form")
    assert "checked" in form.one(name="final").attributes
    assert not form.all(name="name")
    answer = editor.post(url, {"description": "It ended badly.", "name": "x"}, follow=True)
    assert message(answer) == "The state “Failed” was changed."
    term = Term.objects.get(kind="state", name="Failed")
    assert (term.final, term.description) == (False, "It ended badly.")
    assert LogEntry.objects.get().is_change()


@pytest.mark.parametrize(
    ("url", "data", "told"),
    [
        (f"{EDIT}?kind=state", {"name": "Start"}, "already exists"),
        (f"{EDIT}?kind=state", {"name": " x"}, "begins or ends with white space"),
        (f"{EDIT}?kind=action", {"name": "A", "argument": "colour"}, "not one of the available"),
        (EDIT, {"kind": "state", "name": "S", "argument": "message"}, "Only an action takes"),
        (EDIT, {"kind": "event", "name": "e", "final": "on"}, "Only a state is final."),
        (EDIT, {"kind": "colour", "name": "red"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_registered_is_told_and_what_was_typed_stays(
    editor: Client, url: str, data: dict[str, str], told: str
) -> None:
    before = state()
    answer = editor.post(url, {**data, "description": "typed"})
    assert answer.status_code == 422
    assert read(answer).says(told)
    assert read(answer).one(class_="page-form").typed["description"] == "typed"
    assert state() == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/capabilities/null/ideal/", "/capabilities/null/ideal/"),
        ("https://elsewhere.example/", f"{TERM}?kind=event&name=e"),
        ("//elsewhere.example/", f"{TERM}?kind=event&name=e"),
        ("javascript:alert(1)", f"{TERM}?kind=event&name=e"),
        ("", f"{TERM}?kind=event&name=e"),
    ],
)
def test_it_leads_back_to_a_page_of_ours_alone(editor: Client, back: str, to: str) -> None:
    url = f"{EDIT}?kind=event&name=e&next={back}"
    cancel = links(read(editor.get(url)).one(class_="page-form"))["Cancel"]
    assert cancel == (back if back == to else LIST)
    assert editor.post(url, {"name": "e"}).headers["Location"] == to


# -- renaming


def planned(client: Client, asked: dict[str, str], new: str) -> Element:
    answer = client.post(_url(RENAME, asked), {"new": new, "verb": "plan", "message": "WS-1"})
    assert answer.status_code == 200
    return read(answer)


def _url(path: str, asked: dict[str, str]) -> str:
    return f"{path}?" + "&".join(f"{name}={text}" for name, text in asked.items())


def test_a_rename_shows_its_plan_first_and_writes_nothing(editor: Client) -> None:
    before = state()
    tree = planned(editor, EXECUTING, "Running")
    assert tree.says("“Executing” is renamed to “Running”: 5 places written.")
    assert tree.one(id="rehearsal").says("8 machines change")
    assert tree.one(class_="page-form").typed["message"] == "WS-1"
    assert tree.one(id="save-rename").text == "Rename"
    assert state() == before


def test_a_rename_is_one_step_in_the_log(editor: Client) -> None:
    form = planned(editor, EXECUTING, "Running").one(class_="page-form")
    count = head()
    answer = editor.post(_url(RENAME, EXECUTING), {**form.typed, "verb": "rename"}, follow=True)
    assert message(answer) == "The state “Executing” was renamed to “Running”, in 5 places."
    assert answer.redirect_chain[0][0] == f"{TERM}?kind=state&name=Running"
    entries = AuditEntry.objects.filter(sequence__gt=count)
    assert len(entries) == 10
    assert {(each.message, each.actor) for each in entries} == {("WS-1", "editor")}
    assert len({each.request for each in entries}) == 1
    assert "Running" in effective("null").states


def test_a_merge_is_called_one(editor: Client) -> None:
    terms.save(term=Term(**MISSING), by=BY)
    tree = planned(editor, MISSING, "workflow-failed")
    assert tree.says("“ingest-failed” is merged into “workflow-failed”, which is known already")
    assert tree.says("the registered name, with what is said of it, goes")
    assert tree.one(id="save-rename").text == "Merge"
    data = {**tree.one(class_="page-form").typed, "verb": "rename"}
    answer = editor.post(_url(RENAME, MISSING), data, follow=True)
    assert message(answer).startswith("The notification “ingest-failed” was merged into")
    assert not Term.objects.filter(**MISSING).exists()
    used = names_of_machine(effective("std_calibration", "ideal"), vocabulary().actions)
    assert ("notification", "ingest-failed") not in used


def test_without_a_plan_a_rename_is_planned(editor: Client) -> None:
    before = state()
    answer = editor.post(_url(RENAME, EXECUTING), {"new": "Running", "verb": "rename"})
    assert read(answer).one(id="rehearsal").says("Nothing is saved yet")
    assert state() == before


def test_a_plan_that_is_not_true_any_more_is_made_anew(editor: Client) -> None:
    data = {**planned(editor, EXECUTING, "Running").one(class_="page-form").typed, "verb": "rename"}
    overrides.drop(definition=seen("null"), key=RESUME, by=BY)
    before = state()
    answer = editor.post(_url(RENAME, EXECUTING), data)
    assert answer.status_code == 409
    assert state() == before
    tree = read(answer)
    assert tree.one(id="refusal").says("changed by somebody else since you saw the plan")
    again = {**tree.one(class_="page-form").typed, "verb": "rename"}
    assert editor.post(_url(RENAME, EXECUTING), again).status_code == 302


@pytest.mark.parametrize(
    ("asked", "new", "told"),
    [
        ({"kind": "event", "name": "qa-fail"}, "qa-pass", "stands twice"),
        (EXECUTING, "Executing", "This is the name that it has."),
        (EXECUTING, "", "This field is required."),
        (EXECUTING, "x ", "white space"),
        ({"kind": "action", "name": "QaPass"}, "Qa Pass", "white space in it"),
    ],
)
@pytest.mark.parametrize("verb", ["plan", "rename"])
def test_a_rename_that_cannot_be_is_told(
    editor: Client, asked: dict[str, str], new: str, told: str, verb: str
) -> None:
    before = state()
    data = {"new": new, "verb": verb, "head": str(head())}
    answer = editor.post(_url(RENAME, asked), data)
    assert answer.status_code == 422
    assert read(answer).one(class_="page-form").says(told)
    assert state() == before


def test_somebody_with_the_machine_open_is_told(editor: Client) -> None:
    version = seen("null").version
    form = planned(editor, EXECUTING, "Running").one(class_="page-form")
    editor.post(_url(RENAME, EXECUTING), {**form.typed, "verb": "rename"})
    data = {"verb": "drop", "version": str(version), "source": "Queued", "event": "resume"}
    answer = editor.post("/capabilities/null/current/transitions/", data)
    assert answer.status_code == 409


# -- removing


def test_an_unused_term_is_removed(editor: Client) -> None:
    url = f"{REMOVE}?kind=event&name=delivery"
    assert read(editor.get(url)).says("No machine uses it. Nothing else changes.")
    answer = editor.post(url, {"verb": "remove"}, follow=True)
    assert message(answer) == "The event “delivery” was removed."
    assert "delivery" not in vocabulary().events
    assert LogEntry.objects.get().is_deletion()


def test_a_used_term_says_what_finds_it_missing_and_is_removed_all_the_same(
    editor: Client,
) -> None:
    url = _url(REMOVE, EXECUTING)
    tree = read(editor.get(url))
    assert tree.says("8 machines get the finding that the state “Executing” is not registered.")
    assert "null current" in links(tree.one(id="uses"))
    editor.post(url, {"verb": "remove"})
    assert rows(editor, show="missing") == ["Executing", "ingest-failed"]


def test_a_used_workflow_is_no_finding_and_the_page_does_not_say_so(editor: Client) -> None:
    definitions.bind_parameters(definition=seen("null"), values={"workflow_name": "w"}, by=BY)
    terms.save(term=Term(kind="workflow", name="w"), by=BY)
    tree = read(editor.get(f"{REMOVE}?kind=workflow&name=w"))
    assert tree.says("1 machine has a workflow then that is not registered.")
    assert not tree.says("finding")


def test_a_name_that_is_not_registered_cannot_be_removed(editor: Client) -> None:
    assert editor.post(_url(REMOVE, MISSING), {"verb": "remove"}).status_code == 404


# -- from a finding


def mending(client: Client, url: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in read(client.get(url)).all(class_="mending"):
        found |= links(each)
    return found


def test_a_finding_of_an_unknown_name_leads_to_what_mends_it_and_back(editor: Client) -> None:
    put = line("[Queued] - <capability-canceled> {no action} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    url = "/capabilities/null/current/"
    found = mending(editor, f"{url}findings/")
    assert set(found) == {
        "Register “capability-canceled”",
        "Use “capability-cancelled” everywhere",
    }
    form = read(editor.get(found["Register “capability-canceled”"])).one(class_="page-form")
    assert form.typed["name"] == "capability-canceled"
    answer = editor.post(found["Register “capability-canceled”"], form.typed)
    assert answer.headers["Location"] == url
    rename = found["Use “capability-cancelled” everywhere"]
    form = read(editor.get(rename)).one(class_="page-form")
    assert form.typed["new"] == "capability-cancelled"
    form = read(editor.post(rename, {**form.typed, "verb": "plan"})).one(class_="page-form")
    answer = editor.post(rename, {**form.typed, "verb": "rename"})
    assert answer.headers["Location"] == url
    assert re.search("capability-cancelled", str(effective("null")))


def test_a_name_of_any_characters_goes_through_the_address(editor: Client) -> None:
    name = "a/b&c=d?#%é+"
    put = line(f"[Queued] - <{name}> {{no action}} -> [Failed]")
    overrides.put(definition=seen("null"), key=None, transition=put, by=BY)
    found = mending(editor, "/capabilities/null/current/findings/")
    form = read(editor.get(found[f"Register “{name}”"])).one(class_="page-form")
    assert form.typed["name"] == name
    url = links(row(editor, name, "event"))[name]
    assert read(editor.get(url)).one("h1").says(name)


def test_who_may_not_write_gets_no_such_link(viewer: Client) -> None:
    assert mending(viewer, "/capabilities/std_calibration/ideal/") == {}


def test_a_reader_of_the_registry_is_offered_nothing_to_write(viewer: Client) -> None:
    for url in (LIST, _url(TERM, MISSING), _url(TERM, EXECUTING)):
        tree = read(viewer.get(url))
        assert not [
            told for told in links(tree) if re.match("Regist.*(it|a)|Rename|Remove|Edit", told)
        ]
        assert tree.all("main")


def test_a_template_that_is_a_stage_is_told_for_each_machine_that_has_it(viewer: Client) -> None:
    before = Definition.objects.count()
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BY)
    uses = read(viewer.get(TERM, MISSING)).one(id="uses")
    assert {"null current", "std_calibration ideal"} <= set(links(uses))
    assert Definition.objects.count() == before
    assert QA in links(uses)["Run-workflow with single-stage QA"]
