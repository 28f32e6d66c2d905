"""Notes beside the transitions: added, changed, moved and removed."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import notes, overrides
from capabilities.models import Capability, Note
from tests.factories import FAIL, PASS, head, last_entries, seen, state
from tests.html import Element, read
from tests.people import HTMX, VIEWER, client_of

from .answers import announced, as_asked, is_page, message, root, told

PAGE = "/capabilities/std_calibration/ideal/"
URL = f"{PAGE}notes/add/"
AT_FAIL = "source=Awaiting+QA&event=qa-fail"
BEA = Author(None, "bea", "test")


def one() -> Note:
    """The note that the seed has at `qa-pass` of the ideal."""
    return Note.objects.get(capability__name="std_calibration", text__startswith="Should we run")


def url_of(note: Note) -> str:
    return f"{PAGE}notes/{note.pk}/"


def form_of(tree: Element, note: Note | None = None) -> Element:
    """The form of a note, or of a new one, by its address."""
    return tree.one("form", action=url_of(note) if note else URL)


def write(
    editor: Client, url: str, data: Mapping[str, str], way: Mapping[str, str], said: str
) -> Any:
    if way is HTMX:
        response = editor.post(url, data, headers=way)
        assert response.status_code == 200
        assert root(response)["id"] == "notes"
        assert announced(response)
        assert told(response) == said
        return response
    response = editor.post(url, data)
    assert (response.status_code, response.headers["Location"]) == (302, f"{PAGE}#notes")
    response = editor.get(PAGE)
    assert message(response) == said
    return response


def test_a_note_is_added_to_the_whole_machine(editor: Client, way: Mapping[str, str]) -> None:
    before = head()
    response = write(editor, URL, {"text": "  Is <this> so?  "}, way, "Added the question.")
    added = Note.objects.get(text="Is <this> so?")
    assert (str(added.capability), added.kind, added.key) == ("std_calibration", "ideal", None)
    assert read(response).one(id="notes").one("ul", class_="notes").says("Is <this> so?")
    (entry,) = last_entries(before)
    assert (entry.actor, entry.way) == ("editor", "page")
    assert entry.summary == "Added a question to std_calibration ideal: Is <this> so?"


def test_a_note_is_added_at_a_transition(editor: Client, way: Mapping[str, str]) -> None:
    form = form_of(read(editor.get(PAGE)))
    offered = {each.text: each["value"] for each in form.all("option")}
    assert offered["the whole machine"] == ""
    data = {"text": "here", "place": offered["[Awaiting QA] - <qa-fail>"]}
    write(editor, URL, data, way, "Added the note.")
    assert Note.objects.get(text="here").key == FAIL


def test_a_note_is_changed(editor: Client, way: Mapping[str, str]) -> None:
    typed = form_of(read(editor.get(PAGE)), one()).typed
    assert typed["text"] == one().text
    note = one()
    data = {**typed, "text": "Yes", "verb": "change"}
    write(editor, url_of(note), data, way, "Changed the question.")
    note.refresh_from_db()
    assert (note.text, note.key) == ("Yes", PASS)


def test_a_note_is_moved_to_another_transition_and_to_none(
    editor: Client, way: Mapping[str, str]
) -> None:
    note = one()
    for place, key in ((AT_FAIL, FAIL), ("", None)):
        data = {"text": note.text, "place": place, "verb": "change"}
        write(editor, url_of(note), data, way, "Changed the question.")
        note.refresh_from_db()
        assert note.key == key


def test_a_note_is_removed(editor: Client, way: Mapping[str, str]) -> None:
    note = one()
    write(editor, url_of(note), {"verb": "remove"}, way, "Removed the note.")
    assert not Note.objects.filter(pk=note.pk).exists()


def test_an_ideal_that_is_the_same_as_current_takes_notes_and_stays_the_same(
    editor: Client,
) -> None:
    editor.post("/capabilities/null/ideal/notes/add/", {"text": "later"})
    assert Note.objects.get(text="later").kind == "ideal"
    assert read(editor.get("/capabilities/null/ideal/")).says("The ideal is the same as current.")


# -- refused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This field is required."),
        ("   ", "This field is required."),
        ("two\nlines", "a note is one line of text"),
        ("a\0b", "Null characters are not allowed."),
        ("a\x1bb", "unusable character U+001B"),
    ],
)
def test_a_text_that_cannot_be_a_note_is_refused_and_kept_with_its_place(
    editor: Client, way: Mapping[str, str], text: str, said: str
) -> None:
    before = state()
    for note in (None, one()):
        url = url_of(note) if note else URL
        response = editor.post(url, {"text": text, "place": AT_FAIL}, headers=way)
        assert response.status_code == 422
        form = form_of(as_asked(response, way, "notes"), note)
        assert form.one("ul", class_="errorlist").says(said)
        assert form.typed["text"] == text
        assert form.typed["place"] == AT_FAIL
        assert not announced(response)
    assert state() == before


@pytest.mark.parametrize("place", ["0", "source=Nowhere&event=resume", "\0", "x" * 10_000])
def test_a_place_that_is_not_there_is_refused_and_the_text_kept(
    editor: Client, way: Mapping[str, str], place: str
) -> None:
    before = state()
    response = editor.post(URL, {"text": "here", "place": place}, headers=way)
    assert response.status_code == 422
    form = form_of(as_asked(response, way, "notes"))
    assert form.one("ul", id="note-new-place_error").says("Select a valid choice")
    assert form.typed["text"] == "here"
    assert state() == before


def test_a_place_that_was_dropped_in_the_meantime_does_not_become_another_one(
    editor: Client,
) -> None:
    offered = form_of(read(editor.get(PAGE))).all("option")
    place = next(each for each in offered if each.text == "[Awaiting QA] - <qa-fail>")
    overrides.drop(definition=seen("std_calibration", "ideal"), key=PASS, by=BEA)
    response = editor.post(URL, {"text": "here", "place": place["value"]})
    assert Note.objects.get(text="here").key == FAIL
    assert response.status_code == 302


def test_a_note_keeps_its_place_when_its_transition_is_gone(editor: Client) -> None:
    overrides.drop(definition=seen("std_calibration", "ideal"), key=PASS, by=BEA)
    form = form_of(read(editor.get(PAGE)), one())
    note = one()
    editor.post(url_of(note), {**form.typed, "text": "Changed", "verb": "change"})
    note.refresh_from_db()
    assert (note.text, note.key) == ("Changed", PASS)


def test_a_refused_note_is_open_and_the_others_are_closed(editor: Client) -> None:
    note = one()
    tree = read(editor.post(url_of(note), {"text": ""}, headers=HTMX))
    opened = [each for each in tree.all("details") if "open" in each.attributes]
    assert [each.one("form")["action"] for each in opened] == [url_of(note)]


def test_what_was_typed_is_kept_when_somebody_removes_the_note_in_between(
    editor: Client, way: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = one()
    change = notes.change

    def change_late(**given: Any) -> Note:
        notes.remove(note=Note.objects.get(pk=note.pk), by=BEA)
        return change(**given)

    monkeypatch.setattr(notes, "change", change_late)
    response = editor.post(url_of(note), {"text": "typed"}, headers=way)
    assert response.status_code == 422
    form = form_of(as_asked(response, way, "notes"), note)
    assert form.one("ul", class_="errorlist").says("This note was removed in the meantime.")
    assert form.typed["text"] == "typed"


def test_two_people_do_not_overwrite_each_others_note(
    editor: Client, way: Mapping[str, str]
) -> None:
    note = one()
    typed = form_of(read(editor.get(PAGE)), note).typed
    notes.change(note=Note.objects.get(pk=note.pk), text="Faster", key=PASS, by=BEA)
    data = {**typed, "text": "Slower", "verb": "change"}
    response = editor.post(url_of(note), data, headers=way)
    assert response.status_code == 422
    form = form_of(as_asked(response, way, "notes"), note)
    said = "Somebody else changed this note in the meantime. It says now: Faster"
    assert form.one("ul", class_="errorlist").says(said)
    assert form.typed["text"] == "Slower"
    assert Note.objects.get(pk=note.pk).text == "Faster"
    write(editor, url_of(note), {**form.typed, "verb": "change"}, way, "Changed the question.")
    assert Note.objects.get(pk=note.pk).text == "Slower"


def test_a_note_of_another_machine_is_not_found(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    note = one()
    for owner in ("std_calibration/current", "null/ideal", "nobody/ideal"):
        url = f"/capabilities/{owner}/notes/{note.pk}/"
        for verb in ("change", "remove"):
            data = {"text": "mine", "verb": verb}
            assert editor.post(url, data, headers=way).status_code == 404
    assert state() == before


def test_a_note_on_a_machine_template_is_no_note_of_a_capability(editor: Client) -> None:
    note = Note.objects.filter(machine_template__isnull=False).first()
    assert note
    assert editor.post(url_of(note), {"verb": "remove"}).status_code == 404


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "9" * 5000])
def test_a_note_that_is_not_there_is_not_found(editor: Client, pk: str) -> None:
    assert editor.post(f"{PAGE}notes/{pk}/", {"verb": "remove"}).status_code == 404


def test_notes_are_only_posted(editor: Client) -> None:
    for url in (URL, url_of(one())):
        assert editor.get(url).status_code == 405
        assert editor.delete(url).status_code == 405


def test_a_viewer_reads_notes_and_writes_none(seed: object, way: Mapping[str, str]) -> None:
    before = state()
    viewer = client_of(VIEWER)
    for url in (URL, url_of(one())):
        assert viewer.post(url, {"text": "mine"}, headers=way).status_code == 403
    tree = read(viewer.get(f"{PAGE}notes/"))
    assert tree.says(one().text)
    assert not tree.all("form")
    assert state() == before


def test_a_capability_that_went_takes_no_note(editor: Client) -> None:
    Capability.objects.get(name="std_calibration").delete()
    response = editor.post(URL, {"text": "late"})
    assert response.status_code == 404
    assert is_page(response)
