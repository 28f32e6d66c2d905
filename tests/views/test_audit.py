"""The audit's page: what an audit of the team's page must find, the matrix, filters, files."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Max
from django.test import Client

from capabilities.authoring import capabilities, checks, overrides
from capabilities.authoring.plans import Plan
from capabilities.machines.machine import Action, Transition
from capabilities.models import AuditEntry, Capability
from tests.deciding import decided
from tests.factories import COMPLETE, NAMES, QA, RESUME, SIMPLE, editor_author, seen
from tests.html import Element, read
from tests.people import HTMX, STAFF, VIEWER, client_of, person

from .answers import as_asked, is_page

PART = {**HTMX, "HX-Target": "audit"}


def of(client: Client, **asked: str) -> Element:
    return read(client.get(f"/audit/?{urlencode(asked)}"))


def names(tree: Element) -> list[str]:
    """The capabilities that are listed."""
    found = tree.all("table", class_="audited")
    return [row.one("th", scope="row").text for row in _rows(found[0])] if found else []


def _rows(table: Element) -> list[Element]:
    return table.one("tbody").all("tr")


def row_of(tree: Element, name: str) -> Element:
    (row,) = [
        row
        for row in _rows(tree.one("table", class_="audited"))
        if row.one("th", scope="row").text == name
    ]
    return row


def matrix(tree: Element) -> dict[tuple[str, str], list[str]]:
    """What the matrix says in words, by capability and kind."""
    found = {}
    for row in _rows(tree.one("table", class_="matrix")):
        head = row.one("th", scope="row")
        name, kind = head.one("a").text, head.one("span").text
        words = [cell.one("span", class_="visually-hidden").text for cell in row.all("td")]
        found[name, kind] = words
    return found


# -- what an audit of the team's page must find by itself


@pytest.mark.parametrize(
    "told",
    [
        "The current machine matches no machine template: it is “Simple run-workflow” and 3 "
        "transitions of its own (2 added and 1 overridden).",
        "“execution_complete” is sent before QA.",
        "“workflow-complete” is sent before QA.",
        "“qa-fail” does nothing.",
        "The notification “ingest-failed” is not registered.",
        "“Ingesting” waits for a workflow that no action starts.",
        "No transition handles “capability-cancelled”.",
    ],
)
def test_the_audit_finds_it_in_the_calibration(viewer: Client, told: str) -> None:
    assert row_of(of(viewer), "std_calibration").says(told)


def test_the_audit_finds_that_no_machine_handles_cancellation(viewer: Client) -> None:
    tree = of(viewer)
    assert tree.says("On every machine: No transition handles “capability-cancelled”.")
    put = Transition("Queued", "capability-cancelled", (), "Failed")
    overrides.put(definition=seen("null"), key=None, transition=put, by=editor_author())
    assert not of(viewer).says("On every machine")


def test_the_totals_are_plain_sentences_and_links(viewer: Client) -> None:
    totals = of(viewer).one("p", id="totals")
    assert totals.text.replace(" ;", ";") == (
        "7 capabilities; 1 differs from its ideal in 5 transitions: 5 unexplained; "
        "1 matches no machine template; 13 findings: 5 warnings, 8 for information; 8 notes; "
        "4 open questions."
    )
    assert {link.text: link["href"] for link in totals.all("a")} == {
        "7 capabilities": "/audit/",
        "1 differs from its ideal in 5 transitions": "/audit/?differs=yes",
        "5 unexplained": "/audit/?decision=unexplained",
        "1 matches no machine template": "/audit/?made=unmatched",
        "13 findings": "/audit/?findings=any",
        "5 warnings": "/audit/?findings=warning",
        "8 for information": "/audit/?findings=info",
        "8 notes": "/audit/?notes=yes",
        "4 open questions": "/audit/?questions=open",
    }


def test_every_capability_has_its_row(viewer: Client) -> None:
    tree = of(viewer)
    assert names(tree) == list(NAMES)
    calibration = row_of(tree, "std_calibration")
    assert calibration.says("3 transitions are changed and 2 transitions are added.")
    assert len(calibration.all("ul", class_="sentences")[0].all("li")) == 7
    assert row_of(tree, "null").says("= the ideal is the same as current")


def test_many_sentences_are_folded(viewer: Client) -> None:
    assert len(row_of(of(viewer), "std_calibration").all("details")) == 2  # effects, questions
    for number in range(2):
        put = Transition("Queued", f"event-{number}", (), "Failed")
        ideal = seen("std_calibration", "ideal")
        overrides.put(definition=ideal, key=None, transition=put, by=editor_author())
    folded = row_of(of(viewer), "std_calibration").all("details")[0]
    assert folded.one("summary").says("9 sentences")
    assert "open" not in folded.attributes


def test_a_finding_leads_to_its_row_and_is_told_once_for_both_machines(viewer: Client) -> None:
    row = row_of(of(viewer), "std_calibration")
    links = {a.text: a["href"] for a in row.one("ul", class_="grouped").all("a")}
    fails = "current machine of std_calibration: “qa-fail” does nothing."
    assert links[fails] == "/capabilities/std_calibration/current/#row-6"
    assert row.text.count("No transition handles “capability-cancelled”. current") == 1
    assert links["no-cancellation"] == "/checks/#no-cancellation"


def test_a_check_that_is_switched_off_is_no_finding(viewer: Client) -> None:
    checks.switch_off(
        capability=Capability.objects.get(name="null"),
        kind="current",
        code="no-cancellation",
        reason="x",
        by=editor_author(),
    )
    assert not row_of(of(viewer), "null").says("no-cancellation")


def test_what_is_decided_and_asked_has_its_column_and_its_filter(viewer: Client) -> None:
    decided(COMPLETE)
    row = row_of(of(viewer), "std_calibration")
    assert row.one("a", class_="unexplained").text == "? 4 unexplained"
    assert row.one("a", class_="planned").text == "▸ 1 planned"
    assert row.says("Is the ingestion-complete notification getting sent properly?")
    assert row.says("ideal, WS-799")
    tree = of(viewer, decision="planned", questions="open")
    assert names(tree) == ["std_calibration"]
    assert of(viewer).one("p", id="totals").says("4 unexplained, 1 planned; ")
    assert of(viewer).one("p", id="totals").says("4 open questions.")


def test_without_a_difference_and_a_question_there_is_no_column_for_them(viewer: Client) -> None:
    headings = [each.text for each in of(viewer, q="null").one("table", class_="audited").all("th")]
    assert "Decisions" not in headings
    assert "Open questions" not in headings


def test_what_the_ideal_does_differently_is_told(viewer: Client) -> None:
    row = row_of(of(viewer), "std_calibration")
    assert row.says(
        "“workflow-complete” are sent later: by the current machine before [Awaiting QA]"
    )


# -- the matrix


def test_the_matrix_says_what_each_machine_does_with_each_transition(viewer: Client) -> None:
    tree = of(viewer)
    table = tree.one("table", class_="matrix")
    states = [each.text for each in table.all("th", scope="colgroup")]
    assert states == ["Start", "Queued", "Executing", "Awaiting QA", "Ingesting"]
    events = [each.one("code").text for each in table.all("th", scope="col") if each.all("code")]
    assert events[:6] == [
        *("capability-submitted", "resume", "workflow-complete", "workflow-failed"),
        *("qa-pass", "qa-fail"),
    ]
    found = matrix(tree)
    assert len(found) == 8
    assert found["null", "current = ideal"] == ["same"] * 4 + ["absent"] * 4
    marked = ", current and ideal differ"
    assert found["std_calibration", "current"] == [
        *("same", "same", f"overridden{marked}", "same"),
        *[f"added{marked}"] * 2,
        *[f"absent{marked}"] * 2,
    ]
    assert found["std_calibration", "ideal"] == [
        *("same", "same", f"same{marked}", "same"),
        *[f"same{marked}"] * 4,
    ]


def test_a_cell_opens_its_row(viewer: Client) -> None:
    rows = _rows(of(viewer, q="calib").one("table", class_="matrix"))
    url = "/capabilities/std_calibration/current/"
    assert [a["href"] for a in rows[0].one("td", class_="overridden").all("a")] == [f"{url}#row-3"]
    assert not rows[0].all("td", class_="absent")[0].all("a")
    editor = read(viewer.get(url))
    assert editor.one("tr", id="row-3").says("Executing workflow-complete")


def test_a_cell_of_what_is_dropped_opens_its_ghost(viewer: Client) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    (row,) = _rows(of(viewer, q="null", made="overridden").one("table", class_="matrix"))
    cell = row.one("td", class_="missing")
    assert cell.one("span", class_="visually-hidden").text == "missing"
    path, _, anchor = cell.one("a")["href"].partition("#")
    assert read(viewer.get(path)).one("tr", id=anchor).says("Queued resume")


def test_a_stage_is_what_lies_beneath(viewer: Client) -> None:
    capabilities.add(name="staged", machine_template=None, by=editor_author())
    put = Transition("Start", "x", (Action("QaPass"),), "Complete")
    overrides.put(definition=seen("staged"), key=None, transition=put, by=editor_author())
    found = matrix(of(viewer, q="staged"))
    assert found["staged", "current = ideal"] == ["added"]


def test_only_the_commonest_columns_are_shown_at_first(viewer: Client) -> None:
    for number in range(40):
        put = Transition(f"State {number}", "x", (), "Failed")
        overrides.put(definition=seen("null"), key=None, transition=put, by=editor_author())
    tree = of(viewer)
    assert len(matrix(tree)["null_dag", "current = ideal"]) == 40
    assert tree.says("8 more are left out. Show all of them")
    link = next(a for a in tree.all("a") if a.text == "Show all of them")
    assert link["href"] == "/audit/?columns=all"
    assert len(matrix(of(viewer, columns="all"))["null_dag", "current = ideal"]) == 48


# -- filters


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"differs": "yes"}, ["std_calibration"]),
        ({"template": QA}, ["std_calibration"]),
        ({"template": "-"}, []),
        ({"template": SIMPLE, "q": "null"}, ["null", "null_dag"]),
        ({"code": "unknown-notification"}, ["std_calibration"]),
        ({"made": "overridden"}, ["std_calibration"]),
        ({"notes": "yes", "differs": "no"}, ["std_cms_imaging", "std_restore_imaging"]),
        ({"q": "NULL_"}, ["null_dag"]),
        ({"q": "<b>%_"}, []),
        ({"code": "<script>"}, []),
    ],
)
def test_filters_narrow_the_page_and_combine(
    viewer: Client, asked: dict[str, str], found: list[str]
) -> None:
    tree = of(viewer, **asked)
    assert names(tree) == found
    assert bool(tree.all("table", class_="matrix")) is bool(found)
    assert tree.says("No capability is like that.") is not bool(found)
    active = tree.one("p", id="active-filters")
    assert active.text.startswith(f"{len(found)} of 7 shown, by ")
    assert len(active.all("a", class_="chip")) == len(asked)


def test_an_active_filter_can_be_taken_away(viewer: Client) -> None:
    tree = of(viewer, differs="yes", q="std")
    chips = {a.text: a["href"] for a in tree.one("p", id="active-filters").all("a")}
    assert chips == {
        "Current and ideal: differ ✕ remove this filter": "/audit/?q=std",
        "Name: std ✕ remove this filter": "/audit/?differs=yes",
        "Show all": "/audit/",
    }
    assert tree.one("form", class_="filter").typed == {"q": "std", "differs": "yes"}


def test_each_filter_says_how_many_it_leaves_and_leaves_so_many(viewer: Client) -> None:
    tree = of(viewer, template=SIMPLE)
    links = tree.one("details", class_="filters").all("a")
    assert len(links) > 10
    for link in links:
        if "aria-current" not in link.attributes:
            number = int(link.one("span").text)
            assert len(names(read(viewer.get(link["href"])))) == number, link.text


def test_the_page_without_filters_says_nothing_of_them(viewer: Client) -> None:
    tree = of(viewer)
    assert not tree.all("p", id="active-filters")
    assert "open" not in tree.one("details", class_="filters").attributes


def test_what_is_typed_gets_the_part_alone(viewer: Client) -> None:
    response = viewer.get("/audit/?q=null", headers=PART)
    assert not is_page(response)
    assert names(read(response)) == ["null", "null_dag"]


def test_a_long_fleet_comes_in_pages_with_its_filters(viewer: Client) -> None:
    Capability.objects.bulk_create(Capability(name=f"more_{n:03}") for n in range(150))
    tree = of(viewer, findings="any", columns="all")
    assert len(names(tree)) == 100
    assert tree.one("p", id="totals").text.startswith("157 capabilities;")
    (following,) = tree.one("nav", class_="pages").all("a")
    assert following["href"] == "?findings=any&columns=all&page=2"
    assert len(names(read(viewer.get(f"/audit/{following['href']}")))) == 57


def test_names_are_escaped(viewer: Client) -> None:
    put = Transition("<i>", "&x", (Action("<b>"),), "</td>")
    ideal = seen("std_calibration", "ideal")
    overrides.put(definition=ideal, key=None, transition=put, by=editor_author())
    content = viewer.get("/audit/").content.decode()
    assert "&lt;i&gt;" in content
    assert "<i>" not in content
    assert "<b>" not in content


def test_an_empty_database_says_how_to_begin(seed: Plan) -> None:
    Capability.objects.all().delete()
    tree = read(client_of(VIEWER).get("/audit/"))
    assert tree.says("There are no capabilities yet.")
    assert not tree.all("table")
    assert not tree.all("p", id="totals")


# -- files


@pytest.mark.parametrize(
    ("path", "kind"), [("/audit.csv", "text/csv"), ("/audit.md", "text/markdown")]
)
def test_a_file_is_downloaded_narrowed_as_the_page_is(viewer: Client, path: str, kind: str) -> None:
    link = next(a["href"] for a in of(viewer, differs="no", q="null").all("a") if path in a["href"])
    assert link == f"{path}?differs=no&q=null"
    response = viewer.get(link)
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    text = response.content.decode()
    assert "null_dag" in text.replace("\\", "")
    assert "calibration" not in text
    assert viewer.get(link).content == response.content


# -- progress


def test_the_progress_is_a_picture_and_a_table(viewer: Client, way: Mapping[str, str]) -> None:
    part = as_asked(viewer.get("/audit/progress/", headers=way), way, "progress")
    differences, differing = part.all("svg")
    assert differences["aria-label"] == "Differences: now 5"
    assert differing["aria-label"] == "Capabilities that differ: now 1"
    assert [each.text for each in _rows(part.one("table"))] == ["now 5 1"]


def test_the_bars_are_as_long_as_their_numbers(viewer: Client) -> None:
    last = AuditEntry.objects.aggregate(last=Max("sequence"))["last"]
    for number, day in enumerate(("2026-01-01", "2026-01-02"), start=last + 1):
        for kind in ("current", "ideal"):
            _entry(number * 10 + len(kind), day, kind)
    svg = read(viewer.get("/audit/progress/")).one("section", id="progress").all("svg")[0]
    heights = [int(each["height"]) for each in svg.all("rect")]
    values = [int(each.text) for each in svg.all("text") if "class" not in each.attributes]
    assert max(heights) == 96
    assert [round(96 * value / max(values)) for value in values] == heights


def _entry(number: int, day: str, kind: str) -> None:
    after = f"[A] - <go> {{Run {kind}}} -> [B]"
    AuditEntry.objects.create(
        sequence=number, at=f"{day}T00:00:00.000000+00:00", subject="definition", name="old",
        kind=kind, after=after, previous=str(number), digest=str(number),
    )  # fmt: skip


def test_the_page_fetches_its_progress_only_for_those_who_may_see_the_log(seed: Plan) -> None:
    someone = person(STAFF)
    someone.user_permissions.add(Permission.objects.get(codename="view_capability"))
    client = client_of(STAFF)
    assert not of(client).all(id="progress")
    assert client.get("/audit/progress/").status_code == 403
    part: Any = of(client_of(VIEWER)).one(id="progress")
    assert part["hx-get"] == "/audit/progress/"
    assert part.one("a")["href"] == "/audit/progress/"


def test_the_log_without_an_entry_says_so(db: None) -> None:
    assert read(client_of(VIEWER).get("/audit/progress/")).says("The log is empty")


def test_the_pages_are_only_for_those_with_a_right(seed: Plan, way: Mapping[str, str]) -> None:
    for url in ("/audit/", "/audit/progress/", "/audit.csv", "/audit.md"):
        assert client_of(STAFF).get(url, headers=way).status_code == 403
