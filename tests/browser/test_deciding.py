"""Deciding on a difference in its row: by the keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from ..deciding import decided

COMPARISON = "/capabilities/std_calibration/"


def test_a_difference_is_decided_in_its_row_and_the_keyboard_stays_there(as_editor: Page) -> None:
    page = as_editor
    page.goto(COMPARISON)
    expect(page.locator("#deviations")).to_contain_text("5 differences wait for a decision.")
    page.locator("#decide-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#decision-2-state")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#decision-2-ticket")).to_be_focused()
    page.keyboard.press("Enter")  # without a ticket
    expect(page.locator("#decision-2 .errorlist")).to_contain_text("Name the ticket")
    expect(page.locator("#decision-2-ticket")).to_be_focused()
    page.keyboard.type("WS-812")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Decided on [Awaiting QA] - <qa-pass>: planned.")
    expect(page.locator("#decision-2")).to_contain_text("▸ planned")
    expect(page.locator("#decide-2")).to_be_focused()
    expect(page.locator("#deviations")).to_contain_text("4 differences wait for a decision.")
    expect(page.locator("#undo")).to_be_empty()


def test_two_rows_are_open_at_once_and_cancel_shuts_one(as_editor: Page) -> None:
    page = as_editor
    page.goto(COMPARISON)
    for number in (1, 2):
        page.locator(f"#decide-{number}").click()
        page.locator(f"#decision-{number}-reason").fill(f"Reason {number}")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#cancel-decision-1").click()
    expect(page.locator("#decision-1")).to_contain_text("? unexplained")
    expect(page.locator("#decide-1")).to_be_focused()
    expect(page.locator("#decision-2-reason")).to_have_value("Reason 2")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_a_difference_is_decided_and_withdrawn(as_editor: Page) -> None:
    page = as_editor
    page.goto(COMPARISON)
    page.get_by_role("link", name="Decide… on [Awaiting QA] - <qa-pass>").click()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".errorlist")).to_contain_text("Name the ticket")
    page.get_by_label("Ticket").fill("WS-812")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".messagelist")).to_contain_text("planned.")
    expect(page.locator("#decision-2")).to_contain_text("Ticket WS-812")
    page.get_by_role("link", name="Decide… on [Awaiting QA] - <qa-pass>").click()
    page.get_by_role("button", name="Withdraw the decision").click()
    expect(page.locator("#decision-2")).to_contain_text("? unexplained")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_all_that_wait_are_decided_together(as_editor: Page) -> None:
    page = as_editor
    decided()
    page.goto(COMPARISON)
    page.get_by_role("link", name="Decide on them together…").click()
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_label("Ticket").fill("WS-9")
    page.get_by_role("button", name="Decide the same on all that are ticked").click()
    expect(page.locator(".messagelist")).to_contain_text("Decided on 3 differences: planned.")
    expect(page.locator(".badge.planned")).to_have_count(4)
    expect(page.locator(".badge.unexplained")).to_have_count(1)
