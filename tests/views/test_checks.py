"""The help page of the checks, the switch for one machine, and whether QA is required."""

from collections.abc import Mapping

from django.test import Client

from capabilities.machines.checks import RULES, TEXT_RULES
from capabilities.models import Capability, SwitchedOffCheck
from tests.factories import state
from tests.html import read

from .answers import as_asked, is_page, message, root, told

PAGE = "/capabilities/std_calibration/current/"
URL = f"{PAGE}checks/completion-before-qa/"
REASON = {"verb": "off", "reason": "The <operators> asked for it."}


def test_every_rule_has_its_place_on_the_help_page(viewer: Client) -> None:
    tree = read(viewer.get("/checks/"))
    for rule in (*RULES.values(), *TEXT_RULES):
        article = tree.one("article", id=rule.code)
        assert article.says(rule.title)
        assert article.says(rule.severity)
        assert article.says(rule.why)
        assert article.says(rule.mend)


def test_a_finding_leads_to_its_help_and_only_an_editor_may_switch_it_off(
    viewer: Client, editor: Client
) -> None:
    for client, may in ((viewer, False), (editor, True)):
        findings = read(client.get(PAGE)).one("section", id="findings")
        assert findings.all("a", href="/checks/#completion-before-qa")
        assert bool(findings.all("form")) is may


def test_a_check_is_switched_off_and_on(editor: Client, way: Mapping[str, str]) -> None:
    for data, said in ((REASON, "Switched off"), ({"verb": "on"}, "Switched on")):
        response = editor.post(URL, data, headers=way)
        if is_page(response) or response.status_code == 302:
            assert response.headers["Location"] == f"{PAGE}#findings"
            response = editor.get(PAGE)
            assert message(response) == f"{said} completion-before-qa."
            findings = read(response).one("section", id="findings")
        else:
            assert told(response) == f"{said} completion-before-qa."
            findings = root(response)
        is_off = said == "Switched off"
        assert findings.says("is sent before QA") is not is_off
        assert findings.says("1 check switched off") is is_off
        assert findings.says("The <operators> asked for it.") is is_off


def test_a_switch_without_a_reason_is_refused_and_what_was_typed_stays(
    editor: Client, way: Mapping[str, str]
) -> None:
    before = state()
    response = editor.post(URL, {"verb": "off", "reason": "  "}, headers=way)
    assert response.status_code == 422
    findings = as_asked(response, way, "findings")
    assert findings.says("Say why")
    long = "y" * 501
    response = editor.post(URL, {"verb": "off", "reason": long}, headers=way)
    assert response.status_code == 422
    assert long in {each["value"] for each in as_asked(response, way, "findings").all("input")}
    assert state() == before


def test_a_check_that_is_on_already_is_no_mistake(editor: Client) -> None:
    before = state()
    assert editor.post(URL, {"verb": "on"}).status_code == 302
    assert state() == before


def test_the_list_does_not_count_what_is_switched_off(editor: Client) -> None:
    assert read(editor.get("/")).says("! 3 warnings")
    editor.post(URL, REASON)
    assert not read(editor.get("/")).says("! 3 warnings")
    assert SwitchedOffCheck.objects.count() == 1


def test_an_editor_says_on_the_capability_s_page_that_qa_is_required(
    editor: Client, viewer: Client
) -> None:
    url = "/capabilities/null/"
    assert read(viewer.get(url)).one(id="requires-qa").says("QA is not required")
    assert not read(viewer.get(url)).one(id="requires-qa").all("form")
    button = read(editor.get(url)).one("button", id="require-qa")
    response = editor.post(f"{url}requires-qa/", {button["name"]: button["value"]})
    assert (response.status_code, response.headers["Location"]) == (302, url)
    tree = read(editor.get(url))
    assert tree.one(id="requires-qa").says("QA is required")
    assert tree.says("no transition handles “qa-pass”")
    editor.post(f"{url}requires-qa/", {"requires_qa": "no"})
    assert not Capability.objects.get(name="null").requires_qa


def test_a_form_that_does_not_say_it_changes_nothing(editor: Client) -> None:
    before = state()
    response = editor.post("/capabilities/null/requires-qa/", {"requires_qa": "perhaps"})
    assert response.status_code == 422
    assert read(response).says("nothing was saved")
    assert state() == before


def test_a_new_name_that_is_nearly_a_known_one_has_to_be_said_twice(editor: Client) -> None:
    typed = {"name": "std_calibraton", "machine_template": ""}
    response = editor.post("/new-capability/", typed)
    assert response.status_code == 422
    assert read(response).one(id="near-miss").one("a")["href"] == "/capabilities/std_calibration/"
    sure = read(response).one("input", name="sure")["value"]
    # Another name is another question.
    other = editor.post("/new-capability/", {"name": "test_downlod", "sure": sure})
    assert other.status_code == 422
    assert editor.post("/new-capability/", {**typed, "sure": sure}).status_code == 302
    assert Capability.objects.filter(name="std_calibraton").exists()
    assert editor.post("/new-capability/", {"name": "null_tree"}).status_code == 302


def test_a_plan_asks_about_a_capability_that_is_nearly_a_known_one(editor: Client) -> None:
    text = "NAME\n\n[Start] - <capability-submitted> {QueueWorkflow NAME} -> [Complete]\n"
    for name, asked in (("std_calibraton", True), ("null_tree", False)):
        response = editor.post("/import/", {"text": text.replace("NAME", name)})
        assert read(response).says("did you mean “std_calibration”?") is asked
