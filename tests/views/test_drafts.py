"""The draft of a row, shown while it is typed."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from capabilities.models import Term
from tests.factories import FAIL, QA, definition, head, template
from tests.html import Element, read
from tests.people import HTMX, VIEWER, client_of

URL = "/capabilities/std_calibration/ideal/transitions/preview/"
TEMPLATE = f"/machine-templates/{QA}/transitions/preview/"


def typed(**more: str) -> dict[str, str]:
    return {
        "key_source": FAIL.source,
        "key_event": FAIL.event,
        "source": FAIL.source,
        "event": FAIL.event,
        "target": "Queued",
        "action": "QaFail",
        "argument": "",
        **more,
    }


def preview(client: Client, url: str = URL, **more: str) -> Element:
    response: Any = client.post(url, typed(**more), headers=HTMX)
    assert response.status_code == 200
    return read(response)


def test_the_parts_show_the_draft_and_nothing_is_written(editor: Client) -> None:
    before, version = head(), definition("std_calibration", "ideal").version
    answer = preview(editor)
    assert not answer.one(id="draft").text
    for part in ("diagram", "findings", "differences"):
        assert answer.one(id=part)["hx-swap-oob"] == "true"
    assert answer.one(id="diagram").says("draft, not saved")
    assert "~ qa-fail" in [each.text for each in answer.one(id="diagram").all("text")]
    row = answer.one(id="differences").all("tr", class_="changed")[-1]
    assert row.says("Queued")
    assert (head(), definition("std_calibration", "ideal").version) == (before, version)


def test_the_findings_are_those_of_the_draft(editor: Client) -> None:
    answer = preview(editor, target="Queud")
    assert answer.one(id="findings").says("did you mean “Queued”?")


def test_a_new_transition_is_drawn_too(editor: Client) -> None:
    answer = preview(editor, key_source="", key_event="", event="capability-cancelled")
    assert "+ capability-cancelled" in [e.text for e in answer.one(id="diagram").all("text")]


def test_a_key_that_becomes_another_one_stands_in_its_place(editor: Client) -> None:
    answer = preview(editor, event="qa-refused")
    texts = [each.text for each in answer.one(id="diagram").all("text")]
    assert "+ qa-refused" in texts
    assert not [text for text in texts if "qa-fail" in text]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"target": ""}, "Target: This field is required."),
        ({"action": "Qa Fail"}, "Actions: Action 1: the action's name has white space in it."),
        ({"event": "qa-pass"}, "[Awaiting QA] - <qa-pass> stands in this machine already"),
    ],
)
def test_a_draft_that_cannot_be_leaves_the_parts_and_says_why(
    editor: Client, more: dict[str, str], told: str
) -> None:
    answer = preview(editor, **more)
    assert told in answer.one(id="draft").text
    assert "has-mistakes" in answer.one(id="draft")["class"]
    assert not answer.all(id="diagram")


def test_a_machine_template_is_drawn_with_its_draft(editor: Client) -> None:
    before = template(QA).version
    answer = preview(editor, TEMPLATE)
    assert answer.one(id="diagram").says("draft, not saved")
    assert "~ qa-fail" in [each.text for each in answer.one(id="diagram").all("text")]
    assert template(QA).version == before
    findings = preview(editor, TEMPLATE, target="Queud").one(id="findings")
    assert findings["hx-swap-oob"] == "true"
    assert findings.says("did you mean “Queued”?")


@pytest.mark.parametrize("url", [URL, TEMPLATE])
def test_a_viewer_is_refused(seed: object, url: str) -> None:
    assert client_of(VIEWER).post(url, typed()).status_code == 403


@pytest.mark.parametrize("url", [URL.replace("std_calibration", "x"), TEMPLATE.replace(QA, "x")])
def test_what_is_not_there_is_not_found(editor: Client, url: str) -> None:
    assert editor.post(url, typed()).status_code == 404


def test_a_name_that_is_not_registered_is_offered_to_be(editor: Client) -> None:
    answer = preview(editor, target="Cancelled", action="NotifyPi", argument="execution_failed")
    found = {each["aria-label"]: each for each in answer.one(class_="offers").all("select")}
    state = found["When this is saved, the state “Cancelled”"]
    action = found["When this is saved, the action “NotifyPi”"]
    assert [each["value"] for each in action.all("option")] == [
        "",
        "action|message|NotifyPi",
        "action||NotifyPi",
        "action|workflow|NotifyPi",
        "action|notification|NotifyPi",
    ]
    assert [each["value"] for each in state.all("option")] == [
        "",
        "state||Cancelled",
        "state|final|Cancelled",
    ]


def test_the_nearest_name_is_offered_first(editor: Client) -> None:
    offer = preview(editor, target="Queud").one(class_="offers").one("li")
    assert offer.one("button", data_use="Queued").text == "Use “Queued”"
    assert offer.one("button")["data-kind"] == "state"


def test_what_is_chosen_stays_chosen_and_the_findings_know_it(editor: Client) -> None:
    said = "“Cancelled” is not registered"
    assert preview(editor, target="Cancelled").one(id="findings").says(said)
    answer = preview(editor, target="Cancelled", register="state|final|Cancelled")
    chosen = answer.one("option", value="state|final|Cancelled")
    assert "selected" in chosen.attributes
    findings = answer.one(id="findings")
    assert not findings.says(said)
    assert not findings.says("not known as a final state")


@pytest.mark.parametrize("url", [URL, TEMPLATE])
def test_a_chosen_name_is_registered_with_the_row(editor: Client, url: str) -> None:
    version = (
        template(QA).version if url == TEMPLATE else definition("std_calibration", "ideal").version
    )
    data = typed(target="Cancelled", register="state|final|Cancelled", verb="put")
    posted = {**data, "version": str(version)}
    answer = read(editor.post(url.removesuffix("preview/"), posted))
    for form in answer.all("form"):
        if form.all(id="rehearsal"):  # what is planned is confirmed
            assert not Term.objects.filter(name="Cancelled").exists()
            editor.post(url.removesuffix("preview/"), form.typed)
    found = Term.objects.get(kind="state", name="Cancelled")
    assert found.final


def test_a_refused_row_keeps_what_was_chosen(editor: Client) -> None:
    data = typed(target="", register="event||qa-refused", verb="put", version="1")
    response = editor.post(URL.removesuffix("preview/"), data)
    assert response.status_code == 422
    assert read(response).one("input", name="register")["value"] == "event||qa-refused"
    assert not Term.objects.filter(name="qa-refused").exists()


def test_what_cannot_be_a_term_refuses_the_whole_row(editor: Client) -> None:
    before = head()
    version = str(definition("std_calibration", "ideal").version)
    data = typed(register="planet||Mars", verb="put", version=version)
    response = editor.post(URL.removesuffix("preview/"), data)
    assert response.status_code == 422
    assert head() == before


def test_who_may_not_add_terms_is_offered_none(editor: Client) -> None:
    Group.objects.get(name="editor").permissions.remove(Permission.objects.get(codename="add_term"))
    assert not preview(editor, target="Cancelled").all(class_="offers")
    version = str(definition("std_calibration", "ideal").version)
    data = typed(target="Cancelled", register="state||Cancelled", verb="put", version=version)
    assert editor.post(URL.removesuffix("preview/"), data).status_code == 403
