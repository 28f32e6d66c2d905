"""Drift in the browser: a dump, what of it is otherwise, and deciding that it is known."""

import json
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from capabilities.models import Capability, KnownDrift
from tests.drifted import (
    ACTIONS,
    AGAINST,
    MACHINES,
    THREE,
    TOLD,
    as_csv,
    dump,
    known,
    one_broken,
    one_changed,
    one_extra,
    one_missing,
    rows,
    should_be,
    tables_of,
    typo,
)
from tests.factories import effective, head, state
from tests.html import Element, read
from tests.people import STAFF, client_of
from tests.releasing import deployed, released

from .answers import message

PAGE, DECIDE = "/drift/", "/drift/decide/"
NO_TYPE = "The machine type is “SimpleStateMachine”; but no type writes this machine."
SAID = {"owner": "ada", "reason": "Until the <release>.", "until": "2026-12-24"}


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=True):
        yield


def compared(client: Client, text: str, **said: str) -> Element:
    response = client.post(PAGE, {"text": text, **said})
    assert response.status_code == 200
    return read(response)


def drift_rows(tree: Element) -> list[Element]:
    return tree.one("table", class_="drift").one("tbody").all("tr")


def form_of(tree: Element) -> Element:
    return tree.one("form", id="drift-form")


def ticks(tree: Element) -> list[str]:
    return [each["value"] for each in tree.all("input", name="chosen")]


def posted(tree: Element, *chosen: int, **said: str) -> dict[str, Any]:
    """What the form posts when these rows are ticked."""
    found = ticks(tree)
    typed = {name: form_of(tree).typed[name] for name in ("text", "against")}
    typed |= {**SAID, **said}
    return {**typed, "chosen": [found[each] for each in chosen]}


# -- a dump


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("written", ["JSON", "CSV"])
def test_one_row_missing_one_extra_and_one_argument_changed_are_named_and_nothing_else(
    viewer: Client, written: str, against: str
) -> None:
    text = dump(*THREE)
    if written == "CSV":
        text = "\n".join(as_csv(tables_of(text)).values())
    should_be(against)
    before = state()
    tree = compared(viewer, text, against=against)
    assert tree.one(id="verdict").text == (
        f"Drift: 3 unexplained. Compared with {AGAINST[against]}: "
        "7 machines, 31 transitions and 42 actions."
    )
    found = drift_rows(tree)
    assert [each.one("ul").text for each in found] == TOLD
    badges = [[badge.text for badge in each.all("span", class_="badge")] for each in found]
    assert badges == [[kind, "? unexplained"] for kind in ("~ changed", "+ extra", "~ changed")]
    assert not tree.all(id="broken")
    assert state() == before


def test_what_is_as_it_should_be_is_said_to_be(viewer: Client) -> None:
    tree = compared(viewer, dump())
    assert tree.one(id="verdict").says("What is deployed is what it should be.")
    assert not tree.all("table", class_="drift")
    assert not tree.all("fieldset")


def test_files_of_csv_are_taken_and_their_rows_carried(editor: Client) -> None:
    found = rows()
    for change in THREE:
        change(found)
    files = [
        SimpleUploadedFile(f"{number}.csv", text.encode())
        for number, text in enumerate(as_csv(found).values())
    ]
    tree = read(editor.post(PAGE, {"uploads": files}))
    assert [each.one("ul").text for each in drift_rows(tree)] == TOLD
    again = compared(editor, form_of(tree).typed["text"])
    assert [each.one("ul").text for each in drift_rows(again)] == TOLD


def test_a_broken_row_is_told_whatever_it_holds_and_carried(viewer: Client) -> None:
    found = rows()
    one_broken(found)
    text = json.dumps({**found, MACHINES: [*found[MACHINES], {"capability_name": "a\0\ud800"}]})
    text = text.replace('"a\\u0000\\ud800"', '"<b>a\\u0000\\ud800", "machine_type": "<i>"')
    tree = compared(viewer, text)
    told = [each.text for each in tree.one(id="broken").all("li")]
    assert told[0].endswith(
        "row 8, column capability_name: has the unusable character U+0000; expected a name."
    )
    assert told[1].startswith(f"! broken {ACTIONS}, row 44, column transition_id: 777 names no row")
    carried = json.loads(form_of(tree).typed["text"])
    assert carried["tables"] == json.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste a dump or choose files."),
        ("{", "The text is no JSON: line 1, column 2"),
        ("capability_name\nnull\n", "The text, line 1: capability_state_machines has no column"),
        ("{}", "The dump lacks the tables"),
    ],
)
def test_what_is_no_dump_is_refused_and_the_text_kept(viewer: Client, text: str, said: str) -> None:
    before = state()
    for url in (PAGE, "/drift/report.json", "/drift/report.md"):
        response = viewer.post(url, {"text": text})
        assert response.status_code == 422
        form = read(response).one("form", class_="page-form")
        assert form.one("ul", class_="errorlist").says(said)
        assert form.typed["text"] == text
    assert state() == before


def test_a_file_that_is_no_dump_is_refused_at_its_field(viewer: Client) -> None:
    upload = SimpleUploadedFile("pägé.csv", b"ab\xff")
    response = viewer.post(PAGE, {"text": "typed", "uploads": [upload]})
    assert response.status_code == 422
    form = read(response).one("form", class_="page-form")
    assert form.one("ul", id="id_uploads_error").text == (
        "pägé.csv is no text in UTF-8: line 1 has the byte 0xff."
    )
    assert form.typed["text"] == "typed"


def test_the_page_says_what_is_compared_and_that_columns_are_assumed(viewer: Client) -> None:
    told = read(viewer.get(PAGE)).one(id="compared")
    assert told.says("The columns are assumed.")
    assert told.says("capability_state_machines: capability_name, machine_type")
    assert read(viewer.get("/export/")).all("a", href=PAGE)


def test_a_machine_that_nobody_here_knows_has_no_link(viewer: Client) -> None:
    found = drift_rows(compared(viewer, dump(typo)))
    assert [each.one("th").text for each in found] == ["restore_cm", "restore_cms"]
    assert [len(each.one("th").all("a")) for each in found] == [0, 1]


# -- what it is compared with


def choices_of(tree: Element) -> list[tuple[str, str, bool]]:
    return [
        (each["value"], each.text, "selected" in each.attributes)
        for each in tree.one("select", name="against").all("option")
    ]


def test_what_a_dump_can_be_compared_with_is_offered(viewer: Client) -> None:
    assert choices_of(read(viewer.get(PAGE))) == [("current", "the current machines", True)]
    deployed(released("A <b>"), "production")
    tree = read(viewer.get("/releases/1/")).one("a", id="deployed-drift")
    assert tree["href"] == "/drift/?against=release-1"
    assert choices_of(read(viewer.get(tree["href"]))) == [
        ("current", "the current machines", False),
        ("production", "production: release 1", False),
        ("release-1", "release 1: A <b>", True),
    ]


def test_what_was_chosen_is_kept_by_every_form(editor: Client) -> None:
    text = dump(one_changed)
    should_be("production")
    tree = compared(editor, text, against="production")
    assert [each[0] for each in choices_of(tree) if each[2]] == ["production"]
    assert tree.one(id="report-tools").all("a", href="/drift/?against=production")
    assert not tree.all(id="take-over")  # that would make an old machine current
    for refusal in ({"owner": ""}, {"chosen": "capability=null"}):
        response = editor.post(DECIDE, {**posted(tree, 0), **refusal})
        assert response.status_code in (422, 428)
        assert [each[0] for each in choices_of(read(response)) if each[2]] == ["production"]
    response = editor.post(DECIDE, posted(tree, 0))
    assert response.status_code == 200
    tree = read(response)
    assert tree.one(id="verdict").says(f"all of it is known. Compared with {AGAINST['production']}")
    assert len(drift_rows(tree)) == 1
    typed = form_of(tree).typed
    found = editor.post("/drift/report.json", {each: typed[each] for each in ("text", "against")})
    assert found.json()["against"]["environment"] == "production"
    assert editor.post("/drift/report.json", {"text": text}).json()["against"]["release"] is None


@pytest.mark.parametrize(
    ("against", "said"),
    [
        ("release-9", "There is no release 9."),
        ("test", "No release is deployed in test."),
        ("<b>", "“<b>” is nothing to compare with; expected one of current"),
    ],
)
def test_what_is_not_there_to_compare_with_is_told_at_its_field(
    viewer: Client, against: str, said: str
) -> None:
    response = viewer.post(PAGE, {"text": dump(), "against": against})
    assert response.status_code == 422
    form = read(response).one("form", class_="page-form")
    assert form.one("ul", id="id_against_error").says(said)
    assert form.typed["text"] == dump()
    response = viewer.get(PAGE, {"against": against})
    assert response.status_code == 404
    assert read(response).says(said)


def test_machines_that_a_release_does_not_have_are_said_to_be_left_out(viewer: Client) -> None:
    released(capabilities=list(Capability.objects.filter(name="null")))
    tree = compared(viewer, dump(one_changed), against="release-1")
    assert tree.one(id="verdict").says("What is deployed is what it should be.")
    assert tree.one(id="verdict").says("6 other machines are deployed")
    assert tree.one(id="ignored").says("test_download is not in release 1")


# -- files


def test_the_report_is_a_file_as_json_and_as_markdown(viewer: Client) -> None:
    known(one_changed)
    text = dump(*THREE, one_broken)
    response = viewer.post("/drift/report.json", {"text": text})
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="drift-2026-11-24.json"'
    )
    found = json.loads(response.content)
    assert [each["state"] for each in found["drift"]] == ["unexplained", "unexplained", "known"]
    assert found["drift"][2]["reason"] == "Until the release."
    assert [each["row"] for each in found["broken"]] == [43]
    markdown = viewer.post("/drift/report.md", {"text": text}).content.decode()
    lines = markdown.splitlines()
    assert lines[2] == "Drift: 2 unexplained, 1 known and 1 broken row."
    assert [line for line in lines if line.startswith("## ")] == [
        "## Broken rows",
        "## Unexplained",
        "## Known",
    ]
    assert r"- \~ null: \[Start\] - \<capability-submitted\> does not do" in markdown
    assert "owner ada: Until the release.)" in lines[-1]
    closed = viewer.post("/drift/report.md", {"text": dump()}).content.decode()
    assert "is as it should be again (until" in closed


# -- deciding


def test_drift_is_decided_beside_it(editor: Client) -> None:
    before = head()
    tree = compared(editor, dump(*THREE))
    response = editor.post(DECIDE, posted(tree, 0, 2))
    assert response.status_code == 200
    tree = read(response)
    assert message(response) == "Decided on 2 places: known until 2026-12-24."
    found = drift_rows(tree)
    assert [each.one("td", class_="stands").text for each in found] == [
        "? unexplained",
        "✓ known Until 2026-12-24 Owner ada Until the <release>.",
        "✓ known Until 2026-12-24 Owner ada Until the <release>.",
    ]
    assert head() == before + 2
    assert set(KnownDrift.objects.values_list("decided_by", flat=True)) == {"editor"}
    response = editor.post(DECIDE, {**posted(tree, 1), "verb": "withdraw"})
    assert message(response).startswith("Withdrew the decision on null [Start]")
    assert compared(editor, dump(*THREE)).one(id="verdict").says("2 unexplained and 1 known")


def test_how_it_stands_is_told_by_sign_and_word(editor: Client) -> None:
    known(one_missing, one_changed)
    with time_machine.travel("2027-03-01T12:00:00Z"):
        editor = client_of("editor")
        tree = compared(editor, dump(one_missing, one_extra))
    assert [each.one("td", class_="stands").text for each in drift_rows(tree)] == [
        "? unexplained",
        "! overdue Was due 2026-12-24 Owner ada Until the release.",
    ]
    assert "overdue" in drift_rows(tree)[1]["class"]
    closed = tree.one(id="closed")
    assert closed.says("1 decision closed by itself")
    assert closed.says("test_download [Executing] - <workflow-failed> = closed")
    again = rows()
    again[ACTIONS][0]["argument"] = "other"
    tree = compared(client_of("editor"), json.dumps(again))
    assert drift_rows(tree)[0].says("↻ reopened The drift is another one since it was decided.")


def test_what_is_refused_stands_at_its_field_and_nothing_typed_is_lost(editor: Client) -> None:
    tree = compared(editor, dump(*THREE))
    before = state()
    data = posted(tree, 1, owner="", until="2026-11-01")
    response = editor.post(DECIDE, data)
    assert response.status_code == 422
    refused = read(response)
    form = form_of(refused)
    assert form.one("ul", id="known-owner_error").text == "Say who looks after it."
    assert form.one("ul", id="known-until_error").text == "This day has passed."
    assert form.one("input", name="owner")["autofocus"] == ""
    assert (form.typed["reason"], form.typed["until"]) == (SAID["reason"], "2026-11-01")
    assert form.typed["text"] == data["text"]
    checked = [
        each["value"] for each in form.all("input", name="chosen") if "checked" in each.attributes
    ]
    assert checked == data["chosen"]
    response = editor.post(DECIDE, posted(tree))
    assert response.status_code == 422
    assert read(response).says("Tick the drift that is meant.")
    response = editor.post(DECIDE, posted(tree, 0, until="tomorrow"))
    assert response.status_code == 422
    assert read(response).says("Enter a valid date.")
    assert state() == before


def test_who_is_late_is_told(editor: Client) -> None:
    tree = compared(editor, dump(*THREE))
    known()
    before = state()
    response = editor.post(DECIDE, posted(tree, 0))
    assert response.status_code == 409
    told = read(response).one(role="alert", class_="refusal")
    assert told.says("The decision on null [Start]")
    assert state() == before
    broken = {**posted(tree), "chosen": "capability=null"}
    assert editor.post(DECIDE, broken).status_code == 428
    assert state() == before


def test_who_may_not_decide_is_offered_nothing(viewer: Client) -> None:
    tree = compared(viewer, dump(*THREE))
    assert not ticks(tree)
    assert not tree.all("fieldset")
    assert not tree.all(id="plan-import")
    assert viewer.post(DECIDE, {"text": dump(*THREE)}).status_code == 403
    assert client_of(STAFF).post(PAGE, {"text": dump()}).status_code == 403


def test_a_releaser_may_decide_and_not_edit(seed: object) -> None:
    user = User.objects.create_user("rea", is_staff=True)
    user.groups.add(Group.objects.get(name="releaser"))
    client = Client()
    client.force_login(user)
    tree = compared(client, dump(*THREE))
    assert client.post("/capabilities/null/current/transitions/").status_code == 403
    assert client.post(DECIDE, posted(tree, 0)).status_code == 200
    assert KnownDrift.objects.count() == 1


# -- taking over what runs


def test_what_runs_can_be_imported_by_its_plan(editor: Client) -> None:
    deployed = dump(*THREE, typo)
    tree = compared(editor, deployed)
    button = tree.one("button", id="plan-import")
    assert (button["formaction"], button["value"]) == ("/import/", "plan")
    response = editor.post(button["formaction"], {**posted(tree, 0), "verb": "plan"})
    assert response.status_code == 200
    plan = read(response).one("form", class_="page-form").typed
    del plan["file"]
    assert editor.post("/import/", {**plan, "verb": "import"}).status_code == 302
    left = drift_rows(compared(editor, deployed))
    # Nothing is removed. What no type writes any more, a start of the system would write anew.
    assert [(each.one("th").text.split()[-1], each.one("ul").text) for each in left] == [
        ("null", NO_TYPE),
        ("restore_cm", NO_TYPE),
        ("restore_cms", "The machine is missing: it should be there, with 4 transitions."),
        ("test_download", NO_TYPE),
    ]
    assert Capability.objects.filter(name="restore_cm").exists()
    assert len(effective("null")) == 5


def test_rows_that_are_broken_or_as_they_should_be_are_not_offered(editor: Client) -> None:
    for rows_there in (dump(), dump(*THREE, one_broken)):
        assert not compared(editor, rows_there).all(id="plan-import")
