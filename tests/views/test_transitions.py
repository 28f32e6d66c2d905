"""Putting, dropping and restoring single transitions of a definition."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import overrides
from capabilities.machines.machine import Key
from capabilities.models import AuditEntry, Capability, Definition, Override
from tests.factories import (
    COMPLETE,
    FAIL,
    FAILED,
    PASS,
    RESUME,
    definition,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
    tampering,
)
from tests.html import Element, read
from tests.people import HTMX, PLAIN, VIEWER, client_of

from .answers import announced, as_asked, is_page, message, root, told

NAME = "std_calibration"
PAGE = f"/capabilities/{NAME}/current/"
URL = f"{PAGE}transitions/"
BEA = Author(None, "bea", "test")


def put(**more: str) -> dict[str, str]:
    """What the form of a new transition posts."""
    return {
        "verb": "put",
        "version": str(definition(NAME).version),
        "source": "Failed",
        "event": "resume",
        "target": "Queued",
        "actions": "{QaFail} {SendMessage execution_failed}",
        "reason": "they may try again",
        "ticket": "WS-9",
        "message": "as agreed",
        **more,
    }


def changed(key: tuple[str, str], **more: str) -> dict[str, str]:
    """What the form of a present transition posts."""
    transition = effective(NAME).by_key[key]  # type: ignore[index]
    fields = {"source": key[0], "event": key[1], "target": transition.target}
    return put(**fields, key_source=key[0], key_event=key[1]) | more


def take(verb: str, key: tuple[str, str], **more: str) -> dict[str, str]:
    """What a button of a row posts."""
    version = str(definition(NAME).version)
    return {"verb": verb, "version": version, "source": key[0], "event": key[1], **more}


def open_form(tree: Element) -> Element:
    return tree.one("form", class_="transition-form")


def write(editor: Client, data: Mapping[str, str], way: Mapping[str, str], said: str) -> Any:
    """Post it; see that it is told either way, and that htmx gets a part and the others nothing."""
    if way is HTMX:
        response = editor.post(URL, data, headers=way)
        assert response.status_code == 200
        assert root(response)["id"] == "machine"
        assert announced(response)
        assert told(response) == said
        assert not response.context["form"]
        return response
    response = editor.post(URL, data, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert message(response) == said
    assert not announced(response)
    return response


def test_a_new_transition_is_added(editor: Client, way: Mapping[str, str]) -> None:
    before = head()
    write(editor, put(), way, "Saved [Failed] - <resume>.")
    wanted = line("[Failed] - <resume> {QaFail} {SendMessage execution_failed} -> [Queued]")
    assert effective(NAME).transitions[-1] == wanted
    override = Override.objects.get(source="Failed")
    assert (override.reason, override.ticket) == ("they may try again", "WS-9")
    (entry,) = last_entries(before)
    assert (entry.actor, entry.way, entry.message) == ("editor", "page", "as agreed")
    assert entry.summary == "Added [Failed] - <resume> in std_calibration current"


def test_a_transition_is_changed_in_its_place(editor: Client, way: Mapping[str, str]) -> None:
    data = changed(RESUME, actions="", target="Complete")
    write(editor, data, way, "Saved [Queued] - <resume>.")
    assert effective(NAME).transitions[1] == line("[Queued] - <resume> {no action} -> [Complete]")


def test_a_key_is_renamed_and_the_new_row_stands_where_the_old_one_stood(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = changed(RESUME, actions="{QaPass}", event="go")
    response = write(editor, data, way, "Saved [Queued] - <go>.")
    assert effective(NAME).transitions[1] == line("[Queued] - <go> {QaPass} -> [Executing]")
    assert RESUME not in effective(NAME).by_key
    ghost = read(response).one("tr", class_="ghost")
    assert ghost.one("button").text == "Restore [Queued] - <resume> to the machine template"


def test_a_transition_is_dropped_and_restored(editor: Client, way: Mapping[str, str]) -> None:
    before = effective(NAME)
    response = write(editor, take("drop", RESUME), way, "Dropped [Queued] - <resume>.")
    assert RESUME not in effective(NAME).by_key
    assert read(response).one("tr", class_="ghost").says("resume")
    response = write(editor, take("restore", RESUME), way, "Restored [Queued] - <resume>.")
    assert effective(NAME) == before
    assert not read(response).all("tr", class_="ghost")


def test_a_transition_that_is_overridden_shows_what_lies_beneath_when_restored(
    editor: Client, way: Mapping[str, str]
) -> None:
    write(editor, take("restore", COMPLETE), way, "Restored [Executing] - <workflow-complete>.")
    assert effective(NAME).by_key[COMPLETE] == effective("null").by_key[COMPLETE]


def test_what_the_machine_template_says_anyway_needs_no_override(editor: Client) -> None:
    actions = "{SendMessage execution_complete} {SendNotification workflow-complete}"
    editor.post(URL, changed(COMPLETE, actions=actions, target="Complete"))
    assert not Override.objects.filter(event="workflow-complete").exists()


def test_the_first_change_of_an_ideal_begins_one_of_its_own(
    editor: Client, way: Mapping[str, str]
) -> None:
    response = editor.post(
        "/capabilities/null/ideal/transitions/", put(version="0"), headers=way, follow=True
    )
    assert response.status_code == 200
    assert definition("null", "ideal").version == 1
    assert len(effective("null", "ideal")) == 5
    assert len(effective("null")) == 4
    assert "The ideal is the same as current" not in read(response).text


# -- refused


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("source", "", "This field is required."),
        ("event", "", "This field is required."),
        ("target", "", "This field is required."),
        ("source", "x" * 201, "at most 200 characters"),
        ("event", "a\u200bb", "This has the unusable character U+200B."),
        ("actions", "{SendMessage", "expected “}” to close the action, the line ends"),
        ("actions", "{QaPass} {no action}", "expected it alone, or the actions without it"),
        ("actions", "QaPass", "expected “{”, found “Q”"),
        ("reason", "x" * 501, "at most 500 characters"),
        ("ticket", "x" * 51, "at most 50 characters"),
        ("message", "x" * 501, "at most 500 characters"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_kept(
    editor: Client, way: Mapping[str, str], field: str, value: str, said: str
) -> None:
    before = state()
    data = put(**{field: value})
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 422
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says("Nothing was saved.")
    assert said in open_form(machine).one("ul", id=f"id_{field}_error").text
    typed = open_form(machine).typed
    assert {name: typed[name] for name in data} == data
    assert not announced(response)
    assert state() == before


def test_too_many_actions_are_refused(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    response = editor.post(URL, put(actions="{a}" * 51), headers=way)
    assert response.status_code == 422
    assert open_form(as_asked(response, way, "machine")).says("at most 50 actions")
    assert state() == before


def test_a_key_that_another_transition_has_is_refused(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = state()
    data = put(source="Queued", event="resume")
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 422
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says("[Queued] - <resume> stands in this machine already")
    assert open_form(machine).typed["target"] == "Queued"
    assert state() == before


def test_a_refused_change_of_a_row_keeps_the_row_open(editor: Client) -> None:
    response = editor.post(URL, changed(RESUME, actions="{"), headers=HTMX)
    row = root(response).one("tr", id="row-2")
    assert open_form(row).typed["actions"] == "{"


def test_a_row_that_went_in_the_meantime_is_refused_and_what_was_typed_stays(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = changed(RESUME, actions="{QaPass}")
    overrides.drop(definition=seen(NAME), key=RESUME, by=BEA)
    before = state()
    response = editor.post(URL, {**data, "version": str(definition(NAME).version)}, headers=way)
    assert response.status_code == 422
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says("[Queued] - <resume> is not in this machine.")
    typed = open_form(machine).typed
    assert typed["actions"] == "{QaPass}"
    assert "key_source" not in typed  # saved again, it is added
    assert state() == before


@pytest.mark.parametrize(
    ("verb", "key", "said"),
    [
        ("drop", ("Nowhere", "resume"), "[Nowhere] - <resume> is not in this machine."),
        ("restore", ("Queued", "resume"), "[Queued] - <resume> is not overridden."),
        ("drop", ("", ""), "The form did not say which transition is meant."),
        ("restore", ("\0", "resume"), "The form did not say which transition is meant."),
    ],
)
def test_what_is_not_there_cannot_be_dropped_or_restored(
    editor: Client, way: Mapping[str, str], verb: str, key: tuple[str, str], said: str
) -> None:
    before = state()
    response = editor.post(URL, take(verb, key), headers=way)
    assert response.status_code == 422
    assert as_asked(response, way, "machine").one(id="refusal").says(said)
    assert state() == before


@pytest.mark.parametrize("verb", ["", "delete", "put "])
def test_a_verb_that_there_is_not_is_not_understood(editor: Client, verb: str) -> None:
    before = state()
    assert editor.post(URL, take(verb, RESUME)).status_code == 400
    assert state() == before


# -- somebody was faster


def test_a_late_save_is_told_who_was_faster_and_keeps_what_was_typed(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = changed(RESUME, actions="{QaPass}")
    overrides.drop(definition=seen(NAME), key=FAILED, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    machine = as_asked(response, way, "machine")
    refusal = machine.one(id="refusal")
    assert refusal.says("std_calibration current was changed by somebody else in the meantime.")
    assert refusal.says("bea at")
    assert refusal.says("Dropped [Executing] - <workflow-failed> from std_calibration current")
    assert open_form(machine).typed["actions"] == "{QaPass}"
    assert machine.one("tr", class_="ghost").says("workflow-failed")  # what is stored now
    assert not announced(response)
    assert state() == before


def test_what_was_typed_can_be_saved_after_a_conflict(editor: Client) -> None:
    data = changed(RESUME, actions="{QaPass}")
    overrides.drop(definition=seen(NAME), key=FAIL, by=BEA)
    form = open_form(read(editor.post(URL, data, headers=HTMX)))
    assert editor.post(URL, form.typed, headers=HTMX).status_code == 200
    assert effective(NAME).by_key[RESUME] == line("[Queued] - <resume> {QaPass} -> [Executing]")
    assert FAIL not in effective(NAME).by_key


def test_what_was_typed_is_kept_although_its_row_was_dropped_by_somebody_faster(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = changed(PASS, actions="{QaPass} {AnnounceQa}")
    overrides.drop(definition=seen(NAME), key=PASS, by=BEA)
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    form = open_form(as_asked(response, way, "machine"))
    assert form.typed["actions"] == "{QaPass} {AnnounceQa}"
    assert editor.post(URL, form.typed).status_code == 302
    assert len(effective(NAME).by_key[PASS].actions) == 2


@pytest.mark.parametrize("verb", ["drop", "restore"])
def test_a_late_button_changes_nothing(editor: Client, way: Mapping[str, str], verb: str) -> None:
    data = take(verb, COMPLETE)
    overrides.drop(definition=seen(NAME), key=FAIL, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    assert as_asked(response, way, "machine").one(id="refusal").says("bea at")
    assert state() == before


def test_two_who_begin_an_ideal_at_once_do_not_overwrite_each_other(editor: Client) -> None:
    url = "/capabilities/null/ideal/transitions/"
    assert editor.post(url, put(version="0"), headers=HTMX).status_code == 200
    assert editor.post(url, put(version="0", source="Other"), headers=HTMX).status_code == 409
    assert len(effective("null", "ideal")) == 5


@pytest.mark.parametrize("version", [None, "", "x", "-1", "1.0", "9" * 5000])
def test_a_form_without_a_version_is_refused_and_kept(
    editor: Client, way: Mapping[str, str], version: str | None
) -> None:
    before = state()
    data = put()
    del data["version"]
    response = editor.post(
        URL, data | ({} if version is None else {"version": version}), headers=way
    )
    assert response.status_code == 428
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says("did not say which version it changes")
    assert open_form(machine).typed["reason"] == "they may try again"
    assert state() == before


# -- whom it is for, and how it is asked


def test_a_capability_that_went_is_not_found(editor: Client, way: Mapping[str, str]) -> None:
    data = put()
    Capability.objects.get(name=NAME).delete()
    assert editor.post(URL, data, headers=way).status_code == 404


def test_a_definition_that_went_is_a_conflict(editor: Client, way: Mapping[str, str]) -> None:
    data = put()
    Definition.objects.filter(capability__name=NAME, kind="current").delete()
    assert editor.post(URL, data, headers=way).status_code == 409


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_transitions_are_only_posted(editor: Client, method: str) -> None:
    assert getattr(editor, method)(URL).status_code == 405


def test_a_viewer_may_not_write(seed: object, way: Mapping[str, str]) -> None:
    before = state()
    assert client_of(VIEWER).post(URL, put(), headers=way).status_code == 403
    assert state() == before


def test_a_write_of_one_request_shares_its_id_with_nobody(editor: Client) -> None:
    before = head()
    editor.post(URL, put())
    editor.post(URL, take("drop", RESUME))
    assert len({entry.request for entry in last_entries(before)}) == 2


def test_a_conflict_without_any_entry_is_told_all_the_same(editor: Client) -> None:
    with tampering():
        AuditEntry.objects.all()._raw_delete("default")
    response = editor.post(URL, put(version="0"), headers=PLAIN)
    assert response.status_code == 409
    assert is_page(response)
    assert read(response).one(id="refusal").says("was changed by somebody else")


def test_an_open_row_is_restored_by_its_own_key_whatever_was_typed(
    editor: Client, way: Mapping[str, str]
) -> None:
    form = open_form(read(editor.get(f"{PAGE}?source=Executing&event=workflow-complete")))
    assert form.one("button", id="restore-transition").text == "Restore to machine template"
    data = changed(COMPLETE, verb="restore", source="Typed", target="")
    write(editor, data, way, "Restored [Executing] - <workflow-complete>.")
    assert COMPLETE not in {each.key for each in definition(NAME).overrides.all()}


def test_a_row_changes_places_and_the_keyboard_goes_with_it(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = list(effective(NAME).by_key)
    response = write(editor, take("earlier", FAIL), way, f"Moved up {Key(*FAIL)}.")
    assert list(effective(NAME).by_key) == [*before[:4], before[5], before[4]]
    if way is HTMX:
        focused = [each["id"] for each in read(response) if "autofocus" in each.attributes]
        assert focused == ["earlier-5"]
    write(editor, take("later", FAIL), way, f"Moved down {Key(*FAIL)}.")
    assert list(effective(NAME).by_key) == before


def test_the_first_row_cannot_go_further_up(editor: Client, way: Mapping[str, str]) -> None:
    first = effective(NAME).transitions[0].key
    tree = read(editor.get(PAGE))
    assert "disabled" in tree.one("button", id="earlier-1").attributes
    assert "disabled" in tree.one("button", id="later-6").attributes
    before = state()
    response = editor.post(URL, take("earlier", first), headers=way)
    assert response.status_code == 422
    assert "stands first already" in read(response).text
    assert not [each for each in read(response) if "autofocus" in each.attributes]
    assert state() == before
