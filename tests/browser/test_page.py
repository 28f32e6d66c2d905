"""What a browser shows and tells: quiet console, small screens, the picture, unsaved typing."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import ConsoleMessage, Dialog, Page, expect

from .conftest import Visit
from .pages import IDEAL, PAGES, QA, REFUSED, open_form, type_actions

SMALL = {"width": 390, "height": 844}
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


# -- every page


@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_and_fits_a_small_screen(name: str, visit: Visit) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        answered = name in REFUSED and message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not answered:
            said.append(message.text)

    def set_up(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.set_viewport_size(SMALL)  # type: ignore[arg-type]

    page = visit(name, set_up)
    assert said == []
    assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("path", [IDEAL, QA])
def test_on_a_small_screen_every_control_of_a_row_is_in_sight(as_editor: Page, path: str) -> None:
    page = as_editor
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto(path)
    for control in page.locator("#row-6 :is(a, button)").all():
        box = control.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SMALL["width"]
        assert box["height"] >= 24


def test_a_picture_that_is_too_wide_for_a_small_screen_begins_in_its_middle(
    as_editor: Page,
) -> None:
    page = as_editor
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    page.goto("/capabilities/std_calibration/")
    start = page.locator("#compared-picture").get_by_text("Start", exact=True).bounding_box()
    assert start
    assert 0 < start["x"] < SMALL["width"] - start["width"]


def test_long_names_hide_nothing(as_editor: Page) -> None:
    page, name = as_editor, "x" * 100
    page.goto("/new-capability/")
    page.locator("#id_name").fill(name)
    page.get_by_role("button", name="Add the capability").click()
    page.locator("#add-transition").click()
    page.get_by_label("Source", exact=True).fill("Start")
    page.get_by_label("Event", exact=True).fill("go")
    page.get_by_label("Target", exact=True).fill("Y" * 60)
    page.locator("#save-transition").click()
    expect(page.locator("#row-5")).to_be_visible()
    editor = f"/capabilities/{name}/current/"
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("#drop-5")).to_be_in_viewport(ratio=1)
    page.goto("/")
    expect(page.locator("table.list tr:last-child td:last-child")).to_be_in_viewport(ratio=1)
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    for path in (editor, f"{editor}text/", f"/capabilities/{name}/", "/", "/export/"):
        page.goto(path)
        assert page.evaluate(OVERFLOW) <= 0, path


def test_what_is_done_with_a_long_plan_is_near(as_editor: Page) -> None:
    page = as_editor
    line = "[Start] - <go> {QueueWorkflow std_%d} -> [Complete]"
    page.goto("/import/")
    page.locator("#id_text").fill("\n\n".join(f"std_{n}\n{line % n}" for n in range(60)))
    page.get_by_role("button", name="Show the plan").click()
    _is_near(page, "Import it")
    page.get_by_role("button", name="Import it").click()
    page.get_by_text("60 new").wait_for()
    names = "&".join(f"name=std_{n}" for n in range(60))
    page.goto(f"/many/?kind=current&what=use&{names}")
    page.get_by_label("Machine template", exact=True).select_option("Simple run-workflow")
    page.get_by_role("button", name="Show the plan").click()
    _is_near(page, "Do it")


def _is_near(page: Page, button: str) -> None:
    box = page.get_by_role("button", name=button).bounding_box()
    assert box
    assert box["y"] < 2 * page.evaluate("innerHeight")


# -- the picture


def test_row_and_edge_light_each_other(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.locator("#row-3").hover()
    expect(page.locator("#diagram-t3")).to_contain_class("lit")
    page.locator("#diagram-t5 text").first.hover()
    expect(page.locator("#row-5")).to_contain_class("lit")
    expect(page.locator("#diagram-t3")).not_to_contain_class("lit")
    page.locator("#change-2").focus()
    expect(page.locator("#diagram-t2")).to_contain_class("lit")


def test_clicking_an_edge_leads_to_its_row(as_viewer: Page) -> None:
    page = as_viewer
    page.goto(IDEAL)
    page.locator("#diagram-t6 text").first.click()
    expect(page.locator("#row-6")).to_be_focused()
    expect(page.locator("#row-6")).to_be_in_viewport()


def test_clicking_an_edge_of_a_comparison_opens_the_table(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/std_calibration/")
    row = page.locator("#row-1")
    expect(row).to_be_hidden()
    page.locator("#diagram-t1 text").first.click()
    expect(row).to_be_focused()


def test_a_row_of_a_comparison_lights_both_edges_of_a_retargeting(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/std_calibration/")
    retargeted = page.locator("tr", has_text="retargeted")
    number = retargeted.get_attribute("data-edge")
    retargeted.hover()
    expect(page.locator(f"#diagram-t{number}")).to_contain_class("lit")
    expect(page.locator(f"#diagram-t{number}t0")).to_contain_class("lit")


def test_one_side_is_shown_in_place_and_nothing_jumps(as_viewer: Page) -> None:
    page = as_viewer
    page.goto("/capabilities/std_calibration/")
    start = page.locator("#diagram-s1 path").first
    before = start.bounding_box()
    added = page.locator("#compared-picture .edge.added")
    expect(added).to_have_count(2)
    page.get_by_role("link", name="Only current").click()
    expect(added).to_have_count(0)
    expect(page).to_have_url(re.compile(r"show=old$"))
    expect(page.get_by_role("link", name="Only current")).to_be_focused()
    assert start.bounding_box() == before
    page.get_by_role("link", name="Both").click()
    expect(added).to_have_count(2)
    page.go_back()
    expect(added).to_have_count(0)


def test_the_picture_is_enlarged_and_fitted(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    fitted = _width(page)
    page.get_by_role("button", name="Larger").click()
    larger = _width(page)
    assert larger > fitted * 1.2
    page.get_by_role("button", name="Smaller").click()
    assert _width(page) < larger
    page.get_by_role("button", name="Larger").click(click_count=3)
    page.get_by_role("button", name="Fit").click()
    assert _width(page) == pytest.approx(fitted)


def _width(page: Page) -> float:
    width: float = page.locator("#diagram svg").evaluate("svg => svg.getBoundingClientRect().width")
    return width


# -- what was typed


def test_leaving_with_unsaved_typing_asks(as_editor: Page) -> None:
    page = as_editor
    asked = _answer(page, accept=True)
    _type_a_target(page)
    page.goto("/log/")
    assert asked == ["beforeunload"]


def test_leaving_without_typing_does_not_ask(as_editor: Page) -> None:
    page = as_editor
    asked = _answer(page, accept=True)
    open_form(page)
    page.goto("/log/")
    assert asked == []


def test_opening_another_row_asks(as_editor: Page) -> None:
    page = as_editor
    asked = _answer(page, accept=False)
    _type_a_target(page)
    page.locator("#change-2").click()
    assert asked == ["confirm"]
    expect(page.get_by_label("Target")).to_have_value("Queued")


def test_opening_another_row_goes_on_if_one_wants(as_editor: Page) -> None:
    page = as_editor
    _answer(page, accept=True)
    _type_a_target(page)
    page.locator("#change-2").click()
    expect(page.get_by_label("Source")).to_have_value("Queued")


def test_saving_does_not_ask(as_editor: Page) -> None:
    page = as_editor
    asked = _answer(page, accept=True)
    _type_a_target(page)
    page.locator("#save-transition").click()
    expect(page.locator("#row-6 .chip")).to_have_text("overridden here")
    page.goto("/log/")
    assert asked == []


def test_a_refusal_keeps_what_was_typed_and_still_guards_it(as_editor: Page) -> None:
    page = as_editor
    asked = _answer(page, accept=True)
    _type_a_target(page)
    type_actions(page, "{QaFail")
    page.get_by_label("Reason").fill("because")
    page.locator("#save-transition").click()
    expect(page.locator("#refusal")).to_contain_text("Nothing was saved")
    for label, text in (
        ("Target", "Queued"),
        ("Actions in the notation", "{QaFail"),
        ("Reason", "because"),
    ):
        expect(page.get_by_label(label)).to_have_value(text)
    page.goto("/log/")
    assert asked == ["beforeunload"]


def test_a_conflict_keeps_what_was_typed_though_the_row_is_gone(as_editor: Page) -> None:
    page = as_editor
    page.goto("/capabilities/std_calibration/current/")
    page.locator("#change-6").click()
    page.get_by_label("Target").fill("Queued")
    other = page.context.new_page()
    other.goto("/capabilities/std_calibration/current/")
    other.locator("#drop-6").click()
    expect(other.locator("#row-6")).to_have_count(0)
    other.close()
    page.locator("#save-transition").click()
    expect(page.locator("#refusal")).to_contain_text("Nothing was overwritten")
    expect(page.locator(".merge-form")).to_contain_text("not there")
    expect(page.get_by_label("Mine")).to_be_checked()
    page.locator("#save-choice").click()
    expect(page.locator("#row-6 .chip")).to_have_text("added here")


def _type_a_target(page: Page) -> None:
    open_form(page)
    page.get_by_label("Target").fill("Queued")


def _answer(page: Page, *, accept: bool) -> list[str]:
    """Answer every question of the browser, and list the kinds of them."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if accept:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    return asked


# -- when the server does not do it


def test_a_server_that_does_not_answer_is_told(as_editor: Page) -> None:
    page = as_editor
    _type_a_target(page)
    page.route("**/transitions/", lambda route: route.abort())
    page.locator("#save-transition").click()
    expect(page.locator("#trouble")).to_contain_text("nothing was saved")
    expect(page.locator("#trouble")).to_be_in_viewport()
    expect(page.get_by_label("Target")).to_have_value("Queued")

    page.unroute("**/transitions/")
    page.locator("#save-transition").click()
    expect(page.locator("#row-6 .chip")).to_have_text("overridden here")
    expect(page.locator("#trouble")).to_be_empty()


def test_what_was_told_goes_when_the_next_thing_is_refused(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.locator("#drop-6").click()
    expect(page.locator("#status")).to_have_text("Dropped [Awaiting QA] - <qa-fail>.")
    page.locator("#add-transition").click()
    page.get_by_label("Source").fill("Queued")
    page.get_by_label("Event").fill("<")
    page.get_by_label("Target").fill("Failed")
    type_actions(page, "{QaFail")
    page.locator("#save-transition").click()
    expect(page.locator("#refusal")).to_be_visible()
    expect(page.locator("#status")).to_be_empty()


def test_a_session_that_ended_leads_to_the_login_page(as_editor: Page) -> None:
    page = as_editor
    open_form(page)
    Session.objects.all().delete()
    page.locator("#cancel-transition").click()
    page.wait_for_url("**/admin/login/?next=/capabilities/std_calibration/ideal/")
    expect(page.locator("#login-form")).to_be_visible()
    expect(page.locator("#machine")).to_have_count(0)
