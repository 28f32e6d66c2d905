"""Python reads its own modules, CSV and JSON."""

import ast
import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from capabilities.deployment.csv_cells import unguarded
from capabilities.deployment.exports import csv_table, json_object, python_module
from capabilities.deployment.machine_files import COLUMNS, FORMATS, Named, table
from capabilities.deployment.selection import Selection
from capabilities.machines.formats.python import python
from capabilities.machines.machine import Action, Machine, Transition
from tests.factories import machines as all_machines
from tests.strategies import machines, names

PRINT = "import json, machines; print(json.dumps(machines.MACHINES, ensure_ascii=True))"


def as_machine(plain: dict[str, Any]) -> Machine:
    """The machine of a plain dictionary; the initial and the final states have to be its own."""
    machine = Machine(
        tuple(
            Transition(
                each["source"],
                each["event"],
                tuple(Action(*action) for action in each["actions"]),
                each["target"],
            )
            for each in plain["transitions"]
        )
    )
    assert plain["initial"] == machine.initial
    assert set(plain["finals"]) == machine.finals
    return machine


def stored() -> dict[tuple[str, str], Machine]:
    return {key: machine for key, machine in all_machines().items() if key[0]}


# -- Python


def test_the_module_is_imported_by_an_interpreter(seed: object, tmp_path: Path) -> None:
    (tmp_path / "machines.py").write_text(python_module(Selection()), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-I", "-c", f"import sys; sys.path.append('.'); {PRINT}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    assert {
        (name, kind): as_machine(plain)
        for name, kinds in found.items()
        for kind, plain in kinds.items()
    } == stored()


@given(machine=machines, name=names)
def test_every_machine_comes_back_from_the_module(machine: Machine, name: str) -> None:
    tree = ast.parse(python({name: {"current": machine}}))
    _, assigned = tree.body  # a docstring, and values: nothing else is ever run
    assert isinstance(assigned, ast.Assign)
    found = ast.literal_eval(assigned.value)
    assert list(found) == [name]
    assert as_machine(found[name]["current"]) == machine


def test_a_class_holds_a_machine_as_the_module_says() -> None:
    text = python({"null": {"current": Machine((Transition("A", "go", (), "B"),))}})
    module: dict[str, Any] = {}
    exec(text, module)  # noqa: S102 - ours
    _, _, example = module["__doc__"].partition("event:\n\n")
    exec("\n".join(line.removeprefix("    ") for line in example.splitlines()), module)  # noqa: S102
    held = module["StateMachine"](module["MACHINES"]["null"]["current"])
    assert held.state == "A"
    assert held.transitions["A", "go"]["target"] == "B"


def test_a_module_that_was_tampered_with_is_refused() -> None:
    text = python({"null": {"current": Machine((Transition("A", "go", (), "B"),))}})
    with pytest.raises(SyntaxError):
        ast.parse(text.replace("'go'", "'go"))


# -- CSV


def from_csv(text: str) -> dict[tuple[str, str], Machine]:
    """The machines in a CSV, as a program reads it."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    assert tuple(rows.fieldnames or ()) == COLUMNS
    found: dict[tuple[str, str], dict[int, list[dict[str, str]]]] = {}
    for row in rows:
        plain = {column: unguarded(cell) for column, cell in row.items()}
        whose = found.setdefault((plain["capability"], plain["kind"]), {})
        whose.setdefault(int(plain["transition"]), []).append(plain)
    return {
        key: Machine(
            tuple(
                Transition(
                    rows[0]["source"],
                    rows[0]["event"],
                    tuple(Action(row["action"], row["argument"]) for row in rows if row["action"]),
                    rows[0]["target"],
                )
                for _, rows in sorted(transitions.items())
            )
        )
        for key, transitions in found.items()
    }


def test_all_machines_come_back_from_a_table(seed: object) -> None:
    assert from_csv(csv_table(Selection())) == stored()


@given(machine=machines.filter(bool), name=names)
def test_every_machine_comes_back_from_a_table(machine: Machine, name: str) -> None:
    text = table([Named(name, "ideal", machine)])
    assert from_csv(text) == {(name, "ideal"): machine}
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_a_table_with_a_broken_cell_is_refused() -> None:
    text = table([Named("null", "current", Machine((Transition("A", 'a "b"', (), "B"),)))])
    with pytest.raises(csv.Error):
        from_csv(text.replace('""', '"'))


# -- JSON


def test_all_machines_come_back_from_json(seed: object) -> None:
    found = json.loads(json_object(Selection()))["machines"]
    assert {
        (each["capability"], each["kind"]): from_json(each["transitions"]) for each in found
    } == (stored())


@given(machines)
def test_every_machine_comes_back_from_json(machine: Machine) -> None:
    text = FORMATS["json"].write(Named("null", "current", machine))
    assert from_json(json.loads(text)) == machine
    with pytest.raises(json.JSONDecodeError):
        json.loads(text[:-2])


def from_json(plain: list[dict[str, Any]]) -> Machine:
    return Machine(
        tuple(
            Transition(
                each["source"],
                each["event"],
                tuple(Action(**action) for action in each["actions"]),
                each["target"],
            )
            for each in plain
        )
    )
