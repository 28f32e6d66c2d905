"""Drift from the command line."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from capabilities.authoring.plans import Plan
from capabilities.models import KnownDrift
from tests.drifted import (
    ACTIONS,
    THREE,
    TOLD,
    as_csv,
    dump,
    known,
    one_changed,
    one_extra,
    rows,
)
from tests.factories import state

from .running import Ran, run


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


def test_one_row_missing_one_extra_and_one_argument_changed_are_named_and_nothing_else(
    seed: Plan, tmp_path: Path
) -> None:
    ran = checked(tmp_path, dump(*THREE))
    assert ran.code == 1
    signs = ("~", "+", "~")
    names = ("null", "null", "test_download")
    assert ran.out.splitlines() == [
        *(
            f"unexplained: {name}: {sign} {told}"
            for name, sign, told in zip(names, signs, TOLD, strict=True)
        ),
        "Drift: 3 unexplained. Compared with the current machines: "
        "7 machines, 31 transitions and 42 actions.",
    ]
    found = checked(tmp_path, dump(*THREE), "--json").json
    assert [each["sentences"] for each in found["drift"]] == [[each] for each in TOLD]
    assert (found["in_step"], found["broken"], found["ignored"]) == (False, [], [])


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
