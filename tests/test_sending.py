"""Sending what waits for webhooks: signed, tried again, and never to where it must not go."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from capabilities import sending
from capabilities.authoring import webhooks
from capabilities.authoring.plans import Plan
from capabilities.models import Delivery, DeliveryAttempt, Webhook
from capabilities.models.addresses import is_public, validate_url
from capabilities.sending import posting

from .factories import editor_author
from .receiving import HOST, Receiver, receiving, webhook
from .releasing import deployed, released

BY = editor_author("rel")
State = Delivery.State


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_HOSTS = [HOST]
    with receiving(Receiver()) as found:
        yield found


def sent() -> list[DeliveryAttempt]:
    return list(sending.send_due())


def a_test(receiver: Receiver) -> Delivery:
    return webhooks.send_test(webhook=webhook(receiver.url), by=BY)


# -- what arrives


def test_a_message_is_accepted_by_a_library_that_checks_its_signature(
    db: None, receiver: Receiver
) -> None:
    delivery = a_test(receiver)
    [attempt] = sent()
    [(path, headers, body)] = receiver.came
    said = Verifier(Webhook.objects.get().secret).verify(body, headers)
    assert said == json.loads(body)
    assert said["type"] == "webhook.tested"
    assert said["data"] == {"title": "Chat", "by": "rel"}
    assert path == "/hook?token=abc"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert (attempt.status, attempt.problem) == (204, "")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == (State.DELIVERED, None)
    assert headers["webhook-id"] == delivery.message_id


@pytest.mark.parametrize("change", ["body", "secret", "late"])
def test_that_library_refuses_another_body_another_secret_and_an_old_message(
    db: None, receiver: Receiver, change: str
) -> None:
    a_test(receiver)
    sent()
    [(_, headers, body)] = receiver.came
    stored = Webhook.objects.get()
    secret = stored.secret
    if change == "secret":
        secret = webhooks.renew_secret(webhook=stored, by=BY).secret
    then = timezone.now() + timedelta(minutes=6 * (change == "late"))
    with time_machine.travel(then), pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body + " " * (change == "body"), headers)


def test_a_release_and_its_deployment_arrive_in_their_order_and_say_what_changes(
    seed: Plan, receiver: Receiver
) -> None:
    webhook(receiver.url)
    first = released()
    deployed(first, "production")
    assert [each.status for each in sent()] == [204, 204]
    release, deployment = (json.loads(body) for _, _, body in receiver.came)
    assert (release["type"], deployment["type"]) == ("release.created", "deployment.recorded")
    assert release["data"]["digest"] == first.digest
    assert release["data"]["verdict"] == "The first release: 7 machines."
    assert deployment["data"]["environment"] == "production"
    assert deployment["data"]["path"] == "/releases/1/"


# -- what does not


def test_what_fails_is_tried_eight_times_over_more_than_a_day_and_then_given_up(
    db: None, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    started = timezone.now()
    delivery = a_test(receiver)
    waits = []
    with time_machine.travel(started, tick=False) as clock:
        while delivery.due_at:
            clock.move_to(delivery.due_at)
            waits.append(delivery.due_at - started)
            [attempt] = sent()
            assert (attempt.status, attempt.problem) == (500, "It did not accept the message.")
            assert sent() == []  # not before it is due again
            delivery.refresh_from_db()
    assert delivery.state == State.GIVEN_UP
    assert len(waits) == len(receiver.came) == 8
    assert waits == sorted(waits)
    assert timedelta(days=1) < waits[-1] < timedelta(days=2)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1


def test_what_arrives_at_the_second_attempt_is_delivered(db: None, receiver: Receiver) -> None:
    receiver.statuses = [503, 200]
    delivery = a_test(receiver)
    sent()
    delivery.refresh_from_db()
    assert delivery.state == State.WAITING
    with time_machine.travel(timezone.now() + timedelta(seconds=6)):
        sent()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts.count()) == (State.DELIVERED, 2)


def test_a_receiver_that_is_gone_for_good_is_not_asked_again(db: None, receiver: Receiver) -> None:
    receiver.statuses = [410]
    delivery = a_test(receiver)
    sent()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == (State.GIVEN_UP, None)


def test_a_message_that_was_given_up_is_sent_again_when_somebody_asks(
    db: None, receiver: Receiver
) -> None:
    receiver.statuses = [410, 200]
    delivery = a_test(receiver)
    sent()
    delivery.refresh_from_db()
    webhooks.send_again(delivery=delivery, by=BY)
    sent()
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


def test_a_redirect_is_not_followed(db: None, receiver: Receiver) -> None:
    with receiving(Receiver()) as other:
        receiver.statuses, receiver.location = [302], other.url
        a_test(receiver)
        [attempt] = sent()
        assert attempt.problem == "It answered with a redirect, which is not followed."
        assert other.came == []


def test_a_receiver_that_drips_does_not_hold_the_sender(
    db: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    receiver.drips = True
    a_test(receiver)
    [attempt] = sent()
    assert attempt.problem == "It did not answer within 0.3 seconds."
    assert attempt.milliseconds < 3000


def test_nobody_who_listens_and_no_such_host_are_told_in_words(
    db: None, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        free = probe.getsockname()[1]
    assert posting.post(f"http://{HOST}:{free}/", "{}", {}).problem == "Nothing listens there."

    def fail(*arguments: object, **words: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    answer = posting.post("https://nowhere.example.org/", "{}", {})
    assert (answer.status, answer.problem) == (None, "There is no host nowhere.example.org.")


def test_a_server_without_tls_where_there_should_be_tls_is_told_in_words(
    receiver: Receiver,
) -> None:
    answer = posting.post(receiver.url.replace("http:", "https:"), "{}", {})
    assert answer.problem == "It does not speak TLS as it should."
    assert receiver.came == []


# -- where it must not go


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.5", "172.16.1.1", "192.168.1.1", "169.254.169.254", "0.0.0.1"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    ],
)
def test_an_address_inside_of_a_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001:82f::200e"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fe80::1%eth0"], ["::ffff:169.254.169.254"]]
)
def test_a_public_name_that_leads_inside_is_not_called(
    found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[object] = []
    infos = [(0, 0, 0, "", (each, 443)) for each in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
    monkeypatch.setattr(socket, "create_connection", lambda *given, **_: connected.append(given))
    answer = posting.post("https://rebound.example.org/", "{}", {})
    assert answer.problem.startswith("rebound.example.org is not on the public internet")
    assert connected == []


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [["8.8.8.8"], ["127.0.0.1"]]  # the second one would be the trap
    connected = []

    def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", (each, 443)) for each in answers.pop(0)]

    def connect(address: tuple[str, int], timeout: float) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    posting.post("https://rebound.example.org/", "{}", {})
    assert connected == [("8.8.8.8", 443)]


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "ftp://example.org/", "javascript:alert(1)", "https://", "//example.org/"),
        *("http://example.org/", "https://localhost/", "https://x.localhost/", "https://intra/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/"),
        *("https://name:word@example.org/", "https://example.org/#part", "https://example.org:0/"),
        *("https://example.org:99999/", "https://exa mple.org/", "https://example.org/\r\nX: y"),
        *("https://ex\u00e4mple.org/", "https://[zz]/", "https://metadata.google.internal/"),
        "https://" + "a" * 70 + ".org/",
    ],
)
def test_an_address_that_cannot_be_is_refused_when_it_is_typed(url: str, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["chat.intra"]
    with pytest.raises(ValidationError):
        validate_url(url)
    assert posting.post(url, "{}", {}).status is None


def test_a_host_that_the_setting_names_may_be_inside_and_without_tls(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["Chat.intra", "10.0.0.5"]
    for url in ("http://chat.intra:8065/hooks/x", "https://10.0.0.5/", "https://example.org/x?y=z"):
        validate_url(url)


# -- by whom it is sent


def test_of_two_senders_one_has_a_message(db: None, receiver: Receiver) -> None:
    a_test(receiver)
    now = timezone.now()
    assert webhooks.claim(due=now)
    assert webhooks.claim(due=now) is None
    with time_machine.travel(now + webhooks.LEASE + timedelta(seconds=1)):
        assert webhooks.claim(due=timezone.now())  # whoever had it has died


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_senders_at_once_send_each_message_once(receiver: Receiver) -> None:
    chat = webhook(receiver.url)
    ids = {webhooks.send_test(webhook=chat, by=BY).message_id for _ in range(12)}
    barrier = threading.Barrier(4)

    def send() -> None:
        barrier.wait()
        sending.send_now()
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(headers["webhook-id"] for _, headers, _ in receiver.came) == sorted(ids)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_thread_sends_what_is_announced_and_ends(receiver: Receiver) -> None:
    delivery = a_test(receiver)
    sender = sending.Sender()
    sender.wake()
    sender.wake()
    for thread in threading.enumerate():
        if thread.name == "webhooks":
            thread.join(timeout=20)
    assert not sender.is_awake
    delivery.refresh_from_db()
    assert (delivery.state, len(receiver.came)) == (State.DELIVERED, 1)


def test_the_thread_waits_for_what_is_due_later_and_looks_again_within_a_minute(
    db: None, receiver: Receiver
) -> None:
    receiver.statuses = [500, 500]
    a_test(receiver)
    sender = sending.Sender()
    wait = sender.round()
    assert wait is not None
    assert 4 < wait <= 5
    with time_machine.travel(timezone.now() + timedelta(seconds=6)):
        assert sender.round() == sending.LONGEST  # the next attempt is in five minutes


def test_a_database_that_is_away_ends_no_thread(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(webhooks, "claim", fail)
    assert sending.Sender().round() == sending.LONGEST


def test_nothing_is_sent_to_a_webhook_that_is_switched_off_or_removed(
    db: None, receiver: Receiver
) -> None:
    off, gone = webhook(receiver.url, "Off"), webhook(receiver.url, "Gone")
    for each in (off, gone):
        webhooks.send_test(webhook=each, by=BY)
    words = {"title": off.title, "url": off.url, "events": off.events}
    webhooks.change(webhook=off, **words, is_active=False, by=BY)
    webhooks.remove(webhook=gone, by=BY)
    assert sent() == []
    states = dict(Delivery.objects.values_list("title", "state"))
    assert states == {"Off": State.WAITING, "Gone": State.GIVEN_UP}
    webhooks.change(webhook=off, **words, is_active=True, by=BY)
    assert len(sent()) == len(receiver.came) == 1
