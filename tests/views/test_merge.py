"""Somebody saves late: both changes beside what they began with, and a choice that is saved."""

from collections.abc import Mapping
from typing import Any

from django.test import Client

from capabilities.authoring import notes, overrides
from capabilities.machines.notation import render
from capabilities.models import Capability, Kind
from tests.factories import (
    COMPLETE,
    FAILED,
    RESUME,
    definition,
    editor_author,
    effective,
    head,
    line,
    seen,
    state,
)
from tests.html import Element, read
from tests.people import HTMX

from .answers import as_asked

NULL = "/capabilities/null/current/"
THEIRS = line("[Queued] - <resume> {QaPass} -> [Failed]")
CANCEL = line("[Queued] - <capability-cancelled> {QaFail} -> [Failed]")


def put(event: str, **more: str) -> dict[str, str]:
    data = {"verb": "put", "version": "1", "seen": str(head()), "source": "Queued", "event": event}
    data |= {"key_source": "Queued", "key_event": event, "actions": "{QaFail}", "target": "Failed"}
    return {**data, "reason": "", "ticket": "", "message": "", **more}


def other_saves(kind: str = Kind.CURRENT) -> None:
    overrides.put(
        definition=seen("null", kind), key=RESUME, transition=THEIRS, by=editor_author("eve")
    )


def panel_of(response: Any) -> Element:
    assert response.status_code == 409
    return read(response).one(class_="merge-form")


def test_a_late_save_of_another_row_keeps_both_changes(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = {**put("capability-cancelled"), "key_source": "", "key_event": "", "reason": "Asked for"}
    other_saves()
    answer = editor.post(f"{NULL}transitions/", data, headers=way)
    shown = as_asked(answer, way, "machine")
    assert shown.one(id="refusal")["role"] == "alert"
    assert shown.says("Changed [Queued] - <resume> in null current by eve")
    assert shown.says("3 other lines are the same in all.")
    form = panel_of(answer)
    assert form.typed["reason"] == "Asked for"
    saved = editor.post(form["action"], form.typed, headers=way)
    assert saved.status_code == (200 if way is HTMX else 302)
    assert THEIRS in effective("null")
    assert CANCEL in effective("null")
    reasons = {each.event: each.reason for each in definition("null").overrides.all()}
    assert reasons == {"resume": "", "capability-cancelled": "Asked for"}


def test_of_two_changes_of_one_row_the_one_that_is_chosen_is_kept(editor: Client) -> None:
    data = put("resume")
    other_saves()
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    (field,) = [name for name in form.typed if name.startswith("choice-")]
    assert form.typed[field] == "mine"
    assert form.says("both changed it")
    editor.post(form["action"], {**form.typed, field: "theirs"})
    assert effective("null").by_key[RESUME] == THEIRS
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    editor.post(form["action"], form.typed)
    assert effective("null").by_key[RESUME] == line("[Queued] - <resume> {QaFail} -> [Failed]")


def test_a_late_drop_is_joined_too(editor: Client) -> None:
    data = {
        **put(""),
        "key_source": "",
        "verb": "drop",
        "source": COMPLETE.source,
        "event": COMPLETE.event,
    }
    other_saves()
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    editor.post(form["action"], form.typed)
    assert COMPLETE not in effective("null").by_key
    assert THEIRS in effective("null")


def test_a_late_restore_is_joined_too(editor: Client) -> None:
    inherited = effective("null").by_key[FAILED]
    overrides.drop(definition=seen("null"), key=FAILED, by=editor_author())
    data = {
        **put(""),
        "key_source": "",
        "verb": "restore",
        "source": FAILED.source,
        "event": FAILED.event,
    }
    data["version"] = str(definition("null").version)
    other_saves()
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    editor.post(form["action"], form.typed)
    assert inherited in effective("null")
    assert THEIRS in effective("null")


def test_a_late_text_is_joined_and_no_note_of_either_goes(editor: Client) -> None:
    text = f"{render(effective('null'))}{render_line()}\n-- Mine.\n"
    data = {"version": "1", "seen": str(head()), "text": text, "message": "why"}
    other_saves()
    null = Capability.objects.get(name="null")
    notes.add(text="Theirs.", capability=null, kind=Kind.CURRENT, by=editor_author())
    form = panel_of(editor.post(f"{NULL}text/", data))
    assert form.typed["message"] == "why"
    editor.post(form["action"], form.typed)
    assert THEIRS in effective("null")
    assert CANCEL in effective("null")
    assert {note.text for note in null.notes.all()} == {"Mine.", "Theirs."}


def render_line() -> str:
    return "[Queued] - <capability-cancelled> {QaFail} -> [Failed]"


def test_an_ideal_that_became_its_own_meanwhile_is_joined_with_what_current_was(
    editor: Client,
) -> None:
    data = {**put("capability-cancelled", version="0"), "key_source": "", "key_event": ""}
    other_saves(Kind.IDEAL)
    form = panel_of(editor.post("/capabilities/null/ideal/transitions/", data, headers=HTMX))
    editor.post(form["action"], form.typed)
    assert THEIRS in effective("null", Kind.IDEAL)
    assert CANCEL in effective("null", Kind.IDEAL)


def test_somebody_who_is_faster_again_brings_the_panel_again_with_the_choice(
    editor: Client,
) -> None:
    data = put("resume")
    other_saves()
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    (field,) = [name for name in form.typed if name.startswith("choice-")]
    overrides.drop(definition=seen("null"), key=FAILED, by=editor_author("bea"))
    before = state()
    answer = editor.post(form["action"], {**form.typed, field: "theirs"}, headers=HTMX)
    assert state() == before
    again = panel_of(answer)
    assert again.typed[field] == "theirs"
    assert read(answer).says("by bea")
    editor.post(again["action"], again.typed)
    assert effective("null").by_key[RESUME] == THEIRS
    assert FAILED not in effective("null").by_key


def test_what_cannot_be_read_is_not_saved(editor: Client) -> None:
    for more in ({"mine": "[A"}, {"seen": ""}, {"seen": "9" * 30}):
        data = {"version": "1", "seen": "1", "base": "", "mine": "", **more}
        before = state()
        answer = editor.post(f"{NULL}merge/", data, headers=HTMX)
        assert answer.status_code == 422
        assert "Nothing was saved." in answer.content.decode()
        assert state() == before


def test_a_reason_that_is_too_long_is_told_and_the_choice_is_kept(editor: Client) -> None:
    data = put("resume")
    other_saves()
    form = panel_of(editor.post(f"{NULL}transitions/", data, headers=HTMX))
    answer = editor.post(form["action"], {**form.typed, "ticket": "x" * 60}, headers=HTMX)
    assert answer.status_code == 422
    assert read(answer).one(class_="merge-form").typed["ticket"] == "x" * 60
