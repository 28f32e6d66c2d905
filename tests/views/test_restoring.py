"""Restoring from the log: the plan, what is written, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.authoring import capabilities, definitions, machine_templates, overrides, texts
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Capability
from capabilities.verifying import faults
from tests.factories import (
    COMPLETE,
    FAIL,
    PASS,
    QA,
    RESUME,
    SIMPLE,
    SUBMITTED,
    editor_author,
    effective,
    head,
    last_entries,
    seen,
    state,
    template,
)
from tests.html import Element, read
from tests.people import STAFF, VIEWER, client_of, person

from .answers import message


def first_of(name: str, kind: str = "current") -> AuditEntry:
    return AuditEntry.objects.filter(name=name, kind=kind).earliest("sequence")


def url_of(entry: AuditEntry) -> str:
    return f"/log/{entry.sequence}/restore/"


def form_of(answer: Any) -> Element:
    return read(answer).one("form", id="restore-form")


def button(client: Client, entry: AuditEntry, side: str = "after") -> Any:
    """The plan, as the button on the entry's page asks for it."""
    form = read(client.get(entry.get_absolute_url())).one("form", id=f"restore-{side}")
    return client.post(form["action"], form.typed)


def ten_edits() -> None:
    name = "std_calibration"
    for key in (FAIL, PASS, RESUME, SUBMITTED):
        overrides.drop(definition=seen(name), key=key, by=editor_author())
    overrides.restore(definition=seen(name), key=RESUME, by=editor_author())
    for chosen in (template(SIMPLE), None):
        definitions.choose_machine_template(
            definition=seen(name), machine_template=chosen, by=editor_author()
        )
    definitions.attach_stage(
        definition=seen(name), machine_template=template(QA), by=editor_author()
    )
    text = "[Start] - <capability-submitted> {QaPass} -> [Complete]\n"
    texts.save(definition=seen(name), text=text, by=editor_author())
    definitions.remove_stage(
        definition=seen(name), machine_template=template(QA), by=editor_author()
    )


def test_after_ten_edits_the_page_restores_how_it_was_imported(editor: Client) -> None:
    name = "std_calibration"
    first, before, since = first_of(name), effective(name), head()
    ten_edits()
    kept = last_entries()
    assert len(kept) == since + 10
    assert effective(name) != before
    planned = button(editor, first)
    assert planned.status_code == 200
    assert last_entries() == kept  # nothing is saved yet
    tree = read(planned)
    assert tree.one(id="rehearsal").says("1 machine changes. Nothing is saved yet.")
    assert tree.one("ul", class_="how").says("It is made of what it was made of then")
    form = form_of(planned)
    assert form.one("button").text == "Restore it: 1 machine changes"
    done = editor.post(form["action"], {**form.typed, "message": "Start again."}, follow=True)
    assert done.redirect_chain[-1][0] == f"/capabilities/{name}/current/"
    assert message(done).startswith(
        f"Restored {name} current to how it was after entry {first.sequence}."
    )
    assert effective(name) == before
    *others, new = last_entries()
    assert [each.digest for each in others] == [each.digest for each in kept]
    assert (new.action, new.message, new.after) == ("restored", "Start again.", first.after)
    assert list(faults()) == []


def test_a_machine_template_s_plan_names_every_machine_that_changes(editor: Client) -> None:
    first = AuditEntry.objects.get(subject="machine template", name=SIMPLE)
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author()
    )
    planned = button(editor, first)
    plan = read(planned).one(id="rehearsal")
    assert {"null", "null_dag", "std_calibration"} <= {
        each.text for each in plan.all("span", class_="name")
    }
    form = form_of(planned)
    answer = editor.post(form["action"], form.typed)
    assert answer.headers["Location"] == f"/machine-templates/{SIMPLE}/"
    assert COMPLETE in effective("null").by_key


def test_the_other_side_of_an_entry_is_restored_too(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    planned = button(editor, last_entries()[-1], "before")
    editor.post(form_of(planned)["action"], form_of(planned).typed)
    assert RESUME in effective("null").by_key


def test_an_ideal_that_loses_its_own_machine_is_in_the_plan(editor: Client) -> None:
    overrides.drop(definition=seen("null", "ideal"), key=RESUME, by=editor_author())
    planned = button(editor, last_entries()[-1], "before")
    plan = read(planned).one(id="rehearsal")
    assert plan.says("1 machine changes")
    assert plan.one("summary").says("null ideal")


def test_the_address_alone_asks_before_it_plans(editor: Client, way: Mapping[str, str]) -> None:
    before = state()
    answer = editor.get(f"{url_of(first_of('null'))}?side=before", headers=way)
    form = form_of(answer)
    assert (form.typed["side"], form.one("button").text) == ("before", "Show the plan")
    assert form_of(editor.get(f"{url_of(first_of('null'))}?side=<b>")).typed["side"] == "after"
    assert state() == before


def test_a_removed_capability_comes_back(editor: Client) -> None:
    before = effective("null")
    capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author())
    planned = button(editor, first_of("null"))
    assert read(planned).says("It was removed since, and comes back.")
    editor.post(form_of(planned)["action"], form_of(planned).typed)
    assert effective("null") == before


# -- refusals


def test_what_is_so_already_is_refused_and_the_message_stays_typed(editor: Client) -> None:
    before = state()
    answer = editor.post(url_of(first_of("null")), {"side": "after", "message": "Why not"})
    assert answer.status_code == 422
    assert read(answer).one(id="refusal").says("nothing to do: it is so already")
    assert form_of(answer).typed["message"] == "Why not"
    assert state() == before


@pytest.mark.parametrize("version", ["", "x", "9" * 400])
def test_a_plan_without_a_version_is_not_carried_out(editor: Client, version: str) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    form = form_of(button(editor, first_of("null")))
    before = state()
    answer = editor.post(form["action"], {**form.typed, "version": version})
    assert answer.status_code == 428
    assert state() == before


def test_who_was_slower_sees_by_whom_it_was_changed(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    form = form_of(button(editor, first_of("null")))
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author("eve"))
    before = state()
    answer = editor.post(form["action"], form.typed)
    assert answer.status_code == 409
    assert read(answer).one(id="refusal").says("by eve")
    assert state() == before
    again = form_of(answer)
    assert "plan" not in again.typed
    planned = form_of(editor.post(again["action"], again.typed))
    editor.post(planned["action"], planned.typed)
    assert render(effective("null")) == first_of("null").after


def test_another_plan_than_the_one_that_was_seen_is_shown_first(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    form = form_of(button(editor, first_of("null")))
    machine_templates.drop(
        machine_template=template(SIMPLE), key=COMPLETE, version=1, by=editor_author("eve")
    )
    before = state()
    answer = editor.post(form["action"], form.typed)
    assert answer.status_code == 409
    assert read(answer).one(id="rehearsal").says("Nothing was saved")
    assert read(answer).one("ul", class_="how").says("are written anew")
    assert state() == before


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"side": "between"}, "before or after"),
        ({"side": "after", "message": "x" * 501}, "see what is said below"),
        ({"side": "after", "message": "two\nlines"}, "one line"),
    ],
)
def test_what_cannot_be_restored_so_is_told(
    editor: Client, data: Mapping[str, str], told: str
) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    answer = editor.post(url_of(first_of("null")), data)
    assert answer.status_code == 422
    assert read(answer).one(id="refusal").says(told)


def test_a_damaged_entry_restores_nothing(editor: Client) -> None:
    damaged = first_of("null")
    damaged.pk, damaged.previous, damaged.digest = head() + 1, "x", "y"
    damaged.after = "[Start] - nonsense"
    damaged.save(force_insert=True)
    before = state()
    answer = editor.post(url_of(damaged), {"side": "after"})
    assert answer.status_code == 422
    assert read(answer).one(id="refusal").says("it was changed after it was written")
    assert state() == before


def test_it_needs_the_right_to_edit_what_the_entry_tells_of(editor: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    of_template = AuditEntry.objects.get(subject="machine template", name=SIMPLE)
    somebody = person(STAFF)
    for right in ("view_auditentry", "change_definition"):
        somebody.user_permissions.add(Permission.objects.get(codename=right))
    client = client_of(STAFF)
    assert client.post(url_of(first_of("null"))).status_code == 200
    assert client.post(url_of(of_template)).status_code == 403
    capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author())
    assert client.post(url_of(first_of("null"))).status_code == 403
    somebody.user_permissions.add(Permission.objects.get(codename="add_capability"))
    assert client_of(STAFF).post(url_of(first_of("null"))).status_code == 200


def test_who_may_not_edit_is_not_offered_it(editor: Client) -> None:
    page = client_of(VIEWER).get(first_of("null").get_absolute_url())
    assert "/restore/" not in page.content.decode()
    assert "/restore/" in editor.get(first_of("null").get_absolute_url()).content.decode()


def test_an_entry_without_a_machine_on_one_side_offers_the_other_one(editor: Client) -> None:
    tree = read(editor.get(first_of("null").get_absolute_url()))
    assert {each["id"] for each in tree.all("form") if "restore" in each["id"]} == {"restore-after"}
