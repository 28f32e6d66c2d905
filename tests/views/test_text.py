"""The text mode: a page, a preview that writes nothing, and saving."""

import pytest
from django.test import Client

from capabilities.machines.notation import render
from tests.factories import effective, head
from tests.html import read

PAGE = "/capabilities/std_calibration/current/text/"
PREVIEW = f"{PAGE}preview/"
HTMX = {"HX-Request": "true"}


def test_the_page_shows_the_whole_machine_with_its_notes(editor: Client) -> None:
    content = editor.get("/capabilities/std_calibration/ideal/text/").content.decode()
    assert "[Awaiting QA] - &lt;qa-pass&gt; {QaPass} -&gt; [Ingesting]" in content
    assert "-- Should we run QaFail on other versions" in content
    assert "The machine stays as it is." in content


def test_the_preview_tells_the_differences_and_the_overrides_and_writes_nothing(
    editor: Client,
) -> None:
    since = head()
    text = render(effective("std_calibration", "ideal"))
    answer = editor.post(PREVIEW, {"text": text, "version": "1"}, headers=HTMX)
    content = answer.content.decode()
    assert "[Awaiting QA] - &lt;qa-pass&gt; leads to [Ingesting] instead of [Complete]." in content
    assert "5 overrides" in content
    assert 'id="draft-s6"' in content  # Ingesting is drawn
    assert "<html" not in content
    assert head() == since


def test_a_draft_that_cannot_be_read_keeps_the_last_picture(editor: Client) -> None:
    answer = editor.post(PREVIEW, {"text": "[A - <b>\nprose"}, headers=HTMX)
    content = answer.content.decode()
    assert answer.status_code == 200
    assert "Line 1, column" in content
    assert "Line 2, column 1:" in content
    assert 'id="text-preview" hx-preserve="true"' in content


def test_without_scripts_the_preview_is_the_page_with_the_version_that_was_seen(
    editor: Client,
) -> None:
    answer = editor.post(PREVIEW, {"text": "[A] - <b> {QaPass} -> [C]", "version": "7"})
    tree = read(answer)
    assert tree.one("textarea", name="text").text.strip() == "[A] - <b> {QaPass} -> [C]"
    assert 'name="version" value="7"' in answer.content.decode()


def test_saving_leads_back_to_the_editor(editor: Client) -> None:
    text = render(effective("std_calibration", "ideal"))
    answer = editor.post(PAGE, {"text": text, "version": "1", "message": "why"}, follow=True)
    assert answer.redirect_chain == [("/capabilities/std_calibration/current/", 302)]
    assert "Saved the text of std_calibration current." in answer.content.decode()
    assert effective("std_calibration") == effective("std_calibration", "ideal")


@pytest.mark.parametrize("text", ["[A - <b>", "no transition at all"])
def test_a_text_with_mistakes_is_refused_and_given_back(editor: Client, text: str) -> None:
    before = effective("std_calibration")
    answer = editor.post(PAGE, {"text": text, "version": "1"})
    assert answer.status_code == 422
    tree = read(answer)
    assert tree.one("textarea", name="text").text.strip() == text
    assert tree.says("Nothing was saved.")
    assert tree.says("Line 1, column")
    assert effective("std_calibration") == before


def test_a_late_save_is_refused_with_what_was_typed_and_who_was_faster(editor: Client) -> None:
    text = render(effective("std_calibration", "ideal"))
    editor.post(PAGE, {"text": text, "version": "1"})
    answer = editor.post(PAGE, {"text": "[A] - <b> {QaPass} -> [C]", "version": "1"})
    assert answer.status_code == 409
    tree = read(answer)
    assert tree.one("textarea", name="text").text.strip() == "[A] - <b> {QaPass} -> [C]"
    assert tree.says("Edited the text of std_calibration current")
    assert effective("std_calibration") == effective("std_calibration", "ideal")
