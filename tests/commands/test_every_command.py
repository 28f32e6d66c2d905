"""What the commands have in common: help with an example, exit codes, and files."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError

from capabilities.authoring.plans import Plan

from ..factories import SEED, local_environment
from .running import run

EXAMPLES = {
    "up": "manage.py up --port 8001 --no-browser",
    "import_machines": "manage.py import_machines page.txt --dry-run",
    "audit_machines": "manage.py audit_machines --format markdown -o audit.md",
    "check_machines": "manage.py check_machines page.txt --json",
    "check_deployed": "manage.py check_deployed dump.json",
    "diff_machines": "manage.py diff_machines before.txt after.txt --json",
    "export_machines": "manage.py export_machines --format fixture -o machines.json",
    "export_log": "manage.py export_log --format json -o log.json",
    "list_questions": "manage.py list_questions --open --json",
    "record_deployment": 'manage.py record_deployment 3 production --remark "WS-812"',
    "release_machines": 'manage.py release_machines --title "QA before completion" --dry-run',
    "send_webhooks": "manage.py send_webhooks --json",
    "match_machines": "manage.py match_machines --json",
    "verify_audit": "manage.py verify_audit --json",
}
READERS = ("import_machines", "check_machines")


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=local_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_of_ours_is_tried_here() -> None:
    folder = Path(settings.BASE_DIR) / "capabilities" / "management" / "commands"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_shows_an_example_on_a_line_of_its_own(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command(name, "--help")
    assert ended.value.code == 0
    lines = capsys.readouterr().out.split("\n")
    assert f"  {EXAMPLES[name]}" in lines[lines.index("example:") :]


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_not_there_is_refused(db: None, name: str) -> None:
    ran = run(name, "nowhere/page.txt")
    assert (ran.code, ran.out) == (2, "")
    assert ran.refusal == "nowhere/page.txt cannot be read: No such file or directory."


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_not_utf_8_is_refused_with_its_line(
    db: None, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(b"null\r\n\r\n[Start] - <\xe9> {no action} -> [Failed]\n")
    ran = run(name, str(path))
    assert ran.code == 2
    assert ran.refusal == f"{path} is no text in UTF-8: line 3 has the byte 0xe9."


@pytest.mark.parametrize("name", READERS)
def test_a_file_can_come_from_standard_input(
    db: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SEED.read_bytes())))
    ran = run(name, "-", "--json")
    assert ran.code == {"import_machines": 0, "check_machines": 1}[name]
    assert ran.json["errors"] == []


def test_a_database_that_fails_is_told_in_a_sentence(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(walk: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("capabilities.management.commands.verify_audit.faults", fail)
    ran = run("verify_audit")
    assert (ran.code, ran.refusal) == (2, "It could not be done: database or disk is full")


def test_the_codes_are_those_of_the_process(tmp_path: Path) -> None:
    codes = [
        manage(tmp_path, "check_machines", str(SEED)),
        manage(tmp_path, "check_machines", "nowhere.txt"),
        manage(tmp_path, "export_machines"),
        manage(tmp_path, "diff_machines", str(SEED), str(SEED)),
    ]
    assert [ran.returncode for ran in codes] == [1, 2, 2, 0]
    assert (
        codes[1].stderr == "CommandError: nowhere.txt cannot be read: No such file or directory.\n"
    )
    assert codes[1].stdout == ""
    assert not any("Traceback" in ran.stderr for ran in codes)


def test_what_a_command_prints_can_be_piped_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("null\n\n[Start] - <é🛑> {no action} -> [Failed]\n", encoding="utf-8")
    ran = manage(tmp_path, "check_machines", str(page), "--json")
    assert "é🛑" in ran.stdout


def test_without_migrations_a_command_says_so_and_no_traceback(tmp_path: Path) -> None:
    ran = manage(tmp_path, "verify_audit")
    assert ran.returncode == 2
    assert ran.stderr.startswith("CommandError: It could not be done: no such table")
