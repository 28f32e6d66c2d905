"""The actions of an open row as a list: arranged by its buttons, typed in either way."""

from collections.abc import Mapping

import pytest
from django.test import Client

from tests.factories import FAIL, QA, definition, effective, head, line, template
from tests.html import Element, read
from tests.people import VIEWER, client_of

from .answers import actions_of, as_asked

URL = "/capabilities/std_calibration/current/transitions/"
TEMPLATE = f"/machine-templates/{QA}/transitions/"
PAIRS = {"action": ["QaFail", "SendMessage"], "argument": ["", "execution_failed"]}


def typed(**more: object) -> dict[str, object]:
    """What the form of `qa-fail` posts, with two actions in its list."""
    return {
        "verb": "put",
        "version": definition("std_calibration").version,
        "key_source": FAIL.source,
        "key_event": FAIL.event,
        "source": FAIL.source,
        "event": FAIL.event,
        "target": "Failed",
        "reason": "because",
        **PAIRS,
        **more,
    }


def form_of(answer: Element) -> Element:
    return answer.one("form", class_="transition-form")


def focused(answer: Element) -> list[str]:
    return [each["id"] for each in answer if "autofocus" in each.attributes]


ARRANGED = {
    "up-2": ([("SendMessage", "execution_failed"), ("QaFail", "")], "down-1"),
    "down-1": ([("SendMessage", "execution_failed"), ("QaFail", "")], "up-2"),
    "up-1": ([("QaFail", ""), ("SendMessage", "execution_failed")], "down-1"),
    "remove-1": ([("SendMessage", "execution_failed")], "remove-1"),
    "remove-2": ([("QaFail", "")], "remove-1"),
    "remove-9": ([("QaFail", ""), ("SendMessage", "execution_failed")], "add-action"),
    "add-action": (
        [("QaFail", ""), ("SendMessage", "execution_failed"), ("", "")],
        "action-3",
    ),
}


@pytest.mark.parametrize("verb", ARRANGED)
def test_a_button_arranges_the_list_and_writes_nothing(
    editor: Client, way: Mapping[str, str], verb: str
) -> None:
    before = head()
    response = editor.post(URL, typed(verb=verb), headers=way)
    assert response.status_code == 200
    answer = as_asked(response, way, "machine")
    form = form_of(answer)
    wanted, focus = ARRANGED[verb]
    assert actions_of(form) == wanted
    assert focused(answer) == [focus]
    assert form.typed["reason"] == "because"
    assert not form.all(class_="errorlist")
    assert head() == before


def test_the_list_becomes_the_notation_and_a_list_again(editor: Client) -> None:
    form = form_of(read(editor.post(URL, typed(verb="as-text"))))
    assert form.typed["actions"] == "{QaFail} {SendMessage execution_failed}"
    assert not actions_of(form)
    posted = typed(verb="as-list", actions="{QaPass} {AnnounceQa}")
    form = form_of(read(editor.post(URL, posted)))
    assert actions_of(form) == [("QaPass", ""), ("AnnounceQa", "")]


def test_what_cannot_be_read_stays_as_it_is_typed(editor: Client) -> None:
    form = form_of(read(editor.post(URL, typed(verb="as-list", actions="{QaPass"))))
    assert form.typed["actions"] == "{QaPass"
    assert "to close the action" in form.one(class_="errorlist").text
    form = form_of(read(editor.post(URL, typed(verb="as-text", action=["Qa Pass"], argument=[""]))))
    assert actions_of(form) == [("Qa Pass", "")]
    assert "Action 1: the action's name has white space in it." in form.text


def test_the_version_that_the_row_was_opened_with_stays(editor: Client) -> None:
    posted = typed(verb="add-action", version=0)
    assert form_of(read(editor.post(URL, posted))).typed["version"] == "0"


def test_the_list_is_saved_in_its_order(editor: Client) -> None:
    assert editor.post(URL, typed()).status_code == 302
    wanted = "[Awaiting QA] - <qa-fail> {QaFail} {SendMessage execution_failed} -> [Failed]"
    assert effective("std_calibration").by_key[FAIL] == line(wanted)


def test_empty_places_count_as_nothing_and_pasted_notation_as_what_it_says(editor: Client) -> None:
    names = ["", "{QaFail} {SendMessage execution_failed}", " AnnounceQa "]
    assert editor.post(URL, typed(action=names, argument=["", "", ""])).status_code == 302
    wanted = (
        "[Awaiting QA] - <qa-fail> {QaFail} {SendMessage execution_failed} {AnnounceQa} -> [Failed]"
    )
    assert effective("std_calibration").by_key[FAIL] == line(wanted)


@pytest.mark.parametrize(
    ("name", "argument", "told"),
    [
        ("Qa Fail", "", "Action 1: the action's name has white space in it."),
        ("", "execution_failed", "Action 1: the action's name is empty."),
        ("{QaFail", "", "Action 1: expected “}” to close the action"),
        ("no", "action", "{no action} is the absence of actions"),
    ],
)
def test_a_wrong_action_is_told_of_by_its_place_and_kept(
    editor: Client, way: Mapping[str, str], name: str, argument: str, told: str
) -> None:
    response = editor.post(URL, typed(action=[name], argument=[argument]), headers=way)
    assert response.status_code == 422
    form = form_of(read(response))
    assert told in form.one(class_="errorlist").text
    assert actions_of(form) == [(name, argument)]


def test_an_action_offers_the_names_that_it_takes(editor: Client) -> None:
    answer = read(editor.post(URL, typed(verb="up-2")))
    message, none = form_of(answer).all("input", name="argument")
    assert message["list"] == "known-messages"
    assert (none["list"], none["placeholder"]) == ("", "takes none")
    known = answer.one("datalist", id="known-messages").all("option")
    assert [each["value"] for each in known] == ["execution_complete", "execution_failed"]


def test_a_machine_template_has_the_same_list(editor: Client, way: Mapping[str, str]) -> None:
    version = template(QA).version
    response = editor.post(TEMPLATE, typed(verb="up-2", version=version), headers=way)
    form = form_of(as_asked(response, way, "machine"))
    assert actions_of(form) == ARRANGED["up-2"][0]


def test_a_viewer_is_refused(seed: object) -> None:
    assert client_of(VIEWER).post(URL, typed(verb="up-2")).status_code == 403
