"""Questions in a browser: answered in place, by keyboard, and told where else they are shown."""

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from .test_keyboard import tab_to

IDEAL = "/capabilities/std_calibration/ideal/"
URL = "/questions/"


def test_a_question_is_answered_by_keyboard_and_the_focus_stays_at_it(as_editor: Page) -> None:
    page = as_editor
    page.goto(URL)
    first = page.locator("li.question").first
    tab_to(page, first.locator("summary"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Yes.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Answered the question.")
    again = page.get_by_role("button", name="Open again the question Should we run QaFail")
    expect(again).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("The question is open again.")
    expect(page.locator("li.question summary").first).to_be_focused()


def test_what_is_refused_has_the_focus(as_editor: Page) -> None:
    page = as_editor
    page.goto(URL)
    second = page.locator("li.question").nth(1)
    second.locator("summary").click()
    second.get_by_label("Answer", exact=True).fill("two\nlines")
    second.get_by_role("button", name="Save the answer").click()
    expect(second.locator(".errorlist")).to_be_visible()
    expect(second.locator("textarea")).to_be_focused()


def test_when_an_answered_question_leaves_the_list_the_focus_goes_to_its_head(
    as_editor: Page,
) -> None:
    page = as_editor
    page.goto(f"{URL}?show=open&q=std_restore")
    page.locator("li.question summary").click()
    page.get_by_label("Answer", exact=True).fill("No.")
    page.get_by_role("button", name="Save the answer").click()
    expect(page.locator("#questions-count")).to_be_focused()
    expect(page.locator("li.question")).to_have_count(0)


def test_an_answer_in_the_editor_is_told_in_the_row_and_in_the_diagram(as_editor: Page) -> None:
    page = as_editor
    said: list[ConsoleMessage] = []
    page.on("console", lambda message: said.append(message))
    page.goto(IDEAL)
    expect(page.locator("#row-5")).to_contain_text("? 1 question")
    expect(page.locator("#diagram svg")).to_contain_text("qa-pass ?")
    page.locator("#change-6").click()  # a row that is open is told too
    page.locator("form.transition-form").wait_for()
    question = page.locator("#notes li").filter(has_text="Should we run QaFail")
    question.locator("summary").first.click()
    question.get_by_label("Answer", exact=True).fill("Yes.")
    question.get_by_role("button", name="Save the answer").click()
    expect(page.locator("#row-5")).to_contain_text("1 note")
    expect(page.locator("#row-5")).not_to_contain_text("question")
    expect(page.locator("#diagram svg")).not_to_contain_text("qa-pass ?")
    expect(page.locator("form.transition-form")).to_be_visible()
    assert [each.text for each in said if each.type in ("error", "warning")] == []


def test_a_mark_leads_to_its_question(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.locator("#row-5 a.noted").click()
    expect(page.locator("#notes li:target")).to_contain_text("Should we run QaFail")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_a_question_is_asked_answered_and_opened_again(as_editor: Page) -> None:
    page = as_editor
    page.goto(IDEAL)
    page.locator("#add-note").click()
    form = page.locator("form[action$='notes/add/']")
    form.get_by_label("Note").fill("Ask the operators.")
    form.get_by_label("It is").select_option("a question")
    form.get_by_label("Stands at").select_option("state Ingesting")
    form.get_by_label("Who is to find the answer").fill("ada")
    form.get_by_role("button", name="Add the note").click()
    expect(page.locator(".messagelist")).to_contain_text("Added the question.")
    page.get_by_role("link", name="Questions", exact=True).click()
    asked = page.locator("li.question").filter(has_text="Ask the operators.")
    expect(asked).to_contain_text("owner ada state [Ingesting]")
    asked.locator("summary").click()
    asked.get_by_label("Answer", exact=True).fill("They know it.")
    asked.get_by_role("button", name="Save the answer").click()
    expect(page.locator(".messagelist")).to_contain_text("Answered the question.")
    expect(asked).to_contain_text("✓ answer They know it. — ")
    asked.get_by_role("button", name="Open again").click()
    expect(asked).to_contain_text("? question")
