"""Releases in the browser: making one, looking at it, and recording where it is."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capabilities.authoring import capabilities, overrides
from capabilities.authoring.plans import Plan
from capabilities.models import Capability, Deployment, Release
from tests.factories import COMPLETE, editor_author, head, line, seen, state
from tests.html import Element, read
from tests.people import EDITOR, RELEASER, VIEWER, client_of
from tests.releasing import NAME, WARNINGS, adopt_ideal, deployed, released
from tests.test_queries import grow, queries

from .answers import message

NEW = "/releases/new/"
BY = editor_author("bea")


@pytest.fixture
def releaser(seed: Plan) -> Client:
    """The browser of somebody who may release, before the team's page."""
    return client_of(RELEASER)


def form_of(response: Any) -> Element:
    return read(response).one("form", class_="release-form")


def typed(client: Client, query: str = "", **words: Any) -> dict[str, Any]:
    """What the form posts, with every warning ticked and a title."""
    posted = form_of(client.get(f"{NEW}{query}")).typed
    ticked = [":".join(each) for each in WARNINGS]
    return {**posted, "acknowledged": ticked, "title": "QA", **words}


# -- the list


def test_before_the_first_release_the_list_says_so_and_who_makes_one(releaser: Client) -> None:
    page = read(releaser.get("/releases/"))
    assert "Nothing was released yet. Make the first release" in page.one("p", class_="empty").text
    assert page.one("a", class_="primary")["href"] == NEW
    page = read(client_of(VIEWER).get("/releases/"))
    assert "A releaser makes the first release." in page.one("p", class_="empty").text
    assert NEW not in [each.attributes.get("href") for each in page.all("a")]


def test_the_list_shows_what_each_environment_has_and_how_far_behind_it_is(
    releaser: Client,
) -> None:
    first = released()
    deployed(first, "dev")
    deployed(first, "production")
    adopt_ideal()
    second, _ = released("The second"), released("The third")
    deployed(second, "test")
    page = read(releaser.get("/releases/"))
    told = [each.text for each in page.one("ul", class_="environments").all("li")]
    assert told[0] == "local nothing recorded"
    assert told[1].startswith("dev Release 1 ! 2 releases behind 1 machine differs from current.")
    assert told[2].startswith("test Release 2 ! 1 release behind No machines differ from current.")
    assert told[3].startswith("production Release 1 ! 2 releases behind")
    rows = [row.text for row in page.one("table").all("tr")[1:]]
    assert [row.split(" by ")[0][:9] for row in rows] == ["Release 3", "Release 2", "Release 1"]
    assert rows[0].endswith("nowhere")
    assert rows[2].endswith("dev, production")
    deployed(Release.objects.get(number=3), "dev")
    assert "dev Release 3 ✓ the newest" in read(releaser.get("/releases/")).text


def test_a_machine_that_is_not_in_a_release_or_gone_is_told(releaser: Client) -> None:
    chosen = list(Capability.objects.filter(name__in=("null", "null_dag")))
    deployed(released(capabilities=chosen, acknowledged=()))
    capabilities.remove(capability=Capability.objects.get(name="null"), by=BY)
    told = read(releaser.get("/releases/")).one("ul", class_="environments").text
    assert "1 machine differs from current; 5 are not in it." in told


# -- a new one


def test_the_page_of_a_new_release_shows_machines_findings_and_no_release(releaser: Client) -> None:
    before = state()
    page = read(releaser.get(NEW))
    assert "The first release: 7 machines." in page.one(id="plan").text
    boxes = page.one("ul", class_="release-findings").all("input", type="checkbox")
    assert [each["value"] for each in boxes] == [":".join(each) for each in WARNINGS]
    assert "checked" not in boxes[0].attributes
    assert "“execution_complete” is sent before QA." in page.text
    assert page.one(id="release").text == "Make release 1 of 7 machines"
    assert state() == before


def test_a_release_is_made_by_its_form_and_its_page_tells_all_of_it(releaser: Client) -> None:
    words = {f"words {':'.join(each)}": "Known since <2019>." for each in WARNINGS}
    response = releaser.post(NEW, typed(releaser, notes="See *WS-812*.\n<b>", **words), follow=True)
    assert response.redirect_chain == [("/releases/1/", 302)]
    assert message(response) == "Release 1 is made. It cannot be changed any more."
    made = Release.objects.get()
    assert (made.by, made.title, made.sequence) == (RELEASER, "QA", made.sequence)
    page = read(response)
    assert page.one(id="digest").text == made.digest
    assert made.head_digest in page.text
    assert "Known since <2019>." in page.text
    assert "See *WS-812*." in page.one("div", class_="release-notes").text
    assert "It was not deployed anywhere yet." in page.text


def test_only_the_chosen_machines_of_the_chosen_kind_are_released(releaser: Client) -> None:
    query = f"?kind=ideal&name=null&name={NAME}"
    page = read(releaser.get(f"{NEW}{query}"))
    assert page.one(id="release").text == "Make release 1 of 2 machines"
    data = typed(releaser, query, name=["null", NAME])
    assert data["kind"] == "ideal"
    data["acknowledged"] = [f"workflow-not-started:{NAME}", f"unknown-notification:{NAME}"]
    assert releaser.post(NEW, data).status_code == 302
    found = {(each.name, each.kind) for each in Release.objects.get().machines.all()}
    assert found == {("null", "ideal"), (NAME, "ideal")}


def refused(client: Client, data: Mapping[str, Any], status: int) -> Element:
    before = state()
    response = client.post(NEW, data)
    assert response.status_code == status
    assert state() == before
    return read(response)


def test_what_one_check_says_of_a_machine_twice_is_two_sentences(releaser: Client) -> None:
    told = form_of(releaser.get(NEW)).one("ul", class_="release-findings").text
    assert re.search(r"before QA\. “workflow-complete” is sent", told)


def test_a_warning_that_is_not_ticked_refuses_it_and_what_was_typed_stays(releaser: Client) -> None:
    first = ":".join(next(iter(WARNINGS)))
    data = typed(releaser, notes="Mine.", acknowledged=[first], **{f"words {first}": "So be it."})
    page = refused(releaser, data, 422)
    assert (
        "1 warning must be acknowledged: qa-outcome-without-action" in page.one(id="refusal").text
    )
    again = form_of(releaser.post(NEW, data))
    assert again.typed["title"] == "QA"
    assert again.typed["notes"].strip() == "Mine."
    assert again.typed[f"words {first}"] == "So be it."
    boxes = page.one("ul", class_="release-findings").all("input", type="checkbox")
    assert ["checked" in each.attributes for each in boxes] == [True, False]


def test_an_error_is_named_and_there_is_no_button(releaser: Client) -> None:
    data = typed(releaser)
    overrides.drop(definition=seen("null"), key=COMPLETE, by=BY)
    page = read(releaser.get(NEW))
    assert "1 error With an error, nothing is released." in page.text
    assert not page.all(id="release")
    assert page.one(id="blocked").text == "It can be released when the error above is mended."
    page = refused(releaser, {**data, "head": str(head())}, 422)
    assert "null has an error: " in page.one(id="refusal").text


def test_without_a_title_or_what_was_seen_nothing_is_released(releaser: Client) -> None:
    assert "required" in refused(releaser, typed(releaser, title=""), 422).text
    refused(releaser, typed(releaser, head=""), 428)
    refused(releaser, typed(releaser, head="x"), 428)
    refused(releaser, typed(releaser, name="nothing-like-it"), 422)


def test_a_late_release_gets_what_changed_since_and_keeps_the_form(releaser: Client) -> None:
    data = typed(releaser)
    adopt_ideal()
    page = refused(releaser, data, 409)
    told = page.one(id="refusal").text
    assert "Machines were changed since this page was made." in told
    assert f"{NAME}" in told
    assert form_of(releaser.post(NEW, data)).typed["title"] == "QA"
    assert form_of(releaser.post(NEW, data)).typed["head"] == str(head())


def test_the_plan_against_the_release_before_says_what_changes_for_users(releaser: Client) -> None:
    released()
    adopt_ideal()
    plan = read(releaser.get(NEW)).one(id="plan")
    assert "1 machine changes and 6 machines stay as they are." in plan.text
    assert "are sent later: by the previous release before [Awaiting QA]" in plan.text
    link = next(each["href"] for each in plan.all("a") if each.text == NAME)
    page = read(releaser.get(link))
    assert f"The current machine of {NAME} in release 1" in page.text
    made = released("The second")
    assert read(releaser.get(made.get_absolute_url())).one(id="plan").text == plan.text


def test_machines_that_change_alike_are_told_in_one_piece(releaser: Client) -> None:
    released()
    text = "[Executing] - <workflow-complete> {SendMessage execution_failed} -> [Complete]"
    for name in ("null", "null_dag"):
        overrides.put(definition=seen(name), key=COMPLETE, transition=line(text), by=BY)
    plan = read(releaser.get(NEW)).one(id="plan")
    (change,) = plan.all("section", class_="release-change")
    assert "For null and null_dag" in change.text
    assert {each.text for each in change.all("a")} == {"null", "null_dag"}


# -- one release


def test_a_machine_of_a_release_is_compared_with_any_other_and_with_current(
    releaser: Client,
) -> None:
    released()
    adopt_ideal()
    released("The second")
    overrides.drop(definition=seen("null"), key=COMPLETE, by=BY)

    def words(query: str) -> dict[str, str]:
        table = read(releaser.get(f"/releases/2/{query}")).all("table")[-1]
        rows = [row.all("th") + row.all("td") for row in table.all("tr")[1:]]
        return {cells[0].text: cells[-1].text for cells in rows}

    assert words("")[NAME] == "~ different compare std_calibration"
    assert words("")["null"] == "= the same compare null"
    assert words("?against=1") == words("") == words("?against=99") == words("?against=x")
    assert words("?against=current")[NAME].startswith("= the same")
    assert words("?against=current")["null"].startswith("~ different")
    links = read(releaser.get("/releases/1/?against=2")).all("table")[-1].all("a")
    assert links[0]["href"] == "/compare/?old=release/1/null&new=release/2/null"
    for link in links:
        assert releaser.get(link["href"]).status_code == 200


def test_a_side_of_a_release_that_is_not_there_is_told(releaser: Client) -> None:
    released()
    for side, status in (
        ("release/2/null", 404),
        ("release/1/nothing", 404),
        ("release/x/null", 422),
        ("release/1/", 422),
    ):
        response = releaser.get(f"/compare/?old={side}&new=capability/null/current")
        assert response.status_code == status, side
    assert (
        "no number of a release"
        in read(releaser.get("/compare/?old=release/x/null&new=capability/null/current")).text
    )


def test_a_capability_of_any_name_is_compared(releaser: Client) -> None:
    name = "a&b=ü ?#%+"
    grow(iter(("more_1", "more_2", name)))
    released(capabilities=[Capability.objects.get(name=name)], acknowledged=())
    page = read(releaser.get("/releases/1/?against=current"))
    (link,) = page.all("table")[-1].all("a")
    assert (
        read(releaser.get(link["href"])).one("p", class_="verdict").text.endswith("are the same.")
    )
    released("The second", capabilities=[Capability.objects.get(name=name)], acknowledged=())
    (link,) = read(releaser.get("/releases/2/")).all("table")[-1].all("a")
    assert f"machine of {name} in release 1" in read(releaser.get(link["href"])).text


def test_the_export_and_the_notes_are_the_same_bytes_for_ever(releaser: Client) -> None:
    made = released(notes="Look:\n# no heading")
    first = releaser.get("/releases/1.json"), releaser.get("/releases/1.md")
    assert hashlib.sha256(first[0].content).hexdigest() == made.digest
    assert first[0].headers["Content-Disposition"] == 'attachment; filename="release-1.json"'
    adopt_ideal()
    released("The second")
    deployed(made)
    again = releaser.get("/releases/1.json"), releaser.get("/releases/1.md")
    assert [each.content for each in again] == [each.content for each in first]
    told = releaser.get("/releases/2.md").content.decode()
    assert told.startswith("# Release 2: The second\n\nReleased 2")
    assert "### For std\\_calibration\n\n- The message “execution\\_complete”" in told
    assert "> \\# no heading" in again[1].content.decode()


@pytest.mark.parametrize("url", ["/releases/9/", "/releases/9.json", f"/releases/{10**30}/"])
def test_a_release_that_there_is_not_is_not_found(releaser: Client, url: str) -> None:
    assert releaser.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/releases/1/", "/releases/1.json", "/releases/1.md"])
def test_no_method_and_no_form_changes_a_release(releaser: Client, url: str) -> None:
    released()
    before = state()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert releaser.generic(method, url, b"title=x").status_code == 405
    assert state() == before


# -- deployments


def test_a_deployment_is_recorded_and_shown(releaser: Client) -> None:
    released()
    data = {"environment": "production", "remark": "After <lunch>"}
    response = releaser.post("/releases/1/deployments/", data, follow=True)
    assert response.redirect_chain == [("/releases/1/#deployments-title", 302)]
    assert message(response) == "Production has release 1 now."
    made = Deployment.objects.get()
    assert (made.environment, made.remark, made.by) == ("production", "After <lunch>", RELEASER)
    row = read(response).all("table")[0].all("tr")[1].text
    assert row.startswith("production")
    assert row.endswith("releaser After <lunch>")


def test_a_deployment_that_is_refused_says_why_and_keeps_the_remark(releaser: Client) -> None:
    deployed()
    before = state()
    for environment in ("dev", "moon"):
        data = {"environment": environment, "remark": "Mine"}
        response = releaser.post("/releases/1/deployments/", data)
        assert response.status_code == 422
        form = read(response).one("form", class_="deployment-form")
        assert form.typed["remark"] == "Mine"
        assert form.one("ul", class_="errorlist").text
    assert state() == before


# -- who may


@pytest.mark.parametrize("role", [VIEWER, EDITOR])
def test_who_may_only_see_is_offered_nothing_and_refused(seed: Plan, role: str) -> None:
    deployed()
    before, client = state(), client_of(role)
    page = read(client.get("/releases/1/"))
    assert not page.all("form", class_="deployment-form")
    assert NEW not in [
        each.attributes.get("href") for each in read(client.get("/releases/")).all("a")
    ]
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, typed(client_of(RELEASER))).status_code == 403
    data = {"environment": "test"}
    assert client.post("/releases/1/deployments/", data).status_code == 403
    assert state() == before


def test_a_releaser_sees_machines_and_does_not_edit_them(releaser: Client) -> None:
    assert releaser.get("/capabilities/null/current/").status_code == 200
    assert releaser.post("/capabilities/null/current/transitions/").status_code == 403


# -- queries


def test_the_pages_make_few_queries_and_no_more_with_many_machines(releaser: Client) -> None:
    urls = ("/releases/", NEW, "/releases/1/", "/releases/1/?against=current", "/releases/1.md")
    deployed()
    few = {url: queries(releaser, url) for url in urls}
    assert max(few.values()) <= 20
    grow(f"more_{number:03}" for number in range(93))
    for environment in ("test", "production"):
        deployed(Release.objects.get(number=1), environment)
    assert {url: queries(releaser, url) for url in urls} == few


def test_a_release_of_many_makes_as_many_queries_as_one_of_few(releaser: Client) -> None:
    names = [f"more_{number:03}" for number in range(93)]
    grow(iter(names))
    simple = names[2::3]  # without stage, override and ideal

    def made(chosen: list[str]) -> int:
        capabilities = list(Capability.objects.filter(name__in=chosen))
        with CaptureQueriesContext(connection) as queries:
            released(capabilities=capabilities, acknowledged=())
        return len(queries)

    made(simple[:4])
    few = made(simple[:4])
    assert made(simple) <= few + 2  # SQLite takes so many rows in one query and no more
