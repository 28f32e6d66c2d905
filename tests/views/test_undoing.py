"""The button beside a message that takes back what was just saved."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from capabilities.authoring import overrides
from capabilities.models import AuditEntry
from tests.factories import (
    COMPLETE,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    seen,
    template,
)
from tests.html import Element, read
from tests.people import HTMX, VIEWER, client_of

NULL = "/capabilities/null/current/"


def drop(editor: Client, way: Mapping[str, str]) -> Element:
    data = {"verb": "drop", "source": RESUME.source, "event": RESUME.event}
    version = definition("null").version
    response = editor.post(
        f"{NULL}transitions/", {**data, "version": version}, headers=way, follow=True
    )
    return read(response)


def undo_form(answer: Element) -> Element:
    return answer.one("form", action="/undo/")


def test_the_message_offers_to_undo(editor: Client, way: Mapping[str, str]) -> None:
    before = effective("null")
    form = undo_form(drop(editor, way))
    assert effective("null") != before
    assert form.typed["next"] == NULL
    response = editor.post("/undo/", form.typed, follow=True)
    assert response.redirect_chain == [(NULL, 302)]
    assert effective("null") == before
    answer = read(response)
    assert answer.says("Undid: Dropped [Queued] - <resume> from null current.")
    # And what is undone can be done again.
    editor.post("/undo/", undo_form(answer).typed)
    assert effective("null") != before


def test_a_refusal_offers_nothing(editor: Client) -> None:
    data = {"verb": "drop", "source": "X", "event": "y", "version": definition("null").version}
    response = editor.post(f"{NULL}transitions/", data, headers=HTMX)
    assert response.status_code == 422
    assert not read(response).all("form", action="/undo/")


def test_a_note_can_be_taken_back(editor: Client) -> None:
    data = {"text": "Why?", "place": ""}
    response = editor.post(f"{NULL}notes/add/", data, headers=HTMX)
    editor.post("/undo/", undo_form(read(response)).typed)
    assert not read(editor.get(NULL)).one(id="notes").says("Why?")


def test_an_edit_of_a_machine_template_can_be_taken_back(editor: Client) -> None:
    before = effective("null")
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author())
    entry = AuditEntry.objects.get(sequence=head())
    answer = read(editor.get(entry.get_absolute_url()))
    assert undo_form(answer).one("button").text == "Undo this change"
    editor.post("/undo/", undo_form(answer).typed)
    assert effective("null") == before
    editor.get(NULL)  # which shows the message with its own button
    assert not read(editor.get(entry.get_absolute_url())).all("form", action="/undo/")


def test_what_was_changed_since_is_told_of(editor: Client, way: Mapping[str, str]) -> None:
    form = undo_form(drop(editor, HTMX))
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author("carl"))
    before = effective("null")
    response = editor.post("/undo/", form.typed, headers=way)
    assert response.status_code == 409
    answer = read(response)
    assert answer.one(id="refusal").says("null current was changed since by carl: Dropped")
    assert answer.one("a", href=f"/log/{head()}/")
    assert answer.one("a", href=NULL).text == "Back"
    assert effective("null") == before


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_the_way_back_is_one_of_our_own_pages(editor: Client, target: str) -> None:
    form = undo_form(drop(editor, HTMX))
    response = editor.post("/undo/", {**form.typed, "next": target})
    assert response.headers["Location"] == "/"


def test_a_viewer_is_offered_nothing_and_refused(editor: Client) -> None:
    drop(editor, HTMX)
    entry = AuditEntry.objects.get(sequence=head())
    viewer = client_of(VIEWER)
    assert not read(viewer.get(entry.get_absolute_url())).all("form", action="/undo/")
    assert viewer.post("/undo/", {"request": entry.request}).status_code == 403


def test_undoing_takes_the_right_that_the_change_took(editor: Client) -> None:
    simple = template(SIMPLE)
    data = {"verb": "drop", "source": RESUME.source, "event": RESUME.event}
    url = f"/machine-templates/{SIMPLE}/transitions/"
    editor.post(url, {**data, "version": simple.version}, headers=HTMX)
    entry = AuditEntry.objects.get(sequence=head())
    Group.objects.get(name="editor").permissions.remove(
        Permission.objects.get(codename="change_machinetemplate")
    )
    assert editor.post("/undo/", {"request": entry.request}).status_code == 403
