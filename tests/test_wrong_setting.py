"""The setting WORKSPACES, when it says something that cannot be: told, and nothing crashes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from capabilities.deployment.mapping import wrong_setting

from .commands.running import run
from .drifted import dump
from .factories import local_environment, state
from .html import read
from .people import EDITOR, STAFF, client_of

ROOT = Path(__file__).parents[1]
SAID = "WORKSPACES has no “<b>”; expected one of machines, "


@pytest.fixture
def wrong(settings: Any) -> None:
    settings.WORKSPACES = {"<b>": "red"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"<b>": "red"}, SAID),
        ([], "WORKSPACES is no JSON object; expected one of names"),
        ("{x", "WORKSPACES is no JSON object; expected one of names"),
    ],
)
def test_a_system_check_names_it(settings: Any, said: object, told: str) -> None:
    assert wrong_setting() == []
    settings.WORKSPACES = said
    (problem,) = run_checks(tags=["smadmin"])
    assert problem.id == "smadmin.E001"
    assert problem.msg.startswith(told)
    with pytest.raises(SystemCheckError, match=r"smadmin\.E001"):
        call_command("check")


def test_a_start_for_others_names_it(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import smadmin.wsgi"],
        cwd=ROOT,
        env={**os.environ, **local_environment(tmp_path), "WORKSPACES": "{x"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ERROR smadmin" in ran.stderr
    assert "(smadmin.E001) WORKSPACES is no JSON object" in ran.stderr


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("get", "/drift/"),
        ("post", "/drift/"),
        ("post", "/drift/decide/"),
        ("post", "/drift/report.json"),
        ("post", "/drift/report.md"),
        ("get", "/export/?format=workspaces-sql"),
        ("get", "/export/?format=workspaces-json"),
    ],
)
def test_the_pages_that_need_it_say_what_is_wrong(
    seed: object, settings: Any, caplog: pytest.LogCaptureFixture, method: str, url: str
) -> None:
    data = {"text": dump()} if method == "post" else {}
    client, before = client_of(EDITOR), state()
    settings.WORKSPACES = {"<b>": "red"}
    response = getattr(client, method)(url, data or None)
    assert response.status_code == 503
    assert read(response).one(id="wrong-setting").text.startswith(SAID)
    assert SAID in caplog.text
    assert state() == before
    assert getattr(client_of(STAFF), method)(url, data or None).status_code == 403


def test_every_other_page_and_export_is_as_ever(seed: object, wrong: None) -> None:
    client = client_of(EDITOR)
    for url in ("/", "/export/", "/export/?format=csv", "/releases/"):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "line", ["export_machines --format workspaces-sql", "check_deployed x --json"]
)
def test_commands_end_with_2(seed: object, wrong: None, line: str) -> None:
    ran = run(*line.split())
    assert ran.code == 2
    assert SAID in ran.refusal
