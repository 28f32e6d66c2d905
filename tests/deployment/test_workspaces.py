"""Rows for Workspaces: what they hold, that they are read back, and what they say of themselves."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from capabilities.authoring import definitions
from capabilities.authoring.plans import Plan
from capabilities.deployment.deployed import read_rows
from capabilities.deployment.dumps import Part, read_dump
from capabilities.deployment.mapping import RowMapping
from capabilities.deployment.selection import Selection
from capabilities.deployment.workspaces import (
    as_json,
    as_sql,
    json_text,
    literal,
    machines_of,
    rows_of,
)
from capabilities.machines.drift import TypedMachine
from capabilities.models import Kind

from ..drifted import ACTIONS, MACHINES, TRANSITIONS, as_csv, dump, rows, tables_of
from ..factories import NAMES, QA, editor_author, seen, template
from ..strategies import machines, names

MAPPING = RowMapping()

fleets = st.dictionaries(
    st.just("null") | names, st.builds(TypedMachine, machines, st.just("") | names), max_size=4
)


def read(*parts: Part, mapping: RowMapping = MAPPING) -> dict[str, TypedMachine]:
    found = read_rows(read_dump(parts, mapping).rows, mapping)
    assert found.broken == []
    return found.machines


def test_every_machine_of_the_page_is_there_with_ids_that_fit(seed: Plan) -> None:
    found = rows()
    assert [row["capability_name"] for row in found[MACHINES]] == list(NAMES)
    assert (len(found[TRANSITIONS]), len(found[ACTIONS])) == (30, 43)
    ids = [row["transition_id"] for row in found[TRANSITIONS]]
    assert ids == list(range(1, 31))
    assert [row["action_id"] for row in found[ACTIONS]] == list(range(1, 44))
    assert {row["transition_id"] for row in found[ACTIONS]} <= set(ids)
    types = {row["capability_name"]: row["machine_type"] for row in found[MACHINES]}
    assert types.pop("std_calibration") is None  # it has overrides
    assert set(types.values()) == {"SimpleStateMachine"}


def test_a_type_is_that_of_the_machine_however_it_is_made(seed: Plan) -> None:
    stage = template(QA)
    by = editor_author()
    definitions.attach_stage(definition=seen("null"), machine_template=stage, by=by)
    assert machines_of()["null"].type == "SingleQAStateMachine"
    assert machines_of(Kind.IDEAL)["std_calibration"].type == "SingleQAStateMachine"
    definitions.bind_parameters(definition=seen("null"), values={"workflow_name": "x"}, by=by)
    assert machines_of()["null"].type == ""


@given(fleets)
def test_whatever_the_names_are_json_and_csv_are_read_back(fleet: dict[str, TypedMachine]) -> None:
    found = rows_of(fleet, MAPPING)
    assert read(Part("x", json_text(found).encode())) == fleet
    assert read(Part("x", json_text(found, is_ascii=True).encode())) == fleet
    texts = as_csv(found)
    assert read(*(Part(f"{name}.csv", text.encode()) for name, text in texts.items())) == fleet
    assert read(Part("pasted", "\n".join(texts.values()).encode())) == fleet
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, text in texts.items():
            file.writestr(f"dump/{name}.csv", text)
    assert read(Part("x.zip", packed.getvalue())) == fleet


def test_the_order_is_that_of_the_positions_or_of_the_ids(seed: Plan) -> None:
    found, fleet = rows(), machines_of()
    for table in (TRANSITIONS, ACTIONS):
        found[table].reverse()
    assert read(Part("x", json_text(found).encode())) == fleet
    unplaced = RowMapping.of({"transitions_position": "", "actions_position": ""})
    found = rows_of(fleet, unplaced)
    assert "position" not in found[TRANSITIONS][0]
    for table in (TRANSITIONS, ACTIONS):
        found[table].reverse()
    assert read(Part("x", json_text(found).encode()), mapping=unplaced) == fleet


def test_equal_machines_give_equal_bytes_and_no_time(seed: Plan) -> None:
    for write in (as_sql, as_json):
        text = write(Selection())
        assert text == write(Selection())
        assert "2026" not in text


def test_some_machines_have_the_ids_that_they_have_among_all(seed: Plan) -> None:
    some = tables_of(as_json(Selection.of(["std_calibration", "null"])))
    everything = tables_of(as_json(Selection()))
    for name, found in some.items():
        assert found
        assert [row for row in everything[name] if row in found] == found
    sql = as_sql(Selection.of(["null"]))
    assert 'DELETE FROM "capability_state_machines" WHERE "capability_name" IN (\'null\');' in sql
    assert "restore_cms" not in sql


@pytest.mark.parametrize("write", [as_sql, as_json])
def test_a_file_says_what_is_assumed_and_what_survives(seed: Plan, write: object) -> None:
    text = write(Selection())  # type: ignore[operator]
    for said in (
        "The current state machines for Workspaces: 7 machines, 30 transitions, 43 actions.",
        "ASSUMPTION: upstream publishes the names of the three tables and of two columns.",
        "WARNING: at its start, upstream clears the transitions and the actions",
        "What survives a start is the machine type",
        "With overrides it has none.",
        "Without a machine type, so they do not survive a start: std_calibration.",
    ):
        assert said in text, said


def test_ideal_machines_are_written_when_they_are_asked_for(seed: Plan) -> None:
    ideal = as_json(Selection.of(kind=Kind.IDEAL))
    assert read(Part("x", ideal.encode())) == machines_of(Kind.IDEAL) != machines_of()


def test_a_text_in_sql_is_a_text_whatever_it_holds() -> None:
    assert literal("it's; DROP \\") == "'it''s; DROP \\'"
    assert (literal(None), literal(7)) == ("NULL", "7")


# -- the names of tables and columns


def test_another_name_of_a_column_is_written_and_read(seed: Plan, settings: Any) -> None:
    settings.WORKSPACES = {"transitions_source": 'from "here"', "machine_types": {}}
    mapping = RowMapping.of(settings.WORKSPACES)
    assert '"from ""here"""' in as_sql(Selection())
    text = as_json(Selection())
    assert json.loads(text)["tables"][MACHINES][0]["machine_type"] is None
    assert read(Part("x", text.encode()), mapping=mapping) == machines_of(mapping=mapping)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"source": "x"}, "has no “source”; expected one of machines, "),
        ({"actions_name": 7}, "says 7 for “actions_name”; expected a name"),
        ({"actions_name": {}}, "says {} for “actions_name”"),
        ({"machine_types": "x"}, "says 'x' for “machine_types”"),
        ({"machine_types": {"x": 1}}, "for “machine_types”"),
        ({"actions_name": ""}, "leaves “actions_name” empty"),
        ({"actions_name": "argument"}, "gives the name “argument” twice"),
        ({"actions": "capability_state_machines"}, "“capability_state_machines” twice"),
    ],
)
def test_names_that_cannot_be_are_refused(said: dict[str, object], problem: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^WORKSPACES ") as refused:
        RowMapping.of(said)
    assert problem in str(refused.value)


def test_a_dump_of_today_is_what_is_written(seed: Plan) -> None:
    assert tables_of(dump()) == tables_of(as_json(Selection()))
