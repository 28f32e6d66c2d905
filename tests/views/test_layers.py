"""What a definition is made of: machine template, stages, parameters, an ideal of its own."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import definitions, machine_templates, overrides
from capabilities.models import Binding, Capability, Stage
from tests.factories import (
    COMPLETE,
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    seen,
    state,
    template,
)
from tests.html import Element, read
from tests.people import HTMX, VIEWER, client_of

from .answers import announced, as_asked, message, root, told

PAGE = "/capabilities/null/current/"
URL = f"{PAGE}layers/"
IDEAL = "/capabilities/std_calibration/ideal/"
BEA = Author(None, "bea", "test")


def asked(verb: str, slug: str = "", **more: str) -> dict[str, str]:
    version = str(definition("null").version)
    return {"verb": verb, "version": version, "machine_template": slug, **more}


def write(
    editor: Client, data: Mapping[str, str], way: Mapping[str, str], said: str, page: str = PAGE
) -> Any:
    if way is HTMX:
        response = editor.post(f"{page}layers/", data, headers=way)
        assert response.status_code == 200
        assert root(response)["id"] == "machine"
        assert announced(response)
        assert told(response) == said
        return response
    response = editor.post(f"{page}layers/", data, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert message(response) == said
    return response


def test_a_machine_template_is_chosen(editor: Client, way: Mapping[str, str]) -> None:
    before = head()
    data = asked("choose", QA)
    write(editor, data, way, "The machine template is Run-workflow with single-stage QA.")
    assert len(effective("null")) == 8
    (entry,) = last_entries(before)
    assert (entry.name, entry.actor, entry.action) == ("null", "editor", "machine template chosen")


def test_no_machine_template_can_be_chosen(editor: Client, way: Mapping[str, str]) -> None:
    write(editor, asked("choose"), way, "The machine template is none.")
    assert definition("null").machine_template is None


def test_the_overrides_stay_when_another_machine_template_is_chosen(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    editor.post(URL, asked("choose", QA))
    assert len(effective("null")) == 7


def test_a_stage_is_attached_and_removed(editor: Client, way: Mapping[str, str]) -> None:
    before = effective("null")
    title = "Run-workflow with single-stage QA"
    response = write(editor, asked("attach", QA), way, f"Attached the stage {title}.")
    assert len(effective("null")) == 8
    assert read(response).one("span", class_="stage").text == f"+ {title}"
    write(editor, asked("remove", QA), way, f"Removed the stage {title}.")
    assert effective("null") == before


def labels(tree: Element) -> list[list[str]]:
    """The buttons of each stage, as a screen reader says them."""
    stages = [each for each in tree.all("li") if each.all("span", class_="stage")]
    return [[button.text for button in stage.all("button")] for stage in stages]


def test_stages_are_moved_where_they_can_be(editor: Client, way: Mapping[str, str]) -> None:
    first, second = template(QA), machine_templates.add(title="B", over=template(QA), by=BEA)
    for stage in (first, second):
        definitions.attach_stage(definition=seen("null"), machine_template=stage, by=BEA)
    shown = labels(read(editor.get(PAGE)))
    assert shown == [
        [f"Later : the stage {first}", f"Remove the stage {first}"],
        ["Earlier : the stage B", "Remove the stage B"],
    ]
    response = write(editor, asked("earlier", "b"), way, "Moved the stage B earlier.")
    assert [each[0] for each in labels(read(response))] == [
        "Later : the stage B",
        f"Earlier : the stage {first}",
    ]
    write(editor, asked("later", "b"), way, "Moved the stage B later.")
    assert labels(read(editor.get(PAGE))) == shown


def test_a_single_stage_has_nowhere_to_go_and_a_viewer_moves_none(editor: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    assert [len(each) for each in labels(read(editor.get(PAGE)))] == [1]
    assert labels(read(client_of(VIEWER).get(PAGE))) == [[]]


def test_an_ideal_is_made_the_same_as_current_again(editor: Client, way: Mapping[str, str]) -> None:
    said = "The ideal of std_calibration is the same as current."
    response = write(editor, {"verb": "same", "version": "1"}, way, said, IDEAL)
    assert effective("std_calibration", "ideal") == effective("std_calibration")
    assert read(response).says("The ideal is the same as current.")
    assert {e["value"] for e in read(response).all("input", name="version")} == {"0"}


def test_a_parameter_is_bound_and_unbound(editor: Client, way: Mapping[str, str]) -> None:
    data = asked("bind", **{"parameter-workflow_name": "other"})
    response = write(editor, data, way, "The parameters are bound.")
    assert effective("null").by_key[RESUME].actions[0].argument == "other"
    assert read(response).one("input", name="parameter-workflow_name")["value"] == "other"
    data = asked("bind", **{"parameter-workflow_name": ""})
    write(editor, data, way, "The parameters are bound.")
    assert effective("null").by_key[RESUME].actions[0].argument == "null"


def test_choosing_for_an_ideal_that_is_the_same_as_current_begins_one(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = {"verb": "choose", "version": "0", "machine_template": QA}
    page = "/capabilities/null/ideal/"
    write(editor, data, way, "The machine template is Run-workflow with single-stage QA.", page)
    assert len(effective("null", "ideal")) == 8
    assert len(effective("null")) == 4


# -- refused


@pytest.mark.parametrize(
    ("verb", "slug", "said"),
    [
        ("choose", "nothing", "There is no such machine template"),
        ("earlier", QA, "The stage “Run-workflow with single-stage QA” is not attached."),
        ("later", "nothing", "There is no such machine template"),
        ("choose", "\0", "There is no such machine template"),
        ("attach", "nothing", "There is no such machine template"),
        ("attach", "", "There is no such machine template"),
        ("remove", "", "There is no such machine template"),
        ("", SIMPLE, "There is no such machine template"),
        ("attach", SIMPLE, "is in the machine template of this definition already"),
        ("remove", QA, "is not attached"),
        ("same", "", "Only an ideal can be the same as current"),
    ],
)
def test_what_cannot_be_is_refused(
    editor: Client, way: Mapping[str, str], verb: str, slug: str, said: str
) -> None:
    before = state()
    response = editor.post(URL, asked(verb, slug), headers=way)
    assert response.status_code == 422
    assert as_asked(response, way, "machine").one(id="refusal").says(said)
    assert not announced(response)
    assert state() == before


def test_a_stage_is_attached_once(editor: Client, way: Mapping[str, str]) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    response = editor.post(URL, asked("attach", QA), headers=way)
    assert response.status_code == 422
    assert as_asked(response, way, "machine").one(id="refusal").says("is attached already")
    assert Stage.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("workflow_name", "a\u202eb", "unusable character U+202E"),
        ("workflow_name", "a\0b", "unusable character U+0000"),
        ("workflow_name", "x" * 201, "longer than 200 characters"),
        ("other", "x", "This machine has no parameter (other)."),
        ("\0", "x", "This machine has no parameter"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_and_kept(
    editor: Client, way: Mapping[str, str], name: str, value: str, said: str
) -> None:
    before = state()
    response = editor.post(URL, asked("bind", **{f"parameter-{name}": value}), headers=way)
    assert response.status_code == 422
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says(said)
    assert value in [each["value"] for each in machine.all("input", type="text")]
    assert not Binding.objects.exists()
    assert state() == before


@pytest.mark.parametrize("verb", ["choose", "attach", "remove", "bind"])
def test_a_late_choice_changes_nothing_and_says_who_was_faster(
    editor: Client, way: Mapping[str, str], verb: str
) -> None:
    data = asked(verb, QA, **{"parameter-workflow_name": "other"})
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    machine = as_asked(response, way, "machine")
    assert machine.one(id="refusal").says("bea at")
    assert machine.one(id="refusal").says("Dropped [Queued] - <resume> from null current")
    typed = machine.one("input", name="parameter-workflow_name")["value"]
    assert typed == ("other" if verb == "bind" else "")
    assert state() == before


def test_an_ideal_that_changed_is_not_thrown_away(editor: Client, way: Mapping[str, str]) -> None:
    overrides.drop(definition=seen("std_calibration", "ideal"), key=RESUME, by=BEA)
    before = state()
    response = editor.post(f"{IDEAL}layers/", {"verb": "same", "version": "1"}, headers=way)
    assert response.status_code == 409
    assert state() == before


def test_a_choice_without_a_version_is_refused(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    data = {"verb": "choose", "machine_template": QA}
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 428
    assert as_asked(response, way, "machine").one(id="refusal").says("Reload the page.")
    assert state() == before


def test_layers_of_what_is_not_there_are_not_found(editor: Client, way: Mapping[str, str]) -> None:
    data = asked("choose", QA)
    assert editor.post("/capabilities/nobody/current/layers/", data, headers=way).status_code == 404
    Capability.objects.get(name="null").delete()
    assert editor.post(URL, data, headers=way).status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_layers_are_only_posted(editor: Client, method: str) -> None:
    assert getattr(editor, method)(URL).status_code == 405


def test_a_viewer_may_not_choose(seed: object, way: Mapping[str, str]) -> None:
    before = state()
    assert client_of(VIEWER).post(URL, asked("choose", QA), headers=way).status_code == 403
    assert state() == before


def test_a_late_choice_is_told_all_that_was_changed_since(
    editor: Client, way: Mapping[str, str]
) -> None:
    page = read(editor.get("/capabilities/null/current/"))
    (form,) = [
        each
        for each in page.all("form", action="/capabilities/null/current/layers/")
        if each.typed["verb"] == "attach"
    ]
    for key in (RESUME, COMPLETE):
        overrides.drop(definition=seen("null"), key=key, by=editor_author("carl"))
    response = editor.post(form["action"], form.typed, headers=way)
    assert response.status_code == 409
    refusal = read(response).one(id="refusal")
    assert [each.one("a").text for each in refusal.all("li")] == [
        "Dropped [Executing] - <workflow-complete> from null current",
        "Dropped [Queued] - <resume> from null current",
    ]
    assert refusal.says("by carl")
    assert refusal.says("Press the button again if you still want it.")
