"""What an edit of a machine template changes, shown before it is saved."""

from playwright.sync_api import Page, expect

from .pages import template_plan


def test_the_plan_takes_the_focus_and_saving_it_does_what_it_says(as_editor: Page) -> None:
    page = as_editor
    template_plan(page)
    plan = page.locator("#rehearsal")
    expect(plan).to_be_focused()
    expect(plan).to_contain_text("8 machines change")
    page.get_by_text("null current").first.click()
    expect(plan).to_contain_text("[Executing] - <workflow-failed> no longer does")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_have_text("Saved [Executing] - <workflow-failed>.")
    expect(plan).not_to_be_attached()
    page.goto("/capabilities/null/current/")
    expect(page.locator("#row-4")).to_contain_text("ingest-failed")
