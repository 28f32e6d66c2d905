"""The main job as one person does it, from signing in to the file for deployment."""

import json
import re
from pathlib import Path

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from .conftest import PASSWORD


def test_from_signing_in_to_the_fixture(page: Page, editor: User) -> None:
    _sign_in(page, editor)
    _choose_the_machine_template(page)
    _override_qa_fail(page)
    _find_it_in_the_log(page)
    _find_it_in_the_fixture(page)


def _sign_in(page: Page, user: User) -> None:
    page.goto("/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Capabilities")).to_be_visible()


def _choose_the_machine_template(page: Page) -> None:
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="null", exact=True))
    row.get_by_role("link", name="same as current").click()
    diagram = page.locator("#diagram svg")
    expect(diagram).not_to_contain_text("Awaiting QA")
    page.evaluate("window.sameDocument = true")

    page.get_by_text("Choose the machine template by its picture").click()
    page.locator(".card").filter(has_text="Run-workflow with single-stage QA").click()
    page.get_by_role("button", name="Use this machine template").click()

    for state in ("Awaiting QA", "Ingesting"):
        expect(diagram).to_contain_text(state)
    said = "The machine template is Run-workflow with single-stage QA."
    expect(page.locator("#status")).to_have_text(said)
    expect(page.locator("#differences .verdict")).to_contain_text("4 transitions are added")


def _override_qa_fail(page: Page) -> None:
    expect(page.locator("#findings")).not_to_contain_text("NotifyPi")
    page.get_by_role("link", name="Change [Awaiting QA] - <qa-fail>").click()
    form = page.get_by_role("form", name="Change [Awaiting QA] - <qa-fail>")
    form.get_by_label("Target").fill("Queued")
    form.get_by_role("button", name="Add an action").click()
    form.get_by_label("Action 2", exact=True).fill("NotifyPi")
    form.get_by_label("Ticket").fill("WS-901")
    form.get_by_label("Reason").fill("QA runs again")
    form.get_by_role("button", name="Save").click()

    row = page.locator("#row-6")
    expect(row.locator(".chip")).to_have_text("overridden here")
    expect(row).to_contain_text("QA runs again")
    edge = page.locator("#diagram-t6")
    expect(edge).to_contain_text("{NotifyPi}")
    expect(page.locator("#findings")).to_contain_text("NotifyPi")
    difference = page.locator("#differences tbody tr").filter(has_text="qa-fail")
    expect(difference).to_contain_text("{NotifyPi}")
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"


def _find_it_in_the_log(page: Page) -> None:
    page.get_by_role("link", name="Log", exact=True).click()
    entry = page.locator(".log-item").first
    expect(entry).to_contain_text("null")
    expect(entry).to_contain_text("eve")
    entry.get_by_role("link").first.click()
    expect(page.locator(".verdict")).to_contain_text("1 transition is changed")
    changed = page.locator(".differences tbody tr")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("+ {NotifyPi} new")
    expect(changed).to_contain_text("Queued new")


def _find_it_in_the_fixture(page: Page) -> None:
    page.get_by_role("link", name="Export", exact=True).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download Django fixture").click()
    download = started.value
    assert re.fullmatch(r"machines-fixture-\d{4}-\d\d-\d\d\.json", download.suggested_filename)
    rows = json.loads(Path(download.path()).read_text(encoding="utf-8"))
    overrides = [row["fields"] for row in rows if row["model"] == "capabilities.override"]
    found = [
        fields for fields in overrides if fields["event"] == "qa-fail" and "null" in str(fields)
    ]
    assert len(found) == 1
    assert found[0]["target"] == "Queued"
    assert "{NotifyPi}" in str(found[0]["actions"])
    assert found[0]["reason"] == "QA runs again"
