"""Undo: the button after a write and in the log, and what it answers."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.authoring import capabilities, machine_templates, overrides
from capabilities.deployment import fixtures
from capabilities.models import AuditEntry, Capability
from tests.factories import (
    COMPLETE,
    RESUME,
    SIMPLE,
    editor_author,
    effective,
    head,
    seen,
    state,
    template,
)
from tests.html import Element, read
from tests.people import HTMX, PLAIN, STAFF, client_of, person

from .answers import message

NULL = "/capabilities/null/current/"
DROP = {"verb": "drop", "version": "1", "source": "Queued", "event": "resume"}


def form_of(response: object) -> Element:
    (form,) = [each for each in read(response).all("form") if each["action"] == "/undo/"]
    return form


WRITES = {
    "row": (f"{NULL}transitions/", DROP),
    "parameters": (
        f"{NULL}layers/",
        {"verb": "bind", "version": "1", "parameter-workflow_name": "other"},
    ),
    "note": (f"{NULL}notes/add/", {"text": "Why?", "place": ""}),
    "text": (f"{NULL}text/", {"version": "1", "text": "[A] - <b> {QaPass} -> [C]"}),
    "machine template": (
        f"/machine-templates/{SIMPLE}/transitions/",
        {"verb": "drop", "version": "1", "source": "Executing", "event": "workflow-complete"},
    ),
}


def save(editor: Client, url: str, data: Mapping[str, str], way: Mapping[str, str]) -> Any:
    """Post it, and confirm the plan if there is one."""
    answer = editor.post(url, data, headers=way, follow=True)
    for form in read(answer).all("form"):
        if form.all(id="rehearsal"):
            return editor.post(url, form.typed, headers=way, follow=True)
    return answer


@pytest.mark.parametrize("name", WRITES)
def test_each_save_offers_to_undo_it_and_the_undo_offers_to_redo_it(
    editor: Client, way: Mapping[str, str], name: str
) -> None:
    url, data = WRITES[name]
    if name == "text" and way is HTMX:
        pytest.skip("the text is saved by a plain form")
    before = fixtures.dump()
    saved = save(editor, url, data, way)
    after = fixtures.dump()
    assert after != before
    form = form_of(saved)
    undone = editor.post("/undo/", form.typed, follow=True)
    assert fixtures.dump() == before
    assert message(undone).startswith("Undone: ")
    editor.post("/undo/", form_of(undone).typed, follow=True)
    assert fixtures.dump() == after


def test_the_button_says_how_many_machines_change_back(editor: Client) -> None:
    url, data = WRITES["machine template"]
    assert "Undo: 8 machines change back" in form_of(save(editor, url, data, HTMX)).text


def test_an_undo_leads_to_the_machine_that_it_was_done_to(editor: Client) -> None:
    form = form_of(editor.post(f"{NULL}transitions/", DROP, headers=HTMX))
    assert editor.post("/undo/", form.typed).headers["Location"] == NULL
    assert RESUME in effective("null").by_key


def test_a_write_that_changed_nothing_offers_no_undo(editor: Client) -> None:
    data = {"verb": "bind", "version": "1", "parameter-workflow_name": ""}
    answer = editor.post(f"{NULL}layers/", data, headers=HTMX)
    assert answer.status_code == 200
    assert "/undo/" not in answer.content.decode()


def test_what_was_changed_again_is_not_undone_and_the_answer_says_by_whom(editor: Client) -> None:
    form = form_of(editor.post(f"{NULL}transitions/", DROP, headers=HTMX))
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author("eve"))
    before = state()
    answer = editor.post("/undo/", form.typed)
    assert answer.status_code == 409
    assert "changed again by eve" in read(answer).one(id="refusal").text
    assert state() == before


def test_what_cannot_be_undone_for_another_reason_is_told(editor: Client) -> None:
    author = editor_author()
    machine_templates.add(title="Extra", by=author)
    overrides_of = machine_templates.add(title="Above", over=template("extra"), by=editor_author())
    assert overrides_of.over
    answer = editor.post("/undo/", {"request": author.request})
    assert answer.status_code == 422
    assert "“Extra” is used by now" in read(answer).one(id="refusal").text


def test_the_log_offers_to_undo_an_entry(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    form = form_of(editor.get(f"/log/{head()}/"))
    assert form.text == "Undo this change"
    editor.post("/undo/", form.typed)
    assert RESUME in effective("null").by_key


def test_the_log_says_what_came_after_where_it_cannot_be_undone(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    first = head()
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author("eve"))
    tree = read(editor.get(f"/log/{first}/"))
    assert tree.says("Not any more: Dropped")
    assert tree.says("by eve came after it.")
    assert "/undo/" not in [form["action"] for form in tree.all("form")]


def test_a_viewer_is_not_offered_to_undo_anything(viewer: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    answer = viewer.get(f"/log/{head()}/")
    assert "/undo/" not in answer.content.decode()
    request = AuditEntry.objects.get(sequence=head()).request
    assert viewer.post("/undo/", {"request": request}).status_code == 403


@pytest.mark.parametrize(
    ("rights", "status"),
    [
        ({"view_auditentry", "change_machinetemplate"}, 403),
        ({"view_auditentry", "change_definition"}, 302),
        ({"change_definition"}, 403),
    ],
)
def test_an_undo_needs_the_rights_of_what_it_undoes(
    seed: object, rights: set[str], status: int
) -> None:
    author = editor_author()
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    person(STAFF).user_permissions.set(Permission.objects.filter(codename__in=rights))
    answer = client_of(STAFF).post("/undo/", {"request": author.request})
    assert answer.status_code == status


def test_taking_a_machine_template_away_again_needs_the_right_to_remove_one(
    seed: object,
) -> None:
    author = editor_author()
    machine_templates.add(title="Extra", by=author)
    few = {"view_auditentry", "change_machinetemplate"}
    for rights, status in ((few, 403), (few | {"delete_machinetemplate"}, 302)):
        person(STAFF).user_permissions.set(Permission.objects.filter(codename__in=rights))
        answer = client_of(STAFF).post("/undo/", {"request": author.request}, headers=PLAIN)
        assert answer.status_code == status


def test_bringing_a_capability_back_needs_the_right_to_add_one(seed: object) -> None:

    author = editor_author()
    capabilities.remove(capability=Capability.objects.get(name="null"), by=author)
    few = {"view_auditentry", "change_definition"}
    for rights, status in ((few, 403), (few | {"add_capability"}, 302)):
        person(STAFF).user_permissions.set(Permission.objects.filter(codename__in=rights))
        answer = client_of(STAFF).post("/undo/", {"request": author.request})
        assert answer.status_code == status
