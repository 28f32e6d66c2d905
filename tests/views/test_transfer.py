"""Import, by a plan first; and export."""

import datetime
import json
from collections.abc import Mapping

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import capabilities, overrides
from capabilities.deployment import fixtures
from capabilities.deployment.formats import FORMATS
from capabilities.deployment.selection import Selection
from capabilities.machines.page import parse_page
from capabilities.models import AuditEntry, Capability, Kind
from tests.drifted import THREE, dump, one_broken
from tests.factories import NAMES, RESUME, SEED_TEXT, effective, head, seen, state
from tests.html import Element, read
from tests.people import EDITOR, STAFF, VIEWER, client_of

from .answers import message

BEA = Author(None, "bea", "test")
SIMPLE_LINES = SEED_TEXT.partition("\nnull\n\n")[2].partition("\nnull_dag\n")[0]
PAGE = f"""std_new

{SIMPLE_LINES.strip().replace("null", "std_new")}
-- Is <this> so?

restore_cms

[Start] - <capability-submitted> {{QueueWorkflow restore_cms}} -> [Complete]
"""
MISTAKEN = """std_new

[Start] - <capability-submitted> {QueueWorkflow std_new} -> Queued
[Queued] <resume> {ExecuteWorkflow std_new} -> [Executing]
[Executing] - <workflow-complete> {no action} {QaPass} -> [Complete]
"""


def form_of(tree: Element) -> Element:
    return tree.one("form", class_="page-form")


def planned(tree: Element) -> dict[str, str]:
    """What the plan says happens to each machine that it names."""
    rows = tree.one(id="plan").one("tbody").all("tr")
    return {row.one("th").text: row.one("span", class_="badge").text for row in rows}


# -- import


def test_the_page_asks_for_a_text_or_a_file(editor: Client) -> None:
    form = form_of(read(editor.get("/import/")))
    assert form["enctype"] == "multipart/form-data"
    assert {"text", "file"} <= set(form.typed)


def test_a_text_is_planned_and_nothing_is_done(editor: Client) -> None:
    before = state()
    response = editor.post("/import/", {"text": PAGE, "verb": "plan"})
    assert response.status_code == 200
    tree = read(response)
    found = planned(tree)
    assert found["std_new current"] == "new"
    assert found["restore_cms current"] == "changed"
    assert tree.one(id="plan").says("Simple run-workflow")
    assert tree.one(id="plan").says("1 new")
    assert tree.one(id="plan").says("Is <this> so?")
    assert form_of(tree).typed["text"] == PAGE
    assert state() == before


def test_a_plan_is_carried_out(editor: Client) -> None:
    before = head()
    form = form_of(read(editor.post("/import/", {"text": PAGE})))
    posted = {**form.typed, "verb": "import", "message": "the new page"}
    del posted["file"]
    response = editor.post("/import/", posted, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert message(response).startswith("Imported pasted text: 1 new, 1 changed")
    assert len(effective("std_new")) == 4
    assert len(effective("restore_cms")) == 1
    entries = AuditEntry.objects.filter(sequence__gt=before)
    assert {(each.actor, each.way, each.message) for each in entries} == {
        ("editor", "page", "the new page")
    }


def test_a_file_is_planned_and_imported_under_its_name(editor: Client) -> None:
    upload = SimpleUploadedFile("page.txt", PAGE.encode())
    form = form_of(read(editor.post("/import/", {"text": "left over", "file": upload})))
    assert form.typed["text"] == PAGE
    assert form.typed["source"] == "page.txt"
    posted = {**form.typed, "verb": "import"}
    del posted["file"]
    editor.post("/import/", posted)
    assert AuditEntry.objects.filter(summary="Imported page.txt").exists()


def test_the_seed_goes_in_whole_through_the_page(db: None) -> None:
    editor = client_of(EDITOR)
    form = form_of(read(editor.post("/import/", {"text": SEED_TEXT})))
    posted = {**form.typed, "verb": "import"}
    del posted["file"]
    assert editor.post("/import/", posted).status_code == 302
    assert list(Capability.objects.values_list("name", flat=True)) == list(NAMES)


def test_what_is_there_already_has_nothing_to_import(editor: Client) -> None:
    tree = read(editor.post("/import/", {"text": SEED_TEXT}))
    assert tree.one(id="plan").says("Everything in the text is here already")
    assert not [each for each in tree.all("button") if each["value"] == "import"]
    assert "message" not in form_of(tree).typed


def test_a_fixture_is_planned_and_imported_as_well(editor: Client) -> None:
    text = fixtures.dump(Selection())
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    tree = read(editor.post("/import/", {"text": text}))
    assert planned(tree)["null current"] == "changed"
    posted = {**form_of(tree).typed, "verb": "import"}
    del posted["file"]
    editor.post("/import/", posted)
    assert RESUME in effective("null").by_key


def test_three_mistakes_are_told_with_line_column_and_caret_and_the_text_given_back(
    editor: Client,
) -> None:
    before = state()
    response = editor.post("/import/", {"text": MISTAKEN, "verb": "import", "head": str(head())})
    assert response.status_code == 422
    tree = read(response)
    assert tree.one(id="plan-title").text == "3 errors: nothing was imported"
    told = tree.one("ol", class_="mistakes").all("li")
    assert [each.one("strong").text for each in told] == [
        "Line 3, column 61:",
        "Line 4, column 10:",
        "Line 5, column 35:",
    ]
    assert told[0].says("expected “[” before the target state, found “Q”")
    assert told[1].says("expected “-” between the source state and the event, found “<”")
    assert told[2].says("{no action} means that nothing is done")
    shown = told[1].one("pre").raw
    assert shown.split("\n") == [f"    {MISTAKEN.splitlines()[3]}", f"    {' ' * 9}^"]
    assert form_of(tree).typed["text"] == MISTAKEN
    assert not form_of(tree).typed.get("head")
    assert state() == before


def test_a_text_without_a_machine_is_refused(editor: Client) -> None:
    before = state()
    response = editor.post("/import/", {"text": "hello\nworld\n"})
    assert response.status_code == 422
    assert read(response).says("no machine is found")
    assert state() == before


def test_rows_are_planned_and_imported_as_current_machines(editor: Client) -> None:
    assert read(editor.get("/import/")).says("or rows for Workspaces as JSON.")
    response = editor.post("/import/", {"text": dump(*THREE), "verb": "plan"})
    assert response.status_code == 200
    tree = read(response)
    assert planned(tree) == {"null current": "changed", "test_download current": "changed"}
    told = tree.one(id="plan-warnings").text
    assert "SimpleStateMachine does not write exactly this machine" in told
    posted = {**form_of(tree).typed, "verb": "import"}
    del posted["file"]
    assert editor.post("/import/", posted).status_code == 302
    assert len(effective("null")) == 5


def test_broken_rows_are_told_by_their_place_in_a_table(editor: Client) -> None:
    before = state()
    response = editor.post("/import/", {"text": dump(*THREE, one_broken)})
    assert response.status_code == 422
    (told,) = read(response).one("ol", class_="mistakes").all("li")
    assert told.text.startswith("capability_state_actions, row 43, column transition_id: 777 names")
    assert state() == before


def test_a_zip_is_refused_at_its_field(editor: Client) -> None:
    upload = SimpleUploadedFile("rows.zip", b"PK\x03\x04\xff")
    response = editor.post("/import/", {"file": upload})
    assert response.status_code == 422
    assert form_of(read(response)).one("ul", id="id_file_error").text == (
        "rows.zip is a zip. Unpack it; the page Drift takes a zip of rows."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"model": "auth.user", "fields": {}}]', "“auth.user” is not imported"),
        ('[{"model": "auth.permission", "fields": {}}]', "row 1 of the fixture: “auth.permission”"),
        ('[{"model": "sessions.session", "fields": {}}]', "“sessions.session” is not imported"),
        ('[{"model": "capabilities.auditentry", "fields": {}}]', "is not imported"),
        ('[{"model": "capabilities.term", "fields": {"x": 1}}]', "capabilities.term has no “x”"),
        ('[{"model": "capabilities.term", "pk": 1, "fields": {}}]', "expected no “pk”"),
        ('[{"model": ', "expected JSON"),
    ],
)
def test_a_fixture_that_is_none_of_ours_is_refused(editor: Client, text: str, said: str) -> None:
    before = state()
    response = editor.post("/import/", {"text": text})
    assert response.status_code == 422
    assert read(response).one("ol", class_="mistakes").says(said)
    assert form_of(read(response)).typed["text"] == text
    assert state() == before


def test_a_plan_that_is_outdated_is_refused_and_made_anew(editor: Client) -> None:
    form = form_of(read(editor.post("/import/", {"text": PAGE})))
    overrides.drop(definition=seen("null"), key=RESUME, by=BEA)
    before = state()
    posted = {**form.typed, "verb": "import", "message": "mine"}
    del posted["file"]
    response = editor.post("/import/", posted)
    assert response.status_code == 409
    tree = read(response)
    assert tree.one(role="alert", class_="refusal").says("Nothing was imported")
    assert planned(tree)["std_new current"] == "new"
    typed = form_of(tree).typed
    assert (typed["text"], typed["message"], typed["head"]) == (PAGE, "mine", str(head()))
    assert state() == before
    del typed["file"]
    assert editor.post("/import/", {**typed, "verb": "import"}).status_code == 302


def test_without_a_plan_that_somebody_saw_nothing_is_imported(editor: Client) -> None:
    before = state()
    response = editor.post("/import/", {"text": PAGE, "verb": "import"})
    assert response.status_code == 200
    assert read(response).one(id="plan").says("1 new")
    assert state() == before


def test_a_file_that_is_no_text_in_utf_8_is_refused_at_its_field_and_the_text_kept(
    editor: Client,
) -> None:
    before = state()
    upload = SimpleUploadedFile("pägé.txt", b"ab\xff")
    response = editor.post("/import/", {"text": "typed", "file": upload})
    assert response.status_code == 422
    form = form_of(read(response))
    said = form.one("ul", id="id_file_error").text
    assert said == "pägé.txt is no text in UTF-8 (byte 3)."
    assert form.typed["text"] == "typed"
    assert state() == before


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({}, "", "Paste a text or choose a file."),
        ({"text": " \n"}, "", "Paste a text or choose a file."),
        ({"text": "a\0b"}, "text", "Null characters are not allowed."),
        ({"text": PAGE, "message": "x" * 501}, "message", "at most 500 characters"),
        ({"text": PAGE, "head": "x"}, "head", "Enter a whole number."),
        ({"text": PAGE, "source": "a\0b"}, "source", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_imported_is_refused_at_its_field(
    editor: Client, data: Mapping[str, str], field: str, said: str
) -> None:
    before = state()
    response = editor.post("/import/", data)
    assert response.status_code == 422
    lists = form_of(read(response)).all("ul", class_="errorlist")
    assert [each.text.startswith(said) or said in each.text for each in lists] == [True]
    if field and lists[0]["id"]:
        assert lists[0]["id"] == f"id_{field}_error"
    assert form_of(read(response)).typed["text"] == data.get("text", "")
    assert state() == before


def test_a_file_with_a_nul_is_refused_with_its_line(editor: Client) -> None:
    upload = SimpleUploadedFile("page.txt", b"one\ntwo \0\n")
    form = form_of(read(editor.post("/import/", {"file": upload})))
    said = form.one("ul", id="id_file_error").text
    assert said == "Line 2 has the unusable character U+0000."


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_the_import_takes_only_its_methods(editor: Client, method: str) -> None:
    assert getattr(editor, method)("/import/").status_code == 405


def test_a_viewer_may_not_import_nor_see_a_plan(seed: object) -> None:
    before = state()
    viewer = client_of(VIEWER)
    assert viewer.get("/import/").status_code == 403
    assert viewer.post("/import/", {"text": PAGE}).status_code == 403
    assert state() == before


# -- export


def test_the_page_offers_each_format_and_capability(viewer: Client) -> None:
    form = form_of(read(viewer.get("/export/")))
    buttons = [each["value"] for each in form.all("button", name="format")]
    assert buttons == list(FORMATS)
    assert [each.text for each in form.all("h2")] == [
        "To bring in again",
        "For other systems",
        "As data",
        "As pictures",
    ]
    assert form.says("The W3C's state charts, for a program that runs or checks them.")
    boxes = [each["value"] for each in form.all("input", name="capability")]
    assert boxes == list(NAMES)
    assert [each["value"] for each in form.one("select").all("option")] == ["", *Kind.values]


@pytest.mark.parametrize(
    ("format_name", "suffix", "content_type"),
    [
        ("fixture", "json", "application/json; charset=utf-8"),
        ("notation", "txt", "text/plain; charset=utf-8"),
        ("markdown", "md", "text/markdown; charset=utf-8"),
        ("workspaces-sql", "sql", "application/sql; charset=utf-8"),
        ("workspaces-json", "json", "application/json; charset=utf-8"),
        ("mermaid", "zip", "application/zip"),
        ("sphinx", "zip", "application/zip"),
        ("python", "py", "text/x-python; charset=utf-8"),
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("json", "json", "application/json; charset=utf-8"),
        ("png", "zip", "application/zip"),
    ],
)
def test_each_format_is_a_file_with_the_date_in_its_name(
    viewer: Client, format_name: str, suffix: str, content_type: str
) -> None:
    with time_machine.travel(
        datetime.datetime(2026, 3, 1, 23, 59, tzinfo=datetime.UTC), tick=False
    ):
        viewer = client_of(VIEWER)
        response = viewer.get("/export/", {"format": format_name})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == content_type
    stem = "machines" if format_name == suffix else f"machines-{format_name}"
    name = f"{stem}-2026-03-01.{suffix}"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    written = FORMATS[format_name].export(Selection()).content
    assert response.content == (written.encode() if isinstance(written, str) else written)


def test_one_machine_is_the_same_file_as_at_its_address(viewer: Client) -> None:
    for format_name in ("mermaid", "scxml", "xstate", "csv", "svg", "png", "pdf", "dot"):
        suffix = FORMATS[format_name].suffix
        asked = {"format": format_name, "kind": "ideal", "capability": "std_calibration"}
        response = viewer.get("/export/", asked)
        assert response.headers["Content-Disposition"].endswith(f'.{suffix}"')
        alone = viewer.get(f"/capabilities/std_calibration/ideal.{suffix}")
        assert response.content == alone.content


def test_what_a_format_cannot_hold_is_said_and_no_file(viewer: Client) -> None:
    capabilities.add(name="by_hand", machine_template=None, by=BEA)
    response = viewer.get("/export/", {"format": "scxml", "capability": "by_hand"})
    assert response.status_code == 422
    said = form_of(read(response)).one("ul", class_="errorlist").text
    assert said.startswith("by_hand current: SCXML needs at least one state")
    response = viewer.get("/capabilities/by_hand/current.scxml")
    assert response.status_code == 404
    assert read(response).says("SCXML needs at least one state, and this machine has none.")


def test_nothing_to_export_is_said(viewer: Client) -> None:
    Capability.objects.all().delete()
    response = viewer.get("/export/", {"format": "scxml"})
    assert response.status_code == 422
    assert read(response).says("There is no machine to export.")


def test_one_kind_and_some_capabilities_are_exported_alone(viewer: Client) -> None:
    asked = {"format": "notation", "kind": "ideal", "capability": ["std_calibration", "null"]}
    found = parse_page(viewer.get("/export/", asked).content.decode())
    assert {(each.capability, each.kind) for each in found.machines} == {
        ("std_calibration", "ideal")
    }
    asked = {"format": "fixture", "capability": ["null"]}
    rows = json.loads(viewer.get("/export/", asked).content)
    names = [row["fields"]["name"] for row in rows if row["model"] == "capabilities.capability"]
    assert names == ["null"]


def test_what_was_chosen_is_still_chosen_on_the_page(viewer: Client) -> None:
    form = form_of(read(viewer.get("/export/", {"kind": "ideal", "capability": "null"})))
    assert form.typed["kind"] == "ideal"
    checked = [e["value"] for e in form.all("input") if "checked" in e.attributes]
    assert checked == ["null"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"format": "yaml"}, 404, "There is no format yaml."),
        ({"format": "<b>"}, 404, "There is no format <b>."),
        ({"format": "notation", "capability": "nobody"}, 404, "no capability nobody"),
        ({"format": "notation", "kind": "future"}, 422, "Select a valid choice"),
        ({"kind": "future"}, 422, "Select a valid choice"),
    ],
)
def test_what_cannot_be_exported_is_said_and_no_file(
    viewer: Client, asked: Mapping[str, str], status: int, said: str
) -> None:
    response = viewer.get("/export/", asked)
    assert response.status_code == status
    assert "Content-Disposition" not in response.headers
    assert said in form_of(read(response)).one("ul", class_="errorlist").text


def test_an_export_is_only_read(viewer: Client) -> None:
    assert viewer.post("/export/", {"format": "notation"}).status_code == 405
    assert viewer.head("/export/", {"format": "notation"}).status_code == 200


def test_an_export_needs_the_right_to_see(seed: object) -> None:
    assert client_of(STAFF).get("/export/", {"format": "notation"}).status_code == 403
