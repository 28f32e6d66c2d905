"""Ticks in the list of capabilities."""

from playwright.sync_api import Page, expect

from .pages import ticked


def find(page: Page, text: str, rows: int) -> None:
    page.get_by_label("Find a capability").fill(text)
    expect(page.locator("#capability-list tbody tr")).to_have_count(rows)


def test_a_tick_survives_filtering_as_long_as_its_row_is_shown(as_editor: Page) -> None:
    page = as_editor
    ticked(page)
    told = page.locator("#ticked")
    expect(told).to_have_text("2 chosen")
    find(page, "null", 2)
    expect(page.get_by_label("Choose null", exact=True)).to_be_checked()
    expect(told).to_have_text("1 chosen")
    find(page, "", 7)
    expect(page.locator("#capability-list :checked")).to_have_count(1)
    expect(told).to_have_text("1 chosen")
    expect(page.get_by_label("Machine template")).to_have_value("run-workflow-with-single-stage-qa")
    find(page, "nothing-like-it", 0)
    expect(told).to_have_text("Tick capabilities in the list.")
    expect(page.locator("#tick-all")).to_be_disabled()


def test_all_are_ticked_at_once_and_it_shows_when_not_all_are(as_editor: Page) -> None:
    page = as_editor
    page.goto("/")
    everything = page.get_by_label("Choose all on this page")
    everything.check()
    expect(page.locator("#capability-list :checked")).to_have_count(7)
    page.get_by_label("Choose null", exact=True).uncheck()
    expect(everything).not_to_be_checked()
    expect(everything).to_be_checked(indeterminate=True)
    page.get_by_label("Choose null", exact=True).check()
    expect(everything).to_be_checked()
    everything.uncheck()
    expect(page.locator("#capability-list :checked")).to_have_count(0)


def test_with_a_tick_the_bar_stays_in_sight(as_editor: Page) -> None:
    page = as_editor
    page.set_viewport_size({"width": 1024, "height": 400})
    page.goto("/")
    button = page.get_by_role("button", name="Show the plan")
    expect(button).not_to_be_in_viewport()
    page.get_by_label("Choose null", exact=True).check()
    expect(button).to_be_in_viewport()
