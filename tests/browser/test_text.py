"""The text mode: an editor over the form's text, and what is typed is drawn while it is typed."""

import re

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, expect

from capabilities.models import Override, Shelf
from tests.factories import definition, effective

from .pages import IDEAL, replace_text

TEXT = "/capabilities/null/current/text/"
CURRENT = "/capabilities/std_calibration/current/text/"

FIRST = "[Start] - <capability-submitted> {QueueWorkflow null} -> [Queued]"


@pytest.fixture
def text_mode(as_editor: Page) -> Page:
    """The text of `null`, open."""
    as_editor.goto(TEXT)
    return as_editor


def text_of(page: Page) -> str:
    """What stands in the form, which is what would be saved."""
    return page.locator("#id_text").input_value()


def edit(page: Page) -> None:
    """Go to the last line of the text."""
    page.locator("#text-editor .ace_text-input").focus()
    page.keyboard.press("Control+End")


def offered(page: Page) -> Locator:
    return page.locator(".ace_autocomplete .ace_line")


def marked(page: Page, kind: str) -> Locator:
    """The lines that the gutter marks, by their numbers."""
    return page.locator(f"#text-editor .ace_gutter-cell.ace_{kind}")


def test_the_picture_follows_what_is_typed_and_stays_while_it_cannot_be_read(
    text_mode: Page,
) -> None:
    page = text_mode
    lines = text_of(page)
    plan, picture = page.locator("#text-plan"), page.locator("#text-preview svg")

    replace_text(page, f"{lines}[Failed] - <resume> {{no action}} -> [Queued again]\n")
    expect(picture).to_contain_text("Queued again")
    expect(plan).to_contain_text("1 override")
    expect(plan).to_contain_text("[Failed] - <resume> is added")

    replace_text(page, f"{lines}[Failed - <resume>\n")
    expect(plan).to_contain_text("Line 5, column")
    expect(plan).to_have_class(re.compile("has-mistakes"))
    expect(picture).to_contain_text("Queued again")

    replace_text(page, lines)
    expect(plan).to_contain_text("The machine stays as it is.")
    expect(picture).not_to_contain_text("Queued again")


def test_what_is_typed_is_saved(text_mode: Page) -> None:
    page = text_mode
    edit(page)
    page.keyboard.type("[Failed] - <resume> {no action} -> [Queued]\n-- Ask first.")
    expect(page.locator("#text-plan")).to_contain_text("The note “Ask first.” is added")
    page.get_by_role("button", name="Save the text").click()
    page.wait_for_url("**/capabilities/null/current/")
    expect(page.locator("#row-5")).to_contain_text("added here")
    expect(page.locator("#notes")).to_contain_text("Ask first.")


def test_the_notation_is_coloured(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, f"{FIRST}\n-- [no] <state> here\n[a\\]b] - <c> {{no action}} -> [D] prose")
    line = page.locator("#text-editor .ace_line")
    expect(line.nth(0).locator(".ace_state")).to_have_text(["Start", "Queued"])
    expect(line.nth(0).locator(".ace_event")).to_have_text(["capability-submitted"])
    expect(line.nth(0).locator(".ace_action")).to_have_text(["QueueWorkflow"])
    expect(line.nth(1).locator(".ace_remark")).to_have_text(["-- [no] <state> here"])
    expect(line.nth(2).locator(".ace_escape")).to_have_text(["\\]"])
    expect(line.nth(2).locator(".ace_nothing")).to_have_text(["{no action}"])
    expect(line.nth(2).locator(".ace_stray")).to_have_text(["prose"])


def test_the_colours_follow_the_theme(text_mode: Page) -> None:
    page = text_mode
    background = "element => getComputedStyle(element).backgroundColor"
    editor = page.locator("#text-editor")
    light = editor.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert editor.evaluate(background) != light
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert editor.evaluate(background) == light


# -- names are offered


def test_names_are_offered_by_their_place_and_taken_by_enter(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, f"{FIRST}\n[Made up] - <by-hand> {{no action}} -> [Queued]\n")
    edit(page)
    page.keyboard.type("[Ma")
    expect(offered(page)).to_have_text([re.compile("Made up.*here")])
    page.keyboard.press("Enter")
    page.keyboard.type(" - <workflow-c")
    expect(offered(page)).to_have_text([re.compile("workflow-complete.*known")])
    page.keyboard.press("Enter")
    page.keyboard.type(" {SendNot")
    expect(offered(page)).to_have_text([re.compile("SendNotification")])
    page.keyboard.press("Enter")
    expect(offered(page)).to_have_text(
        [re.compile("SendNotification workflow-(complete|failed)")] * 2
    )
    page.keyboard.press("Enter")
    page.keyboard.type(" -> [Compl")
    expect(offered(page)).to_have_text([re.compile("Complete")])
    page.keyboard.press("Enter")
    last = text_of(page).splitlines()[-1]
    assert last == (
        "[Made up] - <workflow-complete> {SendNotification workflow-complete} -> [Complete]"
    )


def test_names_are_offered_when_asked_and_replace_the_whole_name(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, "[Start] - <resume> {QaPass} -> [Quite wrong]")
    edit(page)
    for _ in "ite wrong]":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Space")
    expect(offered(page).first).to_contain_text("Queued")
    page.keyboard.press("Enter")
    assert text_of(page) == "[Start] - <resume> {QaPass} -> [Queued]"


def test_a_name_with_brackets_is_offered_as_it_is_written(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, "[Odd \\] one] - <resume> {QaPass} -> [Queued]\n[Od")
    expect(offered(page)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_text")).to_have_value(re.compile(r"\n\[Odd \\\] one\]$"))


def test_nothing_is_offered_in_a_remark(text_mode: Page) -> None:
    page = text_mode
    edit(page)
    page.keyboard.type("-- [Qu")
    expect(page.locator("#text-plan")).to_contain_text("The note “[Qu” is added")
    expect(offered(page)).to_have_count(0)


# -- mistakes and findings at their places


def test_mistakes_are_marked_in_the_gutter_and_their_list_leads_there(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, f"{FIRST}\n[Queued - <a>\n-- fine\n[🔭] - <b {{QaPass}} -> [C]")
    expect(marked(page, "error")).to_have_text(["2", "4"])
    marked(page, "error").first.locator(".ace_icon").hover()
    expect(page.locator(".ace_gutter-tooltip, .ace_tooltip").first).to_contain_text("expected “]”")

    page.get_by_role("link", name="Line 4, column").click()
    expect(page.locator("#text-editor .ace_text-input")).to_be_focused()
    page.keyboard.type(">")
    assert text_of(page).splitlines()[3] == "[🔭] - <b >{QaPass} -> [C]"


def test_findings_are_marked_too_and_marks_go_when_it_is_mended(text_mode: Page) -> None:
    page = text_mode
    lines = text_of(page)
    replace_text(page, f"{lines}[Failed] - <resume> {{QaPassed}} -> [Queued]\n")
    expect(marked(page, "warning").or_(marked(page, "error"))).to_have_text(["5"])
    page.locator("#text-plan .findings a[data-line]").first.click()
    expect(page.locator("#text-editor .ace_text-input")).to_be_focused()
    replace_text(page, lines)
    expect(marked(page, "warning").or_(marked(page, "error"))).to_have_count(0)


# -- the plan


def test_pasting_the_ideal_over_the_current_machine_says_the_fewest_overrides_and_saves_them(
    as_editor: Page,
) -> None:
    page = as_editor
    page.goto(f"{IDEAL}text/")
    ideal = text_of(page)
    page.goto(CURRENT)
    replace_text(page, ideal)
    overrides = page.locator("#text-plan dl.told")
    expect(overrides.locator("dt")).to_have_text(["overrides", "adds"])
    told = [
        "[Executing] - <workflow-complete>",
        "[Awaiting QA] - <qa-pass>",
        "[Awaiting QA] - <qa-fail>",
        "[Ingesting] - <workflow-complete>",
        "[Ingesting] - <workflow-failed>",
    ]
    expect(overrides.locator("dd")).to_contain_text(told)
    page.get_by_role("button", name="Save the text").click()
    page.wait_for_url("**/capabilities/std_calibration/current/")
    stored = definition("std_calibration").overrides.all()
    assert [str(each.key) for each in stored] == told
    assert definition("std_calibration").machine(Shelf()) == effective("std_calibration", "ideal")


def test_reordering_alone_is_told_and_kept(text_mode: Page) -> None:
    page = text_mode
    lines = text_of(page).splitlines()
    lines[2], lines[3] = lines[3], lines[2]
    page.locator("#text-editor .ace_text-input").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Alt+ArrowUp")  # moves the line
    overrides = page.locator("#text-plan dl.told")
    expect(overrides.locator("dt")).to_have_text(["moves"])
    expect(overrides.locator("dd")).to_have_count(1)
    page.get_by_role("button", name="Save the text").click()
    page.wait_for_url("**/capabilities/null/current/")
    page.goto(TEXT)
    assert text_of(page).splitlines() == lines
    assert Override.objects.filter(definition__capability__name="null").count() == 1


# -- by keyboard, and without the editor


def test_the_keyboard_comes_in_and_out(text_mode: Page) -> None:
    page = text_mode
    page.locator(".ace_scroller").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#text-editor .ace_text-input")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("#plain-text")).to_be_focused()


def test_the_plain_text_box_is_remembered_and_works(text_mode: Page) -> None:
    page = text_mode
    box = page.locator("#id_text")
    page.get_by_role("button", name="Use the plain text box").click()
    expect(box).to_be_visible()
    page.reload()
    expect(box).to_be_visible()
    expect(page.locator("#text-editor")).to_be_hidden()
    box.fill(f"{FIRST}\n[A] - <b> prose")
    page.get_by_role("link", name="Line 2, column 11").click()
    expect(box).to_be_focused()
    page.keyboard.type("{QaPass} -> [C] ")
    expect(box).to_have_value(f"{FIRST}\n[A] - <b> {{QaPass}} -> [C] prose")

    page.get_by_role("button", name="Use the editor").click()
    expect(page.locator("#text-editor .ace_line").nth(1)).to_contain_text("prose")
    expect(box).to_be_hidden()


def test_finding_works_under_the_policy(text_mode: Page) -> None:
    page = text_mode
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hear)
    edit(page)
    page.keyboard.press("Control+F")
    expect(page.locator(".ace_search_field").first).to_be_focused()
    page.keyboard.type("Queued")
    expect(page.locator(".ace_search_counter")).to_have_text(re.compile(r"of [1-9]"))
    assert said == []


def test_leaving_a_text_that_is_not_saved_asks_first(text_mode: Page) -> None:
    page = text_mode
    edit(page)
    page.keyboard.type(" ")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", accept)
    page.goto("/log/")
    assert asked == ["beforeunload"]


def test_a_refused_text_is_still_guarded(text_mode: Page) -> None:
    page = text_mode
    replace_text(page, "[A - <b>")
    page.get_by_role("button", name="Save the text").click()
    expect(page.locator("#refusal")).to_contain_text("Nothing was saved")
    assert text_of(page) == "[A - <b>"
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.locator("#id_message").click()  # a browser asks only who did something on the page
    page.once("dialog", accept)
    page.goto("/log/")
    assert asked == ["beforeunload"]
