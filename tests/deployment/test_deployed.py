"""Dumps that cannot be read, and rows that belong to nothing: each told with its place."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from capabilities.authoring.plans import Plan
from capabilities.deployment.deployed import read_rows
from capabilities.deployment.dumps import DumpError, Part, read_dump
from capabilities.deployment.mapping import RowMapping
from capabilities.machines.drift import drifts

from ..drifted import ACTIONS, MACHINES, TRANSITIONS, Rows, as_csv, rows

MAPPING = RowMapping()


def refusal(*parts: Part) -> str:
    with pytest.raises(DumpError) as refused:
        read_dump(parts, MAPPING)
    return str(refused.value)


def texts(**changed: str) -> list[Part]:
    """An empty dump as CSV, some files otherwise."""
    found = {**as_csv({MACHINES: [], TRANSITIONS: [], ACTIONS: []}), **changed}
    return [Part(f"{name}.csv", text.encode()) for name, text in found.items()]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "x is no JSON: line 1, column 2: Expecting property name enclosed in double quotes."),
        ("[1]", "x is a list; expected an object with “tables”."),
        ("{}", f"The dump lacks the tables {MACHINES}, {TRANSITIONS} and {ACTIONS}."),
        ('{"tables": 1}', "x is a list; expected an object with “tables”."),
        (f'{{"{MACHINES}": 1}}', f"x: {MACHINES} is no list; expected a list of rows."),
        (
            f'{{"{MACHINES}": [{{}}, 1]}}',
            f"x: {MACHINES}, row 2 is 1; expected an object of columns.",
        ),
        (
            json.dumps({MACHINES: [{"capability_name": "a"}], TRANSITIONS: [], ACTIONS: []}),
            f"{MACHINES}, row 1 has no column machine_type; expected capability_name, ",
        ),
        ("[" * 100_000, "x is no JSON that can be read"),
        ("hello", "x, line 1 is the first line of no table that is known; expected the columns"),
    ],
)
def test_a_text_that_is_no_dump_is_refused_with_what_was_expected(text: str, said: str) -> None:
    assert refusal(Part("x", text.encode())).startswith(said)


@pytest.mark.parametrize(
    ("table", "text", "said"),
    [
        (MACHINES, "capability_name\n", f".csv, line 1: {MACHINES} has no column machine_type"),
        (
            MACHINES,
            "capability_name,machine_type\na,b,c\n",
            f".csv, line 2: 3 cells; expected 2, as in the first line of {MACHINES}.",
        ),
        (MACHINES, 'capability_name,machine_type\n"a"b,c\n', ".csv, line 2: "),
        (
            MACHINES,
            "capability_name,machine_type,machine_type\n",
            ".csv, line 1 has a column twice",
        ),
        (ACTIONS, "capability_name,machine_type\n", f"holds the table {MACHINES} again"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_its_line(
    table: str, text: str, said: str
) -> None:
    assert said in refusal(*texts(**{table: text}))


def test_other_files_are_refused() -> None:
    assert refusal(Part("x", b"a\nb\xff")) == "x is no text in UTF-8: line 2 has the byte 0xff."
    assert refusal(Part("x", b"PK\x03\x04...")).startswith("x cannot be unpacked: ")
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb", b" " * 17 * 1024 * 1024)
    assert len(packed.getvalue()) < 100_000
    assert refusal(Part("x", packed.getvalue())).startswith("x unpacks to more than 16,777,216")
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number in range(21):
            file.writestr(f"{number}", "")
    assert refusal(Part("x", packed.getvalue())) == "x holds more than 20 files."


def test_what_else_a_dump_has_is_told_and_nothing_of_it_compared(seed: Plan) -> None:
    found: dict[str, Any] = rows()
    found[MACHINES][0]["id"] = 1
    found["capabilities"] = [{"x": 1}]
    dump = read_dump([Part("x", json.dumps(found).encode())], MAPPING)
    assert dump.ignored == [
        "x has the table 'capabilities', which is not read.",
        f"{MACHINES} has the column 'id', which is not read.",
    ]
    assert read_rows(dump.rows, MAPPING).broken == []


def _set(table: str, row: int, **values: object) -> Any:
    def change(found: Rows) -> None:
        found[table][row].update(values)

    return change


def _twice(table: str, row: int) -> Any:
    return lambda found: found[table].append(dict(found[table][row]))


def _removed(table: str, row: int) -> Any:
    return lambda found: found[table].pop(row)


def _doubled_key(found: Rows) -> None:
    found[TRANSITIONS].append({**found[TRANSITIONS][0], "transition_id": 99, "position": 9})
    found[ACTIONS].append({**found[ACTIONS][0], "action_id": 99, "transition_id": 99})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            _set(ACTIONS, 1, transition_id=777),
            [
                f"{ACTIONS}, row 2, column transition_id: 777 names no row; "
                f"expected one of {TRANSITIONS}.transition_id."
            ],
        ),
        (
            _set(TRANSITIONS, 0, capability_name="nul"),
            [
                f"{TRANSITIONS}, row 1, column capability_name: 'nul' names no row; "
                f"expected one of {MACHINES}.capability_name."
            ],
        ),
        (
            _removed(MACHINES, 6),
            [
                f"{TRANSITIONS}, row {row}, column capability_name: 'test_download' names no row; "
                f"expected one of {MACHINES}.capability_name."
                for row in range(27, 31)
            ],
        ),
        (
            _twice(MACHINES, 0),
            [
                f"{MACHINES}, row 8, column capability_name: 'null' stands in row 1 already; "
                "expected it once."
            ],
        ),
        (
            _twice(TRANSITIONS, 0),
            [
                f"{TRANSITIONS}, row 31, column transition_id: 1 stands in row 1 already; "
                "expected it once."
            ],
        ),
        (
            _doubled_key,
            [
                f"{TRANSITIONS}, row 31: [Start] - <capability-submitted> stands in row 1 already; "
                "expected one row for it; so 1 action of it cannot be compared."
            ],
        ),
        (
            _set(TRANSITIONS, 3, source_state=None, target_state="", position="first"),
            [
                f"{TRANSITIONS}, row 4, column position: is 'first'; expected a whole number.",
                f"{TRANSITIONS}, row 4, column source_state: is NULL; expected text.",
                f"{TRANSITIONS}, row 4, column target_state: is empty; expected a name.",
            ],
        ),
        (
            _set(ACTIONS, 0, action_name="Send it", action_id=None),
            [f"{ACTIONS}, row 1, column action_id: is NULL; expected an id."],
        ),
        (
            _set(ACTIONS, 0, action_name="Send it"),
            [f"{ACTIONS}, row 1: the action's name has white space in it; expected an action."],
        ),
        (
            _set(ACTIONS, 0, argument="a\u0000b"),
            [
                f"{ACTIONS}, row 1, column argument: has the unusable character U+0000; "
                "expected a name."
            ],
        ),
        (
            _set(MACHINES, 0, machine_type=True),
            [f"{MACHINES}, row 1, column machine_type: is True; expected text."],
        ),
    ],
)
def test_a_broken_row_is_told_and_the_rest_is_read(
    seed: Plan, change: Any, said: list[str]
) -> None:
    found = rows()
    whole = read_rows(found, MAPPING).machines
    change(found)
    read = read_rows(found, MAPPING)
    # A machine row that is broken leaves its transitions without one; those follow it.
    told = [str(each) for each in read.broken]
    assert told[: len(said)] == said
    assert all("names no row" in each for each in told[len(said) :])
    otherwise = {each.capability for each in drifts(read.machines, whole)}
    assert otherwise <= {"null", "test_download"}


def test_ids_may_be_any_text(seed: Plan) -> None:
    found = rows()
    whole = read_rows(found, MAPPING).machines
    for row in found[TRANSITIONS]:
        row["transition_id"] = f"t-{row['transition_id']}"
    for row in found[ACTIONS]:
        row["transition_id"] = f"t-{row['transition_id']}"
        row["action_id"] = f"0{row['action_id']}"
    read = read_rows(found, MAPPING)
    assert (read.machines, read.broken) == (whole, [])
