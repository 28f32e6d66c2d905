"""Many machines at once: chosen in the list, planned, and done, all of them or none."""

from typing import Any

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities, definitions, machine_templates, overrides
from capabilities.models import Capability, Definition
from tests.factories import (
    FAIL,
    NAMES,
    QA,
    RESUME,
    SIMPLE,
    definition,
    effective,
    head,
    last_entries,
    seen,
    state,
    template,
)
from tests.html import Element, read
from tests.people import VIEWER, client_of

from .answers import message

URL = "/many/"
BEA = Author(None, "bea", "test")
TITLE = "Run-workflow with single-stage QA"


def asked(*names: str, what: str = "attach", slug: str = QA, **more: Any) -> dict[str, Any]:
    return {"name": names, "kind": "current", "what": what, "machine_template": slug, **more}


def plan(editor: Client, data: dict[str, Any], status: int = 200) -> Element:
    response = editor.post(URL, data)
    assert response.status_code == status
    return read(response)


def form_of(tree: Element) -> dict[str, Any]:
    """What the button that does it sends."""
    form = tree.one("form", id="do-many")
    button = form.one("button")
    names = [each["value"] for each in form.all("input", name="name")]
    return {**form.typed, "name": names, button["name"]: button["value"]}


# -- choosing


def test_each_row_of_the_list_can_be_ticked_and_is_of_the_form_beneath(editor: Client) -> None:
    tree = read(editor.get("/"))
    ticks = tree.all("input", type="checkbox", form="many-form")
    assert [(each["name"], each["value"], each["aria-label"]) for each in ticks] == [
        ("name", name, f"Choose {name}") for name in NAMES
    ]
    form = tree.one("form", id="many-form")
    assert (form["action"], form["method"]) == (URL, "post")
    assert [
        option.text for option in form.one("select", name="machine_template").all("option")
    ] == [
        "none",
        TITLE,
        "Simple run-workflow",
    ]
    assert len({each["id"] for each in tree if each["id"]}) == len([e for e in tree if e["id"]])


def test_a_viewer_has_nothing_to_tick(viewer: Client) -> None:
    tree = read(viewer.get("/"))
    assert tree.one(id="capability-list").all("input", type="checkbox") == []
    assert tree.all("form", id="many-form") == []
    assert b"many.js" not in viewer.get("/").content


def test_an_empty_list_has_no_form(editor: Client) -> None:
    Definition.objects.all().delete()
    Capability.objects.all().delete()
    assert read(editor.get("/")).all("form", id="many-form") == []


def test_an_address_says_which_are_chosen(editor: Client) -> None:
    url = f"{URL}?name=null&name=nothing&name=null_dag&kind=ideal&what=remove&machine_template={QA}"
    form = read(editor.get(url)).one("form", id="many-form")
    ticked = [each for each in form.all("input", name="name") if "checked" in each.attributes]
    assert [each["value"] for each in ticked] == ["null", "null_dag"]
    assert form.typed["kind"] == "ideal"
    assert (form.typed["what"], form.typed["machine_template"]) == ("remove", QA)


def test_without_a_choice_the_page_leads_to_the_list(editor: Client) -> None:
    tree = read(editor.get(URL))
    assert tree.one("form", id="many-form").one("a")["href"] == "/"


# -- the plan


def test_the_plan_names_every_machine_and_those_that_stay_and_writes_nothing(
    editor: Client,
) -> None:
    definitions.choose_machine_template(
        definition=seen("null_dag"), machine_template=template(QA), by=BEA
    )
    before = state()
    tree = plan(editor, asked("null", "null_dag", "std_calibration"))
    assert tree.one("h2", id="many-plan-title").text == (
        f"Attach the stage “{TITLE}” to 2 current machines"
    )
    shown = tree.one(id="rehearsal")
    assert shown.says("2 machines change; every override stays. Nothing is saved yet.")
    assert shown.says("[Awaiting QA] - <qa-pass> is added: {QaPass}, then [Ingesting].")
    assert shown.says("3 overrides affected")
    assert shown.says("New finding: No run reaches “Ingesting”.")
    assert tree.one(id="many-plan").says(
        "Stay as they are, because they have it already: null_dag Why"
    )
    assert tree.one("form", id="do-many").one("button").text == "Do it: 2 machines"
    assert tree.one("form", id="do-many").one("a").text == "Cancel"
    assert state() == before


@pytest.mark.parametrize(
    ("what", "slug", "title"),
    [
        ("choose", QA, f"Use the machine template “{TITLE}” for 1 current machine"),
        ("choose", "", "Use no machine template for 1 current machine"),
        ("remove", QA, f"Remove the stage “{TITLE}” from 1 current machine"),
    ],
)
def test_the_plan_says_what_it_is_for(editor: Client, what: str, slug: str, title: str) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    tree = plan(editor, asked("null", what=what, slug=slug))
    assert tree.one("h2", id="many-plan-title").text == title


def test_the_plan_of_a_removal_says_who_has_no_such_stage(editor: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    tree = plan(editor, asked("null", "null_dag", what="remove"))
    assert tree.says("Stay as they are, because they do not have it: null_dag")


def test_a_machine_that_is_only_made_of_other_layers_is_told(editor: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    tree = plan(editor, asked("null", what="choose"))
    assert tree.says("No machine changes.")
    assert tree.says("Made of other layers, and the same machine as before: null")


def test_the_plan_can_be_chosen_otherwise(editor: Client) -> None:
    form = plan(editor, asked("null", "null_dag", kind="ideal")).one("form", id="many-form")
    assert [each["value"] for each in form.all("input", name="name")] == ["null", "null_dag"]
    assert form.typed["kind"] == "ideal"
    assert (form.typed["what"], form.typed["machine_template"]) == ("attach", QA)


# -- doing it


def test_doing_it_does_what_the_plan_says_in_one_request(editor: Client) -> None:
    since = head()
    data = form_of(plan(editor, asked("null", "null_dag", "std_calibration")))
    response = editor.post(URL, {**data, "message": "WS-900"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert message(response) == (
        f"Attached the stage “{TITLE}” to 3 current machines: null, null_dag, std_calibration."
    )
    entries = last_entries(since)
    assert [(e.name, e.kind) for e in entries] == [
        (name, "current") for name in ("null", "null_dag", "std_calibration")
    ]
    assert {(e.actor, e.message) for e in entries} == {("editor", "WS-900")}
    assert len({e.request for e in entries}) == 1
    assert len(effective("null")) == 8


def test_ideals_that_are_the_same_begin_their_own(editor: Client) -> None:
    data = form_of(plan(editor, asked("null", "null_dag", what="choose", kind="ideal")))
    assert data["version-null"] == "0"
    response = editor.post(URL, data, follow=True)
    assert message(response) == (
        f"Chose the machine template “{TITLE}” for 2 ideal machines: null, null_dag."
    )
    assert (len(effective("null", "ideal")), len(effective("null"))) == (8, 4)


def test_the_message_names_no_more_than_can_be_read(editor: Client) -> None:
    names = [f"more_{number}" for number in range(11)]
    for name in names:
        capabilities.add(name=name, machine_template=template(SIMPLE), by=BEA)
    data = form_of(plan(editor, asked(*names, what="choose", slug="")))
    told = message(editor.post(URL, data, follow=True))
    assert told.startswith("Chose no machine template for 11 current machines: more_0, more_1,")
    assert told.endswith(" and 3 more.")


# -- refused


def test_when_somebody_was_faster_nothing_is_written_and_the_plan_is_shown_anew(
    editor: Client,
) -> None:
    data = form_of(plan(editor, asked("null", "null_dag")))
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=BEA)
    before = state()
    tree = plan(editor, {**data, "message": "WS-900"}, 409)
    assert state() == before
    refusal = tree.one(id="refusal")
    assert refusal.says("null_dag current was changed by somebody else in the meantime.")
    assert refusal.says("Nothing was saved; this is the new plan.")
    assert [each.text.partition(" at ")[0] for each in refusal.all("li")] == [
        "null_dag current: Dropped [Queued] - <resume> from null_dag current, by bea"
    ]
    again = form_of(tree)
    assert again["version-null_dag"] == str(definition("null_dag").version)
    assert again["message"] == "WS-900"
    assert editor.post(URL, again).status_code == 302
    assert len(effective("null_dag")) == 7


def test_when_the_machine_template_was_edited_the_plan_is_shown_anew_too(editor: Client) -> None:
    data = form_of(plan(editor, asked("null", "null_dag")))
    machine_templates.drop(machine_template=template(QA), key=FAIL, version=1, by=BEA)
    before = state()
    tree = plan(editor, data, 409)
    assert [each.text.partition(" at ")[0] for each in tree.one(id="refusal").all("li")] == [
        f"{QA} machine template: Dropped [Awaiting QA] - <qa-fail> "
        f"from the machine template “{TITLE}”, by bea"
    ]
    assert not tree.one(id="rehearsal").says("qa-fail> is added")
    assert state() == before


def test_when_somebody_did_it_already_there_is_nothing_left_to_do(editor: Client) -> None:
    data = form_of(plan(editor, asked("null")))
    editor.post(URL, data)
    before = state()
    tree = plan(editor, data, 409)
    assert tree.says("There is nothing to do: each of them is so already.")
    assert tree.all("form", id="do-many") == []
    assert state() == before


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 40])
def test_without_the_versions_of_the_plan_nothing_is_done(
    editor: Client, version: str | None
) -> None:
    data = form_of(plan(editor, asked("null", "null_dag")))
    if version is None:
        del data["version-null_dag"]
    else:
        data["version-null_dag"] = version
    before = state()
    tree = plan(editor, data, 428)
    assert tree.one(id="refusal").says("The form did not say which versions it changes")
    assert form_of(tree)["version-null_dag"] == "1"
    assert state() == before


def test_without_the_moment_of_the_plan_nothing_is_done(editor: Client) -> None:
    data = form_of(plan(editor, asked("null")))
    del data["head"]
    before = state()
    assert plan(editor, data, 428).one("form", id="do-many").typed["head"] == str(head())
    assert state() == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (asked(), "Tick the capabilities that are meant."),
        (asked("null", "nothing"), "There is no capability nothing any more."),
        (asked("null", slug=""), "Choose the machine template whose layer it is."),
        (asked("null", what="remove", slug=""), "Choose the machine template whose layer it is."),
        (asked("null", slug="nothing"), "Select a valid choice."),
        (asked("null", kind="other"), "Select a valid choice."),
        (asked("null", what="other"), "Select a valid choice."),
        (asked("null", what="remove"), "There is nothing to do: each of them is so already."),
        (asked("null", message="x" * 501), "Ensure this value has at most 500 characters"),
    ],
)
@pytest.mark.parametrize("step", ["", "do"])
def test_what_cannot_be_is_refused_and_the_choice_is_kept(
    editor: Client, data: dict[str, Any], said: str, step: str
) -> None:
    before = state()
    tree = plan(editor, {**data, "step": step, "version-null": "1", "head": str(head())}, 422)
    assert tree.says(said)
    assert tree.all("form", id="do-many") == []
    form = tree.one("form", id="many-form")
    kept = [each["value"] for each in form.all("input", name="name")]
    assert kept == ["null"] * ("null" in data["name"])
    assert state() == before


def test_a_message_that_is_no_line_is_refused_and_kept(editor: Client) -> None:
    data = form_of(plan(editor, asked("null")))
    before = state()
    tree = plan(editor, {**data, "message": "two\nlines"}, 422)
    (problem,) = tree.one(id="refusal").all("li")
    assert problem.text.startswith("The message has the unusable character U+000A")
    assert form_of(tree)["version-null"] == "1"
    assert state() == before


def test_a_viewer_may_not(viewer: Client) -> None:
    before = state()
    data = {**asked("null"), "step": "do", "version-null": "1", "head": str(head())}
    assert client_of(VIEWER).post(URL, data).status_code == 403
    assert state() == before
    assert FAIL not in effective("null").by_key
