"""What pipelines rely on: exit codes, one JSON object, and the example in the README."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import load_command_class
from django.db import OperationalError, connection
from django.test import override_settings

from capabilities.authoring.plans import Plan
from capabilities.machines.machine import bind
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Note

from ..drifted import dump, one_changed
from ..factories import SIMPLE, tampering, template_machine
from ..releasing import deployed
from .running import run

TABLE = [
    # What is run, on which of the files below; what was done before; the code it exits with.
    ("check_machines fine.txt", "", 0),
    ("check_machines warned.txt", "", 1),
    ("check_machines", "", 1),
    ("check_machines bad.txt", "", 2),
    ("check_machines nowhere.txt", "", 2),
    ("check_machines", "no database", 2),
    ("diff_machines fine.txt fine.txt", "", 0),
    ("diff_machines fine.txt warned.txt", "", 1),
    ("diff_machines", "", 1),
    ("diff_machines fine.txt bad.txt", "", 2),
    ("diff_machines fine.txt", "", 2),
    ("diff_machines", "no database", 2),
    ("verify_audit", "", 0),
    ("verify_audit", "tampered", 1),
    ("verify_audit", "no database", 2),
    ("import_machines fine.txt --dry-run", "", 0),
    ("import_machines bad.txt", "", 2),
    ("import_machines nowhere.txt", "", 2),
    ("list_questions --open", "no questions", 0),
    ("list_questions --open", "", 1),
    ("list_questions", "no database", 2),
    ("check_deployed dump.json", "", 0),
    ("check_deployed dump.json --release 1", "released", 0),
    ("check_deployed dump.json --environment dev", "released", 0),
    ("check_deployed drifted.json", "", 1),
    ("check_deployed drifted.json --release 1", "released", 1),
    ("check_deployed nowhere.json", "", 2),
    ("check_deployed fine.txt", "", 2),
    ("check_deployed", "", 2),
    ("check_deployed dump.json --release 1", "", 2),
    ("check_deployed dump.json --environment test", "released", 2),
    ("check_deployed dump.json", "wrong setting", 2),
    ("check_deployed dump.json", "no database", 2),
    ("match_machines", "", 0),
    ("match_machines", "no database", 2),
    ("send_webhooks", "", 0),
    ("send_webhooks", "no database", 2),
]


@contextmanager
def arranged(what: str) -> Iterator[None]:
    if what == "no questions":
        Note.objects.filter(is_question=True).delete()
    elif what == "tampered":
        with tampering():
            AuditEntry.objects.filter(sequence=2).update(actor="somebody else")
    elif what == "released":
        deployed(environment="dev")
    elif what == "wrong setting":
        with override_settings(WORKSPACES={"colour": "red"}):
            yield
        return
    elif what == "no database":
        with connection.execute_wrapper(_fail):
            yield
        return
    yield


def _fail(*call: Any) -> None:
    raise OperationalError("database or disk is full")


@pytest.fixture
def files(seed: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the table, where the commands are run."""
    fine = f"null\n\n{render(bind(template_machine(SIMPLE), {'workflow_name': 'null'}))}"
    warned = fine.replace("{SendMessage execution_failed}", "{SendMessage execution_faild}")
    bad = "null\n\n[Start] - <x {no action} -> [Failed]\n"
    for name, text in {
        "fine.txt": fine,
        "warned.txt": warned,
        "bad.txt": bad,
        "dump.json": dump(),
        "drifted.json": dump(one_changed),
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("line", "before", "code"), TABLE)
def test_the_codes_mean_the_same_everywhere_and_json_is_one_object(
    files: None, line: str, before: str, code: int
) -> None:
    with arranged(before):
        plain, as_json = run(*line.split()), run(*line.split(), "--json")
    assert (plain.code, as_json.code) == (code, code)
    assert isinstance(as_json.json, dict)
    errors = as_json.json.get("errors", [])
    assert bool(errors) is (code == 2)
    assert all(each["message"] for each in errors)


def blocks(language: str) -> list[str]:
    """The blocks of code in the README in that language."""
    text = (Path(settings.BASE_DIR) / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_pipeline_in_the_readme_is_yaml_with_commands_that_there_are() -> None:
    (block,) = blocks("yaml")
    jobs = yaml.safe_load(block)
    lines = [line for job in jobs.values() for line in job.get("script", ())]
    ran = []
    for line in lines:
        python, script, *words = shlex.split(line)
        if script == "smadmin/manage.py":
            assert python == ".venv/bin/python"
            name, *arguments = words
            app = "django.core" if name == "migrate" else "capabilities"
            command = load_command_class(app, name)
            command.create_parser("manage.py", name).parse_args(arguments)
            ran.append(name)
    assert ran == [
        *("check_machines", "diff_machines"),
        *("migrate", "import_machines", "audit_machines"),
    ]
    for name, job in jobs.items():
        assert name.startswith(".") or job["extends"] in jobs
        assert all(isinstance(line, str) for line in job.get("script", ()))
    assert "-o audit.md" in lines[-1]
    assert jobs["audit-machines"]["artifacts"]["paths"] == ["audit.md"]
