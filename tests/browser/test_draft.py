"""The draft of a row: the picture follows what is typed, before anything is saved."""

from playwright.sync_api import Page, expect

from .pages import IDEAL, QA, open_form


def labels(page: Page) -> list[str]:
    """What the picture says, without the spaces that pad it."""
    return [text.strip() for text in page.locator("#diagram svg text").all_text_contents()]


def test_the_picture_follows_what_is_typed(as_editor: Page) -> None:
    page = as_editor
    open_form(page)
    page.get_by_label("Target").fill("Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
    assert "~ qa-fail" in labels(page)
    expect(page.get_by_label("Target")).to_be_focused()
    page.get_by_role("button", name="Add an action").click()
    page.get_by_label("Action 2", exact=True).fill("Notfy")
    expect(page.locator("#findings")).to_contain_text("“Notfy” is not registered")


def test_a_draft_that_cannot_be_read_keeps_the_last_picture_greyed(as_editor: Page) -> None:
    page = as_editor
    open_form(page)
    page.get_by_label("Target").fill("Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
    page.get_by_label("Event").fill("")
    expect(page.locator("#draft")).to_contain_text("Event: This field is required.")
    assert "~ qa-fail" in labels(page)
    expect(page.locator("#diagram .diagram-view")).to_have_css("opacity", "0.5")
    expect(page.locator("#findings")).to_have_css("filter", "grayscale(1)")
    page.get_by_label("Event").fill("qa-fail")
    expect(page.locator("#diagram .diagram-view")).to_have_css("opacity", "1")


def test_cancelling_brings_back_what_is_stored(as_editor: Page) -> None:
    page = as_editor
    page.on("dialog", lambda dialog: dialog.accept())
    open_form(page)
    page.get_by_label("Target").fill("Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
    page.locator("#cancel-transition").click()
    expect(page.locator("#diagram")).not_to_contain_text("draft")
    expect(page.locator("#findings")).not_to_contain_text("draft")


def test_the_size_of_the_picture_stays(as_editor: Page) -> None:
    page = as_editor
    open_form(page)
    page.locator("[data-zoom=in]").click()
    width = page.locator("#diagram svg").evaluate("svg => svg.style.width")
    page.get_by_label("Target").fill("Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
    assert page.locator("#diagram svg").evaluate("svg => svg.style.width") == width


def test_the_argument_offers_what_the_action_takes(as_editor: Page) -> None:
    page = as_editor
    open_form(page)
    argument = page.get_by_label("Argument of action 1")
    expect(argument).to_have_attribute("placeholder", "takes none")
    page.get_by_label("Action 1", exact=True).fill("SendMessage")
    expect(argument).to_have_attribute("list", "known-messages")
    page.get_by_label("Action 1", exact=True).fill("SendNotification")
    expect(argument).to_have_attribute("list", "known-notifications")


def test_an_edge_opens_its_row(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.locator("#diagram-t6 text").first.click()
    expect(page.get_by_label("Source")).to_have_value("Awaiting QA")
    expect(page.get_by_label("Event")).to_have_value("qa-fail")
    expect(page.get_by_label("Source")).to_be_focused()


def test_a_machine_template_shows_its_draft(as_editor: Page) -> None:
    page = as_editor
    page.goto(QA)
    page.locator("#change-6").click()
    page.get_by_label("Target").fill("Queued")
    expect(page.locator("#diagram")).to_contain_text("draft, not saved")
