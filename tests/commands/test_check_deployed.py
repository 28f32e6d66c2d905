"""Drift from the command line."""

import io
import json
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class
from django.utils import timezone

from capabilities.authoring.plans import Plan
from capabilities.deployment.mapping import RowMapping
from capabilities.models import Capability, KnownDrift
from tests.drifted import (
    ACTIONS,
    AGAINST,
    IN_SQL,
    THREE,
    TOLD,
    Rows,
    as_csv,
    dump,
    known,
    one_changed,
    one_extra,
    rows,
    should_be,
    tables_of,
)
from tests.factories import state
from tests.releasing import deployed, released

from .running import Ran, run

OPTIONS = {
    "current": (),
    "release-1": ("--release", "1"),
    "production": ("--environment", "production"),
}


def assert_the_three(ran: Ran, against: str) -> None:
    signs, names = ("~", "+", "~"), ("null", "null", "test_download")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        *(
            f"unexplained: {name}: {sign} {told}"
            for name, sign, told in zip(names, signs, TOLD, strict=True)
        ),
        f"Drift: 3 unexplained. Compared with {AGAINST[against]}: "
        "7 machines, 31 transitions and 42 actions.",
    ]


def checked(tmp_path: Path, text: str, *arguments: str) -> Ran:
    path = tmp_path / "dump.json"
    path.write_text(text, encoding="utf-8")
    before = state()
    ran = run("check_deployed", str(path), *arguments)
    assert state() == before
    return ran


def test_what_is_deployed_as_it_should_be_ends_with_0(seed: Plan, tmp_path: Path) -> None:
    ran = checked(tmp_path, dump())
    assert (ran.code, ran.out) == (
        0,
        "What is deployed is what it should be. "
        "Compared with the current machines: 7 machines, 30 transitions and 43 actions.\n",
    )


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("written", ["JSON", "CSV", "database"])
def test_one_row_missing_one_extra_and_one_argument_changed_are_named_and_nothing_else(
    seed: Plan, tmp_path: Path, written: str, against: str
) -> None:
    whole, wrong = rows(), tables_of(dump(*THREE))
    sources = {
        "JSON": [as_file(tmp_path, "dump.json", json.dumps(wrong))],
        "CSV": [as_file(tmp_path, f"{name}.csv", text) for name, text in as_csv(wrong).items()],
        "database": ["--database", as_database(tmp_path, whole)],
    }
    should_be(against)
    ran = run("check_deployed", *sources[written], *OPTIONS[against])
    assert_the_three(ran, against)
    if against != "current":
        assert "std_calibration" in run("check_deployed", *sources[written]).out
    found = run("check_deployed", *sources[written], *OPTIONS[against], "--json").json
    assert [each["sentences"] for each in found["drift"]] == [[each] for each in TOLD]
    assert (found["in_step"], found["broken"], found["ignored"]) == (False, [], [])
    assert found["against"]["title"] == AGAINST[against]


def as_file(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def as_database(folder: Path, found: Rows) -> str:
    """A database in which these rows were written, and then something else, by its URL."""
    path = folder / "deployed.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in RowMapping().tables:
            connection.execute(f"CREATE TABLE {table.name} ({', '.join(table.names)})")
            places = ", ".join(f":{name}" for name in table.names)
            insert = f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608
            connection.executemany(insert, found[table.name])
        connection.executescript(IN_SQL)
    return f"sqlite:///{path}"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--release", "9"), "It could not be looked at: There is no release 9."),
        (("--release", "-1"), "It could not be looked at: There is no release -1."),
        (("--environment", "test"), "It could not be looked at: No release is deployed in test."),
    ],
)
def test_what_is_not_there_to_compare_with_ends_with_2(
    seed: Plan, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    deployed(environment="dev")
    ran = checked(tmp_path, dump(), *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.refusal


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--environment", "moon"), "argument --environment: invalid choice: 'moon'"),
        (("--environment", "dev", "--release", "1"), "--release: not allowed with argument"),
    ],
)
def test_options_that_cannot_be_end_with_2(
    options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = load_command_class("capabilities", "check_deployed")
    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", "check_deployed", "x", *options])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_machines_that_a_release_does_not_have_are_said_to_be_left_out(
    seed: Plan, tmp_path: Path
) -> None:
    released(capabilities=list(Capability.objects.filter(name="null")))
    ran = checked(tmp_path, dump(one_changed), "--release", "1")
    assert ran.code == 0
    left = "Not compared: test_download is not in release 1, so its machine is not compared."
    assert ran.out.splitlines()[5] == left
    assert "6 other machines are deployed, of which the release says nothing" in ran.out


def test_what_is_known_does_not_count_until_its_day_has_passed(seed: Plan, tmp_path: Path) -> None:
    known(one_changed, one_extra)
    ran = checked(tmp_path, dump(one_changed, one_extra))
    assert ran.code == 0
    assert "ada: Until the release.)" in ran.out
    assert "Drift: 2 known; all of it is known." in ran.out
    assert checked(tmp_path, dump(*THREE)).code == 1
    KnownDrift.objects.update(until=timezone.now().date() - timedelta(days=1))
    ran = checked(tmp_path, dump(one_changed))
    assert ran.code == 1
    assert "Drift: 1 overdue." in ran.out


def test_a_broken_row_counts(seed: Plan, tmp_path: Path) -> None:
    found = rows()
    found[ACTIONS].append({**found[ACTIONS][0], "action_id": 99, "transition_id": 777})
    ran = checked(tmp_path, json.dumps(found))
    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith(f"broken: {ACTIONS}, row 44, column transition_id: ")


def test_three_files_of_csv_are_taken(seed: Plan, tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(as_csv(rows()).values()):
        paths.append(tmp_path / f"{number}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    assert run("check_deployed", *map(str, paths)).code == 0
    ran = run("check_deployed", *map(str, paths[:2]))
    assert (ran.code, ran.out) == (2, "")
    assert ran.refusal == f"It could not be looked at: The dump lacks the table {ACTIONS}."


def test_standard_input_is_taken(seed: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(dump().encode())))
    assert run("check_deployed", "-").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name the files of a dump, or a database by --database."),
        (("x", "--database", "sqlite:///x"), "Name the files of a dump, or a database"),
        (("nowhere.json",), "nowhere.json cannot be read: No such file or directory."),
        (("--database", "mysql://x"), "“mysql” is no database that can be read"),
        (("--database", "sqlite:///nowhere.sqlite3"), "unable to open database file"),
        (("--database", "postgresql://x:secret@127.0.0.1:1/x"), "refused"),
    ],
)
def test_what_cannot_be_looked_at_ends_with_2(
    db: None, arguments: tuple[str, ...], said: str
) -> None:
    ran = run("check_deployed", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.refusal
    assert "secret" not in ran.refusal


def test_names_that_cannot_be_end_with_2(seed: Plan, tmp_path: Path, settings: Any) -> None:
    text = dump()
    settings.WORKSPACES = {"colour": "red"}
    ran = checked(tmp_path, text)
    assert ran.code == 2
    assert "WORKSPACES has no “colour”" in ran.refusal
