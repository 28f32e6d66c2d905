"""The editor by the keyboard alone: nothing needs a mouse, and the focus is never lost."""

import re

from playwright.sync_api import Locator, Page, expect

from .pages import stages

IDEAL = "/capabilities/std_calibration/ideal/"
MANY = 160  # no control of a page is further than so many Tabs from its top


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {wanted}")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, page.locator("form.transition-form").get_by_label(label))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_the_first_tab_skips_to_the_content(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_theme_can_be_changed(as_editor: Page) -> None:
    page = as_editor
    page.goto("/")
    tab_to(page, page.get_by_role("button", name="Toggle theme"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "auto")


def test_a_transition_is_overridden(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.locator("#change-6"))
    page.keyboard.press("Enter")
    form = page.locator("form.transition-form")
    expect(form.get_by_label("Source")).to_be_focused()

    type_into(page, "Target", "Queued")
    tab_to(page, page.get_by_role("button", name="Add an action"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Action 2", exact=True)).to_be_focused()
    page.keyboard.type("AnnounceQa")
    tab_to(page, form.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")

    expect(page.locator("#row-6 .chip")).to_have_text("overridden here")
    expect(page.locator("#diagram-t6")).to_contain_text("{AnnounceQa}")
    expect(page.locator("#change-6")).to_be_focused()


def test_after_a_refusal_the_focus_is_on_the_message(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.locator("#change-6"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Source")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Edit them in the notation"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Actions in the notation")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("{QaFail")
    page.keyboard.press("Tab")
    tab_to(page, page.locator("#save-transition"))
    page.keyboard.press("Enter")

    expect(page.locator("#refusal")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Source")).to_be_focused()
    expect(page.get_by_label("Actions in the notation")).to_have_value("{QaFail")


def test_cancelling_goes_back_to_the_row(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.locator("#change-3"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Source")).to_be_focused()
    tab_to(page, page.locator("#cancel-transition"))
    page.keyboard.press("Enter")
    expect(page.locator("#change-3")).to_be_focused()


def test_dropping_and_restoring_stay_at_the_row(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.locator("#drop-6"))
    page.keyboard.press("Enter")
    restore = page.get_by_role("button", name="Restore [Awaiting QA] - <qa-fail>")
    expect(restore).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#change-6")).to_be_focused()
    expect(page.locator("tr.ghost")).to_have_count(0)


def test_the_machine_template_is_chosen(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/null/ideal/")
    tab_to(page, page.locator(".picker summary"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # to the one that is chosen
    page.keyboard.press("ArrowUp")
    tab_to(page, page.get_by_role("button", name="Use this machine template"))
    page.keyboard.press("Enter")
    expect(page.locator("#diagram svg")).to_contain_text("Ingesting")
    assert page.evaluate("document.querySelector('.layers').contains(document.activeElement)")


def test_a_stage_that_is_moved_keeps_the_focus(as_editor: Page) -> None:
    page = as_editor
    stages(page)
    last = "run-workflow-with-two-stage-qa"
    tab_to(page, page.locator(f"#earlier-{last}"))
    page.keyboard.press("Enter")
    expect(page.locator(".stage").first).to_have_text("+ Run-workflow with two-stage QA")
    expect(page.locator(f"#later-{last}")).to_be_focused()  # there is no earlier place
    page.keyboard.press("Enter")
    expect(page.locator(f"#earlier-{last}")).to_be_focused()


def test_many_are_chosen_planned_and_done(as_editor: Page) -> None:
    page = as_editor
    page.goto("/")
    tab_to(page, page.locator("#tick-all"))
    page.keyboard.press("Space")
    expect(page.locator("#ticked")).to_have_text("7 chosen")
    tab_to(page, page.get_by_label("Machine template"))
    page.keyboard.type("Run-workflow with single")
    tab_to(page, page.get_by_role("button", name="Show the plan"))
    page.keyboard.press("Enter")
    do = page.get_by_role("button", name="Do it: 7 machines")
    tab_to(page, do)
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("for 7 current machines")


def test_a_note_is_added(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.locator("#add-note"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Ask the DA list.")
    tab_to(page, page.get_by_role("button", name="Add the note"))
    page.keyboard.press("Enter")
    expect(page.locator("#notes")).to_contain_text("Ask the DA list.")
    expect(page.locator("#add-note")).to_be_focused()


def test_the_picture_can_be_scrolled_and_enlarged(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    view = page.locator(".diagram-view")
    tab_to(page, page.get_by_role("button", name="Larger"))
    for _ in range(5):
        page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(view).to_be_focused()
    page.keyboard.press("ArrowRight")
    view.evaluate(
        "async view => { while (!view.scrollLeft) await new Promise(requestAnimationFrame) }"
    )


def test_a_missing_name_is_renamed_from_the_registry_and_back(as_editor: Page) -> None:
    page = as_editor
    for old, new in (("ingest-failed", "workflow-update"), ("workflow-update", "ingest-failed")):
        page.goto(f"/registry/?kind=notification&q={old}")
        tab_to(page, page.get_by_role("link", name=old, exact=True))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("link", name="Rename everywhere"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("New name"))
        page.keyboard.press("Control+A")
        page.keyboard.type(new)
        page.keyboard.press("Enter")
        expect(page.locator("#rehearsal")).to_contain_text("1 machine changes")
        tab_to(page, page.locator("#save-rename"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(new)


def test_a_name_is_registered_from_the_finding_and_leads_back(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    tab_to(page, page.get_by_role("link", name="Register “ingest-failed”"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_have_value("ingest-failed")
    tab_to(page, page.get_by_role("button", name="Register it"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{IDEAL}$"))
    expect(page.locator("#findings")).not_to_contain_text("ingest-failed")


def test_a_check_is_switched_off_and_on_again(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/std_calibration/current/")
    tab_to(page, page.locator("#switch-off-1"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#reason-1"))
    page.keyboard.type("It is for the operators.")
    tab_to(page, page.locator("#switch-off-1-save"))
    page.keyboard.press("Enter")

    expect(page.locator("#switched-off-summary")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#switch-on-completion-before-qa"))
    page.keyboard.press("Enter")
    expect(page.locator("#switched-off")).to_have_count(0)
    expect(page.locator("#switch-off-1")).to_be_focused()
