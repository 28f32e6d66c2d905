"""The text mode: what is typed is drawn while it is typed."""

import re

from playwright.sync_api import Dialog, Page, expect

TEXT = "/capabilities/null/current/text/"


def test_the_picture_follows_what_is_typed_and_stays_while_it_cannot_be_read(
    as_editor: Page,
) -> None:
    page = as_editor
    page.goto(TEXT)
    typed = page.get_by_label("The machine")
    lines = typed.input_value()
    plan, picture = page.locator("#text-plan"), page.locator("#text-preview svg")

    typed.fill(f"{lines}[Failed] - <resume> {{no action}} -> [Queued again]\n")
    expect(picture).to_contain_text("Queued again")
    expect(plan).to_contain_text("1 override")
    expect(plan).to_contain_text("[Failed] - <resume> is added")

    typed.fill(f"{lines}[Failed - <resume>\n")
    expect(plan).to_contain_text("Line 5, column")
    expect(plan).to_have_class(re.compile("has-mistakes"))
    expect(picture).to_contain_text("Queued again")

    typed.fill(lines)
    expect(plan).to_contain_text("The machine stays as it is.")
    expect(picture).not_to_contain_text("Queued again")


def test_leaving_a_text_that_is_not_saved_asks_first(as_editor: Page) -> None:
    page = as_editor
    page.goto(TEXT)
    page.get_by_label("The machine").press("End")
    page.keyboard.type(" ")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", accept)
    page.goto("/log/")
    assert asked == ["beforeunload"]
