"""All questions on one page, the same as a file, and answering them there and at their machine."""

import csv
import html
import io
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from capabilities.auditing import Author
from capabilities.authoring import notes
from capabilities.models import Capability, Note
from tests.factories import QA, head, last_entries, state, template
from tests.html import Element, read
from tests.people import EDITOR, HTMX, PLAIN, STAFF, client_of, person

from .answers import announced, as_asked, is_page, message, root, told

URL = "/questions/"
PAGE = "/capabilities/std_calibration/ideal/"
BEA = Author(None, "bea", "test")


def one() -> Note:
    """The question that the seed has at `qa-pass` of the ideal."""
    return Note.objects.get(capability__name="std_calibration", text__startswith="Should we run")


def on_null(text: str, **more: Any) -> Note:
    null = Capability.objects.get(name="null")
    return notes.add(text=text, capability=null, kind="current", **more, by=BEA)


def items(response: Any) -> list[Element]:
    return read(response).all("li", class_="question")


def choices(response: Any, which: str) -> dict[str, str]:
    """The links of one kind that narrow the list, by what they say."""
    found = read(response).all("ul", id=f"questions-by-{which}")
    return {each.text: each["href"] for ul in found for each in ul.all("a")}


# -- the list


def test_every_question_is_there_with_its_place_and_the_same_text_elsewhere(
    viewer: Client,
) -> None:
    response = viewer.get(URL)
    assert response.status_code == 200
    found = items(response)
    assert len(found) == 7
    first = found[0]
    assert first.says("std_calibration ideal ? question WS-799 [Awaiting QA] - <qa-pass>")
    assert first.says(one().text)
    assert first.one("a", class_="name")["href"] == PAGE
    assert first.one("a", class_="place")["href"] == f"{PAGE}#row-5"
    same = first.one("p", class_="same")
    assert same.says("≡ same text Run-workflow with single-stage QA open")
    assert same.one("a")["href"] == f"/machine-templates/{QA}/#row-5"
    assert not found[3].all("p", class_="same")
    assert read(response).one(id="questions-count").text == "? 7 open ✓ 0 answered"
    assert not [each for each in read(response).all("form") if each["method"] == "post"][1:]


def test_an_answer_stands_with_who_gave_it_below_the_open_questions(viewer: Client) -> None:
    notes.answer(note=one(), answer="Yes & no.", by=BEA)
    found = items(viewer.get(URL))
    assert found[-1]["id"] == f"question-{one().pk}"
    assert found[-1].says("✓ answered WS-799")
    assert found[-1].says("✓ answer Yes & no. — bea, 2")
    assert found[-1].says(" UTC")
    assert found[3].says("≡ same text std_calibration ideal answered")


def test_a_text_that_stands_at_many_places_names_some_and_leads_to_all(viewer: Client) -> None:
    for number in range(7):
        on_null("Why & how?", state=f"S{number}")
    first = items(viewer.get(URL))[0]
    links = first.one("p", class_="same").all("a")
    assert [each.text for each in links] == [*["null current"] * 5, "and 1 more"]
    assert len(items(viewer.get(f"{URL}{links[-1]['href']}"))) == 7


def test_a_question_at_a_state_leads_to_its_first_row_and_at_nothing_to_itself(
    viewer: Client,
) -> None:
    at_state = on_null("Where?", state="Queued")
    gone = on_null("Whose?", state="Nowhere")
    by_id = {each["id"]: each for each in items(viewer.get(URL))}
    current = "/capabilities/null/current/"
    link = by_id[f"question-{at_state.pk}"].one("a", class_="place")
    assert (link.text, link["href"]) == ("state [Queued]", f"{current}#row-1")
    link = by_id[f"question-{gone.pk}"].one("a", class_="place")
    assert link["href"] == f"{current}#noted-{gone.pk}"
    assert read(viewer.get(current)).one(id=f"noted-{gone.pk}").says("Whose?")


def test_the_list_is_kept_to_some_questions_by_links(viewer: Client) -> None:
    on_null("Whose?", ticket="a&b=c", owner='ada, "x" & co')
    notes.answer(note=one(), answer="Yes.", by=BEA)
    response = viewer.get(URL)
    assert choices(response, "shows") == {
        "open and answered 8": "?",
        "open 7": "?show=open",
        "answered 1": "?show=answered",
    }
    owners = choices(response, "owners")
    assert list(owners) == ["anybody 8", "nobody 7", 'ada, "x" & co 1']
    (found,) = items(viewer.get(URL + owners['ada, "x" & co 1']))
    assert found.says("Whose?")
    assert len(items(viewer.get(f"{URL}{owners['nobody 7']}"))) == 7
    tickets = choices(response, "tickets")
    assert list(tickets) == ["any ticket 8", "no ticket 5", "WS-799 2", "a&b=c 1"]
    assert len(items(viewer.get(f"{URL}{tickets['WS-799 2']}"))) == 2
    machines = choices(response, "machines")
    assert "machine template Run-workflow with single-stage QA 3" in machines
    narrowed = viewer.get(f"{URL}{machines['std_calibration 3']}")
    assert len(items(narrowed)) == 3
    # The links of a narrowed list narrow it further, and say how many there are then.
    assert choices(narrowed, "shows")["open 2"] == "?on=capability%3Astd_calibration&show=open"
    both = viewer.get(f"{URL}{choices(narrowed, 'shows')['open 2']}")
    assert len(items(both)) == 2


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("?q=QAFAIL", 2),
        ("?q=std_restore", 1),
        ("?q=Ingesting", 4),
        ("?q=nothing+like+it", 0),
        ("?show=nothing", 0),
        ("?owner=", 7),
        ("?page=99", 7),
        ("?page=x&q=", 7),
    ],
)
def test_the_query_says_which_are_shown(viewer: Client, query: str, number: int) -> None:
    response = viewer.get(f"{URL}{query}")
    assert response.status_code == 200
    assert len(items(response)) == number
    if not number:
        assert read(response).one("p", class_="empty").says("No question is like that. Show all")


def test_a_long_list_has_pages(viewer: Client) -> None:
    null = Capability.objects.get(name="null")
    Note.objects.bulk_create(
        Note(capability=null, kind="current", position=n, text=f"{n}?", is_question=True)
        for n in range(60)
    )
    first = read(viewer.get(f"{URL}?show=open"))
    assert len(first.all("li", class_="question")) == 50
    following = first.one("nav", class_="pages").one("a")
    assert following["href"] == "?show=open&page=2"
    assert len(items(viewer.get(f"{URL}{following['href']}"))) == 17


def test_without_questions_the_page_says_so(db: None) -> None:
    assert read(client_of(EDITOR).get(URL)).one("p", class_="empty").says("no questions yet")


def test_a_list_that_htmx_asks_for_is_its_part(viewer: Client) -> None:
    response = viewer.get(URL, headers={**HTMX, "HX-Target": "questions"})
    assert not is_page(response)
    assert root(response)["id"] == "questions"


def test_the_file_has_the_same_questions_for_a_spreadsheet(viewer: Client) -> None:
    notes.answer(note=one(), answer="=1+1", by=BEA)
    response = viewer.get("/questions.csv?q=qafail")
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="questions-')
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["State"], row["On"], row["Ticket"]) for row in rows] == [
        ("open", "Run-workflow with single-stage QA", "WS-799"),
        ("answered", "std_calibration ideal", "WS-799"),
    ]
    assert rows[1]["At"] == "[Awaiting QA] - <qa-pass>"
    assert (rows[1]["Answer"], rows[1]["Answered by"]) == ("'=1+1", "bea")  # no formula
    assert rows[1]["Answered at"].endswith(" UTC")


# -- answering there


def answer_form(tree: Element, note: Note, query: str = "") -> Element:
    return tree.one("form", action=f"{URL}{note.pk}/{query}")


@pytest.mark.parametrize("query", ["", "?show=open&owner="])
def test_a_question_is_answered_in_place(
    editor: Client, way: Mapping[str, str], query: str
) -> None:
    note, before = one(), head()
    form = answer_form(read(editor.get(f"{URL}{query}")), note, query)
    data = {**form.typed, "answer": "  Yes.  ", "verb": "answer"}
    response = editor.post(form["action"], data, headers=way)
    if way is HTMX:
        assert response.status_code == 200
        assert root(response)["id"] == "questions"
        assert announced(response)
        assert told(response) == "Answered the question."
        assert read(response).says("Undo")
        assert len(items(response)) == (6 if "open" in query else 7)
    else:
        place = f"{URL}{query}#question-{note.pk}"
        assert (response.status_code, response.headers["Location"]) == (302, place)
        assert message(editor.get(URL)) == "Answered the question."
    note.refresh_from_db()
    assert (note.answer, note.answered_by) == ("Yes.", "editor")
    (entry,) = last_entries(before)
    assert (entry.action, entry.actor) == ("question answered", "editor")


def test_a_question_of_a_machine_template_is_answered_and_opened_again(
    editor: Client, way: Mapping[str, str]
) -> None:
    note = template(QA).notes.filter(is_question=True)[0]
    url = f"{URL}{note.pk}/"
    editor.post(url, {"answer": "Yes.", "verb": "answer"}, headers=way)
    note.refresh_from_db()
    assert note.answer == "Yes."
    form = answer_form(read(editor.get(URL)), note)
    assert form.one("button")["value"] == "reopen"
    for _ in range(2):  # the second one finds it as it should be
        response = editor.post(url, {"verb": "reopen"}, headers=way)
        assert response.status_code == (200 if way is HTMX else 302)
    note.refresh_from_db()
    assert note.is_open
    assert last_entries()[-1].action == "question reopened"


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "This field is required."), ("two\nlines", "it is one line of text")],
)
def test_what_cannot_be_an_answer_is_refused_at_its_field_and_kept(
    editor: Client, way: Mapping[str, str], text: str, said: str
) -> None:
    before, note = state(), one()
    response = editor.post(f"{URL}{note.pk}/", {"answer": text, "verb": "answer"}, headers=way)
    assert response.status_code == 422
    tree = as_asked(response, way, "questions")
    form = answer_form(tree, note)
    assert form.one("ul", id=f"answer-{note.pk}-answer_error").says(said)
    assert form.typed["answer"] == text
    opened = [each for each in tree.all("details") if "open" in each.attributes]
    assert [each.one("form")["action"] for each in opened] == [form["action"]]
    assert not announced(response)
    assert state() == before


def test_who_answers_late_sees_the_answer_that_is_there_and_keeps_what_was_typed(
    editor: Client, way: Mapping[str, str]
) -> None:
    note = one()
    query = "?show=open"  # in which it is no more
    typed = answer_form(read(editor.get(f"{URL}{query}")), note, query).typed
    notes.answer(note=one(), answer="Yes.", by=BEA)
    before = state()
    data = {**typed, "answer": "No.", "verb": "answer"}
    response = editor.post(f"{URL}{note.pk}/{query}", data, headers=way)
    assert response.status_code == 422
    tree = as_asked(response, way, "questions")
    assert tree.says("bea answered this already: Yes.")
    forms = tree.all("form", action=f"{URL}{note.pk}/{query}")
    assert forms[-1].typed["answer"] == "No."
    assert state() == before


def test_what_is_no_question_or_not_there_is_not_found(editor: Client) -> None:
    remark = Note.objects.get(capability__name="std_calibration", text__startswith="Make sure")
    for pk in (remark.pk, 999_999):
        assert editor.post(f"{URL}{pk}/", {"answer": "x"}).status_code == 404


@pytest.mark.parametrize("right", ["change_definition", "change_machinetemplate"])
@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["plain", "htmx"])
def test_who_may_write_only_one_of_both_answers_only_there(
    seed: object, right: str, headers: Mapping[str, str]
) -> None:
    client = client_of(STAFF)
    for codename in ("view_capability", right):
        person(STAFF).user_permissions.add(Permission.objects.get(codename=codename))
    of_template = template(QA).notes.filter(is_question=True)[0]
    before = state()
    forms = read(client.get(URL)).all("textarea")
    assert len(forms) == (4 if right == "change_definition" else 3)
    other = of_template if right == "change_definition" else one()
    response = client.post(f"{URL}{other.pk}/", {"answer": "x"}, headers=headers)
    assert response.status_code == 403
    assert state() == before


# -- at the machine


def test_open_questions_come_first_then_answered_ones_then_remarks(viewer: Client) -> None:
    notes.answer(note=one(), answer="Yes.", by=BEA)
    shown = read(viewer.get(PAGE)).one("ul", class_="notes").all("li")
    begins = [each.text.partition(" [")[0] for each in shown]
    assert begins[:3] == ["? question", "? question", "✓ answered WS-799"]
    assert shown[3].says("Make sure child")
    assert shown[0].one("a", class_="place")["href"] == "#row-7"


@pytest.mark.parametrize("page", [PAGE, f"/machine-templates/{QA}/"])
def test_a_row_with_open_questions_says_so_and_leads_to_them(editor: Client, page: str) -> None:
    row = read(editor.get(page)).one("tr", id="row-5")
    link = row.one("a", class_="noted")
    assert link.text == "? 1 question"
    note = Note.objects.get(pk=link["href"].removeprefix("#noted-"))
    url = f"{page}notes/{note.pk}/answer/"
    response = editor.post(url, {"answer": "Yes.", "verb": "answer"}, headers=HTMX)
    assert response.status_code == 200
    assert told(response) == "Answered the question."
    # The row is told too, which is in another part of the page.
    changed = read(response).one(id="row-notes-5", hx_swap_oob="true")
    assert changed.text == "1 note"
    assert read(editor.get(page)).one("tr", id="row-5").one("a", class_="noted").text == "1 note"


def test_a_question_is_answered_and_opened_again_at_its_machine(
    editor: Client, way: Mapping[str, str]
) -> None:
    note = one()
    url = f"{PAGE}notes/{note.pk}/answer/"
    form = read(editor.get(PAGE)).one("form", action=url)
    response = editor.post(url, {**form.typed, "answer": "Yes.", "verb": "answer"}, headers=way)
    assert response.status_code == (200 if way is HTMX else 302)
    note.refresh_from_db()
    assert (note.answer, note.answered_by) == ("Yes.", "editor")
    response = editor.post(url, {"verb": "reopen"}, headers=way)
    assert response.status_code == (200 if way is HTMX else 302)
    note.refresh_from_db()
    assert note.is_open


def test_an_answer_that_is_refused_at_its_machine_stays_open(
    editor: Client, way: Mapping[str, str]
) -> None:
    note, before = one(), state()
    url = f"{PAGE}notes/{note.pk}/answer/"
    response = editor.post(url, {"answer": "a\nb"}, headers=way)
    assert response.status_code == 422
    tree = as_asked(response, way, "notes")
    form = tree.one("form", action=url)
    assert form.one("ul", class_="errorlist").says("it is one line of text")
    assert form.typed["answer"] == "a\nb"
    opened = [each for each in tree.all("details") if "open" in each.attributes]
    assert [each.one("form")["action"] for each in opened] == [url]
    assert state() == before


def test_a_question_is_added_at_a_state_with_ticket_and_owner(
    editor: Client, way: Mapping[str, str]
) -> None:
    url = f"{PAGE}notes/add/"
    form = read(editor.get(PAGE)).one("form", action=url)
    offered = {each.text: each["value"] for each in form.all("option")}
    data = {
        **form.typed,
        "text": "Ask the operators.",
        "what": "question",
        "place": offered["state Ingesting"],
        "ticket": "WS-801",
        "owner": "ada",
    }
    assert editor.post(url, data, headers=way).status_code == (200 if way is HTMX else 302)
    note = Note.objects.get(text="Ask the operators.")
    assert (note.state, note.key, note.is_open) == ("Ingesting", None, True)
    assert (note.ticket, note.owner) == ("WS-801", "ada")
    diagram = read(editor.get(f"{PAGE}diagram/")).one("svg").raw
    assert "Ingesting ?" in diagram
    # Its form has it all, and changing nothing changes nothing.
    change = read(editor.get(PAGE)).one("form", action=f"{PAGE}notes/{note.pk}/")
    editor.post(change["action"], {**change.typed, "verb": "change"}, headers=way)
    assert Note.objects.get(pk=note.pk).value == note.value


def test_a_remark_with_an_owner_is_refused_at_the_field(
    editor: Client, way: Mapping[str, str]
) -> None:
    before, note = state(), one()
    url = f"{PAGE}notes/{note.pk}/"
    data = {"text": note.text, "what": "remark", "owner": "ada", "verb": "change"}
    response = editor.post(url, data, headers=way)
    assert response.status_code == 422
    form = as_asked(response, way, "notes").one("form", action=url)
    said = form.one("ul", id=f"note-{note.pk}-owner_error")
    assert said.text == "Only a question has an owner."
    assert state() == before


def test_the_diagram_marks_what_has_an_open_question_and_says_what_the_mark_is(
    viewer: Client,
) -> None:
    figure = read(viewer.get(PAGE)).one("figure", class_="diagram")
    assert figure.one("figcaption", class_="legend").text == "? has an open question"
    assert "qa-pass ?" in figure.one("svg").raw
    assert ", 1 open question" in str(figure.one("svg").raw)
    for suffix in ("svg", "dot"):
        content = viewer.get(f"/capabilities/std_calibration/ideal.{suffix}").content
        file = html.unescape(content.decode())
        assert "qa-pass ?" in file
        assert "qa-fail ?" not in file
    text = viewer.get("/capabilities/std_calibration/ideal.txt").content.decode()
    assert f"-- {one().text}\n" in text
    current = read(viewer.get("/capabilities/std_calibration/current/"))
    assert not current.all("figcaption", class_="legend")
