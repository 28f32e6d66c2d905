"""Signing in: who guesses has to wait."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from capabilities.forms.login import ATTEMPTS, MINUTES

from .html import read

LOGIN = "/admin/login/?next=/log/"
TOO_MANY = f"There were too many failed attempts. Wait {MINUTES} minutes, then try again."


@pytest.fixture(autouse=True)
def ada(db: None) -> User:
    cache.clear()
    return User.objects.create_superuser("ada", password="right")


def sign_in(name: str, password: str, address: str = "192.0.2.1") -> Any:
    data = {"username": name, "password": password}
    return Client().post(LOGIN, data, REMOTE_ADDR=address)


def told(response: Any) -> str:
    return read(response).one("p", class_="errornote").text


def guess(times: int, name: str = "ada", **words: str) -> None:
    for number in range(times):
        assert sign_in(name, f"wrong {number}", **words).status_code == 200


def test_after_too_many_failed_attempts_the_right_password_is_refused_for_some_minutes() -> None:
    guess(ATTEMPTS)
    refused = sign_in("ada", "right")
    assert refused.status_code == 200
    assert TOO_MANY in told(refused)
    with time_machine.travel(timezone.now() + timedelta(minutes=MINUTES, seconds=1)):
        assert sign_in("ada", "right").headers["Location"] == "/log/"


def test_whoever_mistypes_some_times_signs_in_and_may_mistype_again() -> None:
    for _ in range(2):
        guess(ATTEMPTS - 1)
        assert sign_in("ada", "right").status_code == 302


def test_nobody_else_waits_and_the_same_person_at_another_place_does_not() -> None:
    User.objects.create_superuser("bea", password="right")
    guess(ATTEMPTS)
    assert sign_in("bea", "right").status_code == 302
    assert sign_in("ada", "right", address="192.0.2.2").status_code == 302
    assert sign_in("ada", "right").status_code == 200


def test_a_name_is_the_same_however_it_is_written_and_whether_it_is_there_or_not() -> None:
    guess(ATTEMPTS // 2, "nobody")
    guess(ATTEMPTS // 2, "Nobody")
    assert TOO_MANY in told(sign_in("NOBODY", "right"))


def test_a_failed_attempt_is_logged_with_its_name_and_never_its_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sign_in("ada\nforged line", "hunter2")
    sign_in("ada", "right")
    [record] = [each for each in caplog.records if each.name == "capabilities.forms.login"]
    assert record.getMessage() == "A failed attempt to sign in as 'ada\\nforged line'"
    assert "hunter2" not in caplog.text


def test_whoever_logs_out_leaves_nothing_in_the_browser() -> None:
    client = Client()
    client.force_login(User.objects.get())
    assert "Clear-Site-Data" not in client.get("/").headers
    response = client.post("/admin/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/admin/login/").headers
