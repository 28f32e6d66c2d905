"""Deciding in the browser: the row, the page of a difference, and the list of all."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from capabilities.authoring import capabilities, definitions, deviations, overrides
from capabilities.machines.deviations import State
from capabilities.machines.machine import Key
from capabilities.models import Capability, Deviation, Kind, Note
from tests.deciding import INGESTED, NAME, NOT_INGESTED, capability, decided, seen, standings
from tests.factories import COMPLETE, FAIL, PASS, RESUME, editor_author, line, state
from tests.factories import seen as seen_definition
from tests.html import Element, read
from tests.people import HTMX

from .answers import is_page, message, root, told

PAGE = f"/capabilities/{NAME}/"
ALL = f"{PAGE}deviations/"
BY = editor_author("bea")
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel("2026-11-24T22:00:00Z", tick=True):
        yield


def url(key: Key = COMPLETE, verb: str = "") -> str:
    return f"{ALL}{verb}?{urlencode(key._asdict())}"


def form_of(response: Any) -> Element:
    (form,) = read(response).all("form", class_="page-form")
    return form


def typed(client: Client, key: Key = COMPLETE, **words: str) -> dict[str, str]:
    """What the form of a difference posts, with some words typed."""
    posted = form_of(client.get(url(key))).typed
    return {**{name: text for name, text in posted.items() if name != "verb"}, **words}


def decision_row(client: Client, number: int = 1) -> Element:
    return read(client.get(PAGE)).one(id=f"decision-{number}")


# -- the comparison


def test_each_difference_says_how_it_stands_by_sign_and_word(editor: Client) -> None:
    decided(COMPLETE, reason="After the <release>.")
    decided(PASS, state="accepted", reason="So be it.", until=TODAY)
    note = Note.objects.filter(capability__name=NAME, is_question=True).first()
    decided(FAIL, state="blocked", ticket="", question=note)
    decided(INGESTED)
    _change(INGESTED)
    rows = [decision_row(editor, number) for number in range(1, 6)]
    words = ["▸ planned", "✓ accepted", "■ blocked", "↻ reopened", "? unexplained"]
    assert [each.one("span", class_="badge").text for each in rows] == words
    for number, said in (
        (0, "Ticket WS-812"),
        (0, "Owner ada"),
        (0, "After the <release>."),
        (1, "Until 2026-11-24"),
        (2, f"Waits for “{note}”"),
        (3, "The difference is another one since it was planned."),
    ):
        assert rows[number].says(said), said
    with time_machine.travel("2026-11-25T01:00:00Z"):
        overdue = decision_row(editor, 2)
    assert overdue.one("span", class_="badge").text == "! overdue"
    assert overdue.says("It was accepted.")
    assert overdue.says("Was due 2026-11-24")


def _change(key: Key) -> None:
    overrides.put(
        definition=seen_definition(NAME, Kind.IDEAL),
        key=key,
        transition=line(f"{key} {{Shout}} -> [Complete]"),
        by=BY,
    )


def test_what_closed_by_itself_is_listed_below(viewer: Client) -> None:
    assert not read(viewer.get(PAGE)).one(id="deviations").text
    decided(COMPLETE)
    decided(NOT_INGESTED)
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=NOT_INGESTED, by=BY)
    below = read(viewer.get(PAGE)).one(id="deviations")
    assert below.one("summary").text == "1 decision closed by itself"
    assert below.says(str(NOT_INGESTED))
    assert below.says("= closed It was planned. Ticket WS-812")
    definitions.make_same_as_current(definition=seen_definition(NAME, Kind.IDEAL), by=BY)
    below = read(viewer.get(PAGE)).one(id="deviations")
    assert below.one("summary").text == "2 decisions closed by themselves"


def test_only_who_may_decide_is_offered_to(editor: Client, viewer: Client) -> None:
    decided(COMPLETE)
    for client, may in ((editor, True), (viewer, False)):
        assert bool(decision_row(client).all("a", class_="decide")) is may
        assert bool(read(client.get(PAGE)).one(id="deviations").all("a")) is may
        assert bool(read(client.get(url())).all("form", class_="page-form")) is may
        assert bool(read(client.get(ALL)).all("div", class_="fields")) is may
        assert decision_row(client).one("a", class_="history")["href"] == f"{url()}#history"


# -- deciding on one


def test_the_form_opens_in_the_row_and_shuts(editor: Client) -> None:
    link = decision_row(editor, 2).one("a", class_="decide")
    form = root(editor.get(link["hx-get"], headers=HTMX))
    assert form["id"] == link["hx-target"].removeprefix("#") == "decision-2"
    assert form.one("select", id="decision-2-state")["autofocus"] == ""
    assert form.one("input", name="owner")["value"] == "editor"
    cancel = form.one("a", id="cancel-decision-2")
    shut = root(editor.get(cancel["hx-get"], headers=HTMX))
    assert shut.text == decision_row(editor, 2).text
    assert "autofocus" not in editor.get(url(PASS)).content.decode()


def test_a_difference_is_decided(editor: Client, way: Mapping[str, str]) -> None:
    words = typed(editor, state="planned", ticket="WS-812", owner="ada", reason="Next week.")
    response = editor.post(url(verb="decide/"), words, headers=way)
    if way is HTMX:
        assert told(response) == f"Decided on {COMPLETE}: planned."
        row = read(response).one(id="decision-1")
        assert read(response).one(id="deviations")["hx-swap-oob"] == "outerHTML"
        assert read(response).one(id="deviations").says("4 differences wait for a decision.")
    else:
        assert response.headers["Location"] == f"{PAGE}#decision-1"
        response = editor.get(PAGE)
        assert message(response) == f"Decided on {COMPLETE}: planned."
        row = read(response).one(id="decision-1")
    assert row.says("▸ planned Ticket WS-812 Owner ada Next week.")
    assert "Undo" not in read(response).text  # there is nothing that it would do
    kept = Deviation.objects.get()
    assert (kept.key, kept.ticket, kept.decided_by) == (COMPLETE, "WS-812", "editor")


@pytest.mark.parametrize(
    ("words", "field", "says"),
    [
        ({"state": "planned"}, "ticket", "Name the ticket"),
        ({"state": "accepted"}, "until", "until when"),
        ({"state": "accepted", "until": "2026-11-23"}, "until", "This day has passed."),
        ({"state": "accepted", "until": "soon"}, "until", "Enter a valid date."),
        ({"state": "blocked"}, "question", "Choose the question"),
        ({"state": "tolerated"}, "state", "Select a valid choice."),
        ({"ticket": "WS-1", "owner": " "}, "owner", "This field is required."),
        ({"state": "blocked", "question": "999999"}, "question", "Select a valid choice."),
    ],
)
def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(
    editor: Client, way: Mapping[str, str], words: dict[str, Any], field: str, says: str
) -> None:
    posted = typed(editor, COMPLETE, **{"reason": "Long <thought> about.", **words})
    before = state()
    response = editor.post(url(verb="decide/"), posted, headers=way)
    assert response.status_code == 422
    assert is_page(response) is (way is not HTMX)
    form = form_of(response)
    wrong = [each for each in form.all("div", class_="wrong") if says in each.text]
    assert [f"field-{field}" in each["class"] for each in wrong] == [True]
    assert form.typed["reason"] == "Long <thought> about."
    assert form.typed["chosen"] == posted["chosen"]
    assert state() == before


def test_a_late_decision_is_a_conflict_that_shows_what_is_there_now(
    editor: Client, way: Mapping[str, str]
) -> None:
    words = typed(editor, ticket="WS-1", reason="Mine.")
    decided(ticket="WS-900", by=BY)
    before = state()
    response = editor.post(url(verb="decide/"), words, headers=way)
    assert response.status_code == 409
    tree = read(response)
    assert tree.one(id="refusal").says(f"The decision on {COMPLETE} was changed by somebody else")
    form = form_of(response)
    assert (form.typed["ticket"], form.typed["reason"]) == ("WS-1", "Mine.")
    assert tree.says("Ticket WS-900")
    assert state() == before
    # Whoever has seen it may go on.
    again = {name: text for name, text in form.typed.items() if name != "verb"}
    assert editor.post(url(verb="decide/"), again, headers=way).status_code in (200, 302)
    found = standings()[COMPLETE].decision
    assert found
    assert found.ticket == "WS-1"


def test_a_difference_that_changed_under_the_form_is_a_conflict(
    editor: Client, way: Mapping[str, str]
) -> None:
    words = typed(editor, INGESTED, ticket="WS-1")
    _change(INGESTED)
    before = state()
    response = editor.post(url(INGESTED, "decide/"), words, headers=way)
    assert response.status_code == 409
    tree = read(response)
    assert tree.one(id="refusal").says(f"The difference at {INGESTED} was changed")
    assert tree.says("{Shout}")
    assert form_of(response).typed["ticket"] == "WS-1"
    assert state() == before


def test_a_difference_that_went_under_the_form_cannot_be_decided(
    editor: Client, way: Mapping[str, str]
) -> None:
    words = typed(editor, INGESTED, ticket="WS-1")
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=INGESTED, by=BY)
    before = state()
    response = editor.post(url(INGESTED, "decide/"), words, headers=way)
    assert response.status_code == 422
    assert read(response).says("there is nothing to decide")
    assert state() == before


@pytest.mark.parametrize(
    "chosen", ["", "source=Executing", "x", "source=a&event=b&seen=c&newest=d", "%00=%00"]
)
def test_a_form_that_does_not_say_what_it_showed_decides_nothing(
    editor: Client, way: Mapping[str, str], chosen: str
) -> None:
    words = typed(editor, ticket="WS-1", chosen=chosen)
    before = state()
    response = editor.post(url(verb="decide/"), words, headers=way)
    assert response.status_code == 428
    assert read(response).says("nothing was saved")
    assert state() == before


def test_a_decision_is_withdrawn(editor: Client, way: Mapping[str, str]) -> None:
    decided()
    words = typed(editor, verb="withdraw", reason="Not after all.", owner="")
    response = editor.post(url(verb="decide/"), words, headers=way)
    assert response.status_code == (200 if way is HTMX else 302)
    assert standings()[COMPLETE].state is State.UNEXPLAINED
    assert decision_row(editor).one("span", class_="badge").text == "? unexplained"
    response = editor.post(url(verb="decide/"), words, headers=way)
    assert response.status_code == 409  # sent twice


def test_what_closed_meanwhile_can_be_withdrawn_all_the_same(
    editor: Client, way: Mapping[str, str]
) -> None:
    decided(INGESTED)
    words = typed(editor, INGESTED, verb="withdraw")
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=INGESTED, by=BY)
    response = editor.post(url(INGESTED, "decide/"), words, headers=way)
    if way is HTMX:
        assert read(response).one(id="decision-gone").text == ""
    else:
        assert response.headers["Location"] == f"{PAGE}#differences-title"
    assert INGESTED not in standings()


# -- the page of a difference


def test_its_page_tells_the_whole_history_the_newest_first(viewer: Client) -> None:
    decided(reason="One.")
    decided(reason="Two.", by=BY)
    deviations.withdraw(capability=capability(), key=COMPLETE, reason="Three.", by=BY)
    tree = read(viewer.get(url()))
    rows = tree.one(id="history").one("tbody").all("tr")
    cells = [[cell.text for cell in row.all("td")] for row in rows]
    assert [cell[1:7:5] for cell in cells] == [["bea", "Three."], ["bea", "Two."], ["ada", "One."]]
    assert [cell[2] for cell in cells] == ["withdrawn", "planned", "planned"]
    assert all(cell[0] == "2026-11-24 22:00 UTC" for cell in cells)
    assert all("+ [Executing] - <workflow-complete> {AnnounceQa}" in cell[7] for cell in cells)


def test_its_page_tells_what_the_difference_was_when_it_was_decided(editor: Client) -> None:
    decided(INGESTED)
    then = seen(INGESTED)
    _change(INGESTED)
    for headers in ({}, HTMX):
        tree = read(editor.get(url(INGESTED), headers=headers))
        (text,) = tree.all("pre", class_="notation")
        assert text.text == then
    overrides.restore(definition=seen_definition(NAME, Kind.IDEAL), key=INGESTED, by=BY)
    tree = read(editor.get(url(INGESTED)))
    assert tree.says("The difference went and came back since it was planned.")
    assert not tree.all("pre", class_="notation")


def test_where_nothing_differs_and_nothing_was_decided_there_is_no_page(editor: Client) -> None:
    for key in (RESUME, Key("No", "such")):
        assert editor.get(url(key)).status_code == 404
    decided(INGESTED)
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=INGESTED, by=BY)
    tree = read(editor.get(url(INGESTED)))
    assert tree.says("treat [Ingesting] - <workflow-complete> the same")
    assert len(tree.one(id="history").one("tbody").all("tr")) == 1


# -- many at once


def test_all_that_wait_are_decided_together(editor: Client) -> None:
    decided(COMPLETE)
    form = form_of(editor.get(ALL))
    boxes = form.all("input", name="chosen")
    assert len(boxes) == 4
    words = {**form.typed, "chosen": [each["value"] for each in boxes[1:]], "ticket": "WS-9"}
    response = editor.post(f"{ALL}decide/?", words)
    assert response.status_code == 302
    assert message(editor.get(PAGE)) == "Decided on 3 differences: planned."
    found = [each.state for each in standings().values()]
    assert found == [State.PLANNED, State.UNEXPLAINED, *[State.PLANNED] * 3]


def test_a_refusal_of_many_leaves_what_was_ticked(editor: Client) -> None:
    form = form_of(editor.get(ALL))
    boxes = [each["value"] for each in form.all("input", name="chosen")]
    before = state()
    response = editor.post(f"{ALL}decide/", {**form.typed, "chosen": boxes[:2]})
    assert response.status_code == 422
    again = form_of(response).all("input", name="chosen")
    assert ["checked" in each.attributes for each in again] == [True] * 2 + [False] * 3
    response = editor.post(f"{ALL}decide/", {"state": "planned", "ticket": "WS-1"})
    assert response.status_code == 422
    assert read(response).one(id="refusal").says("Tick the differences that are meant.")
    decided(COMPLETE)
    late = {**form.typed, "chosen": boxes, "ticket": "WS-1"}
    kept = state()
    response = editor.post(f"{ALL}decide/", late)
    assert response.status_code == 409
    assert len(form_of(response).all("input", name="chosen")) == 4
    assert state() == kept
    assert len(before["Deviation"]) == 0


# -- the list


def listed(client: Client, query: str = "") -> list[tuple[str, str]]:
    tree = read(client.get(f"/deviations/{query}"))
    tables = tree.all("table", class_="deviations")
    rows = tables[0].one("tbody").all("tr") if tables else []
    return [(row.one("span", class_="badge").text, row.one("code").text) for row in rows]


def test_the_list_has_every_difference_the_most_urgent_first(viewer: Client) -> None:
    decided(COMPLETE)
    decided(PASS, state="accepted", reason="So be it.", until=TODAY, owner="bea", ticket="")
    decided(FAIL)
    decided(INGESTED)
    _change(INGESTED)
    overrides.drop(definition=seen_definition(NAME, Kind.IDEAL), key=FAIL, by=BY)
    overrides.put(
        definition=seen_definition(NAME, Kind.IDEAL),
        key=None,
        transition=line(f"{FAIL} {{no action}} -> [Failed]"),
        by=BY,
    )
    with time_machine.travel("2026-11-25T01:00:00Z"):
        assert [badge for badge, _ in listed(viewer)] == [
            "! overdue",
            "↻ reopened",
            "? unexplained",
            "▸ planned",
            "= closed",
        ]
        tree = read(viewer.get("/deviations/"))
        counts = [each.text for each in tree.one(id="states").all("a")]
        assert counts == [
            *("all 5", "! overdue 1", "↻ reopened 1", "? unexplained 1", "▸ planned 1"),
            *("✓ accepted 0", "■ blocked 0", "= closed 1"),
        ]
        assert listed(viewer, "?state=overdue") == [("! overdue", str(PASS))]
        assert {key for _, key in listed(viewer, "?owner=ada")} == {
            str(COMPLETE),
            str(INGESTED),
            str(FAIL),
        }
        assert len(listed(viewer, "?ticket=WS-812&state=closed")) == 1
        assert listed(viewer, "?owner=bea&state=planned") == []
        assert read(viewer.get("/deviations/?owner=nobody")).says("No difference is like that.")


def test_the_list_of_nothing_says_so(viewer: Client) -> None:
    capabilities.remove(capability=capability(), by=BY)
    assert read(viewer.get("/deviations/")).says("there is nothing to decide")


def test_the_list_comes_in_pages_that_keep_what_was_asked(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capabilities.views.deviations.PER_PAGE", 2)
    decided(COMPLETE)
    assert len(listed(viewer, "?state=unexplained")) == 2
    tree = read(viewer.get("/deviations/?state=unexplained"))
    (following,) = [each for each in tree.all("a") if each.text == "Next"]
    assert len(listed(viewer, following["href"])) == 2
    assert read(viewer.get(f"/deviations/{following['href']}")).says("3\N{EN DASH}4 of 4")


def test_names_of_any_kind_are_shown_as_they_are(editor: Client) -> None:
    odd = Capability.objects.get(name="null")
    key = Key("<b>&x=1", "a+b #?")
    overrides.put(
        definition=seen_definition("null", Kind.IDEAL),
        key=None,
        transition=line("[<b>&x=1] - <a+b #?> {no action} -> [Failed]"),
        by=BY,
    )
    link = read(editor.get("/capabilities/null/")).one("a", class_="decide")["href"]
    form = form_of(editor.get(link))
    words = {**form.typed, "ticket": "<WS&1>"}
    words.pop("verb", None)
    assert editor.post(form["action"], words).status_code == 302
    assert Deviation.objects.get(capability=odd).key == key
    assert ("▸ planned", str(key)) in listed(editor, "?" + urlencode({"ticket": "<WS&1>"}))
