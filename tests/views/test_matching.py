"""What is nearest for every machine, and adopting it: planned, and done, all or nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from capabilities.auditing import Author
from capabilities.authoring import (
    capabilities,
    definitions,
    machine_templates,
    overrides,
    shipped,
    texts,
)
from capabilities.machines.machine import Machine
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Capability, Definition, Kind, MachineTemplate
from tests.factories import (
    COMPLETE,
    LIKE_SIMPLE,
    QA,
    RESUME,
    SIMPLE,
    definition,
    effective,
    emptied,
    head,
    last_entries,
    line,
    machine_of,
    seen,
    state,
    template,
)
from tests.html import Element, read

from .answers import message

URL, ADOPT, MAKE = "/matching/", "/matching/adopt/", "/matching/machine-template/"
BEA = Author(None, "bea", "test")
CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")


def on_its_own(name: str, machine: Machine | None = None) -> None:
    """Put a machine on no machine template: every line is its own."""
    machine = effective(name) if machine is None else machine
    definitions.choose_machine_template(definition=seen(name), machine_template=None, by=BEA)
    texts.save(definition=seen(name), text=render(machine), by=BEA)


def shown(client: Client, query: str = "") -> Element:
    response = client.get(f"{URL}{query}")
    assert response.status_code == 200
    return read(response)


def rows(tree: Element) -> list[str]:
    return [row.one("th").text for row in tree.one("tbody").all("tr")]


def plan(client: Client, *names: str, status: int = 200, **more: Any) -> Element:
    response = client.post(ADOPT, {"machine": [f"current/{name}" for name in names], **more})
    assert response.status_code == status
    return read(response)


def form_of(tree: Element) -> dict[str, Any]:
    """What the button that does it sends."""
    form = tree.one("form", id="do-adopt")
    button = form.one("button")
    names = [each["value"] for each in form.all("input", name="machine")]
    return {**form.typed, "machine": names, button["name"]: button["value"]}


def facts(tree: Element) -> dict[str, str]:
    found = tree.one("dl", class_="facts")
    return dict(
        zip(
            (each.text for each in found.all("dt")),
            (each.text for each in found.all("dd")),
            strict=True,
        )
    )


# -- the page


def test_the_team_s_machines_are_as_near_as_can_be(viewer: Client) -> None:
    tree = shown(viewer)
    assert tree.one(class_="verdict").text == "No machine could be nearer to a machine template."
    assert tree.one(id="alike-1").text == (
        "6 current machines are equal up to their name: null, null_dag, restore_cms, "
        "std_cms_imaging, std_restore_imaging and test_download. Made of Simple run-workflow."
    )
    calibration = next(each for each in tree.all("tr") if each.says("std_calibration current"))
    assert [cell.text for cell in calibration.all("td")] == [
        "Simple run-workflow with 3 overrides",
        "= nothing is nearer",
        "3 Simple run-workflow 5 Run-workflow with single-stage QA",
    ]
    assert [each.text for each in tree.all("a", class_="choice")] == [
        "All 8",
        "Could be nearer 0",
        "No machine template 0",
    ]
    assert shown(viewer, "?show=nearer").says("No machine could be nearer.")
    assert shown(viewer, "?show=none").says("Every machine has a machine template.")


def test_two_stage_qa_is_measured_too(viewer: Client) -> None:
    shipped.add_two_stage_qa(by=BEA)
    tree = shown(viewer)
    assert tree.one(class_="verdict").text == "No machine could be nearer to a machine template."
    assert tree.says("7 Run-workflow with two-stage QA")


def test_what_could_be_nearer_says_by_how_much_and_what_is_left(editor: Client) -> None:
    on_its_own("null", Machine((*effective("null"), CANCEL)))
    tree = shown(editor, "?show=nearer")
    assert rows(tree) == ["null current"]
    assert tree.one(class_="verdict").text == (
        "1 of 8 machines could be nearer to a machine template."
    )
    made_of, nearest, _ = (cell.text for cell in tree.one("tbody").all("td"))
    assert made_of == "no machine template, with 5 lines of its own"
    assert nearest == (
        "~ 4 overrides fewer Simple run-workflow with 1 override Adopt… for null current "
        "What is left of null current adds [Queued] - <capability-cancelled> "
        "{SendMessage execution_failed} -> [Failed]"
    )
    assert rows(shown(editor, "?show=none")) == ["null current"]
    assert len(rows(shown(editor, "?show=other"))) == 8


def test_a_viewer_sees_it_and_can_adopt_nothing(viewer: Client) -> None:
    on_its_own("null")
    tree = shown(viewer)
    assert tree.says("~ 4 overrides fewer")
    assert tree.one("main").all("button") == tree.one("main").all("input") == []
    editor_page = read(viewer.get("/capabilities/null/current/"))
    assert editor_page.one(id="nearest").text == "Nearest: Simple run-workflow, exactly."


def test_without_machines_or_templates_the_page_says_so(viewer: Client) -> None:
    emptied()
    tree = shown(viewer)
    assert tree.says("No two machines are.")
    assert tree.says("There are no machines yet.")
    capabilities.add(name="x", machine_template=None, by=BEA)
    assert shown(viewer).says("there is no machine template")


def test_a_large_group_is_not_listed_to_the_last(viewer: Client) -> None:
    for number in range(20):
        capabilities.add(name=f"a_{number:02}", machine_template=template(SIMPLE), by=BEA)
    told = shown(viewer).one(id="alike-1").text
    assert told.startswith("26 current machines are equal up to their name: a_00, a_01,")
    assert told.endswith("a_19 and 6 more. Made of Simple run-workflow.")


def test_with_more_machine_templates_the_nearest_three_are_told_first(viewer: Client) -> None:
    for number in range(3):
        machine_templates.add(title=f"Another {number}", by=BEA)
    cell = shown(viewer).one("tbody").all("tr")[0].all("td")[2]
    assert cell.one("summary").text == "2 more for null current"
    assert len(cell.all("li")) == 5


def test_a_long_list_has_pages_that_keep_the_choice(editor: Client) -> None:
    made = Capability.objects.bulk_create(Capability(name=f"more_{n:03}") for n in range(101))
    Definition.objects.bulk_create(Definition(capability=each, kind=Kind.CURRENT) for each in made)
    tree = shown(editor, "?show=none")
    assert len(rows(tree)) == 100
    following = tree.one("nav", class_="pages").one("a")["href"]
    assert rows(shown(editor, following)) == ["more_100 current"]


# -- in the editor


def test_the_editor_offers_what_is_nearest_and_comes_back(editor: Client) -> None:
    url = "/capabilities/null/current/"
    assert read(editor.get(url)).all(id="nearest") == []
    on_its_own("null")
    offer = read(editor.get(url)).one(id="nearest")
    assert offer.one("p").text == "Nearest: Simple run-workflow, exactly."
    response = editor.post(offer.one("form")["action"], offer.one("form").typed)
    tree = read(response)
    assert tree.one("form", id="do-adopt").one("a")["href"] == url
    response = editor.post(ADOPT, form_of(tree), follow=True)
    assert response.redirect_chain == [(url, 302)]
    assert message(response) == (
        "Adopted Simple run-workflow for null current; the effective machine is the same."
    )
    assert read(response).all(id="nearest") == []


def test_an_ideal_that_is_the_same_as_current_is_offered_nothing_of_its_own(
    editor: Client,
) -> None:
    on_its_own("null")
    assert read(editor.get("/capabilities/null/ideal/")).all(id="nearest") == []


# -- the plan


def test_the_plan_says_which_overrides_go_stay_and_are_new_and_writes_nothing(
    editor: Client,
) -> None:
    with_stage = ("null", template(QA))
    definitions.attach_stage(definition=seen("null"), machine_template=with_stage[1], by=BEA)
    wanted = effective("null")
    definitions.remove_stage(definition=seen("null"), machine_template=with_stage[1], by=BEA)
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    without = Machine(tuple(each for each in wanted if each.key != RESUME))
    texts.save(definition=seen("null"), text=render(without), by=BEA)
    before = state()
    tree = plan(editor, "null", "std_calibration")
    assert tree.one("h2", id="adopt-plan-title").text == "1 machine adopts nearer layers"
    assert tree.one(class_="verdict").text == (
        "The effective machine is the same. Nothing is saved yet."
    )
    assert facts(tree) == {
        "Made of now": "Simple run-workflow with 6 overrides",
        "Then": "Run-workflow with single-stage QA with 1 override",
        "Effective machine": "= the same",
        "Overrides that go": (
            "[Executing] - <workflow-complete> [Awaiting QA] - <qa-pass> "
            "[Awaiting QA] - <qa-fail> [Ingesting] - <workflow-complete> "
            "[Ingesting] - <workflow-failed>"
        ),
        "Overrides that stay": "[Queued] - <resume>",
        "New overrides": "none",
    }
    assert tree.says("Stay as they are, because nothing is nearer: std_calibration current")
    assert state() == before


def test_the_plan_tells_of_a_finding_that_is_new(editor: Client) -> None:
    machine_templates.add(title="Literal", by=BEA)
    for transition in effective("null"):
        found = template("literal")
        machine_templates.put(
            machine_template=found, key=None, transition=transition, version=found.version, by=BEA
        )
    machine_templates.retire(machine_template=template(SIMPLE), version=1, by=BEA)
    definitions.bind_parameters(definition=seen("null"), values={"workflow_name": "null"}, by=BEA)
    text = render(effective("null")).replace(" null}", " (workflow_name)}")
    definitions.choose_machine_template(definition=seen("null"), machine_template=None, by=BEA)
    texts.save(definition=seen("null"), text=text, by=BEA)
    tree = plan(editor, "null")
    assert facts(tree)["Then"] == "Literal"
    assert tree.says("! 1 new finding")


# -- doing it


def test_doing_it_does_what_the_plan_says_and_can_be_undone(editor: Client) -> None:
    for name in ("null", "null_dag"):
        on_its_own(name)
    before = {name: render(effective(name)) for name in LIKE_SIMPLE}
    since = head()
    tree = plan(editor, "null", "null_dag")
    response = editor.post(ADOPT, {**form_of(tree), "message": "WS-900"}, follow=True)
    assert response.redirect_chain == [(URL, 302)]
    assert message(response) == (
        "Adopted nearer layers for null current and null_dag current; "
        "every effective machine is the same."
    )
    assert {name: render(effective(name)) for name in LIKE_SIMPLE} == before
    entries = last_entries(since)
    assert [(entry.name, entry.message) for entry in entries] == [
        ("null", "WS-900"),
        ("null_dag", "WS-900"),
    ]
    assert definition("null").machine_template == template(SIMPLE)
    undo = read(response).one("form", class_="undo")
    editor.post(undo["action"], undo.typed)
    assert definition("null").machine_template is None
    assert len(definition("null_dag").overrides.all()) == 4


def test_one_row_s_button_adopts_for_it_alone(editor: Client) -> None:
    for name in ("null", "null_dag"):
        on_its_own(name)
    tree = plan(editor, "null", "null_dag", only="current/null_dag")
    assert form_of(tree)["machine"] == ["current/null_dag"]


def test_a_name_may_be_any(editor: Client) -> None:
    name = "a b&c?<d>"  # as a fixture may bring it
    Definition.objects.create(capability=Capability.objects.create(name=name), kind=Kind.CURRENT)
    machine = Machine(tuple(effective("null")))
    texts.save(definition=seen(name), text=render(machine).replace(" null}", f" {name}}}"), by=BEA)
    data = form_of(plan(editor, name))
    assert editor.post(ADOPT, data).status_code == 302
    assert (len(effective(name)), definition(name).overrides.count()) == (4, 0)
    links = [each["href"] for each in shown(editor).one("tbody").all("a", class_="name")]
    assert reverse("capabilities:editor", args=[name, "current"]) in links


def test_the_message_names_no_more_than_can_be_read(editor: Client) -> None:
    names = [f"more_{number}" for number in range(10)]
    for name in names:
        capabilities.add(name=name, machine_template=None, by=BEA)
        text = render(effective("null")).replace(" null}", f" {name}}}")
        texts.save(definition=seen(name), text=text, by=BEA)
    told = message(editor.post(ADOPT, form_of(plan(editor, *names)), follow=True))
    assert told.endswith("more_7 current and 2 more; every effective machine is the same.")


# -- refused


@pytest.mark.parametrize("asked", ["", "null", "other/null", "current/nothing", "current/\0"])
def test_nothing_that_is_there_is_refused(editor: Client, asked: str) -> None:
    response = editor.post(ADOPT, {"machine": asked} if asked else {})
    assert response.status_code == 422
    assert read(response).one(id="refusal").says("Tick the machines that are meant.")


def test_what_is_as_near_as_can_be_has_nothing_to_adopt(editor: Client) -> None:
    tree = plan(editor, "null", status=422)
    assert tree.one(id="refusal").says("There is nothing to adopt: no layers are nearer.")
    assert tree.all("form", id="do-adopt") == []


@pytest.mark.parametrize("field", ["head", "version-current/null"])
@pytest.mark.parametrize("value", [None, "", "x", "9" * 40])
def test_without_what_the_plan_was_made_of_nothing_is_done(
    editor: Client, field: str, value: str | None
) -> None:
    on_its_own("null")
    data = form_of(plan(editor, "null"))
    data = {key: each for key, each in data.items() if key != field}
    if value is not None:
        data[field] = value
    before = state()
    response = editor.post(ADOPT, data)
    assert response.status_code == 428
    assert read(response).one(id="refusal").says("did not say which versions")
    assert state() == before


@pytest.mark.parametrize("what", ["machine", "machine template", "adopted", "removed"])
def test_when_somebody_was_faster_nothing_is_written_and_the_plan_is_shown_anew(
    editor: Client, what: str
) -> None:
    for name in ("null", "null_dag"):
        on_its_own(name)
    data = form_of(plan(editor, "null", "null_dag"))
    if what == "machine":
        overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    elif what == "machine template":
        machine_templates.drop(machine_template=template(SIMPLE), key=COMPLETE, version=1, by=BEA)
    elif what == "adopted":
        editor.post(ADOPT, form_of(plan(editor, "null")))
    else:
        capabilities.remove(capability=Capability.objects.get(name="null"), by=BEA)
    before = state()
    response = editor.post(ADOPT, {**data, "message": "WS-900"})
    assert response.status_code == 409
    assert state() == before
    tree = read(response)
    refusal = tree.one(id="refusal")
    assert refusal.says("was changed by somebody else in the meantime.")
    assert refusal.says("null current" if what != "machine template" else f"{SIMPLE}")
    assert bool(refusal.all("li")) is (what != "removed")
    again = form_of(tree)
    assert again["message"] == "WS-900"
    assert editor.post(ADOPT, again).status_code == 302


def test_a_message_that_is_no_line_is_refused_and_kept(editor: Client) -> None:
    on_its_own("null")
    data = form_of(plan(editor, "null"))
    before = state()
    for typed in ("two\nlines", "x" * 501):
        response = editor.post(ADOPT, {**data, "message": typed})
        assert response.status_code == 422
        assert form_of(read(response))["message"] == typed
    assert state() == before


# -- one machine template of machines that are equal


def no_template_in_common() -> None:
    machine = machine_of("[A] - <go> {QueueWorkflow NAME} -> [B]", "[B] - <end> {QaPass} -> [C]")
    text = render(machine)
    for name in ("null", "null_dag"):
        definitions.choose_machine_template(definition=seen(name), machine_template=None, by=BEA)
        texts.save(definition=seen(name), text=text.replace("NAME", name), by=BEA)


def test_machines_that_are_equal_can_be_made_one_machine_template(editor: Client) -> None:
    no_template_in_common()
    before = {name: render(effective(name)) for name in ("null", "null_dag")}
    group = shown(editor).one(id="alike-2")
    assert group.says("They have no machine template in common, and none makes this machine.")
    data = {
        **group.one("form").typed,
        "machine": [each["value"] for each in group.all("input", name="machine")],
        "title": " Go and end ",
    }
    response = editor.post(MAKE, data, follow=True)
    assert response.redirect_chain == [("/machine-templates/go-and-end/", 302)]
    assert message(response) == (
        "“Go and end” was made of 2 machines; every effective machine is the same."
    )
    made = template("go-and-end")
    for name in ("null", "null_dag"):
        assert definition(name).machine_template == made
        assert definition(name).overrides.count() == 0
    assert {name: render(effective(name)) for name in before} == before
    first, *others = AuditEntry.objects.order_by("-sequence")[:3]
    assert [entry.summary for entry in (first, *others)] == [
        "Made the machine template “Go and end” of 2 machines",
        "null_dag current adopted Go and end, one of 2 machines at once; "
        "the effective machine is the same",
        "null current adopted Go and end, one of 2 machines at once; "
        "the effective machine is the same",
    ]
    assert shown(editor).one(id="alike-2").all("form") == []


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"title": ""}, 422, "Title: This field cannot be blank."),
        ({"title": "Simple run-workflow"}, 422, "already exists"),
        ({"version-current/null": "9"}, 409, "null current was changed by somebody else"),
        ({"version-current/null": ""}, 428, "did not say which machines"),
        ({"machine": ["current/nothing"]}, 428, "did not say which machines"),
        ({"machine": ["current/null_dag"]}, 409, "These machines are no longer equal"),
    ],
)
def test_what_cannot_be_made_is_refused(
    editor: Client, change: dict[str, Any], status: int, said: str
) -> None:
    no_template_in_common()
    group = shown(editor).one(id="alike-2")
    data = {
        **group.one("form").typed,
        "machine": [each["value"] for each in group.all("input", name="machine")],
        "title": "Go",
        **change,
    }
    before = state()
    response = editor.post(MAKE, data)
    assert response.status_code == status
    tree = read(response)
    assert tree.one(id="refusal").says(said)
    if status == 422:
        assert tree.one("form", id="make-2").typed["title"] == data["title"]
    assert state() == before
    assert not MachineTemplate.objects.filter(title="Go").exists()
