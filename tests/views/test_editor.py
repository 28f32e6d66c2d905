"""The editor of one definition, and the parts of it that fetch themselves."""

from collections.abc import Mapping

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import definitions, machine_templates, overrides
from capabilities.models import Capability, Definition, Override
from tests.factories import COMPLETE, FAIL, QA, RESUME, SIMPLE, line, seen, template
from tests.html import Element, read
from tests.people import HTMX, STAFF, VIEWER, client_of

from .answers import actions_of, as_asked, is_page, root

BY = Author(None, "ada", "test")
CURRENT, IDEAL = "/capabilities/std_calibration/current/", "/capabilities/std_calibration/ideal/"
PARTS = ("diagram", "findings", "differences", "notes")


def rows(tree: Element) -> list[Element]:
    return tree.one("table", class_="transitions").one("tbody").all("tr")


def told_of(tree: Element) -> list[str]:
    """Each row's number and where it comes from."""
    cells = [row.all("td") for row in rows(tree)]
    return [f"{each[0].text.partition(' ')[0]} {each[5].text}" for each in cells]


def verbs(row: Element) -> list[str]:
    """What can be done with a row by its buttons."""
    return [form.typed["verb"] for form in row.all("form")]


def test_the_editor_shows_every_row_and_where_it_comes_from(
    editor: Client, way: Mapping[str, str]
) -> None:
    machine = as_asked(editor.get(CURRENT, headers=way), way, "machine")
    assert [text.partition(" What")[0] for text in told_of(machine)] == [
        "1 Simple run-workflow",
        "2 Simple run-workflow",
        "3 overridden here",
        "4 Simple run-workflow",
        "5 added here",
        "6 added here",
    ]
    assert machine.says("{QueueWorkflow std_calibration}")


def test_a_row_that_covers_another_one_shows_what_it_covers(editor: Client) -> None:
    covered = read(editor.get(CURRENT)).one("details", class_="covered")
    assert covered.says("{SendNotification workflow-complete}")
    assert covered.one(class_="state").text == "Complete"


def test_an_override_shows_its_ticket_and_reason(editor: Client) -> None:
    change = line("[Executing] - <workflow-complete> {QaPass} -> [Awaiting QA]")
    overrides.put(
        definition=seen("std_calibration"),
        key=COMPLETE,
        transition=change,
        reason="QA <first>",
        ticket="WS-807",
        by=BY,
    )
    assert read(editor.get(CURRENT)).one("p", class_="reason").text == "WS-807 QA <first>"


def test_a_dropped_row_stays_as_a_ghost_that_can_be_restored(editor: Client) -> None:
    overrides.drop(definition=seen("std_calibration"), key=RESUME, by=BY)
    ghost = rows(read(editor.get(CURRENT)))[1]
    assert "ghost" in ghost["class"].split()
    assert ghost.says("Queued resume {ExecuteWorkflow std_calibration} Executing dropped here")
    form = ghost.one("form")
    assert form.typed["verb"] == "restore"
    assert form.typed["source"] == "Queued"
    assert form.one("button").text == "Restore [Queued] - <resume> to the machine template"


def test_a_ghost_takes_no_number_from_the_transitions_after_it(editor: Client) -> None:
    overrides.drop(definition=seen("std_calibration"), key=RESUME, by=BY)
    tree = read(editor.get(CURRENT))
    assert [text.partition(" ")[0] for text in told_of(tree)] == ["1", "−", "2", "3", "4", "5"]
    assert tree.one(id="diagram-t2").says("transition 2: [Executing] - <workflow-complete>")
    assert tree.one(id="row-2").says("workflow-complete")


def test_a_ghost_says_which_layer_dropped_it(editor: Client) -> None:
    qa = template(QA)
    machine_templates.drop(machine_template=qa, key=RESUME, version=qa.version, by=BY)
    ghost = rows(read(editor.get(IDEAL)))[1]
    assert ghost.says("dropped by Run-workflow with single-stage QA")
    assert not ghost.all("form")


def test_an_override_says_when_what_it_covers_is_another_line_now(editor: Client) -> None:
    moved = "What lies beneath has changed since; it was"
    assert moved not in read(editor.get(CURRENT)).text
    simple = template(SIMPLE)
    machine_templates.put(
        machine_template=simple,
        key=COMPLETE,
        transition=line("[Executing] - <workflow-complete> {AnnounceQa} -> [Complete]"),
        version=simple.version,
        by=BY,
    )
    row = rows(read(editor.get(CURRENT)))[2]
    assert row.says(f"{moved} [Executing] - <workflow-complete> {{SendMessage execution_complete}}")
    assert row.one("details", class_="covered").says("{AnnounceQa}")


def test_a_redundant_override_says_so_and_can_be_restored(editor: Client) -> None:
    Override.objects.filter(event="workflow-complete").update(
        actions=line(
            "[A] - <b> {SendMessage execution_complete} {SendNotification workflow-complete} -> [C]"
        ).actions,
        target="Complete",
    )
    row = rows(read(editor.get(CURRENT)))[2]
    assert row.says("redundant here")
    assert verbs(row) == ["earlier", "later", "drop", "restore"]


def test_a_row_that_is_added_here_is_removed_and_not_restored(editor: Client) -> None:
    row = rows(read(editor.get(CURRENT)))[4]
    assert verbs(row) == ["earlier", "later", "drop"]
    assert row.one("button", id="drop-5").text == "Remove [Awaiting QA] - <qa-pass>"


def test_a_row_counts_the_notes_that_stand_at_it(editor: Client) -> None:
    row = rows(read(editor.get(IDEAL)))[5]
    assert row.one("a", class_="noted").text == "1 note"


def test_the_layers_are_named_in_their_order_with_what_may_be_done(editor: Client) -> None:
    layers = read(editor.get(CURRENT)).one("section", class_="layers")
    assert layers.one("ol").text == "Simple run-workflow + 3 overrides"
    attach = layers.one(id="attach-run-workflow-with-single-stage-qa")
    assert attach.text == "Attach the stage Run-workflow with single-stage QA"
    cards = layers.one("fieldset", class_="picker-cards").all("label", class_="card")
    assert [card.one(class_="card-title").text for card in cards] == [
        "Run-workflow with single-stage QA",
        "Simple run-workflow",
        "No machine template",
    ]
    assert len(layers.all("svg")) == 2


def test_a_stage_is_shown_with_the_way_to_remove_it(editor: Client) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BY)
    layers = read(editor.get("/capabilities/null/current/")).one("section", class_="layers")
    assert layers.one("span", class_="stage").text == "+ Run-workflow with single-stage QA"
    assert layers.one(id=f"remove-{QA}").says("Remove the stage")
    assert not layers.all(id=f"attach-{QA}")


def test_a_stage_that_is_part_of_the_machine_template_cannot_be_attached(editor: Client) -> None:
    assert not read(editor.get(IDEAL)).all(id=f"attach-{QA}")


def test_an_ideal_that_is_the_same_as_current_shows_its_rows_and_says_so(editor: Client) -> None:
    tree = read(editor.get("/capabilities/null/ideal/"))
    assert tree.says("The ideal is the same as current.")
    assert tree.says("The first change here begins an ideal of its own.")
    assert len(rows(tree)) == 4
    assert {each["value"] for each in tree.all("input", name="version")} == {"0"}
    assert not tree.all(id="same-as-current")


def test_an_ideal_of_its_own_can_be_made_the_same_again(editor: Client) -> None:
    assert read(editor.get(IDEAL)).all(id="same-as-current")
    assert not read(editor.get(CURRENT)).all(id="same-as-current")


def test_every_form_carries_the_version_that_the_page_was_opened_with(editor: Client) -> None:
    Definition.objects.filter(capability__name="null").update(version=41)
    tree = read(editor.get("/capabilities/null/current/?add=1"))
    assert {each["value"] for each in tree.all("input", name="version")} == {"41"}


def test_a_row_opens_as_a_form_in_its_place(editor: Client, way: Mapping[str, str]) -> None:
    url = f"{CURRENT}?source=Awaiting+QA&event=qa-fail"
    machine = as_asked(editor.get(url, headers=way), way, "machine")
    form = rows(machine)[5].one("form", class_="transition-form")
    typed = form.typed
    assert (typed["source"], typed["event"], typed["target"]) == (
        "Awaiting QA",
        "qa-fail",
        "Failed",
    )
    assert actions_of(form) == []
    assert (typed["key_source"], typed["key_event"], typed["verb"]) == (*FAIL, "put")


def test_an_open_row_has_its_actions_as_a_list_and_the_reason_of_its_override(
    editor: Client,
) -> None:
    Override.objects.filter(event="workflow-complete").update(reason="so", ticket="WS-1")
    url = f"{CURRENT}?source=Executing&event=workflow-complete"
    form = read(editor.get(url)).one("form", class_="transition-form")
    typed = form.typed
    assert actions_of(form) == [
        ("SendMessage", "execution_complete"),
        ("SendNotification", "workflow-complete"),
    ]
    assert [each["list"] for each in form.all("input", name="argument")] == [
        "known-messages",
        "known-notifications",
    ]
    assert (typed["reason"], typed["ticket"]) == ("so", "WS-1")


def test_an_empty_form_opens_for_a_new_transition(editor: Client) -> None:
    machine = read(editor.get(f"{CURRENT}?add=1"))
    form = rows(machine)[-1].one("form", class_="transition-form")
    assert form["aria-label"] == "Add a transition"
    assert form.typed["source"] == ""
    assert "key_source" not in form.typed


def test_the_known_names_are_offered(editor: Client) -> None:
    tree = read(editor.get(f"{CURRENT}?add=1"))
    offered = [each["value"] for each in tree.one("datalist", id="known-events").all("option")]
    assert "qa-pass" in offered
    assert offered == sorted(offered)
    assert tree.one("input", id="id_event")["list"] == "known-events"


def test_a_row_that_is_gone_opens_nothing(editor: Client) -> None:
    tree = read(editor.get(f"{CURRENT}?source=Nowhere&event=resume"))
    assert not tree.all("form", class_="transition-form")
    assert len(rows(tree)) == 6


def test_a_viewer_sees_the_machine_and_no_way_to_change_it(viewer: Client) -> None:
    tree = read(viewer.get(CURRENT))
    assert len(rows(tree)) == 6
    assert [form["action"] for form in tree.all("form", method="post")] == ["/admin/logout/"]
    assert not tree.all(id="add-transition")


def test_a_machine_without_transitions_says_how_to_begin(editor: Client) -> None:
    Definition.objects.filter(capability__name="null").update(machine_template=None)
    tree = read(editor.get("/capabilities/null/current/"))
    assert tree.says("No transitions yet.")
    assert tree.says("There is nothing to draw")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_the_same_alone_as_in_the_page(viewer: Client, part: str) -> None:
    response = viewer.get(f"{CURRENT}{part}/", headers=HTMX)
    assert not is_page(response)
    alone = root(response)
    in_page = read(viewer.get(CURRENT)).one(id=part)
    assert alone["id"] == part
    assert alone.text == in_page.text


@pytest.mark.parametrize("part", PARTS[:-1])
def test_a_part_fetches_itself_when_a_machine_changed(viewer: Client, part: str) -> None:
    alone = root(viewer.get(f"{CURRENT}{part}/"))
    assert alone["hx-get"] == f"{CURRENT}{part}/"
    assert alone["hx-trigger"] == "machine-changed from:body"
    assert alone["hx-swap"] == "outerHTML"


def test_the_diagram_links_each_transition_to_its_row(viewer: Client) -> None:
    tree = read(viewer.get(CURRENT))
    links = {each["href"] for each in tree.one(id="diagram").one("svg").all("a")}
    assert links == {f"#row-{number}" for number in range(1, 7)}
    assert all(tree.one("tr", id=link[1:]) for link in links)


def test_the_findings_are_told_with_their_severity_as_a_word(viewer: Client) -> None:
    Definition.objects.filter(capability__name="null").update(machine_template=None)
    findings = root(viewer.get("/capabilities/null/current/findings/"))
    assert findings.one("li").text.startswith("✕ error The machine has no transitions. why?")


def test_the_differences_are_those_from_current_to_ideal(viewer: Client) -> None:
    for url in (CURRENT, IDEAL):
        assert root(viewer.get(f"{url}differences/")).says("3 transitions are changed")
    same = root(viewer.get("/capabilities/null/current/differences/"))
    assert not same.all("table")


@pytest.mark.parametrize("url", ["/capabilities/nobody/current/", "/capabilities/null/future/"])
def test_what_is_not_there_is_not_found(editor: Client, way: Mapping[str, str], url: str) -> None:
    assert editor.get(url, headers=way).status_code == 404


def test_a_part_that_there_is_not_is_not_found(editor: Client) -> None:
    assert editor.get(f"{CURRENT}editor/").status_code == 404
    assert editor.get(f"{CURRENT}_machine/").status_code == 404


@pytest.mark.parametrize("url", [CURRENT, f"{CURRENT}notes/"])
def test_the_editor_is_only_read(editor: Client, url: str) -> None:
    assert editor.post(url).status_code == 405
    assert editor.delete(url).status_code == 405


@pytest.mark.parametrize("url", [CURRENT, *(f"{CURRENT}{part}/" for part in PARTS)])
def test_a_part_needs_the_right_of_its_page(seed: object, way: Mapping[str, str], url: str) -> None:
    assert client_of(STAFF).get(url, headers=way).status_code == 403
    assert client_of(VIEWER).get(url, headers=way).status_code == 200


def test_a_capability_without_rows_of_its_kind_is_shown_empty(editor: Client) -> None:
    Capability.objects.create(name="bare")
    response = editor.get("/capabilities/bare/current/")
    assert response.status_code == 200
    assert read(response).says("No transitions yet.")


def test_a_finding_leads_to_the_row_that_it_is_about(viewer: Client) -> None:
    tree = read(viewer.get("/capabilities/std_calibration/current/"))
    links = tree.one("section", id="findings").all("a")
    links = [link for link in links if link["href"].startswith("#")]
    assert [(link["href"], link.text) for link in links] == [
        ("#row-3", "[Executing] - <workflow-complete>"),
        ("#row-3", "[Executing] - <workflow-complete>"),
        ("#row-6", "[Awaiting QA] - <qa-fail>"),
    ]
    assert tree.one(id="row-6").says("qa-fail")
