"""Shortcuts: each does what its line in the help says; off while typing; possible to switch off."""

from playwright.sync_api import Page, expect

from .pages import IDEAL


def open_ideal(page: Page) -> Page:
    page.goto(IDEAL)
    expect(page.locator("#keys-button")).to_be_visible()
    return page


def test_a_row_is_gone_to_and_changed_and_left(as_editor: Page) -> None:
    page = open_ideal(as_editor)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#row-2")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#row-1")).to_be_focused()
    expect(page.locator("#diagram-t1")).to_contain_class("lit")
    page.keyboard.press("e")
    expect(page.get_by_label("Source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#change-1")).to_be_focused()


def test_a_row_is_moved_dropped_and_restored(as_editor: Page) -> None:
    page = open_ideal(as_editor)
    page.locator("#row-6").focus()
    page.keyboard.press("Shift+K")
    expect(page.locator("#status")).to_contain_text("Moved up [Awaiting QA] - <qa-fail>")
    expect(page.locator("#earlier-5")).to_be_focused()
    page.keyboard.press("Shift+J")
    expect(page.locator("#status")).to_contain_text("Moved down")
    page.locator("#row-6").focus()
    page.keyboard.press("x")
    expect(page.locator("tr.ghost")).to_be_visible()
    page.locator("tr.ghost").focus()
    page.keyboard.press("r")
    expect(page.locator("tr.ghost")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("tr.ghost")).to_be_visible()


def test_what_is_typed_is_saved_and_is_no_shortcut(as_editor: Page) -> None:
    page = open_ideal(as_editor)
    page.keyboard.press("a")
    expect(page.get_by_label("Source")).to_be_focused()
    page.keyboard.type("Queued")
    page.get_by_label("Event").focus()
    page.keyboard.type("delivery")
    page.get_by_label("Target").focus()
    page.keyboard.type("Failed?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text("Saved [Queued] - <delivery>.")


def test_pages_are_gone_to(as_editor: Page) -> None:
    page = open_ideal(as_editor)
    page.keyboard.press("1")
    page.wait_for_url("**/current/")
    expect(page.locator("#keys-button")).to_be_visible()
    page.keyboard.press("t")
    page.wait_for_url("**/current/text/")
    expect(page.locator("#keys-button")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**:*/")
    expect(page.locator("#keys-button")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Find a capability")).to_be_focused()


def test_the_help_opens_and_switches_the_shortcuts_off_for_good(as_editor: Page) -> None:
    page = open_ideal(as_editor)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.get_by_label("Shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#row-1")).not_to_be_focused()
    page.reload()
    expect(page.locator("#keys-button")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator("#keys-button").click()
    page.get_by_label("Shortcuts are on").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.locator("#row-1")).to_be_focused()
