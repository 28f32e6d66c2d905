"""Webhooks in the browser: adding one, its secret, its messages, and who sees what."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.shortcuts import get_object_or_404
from django.test import Client

from capabilities.authoring import webhooks
from capabilities.authoring.plans import Plan
from capabilities.models import Delivery, EventType, Webhook
from tests.factories import editor_author, state
from tests.html import Element, read
from tests.people import EDITOR, HTMX, RELEASER, SUPERUSER, VIEWER, client_of
from tests.receiving import attempted, webhook
from tests.releasing import WARNINGS, released
from tests.test_security import HOSTILE

from .answers import is_page, message, root

URL = "https://example.org/hook?token=abc"
TYPED = {"title": "Chat", "url": URL, "events": ["release.created", "drift.found"]}
BY = editor_author("rel")


@pytest.fixture
def releaser(db: None) -> Client:
    return client_of(RELEASER)


def change(client: Client, made: Webhook, verb: str, **words: Any) -> Any:
    return client.post(f"{made.get_absolute_url()}change/", {"verb": verb, **words})


def secret_on(page: Element) -> str:
    found = page.all(id="secret")
    return found[0].text if found else ""


# -- adding one


def test_who_adds_a_webhook_is_shown_its_secret_once(releaser: Client) -> None:
    response = releaser.post("/webhooks/new/", TYPED)
    made = Webhook.objects.get()
    assert response.headers["Location"] == made.get_absolute_url()
    assert (made.title, made.url, made.by) == ("Chat", URL, RELEASER)
    assert made.events == ["release.created", "drift.found"]
    first = releaser.get(made.get_absolute_url())
    assert message(first) == "Added the webhook “Chat”."
    assert secret_on(read(first)) == made.secret
    assert made.secret.encode() not in releaser.get(made.get_absolute_url()).content
    [entry] = LogEntry.objects.all()
    assert (str(entry), entry.user.get_username()) == ("Added “webhook “Chat””.", RELEASER)


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"url": "http://example.org/"}, "url", "Write an address that begins with https://."),
        ({"url": "https://10.0.0.1/"}, "url", "10.0.0.1 is not on the public internet"),
        ({"events": []}, "events", "This field is required."),
        ({"events": ["x"]}, "events", "Select a valid choice."),
        ({"title": "Known"}, "title", "Webhook with this Title already exists."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_stays(
    releaser: Client, typed: dict[str, Any], field: str, told: str
) -> None:
    webhook(title="Known")
    before = state()
    response = releaser.post("/webhooks/new/", {**TYPED, **typed})
    assert response.status_code == 422
    assert state() == before
    form = read(response).one("form", class_="page-form")
    assert told in form.one(class_=f"field-{field}").text
    assert form.one("input", name="url")["value"] == {**TYPED, **typed}["url"]


# -- who sees what


def test_who_may_not_change_webhooks_sees_their_hosts_alone(db: None) -> None:
    made = webhook(URL)
    webhooks.send_test(webhook=made, by=BY)
    for url in ("/webhooks/", made.get_absolute_url()):
        for role, sees in ((VIEWER, False), (EDITOR, False), (RELEASER, "webhooks/1" in url)):
            content = client_of(role).get(url).content.decode()
            assert "https://example.org/" in content
            assert ("token=abc" in content) is (sees or (role == RELEASER and url != "/webhooks/"))
    page = read(client_of(VIEWER).get(made.get_absolute_url()))
    assert page.all("form", method="post", class_="page-form") == []
    assert page.all(id="test") == []
    assert read(client_of(VIEWER).get("/webhooks/")).all("a", class_="primary") == []


def test_the_admin_shows_neither_the_address_nor_what_the_secret_is_made_of(db: None) -> None:
    made = webhook(URL)
    response = client_of(VIEWER).get(f"/admin/capabilities/webhook/{made.pk}/change/")
    assert response.status_code == 200
    content = response.content.decode()
    assert "Chat" in content
    assert "token=abc" not in content
    assert made.salt not in content


def test_the_list_says_who_is_told_of_what_and_what_became_of_the_last_message(
    releaser: Client,
) -> None:
    assert "Nobody is told yet." in read(releaser.get("/webhooks/")).one("p", class_="empty").text
    made = webhook(events=["release.created"])
    webhooks.send_test(webhook=made, by=BY)
    Delivery.objects.update(state=Delivery.State.GIVEN_UP, due_at=None)
    row = read(releaser.get("/webhooks/")).one("tbody").one("tr").text
    assert "Chat" in row
    assert "a release" in row
    assert "a deployment" not in row
    assert "✗ given up" in row


# -- changing one


def test_a_webhook_is_changed_and_switched_off(releaser: Client, woken: list[str]) -> None:
    made = webhook()
    response = change(releaser, made, "save", **{**TYPED, "title": "Log"})
    assert response.status_code == 302
    made.refresh_from_db()
    assert (made.title, made.url, made.is_active) == ("Log", URL, False)
    assert woken == ["woken"]
    page = read(releaser.get(made.get_absolute_url()))
    assert page.all(id="test") == []
    refused = change(releaser, made, "test")
    assert refused.status_code == 422
    assert "It is switched off" in read(refused).one(class_="refusal").text
    assert not Delivery.objects.exists()


def test_a_change_that_cannot_be_is_refused_and_keeps_what_was_typed(releaser: Client) -> None:
    webhook(title="Known")
    made = webhook()
    before = state()
    for typed in ({"url": "https://localhost/"}, {"title": "Known"}):
        response = change(releaser, made, "save", **{**TYPED, **typed})
        assert response.status_code == 422
        assert state() == before
        [(name, value)] = typed.items()
        assert read(response).one("input", name=name)["value"] == value


def test_a_new_secret_is_shown_once_and_is_another_one(releaser: Client) -> None:
    made = webhook()
    before = made.secret
    assert change(releaser, made, "renew").status_code == 302
    made.refresh_from_db()
    assert secret_on(read(releaser.get(made.get_absolute_url()))) == made.secret != before


def test_a_secret_is_shown_to_nobody_else(releaser: Client) -> None:
    made = webhook()
    change(releaser, made, "renew")
    for role in (VIEWER, SUPERUSER):
        assert secret_on(read(client_of(role).get(made.get_absolute_url()))) == ""


def test_a_webhook_is_removed_and_its_messages_stay(releaser: Client) -> None:
    made = webhook()
    webhooks.send_test(webhook=made, by=BY)
    response = change(releaser, made, "remove")
    assert response.headers["Location"] == "/webhooks/"
    assert not Webhook.objects.exists()
    stored = Delivery.objects.get()
    assert (stored.title, stored.state, stored.due_at) == ("Chat", Delivery.State.GIVEN_UP, None)
    assert str(LogEntry.objects.get()) == "Deleted “webhook “Chat”.”"
    assert releaser.get(made.get_absolute_url()).status_code == 404


def test_a_form_that_does_not_say_what_to_do_does_nothing(releaser: Client) -> None:
    made = webhook()
    before = state()
    for verb in ("", "explode"):
        response = change(releaser, made, verb)
        assert response.status_code == 422
        assert "did not say what to do" in read(response).one(class_="refusal").text
    assert state() == before


@pytest.mark.parametrize("verb", ["save", "renew", "remove", "test", "again"])
def test_what_somebody_else_removed_meanwhile_is_not_found_and_does_not_come_back(
    releaser: Client, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = webhook()
    delivery = attempted(made)
    find = get_object_or_404

    def find_last(*arguments: Any, **words: Any) -> Any:
        found = find(*arguments, **words)
        if verb != "again" or isinstance(found, Delivery):
            webhooks.remove(webhook=Webhook.objects.get(), by=BY)
        return found

    monkeypatch.setattr("capabilities.views.webhooks.get_object_or_404", find_last)
    assert change(releaser, made, verb, **TYPED, delivery=delivery.pk).status_code == 404
    assert not Webhook.objects.exists()
    assert not Delivery.objects.filter(due_at__isnull=False).exists()


# -- its messages


def test_a_test_message_is_sent_and_the_page_looks_again_until_it_is_tried(
    releaser: Client, woken: list[str]
) -> None:
    made = webhook()
    change(releaser, made, "test")
    assert woken == ["woken"]
    delivery = Delivery.objects.get()
    part = releaser.get(made.get_absolute_url(), headers=HTMX)
    assert not is_page(part)
    assert root(part)["hx-get"] == made.get_absolute_url()
    delivery.delete()
    delivery = attempted(made, 500, "It did not accept the message.")
    tree = root(releaser.get(made.get_absolute_url(), headers=HTMX))
    assert "hx-get" not in tree.attributes
    assert "… waiting" in tree.text
    assert "500 It did not accept the message. 7 ms" in tree.text
    assert delivery.message_id in tree.text


def test_a_message_is_sent_again_and_never_one_of_another_webhook(
    releaser: Client, woken: list[str]
) -> None:
    made, other = webhook(), webhook(title="Other")
    delivery = webhooks.send_test(webhook=made, by=BY)
    Delivery.objects.update(state=Delivery.State.GIVEN_UP, due_at=None)
    assert change(releaser, other, "again", delivery=delivery.pk).status_code == 404
    assert change(releaser, made, "again", delivery="x").status_code == 404
    assert change(releaser, made, "again", delivery=delivery.pk).status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING
    assert woken == ["woken"]


def test_who_releases_or_deploys_on_a_page_has_it_sent(
    seed: Plan, releaser: Client, woken: list[str]
) -> None:
    webhook()
    form = read(releaser.get("/releases/new/")).one("form", class_="release-form").typed
    ticked = [":".join(each) for each in WARNINGS]
    releaser.post("/releases/new/", {**form, "title": "QA", "acknowledged": ticked})
    releaser.post("/releases/1/deployments/", {"environment": "dev"})
    assert woken == ["woken", "woken"]
    events = list(Delivery.objects.order_by("id").values_list("event", flat=True))
    assert events == [EventType.RELEASE, EventType.DEPLOYMENT]


def test_what_is_refused_is_announced_to_nobody(seed: Plan, releaser: Client) -> None:
    webhook()
    releaser.post("/releases/new/", {"title": "QA", "head": "0"})
    assert not Delivery.objects.exists()
    released()
    releaser.post("/releases/1/deployments/", {"environment": "nowhere"})
    assert [each.event for each in Delivery.objects.all()] == [EventType.RELEASE]


def test_hostile_text_is_refused_or_kept_and_never_markup(releaser: Client) -> None:
    for value in HOSTILE:
        for field in ("title", "url"):
            before = state()
            response = releaser.post("/webhooks/new/", {**TYPED, field: value})
            assert response.status_code in (302, 422), (field, value)
            if response.status_code == 422:
                assert state() == before
                continue
            made = Webhook.objects.latest("id")
            page = releaser.get(made.get_absolute_url())
            assert read(page).one("input", name="title")["value"] == value.strip()
            for element in read(page):
                assert element.tag not in ("b", "img", "iframe"), value
            made.delete()
