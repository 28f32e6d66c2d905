"""The list of machine templates, the editor of one, and a new one."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import definitions, machine_templates, overrides
from capabilities.models import Definition, MachineTemplate, Override
from tests.factories import (
    COMPLETE,
    LIKE_SIMPLE,
    QA,
    RESUME,
    SIMPLE,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
    template,
    template_machine,
)
from tests.html import Element, read
from tests.people import HTMX, STAFF, VIEWER, client_of

from .answers import actions_of, announced, as_asked, is_page, message, root, told

PAGE = f"/machine-templates/{SIMPLE}/"
URL = f"{PAGE}transitions/"
BEA = Author(None, "bea", "test")


def put(**more: str) -> dict[str, str]:
    return {
        "verb": "put",
        "version": str(template(SIMPLE).version),
        "source": "Failed",
        "event": "resume",
        "target": "Queued",
        "actions": "{SendMessage execution_failed}",
        "message": "as agreed",
        **more,
    }


def take(verb: str, key: tuple[str, str], slug: str = SIMPLE) -> dict[str, str]:
    version = str(template(slug).version)
    return {"verb": verb, "version": version, "source": key[0], "event": key[1]}


def confirming(planned: Any, data: Mapping[str, str]) -> dict[str, str]:
    """What the form with the plan posts; all that was posted for the plan is in it."""
    (form,) = [each for each in read(planned).all("form") if each.all(id="rehearsal")]
    assert {name: form.typed[name] for name in data} == data
    return form.typed


def open_form(tree: Element) -> Element:
    return tree.one("form", class_="transition-form")


def write(
    editor: Client, data: Mapping[str, str], way: Mapping[str, str], said: str, page: str = PAGE
) -> Any:
    """Post what changes machines, confirm the plan that comes, and see that it is told."""
    before = state()
    planned = editor.post(f"{page}transitions/", data, headers=way)
    assert planned.status_code == 200
    assert state() == before
    data = confirming(planned, data)
    if way is HTMX:
        response = editor.post(f"{page}transitions/", data, headers=way)
        assert response.status_code == 200
        assert root(response)["id"] == "machine"
        assert announced(response)
        assert told(response) == said
        return response
    response = editor.post(f"{page}transitions/", data, follow=True)
    assert response.redirect_chain == [(page, 302)]
    assert message(response) == said
    return response


# -- the list


def test_the_list_shows_each_with_its_picture_its_size_and_its_users(viewer: Client) -> None:
    tree = read(viewer.get("/machine-templates/"))
    cards = {each.one("h2").text: each for each in tree.one("ul", class_="gallery").all("li")}
    assert list(cards) == ["Run-workflow with single-stage QA", "Simple run-workflow"]
    simple, qa = cards["Simple run-workflow"], cards["Run-workflow with single-stage QA"]
    assert simple.one("svg")["aria-label"] == "Diagram of Simple run-workflow"
    assert simple.says("4 transitions")
    assert simple.all("a", href="/capabilities/null/current/")
    assert qa.says("8 transitions, over Simple run-workflow")
    assert qa.says("Used by std_calibration ideal")


def test_the_list_counts_users_of_stages_and_of_what_lies_over_it(viewer: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    tree = read(viewer.get("/machine-templates/"))
    qa, simple = tree.one("ul", class_="gallery").all("li")
    assert qa.all("a", href="/capabilities/null/current/")
    assert simple.all("a", href="/capabilities/std_calibration/ideal/")


def test_a_machine_template_that_nobody_uses_says_so(viewer: Client) -> None:
    machine_templates.add(title="Lonely", by=BEA)
    tree = read(viewer.get("/machine-templates/"))
    lonely = next(each for each in tree.all("li") if each.says("Lonely"))
    assert lonely.says("Nobody uses it.")
    assert not lonely.says("retired")


def test_an_empty_list_says_how_to_begin(db: None) -> None:
    tree = read(client_of(VIEWER).get("/machine-templates/"))
    assert tree.says("There are no machine templates yet.")


def test_the_way_to_a_new_one_is_shown_to_those_who_may(viewer: Client, editor: Client) -> None:
    assert read(editor.get("/machine-templates/")).all("a", href="/new-machine-template/")
    assert not read(viewer.get("/machine-templates/")).all("a", href="/new-machine-template/")


# -- the editor


def test_the_editor_shows_the_rows_with_parameters_as_they_are_written(
    editor: Client, way: Mapping[str, str]
) -> None:
    machine = as_asked(editor.get(PAGE, headers=way), way, "machine")
    rows = machine.one("table", class_="transitions").one("tbody").all("tr")
    assert len(rows) == 4
    assert rows[0].says("{QueueWorkflow (workflow_name)}")
    assert not any(row.one("td", class_="origin").text for row in rows)


def test_the_editor_tells_own_rows_from_those_that_it_lies_over(editor: Client) -> None:
    machine = read(editor.get(f"/machine-templates/{QA}/"))
    rows = machine.one("table", class_="transitions").one("tbody").all("tr")
    assert [row.says("added here") or row.says("overridden here") for row in rows] == [
        *(False, False, True, False),
        *(True, True, True, True),
    ]
    assert rows[0].says("Simple run-workflow")
    assert machine.says("It lies over Simple run-workflow and has all its transitions.")


def test_the_editor_shows_who_uses_it_its_parameters_and_its_notes(editor: Client) -> None:
    tree = read(editor.get(PAGE))
    users = [each.text for each in tree.one(id="users").all("a")]
    assert set(LIKE_SIMPLE) <= {name.removesuffix(" current") for name in users}
    assert "Run-workflow with single-stage QA" in users
    assert tree.one(id="users").says("(workflow_name)")
    qa = read(editor.get(f"/machine-templates/{QA}/"))
    assert qa.one("ul", class_="notes").says("exact design still in-flux")


def test_the_users_tell_a_stage_from_a_machine_template(editor: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    users = read(editor.get(f"/machine-templates/{QA}/users/"))
    assert users.says("null current as a stage")


@pytest.mark.parametrize("part", ["diagram", "users", "findings"])
def test_a_part_is_the_same_alone_as_in_the_page(viewer: Client, part: str) -> None:
    response = viewer.get(f"{PAGE}{part}/", headers=HTMX)
    assert not is_page(response)
    assert root(response).text == read(viewer.get(PAGE)).one(id=part).text
    assert root(response)["hx-trigger"] == "machine-changed from:body"


def test_a_row_opens_as_a_form_in_its_place(editor: Client, way: Mapping[str, str]) -> None:
    url = f"{PAGE}?source=Queued&event=resume"
    row = as_asked(editor.get(url, headers=way), way, "machine").one("tr", id="row-2")
    assert actions_of(open_form(row)) == [("ExecuteWorkflow", "(workflow_name)")]
    assert "reason" not in open_form(row).typed


def test_an_empty_form_opens_for_a_new_transition(editor: Client) -> None:
    form = open_form(read(editor.get(f"{PAGE}?add=1")))
    assert form["aria-label"] == "Add a transition"


def test_a_row_that_is_gone_opens_nothing(editor: Client) -> None:
    tree = read(editor.get(f"{PAGE}?source=Nowhere&event=resume"))
    assert not tree.all("form", class_="transition-form")


def test_a_transition_is_added_and_every_machine_that_uses_it_changes(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = head()
    kept = set(Override.objects.values_list("pk", flat=True))
    write(editor, put(), way, "Saved [Failed] - <resume>.")
    wanted = line("[Failed] - <resume> {SendMessage execution_failed} -> [Queued]")
    for name in (*LIKE_SIMPLE, "std_calibration"):
        assert effective(name).by_key[wanted.key] == wanted
    assert set(Override.objects.values_list("pk", flat=True)) == kept
    entries = last_entries(before)
    assert len(entries) == 10  # two machine templates, seven current machines, one ideal
    assert len({entry.request for entry in entries}) == 1
    assert {entry.message for entry in entries} == {"as agreed"}


def test_a_transition_is_changed_renamed_dropped_and_restored(
    editor: Client, way: Mapping[str, str]
) -> None:
    key = {"key_source": "Queued", "key_event": "resume"}
    data = put(source="Queued", event="resume", target="Complete", **key)
    write(editor, data, way, "Saved [Queued] - <resume>.")
    assert template_machine(SIMPLE).by_key[RESUME].target == "Complete"
    write(editor, put(source="Queued", event="go", **key), way, "Saved [Queued] - <go>.")
    assert list(template_machine(SIMPLE).by_key)[1] == ("Queued", "go")
    page = f"/machine-templates/{QA}/"
    said = "[Executing] - <workflow-complete>."
    write(editor, take("drop", COMPLETE, QA), way, f"Dropped {said}", page)
    assert COMPLETE not in template_machine(QA).by_key
    write(editor, take("restore", COMPLETE, QA), way, f"Restored {said}", page)
    assert template_machine(QA).by_key[COMPLETE] == template_machine(SIMPLE).by_key[COMPLETE]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("source", "", "This field is required."),
        ("target", "x" * 201, "at most 200 characters"),
        ("actions", "{", "the line ends"),
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
    form = open_form(as_asked(response, way, "machine"))
    assert said in form.one("ul", id=f"id_{field}_error").text
    assert {name: form.typed[name] for name in data} == data
    assert state() == before


@pytest.mark.parametrize(
    ("verb", "key", "said"),
    [
        ("drop", ("Nowhere", "resume"), "is not in this machine"),
        ("restore", ("Nowhere", "resume"), "has no row of its own"),
        ("drop", ("", "x"), "did not say which transition"),
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


def test_a_verb_that_there_is_not_is_not_understood(editor: Client) -> None:
    before = state()
    assert editor.post(URL, take("burn", RESUME)).status_code == 400
    assert state() == before


def test_a_late_save_is_told_who_was_faster_and_keeps_what_was_typed(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = put(source="Queued", event="resume", key_source="Queued", key_event="resume")
    simple = template(SIMPLE)
    machine_templates.drop(machine_template=simple, key=RESUME, version=simple.version, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    machine = as_asked(response, way, "machine")
    refusal = machine.one(id="refusal")
    assert refusal.says("Simple run-workflow was changed by somebody else in the meantime.")
    assert refusal.says("bea at")
    typed = open_form(machine).typed
    assert typed["actions"] == "{SendMessage execution_failed}"
    assert "key_source" not in typed  # its row was dropped: saved again, it is added
    assert state() == before


@pytest.mark.parametrize("verb", ["drop", "restore"])
def test_a_late_button_changes_nothing(editor: Client, way: Mapping[str, str], verb: str) -> None:
    data = take(verb, RESUME)
    MachineTemplate.objects.filter(slug=SIMPLE).update(version=2)
    before = state()
    assert editor.post(URL, data, headers=way).status_code == 409
    assert state() == before


def test_a_form_without_a_version_is_refused_and_kept(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = state()
    data = put()
    del data["version"]
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 428
    assert open_form(as_asked(response, way, "machine")).typed["source"] == "Failed"
    assert state() == before


def test_what_is_not_there_is_not_found(editor: Client, way: Mapping[str, str]) -> None:
    for url in ("/machine-templates/nothing/", f"{PAGE}rows/", "/machine-templates/nothing/users/"):
        assert editor.get(url, headers=way).status_code == 404
    url = "/machine-templates/nothing/transitions/"
    assert editor.post(url, put(), headers=way).status_code == 404


def test_each_view_takes_only_its_methods(editor: Client) -> None:
    assert editor.get(URL).status_code == 405
    for url in ("/machine-templates/", PAGE, f"{PAGE}users/"):
        assert editor.post(url).status_code == 405
    assert editor.delete("/new-machine-template/").status_code == 405


def test_a_viewer_sees_and_may_not_write(seed: object, way: Mapping[str, str]) -> None:
    before = state()
    viewer = client_of(VIEWER)
    assert not read(viewer.get(PAGE)).all(id="add-transition")
    assert viewer.post(URL, put(), headers=way).status_code == 403
    assert viewer.post("/new-machine-template/", {"title": "x"}, headers=way).status_code == 403
    assert state() == before
    for url in (PAGE, f"{PAGE}users/", "/machine-templates/"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403


# -- a new one


def test_a_new_one_stands_alone_or_lies_over_another(editor: Client) -> None:
    data = {"title": "Two stages", "over": str(template(QA).pk), "message": "soon"}
    response = editor.post("/new-machine-template/", data, follow=True)
    assert response.redirect_chain == [("/machine-templates/two-stages/", 302)]
    assert message(response) == "“Two stages” was added; now give it its transitions."
    assert template_machine("two-stages") == template_machine(QA)
    editor.post("/new-machine-template/", {"title": "Alone"})
    assert len(template_machine("alone")) == 0


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "This field is required."),
        ("title", "Simple run-workflow", "already exists"),
        ("title", "a\u2028b", "unusable character U+2028"),
        ("title", "x" * 201, "at most 200 characters"),
        ("over", "999", "Select a valid choice"),
        ("over", "x", "Select a valid choice"),
        ("message", "x" * 501, "at most 500 characters"),
    ],
)
def test_a_new_one_that_cannot_be_is_refused_at_its_field_and_kept(
    editor: Client, field: str, value: str, said: str
) -> None:
    before = state()
    data = {"title": "New one", "over": "", "message": "soon", field: value}
    response = editor.post("/new-machine-template/", data)
    assert response.status_code == 422
    form = read(response).one("form", class_="page-form")
    assert said in form.one("ul", id=f"id_{field}_error").text
    if field != "over":
        assert {name: form.typed[name] for name in data} == data
    assert state() == before


@pytest.mark.parametrize("title", ["<qa-fail>", "_", "状態", "X" * 200, "\u3392" * 200, "a/b"])
def test_a_title_in_any_letters_gets_an_address_or_is_refused_in_words(
    editor: Client, title: str
) -> None:
    machine_templates.add(title="x" * 200, by=BEA)
    response = editor.post("/new-machine-template/", {"title": title})
    assert response.status_code in (302, 422)
    if response.status_code == 302:
        assert read(editor.get(response.headers["Location"])).one("h1").text == title
    else:
        assert read(response).one("form", class_="page-form").one("ul", class_="errorlist").text


def test_the_page_of_a_new_one_says_what_lying_over_means(editor: Client) -> None:
    form = read(editor.get("/new-machine-template/")).one("form", class_="page-form")
    assert form.says("One that lies over another has all its transitions")
    assert form.all("option")[0].text == "none: it stands alone"


def test_users_of_a_machine_template_are_those_of_today(editor: Client) -> None:
    Definition.objects.all().update(machine_template=None)
    assert read(editor.get(f"/machine-templates/{QA}/users/")).says("Nobody uses it.")


# -- the plan


def test_the_plan_names_every_machine_that_changes_and_saves_nothing(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = state()
    response = editor.post(URL, put(actions="{SendNotification ingest-failed}"), headers=way)
    assert response.status_code == 200
    assert not announced(response)
    tree = as_asked(response, way, "machine")
    plan = tree.one(id="rehearsal")
    assert plan.says("8 machines change; every override stays. Nothing is saved yet.")
    assert plan.says("std_calibration ideal")
    assert plan.says("New finding")
    assert plan.says("What will be done differently:")
    assert plan.says("A run ends in [Complete] instead of [Failed] when")
    assert tree.one(id="save-transition").text == "Save it: 8 machines change"
    assert state() == before


@pytest.mark.parametrize(
    ("verb", "key", "slug", "asks", "said"),
    [
        ("drop", RESUME, SIMPLE, "Drop [Queued] - <resume>?", "8 machines change"),
        ("restore", COMPLETE, QA, "Restore [Executing] - <workflow-complete>?", "1 machine change"),
    ],
)
def test_a_row_is_dropped_and_restored_by_a_plan_above_the_table(
    editor: Client,
    way: Mapping[str, str],
    verb: str,
    key: tuple[str, str],
    slug: str,
    asks: str,
    said: str,
) -> None:
    before = state()
    response = editor.post(
        f"/machine-templates/{slug}/transitions/", take(verb, key, slug), headers=way
    )
    assert response.status_code == 200
    asked = as_asked(response, way, "machine").one(id="asked")
    assert asked.one("h2").text == asks
    assert asked.one(id="rehearsal").says(said)
    assert asked.one(id="confirm-plan").says(f"Save it: {said}")
    assert asked.one(id="cancel-plan")["href"] == f"/machine-templates/{slug}/"
    assert state() == before


def test_a_machine_template_that_nobody_uses_needs_no_plan(
    editor: Client, way: Mapping[str, str]
) -> None:
    machine_templates.add(title="Lonely", by=BEA)
    data = put(version="1")
    response = editor.post("/machine-templates/lonely/transitions/", data, headers=way)
    assert response.status_code == (200 if way is HTMX else 302)
    assert announced(response) is (way is HTMX)
    assert len(template_machine("lonely")) == 1


def test_one_that_is_only_a_stage_needs_a_plan(editor: Client) -> None:
    machine_templates.add(title="Decorator", over=template(QA), by=BEA)
    stage = template("decorator")
    definitions.attach_stage(definition=seen("null"), machine_template=stage, by=BEA)
    before = state()
    response = editor.post("/machine-templates/decorator/transitions/", put(version="1"))
    assert read(response).one(id="rehearsal").says("null current")
    assert state() == before


def test_a_plan_is_refused_as_the_save_would_be(editor: Client, way: Mapping[str, str]) -> None:
    for data, status in (
        (put(actions="{oops"), 422),
        (put(version="99"), 409),
        (put(version=""), 428),
    ):
        response = editor.post(URL, data, headers=way)
        assert response.status_code == status
        assert not as_asked(response, way, "machine").all(id="rehearsal")


@pytest.mark.parametrize("digest", ["x", "0" * 64, "\0"])
def test_a_plan_that_nobody_was_shown_confirms_nothing(
    editor: Client, way: Mapping[str, str], digest: str
) -> None:
    before = state()
    for data in (put(plan=digest), {**take("drop", RESUME), "plan": digest}):
        response = editor.post(URL, data, headers=way)
        assert response.status_code == 409
        assert not announced(response)
        assert as_asked(response, way, "machine").one(id="rehearsal").says("Nothing was saved:")
    assert state() == before


def test_a_plan_is_shown_anew_when_a_machine_that_it_names_moved(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = confirming(editor.post(URL, take("drop", RESUME), headers=way), take("drop", RESUME))
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    plan = as_asked(response, way, "machine").one(id="rehearsal")
    assert plan.says("the plan that was confirmed is not what would be done now")
    assert plan.says("The override of [Queued] - <resume> becomes stale")
    assert state() == before
    again = confirming(response, take("drop", RESUME))
    assert editor.post(URL, again, headers=way).status_code == (200 if way is HTMX else 302)
    assert RESUME not in template_machine(SIMPLE).by_key


def test_what_is_typed_after_the_plan_is_not_confirmed_by_it(
    editor: Client, way: Mapping[str, str]
) -> None:
    data = confirming(editor.post(URL, put(), headers=way), put())
    before = state()
    response = editor.post(URL, {**data, "target": "Complete"}, headers=way)
    assert response.status_code == 409
    form = open_form(as_asked(response, way, "machine"))
    assert form.typed["target"] == "Complete"
    assert form.typed["plan"] != data["plan"]
    assert state() == before


def test_a_plan_in_which_no_machine_changes_is_of_this_write_alone(editor: Client) -> None:
    """Where every machine covers the line, two writes do the same to them: nothing."""
    for slug in (SIMPLE, QA):
        Definition.objects.filter(machine_template__slug=slug).update(machine_template=None)
    machine_templates.add(title="Above", over=template(QA), by=BEA)
    definitions.attach_stage(definition=seen("null"), machine_template=template("above"), by=BEA)
    planned = editor.post(URL, put())
    assert read(planned).one(id="save-transition").text == "Save it: no machine changes"
    data = confirming(planned, put())
    assert editor.post(URL, {**data, "target": "Complete"}).status_code == 409
    assert editor.post(URL, data).status_code == 302


# -- findings and notes


def test_the_findings_are_those_of_the_machine_its_parameters_aside(
    editor: Client, way: Mapping[str, str]
) -> None:
    stored = template(SIMPLE)
    wrong = line("[Failed] - <resume> {SendMessage execution_complet} -> [Queued]")
    machine_templates.put(
        machine_template=stored, key=None, transition=wrong, version=stored.version, by=BEA
    )
    found = read(editor.get(f"{PAGE}findings/", headers=way)).one(id="findings")
    assert found.says("did you mean “execution_complete”?")
    assert found.all("a", href="#row-5")
    assert not found.says("has no value")


# -- the one that is shipped

SHIPPED = "/new-machine-template/shipped/"
TWO = "Run-workflow with two-stage QA"


def test_two_stage_qa_is_offered_and_added(editor: Client) -> None:
    form = read(editor.get("/machine-templates/")).one("form", action=SHIPPED)
    assert form.one("button").text == f"Add “{TWO}”"
    response = editor.post(form["action"], form.typed, follow=True)
    assert response.redirect_chain == [("/machine-templates/run-workflow-with-two-stage-qa/", 302)]
    assert message(response) == f"“{TWO}” was added."
    assert last_entries()[-1].actor == "editor"
    assert read(editor.get("/machine-templates/")).all("form", action=SHIPPED) == []


def test_two_stage_qa_is_not_offered_to_those_who_may_not_add_it(viewer: Client) -> None:
    assert read(viewer.get("/machine-templates/")).all("form", action=SHIPPED) == []
    before = state()
    assert viewer.post(SHIPPED, {"title": TWO}).status_code == 403
    assert state() == before


def test_two_stage_qa_is_not_added_twice(editor: Client) -> None:
    editor.post(SHIPPED, {"title": TWO})
    before = state()
    response = editor.post(SHIPPED, {"title": TWO})
    assert response.status_code == 422
    refusal = read(response).one(id="refusal").text
    assert "Machine template with this Title already exists." in refusal
    assert state() == before


def test_nothing_else_is_shipped(editor: Client) -> None:
    before = state()
    response = editor.post(SHIPPED, {"title": "Three stages"})
    assert response.status_code == 422
    assert read(response).says("No machine template of that title is shipped.")
    assert state() == before


def test_a_row_changes_places_once_its_plan_is_confirmed(
    editor: Client, way: Mapping[str, str]
) -> None:
    keys = list(template_machine(SIMPLE).by_key)
    data = take("earlier", keys[3])
    asked = editor.post(URL, data, headers=way)
    machine = as_asked(asked, way, "machine")
    assert machine.one(id="asked-title").text == f"Move {keys[3]} up?"
    # The keyboard goes to the plan.
    assert not [each for each in machine if "autofocus" in each.attributes]
    assert list(template_machine(SIMPLE).by_key) == keys
    editor.post(URL, confirming(asked, data), headers=way)
    assert list(template_machine(SIMPLE).by_key) == [*keys[:2], keys[3], keys[2]]


def test_an_open_row_is_restored_by_its_own_key_once_its_plan_is_confirmed(editor: Client) -> None:
    url = f"/machine-templates/{QA}/transitions/"
    data = {
        **take("restore", COMPLETE, QA),
        "source": "Typed",
        "key_source": COMPLETE.source,
        "key_event": COMPLETE.event,
    }
    asked = read(editor.post(url, data))
    (form,) = [each for each in asked.all("form") if each.all(id="rehearsal")]
    assert (form.typed["source"], form.typed["event"]) == COMPLETE
    editor.post(url, form.typed)
    assert template_machine(QA).by_key[COMPLETE] == template_machine(SIMPLE).by_key[COMPLETE]
