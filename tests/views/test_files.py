"""One machine in each format, and what is different, at addresses of their own."""

import html
import json
from typing import Any

import pytest
from django.test import Client

from capabilities.machines.notation import parse
from tests.factories import QA, SIMPLE, effective, template_machine
from tests.html import read
from tests.people import STAFF, VIEWER, client_of

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "dot": "text/vnd.graphviz",
    "txt": "text/plain",
    "json": "application/json",
    "pdf": "application/pdf",
    "mmd": "text/vnd.mermaid",
    "scxml": "application/scxml+xml",
    "xstate.json": "application/json",
    "rst": "text/x-rst",
    "py": "text/x-python",
    "csv": "text/csv",
}
BEGINNINGS: dict[str, bytes | tuple[bytes, ...]] = {
    "svg": b"<?xml",
    "png": b"\x89PNG\r\n",
    "dot": b"// A state machine for Graphviz, written by smadmin.\ndigraph {",
    "txt": (b"[Start] - <capability-submitted> {QueueWorkflow ", b"-- (exact design"),
    "json": b"[",
    "pdf": b"%PDF-",
    "mmd": b"stateDiagram-v2\n  %% ",
    "scxml": b"<?xml",
    "xstate.json": b"{",
    "rst": b".. State machines for Sphinx, written by smadmin.",
    "py": b'"""Capability state machines, written by smadmin.',
    "csv": "\ufeffcapability,kind,".encode(),
}
MACHINES = {
    "/capabilities/std_calibration/current": "std_calibration-current",
    "/capabilities/std_calibration/ideal": "std_calibration-ideal",
    "/capabilities/null/ideal": "null-ideal",  # the same as current
    f"/machine-templates/{QA}": QA,
}


def assert_kept_apart(response: Any, name: str) -> None:
    """It is a file to keep, and can do nothing if it is opened all the same."""
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("suffix", TYPES)
@pytest.mark.parametrize("url", MACHINES)
def test_a_machine_is_a_file_in_each_format(viewer: Client, url: str, suffix: str) -> None:
    response = viewer.get(f"{url}.{suffix}")
    assert response.status_code == 200
    assert response.headers["Content-Type"].partition(";")[0] == TYPES[suffix]
    assert response.content.startswith(BEGINNINGS[suffix])
    assert_kept_apart(response, f"{MACHINES[url]}.{suffix}")
    assert viewer.get(f"{url}.{suffix}").content == response.content


def test_the_notation_is_the_effective_machine(viewer: Client) -> None:
    text = viewer.get("/capabilities/std_calibration/ideal.txt").content.decode()
    assert parse(text) == effective("std_calibration", "ideal")
    text = viewer.get(f"/machine-templates/{SIMPLE}.txt").content.decode()
    assert parse(text) == template_machine(SIMPLE)


def test_the_json_has_each_transition_with_its_actions(viewer: Client) -> None:
    found = json.loads(viewer.get("/capabilities/null/current.json").content)
    assert len(found) == 4
    first = {
        "source": "Start",
        "event": "capability-submitted",
        "actions": [{"name": "QueueWorkflow", "argument": "null"}],
        "target": "Queued",
    }
    assert {name: found[0][name] for name in first} == first


def test_the_differences_are_a_file_of_json_or_of_markdown(viewer: Client) -> None:
    url = "/capabilities/std_calibration/differences"
    found = viewer.get(f"{url}.json")
    assert found.headers["Content-Type"] == "application/json"
    assert len(json.loads(found.content)) == 5
    assert_kept_apart(found, "std_calibration-differences.json")
    told = viewer.get(f"{url}.md")
    assert told.headers["Content-Type"].startswith("text/markdown")
    assert_kept_apart(told, "std_calibration-differences.md")
    text = told.content.decode()
    assert text.startswith("## std\\_calibration\n\nFrom the current machine to the ideal machine,")
    assert "\n- `+` " in text
    effects = text.partition("What will be done differently:\n\n")[2].splitlines()
    assert len(effects) == 8
    assert "- \\{AnnounceQa\\} is now done when \\<workflow-complete\\> arrives in" in "\n".join(
        effects
    )


def test_no_difference_is_an_empty_list(viewer: Client) -> None:
    assert json.loads(viewer.get("/capabilities/null/differences.json").content) == []


def test_the_differences_are_a_picture_of_both(viewer: Client) -> None:
    found = viewer.get("/capabilities/std_calibration/differences.svg")
    assert found.headers["Content-Type"] == "image/svg+xml"
    assert_kept_apart(found, "std_calibration-differences.svg")
    text = html.unescape(found.content.decode())
    for label in ("+ added workflow-failed", "↳ retargeted (old) qa-pass"):
        assert label in text
    assert 'class="edge retargeted"' in text
    assert "#17622d" in text  # it has its colours without a style sheet


@pytest.mark.parametrize(
    "url",
    [
        "/capabilities/null/current.exe",
        "/capabilities/null/current.SVG",
        "/capabilities/null/current.",
        "/capabilities/null/future.svg",
        "/capabilities/nobody/current.svg",
        "/capabilities/nobody/differences.json",
        "/capabilities/null/differences.exe",
        "/machine-templates/nothing.svg",
        f"/machine-templates/{SIMPLE}.exe",
    ],
)
def test_what_is_not_there_is_not_found(viewer: Client, url: str) -> None:
    assert viewer.get(url).status_code == 404


def test_a_picture_that_cannot_be_drawn_in_time_is_not_found(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.deployment.machine_files.draw", lambda *_: None)
    response = viewer.get("/capabilities/null/current.svg")
    assert response.status_code == 404
    assert read(response).says("This machine cannot be drawn in time; its table says the same.")
    assert viewer.get("/capabilities/std_calibration/differences.svg").status_code == 404
    assert viewer.get("/capabilities/null/current.dot").status_code == 200


def test_a_pdf_without_letters_is_not_found_and_says_why(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.deployment.machine_files.has_text", lambda _: False)
    response = viewer.get("/capabilities/null/current.pdf")
    assert response.status_code == 404
    assert read(response).says("There is no font on the server")


@pytest.mark.parametrize(
    "url",
    ["/capabilities/std_calibration/", "/capabilities/null/ideal/", f"/machine-templates/{QA}/"],
)
def test_a_page_links_to_every_format(viewer: Client, url: str) -> None:
    tree = read(viewer.get(url))
    links = [each["href"] for box in tree.all(class_="downloads") for each in box.all("a")]
    for suffix in TYPES:
        (link, *_) = [each for each in links if each.endswith(f".{suffix}") and "/" in each]
        assert viewer.get(link).status_code == 200


def test_files_are_only_read(viewer: Client) -> None:
    for url in (*(f"{each}.txt" for each in MACHINES), "/capabilities/null/differences.md"):
        assert viewer.post(url).status_code == 405
        assert viewer.head(url).status_code == 200


def test_a_file_needs_the_right_of_its_page(seed: object) -> None:
    staff, viewer = client_of(STAFF), client_of(VIEWER)
    for url in (*(f"{each}.txt" for each in MACHINES), "/capabilities/null/differences.md"):
        assert staff.get(url).status_code == 403
        assert viewer.get(url).status_code == 200
