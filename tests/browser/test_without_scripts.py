"""Everything can be done without JavaScript, by plain forms and links."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from capabilities import importing
from capabilities.management.commands.up import SEED

from .conftest import PASSWORD
from .pages import many_plan, stages, type_actions

pytestmark = pytest.mark.browser_context_args(java_script_enabled=False)

IDEAL = "/capabilities/std_calibration/ideal/"


def test_signing_in_leads_where_one_wanted_to_go(page: Page, editor: User) -> None:
    page.goto(IDEAL)
    page.get_by_label("Username").fill(editor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="std_calibration ideal")).to_be_visible()


def test_a_transition_is_changed_dropped_and_restored(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.get_by_role("link", name="Change [Awaiting QA] - <qa-fail>").click()
    page.get_by_label("Target").fill("Queued")
    page.get_by_role("button", name="Save").click()
    _told(page, "Saved [Awaiting QA] - <qa-fail>.")
    row = page.locator("#row-6")
    expect(row).to_contain_text("overridden here")
    expect(row).to_contain_text("Queued")

    page.get_by_role("button", name="Drop [Awaiting QA] - <qa-fail>").click()
    _told(page, "Dropped [Awaiting QA] - <qa-fail>.")
    expect(page.locator("tr.ghost")).to_contain_text("dropped here")

    page.get_by_role("button", name="Restore [Awaiting QA] - <qa-fail>").click()
    _told(page, "Restored [Awaiting QA] - <qa-fail>.")
    expect(page.locator("tr.ghost")).to_have_count(0)
    expect(page.locator("#row-6")).to_contain_text("Failed")


def test_a_transition_is_added(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/current/")
    page.get_by_role("link", name="Add a transition").click()
    for label, text in (("Source", "Queued"), ("Event", "delivery"), ("Target", "Failed")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save").click()
    _told(page, "Saved [Queued] - <delivery>.")
    expect(page.locator("#row-5")).to_contain_text("added here")


def test_a_refusal_stands_on_top_and_leads_to_the_form(as_editor: Page) -> None:
    page = as_editor
    page.goto(f"{IDEAL}?add=1")
    page.get_by_label("Source").fill("Queued")
    page.get_by_label("Event").fill("delivery")
    page.get_by_label("Target").fill("Failed")
    type_actions(page, "{QaFail")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#refusal")).to_contain_text("Nothing was saved")
    expect(page.get_by_label("Actions in the notation")).to_have_value("{QaFail")
    page.get_by_role("link", name="Go to the form").click()
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()


def test_the_machine_template_is_chosen(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/ideal/")
    page.get_by_text("Choose the machine template by its picture").click()
    page.locator(".card").filter(has_text="Run-workflow with single-stage QA").click()
    page.get_by_role("button", name="Use this machine template").click()
    _told(page, "The machine template is Run-workflow with single-stage QA.")
    expect(page.locator("#diagram")).to_contain_text("Ingesting")


def test_a_stage_is_attached_and_removed(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/ideal/")
    page.get_by_role("button", name="Attach the stage Run-workflow with single-stage QA").click()
    _told(page, "Attached the stage Run-workflow with single-stage QA.")
    expect(page.locator("#diagram")).to_contain_text("Ingesting")
    page.get_by_role("button", name="Remove the stage Run-workflow with single-stage QA").click()
    _told(page, "Removed the stage Run-workflow with single-stage QA.")
    expect(page.locator("#diagram")).not_to_contain_text("Ingesting")


def test_stages_are_moved(as_editor: Page) -> None:
    page = as_editor
    stages(page)
    page.get_by_role("button", name="Earlier : the stage Run-workflow with two-stage QA").click()
    _told(page, "Moved the stage Run-workflow with two-stage QA earlier.")
    expect(page.locator(".stage").first).to_have_text("+ Run-workflow with two-stage QA")


def test_many_are_planned_and_done(as_editor: Page) -> None:
    page = as_editor
    many_plan(page)
    expect(page.locator("#rehearsal")).to_contain_text("2 machines change")
    page.get_by_label("Why").fill("WS-900")
    page.get_by_role("button", name="Do it: 2 machines").click()
    _told(page, "Attached the stage “Run-workflow with single-stage QA” to 2 current machines")
    expect(page.get_by_role("row").filter(has_text="+ 1 stage")).to_have_count(2)
    expect(page.get_by_label("Choose all on this page")).to_be_hidden()


def test_a_note_is_added(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/current/")
    notes = page.locator("#notes")
    notes.get_by_text("Add a note").click()
    notes.get_by_label("Note").fill("Ask the DA list.")
    notes.get_by_label("Stands at").select_option("[Queued] - <resume>")
    notes.get_by_role("button", name="Add the note").click()
    expect(notes.get_by_role("listitem")).to_contain_text("Ask the DA list.")
    expect(page.locator("#row-2")).to_contain_text("1 note")


def test_a_machine_is_edited_as_text(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/current/text/")
    typed = page.get_by_label("The machine")
    expect(page.locator("#plain-text")).to_be_hidden()
    lines = typed.input_value()
    typed.fill(f"{lines}[Failed - <resume>")
    page.get_by_role("button", name="Show what it does").click()
    page.get_by_role("link", name="Line 5, column").click()
    typed.fill(f"{lines}[Failed] - <resume> {{no action}} -> [Queued]")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.locator("#text-plan dl.told")).to_contain_text("[Failed] - <resume>")
    page.get_by_role("button", name="Save the text").click()
    _told(page, "Saved the text of null current.")
    expect(page.locator("#row-5")).to_contain_text("added here")


def test_a_page_is_imported_by_its_plan(as_editor: Page) -> None:
    page = as_editor
    page.goto("/import/")
    text = SEED.read_text(encoding="utf-8").replace("null_dag", "null_tree")
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#plan")).to_contain_text("1 new")
    page.get_by_role("button", name="Import it").click()
    _told(page, "Imported")
    expect(page.get_by_role("link", name="null_tree", exact=True)).to_be_visible()


def test_the_page_of_a_long_import_comes_to_the_plan_by_itself(
    as_editor: Page, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = as_editor
    settings.IMPORT_LONG_LINES = 2
    begun: list[Callable[[], None]] = []
    monkeypatch.setattr(importing, "in_background", begun.append)
    page.goto("/import/")
    page.get_by_label("Text").fill("new_tree\n\n[Start] - <x> {no action} -> [End]\n")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.locator("#import-job")).to_be_visible()
    begun.pop()()
    expect(page.locator("#plan")).to_contain_text("1 new", timeout=15_000)


def test_two_machines_are_chosen_compared_and_looked_at_one_by_one(as_viewer: Page) -> None:
    page = as_viewer
    page.goto("/compare/")
    page.locator("#id_old-capability").fill("null")
    expect(page.locator("#id_old-text")).to_be_hidden()
    page.locator("#new").get_by_label("a text").check()
    page.locator("#id_new-text").fill("[Start] - <e> {Send x} -> [End]")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".verdict")).to_contain_text("From null current to the pasted text")
    expect(page.locator("#compared-picture .node")).to_have_count(6)
    page.get_by_role("link", name="Only the new one").click()
    expect(page.locator("#compared-picture .node")).to_have_count(2)


def test_a_viewer_sees_no_way_to_write(as_viewer: Page) -> None:
    page = as_viewer
    page.goto(IDEAL)
    expect(page.locator("#row-6")).to_contain_text("qa-fail")
    expect(page.locator("#content form")).to_have_count(0)


def _told(page: Page, text: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(text)
