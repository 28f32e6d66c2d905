"""Two people at once, each in a browser of their own."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.factories import effective

from .conftest import TIMEOUT, staff
from .pages import type_actions

IDEAL = "/capabilities/std_calibration/ideal/"

Open = Callable[[User], Page]


@pytest.fixture
def browser_of(browser: Browser, base_url: str) -> Iterator[Open]:
    """Opens another browser, in which somebody is signed in."""
    contexts = []

    def open_it(user: User) -> Page:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(base_url=base_url)
        contexts.append(context)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        return page

    yield open_it
    for context in contexts:
        context.close()


def change(page: Page, row: int, actions: str) -> None:
    page.locator(f"#change-{row}").click()
    type_actions(page, actions)


def test_two_browsers_edit_the_same_machine_and_nothing_is_lost_or_overwritten(
    as_editor: Page, browser_of: Open
) -> None:
    mine, theirs = as_editor, browser_of(staff("bea", "editor"))
    for page in (mine, theirs):
        page.goto(IDEAL)
    change(mine, 2, "{SendMessage mine}")
    mine.get_by_label("Reason").fill("Agreed with both")
    change(theirs, 3, "{SendMessage theirs}")
    theirs.locator("#save-transition").click()
    expect(theirs.locator("#status")).to_contain_text("Saved")
    mine.locator("#save-transition").click()
    expect(mine.locator("#refusal")).to_contain_text("by bea")
    expect(mine.locator("#refusal")).to_be_focused()
    expect(mine.get_by_label("Reason")).to_have_value("Agreed with both")
    texts = [action for t in effective("std_calibration", "ideal") for action in t.actions]
    assert "theirs" in {action.argument for action in texts}
    assert "mine" not in {action.argument for action in texts}
    mine.locator("#save-choice").click()
    expect(mine.locator("#status")).to_contain_text("Joined both changes")
    expect(mine.locator("#machine")).to_contain_text("{SendMessage mine}")
    expect(mine.locator("#machine")).to_contain_text("{SendMessage theirs}")
    texts = [action for t in effective("std_calibration", "ideal") for action in t.actions]
    assert {"theirs", "mine"} <= {action.argument for action in texts}
