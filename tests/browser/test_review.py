"""A change request as two people handle it: one proposes, by the keyboard, another one decides."""

from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from capabilities.models import Kind

from ..factories import effective
from ..reviewing import proposed

SignIn = Callable[[User], None]


def test_one_proposes_and_another_one_approves_and_applies(
    page: Page, editor: User, reviewer: User, sign_in: SignIn
) -> None:
    sign_in(editor)
    page.goto("/capabilities/std_calibration/")
    expect(page.locator("#propose-1")).to_be_checked()
    page.locator("#propose-2").focus()
    page.keyboard.press("Space")
    expect(page.locator("#propose-2")).not_to_be_checked()
    page.keyboard.press("Space")
    page.locator("#propose-these").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Title").fill("QA as it should be")
    page.get_by_label("Why").fill("As agreed.")
    expect(page.locator("#made-of")).to_contain_text("the same layers as the ideal")
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator("#why-not")).to_have_text(
        "Reviewers decide about change requests; you are not a reviewer."
    )
    expect(page.locator("#approve")).to_have_count(0)

    sign_in(reviewer)
    page.get_by_role("link", name="Change requests").first.click()
    page.get_by_role("link", name="QA as it should be").click()
    page.get_by_label("In words").fill("So it is.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".page-title .badge")).to_have_text("✓ approved")
    page.get_by_role("button", name="Apply it").click()
    expect(page.locator(".page-title .badge")).to_have_text("● applied")
    expect(page.locator("#history")).to_contain_text("So it is.")
    assert effective("std_calibration") == effective("std_calibration", Kind.IDEAL)


def test_a_reviewer_decides_by_the_keyboard_alone_and_hears_what_came_of_it(
    page: Page, reviewer: User, sign_in: SignIn
) -> None:
    def tab_to(id: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.locator(f"#{id}").evaluate("each => each === document.activeElement"):
                return
        raise AssertionError(id)

    sign_in(reviewer)
    page.goto(proposed().get_absolute_url())
    tab_to("refuse")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Say it in words.")).to_be_visible()
    expect(page.get_by_label("In words")).to_be_focused()
    page.keyboard.type("I have read it.")
    tab_to("approve")
    page.keyboard.press("Enter")
    expect(page.locator(".page-title .badge")).to_have_text("✓ approved")
    expect(page.locator(".messagelist")).to_be_focused()
    expect(page.locator(".messagelist")).to_contain_text("Approved change request")
    tab_to("apply")
    page.keyboard.press("Enter")
    expect(page.locator(".page-title .badge")).to_have_text("● applied")
    expect(page.locator(".messagelist")).to_be_focused()


def test_what_has_to_be_mended_is_in_sight_and_has_the_keyboard(
    page: Page, reviewer: User, sign_in: SignIn
) -> None:
    sign_in(reviewer)
    page.goto(proposed().get_absolute_url())
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_label("In words")).to_be_focused()
    expect(page.get_by_text("Say it in words.")).to_be_in_viewport()


def test_a_long_title_leaves_the_rest_of_the_list_in_sight(
    page: Page, reviewer: User, sign_in: SignIn
) -> None:
    proposed(title="As long as it may be " * 9)
    sign_in(reviewer)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/change-requests/")
    box = page.locator(".requests time").bounding_box()
    assert box
    assert box["x"] + box["width"] <= 1280


def test_what_is_typed_in_the_text_editor_is_proposed_and_not_saved(as_editor: Page) -> None:
    page = as_editor
    before = effective("null")
    page.goto("/capabilities/null/current/text/")
    page.get_by_role("button", name="Use the plain text box").click()
    page.locator("#id_text").fill("[Start] - <a> {no action} -> [Complete]\n")
    page.get_by_role("button", name="Propose it…").click()
    expect(page.get_by_label("The machine as it should be")).to_have_value(
        "[Start] - <a> {no action} -> [Complete]\n"
    )
    page.get_by_label("Title").fill("Much shorter")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Much shorter")
    assert effective("null") == before


def test_the_navigation_stands_in_one_line_on_a_usual_screen(as_editor: Page) -> None:
    page = as_editor
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(proposed().get_absolute_url())
    links = page.locator("nav.primary a").all()
    tops = {round(box["y"]) for each in links if (box := each.bounding_box())}
    assert len(tops) == 1
