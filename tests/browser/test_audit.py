"""The audit's page in a browser: by the keyboard alone, and on paper."""

from playwright.sync_api import Page, expect

from capabilities.authoring import overrides
from capabilities.machines.machine import Transition
from tests.factories import editor_author, seen

from .test_keyboard import tab_to


def opened(page: Page) -> Page:
    page.goto("/audit/")
    page.get_by_role("heading", name="Progress over time").wait_for()
    return page


def test_a_number_a_filter_and_a_cell_are_reached_by_the_keyboard(as_editor: Page) -> None:
    page = opened(as_editor)
    tab_to(page, page.get_by_role("link", name="5 warnings"))
    page.keyboard.press("Enter")
    expect(page.locator("#active-filters")).to_contain_text("1 of 7 shown, by Findings: warnings")

    tab_to(page, page.locator("dl.filter-list a", has_text="has overrides"))
    page.keyboard.press("Enter")
    expect(page).to_have_url("/audit/?findings=warning&made=overridden")

    tab_to(page, page.locator(".matrix .overridden a"))
    page.keyboard.press("Enter")
    expect(page).to_have_url("/capabilities/std_calibration/current/#row-3")
    expect(page.locator("#row-3")).to_be_in_viewport()


def test_the_matrix_can_be_skipped(as_editor: Page) -> None:
    page = opened(as_editor)
    link = page.get_by_role("link", name="Skip the matrix")
    tab_to(page, link)
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#capabilities-title")).to_be_focused()


def test_typing_narrows_the_page_and_its_address_and_keeps_the_focus(as_editor: Page) -> None:
    page = opened(as_editor)
    field = page.get_by_label("Find a capability")
    field.press_sequentially("calib")
    expect(page.locator("#active-filters")).to_contain_text("1 of 7 shown")
    expect(page).to_have_url("/audit/?q=calib")
    expect(field).to_be_focused()


def test_the_head_and_the_first_column_of_the_matrix_stay_in_sight(as_editor: Page) -> None:
    for number in range(30):
        put = Transition(f"State {number}", "some-event", (), "Failed")
        overrides.put(definition=seen("null"), key=None, transition=put, by=editor_author())
    page = opened(as_editor)
    box = page.locator(".matrix-scroll")
    head = page.locator(".matrix tbody th").first
    before = head.bounding_box()
    box.evaluate("each => each.scrollTo(2000, 0)")
    assert box.evaluate("each => each.scrollLeft") > 500
    assert head.bounding_box() == before
    page.set_viewport_size({"width": 1280, "height": 240})
    box.evaluate("each => each.scrollTo(0, 120)")
    assert box.evaluate("each => each.scrollTop") > 50
    top = box.evaluate("each => each.getBoundingClientRect().top")
    corner = page.locator(".matrix .corner").evaluate("each => each.getBoundingClientRect().top")
    assert abs(corner - top) <= 2


def test_on_paper_nothing_is_folded_or_cut_and_nothing_navigates(as_editor: Page) -> None:
    for number in range(2):
        put = Transition("Queued", f"event-{number}", (), "Failed")
        ideal = seen("std_calibration", "ideal")
        overrides.put(definition=ideal, key=None, transition=put, by=editor_author())
    page = opened(as_editor)
    sentence = page.get_by_text("now also does {AnnounceQa}.")
    expect(sentence).not_to_be_visible()
    page.emulate_media(media="print")
    expect(sentence).to_be_visible()
    for hidden in ("#header", "nav.primary", ".filters", ".downloads", ".filter", ".breadcrumbs"):
        expect(page.locator(hidden).first).to_be_hidden()
    for shown in (".matrix", ".audited", ".chart"):
        expect(page.locator(shown).first).to_be_visible()
    box = page.locator(".matrix-scroll")
    assert box.evaluate("each => getComputedStyle(each).overflow") == "visible"
    assert box.evaluate("each => getComputedStyle(each).maxHeight") == "none"
