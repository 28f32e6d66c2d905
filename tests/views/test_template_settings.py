"""The settings of a machine template, and a copy of one."""

from collections.abc import Mapping

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import definitions, machine_templates, notes
from capabilities.models import MachineTemplate, Note
from tests.factories import (
    QA,
    SIMPLE,
    definition,
    effective,
    head,
    last_entries,
    seen,
    state,
    template,
    template_machine,
)
from tests.html import read
from tests.people import HTMX, VIEWER, client_of, person

from .answers import announced, as_asked, message, told

PAGE = f"/machine-templates/{QA}/"
URL = f"{PAGE}settings/"
COPY = f"{PAGE}copy/"
BEA = Author(None, "bea", "test")


def sent(verb: str, slug: str = QA, **more: str) -> dict[str, str]:
    return {"verb": verb, "version": str(template(slug).version), **more}


def a_note() -> Note:
    return template(QA).notes.all()[0]


# -- a copy


def test_a_copy_has_the_same_layer_and_notes_and_lies_over_the_same(editor: Client) -> None:
    form = read(editor.get(COPY)).one("form", class_="page-form")
    assert form.typed["title"] == "Run-workflow with single-stage QA (copy)"
    before = head()
    data = {"title": "Two-stage QA", "message": "soon"}
    response = editor.post(COPY, data, follow=True)
    assert response.redirect_chain == [("/machine-templates/two-stage-qa/", 302)]
    assert message(response).startswith("“Two-stage QA” is a copy of")
    copied = template("two-stage-qa")
    assert copied.over == template(SIMPLE)
    assert template_machine("two-stage-qa") == template_machine(QA)
    assert [note.value for note in copied.notes.all()] == [
        note.value for note in template(QA).notes.all()
    ]
    assert copied.notes.count() == template(QA).notes.count() == 6
    (entry,) = last_entries(before)
    assert (entry.name, entry.message) == ("two-stage-qa", "soon")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "This field is required."),
        ("Simple run-workflow", "already exists"),
        ("a\u2028b", "unusable character U+2028"),
    ],
)
def test_a_copy_that_cannot_be_is_refused_at_its_field(
    editor: Client, title: str, said: str
) -> None:
    before = state()
    response = editor.post(COPY, {"title": title, "message": "soon"})
    assert response.status_code == 422
    form = read(response).one("form", class_="page-form")
    assert form.one("ul", id="id_title_error").says(said)
    assert form.typed["message"] == "soon"
    assert state() == before


def test_the_ways_there_are_shown_to_those_who_may(editor: Client, viewer: Client) -> None:
    for url in (URL, COPY):
        assert read(editor.get(PAGE)).all("a", href=url)
        assert not read(viewer.get(PAGE)).all("a", href=url)


# -- title, and what it lies over


def test_it_is_renamed_and_its_address_stays(editor: Client) -> None:
    data = sent("rename", title="One-stage QA", message="shorter")
    response = editor.post(URL, data, follow=True)
    assert response.redirect_chain == [(URL, 302)]
    assert message(response) == "It is called “One-stage QA” now."
    assert template(QA).title == "One-stage QA"


@pytest.mark.parametrize(
    ("title", "said"),
    [("", "This field is required."), ("Simple run-workflow", "already exists")],
)
def test_a_title_that_cannot_be_is_refused_and_kept(editor: Client, title: str, said: str) -> None:
    before = state()
    response = editor.post(URL, sent("rename", title=title))
    assert response.status_code == 422
    tree = read(response)
    form = tree.one("form", id="rename")
    assert form.says(said)
    assert form.typed["title"] == title
    assert tree.one("h1").text == "Settings of Run-workflow with single-stage QA"
    assert state() == before


def test_it_is_laid_over_another_by_a_plan(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    data = sent("lay_over", over="", message="alone")
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 200
    form = as_asked(response, way, "settings").one("form", id="lay-over")
    assert form.one(id="rehearsal").says("std_calibration ideal")
    assert form.one(id="save-over").text == "Save it: 1 machine changes"
    assert form.typed["message"] == "alone"
    assert state() == before
    done = editor.post(URL, form.typed, headers=way)
    if way is HTMX:
        assert told(done) == "It lies over none now."
        assert announced(done)
    else:
        assert done.headers["Location"] == URL
    assert template(QA).over is None
    assert len(effective("std_calibration", "ideal")) == 5


def test_another_plan_than_that_of_today_lays_nothing(editor: Client) -> None:
    before = state()
    response = editor.post(URL, sent("lay_over", over="", plan="0" * 64))
    assert response.status_code == 409
    assert read(response).one(id="rehearsal").says("Nothing was saved:")
    assert state() == before


def test_one_that_nobody_uses_is_laid_at_once(editor: Client) -> None:
    machine_templates.add(title="Lonely", by=BEA)
    data = sent("lay_over", "lonely", over=str(template(SIMPLE).pk))
    assert editor.post("/machine-templates/lonely/settings/", data).status_code == 302
    assert template("lonely").over == template(SIMPLE)


def test_only_what_it_can_lie_over_is_offered(editor: Client) -> None:
    machine_templates.add(title="Above", over=template(QA), by=BEA)
    machine_templates.add(title="Old", by=BEA)
    machine_templates.retire(machine_template=template("old"), version=1, by=BEA)
    form = read(editor.get(URL)).one("form", id="lay-over")
    offered = [each.text for each in form.all("option")]
    assert offered == ["none: it stands alone", "Simple run-workflow"]
    before = state()
    for slug in (QA, "above", "old"):
        response = editor.post(URL, sent("lay_over", over=str(template(slug).pk)))
        assert response.status_code == 422
        assert read(response).one("form", id="lay-over").says("Select a valid choice")
    assert state() == before


# -- retired


def test_a_retired_one_stays_for_its_users_and_is_offered_to_nobody_else(editor: Client) -> None:
    machines = {name: effective(*name) for name in (("null", "current"), ("null", "ideal"))}
    response = editor.post(URL, sent("retire"), follow=True)
    assert message(response) == "“Run-workflow with single-stage QA” is retired."
    assert {name: effective(*name) for name in machines} == machines
    assert read(editor.get(PAGE)).one(class_="retired").text == "retired"
    cards = read(editor.get("/machine-templates/")).one("ul", class_="gallery").all("li")
    assert [bool(card.all(class_="retired")) for card in cards] == [True, False]
    for page in ("/capabilities/null/current/", "/new-capability/", "/new-machine-template/"):
        assert not read(editor.get(page)).one(id="content").says("single-stage QA"), page
    used = read(editor.get("/capabilities/std_calibration/ideal/")).one(id="machine")
    assert used.says("Run-workflow with single-stage QA")


def test_a_retired_one_cannot_be_chosen_by_a_form_of_before(
    editor: Client, way: Mapping[str, str]
) -> None:
    editor.post(URL, sent("retire"))
    before = state()
    url = "/capabilities/null/current/layers/"
    for verb in ("choose", "attach"):
        data = {"verb": verb, "machine_template": QA, "version": str(definition("null").version)}
        response = editor.post(url, data, headers=way)
        assert response.status_code == 422
        assert read(response).one(id="refusal").says("is retired; choose another one.")
    for page, data in (
        ("/new-capability/", {"name": "vlass", "machine_template": QA}),
        ("/new-machine-template/", {"title": "New", "over": str(template(QA).pk)}),
    ):
        assert editor.post(page, data).status_code == 422
    assert state() == before


def test_who_uses_a_retired_one_can_choose_it_again_and_take_its_stage_away(
    editor: Client,
) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BEA)
    editor.post(URL, sent("retire"))
    for name, kind, verb in (("null", "current", "remove"), ("std_calibration", "ideal", "choose")):
        data = {"verb": verb, "machine_template": QA, "version": str(seen(name, kind).version)}
        response = editor.post(f"/capabilities/{name}/{kind}/layers/", data)
        assert response.status_code == 302
    assert not definition("null").stages.exists()
    assert definition("std_calibration", "ideal").machine_template == template(QA)


def test_a_retired_one_is_brought_back(editor: Client) -> None:
    editor.post(URL, sent("retire"), follow=True)
    response = editor.post(URL, sent("bring_back"), follow=True)
    assert message(response).endswith("single-stage QA” can be chosen again.")
    assert not template(QA).retired
    assert not read(editor.get(PAGE)).all(class_="retired")


def test_it_is_removed_when_nothing_uses_it(editor: Client, way: Mapping[str, str]) -> None:
    assert not read(editor.get(URL)).all("button", value="remove")
    before = state()
    response = editor.post(URL, sent("remove"), headers=way)
    assert response.status_code == 422
    assert read(response).one(id="refusal").says("is used by std_calibration ideal")
    assert state() == before
    machine_templates.add(title="Lonely", by=BEA)
    url = "/machine-templates/lonely/settings/"
    assert read(editor.get(url)).all("button", value="remove")
    gone = editor.post(url, sent("remove", "lonely"), headers=way)
    header = "HX-Redirect" if way is HTMX else "Location"
    assert gone.headers[header] == "/machine-templates/"
    assert not MachineTemplate.objects.filter(slug="lonely").exists()


# -- refused


@pytest.mark.parametrize("verb", ["rename", "lay_over", "retire", "remove"])
def test_a_late_form_is_told_who_was_faster(
    editor: Client, way: Mapping[str, str], verb: str
) -> None:
    data = sent(verb, title="Mine", over="")
    machine_templates.rename(machine_template=template(QA), title="Faster", version=1, by=BEA)
    before = state()
    response = editor.post(URL, data, headers=way)
    assert response.status_code == 409
    part = as_asked(response, way, "settings")
    assert part.one(id="refusal").says("bea at")
    assert part.one("form", id="rename").typed["title"] == (
        "Mine" if verb == "rename" else "Faster"
    )
    assert state() == before


def test_what_is_no_form_of_the_page_is_refused(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    assert editor.post(URL, {"verb": "retire"}, headers=way).status_code == 428
    assert editor.post(URL, sent("burn"), headers=way).status_code == 400
    assert editor.post(URL, sent("retire", version="x"), headers=way).status_code == 428
    assert editor.post("/machine-templates/none/settings/", headers=way).status_code == 404
    assert editor.get("/machine-templates/none/copy/", headers=way).status_code == 404
    assert state() == before


def test_only_those_may_remove_it_who_may(seed: object, way: Mapping[str, str]) -> None:
    machine_templates.add(title="Lonely", by=BEA)
    client = client_of(VIEWER)
    right = Permission.objects.get(codename="change_machinetemplate")
    person(VIEWER).user_permissions.add(right)
    url = "/machine-templates/lonely/settings/"
    assert not read(client.get(url)).all("button", value="remove")
    assert client.post(url, sent("remove", "lonely"), headers=way).status_code == 403
    assert client.post(url, sent("retire", "lonely")).status_code == 302


# -- notes


def test_the_notes_are_added_changed_moved_and_removed(
    editor: Client, way: Mapping[str, str]
) -> None:
    def write(url: str, data: Mapping[str, str], said: str) -> None:
        response = editor.post(url, data, headers=way)
        if way is HTMX:
            as_asked(response, way, "notes")
            assert announced(response)
            assert told(response) == said
        else:
            assert response.headers["Location"] == f"{PAGE}#notes"
            assert message(editor.get(PAGE)) == said

    before = head()
    write(f"{PAGE}notes/add/", {"text": "Two reviewers?"}, "Added the question.")
    note = template(QA).notes.get(text="Two reviewers?")
    url = f"{PAGE}notes/{note.pk}/"
    form = read(editor.get(PAGE)).one("form", action=url)
    place = next(each["value"] for each in form.all("option") if each.says("<qa-fail>"))
    write(url, {**form.typed, "text": "Three?", "place": place}, "Changed the question.")
    note.refresh_from_db()
    assert (note.text, note.event) == ("Three?", "qa-fail")
    assert read(editor.get(PAGE)).one("table", class_="transitions").says("? 1 question")
    write(url, {"verb": "remove"}, "Removed the note.")
    assert not template(QA).notes.filter(pk=note.pk).exists()
    assert {entry.name for entry in last_entries(before)} == {QA}


def test_a_note_that_cannot_be_is_refused_and_kept(editor: Client, way: Mapping[str, str]) -> None:
    note = a_note()
    before = state()
    for url in (f"{PAGE}notes/add/", f"{PAGE}notes/{note.pk}/"):
        response = editor.post(url, {"text": "two\nlines"}, headers=way)
        assert response.status_code == 422
        form = as_asked(response, way, "notes").one("form", action=url)
        assert form.says("a note is one line of text")
        assert form.typed["text"] == "two\nlines"
    assert state() == before


def test_a_note_of_another_owner_is_not_found(editor: Client, way: Mapping[str, str]) -> None:
    note = a_note()
    other = notes.add(text="x", machine_template=template(SIMPLE), by=BEA)
    before = state()
    for url in (
        f"/machine-templates/{SIMPLE}/notes/{note.pk}/",
        f"{PAGE}notes/{other.pk}/",
        f"/machine-templates/none/notes/{note.pk}/",
    ):
        assert editor.post(url, {"verb": "remove"}, headers=way).status_code == 404
    assert state() == before


def test_a_viewer_reads_the_notes_and_writes_none(viewer: Client, way: Mapping[str, str]) -> None:
    before = state()
    note = a_note()
    part = read(viewer.get(f"{PAGE}notes/", headers=way)).one(id="notes")
    assert part.says(note.text)
    assert not part.all("form")
    assert viewer.post(f"{PAGE}notes/add/", {"text": "x"}, headers=way).status_code == 403
    assert state() == before
