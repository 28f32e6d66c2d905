"""Sending what waits for webhooks, from the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from capabilities.authoring import webhooks
from capabilities.authoring.plans import Plan
from capabilities.models import Delivery
from tests.drifted import THREE, dump
from tests.factories import editor_author
from tests.receiving import HOST, Receiver, receiving, webhook
from tests.releasing import WARNINGS, released

from .running import run

BY = editor_author("rel")


@pytest.fixture
def receiver(db: None, settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_HOSTS = [HOST]
    with receiving(Receiver()) as found:
        yield found


def test_what_is_due_is_sent_and_told(receiver: Receiver) -> None:
    webhooks.send_test(webhook=webhook(receiver.url), by=BY)
    ran = run("send_webhooks")
    assert (ran.code, ran.out) == (0, "delivered: webhook.tested to Chat: 204 (1 attempt)\n")
    assert run("send_webhooks").out == "Nothing is due.\n"


def test_what_does_not_arrive_ends_with_1_and_says_when_it_is_tried_again(
    receiver: Receiver,
) -> None:
    receiver.statuses = [500]
    webhooks.send_test(webhook=webhook(receiver.url), by=BY)
    ran = run("send_webhooks", "--json")
    assert ran.code == 1
    [attempt] = ran.json["attempts"]
    stored = Delivery.objects.get()
    assert stored.due_at
    assert attempt["next"] == stored.due_at.isoformat()
    assert (attempt["state"], attempt["status"]) == ("waiting", 500)
    assert attempt["id"] == stored.message_id


def test_who_releases_or_deploys_by_a_command_has_it_sent(seed: Plan, receiver: Receiver) -> None:
    webhook(receiver.url)
    words = [word for each in WARNINGS for word in ("--acknowledge", ":".join(each))]
    assert run("release_machines", "--title", "The first", *words).code == 0
    assert run("record_deployment", "1", "test").code == 0
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DELIVERED}
    assert len(receiver.came) == 2


def test_a_receiver_that_fails_fails_no_release(seed: Plan, receiver: Receiver) -> None:
    receiver.statuses = [500]
    webhook(receiver.url)
    released()
    ran = run("record_deployment", "1", "test")
    assert (ran.code, ran.out) == (0, "test has release 1 now.\n")
    assert len(receiver.came) == 2


def test_drift_that_counts_is_announced_when_that_is_asked_for(
    seed: Plan, receiver: Receiver, tmp_path: Path
) -> None:
    webhook(receiver.url)
    fine, drifted = tmp_path / "fine.json", tmp_path / "drifted.json"
    fine.write_text(dump(), encoding="utf-8")
    drifted.write_text(dump(*THREE), encoding="utf-8")
    assert run("check_deployed", str(fine), "--announce").code == 0
    assert run("check_deployed", str(drifted)).code == 1
    assert receiver.came == []
    ran = run("check_deployed", str(drifted), "--announce", "--json")
    assert ran.code == 1
    [(_, _, body)] = receiver.came
    said = json.loads(body)
    assert said["type"] == "drift.found"
    assert said["data"]["drift"] == ran.json["drift"]
    assert len(said["data"]["drift"]) == 3
    assert said["data"]["left_out"] == {}


def test_a_long_list_of_drift_is_cut_and_says_so(db: None) -> None:
    webhook()
    report = {"verdict": "Much.", "drift": list(range(130)), "broken": []}
    [delivery] = webhooks.announce_drift(report=report, by=BY)
    data = json.loads(delivery.body)["data"]
    assert data["drift"] == list(range(webhooks.LISTED))
    assert (data["left_out"], data["verdict"]) == ({"drift": 30}, "Much.")
