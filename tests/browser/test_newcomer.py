"""A newcomer gives `null` QA, overrides `qa-fail`, adds a cancelled state and takes that back.

Once with the mouse and once with the keyboard alone, by what the page itself says. Each step leaves
a screenshot in the test's folder.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from capabilities.machines.machine import Key
from tests.factories import FAIL, definition, effective

from .test_keyboard import tab_to

CANCEL = Key("Queued", "capability-cancelled")


class Mouse:
    """Clicks, and types where it clicked."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, control: Locator) -> None:
        control.click()

    def type(self, field: Locator, text: str) -> None:
        field.fill(text)

    def choose(self, field: Locator, label: str) -> None:
        field.select_option(label=label)


class Keyboard(Mouse):
    """Goes by Tab, presses by Enter, chooses by the arrow keys."""

    def press(self, control: Locator) -> None:
        tab_to(self.page, control)
        self.page.keyboard.press("Enter")

    def type(self, field: Locator, text: str) -> None:
        tab_to(self.page, field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, label: str) -> None:
        tab_to(self.page, field)
        self.page.keyboard.type(label)


@pytest.fixture
def shoot(page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes a screenshot of the whole page, by the step's name."""

    def take(step: str) -> None:
        page.screenshot(path=tmp_path / f"{step}.png", full_page=True)

    return take


@pytest.mark.parametrize("hand", [Mouse, Keyboard], ids=["mouse", "keyboard"])
def test_null_gets_qa_and_a_cancelled_state_that_is_taken_back(
    as_editor: Page, shoot: Callable[[str], None], hand: type[Mouse]
) -> None:
    page, by = as_editor, hand(as_editor)
    page.goto("/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="null", exact=True))
    by.press(row.get_by_role("link", name="same as current"))

    by.press(page.get_by_role("button", name="Attach the stage Run-workflow with single-stage QA"))
    expect(page.locator("#diagram svg")).to_contain_text("Awaiting QA")
    shoot("1 QA attached")

    by.press(page.get_by_role("link", name="Change [Awaiting QA] - <qa-fail>"))
    by.type(page.get_by_label("Target"), "Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
    shoot("2 qa-fail is drawn while it is typed")
    by.press(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#status")).to_contain_text("Saved [Awaiting QA] - <qa-fail>.")
    expect(page.locator("tr").filter(has_text="qa-fail").first).to_contain_text("overridden here")
    shoot("3 qa-fail overridden")

    by.press(page.get_by_role("link", name="Add a transition"))
    by.type(page.get_by_label("Source"), CANCEL.source)
    by.type(page.get_by_label("Event"), CANCEL.event)
    by.type(page.get_by_label("Target"), "Cancelled")
    expect(page.locator("#draft")).to_contain_text("The state “Cancelled” is not registered.")
    by.choose(page.get_by_label("the state “Cancelled”"), "register it as a final state")
    expect(page.locator("#findings")).not_to_contain_text("Cancelled")
    shoot("4 the new state is offered to be registered")
    by.press(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#diagram svg")).to_contain_text("Cancelled")
    expect(page.locator("#findings")).not_to_contain_text("capability-cancelled")
    expect(page.locator("#findings")).not_to_contain_text("Cancelled")
    shoot("5 cancelled state added")
    assert CANCEL in effective("null", "ideal").by_key

    by.press(page.get_by_role("button", name="Undo"))
    expect(page.locator("#diagram svg")).not_to_contain_text("Cancelled")
    shoot("6 taken back")
    machine = effective("null", "ideal")
    assert CANCEL not in machine.by_key
    assert machine.by_key[FAIL].target == "Queued"
    overrides = {each.key for each in definition("null", "ideal").overrides.all()}
    assert overrides == {FAIL}
    assert len(effective("null")) == 4
