"""The text mode: a page, a preview that writes nothing, and saving."""

import json

import pytest
from django.test import Client

from capabilities.machines.notation import render
from tests.factories import definition, effective, head
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


def test_the_plan_says_in_words_what_each_override_does(editor: Client) -> None:
    lines = render(effective("null")).splitlines()
    changed = [
        lines[0],
        lines[3],
        lines[2].replace("[Complete]", "[Failed]"),
        "[Failed] - <resume> {QaPass} -> [Queued]",
        "-- Ask first.",
    ]
    tree = read(
        editor.post(
            PREVIEW.replace("std_calibration", "null"), {"text": "\n".join(changed)}, headers=HTMX
        )
    )
    told = [each.text for each in tree.one("dl", class_="told").all() if each.tag in ("dt", "dd")]
    assert told == [
        "drops",
        "[Queued] - <resume>",
        "overrides",
        "[Executing] - <workflow-complete>: {SendMessage execution_complete} "
        "{SendNotification workflow-complete} -> [Failed] instead of "
        "{SendMessage execution_complete} {SendNotification workflow-complete} -> [Complete], "
        "to after [Executing] - <workflow-failed>",
        "adds",
        "[Failed] - <resume> {QaPass} -> [Queued]",
    ]
    assert tree.says("The note “Ask first.” is added, at [Failed] - <resume>.")


def test_the_plan_names_overrides_that_are_no_longer_needed(editor: Client) -> None:
    page = PAGE.replace("std_calibration", "null")
    lines = render(effective("null"))
    added = f"{lines}[Failed] - <resume> {{QaPass}} -> [Queued]"
    editor.post(page, {"text": added, "version": "1"})
    tree = read(editor.post(f"{page}preview/", {"text": lines}, headers=HTMX))
    assert tree.says("0 overrides")
    assert tree.one("ul", class_="told").text == "[Failed] - <resume>"
    tree = read(editor.post(f"{page}preview/", {"text": added}, headers=HTMX))
    assert tree.all("ul", class_="told") == []


def test_pasting_the_ideal_stores_exactly_the_overrides_that_were_told(editor: Client) -> None:
    text = render(effective("std_calibration", "ideal"))
    tree = read(editor.post(PREVIEW, {"text": text}, headers=HTMX))
    told = [each.text for each in tree.one("dl", class_="told").all("dd")]
    editor.post(PAGE, {"text": text, "version": "1"})
    stored = [str(each.key) for each in definition("std_calibration").overrides.all()]
    assert len(told) == len(stored) == 5
    assert all(said.startswith(key) for said, key in zip(told, stored, strict=True))


def test_two_lines_exchanged_are_told_as_one_that_moves_and_are_kept(editor: Client) -> None:
    page = PAGE.replace("std_calibration", "null")
    lines = render(effective("null")).splitlines()
    lines[2:4] = lines[:1:-1]
    tree = read(editor.post(f"{page}preview/", {"text": "\n".join(lines)}, headers=HTMX))
    overrides = tree.one("dl", class_="told")
    assert [each.text for each in overrides.all("dt")] == ["moves"]
    (moved,) = overrides.all("dd")
    assert moved.text == ("[Executing] - <workflow-failed>, to after [Queued] - <resume>")
    editor.post(page, {"text": "\n".join(lines), "version": "1"})
    assert render(effective("null")).splitlines() == lines


def test_mistakes_and_findings_say_their_lines_to_the_editor(editor: Client) -> None:
    tree = read(editor.post(PREVIEW, {"text": "\n[A - <b>"}, headers=HTMX))
    (mistake,) = tree.all("a", href="#id_text")
    assert (mistake["data-line"], mistake["data-column"]) == ("2", "1")
    assert mistake["data-severity"] == "error"
    assert mistake["data-told"].startswith("expected “]”")

    text = f"-- first\n{render(effective('null'))}[Failed] - <resume> {{QaPassed}} -> [Queued]\n"
    tree = read(editor.post(PREVIEW, {"text": text}, headers=HTMX))
    told = {each["data-line"]: each["data-told"] for each in tree.all("a", href="#id_text")}
    assert "QaPassed" in told["6"]


def test_the_page_brings_the_known_names_for_the_editor(editor: Client) -> None:
    script = read(editor.get(PAGE)).one("script", id="known-words")
    assert script["type"] == "application/json"
    words = json.loads(script.raw)
    assert "Awaiting QA" in words["states"]
    assert "qa-fail" in words["events"]
    assert words["actions"]["SendMessage"] == "message"
    assert words["actions"]["QaPass"] == ""
    assert "execution_complete" in words["arguments"]["message"]
    assert "null" in words["arguments"]["workflow"]


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
