"""The admin: every model, what it only shows, and what it saves through our own verbs."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.test import Client
from django.urls import reverse

from capabilities.auditing import Author
from capabilities.authoring import machine_templates, notes
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    MachineTemplate,
    Note,
    Override,
    Term,
)
from capabilities.verifying import faults

from .deciding import decided
from .drifted import known
from .factories import (
    FAIL,
    QA,
    RESUME,
    SIMPLE,
    definition,
    effective,
    head,
    last_entries,
    state,
    template,
    template_machine,
)
from .html import Element, read
from .people import SUPERUSER, VIEWER, client_of
from .receiving import attempted, webhook
from .releasing import deployed, released
from .reviewing import proposed

BEA = Author(None, "bea", "test")
AUTHORED = {"Capability", "MachineTemplate", "Note", "Term"}


@pytest.fixture
def boss(seed: object) -> Client:
    return client_of(SUPERUSER)


def url(model: str, view: str, pk: int | None = None) -> str:
    return reverse(f"admin:capabilities_{model}_{view}", args=[] if pk is None else [pk])


def told(response: Any) -> str:
    """The messages of the page that somebody was sent to."""
    return " ".join(each.text for each in read(response).all("ul", class_="messagelist"))


def form_of(response: Any) -> dict[str, str]:
    """What the admin's own form would post if nothing was typed."""
    (form,) = [each for each in read(response).all("form") if each["id"].endswith("_form")]
    return form.typed


def save(client: Client, address: str, **typed: str) -> Any:
    """Open a form of the admin, type, and save it."""
    data = {**form_of(client.get(address)), **typed, "_save": "Save"}
    return client.post(address, data, follow=True)


def entries(since: int) -> list[AuditEntry]:
    found = last_entries(since)
    assert {(each.actor, each.way) for each in found} <= {(SUPERUSER, "admin")}
    return found


SWITCH = "/capabilities/null/current/checks/no-qa/"

# -- what it shows


def test_every_model_of_ours_is_in_the_admin() -> None:
    assert set(apps.get_app_config("capabilities").get_models()) <= set(admin.site._registry)


@pytest.mark.parametrize(
    "model",
    sorted(apps.get_app_config("capabilities").get_models(), key=str),
    ids=lambda model: model.__name__,
)
def test_every_model_is_listed_and_shown(boss: Client, model: Any) -> None:
    name = model._meta.model_name
    boss.post("/capabilities/null/current/layers/", attach())
    boss.post("/capabilities/null/current/layers/", bind())
    boss.post(SWITCH, {"verb": "off", "reason": "It is meant so."})
    decided()
    known()
    proposed()
    attempted(webhook())
    deployed(released(capabilities=[Capability.objects.get(name="test_download")]))
    response = boss.get(url(name, "changelist"))
    assert response.status_code == 200
    row = model.objects.order_by("pk").first()
    assert row
    response = boss.get(url(name, "change", row.pk))
    assert response.status_code == 200
    assert (
        read(response).one("h1").text.startswith("Change" if model.__name__ in AUTHORED else "View")
    )


def attach() -> dict[str, str]:
    version = str(definition("null").version)
    return {"verb": "attach", "version": version, "machine_template": QA}


def bind() -> dict[str, str]:
    version = str(definition("null").version)
    return {"verb": "bind", "version": version, "parameter-workflow_name": "other"}


def test_what_it_only_shows_leads_to_where_it_is_written(boss: Client) -> None:
    pages = {
        "definition": (definition("std_calibration"), "/capabilities/std_calibration/current/"),
        "override": (Override.objects.first(), "/capabilities/std_calibration/current/"),
        "templaterow": (template(SIMPLE).rows.first(), f"/machine-templates/{SIMPLE}/"),
        "capability": (Capability.objects.get(name="null"), "/capabilities/null/"),
        "machinetemplate": (template(SIMPLE), f"/machine-templates/{SIMPLE}/"),
    }
    for model, (row, page) in pages.items():
        assert row
        tree = read(boss.get(url(model, "change", row.pk)))
        link = tree.one("a", class_="viewsitelink")
        assert link["href"] == page
        assert boss.get(page).status_code == 200


def test_the_log_is_searched_and_shows_both_machines(boss: Client) -> None:
    tree = read(boss.get(url("auditentry", "changelist"), {"q": "std_calibration"}))
    assert len(tree.one("table", id="result_list").one("tbody").all("tr")) == 2
    entry = AuditEntry.objects.filter(name="null").get()
    shown = read(boss.get(url("auditentry", "change", entry.pk)))
    assert shown.says("[Start] - <capability-submitted> {QueueWorkflow null} -> [Queued]")


def test_a_name_of_a_capability_stays(boss: Client) -> None:
    null = Capability.objects.get(name="null")
    before = state()
    assert "name" not in form_of(boss.get(url("capability", "change", null.pk)))
    boss.post(url("capability", "change", null.pk), {"name": "other", "_save": "Save"})
    assert state() == before


# -- capabilities


def test_a_capability_is_added(boss: Client) -> None:
    before = head()
    response = save(boss, url("capability", "add"), name="std_new")
    assert "was added successfully" in told(response)
    assert len(effective("std_new")) == 0
    (entry,) = entries(before)
    assert (entry.action, entry.name, entry.kind) == ("capability added", "std_new", "current")
    log = LogEntry.objects.get()
    assert log.action_flag == ADDITION
    assert log.object_id == str(Capability.objects.get(name="std_new").pk)


@pytest.mark.parametrize("name", ["", "null", "two words", "Ideal", "x" * 201, "a\0b"])
def test_a_capability_that_cannot_be_is_refused(boss: Client, name: str) -> None:
    before = state()
    response = boss.post(url("capability", "add"), {"name": name, "_save": "Save"})
    assert response.status_code == 200
    assert read(response).one("ul", class_="errorlist").text
    assert state() == before
    assert not LogEntry.objects.exists()


def test_a_capability_is_removed_with_all_that_it_has_and_the_log_keeps_its_machines(
    boss: Client,
) -> None:
    before = head()
    pk = Capability.objects.get(name="std_calibration").pk
    page = read(boss.get(url("capability", "delete", pk)))
    assert page.says("Are you sure")
    assert not page.says("your account doesn't have permission")
    response = boss.post(url("capability", "delete", pk), {"post": "yes"}, follow=True)
    assert "was deleted successfully" in told(response)
    assert not Definition.objects.filter(capability=pk).exists()
    found = entries(before)
    assert [(each.action, each.kind) for each in found] == [
        ("capability removed", "current"),
        ("capability removed", "ideal"),
    ]
    assert all(each.before and not each.after for each in found)
    assert LogEntry.objects.get().action_flag == DELETION
    assert not list(faults())


def test_several_capabilities_are_removed_at_once(boss: Client) -> None:
    before = head()
    chosen = Capability.objects.filter(name__startswith="null")
    response = remove_all(boss, "capability", chosen)
    assert "Successfully deleted 2 capabilities." in told(response)
    assert not Capability.objects.filter(name__startswith="null").exists()
    assert {each.name for each in entries(before)} == {"null", "null_dag"}


def remove_all(client: Client, model: str, chosen: Any) -> Any:
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in chosen]}
    return client.post(url(model, "changelist"), {**data, "post": "yes"}, follow=True)


# -- machine templates


def test_a_machine_template_is_added_over_another_one(boss: Client) -> None:
    before = head()
    over = str(template(QA).pk)
    response = save(boss, url("machinetemplate", "add"), title="Two stages", over=over)
    assert "was added successfully" in told(response)
    assert template_machine("two-stages") == template_machine(QA)
    (entry,) = entries(before)
    assert entry.action == "machine template added"


def test_a_machine_template_is_renamed_and_keeps_its_address(boss: Client) -> None:
    before = head()
    page = url("machinetemplate", "change", template(SIMPLE).pk)
    response = save(boss, page, title="Plain run-workflow")
    assert "was changed successfully" in told(response)
    assert template(SIMPLE).title == "Plain run-workflow"
    (entry,) = entries(before)
    assert entry.summary == (
        "Renamed the machine template “Simple run-workflow” to “Plain run-workflow”"
    )
    assert LogEntry.objects.get().action_flag == CHANGE


def test_a_machine_template_is_laid_over_another_one_where_its_plan_is_shown(
    boss: Client,
) -> None:
    page = url("machinetemplate", "change", template(QA).pk)
    assert "over" not in form_of(boss.get(page))
    before = state()
    save(boss, page, over="")
    assert state() == before


def test_a_machine_template_that_nobody_uses_is_removed(boss: Client) -> None:
    lonely = machine_templates.add(title="Lonely", by=BEA)
    before = head()
    page = url("machinetemplate", "delete", lonely.pk)
    assert "was deleted successfully" in told(boss.post(page, {"post": "yes"}, follow=True))
    (entry,) = entries(before)
    assert entry.action == "machine template removed"


@pytest.mark.parametrize("slug", [SIMPLE, QA])
def test_a_machine_template_that_is_used_is_not_removed_and_its_users_are_told(
    boss: Client, slug: str
) -> None:
    before = state()
    page = url("machinetemplate", "delete", template(slug).pk)
    response = boss.post(page, {"post": "yes"}, follow=True)
    assert read(response).says("std_calibration")
    assert state() == before
    assert not LogEntry.objects.exists()


def test_of_several_none_is_removed_when_one_cannot_be(boss: Client) -> None:
    machine_templates.add(title="A lonely one", by=BEA)
    before = state()
    remove_all(boss, "machinetemplate", MachineTemplate.objects.all())
    assert state() == before
    assert not LogEntry.objects.exists()


def test_of_several_none_is_removed_when_a_verb_refuses_one(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("A lonely one", "Another lonely one"):
        machine_templates.add(title=title, by=BEA)
    remove = machine_templates.remove
    before = state()

    def remove_late(*, machine_template: MachineTemplate, version: int, by: Author) -> Any:
        return remove(
            machine_template=machine_template,
            version=version - machine_template.title.startswith("Another"),
            by=by,
        )

    monkeypatch.setattr(machine_templates, "remove", remove_late)
    chosen = MachineTemplate.objects.filter(title__contains="lonely")
    response = remove_all(boss, "machinetemplate", chosen)
    assert "was changed by somebody else in the meantime. Look again." in told(response)
    assert state() == before
    assert not LogEntry.objects.exists()


def test_a_title_that_is_taken_is_refused_at_its_field(boss: Client) -> None:
    before = state()
    page = url("machinetemplate", "change", template(QA).pk)
    response = save(boss, page, title="Simple run-workflow")
    assert read(response).one("ul", class_="errorlist").says("already exists")
    assert state() == before


def test_a_form_of_another_version_is_refused_and_told(boss: Client) -> None:
    page = url("machinetemplate", "change", template(QA).pk)
    opened = form_of(boss.get(page))
    qa = template(QA)
    machine_templates.drop(machine_template=qa, key=FAIL, version=qa.version, by=BEA)
    before = state()
    response = boss.post(page, {**opened, "title": "Mine", "_save": "Save"}, follow=True)
    assert "was changed by somebody else in the meantime. Look again." in told(response)
    assert state() == before
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("seen", ["", "0", "x", "-1", "9" * 30])
def test_a_form_that_does_not_say_its_version_is_refused(boss: Client, seen: str) -> None:
    before = state()
    page = url("machinetemplate", "change", template(QA).pk)
    save(boss, page, title="Mine", seen=seen)
    assert state() == before


# -- notes


def note() -> Note:
    return Note.objects.get(capability__name="std_calibration", text__startswith="Should we run")


def test_a_note_is_added_to_a_machine_and_to_a_machine_template(boss: Client) -> None:
    null = str(Capability.objects.get(name="null").pk)
    for typed, subject in (
        ({"capability": null, "kind": "current"}, ("definition", "null")),
        ({"machine_template": str(template(SIMPLE).pk)}, ("machine template", SIMPLE)),
    ):
        before = head()
        where = {"source": "Queued", "event": "resume"}
        response = save(boss, url("note", "add"), text="Is <this> so?", **typed, **where)
        assert "was added successfully" in told(response)
        entry = entries(before)[0]
        assert (entry.action, entry.subject, entry.name) == ("note added", *subject)
    found = Note.objects.filter(text="Is <this> so?")
    assert [each.key for each in found] == [RESUME, RESUME]


def test_a_note_is_changed_and_moved_and_stays_on_its_machine(boss: Client) -> None:
    before = head()
    other = str(Capability.objects.get(name="null").pk)
    page = url("note", "change", note().pk)
    pk = note().pk
    opened = form_of(boss.get(page))
    assert "capability" not in opened
    save(boss, page, text="Yes", source="Queued", event="resume", capability=other, kind="current")
    changed = Note.objects.get(pk=pk)
    assert (changed.text, changed.key) == ("Yes", RESUME)
    assert (str(changed.capability), changed.kind) == ("std_calibration", "ideal")
    (entry,) = entries(before)
    assert entry.action == "note changed"


def test_a_note_is_removed(boss: Client) -> None:
    before, text = head(), note().text
    page = url("note", "delete", note().pk)
    assert "was deleted successfully" in told(boss.post(page, {"post": "yes"}, follow=True))
    assert not Note.objects.filter(capability__name="std_calibration", text=text).exists()
    (entry,) = entries(before)
    assert entry.action == "note removed"
    assert text in entry.summary


@pytest.mark.parametrize(
    "typed",
    [
        {"text": "x"},
        {"text": "x", "kind": "current"},
        {"text": "x", "machine_template": "SIMPLE", "kind": "current"},
        {"text": "x", "machine_template": "SIMPLE", "capability": "NULL", "kind": "current"},
        {"text": "x", "capability": "NULL"},
        {"text": "", "machine_template": "SIMPLE"},
        {"text": "two\nlines", "machine_template": "SIMPLE"},
        {"text": "a\0b", "machine_template": "SIMPLE"},
    ],
)
def test_a_note_that_cannot_be_is_refused(boss: Client, typed: Mapping[str, str]) -> None:
    pks = {"SIMPLE": str(template(SIMPLE).pk), "NULL": str(Capability.objects.get(name="null").pk)}
    before = state()
    response = save(
        boss, url("note", "add"), **{name: pks.get(value, value) for name, value in typed.items()}
    )
    assert read(response).all("ul", class_="errorlist") or told(response)
    assert "successfully" not in told(response)
    assert state() == before
    assert not LogEntry.objects.exists()


def test_a_note_that_is_removed_in_between_is_told(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, pk = notes.change, note().pk

    def change_late(**given: Any) -> Note:
        notes.remove(note=Note.objects.get(pk=pk), by=BEA)
        return change(**given)

    page = url("note", "change", pk)
    opened = form_of(boss.get(page))
    monkeypatch.setattr(notes, "change", change_late)
    before = state()
    response = boss.post(page, {**opened, "text": "Yes", "_save": "Save"}, follow=True)
    assert "This note was removed in the meantime." in told(response)
    assert state() == before  # its removal was undone with the save that it was part of here
    assert not LogEntry.objects.exists()


# -- the registry


def test_a_term_is_added_changed_and_removed_and_django_logs_it(boss: Client) -> None:
    before = head()
    save(boss, url("term", "add"), kind="action", name="Tell", argument="message")
    term = Term.objects.get(name="Tell")
    save(boss, url("term", "change", term.pk), name="TellAll")
    term.refresh_from_db()
    assert (term.name, term.argument) == ("TellAll", "message")
    boss.post(url("term", "delete", term.pk), {"post": "yes"})
    assert not Term.objects.filter(pk=term.pk).exists()
    flags = LogEntry.objects.order_by("pk").values_list("action_flag", flat=True)
    assert list(flags) == [ADDITION, CHANGE, DELETION]
    assert head() == before  # terms change no machine


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "state", "name": ""},
        {"kind": "state", "name": "Queued"},
        {"kind": "state", "name": "New", "argument": "message"},
        {"kind": "event", "name": "new", "final": "on"},
        {"kind": "event", "name": "a\u202eb"},
        {"kind": "planet", "name": "new"},
    ],
)
def test_a_term_that_cannot_be_is_refused(boss: Client, typed: Mapping[str, str]) -> None:
    before = state()
    response = boss.post(url("term", "add"), {**typed, "_save": "Save"})
    assert response.status_code == 200
    assert read(response).all("ul", class_="errorlist")
    assert state() == before
    assert not LogEntry.objects.exists()


def test_a_term_that_is_known_gives_no_finding(boss: Client) -> None:
    findings = "/capabilities/std_calibration/ideal/findings/"
    assert "ingest-failed" in read(boss.get(findings)).text
    save(boss, url("term", "add"), kind="notification", name="ingest-failed")
    assert "ingest-failed" not in read(boss.get(findings)).text


# -- around it


def test_the_admin_stands_in_the_shell_of_our_pages(boss: Client) -> None:
    tree: Element = read(boss.get("/admin/"))
    links = [each["href"] for each in tree.one("nav", class_="primary").all("a")]
    ours = ["/", "/machine-templates/", "/audit/", "/questions/", "/change-requests/"]
    assert links[: len(ours)] == ours


def test_a_choice_offers_names_only_to_those_who_may_see_them(seed: object) -> None:
    query = "?app_label=capabilities&model_name=note&field_name=capability&term=null"
    response = client_of(VIEWER).get(f"/admin/autocomplete/{query}")
    assert [each["text"] for each in response.json()["results"]] == ["null", "null_dag"]
