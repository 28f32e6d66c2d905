"""The survey as files: CSV for a spreadsheet, Markdown for a merge request, JSON for a script."""

import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capabilities.authoring import capabilities, overrides
from capabilities.authoring.plans import Plan
from capabilities.deployment.audits import COLUMNS, FORMATS, is_fine
from capabilities.deployment.csv_cells import guarded
from capabilities.deployment.markdown import escaped
from capabilities.machines.machine import Action, Machine, Transition
from capabilities.machines.narrowing import Narrowing
from capabilities.machines.survey import Side, Surveyed
from capabilities.models import survey
from tests.deciding import decided
from tests.factories import COMPLETE, NAMES, editor_author, seen

TODAY = date(2026, 11, 24)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def written(name: str, **asked: str) -> str:
    narrowing = Narrowing.of(asked)
    return FORMATS[name].write(narrowing.of_all(survey(TODAY)), narrowing)


def test_the_csv_has_a_line_for_each_difference_and_each_finding(seed: Plan) -> None:
    found = rows(written("csv"))
    assert tuple(found[0]) == COLUMNS
    assert {row["capability"] for row in found} == set(NAMES)
    about = [row["about"] for row in found]
    assert (about.count("difference"), about.count("finding")) == (5, 13)
    assert about.count("question") == 4
    announced = next(row for row in found if row["kind"] == "changed")
    assert announced["source"] == "Executing"
    assert announced["event"] == "workflow-complete"
    assert announced["ideal"] == "[Executing] - <workflow-complete> {AnnounceQa} -> [Awaiting QA]"
    assert "no longer does {SendMessage execution_complete}." in announced["text"]


def test_every_file_says_what_is_decided_asked_and_done_differently(seed: Plan) -> None:
    decided(COMPLETE, ticket="WS-812", owner="ada")
    found = rows(written("csv"))
    announced = next(row for row in found if row["kind"] == "changed")
    assert [announced[each] for each in ("decision", "ticket", "owner", "until")] == [
        *("planned", "WS-812", "ada", "")
    ]
    asked = [row for row in found if row["about"] == "question"]
    assert [row["ticket"] for row in asked] == ["WS-799", "", "", ""]
    assert asked[0]["text"].startswith("Should we run QaFail on other versions")
    text = written("markdown")
    assert "| 1 planned, 4 unexplained |" in text.replace(
        "4 unexplained, 1 planned", "1 planned, 4 unexplained"
    )
    assert f"- {escaped(f'{COMPLETE}: planned, WS-812, ada')}" in text
    assert f"- {escaped('The notification “ingest-failed” is now sent when')}" in text
    assert escaped("open question, ideal: Is the ingestion-complete notification") in text
    found_json = {each["name"]: each for each in json.loads(written("json"))["capabilities"]}
    (calibration,) = [found_json["std_calibration"]]
    states = [each["deviation"]["state"] for each in calibration["differences"]]
    assert states == ["planned"] + ["unexplained"] * 4
    assert len(calibration["effects"]) == 8
    assert [each["ticket"] for each in calibration["questions"]] == ["WS-799", "", ""]


def test_a_finding_has_the_line_that_it_is_about_in_the_column_of_its_machine(seed: Plan) -> None:
    found = {row["check"]: row for row in rows(written("csv", q="calib")) if row["check"]}
    fails = found["qa-outcome-without-action"]
    assert fails["current"] == "[Awaiting QA] - <qa-fail> {no action} -> [Failed]"
    assert (fails["machine"], fails["ideal"], fails["kind"]) == ("current", "", "warning")
    starts = found["workflow-not-started"]
    assert starts["ideal"] == "[Awaiting QA] - <qa-pass> {QaPass} -> [Ingesting]"
    assert (starts["machine"], starts["current"]) == ("ideal", "")


def test_a_capability_with_nothing_to_tell_has_a_line_too() -> None:
    plain = Surveyed("x", Side("current", Machine(), Machine()), None, ())
    (row,) = rows(FORMATS["csv"].write([plain], Narrowing({})))
    assert {name: cell for name, cell in row.items() if cell} == {
        "capability": "x",
        "about": "nothing",
    }


def test_no_cell_of_the_csv_is_a_formula(seed: Plan) -> None:
    put = Transition("-2", "=1+1", (), "@SUM")
    overrides.put(definition=seen("null"), key=None, transition=put, by=editor_author())
    text = written("csv")
    cells = [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"))) for cell in row]
    assert "'=1+1" in cells
    assert "'-2" in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


@given(st.text(max_size=5))
def test_a_guarded_cell_begins_with_no_sign_of_a_formula(cell: str) -> None:
    told = guarded(cell)
    assert told in (cell, f"'{cell}")
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_the_markdown_tells_what_differs_with_a_diagram(seed: Plan) -> None:
    text = written("markdown")
    assert text.startswith("# Audit of the state machines\n\n7 capabilities; 1 differs from its ")
    assert "\n\nOn every machine: No transition handles “capability-cancelled”.\n" in text
    assert text.count("\n| ") == 1 + len(NAMES)
    assert text.count("\n## ") == 1
    assert "- \\~ \\[Awaiting QA\\] - \\<qa-fail\\> now also does \\{QaFail\\}.\n" in text
    assert "```mermaid\nstateDiagram-v2\n" in text
    assert "s3 --> s4 : #126; changed workflow-complete<br/>#123;AnnounceQa#125;\n" in text


def test_a_narrowed_markdown_says_so(seed: Plan) -> None:
    text = written("markdown", differs="no", q="null")
    assert "Only the capabilities for which differs is “no”, q is “null”." in text
    assert text.count("\n| ") == 1 + 2
    assert "## " not in text.replace("# Audit", "")


def test_names_break_neither_the_table_nor_the_diagram(seed: Plan) -> None:
    put = Transition("Start", "| ``` | <b>", (Action("Run", '"x"'),), "a|b")
    overrides.put(definition=seen("null", "ideal"), key=None, transition=put, by=editor_author())
    text = written("markdown", q="null")
    table = [each for each in text.splitlines() if each.startswith("| ")]
    assert {each.count("|") - each.count("\\|") for each in table} == {8}
    assert "<b>" not in text
    assert text.count("```") == 2


@given(st.text(st.characters(codec="utf-8"), max_size=8))
def test_an_escaped_text_has_nothing_that_markdown_reads(text: str) -> None:
    left = ""
    letters = iter(escaped(text))
    for letter in letters:
        left += "" if letter == "\\" and next(letters) else letter
    assert not set(left) & set("\\`*_{}[]<>#|&~!@$%")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_machines_give_the_same_bytes(seed: Plan, name: str) -> None:
    assert written(name) == written(name)


def test_the_json_has_every_capability_whole(seed: Plan) -> None:
    found = json.loads(written("json"))
    assert [each["name"] for each in found["capabilities"]] == list(NAMES)
    assert found["totals"].startswith("7 capabilities; 1 differs")
    calibration = found["capabilities"][3]
    assert len(calibration["differences"]) == 5
    assert len(calibration["findings"]) == 7
    assert calibration["notes"] == 4
    assert calibration["departs"][0].startswith("The current machine matches no machine template")


def test_all_is_fine_without_a_difference_and_an_error(seed: Plan) -> None:
    surveyed = survey(TODAY)
    assert not is_fine(surveyed)
    assert is_fine([each for each in surveyed if not each.differences])
    capabilities.add(name="bare", machine_template=None, by=editor_author())
    assert not is_fine([each for each in survey(TODAY) if each.name == "bare"])
