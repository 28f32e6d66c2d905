"""What an edit of a machine template changes, shown before it is saved."""

from playwright.sync_api import Page, expect

from .pages import QA, template_drop_plan, template_plan, template_settings_plan


def test_the_plan_takes_the_focus_and_saving_it_does_what_it_says(as_editor: Page) -> None:
    page = as_editor
    template_plan(page)
    plan = page.locator("#rehearsal")
    expect(plan).to_be_focused()
    expect(plan).to_contain_text("8 machines change")
    page.get_by_text("null current").first.click()
    expect(plan).to_contain_text("[Executing] - <workflow-failed> no longer does")
    page.get_by_role("button", name="Save it: 8 machines change").click()
    expect(page.locator("#status")).to_have_text("Saved [Executing] - <workflow-failed>.")
    expect(plan).not_to_be_attached()
    page.goto("/capabilities/null/current/")
    expect(page.locator("#row-4")).to_contain_text("ingest-failed")


def test_a_drop_is_asked_for_and_can_be_cancelled_by_keyboard(as_editor: Page) -> None:
    page = as_editor
    template_drop_plan(page)
    expect(page.locator("#rehearsal")).to_be_focused()
    page.locator("#cancel-plan").press("Enter")
    expect(page.locator("#rehearsal")).not_to_be_attached()
    expect(page.locator("#add-transition")).to_be_focused()
    expect(page.locator("#row-2")).to_contain_text("resume")
    template_drop_plan(page)
    page.locator("#confirm-plan").press("Enter")
    expect(page.locator("#status")).to_have_text("Dropped [Queued] - <resume>.")
    expect(page.locator("#row-2")).not_to_contain_text("resume")
    page.locator("body.unsaved, .asked").wait_for(state="detached")
    page.goto("/machine-templates/")  # no question: nothing typed is lost


def test_laying_over_another_one_is_asked_for_in_its_place(as_editor: Page) -> None:
    page = as_editor
    template_settings_plan(page)
    expect(page.locator("#rehearsal")).to_be_focused()
    expect(page.locator("#rehearsal")).to_contain_text("std_calibration ideal")
    page.locator("#save-over").click()
    expect(page.locator("#status")).to_have_text("It lies over none now.")
    page.goto(QA)
    expect(page.locator("table.transitions tbody tr")).to_have_count(5)


def test_a_note_of_a_machine_template_is_added_in_its_place(as_editor: Page) -> None:
    page = as_editor
    page.goto(QA)
    page.locator("#add-note").click()
    page.get_by_label("Note", exact=True).last.fill("Two reviewers?")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#status")).to_have_text("Added the question.")
    expect(page.locator("#notes")).to_contain_text("Two reviewers?")


def test_the_keyboard_goes_to_the_plan_of_a_move(as_editor: Page) -> None:
    page = as_editor
    page.goto("/machine-templates/simple-run-workflow/")
    page.locator("#earlier-4").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rehearsal")).to_be_focused()
